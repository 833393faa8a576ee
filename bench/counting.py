"""A proxy that counts what a client of a server asks: how many requests of which kind, how many bytes either way."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

__all__ = ["Traffic", "counted"]

HOST = "127.0.0.1"
END_OF_HEAD = b"\r\n\r\n"
CHUNK_B = 1 << 16


@dataclass
class Traffic:
    """What has passed so far: requests by method, bytes from the client, bytes to it; heads count as well."""

    requests: Counter[str] = field(default_factory=Counter)
    sent_b: int = 0
    received_b: int = 0

    def clear(self) -> None:
        self.requests.clear()
        self.sent_b = self.received_b = 0

    @property
    def count(self) -> int:
        return sum(self.requests.values())


@contextlib.contextmanager
def counted(port: int) -> Iterator[tuple[str, Traffic]]:
    """The address of a proxy for the server at a port of this machine, and what passes through it."""
    traffic, loop, ready = Traffic(), asyncio.new_event_loop(), threading.Event()
    address: list[str] = []

    async def serve() -> None:
        async def passed(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await _pass(reader, writer, port, traffic)

        server = await asyncio.start_server(passed, HOST, 0)
        address.append(f"http://{HOST}:{server.sockets[0].getsockname()[1]}")
        ready.set()

    loop.create_task(serve())
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    ready.wait()
    try:
        yield address[0], traffic
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()


async def _pass(client: asyncio.StreamReader, back: asyncio.StreamWriter, port: int, traffic: Traffic) -> None:
    server, on = await asyncio.open_connection(HOST, port)

    async def answers() -> None:
        while data := await server.read(CHUNK_B):
            traffic.received_b += len(data)
            back.write(data)
            await back.drain()

    returning = asyncio.create_task(answers())
    with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
        while True:
            head = await client.readuntil(END_OF_HEAD)
            body = await client.readexactly(_length(head))
            traffic.requests[head.split(b" ", 1)[0].decode("ascii")] += 1
            traffic.sent_b += len(head) + len(body)
            on.write(head + body)
            await on.drain()
    returning.cancel()
    for one in (on, back):
        one.close()


def _length(head: bytes) -> int:
    """The length of a request's body, which S3's clients always say."""
    for line in head.split(b"\r\n"):
        name, _, value = line.partition(b":")
        if name.strip().lower() == b"content-length":
            return int(value)
    return 0
