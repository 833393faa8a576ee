"""Numbers as pages show them, and the page that lists them all."""

from __future__ import annotations

from datetime import date, timedelta

from tests.builders import TODAY, a_course, a_language, a_site

from openknowledge.catalogue.site import Site
from openknowledge.catalogue.views.base import Number, Segment
from openknowledge.catalogue.views.body import absolute_html, number_text
from openknowledge.catalogue.views.numbers import number_names, numbers_page
from openknowledge.model.course import Strand
from openknowledge.model.numbers import (
    CountingChange,
    EnrollmentMeasure,
    EnrollmentPoint,
    EnrollmentSeries,
    Figure,
    Measure,
    Qualifier,
)
from openknowledge.model.values import Html, PartialDate, Source, Words


def a_figure(name: str = "pok.enrolments", value: int | None = 170000, **facts: object) -> Figure:
    fields: dict[str, object] = {
        "measure": Measure.ENROLMENTS,
        "label": {"it": "iscrizioni", "en": "enrolments"},
        "definition": {"it": "Iscrizioni ai corsi.", "en": "Enrolments in courses."},
        "source": Source(title="A paper", url="https://example.org/paper"),
        "group": {"it": "Il portale", "en": "The portal"},
    }
    return Figure(name=name, value=value, **{**fields, **facts})  # type: ignore[arg-type]


def a_series(course: str, total: int, day: date = TODAY, sample: bool = False, **facts: object) -> EnrollmentSeries:
    points = (EnrollmentPoint(day - timedelta(days=30), 0), EnrollmentPoint(day, total))
    return EnrollmentSeries(course=course, source=f"source of {course}", sample=sample, points=points, **facts)  # type: ignore[arg-type]


def site_with(*numbers: Figure | EnrollmentSeries, courses: tuple[str, ...] = (), **settings: object) -> Site:
    """A site whose courses all belong to the strand `maths`."""
    strand = Strand(slug="maths", words={"it": Words(title="Matematica"), "en": Words(title="Mathematics")})
    records = [a_course(slug, strand="maths") for slug in courses]
    figures = tuple(number for number in numbers if isinstance(number, Figure))
    series = tuple(number for number in numbers if isinstance(number, EnrollmentSeries))
    return a_site(strand, *records, figures=figures, series=series, **settings)  # type: ignore[arg-type]


def shown(site: Site, name: str, lang: str = "en") -> Number:
    number = site.number(name, lang)
    assert number is not None
    return number


def test_a_figure_is_shown_with_its_qualifier_definition_source_and_date() -> None:
    figure = a_figure(qualifier=Qualifier.OVER, as_of=PartialDate(2020, 6))

    number = shown(site_with(figure), "figure:pok.enrolments")

    assert (number.text, number.short, number.label) == ("over 170,000", "170,000+", "enrolments")
    assert number.definition == "Enrolments in courses."
    assert (number.source, number.source_url) == ("A paper", "https://example.org/paper")
    assert number.as_of is not None
    assert (number.as_of.text, number.as_of.iso) == ("June 2020", "2020-06")


def test_a_dated_source_says_when() -> None:
    figure = a_figure(source=Source(title="A paper", date=PartialDate(2020, 6, 16)))

    assert shown(site_with(figure), "figure:pok.enrolments", "it").source == "A paper, 16 giugno 2020"


def test_each_language_writes_numbers_its_own_way() -> None:
    site = site_with(a_figure())

    assert shown(site, "figure:pok.enrolments", "it").text == "170.000"
    assert shown(site, "figure:pok.enrolments", "en").text == "170,000"


def test_a_figure_that_nobody_has_published_is_not_known_and_not_zero() -> None:
    number = shown(site_with(a_figure(value=None)), "figure:pok.enrolments")

    assert (number.text, number.short, number.is_known, number.value) == ("not available", "not available", False, None)
    assert not number.is_stale


def test_a_figure_grows_stale_after_the_set_age_counted_from_its_last_possible_day() -> None:
    def is_stale(as_of: PartialDate, **facts: object) -> bool:
        site = site_with(a_figure(as_of=as_of, **facts), stale_after_days=31)
        return shown(site, "figure:pok.enrolments").is_stale

    assert date(2026, 1, 1) == TODAY
    assert is_stale(PartialDate(2025, 11))
    assert not is_stale(PartialDate(2025, 12))
    assert not is_stale(PartialDate(2025))
    assert not is_stale(PartialDate(2014), final=True)


