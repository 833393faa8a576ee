"""Nothing of an item is built before the day or moment at which it appears."""

from __future__ import annotations

import dataclasses
from datetime import datetime
from pathlib import Path

import pytest
from tests.builders import KINDS, a_language, assembled, problems, settings_for, write

from openknowledge.catalogue.assemble import assemble
from openknowledge.catalogue.check_command import describe_appearance
from openknowledge.catalogue.settings import CatalogueSettings
from openknowledge.content.schedule import NEVER, list_ahead
from openknowledge.engine.session import NEXT_CHANGE, BuildSession

NOON = datetime.fromisoformat("2026-01-01T12:00+01:00")
LANGUAGES = {lang: a_language(lang) for lang in ("it", "en")}
AHEAD: dict[str, tuple[str, str]] = {
    "press/2026/a.md": ("press/a", "published: 2026-01-02"),
    "press/2025/draft.md": ("press/draft", "published: 2025-12-01\nembargo: 2025-12-02\ndraft: true"),
    "press/2025/b.md": ("press/b", "published: 2025-12-01\nembargo: 2026-01-02"),
    "press/2025/c.md": ("press/c", "published: 2025-12-01\nembargo: 2026-01-01T12:30+01:00"),
    "press/2026/p.md": ("press/p", "published: 2026-01-01T12:30+01:00"),
    "press/2026/q.md": ("press/q", "published: 2026-01-01T12:00+01:00\nembargo: 2026-01-01T11:30Z"),
    "press/2026/r.md": ("press/r", "published: 2026-01-02\nembargo: 2026-01-01T22:30Z"),
    "hub/talk/s.md": ("hub/s", "initiative: i\npublished: 2026-01-01T12:01+01:00"),
    "courses/t/index.md": ("course/t", "first_published: 2026-01-01T11:01Z"),
    "hub/article/d.md": ("hub/d", "initiative: i\npublished: 2026-02"),
    "hub/talk/e.md": ("hub/e", "initiative: i\npublished: 2027"),
    "programmes/f.md": ("programme/f", "published: 2026-01-02"),
    "videos/g.md": ("video/g", "published: 2026-01-01T11:30:00Z"),
    "courses/h/index.md": ("course/h", "first_published: 2026-03-01"),
}
THERE: dict[str, tuple[str, str]] = {
    "press/2025/done.md": ("press/done", "published: 2025-12-01\ndraft: false"),
    "press/2026/k.md": ("press/k", "published: 2026-01-01"),
    "press/2025/l.md": ("press/l", "published: 2025-12-01\nembargo: 2026-01-01T11:59+01:00"),
    "press/2026/u.md": ("press/u", "published: 2026-01-01T11:59+01:00\nupdated: 2026-01-01"),
    "hub/talk/v.md": ("hub/v", "initiative: i\npublished: 2026-01-01T10:59Z"),
    "programmes/w.md": ("programme/w", "published: 2026-01-01T00:00+01:00"),
    "hub/article/m.md": ("hub/m", "initiative: i\npublished: 2026"),
    "videos/n.md": ("video/n", "published: 2026-01-01T11:00:00Z"),
    "courses/o/index.md": ("course/o", "runs:\n  - {key: a, label: b, starts: 2027-01-01}"),
}
INITIATIVE = {"initiatives/i.md": "---\ntitle: I\nstarts: 2020\n---\n"}


def test_every_kind_waits_for_its_day_or_moment(tmp_path: Path) -> None:
    items = {path: f"---\ntitle: x\n{dates}\n---\nTesto.\n" for path, (_, dates) in {**AHEAD, **THERE}.items()}
    content = write(tmp_path, {**items, **INITIATIVE})
    settings = dataclasses.replace(settings_for(content), exact_moment=NOON)

    site = assemble(settings, KINDS, LANGUAGES)

    assert site.problems == ()
    shown = {str(ref) for ref in site.site.fork().refs()} - {"initiative/i"}
    assert shown == {ref for ref, _ in THERE.values()}
    assert [path for path, _ in site.scheduled] == sorted(f"content/{path}" for path in AHEAD)


