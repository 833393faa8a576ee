"""The order of a publication: plan, deploy, purge, verify, clean up."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Protocol

from openknowledge.manifest import CacheClass
from openknowledge.problems import Problem

from .built_site import BuiltSite
from .errors import PublishFailed, PublishRefused, make_problem
from .manifest_shards import ShardedManifest, split_manifest
from .plan import Plan, find_lost_urls, find_retired_urls, make_plan
from .release import Release, is_older
from .result import PublishResult, Status
from .targets import Deployment, ProgressCallback, PublishedState, Target

__all__ = [
    "LOST_HINT",
    "LostUrls",
    "Publication",
    "Purger",
    "VerifyFunction",
    "publish",
    "publish_counters",
    "roll_back",
]


class Purger(Protocol):
    """Makes caches forget addresses."""

    def purge(self, addresses: Sequence[str], progress: ProgressCallback) -> None:
        """Purge these paths of the site. Raises `PublishFailed` if that cannot be done."""


VerifyFunction = Callable[[Plan, ShardedManifest, ProgressCallback], tuple[int, tuple[Problem, ...]]]
"""Requests what was published through its public address, and returns how many files, and what is wrong."""


LOST_HINT = "Say what became of it: `aliases:` in the item that took its place, or content/redirects.yaml."


class LostUrls(PublishRefused):
    """Addresses that were published once would lead nowhere."""

    def __init__(self, addresses: Sequence[str]) -> None:
        self.addresses = tuple(addresses)
        super().__init__(make_problem(address, "was published, and would be lost", LOST_HINT) for address in addresses)


@dataclass
class Publication:
    """One publication to a target.

    `owner` names who publishes to others who find the target locked; `has_cache` says that the purger has something to
    purge. A preview makes no promises: its branch may be any commit, and its addresses come and go.
    """

    target: Target
    purger: Purger
    verify: VerifyFunction
    owner: str
    project: Path
    progress: ProgressCallback
    has_cache: bool = True
    is_plan: bool = False
    is_forced: bool = False
    purges_everything: bool = False
    is_preview: bool = False
    began_s: float = field(default_factory=time.monotonic)

    def carry_out(
        self, state: PublishedState, plan: Plan, manifest: ShardedManifest, source: BuiltSite | Release
    ) -> PublishResult:
        """Deploy, purge and verify a site or a retained release, or nothing if there is nothing to do."""
        policy = source.policy if isinstance(source, Release) else self.target.policy
        last, retired = state.release, state.retired_urls
        is_published = plan.is_empty and last is not None and last.policy == policy
        is_published = is_published and not state.uncertain and not state.has_lost_urls
        has_only_counters = isinstance(source, BuiltSite) and source.has_only_counters
        has_leftovers = bool(state.stale) or state.has_due or self.purges_everything
        if is_published and (self.is_plan or not has_leftovers):
            return self._end(Status.NOTHING_TO_DO, plan, last)
        if self.is_plan:
            return self._end(Status.PUBLISHED, plan, None)
        if not (is_published or has_only_counters):
            retired = frozenset() if self.is_preview else find_retired_urls(retired, plan, manifest)
        number, root = state.deploy_state.next_number, manifest.root
        release = Release(number, root.digest, policy, source.commit, self.owner, root.files, root.size_b)
        if isinstance(source, Release):
            release = replace(release, restores=source.number)
        release = replace(release, has_only_counters=has_only_counters)
        with self.target.start_deployment(state, release, retired) as deployment:
            if is_published:
                return self._finish(deployment, plan, last, manifest, Status.NOTHING_TO_DO)
            if isinstance(source, Release):
                published = deployment.rollback(manifest, plan, self.progress)
            else:
                published = deployment.publish(source, manifest, plan, self.progress)
            return self._finish(deployment, plan, published, manifest, Status.PUBLISHED)

    def _finish(
        self, deployment: Deployment, plan: Plan, release: Release | None, manifest: ShardedManifest, status: Status
    ) -> PublishResult:
        """Purge, verify and clean up after files are in place; the next run does what fails here."""
        try:
            self.purger.purge(plan.purge_urls, self.progress)
            verified, problems = self.verify(plan, manifest, self.progress)
            if problems:
                return self._end(Status.NOT_VERIFIED, plan, release, problems)
            deployment.clean_up(self.progress)
        except PublishFailed as error:
            return self._end(Status.FAILED_AND_SAFE, plan, release, error.problems)
        return self._end(status, plan, release, verified=verified)

    def _end(
        self, status: Status, plan: Plan, release: Release | None, problems: Sequence[Problem] = (), verified: int = 0
    ) -> PublishResult:
        purged, took_s = len(plan.purge_urls) if self.has_cache else 0, time.monotonic() - self.began_s
        outcome = (status, self.target.name, plan, release, tuple(problems))
        return PublishResult(*outcome, purged, verified, took_s, self.is_plan, self.has_cache)


def publish(publication: Publication, site: BuiltSite, state: PublishedState) -> PublishResult:
    """Publish a site to a target in this state.

    Raises `PublishRefused` if that would be wrong, `LostUrls` if a published address would be lost, and `PublishFailed`
    if it cannot go on.
    """
    target, last = publication.target, state.release
    if problems := target.problems(site):
        raise PublishRefused(problems)
    _check_commit(publication, site, last)
    manifest = split_manifest(site.manifest, like=state.manifest)
    plan = _make_plan(state, manifest, target.policy)
    lost = () if publication.is_preview else find_lost_urls(state.retired_urls, plan, manifest, site.redirects)
    if lost:
        raise LostUrls(lost)
    site.check_files(plan.sent)
    return publication.carry_out(state, plan, manifest, site)


def _check_commit(publication: Publication, site: BuiltSite, last: Release | None) -> None:
    """Raise `PublishRefused` if a site is older than the last release. A rollback counts as what it restored."""
    may_go_back = publication.is_forced or publication.is_preview
    if not may_go_back and last is not None and is_older(publication.project, site.commit, last.commit):
        published = "whose numbers are published" if last.has_only_counters else "which is published"
        message = f"{site.commit.short} is older than {last.commit.short}, {published}"
        hint = "To go back: invoke rollback. To publish this one all the same: invoke publish --force"
        raise PublishRefused.at("the commit", message, f"Publish the newer one. {hint}")


def publish_counters(publication: Publication, site: BuiltSite, state: PublishedState) -> PublishResult:
    """Publish the numbers' documents of a site over those of the last release, all other files of which stay.

    A document that is not published yet waits for the pages that ask for it. Raises `PublishRefused` if that would be
    wrong, and `PublishFailed` if it cannot go on.
    """
    target, last = publication.target, state.release
    whole = "Publish the whole site: invoke publish"
    if problems := target.problems(site):
        raise PublishRefused(problems)
    if last is None or state.manifest is None:
        raise PublishRefused.at(target.name, "nothing is published here yet", whole)
    _check_commit(publication, site, last)
    if last.policy != target.policy:
        raise PublishRefused.at(target.name, "all files get other headers now", whole)
    documents = site.manifest.by_path
    published = state.manifest.find(documents).values()
    changed = [entry for entry in published if entry.cache is CacheClass.COUNTERS and entry != documents[entry.path]]
    manifest = state.manifest.replace_entries(documents[entry.path] for entry in changed)
    plan = _make_plan(state, manifest, target.policy)
    if plan.removed or any(entry != documents.get(entry.path) for entry in plan.sent):
        raise PublishRefused.at(target.name, "a publication of the site was interrupted, and is not complete", whole)
    site.check_files(plan.sent)
    return publication.carry_out(state, plan, manifest, site)


def roll_back(publication: Publication, state: PublishedState, number: int | None) -> PublishResult:
    """Restore a release from what the target retains, the one before the last if no number is given.

    The last one is then the last with pages: newer numbers alone do not count. Raises `PublishRefused` if there is no
    such release.
    """
    releases = state.deploy_state.releases
    last = max((at for at, release in enumerate(releases) if not release.has_only_counters), default=0)
    before_last = releases[last - 1] if last else None
    release = before_last if number is None else state.deploy_state.by_number(number)
    if release is None or (release is state.release and not state.uncertain):
        retained = ", ".join(str(earlier.number) for earlier in releases[:-1]) or "none"
        message = "there is no earlier release" if number is None else f"there is no earlier release {number}"
        raise PublishRefused.at(publication.target.name, message, f"These are kept: {retained}.")
    manifest = publication.target.read_manifest(release)
    return publication.carry_out(state, _make_plan(state, manifest, release.policy), manifest, release)


def _make_plan(state: PublishedState, manifest: ShardedManifest, policy: str) -> Plan:
    before, deploy_state = state.release, state.deploy_state
    return make_plan(
        state.manifest,
        manifest,
        uncertain=state.uncertain,
        replacing=[cut_off for cut_off in state.uncertain if cut_off.root.digest in deploy_state.replacing],
        stale=state.stale,
        resends_all=before is not None and not _is_stored_alike(before.policy, policy),
        is_all_uncertain=before is not None
        and any(not _is_stored_alike(release.policy, before.policy) for release in deploy_state.uncertain),
    )


def _is_stored_alike(policy: str, other: str) -> bool:
    """Return whether files are stored alike under two policies, which have other headers after a slash."""
    return policy.partition("/")[0] == other.partition("/")[0]
