"""A folder of this machine, or one that is mounted, as a place for releases: the root of a web server."""

from __future__ import annotations

import ctypes
import errno
import os
import re
import shutil
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from ..built_site import BuiltSite
from ..errors import PublishFailed, make_problem
from . import ProgressCallback
from .filesystem import LOOKED_AT, PlaceSnapshot
from .lock import LEASE_S, lock_text, lost, owner_of, refusal
from .populate import NO_LINKS, Filling, folder_made, written
from .release_layout import CURRENT, LET_GO_S, LOCKS, REGISTER, RELEASES, Draft, folder, part, stranger_of

__all__ = ["LocalFilesystem"]

CLOCK = f"{LOCKS}/clock"
KNOWN = {
    errno.ENOSPC: ("the disk is full", "Make room there, and publish again: what readers get is whole."),
    errno.EDQUOT: ("this user's quota is used up", "Make room there, and publish again: what readers get is whole."),
    errno.EROFS: ("it is mounted for reading only", "Mount it for writing, and publish again."),
    errno.EACCES: ("this user may not write there", "Give it to the user who publishes, and publish again."),
    errno.EPERM: ("this user may not write there", "Give it to the user who publishes, and publish again."),
    errno.ENOTDIR: ("something in its path is no folder", "Is that the right path?"),
}
OTHERWISE = "Is the disk there and sound? Then publish again: what readers get is whole."
_NUMBER = re.compile(r"[0-9]+")
_RELEASE = re.compile(rf"{RELEASES}/([0-9]+)/?")


