"""The one thing to do on a course's page, by its state and the page's language; and its editions."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from lxml import html
from tests.builders import LANGS, a_course, a_language, a_run, a_site, settings_for
from tests.theme.learning_pages import course as a_page
from tests.theme.rendering import render

from openknowledge.catalogue.assemble import assemble
from openknowledge.catalogue.kinds import KINDS
from openknowledge.catalogue.kinds.course import course_page
from openknowledge.catalogue.views.pages import CoursePage
from openknowledge.model.course import Course, CourseRun, CourseState, CourseWords, Pace
from openknowledge.model.materials import Material
from openknowledge.model.values import Words
from openknowledge.model.video import Video

ROOT = Path(__file__).parents[2]
PORTAL = "https://portal.example.edu/courses"
STATES = {
    CourseState.OPEN: {"starts": "2026-02-01", "enrollment_opens": date(2025, 12, 1)},
    CourseState.RUNNING: {"starts": "2025-12-01"},
    CourseState.SELF_PACED: {"pace": Pace.SELF},
    CourseState.UPCOMING: {"starts": "2026-02-01"},
    CourseState.UNKNOWN: {},
    CourseState.ARCHIVED: {"ends": "2025-12-31"},
}
VERBS = {
    CourseState.OPEN: "Enrol for free",
    CourseState.RUNNING: "Join for free",
    CourseState.SELF_PACED: "Begin for free",
    CourseState.UPCOMING: "See it on the portal",
    CourseState.UNKNOWN: "See it on the portal",
    CourseState.ARCHIVED: "See the past edition on the portal",
}


def run_in(state: CourseState, lang: str | None = None, **facts: object) -> CourseRun:
    name = f"{state.value}-{lang}"
    return a_run(**{"key": name, "lang": lang, "url": f"https://example.edu/{name}", **STATES[state], **facts})  # type: ignore[arg-type]


def shown(*runs: CourseRun, lang: str = "it", **facts: object) -> CoursePage:
    course = a_course(runs=runs, **facts)
    return course_page(course, a_site(course), lang)


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("state", CourseState)
def test_the_action_fits_the_state_and_the_language_of_the_page(state: CourseState, lang: str) -> None:
    action = shown(run_in(state, "it"), run_in(state, "en"), lang=lang).action

    names = {"it": ("italiano", "inglese"), "en": ("English", "Italian")}[lang]
    other = "en" if lang == "it" else "it"
    assert (action.link.text, action.link.url) == (
        f"{VERBS[state]} (in {names[0]})",
        f"https://example.edu/{state.value}-{lang}",
    )
    assert [(link.text, link.url) for link in action.others] == [
        (f"{VERBS[state]} (in {names[1]})", f"https://example.edu/{state.value}-{other}")
    ]


@pytest.mark.parametrize("state", CourseState)
def test_where_no_edition_of_the_state_has_an_address_the_portal_is_offered_and_named(state: CourseState) -> None:
    page = shown(run_in(state, url=None))

    assert (page.action.link.text, page.action.link.url) == ("Look for it on the portal", PORTAL)
    assert "The link leads to the portal’s list of courses." in page.action.note


def test_the_state_decides_before_the_language_which_is_named_where_it_differs() -> None:
    page = shown(run_in(CourseState.OPEN, "en"), run_in(CourseState.UNKNOWN, "it"))
    alone = shown(run_in(CourseState.OPEN, "en"))
    own = shown(run_in(CourseState.OPEN), teaching_langs=("it",))

    assert page.action.link.text == "Enrol for free (in inglese)"
    assert [link.text for link in page.action.others] == ["See it on the portal (in italiano)"]
    assert alone.action.link.text == "Enrol for free (in inglese)"
    assert own.action.link.text == "Enrol for free"


def test_an_open_edition_without_an_address_is_no_way_into_another_one() -> None:
    page = shown(run_in(CourseState.OPEN, "it", url=None), run_in(CourseState.UNKNOWN, "it"))

    assert (page.state.tone, page.action.link.url) == ("open", PORTAL)


@pytest.mark.parametrize(
    ("runs", "key"),
    [
        ((run_in(CourseState.OPEN, key="b", starts="2026-03-01"), run_in(CourseState.OPEN, key="a")), "a"),
        ((run_in(CourseState.RUNNING, key="b", starts="2025-11-01"), run_in(CourseState.RUNNING, key="a")), "a"),
        ((run_in(CourseState.UNKNOWN, key="2014"), run_in(CourseState.UNKNOWN, key="2016")), "2016"),
        ((run_in(CourseState.ARCHIVED, key="old", ends="2020-01-01"), run_in(CourseState.ARCHIVED, key="new")), "new"),
    ],
)
def test_of_several_editions_the_next_or_the_newest_is_offered(runs: tuple[CourseRun, ...], key: str) -> None:
    named = [replace(run, url=f"https://example.edu/{run.key}") for run in runs]

    assert shown(*named).action.link.url == f"https://example.edu/{key}"
    assert shown(*reversed(named)).action.link.url == (
        f"https://example.edu/{key if runs[0].starts or runs[0].ends else runs[0].key}"
    )


@pytest.mark.parametrize(
    ("dates", "text", "note"),
    [
        ({"enrollment_closes": date(2026, 1, 1)}, "Begin for free", "Enrolment closes on 1 gennaio 2026."),
        ({"enrollment_closes": date(2025, 12, 31)}, "See it on the portal", "Enrolment closed on 31 dicembre 2025."),
        ({"enrollment_opens": date(2026, 1, 2)}, "See it on the portal", "Enrolment opens on 2 gennaio 2026."),
        ({"enrollment_opens": date(2026, 1, 1)}, "Begin for free", ""),
    ],
)
def test_no_reader_is_asked_to_begin_where_enrolment_is_known_to_be_closed(
    dates: dict[str, date], text: str, note: str
) -> None:
    action = shown(run_in(CourseState.SELF_PACED, **dates)).action

    assert (action.link.text, action.note) == (text, note)


def test_a_course_that_is_over_leads_to_what_can_still_be_read_here() -> None:
    notes = Material(title="Notes", url="https://example.edu/notes")
    course = a_course(runs=(run_in(CourseState.ARCHIVED),), materials=(notes,))
    video = Video(
        slug="one", words={"it": Words(title="One")}, published=datetime(2020, 1, 1, tzinfo=UTC), course=course.slug
    )

    action = course_page(course, a_site(course), "it").action
    with_video = course_page(course, a_site(course, video), "it").action

    assert (action.link.url, action.link.rel) == ("#title:materials", None)
    assert action.note == "All editions are over. The materials can still be read."
    assert with_video.link.url == "#title:videos"


def test_every_course_of_the_catalogue_has_one_action_in_each_language() -> None:
    languages = {lang: a_language(lang) for lang in LANGS}
    site = assemble(settings_for(ROOT / "content", date(2026, 11, 22)), KINDS, languages).site
    courses = [site.record(stub.ref) for stub in site.stubs_of(Course)]
    pages = {(one.slug, lang): course_page(one, site.fork(), lang) for one in courses for lang in LANGS}

    assert len(pages) >= 32
    assert {page.action.link.text for page in pages.values() if page.action.link.url == PORTAL} == {
        "Look for it on the portal"
    }
    both = [pages["progettare-l-innovazione-didattica", lang].action for lang in LANGS]
    assert [action.link.url[-6:] for action in both] == ["id=203", "id=204"]
    assert [action.link.text for action in both] == [
        "See it on the portal (in italiano)",
        "See it on the portal (in English)",
    ]


def test_the_page_shows_one_main_action_and_its_other_languages_beside_it() -> None:
    page = html.fromstring(render(a_page()))

    assert len(page.cssselect(".state-link")) == 1
    assert [link.text for link in page.cssselect(".state-other a")] == ["Iscriviti gratis (in inglese)"]


def test_two_editions_of_one_label_say_their_language_with_it() -> None:
    same = (a_run(key="a", label="M7", lang="it"), a_run(key="b", label="M7", lang="en"), a_run(label="M8", lang="it"))

    rows = {row.label: row.details for row in shown(*same).runs}

    assert rows == {"M7, in italiano": (), "M7, in inglese": (), "M8": ("Italiano",)}


def test_editions_that_only_the_platform_names_are_told_apart_too() -> None:
    keys = ("course-v1:P+PID101+2022_M7", "course-v1:P+PIDENG101+2022_M7")
    runs = [a_run(key=key, label="", lang=lang) for key, lang in zip(keys, LANGS, strict=True)]

    assert [row.label for row in shown(*runs).runs] == ["2022 M7, in italiano", "2022 M7, in inglese"]


def test_dates_that_are_not_known_are_told_once_on_a_page() -> None:
    undated = shown(a_run(key="a"), a_run(key="b"))
    mixed = shown(a_run(key="a"), a_run(key="b"), a_run("2026-03-01"))

    assert (undated.state.text, undated.runs_note) == ("Dates not available", "")
    assert [row.dates for row in undated.runs] == ["", ""]
    assert mixed.runs_note == "Where no dates are given, they are not available."
    assert shown(a_run("2026-03-01")).runs_note == ""


@pytest.mark.parametrize(
    ("known", "own", "row"),
    [
        ((None,), None, "60%"),
        ((True, False), None, "60%"),
        ((False, None), None, None),
        ((None,), "Oral exam", "Oral exam"),
    ],
)
def test_the_rule_of_the_certificate_stands_on_a_course_that_says_nothing_else(
    known: tuple[bool | None, ...], own: str | None, row: str | None
) -> None:
    runs = tuple(a_run(key=str(index), certificate=one) for index, one in enumerate(known))
    course = a_course(runs=runs, words={"it": CourseWords(title="A", certificate=own)})

    page = course_page(course, a_site(course, certificate_rule={"it": "60%"}), "it")

    assert next((detail.values[0] for detail in page.details if detail.label == "Certificate"), None) == row
