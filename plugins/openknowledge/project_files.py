"""The one way to read a file of the project: links are resolved, and what leads out of the project is refused.

Anybody may send content. A link to `/proc/self/environ` would publish the secrets of the build, a pipe would hold
it for ever, and a file of many gigabytes would end it.
"""

import errno
import os
import re
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from io import FileIO
from pathlib import Path
from typing import NamedTuple

from openknowledge.invisible_text import is_one_line
from openknowledge.problems import Message

__all__ = [
    *("CIRCLE", "IRREGULAR", "MEDIA_LIMIT_B", "TEXT_LIMIT_B"),
    *(
        "FileLimits",
        "FileRefused",
        "as_refusal",
        "find_target",
        "explain_name",
        "is_plain_name",
        "is_project_file",
        "open_project_file",
        "read_project_file",
    ),
]

TEXT_LIMIT_B = 2 * 1024**2
"""The largest file that is parsed as text: a book has about a megabyte."""
SNAPSHOT_LIMIT_B = 64 * 1024**2
PICTURE_LIMIT_B = 20 * 1024**2
MEDIA_LIMIT_B = 512 * 1024**2
CHUNK_B = 1024**2
KINDS_BY_SUFFIX = {
    **dict.fromkeys(("md", "yaml", "svg", "vtt", "srt"), "text"),
    **dict.fromkeys(("avif", "bmp", "gif", "ico", "jpeg", "jpg", "png", "webp"), "picture"),
}
OPEN_FLAGS = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
"""A link is not followed before it is looked at, and a pipe without a writer does not hold the build."""
is_plain_name = re.compile(r"[ -\[\]-~]{1,200}").fullmatch
"""Printable ASCII without the backslash: nothing is wrong with such a name."""
OUTSIDE = Message("it leads out of the project"), Message("Put a copy of the file in its place.")
IRREGULAR = Message("it is not a file but a pipe, a socket or a device"), Message("Remove it.")
FOLDER = Message("it is a folder"), Message("Write the path of a file.")
CIRCLE = Message("the link leads in a circle"), Message("Remove the link.")
HIDDEN = (
    Message("it leads to a hidden file or folder"),
    Message("Put a copy of the file in its place, under a name without the dot."),
)


class FileRefused(OSError):
    """A file is not read; `message` says why, and `hint` what to do instead."""

    def __init__(self, message: Message, hint: Message) -> None:
        super().__init__(message)
        self.message, self.hint = message, hint


class FileLimits(NamedTuple):
    """The largest files of the content by kind, in bytes; the setting `FILE_SIZE_LIMITS` has them in megabytes."""

    text: int = TEXT_LIMIT_B
    snapshot: int = SNAPSHOT_LIMIT_B
    picture: int = PICTURE_LIMIT_B
    media: int = MEDIA_LIMIT_B

    def explain(self, path: str, size_b: int) -> tuple[Message, Message] | None:
        """Return what is wrong with the size of a file, and how to mend it; None where nothing is."""
        suffix = path.rpartition(".")[2].lower()
        kind = "snapshot" if path.startswith("snapshots/") else KINDS_BY_SUFFIX.get(suffix, "media")
        limit_b: int = getattr(self, kind)
        return _describe_size(size_b, limit_b) if size_b > limit_b else None


class LinkTarget(NamedTuple):
    """What a link leads to: its path without links, and what the file system says of it."""

    path: str
    stat: os.stat_result


def find_target(path: str, root: Path) -> LinkTarget:
    """Return what a path below the content folder or the theme leads to, links followed.

    `root` is the folder that is read; links may lead anywhere in the project, which is the folder that has it. Raises
    `FileRefused` where the path leads out of the project, in a circle or nowhere, or to what is neither file nor
    folder.
    """
    try:
        real = os.path.realpath(path, strict=True)
        status = Path(real).lstat()
    except OSError as error:
        raise as_refusal(error) from None
    _check_inside(real, root)
    if not stat.S_ISREG(status.st_mode) and not stat.S_ISDIR(status.st_mode):
        raise FileRefused(*IRREGULAR)
    return LinkTarget(real, status)


@contextmanager
def open_project_file(path: str | Path, root: Path, limit_b: int = MEDIA_LIMIT_B) -> Iterator[FileIO]:
    """Open a file below `root`, the content folder or the theme, to read its bytes.

    Raises `FileNotFoundError` if there is no such file, and `FileRefused` if it leads out of the project, is no plain
    file, cannot be read, or has more than `limit_b` bytes.
    """
    try:
        descriptor = _open(os.fspath(path), root)
    except FileNotFoundError:
        raise
    except (OSError, ValueError) as error:
        raise as_refusal(error) from None
    with FileIO(descriptor) as file:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            raise FileRefused(*(FOLDER if stat.S_ISDIR(status.st_mode) else IRREGULAR))
        _check_inside(_path_of(descriptor, path), root)
        if status.st_size > limit_b:
            raise FileRefused(*_describe_size(status.st_size, limit_b))
        yield file


