"""An item has one picture for all pages that show the same words, and a title that cannot be set is a problem."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from tests.builders import a_course, a_site, write

from openknowledge.catalogue.site import Site
from openknowledge.model.course import Course, Strand
from openknowledge.model.values import Subject, Words
from openknowledge.share_pictures import advise, drawing
from openknowledge.share_pictures.cards import QUERIES, SITE, STYLE, PlacedCard, list_pictures
from openknowledge.share_pictures.generator import draw_file
from openknowledge.share_pictures.glyphs import find_problems, missing_glyphs

ITALIAN = Words(title="Algebra lineare")
ENGLISH = Words(title="Linear algebra")


def registered(*records: Any) -> Site:
    site = a_site(*records)
    site.register_input(STYLE, lambda: b"1", lambda: "1")
    site.register_queries(QUERIES)
    return site


def a_titled_course(*words: tuple[str, Words], **facts: Any) -> Course:
    return a_course("algebra", words=dict(words), **facts)


def cards(site: Site, slug: str = "algebra") -> list[PlacedCard]:
    return [site.query("share-card", "course", slug, lang) for lang in site.langs]


def test_a_course_shows_its_title_kind_and_strand_in_its_own_language() -> None:
    strand = Strand(slug="base", words={"it": Words(title="Di base"), "en": Words(title="Basics")})
    course = a_titled_course(("it", ITALIAN), ("en", ENGLISH), strand="base", subject=Subject.MATHEMATICS)

    italian, english = cards(registered(course, strand))

    assert (italian.card.title, english.card.title) == ("Algebra lineare", "Linear algebra")
    assert (english.card.kicker, english.card.text) == ("Course · Basics", "Linear algebra · Course · Basics · Site")
    assert (italian.card.lang, italian.card.subject) == ("it", Subject.MATHEMATICS)
    assert italian.path != english.path


@pytest.mark.parametrize("lang", ["it", "ar", ""])
def test_a_strand_in_another_language_is_drawn_as_words(lang: str) -> None:
    strand = Strand(slug="base", words={lang: Words(title="R&D <i>")})
    course = a_titled_course(("en", ENGLISH), strand="base")

    (card,) = {one.card for one in cards(registered(course, strand))}

    assert card.text == "Linear algebra · Course · R&D <i> · Site"


@pytest.mark.parametrize("lang", ["it", "en", "ar", ""])
def test_an_item_with_words_in_one_language_has_one_picture(lang: str) -> None:
    site = registered(a_titled_course((lang, ITALIAN)))

    italian, english = cards(site)

    assert italian == english
    assert [row[:3] for row in list_pictures(site)] == [
        (SITE, "", "it"),
        (SITE, "", "en"),
        ("course", "algebra", "it"),
    ]


def test_another_title_or_another_way_to_draw_is_another_name() -> None:
    first = cards(registered(a_titled_course(("it", ITALIAN))))[0]
    other = cards(registered(a_titled_course(("it", ENGLISH))))[0]
    site = registered(a_titled_course(("it", ITALIAN)))
    site.register_input(STYLE, lambda: b"2", lambda: "2")

    assert len({first.path, other.path, cards(site)[0].path}) == 3


def test_a_picture_is_drawn_once_for_all_builds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    placed = cards(registered(a_titled_course(("it", ITALIAN))))[0]
    drawn: list[Any] = []
    monkeypatch.setattr(drawing, "draw", lambda card: drawn.append(card) or b"jpeg")

    files = [draw_file(str(tmp_path / "share"), placed) for _ in range(2)]

    assert files == [((placed.path, b"jpeg"),)] * 2
    assert drawn == [placed.card]


@pytest.mark.parametrize(
    ("path", "text", "line"),
    [
        ("courses/algebra/index.md", "---\nabstract: x\ntitle: Algebra 한\n---\n", 3),
        ("courses/algebra/index.md", '---\ntitle: "Algebra \\uD55C"\n---\n', None),
    ],
    ids=["a file", "an escape"],
)
def test_a_title_that_cannot_be_set_is_named_with_its_file_and_line(
    tmp_path: Path, path: str, text: str, line: int | None
) -> None:
    content = write(tmp_path, {path: text})
    site = registered(a_titled_course(("it", Words(title="Algebra 한")), files=(f"content/{path}",)))

    (problem,) = find_problems(site, content, lambda kind: missing_glyphs(site, kind))

    assert (problem.path, problem.line, problem.field) == (f"content/{path}", line, "title")
    assert '"한" (U+D55C)' in problem.message


def test_a_check_names_it_also_where_no_pictures_are_drawn(tmp_path: Path) -> None:
    content = write(tmp_path, {"courses/algebra/index.md": "---\ntitle: Algebra 한\n---\n"})
    course = a_titled_course(("it", Words(title="Algebra 한")), files=("content/courses/algebra/index.md",))

    problems = [str(problem) for problem in advise({"PATH": str(content)}, a_site(course, a_course("other")))]

    assert [problem.partition(": no font")[0] for problem in problems] == ["content/courses/algebra/index.md:2: title"]


@pytest.mark.parametrize(("title", "drawn"), [("한글 Python  배우기", "Python"), ("한글", "Sito")])
def test_a_platforms_title_that_cannot_be_set_loses_those_letters_and_stops_nothing(title: str, drawn: str) -> None:
    """No editor can mend it."""
    files = ("content/snapshots/youtube/videos-2024.jsonl",)
    site = registered(a_titled_course(("it", Words(title=title)), files=files))

    assert missing_glyphs(site, "course") == ()
    assert cards(site)[0].card.title == drawn
