"""Addresses of the site as caches know them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from urllib.parse import quote, urlsplit

__all__ = ["batches", "path_of", "url_of"]


def path_of(site_url: str, address: str) -> str:
    """The path of an address as it stands in URLs: below the site's own path, quoted as links on its pages are."""
    return f"{urlsplit(site_url).path.rstrip('/')}{quote(address)}"


def url_of(site_url: str, address: str) -> str:
    return f"{site_url.rstrip('/')}{quote(address)}"


def batches(addresses: Sequence[str], most: int) -> Iterator[tuple[str, ...]]:
    """All addresses, so many at once at most."""
    return (tuple(addresses[start : start + most]) for start in range(0, len(addresses), most))
