"""Requests to platforms: bounded, tried again where that helps, and without a secret in anything that is kept."""

import json
import ssl
import time
import zlib
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager, closing, suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime
from email.utils import parsedate_to_datetime
from functools import cache
from typing import Any, Self, TypeVar
from urllib.parse import urlencode

import httpx

from .deadline import DeadlineBackend
from .failures import LimitReached, SourceFailed
from .recording import RecordedPage, Recording
from .redaction import Redactor

__all__ = ["TRY_AGAIN_LATER", "Clock", "PlatformAnswer", "PlatformClient", "RequestBounds"]

TRY_AGAIN_LATER = frozenset({408, 425, 429, *range(500, 600)})
MOST_REDIRECTS = 5
LIST_SIGNS = ",()"
LOOPBACK = ("127.0.0.1", "::1", "localhost")
USER_AGENT = "openknowledge-sync (gzip)"
"""Google compresses answers only for programs that are called so."""
GZIP = 16
"""What tells zlib that there is a header of gzip."""
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class PlatformAnswer:
    """What a platform answered: its status, headers and parsed body, which is text where it is no JSON."""

    status: int
    headers: Mapping[str, str]
    body: Any


@dataclass(frozen=True, slots=True)
class Clock:
    """Tells the moment, and waits."""

    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    sleep: Callable[[float], None] = time.sleep


@dataclass(frozen=True, slots=True)
class RequestBounds:
    """How long and how often a platform is asked, and how much it may answer."""

    attempts: int = 5
    seconds: float = 120
    connect_seconds: float = 15
    bytes: int = 64_000_000
    longest_wait: float = 300
    requests: int = 10_000
    requests_a_minute: int | None = None


@dataclass(frozen=True, slots=True)
class _Request:
    """What is asked for, without credentials and headers."""

    url: httpx.URL
    form: Mapping[str, str] | None

    @property
    def shown(self) -> httpx.URL:
        """Return the address as messages have it: without long lists of ids or fields."""
        return self.url.copy_merge_params({name: "..." for name, value in self.url.params.items() if len(value) > 60})

    def __str__(self) -> str:
        fields = f" {httpx.QueryParams(self.form)}" if self.form is not None else ""
        return f"{self.url}{fields}"


class _PassingTrouble(Exception):
    """A try that failed and may succeed later; `wait` are the seconds that the platform asks for."""

    def __init__(self, reason: str, wait: float | None = None) -> None:
        super().__init__(reason)
        self.wait = wait


