"""Releases in a folder of this machine, or in one that is mounted: the root of a web server."""

import ctypes
import errno
import fcntl
import os
import shutil
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from io import FileIO
from pathlib import Path
from stat import S_IMODE, S_ISREG

from openknowledge.serving.headers import mtime_from_digest

from ..built_site import BuiltSite, list_paths
from ..errors import PublishFailed
from . import PREVIEWS_FOLDER, ProgressCallback
from . import release_layout as layout
from .lease import LEASE_S, Lease, dump_lock, lock_held, lock_holder

__all__ = ["LocalFilesystem", "copy_files", "make_folder", "write_file"]

CLOCK = f"{layout.LOCKS}/clock"
COPY_THREADS = 8
FOLDER_FLAGS = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC
LOCK_LIMIT_B = 4096
FOREIGN_HINT = "Look at what it is, move it away, and publish again."
NO_LINKS = {errno.EPERM, errno.EACCES, errno.EXDEV, errno.EMLINK, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS}
"""Errors of a file system that has no links, or none for this file."""
NO_LOCKS = {errno.ENOLCK, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS}
"""Errors of a file system without `flock`, where a lock that is not renewed for a lease is taken over."""
SPACE_HINT = "Make room there, and publish again: what readers get is whole."
KNOWN_ERRORS = {
    errno.ENOSPC: ("the disk is full", SPACE_HINT),
    errno.EDQUOT: ("this user's quota is used up", SPACE_HINT),
    errno.EROFS: ("it is mounted for reading only", "Mount it for writing, and publish again."),
    errno.EACCES: ("this user may not write there", "Give it to the user who publishes, and publish again."),
    errno.EPERM: ("this user may not write there", "Give it to the user who publishes, and publish again."),
    errno.ENOTDIR: ("something in its path is a link, or no folder", "Is that the right path? Then remove that."),
    errno.ELOOP: ("it is a link, where a file has to be", "Remove it, and publish again."),
}
OTHER_HINT = "Is the disk there and sound? Then publish again: what readers get is whole."


