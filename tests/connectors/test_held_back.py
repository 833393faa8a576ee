"""What a source says is held back where it is more likely wrong than true; the rest of it counts."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from tests.connectors.snapshots import DAY, a_count, a_row, a_series, a_snapshot, after, some_facts

from openknowledge.connectors.snapshot import Snapshot
from openknowledge.connectors.source import SourceFacts
from openknowledge.model.numbers import EnrollmentMeasure, EnrollmentSeries

MANY = [f"v{number:03}" for number in range(500)]
EVER, NOW = EnrollmentMeasure.ENROLLED_EVER, EnrollmentMeasure.ENROLLED_NOW


def rules(snapshot: Snapshot) -> list[tuple[str, tuple[str, ...]]]:
    return [(one.rule, one.ids) for one in snapshot.held_back]


@pytest.mark.parametrize(
    ("known", "gone", "is_held"),
    [(500, 25, False), (500, 26, True), (400, 20, False), (400, 21, True), (30, 20, False), (30, 21, True)],
)
def test_more_than_five_percent_and_twenty_ids_do_not_go_at_once(known: int, gone: int, is_held: bool) -> None:
    before = a_snapshot(*MANY[:known])

    snapshot, _ = after(before, some_facts(*MANY[gone:known]))

    assert [rule for rule, _ in rules(snapshot)] == ["gone"] * is_held
    assert len(snapshot.missing["video"]) == (0 if is_held else gone)
    assert snapshot.facts.rows["video"].keys() == {*MANY[:known]}


def test_an_empty_answer_is_held_back_however_little_there_was() -> None:
    snapshot, _ = after(a_snapshot("a"), some_facts())

    assert rules(snapshot) == [("gone", ("a",))]


def test_what_has_been_missing_for_longer_does_not_count_among_what_is_gone_at_once() -> None:
    once, _ = after(a_snapshot(*MANY[:100]), some_facts(*MANY[20:100]))

    twice, _ = after(once, some_facts(*MANY[40:100]))

    assert twice.held_back == ()
    assert len(twice.missing["video"]) == 40


def test_the_rest_of_a_source_goes_on_when_something_is_held_back() -> None:
    before = a_snapshot(*MANY[:100], views={"v099": 5})
    facts = replace(some_facts(*MANY[50:100], "new", views={"v099": 6, "v098": 1}), refused={"video": frozenset(MANY)})
    facts.rows["video"]["v099"]["title"] = "Better"  # type: ignore[index]

    snapshot, _ = after(before, facts)

    rows = snapshot.facts.rows["video"]
    assert rows["v099"]["title"] == "Better" and rows["new"]["slug"] == "lesson-new"
    assert snapshot.facts.counts["video"] == {"v099": 6, "v098": 1}
    assert {name: rows[name] for name in MANY[:50]} == {name: before.facts.rows["video"][name] for name in MANY[:50]}


@pytest.mark.parametrize(
    ("field", "old", "new", "is_held"),
    [
        ("title", "One", 1, True),
        ("tags", ["a"], "a", True),
        ("tags", ["a"], [1], True),
        ("tags", ["a"], [], False),
        ("duration_s", 60, "60", True),
        ("duration_s", 60, 60.5, False),
        ("embeddable", False, 0, True),
        ("names", {"it": "Uno"}, {"it": ["Uno"]}, True),
        ("names", {"it": "Uno"}, {"it": "Uno", "en": "One"}, False),
        ("description", "x", None, True),
    ],
)
def test_a_value_of_another_type_leaves_the_row_as_it_was(field: str, old: Any, new: Any, is_held: bool) -> None:
    before, _ = after(Snapshot(), SourceFacts(rows={"video": {"a": a_row("a", **{field: old})}}))

    snapshot, _ = after(before, SourceFacts(rows={"video": {"a": a_row("a", **{field: new})}}))

    assert rules(snapshot) == [("type", ("a",))] * is_held
    assert snapshot.facts.rows["video"]["a"][field] == (old if is_held else new)


def test_a_title_under_another_id_is_held_back_with_both_ids() -> None:
    before = a_snapshot("a", "b")
    facts = SourceFacts(rows={"video": {"b": a_row("b"), "z": a_row("z", "Lesson a"), "y": a_row("y", "Other")}})

    snapshot, _ = after(before, facts)

    assert rules(snapshot) == [("id", ("a", "z"))]
    assert snapshot.facts.rows["video"].keys() == {"a", "b", "y"}
    assert "a" not in snapshot.missing["video"]


@pytest.mark.parametrize("days", [1, 9])
def test_a_title_that_comes_back_days_later_under_another_id_keeps_its_address(days: int) -> None:
    """Once it is accepted. Between the two, syncs have noted that it is missing, or have proved that it is gone."""
    before = a_snapshot("a", "b")
    lost = replace(some_facts("b"), refused={"video": frozenset("a")})
    for number in range(days):
        before, _ = after(before, lost, DAY + timedelta(days=number))
    facts = SourceFacts(rows={"video": {"b": a_row("b"), "z": a_row("z", "Lesson a")}})
    (held,) = after(before, facts)[0].held_back

    snapshot, _ = after(before, facts, accepted=[held.hash])

    assert snapshot.facts.rows["video"]["z"]["slug"] == "lesson-a"
    assert (snapshot.facts.rows["video"].keys(), snapshot.missing["video"]) == ({"b", "z"}, {})


def test_the_title_of_what_is_gone_tells_nothing_where_something_else_has_it_too() -> None:
    rows = {name: a_row(name, "Introduction") for name in ("a", "b")}
    before, _ = after(Snapshot(), SourceFacts(rows={"video": {**rows, "a": {**rows["a"], "gone_since": "2026-01-01"}}}))

    snapshot, _ = after(before, SourceFacts(rows={"video": {"b": rows["b"], "z": a_row("z", "Introduction")}}))

    assert snapshot.held_back == () and "z" in snapshot.facts.rows["video"]


def test_of_two_lost_things_with_one_title_the_accepted_one_gets_the_new_id() -> None:
    before, _ = after(Snapshot(), SourceFacts(rows={"video": {name: a_row(name, "Limits") for name in "ab"}}))
    facts = SourceFacts(rows={"video": {"z": a_row("z", "Limits"), "y": a_row("y")}})
    held = {one.old: one.hash for one in after(before, facts)[0].held_back}

    snapshot, _ = after(before, facts, accepted=[held["b"]])

    rows = snapshot.facts.rows["video"]
    assert (rows.keys(), rows["z"]["slug"]) == ({"a", "z", "y"}, before.facts.rows["video"]["b"]["slug"])
    assert (snapshot.held_back, snapshot.missing["video"]) == ((), {"a": DAY})


@pytest.mark.parametrize(
    ("views", "channel", "is_held"),
    [
        (2**64 - 1, 11_000_000, True),
        (2**32 - 1, 11_000_000, True),
        (11_000_001, 11_000_000, True),
        (11_000_000, 11_000_000, False),
        (1000, 3, False),
        (1001, 3, True),
        (2**63 - 1, None, True),
        (10**11, None, False),
        (2**63 - 1, 2**64 - 1, True),
        (5000, 0, False),
    ],
)
def test_a_new_video_has_no_more_views_than_its_whole_channel(views: int, channel: int | None, is_held: bool) -> None:
    """The channel's own number may be days old, so a thousand are believed; without it there is still a bound."""
    facts = some_facts("a", "b", views={"a": views, "b": 7})
    if channel is not None:
        facts = replace(facts, counts={**facts.counts, "channel": {"views": channel}})

    snapshot, _ = after(Snapshot(), facts)

    assert [one for one in rules(snapshot) if one[1] == ("a",)] == [("first", ("a",))] * is_held
    assert snapshot.facts.counts["video"] == ({"b": 7} if is_held else {"a": views, "b": 7})


