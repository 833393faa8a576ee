"""A proxy that counts a publisher's requests and, on demand, fails them as networks and stores do."""

from __future__ import annotations

import asyncio
import queue
import random
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial

__all__ = ["KINDS", "Asked", "Choice", "FaultyProxy", "at", "cut_off_from", "faulty", "never", "now_and_then"]

KINDS = ("drop", "half", "lose", "late", "slow", "truncate", "500", "503", "403", "done-500")
"""What may become of a request.

It is dropped before anything of it is passed on, or half of it is; it is carried out, but its answer is lost, comes too
late for who waits, is slow, or is cut off; it is answered without being passed on; it is carried out and answered with
a failure. There is also `hold`: it is carried out, and its answer is held back until `go_on` is set.
"""
REPLIES = {
    "500": (500, "Internal Server Error", "InternalError"),
    "503": (503, "Service Unavailable", "SlowDown"),
    "403": (403, "Forbidden", "AccessDenied"),
    "done-500": (500, "Internal Server Error", "InternalError"),
}
CUT_OFF = "cut-off"
SLOW_S = 0.15
ENDS = b"\r\n\r\n"


@dataclass(frozen=True, slots=True)
class Asked:
    """A request as the proxy saw it, counted from 1, and what became of it; `sent_b` is what came with it."""

    number: int
    method: str
    target: str
    sent_b: int
    fault: str = ""


Stop = Callable[[], object]
Choice = Callable[[int, str, str], str]
"""The fault for a request: its number, method and target; empty for none."""


def never(number: int, method: str, target: str) -> str:
    """Let every request pass."""
    return ""


def at(wanted: int, kind: str) -> Choice:
    """Return a choice that gives a fault to a single request."""
    return lambda number, method, target: kind if number == wanted else ""


def cut_off_from(first: int, *, is_carried_out: bool = False) -> Choice:
    """Return a choice that cuts off all requests from a number on; the first of them may be carried out."""

    def choose(number: int, method: str, target: str) -> str:
        if number == first and is_carried_out:
            return "lose"
        return CUT_OFF if number >= first else ""

    return choose


def now_and_then(seed: int, share: float, kinds: tuple[str, ...] = KINDS) -> Choice:
    """Return a choice that gives faults of all kinds to a share of all requests, the same for a seed."""
    chance = random.Random(seed)

    def choose(number: int, method: str, target: str) -> str:
        return chance.choice(kinds) if chance.random() < share else ""

    return choose