@dataclass(frozen=True)
class LocalFilesystem:
    """A folder, which is made if it does not exist."""

    root: Path

    @property
    def where(self) -> str:
        """Return the folder's name for people."""
        return str(self.root)

    def read_snapshot(self) -> layout.PlaceSnapshot:
        """Return the state of the folder at this moment."""
        with self._failures():
            return self._snapshot(time.time())

    def _snapshot(self, now_s: float) -> layout.PlaceSnapshot:
        self._check_folders()
        files, link = self._read([layout.STATE_FILE, layout.RETIRED_URLS]), self.root / layout.CURRENT
        target = str(link.readlink()) if link.is_symlink() else layout.NO_LINK
        if layout.CURRENT_LINK.fullmatch(target):
            meta = self._read([f"{target.rstrip('/')}/{layout.RELEASE_META}"])
            files.update((f"{layout.CURRENT}/{layout.RELEASE_META}", data) for data in meta.values())
            target = target if link.exists() else ""
        else:
            target = layout.NO_LINK if os.path.lexists(link) else ""
        return layout.PlaceSnapshot(
            files=files,
            link=target,
            folders=_list_names(self.root / layout.RELEASES, are_folders=True),
            names=_list_names(self.root),
            lock_text=self._read([layout.LOCK_FILE]).get(layout.LOCK_FILE, b""),
            now_s=now_s,
        )

    def read(self, names: Sequence[str]) -> Mapping[str, bytes]:
        """Return the bytes of the files that exist, by name."""
        with self._failures():
            return self._read(names)

    def _read(self, names: Sequence[str]) -> dict[str, bytes]:
        files = {}
        for name in names:
            with suppress(FileNotFoundError), FileIO(self._open(name, os.O_RDONLY)) as file:
                files[name] = file.read(layout.FILE_LIMIT_B + 1) or b""
                if len(files[name]) > layout.FILE_LIMIT_B:
                    raise PublishFailed.at(f"{self.where}/{name}", "is too large to be ours", FOREIGN_HINT)
        return files

    def _open(self, name: str, flags: int) -> int:
        """Open a plain file. No link below the folder is followed, and a pipe does not block."""
        *folders, last = name.split("/")
        folder = os.open(self.root, FOLDER_FLAGS)
        try:
            for step in folders:
                outer, folder = folder, os.open(step, FOLDER_FLAGS | os.O_NOFOLLOW, dir_fd=folder)
                os.close(outer)
            flags |= os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
            descriptor = os.open(last, flags, 0o644, dir_fd=folder)
        finally:
            os.close(folder)
        if not S_ISREG(os.fstat(descriptor).st_mode):
            os.close(descriptor)
            raise PublishFailed.at(f"{self.where}/{name}", "is no file, but has the name of one of ours", FOREIGN_HINT)
        return descriptor

    def _path_of(self, name: str) -> Path:
        """Return the path of a name below the folder. Raises `NotADirectoryError` if a link is on the way there."""
        path = self.root
        for step in name.split("/")[:-1]:
            path /= step
            if path.is_symlink():
                raise NotADirectoryError(errno.ENOTDIR, "a link", str(path))
        return self.root / name

    def _check_folders(self) -> None:
        """Raise `PublishFailed` if what has to be a folder of ours is a link or a file."""
        own = [self.root / name for name in layout.OWN_FOLDERS]
        if self.root.parent.name == PREVIEWS_FOLDER:
            own += [self.root.parent, self.root]
        for path in own:
            if path.is_symlink() or (path.exists() and not path.is_dir()):
                raise PublishFailed.at(str(path), "has to be a folder, and is a link or a file", FOREIGN_HINT)

    def lock(self, by: str) -> tuple[Lease, layout.PlaceSnapshot]:
        """Take the lock, which ends with this process at the latest; return it with the state behind it."""
        with self._failures(), ExitStack() as stack:
            self._check_folders()
            make_folder(self.root / layout.LOCKS)
            flags = os.O_RDWR | os.O_CREAT | os.O_APPEND
            file = stack.enter_context(FileIO(self._open(layout.LOCK_FILE, flags), "r+"))
            now_s = self._time_s()
            last, age_s = file.read(LOCK_LIMIT_B) or b"", now_s - os.fstat(file.fileno()).st_mtime
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError as error:
                if error.errno not in (errno.EWOULDBLOCK, *NO_LOCKS):
                    raise
                if error.errno == errno.EWOULDBLOCK or (last and abs(age_s) < LEASE_S):
                    raise lock_held(lock_holder(last), age_s, self.where) from None
            text = dump_lock(by)
            file.truncate(0)
            file.write(text)
            renew, release = partial(self._renew, text), partial(self._unlock, file, text)
            lease = Lease(self.where, renew, release=release, token=text.decode())
            lease.start()
            stack.pop_all()
            return lease, self._snapshot(now_s)

    def _time_s(self) -> float:
        """Return the time by the clock of the file system's machine, because this machine's may be wrong."""
        with FileIO(self._open(CLOCK, os.O_RDWR | os.O_CREAT), "r+") as clock:
            os.utime(clock.fileno())
            return os.fstat(clock.fileno()).st_mtime

    def _renew(self, text: bytes) -> bool:
        with self._failures():
            is_held = self._read([layout.LOCK_FILE]).get(layout.LOCK_FILE) == text
            if is_held:
                os.utime(self.root / layout.LOCK_FILE, follow_symlinks=False)
            return is_held

    def _unlock(self, file: FileIO, text: bytes) -> None:
        with self._failures(), file:
            if self._renew(text):
                file.truncate(0)

    def write(self, lease: Lease, files: Mapping[str, bytes]) -> None:
        """Replace small files, each atomically, in this order."""
        with self._failures():
            lease.fence()
            for name, data in files.items():
                path = self._path_of(name)
                temporary = path.with_name(f"{path.name}.new")
                _remove(temporary)
                write_file(temporary, data, is_synced=name == layout.STATE_FILE)
                temporary.replace(path)

    def build(self, plan: layout.ReleasePlan, site: BuiltSite | None, progress: ProgressCallback) -> bool:
        """Make the folder of a release; return whether all its files are there, by name and size."""
        with self._failures():
            folder = self._path_of(layout.partial_folder(plan.number))
            _remove(folder)
            make_folder(folder)
            if plan.source is not None:
                self._link_source(folder, plan, self.root / layout.release_folder(plan.source))
            sent_b = 0
            for count, size_b in enumerate(copy_files(site, plan.sent, folder) if site else (), start=1):
                sent_b += size_b
                progress("Publishing: files", count, len(plan.sent), sent_b)
            for name, data in plan.hidden_files.items():
                write_file(folder / name, data)
            paths = (path for path in list_paths(str(folder)) if not path.startswith(f"{layout.SERVER}/"))
            if layout.digest_listing((path, (folder / path).stat().st_size) for path in paths) != plan.meta.listing:
                return False
            if plan.grace_source is not None:
                source = layout.release_folder(plan.grace_source)
                for path in plan.meta.grace_paths:
                    with suppress(FileExistsError, FileNotFoundError, NotADirectoryError):
                        _link_or_copy(str(self._path_of(f"{source}/{path}")), folder / path)
            final = self.root / layout.release_folder(plan.number)
            _remove(final)
            folder.rename(final)
            return True

    def _link_source(self, folder: Path, plan: layout.ReleasePlan, source: Path) -> None:
        """Link all files of the source, but not those that are replaced or dropped."""
        skipped = {*plan.dropped, *(file.path for file in plan.sent), layout.RELEASE_META}
        for path in list_paths(str(source)):
            is_replaced = plan.server_files is not None and path.startswith(f"{layout.SERVER}/")
            if path not in skipped and not is_replaced:
                _link_or_copy(f"{source}/{path}", folder / path)

    def switch(self, lease: Lease, number: int) -> float:
        """Have readers get a release once it is on the disk; return the time of that."""
        with self._failures():
            link = self.root / f"{layout.CURRENT}.new"
            link.unlink(missing_ok=True)
            try:
                link.symlink_to(layout.release_folder(number), target_is_directory=True)
            except OSError as error:
                if error.errno not in NO_LINKS:
                    raise
                hint = "Publish to a disk that has them (ext4, xfs, btrfs, NFS), or by ssh to the server itself."
                raise PublishFailed.at(self.where, "this file system has no symlinks", hint) from None
            _sync(self.root)
            now_s = self._time_s()
            lease.fence()
            link.replace(self.root / layout.CURRENT)
            return now_s

    def run_after_switch(self) -> None:
        """Do nothing: a web server of this machine follows the link."""

    def remove(self, lease: Lease, names: Sequence[str]) -> None:
        """Remove files and folders; those that do not exist are ignored."""
        with self._failures():
            lease.fence()
            for name in names:
                _remove(self._path_of(name))

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


