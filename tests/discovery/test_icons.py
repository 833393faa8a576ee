"""Browsers and phones find icons in the forms that they want, and a manifest in each language."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest
from PIL import Image
from tests.builders import a_course, a_site

from openknowledge.discovery.icons import ICON, draw_icons, icons_rule
from openknowledge.problems import ContentProblems

BLUE = (29, 58, 122)
DRAWING = (Path(__file__).parents[2] / "theme/static/icons/icon.svg").read_text()


@pytest.fixture(scope="module")
def icons() -> dict[str, Image.Image]:
    return {path: Image.open(io.BytesIO(data)) for path, data in draw_icons(DRAWING)}


def test_each_form_has_its_size(icons: dict[str, Image.Image]) -> None:
    assert {path: icon.size for path, icon in icons.items()} == {
        "apple-touch-icon.png": (180, 180),
        "icons/icon-192.png": (192, 192),
        "icons/icon-512.png": (512, 512),
        "icons/maskable-512.png": (512, 512),
        "favicon.ico": (48, 48),
    }
    assert icons["favicon.ico"].info["sizes"] == {(16, 16), (32, 32), (48, 48)}


@pytest.mark.parametrize("path", ["icons/icon-192.png", "icons/icon-512.png"])
def test_the_corners_of_an_icon_are_as_they_were_drawn(icons: dict[str, Image.Image], path: str) -> None:
    assert icons[path].convert("RGBA").getpixel((0, 0))[3] == 0  # type: ignore[index]


@pytest.mark.parametrize("path", ["apple-touch-icon.png", "icons/maskable-512.png"])
def test_an_icon_that_a_system_cuts_out_has_its_own_colour_to_the_edge(
    icons: dict[str, Image.Image], path: str
) -> None:
    icon = icons[path].convert("RGB")
    far = icon.width - 1

    assert {icon.getpixel(corner) for corner in ((0, 0), (far, 0), (0, far), (far, far))} == {BLUE}
    assert icons[path].mode == "RGB"


def test_what_a_system_may_cut_off_has_nothing_in_it(icons: dict[str, Image.Image]) -> None:
    icon = icons["icons/maskable-512.png"].convert("RGB")
    middle = icon.width / 2
    outside = [
        icon.getpixel((x, y))
        for x in range(0, icon.width, 4)
        for y in range(0, icon.height, 4)
        if ((x - middle) ** 2 + (y - middle) ** 2) ** 0.5 > 0.4 * icon.width
    ]

    # Making an icon smaller leaves a trace of what is near.
    assert max(abs(ours - blue) for pixel in outside for ours, blue in zip(pixel, BLUE, strict=True)) < 12  # type: ignore[arg-type]


def test_an_icon_without_a_ground_gets_the_colour_of_paper() -> None:
    drawing = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><path d="M3 3h3v3z"/></svg>'

    icon = Image.open(io.BytesIO(dict(draw_icons(drawing))["apple-touch-icon.png"]))

    assert icon.getpixel((0, 0)) == (251, 249, 244)


def test_a_drawing_that_is_none_is_a_problem() -> None:
    with pytest.raises(ContentProblems, match="1 problem"):
        draw_icons("<svg")


def test_a_language_has_a_manifest_whose_icons_exist() -> None:
    site = a_site(a_course(), web_manifest="icons/site.{lang}.webmanifest")
    site.register_input(ICON, lambda: b"", lambda: DRAWING)
    rule = icons_rule()
    files = dict(file for key in rule.keys(site) for file in rule.plan(site.fork(), *key).run())

    english = json.loads(files["icons/site.en.webmanifest"])

    assert (english["name"], english["lang"], english["dir"], english["start_url"]) == ("Site", "en", "ltr", "/en/")
    assert json.loads(files["icons/site.it.webmanifest"])["name"] == "Sito"
    for icon in english["icons"]:
        size = Image.open(io.BytesIO(files[icon["src"][1:]])).size
        assert (f"{size[0]}x{size[1]}", icon["type"]) == (icon["sizes"], "image/png")
    assert {icon["purpose"] for icon in english["icons"]} == {"any", "maskable"}
