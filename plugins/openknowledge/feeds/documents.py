"""The RSS and the Atom document of one list."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

from feedgen.ext.base import BaseExtension
from feedgen.feed import FeedGenerator

from openknowledge.catalogue.summary import FeedList, Summary
from openknowledge.engine.digest import digest

from . import clean
from .entries import AtomEntry, RenderedEntry, cache_slot, entry_content, fill_entry
from .ids import feed_id
from .selection import changed_at
from .settings import FeedsSettings

__all__ = ["FeedFiles", "render_feed"]


class FeedFiles(NamedTuple):
    """The bytes of the two files of a list."""

    rss: bytes
    atom: bytes


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


def render_feed(
    feed_list: FeedList, items: Sequence[Summary], settings: FeedsSettings, digests: Sequence[bytes] = ()
) -> FeedFiles:
    """Return the list with its items, in their order, in both formats.

    feedgen renders an entry once for all feeds of a language that hold it. `digests` are the items' digests, where the
    caller has them. No document depends on the moment of building, because feedgen's clock is always overridden.
    """
    slots = [cache_slot(key, feed_list.lang, feed_list.sample_label, settings) for key in digests or map(digest, items)]
    texts = [entry_content(item, settings) for item in items]
    new = [number for number, entry in enumerate(slots) if not entry]
    feed = _feed(feed_list, max(map(changed_at, items), default=settings.beginning), settings)
    for number in new:
        fill_entry(feed.add_entry(order="append"), items[number], feed_list, settings, has_content=bool(texts[number]))
    (before_rss, *rss), (before_atom, *atom) = _render_split(feed, feed_list)
    for number, *entry in zip(new, rss, atom, strict=True):
        slots[number].append(RenderedEntry(*entry))
    entries = [entry.with_content(text) for (entry, *_), text in zip(slots, texts, strict=True)]
    return FeedFiles(
        RSS.join((before_rss, *(entry.rss for entry in entries))),
        ATOM.join((before_atom, *(entry.atom for entry in entries))),
    )


def _feed(feed_list: FeedList, updated: datetime, settings: FeedsSettings) -> FeedGenerator:
    """Return the feed of a list, without entries and without its own address."""
    feed = FeedGenerator()
    feed.load_extension("dc", atom=False, rss=True)
    feed.register_extension("in_atom", BaseExtension, AtomEntry, atom=True, rss=False)
    feed.id(feed_id(feed_list, settings))
    feed.title(clean.clean_line(feed_list.title))
    feed.description(clean.clean_line(feed_list.description) or clean.clean_line(feed_list.title))
    feed.language(feed_list.lang)
    feed.author(name=clean.clean_line(settings.author))
    feed.generator("openknowledge")
    feed.updated(updated)
    return feed


def _render_split(feed: FeedGenerator, feed_list: FeedList) -> tuple[list[bytes], list[bytes]]:
    """Return the parts of both files as feedgen writes them."""
    _link(feed, feed_list, feed_list.rss_url, "application/rss+xml")
    rss = feed.rss_str(pretty=True)
    _link(feed, feed_list, feed_list.atom_url, "application/atom+xml")
    return RSS.split(rss), ATOM.split(feed.atom_str(pretty=True))


def _link(feed: FeedGenerator, feed_list: FeedList, own_url: str, media_type: str) -> None:
    """Set the feed's own address and its page; feedgen takes the last link for RSS's `link`."""
    own = {"href": clean.clean_uri(own_url), "rel": "self", "type": media_type}
    page = {
        "href": clean.clean_uri(feed_list.page_url),
        "rel": "alternate",
        "type": "text/html",
        "hreflang": feed_list.lang,
    }
    feed.link([own, page], replace=True)
