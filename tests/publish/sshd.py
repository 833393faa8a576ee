"""A real sshd on the loopback interface, for this user alone, with keys of its own."""

from __future__ import annotations

import getpass
import os
import shutil
import signal
import socket
import subprocess
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from openknowledge.publish.targets.ssh import SshFilesystem
from openknowledge.publish.targets.ssh_connection import SshAddress, SshConnection

PROGRAMS = ("ssh", "ssh-keygen", "rsync")
SSHD = "/usr/sbin/sshd"
CONFIGURATION = """
Port {port}
ListenAddress 127.0.0.1
HostKey {folder}/host
AuthorizedKeysFile {folder}/key.pub
PidFile none
StrictModes no
UsePAM no
PasswordAuthentication no
KbdInteractiveAuthentication no
PermitRootLogin prohibit-password
MaxStartups 100
"""


@dataclass
class LocalSshd:
    """The server, as long as it runs; `cut` ends every connection as a network that is gone would."""

    folder: Path
    port: int
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> LocalSshd:
        log = (self.folder / "log").open("ab")
        words = [shutil.which("sshd") or SSHD, "-D", "-e", "-f", str(self.folder / "configuration")]
        self.process = subprocess.Popen(words, stderr=log, start_new_session=True)
        until_s = time.monotonic() + 120
        while time.monotonic() < until_s:
            with socket.socket() as asked:
                if asked.connect_ex(("127.0.0.1", self.port)) == 0:
                    return self
            assert self.process.poll() is None, (self.folder / "log").read_text()
            time.sleep(0.02)
        raise AssertionError("sshd does not answer")

    def sessions(self) -> list[int]:
        """The processes that serve one connection each."""
        assert self.process is not None
        found = subprocess.run(["ps", "-o", "pid=", "--ppid", str(self.process.pid)], capture_output=True, text=True)
        return [int(line) for line in found.stdout.split()]

    def logins(self) -> int:
        """How many connections were made since the server was first started."""
        return (self.folder / "log").read_text().count("Accepted publickey")

    def cut(self) -> None:
        """End the connections that there are."""
        for session in self.sessions():
            with suppress(ProcessLookupError):
                os.kill(session, signal.SIGKILL)

    def stop(self) -> None:
        """End the server and its connections."""
        if self.process is not None:
            found = self.sessions()
            self.process.kill()
            self.process.wait()
            for session in found:
                with suppress(ProcessLookupError):
                    os.kill(session, signal.SIGKILL)
            self.process = None

    def address(self) -> SshAddress:
        return SshAddress(
            host="127.0.0.1",
            user=getpass.getuser(),
            port=str(self.port),
            key_file=str(self.folder / "key"),
            known_hosts=str(self.folder / "known_hosts"),
        )

    def place(self, root: Path, after: str = "") -> SshFilesystem:
        return SshFilesystem(SshConnection(self.address(), f"ssh://127.0.0.1{root}"), str(root), after)


def an_sshd(folder: Path) -> LocalSshd:
    """A server that is not started yet. Fails where a program is missing: nothing of this can be tried without."""
    missing = [program for program in PROGRAMS if shutil.which(program) is None]
    missing += [] if shutil.which("sshd") or Path(SSHD).exists() else ["sshd"]
    assert not missing, (
        f"publishing by ssh cannot be tried without {', '.join(missing)}: apt install openssh-server rsync"
    )
    if os.getuid() == 0:
        # sshd locks itself up there when it runs as root; the system's service makes it when it starts.
        Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)
    folder.mkdir()
    for name in ("host", "key"):
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(folder / name)], check=True)
    with socket.socket() as asked:
        asked.bind(("127.0.0.1", 0))
        port = asked.getsockname()[1]
    (folder / "configuration").write_text(CONFIGURATION.format(port=port, folder=folder))
    (folder / "known_hosts").write_text(f"[127.0.0.1]:{port} {(folder / 'host.pub').read_text()}")
    return LocalSshd(folder, port)
