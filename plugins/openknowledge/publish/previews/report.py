"""What a branch would change for readers, as data: pages, lists, feeds, other files, sizes, lost addresses."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from html.parser import HTMLParser
from pathlib import Path

from openknowledge.manifest import FileRole, Manifest, ManifestEntry
from openknowledge.redirects.table import Redirect

from ..manifest_shards import ManifestRoot
from ..plan import Plan
from ..release import Release

__all__ = [
    "MAX_LISTED",
    "ChangeReport",
    "FileChange",
    "LostUrl",
    "PageTitle",
    "SiteSize",
    "build_report",
    "parse_title",
    "read_title",
    "transfer_size_b",
]

MAX_LISTED = 100
"""A report lists so many files of each list, and titles are read for those alone."""
CHUNK = 4096
"""A page is parsed until its heading ends, in chunks of so many characters."""


@dataclass(frozen=True, slots=True)
class SiteSize:
    """The number and bytes of a site's files; `travelling_b` counts each file in its smallest form."""

    files: int
    size_b: int
    travelling_b: int


@dataclass(frozen=True, slots=True)
class FileChange:
    """A file that differs: as it is published, and as it would be. `redirect` answers for a page that is removed."""

    path: str
    before: ManifestEntry | None
    after: ManifestEntry | None
    title: str = ""
    lang: str = ""
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
    def was_page(self) -> bool:
        """Return whether the file is published as a page."""
        return self.before is not None and self.before.is_page

    @property
    def becomes_page(self) -> bool:
        """Return whether the file would be a page."""
        return self.after is not None and self.after.is_page


@dataclass(frozen=True, slots=True)
class LostUrl:
    """An address that would lead nowhere, and what an editor can do about it."""

    address: str
    hint: str


@dataclass(frozen=True)
class ChangeReport:
    """What a merge would change at `site_url`, compared with `release`, which is None if nothing is published yet.

    `files` come sorted by path, `lost` and all lists by address.
    """

    site_url: str
    release: Release | None
    before: SiteSize
    after: SiteSize
    files: tuple[FileChange, ...] = ()
    lost: tuple[LostUrl, ...] = ()

    @cached_property
    def added(self) -> tuple[FileChange, ...]:
        """Return new pages."""
        return self._select(lambda file: file.becomes_page and not file.was_page)

    @cached_property
    def removed(self) -> tuple[FileChange, ...]:
        """Return pages that would be none any more, including those that become redirects."""
        return self._select(lambda file: file.was_page and not file.becomes_page)

    @cached_property
    def changed(self) -> tuple[FileChange, ...]:
        """Return changed pages other than lists."""
        return self._select(lambda file: file.was_page and file.becomes_page and file.entry.role is not FileRole.LIST)

    @cached_property
    def lists(self) -> tuple[FileChange, ...]:
        """Return changed lists."""
        return self._select(lambda file: file.was_page and file.becomes_page and file.entry.role is FileRole.LIST)

    @cached_property
    def feeds(self) -> tuple[FileChange, ...]:
        """Return changed feeds."""
        return self._select(lambda file: file.entry.role is FileRole.FEED)

    @cached_property
    def others(self) -> tuple[FileChange, ...]:
        """Return stylesheets, scripts, pictures and data."""
        return self._select(lambda file: file.entry.role in (FileRole.ASSET, FileRole.MEDIA, FileRole.DATA))

    @cached_property
    def redirects(self) -> tuple[FileChange, ...]:
        """Return pages that redirect where no page was before."""
        return self._select(lambda file: file.entry.role is FileRole.REDIRECT and not file.was_page)

    @property
    def is_empty(self) -> bool:
        """Return whether nothing changes for readers."""
        return not (self.files or self.lost)

    def _select(self, belongs: Callable[[FileChange], bool]) -> tuple[FileChange, ...]:
        return tuple(
            sorted(filter(belongs, self.files), key=lambda file: (file.entry.role is FileRole.LIST, file.address))
        )


@dataclass(frozen=True, slots=True)
class PageTitle:
    """The text of a page's heading, or of its title if it has none, and its language; both empty if it is no page."""

    text: str = ""
    lang: str = ""


