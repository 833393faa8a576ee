"""What a learning-hub item says of its session on a day."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta, timezone

import pytest
from tests.builders import a_site

from openknowledge.catalogue.kinds.hub import hub_page, initiative_page
from openknowledge.model.programme import HubFormat, HubItem, Initiative, Session, SessionState
from openknowledge.model.values import PartialDate, Words

ROME = timezone(timedelta(hours=2))
SESSION = Session(
    starts=datetime(2020, 4, 2, 18, tzinfo=ROME),
    ends=datetime(2020, 4, 2, 19, tzinfo=ROME),
    join_url="https://example.edu/join",
    registration_url="https://example.edu/register",
)
INITIATIVE = Initiative(
    slug="imparare",
    words={"it": Words(title="Imparare")},
    starts=PartialDate(2020, 3, 18),
    ends=PartialDate(2020, 7),
)


def a_webinar(**facts: object) -> HubItem:
    fields = {"session": SESSION, "published": PartialDate(2020, 3, 20), "format": HubFormat.WEBINAR, **facts}
    return HubItem(slug="w", words={"it": Words(title="W")}, initiative="imparare", **fields)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("day", "is_recorded", "state"),
    [
        (date(2020, 4, 1), False, SessionState.UPCOMING),
        (date(2020, 4, 2), False, SessionState.LIVE),
        (date(2020, 4, 3), True, SessionState.RECORDED),
        (date(2020, 4, 3), False, SessionState.PAST),
    ],
)
def test_a_webinar_is_upcoming_live_or_recorded_by_the_day(day, is_recorded, state):
    assert SESSION.state_on(day, is_recorded) is state


@pytest.mark.parametrize(("day", "url"), [(1, "https://example.edu/register"), (2, "https://example.edu/join")])
def test_a_webinar_offers_the_one_thing_to_do_on_the_day(day, url):
    webinar = a_webinar()

    page = hub_page(webinar, a_site(webinar, INITIATIVE, today=date(2020, 4, day)), "it")

    assert page.action is not None
    assert page.action.url == url


@pytest.mark.parametrize("day", [1, 2, 3])
def test_a_webinar_that_was_cancelled_says_so_on_every_day_and_offers_nothing_to_do(day):
    webinar = a_webinar(session=replace(SESSION, cancelled=True), recording=None)

    page = hub_page(webinar, a_site(webinar, INITIATIVE, today=date(2020, 4, day)), "it")

    assert page.badge is not None
    assert page.badge.tone == "cancelled"
    assert page.action is None
    assert [row.label for row in page.details] == ["Begins", "Ends"]


def test_a_webinar_that_is_over_offers_nothing_to_do():
    webinar = a_webinar()

    assert hub_page(webinar, a_site(webinar, INITIATIVE, today=date(2020, 4, 3)), "it").action is None


@pytest.mark.parametrize(("day", "tone"), [(date(2020, 7, 31), "running"), (date(2020, 8, 1), "archived")])
def test_an_initiative_is_concluded_when_its_last_month_is_over(day, tone):
    page = initiative_page(INITIATIVE, a_site(INITIATIVE, today=day), "it")

    assert page.badge.tone == tone
    assert [notice.tone for notice in page.notices] == (["archive"] if tone == "archived" else [])


def test_an_initiative_has_a_section_for_each_format_and_one_sentence_for_the_empty_ones():
    webinar = a_webinar()

    page = initiative_page(INITIATIVE, a_site(webinar, INITIATIVE), "en")

    assert [section.title for section in page.formats] == ["Webinars"]
    assert page.nothing_left == (
        "Nothing is kept here of the other formats: articles, online courses, talks with faculty and managers, "
        "practical tools, and in-depth insights."
    )
    assert initiative_page(INITIATIVE, a_site(INITIATIVE), "en").nothing_left == "Nothing belongs here yet."
