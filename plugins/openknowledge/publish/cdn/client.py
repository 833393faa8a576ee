"""Purge requests: several at a time, retried where that may help, with a count of what was not purged."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import httpx
from tenacity import AsyncRetrying, RetryCallState, retry_if_exception, stop_after_attempt, wait_random_exponential

from ..errors import PublishFailed, make_problem
from ..http_client import for_each, open_client
from ..targets import ProgressCallback

__all__ = ["CheckResponse", "ClientOptions", "PurgeRequest", "excerpt_response", "send_all", "split_batches"]

TRANSIENT = frozenset({408, 409, 425, 429, 500, 502, 503, 504})
"""Statuses that a retry may change."""
DENIED = frozenset({401, 403})
MAX_FAILURES = 3
"""After so many failed requests in a row no more are sent, because the rest would fail too."""
HINT_RETRY = "Then publish again: what was not purged is purged by the next run."
MAX_EXCERPT = 200


@dataclass(frozen=True, slots=True)
class PurgeRequest:
    """A request that purges `count` addresses."""

    method: str
    url: str
    count: int
    headers: Mapping[str, str] = field(default_factory=dict)
    content: bytes = b""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientOptions:
    """How many requests are sent at a time, and how often each is retried.

    A response with one of `transient_markers` in it is retried whatever its status.
    """

    parallel: int = 8
    attempts: int = 6
    timeout_s: float = 30.0
    backoff_s: float = 0.5
    max_backoff_s: float = 60.0
    transient_markers: tuple[str, ...] = ()
    transport: httpx.AsyncBaseTransport | None = None
    auth: httpx.Auth | None = None


CheckResponse = Callable[[httpx.Response], str]
"""Returns what is wrong with a response of status 2xx, empty if it says that everything was purged."""


def excerpt_response(response: httpx.Response) -> str:
    """Return the beginning of a response's body, for a message."""
    return " ".join(response.text.split())[:MAX_EXCERPT]


def split_batches(values: Sequence[str], size: int) -> Iterator[tuple[str, ...]]:
    """Yield the values in batches of at most `size`."""
    return (tuple(values[start : start + size]) for start in range(0, len(values), size))


def send_all(
    requests: Sequence[PurgeRequest],
    options: ClientOptions,
    progress: ProgressCallback,
    where: str,
    hint: str,
    check: CheckResponse = lambda _: "",
) -> None:
    """Send all requests. Raises `PublishFailed` with how many addresses were not purged, why, and `hint`."""
    batch = _Batch(options, progress, where, sum(request.count for request in requests), check)
    asyncio.run(batch.send(requests))
    batch.raise_if_incomplete(hint)


class _RequestFailed(Exception):
    """A request without a response, or with a refusal; `after_s` is when the server wants to be asked again."""

    def __init__(self, reason: str, *, is_transient: bool, is_denied: bool = False, after_s: float = 0.0) -> None:
        super().__init__(reason)
        self.is_transient, self.is_denied, self.after_s = is_transient, is_denied, after_s


class _Batch:
    """Requests to one place, with a count of the addresses that were purged."""

    def __init__(
        self, options: ClientOptions, progress: ProgressCallback, where: str, total: int, check: CheckResponse
    ) -> None:
        self.options, self.progress, self.where, self.total, self.check = options, progress, where, total, check
        self.purged = self.failures_in_a_row = 0
        self.reasons: Counter[str] = Counter()
        self.is_hopeless = False
        self.open_at_s = 0.0
        self.backoff = wait_random_exponential(multiplier=options.backoff_s, max=options.max_backoff_s)

    async def send(self, requests: Sequence[PurgeRequest]) -> None:
        options = self.options
        async with open_client(options.parallel, options.timeout_s, options.transport, options.auth) as client:
            await for_each(requests, options.parallel, lambda request: self._send(client, request))

    async def _send(self, client: httpx.AsyncClient, request: PurgeRequest) -> None:
        if self.is_hopeless:
            return
        try:
            await AsyncRetrying(
                stop=stop_after_attempt(self.options.attempts),
                wait=self._delay_s,
                retry=retry_if_exception(lambda error: isinstance(error, _RequestFailed) and error.is_transient),
                reraise=True,
            )(self._send_once, client, request)
        except _RequestFailed as error:
            self.reasons[str(error)] += request.count
            self.failures_in_a_row += 1
            self.is_hopeless = self.is_hopeless or error.is_denied or self.failures_in_a_row >= MAX_FAILURES
        else:
            self.purged += request.count
            self.failures_in_a_row = 0
            self.progress(f"Purging at {self.where}", self.purged, self.total, 0)

    def _delay_s(self, state: RetryCallState) -> float:
        """Return how long this request waits; a server's `Retry-After` holds all requests back instead."""
        error = state.outcome.exception() if state.outcome else None
        if isinstance(error, _RequestFailed) and error.after_s:
            self.open_at_s = max(self.open_at_s, asyncio.get_running_loop().time() + error.after_s)
            return 0.0
        return self.backoff(state)

    async def _send_once(self, client: httpx.AsyncClient, request: PurgeRequest) -> None:
        await asyncio.sleep(max(0.0, self.open_at_s - asyncio.get_running_loop().time()))
        try:
            response = await client.request(
                request.method, request.url, headers=dict(request.headers), content=request.content
            )
        except httpx.TransportError as error:
            raise _RequestFailed(f"no answer ({type(error).__name__}: {error})", is_transient=True) from None
        if response.is_success:
            if wrong := self.check(response):
                raise _RequestFailed(wrong, is_transient=False)
            return
        status, markers = response.status_code, self.options.transient_markers
        is_transient = status in TRANSIENT or any(marker in response.text for marker in markers)
        raise _RequestFailed(
            f"the answer was {status} {excerpt_response(response)}".rstrip(),
            is_transient=is_transient,
            is_denied=status in DENIED,
            after_s=min(_retry_after_s(response), self.options.max_backoff_s) if is_transient else 0.0,
        )

    def raise_if_incomplete(self, hint: str) -> None:
        if self.purged == self.total:
            return
        reasons = "; ".join(reason for reason, _ in self.reasons.most_common(MAX_FAILURES))
        message = f"{self.total - self.purged} of {self.total} addresses were not purged: {reasons}"
        raise PublishFailed([make_problem(self.where, message, f"{hint} {HINT_RETRY}")])


def _retry_after_s(response: httpx.Response) -> float:
    """Return when a server wants to be asked again, which it says in seconds or as a date; 0 if it does not."""
    value = response.headers.get("Retry-After", "")
    if value.isdigit():
        return float(value)
    try:
        return max(0.0, (parsedate_to_datetime(value) - datetime.now(UTC)).total_seconds())
    except (ValueError, TypeError):
        return 0.0