def test_two_things_of_one_title_are_no_changed_id_while_both_are_there() -> None:
    facts = SourceFacts(rows={"video": {"a": a_row("a"), "z": a_row("z", "Lesson a")}})

    assert after(a_snapshot("a"), facts)[0].held_back == ()


def test_views_do_not_fall_to_zero_but_may_fall() -> None:
    before = a_snapshot("a", "b", views={"a": 7, "b": 7})

    snapshot, _ = after(before, some_facts("a", "b", views={"a": 0, "b": 6}))

    assert rules(snapshot) == [("zero", ("a",))]
    assert snapshot.facts.counts["video"] == {"a": 7, "b": 6}
    assert snapshot.held_back[0].reason == "the count is zero after 7"


@pytest.mark.parametrize(
    ("known", "new", "is_held"),
    [(100, 1100, False), (100, 1101, True), (1000, 6000, False), (1000, 6001, True), (0, 1001, True), (9, 0, True)],
)
def test_views_do_not_leap_by_more_than_five_times_all_that_there_was(known: int, new: int, is_held: bool) -> None:
    """Their best day is not known, but no day had more."""
    before = a_snapshot("a", views={"a": known})

    snapshot, _ = after(before, some_facts("a", views={"a": new}))

    assert bool(snapshot.held_back) is is_held
    assert snapshot.facts.counts["video"] == {"a": known if is_held else new}


