"""Requests to caches: several at once, tried again as long as that may help, and an account of what was not done."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import httpx
from tenacity import AsyncRetrying, RetryCallState, retry_if_exception, stop_after_attempt, wait_random_exponential

from ..errors import PublishFailed, make_problem
from ..targets import ProgressCallback

__all__ = ["ClientOptions", "PurgeRequest", "excerpt_response", "send_all"]

PASSING = frozenset({408, 409, 425, 429, 500, 502, 503, 504})
"""What a server may say otherwise in a moment."""
DENIED = frozenset({401, 403})
LOST = 3
"""So many calls in a row that nothing helped for mean that the rest would fail too."""
AGAIN = "Then publish again: what was not purged is purged by the next run."
LONGEST_REASON = 200


@dataclass(frozen=True, slots=True)
class PurgeRequest:
    """One request, which has a cache forget `count` addresses."""

    method: str
    url: str
    count: int
    headers: Mapping[str, str] = field(default_factory=dict)
    content: bytes = b""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientOptions:
    """How patient calls are, and how many are under way at once.

    A refusal with one of `passing_words` in it is one for the moment, whatever its status.
    """

    parallel: int = 8
    attempts: int = 6
    timeout_s: float = 30.0
    backoff_s: float = 0.5
    max_backoff_s: float = 60.0
    transient_markers: tuple[str, ...] = ()
    transport: httpx.AsyncBaseTransport | None = None
    auth: httpx.Auth | None = None


class _RequestFailed(Exception):
    """An answer that is none, or a refusal; `after_s` is when the server wants to be asked again."""

    def __init__(self, reason: str, *, may_pass: bool, is_denied: bool = False, after_s: float = 0.0) -> None:
        super().__init__(reason)
        self.may_pass, self.is_denied, self.after_s = may_pass, is_denied, after_s


CheckResponse = Callable[[httpx.Response], str]
"""What is wrong with an answer of status 2xx; empty where it says that all was done."""


def excerpt_response(response: httpx.Response) -> str:
    """The beginning of what an answer says, for a message."""
    return " ".join(response.text.split())[:LONGEST_REASON]


def send_all(
    calls: Sequence[PurgeRequest],
    calling: ClientOptions,
    progress: ProgressCallback,
    where: str,
    hint: str,
    answer: CheckResponse = lambda _: "",
) -> None:
    """Make all calls. Raises `Failed` with how many addresses were not purged, why, and `hint`: what to look at."""
    account = _Tally(where, sum(call.count for call in calls), progress)
    asyncio.run(_all(calls, calling, account, answer))
    account.settle(hint)


class _Tally:
    """What was done of all that is to be done."""

    def __init__(self, where: str, total: int, progress: ProgressCallback) -> None:
        self.where, self.total, self.told = where, total, progress
        self.done = 0
        self.reasons: Counter[str] = Counter()
        self.in_a_row = 0
        self.is_lost = False
        self.open_at_s = 0.0

    def succeeded(self, call: PurgeRequest) -> None:
        self.done += call.count
        self.in_a_row = 0
        self.told(f"Purging at {self.where}", self.done, self.total, 0)

    def failed(self, call: PurgeRequest, error: _RequestFailed) -> None:
        self.reasons[str(error)] += call.count
        self.in_a_row += 1
        self.is_lost = self.is_lost or error.is_denied or self.in_a_row >= LOST

    def settle(self, hint: str) -> None:
        if self.done == self.total:
            return
        why = "; ".join(reason for reason, _ in self.reasons.most_common(LOST))
        message = f"{self.total - self.done} of {self.total} addresses were not purged: {why}"
        raise PublishFailed([make_problem(self.where, message, f"{hint} {AGAIN}")])


async def _all(calls: Sequence[PurgeRequest], calling: ClientOptions, account: _Tally, answer: CheckResponse) -> None:
    left: Iterator[PurgeRequest] = iter(calls)
    async with _client(calling) as client:

        async def work() -> None:
            for call in left:
                if account.is_lost:
                    return
                try:
                    await _surely(client, call, calling, account, answer)
                except _RequestFailed as error:
                    account.failed(call, error)
                else:
                    account.succeeded(call)

        async with asyncio.TaskGroup() as tasks:
            for _ in range(min(calling.parallel, len(calls))):
                tasks.create_task(work())


@asynccontextmanager
async def _client(calling: ClientOptions) -> AsyncIterator[httpx.AsyncClient]:
    limits = httpx.Limits(max_connections=calling.parallel, max_keepalive_connections=calling.parallel)
    async with httpx.AsyncClient(
        timeout=calling.timeout_s, limits=limits, transport=calling.transport, auth=calling.auth
    ) as client:
        yield client


async def _surely(
    client: httpx.AsyncClient, call: PurgeRequest, calling: ClientOptions, account: _Tally, answer: CheckResponse
) -> None:
    """Make a call, again where that may help; nobody calls while the server wants to be left alone."""
    growing = wait_random_exponential(multiplier=calling.backoff_s, max=calling.max_backoff_s)

    def pause_s(state: RetryCallState) -> float:
        error = state.outcome.exception() if state.outcome else None
        asked_s = error.after_s if isinstance(error, _RequestFailed) else 0.0
        if asked_s:
            account.open_at_s = max(account.open_at_s, asyncio.get_running_loop().time() + asked_s)
            return 0.0
        return growing(state)

    async def once() -> None:
        await asyncio.sleep(max(0.0, account.open_at_s - asyncio.get_running_loop().time()))
        _judge(await _asked(client, call), calling, answer)

    again = AsyncRetrying(
        stop=stop_after_attempt(calling.attempts), wait=pause_s, retry=retry_if_exception(_may_pass), reraise=True
    )
    await again(once)


async def _asked(client: httpx.AsyncClient, call: PurgeRequest) -> httpx.Response:
    try:
        return await client.request(call.method, call.url, headers=dict(call.headers), content=call.content)
    except httpx.TransportError as error:
        raise _RequestFailed(f"no answer ({type(error).__name__}: {error})", may_pass=True) from None


def _judge(response: httpx.Response, calling: ClientOptions, answer: CheckResponse) -> None:
    status = response.status_code
    if response.is_success:
        if wrong := answer(response):
            raise _RequestFailed(wrong, may_pass=False)
        return
    may_pass = status in PASSING or any(word in response.text for word in calling.transient_markers)
    raise _RequestFailed(
        f"the answer was {status} {excerpt_response(response)}".rstrip(),
        may_pass=may_pass,
        is_denied=status in DENIED,
        after_s=min(_after_s(response), calling.max_backoff_s) if may_pass else 0.0,
    )


def _may_pass(error: BaseException) -> bool:
    return isinstance(error, _RequestFailed) and error.may_pass


def _after_s(response: httpx.Response) -> float:
    """When a server wants to be asked again, as seconds or as a date; 0 where it does not say."""
    said = response.headers.get("Retry-After", "")
    if said.isdigit():
        return float(said)
    try:
        return max(0.0, (parsedate_to_datetime(said) - datetime.now(UTC)).total_seconds())
    except (ValueError, TypeError):
        return 0.0
