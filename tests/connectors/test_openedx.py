"""What Open edX says in public of its runs becomes rows, and of their enrolments numbers; what is odd is unknown."""

from __future__ import annotations

import copy
import json
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from pytest_httpserver import HTTPServer
from tests.connectors.clients import DAY
from tests.connectors.course_platforms import (
    ACTIVE,
    ALGEBRA,
    CLIENT,
    DATA,
    DETAIL,
    LIST,
    SECRET,
    SUMMARIES,
    TOKEN,
    Portal,
    Sync,
    an_error,
    say,
    write_course,
)
from werkzeug import Response

from openknowledge.connectors.openedx import OpenEdxSource
from openknowledge.connectors.source import EnrollmentCount, SourceFacts, SourceFailed
from openknowledge.model.numbers import EnrollmentMeasure

HIDDEN = "course-v1:Polimi+HID101+2024"
ERRORS = sorted((DATA / "openedx/errors").glob("*.json"))


@pytest.fixture
def portal(httpserver: HTTPServer) -> Portal:
    return Portal(httpserver)


@pytest.fixture
def sync(portal: Portal, tmp_path: Path) -> Callable[..., Sync]:
    def start(**options: Any) -> Sync:
        values = {"name": "pok", "url": portal.url, "timezone": "Europe/Rome", **options}
        return Sync(OpenEdxSource(content=tmp_path / "content", **values), portal.server, tmp_path)

    return start


def test_runs_of_the_public_list_become_rows_of_facts(sync: Callable[..., Sync], portal: Portal) -> None:
    rows = sync().run().rows["run"]

    assert [*rows] == sorted(
        [
            ALGEBRA,
            *(f"course-v1:Polimi+{name}" for name in ("FIS101+2099", "INV101+2024", "NEW101+2027", "ODD101+2024")),
        ]
    )
    assert rows[ALGEBRA] == {
        "id": ALGEBRA,
        "title": {"und": "Algebra lineare"},
        "starts": "2024-02-01",
        "ends": "2024-03-15",
        "enrollment_opens": "2024-01-15",
        "enrollment_closes": "2024-03-01",
        "pace": "instructor",
        "url": f"{portal.url}/courses/{ALGEBRA}/about",
    }


def test_starts_that_stand_for_none_are_unknown(sync: Callable[..., Sync], portal: Portal) -> None:
    portal.pages[0]["results"][0] |= {"start": "2030-01-01T00:00:00+00:00"}

    rows = sync().run().rows["run"]

    assert not any("starts" in rows[f"course-v1:Polimi+{name}"] for name in ("FIS101+2099", "NEW101+2027"))
    assert "starts" not in rows[ALGEBRA]


def test_names_are_unescaped_and_trimmed_and_an_odd_pacing_is_read(sync: Callable[..., Sync]) -> None:
    rows = sync().run().rows["run"]

    odd = rows["course-v1:Polimi+ODD101+2024"]
    assert rows["course-v1:Polimi+FIS101+2099"]["title"] == {"und": "Fisica <di base> & altro"}
    assert (odd["title"], odd["pace"]) == ({"und": "Nome con spazi"}, "instructor")


def test_a_run_by_invitation_has_no_link_to_enrol(sync: Callable[..., Sync]) -> None:
    assert "url" not in sync().run().rows["run"]["course-v1:Polimi+INV101+2024"]


def test_runs_that_are_none_for_the_public_are_left_out_and_named(sync: Callable[..., Sync]) -> None:
    one = sync()
    one.run()

    assert "hidden runs are left out: 1 (course-v1:Polimi+HID101+2024)" in one.warnings
    assert "marked to be deleted are left out: 1 (course-v1:Polimi+DEL101+2020)" in one.warnings
    assert "(CCX) are left out: 1 (ccx-v1:Polimi+ALG101+2024_M1+ccx@7)" in one.warnings
    assert "ids of the old kind are left out: 1 (Polimi/MAT101/2014_T2)" in one.warnings


