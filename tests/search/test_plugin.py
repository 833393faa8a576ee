"""The site has a search with the plugin, and no trace of one without it."""

from __future__ import annotations

import os
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from tests.builders import a_course, a_site

from openknowledge import search
from openknowledge.catalogue.page_rules import build_all_views
from openknowledge.catalogue.views.pages import SearchPage
from openknowledge.problems import ContentProblems
from openknowledge.search.generator import SearchGenerator
from openknowledge.search.settings import SearchSettings


def generate(output: Path, context: dict[str, Any]) -> None:
    generator = SearchGenerator.__new__(SearchGenerator)
    settings = {"PATH": str(output)}
    generator.context, generator.settings, generator.output_path = context, settings, str(output)
    generator.generate_context()
    generator.generate_output(None)


def problems(**settings: Any) -> list[str]:
    with pytest.raises(ContentProblems) as caught:
        SearchSettings.from_pelican(settings)
    return [str(problem) for problem in caught.value.problems]


def test_the_catalogue_gets_the_paths_of_the_search_indexes() -> None:
    pelican = SimpleNamespace(settings={"SEARCH_URL": "cerca/"})

    search.PLUGIN.check_settings(pelican)

    assert pelican.settings["SEARCH_IS_ON"] is True
    assert pelican.settings["SEARCH_JSON"] == "data/search/{lang}/index.json"


def test_a_site_with_a_search_has_its_page_in_each_language_and_a_way_to_it_on_all() -> None:
    site = a_site(a_course(), search_is_on=True, search_json="data/search/{lang}/index.json")

    pages = {view.lang: view for view in build_all_views(site) if isinstance(view, SearchPage)}

    assert {lang: page.data_url for lang, page in pages.items()} == {
        "it": "/data/search/it/index.json",
        "en": "/data/search/en/index.json",
    }
    assert {page.robots for page in pages.values()} == {"noindex"}
    assert all(view.chrome.search_url == pages[view.lang].url for view in build_all_views(site))


def test_a_site_without_a_search_has_neither_page_nor_link() -> None:
    views = list(build_all_views(a_site(a_course())))

    assert not any(isinstance(view, SearchPage) for view in views)
    assert {view.chrome.search_url for view in views} == {None}


def test_what_is_counted_has_a_text_for_every_plural_of_the_language() -> None:
    site = a_site(search_is_on=True, search_json="{lang}.json")
    (page,) = (view for view in build_all_views(site) if isinstance(view, SearchPage) and view.lang == "it")

    assert page.counts == {
        "many": "%(number)s results for “%(query)s”",
        "one": "%(number)s result for “%(query)s”",
        "other": "%(number)s results for “%(query)s”",
    }


def test_each_language_gets_a_file_and_nothing_is_written_twice(tmp_path: Path) -> None:
    context = {"catalogue": a_site(a_course())}
    generate(tmp_path, context)
    files = sorted(tmp_path.rglob("*.json"))
    indexes = {path.relative_to(tmp_path).as_posix() for path in files if path.name == "index.json"}
    assert indexes == {"data/search/en/index.json", "data/search/it/index.json"}
    for path in files:
        os.utime(path, (1, 1))

    generate(tmp_path, context)

    assert {path.stat().st_mtime for path in files} == {1}


def test_without_a_catalogue_there_is_nothing_to_write(tmp_path: Path) -> None:
    generate(tmp_path, {})

    assert list(tmp_path.iterdir()) == []


def test_a_setting_that_is_not_one_is_a_problem_with_the_nearest_name() -> None:
    (problem,) = problems(SEARCH_JSOM=3)

    assert "SEARCH_JSOM: there is no such setting" in problem
    assert "SEARCH_JSON" in problem.splitlines()[1]


@pytest.mark.parametrize(
    "path",
    [
        "/abs/{lang}/i.json",
        "../{lang}/i.json",
        "one.json",
        "a/{lang}/i.json",
        "data/search/{lang}/i.js",
        "d/{lang}.json",
        3,
    ],
)
def test_lists_are_files_below_the_output_one_for_each_language(path: object) -> None:
    (problem,) = problems(SEARCH_JSON=path)

    assert "SEARCH_JSON: this is not a path for each language" in problem
