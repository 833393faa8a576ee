"""Git repositories for tests of publishing: a bare one that stands for a host's, and machines that publish to it."""

from __future__ import annotations

import io
import os
import subprocess
import tarfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from tenacity import stop_after_attempt, wait_random_exponential
from tests.publish.builders import SITE, a_site

from openknowledge.publish.built_site import BuiltSite
from openknowledge.publish.pipeline import Publication, publish, roll_back
from openknowledge.publish.release import Commit
from openknowledge.publish.result import PublishResult
from openknowledge.publish.targets.git import GitBranchTarget, open_repo
from openknowledge.publish.targets.git_repo import RETRYING
from openknowledge.serving.headers import CachePatterns, HeaderPolicy
from openknowledge.serving.hosts import HOSTS, HostAdapter

HASTE = RETRYING.copy(stop=stop_after_attempt(2), wait=wait_random_exponential(max=0.01))
MONDAY = 1_763_900_000
HOUR_S = 3600


@dataclass(frozen=True)
class AHost(HostAdapter):
    """A host with these files of its own."""

    own_files: Mapping[str, bytes] | None = None

    def build_files(self, site: BuiltSite) -> dict[str, bytes]:
        return dict(self.own_files or {})


def a_hosting(
    name: str = "netlify", own_files: Mapping[str, bytes] | None = None, *, frames: tuple[str, ...] = (), **limits: int
) -> HostAdapter:
    policy = HeaderPolicy(site_url=SITE, frames=frames)
    return AHost(replace(HOSTS[name], **limits), policy, CachePatterns(), own_files)  # type: ignore[arg-type]


def git(repository: Path, *words: str) -> str:
    """What git says in a repository."""
    who = {f"GIT_{role}_{part}": "somebody" for role in ("AUTHOR", "COMMITTER") for part in ("NAME", "EMAIL")}
    done = subprocess.run(
        ["git", *words], cwd=repository, capture_output=True, text=True, env={**os.environ, **who}, check=True
    )
    return done.stdout.strip()


def a_repository(folder: Path) -> Path:
    """An empty bare repository that lets others fetch what they ask for, as hosts do."""
    folder.mkdir(parents=True)
    git(folder, "init", "--bare", "--quiet", "--initial-branch=main", "--template=")
    with (folder / "config").open("a", encoding="utf-8") as config:
        config.write("[uploadpack]\n\tallowFilter = true\n[receive]\n\tautogc = false\n")
    return folder


def files_on(repository: Path, ref: str = "refs/heads/pages") -> dict[str, str]:
    """What a branch has, by path."""
    packed = subprocess.run(["git", "archive", "--format=tar", ref], cwd=repository, capture_output=True, check=True)
    with tarfile.open(fileobj=io.BytesIO(packed.stdout)) as tar:
        files = [member for member in tar.getmembers() if member.isfile()]
        return {member.name: tar.extractfile(member).read().decode(errors="replace") for member in files}  # type: ignore[union-attr]


class Unreachable:
    """A purger that only notes what it is told."""

    def __init__(self) -> None:
        self.purged: list[str] = []
        self.fails: Exception | None = None

    def purge(self, addresses: object, progress: object) -> None:
        if self.fails is not None:
            raise self.fails
        self.purged.extend(addresses)  # type: ignore[call-overload]


@dataclass
class Machine:
    """A machine that publishes: it has a cache of its own, and a clock."""

    folder: Path
    remote: str
    hosting: HostAdapter
    now_s: int = MONDAY
    by: str = "somebody"
    adopts: bool = False
    branch: str = "pages"
    retained_releases: int = 10
    secrets: Mapping[str, str] | None = None

    def __post_init__(self) -> None:
        self.purger = Unreachable()

    def target(self) -> GitBranchTarget:
        store = open_repo(
            {"remote": self.remote, "host": self.hosting.host.name},
            self.secrets or {},
            self.folder,
            self.folder / "cache",
        )
        return GitBranchTarget(
            replace(store, retrying=HASTE),
            self.branch,
            SITE,
            self.hosting,
            self.adopts,
            releases=self.retained_releases,
            clock=lambda: self.now_s,
        )

    def run(self, target: GitBranchTarget | None = None, **orders: bool) -> Publication:
        return Publication(
            target or self.target(), self.purger, lambda *_: (0, ()), self.by, self.folder, lambda *_: None, **orders
        )

    def site(self, files: Mapping[str, str | bytes], **more: object) -> BuiltSite:
        return a_site(self.folder / "output", files, **more)  # type: ignore[arg-type]

    def publish(
        self, files: Mapping[str, str | bytes], *, commit: Commit | None = None, **more: object
    ) -> PublishResult:
        target = self.target()
        state = target.read_state()
        return publish(self.run(target), self.site(files, commit=commit, **more), state)

    def restore(self, number: int | None = None) -> PublishResult:
        target = self.target()
        return roll_back(self.run(target), target.read_state(), number)


def a_machine(folder: Path, repository: Path | str, *, hosting: HostAdapter | None = None, **more: object) -> Machine:
    folder.mkdir(parents=True, exist_ok=True)
    return Machine(folder, str(repository), hosting or a_hosting(), **more)  # type: ignore[arg-type]


Hook = Callable[[], None]


def a_hook(repository: Path, name: str, script: str) -> None:
    """Have a repository do something when it is pushed to."""
    place = repository / "hooks" / name
    place.parent.mkdir(exist_ok=True)
    place.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    place.chmod(0o755)
