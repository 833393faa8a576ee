"""Requests to an object store, and its deploy state.

Requests are retried until their outcome is known, run many at once, and are fenced by a guard. The deploy state is one
object, replaced only by a publisher that knows its current version.
"""

import asyncio
import re
import secrets
import threading
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from copy import copy
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, Self, TypeVar

import obstore
from obstore import exceptions
from obstore.exceptions import BaseError
from obstore.store import ObjectStore, S3Store
from tenacity import AsyncRetrying, retry_if_exception, stop_after_attempt, stop_after_delay, wait_random_exponential

from ..errors import PublishFailed, PublishRefused, report_retry
from ..release import DeployState
from .lease import Lease, boottime

__all__ = [
    *("CLOCK", "CONTROL_PREFIX", "STATE_KEY", "ObjectClient", "PreconditionFailed", "RetryPolicy"),
    *("StateWriter", "StoredObject", "ask_time_s", "lock_age_s", "make_store"),
]

Result = TypeVar("Result")
CONTROL_PREFIX = "_openknowledge"
"""The folder of all that a store holds beside the site; no URL leads there."""
STATE_KEY = f"{CONTROL_PREFIX}/register.json"
CLOCK = f"{CONTROL_PREFIX}/clock"
PLAIN = {"Content-Type": "application/json", "Cache-Control": "no-store"}
SINGLE_PUT_B = 8 << 20
"""Largest size of a file that is sent with one request."""
PART_B = 8 << 20
READ_LIMIT_B = 64 << 20
"""Largest size of an object of ours that is read: sites are written and copied."""
ABSENT = (FileNotFoundError, exceptions.NotFoundError)
FORBIDDEN = (PermissionError, exceptions.PermissionDeniedError, exceptions.UnauthenticatedError)
CONFLICT = (FileExistsError, exceptions.AlreadyExistsError, exceptions.PreconditionError)
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


class ObjectClient:
    """A store whose errors are raised as `PublishFailed`; `where` is its name for operators.

    `guard` is called before each single request, retries included, and raises if it must not be sent.
    """

    def __init__(
        self, store: ObjectStore, where: str, policy: RetryPolicy, guard: Callable[[], None] = lambda: None
    ) -> None:
        self.store, self.where, self.policy, self.guard = store, where, policy, guard
        self._has_failed = False
        self._reported = [0]
        """The last try that was reported; many requests are tried at once."""

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
        with suppress(*ABSENT):
            return self._call(lambda: self._get_once(key))
        return None

    def _get_once(self, key: str) -> StoredObject:
        result = obstore.get(self.store, key)
        meta = self._check_size(key, result.meta)
        return StoredObject(bytes(result.bytes()), meta["e_tag"] or "", meta["last_modified"].timestamp())

    def put(self, key: str, data: bytes, attributes: Mapping[str, str]) -> None:
        """Store an object."""
        self._call(lambda: obstore.put(self.store, key, data, attributes=dict(attributes)))

    def time_s(self, key: str) -> float:
        """Return when an object was written, by the store's clock; 0 if it does not exist."""
        with suppress(*ABSENT):
            return self._call(lambda: obstore.head(self.store, key))["last_modified"].timestamp()
        return 0.0

    def replace(self, key: str, data: bytes, version: str | None, attributes: Mapping[str, str]) -> str:
        """Write an object if its version is `version`, or if it does not exist for None; return the new version.

        Raises `PreconditionFailed` otherwise. Whether a write succeeded of which the answer was lost is seen by the
        stored bytes, so `data` must differ from what any other publisher writes.
        """
        mode: Any = "create" if version is None else {"e_tag": version}

        def put_once() -> str:
            with suppress(*CONFLICT):
                return obstore.put(self.store, key, data, attributes=dict(attributes), mode=mode)["e_tag"] or ""
            current = None
            with suppress(*ABSENT):
                current = self._get_once(key)
            if current is None or current.data != data:
                raise PreconditionFailed(current)
            return current.version

        return self._call(put_once)

    def any_key(self, but: str) -> str | None:
        """Return the key of some object that is not in the folder `but`, or None."""

        def list_once() -> str | None:
            # Keys are listed in order, and "0" follows "/": the search goes on behind the folder.
            for after in (None, f"{but}0"):
                page = next(iter(obstore.list(self.store, offset=after, chunk_size=1)), [])
                if page and not page[0]["path"].startswith(f"{but}/"):
                    return page[0]["path"]
            return None

        return self._call(list_once)

    def list_keys(self) -> tuple[str, ...]:
        """Return the keys of all objects."""
        return self._call(lambda: tuple(meta["path"] for page in obstore.list(self.store) for meta in page))

    def delete(self, keys: Sequence[str]) -> None:
        """Delete objects with as few requests as possible; those that do not exist are ignored."""
        with suppress(*ABSENT):
            self._call(lambda: obstore.delete(self.store, list(keys)))

    def _call(self, request: Callable[[], Result]) -> Result:
        """Send a request that blocks: a process that ends right after a coroutine of obstore may be aborted."""

        async def call() -> Result:
            return request()

        return asyncio.run(self._request(call))

    def for_each(self, items: Iterable[Result], do: Callable[[Result], Awaitable[object]]) -> None:
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
                raise exceptions.GenericError(str(error)) from None

        await self._request(send_whole if len(data) <= SINGLE_PUT_B else send_parts)

    async def read(self, key: str) -> bytes | None:
        """Return the bytes of an object, or None if it does not exist."""

        async def read_once() -> bytes:
            result = await obstore.get_async(self.store, key)
            self._check_size(key, result.meta)
            return bytes(await result.bytes_async())

        return await self._find(read_once)

    def _check_size(self, key: str, meta: Any) -> Any:
        """Return what the store says of an object that is to be read, if it can be one of ours."""
        if meta["size"] > READ_LIMIT_B:
            message, hint = "is too large to be ours", "Look at what it is, delete it, and publish again."
            raise PublishRefused.at(f"{self.where}/{key}", message, hint)
        return meta

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
                self._report_retry(error, 1)
            await asyncio.sleep(min(0.1, policy.backoff_s))
            retrying = AsyncRetrying(
                stop=stop_after_attempt(policy.attempts - 1) | stop_after_delay(policy.patience_s),
                wait=wait_random_exponential(multiplier=min(0.2, policy.backoff_s), max=policy.backoff_s),
                retry=retry_if_exception(is_retried),
                before_sleep=lambda call: self._report_retry(
                    call.outcome and call.outcome.exception(), call.attempt_number + 1
                ),
                reraise=True,
            )
            result: Result = await retrying(attempt)
            self._reported[0] = 0
            return result
        except ABSENT:
            raise
        except (BaseError, PermissionError) as error:
            raise _to_failure(error, self.where, self._reported[0]) from None

    def _report_retry(self, error: object, tries: int) -> None:
        """Print that a request is sent again, once for all that are sent at the same time."""
        if tries >= self._reported[0]:
            self._reported[0] = tries + 1
            report_retry(self.where, error, tries + 1, self.policy.attempts)


