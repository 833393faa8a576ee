"""Files of the content cannot act as the site in Chromium, as each ready configuration serves them."""

from __future__ import annotations

import io
import wave
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from obstore.store import MemoryStore
from PIL import Image
from playwright.sync_api import Browser, Error, Page, Route
from tests.conformance.origins import Store
from tests.conformance.servers import running
from tests.conformance.test_router import StoreHandler
from tests.conftest import CLOSED
from tests.publish.builders import a_site
from tests.publish.built import released
from tests.publish.stores import TUNING, a_run
from tests.servers.programs import debian_program, free_ports, until
from tests.servers.router import running_router
from tests.servers.varnish import started

from openknowledge.browser.chromium import FLAGS
from openknowledge.preview.file_server import run_server
from openknowledge.publish.built_site import BuiltSite
from openknowledge.publish.pipeline import publish
from openknowledge.publish.targets.content_addressed import ContentAddressedTarget, dump_response_policy
from openknowledge.publish.targets.object_client import ObjectClient
from openknowledge.publish.targets.object_store import StorageOptions
from openknowledge.serving.headers import HeaderPolicy, response_headers, site_headers
from openknowledge.serving.servers import ServerConfig, VarnishConfig, render_vcl

pytestmark = [pytest.mark.conformance, pytest.mark.browser]

HOST = "127.0.0.1"
SITE = f"http://{HOST}"
POLICY = HeaderPolicy(site_url=SITE)
XHTML, SVG = "http://www.w3.org/1999/xhtml", "http://www.w3.org/2000/svg"
SCRIPT = "document.documentElement.id = 'ran'; localStorage.ran = 1; fetch('/reached.json')"
ATTACKS = {
    "media/page.html": f"""<!doctype html><title>.</title><script>{SCRIPT}</script><script src="/media/a.js"></script>
<link rel="stylesheet" href="/reached.css"><iframe src="/reached/"></iframe><object data="/reached.svg"></object>
<form action="/reached/"><input autofocus onfocus="{SCRIPT}"></form>""",
    "media/index.html": f"<!doctype html><title>.</title><script>{SCRIPT}</script>",
    "media/drawing.svg": f'<svg xmlns="{SVG}" onload="{SCRIPT}"><script href="/media/a.js"/></svg>',
    "media/text.xml": f'<html xmlns="{XHTML}"><script>{SCRIPT}</script></html>',
    "media/text.rss": f'<html xmlns="{XHTML}"><script>{SCRIPT}</script></html>',
}
DISPOSITION, SECURITY = "content-disposition", "content-security-policy"
ODD = (
    *("//media/page.html", "/media//page.html", "/x/..%2fmedia/page.html", "/%6dedia/page.html", "/media/%70age.html"),
    *("/./media/page.html", "/x/../media/page.html", "/x/%2e%2e/media/page.html", "/media/page.html?x.pdf", "/media/"),
    *("/media/page.html/x.pdf", "/media/page.html%00.pdf", "/media/page.html;x.pdf", "/media/page.html%3fx.pdf"),
)
"""Addresses by which a server may find the page below /media/ though they are written in another way."""
PDF = b"""%PDF-1.4
1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj
2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj
3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 600 600]/Contents 4 0 R>>endobj
4 0 obj<</Length 26>>stream
1 0 0 rg 0 0 600 600 re f
endstream endobj
trailer<</Root 1 0 R>>
"""
"""A page that is all red."""


def a_picture() -> bytes:
    with io.BytesIO() as held:
        Image.new("RGB", (40, 30), "green").save(held, "PNG")
        return held.getvalue()


def a_sound() -> bytes:
    with io.BytesIO() as held:
        with wave.open(held, "wb") as sound:
            sound.setparams((1, 1, 8_000, 0, "NONE", ""))
            sound.writeframes(bytes([128]) * 800)
        return held.getvalue()


