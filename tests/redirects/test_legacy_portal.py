"""The old portal's addresses come from the courses' own keys and numbers."""

from __future__ import annotations

import pytest
from tests.builders import a_course, a_run

from openknowledge.redirects.sources import LegacyRun, legacy_paths, legacy_runs

LANGS = ("it", "en")


def runs(*course_runs: object) -> list[LegacyRun]:
    return list(legacy_runs([a_course("algebra", runs=course_runs)], LANGS))


@pytest.mark.parametrize("key", ["course-v1:Polimi+MAT101+2015", "Polimi/MAT101/2014_T2"])
def test_a_run_of_open_edx_has_its_pages_with_and_without_a_slash(key: str) -> None:
    (run,) = runs(a_run(key=key))

    assert legacy_paths(run) == tuple(
        f"/courses/{key}{suffix}" for suffix in ("/", "", "/about/", "/about", "/course/", "/course", "/info/", "/info")
    )


def test_a_run_of_moodle_is_known_by_its_number_alone() -> None:
    (run,) = runs(a_run(key="PID101+2022_M7", moodle_id=203))

    assert run.number == "203"
    assert legacy_paths(run) == ()


def test_a_run_goes_to_the_page_in_its_own_language_where_the_site_has_that() -> None:
    legacy = runs(a_run(key="a", lang="en"), a_run(key="b", lang="fr"), a_run(key="c"))

    assert [run.lang for run in legacy] == ["en", "it", "it"]


@pytest.mark.parametrize("key", ["2015", "", "course-v1:a?b", "course-v1:../x", "a/b c/d"])
def test_a_key_that_is_no_address_makes_none(key: str) -> None:
    assert legacy_paths(runs(a_run(key=key))[0]) == ()
