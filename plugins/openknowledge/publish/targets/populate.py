"""The folder of a release is filled: links to what an earlier one has, copies of what is new."""

from __future__ import annotations

import errno
import os
import shutil
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

from ..built_site import BuiltSite
from ..errors import PublishFailed, make_problem
from ..headers import mtime_from_digest
from . import ProgressCallback
from .release_layout import SERVER, Draft, File, files_of, folder

__all__ = ["NO_LINKS", "Filling", "folder_made", "written"]

COPYING = 8
"""So many files are copied at once."""
BATCH = 32
NO_LINKS = {errno.EPERM, errno.EACCES, errno.EXDEV, errno.EMLINK, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS}
"""Errors of a file system that has no links, or not for this file."""


class Filling:
    """The folder of one release while it is filled; nothing is there yet."""

    def __init__(
        self, root: Path, place: Path, draft: Draft, site: BuiltSite | None, progress: ProgressCallback
    ) -> None:
        self.root, self.place, self.draft, self.site, self.told = root, place, draft, site, progress
        self.source = None if draft.source is None else root / folder(draft.source)
        self._folders = {""}
        self._umask = 0
        self._turn = threading.Lock()
        self._done = [0, 0]

    def fill(self) -> None:
        folder_made(self.place)
        self._umask = _umask()
        sent = {file.path for file in self.draft.sent}
        files = tuple(files_of(self.draft.manifest.entries()))
        missing = [file for file in files if file.path not in sent and not self._is_linked(file)]
        self._copy([*self.draft.sent, *missing])
        self._carry()
        for name, data in self._beside():
            written(self._made(name), data)

    def _is_linked(self, file: File) -> bool:
        """Whether a file could be taken from the source; not where it has been lost there, or cut off."""
        if self.source is None:
            return False
        target = self._made(file.path)
        try:
            _link(f"{self.source}/{file.path}", target)
        except (FileNotFoundError, NotADirectoryError):
            return False
        if os.stat(target).st_size == file.size_b:  # noqa: PTH116
            return True
        Path(target).unlink()
        return False

    def _copy(self, files: Sequence[File]) -> None:
        batches = [files[start : start + BATCH] for start in range(0, len(files), BATCH)]
        with ThreadPoolExecutor(COPYING) as hands:
            try:
                for _ in hands.map(lambda batch: self._copy_batch(batch, len(files)), batches):
                    pass
            except BaseException:
                hands.shutdown(cancel_futures=True)
                raise

    def _copy_batch(self, files: Sequence[File], total: int) -> None:
        for file in files:
            if self.site is None:
                hint = "Build the commit of that release, and publish that."
                raise PublishFailed([make_problem(f"{self.source}/{file.path}", "was not kept, or not whole", hint)])
            data = self.site.read_file(file.path, file.digest)
            written(self._made(file.path), data, time_s=mtime_from_digest(file.digest))
            with self._turn:
                self._done[0] += 1
                self._done[1] += len(data)
                self.told("Publishing: files", self._done[0], total, self._done[1])

    def _carry(self) -> None:
        if self.draft.carrier is None:
            return
        carrier = self.root / folder(self.draft.carrier)
        for path, _ in self.draft.note.carried:
            with suppress(FileExistsError, FileNotFoundError, NotADirectoryError):
                _link(f"{carrier}/{path}", self._made(path))

    def _beside(self) -> Iterator[tuple[str, bytes]]:
        yield from self.draft.beside.items()
        if self.draft.server is None and self.source is not None:
            there = sorted(path for path in (self.source / SERVER).rglob("*") if path.is_file())
            names = [(path.relative_to(self.source).as_posix(), path) for path in there]
            yield from ((name, path.read_bytes()) for name, path in names if name not in self.draft.beside)

    def _made(self, path: str) -> str:
        """The place of a file, in a folder that is there."""
        above = path.rpartition("/")[0]
        if above not in self._folders:
            with self._turn:
                self._make(above)
        return f"{self.place}/{path}"

    def _make(self, path: str) -> None:
        if path in self._folders:
            return
        self._make(path.rpartition("/")[0])
        place = f"{self.place}/{path}"
        os.mkdir(place)  # noqa: PTH102
        if self._umask & 0o555:
            os.chmod(place, 0o777 & ~self._umask | 0o555)  # noqa: PTH101
        self._folders.add(path)


def written(place: Path | str, data: bytes, *, is_safe: bool = False, time_s: int | None = None) -> None:
    """Write a file that a server can read; `is_safe` where a power cut must not lose it once it has its name.

    Web servers make an ETag of a file's time and size: with a `time_s` of its digest, of its content.
    """
    with open(place, "wb", buffering=0) as file:  # noqa: PTH123
        left = memoryview(data)
        while left:
            left = left[file.write(left) :]
        mode = os.fstat(file.fileno()).st_mode
        if mode & 0o444 != 0o444:
            os.fchmod(file.fileno(), mode & 0o7777 | 0o444)
        if time_s is not None:
            os.utime(file.fileno(), (time_s, time_s))
        if is_safe:
            os.fsync(file.fileno())


def folder_made(place: Path) -> None:
    """Make a folder, and those above it, that a server can read, whatever this user's umask is."""
    if place.is_dir():
        return
    folder_made(place.parent)
    place.mkdir(exist_ok=True)
    place.chmod(place.stat().st_mode | 0o555)


def _umask() -> int:
    """What this process lets nobody do with its files; there is no way to ask but to set it."""
    umask = os.umask(0o022)
    os.umask(umask)
    return umask


def _link(source: str, target: str) -> None:
    """Have the same file at a second place, or a copy of it where the file system has nothing better."""
    try:
        os.link(source, target)
    except OSError as error:
        if error.errno not in NO_LINKS:
            raise
        shutil.copy(source, target)
