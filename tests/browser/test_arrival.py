"""A page that arrives in pieces, as on a slow line, is painted on the way, and nothing that is seen moves."""

from __future__ import annotations

import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
from playwright.sync_api import Browser
from tests.browser.conftest import StrictHandler, Visit
from tests.browser.pages import DESKTOP, OF_TEMPLATE, PHONE
from tests.chance import Chance

from openknowledge.preview.file_server import run_server

PIECE_BYTES = 210
PIECES = 60
"""The first view of a page is in these; the rest comes at once."""
PAUSE_S = 0.02
SHIFTS = """() => new Promise(done => {
  const moved = ({ sources }) => sources.map(({ node }) => (node?.outerHTML ?? node?.data ?? "").slice(0, 100));
  new PerformanceObserver(list => done(list.getEntries().map(moved))).observe({ type: "layout-shift", buffered: true });
  setTimeout(() => done([]), 50);
})"""


class SlowLine(StrictHandler):
    """Sends pages in pieces, of which the first ends somewhere behind `first_end` bytes of the body."""

    def __init__(self, *connection: object, root: Path, first_end: int) -> None:
        self._first_end = first_end
        super().__init__(*connection, root=root)

    def send_body(self, status: int, body: bytes, media_type: str, location: str = "") -> None:
        """Send a whole response, a page in pieces."""
        if not media_type.startswith("text/html"):
            super().send_body(status, body, media_type, location)
            return
        self.send_response(status)
        self.send_header("Content-Type", media_type)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        begin = body.index(b"<body>") + self._first_end
        ends = [begin + at * PIECE_BYTES for at in range(PIECES)]
        for start, end in zip([0, *ends], [*ends, len(body)], strict=True):
            self.wfile.write(body[start:end])
            time.sleep(PAUSE_S if end < len(body) else 0)


@pytest.fixture
def slow_visit(browser: Browser, real_site: Path, chance: Chance) -> Iterator[Visit]:
    """Visit the real site by a slow line, cut at places that differ from run to run."""
    handler = partial(SlowLine, root=real_site, first_end=chance.randrange(PIECE_BYTES))
    with run_server(handler) as address:
        visit = Visit(browser, address)
        yield visit
        visit.forget()


def test_nothing_moves_while_a_page_arrives_in_pieces(slow_visit: Visit, chance: Chance) -> None:
    samples = OF_TEMPLATE if chance.is_thorough else chance.sample(OF_TEMPLATE, 2)

    moved = {}
    for sample in samples:
        page = slow_visit.alone(chance.choice(sample[2:]), viewport=chance.choice((PHONE, DESKTOP)))
        moved[sample.name] = page.evaluate(SHIFTS)
        slow_visit.forget()

    assert {name: nodes for name, nodes in moved.items() if nodes} == {}
