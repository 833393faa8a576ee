"""A server that is reached by ssh, as a place for releases: what did not change is linked there and does not travel."""

from __future__ import annotations

import io
import tarfile
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from ..built_site import BuiltSite
from ..errors import PublishFailed, PublishRefused, make_problem
from ..headers import mtime_from_digest
from . import ProgressCallback
from .filesystem import PlaceSnapshot
from .lock import LEASE_S, lock_text, lost, owner_of, refusal
from .populate import written
from .release_layout import REGISTER, RELEASES, Draft, part, stranger_of
from .remote_scripts import (
    BUILT,
    DROPPED,
    FINISHED,
    LEFT,
    LIST,
    LOOKED,
    LOST,
    MISSING,
    OTHER,
    PREPARED,
    READ,
    REMOVED,
    RENEWED,
    SWITCHED,
    TAKEN,
    WRITTEN,
)
from .ssh_connection import RemoteError, SshConnection

__all__ = ["SshFilesystem"]

ROOM = "Make room there, and publish again: what readers get is whole."
KNOWN = (
    ("No space left on device", "the server's disk is full", ROOM),
    ("Disk quota exceeded", "this user's quota on the server is used up", ROOM),
    ("Read-only file system", "it is mounted for reading only there", "Mount it for writing, and publish again."),
    ("Permission denied", "this user may not write there", "Give it to the user who publishes, and publish again."),
    ("rsync: command not found", "the server has no rsync", "Install it there: apt install rsync"),
    ("rsync: not found", "the server has no rsync", "Install it there: apt install rsync"),
)
OTHERWISE = "What readers get is whole. Mend that, and publish again."


@dataclass(frozen=True)
class SshFilesystem:
    """A folder of a server. `after_switch` is a line for its shell, run whenever readers get another release."""

    remote: SshConnection
    root: str
    after_switch: str = ""

    @property
    def where(self) -> str:
        return self.remote.where

    def _run(self, script: str, *arguments: str | int, given: bytes = b"") -> bytes:
        with self._failures():
            return self.remote.run(script, self.root, *map(str, arguments), given=given)

    @contextmanager
    def _failures(self) -> Iterator[None]:
        try:
            yield
        except RemoteError as error:
            raise self._failure(error) from None

    def _failure(self, error: RemoteError) -> PublishFailed:
        if error.status == LOST:
            return lost(self.where)
        if error.status == MISSING:
            return PublishFailed([make_problem(self.where, f"the server has no {error.said}", "Install it there.")])
        for mark, message, hint in KNOWN:
            if mark in error.said:
                return PublishFailed([make_problem(self.where, message, hint)])
        said = " ".join(error.said.split())[:300] or f"a script ended with {error.status}"
        return PublishFailed([make_problem(self.where, f"something went wrong on the server: {said}", OTHERWISE)])

    def read_snapshot(self) -> PlaceSnapshot:
        wrong = list(self.remote.address.problems())
        if not self.root.startswith("/"):
            wrong.append(
                make_problem('PUBLISH_TARGET["path"]', f'"{self.root}" is no whole path', "Begin it with a slash.")
            )
        if wrong:
            raise PublishRefused(wrong)
        return _seen(self._run(LOOKED))

    def read(self, names: Sequence[str]) -> Mapping[str, bytes]:
        return _unpacked(self._run(READ, given="".join(f"{name}\n" for name in names).encode()))

    def lock(self, by: str) -> tuple[int, PlaceSnapshot]:
        text = lock_text(by).decode()
        told = self._run(TAKEN, text, int(LEASE_S))
        first, _, rest = told.partition(b"\n")
        word, _, value = first.decode().partition(" ")
        if word != "mine":
            age_s, _, lock = value.partition(" ")
            raise refusal(owner_of(lock.encode()) if lock else "somebody else", int(age_s), self.where)
        return int(value), _seen(rest)

    def renew(self, held: int) -> bool:
        try:
            self.remote.run(RENEWED, self.root, str(held))
        except RemoteError as error:
            if error.status == LOST:
                return False
            raise self._failure(error) from None
        return True

    def unlock(self, held: int) -> None:
        try:
            self._run(LEFT, held)
        finally:
            self.remote.close()

    def write(self, held: int, files: Mapping[str, bytes]) -> None:
        self._run(WRITTEN, held, *files, given=_packed(files))

    def build(self, draft: Draft, site: BuiltSite | None, progress: ProgressCallback) -> None:
        try:
            if self._is_made(draft, site, progress):
                return
            if (
                site is not None
                and draft.source is not None
                and self._is_made(draft.whole(site.manifest), site, progress)
            ):
                return
            hint = "Build the commit of that release, and publish that."
            raise PublishFailed([make_problem(self.where, "what was to be there is not whole on the server", hint)])
        except BaseException:
            with suppress(PublishFailed):
                self._run(DROPPED, draft.number)
            raise

    def _is_made(self, draft: Draft, site: BuiltSite | None, progress: ProgressCallback) -> bool:
        """Make a release under its name for the time being; whether all its files are there, by name and size."""
        keeps = "keep" if draft.server is None else ""
        dropped = b"".join(path.encode() + b"\0" for path in draft.dropped)
        self._run(PREPARED, draft.number, draft.source or "", keeps, given=dropped)
        if site is not None and draft.sent:
            self._send(draft, site, progress)
        digests = "".join(f"{file.digest}  {file.path}\n" for file in draft.sent)
        listing = self._checked(draft, digests.encode(), site)
        if listing != draft.note.listing:
            return False
        carried = b"".join(path.encode() + b"\0" for path, _ in draft.note.carried)
        self._run(FINISHED, draft.number, draft.carrier or "", given=_packed({**draft.beside, LIST: carried}))
        return True

    def _send(self, draft: Draft, site: BuiltSite, progress: ProgressCallback) -> None:
        done = [0, 0]

        def sent(size_b: int) -> None:
            done[0] += 1
            done[1] += size_b
            progress("Publishing: files", min(done[0], len(draft.sent)), len(draft.sent), done[1])

        with tempfile.TemporaryDirectory(prefix="publish-") as folder, self._failures():
            for file in draft.sent:
                place = Path(folder, file.path)
                place.parent.mkdir(parents=True, exist_ok=True)
                written(place, site.read_file(file.path, file.digest), time_s=mtime_from_digest(file.digest))
            paths = [file.path for file in draft.sent]
            self.remote.send(Path(folder), paths, f"{self.root}/{part(draft.number)}", sent)

    def _checked(self, draft: Draft, digests: bytes, site: BuiltSite | None) -> str:
        try:
            told = self.remote.run(BUILT, self.root, str(draft.number), str(len(draft.sent)), given=digests)
            return told.split()[0].decode()
        except RemoteError as error:
            if error.status != OTHER or site is None:
                raise self._failure(error) from None
            names = [line.rpartition(": ")[0] for line in error.said.splitlines()]
            hint = "Build it again: invoke build --publish, and publish again."
            message = "changed while it was published, or on its way"
            raise PublishFailed(
                [make_problem(f"{site.output.name}/{name}", message, hint) for name in names if name]
            ) from None

    def switch(self, held: int, number: int) -> float:
        return float(self._run(SWITCHED, held, number))

    def after(self) -> None:
        if not self.after_switch:
            return
        try:
            self.remote.command(self.after_switch)
        except RemoteError as error:
            message = f'"{self.after_switch}" failed there: {" ".join(error.said.split())[:300] or error.status}'
            hint = "Readers have the new release. Mend the command, and publish again: it is run once more."
            raise PublishFailed([make_problem(self.where, message, hint)]) from None

    def remove(self, held: int, names: Sequence[str]) -> None:
        self._run(REMOVED, held, given=b"".join(name.encode() + b"\0" for name in names))


