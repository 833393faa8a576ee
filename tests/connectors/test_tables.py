"""Tables of enrolments: CSV and JSON as people export them, and what is wrong in them with line and column."""

import json
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from werkzeug import Response

from openknowledge.connectors.command import main
from openknowledge.connectors.http_client import Clock, PlatformClient
from openknowledge.connectors.kinds import SOURCE_KINDS
from openknowledge.connectors.recording import Recording
from openknowledge.connectors.settings import read_sources
from openknowledge.connectors.source import EnrollmentCount, RecordContext, SourceFacts, SourceFailed, SyncFindings
from openknowledge.connectors.table import TableSource
from openknowledge.connectors.table_rows import TableColumns
from openknowledge.model.numbers import EnrollmentMeasure

DATA = Path(__file__).parent / "data" / "csv"
TODAY = date(2026, 11, 30)
COURSES = {"ALG101": "algebra", "FIS101": "fisica", "ANA101": "analisi"}


class NoClient:
    """Fails the test where a table in a file asks the network."""

    requests_sent = 0

    def fetch_page(self, *_: Any, **__: Any) -> None:
        raise AssertionError("the network was asked")

    def today(self) -> date:
        return TODAY


def a_table(courses: Mapping[str, str] | None = None, **options: Any) -> TableSource:
    """Make the source of a table, of courses with these codes and of others."""
    options = {"name": "table", "measure": EnrollmentMeasure.ENROLLED_EVER, **options}
    source = SOURCE_KINDS["table"].create(Path("nowhere"), {**options, "courses": {**COURSES, **(courses or {})}})
    assert isinstance(source, TableSource)
    return source


def read_table(tmp_path: Path, table: bytes | Path, **settings: Any) -> tuple[dict[str, EnrollmentCount], SyncFindings]:
    """Return the counts of a table, and what was found wrong in it."""
    path = table if isinstance(table, Path) else tmp_path / "table.csv"
    if isinstance(table, bytes):
        path.write_bytes(table)
    settings = {"columns": TableColumns(id="code", total="total"), **settings}
    source = a_table(path=path, **settings)
    recording = Recording(tmp_path / "recording", TODAY)
    source.record(RecordContext(recording, NoClient(), SourceFacts(), lambda *_: None))
    findings = SyncFindings()
    return dict(source.read(recording, SourceFacts(), findings).enrollments), findings


def totals(tmp_path: Path, table: bytes | Path, **settings: Any) -> dict[str, int | None]:
    counts, findings = read_table(tmp_path, table, **settings)
    assert findings.problems == []
    return {course: count.total for course, count in counts.items()}


def problems(tmp_path: Path, table: bytes | Path, **settings: Any) -> list[str]:
    _, findings = read_table(tmp_path, table, **settings)
    return [str(problem).replace(f"{tmp_path}/", "") for problem in findings.problems]


ITALIAN = {
    "encoding": "cp1252",
    "delimiter": ";",
    "decimal": ",",
    "thousands": ".",
    "date_format": "%d/%m/%Y",
    "columns": TableColumns(id="codice", total="iscritti", day="data", title="titolo"),
}


def test_a_spreadsheet_of_windows_in_italian_is_read(tmp_path):
    counts, findings = read_table(tmp_path, DATA / "semicolon-cp1252.csv", **ITALIAN)

    day, measure = date(2026, 11, 29), EnrollmentMeasure.ENROLLED_EVER
    assert counts == {"algebra": EnrollmentCount(1403, measure, day), "fisica": EnrollmentCount(None, measure, day)}
    assert not findings.problems
    assert not findings.warnings


def test_a_total_row_and_a_row_that_is_there_twice_count_once(tmp_path):
    columns = TableColumns(id="course", total="total")

    counts, _ = read_table(tmp_path, DATA / "utf8bom-total-row.csv", columns=columns)

    assert counts == {"algebra": EnrollmentCount(1403, EnrollmentMeasure.ENROLLED_EVER, TODAY)}


