"""The items of a feed, and their order."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol, TypeVar

from openknowledge.catalogue.summary import FeedList

__all__ = ["DatedItem", "appeared_at", "changed_at", "group_by_list", "select"]


class FeedItem(Protocol):
    """What decides the feeds of an item and its position in them; `Summary` and `DatedItem` have it."""

    @property
    def ref(self) -> str: ...
    @property
    def kind(self) -> str: ...
    @property
    def published(self) -> datetime | None: ...
    @property
    def updated(self) -> datetime | None: ...
    @property
    def belongs_to(self) -> tuple[str, ...]: ...


AnyItem = TypeVar("AnyItem", bound=FeedItem)


@dataclass(frozen=True, slots=True)
class DatedItem:
    """An item without its texts."""

    ref: str
    kind: str
    published: datetime | None
    updated: datetime | None
    belongs_to: tuple[str, ...]

    @classmethod
    def from_row(cls, row: Any) -> DatedItem:
        """Return the item of a row of the query `feed-entry`, whose dates are text."""
        ref, kind, published, updated, belongs_to = row
        return cls(ref, kind, _moment(published), _moment(updated), belongs_to)


def appeared_at(item: FeedItem) -> datetime | None:
    """Return when the item appeared; None where that is unknown."""
    return item.published or item.updated


def changed_at(item: FeedItem) -> datetime:
    """Return when the item last changed, at the earliest when it appeared."""
    return max(moment for moment in (item.published, item.updated) if moment is not None)


def group_by_list(items: Iterable[AnyItem]) -> Mapping[str, tuple[AnyItem, ...]]:
    """Return the items of each list by its key (`all`, `kind:course`, `ref:topic/x`), newest first.

    An item without a known date is in no list, because a feed must date each entry truly.
    """
    lists: dict[str, list[AnyItem]] = {}
    for item in _newest_first(items):
        for key in ("all", f"kind:{item.kind}", *dict.fromkeys(f"ref:{ref}" for ref in item.belongs_to)):
            lists.setdefault(key, []).append(item)
    return {key: tuple(members) for key, members in lists.items()}


def select(feed_list: FeedList, refs: tuple[str, ...], max_items: int) -> tuple[str, ...]:
    """Return the items of a list's feed: the newest `max_items`, or all of them for 0."""
    if feed_list.kinds:
        refs = tuple(ref for ref in refs if ref.partition("/")[0] in feed_list.kinds)
    return refs[:max_items] if max_items else refs


def _newest_first(items: Iterable[AnyItem]) -> list[AnyItem]:
    dated = sorted((item for item in items if appeared_at(item)), key=lambda item: item.ref)
    return sorted(dated, key=lambda item: appeared_at(item) or datetime.min, reverse=True)


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
