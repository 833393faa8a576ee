"""Press releases appear in feeds at the hour that their embargo names."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from tests.builders import a_site

from openknowledge.catalogue.kinds.press import release_summary
from openknowledge.model.texts import PressRelease, PressWords

TEN, ELEVEN = (datetime(2020, 6, 16, hour, tzinfo=UTC) for hour in (10, 11))


def a_release(slug: str, embargo: date | datetime | None) -> PressRelease:
    return PressRelease(slug=slug, words={"it": PressWords(title=slug)}, published=date(2020, 6, 16), embargo=embargo)


def published(embargo: date | datetime | None) -> datetime | None:
    release = a_release("x", embargo)
    return release_summary(release, a_site(release), "it").published


def test_two_releases_of_one_day_are_in_feeds_at_their_hours() -> None:
    assert (published(TEN), published(ELEVEN)) == (TEN, ELEVEN)


@pytest.mark.parametrize("embargo", [None, date(2020, 6, 16), datetime(2020, 6, 15, 9, tzinfo=UTC)])
def test_a_release_without_an_hour_of_its_day_is_dated_by_the_day(embargo: date | datetime | None) -> None:
    moment = published(embargo)
    assert moment is not None
    assert moment.isoformat() == "2020-06-16T00:00:00+02:00"