NO_TABLES = {
    "web page": [
        (DATA / "sheets-login.csv").read_bytes(),
        b"\xef\xbb\xbf\r\n<html lang='it'><body>Accedi</body></html>",
        b"<?xml version='1.0'?><Error><Code>AccessDenied</Code></Error>",
        b"\n\n <!-- sign in --><form action='/login'>",
    ],
    "empty": [b"", b"\xef\xbb\xbf\r\n\r\n", b"\0\0\0\0"],
    "spreadsheet": [b"PK\x03\x04\x14\0\6\0", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"],
    "not utf-8": [b"code;total\nPerch\xe9;1\n"],
    "no rows": [b"code,total\n", b"code,total\n,\n\n"],
}


@pytest.mark.parametrize(("reason", "data"), [(key, data) for key, values in NO_TABLES.items() for data in values])
def test_what_is_no_table_fails_the_source_and_says_what_it_is(tmp_path, reason, data):
    with pytest.raises(SourceFailed, match=reason):
        read_table(tmp_path, data)


@pytest.mark.parametrize(
    ("settings", "text"),
    [
        ({"thousands": "."}, "1.403"),
        ({"thousands": ".", "decimal": ","}, "1.403,00"),
        ({"thousands": ","}, "1,403.0"),
        ({"thousands": "'"}, "1'403"),
        ({"thousands": " "}, "1\u202f403"),
        ({"thousands": " "}, " 1\u00a0403 "),
        ({}, "1403.00"),
        ({}, "0001403"),
    ],
)
def test_a_total_is_written_as_the_settings_say(tmp_path, settings, text):
    assert totals(tmp_path, f'code,total\nALG101,"{text}"\n'.encode(), **settings) == {"algebra": 1403}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("1.403", 'whole number\n    If "." groups the thousands, say so with the setting thousands'),
        ("1.000", 'whole number\n    If "." groups the thousands'),
        ("12.5", "whole number"),
        ("-3", "less than zero"),
        ("−3", "less than zero"),
        ("1e3", "whole number"),
        ("circa 1400", "whole number"),
        ("١٤٠٣", "whole number"),
    ],
)
def test_a_total_that_is_none_is_a_problem_with_its_line_and_column(tmp_path, text, message):
    (problem,) = problems(tmp_path, f"code,total\nFIS101,7\n\nALG101,{text}\n".encode())

    assert problem.startswith("table.csv:4: total: ")
    assert message in problem


@pytest.mark.parametrize("text", ["n.d.", "N.D.", "n/a", "-", "—", "", "  "])
def test_a_total_that_is_not_known_is_no_zero(tmp_path, text):
    assert totals(tmp_path, f"code,total\nALG101,{text}\n".encode()) == {"algebra": None}


@pytest.mark.parametrize(
    ("rows", "place"),
    [
        ("ALG101,1\nALG101,2", 'table.csv:3: total: "ALG101" has 2 here and 1 in line 2'),
        ("ALG101,1\nFIS101,2\nALG101,0", 'table.csv:4: total: "ALG101" has 0 here and 1 in line 2'),
        ('"ALG101",1\n"FIS\n101",2\nALG101 ,3', 'table.csv:5: total: "ALG101" has 3 here and 1 in line 2'),
    ],
)
def test_two_values_of_one_course_on_one_day_are_a_problem_with_both_lines(tmp_path, rows, place):
    (problem,) = problems(tmp_path, f"code,total\n{rows}\n".encode(), courses={"FIS\n101": "fisica"})

    assert problem.startswith(place)


def test_of_several_days_the_newest_with_a_known_total_counts(tmp_path):
    rows = b"code,total,day\nALG101,9,2026-11-01\nALG101,n.d.,2026-11-20\nALG101,5,2026-10-01\n"

    counts, _ = read_table(tmp_path, rows, columns=TableColumns(id="code", total="total", day="day"))

    assert counts["algebra"].total == 9
    assert counts["algebra"].day == date(2026, 11, 1)


@pytest.mark.parametrize(
    ("day", "message"),
    [("29.11.2026", "is not a day"), ("", "is not a day"), ("31/02/2026", "is not a day"), ("01/12/2026", "future")],
)
def test_a_day_that_is_none_or_ahead_is_a_problem_with_its_line_and_column(tmp_path, day, message):
    data = f"codice;titolo;iscritti;data\r\nALG101;x;1.403;{day}\r\n".encode("cp1252")

    (problem,) = problems(tmp_path, data, **ITALIAN)

    assert problem.startswith("table.csv:2: data: ")
    assert message in problem


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"code;total\nALG101;1\n", "Is the delimiter right?"),
        (b"code,totals\nALG101,1\n", 'did you mean "totals"?'),
        (b"code,total,total\nALG101,1,2\n", "more than one column"),
        (b"code,total\nALG101\n", "table.csv:2: total: the row has only 1 cells"),
        (b'code,total\nALG101,"1\nFIS101,2\n', "table.csv:2: unexpected end of data"),
        (b"code,total\n,1\n", "table.csv:2: code: a total without an id"),
    ],
)
def test_a_table_of_another_shape_is_a_problem_that_says_what_is_there(tmp_path, data, expected):
    assert any(expected in problem for problem in problems(tmp_path, data))


