"""The catalogue's own questions: what many pages want to know, answered once."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from openknowledge.model.values import Lang, Record, Ref

from .views.base import FeedLink
from .views.chrome import chrome
from .views.feeds import feed_keys, feed_list
from .views.numbers import number_names, show_number
from .views.video_archive import archive_keys, archive_lists, archive_page_slugs

if TYPE_CHECKING:
    from .site import Site
    from .summary import Summary
    from .views.base import Card

__all__ = ["PERSISTED", "QUERIES", "cover_path"]

PERSISTED = frozenset(
    {"adjacent", "cover", "feed-entry", "lists", "adjacency", "newest-first", "referrers", "video-archives", "slugs"}
)
"""Questions whose answers are plain values, and worth keeping: they take a look at many records at once."""

FeedEntry = tuple[str, str, str | None, str | None, tuple[str, ...]]
"""An item's ref and kind, when it appeared and was last changed (ISO 8601), and the refs whose lists have it."""


def abstract(site: Site, kind: str, slug: str, lang: Lang) -> str:
    return site.translation(site.record(Ref(kind, slug)), lang).words.abstract


def card(site: Site, kind: str, slug: str, lang: Lang) -> Card:
    return site.kind(kind).card(site.record(Ref(kind, slug)), site, lang)


def summary(site: Site, kind: str, slug: str, lang: Lang) -> Summary:
    return site.kind(kind).summary(site.record(Ref(kind, slug)), site, lang)


def feed_entry(site: Site, kind: str, slug: str, lang: Lang) -> FeedEntry:
    """What decides which feeds an item is in, and where."""
    found = site.summary(Ref(kind, slug), lang)
    moments = [moment.isoformat() if moment else None for moment in (found.published, found.updated)]
    return found.ref, found.kind, moments[0], moments[1], found.belongs_to


def url(site: Site, kind: str, slug: str, lang: Lang) -> str:
    """The root-relative address of a record's page."""
    record = site.stub(kind, slug)
    assert record is not None
    return site.url_for_path(site.record_route(record, lang).url)


def url_of_file(site: Site, path: str, lang: Lang) -> str | None:
    record = site.stub_of_file(path)
    return site.url(record, lang) if record is not None else None


def referrers(site: Site, kind: str, slug: str, wanted: str) -> tuple[str, ...]:
    """The slugs of the records of a kind that point at a record."""
    site.depend_on("references")
    return tuple(ref.slug for ref in site.inputs.referrers.get(f"{kind}/{slug}", ()) if ref.kind == wanted)


def cover(site: Site, kind: str, slug: str) -> str:
    """Where the drawn cover of a record is published."""
    record = site.stub(kind, slug)
    assert record is not None
    return cover_path(record, site.inputs.draw_cover(record))


def feed_link(site: Site, lang: Lang, key: str) -> FeedLink | None:
    found = site.feed_list(lang, key)
    if found is None:
        return None
    return FeedLink(
        title=found.title, rss_url=site.url_for_path(found.rss_path), atom_url=site.url_for_path(found.atom_path)
    )


def slugs(site: Site, kind: str) -> tuple[str, ...]:
    """The slugs of all records of a kind."""
    return tuple(one.slug for one in site.stubs(kind))


def is_nonempty(site: Site, kind: str) -> bool:
    return bool(site.stubs(kind))


def list_keys(site: Site, kind: str, lang: Lang) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """The pages of a kind's lists: the name of each and what is chosen in it."""
    return tuple((one.name, parts) for one in site.kind(kind).lists for parts in one.keys(site, lang))


def newest_first(site: Site, kind: str) -> tuple[str, ...]:
    """The slugs of the records of a kind that have dates, the newest first."""
    found = [(str(published), one.slug) for one in site.stubs(kind) if (published := getattr(one, "published", None))]
    return tuple(slug for _, slug in sorted(found, reverse=True))


def adjacency(site: Site, kind: str) -> dict[str, tuple[str | None, str | None]]:
    """For each of those the slug of the next newer one and of the next older one."""
    slugs: list[str | None] = [None, *site.query("newest-first", kind), None]
    return {str(slug): (slugs[at - 1], slugs[at + 1]) for at, slug in enumerate(slugs) if slug is not None}


def adjacent(site: Site, kind: str, slug: str) -> tuple[str | None, str | None]:
    """What stands before and after a record in the order of time."""
    found: tuple[str | None, str | None] = site.query("adjacency", kind).get(slug, (None, None))
    return found


def cover_path(record: Record, drawing: str) -> str:
    """Where a drawn cover is published, below output/: its name changes with its bytes."""
    digest = hashlib.sha256(drawing.encode()).hexdigest()[:8]
    return f"covers/{record.ref.kind}/{record.slug}.{digest}.svg"


QUERIES: dict[str, Callable[..., Any]] = {
    "abstract": abstract,
    "adjacent": adjacent,
    "card": card,
    "chrome": chrome,
    "cover": cover,
    "feed-entry": feed_entry,
    "feed-keys": feed_keys,
    "feed-link": feed_link,
    "feed-list": feed_list,
    "is-nonempty": is_nonempty,
    "lists": list_keys,
    "adjacency": adjacency,
    "newest-first": newest_first,
    "number": show_number,
    "number-names": number_names,
    "referrers": referrers,
    "slugs": slugs,
    "video-archive-keys": archive_keys,
    "video-archive-page": archive_page_slugs,
    "video-archives": archive_lists,
    "summary": summary,
    "url": url,
    "url-of-file": url_of_file,
}
