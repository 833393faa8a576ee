"""Bounds the time of a whole answer, however slowly it drips: httpx bounds only how long each of its parts may take."""

import time
from contextlib import suppress
from typing import Any

import httpcore
import httpx

__all__ = ["DeadlineBackend"]

PULSE_S = 1.0
"""How long one wait is at most: an interrupt that comes just before a wait is seen when that ends."""


class DeadlineBackend(httpcore.SyncBackend):
    """Makes connections that nothing can be read from, and written to, when the time of a request is over."""

    def __init__(self, seconds: float) -> None:
        self._seconds, self._end = seconds, 0.0

    def take_over(self, client: httpx.Client) -> None:
        """Make the connections of a client, those through proxies too. httpx passes no backend to its pools."""
        for transport in (client._transport, *client._mounts.values()):
            if isinstance(transport, httpx.HTTPTransport):
                transport._pool._network_backend = self

    def begin(self) -> None:
        """Begin the time of a request."""
        self._end = time.monotonic() + self._seconds

    def shorten(self, timeout: float | None) -> float:
        """Return how long something may take at most. Raises httpcore's exception where no time is left."""
        left = self._end - time.monotonic()
        if left <= 0:
            raise httpcore.ReadTimeout
        return left if timeout is None else min(left, timeout)

    def connect_tcp(self, *arguments: Any, **options: Any) -> httpcore.NetworkStream:
        """Connect to a host."""
        return _Stream(super().connect_tcp(*arguments, **options), self)


class _Stream(httpcore.NetworkStream):
    """A connection that has a deadline."""

    def __init__(self, stream: httpcore.NetworkStream, deadline: DeadlineBackend) -> None:
        self._stream, self._deadline = stream, deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        end = time.monotonic() + self._deadline.shorten(timeout)
        while (left := end - time.monotonic()) > 0:
            with suppress(httpcore.ReadTimeout):
                return self._stream.read(max_bytes, min(left, PULSE_S))
        raise httpcore.ReadTimeout

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, self._deadline.shorten(timeout))

    def close(self) -> None:
        self._stream.close()

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)

    def start_tls(self, *arguments: Any, **options: Any) -> httpcore.NetworkStream:
        return _Stream(self._stream.start_tls(*arguments, **options), self._deadline)
