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
from openknowledge.catalogue.views.numbers import index_pieces, number_names
from openknowledge.counters.generator import CountersGenerator, counters_rule
from openknowledge.counters.history import page_extras
from openknowledge.counters.settings import CountersSettings
from openknowledge.model.course import Strand
from openknowledge.model.numbers import EnrollmentPoint, EnrollmentSeries, Figure, Measure
from openknowledge.model.values import Source, Words


def the_site(counter_json: str = "data/counters/{slug}.json") -> Site:
    """Return a site with three figures and two courses of a strand, one of them with a series of samples."""
    strand = Strand(slug="maths", words={"it": Words(title="Matematica")})
    points = (EnrollmentPoint(date(2025, 11, 1), 900), EnrollmentPoint(date(2025, 12, 1), 1234))
    series = EnrollmentSeries(course="algebra", source="the platform", sample=True, points=points)
    courses = [a_course(slug, strand="maths") for slug in ("algebra", "analysis")]
    figures = [a_figure(name, value) for name, value in (("pok.learners", 5), ("pok.hours", 7), ("hub.talks", 2))]
    return a_site(strand, *courses, series=(series,), figures=tuple(figures), counter_json=counter_json)


def a_figure(name: str, value: int) -> Figure:
    words = {"it": "cose", "en": "things"}
    source = Source(title="A paper")
    return Figure(name=name, value=value, measure=Measure.HOURS, label=words, definition=words, source=source)


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
    view = SimpleNamespace(template="course", ref="course/algebra", lang="it", robots="noindex")

    answers = [answer for _, answer in signal("catalogue_page_extras").send(generator, view=view, site=the_site())]

    assert any("enrolment" in (answer or {}) for answer in answers)


def test_each_number_has_a_document_and_all_figures_of_a_group_have_one() -> None:
    files = documents(the_site(), CountersSettings())

    folder = "data/counters"
    alone = {f"{folder}/algebra.json": "counter:course/algebra", f"{folder}/total/courses.json": "total:courses"}
    alone[f"{folder}/total/strand/maths.json"] = "total:strand/maths"
    pieces = {f"{folder}/{piece}.json" for piece in index_pieces()}
    shared = {f"{folder}.json", f"{folder}/figure/pok.json", f"{folder}/figure/hub.json", *pieces}
    assert set(files) == {*alone, *shared}
    assert {path: json.loads(files[path])["name"] for path in alone} == alone
    group = json.loads(files[f"{folder}/figure/pok.json"])["numbers"]
    assert {name: entry["value"] for name, entry in group.items()} == {"figure:pok.hours": 7, "figure:pok.learners": 5}


def test_every_document_is_where_pages_ask_for_it() -> None:
    site = the_site(counter_json="data/counters/{slug}.json")
    files = documents(site, CountersSettings())

    asked = {number.json_url for name in number_names(site) if (number := site.number(name, "en")) and number.is_known}

    index = json.loads(files["data/counters.json"])
    assert {f"/{path}" for path in files} == asked | {"/data/counters.json", *index["course_values"]}


def test_the_index_has_totals_and_figures_whole_and_its_pieces_two_values_of_each_course() -> None:
    site = the_site(counter_json="data/counters/{slug}.json")
    files = documents(site, CountersSettings())

    index = json.loads(files["data/counters.json"])
    assert index["course_documents"] == "/data/counters/{slug}.json"
    values = {name: entry for url in index["course_values"] for name, entry in numbers_in(files, url).items()}
    assert sorted((*index["numbers"], *values)) == sorted(number_names(the_site()))
    assert index["numbers"]["total:courses"] == json.loads(files["data/counters/total/courses.json"])
    assert values["counter:course/algebra"] == {"value": 1234, "as_of": "2025-12-01"}
    assert values["counter:course/analysis"] == {"value": None, "as_of": None}


def numbers_in(files: dict[str, bytes], url: str) -> dict[str, dict[str, object]]:
    return json.loads(files[url.removeprefix("/")])["numbers"]  # type: ignore[no-any-return]


def test_courses_add_nothing_to_the_index_and_little_to_its_pieces() -> None:
    """With 6,000 courses, in full, it had 3.3 MB."""
    few, many = (
        documents(
            a_site(*(a_course(f"course-{at}") for at in range(count)), counter_json="data/counters/{slug}.json"),
            CountersSettings(),
        )
        for count in (1, 301)
    )

    sizes = [len(data) for path, data in many.items() if "/courses/" in path]
    assert len(many["data/counters.json"]) == len(few["data/counters.json"])
    assert max(sizes) < 40 * 80


def test_a_document_says_what_a_number_is_in_every_language() -> None:
    document = json.loads(documents(the_site(), CountersSettings())["data/counters/algebra.json"])

    assert list(document) == [
        *("name", "value", "as_of", "sample", "stale", "may_fall", "source_url"),
        *("label", "text", "short", "definition", "source", "date"),
    ]
    assert (document["value"], document["as_of"], document["sample"]) == (1234, "2025-12-01", True)
    assert document["text"] == {"it": "1.234", "en": "1,234"}
    assert document["short"] == {"it": "1.230+", "en": "1,230+"}
    assert document["date"] == {"it": "1 dicembre 2025", "en": "December 1, 2025"}


def test_documents_are_written_where_the_settings_say_and_not_touched_when_equal(tmp_path: Path) -> None:
    settings = {"COUNTERS_JSON": "n/all.json", "COUNTERS_COURSE_JSON": "n/{slug}.json"}
    generator = CountersGenerator.__new__(CountersGenerator)
    generator.context, generator.settings, generator.output_path = (
        {"catalogue": the_site("n/{slug}.json")},
        settings,
        str(tmp_path),
    )

    generator.generate_output(None)
    first = {path.name: path.stat().st_mtime_ns for path in tmp_path.rglob("*.json")}
    generator.generate_output(None)

    assert {"algebra.json", "all.json"} < first.keys()
    assert {path.name: path.stat().st_mtime_ns for path in tmp_path.rglob("*.json")} == first


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
