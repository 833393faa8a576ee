"""A page on a phone with a slow connection, as Chromium plays it: what it asks for, and when something is there."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import cache, partial, wraps
from http.server import SimpleHTTPRequestHandler
from pathlib import Path
from typing import NamedTuple, TypeVar

from playwright.sync_api import Browser, Page, ViewportSize
from playwright.sync_api import TimeoutError as BrowserTimeout

from openknowledge.engine.precompress import BEST, compress
from openknowledge.preview.file_server import run_server

T = TypeVar("T")
SCREEN: ViewportSize = {"width": 360, "height": 740}
SLOWER = 4
"""How many times slower the processor is."""
LATENCY_MS, BYTES_PER_S = 400, 400_000 // 8
TIMEOUT_MS, ATTEMPTS = 40_000, 3
"""How long a page may take, and how often it is asked for: on a busy machine a slowed browser may stand still."""
COMPRESSED = frozenset((".html", ".js", ".css", ".json", ".svg"))
WATCH = """selector => {
  window.shift = 0;
  const add = (list) => list.getEntries().forEach((one) => (window.shift += one.value));
  new PerformanceObserver(add).observe({ type: "layout-shift", buffered: true });
  const look = () => {
    if (document.querySelector(selector)) window.first = performance.now();
    else requestAnimationFrame(look);
  };
  look();
}"""


class Load(NamedTuple):
    """One file that a page asked for: seconds from the first request, and its bytes with headers."""

    url: str
    asked_s: float
    there_s: float
    size_b: int


class Visit(NamedTuple):
    """What it took until something was there: seconds, the files that were there by then, layout shift."""

    first_s: float
    loads: tuple[Load, ...]
    shift: float

    @property
    def size_b(self) -> int:
        return sum(load.size_b for load in self.loads)


class CompressedFiles(SimpleHTTPRequestHandler):
    """Serves a folder with Brotli, as the site's own servers do."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        """Answer with a file."""
        path = Path(self.translate_path(self.path))
        path = path / "index.html" if path.is_dir() else path
        if not path.is_file():
            self.send_error(404)
            return
        data = read_compressed(path)
        self.send_response(200)
        self.send_header("Content-Type", self.guess_type(path))
        self.send_header("Content-Length", str(len(data)))
        if path.suffix in COMPRESSED:
            self.send_header("Content-Encoding", "br")
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_: object) -> None:
        """Print nothing."""


@cache
def read_compressed(path: Path) -> bytes:
    """Return a file as it is sent; a run serves no file that changes."""
    data = path.read_bytes()
    return compress(data, "br", BEST) if path.suffix in COMPRESSED else data


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """Serve a folder as long as the block runs, and return its address."""
    read_compressed.cache_clear()
    with run_server(partial(CompressedFiles, directory=os.fspath(folder))) as address:
        yield address


def patient(measure: Callable[[Browser, str, str], T]) -> Callable[[Browser, str, str], T]:
    """Return a measurement that is tried again where the page does not come to its end."""

    @wraps(measure)
    def measure_patiently(browser: Browser, address: str, selector: str) -> T:
        for _ in range(ATTEMPTS - 1):
            with suppress(BrowserTimeout):
                return measure(browser, address, selector)
        return measure(browser, address, selector)

    return measure_patiently


@patient
def visit(browser: Browser, address: str, selector: str) -> Visit:
    """Open a page with nothing stored, and wait until there is an element."""
    with _opened(browser, selector) as page:
        session = page.context.new_cdp_session(page)
        session.send("Network.enable")
        session.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
        speed = {"downloadThroughput": BYTES_PER_S, "uploadThroughput": BYTES_PER_S}
        session.send("Network.emulateNetworkConditions", {"offline": False, "latency": LATENCY_MS, **speed})
        asked: dict[str, tuple[str, float]] = {}
        there: dict[str, tuple[float, int]] = {}
        session.on(
            "Network.requestWillBeSent",
            lambda event: asked.setdefault(event["requestId"], (event["request"]["url"], event["timestamp"])),
        )
        session.on(
            "Network.loadingFinished",
            lambda event: there.setdefault(event["requestId"], (event["timestamp"], event["encodedDataLength"])),
        )
        first_ms, shift = _wait(page, address)
    start = min(moment for _, moment in asked.values())
    loads = sorted(
        (
            Load(url, moment - start, there[name][0] - start, there[name][1])
            for name, (url, moment) in asked.items()
            if name in there
        ),
        key=lambda load: load.asked_s,
    )
    return Visit(first_ms / 1000, tuple(load for load in loads if load.there_s * 1000 <= first_ms), shift)


@patient
def longest_task_ms(browser: Browser, address: str, selector: str) -> float:
    """Return the processor time of the longest task of the page's main thread, as the slower processor takes it.

    It is the time that the thread itself ran, so other work of the machine counts little.
    """
    with tempfile.NamedTemporaryFile(suffix=".json") as file, _opened(browser, selector) as page:
        browser.start_tracing(page=page, path=file.name, categories=["toplevel", "devtools.timeline"])
        _wait(page, address)
        browser.stop_tracing()
        events = json.loads(Path(file.name).read_bytes())["traceEvents"]
    threads = {
        (event["pid"], event["tid"])
        for event in events
        if event["name"] == "thread_name" and event["args"]["name"] == "CrRendererMain"
    }
    tasks = (
        event.get("tdur", 0)
        for event in events
        if event["name"].endswith("RunTask") and (event["pid"], event["tid"]) in threads
    )
    return max(tasks) / 1000 * SLOWER


@contextmanager
def _opened(browser: Browser, selector: str) -> Iterator[Page]:
    context = browser.new_context(viewport=SCREEN)
    page = context.new_page()
    page.add_init_script(f"({WATCH})({json.dumps(selector)})")
    try:
        yield page
    finally:
        context.close()


def _wait(page: Page, address: str) -> tuple[float, float]:
    """Open a page; return the milliseconds until the element was there, and the layout shift."""
    page.goto(address, wait_until="commit")
    page.wait_for_function("window.first > 0", timeout=TIMEOUT_MS)
    page.wait_for_timeout(1000)
    first_ms, shift = page.evaluate("[window.first, window.shift]")
    return float(first_ms), float(shift)
