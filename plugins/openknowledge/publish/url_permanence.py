"""Every address that was ever published serves, redirects or says that it is gone."""

from __future__ import annotations

from collections.abc import Iterable

from openknowledge.manifest import Entry, Role
from openknowledge.redirects.table import Redirect

from .manifest_shards import ShardedManifest
from .plan import Plan

__all__ = ["find_lost_urls", "find_retired_urls", "is_permanent"]

EXCHANGEABLE = ("image/", "font/")
"""What pages show and nobody bookmarks: a page that shows another picture has lost no address."""


def is_permanent(entry: Entry) -> bool:
    """Whether somebody may have kept its address: pages, lists, feeds, data and documents to download."""
    return entry.role is not Role.ASSET and not entry.media_type.startswith(EXCHANGEABLE)


def find_lost_urls(
    former: Iterable[str], plan: Plan, manifest: ShardedManifest, forwards: Iterable[Redirect]
) -> tuple[str, ...]:
    """The addresses, of all that were published, that would lead nowhere; sorted."""
    known = {forward.source.rstrip("/") for forward in forwards if not forward.query}
    gone = {entry.address for entry in plan.removed if is_permanent(entry)}
    return tuple(
        address
        for address in sorted({*former, *gone})
        if address.rstrip("/") not in known and manifest.get(_path(address)) is None
    )


def find_retired_urls(former: Iterable[str], plan: Plan, manifest: ShardedManifest) -> frozenset[str]:
    """The addresses that were published and have no page or file of their own any more: a build answers for them."""
    gone = {entry.address for entry in plan.removed if is_permanent(entry)}
    moved = {new.address for old, new in plan.changed if _is_stand_in(new) and not _is_stand_in(old)}
    here = ((address, manifest.get(_path(address))) for address in {*former, *gone, *moved})
    return frozenset(address for address, entry in here if entry is None or _is_stand_in(entry))


def _is_stand_in(entry: Entry) -> bool:
    return entry.role is Role.REDIRECT


def _path(address: str) -> str:
    return f"{address}index.html".lstrip("/") if address.endswith("/") else address.lstrip("/")
