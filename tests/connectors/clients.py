"""Clients for servers on this machine: their clock stands still, and waiting moves it on at once."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

from openknowledge.connectors.http_client import Clock, PlatformClient, RequestBounds
from openknowledge.connectors.recording import RecordedPage, Recording

DAY = date(2026, 12, 1)


@dataclass
class FakeClock:
    """Remembers for how long it was asked to wait."""

    moment: datetime = datetime(2026, 12, 1, 4, 0, tzinfo=UTC)
    waits: list[float] = field(default_factory=list)

    def now(self) -> datetime:
        return self.moment

    def sleep(self, seconds: float) -> None:
        self.waits.append(seconds)
        self.moment += timedelta(seconds=seconds)

    def clock(self) -> Clock:
        return Clock(self.now, self.sleep)


@contextmanager
def a_client(url: str, clock: FakeClock | None = None, **options: Any) -> Iterator[PlatformClient]:
    """Open a client of the platform at `url` that never waits."""
    bounds = RequestBounds(**options.pop("bounds", {}))
    with PlatformClient(url, DAY, bounds=bounds, clock=(clock or FakeClock()).clock(), **options) as client:
        yield client


def is_page(body: Any) -> bool:
    return isinstance(body, dict) and isinstance(body.get("items"), list)


def fetch(client: PlatformClient, recording: Recording, key: str = "videos/0000", **options: Any) -> RecordedPage:
    """Ask for the page of a list whose pages have items."""
    page = client.fetch_page(recording, key, options.pop("path", "videos"), **{"is_valid": is_page, **options})
    assert page is not None
    return page


Talk = Callable[[socket.socket], None]


@contextmanager
def a_raw_server(*talks: Talk) -> Iterator[str]:
    """Yield the address of a server that has one `talk` for each connection, then the last one again."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.02)
        is_over = threading.Event()

        def serve() -> None:
            number = 0
            while not is_over.is_set():
                try:
                    connection, _ = server.accept()
                except TimeoutError:
                    continue
                with connection:
                    connection.settimeout(5)
                    try:
                        connection.recv(65536)
                        talks[min(number, len(talks) - 1)](connection)
                    except OSError:
                        pass
                number += 1

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.getsockname()[1]}/"
        finally:
            is_over.set()
            thread.join()


def says(text: str) -> Talk:
    """Answer with this text, whatever it is, and say that the connection is closed, as it is.

    Else the next request may be sent on a connection that closes while it is sent, which counts as one more try.
    """
    status, end_of_line, rest = text.partition("\r\n")
    closing = f"{end_of_line}Connection: close{end_of_line}" if end_of_line else ""
    return lambda connection: connection.sendall(f"{status}{closing}{rest}".encode())


def answers(body: str, declared: int | None = None) -> Talk:
    """Answer JSON; with more bytes declared than sent, the body is cut."""
    length = len(body) if declared is None else declared
    return says(f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\r\n{body}")


def resets(connection: socket.socket) -> None:
    """Reset the connection."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")


def drips(start: str) -> Talk:
    """Answer a byte at a time and never come to an end."""

    def talk(connection: socket.socket) -> None:
        connection.sendall(start.encode())
        for _ in range(1000):
            connection.sendall(b"x")
            time.sleep(0.01)

    return talk
