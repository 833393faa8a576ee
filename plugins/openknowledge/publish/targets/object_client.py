"""Requests to an object store: retried until their outcome is known, many at once, and fenced by a guard."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from copy import copy
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import obstore
from obstore.exceptions import (
    AlreadyExistsError,
    BaseError,
    GenericError,
    NotFoundError,
    PermissionDeniedError,
    PreconditionError,
    UnauthenticatedError,
)
from tenacity import (
    AsyncRetrying,
    Retrying,
    retry_if_exception,
    stop_after_attempt,
    stop_after_delay,
    wait_random_exponential,
)

from ..errors import PublishFailed

if TYPE_CHECKING:
    from obstore.store import ObjectStore

__all__ = ["ObjectClient", "PreconditionFailed", "RetryPolicy", "StoredObject"]

SINGLE_PUT_B = 8 << 20
"""Largest size of a file that is sent with one request."""
PART_B = 8 << 20
ABSENT = (FileNotFoundError, NotFoundError)
FORBIDDEN = (PermissionError, PermissionDeniedError, UnauthenticatedError)
CONFLICT = (AlreadyExistsError, PreconditionError, FileExistsError)
KEY_HINT = "Are PUBLISH_ACCESS_KEY and PUBLISH_SECRET_KEY those of a key that may read, write and delete there?"
NETWORK_HINT = "Is the network there, and the store up? Then publish again: it goes on where it stopped."
CLOCK_HINT = "Set this machine's clock (timedatectl set-ntp true), and publish again."
SPACE_HINT = (
    "Has it room left, and is it whole? Its own log says more. Then publish again: it goes on where it stopped."
)
KNOWN_ERRORS = (
    ("RequestTimeTooSkewed", "this machine's clock differs from the store's by more than it allows", CLOCK_HINT),
    ("RequestExpired", "this machine's clock differs from the store's by more than it allows", CLOCK_HINT),
    ("NoSuchBucket", "there is no such bucket", "Make it first; docs/operators.md says how, for each kind of store."),
    ("InvalidAccessKeyId", "the store does not know this key", KEY_HINT),
    ("SignatureDoesNotMatch", "the secret does not belong to the key", KEY_HINT),
    ("InternalError", "the store has an error of its own", SPACE_HINT),
    ("InsufficientStorage", "the store is full", "Make room there, and publish again: what is there is whole."),
)


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """How many requests run at once, how long each is tried, and how long a lock holds by the store's clock.

    A request is tried `attempts` times within `patience_s`, with growing pauses of up to `backoff_s`.
    """

    parallel: int = 48
    timeout_s: float = 30.0
    attempts: int = 12
    patience_s: float = 120.0
    backoff_s: float = 5.0
    lease_s: float = 120.0

    @property
    def safe_lease_s(self) -> float:
        """For how long a lease is trusted: a request that begins within it ends before the lock expires."""
        return max(self.lease_s - 1.5 * self.timeout_s, self.lease_s / 4)

    @property
    def client(self) -> dict[str, Any]:
        """Return the options of the store's client."""
        return {"timeout": timedelta(seconds=self.timeout_s), "connect_timeout": timedelta(seconds=self.timeout_s / 3)}

    @property
    def retries(self) -> dict[str, Any]:
        """Options that keep the client library from retrying, because it would not ask the guard in between."""
        return {"max_retries": 0, "retry_timeout": timedelta(seconds=self.timeout_s)}


@dataclass(frozen=True, slots=True)
class StoredObject:
    """An object as it was read: its bytes, its ETag, and its time by the store's clock."""

    data: bytes
    version: str
    time_s: float


class PreconditionFailed(Exception):
    """Another publisher has written the object since it was read; `current` is what is stored now."""

    def __init__(self, current: StoredObject | None) -> None:
        self.current = current
        super().__init__("another version is there")


