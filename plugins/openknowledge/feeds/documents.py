"""One list of the site as an RSS and an Atom document."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import Any, NamedTuple

from feedgen.entry import FeedEntry
from feedgen.ext.base import BaseEntryExtension, BaseExtension
from feedgen.feed import FeedGenerator

from openknowledge.catalogue.summary import FeedList, Summary

from . import clean
from .ids import feed_id, item_id
from .selection import last_changed
from .settings import FeedsSettings

__all__ = ["Documents", "documents"]

XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"


class Documents(NamedTuple):
    """The bytes of the two files of a list."""

    rss: bytes
    atom: bytes


class AtomEntry(BaseEntryExtension):  # type: ignore[misc]
    """What feedgen cannot say in Atom: an entry's own language, and what its link leads to.

    feedgen 1.0 loses `rel`, `type` and `hreflang` of an entry's links (lkiesow/python-feedgen#135).
    """

    lang: str | None = None
    page_lang: str = ""

    def extend_atom(self, entry: Any) -> Any:
        if self.lang is not None:
            entry.set(XML_LANG, self.lang)
        for name, value in (("rel", "alternate"), ("type", "text/html"), ("hreflang", self.page_lang)):
            entry.find("link").set(name, value)
        return entry


def documents(one: FeedList, items: Sequence[Summary], settings: FeedsSettings) -> Documents:
    """The list with its items, in their order, in both formats.

    Nothing in them is of the moment of building: feedgen's own clock is always overruled.
    """
    feed = FeedGenerator()
    feed.load_extension("dc", atom=False, rss=True)
    feed.register_extension("in_atom", BaseExtension, AtomEntry, atom=True, rss=False)
    feed.id(feed_id(one, settings))
    feed.title(clean.line(one.title))
    feed.description(clean.line(one.description) or clean.line(one.title))
    feed.language(one.lang)
    feed.author(name=clean.line(settings.author))
    feed.generator("openknowledge")
    feed.updated(max(map(last_changed, items), default=settings.beginning))
    for item in items:
        _fill(feed.add_entry(order="append"), item, one, settings)
    _link(feed, one, one.rss_url, "application/rss+xml")
    rss = feed.rss_str(pretty=True)
    _link(feed, one, one.atom_url, "application/atom+xml")
    return Documents(rss, feed.atom_str(pretty=True))


def _link(feed: FeedGenerator, one: FeedList, own_url: str, media_type: str) -> None:
    """Where the feed is and where its page is; feedgen takes the last one for RSS's own link."""
    own = {"href": clean.address(own_url), "rel": "self", "type": media_type}
    page = {"href": clean.address(one.page_url), "rel": "alternate", "type": "text/html", "hreflang": one.lang}
    feed.link([own, page], replace=True)


def _fill(entry: FeedEntry, item: Summary, one: FeedList, settings: FeedsSettings) -> None:
    entry.id(item_id(item, one.lang, settings))
    entry.title(_title(item, one))
    entry.updated(last_changed(item))
    entry.published(item.published)
    entry.link(href=clean.address(item.url), rel="alternate")
    entry.in_atom.page_lang = one.lang
    authors = [name for name in map(clean.line, item.authors) if name]
    entry.author([{"name": name} for name in authors])
    entry.dc.dc_creator(authors)
    entry.category([{"term": term} for term in map(clean.line, item.topics) if term])
    if item.lang != one.lang:
        entry.in_atom.lang = item.lang
        entry.dc.dc_language(item.lang)
    _add_text(entry, item, settings)


def _title(item: Summary, one: FeedList) -> str:
    """The title, with a word for a sample; an item without a title goes by its reference."""
    title = clean.line(item.title) or item.ref
    return f"{title} ({one.sample_label})" if item.is_sample and one.sample_label else title


def _add_text(entry: FeedEntry, item: Summary, settings: FeedsSettings) -> None:
    """The abstract and, where that is wanted, the whole text; feed readers take both for HTML."""
    abstract = escape(clean.line(item.abstract), quote=False)
    content = clean.text(item.content).strip() if settings.content == "full" else ""
    if abstract:
        entry.summary(abstract, type="html")
    if content:
        entry.content(content, type="html")
