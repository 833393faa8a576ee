"""What the pages of history show, and the data behind them."""

from __future__ import annotations

import csv
import io
from datetime import date, timedelta
from xml.etree import ElementTree

from tests.builders import a_course, a_run, a_site

from openknowledge.catalogue.site import Site
from openknowledge.catalogue.views.history import course_history, course_history_keys, portal_history_keys
from openknowledge.counters.history_data import history_rule
from openknowledge.counters.history_page import HistoryExtra, history_extra
from openknowledge.counters.settings import CountersSettings
from openknowledge.model.numbers import CountingChange, EnrollmentMeasure, EnrollmentPoint, EnrollmentSeries
from openknowledge.model.texts import PressRelease, PressWords

EVER, NOW, MEMBERS = EnrollmentMeasure
SETTINGS = CountersSettings(milestones=(1000, 5000))
MOVED = {"it": "ora c'è Moodle", "en": "Moodle is here now"}


def a_series(
    course: str,
    *totals: int,
    first: str = "2025-01-01",
    earlier: tuple[EnrollmentSeries, ...] = (),
    measure: EnrollmentMeasure = EVER,
    sample: bool = False,
    corrected: str = "",
) -> EnrollmentSeries:
    """A series with a point every 31 days; it begins with a seam where another one came before."""
    day = date.fromisoformat(first)
    points = tuple(EnrollmentPoint(day + timedelta(days=31 * number), total) for number, total in enumerate(totals))
    return EnrollmentSeries(
        course=course,
        source=f"source {len(earlier)}",
        sample=sample,
        points=points,
        measure=measure,
        name=f"{course}.{len(earlier)}",
        seam=CountingChange(day, MOVED) if earlier else None,
        earlier=earlier,
        corrections=(CountingChange(date.fromisoformat(corrected), {"": "twice"}),) if corrected else (),
    )


OLD = a_series("algebra", 900, 1100, 1050, 1200, corrected="2025-03-04")
MOVED_SERIES = a_series("algebra", 40, 30, first="2025-03-20", earlier=(OLD,), measure=MEMBERS)


def the_site(*series: EnrollmentSeries, **settings: object) -> Site:
    """A site with the courses of some series; one edition, and a release that names the first course."""
    runs = (a_run("2025-02-01"), a_run("2030-01-01"))
    courses = [a_course(one.course, runs=runs) for one in series]
    words = {"it": PressWords(title="Cento di questi corsi")}
    mentions = tuple(f"course/{one.course}" for one in series[:1])
    release = PressRelease(slug="r", words=words, published=date(2025, 2, 10), mentions=mentions)
    return a_site(*courses, release, series=series, **{"history_csv": "data/{slug}.csv", **settings})  # type: ignore[arg-type]


def history(site: Site, course: str = "", lang: str = "en") -> HistoryExtra:
    return history_extra(site, course, lang, SETTINGS)


def test_two_measures_have_a_chart_and_a_table_each() -> None:
    shown = history(the_site(MOVED_SERIES), "algebra")

    assert [(part.title, [row.total for row in part.rows]) for part in shown.parts] == [
        ("Enrolments", ["900", "1,100", "1,050"]),
        ("Members", ["40", "30"]),
    ]
    charts = [ElementTree.fromstring(part.chart.replace("<svg ", "<svg xmlns='x' ")) for part in shown.parts]
    seams = [[path.get("d") for path in chart.iter("{x}path") if path.get("class") == "chart-seam"] for chart in charts]
    assert [len(found) for found in seams] == [1, 1]
    assert "since March 20, 2025 (Moodle is here now)" in shown.parts[1].definition


def test_two_platforms_with_one_measure_share_a_chart_with_lines_that_are_not_joined() -> None:
    moved = a_series("algebra", 10, 20, first="2025-03-20", earlier=(OLD,))

    (part,) = history(the_site(moved), "algebra").parts

    root = ElementTree.fromstring(part.chart.replace("<svg ", "<svg xmlns='x' "))
    line = next(path for path in root.iter("{x}path") if path.get("class") == "chart-line")
    assert (line.get("d") or "").count("M") == 2
    assert [row.change for row in part.rows] == ["", "+200", "−50", "", "+10"]


def test_a_page_lists_what_explains_the_totals_in_the_order_of_days() -> None:
    shown = history(the_site(MOVED_SERIES), "algebra")

    assert [(event.date.iso, event.text) for event in shown.events] == [
        ("2025-02-01", "Edition “2025-02-01” begins"),
        ("2025-02-01", "1,000 enrolments reached"),
        ("2025-02-10", "Cento di questi corsi"),
        ("2025-03-04", "Correction of the count: twice"),
        ("2025-03-20", "Another count begins: Moodle is here now"),
    ]
    assert [(event.url is not None, event.lang) for event in shown.events][2] == (True, "it")