class PlatformClient(AbstractContextManager["PlatformClient"]):
    """Asks one platform over HTTP.

    Credentials are `auth`, which signs requests to the platform's own host and to no other. `secrets` returns the
    values that must not appear anywhere; it is asked after each answer, because tokens are renewed.

    A path is below the source's address, or a whole address on the same host. A status that may pass (429, 5xx),
    a cut connection and a body that `is_valid` does not accept, such as HTML with status 200, are tried again
    within bounds, after the `Retry-After` that the platform asks for. Any other answer is handed to
    `handle_error`: True tries again, False gives None. Where there is no handler, or none of the tries succeeded,
    it raises `SourceFailed`; so may `is_valid` and `handle_error`, where no second try helps. With `judges_all` it
    is asked about statuses that may pass, too, because a platform says in the body whether they do.
    """

    def __init__(
        self,
        url: str,
        day: date,
        *,
        auth: httpx.Auth | None = None,
        redactor: Redactor | None = None,
        secrets: Callable[[], Iterable[str]] = tuple,
        bounds: RequestBounds | None = None,
        clock: Clock | None = None,
    ) -> None:
        self.requests_sent = 0
        """How many requests the platform saw, those that were tried again included."""
        self._url, self._day, self._auth, self._secrets = httpx.URL(url), day, auth, secrets
        self._redactor = redactor or Redactor()
        self._bounds, self._clock = bounds or RequestBounds(), clock or Clock()
        self._last_requests: deque[datetime] = deque(maxlen=self._bounds.requests_a_minute or 0)
        self._asked: dict[tuple[str, str], str] = {}
        self._deadline = DeadlineBackend(self._bounds.seconds)
        self._http = httpx.Client(
            timeout=httpx.Timeout(self._bounds.seconds, connect=self._bounds.connect_seconds),
            headers={"User-Agent": USER_AGENT, "Accept-Encoding": "gzip"},
            verify=_load_certificates(),
            event_hooks={"request": [self._before_request]},
        )
        self._deadline.take_over(self._http)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._http.close()

    def fetch_page(
        self,
        recording: Recording,
        key: str,
        path: str,
        params: Mapping[str, str | int] | None = None,
        *,
        form: Mapping[str, str | int] | None = None,
        encoding: str | None = None,
        is_valid: Callable[[Any], bool],
        clean: Callable[[Any], Any] | None = None,
        handle_error: Callable[[PlatformAnswer], bool] | None = None,
        judges_all: bool = False,
    ) -> RecordedPage | None:
        """Return the page at `path`: one of this recording, a stored one that still holds (304), or a new one.

        With a `form` the request is a POST, with these fields in its body, and is never conditional. What `clean`
        returns of a valid body is stored in its place, so persons are dropped before they reach the disk. With an
        `encoding` the body is text; `latin-1` is a character a byte.
        """
        self._redactor.add(*self._secrets())
        try:
            request = self._make_request(path, params, form)
            name = self._redactor.redact(str(request))
            self._forbid_loops(name, key)
            page = recording.find_current(key)
            if page is not None and page.request == name:
                return page
            found = recording.find_request(key) if form is None else None
            stored = found if found and found.request == name else None
            answer = self._ask(request, stored, encoding, is_valid, handle_error, judges_all)
            if stored is not None and answer is not None and answer.status == httpx.codes.NOT_MODIFIED:
                if (held := recording.keep(key)) is not None:
                    return held
                answer = self._ask(request, None, encoding, is_valid, handle_error, judges_all)
            return self._store(recording, key, name, answer, clean)
        except SourceFailed as error:
            failure = type(error)(self._redactor.redact(str(error)))
        # Not raised above: it would refer to exceptions that may have secrets.
        raise failure

    def _store(
        self,
        recording: Recording,
        key: str,
        name: str,
        answer: PlatformAnswer | None,
        clean: Callable[[Any], Any] | None,
    ) -> RecordedPage | None:
        if answer is None:
            return None
        body = clean(answer.body) if clean else answer.body
        # What no header may have could not be sent back.
        marks = (answer.headers.get("etag"), answer.headers.get("last-modified"))
        etag, last_modified = (mark if mark and mark.isascii() and mark.isprintable() else None for mark in marks)
        return recording.store(RecordedPage(key, body, self._day, etag, last_modified, name))

    def _make_request(
        self, path: str, params: Mapping[str, str | int] | None, form: Mapping[str, str | int] | None
    ) -> _Request:
        base, fields = str(self._url), {name: str(value) for name, value in (params or {}).items()}
        is_whole = path.startswith(("http://", "https://"))
        text = path if is_whole else f"{base.rstrip('/')}/{path.lstrip('/')}" if path else base
        # httpx takes its time with a query in which it may have to quote something.
        query = f"?{urlencode(fields, safe=LIST_SIGNS)}" if fields and "?" not in text else ""
        url = httpx.URL(text).copy_merge_params(fields) if fields and not query else httpx.URL(text + query)
        if url.scheme != "https" and url.host not in LOOPBACK and (self._auth or form):
            raise SourceFailed(f"{url}: credentials would travel unencrypted; write an address that begins with https")
        if _origin(url) != _origin(self._url):
            raise SourceFailed(f"{self._url}: sends on to another host ({url.host}), which is not asked")
        return _Request(url, None if form is None else {name: str(value) for name, value in form.items()})

    def _forbid_loops(self, name: str, key: str) -> None:
        """Raise `SourceFailed` where a list comes to a page that it has had under another key."""
        if self._asked.setdefault((key.rpartition("/")[0], name), key) != key:
            raise SourceFailed(f"{name}: the list leads back to a page that it has had already")

    def _ask(
        self,
        request: _Request,
        stored: RecordedPage | None,
        encoding: str | None,
        is_valid: Callable[[Any], bool],
        handle_error: Callable[[PlatformAnswer], bool] | None,
        judges_all: bool,
    ) -> PlatformAnswer | None:
        """Ask until there is an answer that counts; None where `handle_error` does without."""

        def try_once() -> PlatformAnswer | None:
            answer = self._send(request, _conditions(stored), encoding)
            if stored is not None and answer.status == httpx.codes.NOT_MODIFIED:
                return answer
            if answer.status == httpx.codes.OK:
                if not is_valid(answer.body):
                    raise _PassingTrouble("answered with something else than what was asked for")
                return answer
            if answer.status in TRY_AGAIN_LATER and not judges_all:
                raise self._trouble(request, answer)
            if handle_error is None:
                raise SourceFailed(f"{request.shown}: answered {answer.status}{_hint(answer.status)}")
            if handle_error(answer):
                raise self._trouble(request, answer)
            return None

        try:
            return try_once()
        except _PassingTrouble as trouble:
            first = trouble
        try:
            return self._try_again(try_once, first)
        except _PassingTrouble as trouble:
            raise SourceFailed(f"{request.shown}: {trouble}, in {self._bounds.attempts} tries") from None

    def _try_again(self, try_once: Callable[[], T], first: _PassingTrouble) -> T:
        """Try again after a first trouble, within bounds. What it needs is loaded here, because it is seldom needed."""
        from tenacity import RetryCallState, Retrying, retry_if_exception_type, stop_after_attempt, wait_exponential

        def wait(state: RetryCallState) -> float:
            """Return the seconds that the platform asks for, or twice as many each time."""
            trouble = state.outcome.exception() if state.outcome else None
            asked = trouble.wait if isinstance(trouble, _PassingTrouble) else None
            return asked or wait_exponential(multiplier=1, max=60)(state)

        def try_next() -> T:
            if seen:
                raise seen.pop()
            return try_once()

        seen = [first]
        retrying = Retrying(
            retry=retry_if_exception_type(_PassingTrouble),
            stop=stop_after_attempt(self._bounds.attempts),
            wait=wait,
            sleep=self._clock.sleep,
            reraise=True,
        )
        return retrying(try_next)

    def _trouble(self, request: _Request, answer: PlatformAnswer) -> _PassingTrouble:
        """Return what makes it try again. Raises `SourceFailed` where the platform asks for too long a wait."""
        wait = self._read_retry_after(answer.headers)
        if wait is not None and wait > self._bounds.longest_wait:
            raise SourceFailed(f"{request.shown}: answered {answer.status} and asks to wait for {wait:.0f} seconds")
        return _PassingTrouble(f"answered {answer.status}", wait)

    def _read_retry_after(self, headers: Mapping[str, str]) -> float | None:
        """Return the seconds of Retry-After, which is a number or a date; a date counts from the platform's own."""
        text = headers.get("retry-after", "").strip()
        if text.isascii() and text.isdecimal():
            return float(text[:9])
        until, now = _read_http_date(text), _read_http_date(headers.get("date", "")) or self._clock.now()
        return max(0.0, (until - now).total_seconds()) if until else None

    def _send(self, request: _Request, conditions: Mapping[str, str], encoding: str | None) -> PlatformAnswer:
        """Send a request and follow redirects, to other hosts without credentials and without a form."""
        url, form = request.url, request.form
        for _ in range(MOST_REDIRECTS):
            is_home = _origin(url) == _origin(self._url)
            sent = self._http.build_request("GET" if form is None else "POST", url, data=form, headers=conditions)
            response, body = self._receive(request, sent, self._auth if is_home else None)
            location = response.next_request.url if response.next_request else None
            if location is None:
                return PlatformAnswer(response.status_code, response.headers, _parse(body, response, encoding))
            if self._redactor.redact(str(location)) != str(location):
                raise SourceFailed(f"{request.shown}: redirects to an address that has a secret in it")
            if form is not None:
                raise SourceFailed(f"{request.shown}: redirects to {location}; write that address as the source's url")
            url = location
        raise _PassingTrouble(f"redirected {MOST_REDIRECTS} times")

    def _receive(self, request: _Request, sent: httpx.Request, auth: httpx.Auth | None) -> tuple[httpx.Response, bytes]:
        """Return a whole response and its body, within the bounds of time and size."""
        try:
            with closing(self._http.send(sent, auth=auth, stream=True, follow_redirects=False)) as response:
                self._learn_token(response.request)
                return response, self._read(request, response)
        except (httpx.ConnectError, httpx.ConnectTimeout) as error:
            self.requests_sent -= 1
            raise _PassingTrouble(f"cannot be reached ({error})") from None
        except httpx.TimeoutException:
            raise _PassingTrouble(f"did not answer within {self._bounds.seconds:.0f} seconds") from None
        except (httpx.RequestError, httpx.StreamError, httpx.InvalidURL) as error:
            raise _PassingTrouble(f"broke off ({type(error).__name__} {error})") from None

    def _read(self, request: _Request, response: httpx.Response) -> bytes:
        """Return a body, decompressed here: httpx would take a part for the whole, and any size."""
        body, limit = bytearray(), self._bounds.bytes
        for piece in response.iter_raw():
            body += piece
            if len(body) > limit:
                break
        data = _decompress(bytes(body), response.headers.get("content-encoding", ""), limit)
        if len(data) > limit:
            raise SourceFailed(f"{request.shown}: answers more than {limit // 1_000_000} MB")
        return data

    def _before_request(self, _: httpx.Request) -> None:
        """Count a request, tokens and redirects included, and wait where the platform bears no more a minute."""
        if self.requests_sent >= self._bounds.requests:
            raise LimitReached(f"the limit of {self._bounds.requests} requests is reached")
        if self._last_requests.maxlen:
            if len(self._last_requests) == self._last_requests.maxlen:
                wait = 60 - (self._clock.now() - self._last_requests[0]).total_seconds()
                if wait > 0:
                    self._clock.sleep(min(60, wait))  # A clock may have been set back.
            self._last_requests.append(self._clock.now())
        self._deadline.begin()
        self.requests_sent += 1

    def _learn_token(self, sent: httpx.Request) -> None:
        self._redactor.add(*self._secrets(), sent.headers.get("authorization", "").rpartition(" ")[2])


