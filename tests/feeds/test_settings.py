"""Wrong settings are reported with what to write instead."""

from __future__ import annotations

from typing import Any

import pytest

from openknowledge.feeds.settings import FeedsSettings
from openknowledge.problems import ContentProblems

RIGHT = {"SITENAME": "Polimi Open Knowledge", "FEEDS_ID_AUTHORITY": "pok.polimi.it", "FEEDS_ID_DATE": "2014"}


def test_the_default_author_is_the_name_of_the_site() -> None:
    settings = FeedsSettings.from_pelican(RIGHT)

    assert (settings.author, settings.content, settings.max_items) == ("Polimi Open Knowledge", "full", 50)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("FEEDS_ID_AUTHORITY", "https://pok.polimi.it"),
        ("FEEDS_ID_AUTHORITY", None),
        ("FEEDS_ID_DATE", "2014-13"),
        ("FEEDS_ID_DATE", 2014),
        ("FEEDS_CONTENT", "everything"),
        ("FEEDS_MAX_ITEMS", -1),
        ("FEEDS_MAX_ITEMS", True),
        ("FEEDS_AUTHOR", " "),
        ("FEEDS_MAXITEMS", 5),
    ],
)
def test_a_wrong_setting_is_named(name: str, value: Any) -> None:
    assert problems_of(RIGHT | {name: value}) == [name]


def test_the_parts_of_permanent_ids_are_required_and_all_problems_are_reported_at_once() -> None:
    assert problems_of({"SITENAME": ""}) == ["FEEDS_AUTHOR", "FEEDS_ID_AUTHORITY", "FEEDS_ID_DATE"]


def test_a_misspelt_setting_comes_with_the_right_name() -> None:
    with pytest.raises(ContentProblems) as stopped:
        FeedsSettings.from_pelican(RIGHT | {"FEEDS_MAXITEMS": 5})

    assert str(stopped.value.problems[0]) == (
        'pelicanconf.py: FEEDS_MAXITEMS: there is no such setting\n    did you mean "FEEDS_MAX_ITEMS"?'
    )


def problems_of(settings: dict[str, Any]) -> list[str | None]:
    with pytest.raises(ContentProblems) as stopped:
        FeedsSettings.from_pelican(settings)
    return [problem.field for problem in stopped.value.problems]
