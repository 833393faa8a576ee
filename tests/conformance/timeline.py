"""Readers that judge each answer: it may be of a later version than before, never of an earlier version."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from http.client import HTTPException
from itertools import cycle

from tests.conformance.routed_place import is_of
from tests.publish.crawler import Public, Response

from openknowledge.publish.built_site import BuiltSite

__all__ = ["Follower", "Handed", "Timeline"]


@dataclass
class Timeline:
    """The versions of a prefix in the order in which publications began, and how far its readers have come.

    `reached` is the earliest version from which on all that was answered can have been given: an answer that fits none
    of the versions from there on takes somebody back, or is of none. It is kept for all readers of one router together.
    """

    sites: list[BuiltSite] = field(default_factory=list)
    reached: int = 0
    answered: int = 0
    outages: int = 0
    wrong: list[str] = field(default_factory=list)
    turn: threading.Lock = field(default_factory=threading.Lock)

    def judge(self, since: int, address: str, response: Response) -> None:
        """Look at an answer to a request that was sent when readers had come as far as `since`."""
        for number in range(since, len(self.sites)):
            if is_of(self.sites[number], address, response):
                with self.turn:
                    self.answered += 1
                    self.reached = max(self.reached, number)
                return
        with self.turn:
            text = f"{response.status} {response.headers.get('location', '')} {response.body[-20:]!r}"
            self.wrong.append(f"{address}: {text} after version {since} of {len(self.sites)}")


@dataclass
class Follower(Public):
    """A reader whose every answer is judged, by one timeline of several that readers of several routers have.

    Nothing is asked twice, but where `may_fail`: then an answer may be that the store is out of reach, or break off.
    """

    timeline: Timeline = field(default_factory=Timeline)
    may_fail: bool = False

    def get(self, path: str) -> Response:
        while True:
            since = self.timeline.reached
            response = self._tried(path)
            if response is not None:
                self.timeline.judge(since, path, response)
                return response
            self.timeline.outages += 1

    def _tried(self, path: str) -> Response | None:
        try:
            response = self._get(path)
        except (HTTPException, OSError):
            self.connection.close()
            if not self.may_fail:
                raise
            return None
        is_out = self.may_fail and response.status == 503 and response.headers.get("retry-after") == "5"
        return None if is_out else response


@dataclass
class Handed(Public):
    """A reader that asks another router with each request."""

    ports: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        routers = [Public(port, self.below, self.is_store, self.site_url) for port in self.ports]
        self.routers = cycle(routers)

    def get(self, path: str) -> Response:
        return next(self.routers)._get(path)
