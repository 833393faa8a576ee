"""Facts that cannot be are named with their line, though each of them has the right type."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.builders import problems

C, V, R, H = "courses/a/index.md", "videos/a.md", "press/2025/a.md", "hub/webinar/a.md"
INITIATIVE = "---\ntitle: I\nstarts: 2020\n---\n"
PERSON = "---\ntitle: Ada\n---\n"
RUN = "runs:\n  - key: a\n    label: b\n"
VIDEO = "published: 2025-01-01T10:00:00Z\n"
WRONG = {
    "no hours": (C, "weekly_hours: 0", 3, "weekly_hours: 0 is less than 1"),
    "negative weeks": (C, "weeks: -6", 3, "weeks: -6 is less than 1"),
    "negative hours": (C, "total_hours: -1", 3, "total_hours: -1 is less than 1"),
    "a unit of no weeks": (C, "syllabus:\n  - title: x\n    weeks: 0", 5, "syllabus[0].weeks: 0 is less than 1"),
    "a video of no length": (V, f"{VIDEO}duration_s: 0", 4, "duration_s: 0 is less than 1"),
    "negative views": (V, f"{VIDEO}views: {{total: -1, as_of: 2025-01-01}}", 4, "views.total: -1 is less than 0"),
    "a run that ends first": (C, f"{RUN}    starts: 2026-03-01\n    ends: 2026-02-01", 7, "runs[0].ends: a run cannot"),
    "an enrolment that closes first": (
        C, f"{RUN}    enrollment_opens: 2026-03-01\n    enrollment_closes: 2026-02-01", 7,
        "runs[0].enrollment_closes: enrolment cannot",
    ),
    "an enrolment after the run": (
        C, f"{RUN}    ends: 2026-02-01\n    enrollment_opens: 2026-03-01", 7, "runs[0].enrollment_opens: enrol",
    ),
    "a session that ends first": (
        H, "initiative: i\npublished: 2025\nsession:\n  starts: 2025-02-01T10:00Z\n  ends: 2025-02-01T09:00Z", 7,
        "session.ends: it cannot end before it starts",
    ),
    "an initiative that ends first": ("initiatives/x.md", "starts: 2021\nends: 2020-07", 4, "ends: it cannot end"),
    "a programme that ends first": ("programmes/x.md", "starts: 2021-02\nends: 2021-01", 4, "ends: it cannot end"),
    "an update before the publication": (R, "published: 2025-06-01\nupdated: 2025-05-01", 4, "updated: it cannot be"),
    "a course that requires itself": (C, "prerequisites: [a]", 3, "prerequisites[0]: a course cannot be its own"),
    "a run twice": (C, f"{RUN}  - {{key: a, label: c}}", 6, 'runs[1].key: two runs have the key "a"'),
    "a release of another year": (R, "published: 2024-06-01", 3, 'published: the release lies in the folder'),
    "a year of long ago": ("press/1206/a.md", "published: 1206-06-01", 3, "published: the year 1206 is far off"),
    "a source of the far future": (C, "sources: [{title: x, date: 2206}]", 3, "sources[0].date: the year 2206 is far"),
    "a run of another century": (C, f"{RUN}    starts: 2926-01-01", 6, "runs[0].starts: the year 2926 is far off"),
    "a year of five digits": (R, "published: 20260-06-01", 3, 'published: "20260-06-01" is not a date'),
    "a person twice in a role": (
        C, "credits:\n  - {person: ada, role: author}\n  - {person: ada, role: author}", 5,
        'credits[1]: "ada" is named twice in one role',
    ),
    "chapters that fall": (
        V, f"{VIDEO}chapters: [{{start_s: 9, title: x}}, {{start_s: 9, title: y}}]", 4, "chapters[1].start_s: a",
    ),
    "a chapter after the end": (
        V, f"{VIDEO}duration_s: 60\nchapters: [{{start_s: 60, title: x}}]", 5, "chapters[0].start_s: the",
    ),
    "views of tomorrow": (V, f"{VIDEO}views: {{total: 1, as_of: 2026-01-02}}", 4, 'views.as_of: "2026-01-02" lies in'),
    "an update of tomorrow": (R, "published: 2025-06-01\nupdated: 2026-01-02", 4, 'updated: "2026-01-02" lies in the'),
    "an address without a scheme": (C, "sources: [{title: x, url: www.polimi.it}]", 3, "sources[0].url:"),
    "a language in capitals": (C, "teaching_langs: [IT]", 3, 'teaching_langs[0]: "IT" is written "it"'),
    "a label of nothing": (C, 'runs: [{key: a, label: ""}]', 3, "runs[0].label: this field is empty"),
}  # fmt: skip


@pytest.mark.parametrize(("path", "front", "line", "message"), WRONG.values(), ids=WRONG)
def test_what_cannot_be_is_named_once_with_its_line(
    tmp_path: Path, path: str, front: str, line: int, message: str
) -> None:
    files: dict[str, str | bytes] = {path: f"---\ntitle: x\n{front}\n---\nTesto.\n", "people/ada.md": PERSON}

    found = problems(tmp_path, {**files, "initiatives/i.md": INITIATIVE})

    assert len(found) == 1 and found[0].startswith(f"content/{path}:{line}: {message}"), found
    assert "\n    " in found[0]


def test_what_is_unusual_but_possible_is_no_mistake(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {
        C: f"---\ntitle: x\n{RUN}    starts: 2027-01-01\n    ends: 2027-02-01\nsources: [{{title: x, date: 1863}}]\n"
        "credits: [{person: ada, role: author}, {person: ada, role: tutor}]\n---\n",
        V: f"---\ntitle: x\n{VIDEO}duration_s: 60\nchapters: [{{start_s: 0, title: x}}, {{start_s: 59, title: y}}]\n"
        "views: {total: 0, as_of: 2026-01-01}\n---\n",
        "initiatives/x.md": "---\ntitle: x\nstarts: 2020-03-18\nends: 2020-03\n"
        "timeline: [{date: 1863, text: {it: x}}]\n---\n",
        R: "---\ntitle: x\npublished: 2025-06-01\nupdated: 2025-06-01\n---\n",
        "people/ada.md": PERSON,
    }

    assert problems(tmp_path, files) == []


def courses(**fronts: str) -> dict[str, str | bytes]:
    return {f"courses/{name}/index.md": f"---\ntitle: x\n{front}\n---\n" for name, front in fronts.items()}


@pytest.mark.parametrize(
    "fronts",
    [
        {"a": "prerequisites: [b]", "b": "prerequisites: [a]"},
        {"a": "prerequisites: [d, b]", "b": "prerequisites: [d, c]", "c": "prerequisites: [a]", "d": ""},
        {"z": "prerequisites: [a]", "a": "prerequisites: [b]", "b": "prerequisites: [a]"},
    ],
)
def test_prerequisites_in_a_circle_are_named_once(tmp_path: Path, fronts: dict[str, str]) -> None:
    (found,) = problems(tmp_path, courses(**fronts))

    assert found.startswith("content/courses/a/index.md:3: prerequisites[") and "lead in a circle: course/a →" in found


def test_prerequisites_that_meet_again_are_no_circle(tmp_path: Path) -> None:
    fronts = {"a": "prerequisites: [b, c]", "b": "prerequisites: [d]", "c": "prerequisites: [d]", "d": ""}

    assert problems(tmp_path, courses(**fronts)) == []


def test_a_key_that_runs_of_two_courses_have_is_named_once(tmp_path: Path) -> None:
    (found,) = problems(tmp_path, courses(a=RUN, b=RUN, c="runs: [{key: c, label: d}]"))

    assert found.startswith("content/courses/b/index.md:4: runs[0].key: a run of content/courses/a/index.md")


@pytest.mark.parametrize("written", ["CC-BY-NC-4.0", "CC-BY", "cc-by-4.0", "CC-BY-ND-4.0"])
def test_a_licence_is_never_guessed(tmp_path: Path, written: str) -> None:
    (found,) = problems(tmp_path, courses(a=f"license: {written}"))

    assert f'license: "{written}" is not a known value\n' in found and "did you mean" not in found.lower()


def test_a_heading_without_words_is_named(tmp_path: Path) -> None:
    (found,) = problems(tmp_path, {C: "---\ntitle: x\n---\nTesto.\n\n##\n\nTesto.\n"})

    assert found.startswith(f"content/{C}:6: a heading without words")
