"""Milestones become drafts of press releases."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from tests.builders import LANGS, a_language, assembled, write

from openknowledge.connectors.milestones import describe_milestone, draft_releases, find_milestones

FOLDER = "snapshots/enrollments/"
HEAD = "# source: P_O_K\n# measure: enrolled_ever\nday,total\n"
FILES: dict[str, str | bytes] = {
    "courses/algebra/index.md": '---\ntitle: "Algebra: *linear* [A]"\n---\nTesto.\n',
    "courses/algebra/index.en.md": "---\ntitle: Linear algebra\n---\nText.\n",
    FOLDER + "algebra.pok.csv": HEAD + "2026-01-01,990\n",
}
GROWN = {FOLDER + "algebra.pok.csv": (HEAD + "2026-01-01,990\n2026-01-02,1003\n").encode()}
SITE_NAMES = {"it": "Sito", "en": "Site"}
LANGUAGES = {lang: a_language(lang) for lang in LANGS}
DRAFT = "press/2026/algebra-1000.md"


def drafts(content: Path) -> dict[str, str]:
    milestones = find_milestones(content, GROWN, (1000, 5000))
    files = draft_releases(content, milestones, GROWN, LANGUAGES, SITE_NAMES)
    return {path: data.decode() for path, data in files.items()}


def test_a_milestone_is_described_with_its_day_and_total(tmp_path: Path) -> None:
    found = find_milestones(write(tmp_path, FILES), GROWN, (1000, 5000))

    assert [describe_milestone(one) for one in found] == [
        "all courses: 1000 enrolments reached on 2026-01-02 (1003)",
        "course/algebra: 1000 enrolments reached on 2026-01-02 (1003)",
    ]
    assert find_milestones(write(tmp_path, FILES), {}, (1000,)) == []


def test_a_draft_says_what_was_counted_by_whom_and_on_which_day_in_each_language(tmp_path: Path) -> None:
    files = drafts(write(tmp_path, FILES))

    assert sorted(files) == [
        "press/2026/algebra-1000.en.md",
        DRAFT,
        "press/2026/all-courses-1000.en.md",
        "press/2026/all-courses-1000.md",
    ]
    english = files["press/2026/algebra-1000.en.md"]
    for part in ("1,003", "January 2, 2026", "990", "January 1, 2026", "[Linear algebra]", "P\\_O\\_K"):
        assert part in english
    assert "Enrolments in this course, in all its editions." in english
    assert "draft: true\npublished: 2026-01-02\nmentions: [course/algebra]\n" in files[DRAFT]
    assert "draft" not in english


def test_drafts_are_sound_content_that_is_not_built(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {**FILES, **GROWN, **drafts(write(tmp_path, FILES))}

    site = assembled(tmp_path, files, today=date(2026, 2, 1))

    assert [str(problem) for problem in site.problems] == []
    assert site.site.fork().slugs("press") == ()
    assert [path for path, _ in site.scheduled] == [f"content/{DRAFT}", "content/press/2026/all-courses-1000.md"]


def test_what_is_there_is_not_written_again(tmp_path: Path) -> None:
    for path in (DRAFT, "press/2025/algebra-1000.en.md", "press/2026/algebra-1000/index.md"):
        content = write(tmp_path / path.replace("/", "-"), {**FILES, path: "mine"})

        assert sorted(drafts(content)) == ["press/2026/all-courses-1000.en.md", "press/2026/all-courses-1000.md"]