@dataclass
class FaultyProxy:
    """A proxy to a port; bytes pass as they are, so that signatures stay right. Clients do not wait for `late_s`.

    `received_b` is what the server has answered, heads included.
    """

    upstream: int
    late_s: float = 1.5
    choice: Choice = never
    asked: list[Asked] = field(default_factory=list)
    received_b: int = 0
    port: int = 0
    clients: int = 0
    """The connections of which requests may still be passed on, also of a client that was killed."""

    def __post_init__(self) -> None:
        self.begin(self.choice)

    def begin(self, choice: Choice = never) -> None:
        """Count from one again, with other faults."""
        self.choice, self.asked, self.received_b = choice, [], 0
        self.is_holding, self.go_on = threading.Event(), threading.Event()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def serve(self, started: Callable[[Stop], None]) -> None:
        """Serve until the function is called that `started` is told."""
        ended, loop = asyncio.Event(), asyncio.get_running_loop()
        server = await asyncio.start_server(self._client, "127.0.0.1", 0, limit=1 << 20)
        self.port = server.sockets[0].getsockname()[1]
        started(partial(loop.call_soon_threadsafe, ended.set))
        await ended.wait()
        server.close()

    async def _client(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        behind: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None
        self.clients += 1
        try:
            while True:
                head = await reader.readuntil(ENDS)
                body = await reader.readexactly(_length(head))
                method, target = head.split(b" ", 2)[:2]
                asked = self._count(method.decode(), target.decode(), len(head) + len(body))
                if behind is None or behind[1].is_closing() or behind[0].at_eof():
                    behind = await asyncio.open_connection("127.0.0.1", self.upstream, limit=1 << 20)
                if not await self._pass(asked, head + body, behind, writer):
                    return
        except (OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, asyncio.CancelledError):
            return
        finally:
            self.clients -= 1
            for one in (writer, behind[1] if behind else None):
                if one is not None:
                    with suppress(OSError):
                        one.close()

    def _count(self, method: str, target: str, sent_b: int) -> Asked:
        number = len(self.asked) + 1
        asked = Asked(number, method, target, sent_b, self.choice(number, method, target))
        self.asked.append(asked)
        return asked

    async def _pass(
        self,
        asked: Asked,
        request: bytes,
        behind: tuple[asyncio.StreamReader, asyncio.StreamWriter],
        writer: asyncio.StreamWriter,
    ) -> bool:
        """Do with a request what its fault says; whether the connection goes on."""
        fault = asked.fault
        if fault in ("drop", CUT_OFF):
            return False
        if fault in ("500", "503", "403"):
            writer.write(_reply(fault, asked.method))
            await writer.drain()
            return True
        if fault == "half":
            behind[1].write(request[: len(request) // 2])
            await behind[1].drain()
            return False
        if fault == "slow":
            await asyncio.sleep(SLOW_S)
        behind[1].write(request)
        await behind[1].drain()
        answer = await _answer(behind[0], asked.method)
        self.received_b += len(answer)
        if fault == "late":
            await asyncio.sleep(self.late_s)
        if fault == "hold":
            self.is_holding.set()
            await asyncio.to_thread(self.go_on.wait, 60)
        if fault in ("lose", "late"):
            return False
        if fault == "truncate":
            writer.write(answer[: max(1, len(answer) * 2 // 3)])
            await writer.drain()
            return False
        writer.write(_reply(fault, asked.method) if fault == "done-500" else answer)
        await writer.drain()
        return True


def _reply(fault: str, method: str) -> bytes:
    """Return an answer as S3 gives it."""
    status, words, code = REPLIES[fault]
    body = f'<?xml version="1.0"?><Error><Code>{code}</Code><Message>{words}</Message></Error>'.encode()
    head = f"HTTP/1.1 {status} {words}\r\nContent-Type: application/xml\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + (b"" if method == "HEAD" else body)


def _length(head: bytes) -> int:
    for line in head.split(b"\r\n"):
        name, _, value = line.partition(b":")
        if name.strip().lower() == b"content-length":
            return int(value)
    return 0


async def _answer(reader: asyncio.StreamReader, method: str) -> bytes:
    """A whole answer as it stands on the wire."""
    head = await reader.readuntil(ENDS)
    status = int(head.split(b" ", 2)[1])
    if status == 100:
        return await _answer(reader, method)
    if method == "HEAD" or status in (204, 304):
        return head
    if b"transfer-encoding: chunked" in head.lower():
        return head + await _chunks(reader)
    return head + await reader.readexactly(_length(head))


async def _chunks(reader: asyncio.StreamReader) -> bytes:
    found = b""
    while True:
        line = await reader.readuntil(b"\r\n")
        size = int(line.split(b";")[0], 16)
        found += line + await reader.readexactly(size + 2)
        if size == 0:
            return found


@contextmanager
def faulty(upstream: int, late_s: float = 1.5) -> Iterator[FaultyProxy]:
    """Run a proxy in a thread of its own."""
    proxy, started = FaultyProxy(upstream, late_s), queue.SimpleQueue[Stop]()
    thread = threading.Thread(target=lambda: asyncio.run(proxy.serve(started.put)), daemon=True)
    thread.start()
    stop = started.get(timeout=60)
    try:
        yield proxy
    finally:
        stop()
        thread.join(10)