@pytest.mark.parametrize(
    ("data", "settings"),
    [
        (b"sep=,\nExport of today\ncode,total\nALG101,3\n", {"skip_rows": 2}),
        (b"ALG101,x,3\n", {"has_header": False, "columns": TableColumns(id=1, total=3)}),
        ("code\ttotal\rALG101\t3\r".encode("utf-16"), {"delimiter": "\t"}),
        ("code,total\nALG101,3\n".encode("utf-16-le"), {}),
        (b"code,total\nALG101,3\nSumma summarum\n", {"total_rows": ("summa summarum",)}),
        (b"code,total\nALG101,3\n,3\n", {"total_rows": ("",)}),
        (b"code,total\n77,3\n", {"courses": {"77": "algebra"}}),
    ],
)
def test_the_settings_say_where_rows_and_courses_are(tmp_path, data, settings):
    assert totals(tmp_path, data, **settings) == {"algebra": 3}


def test_an_id_of_no_course_is_left_out_with_a_warning_that_has_its_title(tmp_path):
    columns = TableColumns(id="code", total="total", title="title")

    counts, findings = read_table(tmp_path, b"code,total,title\nLAT1,3,Latino\nALG101,4,Algebra\n", columns=columns)

    assert [*counts] == ["algebra"]
    assert 'table.csv:2: code: no course, or more than one, has the code "LAT1" (Latino)' in str(findings.warnings[0])


def test_several_ids_of_one_course_are_added_up_if_all_of_them_are_known(tmp_path):
    courses = {"ALG102": "algebra", "FIS102": "fisica"}

    counted = totals(tmp_path, b"code,total\nALG101,3\nALG102,4\nFIS101,5\nFIS102,n.d.\n", courses=courses)

    assert counted == {"algebra": 7, "fisica": None}


JSON_COLUMNS = TableColumns(id="course.code", total="stats.total", day="day")


@pytest.mark.parametrize(
    ("value", "path"),
    [
        ([{"course": {"code": "ALG101"}, "stats": {"total": 7}, "day": "2026-11-01"}], ""),
        (
            {"data": {"items": [{"course": {"code": "ALG101"}, "stats": {"total": "7"}, "day": "2026-11-01"}]}},
            "data.items",
        ),
        ({"a": [[], [{"course": {"code": "ALG101"}, "stats": {"total": 7.0}, "day": "2026-11-01"}]]}, "a.1"),
    ],
)
def test_json_is_read_where_its_path_says(tmp_path, value, path):
    assert totals(tmp_path, json.dumps(value).encode(), json_path=path, columns=JSON_COLUMNS) == {"algebra": 7}


@pytest.mark.parametrize(
    ("entry", "expected"),
    [
        ({"course": {"code": "ALG101"}, "stats": {"total": True}}, "table.csv: [0].stats.total: True is not a number"),
        ({"course": {"code": "ALG101"}, "stats": {"total": 1.5}}, 'table.csv: [0].stats.total: "1.5" is not a whole'),
        ({"code": "ALG101"}, "table.csv: [0].course.code: there is no such field"),
        ("ALG101", "table.csv: [0].course.code: there is no such field"),
    ],
)
def test_an_entry_of_json_that_is_wrong_is_named_by_its_place(tmp_path, entry, expected):
    columns = TableColumns(id="course.code", total="stats.total")

    (problem,) = problems(tmp_path, json.dumps([entry]).encode(), json_path="", columns=columns)

    assert problem.startswith(expected)


def test_json_without_a_list_at_the_path_and_what_is_no_json_are_named(tmp_path):
    (problem,) = problems(tmp_path, b'{"items": {}}', json_path="items")

    assert problem.startswith("table.csv: items: there is no list at items")
    with pytest.raises(SourceFailed, match="not JSON"):
        read_table(tmp_path, b'{"items": [', json_path="items")


OPTIONS = {
    "name": "crm",
    "kind": "table",
    "path": "exports/enrolments.csv",
    "measure": "enrolled_ever",
    "columns": {"id": "codice", "total": "iscritti", "day": "data"},
    "encoding": "windows-1252",
    "delimiter": ";",
    "thousands": ".",
    "date_format": "%d/%m/%Y",
    "courses": {"77": "algebra"},
}


