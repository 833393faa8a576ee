"""The bare repository that a publication works in: what it needs of the remote one, and what it will send there."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha1
from pathlib import Path
from typing import TypeVar

from filelock import FileLock, Timeout

from ..errors import PublishRefused, make_problem
from .git_cli import Git, GitError

__all__ = ["BareRepo", "Blob", "RefMoved", "RefUpdate"]

Given = TypeVar("Given")
OTHERS_S = 30.0
"""For how long another publication of this machine is waited for."""
KEPT_PACKS = 40


class RefMoved(Exception):
    """Somebody else has written a branch since it was looked at."""


@dataclass(frozen=True, slots=True)
class RefUpdate:
    """A reference of the remote, the commit that it is known to be at, and the one that it shall be at."""

    ref: str
    before: str
    after: str


Blob = tuple[str, Callable[[], bytes]]
"""Where a file will be, and how its bytes are got."""


class BareRepo:
    """Objects of git. Nothing is checked out, and of the remote's files only those are fetched that are looked into."""

    def __init__(self, git: Git) -> None:
        self.git = git

    @contextmanager
    def taken(self) -> Iterator[None]:
        """Have the repository for ourselves."""
        self.git.folder.parent.mkdir(parents=True, exist_ok=True)
        try:
            with FileLock(f"{self.git.folder}.lock", timeout=OTHERS_S):
                self.git.begin()
                yield
        except Timeout:
            message = "another publication is under way on this machine"
            raise PublishRefused([make_problem(self.git.remote.name, message, "Wait until it has ended.")]) from None

    def forget(self) -> None:
        """Begin anew: what is broken here is whole elsewhere."""
        shutil.rmtree(self.git.folder, ignore_errors=True)
        self.git.begin()

    def tips(self, refs: Sequence[str]) -> dict[str, str]:
        """The commits that references of the remote are at; those that are not there are left out."""
        said = self._asked(lambda: self.git.run("ls-remote", "origin", *refs)).decode()
        found = (line.split("\t") for line in said.splitlines())
        return {ref: commit for commit, ref in found if ref in refs}

    def seen(self, ref: str) -> str:
        """The commit that a reference of our own is at; empty where there is none."""
        return self.git.run("for-each-ref", "--format=%(objectname)", ref).decode().strip()

    def see(self, ref: str, commit: str) -> None:
        self.git.run("update-ref", ref, commit)

    def fetch(self, remote_ref: str, ref: str, depth: int) -> None:
        """Have a commit, its parents up to a depth, and their trees; files only where the remote cannot leave them."""
        words = ("fetch", *QUIETLY, f"--depth={depth}", "--filter=blob:none", "origin", f"+{remote_ref}:{ref}")
        self._asked(lambda: self.git.run(*words))

    def read(self, names: Sequence[str], tree: str) -> list[bytes]:
        """The bytes of files in a tree; those that are not here are fetched, all together."""
        told = self.git.run("rev-list", "--objects", "--no-object-names", "--missing=print", tree).decode()
        missing = {line[1:] for line in told.splitlines() if line.startswith("?")}.intersection(names)
        if missing:
            wanted = "".join(f"{name}\n" for name in sorted(missing)).encode()
            words = ("-c", "fetch.negotiationAlgorithm=noop", "fetch", *QUIETLY, "--filter=blob:none", "--stdin")
            self._asked(lambda: self.git.run(*words, "origin", given=wanted))
        return _parted(self.git.run("cat-file", "--batch", given="".join(f"{name}\n" for name in names).encode()))

    def listing(self, tree: str, below: str = "") -> dict[str, str]:
        """The files of a tree by path, each with the name of its bytes; only those below a folder."""
        rows = self.git.run("ls-tree", "-r", "-z", "--full-tree", tree, *([below] if below else [])).split(b"\0")
        pairs = (row.decode().split("\t", 1) for row in rows if row)
        return {path: head.split()[2] for head, path in pairs}

    def parents(self, commit: str) -> tuple[str, ...]:
        head = self.git.run("cat-file", "commit", commit).decode(errors="replace").partition("\n\n")[0]
        return tuple(line[7:] for line in head.splitlines() if line.startswith("parent "))

    def write(self, blobs: Iterable[Blob]) -> dict[str, str]:
        """Keep files; the names of their bytes by path. All go into one pack, through one process."""
        names: dict[str, str] = {}
        words = self.git.command("fast-import", "--quiet", "--done")
        with tempfile.TemporaryFile() as said:
            process = subprocess.Popen(
                words, cwd=self.git.folder, stdin=subprocess.PIPE, stderr=said, env=self.git.environment({})
            )
            assert process.stdin is not None
            try:
                with process.stdin as given:
                    for path, get in blobs:
                        data = get()
                        given.write(b"blob\ndata %d\n" % len(data) + data + b"\n")
                        names[path] = sha1(b"blob %d\0" % len(data) + data, usedforsecurity=False).hexdigest()
                    given.write(b"done\n")
            except BrokenPipeError:
                pass
            except BaseException:
                process.kill()
                process.wait()
                raise
            if process.wait():
                said.seek(0)
                raise self.git.failure(self.git.error(b"", said.read()))
        return names

    def tree(self, files: Mapping[str, str]) -> str:
        """A tree of files, by path and name of their bytes, which need not be here."""
        rows = "".join(f"100644 {name} 0\t{path}\0" for path, name in sorted(files.items())).encode()
        with tempfile.TemporaryDirectory(dir=self.git.folder) as folder:
            index = str(Path(folder) / "index")
            self.git.run("update-index", "-z", "--index-info", given=rows, GIT_INDEX_FILE=index)
            return self.git.run("write-tree", "--missing-ok", GIT_INDEX_FILE=index).decode().strip()

    def commit(self, tree: str, message: str, author: tuple[str, str], at: str, parents: Sequence[str] = ()) -> str:
        """A commit of a moment (ISO 8601; 1970 where it is empty): the same inputs make the same one."""
        seconds = int(datetime.fromisoformat(at).timestamp()) if at else 0
        name, mail = author
        who = {
            f"GIT_{role}_{part}": value
            for role in ("AUTHOR", "COMMITTER")
            for part, value in (("NAME", name), ("EMAIL", mail), ("DATE", f"@{seconds} +0000"))
        }
        words = [word for parent in parents for word in ("-p", parent)]
        return self.git.run("commit-tree", tree, *words, given=message.encode(), **who).decode().strip()

    def push(self, updates: Sequence[RefUpdate]) -> None:
        """Change references of the remote: all of them, or none.

        Raises `Moved` where one is not where it was. An answer that was lost is told from that by where they are now.
        """
        leases = [f"--force-with-lease={one.ref}:{one.before}" for one in updates]
        wanted = [f"{one.after}:{one.ref}" for one in updates]
        words = ("push", "--porcelain", "--atomic", "--no-verify", *leases, "origin", *wanted)
        try:
            self.git.surely(lambda: self.git.run(*words))
        except GitError as error:
            self._settled(updates, error)

    def _settled(self, updates: Sequence[RefUpdate], error: GitError) -> None:
        """What a push that failed has come to."""
        try:
            now = self.tips([one.ref for one in updates])
        except Exception:
            raise self.git.failure(error) from None
        if all(now.get(one.ref, "") == one.after for one in updates):
            return
        if any(now.get(one.ref, "") != one.before for one in updates):
            raise RefMoved
        raise self.git.failure(error)

    def tidy(self) -> None:
        """Have no more packs than git is quick with, and nothing that no release needs."""
        if len(list(self.git.folder.glob("objects/pack/*.pack"))) > KEPT_PACKS:
            self.git.run("gc", "--quiet", "--prune=now")

    def _asked(self, do: Callable[[], Given]) -> Given:
        try:
            return self.git.surely(do)
        except GitError as error:
            if self.git.knows(error):
                raise self.git.failure(error) from None
            raise


QUIETLY = ("--quiet", "--no-tags", "--no-write-fetch-head", "--recurse-submodules=no")


def _parted(said: bytes) -> list[bytes]:
    """The objects in an answer of `cat-file --batch`."""
    found, start = [], 0
    while start < len(said):
        end = said.index(b"\n", start)
        head = said[start:end].split()
        if len(head) != 3:
            raise GitError(f"fatal: {said[start:end].decode(errors='replace')}")
        size = int(head[2])
        found.append(said[end + 1 : end + 1 + size])
        start = end + size + 2
    return found