@pytest.mark.parametrize("hidden", [True, "true", 1])
def test_a_run_does_not_become_public_because_a_type_changes(
    hidden: Any, sync: Callable[..., Sync], portal: Portal
) -> None:
    portal.pages[0]["results"][0]["hidden"] = hidden

    assert ALGEBRA not in sync().run().rows["run"]


@pytest.mark.parametrize(
    ("change", "field", "day"),
    [
        # Midnight where the university is, which ends the day before.
        ({"end": "2024-03-15T23:00:00Z"}, "ends", "2024-03-15"),
        ({"end": "2024-03-15T23:00:01Z"}, "ends", "2024-03-16"),
        ({"start": "2024-01-31T23:00:00Z"}, "starts", "2024-02-01"),
        ({"start": "2024-02-01T00:00:00"}, "starts", "2024-02-01"),
        ({"start": "domani"}, "starts", None),
        ({"start": "2023-09-01T00:00:00Z", "start_type": "string", "start_display": "Autunno"}, "starts", None),
        ({"start": "2023-09-01T00:00:00Z", "start_type": "empty"}, "starts", None),
        ({"start": None}, "starts", None),
        ({"start": "", "end": ""}, "ends", None),
        ({"end": "2023-01-01T00:00:00Z"}, "ends", None),
        ({"end": "9999-12-31T23:59:59Z"}, "ends", None),
        ({"start": "0001-01-01T00:00:00Z"}, "starts", None),
    ],
)
def test_days_are_those_of_the_university_and_what_cannot_be_is_unknown(
    change: dict[str, Any], field: str, day: str | None, sync: Callable[..., Sync], portal: Portal
) -> None:
    portal.pages[0]["results"][0] |= {"enrollment_start": None, "enrollment_end": None, **change}
    one = sync()

    assert one.run().rows["run"][ALGEBRA].get(field) == day
    assert one.findings.problems == []


def test_a_time_without_a_zone_is_utc_wherever_the_sync_runs(
    sync: Callable[..., Sync], portal: Portal, monkeypatch: pytest.MonkeyPatch
) -> None:
    portal.pages[0]["results"][0]["start"] = "2024-02-01T12:00:00"
    monkeypatch.setenv("TZ", "Pacific/Kiritimati")
    time.tzset()
    try:
        assert sync().run().rows["run"][ALGEBRA]["starts"] == "2024-02-01"
    finally:
        monkeypatch.undo()
        time.tzset()


def test_an_address_that_builds_would_refuse_is_left_out(sync: Callable[..., Sync], portal: Portal) -> None:
    one = sync(url=f"http://localhost:{portal.server.port}")

    assert "url" not in one.run().rows["run"][ALGEBRA]
    assert "url is no address, so it counts as not known: 4" in one.warnings


@pytest.mark.parametrize("pages", [{"next": 7}, {"next": True}, {"count": 2}, "2", None])
def test_a_page_that_does_not_say_what_follows_is_no_end_of_the_list(
    pages: Any, sync: Callable[..., Sync], portal: Portal
) -> None:
    portal.pages[0]["pagination"] = pages

    with pytest.raises(SourceFailed, match="something else than what was asked for"):
        sync().run()


def test_a_date_of_another_type_stops_the_source(sync: Callable[..., Sync], portal: Portal) -> None:
    portal.pages[0]["results"][0]["start"] = ["2024"]
    one = sync()
    one.run()

    assert [str(problem) for problem in one.findings.problems] == [
        f"pok: {ALGEBRA}: start is of another type than it was: ['2024']"
    ]


def test_the_list_goes_on_until_there_is_no_next_page_and_ends_with_a_404(
    sync: Callable[..., Sync], portal: Portal
) -> None:
    one = sync()
    one.run()
    assert one.asked == [LIST] * 2

    portal.pages[1]["pagination"]["next"] = "https://lms.example.edu/api/courses/v1/courses/?page_size=5&page=3"
    again = sync()
    assert len(again.run().rows["run"]) == 5
    assert again.asked == [LIST] * 5


