"""Covers of videos say their first words, length and playlist; they are small, readable, and no two are alike."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as some
from lxml import etree
from tests.builders import assembled

from openknowledge.catalogue.covers import QUIET_INKS, SUBJECT_INKS, Inks
from openknowledge.catalogue.video_covers import SMALL_FORM, draw_playlist_cover, draw_video_cover
from openknowledge.model.values import Subject

LARGEST = 2048
SVG = "{http://www.w3.org/2000/svg}"


def words_of(cover: str) -> list[str]:
    return [span.text or "" for span in etree.fromstring(cover.encode()).iter(f"{SVG}tspan")]


def draw(
    title: str, lang: str = "it", duration_s: int | None = 725, slug: str = "a", playlist: str | None = "b"
) -> str:
    return draw_video_cover(title, lang, duration_s, None, slug, playlist)


def test_a_cover_says_the_first_words_and_the_length() -> None:
    cover = draw(
        "Introduzione alla matematica per l’università e per chi comincia adesso, con esercizi risolti e commentati",
        duration_s=3725,
    )

    words = words_of(cover)
    assert " ".join(words).startswith("Introduzione alla matematica") and words[-1].endswith("…")
    assert cover.count(">1:02:05</text>") == 2
    assert draw("x").count(">12:05</text>") == 2 and "</text>" not in draw("x", duration_s=None).partition("<tspan")[0]


def test_the_small_form_has_the_mark_or_the_first_letter_and_no_words() -> None:
    """What an address with `#small` shows lies below the whole cover; its title stands beside it."""
    small = etree.fromstring(draw("«éCole» uno", playlist=None).encode())
    view = small.find(f"{SVG}view")

    assert view is not None and view.get("id") == SMALL_FORM[1:]
    top = int(view.get("viewBox", "").split()[1])
    assert all(int(span.get("y", "0")) < top for span in small.iter(f"{SVG}tspan"))
    assert [one.text for one in small.iter(f"{SVG}text") if int(one.get("y", "0")) > top] == ["É", "12:05"]
    assert "<use" in draw("Uno") and ">U</text>" not in draw("Uno")
    assert 'text-anchor="end"' in draw("الجبر", playlist=None) and ">ا</text>" in draw("الجبر", playlist=None)


@pytest.mark.parametrize(
    ("title", "lang", "side"),
    [
        ("الجبر الخطي", "ar", 'direction="rtl"'),
        ("Python بالعربية", "ar", 'x="40"'),
        ("幾何學的第一步，從零開始學習幾何與三角函數", "zh-Hant", 'lang="zh-Hant"'),
        ("123", "he", 'direction="rtl"'),
        ("C# & <b>", "und", "C# &amp; &lt;b&gt;"),
    ],
)
def test_titles_of_each_script_stand_where_its_readers_begin(title: str, lang: str, side: str) -> None:
    cover = draw(title, lang)

    assert side in cover
    shown = "".join(words_of(cover)).removesuffix("…").replace(" ", "")
    assert title.replace(" ", "").startswith(shown) and len(shown) > 2


def test_a_video_of_a_playlist_has_its_mark_and_colour_and_others_have_not() -> None:
    mark = re.findall(r'<path d="[^"]*" fill="(#[0-9a-f]{6})"/>', draw_playlist_cover(None, "serie"))
    first, second = (draw(title, slug=title, playlist="serie") for title in ("Uno", "Due"))

    assert all(set(re.findall(r'fill="(#\w+)"', cover)) == set(mark) for cover in (first, second))
    marks = {re.findall(r'<g id="m"><path d="([^"]*)" fill', cover)[0] for cover in (first, second)}
    assert len(marks) == 1 and '<g id="m">' not in draw("Uno", playlist=None)


def test_no_two_of_thousands_of_covers_are_alike_not_even_of_equal_titles() -> None:
    covers = {draw("Keynote", slug=f"keynote-{number}", playlist=f"list-{number % 9}") for number in range(3000)}
    playlists = {draw_playlist_cover(None, f"list-{number}") for number in range(200)}

    assert len(covers) == 3000 and len(playlists) == 200


@given(
    title=some.text(max_size=300),
    lang=some.sampled_from(("it", "ar", "zh-Hans", "und", "")),
    duration_s=some.none() | some.integers(1, 10**6),
    subject=some.sampled_from((*Subject, None)),
    slug=some.text(max_size=60),
)
def test_any_title_gives_a_small_well_formed_drawing_inside_its_paper(
    title: str, lang: str, duration_s: int | None, subject: Subject | None, slug: str
) -> None:
    cover = draw_video_cover(title, lang, duration_s, subject, slug, slug)
    drawing = etree.fromstring(cover.encode())

    assert len(cover.encode()) <= LARGEST
    assert {etree.QName(element).localname for element in drawing.iter()} <= {
        "svg",
        "view",
        "path",
        "g",
        "use",
        "text",
        "tspan",
    }
    assert all(0 < int(span.get("y", "0")) <= 345 for span in drawing.iter(f"{SVG}tspan"))


@pytest.mark.parametrize("inks", [*SUBJECT_INKS.values(), *QUIET_INKS])
def test_words_can_be_read_on_every_paper(inks: Inks) -> None:
    light, dark = sorted((luminance(inks.paper), luminance(inks.ink)), reverse=True)

    assert (light + 0.05) / (dark + 0.05) >= 4.5


def luminance(colour: str) -> float:
    parts = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return float(0.2126 * red + 0.7152 * green + 0.0722 * blue)


def test_a_video_shows_the_cover_of_its_playlist_in_the_shape_of_a_film(tmp_path: Path) -> None:
    video = "---\ntitle: Lezione\npublished: 2025-03-01T10:00:00+01:00\nduration_s: 60\nsample: true\n---\n"
    files = {"videos/uno.md": video, "playlists/serie.md": "---\ntitle: Serie\nvideos: [uno]\nsample: true\n---\n"}
    site = assembled(tmp_path, files).site.fork()

    record = site.stub("video", "uno")
    assert record is not None
    picture = site.picture(record, "it")
    assert (picture.width_px, picture.height_px, picture.alt, picture.is_drawn) == (640, 360, "", True)