def _seen(told: bytes) -> PlaceSnapshot:
    """What a script told of what is there."""
    head, _, archive = told.partition(b"\n\n")
    lines: dict[str, list[str]] = {}
    for line in head.decode(errors="replace").splitlines():
        word, _, value = line.partition(" ")
        lines.setdefault(word, []).append(value)
    current = next(iter(lines.get("current", ())), "")
    number = current.removeprefix(f"{RELEASES}/").rstrip("/")
    files = _unpacked(archive)
    return PlaceSnapshot(
        files=files,
        current=int(number) if current.startswith(f"{RELEASES}/") and number.isdigit() else None,
        is_folder=current == "folder",
        folders=tuple(sorted(lines.get("folder", ()))),
        stranger="" if REGISTER in files else stranger_of(lines.get("name", ())),
        lock=next((owner_of(lock.encode()) for lock in lines.get("lock", ())), ""),
        now_s=float(next(iter(lines.get("now", ())), 0)),
    )


def _packed(files: Mapping[str, bytes]) -> bytes:
    """Small files as an archive."""
    whole = io.BytesIO()
    with tarfile.open(fileobj=whole, mode="w:gz", format=tarfile.GNU_FORMAT, compresslevel=6) as archive:
        for name, data in files.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(data)
            archive.addfile(entry, io.BytesIO(data))
    return whole.getvalue()


def _unpacked(data: bytes) -> dict[str, bytes]:
    if not data:
        return {}
    with tarfile.open(fileobj=io.BytesIO(data)) as archive:
        found = ((entry.name, archive.extractfile(entry)) for entry in archive)
        return {name: file.read() for name, file in found if file is not None}
