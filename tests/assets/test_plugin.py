"""The plugin reads the theme's files once a build, and writes those very bytes."""

from __future__ import annotations

from pathlib import Path

import pytest

from openknowledge.assets.generator import AssetsGenerator
from openknowledge.problems import ContentProblems


def a_generator(folder: Path, css: str) -> AssetsGenerator:
    (folder / "theme/static/css").mkdir(parents=True)
    (folder / "theme/static/css/site.css").write_text(css)
    generator = AssetsGenerator.__new__(AssetsGenerator)
    generator.context = {}
    generator.settings, generator.output_path = {"THEME": str(folder / "theme")}, str(folder / "output")
    return generator


def written(generator: AssetsGenerator) -> str:
    return Path(generator.output_path, generator.settings["ASSETS"]["site.css"].removeprefix("/")).read_text()


def test_each_address_is_in_the_settings_and_its_file_in_the_output(tmp_path: Path) -> None:
    generator = a_generator(tmp_path, "a { top: 0 }")

    generator.generate_context()
    generator.generate_output(None)

    assert list(generator.settings["ASSETS"]) == ["site.css", "pages.speculationrules"]
    assert written(generator) == "a{top: 0}"


def test_an_edit_during_a_build_does_not_part_pages_from_their_stylesheet(tmp_path: Path) -> None:
    generator = a_generator(tmp_path, "a { top: 0 }")

    generator.generate_context()
    (tmp_path / "theme/static/css/site.css").write_text("a { top: 1px }")
    generator.generate_output(None)

    assert written(generator) == "a{top: 0}"


def test_a_mistake_in_the_theme_stops_the_build(tmp_path: Path) -> None:
    generator = a_generator(tmp_path, '@import "gone.css";')

    with pytest.raises(ContentProblems) as stopped:
        generator.generate_context()

    assert [str(problem.line) for problem in stopped.value.problems] == ["1"]