@cache
def _load_certificates() -> ssl.SSLContext:
    """Return what every client needs, and takes a while to load."""
    return httpx.create_ssl_context()


def _conditions(stored: RecordedPage | None) -> dict[str, str]:
    """Return the headers that make a request conditional."""
    if stored is None:
        return {}
    headers = {"If-None-Match": stored.etag, "If-Modified-Since": None if stored.etag else stored.last_modified}
    return {name: value for name, value in headers.items() if value}


def _decompress(body: bytes, encoding: str, limit: int) -> bytes:
    """Return a body as it was before it was compressed, up to a byte more than the limit.

    Raises `_PassingTrouble` where it is not whole, or compressed in a way that was not asked for.
    """
    if encoding.strip().lower() in ("", "identity") or len(body) > limit:
        return body
    if encoding.strip().lower() not in ("gzip", "x-gzip"):
        raise _PassingTrouble("is compressed in a way that was not asked for")
    data = b""
    while body and len(data) <= limit:
        part = zlib.decompressobj(zlib.MAX_WBITS | GZIP)
        try:
            data += part.decompress(body, limit + 1 - len(data))
        except zlib.error:
            raise _PassingTrouble("is compressed, and broken") from None
        if not part.eof and len(data) <= limit:
            raise _PassingTrouble("broke off in the middle of what is compressed")
        body = part.unused_data
    return data


def _parse(body: bytes, response: httpx.Response, encoding: str | None) -> Any:
    if encoding is not None or not body:
        return body.decode(encoding or "utf-8", errors="replace")
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        with suppress(LookupError, UnicodeError):
            return body.decode(response.encoding or "utf-8", errors="replace")
        return body.decode("utf-8", errors="replace")


def _read_http_date(text: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(text)
    except (TypeError, ValueError):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _origin(url: httpx.URL) -> tuple[str, str, int | None]:
    return url.scheme, url.host, url.port


def _hint(status: int) -> str:
    hints = {401: ", so the credentials are wrong or have expired", 403: ", so the credentials do not suffice"}
    return hints.get(status, "")
