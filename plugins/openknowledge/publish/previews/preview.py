"""A preview from beginning to end: built as it would be published, compared, built for its own address, published."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ..built_site import Site, opened
from ..errors import Refused, problem
from ..factory import purger_of, reader_of, refuse_misfits, target_of
from ..git_info import read_commit
from ..manifest_shards import split_manifest
from ..pipeline import LostAddresses, Orders, Publication, publish
from ..plan import Plan, make_plan
from ..prebuild import build, check_links, write_addresses
from ..progress import progress
from ..result import Outcome, Status
from ..settings import PublishSettings
from ..targets import PREVIEWS_FOLDER, PublishedState, Removable
from ..url_permanence import lost_of
from .report import Report, report_of
from .result import Previewed
from .settings import place_of, prefix_of
from .slug import safe_name
from .titles import title_of

if TYPE_CHECKING:
    from ..commands import Run

__all__ = ["preview", "remove"]

ADDRESSES = "published-addresses.txt"
PROBLEMS = "preview-problems.json"


@dataclass(frozen=True)
class Merged:
    """The site as it would be published, with what it loses by address, and how it had to be built."""

    site: Site
    plan: Plan
    lost: Mapping[str, str]
    addresses: Path
    overrides: Mapping[str, str]


def preview(run: Run, name: str, *, is_plan: bool) -> Previewed:
    """Publish a preview of the working tree; or, as a plan, only say what it would change."""
    safe = safe_name(name)
    settings = None if is_plan else place_of(run.settings, safe)
    target = target_of(settings, prefix=prefix_of(safe), is_preview=True) if settings else None
    there = target.read_state() if target else None
    state = run.target().read_state()
    merged = _merged(run, state)
    report = _report(state, merged)
    told = Previewed(_status(report), target.name if target else "", is_plan=is_plan, name=safe, report=report)
    if settings is None or target is None or there is None:
        return _with(told, merged)
    output = run.project / settings.output
    build(run.project, output, merged.addresses, {**merged.overrides, **_overrides(settings)})
    with progress() as tell:
        orders = Orders(run.owner, run.project, is_preview=True)
        site = opened(output, read_commit(run.project))
        reader = reader_of(settings, site.forwards, is_preview=True)
        done = publish(Publication(target, purger_of(settings), reader, orders, tell, settings.has_cache), site, there)
    return _with(told, merged, done, settings.site_url)


def remove(run: Run, name: str) -> Previewed:
    """Take a preview away; there may be none."""
    safe = safe_name(name)
    target = target_of(place_of(run.settings, safe), prefix=prefix_of(safe), is_preview=True)
    if not isinstance(target, Removable):
        hint = f"Delete {PREVIEWS_FOLDER}/{safe} there."
        raise Refused([problem(target.name, "previews cannot be taken away from here", hint)])
    with progress() as told:
        count = target.remove(target.read_state(), run.owner, told)
    status = Status.PUBLISHED if count else Status.NOTHING_TO_DO
    return Previewed(status, target.name, name=safe, taken_away=count)


def _merged(run: Run, state: PublishedState) -> Merged:
    """Build the site as a publication would.

    Where addresses would be lost, it is built once more, knowing of them: it answers for those that it can, and goes on
    without those that it cannot.
    """
    cache = (run.project / run.settings.cache).resolve()
    addresses, problems = cache / ADDRESSES, cache / PROBLEMS
    overrides: Mapping[str, str] = {}
    write_addresses(addresses, state.retired_urls)
    merged = _built(run, state, addresses, overrides)
    if merged.lost:
        write_addresses(addresses, state.retired_urls | set(merged.lost))
        overrides = {"KEEP_GOING": "true", "PROBLEMS_FILE": json.dumps(str(problems))}
        merged = _built(run, state, addresses, overrides)
        hints = _hints(problems, merged.lost)
        merged = Merged(merged.site, merged.plan, hints, addresses, overrides)
    return merged


def _built(run: Run, state: PublishedState, addresses: Path, overrides: Mapping[str, str]) -> Merged:
    build(run.project, run.settings.output, addresses, overrides)
    site = opened(run.settings.output, read_commit(run.project))
    refuse_misfits(run.settings, site)
    check_links(run.project, site.output, run.settings.cache, run.settings.site_url)
    manifest = split_manifest(site.manifest, like=state.manifest)
    plan = make_plan(state.manifest, manifest)
    lost = lost_of(state.retired_urls, plan, manifest, site.forwards)
    return Merged(site, plan, dict.fromkeys(lost, ""), addresses, overrides)


def _hints(place: Path, lost: Mapping[str, str]) -> Mapping[str, str]:
    """What the build says an editor can do about lost addresses; what a publication says where it does not."""
    rows = json.loads(place.read_text("utf-8")) if place.is_file() else []
    usual = {one.path: one.hint or "" for one in LostAddresses(tuple(lost)).problems}
    said = {address: row for address in lost for row in rows if f"{address} " in f"{row['message']} "}
    return {address: _hint(said[address]) if address in said else usual[address] for address in lost}


def _hint(row: Mapping[str, str]) -> str:
    return f"{row['path']}: {row['hint']}"


def _report(state: PublishedState, merged: Merged) -> Report:
    output = merged.site.output
    return report_of(
        state.release,
        state.manifest.root if state.manifest else None,
        merged.site.manifest,
        merged.plan,
        merged.site.forwards,
        merged.lost,
        lambda path: title_of(output, path),
    )


def _status(report: Report) -> Status:
    if report.losses:
        return Status.REFUSED
    return Status.NOTHING_TO_DO if report.is_empty else Status.PUBLISHED


def _with(told: Previewed, merged: Merged, done: Outcome | None = None, preview_url: str = "") -> Previewed:
    """The outcome with what became of the publication; lost addresses count more than that it went well."""
    lost = tuple(problem(address, "would be lost", hint) for address, hint in sorted(merged.lost.items()))
    is_well = done is None or done.status in (Status.PUBLISHED, Status.NOTHING_TO_DO)
    status = told.status if done is None or (is_well and lost) else done.status
    return Previewed(
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
