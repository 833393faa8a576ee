"""Runs of platforms become runs of the courses that they are editions of; what an editor wrote comes first."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from tests.builders import COURSE, KINDS, LANGS, TODAY, a_language, assembled, settings_for, write

from openknowledge.catalogue.assemble import AssembledSite, assemble
from openknowledge.catalogue.check_command import check_platform_runs
from openknowledge.content.course_runs import split_key
from openknowledge.content.parse_cache import ParseCache
from openknowledge.engine.query_graph import SEPARATOR
from openknowledge.model.course import Course, CourseRun, CourseState, Pace
from openknowledge.model.values import Ref

KEY = "course-v1:Polimi+ALG101+2026"
RUN = {"id": KEY, "title": {"it": "Algebra"}, "starts": "2026-02-01", "ends": "2026-03-15", "pace": "instructor"}
FILE = "content/snapshots/pok/runs.jsonl"


def a_file(fields: str = "", title: str = "Algebra") -> str:
    return f"---\ntitle: {title}\nabstract: Vettori.\n{fields}---\nUn testo.\n"


def rows(*runs: dict[str, Any]) -> str:
    return "".join(json.dumps(run) + "\n" for run in runs)


def a_site(root: Path, *runs: dict[str, Any], fields: str = "", today: date = TODAY) -> AssembledSite:
    """Return the site of a course `algebra` with these lines of front matter, and a snapshot with these runs."""
    return assembled(root, {"courses/algebra/index.md": a_file(fields), "snapshots/pok/runs.jsonl": rows(*runs)}, today)


def course_of(site: AssembledSite, slug: str = "algebra") -> Course:
    assert site.problems == ()
    course = site.site.fork().record(Ref("course", slug))
    stub = site.site.fork().stub("course", slug)
    assert isinstance(course, Course)
    assert isinstance(stub, Course)
    assert stub.runs == course.runs
    return course


def run_of(site: AssembledSite) -> CourseRun:
    (run,) = course_of(site).runs
    return run


def remarks(site: AssembledSite) -> list[str]:
    return [str(problem) for problem in check_platform_runs(site)]


@pytest.mark.parametrize(
    ("key", "parts"),
    [
        ("course-v1:Polimi+MAT101+2016_M8", ("Polimi", "MAT101", "2016_M8")),
        ("Polimi/MAT101/2014_T2", ("Polimi", "MAT101", "2014_T2")),
        ("ccx-v1:Polimi+ALG101+2024_M1+ccx@7", None),
        ("moodle:203", None),
        ("course-v1:Polimi+MAT101", None),
        ("primavera", None),
    ],
)
def test_an_id_of_open_edx_has_organisation_number_and_run(key: str, parts: tuple[str, str, str] | None) -> None:
    assert split_key(key) == parts


def test_a_run_with_the_key_of_a_course_gets_the_facts_that_its_editor_did_not_write(tmp_path: Path) -> None:
    fields = f"runs:\n  - {{key: {KEY}, label: Primavera, starts: 2026-02-10}}\n"

    run = run_of(a_site(tmp_path, {**RUN, "url": "https://lms.example.edu/a"}, fields=fields))

    assert (run.label, run.starts, run.ends) == ("Primavera", date(2026, 2, 10), date(2026, 3, 15))
    assert (run.pace, run.url) == (Pace.INSTRUCTOR, "https://lms.example.edu/a")


def test_a_run_with_the_number_in_moodle_of_a_course_gets_its_facts(tmp_path: Path) -> None:
    fields = "runs:\n  - {key: C203, label: Primavera, moodle_id: 203}\n"

    run = run_of(a_site(tmp_path, {"id": "203", "moodle_id": 203, "starts": "2026-02-01"}, fields=fields))

    assert (run.key, run.starts) == ("C203", date(2026, 2, 1))


@pytest.mark.parametrize(
    ("fields", "more"),
    [
        ("code: ALG101\n", {}),
        ("code: alg101\n", {}),
        ("runs:\n  - {key: course-v1:Polimi+ALG101+2015, label: 2015}\n", {}),
        ("runs:\n  - {key: Polimi/ALG101/2014_T2, label: 2014 T2}\n", {}),
        ("", {"course": "algebra"}),
        ("code: LA-7\n", {"number": "LA-7"}),
    ],
)
def test_a_new_run_of_a_course_is_found_by_its_number_or_by_what_operators_say(
    tmp_path: Path, fields: str, more: dict[str, str]
) -> None:
    course = course_of(a_site(tmp_path, {**RUN, **more}, fields=fields))

    assert course.runs[-1].key == KEY
    assert course.runs[-1].starts == date(2026, 2, 1)


def test_the_state_of_a_course_follows_from_the_runs_of_its_platform(tmp_path: Path) -> None:
    def state_on(day: date) -> CourseState:
        return course_of(a_site(tmp_path, RUN, fields="code: ALG101\n")).state_on(day)

    assert state_on(date(2026, 1, 1)) is CourseState.UPCOMING
    assert state_on(date(2026, 2, 20)) is CourseState.RUNNING
    assert state_on(date(2026, 3, 16)) is CourseState.ARCHIVED


def test_dates_of_a_platform_that_make_no_sense_with_those_of_the_editor_are_left_out(tmp_path: Path) -> None:
    fields = f"runs:\n  - {{key: {KEY}, label: Primavera, starts: 2026-09-01}}\n"

    run = run_of(a_site(tmp_path, RUN, fields=fields))

    assert (run.starts, run.ends, run.pace) == (date(2026, 9, 1), None, Pace.INSTRUCTOR)


@pytest.mark.parametrize(("gone_since", "keys"), [("2026-03-20", [KEY]), ("2026-03-15", []), ("2026-01-20", [])])
def test_a_run_that_the_platform_has_no_more_stays_if_it_was_over(
    tmp_path: Path, gone_since: str, keys: list[str]
) -> None:
    site = a_site(
        tmp_path, {**RUN, "url": "https://lms.example.edu/a", "gone_since": gone_since}, fields="code: ALG101\n"
    )

    assert [run.key for run in course_of(site).runs] == keys
    assert not any(run.url for run in course_of(site).runs)
    assert remarks(site) == []


def test_a_run_of_an_editor_keeps_the_dates_of_a_platform_that_has_it_no_more(tmp_path: Path) -> None:
    fields = f"runs:\n  - {{key: {KEY}, label: Primavera}}\n"
    gone = {**RUN, "url": "https://lms.example.edu/a", "gone_since": "2026-01-20"}

    run = run_of(a_site(tmp_path, gone, fields=fields))

    assert (run.starts, run.url) == (date(2026, 2, 1), None)


def test_an_editor_s_key_comes_before_what_operators_say_and_that_before_the_number(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {
        "courses/a/index.md": a_file(f"runs:\n  - {{key: {KEY}, label: Primavera}}\n", "A"),
        "courses/b/index.md": a_file(title="B"),
        "courses/c/index.md": a_file("code: FIS101\n", "C"),
        "snapshots/pok/runs.jsonl": rows(
            {**RUN, "course": "b"}, {"id": "course-v1:Polimi+FIS101+2026", "course": "b", "pace": "self"}
        ),
    }

    site = assembled(tmp_path, files)

    assert [[run.key for run in course_of(site, slug).runs] for slug in "abc"] == [
        [KEY],
        ["course-v1:Polimi+FIS101+2026"],
        [],
    ]


def test_runs_of_no_course_and_of_several_are_named_by_check_and_are_no_mistakes(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {
        "courses/a/index.md": a_file("code: ALG101\n", "A"),
        "courses/b/index.md": a_file("code: ALG101\n", "B"),
        "snapshots/pok/runs.jsonl": rows(RUN, {"id": "course-v1:Polimi+NEW101+2027"}, {"id": "9", "course": "niente"}),
    }

    site = assembled(tmp_path, files)

    assert (course_of(site, "a").runs, course_of(site, "b").runs) == ((), ())
    (remark,) = remarks(site)
    assert f"{FILE}: runs that belong to no course: {KEY} (Algebra), course-v1:Polimi+NEW101+2027, 9" in remark


def test_check_says_where_an_editor_and_a_platform_differ(tmp_path: Path) -> None:
    fields = f"runs:\n  - key: {KEY}\n    label: Primavera\n    starts: 2026-02-10\n    ends: 2026-03-15\n"

    (remark,) = remarks(a_site(tmp_path, RUN, fields=fields))

    assert remark.startswith(
        'content/courses/algebra/index.md:7: runs[0].starts: "2026-02-10" is shown, where the platform says '
        f'"2026-02-01" ({FILE}:1)'
    )


@pytest.mark.parametrize(
    ("label", "more"),
    [
        ("febbraio 2026 edition", {}),
        ("2026", {"starts": None}),
        ("2024 M1", {"id": "course-v1:Polimi+ALG101+2024_M1", "starts": None}),
        ("Edition on the portal", {"id": "203", "moodle_id": 203, "starts": None, "course": "algebra"}),
    ],
)
def test_a_run_that_only_the_platform_knows_is_called_by_its_month_or_its_key(
    tmp_path: Path, label: str, more: dict[str, Any]
) -> None:
    facts = {name: value for name, value in {**RUN, "ends": None, **more}.items() if value is not None}
    site = a_site(tmp_path, facts, fields="code: ALG101\n")
    course = course_of(site)

    page: Any = next(kind for kind in KINDS if kind.name == "course").page(course, site.site.fork(), "it")

    assert [run.label for run in page.runs] == [label]


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ('{"id": "a", "starts": "domani"}', 'starts: "domani" is not a date'),
        ('{"id": "a", "lang": "italiano"}', 'lang: "italiano" is not the code of a language'),
        ('{"title": {"it": "Algebra"}}', "id: this field is missing"),
        ('{"id": "a", "url": "javascript:alert(1)"}', 'url: "javascript:alert(1)" is not'),
        ('{"id": "a", "learners": 3}', 'unknown field "learners"'),
        ("{", "this is not JSON"),
    ],
)
def test_a_broken_row_is_a_problem_on_its_line_that_is_reported_each_time(
    tmp_path: Path, line: str, message: str
) -> None:
    files: dict[str, str | bytes] = {"snapshots/pok/runs.jsonl": f'{{"id": "b"}}\n{line}\n'}
    content = write(tmp_path, files)
    cache = ParseCache(None)

    for _ in range(2):
        site = assemble(settings_for(content), KINDS, {lang: a_language(lang) for lang in LANGS}, cache=cache)

        (problem,) = site.problems
        assert f"{FILE}:2: {message}" in str(problem)


def test_only_the_courses_of_changed_runs_have_other_digests_and_no_item_is_read_again(tmp_path: Path) -> None:
    other = {"id": "course-v1:Polimi+FIS101+2026", "pace": "self"}
    content = write(
        tmp_path,
        {
            "courses/algebra/index.md": a_file("code: ALG101\n"),
            "courses/fisica/index.md": a_file("code: FIS101\n", "Fisica"),
            "courses/storia/index.md": COURSE,
        },
    )
    cache = ParseCache(None)

    def digests(*runs: dict[str, Any]) -> tuple[dict[str, bytes | None], list[str]]:
        write(tmp_path, {"snapshots/pok/runs.jsonl": rows(*runs)})
        site = assemble(settings_for(content), KINDS, {lang: a_language(lang) for lang in LANGS}, cache=cache)
        inputs = site.site.fork().digest_input
        if not site.content.parsed:
            changed = {key.split(SEPARATOR)[-1]: fields for key, fields in site.site.changed_fields.items()}
            assert changed["algebra"] == ("runs",)
        return {slug: inputs("record", "course", slug) for slug in ("algebra", "fisica", "storia")}, site.content.parsed

    before, _ = digests(RUN, other)
    after, parsed = digests(other, {"id": "x"}, {**RUN, "ends": "2026-04-01"})

    assert [slug for slug in before if before[slug] != after[slug]] == ["algebra"]
    assert parsed == []
