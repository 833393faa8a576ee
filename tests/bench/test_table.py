"""The table says what was measured, and nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest
from bench import table
from bench.table import COLD, MEMORY, Goal, Measurement

LABELS = {"ours": "this project", "hugo": "Hugo"}
GOAL = Goal("word", "one word changed", ("ours", "word"), ("hugo", COLD), 0.08)


def row(ours: Measurement, beside: Measurement) -> list[str]:
    text = table.goals_table([GOAL], {GOAL.ours: ours, GOAL.beside: beside}, LABELS)
    return [cell.strip() for cell in text.split("\n")[-1].strip("|").split("|")]


def test_a_ratio_is_the_median_of_those_of_the_rounds() -> None:
    cells = row(Measurement((0.7, 0.8, 9.0)), Measurement((10.0, 10.0, 100.0)))

    assert cells[2] == "0.80 s"
    assert cells[4] == "10.00 s"
    assert cells[5:] == ["0.08", "–", "≤ 0.08", "held"]


def test_what_was_not_measured_equally_often_is_compared_by_its_medians() -> None:
    assert table.ratio_of([6.0], [1.0, 2.0, 9.0]) == 3.0


def test_processor_time_has_a_ratio_of_its_own() -> None:
    cells = row(Measurement((0.8,), (0.5,)), Measurement((10.0,), (20.0,)))

    assert cells[5:7] == ["0.08", "0.025"]


def test_a_ratio_that_equals_the_goal_holds_it() -> None:
    assert row(Measurement((0.8,)), Measurement((10.0,)))[-1] == "held"


def test_a_goal_that_is_missed_says_by_how_much() -> None:
    cells = row(Measurement((2.0,)), Measurement((10.0,)))

    assert cells[5:] == ["0.2", "–", "≤ 0.08", "missed by 0.12 (2.5 × the goal)"]


def test_what_could_not_be_measured_has_a_reason_and_no_number() -> None:
    cells = row(Measurement(missing="there is no fast reader"), Measurement((10.0,)))

    assert cells[2] == "–"
    assert cells[5:] == ["–", "–", "≤ 0.08", "not available: there is no fast reader"]


def test_memory_is_in_mebibytes() -> None:
    assert table.format_value(Measurement((300 * 2**20,)), ("hugo", MEMORY)) == "300 MiB"


def test_all_goals_have_a_row() -> None:
    goals = [(goal.name, goal.ratio) for goal in table.goals("fast")]

    assert goals == [
        ("fast", 0.5),
        ("default", 0.5),
        ("word", 0.08),
        ("nothing", 0.05),
        ("after", 0.05),
        ("preview", 0.2),
        ("partial", 0.5),
        ("memory", 0.35),
        ("scale", 11),
        ("scale", 6),
    ]


def test_without_the_fast_reader_the_default_one_is_set_beside_itself() -> None:
    keys = [goal.beside for goal in table.goals("ours") if goal.name in ("partial", "scale")]

    assert {name for name, _ in keys} == {"ours"}


def test_the_table_goes_between_the_marks_of_the_page(tmp_path: Path) -> None:
    path = tmp_path / "page.md"
    path.write_text(f"# Before\n\n{table.BEGIN}\nold\n{table.END}\n\nAfter\n", "utf-8")

    table.write_into(path, "new")

    assert path.read_text("utf-8") == f"# Before\n\n{table.BEGIN}\n\nnew\n\n{table.END}\n\nAfter\n"


def test_a_page_without_the_marks_stays_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "page.md"
    path.write_text("# Before\n", "utf-8")

    with pytest.raises(ValueError, match="no place for the table"):
        table.write_into(path, "new")

    assert path.read_text("utf-8") == "# Before\n"
