"""No page grows without end: on a site with many of each, every page has a bounded number of entries."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from datetime import date

import pytest
from tests.builders import a_course, a_site, list_pages
from tests.catalogue.videos import a_playlist, a_video

from openknowledge.catalogue.kinds import KINDS
from openknowledge.catalogue.site import Site
from openknowledge.catalogue.views import numbers
from openknowledge.catalogue.views.base import Card, PageView
from openknowledge.catalogue.views.pages import FeedAddresses, FeedsPage, NumbersPage
from openknowledge.model.course import Strand, Topic
from openknowledge.model.numbers import EnrollmentPoint, EnrollmentSeries
from openknowledge.model.people import Credit, Partner, Person
from openknowledge.model.texts import PressRelease, PressWords
from openknowledge.model.values import Ref, Words

MANY, PAGE_SIZE, MOST_ENTRIES = 60, 4, 60
"""How many items of each kind there are; how many a page is about; the most of cards, numbers and feeds on a page."""


@pytest.fixture(scope="module")
def site() -> Site:
    names = [f"n{number:02}" for number in range(MANY)]
    words = {name: {"en": Words(title=name.title())} for name in names}
    groups = [one(slug=name, words=words[name]) for one in (Strand, Topic, Person, Partner) for name in names]
    videos = [
        a_video(name, f"{2025 - number // 2}-03-04", topics=(names[0],), credits=(Credit(person=names[0]),))
        for number, name in enumerate(names)
    ]
    releases = [
        PressRelease(slug=name, words={"en": PressWords(title=name)}, published=date(2020, 1, 1)) for name in names
    ]
    series = tuple(
        EnrollmentSeries(course=name, source="x", sample=False, points=(EnrollmentPoint(date(2025, 1, 1), number),))
        for number, name in enumerate(names)
    )
    return a_site(
        *groups,
        *videos,
        *releases,
        *(a_course(name, strand=names[0], topics=(names[0],), partners=(names[0],)) for name in names),
        *(a_playlist(f"p{name}", *names) for name in names),
        series=series,
        page_size=PAGE_SIZE,
    )


@pytest.fixture(scope="module")
def pages(site: Site) -> Iterator[list[PageView]]:
    """All pages of lists, where the page of all numbers has twenty courses."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(numbers, "LISTED_COURSES", 20)
        yield [page for kind in KINDS for page in list_pages(kind, site, "en")]


def entries(value: object) -> Iterator[object]:
    """Yield all cards, numbers and feeds that a page shows beside what all pages share."""
    if isinstance(value, (Card, FeedAddresses, numbers.Number)):
        yield value
    elif is_dataclass(value):
        yield from (
            one for field in fields(value) if field.name != "chrome" for one in entries(getattr(value, field.name))
        )
    elif isinstance(value, (tuple, list)):
        yield from (one for part in value for one in entries(part))


def links_of_pager(page: PageView) -> int:
    pager = getattr(page, "pager", None)
    return len(pager.pages) if pager else 0


def test_no_page_of_a_list_has_more_entries_than_it_should(pages: list[PageView]) -> None:
    long = {page.url: count for page in pages if (count := len([*entries(page)])) > MOST_ENTRIES}
    assert len(pages) > 200
    assert long == {}
    assert max(map(links_of_pager, pages)) < 10


def test_no_page_of_an_item_has_more_entries_than_it_should(site: Site) -> None:
    first = [site.slugs(kind.name)[0] for kind in KINDS if site.slugs(kind.name)]
    kinds = [kind for kind in KINDS if site.slugs(kind.name)]
    pages = [kind.page(site.record(Ref(kind.name, slug)), site, "en") for kind, slug in zip(kinds, first, strict=True)]

    assert {page.url: count for page in pages if (count := len([*entries(page)])) > MOST_ENTRIES} == {}


def test_the_page_of_feeds_has_the_first_of_many_and_leads_to_pages_with_all(pages: list[PageView]) -> None:
    whole, *of_kinds = [page for page in pages if isinstance(page, FeedsPage)]
    topics = next(group for group in whole.groups if group.title == "Topics")

    assert topics.more is not None
    assert (len(topics.feeds), topics.more.url, topics.more.count) == (PAGE_SIZE, f"{whole.url}topics/", str(MANY))
    of_topics = [page for page in of_kinds if page.url.startswith(topics.more.url)]
    shown = [feed.title for page in of_topics for feed in page.groups[0].feeds]
    assert shown == [f"N{number:02}" for number in range(MANY)]
    assert all(page.pager for page in of_topics)
    assert len({page.description for page in of_topics}) == len(of_topics)


def test_of_too_many_courses_the_highest_numbers_are_listed_and_the_others_lead_there(
    site: Site, pages: list[PageView]
) -> None:
    (page,) = [page for page in pages if isinstance(page, NumbersPage)]
    group = next(group for group in page.groups if group.anchor == "counters")

    assert [number.anchor for number in group.numbers] == [f"counter:course/n{at}" for at in range(MANY - 20, MANY)]
    assert "Here are the 20 courses with the highest numbers" in group.definition
    number = site.fork().number("counter:course/n00", "en")
    assert number is not None and (number.page_url or "").endswith("#counters")
