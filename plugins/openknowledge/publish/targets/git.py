"""A site on a branch of a git repository, from which a host of static sites takes it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import TypeVar
from urllib.parse import urlsplit

from openknowledge.problems import Problem

from ..built_site import BuiltSite
from ..errors import PublishRefused, make_problem
from ..hosts.hosting import HostAdapter
from ..manifest_shards import ShardedManifest
from ..release import DeployState, Release
from . import PublishedState
from .git_cli import Git, GitError, GitRemote, GitRetryPolicy
from .git_release import CommitOptions, GitDeployment, RemoteRefs
from .git_repo import BareRepo
from .git_state import StoredState

__all__ = ["Branch", "GitBranchTarget", "open_repo"]

Given = TypeVar("Given")
USERS = {"github": "x-access-token", "gitlab": "oauth2"}
"""What servers want as a name beside a token; to others any name is right."""
WITH_PARENTS = 2


@dataclass(frozen=True)
class Branch:
    """Where a site is published: a branch, and the reference beside it that has the register of releases.

    The register is no branch, so that neither hosts nor people take it for one; `register` names another reference
    where a server takes branches alone.
    """

    name: str
    register: str = ""

    @property
    def ref(self) -> str:
        return f"refs/heads/{self.name}"

    @property
    def state_ref(self) -> str:
        return self.register or f"refs/openknowledge/state/{self.name}"

    @property
    def adopted_ref(self) -> str:
        """Where the last commit of others is kept when a branch is taken over."""
        return f"refs/openknowledge/adopted/{self.name}"

    @property
    def seen_ref(self) -> str:
        """Our own note of the register."""
        return f"refs/seen/{sha256(self.state_ref.encode()).hexdigest()[:16]}"


@dataclass(frozen=True)
class GitBranchTarget:
    """A branch that has one commit: the last release. The register holds those of the releases before.

    A push changes both at once, and only where both still are as they were looked at: it is the moment in which a
    release begins, and the lock.
    """

    store: BareRepo
    branch: Branch
    site_url: str
    hosting: HostAdapter
    writing: CommitOptions
    adopts: bool = False

    @property
    def name(self) -> str:
        return f"{self.hosting.title}, branch {self.branch.name} of {self.store.git.remote.name}"

    @cached_property
    def policy(self) -> str:
        return self.hosting.digest

    def problems(self, site: BuiltSite) -> tuple[Problem, ...]:
        return self.hosting.problems(site)

    def read_state(self) -> PublishedState:
        if self.store.git.remote.has_secret:
            hint = "Write it without, and set PUBLISH_GIT_TOKEN in the environment."
            raise PublishRefused([make_problem(self.store.git.remote.name, "the address holds a password", hint)])
        with self.store.taken():
            return self._or_anew(self._look)

    def _or_anew(self, do: Callable[[], Given]) -> Given:
        """Once more with an empty repository of ours, where it is broken."""
        try:
            return do()
        except GitError:
            self.store.forget()
        try:
            return do()
        except GitError as error:
            raise self.store.git.failure(error) from None

    def _look(self) -> PublishedState:
        refs = self.branch.ref, self.branch.state_ref, self.branch.adopted_ref
        tips = self.store.tips(refs)
        branch, state, adopted = (tips.get(ref, "") for ref in refs)
        if not state:
            if branch:
                self._refuse_strangers(branch, "it has commits, and no register of releases")
            return PublishedState(
                DeployState(self.site_url), version=RemoteRefs(branch, stranger=branch, adopted=adopted)
            )
        if self.store.seen(self.branch.seen_ref) != state:
            self.store.fetch(self.branch.state_ref, self.branch.seen_ref, WITH_PARENTS)
        return self._known(self._kept(state), branch, adopted)

    def _known(self, kept: StoredState, branch: str, adopted: str) -> PublishedState:
        register = kept.register().check_site(self.site_url, self.name)
        commits = kept.commits(register)
        last = register.release
        manifest = kept.read_manifest(last, commits[last.number]) if last else None
        is_ours = last is not None and branch == commits[last.number].site
        if branch and not is_ours:
            told = f"since release {last.number}" if last else "before the first release"
            self._refuse_strangers(branch, f"somebody else has committed to it {told}")
        stale = [release for release in register.releases if release.manifest in register.stale]
        return PublishedState(
            register,
            manifest=manifest,
            # Where the branch is another one, or gone, the same files are a release all the same.
            uncertain=() if is_ours or manifest is None else (manifest,),
            stale=tuple({one.manifest: kept.read_manifest(one, commits[one.number]) for one in stale}.values()),
            retired_urls=kept.former(),
            version=RemoteRefs(branch, kept.commit, commits, "" if is_ours else branch, adopted),
        )

    def _refuse_strangers(self, commit: str, why: str) -> None:
        if self.adopts:
            return
        hint = (
            f"Publish to a branch of its own. To take this one over all the same: invoke publish --adopt; "
            f"its commit {commit[:9]} is then kept as {self.branch.adopted_ref}"
        )
        raise PublishRefused([make_problem(self.name, f"this branch is not ours: {why}", hint)])

    def read_manifest(self, release: Release) -> ShardedManifest:
        kept = self._kept(self.store.seen(self.branch.seen_ref))
        return kept.read_manifest(release, kept.commits(kept.register())[release.number])

    def _kept(self, commit: str) -> StoredState:
        return StoredState(self.store, commit, f"{self.name}, {self.branch.state_ref}")

    @contextmanager
    def start_deployment(
        self, state: PublishedState, release: Release, retired_urls: frozenset[str]
    ) -> Iterator[GitDeployment]:
        seen = state.version if isinstance(state.version, RemoteRefs) else RemoteRefs()
        with self.store.taken():
            yield GitDeployment(self, seen, state, release, retired_urls)

    def root_files(self) -> Mapping[str, bytes]:
        """What the host wants at the root of the branch."""
        if self.hosting.name == "gitlab":
            return {".gitlab-ci.yml": PIPELINE.format(branch=json.dumps(self.branch.name)).encode()}
        address = urlsplit(self.site_url).hostname or ""
        if self.hosting.name == "github" and "." in address and not address.endswith(".github.io"):
            # Each push tells GitHub anew under which name it is to serve the branch.
            return {"CNAME": f"{address}\n".encode()}
        return {}

    @property
    def folder(self) -> str:
        """The folder of the branch that has the site."""
        return "public/" if self.hosting.name == "gitlab" else ""


PIPELINE = """\
# Written with each release: GitLab serves what this job hands over.
pages:
  stage: deploy
  variables:
    GIT_DEPTH: "1"
  script:
    - "true"
  artifacts:
    paths:
      - public
  rules:
    - if: $CI_COMMIT_BRANCH == {branch}
"""


def open_repo(
    place: Mapping[str, str],
    secrets: Mapping[str, str],
    project: Path,
    cache: Path,
    patience: GitRetryPolicy | None = None,
) -> BareRepo:
    """The repository that `place` names by its address, or as the project calls it (`origin`).

    The copy that we work in is in the cache, one for each address.
    """
    url = place["remote"]
    is_path = "://" not in url and ":" not in url
    if is_path and not (project / url).exists():
        known = Git(project, GitRemote(url))
        try:
            url = known.run("remote", "get-url", "--push", url).decode().strip()
        except GitError:
            hint = "Write its address, or a name that `git remote` knows."
            message = "there is no such remote in this project"
            raise PublishRefused([make_problem('PUBLISH_TARGET["remote"]', f"{message}: {url}", hint)]) from None
    elif is_path:
        url = str((project / url).resolve())
    user = secrets.get("PUBLISH_GIT_USER") or USERS.get(place.get("host", ""), "openknowledge")
    folder = cache / "publish" / f"{sha256(url.encode()).hexdigest()[:16]}.git"
    return BareRepo(Git(folder, GitRemote(url, user, secrets.get("PUBLISH_GIT_TOKEN", "")), patience))
