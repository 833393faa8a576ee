"""Long lists are cut into pages whose addresses stay where they are."""

from __future__ import annotations

import json
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.builders import a_course, a_language, a_site, list_pages
from tests.catalogue.videos import a_video

from openknowledge.catalogue.kind import Kind
from openknowledge.catalogue.kinds.course import COURSE
from openknowledge.catalogue.kinds.group import TOPIC
from openknowledge.catalogue.kinds.press import PRESS
from openknowledge.catalogue.site import Site
from openknowledge.catalogue.views.facets import facet_document
from openknowledge.catalogue.views.pages import ListPage
from openknowledge.catalogue.views.paging import FIRST, ListPart, cut_by_age, cut_by_name, make_pager
from openknowledge.model.course import Topic
from openknowledge.model.texts import PressRelease, PressWords
from openknowledge.model.values import Subject, Words

SLUGS = st.lists(st.text("abcdefgh-", min_size=1, max_size=6), unique=True, max_size=200).map(sorted)


@given(slugs=SLUGS, size=st.integers(1, 30))
@pytest.mark.parametrize("cut", [cut_by_age, cut_by_name])
def test_each_item_is_on_one_page_in_the_order_of_the_list(cut, slugs, size) -> None:  # type: ignore[no-untyped-def]
    pages = cut(slugs, size)

    assert [slug for _, page in pages for slug in page] == slugs
    assert pages[0][0] == FIRST
    assert len({name for name, _ in pages}) == len(pages)
    assert all(len(page) < 2 * size for _, page in pages)


def test_an_item_that_comes_in_between_changes_the_pages_around_it_alone() -> None:
    """On the average of all places, not in each: where a page is split, the next ones may begin elsewhere, too."""
    slugs = [f"c{number:04}" for number in range(0, 4000, 2)]
    before = dict(cut_by_name(slugs, 24))

    changed = []
    for at in range(0, 2000, 97):
        after = dict(cut_by_name(sorted([*slugs, f"c{2 * at + 1:04}"]), 24))
        changed.append(sum(before.get(name) != page for name, page in after.items()))

    assert len(before) > 70
    assert sum(changed) / len(changed) < 3


def a_part(number: int, last: int) -> ListPart:
    near = {1, number - 1, number, number + 1, last} & {*range(1, last + 1)}
    return ListPart(f"p{number}", (), number, last, 0, tuple((one, f"p{one}") for one in sorted(near)))


def test_a_pager_names_the_first_the_near_and_the_last_page_and_marks_what_is_left_out() -> None:
    pager = make_pager(a_part(5, 76), a_language("en"), lambda name: f"/{name}/")

    assert pager is not None and pager.previous is not None and pager.next is not None
    assert [link and link.text for link in pager.pages] == ["1", None, "4", "5", "6", None, "76"]
    assert [link.url for link in pager.pages if link and link.is_current] == ["/p5/"]
    assert (pager.previous.url, pager.previous.rel, pager.next.url, pager.next.rel) == ("/p4/", "prev", "/p6/", "next")
    assert make_pager(a_part(1, 1), a_language("en"), str) is None


def by_address(kind: Kind, site: Site, lang: str = "it") -> dict[str, ListPage]:
    return {page.url: page for page in list_pages(kind, site, lang) if isinstance(page, ListPage)}


def courses(count: int, **facts: object) -> list[object]:
    subjects = (Subject.PHYSICS, Subject.TEACHING)
    return [a_course(f"c{number:03}", subject=subjects[number % 2], **facts) for number in range(count)]


def test_courses_are_cut_where_they_are_many_and_each_page_is_there_in_each_language() -> None:
    site = a_site(*courses(200), page_size=10)  # type: ignore[arg-type]
    pages, english = by_address(COURSE, site), by_address(COURSE, site, "en")

    whole = [page for url, page in pages.items() if not url.startswith("/courses-by/")]
    assert [card.title for page in whole for card in page.cards] == [f"C{number:03}" for number in range(200)]
    assert max(len(page.cards) for page in pages.values()) < 20
    assert (whole[0].total, whole[1].total, whole[1].heading) == ("200 courses", "", "Courses, page 2")
    assert {alternate.url for page in pages.values() for alternate in page.alternates} == {*pages, *english}
    counts = [[option.count for option in page.facets[0].options] for page in whole[:2]]
    assert counts == [[None, "100", "100"], [None, None, None]]


