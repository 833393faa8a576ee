"""From a built site to its readers: looked at, planned, put in place, purged, read back."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from openknowledge.problems import Problem

from .built_site import BuiltSite
from .errors import PublishFailed, PublishRefused, make_problem
from .git_info import is_older
from .manifest_shards import ShardedManifest, split_manifest
from .plan import Plan, make_plan
from .release import Commit, Release
from .result import PublishResult, Status
from .targets import Deployment, ProgressCallback, PublishedState, Target
from .url_permanence import find_lost_urls, find_retired_urls

__all__ = ["LostUrls", "Publication", "PublishContext", "Purger", "VerifyFunction", "publish", "roll_back"]


class Purger(Protocol):
    """Makes caches forget addresses."""

    def purge(self, addresses: Sequence[str], progress: ProgressCallback) -> None:
        """Have caches ask again for these paths of the site. Raises `Failed` where they cannot be told."""
        ...


VerifyFunction = Callable[[Plan, ShardedManifest, ProgressCallback], tuple[int, tuple[Problem, ...]]]
"""Reads back what was published, through its public address: how many files, and what is wrong with them."""


class LostUrls(PublishRefused):
    """Addresses that were published once would lead nowhere."""

    def __init__(self, addresses: Sequence[str]) -> None:
        self.addresses = tuple(addresses)
        hint = "Say what became of it: `aliases:` in the item that took its place, or content/redirects.yaml."
        super().__init__(make_problem(address, "was published, and would be lost", hint) for address in addresses)


@dataclass(frozen=True)
class PublishContext:
    """What an operator wants. `by` is who publishes, as others are told who find the place taken.

    Of a preview nothing is promised: its branch may be any commit, and its addresses come and go.
    """

    owner: str
    project: Path
    is_plan: bool = False
    is_forced: bool = False
    purges_everything: bool = False
    is_preview: bool = False


@dataclass
class Publication:
    """One run against a target; `has_cache` where there is something that the purger tells."""

    target: Target
    purger: Purger
    verify: VerifyFunction
    context: PublishContext
    progress: ProgressCallback
    has_cache: bool = True

    def __post_init__(self) -> None:
        self.began_s = time.monotonic()

    def carry_out(self, state: PublishedState, commit: Commit, plan: Plan, work: _Goal) -> PublishResult:
        """Do what is planned, or nothing where nothing is to be done."""
        is_same = state.release is not None and state.release.policy == work.policy
        has_nothing = plan.is_empty and is_same and not state.uncertain
        if has_nothing and (self.context.is_plan or not self._has_more(state)):
            return self._ended(Status.NOTHING_TO_DO, plan, state.release)
        if self.context.is_plan:
            return self._ended(Status.PUBLISHED, plan, None)
        release = self._release(state, commit, work)
        if has_nothing and state.release is not None:
            with self.target.start_deployment(state, release, state.retired_urls) as at_work:
                return self._finish(at_work, plan, state.release, work.manifest, Status.NOTHING_TO_DO)
        former = frozenset() if self.context.is_preview else find_retired_urls(state.retired_urls, plan, work.manifest)
        with self.target.start_deployment(state, release, former) as at_work:
            released = work.do(at_work, plan)
            return self._finish(at_work, plan, released, work.manifest, Status.PUBLISHED)

    def _has_more(self, state: PublishedState) -> bool:
        """Whether there is something to do though no file differs."""
        return bool(state.stale) or state.has_due or self.context.purges_everything

    def _finish(
        self, work: Deployment, plan: Plan, release: Release, manifest: ShardedManifest, status: Status
    ) -> PublishResult:
        """What comes when files are in place. What is not done here is done by the next run."""
        try:
            self.purger.purge(plan.purge_urls, self.progress)
            verified, problems = self.verify(plan, manifest, self.progress)
            if not problems:
                work.clean_up(self.progress)
        except PublishFailed as error:
            return self._ended(Status.FAILED_AND_SAFE, plan, release, error.problems)
        if problems:
            return self._ended(Status.NOT_VERIFIED, plan, release, problems)
        return self._ended(status, plan, release, verified=verified)

    def _release(self, state: PublishedState, commit: Commit, work: _Goal) -> Release:
        root = work.manifest.root
        return Release(
            number=state.deploy_state.next_number,
            manifest=root.digest,
            policy=work.policy,
            commit=commit,
            by=self.context.owner,
            files=root.files,
            size_b=root.size_b,
            restores=work.restores,
        )

    def _ended(
        self,
        status: Status,
        plan: Plan,
        release: Release | None,
        problems: tuple[Problem, ...] = (),
        verified: int = 0,
    ) -> PublishResult:
        return PublishResult(
            status,
            self.target.name,
            plan,
            release,
            problems,
            purged=len(plan.purge_urls) if self.has_cache else 0,
            has_cache=self.has_cache,
            verified=verified,
            took_s=time.monotonic() - self.began_s,
            is_plan=self.context.is_plan,
        )


@dataclass(frozen=True)
class _Goal:
    """What is to be in place in the end, and how it gets there."""

    manifest: ShardedManifest
    policy: str
    do: Callable[[Deployment, Plan], Release]
    restores: int | None = None


def publish(publication: Publication, site: BuiltSite, state: PublishedState) -> PublishResult:
    """Publish a site where the target is in this state.

    Raises `Refused` where that would be wrong, `Failed` where it cannot go on; `LostAddresses` where a published
    address would be lost.
    """
    _refuse(publication.target.problems(site))
    if not (publication.context.is_forced or publication.context.is_preview):
        _refuse(_older(publication.context.project, site.commit, state))
    manifest = split_manifest(site.manifest, like=state.manifest)
    plan = _plan(state, manifest, publication.target.policy)
    lost = () if publication.context.is_preview else find_lost_urls(state.retired_urls, plan, manifest, site.redirects)
    if lost:
        raise LostUrls(lost)
    site.check_files(plan.sent)
    doing = _Goal(
        manifest, publication.target.policy, lambda work, todo: work.publish(site, manifest, todo, publication.progress)
    )
    return publication.carry_out(state, site.commit, plan, doing)


def roll_back(publication: Publication, state: PublishedState, number: int | None) -> PublishResult:
    """Have an earlier release again, the one before the last where no number is said, from what the target kept."""
    releases = state.deploy_state.releases
    wanted = (
        state.deploy_state.by_number(number) if number is not None else (releases[-2] if len(releases) > 1 else None)
    )
    if wanted is None or (wanted is state.release and not state.uncertain):
        kept = ", ".join(str(release.number) for release in releases[:-1]) or "none"
        message = "there is no earlier release" if number is None else f"there is no earlier release {number}"
        raise PublishRefused([make_problem(publication.target.name, message, f"These are kept: {kept}.")])
    manifest = publication.target.read_manifest(wanted)
    plan = _plan(state, manifest, wanted.policy)
    doing = _Goal(
        manifest,
        wanted.policy,
        lambda work, todo: work.rollback(manifest, todo, publication.progress),
        restores=wanted.number,
    )
    return publication.carry_out(state, wanted.commit, plan, doing)


def _plan(state: PublishedState, manifest: ShardedManifest, policy: str) -> Plan:
    before = state.release
    return make_plan(
        state.manifest,
        manifest,
        uncertain=state.uncertain,
        replacing=[one for one in state.uncertain if one.root.digest in state.deploy_state.replacing],
        stale=state.stale,
        resends_all=before is not None and not _is_stored_alike(before.policy, policy),
        is_all_uncertain=any(
            before is not None and not _is_stored_alike(one.policy, before.policy)
            for one in state.deploy_state.uncertain
        ),
    )


def _is_stored_alike(one: str, other: str) -> bool:
    """Whether files are stored the same under two policies: what comes after a slash is said of them by others."""
    return one.partition("/")[0] == other.partition("/")[0]


def _older(project: Path, commit: Commit, state: PublishedState) -> tuple[Problem, ...]:
    """A publication that would take readers back; a rollback is no newer commit, so its own one counts."""
    last = state.release
    if last is None or not is_older(project, commit, last.commit):
        return ()
    message = f"{commit.short} is older than {last.commit.short}, which is published"
    hint = (
        "Publish the newer one. To go back: invoke rollback. To publish this one all the same: invoke publish --force"
    )
    return (make_problem("the commit", message, hint),)


def _refuse(problems: Sequence[Problem]) -> None:
    if problems:
        raise PublishRefused(problems)
