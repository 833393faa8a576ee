"""No cache in front that could be told: what readers get is as old as `Cache-Control` allows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ..targets import ProgressCallback

__all__ = ["NoCdn"]


@dataclass(frozen=True, slots=True)
class NoCdn:
    """Purges nothing, which is all that there is to purge."""

    def purge(self, addresses: Sequence[str], progress: ProgressCallback) -> None:
        """Nothing to do."""

    def purge_all(self, progress: ProgressCallback) -> None:
        """Nothing to do."""
