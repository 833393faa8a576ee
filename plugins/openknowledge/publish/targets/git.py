"""A site on a branch of a git repository, from which a host of static sites takes it.

The branch has one commit, the last release. A second reference has the deploy state: a commit whose parents are the
releases that can be restored, because git never sends again what a parent contains. One push changes both references at
once, and only if both are where they were when they were read, so no further lock is needed.
"""

import gzip
import json
import secrets
import shutil
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from functools import cached_property, partial
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

from openknowledge.manifest import ManifestEntry, ManifestProblem, Twin
from openknowledge.problems import Problem
from openknowledge.rendering.text_templates import load_template
from openknowledge.serving.hosts import HostAdapter

from ..built_site import BuiltSite
from ..errors import PublishRefused
from ..manifest_shards import ShardedManifest, unpack
from ..plan import Plan, grace_entries, grace_paths
from ..release import DeployState, Release, iso_utc, load_retired_urls, split_releases
from . import ProgressCallback, PublishedState
from .git_repo import BareRepo, FileReaders, GitError, RefMoved, redact

__all__ = ["GitBranchTarget", "open_repo"]

TOKEN_USERS = {"github": "x-access-token", "gitlab": "oauth2"}
"""The user names that servers want beside a token; others take any name."""
PIPELINE = Path(__file__).parents[1] / "templates/gitlab-ci.yml.j2"
STATE_FILE = "register.json"
RETIRED_URLS = "former.txt.gz"
ROOT = "root"
STATE_HINT = "Somebody changed it by hand? Delete it, and take the branch over: invoke publish --adopt"


class Refs(NamedTuple):
    """References of the remote repository."""

    branch: str
    state: str
    """No branch, so that neither hosts nor people take it for one."""
    adopted: str
    """Keeps the last commit of others when a branch is adopted."""


class ReleaseCommits(NamedTuple):
    """The two commits of a release: that of the site, and that of its manifest in shards."""

    site: str
    manifest: str


class Commits(NamedTuple):
    """The commits of the remote's references and of the releases when they were read."""

    tips: Mapping[str, str]
    releases: Mapping[int, ReleaseCommits] = {}
    foreign: str = ""
    """The branch's commit if it is of others."""


