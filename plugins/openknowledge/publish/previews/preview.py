"""`invoke publish --preview NAME`: the site built as it would be published, compared, and published for itself."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from ..built_site import RETIRED_URLS_FILE, BuiltSite, build_site, open_site, write_retired_urls
from ..check_links import check_site_links
from ..errors import PublishFailed, PublishRefused, make_problem
from ..manifest_shards import split_manifest
from ..pipeline import LostUrls, Publication, PublishContext, publish
from ..plan import Plan, find_lost_urls, make_plan
from ..publisher import Publisher, check_cache_patterns, make_purger, make_target, make_verifier
from ..release import read_commit
from ..result import PublishResult, Status, show_progress
from ..targets import PREVIEWS_FOLDER, PublishedState, Removable
from .markdown import render_failure, render_report
from .report import ChangeReport, build_report, read_title
from .result import PreviewResult
from .settings import preview_settings, slugify

__all__ = ["publish_preview", "remove_preview", "run_preview"]

PROBLEMS_FILE = "preview-problems.json"


@dataclass(frozen=True)
class CandidateSite:
    """The site as it would be published: what changes, hints for the addresses it loses, and how it was built."""

    site: BuiltSite
    plan: Plan
    lost: Mapping[str, str]
    retired_urls: Path
    overrides: Mapping[str, str]


def run_preview(publisher: Publisher, name: str, *, is_plan: bool, is_removed: bool, report: str) -> PublishResult:
    """Publish, plan or remove a preview; write the file `report` also if there is no preview."""
    if is_removed:
        return remove_preview(publisher, name)
    try:
        result = publish_preview(publisher, name, is_plan=is_plan)
    except (PublishRefused, PublishFailed) as error:
        _write(report, render_failure(error.problems, publisher.owner))
        raise
    assert result.report is not None
    _write(report, render_report(result.report, result.preview_url or None))
    return result


def publish_preview(publisher: Publisher, name: str, *, is_plan: bool) -> PreviewResult:
    """Publish a preview of the working tree; as a plan, only report what it would change."""
    slug = slugify(name)
    settings = None if is_plan else preview_settings(publisher.settings, slug)
    target = make_target(settings) if settings else None
    preview_state = target.read_state() if target else None
    state = make_target(publisher.settings).read_state()
    candidate = _build_candidate(publisher, state)
    report = _compare(state, candidate)
    lost = tuple(make_problem(address, "would be lost", hint) for address, hint in sorted(candidate.lost.items()))
    status = Status.REFUSED if lost else Status.NOTHING_TO_DO if report.is_empty else Status.PUBLISHED
    result = PreviewResult(
        status, target.name if target else "", problems=lost, is_plan=is_plan, name=slug, report=report
    )
    if settings is None or target is None or preview_state is None:
        return result
    output = publisher.settings.project / settings.output
    own = {"SITEURL": json.dumps(settings.site_url), "NOINDEX": "true"}
    build_site(publisher.settings.project, output, candidate.retired_urls, {**candidate.overrides, **own})
    with show_progress() as progress:
        context = PublishContext(publisher.owner, publisher.settings.project, is_preview=True)
        site = open_site(output, read_commit(publisher.settings.project))
        verify = make_verifier(settings, site.redirects)
        publication = Publication(target, make_purger(settings), verify, context, progress, settings.has_cache)
        published = publish(publication, site, preview_state)
    return _add_publication(result, published, settings.site_url)


def remove_preview(publisher: Publisher, name: str) -> PreviewResult:
    """Remove a preview if there is one. Raises `PublishRefused` if the target cannot remove it."""
    slug = slugify(name)
    target = make_target(preview_settings(publisher.settings, slug))
    if not isinstance(target, Removable):
        hint = f"Delete {PREVIEWS_FOLDER}/{slug} there."
        raise PublishRefused([make_problem(target.name, "previews cannot be taken away from here", hint)])
    with show_progress() as progress:
        count = target.remove(target.read_state(), publisher.owner, progress)
    status = Status.PUBLISHED if count else Status.NOTHING_TO_DO
    return PreviewResult(status, target.name, name=slug, removed_files=count)


def _write(report: str, text: str) -> None:
    if report:
        Path(report).parent.mkdir(parents=True, exist_ok=True)
        Path(report).write_text(text, encoding="utf-8")


def _build_candidate(publisher: Publisher, state: PublishedState) -> CandidateSite:
    """Build the site as a publication would.

    If addresses would be lost, it is built again with their list: the build answers for those that it can, and goes on
    without those that it cannot.
    """
    cache = (publisher.settings.project / publisher.settings.cache).resolve()
    retired_urls, problems = cache / RETIRED_URLS_FILE, cache / PROBLEMS_FILE
    write_retired_urls(retired_urls, state.retired_urls)
    candidate = _build(publisher, state, retired_urls, {})
    if candidate.lost:
        write_retired_urls(retired_urls, state.retired_urls | set(candidate.lost))
        overrides = {"KEEP_GOING": "true", "PROBLEMS_FILE": json.dumps(str(problems))}
        candidate = _build(publisher, state, retired_urls, overrides)
        candidate = replace(candidate, lost=_find_hints(problems, candidate.lost))
    return candidate


def _build(
    publisher: Publisher, state: PublishedState, retired_urls: Path, overrides: Mapping[str, str]
) -> CandidateSite:
    settings = publisher.settings
    build_site(publisher.settings.project, settings.output, retired_urls, overrides)
    site = open_site(settings.output, read_commit(publisher.settings.project))
    check_cache_patterns(settings, site)
    check_site_links(publisher.settings.project, site.output, settings.cache, settings.site_url)
    manifest = split_manifest(site.manifest, like=state.manifest)
    plan = make_plan(state.manifest, manifest)
    lost = find_lost_urls(state.retired_urls, plan, manifest, site.redirects)
    return CandidateSite(site, plan, dict.fromkeys(lost, ""), retired_urls, overrides)


def _find_hints(problems: Path, lost: Mapping[str, str]) -> Mapping[str, str]:
    """Return the build's own hints for lost addresses, and a publication's where the build has none."""
    rows = json.loads(problems.read_text("utf-8")) if problems.is_file() else []
    hints = {problem.path: problem.hint or "" for problem in LostUrls(tuple(lost)).problems}
    for address in lost:
        for row in rows:
            if f"{address} " in f"{row['message']} ":
                hints[address] = f"{row['path']}: {row['hint']}"
    return hints


def _compare(state: PublishedState, candidate: CandidateSite) -> ChangeReport:
    return build_report(
        state.release,
        state.manifest.root if state.manifest else None,
        candidate.site.manifest,
        candidate.plan,
        candidate.site.redirects,
        candidate.lost,
        lambda path: read_title(candidate.site.output, path),
    )


def _add_publication(result: PreviewResult, published: PublishResult, preview_url: str) -> PreviewResult:
    """Add how the publication ended; lost addresses are the status if it ended well."""
    ended_well = published.status in (Status.PUBLISHED, Status.NOTHING_TO_DO)
    return replace(
        result,
        status=result.status if ended_well and result.problems else published.status,
        plan=published.plan,
        release=published.release,
        problems=(*result.problems, *published.problems),
        purged=published.purged,
        verified=published.verified,
        took_s=published.took_s,
        preview_url=preview_url,
    )
