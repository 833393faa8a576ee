"""A server that is reached by ssh: one connection, through which scripts run and files travel."""

from __future__ import annotations

import shlex
import shutil
import subprocess
import tempfile
import threading
import time
import weakref
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from openknowledge.problems import Problem

from ..errors import PublishFailed, make_problem

__all__ = ["RemoteError", "SshAddress", "SshConnection"]

CONNECT_S = 15
PAUSES_S = (0.5, 1.0, 2.0)
CUT_OFF = 255
"""What ssh says when it is not the command that failed, but the connection."""
CUT_OFF_RSYNC = {10, 12, 20, 30, 35, CUT_OFF}
NETWORK_HINT = "Is the network there, and the server up? Then publish again: what readers get is whole."
KNOWN = (
    (
        "Host key verification failed",
        "this is not the server that is known by this name, or none is known",
        "Have its key in known_hosts (ssh-keyscan prints it), once somebody has compared it with the server's own.",
    ),
    (
        "Permission denied (",
        "the server does not let this key in",
        "Is PUBLISH_SSH_KEY_FILE the key, readable by this user alone, and its public part in authorized_keys?",
    ),
    (
        "UNPROTECTED PRIVATE KEY",
        "the key is readable by others, so ssh does not use it",
        "chmod 600 the file that PUBLISH_SSH_KEY_FILE names.",
    ),
)
FOR_GOOD = tuple(mark for mark, _, _ in KNOWN)
"""What trying again does not mend."""


@dataclass(frozen=True, slots=True)
class SshAddress:
    """Where a server is, and how one is let in: what is empty is left to ssh's own configuration.

    A host whose key is not known is refused; `known_hosts` is a file of such keys, `key_file` the key of who publishes.
    """

    host: str
    user: str = ""
    port: str = ""
    key_file: str = ""
    known_hosts: str = ""
    ssh: str = "ssh"
    rsync: str = "rsync"

    @property
    def login(self) -> str:
        return f"{self.user}@{self.host}" if self.user else self.host

    def problems(self) -> Iterator[Problem]:
        hint = "Write what ssh takes for it, without options."
        for name, value in (("host", self.host), ("user", self.user)):
            if value.startswith("-") or any(letter.isspace() or letter == "@" for letter in value):
                yield Problem("publishconf.py", None, f'PUBLISH_TARGET["{name}"]', f'"{value}" is none', hint)
        if self.port and not self.port.isdigit():
            yield Problem("publishconf.py", None, 'PUBLISH_TARGET["port"]', f'"{self.port}" is none', hint)

    def options(self) -> list[str]:
        told = {
            "BatchMode": "yes",
            "StrictHostKeyChecking": "yes",
            "ConnectTimeout": str(CONNECT_S),
            "ServerAliveInterval": "10",
            "ServerAliveCountMax": "3",
            "Port": self.port,
            "IdentityFile": _quoted(self.key_file),
            "IdentitiesOnly": "yes" if self.key_file else "",
            "UserKnownHostsFile": _quoted(self.known_hosts),
        }
        return [part for name, value in told.items() if value for part in ("-o", f"{name}={value}")]


class RemoteError(Exception):
    """A script on the server ended with a status of its own."""

    def __init__(self, status: int, said: str) -> None:
        self.status, self.said = status, said
        super().__init__(status, said)


