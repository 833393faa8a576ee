"""git as a program, in one bare repository of our own with one remote: objects are written here and pushed there."""

import io
import os
import re
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha1, sha256
from pathlib import Path

from filelock import FileLock, Timeout
from tenacity import RetryCallState, Retrying, retry_if_exception_type, stop_after_attempt, wait_random_exponential

from openknowledge.problems import Message

from ..errors import PublishFailed, PublishRefused, report_retry
from . import ProgressCallback

__all__ = ["RETRYING", "STALLED_S", "BareRepo", "FileReaders", "GitError", "RefMoved", "TransientGitError", "redact"]

FileReaders = dict[str, Callable[[], bytes]]
"""The functions that return the bytes of files, by path."""
LOCK_TIMEOUT_S = 30.0
"""How long another publication of this machine is waited for."""
MAX_PACKS = 40
READ_LIMIT_B = 64 * 1024**2
"""The largest file of ours that is read of a branch."""
INITIALIZED = "begun"
"""A file in a repository of ours that is complete."""
ASKPASS = "answer"
ASKPASS_SCRIPT = '#!/bin/sh\ncase "$1" in Username*) echo "$OK_USER" ;; *) echo "$OK_TOKEN" ;; esac\n'
SSH = "ssh -o BatchMode=yes -o ConnectTimeout=20 -o ServerAliveInterval=15 -o ServerAliveCountMax=4"
FOREIGN_VARIABLES = (
    *("GIT_ALTERNATE", "GIT_AUTHOR", "GIT_COMMITTER", "GIT_COMMON_DIR", "GIT_DIR", "GIT_INDEX"),
    *("GIT_NAMESPACE", "GIT_OBJECT", "GIT_PREFIX", "GIT_SHALLOW", "GIT_WORK_TREE"),
)
"""Variables of another repository, which git sets for a hook that publishes."""
SETTINGS = (
    f"core.hooksPath={os.devnull}",
    "gc.auto=0",
    "http.lowSpeedLimit=1000",
    # Finds what the remote has anywhere in its trees, not at the same paths alone: a rename sends nothing.
    "pack.useSparse=false",
    "protocol.version=2",
)
FETCH_OPTIONS = ("--quiet", "--no-tags", "--no-write-fetch-head", "--recurse-submodules=no", "--filter=blob:none")
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


class GitError(PublishFailed):
    """git failed. This repository may be broken unless the cause is known to be the remote or the disk."""

    is_known = False


class TransientGitError(GitError):
    """The remote repository did not answer, or not to the end."""


class RefMoved(Exception):
    """Another publisher has changed a reference since it was read."""


STALLED_S = 60
"""After how many seconds without an answer the remote is asked again."""
TRANSFER_LIMIT_S = 1800
"""How long one try to fetch or push may take: git itself waits for ever for a server that is silent."""
RETRYING = Retrying(
    stop=stop_after_attempt(5),
    wait=wait_random_exponential(multiplier=0.5, max=10),
    retry=retry_if_exception_type(TransientGitError),
    reraise=True,
)