def test_what_an_old_platform_counts_after_another_took_over_is_not_drawn() -> None:
    old = a_series("algebra", 900, 950, 990, 9000)
    moved = a_series("algebra", 40, first="2025-03-20", earlier=(old,), measure=MEMBERS)

    shown = history(the_site(moved), "algebra")

    assert [row.total for row in shown.parts[0].rows] == ["900", "950", "990"]
    assert not [event for event in shown.events if "reached" in event.text]


def test_a_long_series_has_a_row_for_each_year() -> None:
    (part,) = history(the_site(a_series("algebra", *range(40))), "algebra").parts

    assert [row.day.iso[:4] for row in part.rows] == ["2025", "2026", "2027", "2028"]


def test_all_courses_together_are_added_up_by_measure_and_never_joined_over_a_seam() -> None:
    shown = history(the_site(MOVED_SERIES, a_series("logic", 5, 6, 7, 8)))

    assert [(part.title, [(row.total, row.courses) for row in part.rows]) for part in shown.parts] == [
        ("Enrolments", [("905", "2"), ("1,106", "2"), ("1,057", "2"), ("7", "1"), ("8", "1")]),
        ("Members", [("40", "1"), ("30", "1")]),
    ]
    assert shown.parts[0].chart.count('class="chart-seam"') == 1
    assert "The rest counts something else" in shown.parts[1].definition


def test_of_many_days_with_first_counts_or_changes_each_year_has_one_line() -> None:
    days = [date(2020, 1, 1) + timedelta(days=31 * number) for number in range(40)]
    series = [a_series(f"c{day:%y%m%d}", 1, first=str(day), corrected=str(day + timedelta(days=1))) for day in days]

    events = history(the_site(*series)).events

    assert [event.date.iso for event in events] == ["2020", "2020", "2021", "2021", "2022", "2022", "2023", "2023"]
    assert [event.text for event in events][2:4] == [
        "12 courses are counted for the first time",
        "Correction of the count: twice (12 courses)",
    ]


def test_samples_are_only_in_the_sum_where_there_is_nothing_else() -> None:
    sample = a_series("logic", 5, sample=True)

    assert [row.total for row in history(the_site(OLD, sample)).parts[0].rows] == ["900", "1,100", "1,050", "1,200"]
    assert "Sample data." in history(the_site(sample)).parts[0].summary


def test_a_page_of_samples_says_so() -> None:
    page = course_history(the_site(a_series("logic", 5, sample=True)), "en", "logic")

    assert [notice.tone for notice in page.notices] == ["sample"]


def test_only_courses_with_a_series_have_a_history_and_only_where_it_is_made() -> None:
    site = a_site(a_course("logic"), a_course("algebra"), series=(OLD,), history_csv="{slug}.csv")

    assert [*course_history_keys(site, "en")] == [("algebra",)]
    assert [*portal_history_keys(site, "en")] == [()]
    for other in (a_site(a_course("algebra"), series=(OLD,)), a_site(a_course("logic"), history_csv="{slug}.csv")):
        assert [*course_history_keys(other, "en"), *portal_history_keys(other, "en")] == []


def test_a_number_leads_to_its_history() -> None:
    site = the_site(MOVED_SERIES)

    urls = [
        number.history_url
        for name in ("counter:course/algebra", "total:courses")
        if (number := site.number(name, "it"))
    ]
    assert urls == ["/course-history/algebra/", "/numbers-history/"]


def test_the_data_say_what_they_are_above_the_header_and_have_every_point() -> None:
    rule = history_rule(CountersSettings(history_csv="{slug}.csv"))
    site = the_site(MOVED_SERIES)

    files = dict(file for key in rule.keys(site) for file in rule.plan(site.fork(), *key).run())

    assert [*files] == ["total/courses.csv", "algebra.csv"]
    notes, rows = split_data(files["algebra.csv"].decode())
    assert notes[0] == "# licence: https://creativecommons.org/licenses/by/4.0/"
    assert [note for note in notes if note.startswith(("# measure", "# source", "# seam"))] == [
        "# measure: enrolled_ever",
        "# source: source 0",
        "# measure: members",
        "# source: source 1",
        "# seam: 2025-03-20 ora c'è Moodle | Moodle is here now",
    ]
    assert sum(note.startswith("# definition (it)") for note in notes) == 2
    assert len(rows) == 6
    assert rows[0] == {"day": "2025-01-01", "series": "algebra.0", "measure": "enrolled_ever", "total": "900"}
    _, sums = split_data(files["total/courses.csv"].decode())
    assert sums[-1] == {"day": "2025-04-20", "measure": "members", "courses": "1", "total": "30"}


def split_data(text: str) -> tuple[list[str], list[dict[str, str]]]:
    lines = text.splitlines()
    notes = [line for line in lines if line.startswith("#")]
    return notes, [*csv.DictReader(io.StringIO("\n".join(lines[len(notes) :])))]
