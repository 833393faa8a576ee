"""Press releases appear in feeds at the hour that their date or their embargo names."""

from __future__ import annotations

import pickle
from datetime import UTC, date, datetime, timedelta

import pytest
from tests.builders import a_site

from openknowledge.catalogue.kinds.press import PRESS, press_slugs, release_summary
from openknowledge.discovery.sitemaps import find_change
from openknowledge.model.texts import PressRelease, PressWords
from openknowledge.model.values import TimedDay
from openknowledge.structured_data.things import describe_release

TEN, ELEVEN = (datetime(2020, 6, 16, hour, tzinfo=UTC) for hour in (10, 11))


def a_release(slug: str, published: date = date(2020, 6, 16), embargo: date | None = None) -> PressRelease:
    return PressRelease(slug=slug, words={"it": PressWords(title=slug)}, published=published, embargo=embargo)


def published(embargo: date | None, day: date = date(2020, 6, 16)) -> datetime | None:
    release = a_release("x", day, embargo)
    return release_summary(release, a_site(release), "it").published


def test_two_releases_of_one_day_are_in_feeds_at_their_hours() -> None:
    ten, eleven = map(TimedDay.of, (TEN, ELEVEN))
    assert (published(ten), published(eleven)) == (TEN, ELEVEN)
    assert (published(None, ten), published(ten, eleven)) == (TEN, ELEVEN)


@pytest.mark.parametrize("embargo", [None, date(2020, 6, 16), TimedDay.of(datetime(2020, 6, 15, 9, tzinfo=UTC))])
def test_a_release_without_an_hour_of_its_day_is_dated_by_the_day(embargo: date | None) -> None:
    moment = published(embargo)
    assert moment is not None
    assert moment.isoformat() == "2020-06-16T00:00:00+02:00"


def test_the_hour_of_a_release_orders_lists_and_is_in_sitemaps_and_structured_data() -> None:
    releases = [a_release("b", TimedDay.of(TEN)), a_release("a", TimedDay.of(ELEVEN)), a_release("z"), a_release("y")]
    site = a_site(*releases)
    page = PRESS.page(releases[1], site, "it")

    assert press_slugs(site, "it", "2020") == ["a", "b", "z", "y"]
    assert [find_change(release, PRESS) for release in releases[:3]] == [
        *("2020-06-16T10:00:00+00:00", "2020-06-16T11:00:00+00:00", "2020-06-16"),
    ]
    (node,) = describe_release(releases[1], page, site)
    assert node["datePublished"] == "2020-06-16T13:00:00+02:00"
    assert page.date == site.language("it").date(date(2020, 6, 16))


def test_a_day_with_a_moment_is_its_day_for_all_that_knows_days_alone() -> None:
    day = TimedDay.of(TEN)

    assert (str(day), day + timedelta(1), day - date(2020, 6, 15)) == (
        *("2020-06-16", date(2020, 6, 17), timedelta(1)),
    )
    assert pickle.loads(pickle.dumps(day)) == day != TimedDay.of(ELEVEN)
    assert sorted([TimedDay.of(ELEVEN), date(2020, 6, 17), day, date(2020, 6, 16)]) == [
        *(date(2020, 6, 16), day, TimedDay.of(ELEVEN), date(2020, 6, 17)),
    ]
