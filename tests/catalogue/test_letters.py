"""Everything from A to Z has a page for each letter, in each language, cut where it is long."""

from __future__ import annotations

from tests.builders import a_course, a_site

from openknowledge.catalogue.page_rules import build_all_views
from openknowledge.catalogue.site import Site
from openknowledge.catalogue.views.pages import LetterPage, SearchPage
from openknowledge.model.course import CourseWords


def letter_pages(site: Site, lang: str = "it") -> dict[str, LetterPage]:
    pages = [view for view in build_all_views(site) if isinstance(view, LetterPage) and view.lang == lang]
    assert len({page.save_as for page in pages}) == len(pages)
    return {page.url: page for page in pages}


def titled(*titles: str, **facts: object) -> list[object]:
    return [a_course(f"c{n}", words={"it": CourseWords(title=title)}, **facts) for n, title in enumerate(titles)]


def test_titles_stand_under_their_letter_without_accents_and_signs() -> None:
    courses = titled("«Èlite»", "algebra", "Énergie", "3D", "データ", "Ærø", "Łódź", "!?", "Zeta")
    pages = letter_pages(a_site(*courses, search_is_on=True, search_json="s/{lang}/i.json"))

    shown = {url.rsplit("/", 2)[1]: [link.text for link in page.links] for url, page in pages.items()}
    assert shown == {
        **{"0-9": ["3D"], "a": ["algebra"], "e": ["«Èlite»", "Énergie"], "z": ["Zeta"]},
        "other": ["!?", "Ærø", "Łódź", "データ"],
    }
    assert [letter.text for letter in next(iter(pages.values())).letters] == ["0-9", "A", "E", "Z", "Other signs"]


def test_a_letter_of_one_language_has_a_page_in_all_and_the_search_leads_to_each() -> None:
    both = {"it": CourseWords(title="Fisica"), "en": CourseWords(title="Physics")}
    site = a_site(a_course("x", words=both), search_is_on=True, search_json="s/{lang}/i.json")

    italian, english = letter_pages(site), letter_pages(site, "en")

    assert [[link.text for link in page.links] for page in italian.values()] == [["Fisica"], []]
    assert [[link.text for link in page.links] for page in english.values()] == [[], ["Physics"]]
    assert {page.robots for page in (*italian.values(), *english.values())} == {"noindex"}
    (search,) = (view for view in build_all_views(site) if isinstance(view, SearchPage) and view.lang == "it")
    assert [letter.url for letter in search.letters] == [*italian]


def test_a_long_letter_is_cut_and_its_pages_lead_through_all_of_it() -> None:
    titles = [f"Corso {number:03}" for number in range(700)]
    pages = letter_pages(a_site(*titled(*titles), search_is_on=True, search_json="s/{lang}/i.json"))

    seen, url = [], "/search/letter/c/"
    while url:
        page = pages.pop(url)
        seen += [link.text for link in page.links]
        assert len(page.links) < 300
        url = page.pager.next.url if page.pager.next else ""
    assert seen == titles
    assert pages == {}


def test_without_a_search_there_are_no_letters() -> None:
    assert letter_pages(a_site(*titled("Uno"))) == {}
