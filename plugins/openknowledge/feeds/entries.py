"""Items as they stand in the files of a list, made once for all lists that hold them."""

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
"""How many entries a process keeps, without their whole texts: two kilobytes each."""
CONTENT_PLACEHOLDER = "\x80"
"""Where the whole text of an entry goes: a character that XML allows, and `clean` does not."""
XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"


class RenderedEntry(NamedTuple):
    """An item in both files, from where it differs from all others; `STAND_IN` is in it for a whole text."""

    rss: bytes
    atom: bytes

    def with_content(self, text: bytes) -> RenderedEntry:
        """The entry with its whole text."""
        return RenderedEntry(*(form.replace(CONTENT_PLACEHOLDER.encode(), text) for form in self))


class AtomEntry(BaseEntryExtension):  # type: ignore[misc]
    """What feedgen cannot say in Atom: an entry's own language, and what its link leads to.

    feedgen 1.0 loses `rel`, `type` and `hreflang` of an entry's links (lkiesow/python-feedgen#135).
    """

    lang: str | None = None
    page_lang: str = ""

    def extend_atom(self, entry: Any) -> Any:
        if self.lang is not None:
            entry.set(XML_LANG, self.lang)
        link = entry.find("link")
        for name, value in (("rel", "alternate"), ("type", "text/html"), ("hreflang", self.page_lang)):
            link.set(name, value)
        return entry


@lru_cache(maxsize=CACHED_ENTRIES)
def cache_slot(_digest: bytes, _lang: Lang, _sample_label: str, _settings: FeedsSettings) -> list[RenderedEntry]:
    """Where an item's entry is kept, by all that decides what it says; empty until it is made."""
    return []


def fill_entry(
    entry: FeedEntry, item: Summary, feed_list: FeedList, settings: FeedsSettings, *, has_content: bool
) -> None:
    """Say all of an item but its whole text."""
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
    """The whole text of an item as it stands in both files; empty where it is not wanted."""
    return clean.escape_bytes(item.content) if settings.content == "full" else b""


def _title(item: Summary, one: FeedList) -> str:
    """The title, with a word for a sample; an item without a title goes by its reference."""
    title = clean.clean_line(item.title) or item.ref
    return f"{title} ({one.sample_label})" if item.is_sample and one.sample_label else title
