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
from .views.video_archive import shelf_keys, shelf_part, shelves

if TYPE_CHECKING:
    from .site import Site
    from .summary import Summary
    from .views.base import Card

__all__ = ["KEPT", "QUESTIONS", "cover_path"]

KEPT = frozenset({"beside", "cover", "dated", "lists", "neighbours", "newest-first", "referring", "shelves", "slugs"})
"""Questions whose answers are plain values, and worth keeping: they take a look at many records at once."""

Dated = tuple[str, str, str | None, str | None, tuple[str, ...]]
"""An item's ref and kind, when it appeared and was last changed (ISO 8601), and the refs whose lists have it."""


def abstract(site: Site, kind: str, slug: str, lang: Lang) -> str:
    return site.words(site.whole(Ref(kind, slug)), lang).words.abstract


def card(site: Site, kind: str, slug: str, lang: Lang) -> Card:
    return site.kind(kind).card(site.whole(Ref(kind, slug)), site, lang)


def summary(site: Site, kind: str, slug: str, lang: Lang) -> Summary:
    return site.kind(kind).summary(site.whole(Ref(kind, slug)), site, lang)


def dated(site: Site, kind: str, slug: str, lang: Lang) -> Dated:
    """What decides which feeds an item is in, and where."""
    found = site.summary(Ref(kind, slug), lang)
    moments = [moment.isoformat() if moment else None for moment in (found.published, found.updated)]
    return found.ref, found.kind, moments[0], moments[1], found.belongs_to


def url(site: Site, kind: str, slug: str, lang: Lang) -> str:
    """The root-relative address of a record's page."""
    record = site.get(kind, slug)
    assert record is not None
    return site.at(site.record_route(record, lang).url)


def url_of_file(site: Site, path: str, lang: Lang) -> str | None:
    record = site.of_file(path)
    return site.url(record, lang) if record is not None else None


def referring(site: Site, kind: str, slug: str, wanted: str) -> tuple[str, ...]:
    """The slugs of the records of a kind that point at a record."""
    site.use("references")
    return tuple(ref.slug for ref in site.facts.reverse.get(f"{kind}/{slug}", ()) if ref.kind == wanted)


def cover(site: Site, kind: str, slug: str) -> str:
    """Where the drawn cover of a record is published."""
    record = site.get(kind, slug)
    assert record is not None
    return cover_path(record, site.facts.cover(record))


def feed_link(site: Site, lang: Lang, key: str) -> FeedLink | None:
    found = site.feed_list(lang, key)
    if found is None:
        return None
    return FeedLink(title=found.title, rss_url=site.at(found.rss_path), atom_url=site.at(found.atom_path))


def slugs(site: Site, kind: str) -> tuple[str, ...]:
    """The slugs of all records of a kind."""
    return tuple(one.slug for one in site.all(kind))


def has_any(site: Site, kind: str) -> bool:
    return bool(site.all(kind))


def lists(site: Site, kind: str, lang: Lang) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """The pages of a kind's lists: the name of each and what is chosen in it."""
    return tuple((one.name, parts) for one in site.kind(kind).lists for parts in one.each(site, lang))


def newest_first(site: Site, kind: str) -> tuple[str, ...]:
    """The slugs of the records of a kind that have dates, the newest first."""
    found = [(str(published), one.slug) for one in site.all(kind) if (published := getattr(one, "published", None))]
    return tuple(slug for _, slug in sorted(found, reverse=True))


def neighbours(site: Site, kind: str) -> dict[str, tuple[str | None, str | None]]:
    """For each of those the slug of the next newer one and of the next older one."""
    slugs: list[str | None] = [None, *site.ask("newest-first", kind), None]
    return {str(slug): (slugs[at - 1], slugs[at + 1]) for at, slug in enumerate(slugs) if slug is not None}


def beside(site: Site, kind: str, slug: str) -> tuple[str | None, str | None]:
    """What stands before and after a record in the order of time."""
    found: tuple[str | None, str | None] = site.ask("neighbours", kind).get(slug, (None, None))
    return found


def cover_path(record: Record, drawing: str) -> str:
    """Where a drawn cover is published, below output/: its name changes with its bytes."""
    digest = hashlib.sha256(drawing.encode()).hexdigest()[:8]
    return f"covers/{record.ref.kind}/{record.slug}.{digest}.svg"


QUESTIONS: dict[str, Callable[..., Any]] = {
    "abstract": abstract,
    "beside": beside,
    "card": card,
    "chrome": chrome,
    "cover": cover,
    "dated": dated,
    "feed-keys": feed_keys,
    "feed-link": feed_link,
    "feed-list": feed_list,
    "has-any": has_any,
    "lists": lists,
    "neighbours": neighbours,
    "newest-first": newest_first,
    "number": show_number,
    "number-names": number_names,
    "referring": referring,
    "slugs": slugs,
    "shelf-keys": shelf_keys,
    "shelf-part": shelf_part,
    "shelves": shelves,
    "summary": summary,
    "url": url,
    "url-of-file": url_of_file,
}