@dataclass(frozen=True)
class BareRepo:
    """A bare repository of ours. Nothing is checked out, and only files that are read are fetched.

    git asks for `token` when the server of `url` does; it is in no command.
    """

    folder: Path
    url: str
    user: str = ""
    token: str = ""
    retrying: Retrying = RETRYING
    stalled_s: float = STALLED_S

    @property
    def name(self) -> str:
        """Return the remote's name for people."""
        return redact(self.url)

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
            raise PublishRefused.at(self.name, message, "Wait until it has ended.") from None

    def initialize(self) -> None:
        """Create the repository if it does not exist; remove the locks that a killed publication has left in it."""
        self.folder.mkdir(parents=True, exist_ok=True)
        for lock in (*self.folder.glob("*.lock"), *self.folder.glob("refs/**/*.lock")):
            lock.unlink(missing_ok=True)
        initialized = self.folder / INITIALIZED
        if not initialized.exists():
            self.run("init", "--bare", "--quiet", "--template=", ".")
            self.run("config", "remote.origin.url", self.url)
            initialized.touch()
        if self.token:
            askpass = self.folder / ASKPASS
            askpass.write_text(ASKPASS_SCRIPT, encoding="utf-8")
            askpass.chmod(0o700)

    def run(self, *arguments: str, data: bytes = b"", **variables: str) -> bytes:
        """Return the output of git. Raises `GitError`, or `TransientGitError` if a retry may succeed."""
        return self._run(arguments, data, variables)

    def _run(
        self, arguments: Sequence[str], data: bytes, variables: Mapping[str, str], limit_s: float | None = None
    ) -> bytes:
        command, environment = self.command(*arguments), {**self.environment(), **variables}
        try:
            process = subprocess.run(
                command, cwd=self.folder, input=data, capture_output=True, env=environment, timeout=limit_s
            )
        except subprocess.TimeoutExpired:
            raise self.to_error(b"fatal: the operation timed out after %d s" % (limit_s or 0)) from None
        except FileNotFoundError:
            hint = "Install it: https://git-scm.com/downloads"
            raise PublishRefused.at("git", "is not there; this target needs it", hint) from None
        if process.returncode:
            raise self.to_error(process.stderr + b"\n" + process.stdout)
        return process.stdout

    def command(self, *arguments: str) -> list[str]:
        """Return the command line of a git command."""
        # A token takes precedence over credentials that the machine remembers.
        credentials = ("credential.helper=",) if self.token else ()
        settings = (*SETTINGS, f"http.lowSpeedTime={STALLED_S}", *credentials)
        return ["git", *(word for setting in settings for word in ("-c", setting)), *arguments]

    def environment(self) -> dict[str, str]:
        """Return the environment of git commands."""
        own = {name: value for name, value in os.environ.items() if not name.startswith(FOREIGN_VARIABLES)}
        own.setdefault("GIT_SSH_COMMAND", SSH)
        if self.token:
            own.update(GIT_ASKPASS=str(self.folder / ASKPASS), OK_USER=self.user, OK_TOKEN=self.token)
        return {**own, "LC_ALL": "C", "GIT_TERMINAL_PROMPT": "0"}

    def to_error(self, output: bytes) -> GitError:
        """Return the error that git's output means."""
        text = redact(output.decode(errors="replace"))
        text = text.replace(self.token, "***") if self.token else text
        is_final = FORBIDDEN.search(text) or ABSENT.search(text)
        kind = TransientGitError if TRANSIENT.search(text) and not is_final else GitError
        known = next(((message, hint) for mark, message, hint in KNOWN_ERRORS if mark.search(text)), None)
        message, hint = known or (
            "git could not go on: {text}",
            f"Publish again. If it says the same, delete {self.folder.name} in the cache: it is made anew.",
        )
        error = kind.at(self.name, message.format(text=_summarize(text)), hint)
        error.is_known = known is not None
        return error

    def ask_remote(self, *arguments: str, data: bytes = b"") -> bytes:
        """Return the output of git, which is run again after growing pauses if the remote does not answer."""
        attempts = getattr(self.retrying.stop, "max_attempt_number", 1)

        def report(call: RetryCallState) -> None:
            report_retry(self.name, call.outcome and call.outcome.exception(), call.attempt_number + 1, attempts)

        try:
            limit_s = self.stalled_s if arguments[0] == "ls-remote" else TRANSFER_LIMIT_S
            return self.retrying.copy(before_sleep=report)(lambda: self._run(arguments, data, {}, limit_s))
        except TransientGitError as error:
            tried = [
                replace(problem, message=Message(f"{problem.message} ({attempts} tries)")) for problem in error.problems
            ]
            failure = TransientGitError(tried)
            failure.is_known = error.is_known
            raise failure from None

    def read_tips(self, refs: Sequence[str]) -> dict[str, str]:
        """Return the commits of those references of the remote that exist."""
        rows = (line.split("\t") for line in self.ask_remote("ls-remote", "origin", *refs).decode().splitlines())
        return {ref: commit for commit, ref in rows if ref in refs}

    def local_ref(self, ref: str) -> str:
        """Return the commit of a reference of the remote as this repository knows it; empty if it does not."""
        return self.run("for-each-ref", "--format=%(objectname)", _local_name(ref)).decode().strip()

    def set_local_ref(self, ref: str, commit: str) -> None:
        """Record that a reference of the remote is at a commit."""
        self.run("update-ref", _local_name(ref), commit)

    def fetch(self, ref: str, depth: int) -> None:
        """Fetch a commit, its ancestors up to a depth and their trees, without files if the remote supports that."""
        self.ask_remote("fetch", *FETCH_OPTIONS, f"--depth={depth}", "origin", f"+{ref}:{_local_name(ref)}")

    def read(self, names: Sequence[str], tree: str) -> list[bytes]:
        """Return the bytes of objects of a tree; those that are missing here are fetched with one request."""
        listing = self.run("rev-list", "--objects", "--no-object-names", "--missing=print", tree).decode()
        missing = {line[1:] for line in listing.splitlines() if line.startswith("?")}.intersection(names)
        if missing:
            wanted = "".join(f"{name}\n" for name in sorted(missing)).encode()
            options = ("-c", "fetch.negotiationAlgorithm=noop", "fetch", *FETCH_OPTIONS, "--stdin")
            self.ask_remote(*options, "origin", data=wanted)
        asked = "".join(f"{name}\n" for name in names).encode()
        for line in self.run("cat-file", "--batch-check", data=asked).splitlines():
            _, kind, size_b = (*line.split(), b"", b"0")[:3]
            if kind == b"blob" and int(size_b) > READ_LIMIT_B:
                hint = "Look at what it is. To take the branch over: invoke publish --adopt"
                raise PublishRefused.at(self.name, "has a file of a release that is too large to be ours", hint)
        output = self.run("cat-file", "--batch", data=asked)
        return list(self._split_batch(io.BytesIO(output)))

    def _split_batch(self, output: io.BytesIO) -> Iterator[bytes]:
        """Yield the objects of the output of `cat-file --batch`."""
        for line in output:
            fields = line.split()
            if len(fields) != 3 or fields[1] != b"blob":
                raise self.to_error(b"fatal: " + line)
            yield output.read(int(fields[2]))
            output.readline()

    def list_tree(self, tree: str, *paths: str) -> dict[str, str]:
        """Return the object names of a tree's files by path, or only of those at some paths."""
        rows = self.run("ls-tree", "-r", "-z", "--full-tree", tree, *paths).split(b"\0")
        # What is no UTF-8 is no path of ours: it is found by nothing, and refused where it would be written again.
        pairs = (row.decode(errors="replace").split("\t", 1) for row in rows if row)
        return {path: head.split()[2] for head, path in pairs}

    def write(self, *groups: FileReaders, progress: ProgressCallback = lambda *_: None) -> list[dict[str, str]]:
        """Write groups of files, read when they are due, into one pack with one process.

        Returns their object names by path, group by group.
        """
        names: list[dict[str, str]] = [{} for _ in groups]
        queue = [(found, *item) for found, files in zip(names, groups, strict=True) for item in files.items()]
        written_b = 0
        command, environment, pipe = self.command("fast-import", "--quiet"), self.environment(), subprocess.PIPE
        with tempfile.TemporaryFile() as log:
            with (
                suppress(BrokenPipeError),
                subprocess.Popen(command, cwd=self.folder, stdin=pipe, stderr=log, env=environment) as process,
            ):
                assert process.stdin is not None
                for number, (found, path, read) in enumerate(queue, 1):
                    data = read()
                    process.stdin.write(b"blob\ndata %d\n%b\n" % (len(data), data))
                    found[path] = sha1(b"blob %d\0" % len(data) + data, usedforsecurity=False).hexdigest()
                    written_b += len(data)
                    progress("Writing the release", number, len(queue), written_b)
            if process.returncode:
                log.seek(0)
                raise self.to_error(log.read())
        return names

    def commit(
        self, files: Mapping[str, str], message: str, author: tuple[str, str], at: str, parents: Sequence[str] = ()
    ) -> str:
        """Write a commit of files by path and object name with the time `at` (ISO 8601, 1970 if empty).

        The objects need not be here. The same arguments make the same commit.
        """
        rows = "".join(f"100644 {name} 0\t{path}\0" for path, name in sorted(files.items())).encode()
        with tempfile.TemporaryDirectory(dir=self.folder) as folder:
            index = str(Path(folder) / "index")
            self.run("update-index", "-z", "--index-info", data=rows, GIT_INDEX_FILE=index)
            tree = self.run("write-tree", "--missing-ok", GIT_INDEX_FILE=index).decode().strip()
        seconds = int(datetime.fromisoformat(at).timestamp()) if at else 0
        identity = {
            f"GIT_{role}_{part}": value
            for role in ("AUTHOR", "COMMITTER")
            for part, value in (("NAME", author[0]), ("EMAIL", author[1]), ("DATE", f"@{seconds} +0000"))
        }
        arguments = [argument for parent in parents for argument in ("-p", parent)]
        return self.run("commit-tree", tree, *arguments, data=message.encode(), **identity).decode().strip()

    def push(self, commits: Mapping[str, str], before: Mapping[str, str]) -> None:
        """Set references of the remote to these commits, all of them or none.

        Raises `RefMoved` if one is not where it was before. Whether a push succeeded of which the answer was lost is
        seen by where the references are now.
        """
        leases = [f"--force-with-lease={ref}:{before.get(ref, '')}" for ref in commits]
        refs = [f"{commit}:{ref}" for ref, commit in commits.items()]
        try:
            self.ask_remote("push", "--porcelain", "--atomic", "--no-verify", *leases, "origin", *refs)
        except GitError as error:
            try:
                tips = self.read_tips(list(commits))
            except Exception:
                raise error from None
            if tips == commits:
                return
            if any(tips.get(ref) != before.get(ref) for ref in commits):
                raise RefMoved from None
            raise

    def collect_garbage(self) -> None:
        """Repack if there are more packs than git is fast with, without what no release needs."""
        if len(list(self.folder.glob("objects/pack/*.pack"))) > MAX_PACKS:
            self.run("gc", "--quiet", "--prune=now")


def _local_name(ref: str) -> str:
    """Return a name that is no folder of any other one."""
    return f"refs/seen/{sha256(ref.encode()).hexdigest()[:16]}"


def redact(text: str) -> str:
    """Remove the user names and passwords in URLs from a text; `git@` of SSH is neither."""
    text = re.sub(r"(https?://)[^/\s'@]+@", r"\1***@", text)
    return re.sub(r"(\w+://[^/\s'@:]+):[^/\s'@]+@", r"\1:***@", text)


def _summarize(text: str) -> str:
    """Return the server's and git's own words of an output, in one line."""
    lines = [line.strip() for line in text.splitlines()]
    theirs = [line.removeprefix("remote:").strip() for line in lines if line.startswith("remote:")]
    ours = [line for line in lines if line.startswith(("fatal:", "error:", "! ", "!\t"))]
    words = [line for line in (*theirs, *ours) if line] or [line for line in lines if line]
    return "; ".join(words)[:300].replace("\t", " ") or "it did not say why"
