"""A site on a branch of a git repository, from which a host of static sites takes it.

The branch has one commit, the last release. A second reference has the deploy state: a commit whose parents are the
releases that can be restored, because git never sends again what a parent contains. One push changes both references at
once, and only if both are where they were when they were read, so no further lock is needed.
"""

from __future__ import annotations

import gzip
import json
import secrets
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

from openknowledge.manifest import ManifestEntry, ManifestProblem
from openknowledge.problems import Problem

from ..built_site import BuiltSite
from ..errors import PublishRefused
from ..hosts import HostAdapter, free_paths, grace_entries
from ..manifest_shards import ShardedManifest
from ..plan import Plan
from ..release import DeployState, Release, iso_utc
from . import ProgressCallback, PublishedState
from .git_repo import BareRepo, Blob, GitError, GitRemote, GitRetryPolicy, RefMoved, RefUpdate

__all__ = ["Branch", "CommitOptions", "GitBranchTarget", "GitDeployment", "open_repo"]

TOKEN_USERS = {"github": "x-access-token", "gitlab": "oauth2"}
"""The user names that servers want beside a token; others take any name."""
STATE_FILE = "register.json"
RETIRED_URLS = "former.txt.gz"
ROOT = "root"
STATE_HINT = "Somebody changed it by hand? Delete it, and take the branch over: invoke publish --adopt"
GITLAB_PIPELINE = """\
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


@dataclass(frozen=True)
class Branch:
    """The branch of a site, and the reference beside it that has the deploy state.

    That is no branch, so that neither hosts nor people take it for one; `register` names another reference for servers
    that accept branches only.
    """

    name: str
    register: str = ""

    @property
    def ref(self) -> str:
        """Return the branch's full ref."""
        return f"refs/heads/{self.name}"

    @property
    def state_ref(self) -> str:
        """Return the ref of the deploy state."""
        return self.register or f"refs/openknowledge/state/{self.name}"

    @property
    def adopted_ref(self) -> str:
        """The reference that keeps the last commit of others when a branch is adopted."""
        return f"refs/openknowledge/adopted/{self.name}"

    @property
    def local_state_ref(self) -> str:
        """Return the ref of the deploy state in the local repository."""
        return f"refs/seen/{sha256(self.state_ref.encode()).hexdigest()[:16]}"


@dataclass(frozen=True)
class CommitOptions:
    """The author of commits (`Name <mail>`, a default if empty), and how much is retained of earlier releases."""

    author: str = ""
    releases: int = 10
    grace_s: int = 24 * 3600
    clock: Callable[[], float] = time.time

    def author_at(self, site_url: str) -> tuple[str, str]:
        """Return name and address of the commits' author."""
        name, _, mail = self.author.partition("<")
        default = f"openknowledge@{urlsplit(site_url).hostname or 'localhost'}"
        return name.strip() or "openknowledge", mail.strip(" >") or default


class ReleaseCommits(NamedTuple):
    """The two commits of a release: that of the site, and that of its manifest in shards."""

    site: str
    manifest: str


@dataclass(frozen=True)
class RemoteRefs:
    """The commits of the remote's references when they were read, and those of the releases by number."""

    branch: str = ""
    state: str = ""
    commits: Mapping[int, ReleaseCommits] = field(default_factory=dict)
    foreign: str = ""
    """The branch's commit if it is of others."""
    adopted: str = ""