def test_a_counter_is_exact_on_its_page_and_rounded_in_lists() -> None:
    number = shown(site_with(a_series("algebra", 12431), courses=("algebra",)), "counter:course/algebra", "it")

    assert (number.text, number.short, number.value) == ("12.431", "12.400+", 12431)


def test_a_course_without_a_series_has_a_counter_that_is_not_known() -> None:
    number = shown(site_with(courses=("algebra",)), "counter:course/algebra")

    assert (number.is_known, number.text, number.json_url, number.page_url) == (False, "not available", None, None)


def test_a_sample_series_makes_sample_counters_and_totals() -> None:
    site = site_with(a_series("algebra", 5, sample=True), courses=("algebra",))

    names = ("counter:course/algebra", "total:courses", "total:strand/maths")
    assert all(shown(site, name).is_sample for name in names)


def test_a_total_adds_enrolments_and_says_how_many_courses_it_counts() -> None:
    site = site_with(a_series("a", 5), a_series("b", 7), courses=("a", "b", "c"))

    number = shown(site, "total:courses")

    assert number.value == 12
    assert number.definition.startswith("Enrolments in 2 of 3 courses; no figures are available for the rest.")
    assert number.source == "source of a; source of b"


def test_a_total_never_adds_samples_to_real_enrolments() -> None:
    site = site_with(a_series("a", 5), a_series("b", 7, sample=True), courses=("a", "b"))

    number = shown(site, "total:strand/maths")

    assert (number.value, number.is_sample) == (5, False)
    assert number.definition.startswith("Enrolments in 1 course of 2")


def test_a_total_is_as_old_as_the_oldest_of_its_series() -> None:
    site = site_with(a_series("a", 5, date(2025, 3, 1)), a_series("b", 7), courses=("a", "b"))

    as_of = shown(site, "total:courses").as_of
    assert as_of is not None
    assert as_of.iso == "2025-03-01"


NOW, MEMBERS = EnrollmentMeasure.ENROLLED_NOW, EnrollmentMeasure.MEMBERS


def test_a_number_says_what_its_measure_counts_and_whether_it_may_fall() -> None:
    site = site_with(
        a_series("a", 5), a_series("b", 7, measure=NOW), a_series("c", 9, measure=MEMBERS), courses=("a", "b", "c")
    )
    numbers = [shown(site, f"counter:course/{course}") for course in "abc"]

    assert [(number.label, number.may_fall) for number in numbers] == [
        ("enrolments", False),
        ("current enrolments", True),
        ("members", True),
    ]
    assert [number.definition.split(" in ")[0].split(" of ")[0] for number in numbers] == [
        "Enrolments",
        "Current enrolments",
        "All members",
    ]


def test_a_number_behind_a_seam_says_since_when_and_why_in_the_language_of_the_page() -> None:
    seam = CountingChange(date(2025, 7, 1), {"it": "ora c'è Moodle", "en": "Moodle is here now"})
    site = site_with(a_series("a", 9, measure=MEMBERS, seam=seam, earlier=(a_series("a", 500),)), courses=("a",))

    assert shown(site, "counter:course/a").value == 9
    assert "since July 1, 2025 (Moodle is here now)" in shown(site, "counter:course/a").definition
    assert "since 1 luglio 2025 (ora c'è Moodle)" in shown(site, "counter:course/a", "it").definition


def test_a_total_adds_the_measure_of_most_courses_and_says_that_others_count_something_else() -> None:
    series = (a_series("a", 500), a_series("b", 7, measure=MEMBERS), a_series("c", 9, measure=MEMBERS))

    number = shown(site_with(*series, courses=("a", "b", "c")), "total:courses")

    assert (number.value, number.label, number.may_fall) == (16, "members", True)
    assert number.definition.startswith("All members of the spaces of 2 of 3 courses")
    assert "The rest counts something else, which is never added" in number.definition


def test_where_as_many_courses_count_another_measure_the_total_is_of_all_who_ever_enrolled() -> None:
    series = (a_series("a", 7, measure=MEMBERS), a_series("b", 500))

    number = shown(site_with(*series, courses=("a", "b", "c")), "total:strand/maths")

    assert number.value == 500
    assert number.definition.startswith("Enrolments in 1 course of 3. The rest counts something else")


def test_a_total_of_nothing_is_not_known() -> None:
    assert not shown(site_with(courses=("a",)), "total:strand/maths").is_known


