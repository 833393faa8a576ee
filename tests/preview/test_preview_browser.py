"""A real browser merges a save into the open page without a reload."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from openknowledge.preview.file_server import run_server
from openknowledge.preview.handler import PreviewHandler, PreviewOutcome, PreviewState
from openknowledge.preview.problem_panel import PagedProblem
from openknowledge.problems import operator_problem

pytestmark = pytest.mark.browser

PAGE = """<!doctype html><html lang=it><head><meta charset=utf-8>
<meta http-equiv="Content-Security-Policy" content="default-src 'self'">
<title>{title}</title><link rel=stylesheet href="/{style}"></head>
<body><main><details><summary>More</summary><p>Within</p></details><p id=first>{words}</p>
<p><input id=field></p><p class=tall>Long</p><p id=last>{last}</p></main></body></html>"""
OWN_PROBLEM = PagedProblem(operator_problem("content/courses/algebra/index.md", 3, "weeks", "not a number", "Write 6."))
OTHER_PROBLEM = PagedProblem(operator_problem("content/partners/y.md", 1, "title", "missing", None))


class Site:
    """A preview with one page that tests rewrite."""

    def __init__(self, root: Path) -> None:
        self.state = PreviewState(root)
        (root / "corsi/algebra").mkdir(parents=True)
        (root / "one.css").write_text(".tall { height: 3000px } main { color: rgb(1, 1, 1) }")
        (root / "two.css").write_text(".tall { height: 3000px } main { color: rgb(2, 2, 2) }")
        (root / "main.js").write_text("document.body.dataset.script = 'there';")
        self.save()

    def save(self, markup: str = PAGE, **parts: str) -> None:
        parts = {"title": "x", "style": "one.css", "words": "one", "last": "end", **parts}
        (self.state.root / "corsi/algebra/index.html").write_text(markup.format(**parts), encoding="utf-8")
        self.state.record_written("corsi/algebra/index.html")


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return Site(tmp_path)


@pytest.fixture(scope="module")
def tab(browser) -> Iterator[tuple[Page, list[str]]]:
    """Open the one tab of these tests, and collect what its pages complain of."""
    opened = browser.new_page()
    complaints: list[str] = []
    opened.on("console", lambda message: complaints.append(message.text))
    opened.on("pageerror", lambda error: complaints.append(str(error)))
    yield opened, complaints
    opened.close()


@pytest.fixture
def page(site: Site, tab: tuple[Page, list[str]]) -> Iterator[Page]:
    opened, complaints = tab
    complaints.clear()
    with run_server(partial(PreviewHandler, state=site.state)) as address:
        opened.goto(f"{address}/corsi/algebra/", wait_until="load")
        opened.evaluate("window.isTheSame = true")
        yield opened
        opened.goto("about:blank")
        assert [message for message in complaints if "Failed to load resource" not in message] == []


def test_a_saved_word_is_merged_into_the_open_page(site, page):
    page.get_by_text("More").click()
    page.locator("#field").fill("typed")
    page.evaluate("document.documentElement.dataset.scheme = 'dark'; window.scrollTo(0, 800)")
    scrolled = page.evaluate("window.scrollY")

    site.save(words="two</p><p>and three", title="y")

    expect(page.get_by_text("and three")).to_have_count(1)
    expect(page).to_have_title("y")
    unchanged = "[window.isTheSame, document.querySelector('details').open, document.activeElement.id]"
    assert page.evaluate(unchanged) == [True, True, "field"]
    assert page.locator("#field").input_value() == "typed"
    assert page.evaluate("document.documentElement.dataset.scheme") == "dark"
    assert abs(page.evaluate("window.scrollY") - scrolled) < 100


def test_each_save_follows_the_one_before(site, page):
    for number in range(5):
        site.save(words=f"number {number}", last="<em>more</em>" * number)
        expect(page.locator("#first")).to_have_text(f"number {number}")
        expect(page.locator("#last em")).to_have_count(number)

    assert page.evaluate("window.isTheSame")


def test_a_new_stylesheet_is_applied_without_a_reload(site, page):
    site.save(style="two.css")

    expect(page.locator("main")).to_have_css("color", "rgb(2, 2, 2)")
    assert page.evaluate("window.isTheSame")


def test_new_scripts_load_the_page_again(site, page):
    site.save(PAGE.replace("</head>", "<script src=/main.js defer></script></head>"))

    expect(page.locator("body")).to_have_attribute("data-script", "there")
    assert page.evaluate("window.isTheSame") is None


def test_problems_show_until_they_are_repaired(site, page):
    panel = page.get_by_role("alert")
    page.evaluate("window.scrollTo(0, 800)")
    site.state.finish_build(PreviewOutcome((OWN_PROBLEM, OTHER_PROBLEM)))
    expect(panel).to_be_in_viewport()
    expect(panel).to_contain_text("content/courses/algebra/index.md:3")
    expect(panel).to_contain_text("weeks: not a number")
    expect(panel).to_contain_text("Write 6.")
    expect(panel.get_by_text("missing")).to_be_hidden()
    panel.get_by_text("2 problems in 2 files of the site").press("Enter")
    expect(panel.get_by_text("missing")).to_be_visible()

    site.state.finish_build(PreviewOutcome())
    expect(panel).to_have_count(0)
    assert page.evaluate("window.isTheSame")


def test_a_page_that_comes_into_being_is_shown(site, page):
    (site.state.root / "corsi/algebra/index.html").unlink()
    site.state.finish_build(PreviewOutcome())
    expect(page.get_by_text("There is no such page.")).to_be_visible()
    page.evaluate("window.isTheSame = true")

    site.save(words="back")
    expect(page.locator("#first")).to_have_text("back")