def copy_files(site: BuiltSite, files: Sequence[layout.ReleaseFile], folder: Path) -> Iterator[int]:
    """Copy files of a site to a folder, and yield the size of each that is copied."""

    def copy(file: layout.ReleaseFile) -> int:
        data = site.read_file(file.path, file.digest)
        write_file(folder / file.path, data, time_s=mtime_from_digest(file.digest))
        return len(data)

    with ThreadPoolExecutor(COPY_THREADS) as pool:
        yield from pool.map(copy, files)


def write_file(path: Path, data: bytes, *, is_synced: bool = False, time_s: int | None = None) -> None:
    """Write a file, and the folders above it, that a web server can read whatever this user's umask is.

    `is_synced` is for files that a power cut must not lose. Web servers make an ETag of a file's time and size, so a
    `time_s` that depends on the content makes it an ETag of the content.
    """
    make_folder(path.parent)
    with path.open("xb") as file:
        file.write(data)
        file.flush()
        if is_synced:
            os.fsync(file.fileno())
    _make_readable(path, 0o444)
    if time_s is not None:
        os.utime(path, (time_s, time_s))


def make_folder(path: Path) -> None:
    """Make a folder and those above it, readable for a web server whatever this user's umask is."""
    if not path.is_dir():
        make_folder(path.parent)
        with suppress(FileExistsError):
            path.mkdir()
        _make_readable(path, 0o555)


def _make_readable(path: Path, bits: int) -> None:
    mode = path.stat().st_mode
    if mode & bits != bits:
        path.chmod(S_IMODE(mode) | bits)


def _link_or_copy(source: str, target: Path) -> None:
    """Link a plain file to a second path, or copy it if the file system has no links."""
    if not S_ISREG(os.lstat(source).st_mode):
        return
    make_folder(target.parent)
    try:
        os.link(source, target)
    except OSError as error:
        if error.errno not in NO_LINKS:
            raise
        shutil.copy2(source, target)


def _remove(path: Path) -> None:
    """Remove a file, a link, or a folder with all that is in it; do nothing if there is none."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def _list_names(folder: Path, *, are_folders: bool = False) -> tuple[str, ...]:
    """Return the names in a folder, or of the folders in it; none if it does not exist."""
    if not folder.is_dir():
        return ()
    with os.scandir(folder) as items:
        return tuple(sorted(item.name for item in items if not are_folders or item.is_dir(follow_symlinks=False)))


def _sync(folder: Path) -> None:
    """Have the file system of a folder on its disk; all file systems if the system cannot sync a single one."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        library = ctypes.CDLL(None)
        if not hasattr(library, "syncfs") or library.syncfs(descriptor) != 0:
            os.sync()
    finally:
        os.close(descriptor)
