"""Two owners of one path, and a path that cannot be, are one problem each, before any file is written."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from tests.builders import COURSE, assembled
from tests.site import small
from tests.site.small import SiteBuild

from openknowledge.catalogue.output_owners import describe_conflicts, find_conflicts
from openknowledge.catalogue.routes import Routes


def page(save_as: str) -> str:
    return small.front(title="Pagina", save_as=save_as) + "Testo.\n"


def conflicts(folder: Path, files: dict[str, str], patterns: dict[str, str] | None = None, **settings: str) -> list[str]:
    """Return the problems of the files of a site with this content and these settings."""
    site = assembled(folder, {"courses/algebra/index.md": COURSE, **files}).site.fork()
    inputs = site._inputs
    inputs.settings = replace(inputs.settings, **settings)  # type: ignore[arg-type]
    inputs.routes = Routes({**inputs.routes.patterns, **(patterns or {})}, "it", inputs.routes.words)
    site = site.fork()
    return [str(problem).partition("\n")[0] for problem in describe_conflicts(site, find_conflicts(site))]


def test_a_site_without_conflicts_has_none(tmp_path: Path) -> None:
    assert conflicts(tmp_path, {}) == []


@pytest.mark.parametrize("save_as", ["courses/index.html", "Courses/index.html"])
def test_a_page_cannot_have_the_file_of_a_list_also_in_other_letters(tmp_path: Path, save_as: str) -> None:
    assert conflicts(tmp_path, {"pages/x.md": page(save_as)}) == [
        f'content/pages/x.md: slug: the address "/{save_as[:8]}" is already that of another page ("Courses")'
    ]


def test_a_page_cannot_lie_below_the_file_of_another_one(tmp_path: Path) -> None:
    files = {"pages/x.md": page("a.html/b.html"), "pages/y.md": page("a.html")}

    assert conflicts(tmp_path, files)[0] == (
        'content/pages/x.md: slug: the address "/a.html/b.html" is already that of content/pages/y.md'
    )


def test_two_documents_of_the_settings_cannot_have_one_file(tmp_path: Path) -> None:
    found = conflicts(tmp_path, {}, counters_json="data/a.json", search_json="data/a.json")

    assert found == [
        'pelicanconf.py: the address "/data/a.json" is already that of a file of the site itself (search)'
    ] * len(found)
    assert found


def test_a_feed_cannot_be_in_a_folder_of_the_site(tmp_path: Path) -> None:
    found = conflicts(tmp_path, {}, {"SUBSCRIBE_URL": "theme/"})

    assert 'pelicanconf.py: the address "/theme/all.rss.xml" cannot be: "theme" is a folder of the site itself' in found


def test_nothing_is_written_or_changed_where_two_own_one_path(small_site: SiteBuild, tmp_path: Path) -> None:
    site = small.copied(small_site, tmp_path)
    before = small.digest(site.output)
    (site.content / "pages/x.md").write_text(page("corsi/index.html"), "utf-8")

    done = small.build(site.content, site.output)

    assert done.returncode == 1
    assert 'content/pages/x.md: slug: the address "/corsi/" is already that of another page ("Corsi")' in done.stderr
    assert small.digest(site.output) == before


def test_the_first_build_writes_nothing_at_all_where_two_own_one_path(tmp_path: Path) -> None:
    content = small.small_content(tmp_path, {"pages/x.md": page("corsi/index.html")})

    done = small.build(content, tmp_path / "output")

    assert done.returncode == 1
    assert small.digest(tmp_path / "output") == {}
