"""Items as entries of feeds, rendered once for all feeds that hold them."""

from __future__ import annotations

from functools import lru_cache
from html import escape
from typing import Any, NamedTuple

from feedgen.entry import FeedEntry
from feedgen.ext.base import BaseEntryExtension

from openknowledge.catalogue.summary import FeedList, Summary
from openknowledge.model.values import Lang

from . import clean
from .ids import item_id
from .selection import changed_at
from .settings import FeedsSettings

__all__ = ["AtomEntry", "RenderedEntry", "cache_slot", "entry_content", "fill_entry"]

CACHED_ENTRIES = 8192
"""The number of entries that a process caches, without their texts: two kilobytes each."""
CONTENT_PLACEHOLDER = "\x80"
"""Stands for the text of an entry: a character that XML allows and `clean` removes."""
XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"


class RenderedEntry(NamedTuple):
    """An item in both formats, from its first distinguishing byte on, with `CONTENT_PLACEHOLDER` for its text."""

    rss: bytes
    atom: bytes

    def with_content(self, text: bytes) -> RenderedEntry:
        """Return the entry with its text."""
        return RenderedEntry(*(form.replace(CONTENT_PLACEHOLDER.encode(), text) for form in self))


class AtomEntry(BaseEntryExtension):  # type: ignore[misc]
    """Attributes of an Atom entry that feedgen does not write: its own language, and those of its link.

    feedgen 1.0 loses `rel`, `type` and `hreflang` of an entry's links (lkiesow/python-feedgen#135).
    """

    lang: str | None = None
    page_lang: str = ""

    def extend_atom(self, entry: Any) -> Any:
        """Add the attributes to an entry's element."""
        if self.lang is not None:
            entry.set(XML_LANG, self.lang)
        link = entry.find("link")
        for name, value in (("rel", "alternate"), ("type", "text/html"), ("hreflang", self.page_lang)):
            link.set(name, value)
        return entry


@lru_cache(maxsize=CACHED_ENTRIES)
def cache_slot(_digest: bytes, _lang: Lang, _sample_label: str, _settings: FeedsSettings) -> list[RenderedEntry]:
    """Return the slot that caches an item's entry, by everything that the entry depends on.

    The slot is empty until the entry is rendered.
    """
    return []


def fill_entry(
    entry: FeedEntry, item: Summary, feed_list: FeedList, settings: FeedsSettings, *, has_content: bool
) -> None:
    """Fill a feedgen entry with everything of an item but its text."""
    entry.id(item_id(item, feed_list.lang, settings))
    entry.title(_title(item, feed_list))
    entry.updated(changed_at(item))
    entry.published(item.published)
    entry.link(href=clean.clean_uri(item.url), rel="alternate")
    entry.in_atom.page_lang = feed_list.lang
    authors = [name for name in map(clean.clean_line, item.authors) if name]
    entry.author([{"name": name} for name in authors])
    entry.dc.dc_creator(authors)
    entry.category([{"term": term} for term in map(clean.clean_line, item.topics) if term])
    if item.lang != feed_list.lang:
        entry.in_atom.lang = item.lang
        entry.dc.dc_language(item.lang)
    # Feed readers take an abstract, like a whole text, for HTML.
    abstract = escape(clean.clean_line(item.abstract), quote=False)
    if abstract:
        entry.summary(abstract, type="html")
    if has_content:
        entry.content(CONTENT_PLACEHOLDER, type="html")


def entry_content(item: Summary, settings: FeedsSettings) -> bytes:
    """Return the text of an item for both formats; empty where the settings ask for summaries."""
    return clean.escape_bytes(item.content) if settings.content == "full" else b""


def _title(item: Summary, feed_list: FeedList) -> str:
    """Return the title, marked where the item is a sample; an item without a title gets its reference."""
    title = clean.clean_line(item.title) or item.ref
    return f"{title} ({feed_list.sample_label})" if item.is_sample and feed_list.sample_label else title
