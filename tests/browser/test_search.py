"""The search finds as one types, says what it found, and can be shared; without script it says so and leads on."""

from __future__ import annotations

import json

import pytest
from playwright.sync_api import Page, Route, expect
from tests.browser.conftest import Visit
from tests.browser.pages import BY_NAME
from tests.browser.test_accessibility import some_looks, violations_of_looks
from tests.chance import Chance

SEARCH = BY_NAME["search"]
LIST = "**/data/search.it.json"
NASTY = '<img src=x onerror="alert(1)"> Limiti & </template><script>alert(2)</script>'


def field(page: Page):
    return page.locator("site-search input")


def status(page: Page):
    return page.locator(".finder-status")


def results(page: Page):
    return page.locator(".finder-results > li")


def a_list(*titles: str, **more: object) -> str:
    """Return a document as the plugin writes it, with a course of each title."""
    items = [[title, f"c{place}", 0, 0, 0, 0, [], *more.get("after", ())] for place, title in enumerate(titles)]
    kinds, places = [["course", "Corsi", 1.5]], [["/corsi/", "/"]]
    return json.dumps(
        {"kinds": kinds, "kickers": [["Corso", 0]], "places": places, "langs": [None], "names": [], "items": items}
    )


def answering(page: Page, text: str, **more: object) -> None:
    """Have the page get this list."""

    def answer(route: Route) -> None:
        route.fulfill(body=text, content_type="application/json", **more)

    page.route(LIST, answer)


def test_nothing_is_loaded_before_the_reader_types(visit: Visit) -> None:
    page = visit(SEARCH.italian)
    expect(page.locator("site-search:defined")).to_be_visible()
    assert not any("search.it.json" in url or "minisearch" in url for url in visit.asked)

    field(page).press_sequentially("fisica")
    expect(results(page).first).to_be_visible()

    assert sum("search.it.json" in url for url in visit.asked) == 1


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


@pytest.mark.parametrize(
    "query", ["universita", "UNIVERSITÀ", "l'università", "dell’universita", "univer", "universitá", "univesita"]
)
def test_accents_articles_beginnings_and_a_slip_do_not_matter(visit: Visit, query: str) -> None:
    page = visit(SEARCH.italian)

    field(page).fill(query)

    expect(page.locator(".finder-results a", has_text="Verso l’università")).to_have_count(1)


FOUND = {
    "Łódź e Đakovo": ("lodz", "LÓDZ", "dakovo", "łódź"),
    "Die Straße nach Ærø": ("strasse", "aero", "straße", "STRASSE"),
    "Þór og Œuvre": ("thor", "oeuvre"),
    "Città d’acqua": ("citta d'acqua", "dʼacqua", "d´acqua", "XYZ707", "xyz707", "matematica"),
    "語言學習": ("語言", "學習"),
    "Ґанок і поле": ("ганок", "ҐАНОК"),
    "كتاب": ("كتـاب", "کتاب"),
}


def test_letters_are_found_as_people_type_them(visit: Visit) -> None:
    page = visit.alone("/404.html")
    document = json.loads(a_list(*FOUND))
    document["names"] = ["Matematica"]
    document["items"][3] += ["", 0, [0], "xyz707"]
    answering(page, json.dumps(document))
    page.goto(f"{visit.address}{SEARCH.italian}?q=citta")
    expect(page.locator(".finder-results a")).to_have_text(["Città d’acqua"])

    for title, queries in FOUND.items():
        for query in queries:
            field(page).fill(query)
            page.keyboard.press("Enter")
            expect(page.locator(".finder-results a")).to_have_text([title])


def test_what_was_looked_for_is_marked(visit: Visit) -> None:
    page = visit(f"{SEARCH.italian}?q=perche")
    answering(page, a_list("Perché no?", "Perch\u0065\u0301 s\u00ec"))
    page.reload()

    expect(page.locator(".finder-results mark")).to_have_text(["Perché", "Perch\u0065\u0301"])
    page.unroute(LIST)


def test_short_words_are_wished_for_but_not_required(visit: Visit) -> None:
    page = visit.alone("/404.html")
    answering(page, a_list("Corso per docenti", "Docenti", "Per tutti"))
    page.goto(f"{visit.address}{SEARCH.italian}?q=per+docenti")

    expect(page.locator(".finder-results a")).to_have_text(["Corso per docenti", "Docenti"])