@dataclass(frozen=True)
class GitBranchTarget:
    """A branch of a remote repository."""

    repo: BareRepo
    branch: Branch
    site_url: str
    hosting: HostAdapter
    options: CommitOptions
    adopts: bool = False

    @property
    def name(self) -> str:
        """Return the target's name for people."""
        return f"{self.hosting.host.title}, branch {self.branch.name} of {self.repo.remote.name}"

    @cached_property
    def policy(self) -> str:
        """Return the digest of the header policy that the files were stored with."""
        return self.hosting.digest

    def problems(self, site: BuiltSite) -> tuple[Problem, ...]:
        """Return what the target would not take of a site."""
        return self.hosting.problems(site)

    def read_state(self) -> PublishedState:
        """Return what is published, with a new local repository if the old one is broken."""
        if self.repo.remote.has_secret:
            hint = "Write it without, and set PUBLISH_GIT_TOKEN in the environment."
            raise PublishRefused.at(self.repo.remote.name, "the address holds a password", hint)
        with self.repo.locked():
            with suppress(GitError):
                return self._read_state()
            self.repo.recreate()
            try:
                return self._read_state()
            except GitError as error:
                raise self.repo.to_failure(error) from None

    def _read_state(self) -> PublishedState:
        refs = self.branch.ref, self.branch.state_ref, self.branch.adopted_ref
        tips = self.repo.read_tips(refs)
        branch, state, adopted = (tips.get(ref, "") for ref in refs)
        if not state:
            if branch:
                self._check_ownership(branch, "it has commits, and no register of releases")
            refs_read = RemoteRefs(branch, foreign=branch, adopted=adopted)
            return PublishedState(DeployState(self.site_url), version=refs_read)
        if self.repo.local_ref(self.branch.local_state_ref) != state:
            self.repo.fetch(self.branch.state_ref, self.branch.local_state_ref, depth=2)
        return self._load_state(self._stored_state(state), branch, adopted)

    def _load_state(self, stored: StoredState, branch: str, adopted: str) -> PublishedState:
        state = stored.load_state().check_site(self.site_url, self.name)
        commits = stored.commits_of(state)
        last = state.release
        manifest = stored.read_manifest(last, commits[last.number]) if last else None
        is_own = last is not None and branch == commits[last.number].site
        if branch and not is_own:
            since = f"since release {last.number}" if last else "before the first release"
            self._check_ownership(branch, f"somebody else has committed to it {since}")
        stale = {release.manifest: release for release in state.releases if release.manifest in state.stale}
        return PublishedState(
            state,
            manifest=manifest,
            # If the branch is another one, or gone, publishing the same files again is a release all the same.
            uncertain=() if is_own or manifest is None else (manifest,),
            stale=tuple(stored.read_manifest(release, commits[release.number]) for release in stale.values()),
            retired_urls=stored.load_retired_urls(),
            version=RemoteRefs(branch, stored.commit, commits, "" if is_own else branch, adopted),
        )

    def _check_ownership(self, commit: str, why: str) -> None:
        """Raise `PublishRefused` unless the branch is to be adopted."""
        if self.adopts:
            return
        hint = (
            f"Publish to a branch of its own. To take this one over all the same: invoke publish --adopt; "
            f"its commit {commit[:9]} is then kept as {self.branch.adopted_ref}"
        )
        raise PublishRefused.at(self.name, f"this branch is not ours: {why}", hint)

    def read_manifest(self, release: Release) -> ShardedManifest:
        """Return the manifest of a release."""
        stored = self._stored_state(self.repo.local_ref(self.branch.local_state_ref))
        return stored.read_manifest(release, stored.commits_of(stored.load_state())[release.number])

    def _stored_state(self, commit: str) -> StoredState:
        return StoredState(self.repo, commit, f"{self.name}, {self.branch.state_ref}")

    @contextmanager
    def start_deployment(
        self, state: PublishedState, release: Release, retired_urls: frozenset[str]
    ) -> Iterator[GitDeployment]:
        """Take the lease and return the deployment; it is released on exit."""
        refs = state.version if isinstance(state.version, RemoteRefs) else RemoteRefs()
        with self.repo.locked():
            yield GitDeployment(self, refs, state, release, retired_urls)

    def root_files(self) -> Mapping[str, bytes]:
        """Return what the host expects at the root of the branch."""
        if self.hosting.host.name == "gitlab":
            return {".gitlab-ci.yml": GITLAB_PIPELINE.format(branch=json.dumps(self.branch.name)).encode()}
        host = urlsplit(self.site_url).hostname or ""
        if self.hosting.host.name == "github" and "." in host and not host.endswith(".github.io"):
            # GitHub takes the domain name of a site from each push.
            return {"CNAME": f"{host}\n".encode()}
        return {}

    @property
    def folder(self) -> str:
        """The folder of the branch that contains the site."""
        return "public/" if self.hosting.host.name == "gitlab" else ""