def test_a_table_is_described_in_the_settings(tmp_path):
    for slug, code in (("algebra", "ALG101"), ("fisica", "010"), ("uno", "X"), ("due", "x")):
        (tmp_path / "courses" / slug).mkdir(parents=True)
        (tmp_path / "courses" / slug / "index.md").write_text(f"---\ntitle: x\ncode: {code}\n---\n")

    (configured,), mistakes = read_sources([OPTIONS], SOURCE_KINDS)

    assert mistakes == ()
    source = configured.create(tmp_path, {})
    assert isinstance(source, TableSource)
    assert source.format.columns == TableColumns(id="codice", total="iscritti", day="data")
    assert source.courses_by_code == {"alg101": "algebra", "010": "fisica"}


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("measure", "learners"),
        ("columns", {"id": "codice"}),
        ("columns", {"id": "codice", "total": "x", "dya": "data"}),
        ("encoding", "cp-1252-it"),
        ("delimiter", ""),
        ("date_format", "gg/mm/aaaa"),
        ("skip_rows", -1),
        ("has_header", "no"),
        ("url", "file:///etc/passwd"),
        ("thousand", "."),
    ],
)
def test_a_setting_of_a_table_that_cannot_be_is_named(option, value):
    _, mistakes = read_sources([{**OPTIONS, option: value}], SOURCE_KINDS)

    assert [place for place, _, _ in mistakes] == [(0, option)]


@pytest.mark.parametrize("more", [{"url": "https://example.org/x.csv"}, {"path": None}])
def test_a_table_is_in_a_file_or_at_a_url(tmp_path, more):
    options = {name: value for name, value in {**OPTIONS, **more}.items() if value is not None}
    (configured,), _ = read_sources([options], SOURCE_KINDS)

    with pytest.raises(SourceFailed, match="either path or url"):
        configured.create(tmp_path, {})


def test_a_url_is_shown_without_what_may_be_a_secret():
    url = "https://user:word@sheets.example.org:8443/d/1/export?key=secret#x"
    source = a_table(url=url, columns=TableColumns(id=1, total=2))

    assert source.shown_path == "https://sheets.example.org/d/1/export"


def test_a_table_at_a_url_is_read_byte_for_byte_and_asked_for_once_while_it_is_the_same(tmp_path, httpserver):
    data = (DATA / "semicolon-cp1252.csv").read_bytes()

    def answer(request):
        is_known = request.headers.get("If-None-Match") == '"1"'
        return Response(status=304) if is_known else Response(data, headers={"ETag": '"1"'}, mimetype="text/csv")

    httpserver.expect_request("/export").respond_with_handler(answer)
    source = a_table(url=httpserver.url_for("/export?format=csv"), **ITALIAN)
    for day in (TODAY, TODAY + timedelta(1)):
        recording = Recording(tmp_path, day)
        with PlatformClient(source.url, day) as client:
            source.record(RecordContext(recording, client, SourceFacts(), lambda *_: None))
        facts = source.read(recording, SourceFacts(), SyncFindings())
        recording.finish()

        assert facts.enrollments["algebra"].total == 1403
    assert [response.status_code for _, response in httpserver.log] == [200, 304]


def test_a_page_that_asks_to_sign_in_is_not_asked_for_again(tmp_path, httpserver):
    httpserver.expect_request("/export").respond_with_data((DATA / "sheets-login.csv").read_bytes())
    source = a_table(url=httpserver.url_for("/export"), columns=TableColumns(id="course", total="total"))

    with PlatformClient(source.url, TODAY) as client, pytest.raises(SourceFailed, match="sign in"):
        source.record(RecordContext(Recording(tmp_path, TODAY), client, SourceFacts(), lambda *_: None))

    assert len(httpserver.log) == 1


def test_a_sync_adds_what_a_table_counts_to_the_series_of_the_course(tmp_path, httpserver, capsys):
    content = tmp_path / "content" / "courses" / "algebra"
    content.mkdir(parents=True)
    (content / "index.md").write_text("---\ntitle: Algebra\ncode: ALG101\n---\n")
    httpserver.expect_request("/export").respond_with_data((DATA / "semicolon-cp1252.csv").read_bytes())
    columns = {"id": "codice", "total": "iscritti", "day": "data"}
    table = {"name": "crm", "kind": "table", "url": httpserver.url_for("/export"), "measure": "enrolled_ever"}
    table |= {name: ITALIAN[name] for name in ("encoding", "delimiter", "thousands", "date_format")}
    settings = f'PATH = "content"\nCACHE_PATH = ".cache"\nSOURCES = [{table | {"columns": columns}!r}]\n'
    (tmp_path / "pelicanconf.py").write_text(settings)
    clock = Clock(lambda: datetime(2026, 11, 30, tzinfo=UTC), lambda _: None)

    assert main([], project=tmp_path, clock=clock) == 0

    (series,) = (tmp_path / "content/snapshots/enrollments").glob("algebra*.csv")
    assert series.read_text().endswith("2026-11-29,1403\n")
    assert "# measure: enrolled_ever" in series.read_text()
    assert 'no course, or more than one, has the code "FIS101"' in capsys.readouterr().err
