"""The caches in front of a site, which purge what changed: Varnish, Cloudflare, Fastly, CloudFront, or none."""

import asyncio
import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import partial
from secrets import token_hex
from typing import Any, NamedTuple
from urllib.parse import urlsplit
from xml.sax.saxutils import escape

import httpx
from tenacity import AsyncRetrying, RetryCallState, retry_if_result, stop_after_attempt, wait_random_exponential

from openknowledge.problems import Problem

from .errors import PublishFailed, make_problem, report_retry
from .http_client import for_each, open_client, send, site_path
from .targets import ProgressCallback

__all__ = ["Cdn", "PurgeRequest", "make_cdn"]

CLOUDFLARE_BATCH = 100
"""URLs in a request: 100 on the Free, Pro and Business plans, 500 on Enterprise."""
CLOUDFRONT_BATCH = 3000
"""Paths that may be in progress at once in a distribution; more of them are refused for the moment."""
CLOUDFRONT_VERSION = "2020-05-31"
CLOUDFRONT_BUSY = ("TooManyInvalidationsInProgress", "Throttling", "Rate exceeded")
TRANSIENT = frozenset({408, 409, 425, 429, 500, 502, 503, 504})
"""Statuses that a retry may change."""
DENIED = (401, 403)
MAX_FAILURES = 3
"""After so many failed requests in a row no more are sent, because the rest would fail too."""
HINT_RETRY = "Then publish again: what was not purged is purged by the next run."
MAX_EXCERPT = 200


class PurgeRequest(NamedTuple):
    """A request that purges addresses; its URL begins with that of the server."""

    path: str = ""
    content: bytes = b""
    method: str = "POST"


@dataclass(frozen=True, kw_only=True)
class Cdn:
    """A cache in front of the site: which requests purge what, and how they are sent.

    `servers` are the URLs that take them, by their names for people. `make_request` makes a request for at most
    `batch_size` quoted paths, `everything` one for the whole site; None says that the setting for that is missing. A
    response with one of `transient_markers` in it is retried whatever its status; one of status 2xx counts if it
    `is_success`.
    """

    site_url: str
    servers: Mapping[str, str]
    hint: str
    make_request: Callable[[Sequence[str]], PurgeRequest]
    everything: Callable[[], PurgeRequest] | None
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    batch_size: int = 1
    is_success: Callable[[httpx.Response], bool] = lambda _response: True
    parallel: int = 16
    attempts: int = 6
    timeout_s: float = 30.0
    backoff_s: float = 0.5
    max_backoff_s: float = 60.0
    transient_markers: tuple[str, ...] = ()
    transport: httpx.AsyncBaseTransport | None = None
    auth: httpx.Auth | None = field(default=None, repr=False)
    purges_everything: bool = False
    """Whether the operator wants the whole site to be purged, whatever has changed."""

    def purge(self, addresses: Sequence[str], progress: ProgressCallback) -> None:
        """Purge these paths of the site, and no others. Raises `PublishFailed` if that cannot be done."""
        if self.purges_everything:
            progress("Purging the whole site", 0, len(addresses), 0)
            self.purge_all(progress)
            return
        paths = [site_path(self.site_url, address) for address in addresses]
        batches = [paths[start : start + self.batch_size] for start in range(0, len(paths), self.batch_size)]
        self._send([(self.make_request(batch), len(batch)) for batch in batches], progress)

    def purge_all(self, progress: ProgressCallback) -> None:
        """Purge the whole site."""
        if self.everything is None:
            hint = 'Add it to PUBLISH_CDN: {"kind": "fastly", "service": "…"}'
            raise PublishFailed.at("Fastly", "nobody said which service to purge everything of", hint)
        self._send([(self.everything(), 1)], progress)

    def _send(self, requests: Sequence[tuple[PurgeRequest, int]], progress: ProgressCallback) -> None:
        """Send the requests to each server, also after another one failed."""
        problems: list[Problem] = []
        for where, url in self.servers.items():
            problems += asyncio.run(_Batch(self, where, url, requests, progress).send())
        if problems:
            raise PublishFailed(problems)


def make_cdn(
    options: Mapping[str, Any], site_url: str, secrets: Mapping[str, str], purges_everything: bool = False
) -> Cdn:
    """Make the CDN of a checked `PUBLISH_CDN`; `secrets` has variables of the environment."""
    return replace(FACTORIES[options["kind"]](options, site_url, secrets), purges_everything=purges_everything)


def _make_varnish(options: Mapping[str, Any], site_url: str, _secrets: Mapping[str, str]) -> Cdn:
    """Return servers with a Varnish each, whose requests docs/servers/varnish.vcl answers for the site's own host.

    Without servers there is nothing to purge: what readers get is as old as `Cache-Control` allows.
    """
    return Cdn(
        site_url=site_url,
        servers={url: url for url in (server.rstrip("/") for server in options.get("servers", ()))},
        hint="Does Varnish run there, and may this machine purge (`acl purgers` in its VCL)?",
        make_request=lambda paths: PurgeRequest(paths[0], method="PURGE"),
        everything=partial(PurgeRequest, site_path(site_url, "/"), method="BAN"),
        headers={"Host": urlsplit(site_url).netloc},
    )


