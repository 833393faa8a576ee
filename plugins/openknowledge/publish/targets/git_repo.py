"""git as a program, in one bare repository of our own with one remote: objects are written here and pushed there."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha1
from pathlib import Path
from typing import NamedTuple, TypeVar
from urllib.parse import urlsplit

from filelock import FileLock, Timeout
from tenacity import Retrying, retry_if_exception_type, stop_after_attempt, wait_random_exponential

from ..errors import PublishFailed, PublishRefused

__all__ = [
    "BareRepo",
    "Blob",
    "GitError",
    "GitRemote",
    "GitRetryPolicy",
    "RefMoved",
    "RefUpdate",
    "TransientGitError",
    "redact",
]

Result = TypeVar("Result")
LOCK_TIMEOUT_S = 30.0
"""How long another publication of this machine is waited for."""
MAX_PACKS = 40
INITIALIZED = "begun"
"""A file in a repository of ours that is complete."""
ASKPASS = "answer"
ASKPASS_SCRIPT = '#!/bin/sh\ncase "$1" in Username*) echo "$OK_USER" ;; *) echo "$OK_TOKEN" ;; esac\n'
SSH = "ssh -o BatchMode=yes -o ConnectTimeout=20 -o ServerAliveInterval=15 -o ServerAliveCountMax=4"
FOREIGN_VARIABLES = (
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
"""Variables of another repository, which git sets for a hook that publishes."""
OPTIONS = tuple(
    word
    for setting in (
        f"core.hooksPath={os.devnull}",
        "gc.auto=0",
        "http.lowSpeedLimit=1000",
        # Finds what the remote has anywhere in its trees, not at the same paths alone: a rename sends nothing.
        "pack.useSparse=false",
        "protocol.version=2",
    )
    for word in ("-c", setting)
)
FETCH_OPTIONS = ("--quiet", "--no-tags", "--no-write-fetch-head", "--recurse-submodules=no")
FORBIDDEN = re.compile(
    r"Authentication failed|could not read (Username|Password)|terminal prompts disabled|Permission denied"
    r"|returned error: 40[13]|HTTP Basic: Access denied|Invalid username or"
)
ABSENT = re.compile(r"repository .*not found|returned error: 404|does not appear to be a git repository")
TRANSIENT = re.compile(
    r"Could not resolve|[Cc]onnection (timed out|refused|reset|closed|was aborted)|remote end hung up|early EOF"
    r"|RPC failed|unexpected disconnect|returned error: (408|429|5\d\d)|HTTP (429|5\d\d)|timed out|Broken pipe"
    r"|Empty reply|(Failed|Couldn't) to? ?connect|transfer closed|TLS|SSL_|Network is unreachable|Operation too slow"
    r"|cannot lock ref|failed to update ref|Could not read from remote|expected .* packet|bad (line length|band)"
)
KNOWN_ERRORS = (
    (
        FORBIDDEN,
        "the server refuses: {text}",
        "Is PUBLISH_GIT_TOKEN that of somebody who may write there? Or, with SSH, is the key?",
    ),
    (ABSENT, "there is no such repository, or nobody may know of it", 'Is PUBLISH_TARGET["remote"] right?'),
    (
        re.compile(r"No space left on device|Disk quota exceeded"),
        "there is no room: {text}",
        "Make room, and publish again: what is there is whole.",
    ),
    (
        re.compile(r"rejected\]|hook declined|protected branch"),
        "the server does not take it: {text}",
        "The branch is replaced with each release, so pushes by force have to be allowed there. "
        'Where only branches are taken, name one in PUBLISH_TARGET["register"].',
    ),
    (TRANSIENT, "does not answer as it should: {text}", "Is the network there? Then publish again."),
)


class GitError(Exception):
    """git failed; the text is git's own, without secrets."""


class TransientGitError(GitError):
    """The remote repository did not answer, or not to the end."""


class RefMoved(Exception):
    """Another publisher has changed a reference since it was read."""


@dataclass(frozen=True, slots=True)
class GitRetryPolicy:
    """How often the remote is asked again, and after which longest pause."""

    attempts: int = 5
    longest_pause_s: float = 10.0
    stalled_s: int = 60

    def run(self, do: Callable[[], Result], *transient: type[Exception]) -> Result:
        """Call `do`, again after growing pauses if it raises one of these exceptions."""
        retrying = Retrying(
            stop=stop_after_attempt(self.attempts),
            wait=wait_random_exponential(multiplier=0.5, max=self.longest_pause_s),
            retry=retry_if_exception_type(transient),
            reraise=True,
        )
        return retrying(do)