def test_a_leap_that_goes_on_while_somebody_looks_at_it_is_still_accepted() -> None:
    before = a_snapshot("a", views={"a": 100})
    (held,) = after(before, some_facts("a", views={"a": 7120}))[0].held_back

    snapshot, _ = after(before, some_facts("a", views={"a": 7140}), accepted=[held.hash])

    assert (snapshot.held_back, snapshot.facts.counts["video"]) == ((), {"a": 7140})


def test_an_accepted_id_gets_the_slug_of_the_old_one_and_its_place_in_playlists() -> None:
    playlist = {"PL": {**a_row("PL"), "videos": ["a", "b"]}}
    first = some_facts("a", "b")
    before, _ = after(Snapshot(), replace(first, rows={**first.rows, "playlist": playlist}))
    slug = before.facts.rows["video"]["a"]["slug"]
    videos = {"b": a_row("b"), "z": a_row("z", "Lesson a")}
    facts = SourceFacts(rows={"video": videos, "playlist": {"PL": {**a_row("PL"), "videos": ["z", "b"]}}})
    (held,) = after(before, facts)[0].held_back

    snapshot, _ = after(before, facts, accepted=[held.hash])

    rows = snapshot.facts.rows
    assert rows["video"].keys() == {"b", "z"} and rows["video"]["z"]["slug"] == slug
    assert rows["playlist"]["PL"]["videos"] == [slug, "lesson-b"]
    assert (snapshot.missing["video"], snapshot.retired.get("video", {}), snapshot.held_back) == ({}, {}, ())
    assert after(snapshot, facts)[0].facts.rows == rows


@pytest.mark.parametrize(
    ("series", "total", "rule"),
    [
        (a_series(10, 20), 19, "fall"),
        (a_series(10, 20, measure=NOW), 19, None),
        (a_series(10, 20), 0, "zero"),
        (a_series(10, 20, measure=NOW), 0, "zero"),
        (a_series(10, 20), 1020, None),
        (a_series(10, 20), 1021, "rise"),
        (a_series(1000, 1300), 2800, None),
        (a_series(1000, 1300), 2801, "rise"),
        (a_series(1000), 2001, "rise"),
        (a_series(10, 20), None, None),
        (a_series(0, 0), 0, None),
    ],
)
def test_totals_that_fall_vanish_or_leap_are_held_back(
    series: EnrollmentSeries, total: int | None, rule: str | None
) -> None:
    facts = SourceFacts(enrollments={"coding": a_count(total, series.measure)})

    snapshot, believed = after(Snapshot(), facts, coding=series)

    assert [one.rule for one in snapshot.held_back] == ([rule] if rule else [])
    assert ("coding" in believed.facts.enrollments) == (rule is None)


def test_a_best_day_of_more_than_ninety_days_ago_does_not_count() -> None:
    old = a_series(0, 5000, *[5000] * 95)

    snapshot, _ = after(Snapshot(), SourceFacts(enrollments={"coding": a_count(7000)}), coding=old)

    assert [one.rule for one in snapshot.held_back] == ["rise"]
    assert "rises by 2000 in 1 day(s)" in snapshot.held_back[0].reason


def test_a_hash_takes_this_very_difference_and_no_other() -> None:
    before, fewer = a_snapshot(*MANY[:100]), some_facts(*MANY[50:100])
    (held,) = after(before, fewer)[0].held_back
    (other,) = after(before, some_facts(*MANY[51:100]))[0].held_back

    taken, believed = after(before, fewer, accepted=[held.hash])
    not_taken, _ = after(before, some_facts(*MANY[51:100]), accepted=[held.hash])

    assert held.hash != other.hash
    assert (taken.held_back, believed.accepted) == ((), (held,))
    assert set(taken.missing["video"].values()) == {DAY}
    assert not_taken.held_back == (other,)


def test_an_accepted_total_says_of_which_course_it_is() -> None:
    facts = SourceFacts(enrollments={"coding": a_count(5)})
    (held,) = after(Snapshot(), facts, coding=a_series(10))[0].held_back

    _, believed = after(Snapshot(), facts, accepted=[held.hash], coding=a_series(10))

    assert believed.accepted_courses == {"coding"}
    assert believed.facts.enrollments == facts.enrollments
