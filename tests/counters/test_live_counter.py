"""A number on a page refreshes itself, and does not change where that fails."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path

import pytest
from playwright.sync_api import ConsoleMessage
from tests.browser.conftest import Visit

from openknowledge.manifest import CacheClass
from openknowledge.media_types import guess_media_type
from openknowledge.preview.file_server import FileHandler, run_server
from openknowledge.serving.headers import CACHE_CONTROL

pytestmark = pytest.mark.browser

STATIC = Path(__file__).parents[2] / "theme/static"
FILES = {
    "/number.css": STATIC / "css/components/number.css",
    "/live-counter.js": STATIC / "js/elements/live-counter.js",
}
NAME = "counter:course/algebra"
PAGE = """<!doctype html><html lang="{lang}"><head><title>x</title>
<script>{script}</script>
<link rel="stylesheet" href="/number.css"><script type="module" src="/live-counter.js"></script></head>
<body><div class="enrolment">{counters}<p class="enrolment-date"><time class="number-day">1 dicembre 2025</time></p>
<time>2 marzo 2020</time></div></body></html>"""
COUNTER = """<live-counter data-src="{src}" data-name="counter:course/algebra" data-value="1234" data-as-of="2025-12-01"
data-may-fall="{may_fall}" data-sample="false"><button class="number-value">{built}</button>
<span class="number-label">iscrizioni</span>
<span class="number-mark number-stale">not recent</span></live-counter>"""
ENTRY = {
    "name": NAME,
    "value": 12431,
    "as_of": "2026-01-05",
    "sample": False,
    "stale": False,
    "may_fall": False,
    "text": {"it": "12.431", "en": "12,431"},
    "date": {"it": "5 gennaio 2026", "en": "January 5, 2026"},
}

PENDING = """window.pending = 0;
const send = window.fetch;
window.fetch = async (...request) => {
  pending += 1;
  try {
    const answer = await send(...request);
    await answer.clone().text();
    return answer;
  } finally {
    pending -= 1;
  }
};"""
"""Counts the requests that have no whole answer yet."""
SETTLE = """async () => {
  for (let quiet = 0; quiet < 4; quiet = pending ? 0 : quiet + 1) {
    await new Promise(requestAnimationFrame);
    await new Promise(requestIdleCallback);
    await new Promise(done => setTimeout(done));
  }
}"""
"""Waits until the page has been painted and idle a few times without a request: what it queued before has run."""

SHIFTS = """window.shifts = 0;
new PerformanceObserver(list => { for (const entry of list.getEntries()) window.shifts += entry.value; })
  .observe({ type: "layout-shift", buffered: true });"""
SAVE_DATA = "Object.defineProperty(navigator, 'connection', {value: {saveData: true}})"


class Shown:
    """A page with counters, and what it asked for."""

    def __init__(self) -> None:
        self.messages: list[str] = []
        self._html = ""
        self._answer: object = None

    def begin(self, visit: Visit) -> None:
        """Show pages in the window of a visit."""
        self.visit, self.page = visit, visit.shared()
        self.messages.clear()

    def open(
        self,
        answer: object = ENTRY,
        lang: str = "it",
        sources: Sequence[str] = ("/n.json",),
        may_fall: bool = False,
        style: str = "",
        built: str = "as built",
        script: str = "",
    ) -> str:
        """Return the text of the first counter when the page has asked for all that it will ask for."""
        counters = (COUNTER.format(src=src, built=built, may_fall=str(may_fall).lower()) for src in sources)
        self._html = PAGE.format(lang=lang, counters=style.join(counters), script=PENDING + script)
        self._answer = answer
        self.visit.asked.clear()
        self.visit("/")
        self.page.evaluate(SETTLE)
        return self.page.locator(".number-value").first.inner_text()

    def answer(self, path: str) -> tuple[int, str, bytes]:
        """Return the status, media type and body of what is asked for."""
        if path == "/":
            return 200, "text/html; charset=utf-8", self._html.encode()
        if file := FILES.get(path):
            return 200, guess_media_type(file.name), file.read_bytes()
        body = self._answer if isinstance(self._answer, str) else json.dumps(self._answer)
        return 500 if self._answer == "broken" else 200, "application/json", body.encode()

    @property
    def asked(self) -> list[str]:
        """Return what the page asked for besides its own parts; the whole address on another site."""
        paths = (url.removeprefix(self.visit.address) for url in self.visit.asked)
        return [path for path in paths if path not in ("/", *FILES)]

    def check_messages(self) -> None:
        """Fail where the page complained of anything but an answer that is an error."""
        assert [message for message in self.messages if "500" not in message] == []
        self.visit.heard[:] = [line for line in self.visit.heard if "500" not in line]

    @property
    def day(self) -> str:
        """Return the day beside the number."""
        return self.page.locator(".enrolment-date time").inner_text()


class CounterHandler(FileHandler):
    """Answers for a page with counters; browsers load its script and style once."""

    protocol_version = "HTTP/1.1"

    def __init__(self, *connection: object, shown: Shown) -> None:
        self._shown = shown
        super().__init__(*connection, root=STATIC)

    def do_GET(self) -> None:
        """Answer a request."""
        status, media_type, body = self._shown.answer(self.path)
        self.send_body(status, body, media_type)

    def send_header(self, keyword: str, value: str) -> None:
        if keyword == "Cache-Control" and self.path in FILES:
            value = CACHE_CONTROL[CacheClass.IMMUTABLE]
        super().send_header(keyword, value)


@pytest.fixture(scope="module")
def served() -> Iterator[tuple[Shown, str]]:
    shown = Shown()
    with run_server(partial(CounterHandler, shown=shown)) as address:
        yield shown, address


@pytest.fixture
def shown(visitor: Visit, served: tuple[Shown, str]) -> Iterator[Shown]:
    shown, address = served
    with visitor.quietly(address) as visit:
        shown.begin(visit)

        def hear(message: ConsoleMessage) -> None:
            shown.messages.append(message.text)

        shown.page.on("console", hear)
        yield shown
        shown.page.remove_listener("console", hear)
        shown.check_messages()


def test_a_newer_number_is_shown_in_the_language_of_the_page_with_its_own_day(shown: Shown) -> None:
    assert (shown.open(), shown.day) == ("12.431", "5 gennaio 2026")
    assert shown.page.locator(".enrolment-date time").get_attribute("datetime") == "2026-01-05"
    assert shown.page.locator("time").last.inner_text() == "2 marzo 2020"
    assert shown.page.locator(".number-stale").count() == 0
    assert (shown.open(lang="en"), shown.day) == ("12,431", "January 5, 2026")


def test_nothing_moves_where_a_number_has_as_many_digits(shown: Shown) -> None:
    label = shown.page.locator(".number-label")
    places = []
    for digits in ("11.111", "88.888"):
        entry = {**ENTRY, "value": 88888, "text": {"it": digits}}
        assert shown.open(entry, built="74.047", script=SHIFTS) == digits
        places.append(label.bounding_box())

    assert places[0] == places[1]
    assert shown.page.evaluate("window.shifts") == 0


def test_a_number_that_is_still_old_keeps_its_mark(shown: Shown) -> None:
    assert shown.open({**ENTRY, "stale": True}) == "12.431"
    assert shown.page.locator(".number-stale").count() == 1


def test_the_same_number_on_a_later_day_brings_that_day(shown: Shown) -> None:
    shown.open({**ENTRY, "value": 1234, "text": {"it": "1.234"}})

    assert shown.day == "5 gennaio 2026"


def test_a_number_is_read_from_the_document_of_a_group(shown: Shown) -> None:
    assert shown.open({"numbers": {"other": {}, NAME: ENTRY}}) == "12.431"


@pytest.mark.parametrize(
    "answer",
    [
        {**ENTRY, "as_of": "2025-11-30"},
        {**ENTRY, "as_of": "2025-12"},
        {**ENTRY, "as_of": None},
        {**ENTRY, "value": 1233},
        {**ENTRY, "value": 1233, "as_of": "2025-12-01"},
        {**ENTRY, "value": 1, "may_fall": True},
        {**ENTRY, "sample": True},
        {**ENTRY, "text": {"fr": "12 431"}},
        {**ENTRY, "text": None},
        {**ENTRY, "value": None},
        {**ENTRY, "value": -1},
        {**ENTRY, "value": "12431"},
        {**ENTRY, "name": "counter:course/other"},
        {"numbers": {}},
        [],
        None,
        "<html>not found</html>",
        "broken",
    ],
)
def test_a_lower_older_other_or_unusable_number_changes_nothing(shown: Shown, answer: object) -> None:
    assert (shown.open(answer), shown.day) == ("as built", "1 dicembre 2025")
    assert shown.asked == ["/n.json"]
    assert shown.page.locator(".number-stale").count() == 1


def test_a_number_that_may_fall_becomes_lower_and_never_older(shown: Shown) -> None:
    lower = {**ENTRY, "value": 1200, "text": {"it": "1.200"}, "may_fall": True}

    assert shown.open(lower, may_fall=True) == "1.200"
    assert shown.open({**lower, "as_of": "2025-11-30"}, may_fall=True) == "as built"


def test_a_document_is_asked_for_once_a_page(shown: Shown) -> None:
    shown.open(sources=("/n.json", "/n.json", "/other.json", "/n.json"))

    assert sorted(shown.asked) == ["/n.json", "/other.json"]
    assert shown.page.locator(".number-value").all_inner_texts() == ["12.431"] * 4


def test_a_page_with_very_many_numbers_asks_for_a_few_documents(shown: Shown) -> None:
    shown.open(sources=[f"/{number}.json" for number in range(9)])

    assert len(set(shown.asked)) == len(shown.asked) == 6


def test_a_number_is_asked_for_when_it_is_in_sight(shown: Shown) -> None:
    shown.open(sources=("/n.json", "/below.json"), style='<p style="height: 300vh"></p>')
    assert shown.asked == ["/n.json"]

    shown.page.locator("live-counter").last.scroll_into_view_if_needed()
    shown.page.evaluate(SETTLE)

    assert shown.asked == ["/n.json", "/below.json"]


def test_readers_who_save_data_keep_the_number_of_the_page(shown: Shown) -> None:
    assert shown.open(script=SAVE_DATA) == "as built"
    assert shown.asked == []


@pytest.mark.parametrize("source", ["https://elsewhere.example/n.json", "//elsewhere.example/n.json", ""])
def test_another_site_is_never_asked(shown: Shown, source: str) -> None:
    assert shown.open(sources=(source,)) == "as built"
    assert shown.asked == []


def test_no_request_is_sent_while_the_reader_is_offline(shown: Shown) -> None:
    shown.open(sources=("", "/below.json"), style='<p style="height: 300vh"></p>')
    shown.page.context.set_offline(True)
    try:
        shown.page.locator("live-counter").last.scroll_into_view_if_needed()
        shown.page.evaluate(SETTLE)

        assert shown.page.locator(".number-value").all_inner_texts() == ["as built", "as built"]
        assert shown.asked == []
    finally:
        shown.page.context.set_offline(False)
