"""An object store, as a publication uses it: single requests that are sure of their outcome, and many at once."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import obstore
from obstore.exceptions import (
    AlreadyExistsError,
    BaseError,
    NotFoundError,
    PermissionDeniedError,
    PreconditionError,
    UnauthenticatedError,
)
from tenacity import Retrying, retry_if_exception, stop_after_attempt, wait_random_exponential

from ..refusal import Failed, problem

if TYPE_CHECKING:
    from obstore.store import ObjectStore

__all__ = ["Found", "Moved", "Objects", "Tuning"]

ABSENT = (FileNotFoundError, NotFoundError)
FORBIDDEN = (PermissionError, PermissionDeniedError, UnauthenticatedError)
CONFLICT = (AlreadyExistsError, PreconditionError, FileExistsError)
STORED_WHOLE_B = 8 << 20
"""Up to this size a file travels in one request."""


class Moved(Exception):
    """Somebody else has written an object since it was read."""


@dataclass(frozen=True, slots=True)
class Found:
    """An object as it was read: its bytes, the store's mark of this version, and its time by the store's clock."""

    data: bytes
    version: str
    time_s: float


@dataclass(frozen=True, slots=True)
class Tuning:
    """How patient requests are, and how many travel at once."""

    parallel: int = 48
    timeout_s: float = 30.0
    attempts: int = 6
    patience_s: float = 120.0

    @property
    def client(self) -> dict[str, Any]:
        return {"timeout": timedelta(seconds=self.timeout_s), "connect_timeout": timedelta(seconds=self.timeout_s / 3)}

    @property
    def retries(self) -> dict[str, Any]:
        """How the client library itself tries again: drops, timeouts, 5xx and SlowDown, with growing pauses."""
        backoff = {"init_backoff": timedelta(milliseconds=100), "max_backoff": timedelta(seconds=5), "base": 2}
        return {
            "max_retries": self.attempts - 1,
            "retry_timeout": timedelta(seconds=self.patience_s),
            "backoff": backoff,
        }


class Objects:
    """A store whose errors are told as problems; `where` is what operators call it. Missing objects are None."""

    def __init__(self, store: ObjectStore, where: str, tuning: Tuning) -> None:
        self.store, self.where, self.tuning = store, where, tuning

    def get(self, key: str) -> Found | None:
        try:
            found: Found = self._surely(lambda: self._got(key))
        except ABSENT:
            return None
        except BaseError as error:
            raise self.failure(error) from None
        return found

    def _got(self, key: str) -> Found:
        found = obstore.get(self.store, key)
        return Found(bytes(found.bytes()), found.meta["e_tag"] or "", found.meta["last_modified"].timestamp())

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
                raise Moved(key) from None

        try:
            written: str = self._surely(once)
        except BaseError as error:
            raise self.failure(error) from None
        return written

    def _got_or_none(self, key: str) -> Found | None:
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

    def every_key(self) -> tuple[str, ...]:
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

    def each(self, things: Iterable[Any], do: Callable[[Any], Awaitable[None]]) -> None:
        """Do something with each of many things, several at once; the first that fails stops all others."""
        try:
            asyncio.run(self._each(iter(things), do))
        except BaseExceptionGroup as group:
            raise _first(group) from None

    async def _each(self, things: Any, do: Callable[[Any], Awaitable[None]]) -> None:
        async def work() -> None:
            for thing in things:
                await do(thing)

        async with asyncio.TaskGroup() as tasks:
            for _ in range(self.tuning.parallel):
                tasks.create_task(work())

    async def send(self, key: str, data: bytes, attributes: Mapping[str, str]) -> None:
        is_large = len(data) > STORED_WHOLE_B

        async def once() -> None:
            await obstore.put_async(self.store, key, data, attributes=dict(attributes), use_multipart=is_large)

        await self._surely_async(once)

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

    async def is_there(self, key: str) -> bool:
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
        pause_s = 0.2
        for left in reversed(range(self.tuning.attempts)):
            try:
                await do()
                return
            except BaseError as error:
                if isinstance(error, ABSENT):
                    raise
                if not _may_pass(error) or not left:
                    raise self.failure(error) from None
            await asyncio.sleep(pause_s)
            pause_s = min(pause_s * 2, 5.0)

    def _surely(self, do: Callable[[], Any]) -> Any:
        """Try again what the client library gives up too early: answers that were cut off while they were read."""
        again = Retrying(
            stop=stop_after_attempt(self.tuning.attempts),
            wait=wait_random_exponential(multiplier=0.2, max=5),
            retry=retry_if_exception(_may_pass),
            reraise=True,
        )
        return again(do)

    def failure(self, error: Exception) -> Failed:
        """What went wrong, for an operator."""
        said = str(error)
        for mark, message, hint in KNOWN:
            if mark in said:
                return Failed([problem(self.where, message, hint)])
        if isinstance(error, FORBIDDEN):
            return Failed([problem(self.where, "the store refuses: this key may not do that", KEY_HINT)])
        return Failed([problem(self.where, f"the store does not answer as it should: {_short(said)}", NETWORK_HINT)])


KEY_HINT = "Are PUBLISH_ACCESS_KEY and PUBLISH_SECRET_KEY those of a key that may read, write and delete there?"
NETWORK_HINT = "Is the network there, and the store up? Then publish again: it goes on where it stopped."
CLOCK_HINT = "Set this machine's clock (timedatectl set-ntp true), and publish again."
KNOWN = (
    ("RequestTimeTooSkewed", "this machine's clock differs from the store's by more than it allows", CLOCK_HINT),
    ("RequestExpired", "this machine's clock differs from the store's by more than it allows", CLOCK_HINT),
    ("NoSuchBucket", "there is no such bucket", "Make it first; docs/operators.md says how, for each kind of store."),
    ("InvalidAccessKeyId", "the store does not know this key", KEY_HINT),
    ("SignatureDoesNotMatch", "the secret does not belong to the key", KEY_HINT),
    ("InsufficientStorage", "the store is full", "Make room there, and publish again: what is there is whole."),
)


def _may_pass(error: BaseException) -> bool:
    """Whether an error is of the kind that may be gone in a moment."""
    return isinstance(error, BaseError) and not isinstance(error, (*ABSENT, *FORBIDDEN, *CONFLICT))


def _short(said: str) -> str:
    return said.split("\n", 1)[0].removeprefix("Generic S3 error: ")[:300]


def _first(group: BaseExceptionGroup[Any]) -> BaseException:
    """The first thing that went wrong in a group, and groups in it."""
    error: BaseException = group
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error
