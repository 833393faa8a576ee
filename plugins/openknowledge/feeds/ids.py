"""Permanent ids (RFC 4151): they do not depend on where the site is."""

from __future__ import annotations

from urllib.parse import quote

from openknowledge.catalogue.summary import FeedList, Summary

from .settings import FeedsSettings

__all__ = ["feed_id", "item_id"]


def item_id(item: Summary, lang: str, settings: FeedsSettings) -> str:
    """Return the id of an item, `tag:pok.polimi.it,2014:course/mat101:it`: the same in all feeds of one language."""
    return _tag(f"{item.ref}:{lang}", settings)


def feed_id(feed_list: FeedList, settings: FeedsSettings) -> str:
    """Return the id of a feed, `tag:pok.polimi.it,2014:feed/kind:course:it`."""
    return _tag(f"feed/{feed_list.key}:{feed_list.lang}", settings)


def _tag(specific: str, settings: FeedsSettings) -> str:
    return f"tag:{settings.id_authority},{settings.id_date}:{quote(specific, safe='/:', errors='replace')}"
