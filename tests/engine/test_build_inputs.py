"""The digest of what goes into a build covers what changes a page, and nothing else."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from openknowledge.engine import build_inputs
from openknowledge.engine.build_inputs import (
    MAX_RECENT_FILES,
    MTIME_GRANULARITY_NS,
    BuildInputs,
    KnownFile,
    digest_settings,
    digest_theme,
    scan_inputs,
)
from openknowledge.engine.session import BuildSession

DAY = {"BUILD_DATE": "2026-01-01"}


def test_where_the_site_is_published_changes_no_page():
    settings = {**DAY, "SITENAME": "A", "PUBLISH_TARGET": {"kind": "directory", "path": "here"}}
    others = {**settings, "PUBLISH_TARGET": {"kind": "s3"}, "PUBLISH_GRACE_H": 1}

    assert digest_settings(settings) == digest_settings(others)


def test_the_session_that_a_build_shares_changes_no_page():
    assert digest_settings(DAY) == digest_settings({**DAY, "BUILD_SESSION": BuildSession()})


def test_a_setting_that_pages_show_changes_the_digest():
    assert digest_settings({**DAY, "SITENAME": "A"}) != digest_settings({**DAY, "SITENAME": "B"})


@pytest.fixture
def content(tmp_path: Path) -> Path:
    (tmp_path / "content").mkdir()
    return tmp_path / "content"


def scan_at(content: Path, moment_ns: int, plugins: tuple[str, ...] = ("openknowledge.engine",)) -> BuildInputs:
    return scan_inputs({**DAY, "PATH": str(content), "PLUGINS": plugins}, "theme", moment_ns)


def write_files(content: Path, number: int) -> int:
    """Write files and return the moment of the newest one."""
    for index in range(number):
        (content / f"{index}.md").write_text("text")
    return max(path.stat().st_mtime_ns for path in content.iterdir())


def test_files_that_were_just_saved_count_with_their_bytes(content: Path) -> None:
    moment_ns = write_files(content, 2)

    soon, later = scan_at(content, moment_ns), scan_at(content, moment_ns + 2 * MTIME_GRANULARITY_NS)

    assert (soon.is_conclusive, sorted(soon.recent)) == (True, ["0.md", "1.md"])
    assert (later.is_conclusive, later.recent) == (True, {})
    assert soon.digest == later.digest


def test_after_many_saves_at_once_the_stamps_prove_nothing(content: Path) -> None:
    moment_ns = write_files(content, MAX_RECENT_FILES + 1)

    assert not scan_at(content, moment_ns).is_conclusive


def test_with_a_plugin_of_another_package_the_inputs_prove_nothing(content: Path) -> None:
    assert not scan_at(content, 0, ("openknowledge.engine", "others")).is_conclusive


def a_theme(folder: Path) -> dict[str, str]:
    """Return the settings of a theme with two files that have not changed for a while."""
    folder.mkdir()
    for name in ("base.html", "site.css"):
        (folder / name).write_text(name)
        os.utime(folder / name, (1_700_000_000, 1_700_000_000))
    return {"THEME": str(folder)}


def test_files_of_the_theme_are_read_once_and_again_where_they_changed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings, read = a_theme(tmp_path / "theme"), []
    real = build_inputs.read_project_file
    monkeypatch.setattr(
        build_inputs, "read_project_file", lambda path, *more: read.append(path.name) or real(path, *more)
    )
    known: dict[str, dict[str, KnownFile]] = {}

    first = digest_theme(settings, known)
    assert (digest_theme(settings, known), read) == (first, ["base.html", "site.css"])

    (tmp_path / "theme/site.css").write_text("SITE.css")
    changed = digest_theme(settings, known)

    assert changed != first
    assert read[2:] == ["site.css"]
    assert digest_theme(settings, {}) == changed


@pytest.mark.parametrize("change", [lambda file: file.unlink(), lambda file: file.rename(file.with_name("b.css"))])
def test_a_file_of_the_theme_that_goes_or_is_renamed_changes_the_digest(tmp_path: Path, change) -> None:
    settings, known = a_theme(tmp_path / "theme"), {}
    first = digest_theme(settings, known)

    change(tmp_path / "theme/site.css")

    assert digest_theme(settings, known) == digest_theme(settings, {}) != first
