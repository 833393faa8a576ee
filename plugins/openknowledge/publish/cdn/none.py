"""No cache in front that could be told: what readers get is as old as `Cache-Control` allows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ..targets import ProgressCallback

__all__ = ["Nothing"]


@dataclass(frozen=True, slots=True)
class Nothing:
    """Purges nothing, which is all that there is to purge."""

    def purge(self, addresses: Sequence[str], progress: ProgressCallback) -> None:
        """Nothing to do."""

    def everything(self, progress: ProgressCallback) -> None:
        """Nothing to do."""
