"""Every address that was ever published serves, redirects or says that it is gone."""

from __future__ import annotations

from collections.abc import Iterable

from openknowledge.manifest import FileRole, ManifestEntry
from openknowledge.redirects.table import Redirect

from .manifest_shards import ShardedManifest
from .plan import Plan

__all__ = ["find_lost_urls", "find_retired_urls", "is_permanent"]

EXCHANGEABLE = ("image/", "font/")
"""What pages show and nobody bookmarks: a page that shows another picture has lost no address."""


def is_permanent(entry: ManifestEntry) -> bool:
    """Whether somebody may have kept its address: pages, lists, feeds, data and documents to download."""
    return entry.role is not FileRole.ASSET and not entry.media_type.startswith(EXCHANGEABLE)


def find_lost_urls(
    former: Iterable[str], plan: Plan, manifest: ShardedManifest, forwards: Iterable[Redirect]
) -> tuple[str, ...]:
    """The addresses, of all that were published, that would lead nowhere; sorted."""
    known = {forward.source.rstrip("/") for forward in forwards if not forward.query}
    gone = {entry.url_path for entry in plan.removed if is_permanent(entry)}
    return tuple(
        address
        for address in sorted({*former, *gone})
        if address.rstrip("/") not in known and manifest.get(_path(address)) is None
    )


def find_retired_urls(former: Iterable[str], plan: Plan, manifest: ShardedManifest) -> frozenset[str]:
    """The addresses that were published and have no page or file of their own any more: a build answers for them."""
    gone = {entry.url_path for entry in plan.removed if is_permanent(entry)}
    moved = {new.url_path for old, new in plan.changed if _is_stand_in(new) and not _is_stand_in(old)}
    here = ((address, manifest.get(_path(address))) for address in {*former, *gone, *moved})
    return frozenset(address for address, entry in here if entry is None or _is_stand_in(entry))


def _is_stand_in(entry: ManifestEntry) -> bool:
    return entry.role is FileRole.REDIRECT


def _path(address: str) -> str:
    return f"{address}index.html".lstrip("/") if address.endswith("/") else address.lstrip("/")