class ObjectClient:
    """A store whose errors are raised as `PublishFailed`; `where` is its name for operators.

    `guard` is called before each single request, retries included, and raises if it must not be sent.
    """

    def __init__(
        self, store: ObjectStore, where: str, policy: RetryPolicy, guard: Callable[[], None] = lambda: None
    ) -> None:
        self.store, self.where, self.policy, self.guard = store, where, policy, guard
        self._has_failed = False

    def with_guard(self, guard: Callable[[], None]) -> ObjectClient:
        """Return a client of the same store with another guard."""
        client = copy(self)
        client.guard = guard
        return client

    def with_few_retries(self) -> ObjectClient:
        """Return a client of the same store that gives up early."""
        client = copy(self)
        client.policy = replace(self.policy, attempts=min(2, self.policy.attempts))
        return client

    def get(self, key: str) -> StoredObject | None:
        """Return an object, or None if it does not exist."""
        try:
            stored: StoredObject = self._request(lambda: self._get_once(key))
        except ABSENT:
            return None
        return stored

    def _get_once(self, key: str) -> StoredObject:
        result = obstore.get(self.store, key)
        mtime_from_digest = result.meta["last_modified"].timestamp()
        return StoredObject(bytes(result.bytes()), result.meta["e_tag"] or "", mtime_from_digest)

    def time_s(self, key: str) -> float:
        """Return when an object was written, by the store's clock; 0 if it does not exist."""
        try:
            return float(self._request(lambda: obstore.head(self.store, key))["last_modified"].timestamp())
        except ABSENT:
            return 0.0

    def put(self, key: str, data: bytes, attributes: Mapping[str, str]) -> None:
        """Store an object."""
        self._request(lambda: obstore.put(self.store, key, data, attributes=dict(attributes)))

    def replace(self, key: str, data: bytes, version: str | None, attributes: Mapping[str, str]) -> str:
        """Write an object if its version is `version`, or if it does not exist for None; return the new version.

        Raises `PreconditionFailed` otherwise. Whether a write succeeded of which the answer was lost is seen by the
        stored bytes, so `data` must differ from what any other publisher writes.
        """
        mode: Any = "create" if version is None else {"e_tag": version}

        def put_once() -> str:
            try:
                return obstore.put(self.store, key, data, attributes=dict(attributes), mode=mode)["e_tag"] or ""
            except CONFLICT:
                current = self._current(key)
                if current is not None and current.data == data:
                    return current.version
                raise PreconditionFailed(current) from None

        written: str = self._request(put_once)
        return written

    def _current(self, key: str) -> StoredObject | None:
        try:
            return self._get_once(key)
        except ABSENT:
            return None

    def any_key(self, but: str) -> str | None:
        """Return the key of some object that is not in the folder `but`, or None."""
        key = self._first_key(None)
        # Keys are listed in order, and "0" follows "/": the search goes on behind the folder.
        return self._first_key(f"{but}0") if key is not None and key.startswith(f"{but}/") else key

    def _first_key(self, after: str | None) -> str | None:
        page = self._request(lambda: next(iter(obstore.list(self.store, offset=after, chunk_size=1)), []))
        return page[0]["path"] if page else None

    def list_keys(self) -> tuple[str, ...]:
        """Return the keys of all objects."""
        keys: tuple[str, ...] = self._request(
            lambda: tuple(meta["path"] for page in obstore.list(self.store) for meta in page)
        )
        return keys

    def delete(self, keys: Sequence[str]) -> None:
        """Delete objects with as few requests as possible; those that do not exist are ignored."""
        with suppress(*ABSENT):
            self._request(lambda: obstore.delete(self.store, list(keys)))

    def for_each(self, items: Iterable[Any], do: Callable[[Any], Awaitable[None]]) -> None:
        """Call `do` for each item, several at once.

        After the first failure no further call is begun. Those under way are awaited, so that no request outlives the
        lock.
        """
        self._has_failed = False
        asyncio.run(self._for_each(iter(items), do))

    async def _for_each(self, items: Iterator[Any], do: Callable[[Any], Awaitable[None]]) -> None:
        async def worker() -> None:
            for item in items:
                if self._has_failed:
                    return
                try:
                    await do(item)
                except BaseException:
                    self._has_failed = True
                    raise

        results = await asyncio.gather(*(worker() for _ in range(self.policy.parallel)), return_exceptions=True)
        for error in results:
            if error is not None:
                raise error

    async def send(self, key: str, data: bytes, attributes: Mapping[str, str]) -> None:
        """Write an object, in parts if it is large; readers get the old one until the new one is whole."""

        async def send_whole() -> None:
            await obstore.put_async(self.store, key, data, attributes=dict(attributes), use_multipart=False)

        async def send_parts() -> None:
            writer = obstore.open_writer_async(self.store, key, attributes=dict(attributes), buffer_size=PART_B)
            with _multipart_errors():
                for start in range(0, len(data), PART_B):
                    self.guard()
                    await writer.write(data[start : start + PART_B])
                self.guard()
                await writer.close()

        await self._request_async(send_whole if len(data) <= SINGLE_PUT_B else send_parts)

    async def body(self, key: str) -> bytes:
        """Return the bytes of an object; none if it does not exist."""
        body = b""

        async def get_once() -> None:
            nonlocal body
            body = bytes(await (await obstore.get_async(self.store, key)).bytes_async())

        await self._is_present(get_once)
        return body

    async def exists(self, key: str) -> bool:
        """Return whether an object exists."""
        return await self._is_present(lambda: obstore.head_async(self.store, key))

    async def copy(self, source: str, target: str) -> bool:
        """Copy an object inside the store with its headers; return whether it exists."""
        return await self._is_present(lambda: obstore.copy_async(self.store, source, target))

    async def _is_present(self, request: Callable[[], Awaitable[Any]]) -> bool:
        try:
            await self._request_async(request)
        except ABSENT:
            return False
        return True

    async def _request_async(self, request: Callable[[], Awaitable[Any]]) -> None:
        async def attempt() -> None:
            self.guard()
            await request()

        try:
            try:
                # Nearly all requests succeed at once, and a retrying loop costs half as much as a request.
                await attempt()
            except BaseError as error:
                if not _is_transient(error) or self._has_failed or self.policy.attempts < 2:
                    raise
                await asyncio.sleep(min(0.1, self.policy.backoff_s))
                await AsyncRetrying(**self._retry_options(begun=1, is_parallel=True))(attempt)
        except ABSENT:
            raise
        except BaseError as error:
            raise _to_failure(error, self.where) from None

    def _request(self, request: Callable[[], Any]) -> Any:
        """Send a request, again after dropped connections, timeouts, 5xx, SlowDown and incomplete answers."""

        def attempt() -> Any:
            self.guard()
            return request()

        try:
            return Retrying(**self._retry_options())(attempt)
        except ABSENT:
            raise
        except BaseError as error:
            raise _to_failure(error, self.where) from None

    def _retry_options(self, *, begun: int = 0, is_parallel: bool = False) -> dict[str, Any]:
        policy = self.policy
        return {
            "stop": stop_after_attempt(policy.attempts - begun) | stop_after_delay(policy.patience_s),
            "wait": wait_random_exponential(multiplier=min(0.2, policy.backoff_s), max=policy.backoff_s),
            "retry": retry_if_exception(lambda error: _is_transient(error) and not (is_parallel and self._has_failed)),
            "reraise": True,
        }


def _is_transient(error: BaseException) -> bool:
    return isinstance(error, BaseError) and not isinstance(error, (*ABSENT, *FORBIDDEN, *CONFLICT))


@contextmanager
def _multipart_errors() -> Iterator[None]:
    """Raise the errors of a multipart writer as those of any other request: it raises `OSError` for all of them."""
    try:
        yield
    except FORBIDDEN:
        raise
    except OSError as error:
        raise GenericError(str(error)) from None


def _to_failure(error: Exception, where: str) -> PublishFailed:
    text = str(error)
    for mark, message, hint in KNOWN_ERRORS:
        if mark in text:
            return PublishFailed.at(where, message, hint)
    if isinstance(error, FORBIDDEN):
        return PublishFailed.at(where, "the store refuses: this key may not do that", KEY_HINT)
    summary = text.split("\n", 1)[0].removeprefix("Generic S3 error: ")[:300]
    return PublishFailed.at(where, f"the store does not answer as it should: {summary}", NETWORK_HINT)
