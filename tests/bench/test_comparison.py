"""The table says what was measured, and nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest
from bench import comparison, table
from bench.table import COLD, MEMORY, Goal, Measured

LABELS = {"ours": "this project", "hugo": "Hugo"}
GOAL = Goal("word", "one word changed", ("ours", "word"), ("hugo", COLD), 0.08)


def row(ours: Measured, beside: Measured) -> list[str]:
    text = table.goals_table([GOAL], {GOAL.ours: ours, GOAL.beside: beside}, LABELS)
    return [cell.strip() for cell in text.split("\n")[-1].strip("|").split("|")]


def test_a_goal_is_held_by_the_median() -> None:
    cells = row(Measured((0.7, 0.8, 9.0)), Measured((10.0, 12.0, 11.0)))

    assert cells[2] == "0.80 s"
    assert cells[4] == "11.00 s"
    assert cells[5:] == ["0.0727", "≤ 0.08", "held"]


def test_a_ratio_that_is_the_goal_holds_it() -> None:
    assert row(Measured((0.8,)), Measured((10.0,)))[-1] == "held"


def test_a_goal_that_is_missed_says_by_how_much() -> None:
    assert row(Measured((2.0,)), Measured((10.0,)))[5:] == ["0.2", "≤ 0.08", "missed by 0.12 (2.5 × the goal)"]


def test_what_could_not_be_measured_has_a_reason_and_no_number() -> None:
    cells = row(Measured(missing="there is no fast reader"), Measured((10.0,)))

    assert cells[2] == "–"
    assert cells[5:] == ["–", "≤ 0.08", "not available: there is no fast reader"]


def test_memory_is_told_in_mebibytes() -> None:
    assert table.shown(Measured((300 * 2**20,)), ("hugo", MEMORY)) == "300 MiB"


def test_all_goals_of_the_plan_have_a_row() -> None:
    goals = [(goal.name, goal.ratio) for goal in table.goals("fast")]

    assert goals == [
        ("fast", 0.5),
        ("default", 0.5),
        ("word", 0.08),
        ("nothing", 0.07),
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


def test_the_document_has_a_place_for_the_table() -> None:
    text = comparison.DOCUMENT.read_text("utf-8")

    assert 0 < text.find(table.BEGIN) < text.find(table.END)


def test_a_row_that_does_not_exist_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        comparison.main(["--only", "word,wrod"])

    assert "there is no wrod; choose from fast, default, word" in capsys.readouterr().err