def test_values_in_another_language_say_so_on_the_page_and_in_the_document_of_filters() -> None:
    topics = Topic(slug="r", words={"it": Words(title="Reti")}), Topic(slug="s", words={"en": Words(title="Sets")})
    site = a_site(a_course("x", topics=("r", "s")), a_course("y", topics=("r",)), *topics)

    shown = next(one for one in by_address(COURSE, site, "en")["/en/courses/"].facets if one.name == "topic")
    document = json.loads(facet_document(site.fork(), "course", "en"))

    assert [(option.text, option.lang) for option in shown.options[1:]] == [("Reti", "it"), ("Sets", None)]
    values = next(one["values"] for one in document["facets"] if one["name"] == "topic")
    assert values == [["r", "Reti", "it"], ["s", "Sets"]]


def test_a_short_list_is_in_the_order_of_its_own_language() -> None:
    words = {"a": ("Zeta", "Beta"), "b": ("Alfa", "Omega")}
    topics = [
        Topic(slug=slug, words={"it": Words(title=one), "en": Words(title=other)})
        for slug, (one, other) in words.items()
    ]
    pages = by_address(TOPIC, a_site(*topics)), by_address(TOPIC, a_site(*topics), "en")

    assert [[card.title for card in page.cards] for found in pages for page in found.values()] == [
        ["Alfa", "Zeta"],
        ["Beta", "Omega"],
    ]


def test_a_topic_shows_the_newest_of_many_and_leads_to_the_pages_with_all() -> None:
    topic = Topic(slug="onde", words={"it": Words(title="Onde")})
    videos = [a_video(f"v{number:02}", f"2016-01-{number + 1:02}", topics=("onde",)) for number in range(30)]
    site = a_site(topic, *videos, *courses(3, topics=("onde",)), page_size=10)  # type: ignore[arg-type]
    own, lists = TOPIC.page(topic, site, "it"), by_address(TOPIC, site)

    shown = {group.anchor: group for group in own.groups}  # type: ignore[attr-defined]
    assert [card.ref for card in shown["part:video"].cards][:2] == ["video/v29", "video/v28"]
    assert (len(shown["part:video"].cards), shown["part:video"].more.url) == (10, "/topics/onde/videos/")
    assert (len(shown["part:course"].cards), shown["part:course"].more) == (3, None)
    assert lists["/topics/onde/videos/"].heading == "Videos on the topic Onde"
    assert [crumb.text for crumb in lists["/topics/onde/videos/"].crumbs][:-1] == ["Home", "Topics", "Onde"]
    members = [card.ref for url, page in lists.items() if "videos/" in url for card in page.cards]
    assert members == [f"video/v{number:02}" for number in reversed(range(30))]


def test_releases_are_cut_and_stand_under_their_years() -> None:
    releases = [
        PressRelease(
            slug=f"r{at:02}", words={"it": PressWords(title=f"R{at:02}")}, published=date(2020 + at // 15, 1, 1)
        )
        for at in range(30)
    ]
    pages = by_address(PRESS, a_site(*releases, page_size=10))

    whole = [page for url, page in pages.items() if "press-year" not in url]
    shown = [(group.title, card.ref) for page in whole for group in page.groups for card in group.cards]
    assert shown == [(str(2020 + at // 15), f"press/r{at:02}") for at in reversed(range(30))]
    assert len(whole) > 1
    assert pages["/press-year/2021/"].total == "15 releases"


def test_a_new_course_changes_the_first_page_and_those_around_it_alone() -> None:
    before = by_address(COURSE, a_site(*courses(200), page_size=10))  # type: ignore[arg-type]
    new = a_course("c150a", subject=Subject.PHYSICS)
    after = by_address(COURSE, a_site(*courses(200), new, page_size=10))  # type: ignore[arg-type]

    changed = [url for url, page in after.items() if page != before.get(url)]
    assert len(after) > 30
    assert len(changed) <= 8
