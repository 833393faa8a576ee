"""What a branch would change for readers, as data and as Markdown for a pull request's comment."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote

from openknowledge.content.markdown.inline import plain_words
from openknowledge.forge_text import LONGEST, escape_markdown, is_visible
from openknowledge.manifest import FileRole, ManifestEntry
from openknowledge.problems import Problem
from openknowledge.redirects.table import Redirect
from openknowledge.rendering.text_templates import load_template

from ..built_site import BuiltSite
from ..plan import Plan
from ..release import Release
from ..result import format_bytes
from ..targets import PublishedState

__all__ = [
    *("MARK", "ChangeReport", "FileChange", "PageTitle", "SiteSize", "build_report"),
    *("format_code", "format_link", "parse_title", "read_title", "render_failure", "render_report"),
]

GROUPS = ("added", "changed", "removed", "lists", "feeds", "forwards", "others")
"""The groups of files that differ: pages, lists, feeds, new redirects, and stylesheets, scripts, pictures and data."""

MARK = "<!-- openknowledge preview -->"
"""The first line, by which a CI finds the comment that it wrote before."""
TEMPLATES_FOLDER = Path(__file__).parents[1] / "templates"
MAX_OPEN = 20
"""The rows of a list that are shown without unfolding it."""
MAX_LISTED = (100, 50, 30, MAX_OPEN)
"""The rows of a list; the next number is tried where the text would be too long. Titles are read for the first."""
MAX_HEAVIEST = 5
SAFE = "/~!$*+,;=@-._"


class PageTitle(NamedTuple):
    """The text of a page's heading, or of its title if it has none, and its language; both empty if it is no page."""

    text: str = ""
    lang: str = ""


@dataclass(frozen=True, slots=True)
class SiteSize:
    """The number and bytes of a site's files; `travelling_b` counts each file in its smallest form."""

    files: int
    size_b: int
    travelling_b: int


@dataclass(frozen=True, slots=True)
class FileChange:
    """A file that differs: as it is published, and as it would be. `redirect` answers for a page that is removed."""

    before: ManifestEntry | None
    after: ManifestEntry | None
    title: PageTitle = field(default_factory=PageTitle)
    redirect: Redirect | None = None

    @property
    def entry(self) -> ManifestEntry:
        """Return the file as it would be, or as it was if it is removed."""
        entry = self.after or self.before
        assert entry is not None
        return entry

    @property
    def address(self) -> str:
        """Return the address of the file, which a change never alters."""
        return self.entry.url_path

    @property
    def growth_b(self) -> int:
        """Return how many bytes larger the file would be."""
        return (self.after.size_b if self.after else 0) - (self.before.size_b if self.before else 0)

    @property
    def verb(self) -> str:
        """Return what happens to the file, as a participle."""
        return "changed" if self.before and self.after else "added" if self.after else "removed"

    @property
    def group(self) -> str:
        """Return the group of the report that the file belongs to."""
        was_page = self.before is not None and self.before.is_page
        if self.after is not None and self.after.is_page:
            changed = "lists" if self.after.role is FileRole.LIST else "changed"
            return changed if was_page else "added"
        if was_page:
            return "removed"
        return {FileRole.FEED: "feeds", FileRole.REDIRECT: "forwards"}.get(self.entry.role, "others")

    def to_dict(self) -> dict[str, Any]:
        """Return the file as it is written as JSON."""
        return {
            "address": self.address,
            "path": self.entry.path,
            "title": self.title.text,
            "lang": self.title.lang,
            "size_b": self.after.size_b if self.after else None,
            "growth_b": self.growth_b,
            "forward": asdict(self.redirect) if self.redirect else None,
        }


@dataclass(frozen=True)
class ChangeReport:
    """What a merge would change at `site_url`, compared with `release`, which is None if nothing is published yet.

    `files` has each group in order, `lost` what an editor can do about each address that would lead nowhere.
    """

    site_url: str
    release: Release | None
    before: SiteSize
    after: SiteSize
    files: Mapping[str, Sequence[FileChange]]
    lost: Mapping[str, str]

    @property
    def has_files(self) -> bool:
        """Return whether a file changes for readers."""
        return any(self.files.values())

    @property
    def is_empty(self) -> bool:
        """Return whether nothing changes for readers."""
        return not (self.has_files or self.lost)

    def to_dict(self) -> dict[str, Any]:
        """Return the report as it is written as JSON."""
        return {
            "site_url": self.site_url,
            "compared_with": self.release.number if self.release else None,
            "before": asdict(self.before),
            "after": asdict(self.after),
            **{group: [file.to_dict() for file in files] for group, files in self.files.items()},
            "lost": [{"address": address, "hint": hint} for address, hint in self.lost.items()],
        }