def test_where_nothing_has_every_word_what_has_some_is_shown_the_best_first(visit: Visit) -> None:
    page = visit.alone("/404.html")
    answering(page, a_list("Limiti", "Limiti e derivate", "Matrici"))
    page.goto(f"{visit.address}{SEARCH.italian}?q=limiti+derivate+integrali")

    expect(page.locator(".finder-results a")).to_have_text(["Limiti e derivate", "Limiti"])


def test_a_single_letter_finds_only_itself(visit: Visit) -> None:
    page = visit.alone("/404.html")
    answering(page, a_list("Corso di C++", "Chimica"))
    page.goto(f"{visit.address}{SEARCH.italian}?q=C%2B%2B")

    expect(page.locator(".finder-results a")).to_have_text(["Corso di C++"])


def test_words_of_others_are_shown_as_text(visit: Visit) -> None:
    page = visit.alone("/404.html")
    answering(page, a_list(NASTY))
    page.goto(f"{visit.address}{SEARCH.italian}?q=limiti")

    expect(page.locator(".finder-results a")).to_have_text(NASTY)
    assert page.locator(".finder-results img, .finder-results script").count() == 0


@pytest.mark.parametrize(("number", "output"), [(1, "1 risultato"), (2, "2 risultati"), (1200, "1.200 risultati")])
def test_the_count_is_worded_as_the_language_does(visit: Visit, number: int, output: str) -> None:
    page = visit.alone("/404.html")
    answering(page, a_list(*["Limiti"] * number))
    page.goto(f"{visit.address}{SEARCH.italian}?q=limiti")

    expect(status(page)).to_have_text(f"{output} per «limiti»")


def test_a_query_is_shown_as_text(visit: Visit) -> None:
    page = visit(f"{SEARCH.italian}?q=%3Cb%3E$%26%25(query)s")

    expect(status(page)).to_contain_text("Nessun risultato per «<b>$&%(query)s».")
    expect(page.locator(".finder-ways a").first).to_be_visible()


def test_a_long_list_is_shown_in_parts_and_focus_goes_on_with_it(visit: Visit) -> None:
    page = visit.alone("/404.html")
    answering(page, a_list(*(f"Limiti {number}" for number in range(45))))
    page.goto(f"{visit.address}{SEARCH.italian}?q=limiti")
    expect(results(page)).to_have_count(20)
    expect(status(page)).to_contain_text("45 risultati")

    more = page.locator(".finder-more")
    more.focus()
    page.keyboard.press("Enter")
    expect(results(page)).to_have_count(40)
    expect(results(page).nth(20).locator("a")).to_be_focused()

    more.click()
    expect(results(page)).to_have_count(45)
    expect(more).to_be_hidden()


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


def test_escape_clears_and_the_slash_is_the_readers_own(visit: Visit) -> None:
    page = visit(f"{SEARCH.italian}?q=fisica")
    expect(results(page).first).to_be_visible()
    page.locator("h1").click()
    page.keyboard.press("/")
    expect(field(page)).not_to_be_focused()

    field(page).press("Escape")

    expect(field(page)).to_have_value("")
    expect(field(page)).to_be_focused()
    expect(results(page)).to_have_count(0)
    page.wait_for_url(f"**{SEARCH.italian}")


def test_a_list_that_does_not_load_is_reported_and_requested_again(visit: Visit) -> None:
    page = visit.alone("/404.html")
    page.route(LIST, lambda route: route.fulfill(status=503))
    page.goto(f"{visit.address}{SEARCH.italian}?q=fisica")
    expect(status(page)).to_contain_text("Non è stato possibile caricare la ricerca.")
    visit.heard.clear()
    page.unroute(LIST)

    page.locator("site-search button[type=submit]").click()

    expect(results(page).first).to_be_visible()


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
    assert page.locator(".finder-ways a").evaluate_all("all => all.map(one => one.getAttribute('href'))") == [
        "/en/courses/",
        "/en/videos/",
        "/en/topics/",
        "/en/press/",
    ]
