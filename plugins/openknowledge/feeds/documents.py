"""The RSS and the Atom document of one list; an item is rendered once for all feeds that hold it."""

import re
from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import lru_cache
from html import escape, unescape
from typing import Any, NamedTuple, Self
from urllib.parse import quote

from feedgen.entry import FeedEntry
from feedgen.ext.base import BaseEntryExtension, BaseExtension
from feedgen.feed import FeedGenerator

from openknowledge.catalogue.summary import FeedList, Summary
from openknowledge.engine.digest import digest
from openknowledge.model.values import Lang

from .settings import FeedsSettings

__all__ = ["FeedFiles", "cache_slots", "clean_text", "render_feed"]

CACHED_ENTRIES = 8192
"""The number of entries that a process caches, without their texts: two kilobytes each."""
CONTENT_PLACEHOLDER = "\x80"
"""Stands for the text of an entry: a character that XML allows and `clean_text` removes."""
XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
NOT_FOR_XML = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
"""Characters that XML forbids are dropped, so that they never break a feed."""
URI_CHARACTERS = ":/?#[]@!$&'()*+,;=%~"


class FeedFiles(NamedTuple):
    """The bytes of a list's two files, or of an entry in both, from its first distinguishing byte on."""

    rss: bytes
    atom: bytes

    def with_content(self, text: bytes) -> Self:
        """Return an entry with its text in place of `CONTENT_PLACEHOLDER`."""
        return type(self)(*(form.replace(CONTENT_PLACEHOLDER.encode(), text) for form in self))


EntryKey = tuple[bytes, str, FeedsSettings]
"""What an entry depends on: the item's digest, the label of samples, and the settings."""


class FeedFormat(NamedTuple):
    """The bytes with which each entry of a file begins, and with which the file ends."""

    begin: bytes
    end: bytes

    def split(self, file: bytes) -> list[bytes]:
        """Return what precedes the entries, then each entry.

        Texts have `&lt;` for `<`, so the first bytes of an entry occur nowhere else.
        """
        assert file.endswith(self.end)
        return file.removesuffix(self.end).split(self.begin)

    def join(self, parts: Iterable[bytes]) -> bytes:
        """Return the file that `split` took apart."""
        return self.begin.join(parts) + self.end


RSS = FeedFormat(b"\n    <item>", b"\n  </channel>\n</rss>\n")
ATOM = FeedFormat(b"\n  <entry", b"\n</feed>\n")


class ExactFeed(BaseExtension):  # type: ignore[misc]
    """The title and the description of a list in RSS, which readers take for markup, as text."""

    def extend_rss(self, feed: Any) -> Any:
        """Make the texts of the channel's element mean what they say."""
        for name in ("title", "description"):
            element = feed.find(f"channel/{name}")
            element.text = _escape_twice(element.text)
        return feed


class ExactEntry(BaseEntryExtension):  # type: ignore[misc]
    """What feedgen does not write of an entry: in Atom its own language and the attributes of its link, in RSS a title.

    feedgen 1.0 loses `rel`, `type` and `hreflang` of an entry's links (lkiesow/python-feedgen#135). A title of Atom
    is text; readers take one of RSS for markup, so what looks like markup in it is escaped once more.
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

    def extend_rss(self, entry: Any) -> Any:
        """Make the title of an entry's element mean its text."""
        title = entry.find("title")
        title.text = _escape_twice(title.text)
        return entry


def _escape_twice(text: str) -> str:
    """Return a text that a reader of markup shows as it is; what means the same to both is left alone."""
    return escape(text, quote=False) if "<" in text or unescape(text) != text else text


def render_feed(
    feed_list: FeedList, items: Sequence[Summary], settings: FeedsSettings, digests: Sequence[bytes] = ()
) -> FeedFiles:
    """Return the list with its items, in their order, in both formats.

    feedgen renders an entry once for all feeds of a language that hold it. `digests` are the items' digests, where the
    caller has them. No document depends on the moment of building, because feedgen's clock is always overridden.
    """
    keys = ((key, feed_list.sample_label, settings) for key in digests or map(digest, items))
    slots = [find_slot(item.ref, feed_list.lang, key) for item, key in zip(items, keys, strict=True)]
    texts = [_escape(item.content) if settings.content == "full" else b"" for item in items]
    new = [number for number, entry in enumerate(slots) if not entry]
    feed = _feed(feed_list, max(map(_changed_at, items), default=settings.beginning), settings)
    for number in new:
        _fill_entry(feed.add_entry(order="append"), items[number], feed_list, settings, has_content=bool(texts[number]))
    _link(feed, feed_list, feed_list.rss_url, "application/rss+xml")
    before_rss, *rss = RSS.split(feed.rss_str(pretty=True))
    _link(feed, feed_list, feed_list.atom_url, "application/atom+xml")
    before_atom, *atom = ATOM.split(feed.atom_str(pretty=True))
    for number, *entry in zip(new, rss, atom, strict=True):
        slots[number].append(FeedFiles(*entry))
    entries = [entry.with_content(text) for (entry, *_), text in zip(slots, texts, strict=True)]
    return FeedFiles(
        RSS.join((before_rss, *(entry.rss for entry in entries))),
        ATOM.join((before_atom, *(entry.atom for entry in entries))),
    )