def build_report(state: PublishedState, site: BuiltSite, plan: Plan, hints: Mapping[str, str]) -> ChangeReport:
    """Compare what is published with a site; `hints` says for each lost address what an editor can do about it."""
    pairs = (*((None, entry) for entry in plan.added), *plan.changed, *((entry, None) for entry in plan.removed))
    known = {redirect.source.rstrip("/"): redirect for redirect in site.redirects if not redirect.query}
    files: dict[str, list[FileChange]] = {group: [] for group in GROUPS}
    changes = (FileChange(*pair) for pair in pairs if _content(pair[0]) != _content(pair[1]))
    for file in sorted(changes, key=lambda file: (file.entry.role is FileRole.LIST, file.address)):
        group = files[file.group]
        if file.group == "removed":
            group.append(replace(file, redirect=known.get(file.address.rstrip("/"))))
        elif file.group in ("added", "changed", "lists") and len(group) < MAX_LISTED[0]:
            group.append(replace(file, title=read_title(site.output, file.entry.path)))
        else:
            group.append(file)
    entries, root, before = site.manifest.entries, state.manifest and state.manifest.root, SiteSize(0, 0, 0)
    after = SiteSize(len(entries), sum(entry.size_b for entry in entries), sum(map(_transfer_size_b, entries)))
    if root:
        # The travelling bytes of the published site follow from what differs.
        growth_b = sum(_transfer_size_b(new) - _transfer_size_b(old) for old, new in pairs)
        before = SiteSize(root.files, root.size_b, after.travelling_b - growth_b)
    return ChangeReport(site.manifest.site_url, state.release, before, after, files, dict(sorted(hints.items())))


def _transfer_size_b(entry: ManifestEntry | None) -> int:
    """Return the bytes of a file in its smallest form."""
    return min((entry.size_b, *(twin.size_b for twin in entry.twins))) if entry else 0


def _content(entry: ManifestEntry | None) -> tuple[str, str, FileRole] | None:
    return (entry.digest, entry.media_type, entry.role) if entry else None


def read_title(output: Path, path: str) -> PageTitle:
    """Return the title of a page below a folder, empty if there is no such file."""
    try:
        return parse_title((output / path).read_text("utf-8", "replace"))
    except OSError:
        return PageTitle()


def parse_title(markup: str) -> PageTitle:
    """Return the title of a page; a drawing in it may have a title of its own."""
    lang = re.search(r"<html\b[^>]*\slang=[\"']?([\w-]+)", markup)
    heading = re.search(r"<h1\b[^>]*>(.*?)</h1>", markup, re.DOTALL)
    heading = heading or re.search(r"<title\b[^>]*>(.*?)</title>", markup, re.DOTALL)
    text = plain_words(heading[1]) if heading else ""
    return PageTitle(" ".join(text.split()), lang[1] if lang else "")


def render_report(report: ChangeReport, preview_url: str) -> str:
    """Render a report as Markdown; without a `preview_url` links lead to what is published."""
    growing = [page for group in ("changed", "lists") for page in report.files[group] if page.growth_b > 0]
    heaviest = {
        title: sorted(pages, key=lambda page: (-page.growth_b, page.address))[:MAX_HEAVIEST]
        for title, pages in {"Heaviest pages added": report.files["added"], "Pages that grow most": growing}.items()
    }
    for limit in MAX_LISTED:
        options = {"limit": limit, "max_open": MAX_OPEN, "heaviest": heaviest}
        text = _render("report.md.j2", report=report, preview_url=preview_url, **options)
        if len(text) <= LONGEST:
            break
    return text


def render_failure(problems: Sequence[Problem], run: str) -> str:
    """Render the comment where there is no preview; `run` is where the whole output can be read."""
    return _render("failure.md.j2", problems=problems, run=run)


def _render(name: str, **context: object) -> str:
    template = load_template(
        TEMPLATES_FOLDER / name,
        escape_markdown=escape_markdown,
        code=format_code,
        link=format_link,
        size=_format_size,
        bytes=format_bytes,
        difference=format_difference,
        number="{:,}".format,
    )
    return template.render(mark=MARK, **context)


def _format_size(entry: ManifestEntry) -> str:
    """Format the size of a file, and how much of that travels."""
    whole, transfer_b = format_bytes(entry.size_b), _transfer_size_b(entry)
    return whole if entry.size_b == transfer_b else f"{whole} ({format_bytes(transfer_b)} compressed)"


def format_difference(size_b: int) -> str:
    """Format a difference in bytes with its sign."""
    return f"{'+' if size_b > 0 else '−' if size_b else '±'}{format_bytes(abs(size_b))}"


def format_link(markdown: str, url: str) -> str:
    """Return a link with these words, which are Markdown already; the path of `url` is quoted."""
    scheme, mark, rest = url.partition("://")
    host, slash, path = rest.partition("/")
    return f"[{markdown}]({scheme}{mark}{host}{slash}{quote(path, safe=SAFE)})"


def format_code(text: str) -> str:
    """Return an address or a file's name as code."""
    visible = "".join(sign for sign in text if is_visible(sign) or sign == " ")
    return f"`{visible.replace('`', '%60')}`"
