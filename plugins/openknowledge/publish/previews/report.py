"""What a branch would change for readers, as data: pages, lists, feeds, files, weights, addresses."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

from openknowledge.manifest import FileRole, Manifest, ManifestEntry
from openknowledge.redirects.table import Redirect

from ..manifest_pieces import ManifestRoot
from ..plan import Plan
from ..release import Release
from .titles import PageTitle

__all__ = ["MAX_LISTED", "ChangeReport", "FileChange", "LostUrl", "SiteSize", "build_report", "transfer_size_b"]

MAX_LISTED = 100
"""For so many files of each sort the title is looked up; a report never lists more."""

Pair = tuple[ManifestEntry | None, ManifestEntry | None]
"""What a manifest has at a path, and what another one has."""


@dataclass(frozen=True, slots=True)
class SiteSize:
    """How many files, how many bytes, and how many of those travel where readers take the smallest form."""

    files: int
    size_b: int
    travelling_b: int


@dataclass(frozen=True, slots=True)
class FileChange:
    """A file that differs: what is published, and what would be. `forward` says what becomes of a page that goes."""

    path: str
    before: ManifestEntry | None
    after: ManifestEntry | None
    title: str = ""
    lang: str = ""
    redirect: Redirect | None = None

    @property
    def address(self) -> str:
        found = self.after or self.before
        assert found is not None
        return found.url_path

    @property
    def growth_b(self) -> int:
        return (self.after.size_b if self.after else 0) - (self.before.size_b if self.before else 0)

    @property
    def verb(self) -> str:
        return "changed" if self.before and self.after else "added" if self.after else "removed"


@dataclass(frozen=True, slots=True)
class LostUrl:
    """An address that would lead nowhere, and what an editor can do about it."""

    address: str
    hint: str


@dataclass(frozen=True)
class ChangeReport:
    """What a merge would change at `site_url`. Pages and lists come sorted by address, `losses` too.

    `release` is what it is compared with; None where nothing is published yet.
    """

    site_url: str
    release: Release | None
    before: SiteSize
    after: SiteSize
    files: tuple[FileChange, ...] = ()
    lost: tuple[LostUrl, ...] = ()

    @cached_property
    def added(self) -> tuple[FileChange, ...]:
        return _by_address(one for one in self.files if _is_page(one.after) and not _is_page(one.before))

    @cached_property
    def removed(self) -> tuple[FileChange, ...]:
        """Pages that are none any more, also where a page stands in their place that forwards."""
        return _by_address(one for one in self.files if _is_page(one.before) and not _is_page(one.after))

    @cached_property
    def changed(self) -> tuple[FileChange, ...]:
        return _by_address(one for one in self.files if _is_changed_page(one) and not _is_list(one))

    @cached_property
    def lists(self) -> tuple[FileChange, ...]:
        """Lists that are not the same any more."""
        return _by_address(one for one in self.files if _is_changed_page(one) and _is_list(one))

    @cached_property
    def feeds(self) -> tuple[FileChange, ...]:
        return _by_address(one for one in self.files if _role(one) is FileRole.FEED)

    @cached_property
    def others(self) -> tuple[FileChange, ...]:
        """Stylesheets, scripts, pictures, data."""
        return _by_address(one for one in self.files if _role(one) in (FileRole.ASSET, FileRole.MEDIA, FileRole.DATA))

    @cached_property
    def redirects(self) -> tuple[FileChange, ...]:
        """Pages that forward, where no page was before."""
        return _by_address(one for one in self.files if _role(one) is FileRole.REDIRECT and not _is_page(one.before))

    @property
    def is_empty(self) -> bool:
        return not (self.files or self.lost)


def build_report(
    release: Release | None,
    before: ManifestRoot | None,
    manifest: Manifest,
    plan: Plan,
    forwards: Iterable[Redirect],
    hints: Mapping[str, str],
    title_of: Callable[[str], PageTitle],
) -> ChangeReport:
    """What becomes of the released site, whose manifest's root is `before`, when it is as `manifest` says.

    `hints` has the addresses that would be lost; `title_of` looks into a page by its path.
    """
    known = {one.source.rstrip("/"): one for one in forwards if not one.query}
    files = [FileChange(entry.path, None, entry) for entry in plan.added]
    files += [FileChange(new.path, old, new) for old, new in plan.changed if _content(old) != _content(new)]
    files += [FileChange(entry.path, entry, None) for entry in plan.removed]
    files = [replace(one, redirect=known.get(one.address.rstrip("/"))) if _goes(one) else one for one in files]
    after = SiteSize(len(manifest.entries), *_sums(manifest.entries))
    gained: list[Pair] = [*plan.changed, *((None, entry) for entry in plan.added)]
    gained += [(entry, None) for entry in plan.removed]
    report = ChangeReport(
        site_url=manifest.site_url,
        release=release,
        before=_less(after, gained, before),
        after=after,
        files=tuple(sorted(files, key=lambda one: one.path)),
        lost=tuple(LostUrl(address, hint) for address, hint in sorted(hints.items())),
    )
    return _titled(report, title_of)


def transfer_size_b(entry: ManifestEntry) -> int:
    """The bytes of a file in its smallest form."""
    return min((entry.size_b, *(twin.size_b for twin in entry.twins)))


def _titled(report: ChangeReport, title_of: Callable[[str], PageTitle]) -> ChangeReport:
    """The titles of all that can be listed; those of removed pages are nowhere at hand."""
    shown = [*report.added[:MAX_LISTED], *report.changed[:MAX_LISTED], *report.lists[:MAX_LISTED]]
    titles = {one.path: title_of(one.path) for one in shown}
    files = (
        replace(one, title=titles[one.path].text, lang=titles[one.path].lang) if one.path in titles else one
        for one in report.files
    )
    return replace(report, files=tuple(files))


def _less(after: SiteSize, gained: Iterable[Pair], before: ManifestRoot | None) -> SiteSize:
    """The weight before: the forms that travel are known of what differs, and of all that does not."""
    if before is None:
        return SiteSize(0, 0, 0)
    gain_b = sum((transfer_size_b(new) if new else 0) - (transfer_size_b(old) if old else 0) for old, new in gained)
    return SiteSize(before.files, before.size_b, after.travelling_b - gain_b)


def _sums(entries: Iterable[ManifestEntry]) -> tuple[int, int]:
    sizes = [(entry.size_b, transfer_size_b(entry)) for entry in entries]
    return sum(size for size, _ in sizes), sum(size for _, size in sizes)


def _content(entry: ManifestEntry) -> tuple[str, str, FileRole]:
    return entry.digest, entry.media_type, entry.role


def _role(one: FileChange) -> FileRole:
    found = one.after or one.before
    assert found is not None
    return found.role


def _is_page(entry: ManifestEntry | None) -> bool:
    return entry is not None and entry.is_page


def _is_changed_page(one: FileChange) -> bool:
    return _is_page(one.before) and _is_page(one.after)


def _is_list(one: FileChange) -> bool:
    return _role(one) is FileRole.LIST


def _goes(one: FileChange) -> bool:
    return _is_page(one.before) and not _is_page(one.after)


def _by_address(files: Iterable[FileChange]) -> tuple[FileChange, ...]:
    return tuple(sorted(files, key=lambda one: (_is_list(one), one.address)))
