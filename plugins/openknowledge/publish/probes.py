"""An answer from a public address, held against what it should be."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from types import MappingProxyType

import httpx

__all__ = ["ExpectedResponse", "Probe", "describe_mismatch"]

NO_HEADERS: Mapping[str, str] = MappingProxyType({})
PACKINGS = frozenset({"br", "gzip"})
LONGEST_VALUE = 120


@dataclass(frozen=True, slots=True)
class ExpectedResponse:
    """What an answer should be. `digest` is that of its body once it is decoded; empty where any will do.

    `is_packed`: compressed, as it is, or None where either will do. `location` is where a redirect leads to.
    """

    status: int
    headers: Mapping[str, str] = field(default_factory=lambda: NO_HEADERS, hash=False)
    digest: str = ""
    is_compressed: bool | None = None
    location: str = ""


@dataclass(frozen=True, slots=True)
class Probe:
    """An address, not quoted, which encodings the asker takes, and what should come; `query` with its `?`."""

    address: str
    accept_encoding: str
    expected: ExpectedResponse
    query: str = ""


def describe_mismatch(answer: httpx.Response, expected: ExpectedResponse) -> str:
    """All that is wrong with an answer, in words; nothing more of one that has another status."""
    if answer.status_code != expected.status:
        return f"the status is {answer.status_code}, and should be {expected.status}"
    return "; ".join(_wrong(answer, expected))


def _wrong(answer: httpx.Response, expected: ExpectedResponse) -> Iterator[str]:
    for name, value in expected.headers.items():
        found = answer.headers.get(name, "")
        if _plain(found) != _plain(value):
            told = f'is "{_short(found)}"' if found else "is missing"
            yield f'{name} {told}, and should be "{_short(value)}"'
    if expected.location:
        found = answer.headers.get("Location", "")
        if not _leads_to(answer.url, found, expected.location):
            yield f"it leads to {_short(found) or 'nowhere'}, and should lead to {expected.location}"
    if expected.digest:
        yield from _wrong_body(answer, expected)


def _wrong_body(answer: httpx.Response, expected: ExpectedResponse) -> Iterator[str]:
    packing = answer.headers.get("Content-Encoding", "")
    if expected.is_compressed is True and packing not in PACKINGS:
        yield "it is not compressed"
    if expected.is_compressed is False and packing not in ("", "identity"):
        yield f"it is compressed ({packing}) for somebody who asked for it as it is"
    if not answer.headers.get("ETag"):
        yield "ETag is missing"
    digest = sha256(answer.content).hexdigest()
    if digest != expected.digest:
        count = len(answer.content)
        yield f"the content is another one ({count} bytes, {digest[:12]}…, and should be {expected.digest[:12]}…)"


def _leads_to(url: httpx.URL, location: str, wanted: str) -> bool:
    try:
        return url.join(location) == httpx.URL(wanted)
    except httpx.InvalidURL:
        return False


def _plain(value: str) -> str:
    """A header's value without what makes no difference: case and spaces."""
    return "".join(value.lower().split())


def _short(value: str) -> str:
    return value if len(value) <= LONGEST_VALUE else f"{value[:LONGEST_VALUE]}…"