@pytest.mark.parametrize("following", ["", None])
def test_an_empty_next_page_is_the_end(following: Any, sync: Callable[..., Sync], portal: Portal) -> None:
    portal.pages[0]["pagination"]["next"] = following
    one = sync()
    one.run()

    assert one.asked == [LIST]


def test_a_list_that_goes_round_is_a_failure(sync: Callable[..., Sync], portal: Portal) -> None:
    for number in (3, 4, 5):
        portal.pages[-1]["pagination"]["next"] = f"https://lms.example.edu{LIST}?page={number}"
        portal.pages.append(copy.deepcopy(portal.pages[0]))

    with pytest.raises(SourceFailed, match="page 3 has no run that the pages before it do not have"):
        sync().run()


@pytest.mark.parametrize("path", ERRORS, ids=lambda path: path.stem)
@pytest.mark.parametrize("place", [f"{LIST}?1", f"{LIST}?2", SUMMARIES, f"{ACTIVE}/{ALGEBRA}"])
def test_each_error_at_each_page_ends_as_is_expected(
    path: Path, place: str, sync: Callable[..., Sync], portal: Portal, tmp_path: Path
) -> None:
    write_course(tmp_path / "content", "algebra", "code: ALG101\n")
    status = path.stem.partition("-")[0]
    portal.faults[place] = [an_error(path) for _ in range(9 if status in ("400", "403") else 1)]
    one = sync(counts="instructor" if place.startswith(ACTIVE) else "course_summaries", **CLIENT)

    if status in ("400", "403"):
        with pytest.raises(SourceFailed, match="username" if status == "400" else "may not do this"):
            one.run()
    else:
        facts = one.run()
        assert (len(facts.rows["run"]), [*facts.enrollments]) == (5, ["algebra"])
        assert one.clock.waits == {"429": [37], "200": [1]}.get(status, [])
        assert len(portal.tokens) == (2 if status == "401" else 1)


def test_a_404_on_the_first_page_is_a_failure(sync: Callable[..., Sync], portal: Portal) -> None:
    portal.pages = []

    with pytest.raises(SourceFailed, match="answered 404: there is no such list"):
        sync().run()


def test_a_token_is_renewed_once_when_it_has_expired_and_there_is_no_loop(
    sync: Callable[..., Sync], portal: Portal
) -> None:
    expired = DATA / "openedx/errors/401-expired.json"
    portal.faults[f"{LIST}?2"] = [an_error(expired) for _ in range(9)]
    one = sync(**CLIENT)

    with pytest.raises(SourceFailed, match="answered 401: it does not take a new token either"):
        one.run()

    assert one.asked == [TOKEN, LIST, LIST, TOKEN, LIST]


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (say({"error": "invalid_client", "hint": SECRET}, 401), "the client's id or secret is wrong"),
        (say("<html>Sign in</html>"), "without a token"),
        (say({"access_token": "zwei\nZeilen"}), "without a token"),
        (say(["x"]), "without a token"),
    ],
)
def test_a_platform_that_gives_no_token_is_a_failure_without_a_secret(
    answer: Response, message: str, sync: Callable[..., Sync], portal: Portal
) -> None:
    portal.faults[TOKEN] = [answer for _ in range(9)]

    with pytest.raises(SourceFailed, match=message) as failure:
        sync(**CLIENT).run()

    assert SECRET not in str(failure.value)


def test_no_more_than_20_requests_a_minute_are_sent(sync: Callable[..., Sync], portal: Portal) -> None:
    results = portal.pages[0]["results"][0]
    for number in range(2, 30):
        portal.pages.insert(
            number - 1,
            {
                "results": [{**results, "id": f"course-v1:Polimi+X{number}+1"}],
                "pagination": {"next": f"https://lms.example.edu{LIST}?page={number + 1}"},
            },
        )
    one = sync()
    one.run()

    assert len(one.asked) == 30
    assert sum(one.clock.waits) == 60


