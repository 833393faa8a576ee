"""The digest of what goes into a build covers what changes a page, and nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest

from openknowledge.engine.build_inputs import (
    MAX_RECENT_FILES,
    MTIME_GRANULARITY_NS,
    BuildInputs,
    digest_settings,
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
