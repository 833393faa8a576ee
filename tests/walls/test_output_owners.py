"""Two owners of one path, and a path that cannot be, are one problem each, before any file is written."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from unittest import mock

import pytest
from tests.builders import COURSE, assembled
from tests.site import small
from tests.site.small import SiteBuild

from openknowledge.catalogue.output_owners import describe_conflicts, find_conflicts
from openknowledge.catalogue.routes import Routes
from openknowledge.engine.atomic_files import file_wanted, write_output
from openknowledge.engine.build_state import OutputFile
from openknowledge.engine.query_graph import SEPARATOR
from openknowledge.engine.session import BuildSession
from openknowledge.problems import ContentProblems


def page(save_as: str) -> str:
    return small.front(title="Pagina", save_as=save_as) + "Testo.\n"


def conflicts(
    folder: Path, files: dict[str, str], patterns: dict[str, str] | None = None, **settings: str
) -> list[str]:
    """Return the problems of the files of a site with this content and these settings."""
    site = assembled(folder, {"courses/algebra/index.md": COURSE, **files}).site.fork()
    inputs = site._inputs
    inputs.settings = replace(inputs.settings, **settings)  # type: ignore[arg-type]
    inputs.routes = Routes({**inputs.routes.patterns, **(patterns or {})}, "it", inputs.routes.words)
    site = site.fork()
    return [str(problem).partition("\n")[0] for problem in describe_conflicts(site, find_conflicts(site))]


def test_a_site_without_conflicts_has_none(tmp_path: Path) -> None:
    assert conflicts(tmp_path, {}) == []


def test_a_page_cannot_have_the_file_of_a_list(tmp_path: Path) -> None:
    assert conflicts(tmp_path, {"pages/x.md": page("courses/index.html")}) == [
        'content/pages/x.md: slug: the address "/courses/" is already that of the page "Courses"'
    ]


@pytest.mark.parametrize("folder", ["COURSES", "corsi-perche\u0301", "Corsi-Perché"])
def test_names_that_are_one_on_some_systems_are_one(tmp_path: Path, folder: str) -> None:
    patterns = {"COURSES_URL": "courses/" if folder.isascii() else "corsi-perché/", "VIDEOS_URL": f"{folder}/"}

    assert conflicts(tmp_path, {}, patterns) == [
        f'pelicanconf.py: the address "/{folder}/" is that of the page "Courses" and of the page "Videos"'
    ]


def test_a_page_cannot_lie_below_the_file_of_another_one(tmp_path: Path) -> None:
    patterns = {"COURSE_SAVE_AS": "a.html/{slug}.html"}

    assert conflicts(tmp_path, {"pages/y.md": page("a.html")}, patterns) == [
        'content/courses/algebra/index.md: slug: the address "/a.html/algebra.html" '
        "is already that of content/pages/y.md"
    ]


def test_two_documents_of_the_settings_cannot_have_one_file(tmp_path: Path) -> None:
    assert conflicts(tmp_path, {}, counters_json="data/it.json", search_json="data/{lang}.json") == [
        'pelicanconf.py: the address "/data/it.json" is that of a file of the site itself (search) '
        "and of a file of the site itself (counters)"
    ]


def test_a_feed_cannot_be_in_a_folder_of_the_site(tmp_path: Path) -> None:
    found = conflicts(tmp_path, {}, {"SUBSCRIBE_URL": "theme/"})

    assert 'pelicanconf.py: the address "/theme/all.rss.xml" cannot be: "theme" belongs to the site itself' in found


def test_nothing_is_written_or_changed_where_two_own_one_path(small_site: SiteBuild, tmp_path: Path) -> None:
    site = small.copied(small_site, tmp_path)
    before = small.digest(site.output)
    (site.content / "pages/x.md").write_text(page("corsi/index.html"), "utf-8")

    done = small.build(site.content, site.output)

    assert done.returncode == 1
    assert 'content/pages/x.md: slug: the address "/corsi/" is already that of the page "Corsi"' in done.stderr
    assert small.digest(site.output) == before


def test_the_first_build_writes_nothing_at_all_where_two_own_one_path(tmp_path: Path) -> None:
    content = small.small_content(tmp_path, {"pages/x.md": page("corsi/index.html")})

    done = small.build(content, tmp_path / "output")

    assert done.returncode == 1
    assert small.digest(tmp_path / "output") == {}


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("a/index.html", "two things were written here: page course/a, and written"),
        ("aux.html", '"aux.html" is a device'),
        ("x\u202ey.html", "an invisible character"),
        ("b/" * 600 + "c.html", "it is too long"),
    ],
)
def test_another_plugin_is_told_before_it_writes_what_is_not_its_own(tmp_path: Path, path: str, reason: str) -> None:
    session, key = BuildSession(), SEPARATOR.join(("page", "course/a"))
    session.output, session.scheduler = tmp_path, mock.Mock(live={key: None})
    session.state.files["a/index.html"] = OutputFile(1, 1, key, "")
    (tmp_path / "a").mkdir()
    (tmp_path / "a/index.html").write_bytes(b"ours")
    file_wanted.connect(session.check_external)

    with pytest.raises(ContentProblems) as refusal:
        write_output(tmp_path / path, b"theirs")

    assert reason in refusal.value.problems[0].message
    assert [file.read_bytes() for file in tmp_path.rglob("*.html")] == [b"ours"]
    assert write_output(tmp_path / "robots.txt", b"theirs")