def test_a_known_run_that_the_list_lacks_is_asked_for_and_refused_when_it_is_not_public(
    sync: Callable[..., Sync], portal: Portal
) -> None:
    gone, hidden = "course-v1:Polimi+OLD101+2019", "course-v1:Polimi+HID101+2024"
    one = sync()

    facts = one.run(SourceFacts(rows={"run": {name: {"id": name} for name in (gone, hidden, ALGEBRA)}}))

    assert one.asked == [LIST, LIST, f"{DETAIL}/{gone}"]
    assert facts.refused == {"run": {gone, hidden}}


def test_a_known_run_that_only_the_list_lacks_stays(sync: Callable[..., Sync], portal: Portal) -> None:
    item = portal.pages[0]["results"].pop(0)
    portal.faults[f"{DETAIL}/{ALGEBRA}"] = [say(item)]

    facts = sync().run(SourceFacts(rows={"run": {ALGEBRA: {"id": ALGEBRA}}}))

    assert ALGEBRA in facts.rows["run"]
    assert facts.refused == {"run": frozenset()}


def test_a_catalogue_service_that_lacks_a_run_has_not_refused_it(
    sync: Callable[..., Sync], httpserver: HTTPServer
) -> None:
    runs = [{"key": name, "title": name, "status": status} for name, status in ((ALGEBRA, "published"), (HIDDEN, ""))]
    body = {"results": [{"key": "Polimi+ALG101", "title": "Algebra", "course_runs": runs}], "next": ""}
    httpserver.expect_request("/api/v1/courses/").respond_with_json(body)
    known = {name: {"id": name} for name in (ALGEBRA, HIDDEN, "course-v1:Polimi+OLD101+2019")}

    facts = sync(catalogue="discovery").run(SourceFacts(rows={"run": known}))

    assert [*facts.rows["run"]] == [ALGEBRA]
    assert facts.refused == {"run": {HIDDEN}}


def test_operators_say_which_course_a_run_is_of_by_its_number_or_its_id(sync: Callable[..., Sync]) -> None:
    one = sync(courses={"ALG101": "algebra", "course-v1:Polimi+NEW101+2027": "nuovo"})
    write_course(one.source.content, "algebra")  # type: ignore[attr-defined]

    rows = one.run().rows["run"]

    assert {row["course"] for row in rows.values() if "course" in row} == {"algebra", "nuovo"}
    assert "runs that belong to no course: course-v1:Polimi+FIS101+2099" in one.warnings
    assert ALGEBRA not in one.warnings


def test_enrolments_that_ever_were_come_from_the_summaries(sync: Callable[..., Sync], tmp_path: Path) -> None:
    write_course(tmp_path / "content", "algebra", "code: ALG101\n")
    write_course(tmp_path / "content", "fisica", "code: FIS101\n")
    # Never computed, and contradicting.
    write_course(tmp_path / "content", "invito", "code: INV101\n")
    write_course(tmp_path / "content", "ignoto", "runs:\n  - {key: course-v1:Polimi+UNKNOWN+1, label: Una}\n")
    one = sync(counts="course_summaries", **CLIENT)

    measure = EnrollmentMeasure.ENROLLED_EVER
    assert one.run().enrollments == {
        "algebra": EnrollmentCount(1622, measure, DAY),
        "fisica": EnrollmentCount(11, measure, DAY),
        "invito": EnrollmentCount(None, measure, DAY),
        "ignoto": EnrollmentCount(None, measure, DAY),
    }
    assert "more are enrolled than ever were, so neither is known: 1 (course-v1:Polimi+UNKNOWN+1)" in one.warnings