def test_names_that_mean_nothing_have_no_number() -> None:
    site = site_with(a_figure(), courses=("algebra",))

    for name in ("figure:pok.nothing", "counter:strand/maths", "total:strand/x", "x", ""):
        assert site.number(name, "it") is None


def test_every_known_name_has_a_number_in_every_language() -> None:
    site = site_with(a_figure(), a_series("algebra", 5), courses=("algebra",))

    assert number_names(site) == (
        "counter:course/algebra",
        "figure:pok.enrolments",
        "total:courses",
        "total:strand/maths",
    )
    assert all(site.number(name, lang) for name in number_names(site) for lang in site.langs)


def test_a_number_can_be_refreshed_only_where_somebody_writes_its_json() -> None:
    numbers = (a_series("algebra", 5), a_figure("pok.learners"))
    silent = site_with(*numbers, courses=("algebra",))
    writing = site_with(*numbers, courses=("algebra",), counter_json="data/{slug}.json", base_path="/sub")

    assert {shown(silent, name).json_url for name in number_names(silent)} == {None}
    assert {name: shown(writing, name).json_url for name in number_names(writing)} == {
        "counter:course/algebra": "/sub/data/algebra.json",
        "figure:pok.learners": "/sub/data/figure/pok.json",
        "total:courses": "/sub/data/total/courses.json",
        "total:strand/maths": "/sub/data/total/strand/maths.json",
    }


def test_what_is_not_known_or_cannot_change_any_more_is_not_refreshed() -> None:
    site = site_with(
        a_figure("pok.unknown", None),
        a_figure("pok.final", final=True),
        courses=("algebra",),
        counter_json="{slug}.json",
    )

    assert {shown(site, name).json_url for name in number_names(site)} == {None}


def test_a_figure_of_what_there_is_now_may_fall_and_one_of_what_there_was_may_not() -> None:
    site = site_with(a_figure("a.people", measure=Measure.PEOPLE), a_figure("a.views", measure=Measure.VIEWS))

    assert (shown(site, "figure:a.people").may_fall, shown(site, "figure:a.views").may_fall) == (True, False)


def test_a_number_as_plain_text_says_that_it_is_a_sample_where_it_can() -> None:
    number = shown(site_with(a_series("algebra", 5, sample=True), courses=("algebra",)), "counter:course/algebra")

    assert number_text(number) == "5"
    assert number_text(number, a_language("en")) == "5 (sample data)"


def test_the_page_of_numbers_lists_totals_then_figures_by_group_then_courses() -> None:
    figures = (a_figure(), a_figure("schools.devices", group={"it": "Scuole", "en": "Schools"}))
    site = site_with(*figures, a_series("algebra", 5), courses=("algebra", "analysis"))

    page = numbers_page(site, "en")

    assert [(group.anchor, group.title) for group in page.groups] == [
        ("totals", "Enrolments in all courses and by strand"),
        ("figures-pok", "The portal"),
        ("figures-schools", "Schools"),
        ("counters", "Enrolments by course"),
    ]
    assert [number.label for number in page.groups[0].numbers] == ["All courses", "Mathematics"]
    assert [number.name for number in page.groups[3].numbers] == ["counter:course/algebra"]


def test_every_number_leads_to_its_own_place_on_the_page_of_numbers() -> None:
    site = site_with(a_figure(), a_series("algebra", 5), courses=("algebra",))
    page = numbers_page(site, "it")

    anchors = [number.anchor for group in page.groups for number in group.numbers]

    assert len(set(anchors)) == len(anchors)
    for name in number_names(site):
        url, _, anchor = (shown(site, name, "it").page_url or "").partition("#")
        assert url == page.url
        assert anchor in anchors


def test_a_site_without_numbers_has_an_empty_page_and_no_empty_groups() -> None:
    assert numbers_page(a_site(), "it").groups == ()


def test_a_sample_number_in_a_text_for_feeds_says_that_it_is_a_sample() -> None:
    number = Number(
        name="counter:course/a",
        text="1.200",
        short="1.200",
        label="iscrizioni",
        definition="Iscrizioni.",
        is_known=True,
        is_sample=True,
    )

    text = absolute_html(
        a_site(), (Segment(html=Html("<p>Sono "), number=number), Segment(html=Html(".</p>"))), "it", "/"
    )

    assert text == "<p>Sono 1.200 (sample data).</p>"