@dataclass(frozen=True)
class StoredState:
    """The deploy state in a commit, and the releases that are its parents; files are read when they are needed."""

    repo: BareRepo
    commit: str
    where: str

    def load_state(self) -> DeployState:
        files = self.repo.list_tree(self.commit)
        if STATE_FILE not in files:
            raise PublishRefused.at(self.where, f"there is no {STATE_FILE} in it", STATE_HINT)
        return DeployState.load(self.repo.read([files[STATE_FILE]], self.commit)[0], self.where)

    def commits_of(self, state: DeployState) -> dict[int, ReleaseCommits]:
        """Return the commits of the releases that can be restored, by number."""
        parents = self.repo.parents(self.commit)
        if len(parents) != 2 * len(state.releases):
            message = f"it has {len(parents)} commits for {len(state.releases)} releases"
            raise PublishRefused.at(self.where, message, STATE_HINT)
        pairs = zip(state.releases, parents[::2], parents[1::2], strict=True)
        return {release.number: ReleaseCommits(site, manifest) for release, site, manifest in pairs}

    def load_retired_urls(self) -> frozenset[str]:
        files = self.repo.list_tree(self.commit, RETIRED_URLS)
        if RETIRED_URLS not in files:
            return frozenset()
        data = self.repo.read([files[RETIRED_URLS]], self.commit)[0]
        return frozenset(gzip.decompress(data).decode().splitlines())

    def read_manifest(self, release: Release, commits: ReleaseCommits) -> ShardedManifest:
        files = self.repo.list_tree(commits.manifest)

        def fetch_shards(names: Sequence[str]) -> Sequence[bytes]:
            return self.repo.read([files.get(name, name) for name in names], commits.manifest)

        try:
            if ROOT not in files:
                raise ManifestProblem("is not there.")
            bundle = self.repo.read([files[ROOT]], commits.manifest)[0]
            return ShardedManifest.from_bundle(bundle, release.manifest, fetch_shards)
        except ManifestProblem as error:
            message = f"the manifest of release {release.number} {str(error).rstrip('.')}"
            raise PublishRefused.at(self.where, message, STATE_HINT) from None


