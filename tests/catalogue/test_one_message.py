"""What goes wrong because of a mistake that is told already is not told again."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.builders import problems

FIGURES = """\
pok:
  title: {it: Il portale, en: The portal}
  figures:
    learners:
      value: 10
      measure: learners
      label: {it: utenti, en: learners}
      definition: {it: Persone., en: People.}
      source: {title: noi}
      as_of: 2020
"""
USER = "courses/b/index.md"


def a_text(front: str, body: str = "Testo.") -> str:
    return f"---\n{front}---\n{body}\n"


SERIES = "snapshots/enrollments/a.csv"
CASES: dict[str, tuple[dict[str, str], str]] = {
    "a course that its counter names": (
        {"courses/a/index.md": a_text("title: A\nweeks: sei\n"), SERIES: "# source: noi\nday,total\n2020-01-01,1\n"},
        "{counter:course/a} [x](../a/index.md) [y](/corsi/a/)",
    ),
    "a strand whose total is shown": ({"strands/s.md": a_text("title: S\norder: x\n")}, "{total:strand/s}"),
    "a series that a counter names": (
        {"courses/a/index.md": a_text("title: A\n"), SERIES: "# source: noi\nday,total\n2020-01-01,x\n"},
        "{counter:course/a}",
    ),
    "a series of a course that is not there": (
        {SERIES: "# source: noi\nday,total\n2020-01-01,1\n"},
        "{counter:course/a}",
    ),
    "a file of figures": (
        {"figures.yaml": FIGURES.replace("      value", "\tvalue")},
        "{figure:pok.learners} {figure:x.y}",
    ),
    "a group of figures": ({"figures.yaml": FIGURES.replace("  figures:", "  figuers:")}, "{figure:pok.learners}"),
    "a figure": ({"figures.yaml": FIGURES.replace("value: 10", "value: dieci")}, "{figure:pok.learners}"),
    "a title under another name": ({"courses/a/index.md": a_text("titel: A\n")}, ""),
    "a title under another name in a translation": (
        {"courses/a/index.md": a_text("title: A\n"), "courses/a/index.en.md": a_text("titel: A\n")},
        "",
    ),
    "a field of a run under another name": (
        {"courses/a/index.md": a_text("title: A\nruns: [{key: a, lable: Uno}]\n")},
        "",
    ),
    "an item of two languages": ({"topics/X_Y.md": a_text("title: X\n"), "topics/X_Y.en.md": a_text("title: X\n")}, ""),
    "a link that stands twice": ({}, "[a](no.md)\n\n[b](no.md)"),
    "a link inside what only one reader knows": ({}, "Parola\n:   [a](no.md)"),
    "a row that a file adds to": (
        {
            "snapshots/youtube/videos-2020.jsonl": '{"slug": "v", "title": "V", "youtube_id": "bad id!", '
            '"published": "2020-01-01T00:00:00Z"}\n',
            "videos/v.md": a_text("title: V\n"),
        },
        "",
    ),
}


@pytest.mark.parametrize(("files", "body"), CASES.values(), ids=CASES)
def test_one_mistake_is_one_message(tmp_path: Path, files: dict[str, str], body: str) -> None:
    found = set(problems(tmp_path, {USER: a_text("title: B\n", body or "Testo."), **files}))

    assert len(found) == 1, found


def test_a_mistake_in_a_row_is_told_at_the_row(tmp_path: Path) -> None:
    files, _ = CASES["a row that a file adds to"]

    assert problems(tmp_path, files)[0].startswith("content/snapshots/youtube/videos-2020.jsonl:1: youtube_id: ")


def test_a_number_that_is_really_missing_is_told_beside_other_mistakes(tmp_path: Path) -> None:
    files = {
        "figures.yaml": FIGURES.replace("value: 10", "value: dieci"),
        USER: a_text("title: B\n", "{figure:pok.people}"),
    }

    assert len(problems(tmp_path, files)) == 2
