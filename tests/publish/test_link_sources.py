"""A broken link is reported where an editor wrote it if that is known, else where readers see it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest
from tests.publish.builders import SITE

from openknowledge.content.link_locations import MAX_LOCATED_PAGES, LinkLocator, make_locator
from openknowledge.publish.check_links import BrokenLink, describe_broken

TEXT = "content/courses/coding.md"
PAGE = "corsi/coding/index.html"
SOURCES: Mapping[str, tuple[str, ...]] = {
    PAGE: (TEXT,),
    "en/courses/coding/index.html": (TEXT,),
    "corsi/algebra/index.html": ("content/courses/algebra/index.md",),
}


def messages(
    project: Path,
    address: str,
    *pages: str,
    text: str = "",
    reason: str = "",
    sources: Mapping[str, tuple[str, ...]] = SOURCES,
    site_url: str = SITE,
) -> list[str]:
    """Return the problems of a link to an address in some pages, without hints; the course has a text."""
    path = project / TEXT
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")
    locator = LinkLocator(site_url, project, lambda page: sources.get(page, ()))
    problems = describe_broken(Path("output"), [BrokenLink(address, reason, pages)], locator)
    return [str(problem).partition("\n")[0] for problem in problems]


@pytest.mark.parametrize(
    ("address", "written", "link"),
    [
        ("/corsi/x", "Si [veda](/corsi/x/).", "/corsi/x/"),
        ("/corsi/x", "[a]: /corsi/x/ 'Titolo'", "/corsi/x/"),
        ("/corsi/x", '<a href="/corsi/x">qui</a>', "/corsi/x"),
        ("/corsi/x", "[veda](../x/)", "../x/"),
        ("/corsi/x/", f"Si veda {SITE}/corsi/x/.", f"{SITE}/corsi/x/"),
        ("/con è", "[veda](/con%20%C3%A8/)", "/con%20%C3%A8/"),
        ("/x?a=1&b=2", '<a href="/x?a=1&amp;b=2">qui</a>', "/x?a=1&b=2"),
        ("/corsi/coding/index.html#no", "[qui](#no)", "#no"),
        ("/corsi/algebra#no", "[a]({filename}algebra/index.md#no)", "{filename}algebra/index.md#no"),
        ("/corsi/algebra#no", "[a]({filename}/courses/algebra/index.md#no)", "{filename}/courses/algebra/index.md#no"),
    ],
    ids=["text", "note", "HTML", "relative", "whole", "quoted", "query", "own page", "file", "file from the top"],
)
def test_a_broken_link_is_reported_with_the_line_of_the_text_as_it_is_written(
    tmp_path: Path, address: str, written: str, link: str
) -> None:
    lines = messages(tmp_path, address, PAGE, text=f"---\ntitle: Coding\n---\n{written}\n")

    assert lines == [f"{TEXT}:4: link to {link} leads nowhere"]


def test_a_problem_has_the_reason_a_hint_and_the_pages(tmp_path: Path) -> None:
    (tmp_path / "content/courses").mkdir(parents=True)
    (tmp_path / TEXT).write_text("[qui](/corsi/x/#no)\n", "utf-8")
    link = BrokenLink("/corsi/x/#no", "Cannot find fragment", (PAGE,))

    problems = describe_broken(Path("output"), [link], LinkLocator(SITE, tmp_path, lambda page: SOURCES.get(page, ())))

    assert [*map(str, problems)] == [
        f"{TEXT}:1: link to /corsi/x/#no names a place that the page does not have\n"
        f"    Name an id that the page has, or leave out what begins with #. It is shown in output/{PAGE}."
    ]


def test_a_link_of_one_text_is_reported_once_though_many_pages_lists_and_feeds_show_it(tmp_path: Path) -> None:
    lines = messages(
        tmp_path, "/x", PAGE, "en/courses/coding/index.html", "feed/all.rss.xml", "corsi/index.html", text="(/x/)"
    )

    assert lines == [f"{TEXT}:1: link to /x/ leads nowhere"]


def test_a_relative_link_that_breaks_in_another_way_on_each_page_is_reported_once(tmp_path: Path) -> None:
    (tmp_path / "content/courses").mkdir(parents=True)
    (tmp_path / TEXT).write_text("[qui](../x/)\n", "utf-8")
    broken = [
        BrokenLink("/corsi/x", "", (PAGE,)),
        BrokenLink("/en/courses/x", "", ("en/courses/coding/index.html",)),
    ]

    problems = describe_broken(Path("output"), broken, LinkLocator(SITE, tmp_path, lambda page: SOURCES.get(page, ())))

    assert [(one.path, one.line, one.message) for one in problems] == [(TEXT, 1, "link to ../x/ leads nowhere")]
    assert "output/corsi/coding/index.html and 1 more" in str(problems[0])


def test_each_line_with_the_link_is_reported(tmp_path: Path) -> None:
    assert [line[: len(TEXT) + 2] for line in messages(tmp_path, "/x", PAGE, text="(/x/)\n\n(/x/)")] == [
        f"{TEXT}:1",
        f"{TEXT}:3",
    ]


def test_a_link_without_a_line_is_reported_with_the_only_item_that_shows_it(tmp_path: Path) -> None:
    lines = messages(tmp_path, "/x y", PAGE, "en/courses/coding/index.html", "feed/all.rss.xml", text="[qui](</x y/>)")

    assert lines == [f"{TEXT}: link to /x y leads nowhere"]


@pytest.mark.parametrize(
    "pages",
    [("corsi/index.html",), (PAGE, "corsi/index.html"), (PAGE, "corsi/algebra/index.html"), ("redirects.json: /old/",)],
    ids=["a list", "a page and a list", "pages of two items", "an old address"],
)
def test_a_link_of_the_theme_is_reported_with_a_page_that_shows_it(tmp_path: Path, pages: tuple[str, ...]) -> None:
    lines = messages(tmp_path, "/x", *pages, text="Niente.")

    assert lines == [f"output/{pages[0]}: link to /x leads nowhere"]


def test_a_link_of_the_theme_and_of_one_text_is_reported_for_both(tmp_path: Path) -> None:
    lines = messages(tmp_path, "/x", PAGE, "corsi/algebra/index.html", text="(/x/)")

    assert lines == [
        f"{TEXT}:1: link to /x/ leads nowhere",
        "output/corsi/algebra/index.html: link to /x leads nowhere",
    ]


@pytest.mark.parametrize("text", ["Si veda x/.", "[qui](/altrove/x/)", "https://elsewhere.example/x"])
def test_another_link_that_ends_alike_is_not_taken_for_it(tmp_path: Path, text: str) -> None:
    assert messages(tmp_path, "/x", PAGE, text=text) == [f"{TEXT}: link to /x leads nowhere"]


def test_links_of_a_site_below_a_path_are_located_with_and_without_it(tmp_path: Path) -> None:
    text = f"(/open/x/)\n({SITE}/open/x/)\n(/x/)"

    lines = messages(tmp_path, "/x", PAGE, text=text, site_url=f"{SITE}/open/")

    assert [line.partition(": ")[0] for line in lines] == [f"{TEXT}:{number}" for number in (1, 2, 3)]


def test_no_text_is_read_for_a_link_on_very_many_pages(tmp_path: Path) -> None:
    pages = [f"corsi/c{number}/index.html" for number in range(MAX_LOCATED_PAGES + 1)]

    assert messages(tmp_path, "/x", *pages, text="(/x/)", sources=dict.fromkeys(pages, (TEXT,))) == [
        "output/corsi/c0/index.html: link to /x leads nowhere"
    ]


def test_a_text_that_is_gone_since_the_build_is_named_all_the_same(tmp_path: Path) -> None:
    sources = {PAGE: ("content/gone.md",)}

    assert messages(tmp_path, "/x", PAGE, sources=sources) == ["content/gone.md: link to /x leads nowhere"]


def test_a_folder_without_a_build_state_is_reported_by_its_own_files(tmp_path: Path) -> None:
    locator = make_locator(SITE, tmp_path, tmp_path / "output", tmp_path / ".cache")

    problems = describe_broken(tmp_path / "output", [BrokenLink("/x", "", (PAGE,))], locator)

    assert str(problems[0]) == (
        f"output/{PAGE}: link to /x leads nowhere\n    What a page is made of: invoke explain /corsi/coding/"
    )
    assert not [*tmp_path.iterdir()]