class GitDeployment:
    """A publication under way: commits are written locally, and one push publishes all of them."""

    def __init__(
        self,
        target: GitBranchTarget,
        refs: RemoteRefs,
        state: PublishedState,
        release: Release,
        retired_urls: frozenset[str],
    ) -> None:
        self.target, self.repo, self.refs, self.state = target, target.repo, refs, state
        self.release, self.retired_urls, self.deploy_state = release, retired_urls, state.deploy_state
        self.now_s = int(target.options.clock())

    def publish(self, site: BuiltSite, manifest: ShardedManifest, plan: Plan, progress: ProgressCallback) -> Release:
        """Carry out the plan and return the release."""
        hosting, folder, published = self.target.hosting, self.target.folder, self._published_files()
        grace_files = self._grace_files(site.manifest.entries, plan, published)
        sent = {entry.path for entry in plan.sent}
        files = {path: published[path] for path in grace_files}
        new: list[Blob] = []
        for entry in site.manifest.entries:
            for file in hosting.host.sent_files(entry):
                target = f"{folder}{file.path}"
                if entry.path not in sent and target in published:
                    files[target] = published[target]
                else:
                    new.append(Blob(target, partial(site.read_file, file.path, file.digest)))
        host_files = {f"{folder}{path}": data for path, data in hosting.build_files(site).items()}
        for path, data in {**host_files, **self.target.root_files()}.items():
            new.append(Blob(path, partial(bytes, data)))
        return self._release(files, new, manifest, grace_files, progress)

    def rollback(self, manifest: ShardedManifest, plan: Plan, progress: ProgressCallback) -> Release:
        """Restore a release and return it as a new one."""
        published, number = self._published_files(), self.release.restores
        grace_files = self._grace_files(manifest.entries(), plan, published)
        commits = self.refs.commits.get(number or 0)
        if commits is None:
            hint = "Build the commit of that release, and publish that."
            raise PublishRefused.at(self.target.name, f"release {number} was not kept", hint)
        files = {**{path: published[path] for path in grace_files}, **self.repo.list_tree(commits.site)}
        return self._release(files, [], manifest, grace_files, progress)

    def clean_up(self, progress: ProgressCallback) -> None:
        """Record that caches are purged, unless another publication has begun, which then purges them again."""
        progress("Writing the register", 0, 1, 0)
        try:
            if self.deploy_state.stale:
                self.deploy_state = replace(self.deploy_state, stale=(), heartbeat=secrets.token_hex(8))
                state = self._commit_state()
                with suppress(RefMoved):
                    self.repo.push([RefUpdate(self.target.branch.state_ref, self.refs.state, state)])
                    self.repo.set_local_ref(self.target.branch.local_state_ref, state)
            self.repo.collect_garbage()
        except GitError as error:
            raise self.repo.to_failure(error) from None
        progress("Writing the register", 1, 1, 0)

    def _published_files(self) -> dict[str, str]:
        last = self.state.release
        return self.repo.list_tree(self.refs.commits[last.number].site) if last else {}

    def _grace_files(
        self, entries: Iterable[ManifestEntry], plan: Plan, published: Mapping[str, str]
    ) -> dict[str, int]:
        """Return the files that open pages may ask for, with the time since which no release has them."""
        folder, hosting = self.target.folder, self.target.hosting
        since = {f"{folder}{path}": since for path, since in self.deploy_state.removals}
        for entry in grace_entries(plan.removed):
            for file in hosting.host.sent_files(entry):
                since.setdefault(f"{folder}{file.path}", self.now_s)
        own = {f"{folder}{file.path}" for entry in entries for file in hosting.host.sent_files(entry)}
        is_free = free_paths(own)
        oldest_s = self.now_s - self.target.options.grace_s
        return {
            path: began
            for path, began in sorted(since.items())
            if path in published and began > oldest_s and is_free(path)
        }

    def _release(
        self,
        files: dict[str, str],
        new: Sequence[Blob],
        manifest: ShardedManifest,
        grace_files: Mapping[str, int],
        progress: ProgressCallback,
    ) -> Release:
        before, options, folder = self.state.release, self.target.options, self.target.folder
        release = replace(self.release, published_at=iso_utc(self.now_s))
        self.deploy_state = replace(
            self.deploy_state,
            releases=(*self.deploy_state.releases, release)[-options.releases :],
            stale=tuple(dict.fromkeys((*self.deploy_state.stale, *((before.manifest,) if before else ())))),
            removals=tuple((path.removeprefix(folder), since) for path, since in grace_files.items()),
            heartbeat=secrets.token_hex(8),
        )
        try:
            files.update(self.repo.write(_report_progress(new, progress)))
            commits = ReleaseCommits(self._commit(files, _message(self.release)), self._commit_manifest(manifest))
            self.refs = replace(self.refs, commits={**self.refs.commits, release.number: commits})
            progress("Sending to the repository", 0, 1, 0)
            self._push(commits.site, self._commit_state())
        except GitError as error:
            raise self.repo.to_failure(error) from None
        progress("Sending to the repository", 1, 1, 0)
        return release

    def _commit(self, files: Mapping[str, str], message: str, parents: Sequence[str] = ()) -> str:
        """Write a commit that is the same for the same release."""
        tree = self.repo.write_tree(files)
        author = self.target.options.author_at(self.target.site_url)
        return self.repo.commit(tree, message, author, self.release.commit.committed_at, parents)

    def _commit_manifest(self, manifest: ShardedManifest) -> str:
        written: dict[str, str] = {}
        for commits in self.refs.commits.values():
            written.update(self.repo.list_tree(commits.manifest))
        shards = manifest.list_pieces().shards
        new = [Blob(name, partial(manifest.pack_piece, name)) for name in shards if name not in written]
        files = {name: written[name] for name in shards if name in written}
        files.update(self.repo.write([Blob(ROOT, manifest.to_bundle), *new]))
        return self._commit(files, f"Manifest of release {self.release.number}\n")

    def _commit_state(self) -> str:
        commits = [self.refs.commits[release.number] for release in self.deploy_state.releases]
        text = "".join(f"{url}\n" for url in sorted(self.retired_urls)).encode()
        retired_urls = Blob(RETIRED_URLS, lambda: gzip.compress(text, 6, mtime=0))
        files = self.repo.write([Blob(STATE_FILE, self.deploy_state.dump), retired_urls])
        return self._commit(
            files, f"Releases of {self.deploy_state.site}\n", [commit for pair in commits for commit in pair]
        )

    def _push(self, commit: str, state: str) -> None:
        branch, refs = self.target.branch, self.refs
        updates = [RefUpdate(branch.ref, refs.branch, commit), RefUpdate(branch.state_ref, refs.state, state)]
        if refs.foreign:
            self.repo.fetch(branch.ref, f"{branch.local_state_ref}-adopted", depth=1)
            updates.append(RefUpdate(branch.adopted_ref, refs.adopted, refs.foreign))
        try:
            self.repo.push(updates)
        except RefMoved:
            message = "somebody else has published here since it was looked at"
            hint = "Nothing of this release is there. Publish again, if it is still the newer one."
            raise PublishRefused.at(self.target.name, message, hint) from None
        self.refs = replace(refs, branch=commit, state=state)
        self.repo.set_local_ref(branch.local_state_ref, state)


