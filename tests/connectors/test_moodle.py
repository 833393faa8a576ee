"""What Moodle says of its courses becomes rows and numbers; what it says of persons reaches no file and no message."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pytest_httpserver import HTTPServer
from tests.connectors.clients import DAY
from tests.connectors.course_platforms import (
    CANARIES,
    DATA,
    MOODLE_TOKEN,
    MoodleSite,
    Sync,
    an_error,
    load,
    say,
    write_course,
)

from openknowledge.connectors.moodle import COURSES, MEMBERSHIPS, SITE_INFO, MoodleSource
from openknowledge.connectors.source import EnrollmentCount, SourceFacts, SourceFailed
from openknowledge.model.numbers import EnrollmentMeasure

ERRORS = sorted((DATA / "moodle/errors").glob("*.json"))


@pytest.fixture
def site(httpserver: HTTPServer) -> MoodleSite:
    return MoodleSite(httpserver)


@pytest.fixture
def sync(site: MoodleSite, tmp_path: Path) -> Callable[..., Sync]:
    def start(**options: Any) -> Sync:
        values = {"name": "portale", "url": site.url, "timezone": "Europe/Rome", "token": MOODLE_TOKEN, **options}
        return Sync(MoodleSource(content=tmp_path / "content", **values), site.server, tmp_path)

    return start


def test_visible_courses_become_runs(sync: Callable[..., Sync], site: MoodleSite) -> None:
    one = sync()

    rows = one.run().rows["run"]

    assert [*rows] == ["203", "204", "205", "206", "208", "209"]
    assert rows["203"] == {
        "id": "203",
        "moodle_id": 203,
        "number": "C203",
        "title": {"it": "Progettare l'innovazione didattica", "en": "Designing learning innovation"},
        "starts": "2024-02-01",
        "url": f"{site.url}/course/view.php?id=203",
    }
    assert "hidden courses are left out: 1 (207)" in one.warnings


def test_names_are_in_their_languages_and_plain(sync: Callable[..., Sync]) -> None:
    rows = sync().run().rows["run"]

    assert rows["204"]["title"] == {"it": "Gestire il conflitto", "en": "Managing conflict"}
    assert rows["208"]["title"] == {"und": "Corso & altro x"}
    assert rows["209"]["title"] == {"it": "Ciao comune", "en-US": "Ciao comune", "und": "Hello comune"}


def test_dates_that_are_absent_or_zero_are_unknown(sync: Callable[..., Sync]) -> None:
    rows = sync().run().rows["run"]

    assert not any(name in rows[course] for course in ("205", "206") for name in ("starts", "ends"))


@pytest.mark.parametrize(
    ("change", "field", "value"),
    [
        ({"enddate": 1710457200}, "ends", "2024-03-14"),  # Midnight in Rome.
        ({"enddate": 1710457201}, "ends", "2024-03-15"),
        ({"startdate": "1706742000"}, "starts", "2024-02-01"),
        ({"startdate": 10**18}, "starts", None),
        ({"startdate": -5}, "starts", None),
        ({"enddate": 1600000000}, "ends", None),
        ({"startdate": "0"}, "starts", None),
        ({"lang": "en_us"}, "lang", "en-US"),
        ({"lang": "italiano"}, "lang", None),
        ({"fullname": None}, "title", None),
    ],
)
def test_odd_values_are_read_or_unknown(
    change: dict[str, Any], field: str, value: Any, sync: Callable[..., Sync], site: MoodleSite
) -> None:
    site.courses[203].update(change)
    one = sync()

    assert one.run().rows["run"]["203"].get(field) == value
    assert one.findings.problems == []


@pytest.mark.parametrize(
    ("visible", "is_there"), [(True, True), ("1", True), (False, False), ("0", False), (None, False)]
)
def test_only_what_is_surely_visible_is_public(
    visible: Any, is_there: bool, sync: Callable[..., Sync], site: MoodleSite
) -> None:
    site.courses[203]["visible"] = visible

    assert ("203" in sync().run().rows["run"]) is is_there


@pytest.mark.parametrize("path", ERRORS, ids=lambda path: path.stem)
@pytest.mark.parametrize("function", [COURSES, SITE_INFO, MEMBERSHIPS])
def test_each_error_of_each_function_is_a_failure_by_its_code(
    path: Path, function: str, sync: Callable[..., Sync], site: MoodleSite
) -> None:
    site.faults[function] = [an_error(path) for _ in range(9)]
    code = path.stem.removeprefix("200-")

    with pytest.raises(SourceFailed) as failure:
        sync(counts=True).run()

    is_empty = code == "empty-body"
    assert ("it could not write its answer as JSON" if is_empty else f'error "{code}"') in str(failure.value)
    assert not any(canary in str(failure.value) for canary in CANARIES)
    assert len([form for form in site.forms if form["wsfunction"] == function]) == (5 if is_empty else 1)


@pytest.mark.parametrize(
    "body",
    [
        {
            "exception": "x",
            "errorcode": f"who is {CANARIES[1]}?",
            "message": "Canary Person",
            "debuginfo": MOODLE_TOKEN,
        },
        {"exception": "x"},
        {"exception": None, "errorcode": 7},
    ],
)
def test_an_exception_of_an_unknown_code_is_a_failure_without_its_words(
    body: dict[str, Any], sync: Callable[..., Sync], site: MoodleSite
) -> None:
    site.faults[COURSES] = [say(body)]

    with pytest.raises(SourceFailed, match=r'answered with the error "(unknown|None|7)"') as failure:
        sync().run()

    assert not any(canary in str(failure.value) for canary in CANARIES)


@pytest.mark.parametrize(
    "body", ["<html>Maintenance</html>", "null", [], {"courses": None}, {"courses": [{"id": "x"}]}]
)
def test_what_is_no_list_of_courses_is_tried_again_and_then_a_failure(
    body: Any, sync: Callable[..., Sync], site: MoodleSite
) -> None:
    site.faults[COURSES] = [say(body) for _ in range(9)]

    with pytest.raises(SourceFailed, match="something else than what was asked for, in 5 tries"):
        sync().run()

    site.faults[COURSES] = [say(body)]
    assert len(sync().run().rows["run"]) == 6


def test_members_are_counted_without_the_account_that_counts(sync: Callable[..., Sync], tmp_path: Path) -> None:
    write_course(tmp_path / "content", "innovazione", "runs:\n  - {key: C203, label: Una, moodle_id: 203}\n")
    write_course(tmp_path / "content", "ignoto", "code: C206\n")
    write_course(tmp_path / "content", "senza", "code: C204\n")

    measure = EnrollmentMeasure.MEMBERS
    assert sync(counts=True).run().enrollments == {
        "innovazione": EnrollmentCount(1403, measure, DAY),
        "ignoto": EnrollmentCount(0, measure, DAY),
    }


@pytest.mark.parametrize("count", [0, None, "many", -1, True])
def test_a_count_without_even_the_account_that_counts_is_unknown(
    count: Any, sync: Callable[..., Sync], site: MoodleSite, tmp_path: Path
) -> None:
    site.answers[MEMBERSHIPS][0]["enrolledusercount"] = count
    write_course(tmp_path / "content", "innovazione", "code: C203\n")

    assert sync(counts=True).run().enrollments == {"innovazione": EnrollmentCount(None, EnrollmentMeasure.MEMBERS, DAY)}


def test_the_empty_list_of_separate_groups_is_unknown_and_not_zero(
    sync: Callable[..., Sync], site: MoodleSite, tmp_path: Path
) -> None:
    site.answers[MEMBERSHIPS] = load("moodle/core_enrol_get_enrolled_users.separate-groups.json")
    write_course(tmp_path / "content", "innovazione", "code: C203\n")

    assert sync(counts=True).run().enrollments == {}


def test_only_functions_that_are_asked_for_no_persons_are_called(sync: Callable[..., Sync], site: MoodleSite) -> None:
    sync(counts=True).run(SourceFacts(rows={"run": {"7": {"id": "7"}}}))

    assert site.forms == [
        {"wsfunction": COURSES},
        {"wsfunction": COURSES, "field": "id", "value": "7"},
        {"wsfunction": SITE_INFO},
        {"wsfunction": MEMBERSHIPS, "userid": "77", "returnusercount": "1"},
    ]


def test_no_name_of_a_person_and_no_token_is_in_any_file_or_log(
    sync: Callable[..., Sync], site: MoodleSite, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    site.answers[MEMBERSHIPS][0]["lastaccess"] = "Canary Person"
    site.courses[203]["summary"] = "Canary Person"
    one = sync(counts=True)

    facts = one.run(SourceFacts(rows={"run": {"204": {"id": "204"}, "207": {"id": "207"}}}))

    printed = "".join(capfd.readouterr())
    everything = "\n".join((one.stored_text(), caplog.text, printed, json.dumps(facts.rows), one.warnings))
    assert [canary for canary in CANARIES if canary in everything] == []
    assert "Designing learning innovation" in everything


def test_a_known_course_that_is_hidden_or_gone_is_refused(sync: Callable[..., Sync], site: MoodleSite) -> None:
    facts = sync().run(SourceFacts(rows={"run": {name: {"id": name} for name in ("203", "207", "999")}}))

    assert facts.refused == {"run": {"207", "999"}}


@pytest.mark.parametrize("code", ["accessexception", "errorcoursecontextnotvalid", "requireloginerror"])
def test_a_known_course_that_the_account_may_not_ask_for_is_not_proved_to_be_gone(
    code: str, sync: Callable[..., Sync], site: MoodleSite
) -> None:
    """The list of all courses was answered, so the error concerns this course, and the others go on."""
    refusal = an_error(DATA / f"moodle/errors/200-{code}.json")
    site.faults[COURSES] = [say(site.answers[COURSES]), refusal]
    one = sync()

    facts = one.run(SourceFacts(rows={"run": {name: {"id": name} for name in ("203", "998", "999")}}))

    assert facts.refused == {"run": {"999"}} and len(facts.rows["run"]) == 6
    assert "may not ask for, so it may still be there: 1 (998)" in one.warnings


@pytest.mark.parametrize("code", ["invalidtoken", "servicenotavailable", "sitemaintenance", "invalidresponse"])
def test_an_error_that_concerns_all_courses_is_a_failure_also_where_one_is_asked_for(
    code: str, sync: Callable[..., Sync], site: MoodleSite
) -> None:
    site.faults[COURSES] = [say(site.answers[COURSES]), an_error(DATA / f"moodle/errors/200-{code}.json")]

    with pytest.raises(SourceFailed, match=code):
        sync().run(SourceFacts(rows={"run": {"999": {"id": "999"}}}))


def test_operators_say_which_course_a_run_is_of(sync: Callable[..., Sync]) -> None:
    one = sync(courses={"203": "innovazione", "C204": "conflitto"})

    rows = one.run().rows["run"]

    assert {name: row["course"] for name, row in rows.items() if "course" in row} == {
        "203": "innovazione",
        "204": "conflitto",
    }
