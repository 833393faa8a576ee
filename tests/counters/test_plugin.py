"""The counters' extras of pages, documents and settings."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from blinker import signal
from pelican import signals
from tests.builders import a_course, a_site

from openknowledge import counters
from openknowledge.catalogue.site import Site
from openknowledge.counters.generator import CountersGenerator, counters_rule
from openknowledge.counters.history import page_extras
from openknowledge.counters.settings import CountersSettings
from openknowledge.model.course import Strand
from openknowledge.model.numbers import EnrollmentPoint, EnrollmentSeries
from openknowledge.model.values import Words


def the_site() -> Site:
    """Return a site with two courses of a strand, one of them with a series of samples."""
    strand = Strand(slug="maths", words={"it": Words(title="Matematica")})
    points = (EnrollmentPoint(date(2025, 11, 1), 900), EnrollmentPoint(date(2025, 12, 1), 1234))
    series = EnrollmentSeries(course="algebra", source="the platform", sample=True, points=points)
    courses = [a_course(slug, strand="maths") for slug in ("algebra", "analysis")]
    return a_site(strand, *courses, series=(series,))


def documents(site: Site, settings: CountersSettings) -> dict[str, bytes]:
    """Return the plugin's files for a site, by path below output/."""
    rule = counters_rule(settings)
    return {path: data for key in rule.keys(site) for path, data in rule.plan(site, *key).run()}


def extras(template: str = "course", ref: str | None = None, **settings: Any) -> dict[str, Any]:
    generator = SimpleNamespace(context={"catalogue": the_site()}, settings=settings)
    view = SimpleNamespace(template=template, ref=ref, lang="en")
    return page_extras(generator, view=view, site=the_site())  # type: ignore[arg-type]


def test_a_course_with_a_series_gets_its_chart_milestones_and_growth() -> None:
    enrolment = extras(ref="course/algebra")["enrolment"]

    assert enrolment.chart.startswith("<svg ")
    assert enrolment.milestones == ("1,000 enrolments: December 1, 2025",)
    assert enrolment.growth == "+334 in 30 days"
    assert enrolment.summary == "From 900 on November 1, 2025 to 1,234 on December 1, 2025. Sample data."


def test_milestones_come_from_the_settings() -> None:
    enrolment = extras(ref="course/algebra", COUNTERS_MILESTONES=[1200])["enrolment"]

    assert enrolment.milestones == ("1,200 enrolments: December 1, 2025",)


def test_a_course_without_a_series_gets_nothing() -> None:
    assert extras(ref="course/analysis") == {}


def test_the_home_page_and_strands_get_their_totals() -> None:
    for page_extra in (extras("home"), extras("group", "strand/maths")):
        assert [number.value for number in page_extra["totals"]] == [1234]


def test_other_pages_get_nothing() -> None:
    assert extras("video", "video/lesson") == {}
    assert extras("list") == {}


@pytest.fixture
def registered() -> Iterator[None]:
    """Register the plugin for one test, because a build in this process registers it after the catalogue."""
    counters.register()
    yield
    signals.initialized.disconnect(counters.PLUGIN.check_settings)
    signals.get_generators.disconnect(counters.PLUGIN.add_generator)


def test_the_catalogue_gets_the_extras_by_a_signal(registered: None) -> None:
    generator = SimpleNamespace(context={"catalogue": the_site()}, settings={})
    view = SimpleNamespace(template="course", ref="course/algebra", lang="it")

    answers = [answer for _, answer in signal("catalogue_page_extras").send(generator, view=view, site=the_site())]

    assert any("enrolment" in (answer or {}) for answer in answers)


def test_there_is_one_document_of_all_numbers_and_one_for_each_course_with_a_series() -> None:
    files = documents(the_site(), CountersSettings())

    assert sorted(files) == ["data/counters.json", "data/counters/algebra.json"]
    everything = json.loads(files["data/counters.json"])["numbers"]
    assert sorted(everything) == [
        "counter:course/algebra",
        "counter:course/analysis",
        "total:courses",
        "total:strand/maths",
    ]
    assert json.loads(files["data/counters/algebra.json"]) == everything["counter:course/algebra"]


def test_a_document_says_what_a_number_is_in_every_language() -> None:
    document = json.loads(documents(the_site(), CountersSettings())["data/counters/algebra.json"])

    assert list(document) == [
        *("name", "value", "as_of", "sample", "may_fall", "source_url"),
        *("label", "text", "short", "definition", "source", "date"),
    ]
    assert (document["value"], document["as_of"], document["sample"]) == (1234, "2025-12-01", True)
    assert document["text"] == {"it": "1.234", "en": "1,234"}
    assert document["short"] == {"it": "1.230+", "en": "1,230+"}
    assert document["date"] == {"it": "1 dicembre 2025", "en": "December 1, 2025"}


def test_an_unknown_number_is_null_in_the_documents() -> None:
    numbers = json.loads(documents(the_site(), CountersSettings())["data/counters.json"])["numbers"]

    assert numbers["counter:course/analysis"]["value"] is None


def test_documents_are_written_where_the_settings_say_and_not_touched_when_equal(tmp_path: Path) -> None:
    settings = {"COUNTERS_JSON": "n/all.json", "COUNTERS_COURSE_JSON": "n/{slug}.json"}
    generator = CountersGenerator.__new__(CountersGenerator)
    generator.context, generator.settings, generator.output_path = {"catalogue": the_site()}, settings, str(tmp_path)

    generator.generate_output(None)
    first = {path.name: path.stat().st_mtime_ns for path in (tmp_path / "n").iterdir()}
    generator.generate_output(None)

    assert sorted(first) == ["algebra.json", "all.json"]
    assert {path.name: path.stat().st_mtime_ns for path in (tmp_path / "n").iterdir()} == first


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"COUNTERS_STALE_AFTER_DAYS": 0}, "COUNTERS_STALE_AFTER_DAYS must be"),
        ({"COUNTERS_STALE_AFTER_DAYS": True}, "COUNTERS_STALE_AFTER_DAYS must be"),
        ({"COUNTERS_JSON": "../counters.json"}, "COUNTERS_JSON must be"),
        ({"COUNTERS_JSON": "/data/counters.json"}, "COUNTERS_JSON must be"),
        ({"COUNTERS_COURSE_JSON": "data/course.json"}, "COUNTERS_COURSE_JSON must be"),
        ({"COUNTERS_COURSE_JSON": "data/{slug}/{lang}.json"}, "COUNTERS_COURSE_JSON must be"),
        ({"COUNTERS_MILESTONES": 1000}, "COUNTERS_MILESTONES must be"),
        ({"COUNTERS_STALE_DAYS": 3}, "COUNTERS_STALE_DAYS is not a setting"),
    ],
)
def test_a_wrong_setting_is_named(settings: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        CountersSettings.from_pelican(settings)


def test_the_catalogue_gets_the_default_settings() -> None:
    pelican = SimpleNamespace(settings={"COUNTERS_STALE_AFTER_DAYS": 30})

    counters.PLUGIN.check_settings(pelican)

    assert pelican.settings["COUNTERS_STALE_AFTER_DAYS"] == 30
    assert pelican.settings["COUNTERS_JSON"] == "data/counters.json"
    assert pelican.settings["COUNTERS_COURSE_JSON"] == "data/counters/{slug}.json"
