"""`invoke publish --preview NAME`: the site built as it would be published, compared, and published for itself."""

import json
import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from openknowledge.problems import sort_problems

from ..built_site import BuiltSite, trust_nothing
from ..errors import PublishFailed, PublishRefused, make_problem
from ..manifest_shards import split_manifest
from ..pipeline import LOST_HINT
from ..plan import Plan, find_lost_urls, make_plan
from ..publisher import Publisher, build_site
from ..result import PublishResult, Status, show_progress
from ..settings import SETTINGS_FILE, PublishSettings
from ..targets import PREVIEWS_FOLDER, PublishedState, Removable
from .report import ChangeReport, build_report, render_failure, render_report

__all__ = ["PreviewResult", "preview_settings", "run_preview", "slugify"]

PROBLEMS_FILE = "preview-problems.json"
BUILD_FOLDER = "preview"
"""The folder of the cache that a preview is built in."""
WITHOUT_PREVIEWS = ("git", "artifact")
"""Kinds of target whose hosts make previews themselves."""
OUTCOME = ("target", "plan", "release", "purged", "verified", "took_s")
"""What a preview ends with as any publication does."""
MAX_SLUG = 40
"""With a digest after it a slug still fits into the 63 characters of a label of a host's name."""
DIGEST_LENGTH = 6
HINT = 'Write it with its scheme: "https://{name}.preview.example.edu", or a folder: "https://example.edu/previews/{name}".'


@dataclass(frozen=True)
class PreviewResult(PublishResult):
    """How a preview ended.

    `preview_url` is empty where nothing was to be published; `removed_files` is not None where it was removed.
    """

    name: str = ""
    preview_url: str = ""
    report: ChangeReport | None = None
    removed_files: int | None = None

    def _summary_lines(self) -> Iterator[str]:
        yield from map(str, self.problems)
        if self.removed_files is not None:
            removed = f"is taken away: {self.removed_files:,} files."
            yield f"The preview {self.name} {removed if self.removed_files else 'is not there: nothing to do.'}"
            return
        if self.report is not None:
            count = {group: f"{len(files):,}" for group, files in self.report.files.items()}
            pages = f"{count['added']} added, {count['changed']} changed, {count['removed']} removed"
            yield f"Pages: {pages}. Lists: {count['lists']} changed. Feeds: {count['feeds']} touched."
        if self.status is Status.REFUSED:
            published = f"The preview is at {self.preview_url}/, but what it shows" if self.preview_url else "This"
            yield f"{published} cannot be published: the addresses above would be lost."
        elif self.status in (Status.PUBLISHED, Status.NOTHING_TO_DO):
            yield f"The preview is at {self.preview_url}/" if self.preview_url else "Nothing was published."
        else:
            yield from super()._summary_lines()

    def to_dict(self) -> dict[str, Any]:
        """Return the result with the report, as it is written as JSON."""
        preview = {"name": self.name, "url": self.preview_url, "taken_away": self.removed_files}
        return {**super().to_dict(), "preview": preview, "report": self.report.to_dict() if self.report else None}


class Candidate(NamedTuple):
    """The site as it would be published: what changes, hints for the addresses it loses, and how it was built."""

    site: BuiltSite
    plan: Plan
    lost: Mapping[str, str]
    retired_urls: frozenset[str]
    overrides: Mapping[str, str]


def run_preview(
    publisher: Publisher, name: str, *, is_plan: bool, is_removed: bool, report: str, is_built: bool = False
) -> PublishResult:
    """Publish, plan or remove a preview; write the file `report` also if there is no preview.

    A preview that `is_built` is what output/ has, and may be of code of others: it is not compared and not run.
    """
    if is_removed:
        return _remove_preview(publisher, name)
    if is_built:
        return _publish_built(publisher, name)
    try:
        result = _publish_preview(publisher, name, is_plan=is_plan)
    except (PublishRefused, PublishFailed) as error:
        _write(report, render_failure(error.problems, publisher.owner))
        raise
    assert result.report is not None
    _write(report, render_report(result.report, result.preview_url))
    return result


def _write(report: str, text: str) -> None:
    if report:
        Path(report).parent.mkdir(parents=True, exist_ok=True)
        Path(report).write_text(text, encoding="utf-8")


def _remove_preview(publisher: Publisher, name: str) -> PreviewResult:
    """Remove a preview if there is one. Raises `PublishRefused` if the target cannot remove it."""
    slug = slugify(name)
    target = replace(publisher, settings=preview_settings(publisher.settings, slug)).make_target()
    if not isinstance(target, Removable):
        hint = f"Delete {PREVIEWS_FOLDER}/{slug} there."
        raise PublishRefused.at(target.name, "previews cannot be taken away from here", hint)
    with show_progress() as progress:
        count = target.remove(target.read_state(), publisher.owner, progress)
    status = Status.PUBLISHED if count else Status.NOTHING_TO_DO
    return PreviewResult(status, target.name, name=slug, removed_files=count)


def _publish_built(publisher: Publisher, name: str) -> PreviewResult:
    """Publish what another job has built as a preview."""
    slug = slugify(name)
    own = replace(publisher, settings=preview_settings(publisher.settings, slug))
    site_url = own.settings.site_url
    if urlsplit(site_url).hostname == urlsplit(publisher.settings.site_url).hostname:
        message = f"{site_url} is on the host of the site, where scripts of others may do what those of the site may"
        raise PublishRefused.at(SETTINGS_FILE, message, f"Give previews a host of their own. {HINT}")
    site = trust_nothing(publisher.open_site(), site_url)
    target = own.make_target()
    published = own.publish_site(site, target, target.read_state(), is_preview=True)
    result = PreviewResult(published.status, problems=published.problems, name=slug, preview_url=site_url)
    return replace(result, **{name: getattr(published, name) for name in OUTCOME})


