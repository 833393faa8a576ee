"""What a course's page, card and filters say on a day."""

from __future__ import annotations

from datetime import date

import pytest
from tests.builders import a_course, a_run, a_site, list_pages

from openknowledge.catalogue.kinds.course import COURSE, course_card, course_page
from openknowledge.model.course import CourseState, CourseWords, Level, Pace, Strand
from openknowledge.model.values import Words

DAY = date(2026, 1, 10)


def test_a_course_page_lists_the_soonest_run_first_and_past_ones_last():
    course = a_course(
        runs=(
            a_run("2024-01-15", "2024-03-01"),
            a_run("2026-03-02"),
            a_run("2026-01-12"),
            a_run("2025-01-15", "2025-03-01"),
        )
    )

    page = course_page(course, a_site(course, today=DAY), "it")

    assert [row.label for row in page.runs] == ["2026-01-12", "2026-03-02"]
    assert [row.label for row in page.past_runs] == ["2025-01-15", "2024-01-15"]


@pytest.mark.parametrize(
    ("run", "state"),
    [
        (a_run("2026-02-01"), CourseState.UPCOMING),
        (a_run("2026-02-01", enrollment_opens=date(2026, 1, 10)), CourseState.OPEN),
        (a_run("2026-02-01", enrollment_opens=date(2026, 1, 11)), CourseState.UPCOMING),
        (
            a_run("2026-02-01", enrollment_opens=date(2025, 1, 1), enrollment_closes=date(2026, 1, 9)),
            CourseState.UPCOMING,
        ),
        (a_run("2026-01-10", "2026-01-10"), CourseState.RUNNING),
        (a_run("2026-01-01", "2026-01-09"), CourseState.ARCHIVED),
        (a_run("2025-01-01", pace=Pace.SELF), CourseState.SELF_PACED),
        (a_run(pace=Pace.SELF), CourseState.SELF_PACED),
        (a_run(), CourseState.UNKNOWN),
        (a_run(None, "2026-01-09"), CourseState.ARCHIVED),
    ],
)
def test_the_state_of_a_course_follows_from_its_runs_and_the_day(run, state):
    assert a_course(runs=(run,)).state_on(DAY) is state


def test_a_course_shows_the_most_useful_state_of_all_its_runs():
    course = a_course(runs=(a_run("2020-01-01", "2020-02-01"), a_run("2026-06-01"), a_run("2026-01-01", "2026-02-01")))

    assert course.state_on(DAY) is CourseState.RUNNING


def test_a_course_without_dates_shows_no_badge_on_its_card():
    course = a_course(runs=(a_run(label="2014_T1"),))

    assert course_card(course, a_site(course), "it").badge is None


def test_what_is_not_known_has_no_row_of_facts():
    course = a_course(level=Level.INTRODUCTORY)

    labels = [fact.label for fact in course_page(course, a_site(course), "it").details]

    assert labels == ["Level", "Price"]


def test_workload_is_told_as_far_as_it_is_known():
    course = a_course(weeks=6, total_hours=30)

    page = course_page(course, a_site(course), "en")

    assert page.details[0].values == ("6 weeks, 30 hours in all",)


def test_enrolments_that_nobody_published_are_not_known_and_never_zero():
    course = a_course()

    number = course_page(course, a_site(course), "it").enrolment

    assert number is not None
    assert not number.is_known
    assert "0" not in number.text


def test_a_missing_translation_falls_back_with_a_notice_and_the_right_lang():
    course = a_course(words={"it": CourseWords(title="Algebra lineare")})

    page = course_page(course, a_site(course), "en")

    assert page.heading == "Algebra lineare"
    assert page.content_lang == "it"
    assert [notice.tone for notice in page.notices] == ["language"]


@pytest.mark.parametrize(
    ("lang", "codes", "chosen"),
    [
        ("en", ("it", "en-GB"), "en-GB"),
        ("en", ("it", "fr"), "it"),
        ("en", ("en", "en-GB"), "en"),
        ("it", ("pt", "fr"), "pt"),
    ],
)
def test_words_of_a_near_language_stand_in_before_those_of_others(
    lang: str, codes: tuple[str, ...], chosen: str
) -> None:
    course = a_course(words={code: CourseWords(title=code) for code in codes})

    assert a_site(course).translation(course, lang).words.title == chosen


def test_a_translation_gives_its_own_address_and_each_page_names_the_other():
    words = {"it": CourseWords(title="Algebra"), "en": CourseWords(title="Algebra", slug="algebra-in-english")}
    course = a_course(slug="algebra", words=words)

    page = course_page(course, a_site(course), "it")

    assert page.url == "/courses/algebra/"
    assert {alternate.lang: alternate.absolute_url for alternate in page.alternates} == {
        "it": "https://example.edu/courses/algebra/",
        "en": "https://example.edu/en/courses/algebra-in-english/",
    }


def test_the_other_courses_of_a_strand_are_shown_and_a_strand_knows_its_courses():
    strand = Strand(slug="math", words={"it": Words(title="Math")})
    first, second = a_course("one", strand="math"), a_course("two", strand="math")
    site = a_site(first, second, strand)

    assert [course.ref for course in site.referrers(strand, "course")] == [first.ref, second.ref]
    assert [card.ref for card in course_page(first, site, "it").related[0].cards] == ["course/two"]


def test_each_value_of_a_filter_is_a_page_of_its_own_with_true_counts():
    site = a_site(a_course("one", teaching_langs=("it",)), a_course("two", teaching_langs=("it", "en")))

    pages = {page.url: page for page in list_pages(COURSE, site, "it")}

    assert [card.ref for card in pages["/courses-by/language/en/"].cards] == ["course/two"]
    assert len(pages["/courses-by/language/it/"].cards) == 2
    options = pages["/courses/"].facets[-1].options
    assert [option.text for option in options] == ["All languages", "Inglese", "Italiano"]
    assert [option.count for option in options] == ["2", "1", "2"]
