"""How long a saved word takes to reach the reader of a page that is served."""

from __future__ import annotations

import http.client
import time
from collections.abc import Callable
from pathlib import Path

from bench.command import BuildFailed, Command

START_TIMEOUT_S = 600.0
CHANGE_TIMEOUT_S = 600.0
POLL_INTERVAL_S = 0.01
REST_S = 2.0
"""How long a server is left alone before each edit."""

Edit = Callable[[], str]
"""Saves a file and returns a word that the page has from then on."""
Fetch = Callable[[], bytes]


def measure_changes(server: Command, port: int, page: str, edits: list[Edit]) -> list[float]:
    """Return for each edit the seconds from saving it until `page` has the word that it returns.

    The server starts once. Raises `BuildFailed` if the server ends, does not answer in time or never serves the word.
    """
    with server.running() as process:

        def fetch() -> bytes:
            if process.poll() is not None:
                raise BuildFailed(f"the server ended with {process.returncode}: {server.last_lines()}")
            return fetch_body(port, page)

        wait_until(fetch, bool, START_TIMEOUT_S, f"{page} was not served")
        return [_measure_change(fetch, edit) for edit in edits]


def _measure_change(fetch: Fetch, edit: Edit) -> float:
    time.sleep(REST_S)
    start = time.perf_counter()
    word = edit().encode()
    wait_until(fetch, lambda body: word in body, CHANGE_TIMEOUT_S, "the page never had the new word")
    return time.perf_counter() - start


def wait_until(fetch: Fetch, is_right: Callable[[bytes], bool], timeout_s: float, failure: str) -> None:
    """Fetch again and again until the body is right; raises `BuildFailed` after the timeout."""
    deadline = time.perf_counter() + timeout_s
    while not is_right(fetch()):
        if time.perf_counter() > deadline:
            raise BuildFailed(f"{failure} within {timeout_s:.0f} s")
        time.sleep(POLL_INTERVAL_S)


def fetch_body(port: int, page: str) -> bytes:
    """Return the page as a plain client gets it; nothing where there is no such page, or no server yet."""
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
    """Replace the first word of a file's text."""
    text = path.read_text("utf-8")
    mark = "\n---\n" if text.startswith("---\n") else "\n\n"
    head, mark, body = text.partition(mark)
    path.write_text(f"{head}{mark}{word} {body.partition(' ')[2]}", "utf-8")
