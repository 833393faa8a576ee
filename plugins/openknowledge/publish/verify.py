"""Verification: what was published is requested again as readers get it, through the public address and any cache."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from itertools import islice, zip_longest
from types import MappingProxyType

import httpx

from openknowledge.manifest import FileRole, ManifestEntry
from openknowledge.problems import Problem
from openknowledge.redirects.table import Redirect

from .errors import PublishFailed, make_problem
from .http_client import for_each, open_client, site_url_of
from .manifest_shards import ShardedManifest
from .plan import Plan
from .targets import ProgressCallback

__all__ = [
    "ExpectedResponse",
    "Probe",
    "Verifier",
    "changed_entries",
    "describe_mismatch",
    "sample_by_role",
    "unchanged_entries",
]

MAX_PROBLEMS = 20
MAX_REDIRECTS = 20
"""So many redirects, and so many addresses that are gone, are requested."""
MAX_VALUE = 120
COMPRESSED, IDENTITY = "br, gzip", "identity"
"""Values of `Accept-Encoding`: those of a browser, and of a simple program."""
CODINGS = frozenset({"br", "gzip"})
ROLES = (
    FileRole.PAGE,
    FileRole.LIST,
    FileRole.DATA,
    FileRole.FEED,
    FileRole.REDIRECT,
    FileRole.ASSET,
    FileRole.MEDIA,
)
"""The order in which a sample takes a file of each role."""
HINT = (
    "Look at it: curl -sI with this address. Does something between the store and its readers change, keep or refuse "
    "files? invoke publish reads them back again; invoke publish --purge-everything has caches forget all."
)
NO_HEADERS: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class ExpectedResponse:
    """What a response should be.

    `digest` is that of the decoded body, empty if any will do; `is_compressed` is None if either will do. `location` is
    where a redirect leads to.
    """

    status: int
    headers: Mapping[str, str] = field(default_factory=lambda: NO_HEADERS, hash=False)
    digest: str = ""
    is_compressed: bool | None = None
    location: str = ""


@dataclass(frozen=True, slots=True)
class Probe:
    """A request for an unquoted address, and what should come; `query` begins with its `?`."""

    address: str
    accept_encoding: str
    expected: ExpectedResponse
    query: str = ""


@dataclass(frozen=True, slots=True)
class _Mismatch:
    """What is wrong with a response; `is_silent` if there was none."""

    text: str
    is_silent: bool = False


@dataclass(frozen=True, kw_only=True)
class Verifier:
    """Verifies a publication.

    `public_url` is where readers get the site, `headers` are those of a response with a file. `serves_index`: an
    address that ends in `/` gives its index.html; `serves_compressed`: a file with twins is sent compressed;
    `serves_identity`: and uncompressed to those who ask for that. `redirects` are requested where the host itself sends
    redirects and 410, so that the pages at their addresses are never seen.

    Up to `max_changed` changed files are requested, beyond that a sample of every role, and `max_unchanged` others.
    What is wrong is requested again after each of `retry_delays_s`, because caches take a moment.
    """

    public_url: str
    headers: Callable[[ManifestEntry], Mapping[str, str]]
    serves_index: bool = True
    serves_compressed: bool = True
    serves_identity: bool = True
    redirects: tuple[Redirect, ...] = ()
    max_changed: int = 500
    max_unchanged: int = 20
    retry_delays_s: tuple[float, ...] = (1, 2, 4, 8, 15)
    parallel: int = 16
    timeout_s: float = 30.0
    transport: httpx.AsyncBaseTransport | None = field(default=None, repr=False)

    def __call__(
        self, plan: Plan, manifest: ShardedManifest, progress: ProgressCallback
    ) -> tuple[int, tuple[Problem, ...]]:
        """Return how many files were requested, and what is wrong. Raises `PublishFailed` if nothing responds."""
        entries = self._choose(plan, manifest)
        probes = [*(probe for entry in entries for probe in self._probe_file(entry)), *self._probe_redirects(plan)]
        mismatches = asyncio.run(self._request_all(probes, progress))
        if probes and len(mismatches) == len(probes) and all(one.is_silent for one in mismatches.values()):
            reason = next(iter(mismatches.values())).text
            message = f"the site is published, but could not be read back: {reason}"
            hint = "Is the network there, and PUBLISH_READ_BACK_URL right?"
            raise PublishFailed([make_problem(self.public_url, message, hint)])
        return len(entries), self._describe(mismatches)

    def _choose(self, plan: Plan, manifest: ShardedManifest) -> tuple[ManifestEntry, ...]:
        """Choose files, but for those at addresses where the host redirects."""
        hidden = {redirect.source for redirect in self.redirects if not redirect.query}
        changed, unchanged = (
            (entry for entry in entries if entry.url_path not in hidden)
            for entries in (changed_entries(plan, manifest), unchanged_entries(plan, manifest))
        )
        return (*sample_by_role(changed, self.max_changed), *sample_by_role(unchanged, self.max_unchanged))

    def _probe_file(self, entry: ManifestEntry) -> Iterator[Probe]:
        """Yield a probe as browsers request a file, and for one with twins another as simple programs do."""
        address = entry.url_path if self.serves_index else f"/{entry.path}"
        headers = {"Content-Type": entry.media_type, **self.headers(entry)}
        has_twins = bool(entry.twins) and self.serves_compressed
        expected = ExpectedResponse(200, headers, entry.digest, is_compressed=True if has_twins else None)
        yield Probe(address, COMPRESSED, expected)
        if has_twins:
            is_compressed = False if self.serves_identity else None
            yield Probe(address, IDENTITY, ExpectedResponse(200, headers, entry.digest, is_compressed=is_compressed))

    def _probe_redirects(self, plan: Plan) -> Iterator[Probe]:
        """Yield probes of some redirects, and of some addresses that are gone; those of this publication come first."""
        new = {entry.url_path for entry in plan.sent}
        ordered = sorted(self.redirects, key=lambda one: (one.source not in new, sha256(one.source.encode()).digest()))
        moved = [redirect for redirect in ordered if redirect.target is not None][:MAX_REDIRECTS]
        gone = [redirect for redirect in ordered if redirect.target is None][:MAX_REDIRECTS]
        for redirect in (*moved, *gone):
            query = f"?{redirect.query}" if redirect.query else ""
            target = redirect.target or ""
            location = site_url_of(self.public_url, "") + target if target.startswith("/") else target
            yield Probe(redirect.source, COMPRESSED, ExpectedResponse(redirect.status, location=location), query)

    async def _request_all(self, probes: Collection[Probe], progress: ProgressCallback) -> dict[Probe, _Mismatch]:
        """Send all probes, and after each delay those again that were not as they should be."""
        async with open_client(self.parallel, self.timeout_s, self.transport) as client:
            mismatches = await self._request_once(client, probes, progress)
            for delay_s in self.retry_delays_s:
                if not mismatches:
                    break
                await asyncio.sleep(delay_s)
                mismatches = await self._request_once(client, mismatches, progress)
        return mismatches

    async def _request_once(
        self, client: httpx.AsyncClient, probes: Collection[Probe], progress: ProgressCallback
    ) -> dict[Probe, _Mismatch]:
        mismatches: dict[Probe, _Mismatch] = {}
        done = size_b = 0

        async def request(probe: Probe) -> None:
            nonlocal done, size_b
            mismatch, read_b = await self._request(client, probe)
            if mismatch is not None:
                mismatches[probe] = mismatch
            done, size_b = done + 1, size_b + read_b
            progress("Reading back", done, len(probes), size_b)

        await for_each(probes, self.parallel, request)
        return {probe: mismatches[probe] for probe in probes if probe in mismatches}

    async def _request(self, client: httpx.AsyncClient, probe: Probe) -> tuple[_Mismatch | None, int]:
        url = site_url_of(self.public_url, probe.address) + probe.query
        try:
            response = await client.get(url, headers={"Accept-Encoding": probe.accept_encoding})
        except httpx.DecodingError:
            return _Mismatch("the answer is not compressed as its Content-Encoding says"), 0
        except httpx.HTTPError as error:
            return _Mismatch(f"no answer ({type(error).__name__}: {error})", is_silent=True), 0
        text = describe_mismatch(response, probe.expected)
        return (_Mismatch(text) if text else None), len(response.content)

    def _describe(self, mismatches: Mapping[Probe, _Mismatch]) -> tuple[Problem, ...]:
        """Return a problem for each address, and no more than an operator would read."""
        by_url: dict[str, list[str]] = {}
        for probe, mismatch in mismatches.items():
            texts = by_url.setdefault(site_url_of(self.public_url, probe.address) + probe.query, [])
            prefix = "" if probe.accept_encoding == COMPRESSED else "asked for it uncompressed: "
            if mismatch.text not in texts:
                texts.append(f"{prefix}{mismatch.text}")
        rows = enumerate(sorted(by_url.items()))
        problems = [make_problem(url, "; ".join(texts), "" if number else HINT) for number, (url, texts) in rows]
        more = len(problems) - MAX_PROBLEMS
        if more > 0:
            message = f"and {more} more addresses are not as they should be"
            problems[MAX_PROBLEMS:] = [make_problem(self.public_url, message, "")]
        return tuple(problems)


def changed_entries(plan: Plan, manifest: ShardedManifest) -> tuple[ManifestEntry, ...]:
    """Return what was sent, and what caches may still have of an earlier run, sorted by path."""
    entries = {entry.path: entry for entry in plan.sent}
    stale = [entry for entry in plan.to_purge if entry.path not in entries and manifest.get(entry.path) == entry]
    entries |= {entry.path: entry for entry in stale}
    return tuple(entries[path] for path in sorted(entries))


def unchanged_entries(plan: Plan, manifest: ShardedManifest) -> tuple[ManifestEntry, ...]:
    """Return what stayed as it was, as far as the manifest is loaded: nothing is fetched for it."""
    changed = {entry.path for entry in (*plan.sent, *plan.to_purge)}
    return tuple(entry for entry in manifest.loaded_entries() if entry.path not in changed)


def sample_by_role(entries: Iterable[ManifestEntry], limit: int) -> tuple[ManifestEntry, ...]:
    """Return at most `limit` entries, as many of each role as there are, chosen by the digests of their paths alone."""
    everything = tuple(entries)
    if len(everything) <= limit:
        return everything
    ordered = sorted(everything, key=lambda entry: sha256(entry.path.encode()).digest())
    by_role = ([entry for entry in ordered if entry.role is role] for role in ROLES)
    dealt = (entry for row in zip_longest(*by_role) for entry in row if entry is not None)
    return tuple(islice(dealt, limit))


def describe_mismatch(response: httpx.Response, expected: ExpectedResponse) -> str:
    """Return all that is wrong with a response; of one with another status only that."""
    if response.status_code != expected.status:
        return f"the status is {response.status_code}, and should be {expected.status}"
    return "; ".join(_mismatches(response, expected))


def _mismatches(response: httpx.Response, expected: ExpectedResponse) -> Iterator[str]:
    for name, wanted in expected.headers.items():
        value = response.headers.get(name, "")
        if _normalize(value) != _normalize(wanted):
            state = f'is "{_shorten(value)}"' if value else "is missing"
            yield f'{name} {state}, and should be "{_shorten(wanted)}"'
    if expected.location:
        value = response.headers.get("Location", "")
        if not _leads_to(response.url, value, expected.location):
            yield f"it leads to {_shorten(value) or 'nowhere'}, and should lead to {expected.location}"
    if expected.digest:
        yield from _body_mismatches(response, expected)


def _body_mismatches(response: httpx.Response, expected: ExpectedResponse) -> Iterator[str]:
    coding = response.headers.get("Content-Encoding", "")
    if expected.is_compressed is True and coding not in CODINGS:
        yield "it is not compressed"
    if expected.is_compressed is False and coding not in ("", "identity"):
        yield f"it is compressed ({coding}) for somebody who asked for it as it is"
    if not response.headers.get("ETag"):
        yield "ETag is missing"
    digest = sha256(response.content).hexdigest()
    if digest != expected.digest:
        count = len(response.content)
        yield f"the content is another one ({count} bytes, {digest[:12]}…, and should be {expected.digest[:12]}…)"


def _leads_to(url: httpx.URL, location: str, wanted: str) -> bool:
    try:
        return url.join(location) == httpx.URL(wanted)
    except httpx.InvalidURL:
        return False


def _normalize(value: str) -> str:
    """Return a header's value without case and spaces, which make no difference."""
    return "".join(value.lower().split())


def _shorten(value: str) -> str:
    return value if len(value) <= MAX_VALUE else f"{value[:MAX_VALUE]}…"