FILES: dict[str, str | bytes] = {
    "index.html": "<!doctype html><title>.</title><img src=/media/picture.png><img src=/media/picture.svg>",
    "404.html": "<!doctype html><title>nothing here</title>",
    "media/a.js": SCRIPT,
    "media/picture.png": a_picture(),
    "media/picture.svg": f'<svg xmlns="{SVG}" width="50" height="20"><rect style="fill: red" width="9"/></svg>',
    "media/sound.wav": a_sound(),
    "media/paper.pdf": PDF,
    "media/nothing": "what type this is, nothing says",
    **ATTACKS,
}


@dataclass(frozen=True)
class Served:
    """The site as one of the configurations serves it."""

    address: str
    browser: Browser

    def ask(self, target: str) -> tuple[int, dict[str, str]]:
        """Return the status and the headers of an answer to a target as it is."""
        connection = HTTPConnection(urlsplit(self.address).netloc, timeout=60)
        connection.putrequest("GET", target)
        connection.endheaders()
        answer = connection.getresponse()
        answer.read()
        connection.close()
        return answer.status, {name.lower(): value for name, value in answer.getheaders()}

    def open_attacks(self, *without: str) -> dict[str, Counter[str]]:
        """Open each attack without some of its headers; return what ran, reached or was downloaded, and what is left.

        What attacks left in the site's own storage is under the address of its home page.
        """

        def answer(route: Route) -> None:
            response = route.fetch()
            headers = {name: value for name, value in response.headers.items() if name not in without}
            route.fulfill(response=response, headers=headers)

        with self.browser.new_context() as context:
            context.route("**/media/**", answer)
            found = {path: self._open(context.new_page(), path) for path in ATTACKS}
            page = context.new_page()
            page.goto(f"{self.address}/")
            return {**found, "": Counter(["left"] if page.evaluate("localStorage.ran") else [])}

    def _open(self, page: Page, path: str) -> Counter[str]:
        found: Counter[str] = Counter()
        page.on("response", lambda response: found.update(["reached"] if "/reached" in response.url else []))
        try:
            page.goto(f"{self.address}/{path}", wait_until="load")
            found.update(["ran"] if page.evaluate("document.documentElement?.id") == "ran" else [])
        except Error as error:
            assert "Download is starting" in str(error)
            found.update(["downloaded"])
        return found


@pytest.fixture(scope="module")
def whole_browser(browser: Browser) -> Iterator[Browser]:
    """Start Chromium with its viewer of PDFs, which the shell without windows has not."""
    program, flags = debian_program("chromium", "chromium"), [*FLAGS, CLOSED, "--headless=new"]
    with browser.browser_type.launch(executable_path=program, args=flags, ignore_default_args=["--headless"]) as whole:
        yield whole


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> BuiltSite:
    return a_site(tmp_path_factory.mktemp("site") / "output", FILES, site_url=SITE)


def by_web_server(kind: str, site: BuiltSite, folder: Path, stack: ExitStack) -> str:
    port, plain_port = free_ports(2)
    released(site.output, folder / "published", (), SITE)
    place = ServerConfig(policy=POLICY, root=str(folder / "published"), port=port, http_port=plain_port)
    return stack.enter_context(running(kind, place, folder / "server")).address


def by_router(_kind: str, site: BuiltSite, folder: Path, stack: ExitStack) -> str:
    store, storage = MemoryStore(), StorageOptions(lambda _entry: {}, "1")
    answers = dump_response_policy(POLICY, "", "gzip")
    target = ContentAddressedTarget(ObjectClient(store, "memory", TUNING), SITE, storage, False, answers)
    with ThreadPoolExecutor(1) as aside:
        # Playwright's event loop runs in this thread.
        aside.submit(lambda: publish(a_run(target, folder), site, target.read_state())).result()
    origin = stack.enter_context(run_server(partial(StoreHandler, store=store, troubles={}, released=None)))
    return f"{SITE}:{stack.enter_context(running_router(origin, 60_000))}"


