"""Releases in a folder of this machine, or in one that is mounted: the root of a web server."""

from __future__ import annotations

import ctypes
import errno
import os
import re
import shutil
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from threading import Lock

from ..built_site import BuiltSite
from ..errors import PublishFailed, PublishRefused
from ..headers import mtime_from_digest
from . import ProgressCallback, PublishedState
from .lease import LEASE_S, Lease, dump_lock, lock_held, lock_holder, lock_lost
from .release_dirs import PlaceSnapshot, ReleaseDirTarget
from .release_layout import (
    CURRENT,
    LOCKS,
    RELEASE_META,
    RELEASES,
    SERVER,
    SNAPSHOT_FILES,
    STATE_FILE,
    ReleaseFile,
    ReleasePlan,
    foreign_file,
    list_files,
    partial_folder,
    release_folder,
)

__all__ = ["LocalFilesystem", "LocalTarget", "make_folder", "write_file"]

CLOCK = f"{LOCKS}/clock"
RELEASED_MTIME = 1e9
"""The age (in 2001) below which a lock is released: a file's time can be set even on a disk that is full."""
COPY_THREADS = 8
COPY_BATCH = 32
NO_LINKS = {errno.EPERM, errno.EACCES, errno.EXDEV, errno.EMLINK, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS}
"""Errors of a file system that has no links, or none for this file."""
SPACE_HINT = "Make room there, and publish again: what readers get is whole."
KNOWN_ERRORS = {
    errno.ENOSPC: ("the disk is full", SPACE_HINT),
    errno.EDQUOT: ("this user's quota is used up", SPACE_HINT),
    errno.EROFS: ("it is mounted for reading only", "Mount it for writing, and publish again."),
    errno.EACCES: ("this user may not write there", "Give it to the user who publishes, and publish again."),
    errno.EPERM: ("this user may not write there", "Give it to the user who publishes, and publish again."),
    errno.ENOTDIR: ("something in its path is no folder", "Is that the right path?"),
}
OTHER_HINT = "Is the disk there and sound? Then publish again: what readers get is whole."
_NUMBER = re.compile(r"[0-9]+")
_RELEASE = re.compile(rf"{RELEASES}/([0-9]+)/?")


