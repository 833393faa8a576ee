"""An object store in memory of which a target uses a folder, as previews do, inside of another target."""

from __future__ import annotations

from typing import Any

from obstore.store import MemoryStore
from tests.publish.builders import SITE
from tests.publish.stores import TUNING

from openknowledge.publish.targets.object_client import ObjectClient, StoredObject
from openknowledge.publish.targets.object_store import ObjectStoreTarget, StorageOptions

__all__ = ["FolderOfObjects", "a_target"]


class FolderOfObjects(ObjectClient):
    """Every key has a prefix."""

    def __init__(self, store: MemoryStore, prefix: str) -> None:
        super().__init__(store, f"memory/{prefix}".rstrip("/"), TUNING)
        self.prefix = f"{prefix}/" if prefix else ""

    def _get_once(self, key: str) -> StoredObject:
        return super()._get_once(f"{self.prefix}{key}")

    def put(self, key: str, data: bytes, attributes: Any) -> None:
        super().put(f"{self.prefix}{key}", data, attributes)

    def time_s(self, key: str) -> float:
        return super().time_s(f"{self.prefix}{key}")

    def replace(self, key: str, data: bytes, version: str | None, attributes: Any) -> str:
        self.prefix, prefix = "", self.prefix
        try:
            return super().replace(f"{prefix}{key}", data, version, attributes)
        finally:
            self.prefix = prefix

    def any_key(self, but: str) -> str | None:
        return min((key for key in self.list_keys() if not key.startswith(f"{but}/")), default=None)

    def list_keys(self) -> tuple[str, ...]:
        keys = super().list_keys()
        return tuple(key.removeprefix(self.prefix) for key in keys if key.startswith(self.prefix))

    def delete(self, keys: Any) -> None:
        super().delete([f"{self.prefix}{key}" for key in keys])

    async def send(self, key: str, data: bytes, attributes: Any) -> None:
        await super().send(f"{self.prefix}{key}", data, attributes)

    async def read(self, key: str) -> bytes | None:
        return await super().read(f"{self.prefix}{key}")

    async def exists(self, key: str) -> bool:
        return await super().exists(f"{self.prefix}{key}")

    async def copy(self, source: str, target: str) -> bool:
        return await super().copy(f"{self.prefix}{source}", f"{self.prefix}{target}")


def a_target(store: MemoryStore, prefix: str = "", site_url: str = SITE) -> ObjectStoreTarget:
    storage = StorageOptions(lambda _entry: {}, "1", grace_s=0, releases=1 if prefix else 10)
    return ObjectStoreTarget(FolderOfObjects(store, prefix), site_url, storage)