def _to_failure(error: Exception, where: str, tries: int) -> PublishFailed:
    text = str(error)
    for mark, message, hint in KNOWN_ERRORS:
        if re.search(mark, text):
            return PublishFailed.at(where, message, hint)
    if isinstance(error, FORBIDDEN):
        return PublishFailed.at(where, "the store refuses: this key may not do that", KEY_HINT)
    summary = text.split("\n", 1)[0].removeprefix("Generic S3 error: ")[:300]
    tried = f" (asked {tries} times)" if tries > 1 else ""
    return PublishFailed.at(where, f"the store does not answer as it should{tried}: {summary}", NETWORK_HINT)


def make_store(options: Mapping[str, str], variables: Mapping[str, str], policy: RetryPolicy) -> S3Store:
    """Return the client of a `bucket`, with its optional `prefix`, `endpoint` and `region`.

    The secrets are variables of the environment. An endpoint may be without TLS. The client library does not retry,
    because it would not ask the guard in between.
    """
    endpoint, timeout = options.get("endpoint", ""), timedelta(seconds=policy.timeout_s)
    names = {"access_key_id": "ACCESS_KEY", "secret_access_key": "SECRET_KEY", "session_token": "SESSION_TOKEN"}
    secrets = {name: variables.get(f"PUBLISH_{variable}", "") for name, variable in names.items()}
    optional = {**secrets, "endpoint": endpoint, "prefix": options.get("prefix", "")}
    arguments: dict[str, Any] = {name: value for name, value in optional.items() if value}
    arguments["client_options"] = {"timeout": timeout, "connect_timeout": timeout / 3}
    arguments["client_options"]["allow_http"] = endpoint.startswith("http://")
    arguments["retry_config"] = {"max_retries": 0, "retry_timeout": timeout}
    return S3Store(options["bucket"], region=options.get("region", "us-east-1"), **arguments)


class StateWriter:
    """Writes the deploy state as long as no other publisher does. The state holds the lock, which a lease renews."""

    def __init__(self, objects: ObjectClient, state: DeployState, version: str | None) -> None:
        self.objects, self.state, self.version = objects, state, version
        policy = objects.policy
        self.lease = Lease(objects.where, self._renew, duration_s=policy.lease_s, safe_s=policy.safe_lease_s)
        self._unconfirmed: dict[bytes, DeployState] = {}
        self._mutex = threading.Lock()

    def write(self, change: Callable[[DeployState], DeployState], *, is_hasty: bool = False) -> None:
        """Change the state. Raises `PublishFailed` if another publisher has changed it: then nothing may be written."""
        objects = self.objects.with_few_retries() if is_hasty else self.objects
        with self._mutex:
            for _ in range(2):
                state = replace(change(self.state), heartbeat=secrets.token_hex(8))
                data = state.dump()
                self._unconfirmed[data] = state
                since_s = boottime()
                try:
                    self.version = objects.replace(STATE_KEY, data, self.version, PLAIN)
                except PreconditionFailed as conflict:
                    current = conflict.current
                    if current is None or current.data not in self._unconfirmed:
                        break
                    # This publisher's own state is there: the answer was lost.
                    self.state, self.version = self._unconfirmed[current.data], current.version
                else:
                    self._unconfirmed.clear()
                    self.state = state
                    self.lease.confirm(since_s)
                    return
            raise self.lease.lose()

    def _renew(self) -> bool:
        self.write(lambda state: state, is_hasty=True)
        return True

    def remove(self) -> None:
        """Delete the state itself, as the last of all objects. It is not written again."""
        self.lease.stop()
        with self._mutex:
            self.objects.delete([STATE_KEY])
            self.state = replace(self.state, lock="")

    def end(self) -> None:
        """Stop renewing the lock and release it; if the store does not answer, the lock expires."""
        self.lease.stop()
        if not self.lease.is_lost and (self.state.lock or self._unconfirmed):
            with suppress(PublishFailed):
                self.write(lambda state: replace(state, lock=""), is_hasty=True)


def ask_time_s(objects: ObjectClient) -> float:
    """Return the time by the store's clock, because this machine's may be wrong."""
    objects.put(CLOCK, secrets.token_bytes(8), PLAIN)
    return objects.time_s(CLOCK)


def lock_age_s(objects: ObjectClient, written_s: float) -> float:
    """Return for how long the state has not been written."""
    return ask_time_s(objects) - written_s
