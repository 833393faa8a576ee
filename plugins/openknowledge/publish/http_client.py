"""Requests to the site's public address and to CDNs: several at a time, for addresses quoted as links are."""

import asyncio
from collections.abc import Awaitable, Callable, Collection
from typing import Any
from urllib.parse import quote, urlsplit

import httpx

__all__ = ["for_each", "open_client", "send", "site_path", "site_url_of"]


def site_path(site_url: str, address: str) -> str:
    """Return the path of an address in URLs: below the site's own path, and quoted."""
    return f"{urlsplit(site_url).path.rstrip('/')}{quote(address)}"


def site_url_of(site_url: str, address: str) -> str:
    """Return the URL of an address of the site."""
    return f"{site_url.rstrip('/')}{quote(address)}"


def open_client(
    parallel: int, timeout_s: float, transport: httpx.AsyncBaseTransport | None, auth: httpx.Auth | None = None
) -> httpx.AsyncClient:
    """Open a client with a connection for each of `parallel` requests."""
    limits = httpx.Limits(max_connections=parallel, max_keepalive_connections=parallel)
    return httpx.AsyncClient(timeout=timeout_s, limits=limits, transport=transport, auth=auth)


async def send(client: httpx.AsyncClient, method: str, url: str, limit_s: float, **options: Any) -> httpx.Response:
    """Return a whole response. Raises `httpx.ReadTimeout` where it has not come in time, also one that trickles."""
    try:
        async with asyncio.timeout(limit_s):
            return await client.request(method, url, **options)
    except TimeoutError:
        raise httpx.ReadTimeout(f"not within {limit_s:.0f} s") from None


async def for_each(items: Collection[Any], parallel: int, run: Callable[[Any], Awaitable[None]]) -> None:
    """Run a coroutine for each item, `parallel` of them at a time."""
    remaining = iter(items)

    async def work() -> None:
        for item in remaining:
            await run(item)

    async with asyncio.TaskGroup() as tasks:
        for _ in range(min(parallel, len(items))):
            tasks.create_task(work())
