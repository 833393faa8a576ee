"""The generator that offers the feeds to the writer."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pelican.generators import Generator

from openknowledge.catalogue.summary import FeedList, Summary
from openknowledge.engine.digest import digest
from openknowledge.engine.rules import Action, Description, Files, Rule, run_rule
from openknowledge.manifest import CacheClass, FileRole
from openknowledge.model.values import Ref

from .selection import DatedItem, group_by_list, select
from .settings import FeedsSettings

if TYPE_CHECKING:
    from openknowledge.catalogue.site import Site

__all__ = ["FeedsGenerator", "feeds_rule", "render_files"]

DESCRIPTIONS = {
    "feed": Description("the feeds of the list {list} ({lang})", ("lang", "list")),
    "feed-items": Description("the items in the feeds of {list} ({lang}): {count}", ("lang", "list", "count")),
    "feed-order": Description("the order of the items in all feeds ({lang})", ("lang",)),
}


class FeedsGenerator(Generator):  # type: ignore[misc]
    """Requires `context["catalogue"]`; without it there is nothing to write."""

    def generate_context(self) -> None:
        """Register the queries for the items of each feed."""
        site = self.context.get("catalogue")
        if site is not None:
            site.register_query("feed-order", feed_order, persist=True)
            site.register_query("feed-items", feed_items)

    def generate_output(self, writer: Any) -> None:
        """Build both files of each feed."""
        site = self.context.get("catalogue")
        if site is not None:
            settings = FeedsSettings.from_pelican(self.settings)
            run_rule(writer, feeds_rule(settings), site, Path(self.output_path))


def feeds_rule(settings: FeedsSettings) -> Rule:
    """Return the rule for both documents of each list."""

    def keys(site: Site) -> Iterator[tuple[str, ...]]:
        for lang in site.langs:
            for key in site.query("feed-keys", lang):
                yield lang, key

    def plan(site: Site, lang: str, key: str) -> Action:
        feed_list = site.feed_list(lang, key)
        assert feed_list is not None
        refs = [Ref(*ref.split("/", 1)) for ref in site.query("feed-items", lang, key, str(settings.max_items))]
        items = tuple(site.summary(ref, lang) for ref in refs)
        digests = tuple(site.digest("summary", ref.kind, ref.slug, lang) for ref in refs)
        action_digest = digest((render_files.__qualname__, feed_list, settings, digests))
        return Action(render_files, (feed_list, items, settings, digests), digest=action_digest)

    role, cache = FileRole.FEED, CacheClass.FEED
    return Rule("feed", "Writing feeds", keys, plan, role=role, cache=cache, descriptions=DESCRIPTIONS)


def render_files(
    feed_list: FeedList, items: tuple[Summary, ...], settings: FeedsSettings, digests: tuple[bytes, ...]
) -> Files:
    """Return the two files of a feed; worker processes call this."""
    from .documents import render_feed

    rss, atom = render_feed(feed_list, items, settings, digests)
    return (feed_list.rss_path.lstrip("/"), rss), (feed_list.atom_path.lstrip("/"), atom)


def feed_order(site: Site, lang: str) -> dict[str, tuple[str, ...]]:
    """Return the references of the items of each list, newest first."""
    rows = (site.query("feed-entry", ref.kind, ref.slug, lang) for ref in site.refs())
    lists = group_by_list(map(DatedItem.from_row, rows))
    return {key: tuple(item.ref for item in items) for key, items in lists.items()}


def feed_items(site: Site, lang: str, key: str, max_items: str) -> tuple[str, ...]:
    """Return the references of the items in a list's feed: the newest `max_items`, or all of them for 0."""
    feed_list = site.feed_list(lang, key)
    refs: tuple[str, ...] = site.query("feed-order", lang).get(key, ())
    return select(feed_list, refs, int(max_items)) if feed_list is not None else ()
