"""Requests to an object store: retried until their outcome is known, many at once, and fenced by a guard."""

import asyncio
import re
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, Self, TypeVar

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
from obstore.store import ObjectStore, S3Store
from tenacity import AsyncRetrying, retry_if_exception, stop_after_attempt, stop_after_delay, wait_random_exponential

from ..errors import PublishFailed

__all__ = ["ObjectClient", "PreconditionFailed", "RetryPolicy", "StoredObject", "make_store"]

Result = TypeVar("Result")
SINGLE_PUT_B = 8 << 20
"""Largest size of a file that is sent with one request."""
PART_B = 8 << 20
ABSENT = (FileNotFoundError, NotFoundError)
FORBIDDEN = (PermissionError, PermissionDeniedError, UnauthenticatedError)
CONFLICT = (AlreadyExistsError, PreconditionError, FileExistsError)
KEY_HINT = "Are PUBLISH_ACCESS_KEY and PUBLISH_SECRET_KEY those of a key that may read, write and delete there?"
NETWORK_HINT = "Is the network there, and the store up? Then publish again: it goes on where it stopped."
KNOWN_ERRORS = (
    (
        "RequestTimeTooSkewed|RequestExpired",
        "this machine's clock differs from the store's by more than it allows",
        "Set this machine's clock (timedatectl set-ntp true), and publish again.",
    ),
    ("NoSuchBucket", "there is no such bucket", "Make it first; docs/operators.md says how, for each kind of store."),
    ("InvalidAccessKeyId", "the store does not know this key", KEY_HINT),
    ("SignatureDoesNotMatch", "the secret does not belong to the key", KEY_HINT),
    (
        "InternalError",
        "the store has an error of its own",
        "Has it room left, and is it whole? Its own log says more. Then publish again: it goes on where it stopped.",
    ),
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

    def with_guard(self, guard: Callable[[], None]) -> Self:
        """Return a client of the same store with another guard."""
        client = copy(self)
        client.guard = guard
        return client

    def with_few_retries(self) -> Self:
        """Return a client of the same store that gives up early."""
        client = copy(self)
        client.policy = replace(self.policy, attempts=min(2, self.policy.attempts))
        return client

    def get(self, key: str) -> StoredObject | None:
        """Return an object, or None if it does not exist."""
        return asyncio.run(self.read(key))

    def put(self, key: str, data: bytes, attributes: Mapping[str, str]) -> None:
        """Store an object."""
        asyncio.run(self.send(key, data, attributes))

    def time_s(self, key: str) -> float:
        """Return when an object was written, by the store's clock; 0 if it does not exist."""
        meta = asyncio.run(self._find(lambda: obstore.head_async(self.store, key)))
        return meta["last_modified"].timestamp() if meta else 0.0

    def replace(self, key: str, data: bytes, version: str | None, attributes: Mapping[str, str]) -> str:
        """Write an object if its version is `version`, or if it does not exist for None; return the new version.

        Raises `PreconditionFailed` otherwise. Whether a write succeeded of which the answer was lost is seen by the
        stored bytes, so `data` must differ from what any other publisher writes.
        """
        mode: Any = "create" if version is None else {"e_tag": version}

        async def put_once() -> str:
            try:
                written = await obstore.put_async(self.store, key, data, attributes=dict(attributes), mode=mode)
            except CONFLICT:
                current = await self._read_once(key)
                if current is not None and current.data == data:
                    return current.version
                raise PreconditionFailed(current) from None
            return written["e_tag"] or ""

        return asyncio.run(self._request(put_once))

    def any_key(self, but: str) -> str | None:
        """Return the key of some object that is not in the folder `but`, or None."""
        key = self._first_key(None)
        # Keys are listed in order, and "0" follows "/": the search goes on behind the folder.
        return self._first_key(f"{but}0") if key is not None and key.startswith(f"{but}/") else key

    def _first_key(self, after: str | None) -> str | None:
        async def list_once() -> str | None:
            async for page in obstore.list(self.store, offset=after, chunk_size=1):
                return page[0]["path"]
            return None

        return asyncio.run(self._request(list_once))

    def list_keys(self) -> tuple[str, ...]:
        """Return the keys of all objects."""

        async def list_once() -> list[str]:
            return [meta["path"] async for page in obstore.list(self.store) for meta in page]

        return tuple(asyncio.run(self._request(list_once)))

    def delete(self, keys: Sequence[str]) -> None:
        """Delete objects with as few requests as possible; those that do not exist are ignored."""
        asyncio.run(self._find(lambda: obstore.delete_async(self.store, list(keys))))

    def for_each(self, items: Iterable[Result], do: Callable[[Result], Awaitable[None]]) -> None:
        """Call `do` for each item, several at once.

        After the first failure no further call is begun. Those under way are awaited, so that no request outlives the
        lock.
        """
        rest = iter(items)

        async def work() -> None:
            for item in rest:
                if self._has_failed:
                    return
                try:
                    await do(item)
                except BaseException:
                    self._has_failed = True
                    raise

        async def work_in_parallel() -> None:
            ends = await asyncio.gather(*(work() for _ in range(self.policy.parallel)), return_exceptions=True)
            for error in filter(None, ends):
                raise error

        try:
            asyncio.run(work_in_parallel())
        finally:
            self._has_failed = False

    async def send(self, key: str, data: bytes, attributes: Mapping[str, str]) -> None:
        """Write an object, in parts if it is large; readers get the old one until the new one is whole."""

        async def send_whole() -> None:
            await obstore.put_async(self.store, key, data, attributes=dict(attributes), use_multipart=False)

        async def send_parts() -> None:
            writer = obstore.open_writer_async(self.store, key, attributes=dict(attributes), buffer_size=PART_B)
            try:
                for start in range(0, len(data), PART_B):
                    self.guard()
                    await writer.write(data[start : start + PART_B])
                self.guard()
                await writer.close()
            except FORBIDDEN:
                raise
            except OSError as error:
                # The writer raises `OSError` for all that other requests have errors of their own for.
                raise GenericError(str(error)) from None

        await self._request(send_whole if len(data) <= SINGLE_PUT_B else send_parts)

    async def read(self, key: str) -> StoredObject | None:
        """Return an object, or None if it does not exist."""
        return await self._find(lambda: self._read_once(key))

    async def _read_once(self, key: str) -> StoredObject:
        result = await obstore.get_async(self.store, key)
        meta = result.meta
        return StoredObject(bytes(await result.bytes_async()), meta["e_tag"] or "", meta["last_modified"].timestamp())

    async def exists(self, key: str) -> bool:
        """Return whether an object exists."""
        return await self._find(lambda: obstore.head_async(self.store, key)) is not None

    async def copy(self, source: str, target: str) -> bool:
        """Copy an object inside the store with its headers; return whether it exists."""

        async def copy_once() -> bool:
            await obstore.copy_async(self.store, source, target)
            return True

        return await self._find(copy_once) or False

    async def _find(self, request: Callable[[], Awaitable[Result]]) -> Result | None:
        """Send a request and return its result; None if the object does not exist."""
        try:
            return await self._request(request)
        except ABSENT:
            return None

    async def _request(self, request: Callable[[], Awaitable[Result]]) -> Result:
        """Send a request, again after dropped connections, timeouts, 5xx, SlowDown and incomplete answers."""
        policy = self.policy

        async def attempt() -> Result:
            self.guard()
            return await request()

        def is_retried(error: BaseException) -> bool:
            is_final = isinstance(error, (*ABSENT, *FORBIDDEN, *CONFLICT)) or not isinstance(error, BaseError)
            return not (is_final or self._has_failed)

        try:
            try:
                # Nearly all requests succeed at once, and a retrying loop costs half as much as a request.
                return await attempt()
            except BaseError as error:
                if policy.attempts < 2 or not is_retried(error):
                    raise
            await asyncio.sleep(min(0.1, policy.backoff_s))
            retrying = AsyncRetrying(
                stop=stop_after_attempt(policy.attempts - 1) | stop_after_delay(policy.patience_s),
                wait=wait_random_exponential(multiplier=min(0.2, policy.backoff_s), max=policy.backoff_s),
                retry=retry_if_exception(is_retried),
                reraise=True,
            )
            return await retrying(attempt)
        except ABSENT:
            raise
        except (BaseError, PermissionError) as error:
            raise _to_failure(error, self.where) from None


def _to_failure(error: Exception, where: str) -> PublishFailed:
    text = str(error)
    for mark, message, hint in KNOWN_ERRORS:
        if re.search(mark, text):
            return PublishFailed.at(where, message, hint)
    if isinstance(error, FORBIDDEN):
        return PublishFailed.at(where, "the store refuses: this key may not do that", KEY_HINT)
    summary = text.split("\n", 1)[0].removeprefix("Generic S3 error: ")[:300]
    return PublishFailed.at(where, f"the store does not answer as it should: {summary}", NETWORK_HINT)


def make_store(options: Mapping[str, str], secrets: Mapping[str, str], policy: RetryPolicy) -> S3Store:
    """Return the client of a `bucket`, with its optional `prefix`, `endpoint` and `region`.

    An endpoint may be without TLS. The client library does not retry, because it would not ask the guard in between.
    """
    endpoint = options.get("endpoint", "")
    timeout = timedelta(seconds=policy.timeout_s)
    optional = {
        "endpoint": endpoint,
        "prefix": options.get("prefix", ""),
        "session_token": secrets.get("session_token"),
    }
    arguments: dict[str, Any] = {name: value for name, value in optional.items() if value}
    return S3Store(
        options["bucket"],
        access_key_id=secrets["access_key"],
        secret_access_key=secrets["secret_key"],
        region=options.get("region", "us-east-1"),
        client_options={
            "timeout": timeout,
            "connect_timeout": timeout / 3,
            "allow_http": endpoint.startswith("http://"),
        },
        retry_config={"max_retries": 0, "retry_timeout": timeout},
        **arguments,
    )