def test_a_link_to_an_item_that_waits_leads_home_and_lists_do_without_it(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {
        "courses/a/index.md": "---\ntitle: A\nfirst_published: 2030-01-01\n---\n",
        "courses/b/index.md": "---\ntitle: B\nprerequisites: [a]\n---\n"
        "[A]({filename}/courses/a/index.md) {counter:course/a}\n",
        "snapshots/enrollments/a.csv": "# source: x\nday,total\n2025-01-01,7\n",
    }

    site = assembled(tmp_path, files)
    page = site.site.fork()

    assert site.problems == ()
    record = page.stub("course", "b")
    assert record is not None
    view = page.kind("course").page(page.record(record.ref), page, "it")
    assert f'href="{page.route_url("home", "it")}"' in view.body[0].html
    assert view.body[0].number is not None and not view.body[0].number.is_known
    assert list(page.series) == []
    assert "Before this one" not in {row.label for row in view.details}


@pytest.mark.parametrize(
    ("when", "cure"),
    [
        ("2026-12-01T11:00", "2026-12-01T11:00+01:00"),
        ("11:00", "2026-12-01T11:00+01:00"),
        ("1 dicembre", "2026-12-01"),
        ("2026-13-01", "2026-12-01"),
    ],
)
@pytest.mark.parametrize("field", ["embargo", "updated"])
def test_a_date_says_its_day_or_its_moment_with_the_zone(tmp_path: Path, field: str, when: str, cure: str) -> None:
    text = f"---\ntitle: x\npublished: 2025-01-01\n{field}: {when}\n---\n"

    (found,) = problems(tmp_path, {"press/2025/a.md": text})

    assert found.startswith(f"content/press/2025/a.md:4: {field}:") and cure in found


def test_a_day_without_an_hour_is_neither_before_nor_after_a_moment_of_it(tmp_path: Path) -> None:
    dates = [
        ("2025-03-01T11:00+01:00", "2025-03-01"),
        ("2025-03-01", "2025-03-01T00:00Z"),
        ("2025-03-01T11:00Z", "2025-03-01T11:30+01:00"),
    ]
    texts = [f"---\ntitle: x\npublished: {first}\nupdated: {updated}\n---\n" for first, updated in dates]

    (found,) = problems(tmp_path, {f"press/2025/{index}.md": text for index, text in enumerate(texts)})

    assert found.startswith("content/press/2025/2.md:4: updated: it cannot be updated before it is published")
    assert "(2025-03-01 11:00:00+00:00 comes after 2025-03-01 11:30:00+01:00)" in found


@pytest.mark.parametrize(
    ("build_date", "moment"),
    [
        ("2026-12-01", "2026-12-01T00:00:00+01:00"),
        ("2026-12-01T11:00+01:00", "2026-12-01T11:00:00+01:00"),
        ("2026-12-01T23:30:00Z", "2026-12-02T00:30:00+01:00"),
    ],
)
def test_a_build_is_for_a_day_or_for_a_moment(build_date: str, moment: str) -> None:
    settings = CatalogueSettings.from_pelican(pelican_settings(BUILD_DATE=build_date))

    assert settings.moment.isoformat() == moment
    assert settings.today == settings.moment.date()


def pelican_settings(**changes: object) -> dict[str, object]:
    names = {"it": "Sito"}
    fields = {"PATH": "content", "THEME": "theme", "TIMEZONE": "Europe/Rome", "LANGUAGES": ("it",), "SITENAMES": names}
    return {
        **fields,
        "TAGLINES": names,
        "SITEURL": "https://example.edu",
        "LICENSE_URL": "https://example.edu/",
        "COURSE_PORTAL": "https://example.edu/",
        **changes,
    }


def test_what_lies_years_back_is_never_read_as_a_date() -> None:
    assert list_ahead([None, "2019", "2025-12-31", "2026-01-01", "2026-01-02"], NOON) == [False] * 4 + [True]


def test_check_says_when_something_appears() -> None:
    assert describe_appearance("2027-01-15", a_language("it")) == "appears on 15 gennaio 2027"
    assert "11:00" in describe_appearance("2026-12-01T11:00:00+01:00", a_language("en"))


def test_an_initiative_that_has_not_begun_is_in_no_feed_yet(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {
        "initiatives/a.md": "---\ntitle: A\nstarts: 2026-01-02\n---\n",
        "initiatives/b.md": "---\ntitle: B\nstarts: 2026-01-01\n---\n",
    }
    site = assembled(tmp_path, files).site.fork()

    dates = {str(ref): site.summary(ref, "it").published for ref in site.refs()}

    assert dates["initiative/a"] is None and dates["initiative/b"] is not None


@pytest.mark.parametrize(("due_s", "build_date", "is_due"), [(1, "", True), (1, "2026-01-01", False), (9e9, "", False)])
def test_a_build_of_the_present_is_due_when_something_appears(due_s: float, build_date: str, is_due: bool) -> None:
    session = BuildSession()
    session.settings = {"BUILD_DATE": build_date}
    session.state.extras[NEXT_CHANGE] = due_s

    assert session.is_due() is is_due


def test_a_draft_is_listed_as_what_it_is() -> None:
    assert describe_appearance(NEVER, a_language("en")).startswith("is a draft")
