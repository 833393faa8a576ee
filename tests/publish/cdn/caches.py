"""Stand-ins for caches' servers: they write down what they were asked, and answer as they are told."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace

import httpx

from openknowledge.publish.cdn.client import ClientOptions

SITE = "https://openknowledge.example.edu"


def nobody(name: str, done: int, total: int, size_b: int) -> None:
    """Is told, and says nothing."""


@dataclass
class Server:
    """Answers each request with the next of `answers`, and then always with `usual`; or as `answering` says."""

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

    def calling(self, calling: ClientOptions | None = None, **changes: object) -> ClientOptions:
        """Calls that come here, quickly."""
        quick = replace(calling or ClientOptions(), backoff_s=0.001, transport=httpx.MockTransport(self))
        return replace(quick, **changes)