def _make_cloudflare(options: Mapping[str, Any], site_url: str, secrets: Mapping[str, str]) -> Cdn:
    """Return a zone, which caches addresses with a file's ending alone, unless a cache rule names others.

    Everything is that of the site's host, and of no other host of the zone.
    """
    address = urlsplit(site_url)
    origin = f"{address.scheme}://{address.netloc}"
    return Cdn(
        site_url=site_url,
        servers={"Cloudflare": f"https://api.cloudflare.com/client/v4/zones/{options['zone']}/purge_cache"},
        hint=(
            "Is PUBLISH_CDN_TOKEN a token with the permission Zone > Cache Purge, and the zone that of the site's host?"
        ),
        make_request=lambda paths: _json_request({"files": [f"{origin}{path}" for path in paths]}),
        everything=partial(_json_request, {"hosts": [address.hostname]}),
        headers={"Authorization": f"Bearer {secrets['PUBLISH_CDN_TOKEN']}", "Content-Type": "application/json"},
        batch_size=int(options.get("most", CLOUDFLARE_BATCH)),
        is_success=_reports_success,
        parallel=4,
    )


def _json_request(body: Mapping[str, Any]) -> PurgeRequest:
    return PurgeRequest(content=json.dumps(body).encode())


def _reports_success(response: httpx.Response) -> bool:
    """Return whether Cloudflare has purged, which may report a failure with status 200."""
    try:
        return response.json()["success"] is True
    except (ValueError, KeyError, TypeError):
        return False


def _make_fastly(options: Mapping[str, Any], site_url: str, secrets: Mapping[str, str]) -> Cdn:
    """Return a service, which takes 100,000 purges an hour; only the purge of everything needs its name.

    Surrogate keys are not used, because files in an object store have no such header.
    """
    service = options.get("service", "")
    return Cdn(
        site_url=site_url,
        servers={"Fastly": "https://api.fastly.com"},
        hint="Is PUBLISH_CDN_TOKEN a token with the scope purge_select?",
        make_request=lambda paths: PurgeRequest(f"/purge/{urlsplit(site_url).netloc}{paths[0]}"),
        everything=partial(PurgeRequest, f"/service/{service}/purge_all") if service else None,
        headers={"Fastly-Key": secrets["PUBLISH_CDN_TOKEN"], "Accept": "application/json"},
    )


def _make_cloudfront(options: Mapping[str, Any], site_url: str, secrets: Mapping[str, str]) -> Cdn:
    """Return a distribution. 1,000 paths a month are free, and each further path costs half a cent.

    An invalidation takes effect about a minute after it was accepted, so verification has to wait as long. Each path is
    named by itself: a quoted path has no `*`, which would match others.
    """
    from httpx_auth import AWS4Auth

    keys = secrets["PUBLISH_CDN_ACCESS_KEY"], secrets["PUBLISH_CDN_SECRET_KEY"]
    session_token = secrets.get("PUBLISH_CDN_SESSION_TOKEN")
    token = {"security_token": session_token} if session_token else {}
    api = f"https://cloudfront.amazonaws.com/{CLOUDFRONT_VERSION}"
    return Cdn(
        site_url=site_url,
        servers={"CloudFront": f"{api}/distribution/{options['distribution']}/invalidation"},
        hint=(
            "Do PUBLISH_CDN_ACCESS_KEY and PUBLISH_CDN_SECRET_KEY belong to a key with the permission "
            "cloudfront:CreateInvalidation for this distribution?"
        ),
        make_request=_invalidation_request,
        everything=partial(_invalidation_request, [f"{site_path(site_url, '/')}*"]),
        headers={"Content-Type": "application/xml"},
        batch_size=CLOUDFRONT_BATCH,
        parallel=1,
        attempts=12,
        backoff_s=2.0,
        transient_markers=CLOUDFRONT_BUSY,
        auth=AWS4Auth(*keys, "us-east-1", "cloudfront", **token),
    )


def _invalidation_request(paths: Sequence[str]) -> PurgeRequest:
    """Return an invalidation with a reference, by which a retried request is the same invalidation.

    The reference is random, because CloudFront ignores an invalidation whose paths and reference it has seen: a site
    that is rolled back and forth would not be purged the second time.
    """
    items = "".join(f"<Path>{escape(path)}</Path>" for path in paths)
    text = (
        f'<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<InvalidationBatch xmlns="http://cloudfront.amazonaws.com/doc/{CLOUDFRONT_VERSION}/">'
        f"<Paths><Quantity>{len(paths)}</Quantity><Items>{items}</Items></Paths>"
        f"<CallerReference>{token_hex(16)}</CallerReference></InvalidationBatch>"
    )
    return PurgeRequest(content=text.encode())


