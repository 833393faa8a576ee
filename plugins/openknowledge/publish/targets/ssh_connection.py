"""The connection to a server by ssh: one for all sessions, through which scripts run and files are sent."""

from __future__ import annotations

import shlex
import shutil
import subprocess
import tempfile
import threading
import weakref
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, NamedTuple

from tenacity import Retrying, retry_if_exception, stop_after_attempt, wait_exponential

from openknowledge.problems import Problem

from ..errors import PublishFailed

__all__ = ["ProcessResult", "RemoteError", "SshAddress", "SshConnection"]

CONNECT_S = 15
ATTEMPTS = 4
FIRST_PAUSE_S = 0.5
LOST_CONNECTION = 255
"""The status with which ssh tells that the connection failed, and not the command."""
LOST_CONNECTION_RSYNC = (10, 12, 20, 30, 35, LOST_CONNECTION)
NETWORK_HINT = "Is the network there, and the server up? Then publish again: what readers get is whole."
REFUSALS = (
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
"""What ssh prints when a retry would fail as well."""


@dataclass(frozen=True, slots=True)
class SshAddress:
    """The address of a server, and how to log in; ssh's own configuration decides on what is empty.

    A host whose key is unknown is refused: `known_hosts` is a file of such keys. `key_file` is the publisher's key.
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
        """Return user and host."""
        return f"{self.user}@{self.host}" if self.user else self.host

    def problems(self) -> Iterator[Problem]:
        """Yield what ssh would take for an option."""
        hint = "Write what ssh takes for it, without options."
        for name, value in (("host", self.host), ("user", self.user)):
            if value.startswith("-") or any(letter.isspace() or letter == "@" for letter in value):
                yield Problem("publishconf.py", None, f'PUBLISH_TARGET["{name}"]', f'"{value}" is none', hint)
        if self.port and not self.port.isdigit():
            yield Problem("publishconf.py", None, 'PUBLISH_TARGET["port"]', f'"{self.port}" is none', hint)

    def options(self) -> list[str]:
        """Return the options of ssh."""
        values = {
            "BatchMode": "yes",
            "StrictHostKeyChecking": "yes",
            "ConnectTimeout": str(CONNECT_S),
            "ServerAliveInterval": "10",
            "ServerAliveCountMax": "3",
            "Port": self.port,
            "IdentityFile": f'"{self.key_file}"' if self.key_file else "",
            "IdentitiesOnly": "yes" if self.key_file else "",
            "UserKnownHostsFile": f'"{self.known_hosts}"' if self.known_hosts else "",
        }
        return [part for name, value in values.items() if value for part in ("-o", f"{name}={value}")]


class ProcessResult(NamedTuple):
    """How a process ended: its status, its output, and its complaints."""

    status: int
    output: bytes
    complaints: bytes

    @property
    def text(self) -> str:
        """Return the output as text."""
        return self.complaints.decode(errors="replace").strip()


class RemoteError(Exception):
    """A command on the server failed with a status of its own."""

    def __init__(self, status: int, text: str) -> None:
        self.status, self.text = status, text
        super().__init__(status, text)


class ConnectionLost(Exception):
    """The connection could not be made, or was lost."""

    @property
    def is_transient(self) -> bool:
        return not any(mark in str(self) for mark, _, _ in REFUSALS)


class SshConnection:
    """A server. What is lost with a connection is run again, so all that is run may run twice.

    `connections` and `sessions` count how often the server was reached, `sent_b` what rsync has sent.
    """

    def __init__(self, address: SshAddress, where: str) -> None:
        self.address, self.where = address, where
        self.connections = self.sessions = self.sent_b = 0
        self._folder = Path(tempfile.mkdtemp(prefix="publish-"))
        self._mutex = threading.Lock()
        self._master: subprocess.Popen[bytes] | None = None
        self._finalizer = weakref.finalize(self, shutil.rmtree, self._folder, ignore_errors=True)

    def run(self, script: str, *arguments: str, data: bytes = b"") -> bytes:
        """Return what a script for `sh` prints when it reads `data`.

        Raises `RemoteError` if it fails, `PublishFailed` if the server is out of reach.
        """
        return self.command(shlex.join(["sh", "-c", script, "sh", *arguments]), data)

    def command(self, line: str, data: bytes = b"") -> bytes:
        """Return what a line for the server's shell prints."""
        arguments = [*self._ssh(), "--", self.address.login, line]
        return self._with_retries(lambda: _run_process(arguments, data), (LOST_CONNECTION,))

    def open(self, script: str, *arguments: str) -> tuple[subprocess.Popen[bytes], str]:
        """Start a script that runs until its input ends; return its process and the first line that it prints.

        The line is empty if the script ended without one.
        """
        line = shlex.join(["sh", "-c", script, "sh", *arguments])
        process: subprocess.Popen[bytes] | None = None
        first = b""

        def start() -> ProcessResult:
            nonlocal process, first
            with tempfile.TemporaryFile() as log:
                process = _start_process([*self._ssh(), "--", self.address.login, line], subprocess.PIPE, log)
                assert process.stdout is not None
                first = process.stdout.readline()
                if first:
                    return ProcessResult(0, b"", b"")
                status = process.wait()
                log.seek(0)
                return ProcessResult(status, b"", log.read())

        self._with_retries(start, (LOST_CONNECTION,))
        assert process is not None
        return process, first.decode(errors="replace").strip()

    def send(self, source: Path, paths: Sequence[str], target: str, sent: Callable[[int], None]) -> None:
        """Copy files of a local folder to a folder of the server with their times, whatever is there.

        `sent` is called with the size of each.
        """
        names = self._folder / "files"
        names.write_bytes(b"".join(path.encode() + b"\0" for path in paths))
        arguments = [self.address.rsync, "--secluded-args", "--ignore-times", "--times", "--compress", "--from0"]
        arguments += [f"--files-from={names}", "--chmod=D755,F644", "--out-format=sent %l", "--stats", "--timeout=60"]
        host = f"[{self.address.host}]" if ":" in self.address.host else self.address.host
        login = f"{self.address.user}@{host}" if self.address.user else host
        arguments += ["-e", shlex.join(self._ssh()), "--", f"{source}/", f"{login}:{target}/"]
        self._with_retries(lambda: self._run_rsync(arguments, sent), LOST_CONNECTION_RSYNC)

    def _run_rsync(self, arguments: list[str], sent: Callable[[int], None]) -> ProcessResult:
        with tempfile.TemporaryFile() as log, _start_process(arguments, subprocess.DEVNULL, log) as process:
            for line in process.stdout or ():
                name, _, rest = line.decode(errors="replace").partition(" ")
                if name == "sent" and rest.strip().isdigit():
                    sent(int(rest))
                elif line.startswith(b"Total bytes sent:"):
                    self.sent_b += int("".join(filter(str.isdigit, rest)))
            status = process.wait()
            log.seek(0)
            return ProcessResult(status, b"", log.read())

    def _with_retries(self, run: Callable[[], ProcessResult], lost: Sequence[int]) -> bytes:
        """Run something, again if the connection was lost, but not if it was refused."""

        def attempt() -> bytes:
            result = self._connect() or run()
            self.sessions += 1
            if result.status in lost:
                raise ConnectionLost(result.text)
            if result.status:
                raise RemoteError(result.status, result.text)
            return result.output

        retrying = Retrying(
            stop=stop_after_attempt(ATTEMPTS),
            wait=wait_exponential(multiplier=FIRST_PAUSE_S),
            retry=retry_if_exception(lambda error: isinstance(error, ConnectionLost) and error.is_transient),
            reraise=True,
        )
        try:
            return retrying(attempt)
        except ConnectionLost as error:
            raise _to_failure(self.where, str(error)) from None

    def _ssh(self) -> list[str]:
        """Return the command of a session through the connection that there is."""
        return [self.address.ssh, *self.address.options(), "-o", "ControlMaster=no", "-S", str(self._folder / "s")]

    def _connect(self) -> ProcessResult | None:
        """Have the one connection, which lives as long as a `cat` on the server; return how it failed, if it did."""
        with self._mutex, tempfile.TemporaryFile() as log:
            if self._master is not None and self._master.poll() is None:
                return None
            (self._folder / "s").unlink(missing_ok=True)
            arguments = [*self._ssh(), "-o", "ControlPersist=no", "--", self.address.login, "cat"]
            arguments[arguments.index("ControlMaster=no")] = "ControlMaster=yes"
            self._master = _start_process(arguments, subprocess.PIPE, log)
            self.connections += 1
            if _echoes(self._master):
                return None
            self._master.wait()
            log.seek(0)
            return ProcessResult(LOST_CONNECTION, b"", log.read())

    def close(self) -> None:
        """Close the connection; whatever is run afterwards opens a new one."""
        with self._mutex:
            if self._master is not None:
                self._master.terminate()
                self._master.wait()
                self._master = None


def _run_process(arguments: list[str], data: bytes) -> ProcessResult:
    try:
        process = subprocess.run(arguments, input=data, capture_output=True, check=False)
    except FileNotFoundError:
        raise _program_missing(arguments[0]) from None
    return ProcessResult(process.returncode, process.stdout, process.stderr)


def _start_process(arguments: list[str], stdin: int, stderr: IO[bytes]) -> subprocess.Popen[bytes]:
    """Start a process in a session of its own, so that an interrupted publication can still release its lock."""
    try:
        return subprocess.Popen(arguments, stdin=stdin, stdout=subprocess.PIPE, stderr=stderr, start_new_session=True)
    except FileNotFoundError:
        raise _program_missing(arguments[0]) from None


def _echoes(process: subprocess.Popen[bytes]) -> bool:
    assert process.stdin is not None and process.stdout is not None
    with suppress(OSError):
        process.stdin.write(b"there\n")
        process.stdin.flush()
        return process.stdout.readline() == b"there\n"
    return False


def _program_missing(program: str) -> PublishFailed:
    hint = "Install OpenSSH's client and rsync on the machine that publishes."
    return PublishFailed.at(program, "there is no such program", hint)


def _to_failure(where: str, text: str) -> PublishFailed:
    for mark, message, hint in REFUSALS:
        if mark in text:
            return PublishFailed.at(where, message, hint)
    line = text.splitlines()[-1] if text else "it does not answer"
    return PublishFailed.at(where, f"the server cannot be reached: {line}", NETWORK_HINT)