@dataclass(frozen=True, slots=True)
class GitRemote:
    """A remote repository. git asks for `token` when the server does; it is in no command."""

    url: str
    user: str = ""
    token: str = ""

    @property
    def name(self) -> str:
        """Return the target's name for people."""
        return redact(self.url)

    @property
    def has_secret(self) -> bool:
        """Whether the URL itself contains a password, which commands, files and messages would show."""
        return urlsplit(self.url).password is not None if "://" in self.url else False


@dataclass(frozen=True, slots=True)
class RefUpdate:
    """A reference of the remote, the commit that it is at, and the one that it is to be at."""

    ref: str
    before: str
    after: str


class Blob(NamedTuple):
    """A file to write: its path, and how its bytes are read."""

    path: str
    read: Callable[[], bytes]


class BareRepo:
    """A bare repository of ours. Nothing is checked out, and only files that are read are fetched."""

    def __init__(self, folder: Path, remote: GitRemote, policy: GitRetryPolicy | None = None) -> None:
        self.folder, self.remote, self.policy = folder.resolve(), remote, policy or GitRetryPolicy()

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Keep other publications of this machine out of the repository."""
        self.folder.parent.mkdir(parents=True, exist_ok=True)
        try:
            with FileLock(f"{self.folder}.lock", timeout=LOCK_TIMEOUT_S):
                self.initialize()
                yield
        except Timeout:
            message = "another publication is under way on this machine"
            raise PublishRefused.at(self.remote.name, message, "Wait until it has ended.") from None

    def initialize(self) -> None:
        """Create the repository if it does not exist; remove the locks that a killed publication has left in it."""
        self.folder.mkdir(parents=True, exist_ok=True)
        for lock in (*self.folder.glob("*.lock"), *self.folder.glob("refs/**/*.lock")):
            lock.unlink(missing_ok=True)
        initialized = self.folder / INITIALIZED
        if not initialized.exists():
            self.run("init", "--bare", "--quiet", "--template=", ".")
            self.run("config", "remote.origin.url", self.remote.url)
            initialized.touch()
        if self.remote.token:
            askpass = self.folder / ASKPASS
            askpass.write_text(ASKPASS_SCRIPT, encoding="utf-8")
            askpass.chmod(0o700)

    def recreate(self) -> None:
        """Replace a repository that is broken: the remote has all that was in it."""
        shutil.rmtree(self.folder, ignore_errors=True)
        self.initialize()

    def run(self, *arguments: str, data: bytes = b"", **variables: str) -> bytes:
        """Return the output of git. Raises `GitError`, or `TransientGitError` if a retry may succeed."""
        environment = self.environment(variables)
        try:
            process = subprocess.run(
                self.command(*arguments), cwd=self.folder, input=data, capture_output=True, env=environment
            )
        except FileNotFoundError:
            hint = "Install it: https://git-scm.com/downloads"
            raise PublishRefused.at("git", "is not there; this target needs it", hint) from None
        if process.returncode:
            raise self.to_error(process.stdout, process.stderr)
        return process.stdout

    def command(self, *arguments: str) -> list[str]:
        # A token takes precedence over credentials that the machine remembers.
        """Return the command line of a git command."""
        credentials = ("-c", "credential.helper=") if self.remote.token else ()
        return ["git", *OPTIONS, "-c", f"http.lowSpeedTime={self.policy.stalled_s}", *credentials, *arguments]

    def environment(self, variables: Mapping[str, str]) -> dict[str, str]:
        """Return the environment of a git command."""
        own = {name: value for name, value in os.environ.items() if not name.startswith(FOREIGN_VARIABLES)}
        own.setdefault("GIT_SSH_COMMAND", SSH)
        if self.remote.token:
            own.update(GIT_ASKPASS=str(self.folder / ASKPASS), OK_USER=self.remote.user, OK_TOKEN=self.remote.token)
        return {**own, "LC_ALL": "C", "GIT_TERMINAL_PROMPT": "0", **variables}

    def to_error(self, output: bytes, complaints: bytes) -> GitError:
        """Return the error that git's output means."""
        text = redact(f"{complaints.decode(errors='replace')}\n{output.decode(errors='replace')}")
        text = text.replace(self.remote.token, "***") if self.remote.token else text
        is_final = FORBIDDEN.search(text) or ABSENT.search(text)
        return TransientGitError(text) if TRANSIENT.search(text) and not is_final else GitError(text)

    def to_failure(self, error: GitError) -> PublishFailed:
        """Return the failure of the publication that an error means."""
        text = str(error)
        for mark, message, hint in KNOWN_ERRORS:
            if mark.search(text):
                return PublishFailed.at(self.remote.name, message.format(text=_summarize(text)), hint)
        message = f"git could not go on: {_summarize(text)}"
        hint = f"Publish again. If it says the same, delete {self.folder.name} in the cache: it is made anew."
        return PublishFailed.at(self.remote.name, message, hint)

    def read_tips(self, refs: Sequence[str]) -> dict[str, str]:
        """Return the commits of those references of the remote that exist."""
        output = self._ask_remote("ls-remote", "origin", *refs).decode()
        rows = (line.split("\t") for line in output.splitlines())
        return {ref: commit for commit, ref in rows if ref in refs}

    def local_ref(self, ref: str) -> str:
        """Return the commit of a reference in this repository; empty if it does not exist."""
        return self.run("for-each-ref", "--format=%(objectname)", ref).decode().strip()

    def set_local_ref(self, ref: str, commit: str) -> None:
        """Let a local ref point at a commit."""
        self.run("update-ref", ref, commit)

    def fetch(self, remote_ref: str, ref: str, depth: int) -> None:
        """Fetch a commit, its ancestors up to a depth and their trees, without files if the remote supports that."""
        options = (*FETCH_OPTIONS, f"--depth={depth}", "--filter=blob:none")
        self._ask_remote("fetch", *options, "origin", f"+{remote_ref}:{ref}")

    def read(self, names: Sequence[str], tree: str) -> list[bytes]:
        """Return the bytes of objects of a tree; those that are missing here are fetched with one request."""
        listing = self.run("rev-list", "--objects", "--no-object-names", "--missing=print", tree).decode()
        missing = {line[1:] for line in listing.splitlines() if line.startswith("?")}.intersection(names)
        if missing:
            options = (*FETCH_OPTIONS, "--filter=blob:none", "--stdin")
            wanted = "".join(f"{name}\n" for name in sorted(missing)).encode()
            self._ask_remote("-c", "fetch.negotiationAlgorithm=noop", "fetch", *options, "origin", data=wanted)
        return _split_batch(self.run("cat-file", "--batch", data="".join(f"{name}\n" for name in names).encode()))

    def list_tree(self, tree: str, below: str = "") -> dict[str, str]:
        """Return the object names of a tree's files by path, or only of those below a folder."""
        rows = self.run("ls-tree", "-r", "-z", "--full-tree", tree, *([below] if below else [])).split(b"\0")
        pairs = (row.decode().split("\t", 1) for row in rows if row)
        return {path: head.split()[2] for head, path in pairs}

    def parents(self, commit: str) -> tuple[str, ...]:
        """Return the parents of a commit."""
        head = self.run("cat-file", "commit", commit).decode(errors="replace").partition("\n\n")[0]
        return tuple(line[7:] for line in head.splitlines() if line.startswith("parent "))

    def write(self, blobs: Iterable[Blob]) -> dict[str, str]:
        """Write files into one pack, with one process; return their object names by path."""
        names: dict[str, str] = {}
        command = self.command("fast-import", "--quiet", "--done")
        with tempfile.TemporaryFile() as log:
            process = subprocess.Popen(
                command, cwd=self.folder, stdin=subprocess.PIPE, stderr=log, env=self.environment({})
            )
            assert process.stdin is not None
            try:
                with process.stdin as stdin:
                    for blob in blobs:
                        data = blob.read()
                        stdin.write(b"blob\ndata %d\n" % len(data) + data + b"\n")
                        names[blob.path] = sha1(b"blob %d\0" % len(data) + data, usedforsecurity=False).hexdigest()
                    stdin.write(b"done\n")
            except BrokenPipeError:
                pass
            except BaseException:
                process.kill()
                process.wait()
                raise
            if process.wait():
                log.seek(0)
                raise self.to_failure(self.to_error(b"", log.read()))
        return names

    def write_tree(self, files: Mapping[str, str]) -> str:
        """Write a tree of files by path and object name; the objects need not be here."""
        rows = "".join(f"100644 {name} 0\t{path}\0" for path, name in sorted(files.items())).encode()
        with tempfile.TemporaryDirectory(dir=self.folder) as folder:
            index = str(Path(folder) / "index")
            self.run("update-index", "-z", "--index-info", data=rows, GIT_INDEX_FILE=index)
            return self.run("write-tree", "--missing-ok", GIT_INDEX_FILE=index).decode().strip()

    def commit(self, tree: str, message: str, author: tuple[str, str], at: str, parents: Sequence[str] = ()) -> str:
        """Write a commit with the time `at` (ISO 8601, 1970 if empty): the same arguments make the same commit."""
        seconds = int(datetime.fromisoformat(at).timestamp()) if at else 0
        name, mail = author
        identity = {
            f"GIT_{role}_{part}": value
            for role in ("AUTHOR", "COMMITTER")
            for part, value in (("NAME", name), ("EMAIL", mail), ("DATE", f"@{seconds} +0000"))
        }
        arguments = [argument for parent in parents for argument in ("-p", parent)]
        return self.run("commit-tree", tree, *arguments, data=message.encode(), **identity).decode().strip()

    def push(self, updates: Sequence[RefUpdate]) -> None:
        """Change references of the remote, all of them or none.

        Raises `RefMoved` if one is not at its commit. Whether a push succeeded of which the answer was lost is seen by
        where the references are now.
        """
        leases = [f"--force-with-lease={update.ref}:{update.before}" for update in updates]
        refs = [f"{update.after}:{update.ref}" for update in updates]
        arguments = ("push", "--porcelain", "--atomic", "--no-verify", *leases, "origin", *refs)
        try:
            self.policy.run(lambda: self.run(*arguments), TransientGitError)
        except GitError as error:
            self._check_pushed(updates, error)

    def _check_pushed(self, updates: Sequence[RefUpdate], error: GitError) -> None:
        try:
            tips = self.read_tips([update.ref for update in updates])
        except Exception:
            raise self.to_failure(error) from None
        if all(tips.get(update.ref, "") == update.after for update in updates):
            return
        if any(tips.get(update.ref, "") != update.before for update in updates):
            raise RefMoved
        raise self.to_failure(error)

    def collect_garbage(self) -> None:
        """Repack if there are more packs than git is fast with, without what no release needs."""
        if len(list(self.folder.glob("objects/pack/*.pack"))) > MAX_PACKS:
            self.run("gc", "--quiet", "--prune=now")

    def _ask_remote(self, *arguments: str, data: bytes = b"") -> bytes:
        """Run git, again if the remote does not answer.

        Raises `PublishFailed` if the cause is the remote or the disk, `GitError` if this repository is broken.
        """
        try:
            return self.policy.run(lambda: self.run(*arguments, data=data), TransientGitError)
        except GitError as error:
            if any(mark.search(str(error)) for mark, _, _ in KNOWN_ERRORS):
                raise self.to_failure(error) from None
            raise


