"""The connection to a server by ssh: one for all sessions, through which scripts run and files are sent."""

import shlex
import shutil
import subprocess
import tempfile
import weakref
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TypeVar

from tenacity import Retrying, retry_if_exception, stop_after_attempt, wait_exponential

from ..errors import PublishFailed, report_retry

__all__ = ["RemoteError", "SshAddress", "SshConnection"]

Result = TypeVar("Result")

CONNECT_S = 15
ATTEMPTS = 4
FIRST_PAUSE_S = 0.5
LOST_CONNECTION = (255,)
"""The status with which ssh tells that the connection failed, and not the command."""
LOST_CONNECTION_RSYNC = (10, 12, 20, 30, 35, 255)
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

    def login(self, host: str) -> str:
        """Return user and host."""
        return f"{self.user}@{host}" if self.user else host

    def options(self) -> list[str]:
        """Return the options of ssh."""
        values = {
            "BatchMode": "yes",
            "StrictHostKeyChecking": "yes",
            "ConnectTimeout": str(CONNECT_S),
            "ServerAliveInterval": "10",
            "ServerAliveCountMax": "3",
            "ControlMaster": "auto",
            "ControlPersist": "60",
            "Port": self.port,
            "IdentityFile": f'"{self.key_file}"' if self.key_file else "",
            "IdentitiesOnly": "yes" if self.key_file else "",
            "UserKnownHostsFile": f'"{self.known_hosts}"' if self.known_hosts else "",
        }
        return [part for name, value in values.items() if value for part in ("-o", f"{name}={value}")]


class RemoteError(Exception):
    """A command on the server failed with a status of its own, or ssh with one that tells of a lost connection."""

    def __init__(self, status: int, complaints: bytes) -> None:
        self.status, self.text = status, complaints.decode(errors="replace").strip()
        super().__init__(status, self.text)


