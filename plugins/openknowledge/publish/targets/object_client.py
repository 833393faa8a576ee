"""An object store, as a publication uses it: single requests that are sure of their outcome, and many at once."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import obstore
from obstore.exceptions import BaseError
from tenacity import (
    AsyncRetrying,
    Retrying,
    retry_if_exception,
    stop_after_attempt,
    stop_after_delay,
    wait_random_exponential,
)

from ..errors import PublishFailed
from .retry_policy import RetryPolicy
from .store_errors import ABSENT, CONFLICT, failure_of, may_pass, telling

if TYPE_CHECKING:
    from obstore.store import ObjectStore

__all__ = ["ObjectClient", "PreconditionFailed", "RetryPolicy", "StoredObject"]

STORED_WHOLE_B = 8 << 20
"""Up to this size a file travels in one request."""
PART_B = 8 << 20


@dataclass(frozen=True, slots=True)
class StoredObject:
    """An object as it was read: its bytes, the store's mark of this version, and its time by the store's clock."""

    data: bytes
    version: str
    time_s: float


class PreconditionFailed(Exception):
    """Somebody else has written an object since it was read; `found` is what is there now."""

    def __init__(self, found: StoredObject | None) -> None:
        self.current = found
        super().__init__("another version is there")


class ObjectClient:
    """A store whose errors are told as problems; `where` is what operators call it. Missing objects are None.

    `may` is asked before every single request, also before one that is tried again, and raises where it must not be.
    """

    def __init__(
        self, store: ObjectStore, where: str, tuning: RetryPolicy, may: Callable[[], None] = lambda: None
    ) -> None:
        self.store, self.where, self.policy, self.guard = store, where, tuning, may
        self._has_failed = False

    def with_guard(self, may: Callable[[], None]) -> ObjectClient:
        """The same store for those who must be allowed each request."""
        other = copy(self)
        other.guard = may
        return other

    def with_few_retries(self) -> ObjectClient:
        """The same store for what is not worth waiting for."""
        other = copy(self)
        other.policy = replace(self.policy, attempts=min(2, self.policy.attempts))
        return other

    def get(self, key: str) -> StoredObject | None:
        try:
            found: StoredObject = self._surely(lambda: self._got(key))
        except ABSENT:
            return None
        except BaseError as error:
            raise self.failure(error) from None
        return found

    def _got(self, key: str) -> StoredObject:
        found = obstore.get(self.store, key)
        return StoredObject(bytes(found.bytes()), found.meta["e_tag"] or "", found.meta["last_modified"].timestamp())

    def time_s(self, key: str) -> float:
        """When an object was written last, by the store's clock; 0 where there is none."""
        try:
            return float(self._surely(lambda: obstore.head(self.store, key))["last_modified"].timestamp())
        except ABSENT:
            return 0.0
        except BaseError as error:
            raise self.failure(error) from None

    def put(self, key: str, data: bytes, attributes: Mapping[str, str]) -> None:
        try:
            self._surely(lambda: obstore.put(self.store, key, data, attributes=dict(attributes)))
        except BaseError as error:
            raise self.failure(error) from None

    def replace(self, key: str, data: bytes, version: str | None, attributes: Mapping[str, str]) -> str:
        """Write an object if it is still of this version, or not there at all for None; its version now.

        Raises `Moved` where it is another one. An answer that was lost on its way is told from a lost race by what is
        there: `data` must be unlike anything that anybody else writes.
        """
        mode: Any = "create" if version is None else {"e_tag": version}

        def once() -> str:
            try:
                return obstore.put(self.store, key, data, attributes=dict(attributes), mode=mode)["e_tag"] or ""
            except CONFLICT:
                now = self._got_or_none(key)
                if now is not None and now.data == data:
                    return now.version
                raise PreconditionFailed(now) from None

        try:
            written: str = self._surely(once)
        except BaseError as error:
            raise self.failure(error) from None
        return written

    def _got_or_none(self, key: str) -> StoredObject | None:
        try:
            return self._got(key)
        except ABSENT:
            return None

    def any_key(self, but: str) -> str | None:
        """The key of some object that is not in the folder `but`, or None where there is none."""
        key = self._first_key(None)
        # Keys come in order: the next ones after a folder begin with the character after its slash.
        return self._first_key(f"{but}0") if key is not None and key.startswith(f"{but}/") else key

    def _first_key(self, after: str | None) -> str | None:
        try:
            page = self._surely(lambda: next(iter(obstore.list(self.store, offset=after, chunk_size=1)), []))
        except BaseError as error:
            raise self.failure(error) from None
        return page[0]["path"] if page else None

    def list_keys(self) -> tuple[str, ...]:
        """The keys of all objects."""
        try:
            found = self._surely(lambda: tuple(one["path"] for page in obstore.list(self.store) for one in page))
        except BaseError as error:
            raise self.failure(error) from None
        return tuple(found)

    def delete(self, keys: Sequence[str]) -> None:
        """Delete objects, as many a request as the store takes; those that are not there are as good as deleted."""
        try:
            self._surely(lambda: obstore.delete(self.store, list(keys)))
        except ABSENT:
            pass
        except BaseError as error:
            raise self.failure(error) from None

    def for_each(self, things: Iterable[Any], do: Callable[[Any], Awaitable[None]]) -> None:
        """Do something with each of many things, several at once.

        After the first failure nothing is begun any more; what has begun is waited for, so that no request is still
        under way when somebody else may publish.
        """
        self._has_failed = False
        asyncio.run(self._each(iter(things), do))

    async def _each(self, things: Iterator[Any], do: Callable[[Any], Awaitable[None]]) -> None:
        async def work() -> None:
            for thing in things:
                if self._has_failed:
                    return
                try:
                    await do(thing)
                except BaseException:
                    self._has_failed = True
                    raise

        done = await asyncio.gather(*(work() for _ in range(self.policy.parallel)), return_exceptions=True)
        for error in done:
            if error is not None:
                raise error

    async def send(self, key: str, data: bytes, attributes: Mapping[str, str]) -> None:
        async def at_once() -> None:
            await obstore.put_async(self.store, key, data, attributes=dict(attributes), use_multipart=False)

        async def in_parts() -> None:
            parts = obstore.open_writer_async(self.store, key, attributes=dict(attributes), buffer_size=PART_B)
            with telling():
                for start in range(0, len(data), PART_B):
                    self.guard()
                    await parts.write(data[start : start + PART_B])
                self.guard()
                await parts.close()

        await self._surely_async(at_once if len(data) <= STORED_WHOLE_B else in_parts)

    async def body(self, key: str) -> bytes:
        """The bytes of an object; none where it is not there."""
        bodies: list[bytes] = []

        async def once() -> None:
            bodies.append(bytes(await (await obstore.get_async(self.store, key)).bytes_async()))

        try:
            await self._surely_async(once)
        except ABSENT:
            return b""
        return bodies[0]

    async def exists(self, key: str) -> bool:
        try:
            await self._surely_async(lambda: obstore.head_async(self.store, key))
        except ABSENT:
            return False
        return True

    async def copy(self, source: str, target: str) -> bool:
        """Copy an object inside the store, with its headers; whether it was there."""
        try:
            await self._surely_async(lambda: obstore.copy_async(self.store, source, target))
        except ABSENT:
            return False
        return True

    async def _surely_async(self, do: Callable[[], Awaitable[Any]]) -> None:
        async def once() -> None:
            self.guard()
            await do()

        try:
            await self._once_or_again(once)
        except ABSENT:
            raise
        except BaseError as error:
            raise self.failure(error) from None

    async def _once_or_again(self, once: Callable[[], Awaitable[None]]) -> None:
        """Nearly all requests succeed at once, and what tries again costs as much as half of one of them."""
        try:
            await once()
        except BaseError as error:
            if not may_pass(error) or self._has_failed or self.policy.attempts < 2:
                raise
            await asyncio.sleep(min(0.1, self.policy.pause_s))
            await AsyncRetrying(**self._again(is_one_of_many=True, begun=1))(once)

    def _surely(self, do: Callable[[], Any]) -> Any:
        """Try again what may succeed the next time: drops, timeouts, 5xx, SlowDown, answers that were cut off."""

        def once() -> Any:
            self.guard()
            return do()

        return Retrying(**self._again())(once)

    def _again(self, *, is_one_of_many: bool = False, begun: int = 0) -> dict[str, Any]:
        tuning = self.policy
        return {
            "stop": stop_after_attempt(tuning.attempts - begun) | stop_after_delay(tuning.patience_s),
            "wait": wait_random_exponential(multiplier=min(0.2, tuning.pause_s), max=tuning.pause_s),
            "retry": retry_if_exception(lambda error: may_pass(error) and not (is_one_of_many and self._has_failed)),
            "reraise": True,
        }

    def failure(self, error: Exception) -> PublishFailed:
        """What went wrong, for an operator."""
        return failure_of(error, self.where)