def by_varnish(_kind: str, _site: BuiltSite, folder: Path, stack: ExitStack) -> str:
    store = Store(POLICY)
    store.put(FILES)
    front = VarnishConfig(policy=POLICY, host=HOST, port=stack.enter_context(store.served()), root=store.root)
    return f"{SITE}:{stack.enter_context(started(render_vcl(front), folder))}"


KINDS = {"nginx": by_web_server, "caddy": by_web_server, "router": by_router, "varnish": by_varnish}


@pytest.fixture(scope="module", params=KINDS)
def served(
    request: pytest.FixtureRequest, site: BuiltSite, browser: Browser, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Served]:
    with ExitStack() as stack:
        start = KINDS[request.param]
        yield Served(start(request.param, site, tmp_path_factory.mktemp(request.param), stack), browser)


@pytest.mark.parametrize("served", ["nginx"], indirect=True)
def test_the_attacks_would_run_were_it_not_for_the_headers(served: Served) -> None:
    found = served.open_attacks(DISPOSITION, SECURITY)

    assert [path for path in ATTACKS if not found[path]["ran"]] == []
    assert found[""]["left"]
    assert found["media/page.html"]["reached"] >= 3


def test_a_file_that_could_run_is_downloaded_and_not_opened(served: Served) -> None:
    assert served.open_attacks() == {**{path: {"downloaded": 1} for path in ATTACKS}, "": {}}


def test_a_file_that_is_opened_all_the_same_runs_and_reaches_nothing(served: Served) -> None:
    assert served.open_attacks(DISPOSITION) == {path: {} for path in (*ATTACKS, "")}


def test_no_way_of_writing_an_address_leads_around_the_headers(served: Served) -> None:
    answers = {target: served.ask(target) for target in ODD}
    is_held = {
        target: "sandbox" in sent[SECURITY] and sent[DISPOSITION] == "attachment"
        for target, (status, sent) in answers.items()
        if status == 200
    }

    assert is_held and all(is_held.values()), is_held


def test_what_is_missing_is_told_by_a_page_of_the_site(served: Served) -> None:
    status, sent = served.ask("/media/gone.svg")

    assert status == 404
    assert sent[SECURITY] == dict(site_headers(POLICY))["Content-Security-Policy"]
    assert DISPOSITION not in sent


def test_every_file_has_the_headers_of_its_type(served: Served, site: BuiltSite) -> None:
    for entry in site.manifest.entries:
        wanted = {name.lower(): value for name, value in response_headers(entry, POLICY)}
        status, sent = served.ask(entry.url_path)
        found = [sent.get(name) for name in (SECURITY, DISPOSITION)]
        # Varnish takes a name without a dot for a folder, which is not there.
        assert found == [wanted.get(name) for name in (SECURITY, DISPOSITION)] or status == 404, entry.path


def test_pictures_are_shown_in_pages_and_by_themselves_and_sounds_are_heard(served: Served) -> None:
    with served.browser.new_context() as context:
        page = context.new_page()
        page.goto(f"{served.address}/")
        widths_px = page.evaluate("[...document.images].map(image => image.naturalWidth)")
        page.goto(f"{served.address}/media/picture.png")
        alone_px = page.evaluate("document.images[0].naturalWidth")
        page.goto(f"{served.address}/media/sound.wav")
        page.wait_for_function("document.querySelector('video').readyState === 4")

    assert (widths_px, alone_px) == ([40, 50], 40)


def test_a_pdf_is_shown_by_the_viewer_of_the_browser(served: Served, whole_browser: Browser) -> None:
    def is_red() -> bool:
        shown = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
        return sum(count for count, colour in shown.getcolors(1 << 24) or () if colour == (255, 0, 0)) > 10_000

    page = whole_browser.new_page(viewport={"width": 700, "height": 700})
    page.goto(f"{served.address}/media/paper.pdf")
    until(is_red, "the viewer", None)
    page.close()