def build_report(
    release: Release | None,
    before: ManifestRoot | None,
    manifest: Manifest,
    plan: Plan,
    redirects: Iterable[Redirect],
    hints: Mapping[str, str],
    get_title: Callable[[str], PageTitle],
) -> ChangeReport:
    """Compare the released site, whose manifest has the root `before`, with a site that has this manifest.

    `hints` has what an editor can do about each address that would be lost; `get_title` reads the title of a path.
    """
    known = {redirect.source.rstrip("/"): redirect for redirect in redirects if not redirect.query}
    files = [FileChange(entry.path, None, entry) for entry in plan.added]
    files += [FileChange(new.path, old, new) for old, new in plan.changed if _content(old) != _content(new)]
    files += [FileChange(entry.path, entry, None) for entry in plan.removed]
    files = [
        replace(file, redirect=known.get(file.address.rstrip("/"))) if file.was_page and not file.becomes_page else file
        for file in files
    ]
    size_b, travelling_b = (sum(map(size, manifest.entries)) for size in (lambda entry: entry.size_b, transfer_size_b))
    after = SiteSize(len(manifest.entries), size_b, travelling_b)
    report = ChangeReport(
        site_url=manifest.site_url,
        release=release,
        before=_size_before(after, plan, before),
        after=after,
        files=tuple(sorted(files, key=lambda file: file.path)),
        lost=tuple(LostUrl(address, hint) for address, hint in sorted(hints.items())),
    )
    return _add_titles(report, get_title)


def transfer_size_b(entry: ManifestEntry) -> int:
    """Return the bytes of a file in its smallest form."""
    return min((entry.size_b, *(twin.size_b for twin in entry.twins)))


def _add_titles(report: ChangeReport, get_title: Callable[[str], PageTitle]) -> ChangeReport:
    """Add the titles of all that can be listed, but for removed pages, whose files are not here."""
    listed = [*report.added[:MAX_LISTED], *report.changed[:MAX_LISTED], *report.lists[:MAX_LISTED]]
    titles = {file.path: get_title(file.path) for file in listed}
    files = (
        replace(file, title=titles[file.path].text, lang=titles[file.path].lang) if file.path in titles else file
        for file in report.files
    )
    return replace(report, files=tuple(files))


def _size_before(after: SiteSize, plan: Plan, before: ManifestRoot | None) -> SiteSize:
    """Return the size of the published site, whose travelling bytes follow from what differs."""
    if before is None:
        return SiteSize(0, 0, 0)
    new = (*plan.added, *(entry for _, entry in plan.changed))
    old = (*plan.removed, *(entry for entry, _ in plan.changed))
    growth_b = sum(map(transfer_size_b, new)) - sum(map(transfer_size_b, old))
    return SiteSize(before.files, before.size_b, after.travelling_b - growth_b)


def _content(entry: ManifestEntry) -> tuple[str, str, FileRole]:
    return entry.digest, entry.media_type, entry.role


def read_title(output: Path, path: str) -> PageTitle:
    """Return the title of a page below a folder, empty if there is no such file."""
    try:
        return parse_title((output / path).read_text("utf-8", "replace"))
    except OSError:
        return PageTitle()


def parse_title(markup: str) -> PageTitle:
    """Return the title of a page, reading no further than its heading."""
    parser = _TitleParser()
    for start in range(0, len(markup), CHUNK):
        parser.feed(markup[start : start + CHUNK])
        if parser.has_ended:
            break
    text = parser.texts["h1"] if parser.has_ended else parser.texts["title"]
    return PageTitle(" ".join("".join(text).split()), parser.lang)


class _TitleParser(HTMLParser):
    """Collects the first heading, the title, and the language of a page."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.texts: dict[str, list[str]] = {"title": [], "h1": []}
        self.lang, self.inside, self.has_ended = "", "", False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "html":
            self.lang = dict(attrs).get("lang") or ""
        # A drawing in the page may have a title of its own.
        if tag in self.texts and not self.texts[tag] and not self.inside:
            self.inside = tag

    def handle_endtag(self, tag: str) -> None:
        if tag == self.inside:
            self.has_ended = self.has_ended or tag == "h1"
            self.inside = ""

    def handle_data(self, data: str) -> None:
        if self.inside and not self.has_ended:
            self.texts[self.inside].append(data)
