"""Fakes of the servers of caches, which record requests and answer as a test wants."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace

import httpx

from openknowledge.publish.cdn.client import ClientOptions

SITE = "https://openknowledge.example.edu"


def ignore_progress(name: str, done: int, total: int, size_b: int) -> None:
    """Show nothing."""


@dataclass
class Server:
    """Answers each request with the next of `answers`, then always with `usual`; or as `answering` does."""

    answers: Iterable[httpx.Response | Exception] = ()
    usual: Callable[[], httpx.Response] = lambda: httpx.Response(200, json={"success": True, "status": "ok"})
    answering: Callable[[httpx.Request], httpx.Response] | None = None
    asked: list[httpx.Request] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._answers = iter(self.answers)

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        if self.answering is not None:
            return self.answering(request)
        answer = next(self._answers, None)
        if isinstance(answer, Exception):
            raise answer
        return answer or self.usual()

    @property
    def urls(self) -> list[str]:
        return [str(request.url) for request in self.asked]

    def options_for(self, options: ClientOptions | None = None, **changes: object) -> ClientOptions:
        """Return options by which requests come here and are retried at once."""
        quick = replace(options or ClientOptions(), backoff_s=0.001, transport=httpx.MockTransport(self))
        return replace(quick, **changes)
