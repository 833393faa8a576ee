"""What readers come for, from the home page to the end: with and without script, on phones, and by keyboard alone."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from urllib.parse import urljoin
from urllib.request import urlopen

import feedparser
import pytest
from playwright.sync_api import Browser, Locator, Page, expect
from tests.browser.conftest import PATIENCE_MS, StrictHandler
from tests.browser.pages import DESKTOP, PHONE
from tests.site.whole import ROOT, output_of, read_dump, start_build

from openknowledge.connectors import command
from openknowledge.preview.file_server import run_server

pytestmark = [pytest.mark.conformance, pytest.mark.browser]

TALK, SPOKEN = "TYKVesaT27E", "Il primo test apre il browser e preme il pulsante rosso."
CAPTIONS = f"""WEBVTT

00:00:03.000 --> 00:00:06.000
Buongiorno a tutti.

00:01:05.000 --> 00:01:09.000
{SPOKEN}
"""
TITLE = "Scrivere i primi test frontend con python? Si Può!"


def some_videos(shared: Path, folder: Path) -> Path:
    """Write the answers of the platform about the channel's talks on Python, a tenth of them, without playlists."""
    folder.mkdir()
    dump = read_dump(shared)
    videos = [item for name, item in dump.videos.items() if "ython" in dump.title(name) and name[0] in "QRSTU"]
    for name, items in {"videos": videos, "playlists": [], "playlistItems": []}.items():
        answer = {"items": items, "pageInfo": {"totalResults": len(items), "resultsPerPage": 50}}
        (folder / f"{name}.json").write_text(json.dumps([answer]), "utf-8")
    return folder


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, shared_data: Path) -> Path:
    folder = tmp_path_factory.mktemp("journeys")
    content = folder / "content"
    shutil.copytree(ROOT / "content", content)
    dump = some_videos(shared_data, folder / "dump")
    assert command.main(["--youtube-dump", str(dump), "--content", str(content)]) == 0
    captions = content / f"videos/captions/{TALK}.it.vtt"
    captions.parent.mkdir(exist_ok=True)
    captions.write_text(CAPTIONS, "utf-8")
    output_of(start_build(content, folder / "output"))
    return folder / "output"


@pytest.fixture(scope="module")
def address(site: Path) -> Iterator[str]:
    with run_server(partial(StrictHandler, root=site)) as address:
        yield address


@dataclass(frozen=True)
class Sort:
    """A sort of reader."""

    is_phone: bool = False
    has_script: bool = True
    has_mouse: bool = True


SORTS = {
    "desktop": Sort(),
    "phone": Sort(is_phone=True),
    "keyboard": Sort(has_mouse=False),
    "desktop without script": Sort(has_script=False),
    "phone without script": Sort(is_phone=True, has_script=False),
}


class Reader:
    """Follows links as a reader of its sort does: what it cannot see or reach it cannot follow."""

    def __init__(self, page: Page, address: str, sort: Sort) -> None:
        self.page, self.address, self.sort = page, address, sort
        page.goto(address + "/", wait_until="load")

    def follow(self, link: Locator) -> None:
        """Go where a link leads."""
        target = link.first
        expect(target).to_be_visible()
        if self.sort.has_mouse:
            target.click()
        else:
            self._tab_to(target)
            self.page.keyboard.press("Enter")
        self.page.wait_for_load_state("load")

    def follow_named(self, name: str) -> None:
        self.follow(self.page.get_by_role("link", name=re.compile(name)))

    def search(self, words: str) -> None:
        """Look for words from the field of the home page."""
        field = self.page.locator("main input[name=q]")
        if self.sort.has_mouse:
            field.click()
        else:
            self._tab_to(field)
        self.page.keyboard.type(words)
        self.page.keyboard.press("Enter")
        expect(self.page.locator(".finder-results > li").first).to_be_visible()

    def found(self, title: str) -> Locator:
        """Return the link of a result."""
        return self.page.locator(".finder-results").get_by_role("link", name=title)

    def _tab_to(self, target: Locator) -> None:
        for _ in range(400):
            if target.evaluate("one => one === document.activeElement"):
                return
            self.page.keyboard.press("Tab")
        pytest.fail("The Tab key does not reach it.")

    def open_filters(self) -> None:
        """Open what folds the filters away on a phone, where it does."""
        folded = self.page.locator("main details:not([open]) > summary", has_text="Filtri")
        if folded.count() and folded.first.is_visible():
            folded.first.click()

    def from_a_to_z(self, title: str) -> None:
        """Find a title in the index of everything, to which the page of search leads."""
        self.follow(self.page.get_by_role("banner").get_by_role("link", name="Cerca"))
        main = self.page.locator("main")
        self.follow(main.get_by_role("link", name=re.compile(rf"^{title[0]}\b")))
        while not main.get_by_role("link", name=title).count():
            self.follow(main.get_by_role("link", name=re.compile("successiv|più avanti", re.IGNORECASE)))
        self.follow(main.get_by_role("link", name=title))


