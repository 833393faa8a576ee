"""One server for all of these tests, and a way to visit a page that hears its complaints."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    Request,
    Response,
    ViewportSize,
    expect,
)
from tests.browser.pages import DESKTOP, STRICT_HEADERS, Scheme

from openknowledge.manifest import CacheClass
from openknowledge.preview.file_server import FileHandler, run_server
from openknowledge.serving.headers import CACHE_CONTROL, CachePatterns

PATIENCE_MS = 60_000
"""How long a page may take on a busy machine; a test that passes never waits so long."""
expect.set_options(timeout=PATIENCE_MS)
PATTERNS, LASTING = CachePatterns(), CACHE_CONTROL[CacheClass.IMMUTABLE]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    folder = str(Path(__file__).parent)
    for item in items:
        if str(item.path).startswith(f"{folder}/"):
            item.add_marker("browser")


class StrictHandler(FileHandler):
    """Serves every file with the strict headers, as the site's own server does.

    Connections last, and so do files whose names change with their bytes: a browser that loads styles, scripts and
    fonts for each page anew works a third longer.
    """

    protocol_version = "HTTP/1.1"
    strict_headers = STRICT_HEADERS

    def send_header(self, keyword: str, value: str) -> None:
        if keyword == "Cache-Control" and PATTERNS.classify(self.path.lstrip("/")) is CacheClass.IMMUTABLE:
            value = LASTING
        super().send_header(keyword, value)

    def end_headers(self) -> None:
        for name, value in self.strict_headers:
            self.send_header(name, value)
        super().end_headers()


class Visit:
    """Opens pages, and collects their complaints in `heard` and their requests in `asked`.

    Opening a window costs more than a page does, so pages that leave nothing behind share one.
    """

    def __init__(self, browser: Browser, address: str = "", **options: Any) -> None:
        """Visit what is served at an address, in windows with these options of a browser context."""
        self.address = address
        self._options = options
        self.heard: list[str] = []
        self.asked: list[str] = []
        self._browser = browser
        self._shared: dict[bool, Page] = {}
        self._sizes: dict[Page, ViewportSize] = {}
        self._schemes: dict[Page, Scheme] = {}
        self._own: list[BrowserContext] = []
        self._stores = False

    @contextmanager
    def quietly(self, address: str) -> Iterator[Visit]:
        """Visit what is served at an address, where no page may complain of anything."""
        if address != self.address:
            # What a page of another address still asks for would be heard as a request to another site.
            for page in self._shared.values():
                page.goto("about:blank")
            self.address = address
        self.forget()
        yield self
        heard = list(self.heard)
        self.forget()
        assert heard == []

    def __call__(
        self, path: str, *, viewport: ViewportSize = DESKTOP, script: bool = True, scheme: Scheme = "light"
    ) -> Page:
        """Load the page at `path` in a shared window; for tests that store nothing."""
        page = self.shared(viewport=viewport, script=script, scheme=scheme)
        page.goto(self.address + path, wait_until="load")
        return page

    def shared(self, *, viewport: ViewportSize = DESKTOP, script: bool = True, scheme: Scheme = "light") -> Page:
        """Return a shared window as the page before has left it."""
        if script not in self._shared:
            self._shared[script] = self._page(self._browser.new_context(java_script_enabled=script, **self._options))
        page = self._shared[script]
        self.look(page, viewport, scheme)
        return page

    def look(self, page: Page, viewport: ViewportSize, scheme: Scheme) -> None:
        """Change what differs in the window of a page that is open."""
        self.resize(page, viewport)
        if self._schemes.get(page) != scheme:
            page.emulate_media(media="screen", color_scheme=scheme, reduced_motion="null", forced_colors="null")
            self._schemes[page] = scheme

    def resize(self, page: Page, viewport: ViewportSize) -> None:
        if self._sizes.get(page) != viewport:
            page.set_viewport_size(viewport)
            self._sizes[page] = viewport

    def emulate(self, page: Page, **media: Any) -> None:
        """Show a page that is open in other media, as on paper; the next look is that of a plain screen again."""
        page.emulate_media(**media)
        self._schemes.pop(page, None)

    def storing(self, path: str, **look: Any) -> Page:
        """Load the page at `path` in a shared window, where nothing is stored yet; forget what it will store."""
        self._stores = True
        return self(path, **look)

    def alone(self, path: str, *, viewport: ViewportSize = DESKTOP, **options: Any) -> Page:
        """Load the page at `path` in a window of its own, where nothing is stored yet."""
        page = self.window(viewport=viewport, **options)
        page.goto(self.address + path, wait_until="load")
        return page

    def window(self, **options: Any) -> Page:
        """Open an empty page in a window of its own; options are those of a browser context."""
        context = self._browser.new_context(**{**self._options, **options})
        self._own.append(context)
        return self._page(context)

    def forget(self) -> None:
        """Close the windows that are not shared, let the server answer in the others, and drop all complaints."""
        while self._own:
            self._own.pop().close()
        if self._stores:
            self._shared[True].evaluate("localStorage.clear(), sessionStorage.clear()")
            self._stores = False
        for page in self._shared.values():
            page.unroute_all()
        self.heard.clear()
        self.asked.clear()

    def _page(self, context: BrowserContext) -> Page:
        context.set_default_timeout(PATIENCE_MS)
        page = context.new_page()
        page.on("console", self._console)
        page.on("pageerror", lambda error: self.heard.append(f"error: {error}"))
        page.on("request", self._request)
        page.on("requestfailed", self._failed)
        page.on("response", self._response)
        return page

    def _console(self, message: ConsoleMessage) -> None:
        # Without script nothing uses what is fetched ahead for it, and the browser says so some seconds later.
        is_unused = "preloaded using link preload but not used" in message.text and message.page is self._shared.get(
            False
        )
        if message.type in ("error", "warning") and not is_unused:
            self.heard.append(f"{message.type}: {message.text}")

    def _request(self, request: Request) -> None:
        self.asked.append(request.url)
        if not request.url.startswith((self.address, "data:")):
            self.heard.append(f"asks another site: {request.url}")

    def _failed(self, request: Request) -> None:
        # What is still on its way when a page is left is aborted, and no fault.
        if request.failure != "net::ERR_ABORTED":
            self.heard.append(f"failed: {request.url} {request.failure}")

    def _response(self, response: Response) -> None:
        if response.status >= 400:
            self.heard.append(f"{response.status}: {response.url}")


@pytest.fixture(scope="session")
def real_address(real_site: Path) -> Iterator[str]:
    with run_server(partial(StrictHandler, root=real_site)) as address:
        yield address


@pytest.fixture
def visit(visitor: Visit, real_address: str) -> Iterator[Visit]:
    """Visit the real site."""
    with visitor.quietly(real_address) as visit:
        yield visit
