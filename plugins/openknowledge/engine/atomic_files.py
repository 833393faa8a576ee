"""Files that are replaced as a whole: a reader sees the old bytes or the new ones, never a part."""

import marshal
import os
import threading
import zlib
from collections.abc import Iterable, Mapping
from contextlib import suppress
from io import FileIO
from itertools import chain
from mmap import ACCESS_READ, mmap
from pathlib import Path

from blinker import signal

__all__ = [
    *(
        "MARSHAL_VERSION",
        "TEMP_SUFFIX",
        "Buffer",
        "Section",
        "atomic_write",
        "atomic_write_if_changed",
        "file_wanted",
        "file_written",
    ),
    *("read_sections", "write_output", "write_sections"),
]

Buffer = bytes | memoryview
Section = Buffer | tuple[Buffer, ...]
"""The bytes of a section, in one piece or in several that follow each other."""

CHECKSUM_LENGTH_B = 4
LENGTH_B = 4
MARSHAL_VERSION = 2
"""A version of marshal's format that every Python reads, and whose bytes do not depend on object identity."""

TEMP_SUFFIX = ".draft"
"""The end of the name of a file that is not complete yet."""

file_wanted = signal("openknowledge_file_wanted")
"""Sent with the path before a plugin writes an output itself; a receiver may refuse it by an exception."""
file_written = signal("openknowledge_file_written")
"""Sent for every output that a plugin writes itself: the path, and `changed`: whether its bytes are new."""


def write_output(path: Path, data: bytes) -> bool:
    """Write a file of the site, and tell the build session of it. Return whether its bytes are new.

    A file that has those bytes already is left alone, with its time. Missing folders are created; permissions follow
    the umask.
    """
    file_wanted.send(path)
    changed = atomic_write_if_changed(path, data)
    file_written.send(path, changed=changed)
    return changed


def atomic_write_if_changed(path: Path | str, data: bytes) -> bool:
    """Write a file that is no output of a plugin, unless it has those bytes. Return whether its bytes are new."""
    name = os.fspath(path)
    with suppress(FileNotFoundError, NotADirectoryError):
        if os.stat(name).st_size == len(data) and Path(name).read_bytes() == data:  # noqa: PTH116
            return False
    atomic_write(name, (data,))
    return True


def atomic_write(path: Path | str, pieces: Iterable[bytes | memoryview]) -> None:
    """Replace a file by one of these pieces. Names are texts, because a Path takes longer to make than a small file."""
    folder = os.path.dirname(path)  # noqa: PTH120
    draft = os.path.join(folder, f".{os.getpid()}-{threading.get_ident()}{TEMP_SUFFIX}")  # noqa: PTH118
    try:
        with _create(draft, folder) as file:
            for piece in pieces:
                left = memoryview(piece)
                while left:
                    left = left[file.write(left) :]
        os.replace(draft, path)  # noqa: PTH105
    except BaseException:
        Path(draft).unlink(missing_ok=True)
        raise


def _create(draft: str, folder: str) -> FileIO:
    """Open a new file; its folder exists most of the time."""
    try:
        return FileIO(draft, "w")
    except FileNotFoundError:
        Path(folder).mkdir(parents=True, exist_ok=True)
        return FileIO(draft, "w")


def read_sections(path: Path, header: bytes) -> dict[str, memoryview]:
    """Return the sections of a file by name; none where the file is missing, broken or has another header."""
    try:
        data = _map_file(path)
    except (OSError, ValueError):  # An empty file cannot be mapped.
        return {}
    start = len(header) + CHECKSUM_LENGTH_B
    body = data[start:]
    checksum = zlib.crc32(body).to_bytes(CHECKSUM_LENGTH_B, "big")
    sections: dict[str, memoryview] = {}
    with suppress(ValueError, EOFError, TypeError):
        if data[: len(header)] == header and checksum == data[len(header) : start]:
            end = LENGTH_B + int.from_bytes(body[:LENGTH_B], "big")
            for name, length in marshal.loads(body[LENGTH_B:end]):
                sections[name] = body[end : end + length]
                end += length
            return sections if end == len(body) else {}
    return {}


def _map_file(path: Path) -> memoryview:
    """Return the bytes of a file that is only ever replaced as a whole.

    They are mapped, which takes half as long as to read them; Windows does not replace a file that is mapped.
    """
    if os.name == "nt":
        return memoryview(path.read_bytes())
    with path.open("rb") as file:
        return memoryview(mmap(file.fileno(), 0, access=ACCESS_READ))


def write_sections(path: Path, header: bytes, sections: Mapping[str, Section]) -> None:
    """Write a file atomically."""
    data = {name: section if isinstance(section, tuple) else (section,) for name, section in sections.items()}
    contents = marshal.dumps([(name, sum(map(len, pieces))) for name, pieces in data.items()], MARSHAL_VERSION)
    pieces = (len(contents).to_bytes(LENGTH_B, "big"), contents, *chain.from_iterable(data.values()))
    checksum = 0
    for piece in pieces:
        checksum = zlib.crc32(piece, checksum)
    atomic_write(path, (header, checksum.to_bytes(CHECKSUM_LENGTH_B, "big"), *pieces))