@dataclass(frozen=True)
class LocalFilesystem:
    """The folder; it is made where it is not there."""

    root: Path

    @property
    def where(self) -> str:
        return str(self.root)

    def read_snapshot(self) -> PlaceSnapshot:
        with self._failures():
            return self._seen(time.time())

    def _seen(self, now_s: float) -> PlaceSnapshot:
        found = self._read(LOOKED_AT)
        link = self.root / CURRENT
        led = _RELEASE.fullmatch(str(link.readlink())) if link.is_symlink() else None
        return PlaceSnapshot(
            files=found,
            current=int(led.group(1)) if led and link.exists() else None,
            is_folder=link.exists() and not link.is_symlink(),
            folders=tuple(sorted(_names(self.root / RELEASES))),
            stranger="" if REGISTER in found else stranger_of(_names(self.root)),
            lock=self._locked_since()[0],
            now_s=now_s,
        )

    def read(self, names: Sequence[str]) -> Mapping[str, bytes]:
        with self._failures():
            return self._read(names)

    def _read(self, names: Sequence[str]) -> dict[str, bytes]:
        found = {}
        for name in names:
            with suppress(FileNotFoundError):
                found[name] = (self.root / name).read_bytes()
        return found

    def _locks(self) -> list[int]:
        return sorted(int(name) for name in _names(self.root / LOCKS) if _NUMBER.fullmatch(name))

    def _locked_since(self) -> tuple[str, float]:
        """Who has the lock, or nobody, and when that was renewed last."""
        for number in self._locks()[-1:]:
            with suppress(FileNotFoundError), (self.root / f"{LOCKS}/{number}").open("rb") as lock:
                since_s = os.fstat(lock.fileno()).st_mtime
                return (owner_of(lock.read()) if since_s > LET_GO_S else ""), since_s
        return "", 0.0

    def lock(self, by: str) -> tuple[int, PlaceSnapshot]:
        with self._failures():
            folder_made(self.root / LOCKS)
            now_s = self._time_s()
            last = self._locks()[-1:]
            owner, since_s = self._locked_since()
            if owner and now_s - since_s < LEASE_S:
                raise refusal(owner, now_s - since_s, self.where)
            held = self._locked(sum(last) + 1, by)
            return held, self._seen(now_s)

    def _time_s(self) -> float:
        """The time by the clock of the file system's own machine: ours may be wrong."""
        clock = self.root / CLOCK
        clock.touch()
        return clock.stat().st_mtime

    def _locked(self, number: int, by: str) -> int:
        """Make a lock that nobody else can have made. It is lost where somebody was faster, or far ahead."""
        place = self.root / f"{LOCKS}/{number}"
        try:
            lock = place.open("xb")
        except FileExistsError:
            raise refusal("somebody else", 0, self.where) from None
        try:
            with lock:
                lock.write(lock_text(by))
        except OSError:
            place.unlink()
            raise
        if self._locks()[-1] != number:
            raise refusal("somebody else", 0, self.where)
        for old in self._locks()[:-1]:
            (self.root / f"{LOCKS}/{old}").unlink(missing_ok=True)
        return number

    def renew(self, held: int) -> bool:
        with self._failures():
            if self._locks()[-1:] != [held]:
                return False
            os.utime(self.root / f"{LOCKS}/{held}")
            return True

    def unlock(self, held: int) -> None:
        with self._failures():
            if self._locks()[-1:] == [held]:
                os.utime(self.root / f"{LOCKS}/{held}", (0, 0))

    def _fence(self, held: int) -> None:
        if self._locks()[-1:] != [held]:
            raise lost(self.where)

    def write(self, held: int, files: Mapping[str, bytes]) -> None:
        with self._failures():
            self._fence(held)
            for name, data in files.items():
                self._put(name, data)

    def _put(self, name: str, data: bytes) -> None:
        place = self.root / name
        draft = place.with_name(f"{place.name}.new")
        folder_made(place.parent)
        written(draft, data, is_safe=name == REGISTER)
        draft.replace(place)

    def build(self, draft: Draft, site: BuiltSite | None, progress: ProgressCallback) -> None:
        place = self.root / part(draft.number)
        with self._failures():
            try:
                shutil.rmtree(place, ignore_errors=True)
                Filling(self.root, place, draft, site, progress).fill()
                place.rename(self.root / folder(draft.number))
            except BaseException:
                shutil.rmtree(place, ignore_errors=True)
                raise

    def switch(self, held: int, number: int) -> float:
        with self._failures():
            link = self.root / f"{CURRENT}.new"
            link.unlink(missing_ok=True)
            self._link_to(link, number)
            _sync(self.root)
            now_s = self._time_s()
            self._fence(held)
            link.replace(self.root / CURRENT)
            return now_s

    def _link_to(self, link: Path, number: int) -> None:
        try:
            link.symlink_to(folder(number), target_is_directory=True)
        except OSError as error:
            if error.errno not in NO_LINKS:
                raise
            hint = "Publish to a disk that has them (ext4, xfs, btrfs, NFS), or by ssh to the server itself."
            raise PublishFailed([make_problem(self.where, "this file system has no symlinks", hint)]) from None

    def after(self) -> None:
        """Nothing is to be told: who serves a folder sees that it leads elsewhere."""

    def remove(self, held: int, names: Sequence[str]) -> None:
        with self._failures():
            self._fence(held)
            for name in names:
                place = self.root / name
                if place.is_dir() and not place.is_symlink():
                    shutil.rmtree(place)
                else:
                    place.unlink(missing_ok=True)

    @contextmanager
    def _failures(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            message, hint = KNOWN.get(error.errno or 0, (f"cannot be used: {error.strerror}", OTHERWISE))
            place = Path(os.fsdecode(error.filename)) if error.filename else self.root
            name = str(place) if place.is_relative_to(self.root) else self.where
            raise PublishFailed([make_problem(name, message, hint)]) from None


def _names(place: Path) -> list[str]:
    """The names in a folder, none where it is not there."""
    try:
        return os.listdir(place)  # noqa: PTH208
    except FileNotFoundError:
        return []


def _sync(place: Path) -> None:
    """Have all that was written to the file system of a folder on its disk; only that, where the system can."""
    opened = os.open(place, os.O_RDONLY)
    try:
        if ctypes.CDLL(None, use_errno=True).syncfs(opened) == 0:
            return
    except (AttributeError, OSError):
        pass
    finally:
        os.close(opened)
    os.sync()
