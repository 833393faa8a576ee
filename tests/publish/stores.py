"""Object stores in memory for tests: whole ones, and such that stop answering at some request."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import obstore
from obstore.store import MemoryStore
from tests.publish.builders import SITE

from openknowledge.publish.errors import PublishFailed, make_problem
from openknowledge.publish.pipeline import Publication
from openknowledge.publish.targets.content_addressed import ContentAddressedTarget, dump_response_policy
from openknowledge.publish.targets.object_client import ObjectClient, RetryPolicy, StoredObject
from openknowledge.publish.targets.object_store import StorageOptions
from openknowledge.serving.headers import HeaderPolicy

TUNING = RetryPolicy(parallel=4, attempts=1)


class CutOff(ObjectClient):
    """A store that answers `left` more requests that write, and none after them."""

    def __init__(self, store: MemoryStore, left: int) -> None:
        super().__init__(store, "memory", TUNING)
        self.left = [left]

    def _count(self) -> None:
        if self.left[0] <= 0:
            raise PublishFailed([make_problem("memory", "cut off", "Try again.")])
        self.left[0] -= 1

    def put(self, key: str, data: bytes, attributes: Any) -> None:
        self._count()
        super().put(key, data, attributes)

    def replace(self, key: str, data: bytes, version: str | None, attributes: Any) -> str:
        self._count()
        return super().replace(key, data, version, attributes)

    def delete(self, keys: Any) -> None:
        self._count()
        super().delete(keys)

    async def send(self, key: str, data: bytes, attributes: Any) -> None:
        self._count()
        await super().send(key, data, attributes)

    async def copy(self, source: str, target: str) -> bool:
        self._count()
        return await super().copy(source, target)


class Unreachable:
    """No cache has to be told."""

    def purge(self, addresses: Any, progress: Any) -> None:
        pass


def a_routed_target(
    store: MemoryStore, left: int | None = None, releases: int = 10, grace_s: int = 0, **policy: Any
) -> ContentAddressedTarget:
    objects = ObjectClient(store, "memory", TUNING) if left is None else CutOff(store, left)
    storage = StorageOptions(lambda _entry: {}, "1", grace_s=grace_s, releases=releases)
    return ContentAddressedTarget(
        objects, SITE, storage, False, dump_response_policy(HeaderPolicy(site_url=SITE, **policy), "", "gzip")
    )


def a_run(target: Any, project: Path, reader: Callable[..., Any] | None = None) -> Publication:
    return Publication(target, Unreachable(), reader or (lambda *_: (0, ())), "somebody", project, lambda *_: None)


def keys(store: MemoryStore) -> set[str]:
    return {one["path"] for page in obstore.list(store) for one in page}


def found(store: MemoryStore, key: str) -> StoredObject | None:
    return ObjectClient(store, "memory", TUNING).get(key)