@dataclass(frozen=True)
class GitBranchTarget:
    """A branch of a remote repository.

    `register` names the reference of the deploy state for servers that accept branches only. `author` is that of
    commits (`Name <mail>`, a default if empty). `releases` can be restored.
    """

    repo: BareRepo
    branch: str
    site_url: str
    hosting: HostAdapter
    adopts: bool = False
    register: str = ""
    author: str = ""
    releases: int = 10
    grace_s: int = 24 * 3600
    clock: Callable[[], float] = time.time

    @property
    def name(self) -> str:
        """Return the target's name for people."""
        return f"{self.hosting.host.title}, branch {self.branch} of {self.repo.name}"

    @cached_property
    def refs(self) -> Refs:
        """Return the references that are read and written."""
        state = self.register or f"refs/openknowledge/state/{self.branch}"
        return Refs(f"refs/heads/{self.branch}", state, f"refs/openknowledge/adopted/{self.branch}")

    @property
    def policy(self) -> str:
        """Return the digest of the header policy that the files were stored with."""
        return self.hosting.digest

    def problems(self, site: BuiltSite) -> tuple[Problem, ...]:
        """Return what the target would not take of a site."""
        return self.hosting.problems(site)

    def read_state(self) -> PublishedState:
        """Return what is published, with a new local repository if the old one is broken."""
        with self.repo.locked():
            try:
                return self._read_state()
            except GitError as error:
                if error.is_known:
                    raise
            # The remote has all that was in it.
            shutil.rmtree(self.repo.folder, ignore_errors=True)
            self.repo.initialize()
            return self._read_state()

    def _read_state(self) -> PublishedState:
        tips = self.repo.read_tips(self.refs)
        branch, state_commit = tips.get(self.refs.branch, ""), tips.get(self.refs.state)
        if state_commit is None:
            if branch:
                self._check_ownership(branch, "it has commits, and no register of releases")
            return PublishedState(DeployState(self.site_url), version=Commits(tips, foreign=branch))
        if self.repo.local_ref(self.refs.state) != state_commit:
            self.repo.fetch(self.refs.state, depth=2)
        data, urls = self._read_files(state_commit, STATE_FILE, RETIRED_URLS)
        state, commits = self._load_state(state_commit, data)
        last = state.release
        manifest = self._read_manifest(last, commits) if last else None
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
            stale=tuple(self._read_manifest(release, commits) for release in stale.values()),
            retired_urls=load_retired_urls(
                urls,
                f"{self.name}, {self.refs.state}, {RETIRED_URLS}",
                unpack,
                least=0 if self.adopts else state.retired,
            ),
            version=Commits(tips, commits, "" if is_own else branch),
        )

    def _check_ownership(self, commit: str, why: str) -> None:
        """Raise `PublishRefused` unless the branch is to be adopted."""
        if self.adopts:
            return
        hint = (
            f"Publish to a branch of its own. To take this one over all the same: invoke publish --adopt; "
            f"its commit {commit[:9]} is then kept as {self.refs.adopted}"
        )
        raise PublishRefused.at(self.name, f"this branch is not ours: {why}", hint)

    def _load_state(self, commit: str, data: bytes | None) -> tuple[DeployState, dict[int, ReleaseCommits]]:
        """Return the deploy state in a commit, and by number the commits of its releases, which are its parents."""
        if data is None:
            raise self._unreadable(f"there is no {STATE_FILE} in it")
        state = DeployState.load(data, f"{self.name}, {self.refs.state}").check_site(self.site_url, self.name)
        parents = self.repo.run("rev-parse", f"{commit}^@").decode().split()
        if len(parents) != 2 * len(state.releases):
            raise self._unreadable(f"it has {len(parents)} commits for {len(state.releases)} releases")
        pairs = zip(state.releases, parents[::2], parents[1::2], strict=True)
        return state, {release.number: ReleaseCommits(site, manifest) for release, site, manifest in pairs}

    def read_manifest(self, release: Release) -> ShardedManifest:
        """Return the manifest of a release."""
        state_commit = self.repo.local_ref(self.refs.state)
        _, commits = self._load_state(state_commit, *self._read_files(state_commit, STATE_FILE))
        return self._read_manifest(release, commits)

    def _read_manifest(self, release: Release, commits: Mapping[int, ReleaseCommits]) -> ShardedManifest:
        commit = commits[release.number].manifest
        files = self.repo.list_tree(commit)

        def fetch_shards(names: Sequence[str]) -> Sequence[bytes]:
            return self.repo.read([files.get(name, name) for name in names], commit)

        try:
            if ROOT not in files:
                raise ManifestProblem("is not there.")
            return ShardedManifest.from_bundle(fetch_shards([ROOT])[0], release.manifest, fetch_shards, self.name)
        except ManifestProblem as error:
            raise self._unreadable(f"the manifest of release {release.number} {str(error).rstrip('.')}") from None

    def _read_files(self, commit: str, *paths: str) -> list[bytes | None]:
        """Return the bytes of files of a commit, which one request fetches; None for those that it does not have."""
        names = self.repo.list_tree(commit, *paths)
        there = [path for path in paths if path in names]
        found = dict(zip(there, self.repo.read([names[path] for path in there], commit), strict=True))
        return [found.get(path) for path in paths]

    def _unreadable(self, message: str) -> PublishRefused:
        return PublishRefused.at(f"{self.name}, {self.refs.state}", message, STATE_HINT)

    @contextmanager
    def start_deployment(
        self, state: PublishedState, release: Release, retired_urls: frozenset[str]
    ) -> Iterator["GitDeployment"]:
        """Take the lease and return the deployment; it is released on exit."""
        assert isinstance(state.version, Commits)
        with self.repo.locked():
            yield GitDeployment(self, state.version, state, release, retired_urls)

    def root_files(self) -> Mapping[str, bytes]:
        """Return what the host expects at the root of the branch."""
        if self.hosting.host.name == "gitlab":
            pipeline = load_template(PIPELINE).render(branch=json.dumps(self.branch))
            return {".gitlab-ci.yml": pipeline.encode()}
        host = urlsplit(self.site_url).hostname or ""
        if self.hosting.host.name == "github" and "." in host and not host.endswith(".github.io"):
            # GitHub takes the domain name of a site from each push.
            return {"CNAME": f"{host}\n".encode()}
        return {}

    @property
    def folder(self) -> str:
        """The folder of the branch that contains the site."""
        return "public/" if self.hosting.host.name == "gitlab" else ""