def read_project_file(path: str | Path, root: Path, limit_b: int = MEDIA_LIMIT_B) -> bytes:
    """Return the bytes of a file below `root`. Raises as `open_project_file` does."""
    with open_project_file(path, root, limit_b) as file:
        try:
            data = file.read(os.fstat(file.fileno()).st_size + 1) or b""
            while len(data) <= limit_b and (more := file.read(CHUNK_B)):
                data += more
        except OSError as error:
            raise as_refusal(error) from None
    if len(data) > limit_b:
        raise FileRefused(*_describe_size(len(data), limit_b))
    return data


def is_project_file(path: str, root: Path) -> bool:
    """Return whether there is a file below `root` that may be read and published."""
    try:
        with open_project_file(f"{root}/{path}", root):
            return True
    except OSError:
        return False


def explain_name(name: str) -> tuple[Message, Message] | None:
    """Return what is wrong with the name of a file of the content, and how to mend it; None where nothing is."""
    try:
        encoded = name.encode()
    except UnicodeEncodeError:
        return Message("its name is not UTF-8"), Message("Rename it with letters that every system has.")
    if len(encoded) > 200:
        return Message("its name is longer than 200 bytes"), Message("Give it a shorter name.")
    if "\\" in name or not is_one_line(name):
        return Message("its name has an invisible character or a backslash in it"), Message("Rename it.")
    return None


def _describe_size(size_b: int, limit_b: int) -> tuple[Message, Message]:
    """Return the problem of a file that is too large, and how to mend it."""
    size, limit = (f"{value / 1024**2:,.1f} MB" for value in (size_b, limit_b))
    return (
        Message("it is too large: %(size)s, where %(limit)s are allowed", size=size, limit=limit),
        Message("Make it smaller, or publish it elsewhere and link to it."),
    )


def _open(path: str, root: Path) -> int:
    try:
        return os.open(path, OPEN_FLAGS)
    except OSError as error:
        # BSD answers EMLINK where others answer ELOOP.
        if error.errno not in (errno.ELOOP, errno.EMLINK):
            raise
    return os.open(find_target(path, root).path, OPEN_FLAGS)


def _path_of(descriptor: int, path: str | Path) -> str:
    """Return the path of an open file without links; a link in its place cannot be exchanged any more."""
    try:
        return os.readlink(f"/proc/self/fd/{descriptor}")  # noqa: PTH115 - asked for every file of a site
    except OSError:
        return os.path.realpath(path)


def _check_inside(real: str, root: Path) -> None:
    """Raise `FileRefused` unless a path without links is in the project, and nothing on its way is hidden."""
    bases = _bases(os.path.abspath(root))  # noqa: PTH100 - asked for every file of a site
    base = next((base for base in bases if real == base or real.startswith(f"{base}{os.sep}")), None)
    if base is None:
        raise FileRefused(*OUTSIDE)
    if f"{os.sep}." in real[len(base) :]:
        raise FileRefused(*HIDDEN)


@lru_cache(maxsize=64)
def _bases(root: str) -> tuple[str, str]:
    """Return the folder that is read and the project that has it, without links."""
    return str(Path(root).resolve()), str(Path(root).parent.resolve())


def as_refusal(error: OSError | ValueError) -> FileRefused:
    """Return what an error of the file system means for an editor."""
    if isinstance(error, FileRefused):
        return error
    if isinstance(error, ValueError):
        return FileRefused(Message("its path has a character that no path can have"), Message("Rename it."))
    messages = {
        errno.ELOOP: CIRCLE,
        errno.ENOENT: (Message("the link leads nowhere"), Message("Remove it, or correct what it leads to.")),
        errno.EACCES: (Message("it may not be read"), Message("Give everyone the right to read it: chmod a+r.")),
        errno.EPERM: (Message("it may not be read"), Message("Give everyone the right to read it: chmod a+r.")),
        errno.ENAMETOOLONG: (
            Message("its path is too long"),
            Message("Give it, or a folder above it, a shorter name."),
        ),
        errno.EISDIR: FOLDER,
        errno.ENXIO: IRREGULAR,
        errno.ENODEV: IRREGULAR,
    }
    text = os.strerror(error.errno) if error.errno else Message("unknown cause")
    return FileRefused(
        *messages.get(
            error.errno or 0, (Message("it cannot be read (%(text)s)", text=text), Message("Look at the disk."))
        )
    )
