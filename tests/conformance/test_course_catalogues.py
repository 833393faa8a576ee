"""Recorded answers of a catalogue service of Open edX become runs, and numbers of enrolments."""

from __future__ import annotations

from pathlib import Path

import pytest
from pytest_httpserver import HTTPServer
from tests.connectors.clients import DAY
from tests.connectors.course_platforms import Sync, write_course

from openknowledge.connectors.openedx import OpenEdxSource
from openknowledge.connectors.source import EnrollmentCount
from openknowledge.model.numbers import EnrollmentMeasure

pytestmark = pytest.mark.conformance
RUN = "course-v1:MITx+15.071x+1T2019"


@pytest.mark.parametrize("name", ["test_mitx_course", "test_non_mitx_course"])
def test_runs_of_the_catalogue_service_become_rows(
    name: str, httpserver: HTTPServer, shared_data: Path, tmp_path: Path
) -> None:
    body = (shared_data / f"data/sources/openedx/mit-learn/{name}.json").read_text("utf-8")
    httpserver.expect_request("/api/v1/courses/").respond_with_data(body, content_type="application/json")
    write_course(tmp_path / "content", "edge", f"runs:\n  - {{key: '{RUN}', label: Spring}}\n")
    options = {"name": "edx", "url": f"http://127.0.0.1:{httpserver.port}", "timezone": "Europe/Rome"}
    sync = Sync(OpenEdxSource(content=tmp_path / "content", catalogue="discovery", **options), httpserver, tmp_path)

    facts = sync.run()

    row = facts.rows["run"][RUN]
    assert (row["title"], row["lang"], row["pace"]) == ({"en-US": "The Analytics Edge"}, "en-US", "instructor")
    assert (row["starts"], row["ends"]) == ("2019-02-20", "2019-05-23")
    assert facts.enrollments == {"edge": EnrollmentCount(1619, EnrollmentMeasure.ENROLLED_EVER, DAY)}
    assert sync.findings.problems == []
    assert "staff" not in sync.stored_text()