@dataclass
class GitDeployment:
    """A publication under way: commits are written locally, and one push publishes all of them."""

    target: GitBranchTarget
    commits: Commits
    state: PublishedState
    release: Release
    retired_urls: frozenset[str]

    def __post_init__(self) -> None:
        self.repo, self.deploy_state = self.target.repo, self.state.deploy_state
        self.now_s = int(self.target.clock())
        last = self.state.release
        self.published = self.repo.list_tree(self.commits.releases[last.number].site) if last else {}
        """The object names of the published files, by path."""

    def publish(self, site: BuiltSite, manifest: ShardedManifest, plan: Plan, progress: ProgressCallback) -> Release:
        if site.has_only_counters:
            gone = {path for before, _ in plan.changed for path in self._sent_files(before)}
            unchanged = {path: name for path, name in self.published.items() if path not in gone}
            sent_files = (pair for entry in plan.sent for pair in self._sent_files(entry).items())
            changed: FileReaders = {path: partial(site.read_file, file.path, file.digest) for path, file in sent_files}
            return self._release(unchanged, changed, manifest, progress)
        files = self._retain_grace_files(site.manifest.entries, plan)
        sent = {entry.path for entry in plan.sent}
        new: FileReaders = {}
        for entry in site.manifest.entries:
            for path, file in self._sent_files(entry).items():
                if entry.path not in sent and path in self.published:
                    files[path] = self.published[path]
                else:
                    new[path] = partial(site.read_file, file.path, file.digest)
        folder, hosting = self.target.folder, self.target.hosting
        host_files = {f"{folder}{path}": data for path, data in hosting.build_files(site).items()}
        new.update((path, partial(bytes, data)) for path, data in {**host_files, **self.target.root_files()}.items())
        return self._release(files, new, manifest, progress)

    def rollback(self, manifest: ShardedManifest, plan: Plan, progress: ProgressCallback) -> Release:
        number = self.release.restores
        files = self._retain_grace_files(manifest.entries(), plan)
        commits = self.commits.releases.get(number or 0)
        if commits is None:
            hint = "Build the commit of that release, and publish that."
            raise PublishRefused.at(self.target.name, f"release {number} was not kept", hint)
        return self._release({**files, **self.repo.list_tree(commits.site)}, {}, manifest, progress)

    def clean_up(self, progress: ProgressCallback) -> None:
        """Record that caches are purged, unless another publication has begun, which then purges them again."""
        progress("Writing the register", 0, 1, 0)
        if self.deploy_state.stale:
            self.deploy_state = replace(self.deploy_state, stale=(), heartbeat=secrets.token_hex(8))
            state = self._commit_state(*self.repo.write(self._state_files()))
            with suppress(RefMoved):
                self._push({self.target.refs.state: state})
        self.repo.collect_garbage()
        progress("Writing the register", 1, 1, 0)

    def _sent_files(self, entry: ManifestEntry) -> dict[str, ManifestEntry | Twin]:
        """Return the files that are sent for an entry, by their paths in the branch."""
        return {f"{self.target.folder}{file.path}": file for file in self.target.hosting.host.sent_files(entry)}

    def _retain_grace_files(self, entries: Iterable[ManifestEntry], plan: Plan) -> dict[str, str]:
        """Return the files that open pages may ask for; the state lists them, with the time of their removal."""
        since = {path: self.now_s for entry in grace_entries(plan.removed) for path in self._sent_files(entry)}
        since |= {f"{self.target.folder}{path}": since for path, since in self.deploy_state.removals}
        own = (path for entry in entries for path in self._sent_files(entry))
        retained = grace_paths(since, own, self.now_s - self.target.grace_s).items()
        removals = {path: removed_s for path, removed_s in retained if path in self.published}
        in_site = tuple((path.removeprefix(self.target.folder), removed_s) for path, removed_s in removals.items())
        self.deploy_state = replace(self.deploy_state, removals=in_site)
        return {path: self.published[path] for path in removals}

    def _release(
        self, files: dict[str, str], new: FileReaders, manifest: ShardedManifest, progress: ProgressCallback
    ) -> Release:
        before = self.state.release
        release = replace(self.release, published_at=iso_utc(self.now_s))
        self.deploy_state = replace(
            self.deploy_state,
            releases=split_releases((*self.deploy_state.releases, release), self.target.releases)[1],
            stale=tuple(dict.fromkeys((*self.deploy_state.stale, *((before.manifest,) if before else ())))),
            retired=len(self.retired_urls),
            heartbeat=secrets.token_hex(8),
        )
        pieces, new_pieces = self._find_pieces(manifest)
        sent, sent_pieces, state_files = self.repo.write(new, new_pieces, self._state_files(), progress=progress)
        commits = ReleaseCommits(
            self._commit({**files, **sent}, _message(release)),
            self._commit({**pieces, **sent_pieces}, f"Manifest of release {release.number}\n"),
        )
        self.commits = self.commits._replace(releases={**self.commits.releases, release.number: commits})
        progress("Sending to the repository", 0, 1, 0)
        self._push_release(commits.site, self._commit_state(state_files))
        progress("Sending to the repository", 1, 1, 0)
        return release

    def _commit(self, files: Mapping[str, str], message: str, parents: Sequence[str] = ()) -> str:
        """Write a commit that is the same for the same release."""
        name, _, mail = self.target.author.partition("<")
        default = f"openknowledge@{urlsplit(self.target.site_url).hostname or 'localhost'}"
        author = name.strip() or "openknowledge", mail.strip(" >") or default
        return self.repo.commit(files, message, author, self.release.commit.committed_at, parents)

    def _find_pieces(self, manifest: ShardedManifest) -> tuple[dict[str, str], FileReaders]:
        """Return the object names of the pieces of a manifest that releases have, and the other pieces."""
        written: dict[str, str] = {}
        for commits in self.commits.releases.values():
            written.update(self.repo.list_tree(commits.manifest))
        shards = manifest.list_pieces().shards
        new = {name: partial(manifest.pack_piece, name) for name in shards if name not in written}
        return {name: written[name] for name in shards if name in written}, {ROOT: manifest.to_bundle, **new}

    def _state_files(self) -> FileReaders:
        text = "".join(f"{url}\n" for url in sorted(self.retired_urls)).encode()
        return {STATE_FILE: self.deploy_state.dump, RETIRED_URLS: lambda: gzip.compress(text, 6, mtime=0)}

    def _commit_state(self, files: Mapping[str, str]) -> str:
        parents = [commit for release in self.deploy_state.releases for commit in self.commits.releases[release.number]]
        return self._commit(files, f"Releases of {self.deploy_state.site}\n", parents)

    def _push_release(self, site: str, state: str) -> None:
        refs, foreign = self.target.refs, self.commits.foreign
        updates = {refs.branch: site, refs.state: state}
        if foreign:
            self.repo.fetch(refs.branch, depth=1)
            updates[refs.adopted] = foreign
        try:
            self._push(updates)
        except RefMoved:
            message = "somebody else has published here since it was looked at"
            hint = "Nothing of this release is there. Publish again, if it is still the newer one."
            raise PublishRefused.at(self.target.name, message, hint) from None

    def _push(self, updates: Mapping[str, str]) -> None:
        refs, tips = self.target.refs, self.commits.tips
        self.repo.push(updates, tips)
        self.commits = self.commits._replace(tips={**tips, **updates})
        self.repo.set_local_ref(refs.state, updates[refs.state])


