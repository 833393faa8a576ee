"""Releases on a server that is reached by ssh: files that did not change are linked there and not sent."""

from __future__ import annotations

import io
import subprocess
import tarfile
import tempfile
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from ..built_site import BuiltSite
from ..errors import PublishFailed, PublishRefused, make_problem
from ..headers import mtime_from_digest
from . import ProgressCallback
from .lease import Lease, dump_lock, lock_held, lock_holder, lock_lost
from .local_folder import write_file
from .release_dirs import PlaceSnapshot
from .release_layout import RELEASES, STATE_FILE, ReleasePlan, foreign_file, partial_folder
from .remote_scripts import (
    CORRUPT,
    DIGESTS,
    FINISH,
    GRACE_LIST,
    INCOMPLETE,
    LOCK,
    LOST,
    MISSING,
    PREPARE,
    READ,
    REMOVE,
    SNAPSHOT,
    SWITCH,
    WRITE,
)
from .ssh_connection import RemoteError, SshConnection

__all__ = ["SshFilesystem"]

SPACE_HINT = "Make room there, and publish again: what readers get is whole."
KNOWN_ERRORS = (
    ("No space left on device", "the server's disk is full", SPACE_HINT),
    ("Disk quota exceeded", "this user's quota on the server is used up", SPACE_HINT),
    ("Read-only file system", "it is mounted for reading only there", "Mount it for writing, and publish again."),
    ("Permission denied", "this user may not write there", "Give it to the user who publishes, and publish again."),
    ("rsync: command not found", "the server has no rsync", "Install it there: apt install rsync"),
    ("rsync: not found", "the server has no rsync", "Install it there: apt install rsync"),
)
CLOSE_S = 10.0
OTHER_HINT = "What readers get is whole. Mend that, and publish again."


@dataclass
class LockSession:
    """The session on the server that holds the lock, and its text."""

    connection: SshConnection
    root: str
    text: str
    mutex: threading.Lock = field(default_factory=threading.Lock)
    process: subprocess.Popen[bytes] | None = None

    def start(self, mode: str) -> str:
        """Start the session; return the line with which it begins."""
        self.process, line = self.connection.open(LOCK, self.root, self.text, mode)
        return line

    def resume(self) -> bool:
        """Hold the lock again if the session was lost; return whether it is still this publisher's."""
        with self.mutex:
            if self._ask("beat"):
                return True
            try:
                return self.start("resume") == "mine"
            except RemoteError as error:
                if error.status == LOST:
                    return False
                raise

    def close(self) -> None:
        """Release the lock, and close the connection."""
        with self.mutex, suppress(subprocess.TimeoutExpired):
            if self.process is not None:
                self._ask("end")
                self.process.wait(CLOSE_S)
        self.connection.close()

    def _ask(self, word: str) -> bool:
        """Send a word to the session; return whether it answers that it holds the lock."""
        if self.process is None or self.process.stdin is None or self.process.stdout is None:
            return False
        try:
            self.process.stdin.write(f"{word}\n".encode())
            self.process.stdin.flush()
        except OSError:
            return False
        return self.process.stdout.readline() == b"alive\n"


