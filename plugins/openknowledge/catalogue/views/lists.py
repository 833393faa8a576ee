"""Lists of records: the card of a record, and pages of cards."""

from collections.abc import Sequence
from typing import Any

from openknowledge.model.values import Lang, Record

from ..site import Site
from .base import Card
from .frame import RouteIn, list_notices, page_fields
from .pages import ListPage

__all__ = ["kicker", "list_description", "list_page", "newest", "published_day", "record_card"]

TITLES_NAMED = 8
"""How many of its items a list names where it describes itself."""


def record_card(record: Record, site: Site, lang: Lang, *, parent: Record | None = None, **fields: Any) -> Card:
    """Return a record as an item of a list. `parent` is what it belongs to, named above its title.

    `fields` are those of `Card` beyond what every record has, or in their place.
    """
    translation = site.translation(record, lang)
    common: dict[str, Any] = {
        "ref": str(record.ref),
        "kind": record.kind,
        "url": site.url(record, lang),
        "title": translation.words.title,
        "abstract": translation.words.abstract,
        "lang": translation.lang_attr,
        "is_sample": record.sample,
    }
    if "kicker" not in fields:
        common["kicker"] = kicker(record, site, lang, parent)
    if "picture" not in fields and (record.image or site.kind(record.kind).has_cover):
        common["picture"] = site.picture(record, lang)
    return Card(**{**common, **fields})


def kicker(record: Record, site: Site, lang: Lang, parent: Record | None = None) -> str:
    """Return the line above a title: the kind and what the item belongs to, `Course · Physics`."""
    text = site.language(lang).gettext(site.kind(record.kind).label)
    return f"{text} · {site.title(parent, lang)}" if parent is not None else text


def list_page(site: Site, lang: Lang, route_in: RouteIn, cards: Sequence[Card] = (), **fields: Any) -> ListPage:
    """Return a page of cards, with a notice where some are samples; `fields` are those of `ListPage`."""
    own = {"cards": tuple(cards), "notices": list_notices(site, cards, lang), **fields}
    return ListPage(**page_fields(site, lang, route_in, template="list", **own))


def list_description(heading: str, cards: Sequence[Card]) -> str:
    """Return a description of a part of a longer list, by its first titles, so that no two pages have the same."""
    titles = "; ".join(card.title for card in cards[:TITLES_NAMED])
    return f"{heading}. {titles}" if titles else heading


def newest(site: Site, kind: str) -> list[Record]:
    """Return the stubs of a kind, newest first; samples after real ones, those without a date last."""
    stubs = sorted(site.stubs(kind), key=published_day, reverse=True)
    return sorted(stubs, key=lambda stub: stub.sample)


def published_day(record: Record) -> str:
    """Return the day or month of publication (ISO 8601); empty where there is none."""
    return str(getattr(record, "published", None) or "")[:10]
