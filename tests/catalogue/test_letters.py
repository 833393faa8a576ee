"""Everything from A to Z has a page for each letter, in each language, cut where it is long."""

from __future__ import annotations

from tests.builders import a_course, a_site
from tests.catalogue.videos import a_video

from openknowledge.catalogue.kinds.video import video_page
from openknowledge.catalogue.page_rules import build_all_views
from openknowledge.catalogue.site import Site
from openknowledge.catalogue.views.base import NavLink
from openknowledge.catalogue.views.facets import facet_groups
from openknowledge.catalogue.views.pages import LetterPage, SearchPage
from openknowledge.model.course import CourseWords
from openknowledge.model.people import Credit, Person
from openknowledge.model.values import Words


def letter_pages(site: Site, lang: str = "it") -> dict[str, LetterPage]:
    pages = [view for view in build_all_views(site) if isinstance(view, LetterPage) and view.lang == lang]
    assert len({page.save_as for page in pages}) == len(pages)
    return {page.url: page for page in pages}


def names(page: LetterPage) -> list[NavLink]:
    links = [line.name for line in page.lines if not isinstance(line.name, str)]
    assert len(links) == len(page.lines)
    return links


def speaker_pages(site: Site, lang: str = "it") -> dict[str, LetterPage]:
    return {url: page for url, page in letter_pages(site, lang).items() if "/speakers/" in url}


def titled(*titles: str, **facts: object) -> list[object]:
    return [a_course(f"c{n}", words={"it": CourseWords(title=title)}, **facts) for n, title in enumerate(titles)]


def test_titles_stand_under_their_letter_without_accents_and_signs() -> None:
    courses = titled("«Èlite»", "algebra", "Énergie", "3D", "データ", "Ærø", "Łódź", "!?", "Zeta")
    pages = letter_pages(a_site(*courses, search_is_on=True, search_json="s/{lang}/i.json"))

    shown = {url.rsplit("/", 2)[1]: [link.text for link in names(page)] for url, page in pages.items()}
    assert shown == {
        **{"0-9": ["3D"], "a": ["algebra"], "e": ["«Èlite»", "Énergie"], "z": ["Zeta"]},
        "other": ["!?", "Ærø", "Łódź", "データ"],
    }
    assert [letter.text for letter in next(iter(pages.values())).letters] == ["0-9", "A", "E", "Z", "Other signs"]


def test_a_title_is_followed_by_its_kind() -> None:
    site = a_site(*titled("Reti"), a_video("r", words={"it": Words(title="Reti")}), search_is_on=True, search_json="x")

    (page,) = letter_pages(site).values()

    assert [(link.text, line.kind) for link, line in zip(names(page), page.lines, strict=True)] == [
        ("Reti", "Course"),
        ("Reti", "Video"),
    ]


def test_a_letter_of_one_language_has_a_page_in_all_and_the_search_leads_to_each() -> None:
    both = {"it": CourseWords(title="Fisica"), "en": CourseWords(title="Physics")}
    site = a_site(a_course("x", words=both), search_is_on=True, search_json="s/{lang}/i.json")

    italian, english = letter_pages(site), letter_pages(site, "en")

    assert [[link.text for link in names(page)] for page in italian.values()] == [["Fisica"], []]
    assert [[link.text for link in names(page)] for page in english.values()] == [[], ["Physics"]]
    assert {page.robots for page in (*italian.values(), *english.values())} == {"noindex"}
    (search,) = (view for view in build_all_views(site) if isinstance(view, SearchPage) and view.lang == "it")
    assert [letter.url for letter in search.letters] == [*italian]


def test_a_long_letter_is_cut_and_its_pages_lead_through_all_of_it() -> None:
    titles = [f"Corso {number:03}" for number in range(700)]
    pages = letter_pages(a_site(*titled(*titles), search_is_on=True, search_json="s/{lang}/i.json"))

    seen, url = [], "/search/letter/c/"
    while url:
        page = pages.pop(url)
        seen += [link.text for link in names(page)]
        assert len(page.lines) < 300
        url = page.pager.next.url if page.pager.next else ""
    assert seen == titles
    assert pages == {}


def test_without_a_search_there_are_no_letters() -> None:
    assert letter_pages(a_site(*titled("Uno"))) == {}


ADA = Person(slug="ada", words={"it": Words(title="Ada Neri")})


def test_all_who_speak_stand_by_surname_with_their_videos_the_newest_first() -> None:
    videos = (
        a_video("old", "2020-01-01", credits=(Credit(person="ada"),), speakers=("Zoe De Luca", "山田 太郎")),
        a_video("new", "2021-01-01", credits=(Credit(person="ada"), Credit(person="ada")), speakers=("Łucja Nowak",)),
    )
    pages = speaker_pages(a_site(ADA, *videos))

    shown = {
        url: [
            (getattr(line.name, "text", line.name), line.anchor, [one.text for one in line.links])
            for line in page.lines
        ]
        for url, page in pages.items()
    }
    assert shown == {
        "/videos/speakers/d/": [("Zoe De Luca", "speaker:zoe-de-luca", ["Old"])],
        "/videos/speakers/n/": [
            ("Ada Neri", "speaker:ada", ["New", "Old"]),
            ("Łucja Nowak", "speaker:lucja-nowak", ["New"]),
        ],
        "/videos/speakers/other/": [("山田 太郎", "speaker:shantian-tailang", ["Old"])],
    }
    assert pages["/videos/speakers/n/"].lines[0].name == NavLink(text="Ada Neri", url="/people/ada/")
    assert {page.robots for page in pages.values()} == {"noindex"}
    assert [*speaker_pages(a_site(ADA, *videos), "en")] == [f"/en{url}" for url in pages]


def test_who_speaks_in_very_many_videos_has_them_on_several_pages() -> None:
    videos = [a_video(f"v{n:03}", speakers=("Ada Rossi", f"Bo Rossi{n:03}")) for n in range(400)]
    pages = [*speaker_pages(a_site(*videos)).values()]

    assert all(sum(len(line.links) for line in page.lines) < 300 for page in pages)
    of_ada = [link.url for page in pages for line in page.lines if line.name == "Ada Rossi" for link in line.links]
    assert len(of_ada) == len(set(of_ada)) == 400
    following = [page.pager.next.url for page in pages if page.pager.next]
    assert following == [page.url for page in pages[1:]]


def test_the_filter_leads_to_each_speaker_and_a_video_to_others_of_who_has_no_page() -> None:
    videos = (
        a_video("one", credits=(Credit(person="ada"),), speakers=("Bo Bo", "Cy Cy")),
        a_video("two", speakers=("Bo Bo",)),
    )
    site = a_site(ADA, *videos)

    filters = {group.name: group for group in facet_groups(site, "video", "it", with_counts=True)}
    assert [(one.text, one.url, one.count) for one in filters["speaker"].options[1:]] == [
        ("Ada Neri", "/people/ada/#part:video", "1"),
        ("Bo Bo", "/videos/speakers/b/#speaker:bo-bo", "2"),
        ("Cy Cy", "/videos/speakers/c/#speaker:cy-cy", "1"),
    ]
    index = filters["speaker"].index
    assert index is not None and index.url == "/videos/speakers/b/"
    row = next(row for row in video_page(videos[0], site, "it").details if "Bo Bo" in map(text_of, row.values))
    assert row.values == (
        NavLink(text="Ada Neri", url="/people/ada/"),
        NavLink(text="Bo Bo", url="/videos/speakers/b/#speaker:bo-bo"),
        "Cy Cy",
    )


def text_of(value: object) -> object:
    return getattr(value, "text", value)