@dataclass(frozen=True)
class LocalFilesystem:
    """A folder, which is made if it does not exist.

    Each lock is a file in `LOCKS`, named by a number; only the highest one counts. Its time is that of its renewal.
    """

    root: Path

    @property
    def where(self) -> str:
        """Return the folder's name for people."""
        return str(self.root)

    def read_snapshot(self) -> PlaceSnapshot:
        """Return the state of the folder at this moment."""
        with self._failures():
            return self._snapshot(time.time())

    def _snapshot(self, now_s: float) -> PlaceSnapshot:
        files = self._read(SNAPSHOT_FILES)
        link = self.root / CURRENT
        match = _RELEASE.fullmatch(str(link.readlink())) if link.is_symlink() else None
        return PlaceSnapshot(
            files=files,
            current=int(match.group(1)) if match and link.exists() else None,
            is_folder=link.exists() and not link.is_symlink(),
            folders=tuple(sorted(_names(self.root / RELEASES))),
            foreign="" if STATE_FILE in files else foreign_file(_names(self.root)),
            lock=self._read_lock()[0],
            now_s=now_s,
        )

    def read(self, names: Sequence[str]) -> Mapping[str, bytes]:
        """Return the bytes of the files that exist, by name."""
        with self._failures():
            return self._read(names)

    def _read(self, names: Sequence[str]) -> dict[str, bytes]:
        files = {}
        for name in names:
            with suppress(FileNotFoundError):
                files[name] = (self.root / name).read_bytes()
        return files

    def _lock_numbers(self) -> list[int]:
        return sorted(int(name) for name in _names(self.root / LOCKS) if _NUMBER.fullmatch(name))

    def _read_lock(self) -> tuple[str, float]:
        """Return the holder of the lock, empty if it is free, and the time of its last renewal."""
        for number in self._lock_numbers()[-1:]:
            with suppress(FileNotFoundError), (self.root / f"{LOCKS}/{number}").open("rb") as lock:
                since_s = os.fstat(lock.fileno()).st_mtime
                return (lock_holder(lock.read()) if since_s > RELEASED_MTIME else ""), since_s
        return "", 0.0

    def lock(self, by: str) -> tuple[Lease, PlaceSnapshot]:
        """Take the lease; return it with the state behind it."""
        with self._failures():
            make_folder(self.root / LOCKS)
            now_s = self._time_s()
            last = self._lock_numbers()[-1:]
            holder, since_s = self._read_lock()
            if holder and now_s - since_s < LEASE_S:
                raise lock_held(holder, now_s - since_s, self.where)
            token = str(sum(last) + 1)
            self._create_lock(token, by)
            lease = Lease(self.where, lambda: self._renew(token), release=lambda: self._unlock(token), token=token)
            lease.start()
            return lease, self._snapshot(now_s)

    def _time_s(self) -> float:
        """Return the time by the clock of the file system's machine, because this machine's may be wrong."""
        clock = self.root / CLOCK
        clock.touch()
        return clock.stat().st_mtime

    def _create_lock(self, token: str, by: str) -> None:
        """Create the next lock. Raises `PublishRefused` if another publisher was faster."""
        path = self.root / f"{LOCKS}/{token}"
        try:
            lock = path.open("xb")
        except FileExistsError:
            raise lock_held("somebody else", 0, self.where) from None
        try:
            with lock:
                lock.write(dump_lock(by))
        except OSError:
            path.unlink()
            raise
        if not self._is_locked(token):
            raise lock_held("somebody else", 0, self.where)
        for number in self._lock_numbers()[:-1]:
            (self.root / f"{LOCKS}/{number}").unlink(missing_ok=True)

    def _is_locked(self, token: str) -> bool:
        return self._lock_numbers()[-1:] == [int(token)]

    def _renew(self, token: str) -> bool:
        with self._failures():
            if not self._is_locked(token):
                return False
            os.utime(self.root / f"{LOCKS}/{token}")
            return True

    def _unlock(self, token: str) -> None:
        with self._failures():
            if self._is_locked(token):
                os.utime(self.root / f"{LOCKS}/{token}", (0, 0))

    def _fence(self, lease: Lease) -> None:
        if not self._is_locked(lease.token):
            raise lock_lost(self.where)

    def write(self, lease: Lease, files: Mapping[str, bytes]) -> None:
        """Write small files while the lease is held."""
        with self._failures():
            self._fence(lease)
            for name, data in files.items():
                path = self.root / name
                temporary = path.with_name(f"{path.name}.new")
                make_folder(path.parent)
                write_file(temporary, data, is_synced=name == STATE_FILE)
                temporary.replace(path)

    def build(self, plan: ReleasePlan, site: BuiltSite | None, progress: ProgressCallback) -> None:
        """Fill the folder of a release."""
        folder = self.root / partial_folder(plan.number)
        with self._failures():
            try:
                shutil.rmtree(folder, ignore_errors=True)
                _FolderBuilder(self.root, folder, plan, site, progress).build()
                folder.rename(self.root / release_folder(plan.number))
            except BaseException:
                shutil.rmtree(folder, ignore_errors=True)
                raise

    def switch(self, lease: Lease, number: int) -> float:
        """Let readers see a release; return the time of the switch in seconds."""
        with self._failures():
            link = self.root / f"{CURRENT}.new"
            link.unlink(missing_ok=True)
            self._link_to(link, number)
            _sync(self.root)
            now_s = self._time_s()
            self._fence(lease)
            link.replace(self.root / CURRENT)
            return now_s

    def _link_to(self, link: Path, number: int) -> None:
        try:
            link.symlink_to(release_folder(number), target_is_directory=True)
        except OSError as error:
            if error.errno not in NO_LINKS:
                raise
            hint = "Publish to a disk that has them (ext4, xfs, btrfs, NFS), or by ssh to the server itself."
            raise PublishFailed.at(self.where, "this file system has no symlinks", hint) from None

    def run_after_switch(self) -> None:
        """Do nothing: a web server of this machine follows the link."""

    def remove(self, lease: Lease, names: Sequence[str]) -> None:
        """Remove what is named, while the lease is held."""
        with self._failures():
            self._fence(lease)
            for name in names:
                path = self.root / name
                if path.is_dir() and not path.is_symlink():
                    shutil.rmtree(path)
                else:
                    path.unlink(missing_ok=True)

    @contextmanager
    def _failures(self) -> Iterator[None]:
        """Raise errors of the system as `PublishFailed`."""
        try:
            yield
        except OSError as error:
            message, hint = KNOWN_ERRORS.get(error.errno or 0, (f"cannot be used: {error.strerror}", OTHER_HINT))
            path = Path(os.fsdecode(error.filename)) if error.filename else self.root
            name = str(path) if path.is_relative_to(self.root) else self.where
            raise PublishFailed.at(name, message, hint) from None


