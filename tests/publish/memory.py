"""An object store in memory, whose clock stands still until it is told, and which may fail at a chosen request."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from openknowledge.publish.errors import PublishFailed, make_problem
from openknowledge.publish.targets.object_client import PreconditionFailed, RetryPolicy, StoredObject

__all__ = ["Bucket", "BucketObject", "MemoryObjects"]


@dataclass(frozen=True, slots=True)
class BucketObject:
    """An object as it lies in the bucket."""

    data: bytes
    headers: tuple[tuple[str, str], ...]
    version: str
    time_s: float


@dataclass
class Bucket:
    """What is stored, and the store's clock. `asked` are all requests: a verb and a key."""

    objects: dict[str, BucketObject] = field(default_factory=dict)
    now_s: float = 1_790_000_000.0
    writes: int = 0
    asked: list[tuple[str, str]] = field(default_factory=list)

    def put(self, key: str, data: bytes, headers: Mapping[str, str]) -> str:
        self.writes += 1
        self.objects[key] = BucketObject(data, tuple(sorted(headers.items())), str(self.writes), self.now_s)
        return self.objects[key].version

    @property
    def site(self) -> dict[str, bytes]:
        """What readers can get."""
        return {key: retained.data for key, retained in self.objects.items() if not key.startswith("_openknowledge/")}


class MemoryObjects:
    """What `Objects` is for a real store.

    At request number `fails_at` it fails, after that request was carried out if `is_carried_out`; from then on all
    fail if `is_cut_off`. `happens` is called before each request with its number.
    """

    where = "memory"

    def __init__(
        self,
        bucket: Bucket,
        *,
        policy: RetryPolicy | None = None,
        fails_at: int = 0,
        is_carried_out: bool = False,
        is_cut_off: bool = True,
        happens: Callable[[int], None] = lambda number: None,
        guard: Callable[[], None] = lambda: None,
    ) -> None:
        self.bucket, self.policy = bucket, policy or RetryPolicy(parallel=4)
        self.fails_at, self.is_carried_out, self.is_cut_off = fails_at, is_carried_out, is_cut_off
        self.happens, self.guard = happens, guard
        self.count = [0]

    def with_guard(self, guard: Callable[[], None]) -> MemoryObjects:
        other = MemoryObjects(self.bucket)
        other.__dict__.update({**self.__dict__, "guard": guard})
        return other

    def with_few_retries(self) -> MemoryObjects:
        return self

    def _ask(self, verb: str, key: str, do: Callable[[], Any]) -> Any:
        self.guard()
        self.count[0] += 1
        self.happens(self.count[0])
        self.bucket.asked.append((verb, key))
        is_hit = self.fails_at and (
            self.count[0] == self.fails_at or (self.is_cut_off and self.count[0] > self.fails_at)
        )
        if is_hit and not (self.is_carried_out and self.count[0] == self.fails_at):
            raise PublishFailed([make_problem("memory", "cut off", "")])
        found = do()
        if is_hit:
            raise PublishFailed([make_problem("memory", "cut off, but it was done", "")])
        return found

    def get(self, key: str) -> StoredObject | None:
        retained = self._ask("get", key, lambda: self.bucket.objects.get(key))
        return StoredObject(retained.data, retained.version, retained.time_s) if retained else None

    def time_s(self, key: str) -> float:
        retained = self._ask("head", key, lambda: self.bucket.objects.get(key))
        return retained.time_s if retained else 0.0

    def put(self, key: str, data: bytes, attributes: Mapping[str, str]) -> None:
        self._ask("put", key, lambda: self.bucket.put(key, data, attributes))

    def replace(self, key: str, data: bytes, version: str | None, attributes: Mapping[str, str]) -> str:
        def written() -> str:
            there = self.bucket.objects.get(key)
            if (there.version if there else None) != version:
                raise PreconditionFailed(StoredObject(there.data, there.version, there.time_s) if there else None)
            return self.bucket.put(key, data, attributes)

        return str(self._ask("put", key, written))

    def any_key(self, but: str) -> str | None:
        found = self._ask("list", "", lambda: sorted(self.bucket.objects))
        return next((key for key in found if not key.startswith(f"{but}/")), None)

    def delete(self, keys: Sequence[str]) -> None:
        for key in keys:
            self._ask("delete", key, lambda key=key: self.bucket.objects.pop(key, None))

    def for_each(self, things: Iterable[Any], do: Callable[[Any], Awaitable[None]]) -> None:
        async def all_of_them() -> None:
            for thing in things:
                await do(thing)

        asyncio.run(all_of_them())

    async def send(self, key: str, data: bytes, attributes: Mapping[str, str]) -> None:
        self.put(key, data, attributes)

    async def read(self, key: str) -> bytes | None:
        retained = self.get(key)
        return retained.data if retained else None

    async def exists(self, key: str) -> bool:
        return bool(self._ask("head", key, lambda: key in self.bucket.objects))

    async def copy(self, source: str, target: str) -> bool:
        def copied() -> bool:
            there = self.bucket.objects.get(source)
            if there is not None:
                self.bucket.put(target, there.data, dict(there.headers))
            return there is not None

        return bool(self._ask("copy", target, copied))