def test_an_analytics_api_elsewhere_counts_the_runs_that_other_sources_have(
    sync: Callable[..., Sync], httpserver: HTTPServer, tmp_path: Path
) -> None:
    write_course(tmp_path / "content", "algebra", "code: ALG101\n")
    rows = tmp_path / "content/snapshots/pok/runs.jsonl"
    rows.parent.mkdir(parents=True)
    rows.write_text(json.dumps({"id": ALGEBRA}) + "\n")
    one = sync(name="pok-analytics", catalogue="none", counts="course_summaries", token=SECRET)

    facts = one.run()

    assert one.asked == [SUMMARIES]
    assert httpserver.log[0][0].headers["Authorization"] == f"Token {SECRET}"
    assert (one.source.tables, facts.rows) == ((), {})
    assert facts.enrollments == {"algebra": EnrollmentCount(1622, EnrollmentMeasure.ENROLLED_EVER, DAY)}
    assert SECRET not in one.stored_text()


def test_runs_of_a_course_are_added_up_and_one_that_is_not_counted_makes_the_sum_unknown(
    sync: Callable[..., Sync], tmp_path: Path
) -> None:
    runs = "runs:\n  - {{key: {}, label: Una}}\n  - {{key: course-v1:Polimi+FIS101+2099, label: Due}}\n"
    write_course(tmp_path / "content", "somma", runs.format(ALGEBRA))
    write_course(
        tmp_path / "content",
        "manca",
        runs.format("Polimi/ALG101/2014_T2").replace("FIS101", "ODD101").replace("2099", "2024"),
    )
    write_course(tmp_path / "content", "altro", "code: NEW101\n")

    enrollments = sync(counts="course_summaries", **CLIENT).run().enrollments

    assert enrollments == {"somma": EnrollmentCount(1622 + 11, EnrollmentMeasure.ENROLLED_EVER, DAY)}


def test_a_run_that_is_gone_is_counted_among_those_that_ever_were(
    sync: Callable[..., Sync], portal: Portal, tmp_path: Path
) -> None:
    write_course(tmp_path / "content", "algebra", "code: ALG101\n")
    known = SourceFacts(rows={"run": {ALGEBRA: {"id": ALGEBRA}}})
    del portal.pages[0]["results"][0]

    assert sync(counts="course_summaries", **CLIENT).run(known).enrollments["algebra"].total == 1622
    assert sync(counts="instructor", **CLIENT).run(known).enrollments == {}


def test_active_enrolments_come_from_the_instructor_s_view_run_by_run(
    sync: Callable[..., Sync], tmp_path: Path
) -> None:
    write_course(tmp_path / "content", "algebra", "code: ALG101\n")
    write_course(tmp_path / "content", "fisica", "code: FIS101\n")
    one = sync(counts="instructor", **CLIENT)

    assert one.run().enrollments == {"algebra": EnrollmentCount(1403, EnrollmentMeasure.ENROLLED_NOW, DAY)}
    assert "Canary Person" not in one.stored_text()


@pytest.mark.parametrize(
    "total", ["9" * 20, 10**12, 10**20, float("inf"), float("nan"), -5, "7.5", "1e3", "٣", True, "9" * 5000]
)
def test_what_is_no_number_of_people_is_not_known(
    total: Any, sync: Callable[..., Sync], portal: Portal, tmp_path: Path
) -> None:
    """A part of its digits would be another number, and no series can have more than twelve."""
    write_course(tmp_path / "content", "algebra", f"runs:\n  - key: {ALGEBRA}\n    label: '2024'\n")
    portal.faults[SUMMARIES] = [say([{"course_id": ALGEBRA, "cumulative_count": total}])]

    assert sync(counts="course_summaries").run().enrollments["algebra"].total is None


