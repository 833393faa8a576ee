"""No cache in front that could be told: what readers get is as old as `Cache-Control` allows."""

from __future__ import annotations

from collections.abc import Sequence

from ..targets import Told

__all__ = ["Nothing"]


class Nothing:
    """Purges nothing, which is all that there is to purge."""

    def purge(self, addresses: Sequence[str], told: Told) -> None:
        pass

    def everything(self, told: Told) -> None:
        pass