def _message(release: Release) -> str:
    """Return the message of a release's commit, the same for the same release."""
    lines = [f"Release {release.number}", "", f"Openknowledge-Release: {release.number}"]
    lines.append(f"Openknowledge-Manifest: {release.manifest}")
    if release.commit.id:
        lines.append(f"Openknowledge-Source: {release.commit.id}{' with changes' if release.commit.is_dirty else ''}")
    if release.restores is not None:
        lines.append(f"Openknowledge-Restores: {release.restores}")
    return "\n".join((*lines, ""))


def _report_progress(blobs: Sequence[Blob], progress: ProgressCallback) -> Iterator[Blob]:
    """Yield the same files, reporting progress when each is read."""
    written_b = 0

    def read(number: int, blob: Blob) -> bytes:
        nonlocal written_b
        data = blob.read()
        written_b += len(data)
        progress("Writing the release", number, len(blobs), written_b)
        return data

    for number, blob in enumerate(blobs, 1):
        yield Blob(blob.path, partial(read, number, blob))


def open_repo(
    options: Mapping[str, str],
    secrets: Mapping[str, str],
    project: Path,
    cache: Path,
    policy: GitRetryPolicy | None = None,
) -> BareRepo:
    """Return the repository in the cache for a remote, which `options` name by URL or as the project does."""
    url = options["remote"]
    is_path = "://" not in url and ":" not in url
    if is_path and not (project / url).exists():
        try:
            url = BareRepo(project, GitRemote(url)).run("remote", "get-url", "--push", url).decode().strip()
        except GitError:
            hint = "Write its address, or a name that `git remote` knows."
            message = "there is no such remote in this project"
            raise PublishRefused.at('PUBLISH_TARGET["remote"]', f"{message}: {url}", hint) from None
    elif is_path:
        url = str((project / url).resolve())
    user = secrets.get("PUBLISH_GIT_USER") or TOKEN_USERS.get(options.get("host", ""), "openknowledge")
    folder = cache / "publish" / f"{sha256(url.encode()).hexdigest()[:16]}.git"
    return BareRepo(folder, GitRemote(url, user, secrets.get("PUBLISH_GIT_TOKEN", "")), policy)