class SshConnection:
    """A server. What is lost with the connection is tried again: all that is run may be run twice.

    `connections` and `sessions` count how often it was reached, `sent_b` what rsync has sent.
    """

    def __init__(self, address: SshAddress, where: str) -> None:
        self.address, self.where = address, where
        self.connections = self.sessions = self.sent_b = 0
        self._folder = Path(tempfile.mkdtemp(prefix="publish-"))
        self._turn = threading.Lock()
        self._first: subprocess.Popen[bytes] | None = None
        self._ended = weakref.finalize(self, shutil.rmtree, self._folder, ignore_errors=True)

    def run(self, script: str, *arguments: str, given: bytes = b"") -> bytes:
        """What a script for `sh` prints. Raises `Stopped` where it fails, `Failed` where the server is out of reach."""
        return self.command(shlex.join(["sh", "-c", script, "sh", *arguments]), given)

    def command(self, line: str, given: bytes = b"") -> bytes:
        """The same for a line as the server's shell takes it."""
        return self._surely(lambda: _ran([*self._ssh(), "--", self.address.login, line], given), {CUT_OFF})

    def send(self, source: Path, paths: Sequence[str], target: str, sent: Callable[[int], None]) -> None:
        """Have files of a folder in a folder of the server, with their times, whatever is there.

        `sent` is told the size of each.
        """
        names = self._folder / "files"
        names.write_bytes(b"".join(path.encode() + b"\0" for path in paths))
        words = [self.address.rsync, "--secluded-args", "--ignore-times", "--times", "--compress", "--from0"]
        words += [f"--files-from={names}", "--chmod=D755,F644", "--out-format=sent %l", "--stats", "--timeout=60"]
        host = f"[{self.address.host}]" if ":" in self.address.host else self.address.host
        login = f"{self.address.user}@{host}" if self.address.user else host
        words += ["-e", shlex.join(self._ssh()), "--", f"{source}/", f"{login}:{target}/"]
        self._surely(lambda: self._counted(words, sent), CUT_OFF_RSYNC)

    def _counted(self, words: list[str], sent: Callable[[int], None]) -> Done:
        with tempfile.TemporaryFile() as said, _started(words, subprocess.DEVNULL, said) as child:
            for line in child.stdout or ():
                name, _, rest = line.decode(errors="replace").partition(" ")
                if name == "sent" and rest.strip().isdigit():
                    sent(int(rest))
                elif line.startswith(b"Total bytes sent:"):
                    self.sent_b += int("".join(filter(str.isdigit, rest)))
            status = child.wait()
            said.seek(0)
            return Done(status, b"", said.read())

    def _surely(self, do: Callable[[], Done], cut_off: set[int]) -> bytes:
        """Try again where the connection was lost; not where it is refused."""
        for pause_s in (*PAUSES_S, None):
            done = self._connected() or do()
            self.sessions += 1
            if done.status == 0:
                return done.told
            if done.status not in cut_off:
                raise RemoteError(done.status, done.text)
            if pause_s is None or any(mark in done.text for mark in FOR_GOOD):
                break
            time.sleep(pause_s)
        raise unreachable(self.where, done.text)

    def _ssh(self) -> list[str]:
        """How others than the first one connect: through its connection, while that is there."""
        return [self.address.ssh, *self.address.options(), "-o", "ControlMaster=no", "-S", str(self._folder / "s")]

    def _connected(self) -> Done | None:
        """Have one connection for all: it lives as long as a `cat` on the server, which ends with this program."""
        with self._turn, tempfile.TemporaryFile() as said:
            if self._first is not None and self._first.poll() is None:
                return None
            (self._folder / "s").unlink(missing_ok=True)
            words = [*self._ssh(), "-o", "ControlPersist=no", "--", self.address.login, "cat"]
            words[words.index("ControlMaster=no")] = "ControlMaster=yes"
            self._first = _started(words, subprocess.PIPE, said)
            self.connections += 1
            if _is_answering(self._first):
                return None
            status = self._first.wait()
            said.seek(0)
            return Done(status or CUT_OFF, b"", said.read())

    def close(self) -> None:
        """Let go of the connection; whatever is run afterwards makes a new one."""
        with self._turn:
            if self._first is not None and self._first.stdin is not None:
                with suppress(OSError):
                    self._first.stdin.close()
                self._first.terminate()
                self._first.wait()
                self._first = None


@dataclass(frozen=True, slots=True)
class Done:
    """How a program ended: its status, what it told, and its complaints."""

    status: int
    told: bytes
    complaints: bytes

    @property
    def text(self) -> str:
        return self.complaints.decode(errors="replace").strip()


def _ran(words: list[str], given: bytes) -> Done:
    try:
        done = subprocess.run(words, input=given, capture_output=True, check=False)
    except FileNotFoundError:
        raise _missing(words[0]) from None
    return Done(done.returncode, done.stdout, done.stderr)


def _started(words: list[str], given: int, said: IO[bytes]) -> subprocess.Popen[bytes]:
    """A program in a session of its own: who interrupts this one lets it let go of the lock first."""
    try:
        return subprocess.Popen(words, stdin=given, stdout=subprocess.PIPE, stderr=said, start_new_session=True)
    except FileNotFoundError:
        raise _missing(words[0]) from None


def _is_answering(child: subprocess.Popen[bytes]) -> bool:
    assert child.stdin is not None and child.stdout is not None
    try:
        child.stdin.write(b"there\n")
        child.stdin.flush()
    except OSError:
        return False
    return child.stdout.readline() == b"there\n"


def _missing(program: str) -> PublishFailed:
    hint = "Install OpenSSH's client and rsync on the machine that publishes."
    return PublishFailed([make_problem(program, "there is no such program", hint)])


def unreachable(where: str, said: str) -> PublishFailed:
    for mark, message, hint in KNOWN:
        if mark in said:
            return PublishFailed([make_problem(where, message, hint)])
    line = said.splitlines()[-1] if said else "it does not answer"
    return PublishFailed([make_problem(where, f"the server cannot be reached: {line}", NETWORK_HINT)])


def _quoted(path: str) -> str:
    """A path as ssh's configuration takes it."""
    return f'"{path}"' if path else ""