@dataclass(frozen=True)
class SshFilesystem:
    """A folder of a server. `after_switch` is a line for its shell that is run whenever readers get another release."""

    connection: SshConnection
    root: str
    after_switch: str = ""

    @property
    def where(self) -> str:
        """Return the folder's name for people."""
        return self.connection.where

    def _run(self, script: str, *arguments: str | int, data: bytes = b"") -> bytes:
        with self._failures():
            return self.connection.run(script, self.root, *map(str, arguments), data=data)

    def _run_fenced(self, lease: Lease, script: str, *arguments: str | int, data: bytes = b"") -> bytes:
        """Run a script that the server refuses if another publisher has taken the lock since."""
        if not lease.renew():
            raise lease.lose()
        return self._run(script, lease.token, *arguments, data=data)

    @contextmanager
    def _failures(self) -> Iterator[None]:
        try:
            yield
        except RemoteError as error:
            raise self._to_failure(error) from None

    def _to_failure(self, error: RemoteError) -> PublishFailed:
        if error.status == LOST:
            return lock_lost(self.where)
        if error.status == MISSING:
            return PublishFailed.at(self.where, f"the server has no {error.text}", "Install it there.")
        for mark, message, hint in KNOWN_ERRORS:
            if mark in error.text:
                return PublishFailed.at(self.where, message, hint)
        text = " ".join(error.text.split())[:300] or f"a script ended with {error.status}"
        return PublishFailed.at(self.where, f"something went wrong on the server: {text}", OTHER_HINT)

    def read_snapshot(self) -> PlaceSnapshot:
        """Return what the place contains. Raises `PublishRefused` if its address cannot be right."""
        problems = list(self.connection.address.problems())
        if not self.root.startswith("/"):
            hint = "Begin it with a slash."
            problems.append(make_problem('PUBLISH_TARGET["path"]', f'"{self.root}" is no whole path', hint))
        if problems:
            raise PublishRefused(problems)
        return _load_snapshot(self._run(SNAPSHOT))

    def read(self, names: Sequence[str]) -> Mapping[str, bytes]:
        """Return the bytes of the files that exist, by name."""
        return _unpack(self._run(READ, data="".join(f"{name}\n" for name in names).encode()))

    def lock(self, by: str) -> tuple[Lease, PlaceSnapshot]:
        """Take the lock, which is held by a session on the server and ends with it."""
        session = LockSession(self.connection, self.root, dump_lock(by).decode())
        with self._failures():
            line = session.start("")
        if line != "mine":
            age_s, _, lock = line.removeprefix("taken ").partition(" ")
            raise lock_held(lock_holder(lock.encode()) if lock else "somebody else", int(age_s), self.where)

        def renew() -> bool:
            with self._failures():
                return session.resume()

        lease = Lease(self.where, renew, release=session.close, token=session.text)
        lease.start()
        return lease, self.read_snapshot()

    def write(self, lease: Lease, files: Mapping[str, bytes]) -> None:
        """Write small files while the lease is held."""
        self._run_fenced(lease, WRITE, *files, data=_pack(files))

    def build(self, plan: ReleasePlan, site: BuiltSite | None, progress: ProgressCallback) -> None:
        """Fill the folder of a release."""
        try:
            if self._is_built(plan, site, progress):
                return
            if site is not None and plan.source is not None:
                plan = plan.without_source(site.manifest)
                if self._is_built(plan, site, progress):
                    return
            hint = "Build the commit of that release, and publish that."
            raise PublishFailed.at(self.where, "what was to be there is not whole on the server", hint)
        except BaseException:
            with suppress(PublishFailed):
                self._run('rm -rf -- "$1/$2"', partial_folder(plan.number))
            raise

    def _is_built(self, plan: ReleasePlan, site: BuiltSite | None, progress: ProgressCallback) -> bool:
        """Make the folder of a release; return whether all its files are there, by name and size."""
        keeps_server = "keep" if plan.server_files is None else ""
        self._run(PREPARE, plan.number, plan.source or "", keeps_server, data=_zero_terminated(plan.dropped))
        if site is not None and plan.sent:
            self._send(plan, site, progress)
        digests = "".join(f"{file.digest}  {file.path}\n" for file in plan.sent)
        grace_list = _zero_terminated(path for path, _ in plan.meta.grace_files)
        files = {**plan.hidden_files, DIGESTS: digests.encode(), GRACE_LIST: grace_list}
        arguments = (str(plan.number), str(plan.grace_source or ""), plan.meta.listing)
        try:
            self.connection.run(FINISH, self.root, *arguments, data=_pack(files))
        except RemoteError as error:
            if error.status == INCOMPLETE:
                return False
            if error.status != CORRUPT or site is None:
                raise self._to_failure(error) from None
            names = [line.rpartition(": ")[0] for line in error.text.splitlines()]
            hint = "Build it again: invoke build --publish, and publish again."
            message = "changed while it was published, or on its way"
            raise PublishFailed(
                [make_problem(f"{site.output.name}/{name}", message, hint) for name in names if name]
            ) from None
        return True

    def _send(self, plan: ReleasePlan, site: BuiltSite, progress: ProgressCallback) -> None:
        files = sent_b = 0

        def count(size_b: int) -> None:
            nonlocal files, sent_b
            files, sent_b = files + 1, sent_b + size_b
            progress("Publishing: files", min(files, len(plan.sent)), len(plan.sent), sent_b)

        with tempfile.TemporaryDirectory(prefix="publish-") as folder, self._failures():
            for file in plan.sent:
                path = Path(folder, file.path)
                path.parent.mkdir(parents=True, exist_ok=True)
                write_file(path, site.read_file(file.path, file.digest), time_s=mtime_from_digest(file.digest))
            paths = [file.path for file in plan.sent]
            self.connection.send(Path(folder), paths, f"{self.root}/{partial_folder(plan.number)}", count)

    def switch(self, lease: Lease, number: int) -> float:
        """Let readers see a release; return the time of the switch in seconds."""
        return float(self._run_fenced(lease, SWITCH, number))

    def run_after_switch(self) -> None:
        """Run the command that follows a switch."""
        if not self.after_switch:
            return
        try:
            self.connection.command(self.after_switch)
        except RemoteError as error:
            message = f'"{self.after_switch}" failed there: {" ".join(error.text.split())[:300] or error.status}'
            hint = "Readers have the new release. Mend the command, and publish again: it is run once more."
            raise PublishFailed.at(self.where, message, hint) from None

    def remove(self, lease: Lease, names: Sequence[str]) -> None:
        """Remove what is named, while the lease is held."""
        self._run_fenced(lease, REMOVE, data=_zero_terminated(names))


def _load_snapshot(output: bytes) -> PlaceSnapshot:
    head, _, archive = output.partition(b"\n\n")
    lines: dict[str, list[str]] = {}
    for line in head.decode(errors="replace").splitlines():
        name, _, value = line.partition(" ")
        lines.setdefault(name, []).append(value)
    current = next(iter(lines.get("current", ())), "")
    number = current.removeprefix(f"{RELEASES}/").rstrip("/")
    files = _unpack(archive)
    return PlaceSnapshot(
        files=files,
        current=int(number) if current.startswith(f"{RELEASES}/") and number.isdigit() else None,
        is_folder=current == "folder",
        folders=tuple(sorted(lines.get("folder", ()))),
        foreign="" if STATE_FILE in files else foreign_file(lines.get("name", ())),
        lock=next((lock_holder(lock.encode()) for lock in lines.get("lock", ())), ""),
        now_s=float(next(iter(lines.get("now", ())), 0)),
    )


def _zero_terminated(names: Iterator[str] | Sequence[str]) -> bytes:
    return b"".join(name.encode() + b"\0" for name in names)


def _pack(files: Mapping[str, bytes]) -> bytes:
    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode="w:gz", format=tarfile.GNU_FORMAT, compresslevel=6) as tar:
        for name, data in files.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(data)
            tar.addfile(entry, io.BytesIO(data))
    return archive.getvalue()


def _unpack(data: bytes) -> dict[str, bytes]:
    if not data:
        return {}
    with tarfile.open(fileobj=io.BytesIO(data)) as tar:
        files = ((entry.name, tar.extractfile(entry)) for entry in tar)
        return {name: file.read() for name, file in files if file is not None}
