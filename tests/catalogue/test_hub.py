"""What a learning-hub item says of its session on a day."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from tests.builders import a_site

from openknowledge.catalogue.kinds.hub import hub_page, initiative_page
from openknowledge.content.schedule import find_next
from openknowledge.engine.query_graph import SEPARATOR
from openknowledge.model.programme import HubFormat, HubItem, Initiative, Session, SessionState
from openknowledge.model.values import PartialDate, Words
from openknowledge.model.video import Video

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
    ("moment", "is_recorded", "state", "action"),
    [
        ("2020-04-01T23:59", False, SessionState.UPCOMING, SESSION.registration_url),
        ("2020-04-01T23:59", True, SessionState.UPCOMING, SESSION.registration_url),
        ("2020-04-02T00:00", False, SessionState.LIVE, SESSION.join_url),
        ("2020-04-02T18:59", True, SessionState.LIVE, SESSION.join_url),
        ("2020-04-02T19:00", True, SessionState.RECORDED, "#title:recording"),
        ("2020-04-02T19:00", False, SessionState.PAST, None),
        ("2020-04-03T00:00", False, SessionState.PAST, None),
    ],
)
def test_a_webinar_is_live_until_it_ends_and_then_recorded_or_over(
    moment: str, is_recorded: bool, state: SessionState, action: str | None
) -> None:
    video = Video(slug="r", words={"it": Words(title="R")}, published=SESSION.ends, youtube_id="abcdefghijk")
    webinar = a_webinar(recording="r")
    records = (webinar, INITIATIVE, *((video,) if is_recorded else ()))

    page = hub_page(webinar, a_site(*records, moment=datetime.fromisoformat(moment).replace(tzinfo=ROME)), "it")

    assert page.badge is not None and page.badge.tone == state.value
    assert (page.action and page.action.url) == action
    assert (page.recording and page.recording.page_url) == ("/videos/r/" if state is SessionState.RECORDED else None)


def test_the_end_of_a_session_is_the_next_moment_at_which_a_build_is_due() -> None:
    site = a_site(a_webinar(), INITIATIVE)
    hub_page(a_webinar(), site, "it")

    asked = [key.partition(SEPARATOR)[2] for key in site.graph.numbers if key.startswith("has-passed")]

    assert find_next((*asked, "9999-01-01"), SESSION.starts) == SESSION.ends
    assert find_next(asked, SESSION.ends) is None


def test_the_day_of_a_session_is_that_of_the_university_wherever_it_is_held():
    evening = datetime(2020, 4, 1, 20, tzinfo=timezone(timedelta(hours=-7)))
    session = Session(starts=evening, ends=evening + timedelta(hours=1))

    states = [session.state_on(date(2020, 4, day), day == 3, False, ZoneInfo("Europe/Rome")) for day in (1, 2, 3)]

    assert states == [SessionState.UPCOMING, SessionState.LIVE, SessionState.PAST]


def test_a_list_begins_with_the_sessions_that_are_ahead_the_next_one_first():
    def item(slug: str, day: int, published: int) -> HubItem:
        starts = datetime(2020, 4, day, 18, tzinfo=ROME)
        session = Session(starts=starts, ends=starts + timedelta(hours=1))
        return replace(a_webinar(session=session, published=PartialDate(2020, 3, published)), slug=slug)

    items = (item("old", 1, 1), item("far", 20, 4), item("next", 10, 3), item("new", 2, 2))

    page = initiative_page(INITIATIVE, a_site(*items, INITIATIVE, today=date(2020, 4, 5)), "it")

    assert [card.ref[4:] for card in page.formats[0].cards] == ["next", "far", "new", "old"]


@pytest.mark.parametrize("day", [1, 2, 3])
def test_a_webinar_that_was_cancelled_says_so_on_every_day_and_offers_nothing_to_do(day):
    webinar = a_webinar(session=replace(SESSION, cancelled=True), recording=None)

    page = hub_page(webinar, a_site(webinar, INITIATIVE, today=date(2020, 4, day)), "it")

    assert page.badge is not None
    assert page.badge.tone == "cancelled"
    assert page.action is None
    assert [row.label for row in page.details] == ["Begins", "Ends"]


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
