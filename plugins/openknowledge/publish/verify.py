"""Verification: what was published is requested again as readers get it, through the public address and any cache."""

import asyncio
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from hashlib import sha256
from itertools import islice, zip_longest

import httpx

from openknowledge.manifest import FileRole, ManifestEntry
from openknowledge.problems import Problem
from openknowledge.redirects.table import Redirect

from .errors import PublishFailed, make_problem, report_retry
from .http_client import for_each, open_client, site_url_of
from .manifest_shards import ShardedManifest
from .plan import Plan
from .targets import ProgressCallback

__all__ = ["Verifier"]

MAX_PROBLEMS = 20
MAX_REDIRECTS = 20
"""So many redirects, and so many addresses that are gone, are requested."""
MAX_VALUE = 120
COMPRESSED, IDENTITY = "br, gzip", "identity"
"""Values of `Accept-Encoding`: those of a browser, and of a simple program."""
ROLES = tuple(map(FileRole, ("page", "list", "data", "feed", "redirect", "asset", "media")))
"""The order in which a sample takes a file of each role."""
HINT = (
    "Look at it: curl -sI with this address. Does something between the store and its readers change, keep or refuse "
    "files? invoke publish reads them back again; invoke publish --purge-everything has caches forget all."
)
SILENCE = "no answer"
"""What a mismatch begins with where no response came."""


@dataclass(frozen=True, slots=True)
class Probe:
    """A request for a URL, and the response that should come.

    `digest` is that of the decoded body, empty if any will do; `is_compressed` is None if either will do. `location` is
    where a redirect leads to.
    """

    url: str
    status: int
    accept_encoding: str = COMPRESSED
    headers: Mapping[str, str] = field(default_factory=dict, hash=False)
    digest: str = ""
    is_compressed: bool | None = None
    location: str = ""

    def describe_mismatch(self, response: httpx.Response) -> str:
        """Return all that is wrong with a response; of one with another status only that."""
        if response.status_code != self.status:
            return f"the status is {response.status_code}, and should be {self.status}"
        return "; ".join((*self._header_mismatches(response), *self._body_mismatches(response)))

    def _header_mismatches(self, response: httpx.Response) -> Iterator[str]:
        for name, wanted in self.headers.items():
            value = response.headers.get(name, "")
            if "".join(value.lower().split()) != "".join(wanted.lower().split()):  # Case and spaces mean nothing.
                state = f'is "{_shorten(value)}"' if value else "is missing"
                yield f'{name} {state}, and should be "{_shorten(wanted)}"'
        value = response.headers.get("Location", "")
        if self.location and not _leads_to(response.url, value, self.location):
            yield f"it leads to {_shorten(value) or 'nowhere'}, and should lead to {self.location}"

    def _body_mismatches(self, response: httpx.Response) -> Iterator[str]:
        if not self.digest:
            return
        coding = response.headers.get("Content-Encoding", "")
        if self.is_compressed is True and coding not in ("br", "gzip"):
            yield "it is not compressed"
        if self.is_compressed is False and coding not in ("", "identity"):
            yield f"it is compressed ({coding}) for somebody who asked for it as it is"
        if not response.headers.get("ETag"):
            yield "ETag is missing"
        digest = sha256(response.content).hexdigest()
        if digest != self.digest:
            count = len(response.content)
            yield f"the content is another one ({count} bytes, {digest[:12]}…, and should be {self.digest[:12]}…)"


