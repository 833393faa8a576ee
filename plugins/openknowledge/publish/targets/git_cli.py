"""git as a program: what it is told, what it says, and what of that may be gone in a moment."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar
from urllib.parse import urlsplit

from tenacity import Retrying, retry_if_exception_type, stop_after_attempt, wait_random_exponential

from ..errors import PublishFailed, PublishRefused, make_problem

__all__ = ["Git", "GitError", "GitRemote", "GitRetryPolicy", "TransientGitError", "redacted"]

Given = TypeVar("Given")


class GitError(Exception):
    """git did not do what it was told; says why in git's words, without secrets."""


class TransientGitError(GitError):
    """The remote repository did not answer, or not to the end: it may in a moment."""


@dataclass(frozen=True, slots=True)
class GitRetryPolicy:
    """How often a remote repository is asked again, and after which longest pause."""

    attempts: int = 5
    longest_pause_s: float = 10.0
    stalled_s: int = 60


@dataclass(frozen=True, slots=True)
class GitRemote:
    """A repository elsewhere. `token` is handed to git when the server asks for it, and stands in no command."""

    url: str
    user: str = ""
    token: str = ""

    @property
    def name(self) -> str:
        return redacted(self.url)

    @property
    def has_secret(self) -> bool:
        """Whether the address itself holds a password, which commands, files and messages would show."""
        return urlsplit(self.url).password is not None if "://" in self.url else False


class Git:
    """git in one bare repository of ours, with one remote."""

    def __init__(self, folder: Path, remote: GitRemote, patience: GitRetryPolicy | None = None) -> None:
        self.folder, self.remote, self.patience = folder.resolve(), remote, patience or GitRetryPolicy()

    def begin(self) -> None:
        """Have the repository; of one whose last user was killed take the locks away that it left."""
        self.folder.mkdir(parents=True, exist_ok=True)
        for lock in (*self.folder.glob("*.lock"), *self.folder.glob("refs/**/*.lock")):
            lock.unlink(missing_ok=True)
        begun = self.folder / BEGUN
        if not begun.exists():
            self.run("init", "--bare", "--quiet", "--template=", ".")
            self.run("config", "remote.origin.url", self.remote.url)
            begun.touch()
        if self.remote.token:
            asking = self.folder / ASKING
            asking.write_text(ANSWER, encoding="utf-8")
            asking.chmod(0o700)

    def run(self, *words: str, given: bytes = b"", **more: str) -> bytes:
        """What git says. Raises `GitError`, or `Unreachable`; `more` are variables of the environment."""
        try:
            done = subprocess.run(
                self.command(*words), cwd=self.folder, input=given, capture_output=True, env=self.environment(more)
            )
        except FileNotFoundError:
            hint = "Install it: https://git-scm.com/downloads"
            raise PublishRefused([make_problem("git", "is not there; this target needs it", hint)]) from None
        if done.returncode:
            raise self.error(done.stdout, done.stderr)
        return done.stdout

    def command(self, *words: str) -> list[str]:
        # A token that was handed over goes before what the machine remembers.
        told = ("-c", "credential.helper=") if self.remote.token else ()
        slow = f"http.lowSpeedTime={self.patience.stalled_s}"
        return ["git", *OPTIONS, "-c", slow, *told, *words]

    def environment(self, more: Mapping[str, str]) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith(OF_OTHERS)}
        kept.setdefault("GIT_SSH_COMMAND", SSH)
        if self.remote.token:
            kept.update(GIT_ASKPASS=str(self.folder / ASKING), OK_USER=self.remote.user, OK_TOKEN=self.remote.token)
        return {**kept, "LC_ALL": "C", "GIT_TERMINAL_PROMPT": "0", **more}

    def error(self, said: bytes, complained: bytes) -> GitError:
        text = redacted(f"{complained.decode(errors='replace')}\n{said.decode(errors='replace')}")
        text = text.replace(self.remote.token, "***") if self.remote.token else text
        is_final = FORBIDDEN.search(text) or ABSENT.search(text)
        return TransientGitError(text) if PASSING.search(text) and not is_final else GitError(text)

    def surely(self, do: Callable[[], Given]) -> Given:
        """Ask the remote, and ask again after growing pauses where it does not answer."""
        again = Retrying(
            stop=stop_after_attempt(self.patience.attempts),
            wait=wait_random_exponential(multiplier=0.5, max=self.patience.longest_pause_s),
            retry=retry_if_exception_type(TransientGitError),
            reraise=True,
        )
        return again(do)

    def knows(self, error: GitError) -> bool:
        """Whether it comes of the remote, or of the disk: else something is broken in our own repository."""
        return any(mark.search(str(error)) for mark, _, _ in KNOWN)

    def failure(self, error: GitError) -> PublishFailed:
        """What went wrong between us and the remote, for an operator."""
        text = str(error)
        for mark, message, hint in KNOWN:
            if mark.search(text):
                return PublishFailed([make_problem(self.remote.name, message.format(told=_told(text)), hint)])
        message = f"git could not go on: {_told(text)}"
        hint = f"Publish again. If it says the same, delete {self.folder.name} in the cache: it is made anew."
        return PublishFailed([make_problem(self.remote.name, message, hint)])