FACTORIES = {
    "none": _make_varnish,
    "varnish": _make_varnish,
    "cloudflare": _make_cloudflare,
    "fastly": _make_fastly,
    "cloudfront": _make_cloudfront,
}


class _Failure(NamedTuple):
    """What is wrong with a response; `after_s` is when the server wants to be asked again."""

    reason: str
    is_transient: bool = False
    is_denied: bool = False
    after_s: float = 0.0


class _Batch:
    """Requests to one server, several at a time, each with how many addresses it purges."""

    def __init__(
        self, cdn: Cdn, where: str, url: str, requests: Sequence[tuple[PurgeRequest, int]], progress: ProgressCallback
    ) -> None:
        self.cdn, self.where, self.url, self.requests, self.progress = cdn, where, url, requests, progress
        self.total = sum(count for _, count in requests)
        self.purged = self.failures_in_a_row = 0
        self.reasons: Counter[str] = Counter()
        self.is_hopeless = False
        self.open_at_s = 0.0
        self.tries = 1
        self.backoff = wait_random_exponential(multiplier=cdn.backoff_s, max=cdn.max_backoff_s)

    async def send(self) -> list[Problem]:
        """Send all requests; return a problem if addresses were not purged, with their number and the reasons."""
        cdn = self.cdn
        async with open_client(cdn.parallel, cdn.timeout_s, cdn.transport, cdn.auth) as client:
            await for_each(self.requests, cdn.parallel, lambda request: self._send(client, *request))
        if self.purged == self.total:
            return []
        reasons = "; ".join(reason for reason, _ in self.reasons.most_common(MAX_FAILURES))
        message = f"{self.total - self.purged} of {self.total} addresses were not purged: {reasons}"
        return [make_problem(self.where, message, f"{cdn.hint} {HINT_RETRY}")]

    async def _send(self, client: httpx.AsyncClient, request: PurgeRequest, count: int) -> None:
        if self.is_hopeless:
            return
        retrying = AsyncRetrying(
            stop=stop_after_attempt(self.cdn.attempts),
            wait=self._delay_s,
            retry=retry_if_result(lambda failure: failure is not None and failure.is_transient),
            before_sleep=self._report,
            retry_error_callback=_last_failure,
        )
        failure: _Failure | None = await retrying(self._send_once, client, request)
        if failure is None:
            self.purged += count
            self.failures_in_a_row = 0
            self.progress(f"Purging at {self.where}", self.purged, self.total, 0)
            return
        self.reasons[failure.reason] += count
        self.failures_in_a_row += 1
        self.is_hopeless = self.is_hopeless or failure.is_denied or self.failures_in_a_row >= MAX_FAILURES

    def _report(self, state: RetryCallState) -> None:
        """Say once of all requests that they are sent again."""
        failure = _last_failure(state)
        if failure is not None and state.attempt_number >= self.tries:
            self.tries = state.attempt_number + 1
            report_retry(self.where, failure.reason, self.tries, self.cdn.attempts)

    def _delay_s(self, state: RetryCallState) -> float:
        """Return how long this request waits; a server's `Retry-After` holds all requests back instead."""
        failure = _last_failure(state)
        if failure is not None and failure.after_s:
            self.open_at_s = max(self.open_at_s, asyncio.get_running_loop().time() + failure.after_s)
            return 0.0
        return self.backoff(state)

    async def _send_once(self, client: httpx.AsyncClient, request: PurgeRequest) -> _Failure | None:
        await asyncio.sleep(max(0.0, self.open_at_s - asyncio.get_running_loop().time()))
        url, headers = f"{self.url}{request.path}", dict(self.cdn.headers)
        try:
            limit_s = 2 * self.cdn.timeout_s
            response = await send(client, request.method, url, limit_s, headers=headers, content=request.content)
        except httpx.TransportError as error:
            return _Failure(f"no answer ({type(error).__name__}: {error})", is_transient=True)
        excerpt = " ".join(response.text.split())[:MAX_EXCERPT]
        if response.is_success:
            return None if self.cdn.is_success(response) else _Failure(f"the answer was {excerpt}")
        status, markers = response.status_code, self.cdn.transient_markers
        is_transient = status in TRANSIENT or any(marker in response.text for marker in markers)
        after_s = min(_retry_after_s(response), self.cdn.max_backoff_s) if is_transient else 0.0
        return _Failure(f"the answer was {status} {excerpt}".rstrip(), is_transient, status in DENIED, after_s)


def _last_failure(state: RetryCallState) -> _Failure | None:
    failure: _Failure | None = state.outcome.result() if state.outcome else None
    return failure


def _retry_after_s(response: httpx.Response) -> float:
    """Return when a server wants to be asked again, which it says in seconds or as a date; 0 if it does not."""
    value = response.headers.get("Retry-After", "")
    if value.isdigit():
        return float(value)
    try:
        return max(0.0, (parsedate_to_datetime(value) - datetime.now(UTC)).total_seconds())
    except (ValueError, TypeError):
        return 0.0