@dataclass(frozen=True, kw_only=True)
class Verifier:
    """Verifies a publication.

    `public_url` is where readers get the site, `headers` are those of a response with a file. `is_store`: files are at
    their paths, in one form each; else an address that ends in `/` gives its index.html, and a file with twins is sent
    uncompressed to those who ask for that. `redirects` are requested where the host itself sends redirects and 410, so
    that the pages at their addresses are never seen.

    Up to `max_changed` changed files are requested, beyond that a sample of every role, and `max_unchanged` others.
    What is wrong is requested again after each of `retry_delays_s`, because caches take a moment. `limit_s` is the end
    of all waiting.
    """

    public_url: str
    headers: Callable[[ManifestEntry], Mapping[str, str]]
    is_store: bool = False
    redirects: tuple[Redirect, ...] = ()
    max_changed: int = 500
    max_unchanged: int = 20
    retry_delays_s: tuple[float, ...] = (1, 2, 4, 8, 15)
    parallel: int = 16
    timeout_s: float = 30.0
    limit_s: float = 600.0
    transport: httpx.AsyncBaseTransport | None = field(default=None, repr=False)

    def __call__(
        self, plan: Plan, manifest: ShardedManifest, progress: ProgressCallback
    ) -> tuple[int, tuple[Problem, ...]]:
        """Return how many files were requested, and what is wrong. Raises `PublishFailed` if nothing responds."""
        entries = self._choose(plan, manifest)
        probes = [*(probe for entry in entries for probe in self._probe_file(entry)), *self._probe_redirects(plan)]
        mismatches = asyncio.run(self._request_all(probes, progress))
        if probes and len(mismatches) == len(probes) and all(text.startswith(SILENCE) for text in mismatches.values()):
            message = f"the site is published, but could not be read back: {next(iter(mismatches.values()))}"
            hint = "Is the network there, and PUBLISH_READ_BACK_URL right?"
            raise PublishFailed.at(self.public_url, message, hint)
        return len(entries), self._describe(mismatches)

    def _choose(self, plan: Plan, manifest: ShardedManifest) -> tuple[ManifestEntry, ...]:
        """Choose files that were sent or that caches may have of an earlier run, and others.

        Others are those of which the manifest is loaded: nothing is fetched for them. Files at addresses where the host
        redirects are left out.
        """
        hidden = {redirect.source for redirect in self.redirects if not redirect.query}
        sent = {entry.path: entry for entry in plan.sent}
        to_purge = [entry for entry in plan.to_purge if entry.path not in sent]
        stale = {entry.path: entry for entry in to_purge if manifest.get(entry.path) == entry}
        changed = [entry for _, entry in sorted({**stale, **sent}.items()) if entry.url_path not in hidden]
        known = {*sent, *(entry.path for entry in to_purge)}
        others = (entry for entry in manifest.loaded_entries() if entry.path not in known)
        shown = [entry for entry in others if entry.url_path not in hidden]
        return (*_sample_by_role(changed, self.max_changed), *_sample_by_role(shown, self.max_unchanged))

    def _probe_file(self, entry: ManifestEntry) -> Iterator[Probe]:
        """Yield a probe as browsers request a file, and for one with twins another as simple programs do."""
        url = site_url_of(self.public_url, f"/{entry.path}" if self.is_store else entry.url_path)
        headers = {"Content-Type": entry.media_type, **self.headers(entry)}
        yield Probe(url, 200, COMPRESSED, headers, entry.digest, is_compressed=True if entry.twins else None)
        if entry.twins:
            is_compressed = None if self.is_store else False
            yield Probe(url, 200, IDENTITY, headers, entry.digest, is_compressed)

    def _probe_redirects(self, plan: Plan) -> Iterator[Probe]:
        """Yield probes of some redirects, and of some addresses that are gone; those of this publication come first."""
        new = {entry.url_path for entry in plan.sent}
        ordered = sorted(self.redirects, key=lambda one: (one.source not in new, sha256(one.source.encode()).digest()))
        moved = [redirect for redirect in ordered if redirect.target is not None][:MAX_REDIRECTS]
        gone = [redirect for redirect in ordered if redirect.target is None][:MAX_REDIRECTS]
        for redirect in (*moved, *gone):
            target = redirect.target or ""
            location = site_url_of(self.public_url, "") + target if target.startswith("/") else target
            url = site_url_of(self.public_url, redirect.source) + (f"?{redirect.query}" if redirect.query else "")
            yield Probe(url, redirect.status, location=location)

    async def _request_all(self, probes: Collection[Probe], progress: ProgressCallback) -> Mapping[Probe, str]:
        """Send all probes, and after each delay those with a mismatch again; return the last mismatches."""
        texts = dict.fromkeys(probes, f"{SILENCE} (not within {self.limit_s:.0f} s)")
        with suppress(TimeoutError):
            async with (
                asyncio.timeout(self.limit_s),
                open_client(self.parallel, self.timeout_s, self.transport) as client,
            ):
                await self._request_once(client, texts, progress)
                for tries, delay_s in enumerate(self.retry_delays_s, start=2):
                    wrong = {probe: text for probe, text in texts.items() if text}
                    if not wrong:
                        break
                    report_retry(self.public_url, next(iter(wrong.values())), tries, len(self.retry_delays_s) + 1)
                    await asyncio.sleep(delay_s)
                    await self._request_once(client, wrong, progress)
                    texts.update(wrong)
        return {probe: text for probe, text in texts.items() if text}

    async def _request_once(
        self, client: httpx.AsyncClient, texts: dict[Probe, str], progress: ProgressCallback
    ) -> None:
        """Send the probes of `texts`, and put what is wrong in there."""
        probes = tuple(texts)
        done = size_b = 0

        async def request(probe: Probe) -> None:
            nonlocal done, size_b
            try:
                response = await client.get(probe.url, headers={"Accept-Encoding": probe.accept_encoding})
            except httpx.DecodingError:
                texts[probe] = "the answer is not compressed as its Content-Encoding says"
            except httpx.HTTPError as error:
                texts[probe] = f"{SILENCE} ({type(error).__name__}: {error})"
            else:
                texts[probe] = probe.describe_mismatch(response)
                size_b += len(response.content)
            done += 1
            progress("Reading back", done, len(probes), size_b)

        await for_each(probes, self.parallel, request)

    def _describe(self, mismatches: Mapping[Probe, str]) -> tuple[Problem, ...]:
        """Return a problem for each address, and no more than an operator would read."""
        by_url: dict[str, list[str]] = {}
        for probe, text in mismatches.items():
            texts = by_url.setdefault(probe.url, [])
            if text not in texts:
                texts.append(text if probe.accept_encoding == COMPRESSED else f"asked for it uncompressed: {text}")
        rows = enumerate(sorted(by_url.items()))
        problems = [make_problem(url, "; ".join(texts), "" if number else HINT) for number, (url, texts) in rows]
        if (more := len(problems) - MAX_PROBLEMS) > 0:
            message = f"and {more} more addresses are not as they should be"
            problems[MAX_PROBLEMS:] = [make_problem(self.public_url, message, "")]
        return tuple(problems)


def _sample_by_role(entries: Collection[ManifestEntry], limit: int) -> Collection[ManifestEntry]:
    """Return at most `limit` entries, as many of each role as there are, chosen by the digests of their paths alone."""
    if len(entries) <= limit:
        return entries
    ordered = sorted(entries, key=lambda entry: sha256(entry.path.encode()).digest())
    by_role = ([entry for entry in ordered if entry.role is role] for role in ROLES)
    dealt = (entry for row in zip_longest(*by_role) for entry in row if entry is not None)
    return tuple(islice(dealt, limit))


def _leads_to(url: httpx.URL, location: str, wanted: str) -> bool:
    try:
        return url.join(location) == httpx.URL(wanted)
    except httpx.InvalidURL:
        return False


def _shorten(value: str) -> str:
    return value if len(value) <= MAX_VALUE else f"{value[:MAX_VALUE]}…"