@dataclass(frozen=True)
class LocalTarget(ReleaseDirTarget):
    """Releases in a local folder, which can be removed as a whole, as previews are."""

    filesystem: LocalFilesystem

    def remove(self, state: PublishedState, by: str, progress: ProgressCallback) -> int:
        """Take the lock and remove everything; return the number of files, 0 if nothing was published."""
        root = self.filesystem.root
        if state.manifest is None:
            return 0
        count = state.manifest.root.files
        lease, snapshot = self.filesystem.lock(by)
        lease.stop()
        if snapshot.version != state.version:
            lease.end()
            raise PublishRefused.at(self.name, "somebody else has published here in the meantime", "Try it again.")
        progress("Removing", 0, count, 0)
        # Readers lose the folder at once; if the removal is interrupted, what is left is at no URL.
        removed = root.with_name(f".{root.name}.removed")
        try:
            shutil.rmtree(removed, ignore_errors=True)
            root.rename(removed)
            shutil.rmtree(removed)
        except OSError as error:
            message = f"cannot be removed: {error.strerror}"
            raise PublishFailed.at(self.name, message, "Remove it by hand; nothing else is in it.") from None
        progress("Removing", count, count, 0)
        return count


class _FolderBuilder:
    """Makes the folder of a release: links to the files of an earlier one, copies of what is new."""

    def __init__(
        self, root: Path, folder: Path, plan: ReleasePlan, site: BuiltSite | None, progress: ProgressCallback
    ) -> None:
        self.root, self.folder, self.plan, self.site, self.progress = root, folder, plan, site, progress
        self.source = None if plan.source is None else root / release_folder(plan.source)
        self._mutex = Lock()
        self._files = self._size_b = 0

    def build(self) -> None:
        make_folder(self.folder)
        self._link_source()
        sent = {file.path for file in self.plan.sent}
        files = list_files(self.plan.manifest.entries())
        self._copy([*self.plan.sent, *(file for file in files if file.path not in sent and not self._is_whole(file))])
        self._link_grace_files()
        for name, data in self.plan.hidden_files.items():
            write_file(self._make_parent(name), data)

    def _link_source(self) -> None:
        """Link all files of the source, but not those that are replaced or dropped."""
        if self.source is None:
            return
        skipped = {*self.plan.dropped, *(file.path for file in self.plan.sent), RELEASE_META}
        for folder, folders, names in os.walk(self.source):
            below = os.path.relpath(folder, self.source)
            prefix = "" if below == "." else f"{below}/"
            if not prefix and self.plan.server_files is not None:
                folders[:] = [name for name in folders if name != SERVER]
            paths = [path for name in names if (path := f"{prefix}{name}") not in skipped]
            if paths:
                self._make_parent(paths[0])
            for path in paths:
                _link_or_copy(f"{self.source}/{path}", f"{self.folder}/{path}")

    def _is_whole(self, file: ReleaseFile) -> bool:
        """Return whether a file was linked with its right size; remove it if its size is wrong."""
        path = f"{self.folder}/{file.path}"
        try:
            if os.stat(path).st_size == file.size_b:  # noqa: PTH116
                return True
            os.unlink(path)  # noqa: PTH108
        except (FileNotFoundError, NotADirectoryError):
            pass
        return False

    def _copy(self, files: Sequence[ReleaseFile]) -> None:
        batches = [files[start : start + COPY_BATCH] for start in range(0, len(files), COPY_BATCH)]
        with ThreadPoolExecutor(COPY_THREADS) as pool:
            try:
                for _ in pool.map(lambda batch: self._copy_batch(batch, len(files)), batches):
                    pass
            except BaseException:
                pool.shutdown(cancel_futures=True)
                raise

    def _copy_batch(self, files: Sequence[ReleaseFile], total: int) -> None:
        for file in files:
            if self.site is None:
                hint = "Build the commit of that release, and publish that."
                raise PublishFailed.at(f"{self.source}/{file.path}", "was not kept, or not whole", hint)
            data = self.site.read_file(file.path, file.digest)
            write_file(self._make_parent(file.path), data, time_s=mtime_from_digest(file.digest))
            with self._mutex:
                self._files += 1
                self._size_b += len(data)
                self.progress("Publishing: files", self._files, total, self._size_b)

    def _link_grace_files(self) -> None:
        if self.plan.grace_source is None:
            return
        source = self.root / release_folder(self.plan.grace_source)
        for path, _ in self.plan.meta.grace_files:
            with suppress(FileExistsError, FileNotFoundError, NotADirectoryError):
                _link_or_copy(f"{source}/{path}", self._make_parent(path))

    def _make_parent(self, path: str) -> Path:
        """Return where a file belongs, in a folder that exists."""
        target = self.folder / path
        make_folder(target.parent)
        return target


