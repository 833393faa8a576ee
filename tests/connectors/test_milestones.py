"""Milestones become drafts of press releases."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from tests.builders import LANGS, a_language, assembled, write

from openknowledge.connectors.command import main
from openknowledge.connectors.milestones import describe_milestone, draft_releases, find_milestones
from openknowledge.connectors.recording import Recording
from openknowledge.connectors.settings import SourceKind
from openknowledge.connectors.source import EnrollmentCount, RecordContext, SourceFacts, SyncFindings
from openknowledge.model.numbers import EnrollmentMeasure

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


@dataclass(frozen=True, kw_only=True)
class CountingSource:
    """Counts one course, without asking anybody."""

    name: str
    count: EnrollmentCount
    url: str | None = None
    tables: tuple[str, ...] = ()
    requests_a_minute: int | None = None

    def create_auth(self) -> None:
        return None

    def secrets(self) -> tuple[str, ...]:
        return ()

    def record(self, context: RecordContext) -> None:
        """Record nothing."""

    def read(self, recording: Recording, known: SourceFacts, findings: SyncFindings) -> SourceFacts:
        return SourceFacts(enrollments={"algebra": self.count})


def sync_count(folder: Path, total: int, day: str, *arguments: str) -> dict[str, Any]:
    """Sync one count with the command, and return what it tells programs."""
    count = EnrollmentCount(total, EnrollmentMeasure.ENROLLED_EVER, date.fromisoformat(day))
    kind = SourceKind(lambda content, values: CountingSource(name="pok", count=count))
    settings = """PATH, CACHE_PATH = "content", ".cache"
LANGUAGES, SITENAMES, COUNTERS_MILESTONES = ("it", "en"), {"it": "Sito", "en": "Site"}, (1000,)
SOURCES = [{"name": "pok", "kind": "counting"}]
"""
    (folder / "pelicanconf.py").write_text(settings)
    report = folder / "sync.json"
    main(["--json", str(report), *arguments], project=folder, environment={}, kinds={"counting": kind})
    (source,) = json.loads(report.read_bytes())["sources"]
    return dict(source)


def test_a_sync_reports_a_milestone_once_and_writes_its_drafts_with_the_point(tmp_path: Path) -> None:
    write(tmp_path, FILES)

    plan = sync_count(tmp_path, 1003, "2026-01-02", "--plan")
    assert not (tmp_path / "content" / DRAFT).exists()
    first = sync_count(tmp_path, 1003, "2026-01-02")
    again = sync_count(tmp_path, 1010, "2026-01-03")

    assert plan["files"] == first["files"]
    assert [path for path in first["files"] if path.startswith("press/")] == sorted(drafts_of(first))
    assert len(first["milestones"]) == 2
    assert (again["milestones"], again["files"]) == ([], [FOLDER + "algebra.pok.csv"])
    assert "1.003" in (tmp_path / "content" / DRAFT).read_text()


def drafts_of(source: dict[str, Any]) -> list[str]:
    names = (milestone.partition(":")[0].replace("course/", "").replace(" ", "-") for milestone in source["milestones"])
    return [f"press/2026/{name}-1000{suffix}.md" for name in names for suffix in ("", ".en")]
