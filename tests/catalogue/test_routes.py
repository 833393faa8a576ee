"""Addresses: patterns from the settings, or made of names and parts."""

from __future__ import annotations

from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openknowledge.catalogue.routes import Route, Routes, quote_path

ROUTES = Routes(
    {"PRESS_YEAR_URL": "stampa/{year}/", "HUB_URL": "{format}/{slug}.html", "HUB_SAVE_AS": "{format}/{slug}/it.html"},
    "it",
    {"it": {"article": "articolo"}, "en": {"article": "paper"}},
)


@pytest.mark.parametrize(
    ("name", "lang", "parts", "route"),
    [
        ("press_year", "it", {"year": 2020}, Route("stampa/2020/", "stampa/2020/index.html")),
        ("press_year", "en", {"year": 2020}, Route("en/press-year/2020/", "en/press-year/2020/index.html")),
        (
            "hub",
            "it",
            {"format": "article", "slug": "article"},
            Route("articolo/article.html", "articolo/article/it.html"),
        ),
        ("hub", "en", {"format": "article", "slug": "a"}, Route("en/hub/paper/a/", "en/hub/paper/a/index.html")),
        ("home", "it", {}, Route("", "index.html")),
        ("home", "en", {}, Route("en/", "en/index.html")),
    ],
)
def test_a_route_is_the_same_each_time(name: str, lang: str, parts: dict[str, object], route: Route) -> None:
    assert [ROUTES.route(name, lang, **parts) for _ in range(2)] == [route, route]


def test_routes_that_are_declared_later_are_found() -> None:
    plain = Routes({}, "it", {})
    assert plain.route("podcasts", "it").url == "podcasts/"

    assert plain.with_kinds([("podcast", "episodes")]).route("episodes", "en") == Route(
        "en/episodes/", "en/episodes/index.html"
    )


@given(st.one_of(st.text(), st.text("aZ9_.~/-%+ é")))
def test_paths_stand_in_addresses_as_everywhere(path: str) -> None:
    try:
        expected = quote(path)
    except UnicodeEncodeError:
        return
    assert quote_path(path) == expected
