"""The search finds as one types, says what it found, and can be shared; without script it says so and leads on."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, Route, expect
from tests.browser.conftest import Visit
from tests.browser.pages import BY_NAME, PHONE
from tests.browser.test_accessibility import some_looks, violations_of_looks
from tests.builders import a_course, a_site, assembled
from tests.chance import Chance
from tests.search.indexes import written
from tests.site.small import FILES

from openknowledge.engine.precompress import FAST, compress
from openknowledge.model.course import CourseWords, Topic
from openknowledge.model.values import Html, Words
from openknowledge.search.words import STOP_WORDS, find_words, key_finder

SEARCH = BY_NAME["search"]
INDEX = "**/data/search/it/*.json"
NASTY = '<img src=x onerror="alert(1)"> Limiti & </template><script>alert(2)</script>'
ROOT = Path(__file__).parents[2]


def field(page: Page):
    return page.locator("site-search .search-field")


def status(page: Page):
    return page.locator(".finder-status")


def results(page: Page):
    return page.locator(".finder-results > li")


def an_index(*titles: str, synonyms: str = "", **texts: str) -> dict[str, bytes]:
    """Return the index of a site with a course of each title, and one of each title and text."""
    bodies = {**dict.fromkeys(titles, ""), **{title.replace("_", " "): text for title, text in texts.items()}}
    courses = [
        a_course(f"c{place}", words={"it": CourseWords(title=title, body=Html(f"<p>{text}</p>"))})
        for place, (title, text) in enumerate(bodies.items())
    ]
    return written(a_site(*courses), synonyms)


def answering(page: Page, files: dict[str, bytes]) -> None:
    """Have the page get this index."""

    def answer(route: Route) -> None:
        path = route.request.url.partition("/data/")[2]
        route.fulfill(body=files[f"data/{path}"], content_type="application/json")

    page.route(INDEX, answer)


def titles(page: Page, query: str) -> list[str]:
    """Search, and return the titles of the results."""
    field(page).fill(query)
    page.keyboard.press("Enter")
    shown = " ".join(query.split())
    expect(page).to_have_title(re.compile(f"^{re.escape(shown)} · Cerca ·"))
    expect(status(page)).to_contain_text(f"«{shown}»")
    return page.locator(".finder-results h2").all_inner_texts()


def test_pieces_are_loaded_once_a_reader_types_and_only_those_of_the_query(visit: Visit) -> None:
    page = visit.alone(SEARCH.italian)
    expect(page.locator("site-search:defined")).to_be_visible()
    assert not any("/words-" in url or "/items-" in url for url in visit.asked)

    field(page).press_sequentially("fisica")
    expect(results(page).first).to_be_visible()

    assert 0 < sum("/words-" in url for url in visit.asked) < 6


def test_a_query_in_the_address_takes_four_round_trips_and_few_bytes(visit: Visit, real_site: Path) -> None:
    page = visit.alone("/404.html", viewport=PHONE)
    waiting: list[Route] = []
    asked: list[str] = [f"{SEARCH.italian}index.html"]
    page.route(re.compile(r"/(?:theme|data|icons)/"), lambda route: waiting.append(route))

    page.goto(f"{visit.address}{SEARCH.italian}?q=insegnanti", wait_until="commit")
    # What is asked for besides is not answered before the next trip: nothing else is waited for.
    for needed in (("/search/page.", "/index.json", "/site."), ("/words-",), ("/items-",)):
        while not all(any(name in route.request.url for route in waiting) for name in needed):
            page.wait_for_timeout(50)
        asked += (urlsplit(route.request.url).path for route in waiting)
        for route in [waiting.pop() for _ in range(len(waiting))]:
            route.continue_()
    expect(results(page).first).to_be_visible()

    sizes = {path: len(compress((real_site / path.lstrip("/")).read_bytes(), "br", FAST)) for path in asked}
    assert len(sizes) <= 20 and not any(path.endswith(".woff2") for path in asked)
    assert sum(sizes.values()) <= 60_000, sizes


def test_results_appear_while_typing_are_counted_aloud_and_lead_to_their_pages(visit: Visit) -> None:
    page = visit(SEARCH.italian)

    field(page).press_sequentially("cambiamento")

    first = results(page).first.locator("a")
    expect(first).to_have_text("Gestire il cambiamento")
    expect(status(page)).to_contain_text("risultati per «cambiamento»")
    expect(status(page)).to_have_attribute("role", "status")
    expect(field(page)).to_be_focused()
    first.click()
    page.wait_for_url("**/corsi/gestire-il-cambiamento/")


def test_an_address_with_a_query_shows_its_results_and_typing_keeps_it_up_to_date(visit: Visit) -> None:
    page = visit(f"{SEARCH.english}?q=teaching")
    expect(status(page)).to_contain_text("results for “teaching”")
    expect(field(page)).to_have_value("teaching")
    length = page.evaluate("history.length")

    field(page).fill("managing change")
    page.wait_for_url("**/en/search/?q=managing+change")

    expect(status(page)).to_contain_text("for “managing change”")
    assert page.evaluate("history.length") == length


@pytest.mark.parametrize("path", ["/", "/404.html"])
def test_the_field_of_another_page_leads_to_the_results(visit: Visit, path: str) -> None:
    page = visit(path)

    page.locator("main input[type=search]").fill("fisica")
    page.keyboard.press("Enter")

    page.wait_for_url("**/cerca/?q=fisica")
    expect(results(page).first).to_contain_text("fisica", ignore_case=True)


FOUND = {
    "Progettare la didattica": "Per gli insegnanti del liceo, nei mesi del lockdown, con un flowchart.",
    "Matematica per tutti": "In vista dell’esame di maturità.",
    "Intelligenza artificiale": "Come si usa.",
    "Python e C++": "Anche C# e R, non solo C.",
    "データ分析": "分析する",
    "Verso l’università": "Storia dell’architettura e ĺode.",
    "Łódź e Đakovo": "",
    "Die Straße nach Ærø": "Þór og Œuvre",
    "語言學習": "",
    "Ґанок і поле": "",
    "كتاب": "",
    "한국어": "데이터를",
    "The Who": "",
    "IT, o del 2020": "Codice XYZ-101, poi ABC202. Scrivi a info@esempio.it: e-learning, 42!",
}
QUERIES = {
    **dict.fromkeys(
        ("insegnanti", "insegnante", "INSEGNANTE", "liceo", "licei", "lockdown", "flowchart", "docente"), 0
    ),
    **dict.fromkeys(("esame di maturità", "esami", "maths", "maturità", "maturita", "matemtica", "matamatica"), 1),
    **dict.fromkeys(("matemaitca", "matemattica", "matematic"), 1),
    **dict.fromkeys(("IA", "ia", "AI", "intelligenze artificiali"), 2),
    **dict.fromkeys(("c++", "C++", "C#", "c#", "R", "r"), 3),
    **dict.fromkeys(("データ", "分析"), 4),
    **dict.fromkeys(("universita", "UNIVERSITÀ", "l'università", "dell’universita", "univer", "dell'architettura"), 5),
    **dict.fromkeys(("dell’architettura", "architetture", "dellʼarchitettura"), 5),
    **dict.fromkeys(("lodz", "LÓDZ", "dakovo"), 6),
    **dict.fromkeys(("strasse", "aero", "thor", "oeuvre"), 7),
    **dict.fromkeys(("語言", "學習"), 8),
    **dict.fromkeys(("ганок", "ҐАНОК"), 9),
    **dict.fromkeys(("كتـاب", "کتاب"), 10),
    **dict.fromkeys(("한국어", "데이터"), 11),
    **dict.fromkeys(("the who", "“The Who”", "il who", "WHO"), 12),
    **dict.fromkeys(("it", "IT", "2020", "42", "xyz-101", "XYZ 101", "xyz101", "abc202", "ABC 202", "abc-202"), 13),
    **dict.fromkeys(
        (
            "e-learning",
            "elearning",
            "e\u2010learning",
            "info@esempio.it",
            "“scrivi”",
            "-scrivi",
            "scrivi 😀",
            "  SCRIVI  ",
        ),
        13,
    ),
    **dict.fromkeys(("universita\u0300", "<b>università</b>", "università%20", "università " * 400), 5),
}
ODD = ("-", "😀", '"', "%", "<script>", "\u200f", "()[]{}*+?.\\^$|")
"""Queries without a word: nothing is found, and nothing breaks."""
SHIFTS = """() => new Promise((tell) => {
    const total = (list) => list.getEntries().reduce((sum, one) => sum + one.value, 0);
    const observer = new PerformanceObserver((list) => tell(total(list)));
    observer.observe({ type: "layout-shift", buffered: true });
    setTimeout(() => tell(0), 200);
})"""
SYNONYMS = "- [maths, matematica]\n- [IA, AI, intelligenza artificiale]\n- [insegnante, docente]\n"


def test_each_query_finds_its_page_among_the_first_three_and_slips_are_said(visit: Visit) -> None:
    page = visit.shared()
    answering(page, an_index(synonyms=SYNONYMS, **FOUND))
    page.goto(visit.address + SEARCH.italian)

    wrong = [query for query, place in QUERIES.items() if [*FOUND][place] not in titles(page, query)[:3]]

    assert wrong == []
    assert [query for query in ODD if titles(page, query)] == []
    titles(page, "matemtica")
    expect(status(page)).to_contain_text("Nessuno ha «matemtica»: questi hanno «matematica».")
    titles(page, "matematiche")
    expect(status(page)).not_to_contain_text("Nessuno ha")
    assert titles(page, "C#") == ["Python e C++"]
    assert sorted(titles(page, "matematica didattica")) == ["Matematica per tutti", "Progettare la didattica"]
    expect(status(page)).to_contain_text("Nessuno ha tutte queste parole.")


def test_words_that_meet_in_a_list_alone_hide_nothing_that_has_one_of_them(visit: Visit) -> None:
    topic = Topic(slug="t", words={"it": Words(title="Temi")})
    courses = [
        a_course(slug, words={"it": CourseWords(title=slug.title())}, topics=("t",)) for slug in ("onde", "algebra")
    ]
    page = visit.shared()
    answering(page, written(a_site(topic, *courses)))
    page.goto(visit.address + SEARCH.italian)

    assert titles(page, "onde") == ["Onde", "Temi"]
    assert titles(page, "onde algebra") == ["Temi", "Onde", "Algebra"]
    expect(status(page)).not_to_contain_text("Nessuno ha")


def test_queries_are_taken_apart_as_texts_are(visit: Visit) -> None:
    text = " ".join(path.read_text("utf-8") for path in sorted((ROOT / "content").rglob("*.md")))
    text += "L’AI, C++17 e C#; Łódź ĲSSEL ﬁne x² Ǆ İstanbul ΣΟΦΌΣ हिन्दी 한국어 データ分析 don't ŉ ＡＢＣ"
    words = {word for word in find_words(text) if not any(ord(sign) > 0x2E80 for sign in word)}
    page = visit(SEARCH.italian)
    scripts = ROOT / "theme/static/js"
    page.route("**/source/**", lambda route: route.fulfill(path=scripts / route.request.url.partition("/source/")[2]))

    read = page.evaluate(
        """async ([script, lists, text]) => {
            const { Words } = await import(script);
            const words = new Words(await (await fetch(lists)).json());
            const found = [...words.split(text), ...words.joined(text).values()];
            return Object.fromEntries(found.map((word) => [word, words.keys(word)]));
        }""",
        ["/source/search/words.js", "/data/search/it/index.json", text],
    )

    keys = {lang: key_finder(lang) for lang in ("it", "en")}
    plain = {
        word: [word, f"={word}"]
        if word in STOP_WORDS
        else [word, *dict.fromkeys(key for find in keys.values() for key in find(word) if key != word)]
        for word in words
    }
    assert {word: sorted(read.get(word, ())) for word in words} == {word: sorted(keys) for word, keys in plain.items()}


def test_what_was_looked_for_is_marked_and_words_of_others_are_text(visit: Visit) -> None:
    page = visit.shared()
    answering(page, an_index("Perché no?", "Perch\u0065\u0301 s\u00ec", NASTY))
    page.goto(f"{visit.address}{SEARCH.italian}?q=perche")
    expect(page.locator(".finder-results mark")).to_have_text(["Perché", "Perch\u0065\u0301"])

    assert titles(page, "limite") == [NASTY]
    expect(page.locator(".finder-results mark")).to_have_text(["Limiti"])
    assert page.locator(".finder-results img, .finder-results script").count() == 0
    assert titles(page, "<b>$&%(query)s xyzzy") == []
    expect(page.locator(".finder-ways a").first).to_be_hidden()


def test_a_long_list_is_shown_in_parts_and_back_brings_as_many(visit: Visit) -> None:
    page = visit.shared(viewport=PHONE)
    answering(page, an_index(*(f"Limiti {number}" for number in range(1234))))
    page.goto(f"{visit.address}{SEARCH.italian}?q=limiti")
    expect(results(page)).to_have_count(10)
    expect(status(page)).to_have_text("1.234 risultati per «limiti»")

    more = page.locator(".finder-more")
    more.focus()
    page.keyboard.press("Enter")
    expect(results(page)).to_have_count(30)
    expect(results(page).nth(10).locator("a")).to_be_focused()
    results(page).nth(20).scroll_into_view_if_needed()
    place = page.evaluate("scrollY")
    page.goto(f"{visit.address}/404.html")
    page.go_back()

    expect(results(page)).to_have_count(30)
    page.wait_for_function("place => Math.abs(scrollY - place) < 5", arg=place)
    assert page.evaluate(SHIFTS) == 0


def test_a_hit_in_a_transcript_opens_at_its_second(visit: Visit, tmp_path: Path) -> None:
    captions = "WEBVTT\n\n00:05.000 --> 00:08.000\nOggi i limiti.\n\n01:02.500 --> 01:05.000\nAsintoti, i limiti.\n"
    video = "---\ntitle: Lezione\npublished: 2020-05-05T10:00:00+02:00\nyoutube_id: abcdefghijX\nlang: it\n---\n"
    files = {**FILES, "videos/prima.md": video, "videos/captions/abcdefghijX.it.vtt": captions}
    page = visit.shared()
    answering(page, written(assembled(tmp_path, files).site))
    page.goto(f"{visit.address}{SEARCH.italian}?q=asintoto")

    expect(page.locator(".finder-results h2 a")).to_have_attribute("href", "/videos/prima/?t=62")
    expect(page.locator(".finder-moment")).to_have_text("detto al minuto 1:02")
    assert titles(page, "lezione asintoti") == ["Lezione"]


def test_the_keyboard_opens_the_search_goes_through_results_and_back(visit: Visit) -> None:
    page = visit.storing("/corsi/")
    page.keyboard.press("/")
    page.wait_for_url(f"**{SEARCH.italian}")
    expect(field(page)).to_be_focused()
    page.locator("h1").click()
    page.keyboard.press("/")
    expect(field(page)).to_be_focused()
    page.keyboard.type("fisica/")
    page.keyboard.press("Enter")
    expect(status(page)).to_be_focused()
    page.wait_for_url("**/cerca/?q=fisica%2F")
    expect(page.locator("a[hreflang=en]").first).to_have_attribute("href", re.compile(r"/en/search/\?q=fisica%2F$"))

    field(page).focus()
    for pressed, place in (("ArrowDown", 0), ("ArrowDown", 1), ("ArrowUp", 0)):
        page.keyboard.press(pressed)
        expect(results(page).nth(place).locator("h2 a")).to_be_focused()
    page.keyboard.press("ArrowUp")
    expect(field(page)).to_be_focused()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Escape")
    expect(field(page)).to_be_focused()
    page.keyboard.press("Escape")
    expect(field(page)).to_have_value("")
    expect(results(page)).to_have_count(0)
    page.wait_for_url(f"**{SEARCH.italian}")

    page.locator(".finder-key").uncheck()
    page.goto(f"{visit.address}/corsi/")
    page.keyboard.press("/")
    expect(page).to_have_url(f"{visit.address}/corsi/")


def test_an_index_that_does_not_load_is_reported_and_requested_again(visit: Visit) -> None:
    page = visit.shared()
    page.route(INDEX, lambda route: route.fulfill(status=503))
    page.goto(f"{visit.address}{SEARCH.italian}?q=fisica")
    expect(status(page)).to_contain_text("Non è stato possibile caricare la ricerca.")
    expect(page.locator(".finder-ways a").first).to_be_visible()
    visit.heard.clear()
    page.unroute(INDEX)

    page.locator("site-search button[type=submit]").click()

    expect(results(page).first).to_be_visible()


def test_a_kind_can_be_chosen_and_shared(visit: Visit) -> None:
    page = visit(f"{SEARCH.italian}?q=lezione")
    choice = page.get_by_role("button", name="Video", exact=False)

    choice.click()
    page.wait_for_url("**/?q=lezione&kind=video")
    expect(choice).to_be_focused()
    expect(choice).to_have_attribute("aria-pressed", "true")
    shown = results(page).count()

    page.reload()
    expect(results(page)).to_have_count(shown)
    assert set(page.locator(".finder-results .card").evaluate_all("all => all.map(one => one.dataset.kind)")) == {
        "video"
    }


@pytest.mark.parametrize("query", ["lezione", "xyzzy"])
def test_axe_finds_nothing_beside_results_or_none(visit: Visit, query: str, chance: Chance) -> None:
    page = visit(f"{SEARCH.italian}?q={query}")
    expect(status(page)).to_contain_text(f"«{query}»")

    assert violations_of_looks(visit, page, some_looks(chance)) == {}
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_without_script_the_page_says_so_and_leads_on(visit: Visit) -> None:
    page = visit(SEARCH.english, script=False)

    expect(page.locator(".finder-note")).to_be_visible()
    expect(page.locator(".finder-note")).to_contain_text("Searching needs JavaScript")
    expect(field(page)).to_be_hidden()
    assert page.locator(".finder-ways .ways a").evaluate_all("all => all.map(one => one.getAttribute('href'))") == [
        "/en/courses/",
        "/en/videos/",
        "/en/topics/",
        "/en/press/",
        "/en/videos/speakers/m/",
    ]
    page.locator(".letters a", has_text="M").click()
    page.wait_for_url("**/en/search/letter/m/")
    page.get_by_role("link", name="Managing change").first.click()
    page.wait_for_url("**/en/courses/managing-change/")
