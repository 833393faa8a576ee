"""The plugin names the theme's files when a build begins, and writes them in it."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest

from openknowledge.assets import name_assets
from openknowledge.assets.generator import AssetsGenerator
from openknowledge.catalogue.problems import ContentProblems


def a_theme(folder: Path, css: str) -> Path:
    (folder / "theme/static/css").mkdir(parents=True)
    (folder / "theme/static/css/site.css").write_text(css)
    return folder / "theme"


def test_each_address_is_in_the_settings_and_its_file_in_the_output(tmp_path: Path) -> None:
    pelican = SimpleNamespace(settings={"THEME": str(a_theme(tmp_path, "a { top: 0 }"))})
    name_assets(pelican)
    generator = AssetsGenerator.__new__(AssetsGenerator)
    generator.settings, generator.output_path = pelican.settings, str(tmp_path / "output")

    generator.generate_output(None)

    assert list(pelican.settings["ASSETS"]) == ["site.css"]
    written = tmp_path / "output" / pelican.settings["ASSETS"]["site.css"].removeprefix("/")
    assert written.read_text() == "a{top: 0}"


def test_a_mistake_in_the_theme_stops_the_build(tmp_path: Path) -> None:
    pelican = SimpleNamespace(settings={"THEME": str(a_theme(tmp_path, '@import "gone.css";'))})

    with pytest.raises(ContentProblems) as stopped:
        name_assets(pelican)

    assert [str(problem.line) for problem in stopped.value.problems] == ["1"]