@pytest.fixture(params=SORTS)
def reader(request: pytest.FixtureRequest, browser: Browser, address: str) -> Iterator[Reader]:
    sort = SORTS[request.param]
    viewport = PHONE if sort.is_phone else DESKTOP
    with browser.new_context(viewport=viewport, java_script_enabled=sort.has_script, locale="it-IT") as context:
        context.set_default_timeout(PATIENCE_MS)
        context.route(lambda url: not url.startswith(address), lambda route: route.abort())
        yield Reader(context.new_page(), address, sort)


def heading(reader: Reader) -> Locator:
    return reader.page.locator("h1")


def test_a_maths_course_is_found_and_leads_to_the_portal(reader: Reader) -> None:
    if reader.sort.has_script:
        reader.search("matematica")
        reader.follow(reader.found("Pre-Calculus"))
    else:
        reader.follow_named("^Corsi$")
        reader.open_filters()
        reader.follow(reader.page.locator("main").get_by_role("link", name=re.compile("^Matematica")))
        reader.follow(reader.page.locator("main").get_by_role("link", name=re.compile("Pre-Calculus")))

    expect(heading(reader)).to_contain_text("Pre-Calculus")
    action = reader.page.locator(".state-link")
    expect(action).to_have_count(1)
    expect(action).to_be_in_viewport() if not reader.sort.is_phone else expect(action).to_be_visible()
    assert str(action.get_attribute("href")).startswith("https://www.pok.polimi.it/")


def test_a_talk_in_italian_about_testing_with_python_is_found(reader: Reader) -> None:
    if reader.sort.has_script:
        reader.search("test python")
        reader.follow(reader.found(TITLE))
    else:
        reader.from_a_to_z(TITLE)

    expect(heading(reader)).to_have_text(TITLE)
    expect(reader.page.locator("main")).to_contain_text("Italiano")


def test_a_sentence_that_is_said_is_found_where_it_is_said(reader: Reader) -> None:
    if reader.sort.has_script:
        reader.search("pulsante rosso")
        reader.follow(reader.found(TITLE))
        expect(reader.page).to_have_url(re.compile(r"[?&]t=65\b"))
    else:
        reader.from_a_to_z(TITLE)

    expect(reader.page.get_by_text(SPOKEN)).to_be_visible()


def test_the_feed_of_the_press_has_the_newest_release(reader: Reader) -> None:
    reader.follow_named("^Stampa$")
    feed = reader.page.locator("main").get_by_role("link", name=re.compile("^Feed"))
    expect(feed).to_be_visible()

    with urlopen(urljoin(reader.page.url, str(feed.get_attribute("href")))) as answer:
        entries = feedparser.parse(answer.read()).entries
    assert [entry.title for entry in entries][:1] == ["Centomila persone sui MOOC del Politecnico"]


def test_what_moncler_gave_is_read_with_its_source(reader: Reader) -> None:
    if reader.sort.has_script:
        reader.search("Moncler")
        reader.follow(reader.found("Dispositivi e competenze per le scuole di Milano"))
    else:
        reader.follow_named("^Programmi$")
        reader.follow_named("Dispositivi e competenze per le scuole di Milano")

    expect(reader.page.locator("main")).to_contain_text(re.compile(r"Moncler ha donato\s+circa 3\.600"))
    expect(reader.page.locator("main")).to_contain_text("Politecnico di Milano: The effort")


def test_the_closing_article_is_one_step_from_the_learning_hub(reader: Reader) -> None:
    reader.follow(reader.page.get_by_role("banner").get_by_role("link", name="KeepONLearning"))
    reader.follow(reader.page.locator("main").get_by_role("link", name="KeepONLearning, quattro mesi dopo"))

    expect(heading(reader)).to_have_text("KeepONLearning, quattro mesi dopo")