def test_of_two_numbers_for_one_run_neither_is_known(sync: Callable[..., Sync], portal: Portal, tmp_path: Path) -> None:
    write_course(tmp_path / "content", "algebra", f"runs:\n  - key: {ALGEBRA}\n    label: '2024'\n")
    portal.faults[SUMMARIES] = [say([{"course_id": ALGEBRA, "cumulative_count": total} for total in (7, 9)])]
    one = sync(counts="course_summaries")

    assert one.run().enrollments["algebra"].total is None
    assert "is counted twice with different numbers" in one.warnings


@pytest.mark.parametrize("name", [f"{ALGEBRA}\n", f" {ALGEBRA}", ALGEBRA.replace("+2024", "+20 24"), f"{ALGEBRA}/../x"])
def test_an_id_with_blanks_or_paths_is_none(name: str, sync: Callable[..., Sync], portal: Portal) -> None:
    for page in portal.pages:
        for item in page["results"]:
            item.update({"id": name, "course_id": name} if ALGEBRA in (item.get("id"), item.get("course_id")) else {})

    assert not [one for one in sync().run().rows["run"] if "ALG101" in one]


def test_a_run_that_the_account_may_not_count_leaves_the_other_ones_and_is_named(
    sync: Callable[..., Sync], portal: Portal, tmp_path: Path
) -> None:
    write_course(tmp_path / "content", "algebra", f"runs:\n  - key: {ALGEBRA}\n    label: '2024'\n")
    write_course(tmp_path / "content", "other", "runs:\n  - key: course-v1:Polimi+OTHER+2024\n    label: '2024'\n")
    portal.faults[f"{ACTIVE}/course-v1:Polimi+OTHER+2024"] = [say({}, 403)]
    one = sync(counts="instructor", **CLIENT)

    facts = one.run()

    assert facts.enrollments["algebra"].total is not None
    assert facts.enrollments["other"].total is None
    assert "may not see how many are enrolled (403)" in one.warnings and "Polimi+OTHER+2024" in one.warnings
    assert "the total of other is not known" in one.warnings


def test_a_known_run_that_the_account_may_not_ask_for_is_not_proved_to_be_gone(
    sync: Callable[..., Sync], portal: Portal
) -> None:
    gone, forbidden = "course-v1:Polimi+GONE+2020", "course-v1:Polimi+SHUT+2020"
    portal.faults[f"{DETAIL}/{forbidden}"] = [say({}, 403)]
    known = SourceFacts(rows={"run": {name: {"id": name} for name in (gone, forbidden)}})

    assert sync().run(known).refused == {"run": {gone}}


@pytest.mark.parametrize("counts", ["none", "instructor", "course_summaries"])
def test_only_endpoints_that_send_no_persons_are_asked(counts: str, sync: Callable[..., Sync], tmp_path: Path) -> None:
    write_course(tmp_path / "content", "algebra", "code: ALG101\n")
    one = sync(counts=counts, **CLIENT)
    one.run(SourceFacts(rows={"run": {"course-v1:Polimi+OLD101+2019": {"id": "course-v1:Polimi+OLD101+2019"}}}))

    extra = {"instructor": {f"{ACTIVE}/{ALGEBRA}"}, "course_summaries": {SUMMARIES}}.get(counts, set())
    assert {*one.asked} == {TOKEN, LIST, f"{DETAIL}/course-v1:Polimi+OLD101+2019"} | extra
    assert SECRET not in one.stored_text()
    assert "not-a-secret" not in one.stored_text()


def test_nothing_is_stored_that_is_no_fact_of_a_run(sync: Callable[..., Sync]) -> None:
    one = sync()
    one.run()

    assert "banner_image" not in one.stored_text()


def test_a_stored_page_is_asked_for_only_if_it_has_changed(sync: Callable[..., Sync], portal: Portal) -> None:
    one = sync()
    first = one.run()

    assert sync().run() == first
    assert json.loads(json.dumps(first.rows)) == first.rows
    assert date.fromisoformat(first.rows["run"][ALGEBRA]["starts"])
