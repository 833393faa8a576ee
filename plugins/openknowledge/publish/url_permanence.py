"""Every address that was ever published serves, redirects or says that it is gone."""

from __future__ import annotations

from collections.abc import Iterable

from openknowledge.manifest import FileRole, ManifestEntry
from openknowledge.redirects.table import Redirect

from .manifest_shards import ShardedManifest
from .plan import Plan

__all__ = ["find_lost_urls", "find_retired_urls", "is_permanent"]

REPLACEABLE = ("image/", "font/")
"""What pages show and no reader bookmarks: a page that shows another picture has lost no address."""


def is_permanent(entry: ManifestEntry) -> bool:
    """Return whether readers may keep the address: that of a page, list, feed, data file or download."""
    return entry.role is not FileRole.ASSET and not entry.media_type.startswith(REPLACEABLE)


def find_lost_urls(
    retired: Iterable[str], plan: Plan, manifest: ShardedManifest, redirects: Iterable[Redirect]
) -> tuple[str, ...]:
    """Return the addresses of all that were published that would lead nowhere, sorted."""
    redirected = {redirect.source.rstrip("/") for redirect in redirects if not redirect.query}
    return tuple(
        address
        for address in sorted({*retired, *_removed_urls(plan)})
        if address.rstrip("/") not in redirected and manifest.get(_path_of(address)) is None
    )


def find_retired_urls(retired: Iterable[str], plan: Plan, manifest: ShardedManifest) -> frozenset[str]:
    """Return the addresses that were published and have no page or file of their own now, so that redirects answer."""
    replaced = {new.url_path for old, new in plan.changed if _is_redirect(new) and not _is_redirect(old)}
    candidates = {*retired, *_removed_urls(plan), *replaced}
    entries = ((address, manifest.get(_path_of(address))) for address in candidates)
    return frozenset(address for address, entry in entries if entry is None or _is_redirect(entry))


def _removed_urls(plan: Plan) -> set[str]:
    return {entry.url_path for entry in plan.removed if is_permanent(entry)}


def _is_redirect(entry: ManifestEntry) -> bool:
    return entry.role is FileRole.REDIRECT


def _path_of(address: str) -> str:
    return f"{address}index.html".lstrip("/") if address.endswith("/") else address.lstrip("/")