def find_slot(ref: str, lang: Lang, key: EntryKey) -> list[FeedFiles]:
    """Return the slot that caches an item's entry in the feeds of a language.

    It is empty until the entry is rendered, and an item has only one: in a preview each edit replaces an entry.
    """
    slots = cache_slots(ref, lang)
    if key not in slots:
        slots.clear()
        slots[key] = []
    return slots[key]


@lru_cache(maxsize=CACHED_ENTRIES)
def cache_slots(_ref: str, _lang: Lang) -> dict[EntryKey, list[FeedFiles]]:
    """Return the slot of an item by all that its entry depends on; none at first."""
    return {}


def _changed_at(item: Summary) -> datetime:
    """Return when the item last changed, at the earliest when it appeared."""
    return max(moment for moment in (item.published, item.updated) if moment is not None)


def _feed(feed_list: FeedList, updated: datetime, settings: FeedsSettings) -> FeedGenerator:
    """Return the feed of a list, without entries and without its own address."""
    feed = FeedGenerator()
    feed.load_extension("dc", atom=False, rss=True)
    feed.register_extension("exact", ExactFeed, ExactEntry)
    feed.id(settings.permanent_id(f"feed/{feed_list.key}:{feed_list.lang}"))
    feed.title(_clean_line(feed_list.title))
    feed.description(_clean_line(feed_list.description) or _clean_line(feed_list.title))
    feed.language(feed_list.lang)
    feed.author(name=_clean_line(settings.author))
    feed.generator("openknowledge")
    feed.updated(updated)
    return feed


def _link(feed: FeedGenerator, feed_list: FeedList, own_url: str, media_type: str) -> None:
    """Set the feed's own address and its page; feedgen takes the last link for RSS's `link`."""
    page_url, lang = _clean_uri(feed_list.page_url), feed_list.lang
    own = {"href": _clean_uri(own_url), "rel": "self", "type": media_type}
    page = {"href": page_url, "rel": "alternate", "type": "text/html", "hreflang": lang}
    feed.link([own, page], replace=True)


def _fill_entry(
    entry: FeedEntry, item: Summary, feed_list: FeedList, settings: FeedsSettings, *, has_content: bool
) -> None:
    """Fill a feedgen entry with everything of an item but its text."""
    # The same in all feeds of one language.
    entry.id(settings.permanent_id(f"{item.ref}:{feed_list.lang}"))
    entry.title(_title(item, feed_list))
    entry.updated(_changed_at(item))
    entry.published(item.published)
    entry.link(href=_clean_uri(item.url), rel="alternate")
    entry.exact.page_lang = feed_list.lang
    authors = [name for name in map(_clean_line, item.authors) if name]
    entry.author([{"name": name} for name in authors])
    entry.dc.dc_creator(authors)
    entry.category([{"term": term} for term in map(_clean_line, item.topics) if term])
    if item.lang != feed_list.lang:
        entry.exact.lang = item.lang
        entry.dc.dc_language(item.lang)
    # Feed readers take an abstract, like a whole text, for HTML.
    abstract = escape(_clean_line(item.abstract), quote=False)
    if abstract:
        entry.summary(abstract, type="html")
    if has_content:
        entry.content(CONTENT_PLACEHOLDER, type="html")


def _title(item: Summary, feed_list: FeedList) -> str:
    """Return the title, marked where the item is a sample; an item without a title gets its reference."""
    title = _clean_line(item.title) or item.ref
    return f"{title} ({feed_list.sample_label})" if item.is_sample and feed_list.sample_label else title


def clean_text(raw: str) -> str:
    """Return `raw` with line feeds as line ends, without control characters, lone surrogates and non-characters."""
    if not NOT_FOR_XML.search(raw):
        return raw
    return NOT_FOR_XML.sub("", raw.replace("\r\n", "\n").replace("\r", "\n"))


def _clean_line(raw: str) -> str:
    """Return the cleaned text on one line, with single spaces."""
    return " ".join(clean_text(raw).split())


def _escape(raw: str) -> bytes:
    """Return the cleaned, stripped and escaped text as bytes. Escaping bytes takes half the time of escaping text."""
    return clean_text(raw).strip().encode().replace(b"&", b"&amp;").replace(b"<", b"&lt;").replace(b">", b"&gt;")


def _clean_uri(raw: str) -> str:
    """Return an address as a URI: characters that a URI cannot hold are percent-encoded."""
    return quote(clean_text(raw).strip(), safe=URI_CHARACTERS)
