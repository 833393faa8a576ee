"""The repository's own content: both languages, lengths that fit, and separate measures."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from openknowledge.content.markdown.render import render_markdown

CONTENT = Path(__file__).parents[2] / "content"
SYNCED = {"snapshots", "videos"}
FILES = sorted(path for path in CONTENT.glob("*/**/*.md") if path.relative_to(CONTENT).parts[0] not in SYNCED)
ITALIAN = [path for path in FILES if not path.name.endswith(".en.md")]

FORMULA = re.compile(r"\$\$.*?\$\$|\$[^$]*\$", re.DOTALL)


def named(path: Path) -> str:
    return path.relative_to(CONTENT).as_posix()


def front_matter(path: Path) -> dict[str, object]:
    front: dict[str, object] = yaml.safe_load(path.read_text(encoding="utf-8").split("---\n")[1])
    return front


def body(path: Path) -> str:
    return path.read_text(encoding="utf-8").split("---\n", 2)[2]


def headings(path: Path) -> int:
    return len(re.findall(r"^##+ ", body(path), re.MULTILINE))


@pytest.mark.parametrize("path", ITALIAN, ids=named)
def test_every_item_has_an_english_file_of_the_same_build(path: Path) -> None:
    english = path.with_name(path.name.removesuffix(".md") + ".en.md")

    assert english.is_file()
    assert headings(english) == headings(path)
    assert re.findall(r"\{figure:[^}]+\}", body(english)) == re.findall(r"\{figure:[^}]+\}", body(path))


@pytest.mark.parametrize("path", FILES, ids=named)
def test_an_abstract_fits_a_card_and_a_search_result(path: Path) -> None:
    assert 80 <= len(str(front_matter(path).get("abstract", ""))) <= 200


@pytest.mark.parametrize("path", FILES, ids=named)
def test_prose_has_typographic_apostrophes_and_no_heading_of_the_first_rank(path: Path) -> None:
    words = FORMULA.sub("", body(path))

    assert "'" not in words
    assert not re.search(r"^# ", words, re.MULTILINE)


@pytest.mark.parametrize("path", sorted(CONTENT.glob("courses/*/index.md")), ids=named)
def test_every_course_says_where_its_facts_come_from_and_claims_no_dates(path: Path) -> None:
    course = front_matter(path)

    assert course["sources"]
    runs = course.get("runs", [])
    assert isinstance(runs, list)
    assert not any({"starts", "ends"} & set(run) for run in runs)


def test_the_chapter_of_mathematics_has_the_same_formulas_in_both_languages() -> None:
    texts = [body(CONTENT / "pages" / f"ripasso-di-matematica{lang}.md") for lang in ("", ".en")]
    formulas = [[render_markdown(text).html.count("<math"), len(FORMULA.findall(text))] for text in texts]

    assert formulas[0] == formulas[1]
    assert formulas[0][0] == formulas[0][1] > 60
