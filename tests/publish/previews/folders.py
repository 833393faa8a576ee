"""An object store in memory of which a place is a folder, as previews have it: another one may lie around it."""

from __future__ import annotations

from typing import Any

from obstore.store import MemoryStore
from tests.publish.builders import SITE
from tests.publish.stores import TUNING

from openknowledge.publish.targets.object_client import Found, Objects
from openknowledge.publish.targets.object_store import ObjectTarget, Storing

__all__ = ["FolderOfObjects", "a_target"]


class FolderOfObjects(Objects):
    """Every key stands behind a prefix."""

    def __init__(self, store: MemoryStore, prefix: str) -> None:
        super().__init__(store, f"memory/{prefix}".rstrip("/"), TUNING)
        self.prefix = f"{prefix}/" if prefix else ""

    def _got(self, key: str) -> Found:
        return super()._got(f"{self.prefix}{key}")

    def time_s(self, key: str) -> float:
        return super().time_s(f"{self.prefix}{key}")

    def put(self, key: str, data: bytes, attributes: Any) -> None:
        super().put(f"{self.prefix}{key}", data, attributes)

    def replace(self, key: str, data: bytes, version: str | None, attributes: Any) -> str:
        self.prefix, prefix = "", self.prefix
        try:
            return super().replace(f"{prefix}{key}", data, version, attributes)
        finally:
            self.prefix = prefix

    def _first_key(self, after: str | None) -> str | None:
        return min((key for key in self.every_key() if after is None or key > after), default=None)

    def every_key(self) -> tuple[str, ...]:
        keys = super().every_key()
        return tuple(key.removeprefix(self.prefix) for key in keys if key.startswith(self.prefix))

    def delete(self, keys: Any) -> None:
        super().delete([f"{self.prefix}{key}" for key in keys])

    async def send(self, key: str, data: bytes, attributes: Any) -> None:
        await super().send(f"{self.prefix}{key}", data, attributes)

    async def body(self, key: str) -> bytes:
        return await super().body(f"{self.prefix}{key}")

    async def is_there(self, key: str) -> bool:
        return await super().is_there(f"{self.prefix}{key}")

    async def copy(self, source: str, target: str) -> bool:
        return await super().copy(f"{self.prefix}{source}", f"{self.prefix}{target}")


def a_target(store: MemoryStore, prefix: str = "", site_url: str = SITE) -> ObjectTarget:
    storing = Storing(lambda _entry: {}, "1", grace_s=0, kept_releases=1 if prefix else 10)
    return ObjectTarget(FolderOfObjects(store, prefix), site_url, storing)