def write_file(path: Path, data: bytes, *, is_synced: bool = False, time_s: int | None = None) -> None:
    """Write a file that a web server can read, whatever this user's umask is.

    `is_synced` is for files that a power cut must not lose. Web servers make an ETag of a file's time and size, so a
    `time_s` that depends on the content makes it an ETag of the content.
    """
    with path.open("wb", buffering=0) as file:
        rest = memoryview(data)
        while rest:
            rest = rest[file.write(rest) :]
        mode = os.fstat(file.fileno()).st_mode
        if mode & 0o444 != 0o444:
            os.fchmod(file.fileno(), mode & 0o7777 | 0o444)
        if time_s is not None:
            os.utime(file.fileno(), (time_s, time_s))
        if is_synced:
            os.fsync(file.fileno())


def make_folder(path: Path) -> None:
    """Make a folder and those above it, readable for a web server whatever this user's umask is."""
    if path.is_dir():
        return
    make_folder(path.parent)
    with suppress(FileExistsError):
        path.mkdir()
    mode = path.stat().st_mode
    if mode & 0o555 != 0o555:
        path.chmod(mode | 0o555)


def _link_or_copy(source: str, target: str | Path) -> None:
    """Link a file to a second path, or copy it if the file system has no links."""
    try:
        os.link(source, target)
    except OSError as error:
        if error.errno not in NO_LINKS:
            raise
        shutil.copy2(source, target)


def _names(folder: Path) -> list[str]:
    """Return the names in a folder, none if it does not exist."""
    try:
        return os.listdir(folder)  # noqa: PTH208
    except FileNotFoundError:
        return []


def _sync(folder: Path) -> None:
    """Have the file system of a folder on its disk; all file systems if the system cannot sync a single one."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        if ctypes.CDLL(None, use_errno=True).syncfs(descriptor) == 0:
            return
    except (AttributeError, OSError):
        pass
    finally:
        os.close(descriptor)
    os.sync()