def redacted(text: str) -> str:
    """A text without the names and passwords that addresses in it hold; `git@` of SSH is neither."""
    return re.sub(r"(https?://)[^/\s'@]+@|(\w+://[^/\s'@:]+):[^/\s'@]+@", _hidden, text)


def _hidden(found: re.Match[str]) -> str:
    return f"{found[1]}***@" if found[1] else f"{found[2]}:***@"


def _told(text: str) -> str:
    """What matters of what git said: the words of the server and of git, in one line."""
    lines = [line.strip() for line in text.splitlines()]
    theirs = [line.removeprefix("remote:").strip() for line in lines if line.startswith("remote:")]
    ours = [line for line in lines if line.startswith(("fatal:", "error:", "! ", "!\t"))]
    said: Sequence[str] = [line for line in (*theirs, *ours) if line] or [line for line in lines if line]
    return "; ".join(said)[:300].replace("\t", " ") or "it did not say why"


BEGUN = "begun"
"""Stands in a repository of ours that is ready."""
ASKING = "answer"
ANSWER = '#!/bin/sh\ncase "$1" in Username*) echo "$OK_USER" ;; *) echo "$OK_TOKEN" ;; esac\n'
SSH = "ssh -o BatchMode=yes -o ConnectTimeout=20 -o ServerAliveInterval=15 -o ServerAliveCountMax=4"
OF_OTHERS = (
    "GIT_ALTERNATE",
    "GIT_AUTHOR",
    "GIT_COMMITTER",
    "GIT_COMMON_DIR",
    "GIT_DIR",
    "GIT_INDEX",
    "GIT_NAMESPACE",
    "GIT_OBJECT",
    "GIT_PREFIX",
    "GIT_SHALLOW",
    "GIT_WORK_TREE",
)
"""What git tells the programs that it calls: of another repository, where publishing is called by a hook of it."""
OPTIONS = tuple(
    word
    for setting in (
        f"core.hooksPath={os.devnull}",
        "gc.auto=0",
        "http.lowSpeedLimit=1000",
        # What is there already is found everywhere in the trees, not at the same paths alone: a rename sends nothing.
        "pack.useSparse=false",
        "protocol.version=2",
    )
    for word in ("-c", setting)
)
FORBIDDEN = re.compile(
    r"Authentication failed|could not read (Username|Password)|terminal prompts disabled|Permission denied"
    r"|returned error: 40[13]|HTTP Basic: Access denied|Invalid username or"
)
ABSENT = re.compile(r"repository .*not found|returned error: 404|does not appear to be a git repository")
PASSING = re.compile(
    r"Could not resolve|[Cc]onnection (timed out|refused|reset|closed|was aborted)|remote end hung up|early EOF"
    r"|RPC failed|unexpected disconnect|returned error: (408|429|5\d\d)|HTTP (429|5\d\d)|timed out|Broken pipe"
    r"|Empty reply|(Failed|Couldn't) to? ?connect|transfer closed|TLS|SSL_|Network is unreachable|Operation too slow"
    r"|cannot lock ref|failed to update ref|Could not read from remote|expected .* packet|bad (line length|band)"
)
KNOWN = (
    (
        FORBIDDEN,
        "the server refuses: {told}",
        "Is PUBLISH_GIT_TOKEN that of somebody who may write there? Or, with SSH, is the key?",
    ),
    (ABSENT, "there is no such repository, or nobody may know of it", 'Is PUBLISH_TARGET["remote"] right?'),
    (
        re.compile(r"No space left on device|Disk quota exceeded"),
        "there is no room: {told}",
        "Make room, and publish again: what is there is whole.",
    ),
    (
        re.compile(r"rejected\]|hook declined|protected branch"),
        "the server does not take it: {told}",
        "The branch is replaced with each release, so pushes by force have to be allowed there. "
        'Where only branches are taken, name one in PUBLISH_TARGET["register"].',
    ),
    (PASSING, "does not answer as it should: {told}", "Is the network there? Then publish again."),
)
