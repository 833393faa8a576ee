"""Fakes of the servers of caches, which record requests and answer as a test wants."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace

import httpx

from openknowledge.publish.cdn import Cdn, make_cdn

SITE = "https://openknowledge.example.edu"
SECRETS = {"PUBLISH_CDN_TOKEN": "secret", "PUBLISH_CDN_ACCESS_KEY": "AKID", "PUBLISH_CDN_SECRET_KEY": "secret"}
DEFAULTS = {"cloudflare": {"zone": "z0"}, "cloudfront": {"distribution": "E1"}, "varnish": {"servers": ["http://one"]}}
SETTINGS = ("servers", "zone", "most", "service", "distribution")


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

    def cache(self, kind: str, *, site_url: str = SITE, token: str = "", **changes: object) -> Cdn:
        """Return a cache of a kind whose requests come here, one after the other, and are retried at once."""
        setting = {name: value for name, value in changes.items() if name in SETTINGS}
        secrets = {**SECRETS, "PUBLISH_CDN_SESSION_TOKEN": token}
        options = {"kind": kind, **DEFAULTS.get(kind, {}), **setting}
        others = {name: value for name, value in changes.items() if name not in SETTINGS}
        quick = replace(make_cdn(options, site_url, secrets), parallel=1, backoff_s=0.001)
        return replace(quick, transport=httpx.MockTransport(self), **others)  # type: ignore[arg-type]
