"""Titles of any length and script are set whole, in pictures that are as large and as small as platforms want them."""

from __future__ import annotations

import io

import pytest
from PIL import Image

from openknowledge.share_pictures.cards import ShareCard
from openknowledge.share_pictures.drawing import BAND, COLUMN, MAX_SIZE_B, PAPER, TITLE_ROOM, draw, fit, measure
from openknowledge.share_pictures.fonts import TITLE, find_missing, split_runs

LONG = "Come cambia l’insegnamento quando cambia tutto il resto e che cosa rimane dell’università che conosciamo"
TITLES = {
    "a word": ("it", "Fisica"),
    "200 characters": ("it", f"{LONG}: {LONG}"[:200]),
    "a word without an end": ("de", "Donaudampfschifffahrts" * 8),
    "Japanese": ("ja", "機械学習におけるデータの再現性について、Pythonで大量データ処理！" * 5),
    "Arabic": ("ar", "مقدمة في البرمجة بلغة Python 3 للمبتدئين (الجزء 2)"),
    "Hebrew": ("he", "מבוא לתכנות בשפת Python"),
    "emoji": ("it", "Mappe 🗺️ con GeoDjango 🌎, PostGIS 🐘 e Leaflet 🍃"),
    "joined emoji": ("en", "Why `len('😶\u200d🌫️') == 4` and other weird things"),
    "Cyrillic": ("ru", "Программирование для начинающих"),
    "nothing": ("it", ""),
}


def a_card(title: str, lang: str = "it") -> ShareCard:
    return ShareCard(title=title, kicker="Corso · Matematica", site_name="Sito", lang=lang, kind="course")


@pytest.mark.parametrize("name", TITLES)
def test_a_title_is_set_in_a_picture_of_the_size_that_platforms_show(name: str) -> None:
    lang, title = TITLES[name]

    data = draw(a_card(title, lang))

    picture = Image.open(io.BytesIO(data))
    assert (picture.format, picture.size) == ("JPEG", (1200, 630))
    assert len(data) <= MAX_SIZE_B == 80_000
    assert [*find_missing(title, TITLE)] == []


@pytest.mark.parametrize("name", TITLES)
def test_its_lines_are_no_wider_than_their_column_and_have_all_its_words(name: str) -> None:
    title = TITLES[name][1]

    size, lines = fit(title, COLUMN, TITLE_ROOM)

    assert "".join("".join(lines).split()) == "".join(title.split())
    # What is too much for the smallest size ends with an ellipsis.
    fitting = lines[:-1] if name in ("Japanese", "200 characters") else lines
    assert [line for line in fitting if measure(line, TITLE, size) > COLUMN * 1.01] == []


def test_a_short_title_is_large_and_a_long_one_smaller() -> None:
    sizes = [fit(title, COLUMN, TITLE_ROOM)[0] for title in ("Fisica", LONG[:60], LONG)]

    assert sizes == sorted(sizes, reverse=True)
    assert len(set(sizes)) == 3


def test_lines_are_about_equal() -> None:
    assert fit("Il linguaggio della matematica", COLUMN, TITLE_ROOM)[1] == ["Il linguaggio", "della matematica"]


def test_no_line_begins_with_a_sign_that_closes() -> None:
    lines = fit("データ、データ、データ、データ、データ、データ。", COLUMN, TITLE_ROOM)[1]

    assert len(lines) > 1
    assert [line for line in lines if line[0] in "、。ー"] == []


@pytest.mark.parametrize(("lang", "left", "right"), [("it", True, False), ("ar", False, True)])
def test_a_language_from_right_to_left_has_its_column_at_the_right(lang: str, left: bool, right: bool) -> None:
    picture = Image.open(io.BytesIO(draw(a_card("x", lang)))).convert("RGB")

    def is_paper(x: int) -> bool:
        paper = tuple(bytes.fromhex(PAPER[1:]))
        pixel = picture.getpixel((x, 30))
        return max(abs(ours - theirs) for ours, theirs in zip(paper, pixel, strict=True)) < 6  # type: ignore[arg-type]

    assert (is_paper(BAND // 2), is_paper(1200 - BAND // 2)) == (left, right)


def test_the_same_card_is_the_same_bytes() -> None:
    assert draw(a_card("Perché 🐍")) == draw(a_card("Perché 🐍"))


@pytest.mark.parametrize(
    ("text", "missing"),
    [("Corso", ""), ("한국어", "한국어"), ("A 𓀀 A 𓀀", "𓀀"), ("e\u0300\u200d\ufe0f\u00a0", ""), ("你好、データ", "")],
)
def test_what_no_font_has_is_known(text: str, missing: str) -> None:
    assert "".join(find_missing(text, TITLE)) == missing


def test_each_piece_of_a_line_has_a_font_that_has_it() -> None:
    assert [*split_runs("PostGIS 🐘 e データ C", TITLE)] == [
        (TITLE, "PostGIS "),
        ("emoji", "🐘"),
        (TITLE, " e "),
        ("cjk", "データ"),
        (TITLE, " C"),
    ]
    assert [*split_runs("(الجزء 2)", TITLE)] == [(TITLE, "("), ("arabic", "الجزء 2)")]


@pytest.mark.parametrize(
    "title",
    [
        *("葛\U000e0100城", "a\u0364\u034f\U000e0105", "\U000e0109\u033c", "a" + "\u0301" * 400),
        *("a\u2066b\u202e", "\u0945\u094d" * 40),
    ],
)
def test_a_title_with_selectors_of_variants_and_other_marks_is_drawn(title: str) -> None:
    """The library raises where it finds nothing to set; a build with a family name of Japan would have ended so."""
    assert list(find_missing(title, TITLE)) is not None
    assert draw(ShareCard(title=title, kicker=title, site_name="Sito", lang="it"))