def _message(release: Release) -> str:
    """Return the message of a release's commit, the same for the same release."""
    source = f"{release.commit.id}{' with changes' if release.commit.is_dirty else ''}" if release.commit.id else None
    trailers = {"Release": release.number, "Manifest": release.manifest, "Source": source, "Restores": release.restores}
    lines = (f"Openknowledge-{name}: {value}\n" for name, value in trailers.items() if value is not None)
    return f"Release {release.number}\n\n{''.join(lines)}"


def open_repo(options: Mapping[str, str], secrets: Mapping[str, str], project: Path, cache: Path) -> BareRepo:
    """Return the repository in the cache for a remote, which `options` name by URL or as the project does."""
    url = options["remote"]
    is_path = "://" not in url and ":" not in url
    if is_path and not (project / url).exists():
        try:
            url = BareRepo(project, url).run("remote", "get-url", "--push", url).decode().strip()
        except GitError:
            hint = "Write its address, or a name that `git remote` knows."
            message = "there is no such remote in this project"
            raise PublishRefused.at('PUBLISH_TARGET["remote"]', f"{message}: {url}", hint) from None
    elif is_path:
        url = str((project / url).resolve())
    if "://" in url and urlsplit(url).password is not None:
        hint = "Write it without, and set PUBLISH_GIT_TOKEN in the environment."
        raise PublishRefused.at(redact(url), "the address holds a password", hint)
    user = secrets.get("PUBLISH_GIT_USER") or TOKEN_USERS.get(options.get("host", ""), "openknowledge")
    folder = (cache / "publish" / f"{sha256(url.encode()).hexdigest()[:16]}.git").resolve()
    return BareRepo(folder, url, user, secrets.get("PUBLISH_GIT_TOKEN", ""))
