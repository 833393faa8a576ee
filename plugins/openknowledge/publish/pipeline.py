"""The order of a publication: plan, deploy, purge, verify, clean up."""

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

__all__ = ["Goal", "LostUrls", "Publication", "PublishContext", "Purger", "VerifyFunction", "publish", "roll_back"]


class Purger(Protocol):
    """Makes caches forget addresses."""

    def purge(self, addresses: Sequence[str], progress: ProgressCallback) -> None:
        """Purge these paths of the site. Raises `PublishFailed` if that cannot be done."""
        ...


VerifyFunction = Callable[[Plan, ShardedManifest, ProgressCallback], tuple[int, tuple[Problem, ...]]]
"""Requests what was published through its public address, and returns how many files, and what is wrong."""


class LostUrls(PublishRefused):
    """Addresses that were published once would lead nowhere."""

    def __init__(self, addresses: Sequence[str]) -> None:
        self.addresses = tuple(addresses)
        hint = "Say what became of it: `aliases:` in the item that took its place, or content/redirects.yaml."
        super().__init__(make_problem(address, "was published, and would be lost", hint) for address in addresses)


@dataclass(frozen=True)
class PublishContext:
    """What an operator asked for; `owner` names who publishes to others who find the target locked.

    A preview makes no promises: its branch may be any commit, and its addresses come and go.
    """

    owner: str
    project: Path
    is_plan: bool = False
    is_forced: bool = False
    purges_everything: bool = False
    is_preview: bool = False


@dataclass
class Publication:
    """One publication to a target; `has_cache` says that the purger has something to purge."""

    target: Target
    purger: Purger
    verify: VerifyFunction
    context: PublishContext
    progress: ProgressCallback
    has_cache: bool = True

    def __post_init__(self) -> None:
        self.began_s = time.monotonic()

    def carry_out(self, state: PublishedState, commit: Commit, plan: Plan, goal: Goal) -> PublishResult:
        """Deploy, purge and verify what the plan has, or nothing if there is nothing to do."""
        is_same_policy = state.release is not None and state.release.policy == goal.policy
        is_published = plan.is_empty and is_same_policy and not state.uncertain
        has_leftovers = bool(state.stale) or state.has_due or self.context.purges_everything
        if is_published and (self.context.is_plan or not has_leftovers):
            return self._end(Status.NOTHING_TO_DO, plan, state.release)
        if self.context.is_plan:
            return self._end(Status.PUBLISHED, plan, None)
        release = self.make_release(state, commit, goal)
        if is_published and state.release is not None:
            with self.target.start_deployment(state, release, state.retired_urls) as deployment:
                return self._finish(deployment, plan, state.release, goal.manifest, Status.NOTHING_TO_DO)
        is_preview = self.context.is_preview
        retired = frozenset() if is_preview else find_retired_urls(state.retired_urls, plan, goal.manifest)
        with self.target.start_deployment(state, release, retired) as deployment:
            released = goal.deploy(deployment, plan)
            return self._finish(deployment, plan, released, goal.manifest, Status.PUBLISHED)

    def make_release(self, state: PublishedState, commit: Commit, goal: Goal) -> Release:
        """Make the record of the next release."""
        root = goal.manifest.root
        return Release(
            number=state.deploy_state.next_number,
            manifest=root.digest,
            policy=goal.policy,
            commit=commit,
            by=self.context.owner,
            files=root.files,
            size_b=root.size_b,
            restores=goal.restores,
        )

    def _finish(
        self, deployment: Deployment, plan: Plan, release: Release, manifest: ShardedManifest, status: Status
    ) -> PublishResult:
        """Purge, verify and clean up after files are in place; the next run does what fails here."""
        try:
            self.purger.purge(plan.purge_urls, self.progress)
            verified, problems = self.verify(plan, manifest, self.progress)
            if not problems:
                deployment.clean_up(self.progress)
        except PublishFailed as error:
            return self._end(Status.FAILED_AND_SAFE, plan, release, error.problems)
        if problems:
            return self._end(Status.NOT_VERIFIED, plan, release, problems)
        return self._end(status, plan, release, verified=verified)

    def _end(
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
class Goal:
    """The manifest and policy to reach, and how a deployment reaches them."""

    manifest: ShardedManifest
    policy: str
    deploy: Callable[[Deployment, Plan], Release]
    restores: int | None = None


def publish(publication: Publication, site: BuiltSite, state: PublishedState) -> PublishResult:
    """Publish a site to a target in this state.

    Raises `PublishRefused` if that would be wrong, `LostUrls` if a published address would be lost, and `PublishFailed`
    if it cannot go on.
    """
    context, target = publication.context, publication.target
    _refuse_if(target.problems(site))
    if not (context.is_forced or context.is_preview):
        _refuse_if(_age_problems(context.project, site.commit, state))
    manifest = split_manifest(site.manifest, like=state.manifest)
    plan = _make_plan(state, manifest, target.policy)
    lost = () if context.is_preview else find_lost_urls(state.retired_urls, plan, manifest, site.redirects)
    if lost:
        raise LostUrls(lost)
    site.check_files(plan.sent)
    goal = Goal(
        manifest,
        target.policy,
        lambda deployment, plan: deployment.publish(site, manifest, plan, publication.progress),
    )
    return publication.carry_out(state, site.commit, plan, goal)


def roll_back(publication: Publication, state: PublishedState, number: int | None) -> PublishResult:
    """Restore a release from what the target retains, the one before the last if no number is given.

    Raises `PublishRefused` if there is no such release.
    """
    releases = state.deploy_state.releases
    if number is not None:
        release = state.deploy_state.by_number(number)
    else:
        release = releases[-2] if len(releases) > 1 else None
    if release is None or (release is state.release and not state.uncertain):
        retained = ", ".join(str(earlier.number) for earlier in releases[:-1]) or "none"
        message = "there is no earlier release" if number is None else f"there is no earlier release {number}"
        raise PublishRefused([make_problem(publication.target.name, message, f"These are kept: {retained}.")])
    manifest = publication.target.read_manifest(release)
    goal = Goal(
        manifest,
        release.policy,
        lambda deployment, plan: deployment.rollback(manifest, plan, publication.progress),
        restores=release.number,
    )
    return publication.carry_out(state, release.commit, _make_plan(state, manifest, release.policy), goal)


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


def _age_problems(project: Path, commit: Commit, state: PublishedState) -> tuple[Problem, ...]:
    """Return a problem if the commit is older than the published one; a rollback counts as the commit it restored."""
    last = state.release
    if last is None or not is_older(project, commit, last.commit):
        return ()
    message = f"{commit.short} is older than {last.commit.short}, which is published"
    hint = (
        "Publish the newer one. To go back: invoke rollback. To publish this one all the same: invoke publish --force"
    )
    return (make_problem("the commit", message, hint),)


def _refuse_if(problems: Sequence[Problem]) -> None:
    if problems:
        raise PublishRefused(problems)