def _publish_preview(publisher: Publisher, name: str, *, is_plan: bool) -> PreviewResult:
    """Publish a preview of the working tree; as a plan, only report what it would change."""
    slug = slugify(name)
    own = None if is_plan else replace(publisher, settings=preview_settings(publisher.settings, slug))
    target = own.make_target() if own else None
    own_state = target.read_state() if target else None
    state = publisher.make_target().read_state()
    candidate = _build_candidate(publisher, state)
    report = build_report(state, candidate.site, candidate.plan, candidate.lost)
    lost = sort_problems(make_problem(address, "would be lost", hint) for address, hint in report.lost.items())
    status = Status.REFUSED if lost else Status.NOTHING_TO_DO if report.is_empty else Status.PUBLISHED
    result = PreviewResult(status, problems=lost, is_plan=is_plan, name=slug, report=report)
    if own is None or target is None or own_state is None:
        return result
    changes = {"SITEURL": json.dumps(own.settings.site_url), "NOINDEX": "true"}
    build_site(own.settings, candidate.retired_urls, {**candidate.overrides, **changes})
    published = own.publish_site(own.open_site(), target, own_state, is_preview=True)
    ended_well = published.status in (Status.PUBLISHED, Status.NOTHING_TO_DO)
    status = Status.REFUSED if ended_well and lost else published.status
    problems, preview_url = (*lost, *published.problems), own.settings.site_url
    what = {name: getattr(published, name) for name in OUTCOME}
    return replace(result, status=status, problems=problems, preview_url=preview_url, **what)


def _build_candidate(publisher: Publisher, state: PublishedState) -> Candidate:
    """Build the site as a publication would.

    If addresses would be lost, it is built again with their list: the build answers for those that it can, and goes on
    without those that it cannot.
    """
    candidate = _build(publisher, state, state.retired_urls, {})
    if candidate.lost:
        problems = (publisher.settings.project / publisher.settings.cache).resolve() / PROBLEMS_FILE
        overrides = {"KEEP_GOING": "true", "PROBLEMS_FILE": json.dumps(str(problems))}
        candidate = _build(publisher, state, state.retired_urls | set(candidate.lost), overrides)
        rows = json.loads(problems.read_text("utf-8")) if problems.is_file() else []
        # Where the build has no hint of its own, a publication's.
        hints = {
            address: f"{row['path']}: {row['hint']}"
            for address in candidate.lost
            for row in rows
            if f"{address} " in f"{row['message']} "
        }
        candidate = candidate._replace(lost={**candidate.lost, **hints})
    return candidate


def _build(
    publisher: Publisher, state: PublishedState, retired_urls: frozenset[str], overrides: Mapping[str, str]
) -> Candidate:
    site = publisher.build(retired_urls, overrides)
    manifest = split_manifest(site.manifest, like=state.manifest)
    plan = make_plan(state.manifest, manifest)
    lost = find_lost_urls(state.retired_urls, plan, manifest, site.redirects)
    return Candidate(site, plan, dict.fromkeys(lost, LOST_HINT), retired_urls, overrides)


def slugify(name: str) -> str:
    """Return the name of a branch or pull request in lower-case letters, digits and hyphens.

    A name that is changed gets a digest, so that `Fix/A` and `fix-a` are two previews. Raises `PublishRefused` if the
    name is empty.
    """
    if not name.strip():
        hint = "Say the branch, or the pull request's number."
        raise PublishRefused.at("--preview", "a preview needs a name", hint)
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    slug = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:MAX_SLUG].strip("-")
    digest = sha256(name.encode()).hexdigest()[:DIGEST_LENGTH]
    return slug if slug == name else f"{slug}-{digest}".lstrip("-")


def preview_settings(settings: PublishSettings, slug: str) -> PublishSettings:
    """Return the settings to build and publish a preview with: one release, and no grace period.

    Raises `PublishRefused` if the target has no place for previews, or the setting is no address with `{name}`.
    """
    kind, pattern = settings.target["kind"], settings.preview_url
    if kind in WITHOUT_PREVIEWS:
        message = f'a target of the kind "{kind}" has one site, and no place for previews beside it'
        hint = (
            "Use the host's own previews (Netlify, Cloudflare Pages), or another target for them. "
            "The report alone: invoke publish --preview NAME --plan"
        )
        raise PublishRefused.at("PUBLISH_TARGET", message, hint)
    if "{name}" not in pattern:
        message = "PUBLISH_PREVIEW_URL is no address that {name} makes one for each preview"
        raise PublishRefused.at(SETTINGS_FILE, message, HINT)
    url = public_url = pattern.replace("{name}", slug).rstrip("/")
    if f"{url}/".startswith(f"{settings.site_url}/"):
        # A preview below the site is verified where the site is.
        public_url = settings.public_url + url.removeprefix(settings.site_url)
    return replace(
        settings,
        site_url=url,
        output=Path(settings.cache) / BUILD_FOLDER,
        public_url=public_url if settings.public_url else "",
        grace_h=0,
        releases=1,
        pelican={**settings.pelican, "SITEURL": url, "NOINDEX": True},
        prefix=f"{PREVIEWS_FOLDER}/{slug}",
    )