def redact(text: str) -> str:
    """Remove the user names and passwords in URLs from a text; `git@` of SSH is neither."""

    def hide(match: re.Match[str]) -> str:
        return f"{match[1]}***@" if match[1] else f"{match[2]}:***@"

    return re.sub(r"(https?://)[^/\s'@]+@|(\w+://[^/\s'@:]+):[^/\s'@]+@", hide, text)


def _summarize(text: str) -> str:
    """Return the server's and git's own words of an output, in one line."""
    lines = [line.strip() for line in text.splitlines()]
    theirs = [line.removeprefix("remote:").strip() for line in lines if line.startswith("remote:")]
    ours = [line for line in lines if line.startswith(("fatal:", "error:", "! ", "!\t"))]
    words = [line for line in (*theirs, *ours) if line] or [line for line in lines if line]
    return "; ".join(words)[:300].replace("\t", " ") or "it did not say why"


def _split_batch(output: bytes) -> list[bytes]:
    """Split the output of `cat-file --batch` into objects."""
    objects, start = [], 0
    while start < len(output):
        end = output.index(b"\n", start)
        head = output[start:end].split()
        if len(head) != 3:
            raise GitError(f"fatal: {output[start:end].decode(errors='replace')}")
        size = int(head[2])
        objects.append(output[end + 1 : end + 1 + size])
        start = end + size + 2
    return objects