class SshConnection:
    """A server. What is lost with a connection is run again, so all that is run may run twice.

    ssh has one connection for all sessions, which ends a minute after the last of them or with `close`. `sessions`
    counts them, `sent_b` what rsync has sent.
    """

    def __init__(self, address: SshAddress, where: str) -> None:
        self.address, self.where = address, where
        self.sessions = self.sent_b = 0
        self._folder = Path(tempfile.mkdtemp(prefix="publish-"))
        self._finalizer = weakref.finalize(self, _clean_up, self._ssh("cat"), self._folder)

    def run(self, script: str, *arguments: str, data: bytes = b"") -> bytes:
        """Return what a script for `sh` prints when it reads `data`.

        Raises `RemoteError` if it fails, `PublishFailed` if the server is out of reach.
        """
        return self.command(shlex.join(["sh", "-c", script, "sh", *arguments]), data)

    def command(self, line: str, data: bytes = b"") -> bytes:
        """Return what a line for the server's shell prints."""
        return self._with_retries(lambda: _run_process(self._ssh(line), data), LOST_CONNECTION)

    def open(self, script: str, *arguments: str) -> tuple[subprocess.Popen[bytes], str]:
        """Start a script that runs until its input ends; return its process and the first line that it prints.

        The line is empty if the script ended without one.
        """
        line = shlex.join(["sh", "-c", script, "sh", *arguments])

        def start() -> tuple[subprocess.Popen[bytes], str]:
            with tempfile.TemporaryFile() as log:
                process = _start_process(self._ssh(line), subprocess.PIPE, log)
                assert process.stdout is not None
                first = process.stdout.readline()
                if not first:
                    _check_end(process, log)
                return process, first.decode(errors="replace").strip()

        return self._with_retries(start, LOST_CONNECTION)

    def send(self, source: Path, paths: Sequence[str], target: str, sent: Callable[[int], None]) -> None:
        """Copy files of a local folder to a folder of the server with their times, whatever is there.

        `sent` is called with the size of each.
        """
        names = self._folder / "files"
        names.write_bytes(b"".join(path.encode() + b"\0" for path in paths))
        arguments = ["rsync", "--secluded-args", "--ignore-times", "--times", "--compress", "--from0"]
        arguments += [f"--files-from={names}", "--chmod=D755,F644", "--out-format=sent %l", "--stats", "--timeout=60"]
        host = f"[{self.address.host}]" if ":" in self.address.host else self.address.host
        arguments += ["-e", shlex.join(self._ssh()), "--", f"{source}/", f"{self.address.login(host)}:{target}/"]
        self._with_retries(lambda: self._run_rsync(arguments, sent), LOST_CONNECTION_RSYNC)

    def _run_rsync(self, arguments: list[str], sent: Callable[[int], None]) -> None:
        with tempfile.TemporaryFile() as log, _start_process(arguments, subprocess.DEVNULL, log) as process:
            for line in process.stdout or ():
                name, _, rest = line.decode(errors="replace").partition(" ")
                if name == "sent" and rest.strip().isdigit():
                    sent(int(rest))
                elif line.startswith(b"Total bytes sent:"):
                    self.sent_b += int("".join(filter(str.isdigit, rest)))
            _check_end(process, log)

    def _with_retries(self, run: Callable[[], Result], lost: Sequence[int]) -> Result:
        """Run something, again if the connection was lost, but not if it was refused."""

        def attempt() -> Result:
            self.sessions += 1
            return run()

        def is_transient(error: BaseException) -> bool:
            return isinstance(error, RemoteError) and error.status in lost and not _find_refusal(error.text)

        retrying = Retrying(
            stop=stop_after_attempt(ATTEMPTS),
            wait=wait_exponential(multiplier=FIRST_PAUSE_S),
            retry=retry_if_exception(is_transient),
            before_sleep=lambda call: report_retry(
                self.where, call.outcome and call.outcome.exception(), call.attempt_number + 1, ATTEMPTS
            ),
            reraise=True,
        )
        try:
            return retrying(attempt)
        except RemoteError as error:
            if error.status not in lost:
                raise
            line = error.text.splitlines()[-1] if error.text else "it does not answer"
            unreachable = f"the server cannot be reached ({ATTEMPTS} tries): {line}", NETWORK_HINT
            raise PublishFailed.at(self.where, *(_find_refusal(error.text) or unreachable)) from None

    def _ssh(self, *line: str) -> list[str]:
        """Return the command of a session, of ssh alone without a line."""
        options = [*self.address.options(), "-S", str(self._folder / "s")]
        return [self.address.ssh, *options, *(("--", self.address.login(self.address.host), *line) if line else ())]

    def close(self) -> None:
        """Close the connection; whatever is run afterwards opens a new one."""
        _close(self._ssh("cat"), self._folder / "s")


def _close(session: list[str], socket: Path) -> None:
    if socket.exists():
        subprocess.run([session[0], "-O", "exit", *session[1:]], capture_output=True, check=False)


def _clean_up(session: list[str], folder: Path) -> None:
    _close(session, folder / "s")
    shutil.rmtree(folder, ignore_errors=True)


def _run_process(arguments: list[str], data: bytes) -> bytes:
    with tempfile.TemporaryFile() as log:
        process = _start_process(arguments, subprocess.PIPE, log)
        output, _ = process.communicate(data)
        _check_end(process, log)
        return output


def _start_process(arguments: list[str], stdin: int, stderr: IO[bytes]) -> subprocess.Popen[bytes]:
    """Start a process in a session of its own, so that an interrupted publication can still release its lock."""
    try:
        return subprocess.Popen(arguments, stdin=stdin, stdout=subprocess.PIPE, stderr=stderr, start_new_session=True)
    except FileNotFoundError:
        hint = "Install OpenSSH's client and rsync on the machine that publishes."
        raise PublishFailed.at(arguments[0], "there is no such program", hint) from None


def _check_end(process: subprocess.Popen[bytes], log: IO[bytes]) -> None:
    """Wait for a process. Raises `RemoteError` if it failed, with what is in its log."""
    if process.wait():
        log.seek(0)
        raise RemoteError(process.returncode, log.read())


def _find_refusal(text: str) -> tuple[str, str] | None:
    return next(((message, hint) for mark, message, hint in REFUSALS if mark in text), None)
