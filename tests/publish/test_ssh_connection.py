"""How a server is reached by ssh, and what is said where that fails; without a server."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from openknowledge.publish.errors import PublishFailed
from openknowledge.publish.targets import ssh
from openknowledge.publish.targets.ssh import SshFilesystem
from openknowledge.publish.targets.ssh_connection import RemoteError, SshAddress, SshConnection


class FailingRemote(SshConnection):
    """A server on which every script ends with the same status and complaint."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(SshAddress("host"), "ssh://host/web")
        self.stopped = RemoteError(status, text.encode())

    def command(self, line: str, data: bytes = b"") -> bytes:
        raise self.stopped


@pytest.mark.parametrize(
    ("status", "complaint", "text"),
    [
        (1, "cp: cannot create 'x': No space left on device", "the server's disk is full"),
        (1, "mkdir: cannot create directory 'x': Permission denied", "this user may not write there"),
        (1, "touch: cannot touch 'x': Read-only file system", "it is mounted for reading only there"),
        (127, "bash: line 1: rsync: command not found", "the server has no rsync"),
        (ssh.MISSING, "sha256sum", "the server has no sha256sum"),
        (ssh.LOST, "", "somebody else has taken over this publication"),
        (2, "sh: syntax error", "something went wrong on the server: sh: syntax error"),
    ],
)
def test_errors_of_a_server_are_reported_with_their_cure(status: int, complaint: str, text: str) -> None:
    with pytest.raises(PublishFailed, match=text):
        SshFilesystem(FailingRemote(status, complaint), "/web").read_snapshot()


def test_host_keys_are_checked_and_passwords_are_never_asked_for() -> None:
    options = " ".join(SshAddress("host").options())

    assert "StrictHostKeyChecking=yes" in options and "BatchMode=yes" in options
    assert "IdentityFile" not in options and "Port" not in options


def test_key_and_port_reach_ssh() -> None:
    options = SshAddress("host", port="2222", key_file="/a key", known_hosts="/known").options()

    for wanted in ("Port=2222", 'IdentityFile="/a key"', "IdentitiesOnly=yes", 'UserKnownHostsFile="/known"'):
        assert wanted in options


def test_a_program_that_is_missing_is_named() -> None:
    with pytest.raises(PublishFailed, match="no-such-ssh: there is no such program"):
        SshConnection(SshAddress("host", ssh="no-such-ssh"), "there").run("true")


@pytest.mark.parametrize("name", ["READ", "LOCK", "WRITE", "PREPARE", "FINISH", "SWITCH", "REMOVE"])
def test_every_script_can_be_parsed_by_a_shell(name: str, tmp_path: Path) -> None:
    (tmp_path / "script").write_text(getattr(ssh, name))

    done = subprocess.run(["sh", "-n", str(tmp_path / "script")], capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr


def test_a_program_that_publishes_leaves_no_folder_behind(tmp_path: Path) -> None:
    code = "from openknowledge.publish.targets.ssh_connection import *; SshConnection(SshAddress('host'), 'there')"

    subprocess.run(
        [sys.executable, "-c", code], check=True, env={"TMPDIR": str(tmp_path), "PYTHONPATH": ":".join(sys.path)}
    )

    assert not list(tmp_path.iterdir())
