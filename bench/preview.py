"""How long a saved word takes to reach the reader of a page that is served."""

from __future__ import annotations

import http.client
import time
from collections.abc import Callable
from pathlib import Path

from bench.command import BuildFailed, Command

START_TIMEOUT_S = 600.0
CHANGE_TIMEOUT_S = 600.0
ASK_EVERY_S = 0.01
REST_S = 2.0
"""How long a server is left alone before each edit."""

Answer = Callable[[], bytes]


def change_seconds(server: Command, port: int, page: str, edits: list[Callable[[], str]]) -> list[float]:
    """For each edit the seconds from saving it until `page` has the word that it returns.

    The server starts once; an edit saves a file. Raises `BuildFailed` where the server ends, says
    nothing in time or never shows the word.
    """
    with server.started() as process:

        def ask() -> bytes:
            if process.poll() is not None:
                raise BuildFailed(f"the server ended with {process.returncode}: {server.said()}")
            return body_of(port, page)

        until(ask, lambda body: bool(body), START_TIMEOUT_S, f"{page} was not served")
        return [_change(ask, edit) for edit in edits]


def _change(ask: Answer, edit: Callable[[], str]) -> float:
    time.sleep(REST_S)
    began = time.perf_counter()
    word = edit().encode()
    until(ask, lambda body: word in body, CHANGE_TIMEOUT_S, "the page never had the new word")
    return time.perf_counter() - began


def until(ask: Answer, is_right: Callable[[bytes], bool], timeout_s: float, otherwise: str) -> None:
    """Ask again and again until the answer is right."""
    deadline = time.perf_counter() + timeout_s
    while not is_right(ask()):
        if time.perf_counter() > deadline:
            raise BuildFailed(f"{otherwise} within {timeout_s:.0f} s")
        time.sleep(ASK_EVERY_S)


def body_of(port: int, page: str) -> bytes:
    """The page as a plain client gets it; nothing where there is no such page, or no server yet."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    try:
        connection.request("GET", page)
        response = connection.getresponse()
        body = response.read()
        return body if response.status == 200 else b""
    except (OSError, http.client.HTTPException):
        return b""
    finally:
        connection.close()


def change_a_word(path: Path, word: str) -> None:
    """Put `word` in the place of the first word of a file's text."""
    head, mark, body = path.read_text("utf-8").partition("\n---\n")
    path.write_text(f"{head}{mark}{word} {body.partition(' ')[2]}", "utf-8")
