"""How a store is asked: how patiently, how much at once, and for how long a lock holds."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

__all__ = ["RetryPolicy"]


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """How patient requests are, how many travel at once, and how long a lock holds that nobody renews.

    A request is tried so many times, and no more after `patience_s`, with growing pauses of up to `pause_s`. The lease
    is by the store's clock.
    """

    parallel: int = 48
    timeout_s: float = 30.0
    attempts: int = 12
    patience_s: float = 120.0
    pause_s: float = 5.0
    lease_s: float = 120.0

    @property
    def safe_lease_s(self) -> float:
        """For how long a publication that does not hear from its lock goes on.

        A request that begins before has ended, one way or the other, before somebody else may take over.
        """
        return max(self.lease_s - 1.5 * self.timeout_s, self.lease_s / 4)

    @property
    def client(self) -> dict[str, Any]:
        return {"timeout": timedelta(seconds=self.timeout_s), "connect_timeout": timedelta(seconds=self.timeout_s / 3)}

    @property
    def retries(self) -> dict[str, Any]:
        """The client library tries nothing again by itself: it would not look at the lock in between."""
        return {"max_retries": 0, "retry_timeout": timedelta(seconds=self.timeout_s)}
