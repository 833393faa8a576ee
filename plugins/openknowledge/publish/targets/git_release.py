"""A release as a commit: its tree made of what is there already and of what is new, and the push that begins it."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import PurePosixPath
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from openknowledge.manifest import ManifestEntry

from ..built_site import BuiltSite
from ..errors import PublishRefused, make_problem
from ..hosts.hosting import grace_entries
from ..manifest_shards import ShardedManifest
from ..plan import Plan
from ..release import DeployState, Release, iso_utc
from . import ProgressCallback, PublishedState
from .git_cli import GitError
from .git_repo import Blob, RefMoved, RefUpdate
from .git_state import Commits, manifest_files, register_files

if TYPE_CHECKING:
    from .git import GitBranchTarget

__all__ = ["CommitOptions", "GitDeployment", "RemoteRefs"]


@dataclass(frozen=True)
class RemoteRefs:
    """Where the remote's references were: the branch, the register, the commits of its releases by number.

    `stranger` is the branch's commit where it is of others, `adopted` where an earlier one of such is kept.
    """

    branch: str = ""
    state: str = ""
    commits: Mapping[int, Commits] = field(default_factory=dict)
    stranger: str = ""
    adopted: str = ""


@dataclass(frozen=True)
class CommitOptions:
    """How releases are written: by whom (`Name <mail>`; us where it is empty), and what is kept of those before."""

    author: str = ""
    kept_releases: int = 10
    grace_s: int = 24 * 3600
    clock: Callable[[], float] = time.time

    def author_at(self, site_url: str) -> tuple[str, str]:
        name, _, mail = self.author.partition("<")
        default = f"openknowledge@{urlsplit(site_url).hostname or 'localhost'}"
        return name.strip() or "openknowledge", mail.strip(" >") or default


class GitDeployment:
    """A publication under way. Nothing is anywhere but here before the push; with it everything is there."""

    def __init__(
        self,
        target: GitBranchTarget,
        seen: RemoteRefs,
        state: PublishedState,
        release: Release,
        retired_urls: frozenset[str],
    ) -> None:
        self.target, self.store, self.seen, self.state = target, target.store, seen, state
        self.release, self.former, self.register = release, retired_urls, state.deploy_state
        self.now_s = int(target.writing.clock())

    def publish(self, site: BuiltSite, manifest: ShardedManifest, plan: Plan, progress: ProgressCallback) -> Release:
        there = self._last()
        kept, removals = self._kept(site.manifest.entries, plan, there)
        sent = {entry.path for entry in plan.sent}
        files: dict[str, str] = dict(kept)
        new: list[Blob] = []
        for entry in site.manifest.entries:
            for path, digest in self.target.hosting.sent_files(entry):
                place = f"{self.target.folder}{path}"
                if entry.path not in sent and place in there:
                    files[place] = there[place]
                else:
                    new.append((place, partial(site.read_file, path, digest)))
        for place, data in self._host_files(site).items():
            new.append((place, partial(bytes, data)))
        return self._written(files, new, manifest, removals, progress)

    def rollback(self, manifest: ShardedManifest, plan: Plan, progress: ProgressCallback) -> Release:
        there, number = self._last(), self.release.restores
        kept, removals = self._kept(manifest.entries(), plan, there)
        commits = self.seen.commits.get(number or 0)
        if commits is None:
            hint = "Build the commit of that release, and publish that."
            raise PublishRefused([make_problem(self.target.name, f"release {number} was not kept", hint)])
        return self._written({**kept, **self.store.listing(commits.site)}, [], manifest, removals, progress)

    def clean_up(self, progress: ProgressCallback) -> None:
        """Say that caches know of what is published. Who publishes in the meantime knows what was still to be done."""
        progress("Writing the register", 0, 1, 0)
        try:
            if self.register.stale:
                self._write_register(replace(self.register, stale=(), heartbeat=secrets.token_hex(8)))
            self.store.tidy()
        except GitError as error:
            raise self.store.git.failure(error) from None
        progress("Writing the register", 1, 1, 0)

    def _write_register(self, register: DeployState) -> None:
        self.register = register
        state = self._state()
        with suppress(RefMoved):
            self.store.push([RefUpdate(self.target.branch.state_ref, self.seen.state, state)])
            self.store.see(self.target.branch.seen_ref, state)

    def _last(self) -> dict[str, str]:
        """The files of the last release."""
        last = self.state.release
        return self.store.listing(self.seen.commits[last.number].site) if last else {}

    def _host_files(self, site: BuiltSite) -> dict[str, bytes]:
        beside = self.target.hosting.extra_files(site)
        return {**{f"{self.target.folder}{path}": data for path, data in beside.items()}, **self.target.root_files()}

    def _kept(
        self, entries: Iterable[ManifestEntry], plan: Plan, there: Mapping[str, str]
    ) -> tuple[dict[str, str], tuple[tuple[str, int], ...]]:
        """What stays for those who have an older page open, and since when it is in no release any more."""
        folder, hosting = self.target.folder, self.target.hosting
        ours = {f"{folder}{path}" for entry in entries for path, _ in hosting.sent_files(entry)}
        since = {f"{folder}{path}": began for path, began in self.state.deploy_state.removals}
        for entry in grace_entries(plan.removed):
            for path, _ in hosting.sent_files(entry):
                since.setdefault(f"{folder}{path}", self.now_s)
        folders = {str(parent) for path in ours for parent in PurePosixPath(path).parents}
        kept = {
            path: there[path]
            for path, began in since.items()
            if path in there and began + self.target.writing.grace_s > self.now_s and _fits(path, ours, folders)
        }
        return kept, tuple((path.removeprefix(folder), since[path]) for path in sorted(kept))

    def _written(
        self,
        files: dict[str, str],
        new: list[Blob],
        manifest: ShardedManifest,
        removals: tuple[tuple[str, int], ...],
        progress: ProgressCallback,
    ) -> Release:
        before = self.state.release
        release = replace(self.release, published_at=iso_utc(self.now_s))
        stale = dict.fromkeys((*self.register.stale, *((before.manifest,) if before else ())))
        self.register = replace(
            self.register,
            releases=(*self.register.releases, release)[-self.target.writing.kept_releases :],
            stale=tuple(stale),
            removals=removals,
            heartbeat=secrets.token_hex(8),
        )
        try:
            files.update(self.store.write(_counted(new, progress)))
            commits = Commits(self._commit(files, _message(self.release)), self._manifest(manifest))
            self.seen = replace(self.seen, commits={**self.seen.commits, release.number: commits})
            progress("Sending to the repository", 0, 1, 0)
            self._push(commits.site, self._state())
        except GitError as error:
            raise self.store.git.failure(error) from None
        progress("Sending to the repository", 1, 1, 0)
        return release

    def _commit(self, files: Mapping[str, str], message: str, parents: Sequence[str] = ()) -> str:
        """A commit that is the same for the same release."""
        target, tree = self.target, self.store.tree(files)
        author = target.writing.author_at(target.site_url)
        return self.store.commit(tree, message, author, self.release.commit.committed_at, parents)

    def _manifest(self, manifest: ShardedManifest) -> str:
        there: dict[str, str] = {}
        for commits in self.seen.commits.values():
            there.update(self.store.listing(commits.manifest))
        files, new = manifest_files(manifest, there)
        return self._commit({**files, **self.store.write(new)}, f"Manifest of release {self.release.number}\n")

    def _state(self) -> str:
        """The register as it is now."""
        kept = [self.seen.commits[one.number] for one in self.register.releases]
        parents = [commit for one in kept for commit in (one.site, one.manifest)]
        files = self.store.write(register_files(self.register, self.former))
        return self._commit(files, f"Releases of {self.register.site}\n", parents)

    def _push(self, commit: str, state: str) -> None:
        branch = self.target.branch
        updates = [RefUpdate(branch.ref, self.seen.branch, commit), RefUpdate(branch.state_ref, self.seen.state, state)]
        if self.seen.stranger:
            self.store.fetch(branch.ref, f"{branch.seen_ref}-adopted", depth=1)
            updates.append(RefUpdate(branch.adopted_ref, self.seen.adopted, self.seen.stranger))
        try:
            self.store.push(updates)
        except RefMoved:
            message = "somebody else has published here since it was looked at"
            hint = "Nothing of this release is there. Publish again, if it is still the newer one."
            raise PublishRefused([make_problem(self.target.name, message, hint)]) from None
        self.seen = replace(self.seen, branch=commit, state=state)
        self.store.see(branch.seen_ref, state)


def _fits(path: str, ours: set[str], folders: set[str]) -> bool:
    """Whether a path is free beside files of ours: neither one of them, nor a folder of one, nor below one."""
    return path not in ours and path not in folders and not any(str(one) in ours for one in PurePosixPath(path).parents)


def _message(release: Release) -> str:
    """What a commit says of a release; the same for the same release."""
    lines = [f"Release {release.number}", "", f"Openknowledge-Release: {release.number}"]
    lines.append(f"Openknowledge-Manifest: {release.manifest}")
    if release.commit.id:
        lines.append(f"Openknowledge-Source: {release.commit.id}{' with changes' if release.commit.is_dirty else ''}")
    if release.restores is not None:
        lines.append(f"Openknowledge-Restores: {release.restores}")
    return "\n".join((*lines, ""))


def _counted(blobs: list[Blob], progress: ProgressCallback) -> Iterator[Blob]:
    """The same, telling of each."""
    done = 0

    def counted(number: int, get: Callable[[], bytes]) -> bytes:
        nonlocal done
        data = get()
        done += len(data)
        progress("Writing the release", number, len(blobs), done)
        return data

    for number, (path, get) in enumerate(blobs, 1):
        yield path, partial(counted, number, get)
