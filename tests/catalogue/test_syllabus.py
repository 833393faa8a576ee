"""What each part of a syllabus gives to watch and to work with, what has changed, and what courses do not say."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from lxml import html
from tests.builders import a_course, a_run, a_site, assembled, problems
from tests.theme.learning_pages import course as a_page
from tests.theme.rendering import render

from openknowledge.catalogue.gaps import describe_gaps
from openknowledge.catalogue.kinds.course import course_page
from openknowledge.catalogue.views.base import NavLink
from openknowledge.catalogue.views.pages import SyllabusRow
from openknowledge.model.course import CourseWords, Lesson, SyllabusUnit
from openknowledge.model.materials import Material
from openknowledge.model.programme import Milestone
from openknowledge.model.values import PartialDate, Record, Words
from openknowledge.model.video import Playlist, Video

DAY = datetime(2026, 1, 1, tzinfo=UTC)
UNITS = (SyllabusUnit(title="Vettori"), SyllabusUnit(title="Matrici"))
WORDS = {"it": CourseWords(title="Algebra", syllabus=UNITS)}
COURSE = "---\ntitle: Algebra\n{}\n---\nTesto.\n"


def a_video(slug: str, **facts: object) -> Video:
    return Video(slug=slug, words={"it": Words(title=slug)}, published=DAY, **facts)  # type: ignore[arg-type]


def a_playlist(slug: str, *videos: str, **facts: object) -> Playlist:
    return Playlist(slug=slug, words={"it": Words(title=slug)}, published=DAY, videos=videos, **facts)  # type: ignore[arg-type]


def test_a_part_has_its_videos_with_their_length_and_its_materials() -> None:
    lessons = (Lesson(part=1, videos=("b",)), Lesson(part=2, playlist="p"))
    sheets = (Material(title="S", url="https://x.example/s", part=2), Material(title="All", url="https://x.example/a"))
    course = a_course("c", words=WORDS, lessons=lessons, materials=sheets)
    videos: list[Record] = [a_video(slug, course="c", duration_s=65) for slug in "abd"]

    page = course_page(course, a_site(course, *videos, a_playlist("p", "d")), "it")

    assert [[(link.text, link.count) for link in part.lessons] for part in page.syllabus] == [
        [("b", "1:05")],
        [("d", "1:05")],
    ]
    assert [[row.title for row in part.materials] for part in page.syllabus] == [[], ["S"]]
    assert [row.title for row in page.materials] == ["All"]
    assert page.videos is not None
    assert [card.ref for card in page.videos.cards] == ["video/a"]


def test_a_long_playlist_is_cut_in_its_part_and_linked() -> None:
    slugs = [f"v{number:02}" for number in range(14)]
    course = a_course("c", words=WORDS, lessons=(Lesson(part=1, playlist="p"),))

    page = course_page(course, a_site(course, *map(a_video, slugs), a_playlist("p", *slugs, course="c")), "it")

    assert [link.text for link in page.syllabus[0].lessons] == [*slugs[:12], "p"]
    assert page.videos is None


def test_in_a_language_without_a_syllabus_nothing_is_lost() -> None:
    words = {**WORDS, "en": CourseWords(title="Algebra")}
    sheet = Material(title="S", url="https://x.example/s", part=1)
    course = a_course("c", words=words, lessons=(Lesson(part=1, videos=("b",)),), materials=(sheet,))

    page = course_page(course, a_site(course, a_video("b", course="c")), "en")

    assert [row.title for row in page.materials] == ["S"]
    assert page.videos is not None


def test_a_course_that_is_over_leads_to_the_videos_of_its_syllabus() -> None:
    course = a_course("c", words=WORDS, lessons=(Lesson(part=1, videos=("b",)),), runs=(a_run(None, "2020-01-01"),))

    assert course_page(course, a_site(course, a_video("b")), "it").action.link.url == "#title:syllabus"


def test_titles_of_the_syllabus_are_marked_with_their_language_and_its_videos_with_theirs() -> None:
    part = SyllabusRow(title="Vectors", weeks="2 settimane", lessons=(NavLink(text="Un video", url="/video/x/"),))

    page = html.fromstring(render(a_page(content_lang="en", syllabus=(part,))))

    [row] = page.cssselect(".syllabus-part")
    marked = {element.text: element.get("lang") for element in row.iter() if (element.text or "").strip()}
    assert (marked["Vectors"], marked["2 settimane"], marked["Un video"]) == ("en", None, None)
    assert row.getparent().get("lang") is None


def test_a_part_that_the_syllabus_has_not_is_told_with_its_line(tmp_path: Path) -> None:
    fields = "syllabus: [{title: Vettori}]\nlessons:\n  - {part: 2, videos: [x]}\nmaterials:\n"
    fields += "  - {title: S, url: 'https://x.example/s', part: 0}"

    found = problems(tmp_path, {"courses/c/index.md": COURSE.format(fields)})

    assert [line.splitlines()[0] for line in found] == [
        "content/courses/c/index.md:5: lessons[0].part: the syllabus has no part 2",
        'content/courses/c/index.md:5: lessons[0].videos[0]: there is no video "x"',
        "content/courses/c/index.md:7: materials[0].part: 0 is less than 1",
    ]


def test_changes_are_dated_on_the_page_the_newest_first() -> None:
    changes = (
        Milestone(date=PartialDate(2025, 11), text={"it": "Nuova edizione."}),
        Milestone(date=PartialDate(2025, 12, 3), text={"it": "Rimandato."}),
    )
    course = a_course(changes=changes)

    rows = course_page(course, a_site(course), "it").changes

    assert [(row.label, row.values) for row in rows] == [
        ("3 dicembre 2025", ("Rimandato.",)),
        ("novembre 2025", ("Nuova edizione.",)),
    ]


def test_what_courses_do_not_say_is_counted_and_named_by_file(tmp_path: Path) -> None:
    known = "outcomes: [Contare]\nsyllabus: [{title: Uno}]\ntotal_hours: 3\nrequirements: Nulla.\nlicense: CC-BY-4.0\n"
    files: dict[str, str | bytes] = {
        "courses/a/index.md": COURSE.format(known + "runs: [{key: A, label: A, certificate: true}]"),
        "courses/a/index.en.md": COURSE.format("syllabus: [{title: One}]"),
        "courses/b/index.md": COURSE.format("badge: false\nweeks: 3"),
    }

    lines = [str(line) for line in describe_gaps(assembled(tmp_path, files).site.fork())]

    assert lines == [
        "content/courses/a/index.en.md lacks: outcomes",
        "content/courses/b/index.md lacks: outcomes, syllabus, weekly_hours, prerequisites, license",
        "outcomes: missing in 2 of 2 courses",
        "syllabus: missing in 1 of 2 courses",
        "weekly_hours: missing in 1 of 2 courses",
        "prerequisites: missing in 1 of 2 courses",
        "certificate: missing in 0 of 2 courses",
        "license: missing in 1 of 2 courses",
    ]
