"""A preview from beginning to end: built as it would be published, compared, built for its own address, published."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ..built_site import BuiltSite, open_site
from ..errors import PublishRefused, make_problem
from ..factory import check_cache_patterns, make_purger, make_target, make_verifier
from ..git_info import read_commit
from ..manifest_shards import split_manifest
from ..pipeline import LostUrls, Publication, PublishContext, publish
from ..plan import Plan, make_plan
from ..prebuild import build_site, check_site_links, write_retired_urls
from ..progress import show_progress
from ..result import PublishResult, Status
from ..settings import PublishSettings
from ..targets import PREVIEWS_FOLDER, PublishedState, Removable
from ..url_permanence import find_lost_urls
from .report import ChangeReport, build_report
from .result import PreviewResult
from .settings import preview_prefix, preview_settings
from .slug import slugify
from .titles import read_title

if TYPE_CHECKING:
    from ..commands import Publisher

__all__ = ["publish_preview", "remove_preview"]

ADDRESSES = "published-addresses.txt"
PROBLEMS = "preview-problems.json"


@dataclass(frozen=True)
class CandidateSite:
    """The site as it would be published, with what it loses by address, and how it had to be built."""

    site: BuiltSite
    plan: Plan
    lost: Mapping[str, str]
    addresses: Path
    overrides: Mapping[str, str]


def publish_preview(run: Publisher, name: str, *, is_plan: bool) -> PreviewResult:
    """Publish a preview of the working tree; or, as a plan, only say what it would change."""
    safe = slugify(name)
    settings = None if is_plan else preview_settings(run.settings, safe)
    target = make_target(settings, prefix=preview_prefix(safe), is_preview=True) if settings else None
    there = target.read_state() if target else None
    state = run.make_target().read_state()
    merged = _merged(run, state)
    report = _report(state, merged)
    told = PreviewResult(_status(report), target.name if target else "", is_plan=is_plan, name=safe, report=report)
    if settings is None or target is None or there is None:
        return _with(told, merged)
    output = run.project / settings.output
    build_site(run.project, output, merged.addresses, {**merged.overrides, **_overrides(settings)})
    with show_progress() as tell:
        orders = PublishContext(run.owner, run.project, is_preview=True)
        site = open_site(output, read_commit(run.project))
        reader = make_verifier(settings, site.redirects, is_preview=True)
        done = publish(
            Publication(target, make_purger(settings), reader, orders, tell, settings.has_cache), site, there
        )
    return _with(told, merged, done, settings.site_url)


def remove_preview(run: Publisher, name: str) -> PreviewResult:
    """Take a preview away; there may be none."""
    safe = slugify(name)
    target = make_target(preview_settings(run.settings, safe), prefix=preview_prefix(safe), is_preview=True)
    if not isinstance(target, Removable):
        hint = f"Delete {PREVIEWS_FOLDER}/{safe} there."
        raise PublishRefused([make_problem(target.name, "previews cannot be taken away from here", hint)])
    with show_progress() as told:
        count = target.remove(target.read_state(), run.owner, told)
    status = Status.PUBLISHED if count else Status.NOTHING_TO_DO
    return PreviewResult(status, target.name, name=safe, removed_files=count)


def _merged(run: Publisher, state: PublishedState) -> CandidateSite:
    """Build the site as a publication would.

    Where addresses would be lost, it is built once more, knowing of them: it answers for those that it can, and goes on
    without those that it cannot.
    """
    cache = (run.project / run.settings.cache).resolve()
    addresses, problems = cache / ADDRESSES, cache / PROBLEMS
    overrides: Mapping[str, str] = {}
    write_retired_urls(addresses, state.retired_urls)
    merged = _built(run, state, addresses, overrides)
    if merged.lost:
        write_retired_urls(addresses, state.retired_urls | set(merged.lost))
        overrides = {"KEEP_GOING": "true", "PROBLEMS_FILE": json.dumps(str(problems))}
        merged = _built(run, state, addresses, overrides)
        hints = _hints(problems, merged.lost)
        merged = CandidateSite(merged.site, merged.plan, hints, addresses, overrides)
    return merged


def _built(run: Publisher, state: PublishedState, addresses: Path, overrides: Mapping[str, str]) -> CandidateSite:
    build_site(run.project, run.settings.output, addresses, overrides)
    site = open_site(run.settings.output, read_commit(run.project))
    check_cache_patterns(run.settings, site)
    check_site_links(run.project, site.output, run.settings.cache, run.settings.site_url)
    manifest = split_manifest(site.manifest, like=state.manifest)
    plan = make_plan(state.manifest, manifest)
    lost = find_lost_urls(state.retired_urls, plan, manifest, site.redirects)
    return CandidateSite(site, plan, dict.fromkeys(lost, ""), addresses, overrides)


def _hints(place: Path, lost: Mapping[str, str]) -> Mapping[str, str]:
    """What the build says an editor can do about lost addresses; what a publication says where it does not."""
    rows = json.loads(place.read_text("utf-8")) if place.is_file() else []
    usual = {one.path: one.hint or "" for one in LostUrls(tuple(lost)).problems}
    said = {address: row for address in lost for row in rows if f"{address} " in f"{row['message']} "}
    return {address: _hint(said[address]) if address in said else usual[address] for address in lost}


def _hint(row: Mapping[str, str]) -> str:
    return f"{row['path']}: {row['hint']}"


def _report(state: PublishedState, merged: CandidateSite) -> ChangeReport:
    output = merged.site.output
    return build_report(
        state.release,
        state.manifest.root if state.manifest else None,
        merged.site.manifest,
        merged.plan,
        merged.site.redirects,
        merged.lost,
        lambda path: read_title(output, path),
    )


def _status(report: ChangeReport) -> Status:
    if report.lost:
        return Status.REFUSED
    return Status.NOTHING_TO_DO if report.is_empty else Status.PUBLISHED


def _with(
    told: PreviewResult, merged: CandidateSite, done: PublishResult | None = None, preview_url: str = ""
) -> PreviewResult:
    """The outcome with what became of the publication; lost addresses count more than that it went well."""
    lost = tuple(make_problem(address, "would be lost", hint) for address, hint in sorted(merged.lost.items()))
    is_well = done is None or done.status in (Status.PUBLISHED, Status.NOTHING_TO_DO)
    status = told.status if done is None or (is_well and lost) else done.status
    return PreviewResult(
        status,
        told.target,
        done.plan if done else None,
        done.release if done else None,
        (*lost, *(done.problems if done else ())),
        purged=done.purged if done else 0,
        verified=done.verified if done else 0,
        took_s=done.took_s if done else 0.0,
        is_plan=told.is_plan,
        name=told.name,
        preview_url=preview_url,
        report=told.report,
    )


def _overrides(settings: PublishSettings) -> Mapping[str, str]:
    return {"SITEURL": json.dumps(settings.site_url), "NOINDEX": "true"}
