"""URL paths in all their spellings."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openknowledge.url_paths import file_for_path, normalize, path_error, path_of_file, slash_variants


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("/corsi/vecchio", "/corsi/vecchio/"),
        ("/corsi/vecchio/", "/corsi/vecchio/"),
        ("/corsi/vecchio/index.html", "/corsi/vecchio/"),
        ("/index.html", "/"),
        ("/perch%C3%A9/", "/perché/"),
        ("/courses/course-v1%3AT%2BALG%2B2026/about", "/courses/course-v1:T+ALG+2026/about/"),
        ("/corsi/x/#runs", "/corsi/x/"),
        ("/old.html", "/old.html"),
        ("/feed/all.rss.xml", "/feed/all.rss.xml"),
        ("/releases/v1.2", "/releases/v1.2/"),
        ("/course/view.php/index.html", "/course/view.php"),
    ],
)
def test_all_spellings_of_an_address_normalize_to_one(written: str, meant: str) -> None:
    assert normalize(written) == meant


@given(st.lists(st.text("abc.-é+:", min_size=1, max_size=8), max_size=4))
def test_a_normalized_address_stays_as_it_is(steps: list[str]) -> None:
    once = normalize("/" + "/".join(steps))

    assert normalize(once) == once
    assert {normalize(path) for path in slash_variants(once)} == {once}


@pytest.mark.parametrize(
    ("address", "file"),
    [
        ("/", "index.html"),
        ("/corsi/vecchio/", "corsi/vecchio/index.html"),
        ("/old.html", "old.html"),
        ("/course/view.php", "course/view.php/index.html"),
        ("/feed/all.rss.xml", None),
        ("/media/a.pdf", None),
    ],
)
def test_the_page_of_an_address_is_the_file_that_every_server_looks_up(address: str, file: str | None) -> None:
    assert file_for_path(address) == file


def test_the_address_of_a_file_is_normalized() -> None:
    assert path_of_file("corsi/index.html") == "/corsi/"
    assert path_of_file("404.html") == "/404.html"


@pytest.mark.parametrize(
    ("written", "message", "hint"),
    [
        ("corsi/x/", "does not begin with a slash", "Did you mean /corsi/x/?"),
        ("https://www.pok.polimi.it/corsi/x?a", "is a whole address", "the path: /corsi/x"),
        ("https://www.pok.polimi.it", "is a whole address", "the path: /"),
        ("/corsi/x/?id=1", "has more than a path", "/corsi/x/"),
        ("/corsi/x/#a", "has more than a path", "/corsi/x/"),
        ("/corsi/../x/", "goes up and down", "without . and .."),
        ("/corsi/%2e%2e/x/", "goes up and down", "without . and .."),
        ("/corsi//x/", "two slashes", "Write one"),
        ("/corsi/x y/", "a blank", "/corsi/vecchio/"),
        ("", "does not begin with a slash", "/corsi/vecchio/"),
    ],
)
def test_a_mistake_in_an_address_is_reported_with_its_correction(written: str, message: str, hint: str) -> None:
    error = path_error(written)

    assert error is not None
    assert message in error[0]
    assert hint in error[1]


@pytest.mark.parametrize(
    "written", ["/corsi/x/", "/corsi/x", "/perché/", "/courses/course-v1:T+ALG+2026/about", "/a.php"]
)
def test_an_old_address_may_be_anything_that_a_browser_shows(written: str) -> None:
    assert path_error(written) is None
