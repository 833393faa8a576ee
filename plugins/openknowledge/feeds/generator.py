"""The rule for the feeds, and the items of each."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from openknowledge.catalogue.queries import FeedEntry
from openknowledge.catalogue.site import Site
from openknowledge.catalogue.site_generator import SiteGenerator
from openknowledge.catalogue.summary import FeedList, Summary
from openknowledge.engine.digest import digest
from openknowledge.engine.rules import Action, Description, Files, Rule
from openknowledge.manifest import CacheClass, FileRole
from openknowledge.model.values import Ref

from .calendars import calendars_rule
from .settings import FeedsSettings

__all__ = ["FeedsGenerator", "feeds_rule", "group_by_list", "render_files", "select"]

DESCRIPTIONS = {
    "feed": Description("the feeds of the list {list} ({lang})", ("lang", "list")),
    "feed-items": Description("the items in the feeds of {list} ({lang}): {count}", ("lang", "list", "count")),
    "feed-order": Description("the order of the items in all feeds ({lang})", ("lang",)),
}


class FeedsGenerator(SiteGenerator):
    """Builds both files of each feed, and the calendars."""

    def extend_site(self, site: Any) -> None:
        """Register the queries for the items of each feed."""
        site.register_queries({"feed-order": feed_order, "feed-items": feed_items}, persisted={"feed-order"})

    def rules(self) -> Iterable[Rule]:
        """Return the rules for the feeds and the calendars."""
        return feeds_rule(FeedsSettings.from_pelican(self.settings)), calendars_rule()


def feeds_rule(settings: FeedsSettings) -> Rule:
    """Return the rule for both documents of each list."""

    def keys(site: Site) -> list[tuple[str, ...]]:
        return [(lang, key) for lang in site.langs for key in site.query("feed-keys", lang)]

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


def feed_order(site: Site, lang: str) -> Mapping[str, tuple[str, ...]]:
    """Return the references of the items of each list, newest first."""
    return group_by_list(site.query("feed-entry", ref.kind, ref.slug, lang) for ref in site.refs())


def feed_items(site: Site, lang: str, key: str, max_items: str) -> tuple[str, ...]:
    """Return the references of the items in a list's feed: the newest `max_items`, or all of them for 0."""
    feed_list = site.feed_list(lang, key)
    return select(feed_list, site.query("feed-order", lang).get(key, ()), int(max_items)) if feed_list else ()


def group_by_list(entries: Iterable[FeedEntry]) -> Mapping[str, tuple[str, ...]]:
    """Return the references of the items of each list by its key (`all`, `kind:course`, `ref:topic/x`), newest first.

    An item without a known date is in no list, because a feed must date each entry truly.
    """
    lists: dict[str, list[str]] = {}
    dated = [(moment, entry) for entry in sorted(entries) if (moment := entry[2] or entry[3])]
    newest_first = sorted(dated, key=lambda pair: datetime.fromisoformat(pair[0]), reverse=True)
    for _, (item, kind, _, _, belongs_to) in newest_first:
        for key in ("all", f"kind:{kind}", *dict.fromkeys(f"ref:{ref}" for ref in belongs_to)):
            lists.setdefault(key, []).append(item)
    return {key: tuple(refs) for key, refs in lists.items()}


def select(feed_list: FeedList, refs: tuple[str, ...], max_items: int) -> tuple[str, ...]:
    """Return the items of a list's feed: the newest `max_items`, or all of them for 0."""
    if feed_list.kinds:
        refs = tuple(ref for ref in refs if ref.partition("/")[0] in feed_list.kinds)
    return refs[:max_items] if max_items else refs
