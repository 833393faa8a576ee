"""Patterns tell the URLs of items from those of lists."""

from __future__ import annotations

import pytest
from tests.redirects.builders import the_patterns, the_routes

from openknowledge.redirects.auto_rules import match, untranslate

PATTERNS = the_patterns()


@pytest.mark.parametrize(
    ("address", "kind", "lang"),
    [
        ("/corsi/coding/", "course", "it"),
        ("/en/courses/coding/", "course", "en"),
        ("/video/lezione/", "video", "it"),
        ("/video/playlist/lezioni/", "playlist", "it"),
        ("/stampa/2020/centomila/", "press", "it"),
        ("/keeponlearning/articoli/fine/", "hub", "it"),
        ("/en/keeponlearning/articles/end/", "hub", "en"),
        ("/temi/fisica/", "topic", "it"),
    ],
)
def test_an_item_has_its_own_address(address: str, kind: str, lang: str) -> None:
    fit = match(PATTERNS, address)

    assert fit is not None
    assert (fit[0].kind, fit[0].lang) == (kind, lang)


@pytest.mark.parametrize(
    "address",
    [
        "/corsi/",
        "/corsi/stato/in-corso/",
        "/en/courses/state/running/",
        "/corsi/lingua/italiano/",
        "/video/anno/2020/",
        "/video/anno/2020/3/",
        "/en/videos/year/2020/",
        "/video/lingua/it/2/",
        "/corsi/pagina/algebra/",
        "/corsi/materia/fisica/pagina/onde/",
        "/en/courses/page/algebra/",
        "/temi/matematica/video/",
        "/temi/matematica/video/pagina/onde/",
        "/keeponlearning/webinar/pagina/onde/",
        "/stampa/2020/pagina/onde/",
        "/stampa/2020/",
        "/keeponlearning/articoli/",
        "/en/keeponlearning/articles/",
        "/feed/",
        "/en/search/",
        "/en/",
    ],
)
def test_the_address_of_a_list_belongs_to_no_item(address: str) -> None:
    fit = match(PATTERNS, address)

    assert fit is not None
    assert fit[0].kind == ""


@pytest.mark.parametrize("address", ["/informazioni/", "/keeponlearning/", "/en/about/"])
def test_a_page_of_one_step_belongs_to_an_item(address: str) -> None:
    fit = match(PATTERNS, address)

    assert fit is not None
    assert fit[0].kind in ("page", "initiative")


@pytest.mark.parametrize("address", ["/podcast/uno/", "/a/b/c/d/e/", "/media/a.pdf", "/feed/all.rss.xml"])
def test_an_address_that_fits_no_pattern_has_no_match(address: str) -> None:
    assert match(PATTERNS, address) is None


def test_words_of_an_address_become_the_values_that_they_translate() -> None:
    parts = {"initiative": "keeponlearning", "format": "articoli", "slug": "webinar"}

    assert untranslate(the_routes(), "it", parts) == {
        "initiative": "keeponlearning",
        "format": "article",
        "slug": "webinar",
    }
