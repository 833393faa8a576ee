"""Every problem shows on the pages of its item, and can be opened on all others."""

import json

import pytest

from openknowledge.preview.problem_panel import PagedProblem, page_version, panel, read_problems, with_script
from openknowledge.problems import Message, Problem

PAGE = "<!doctype html><html><head><title>x</title></head><body class=page><main>words</main></body></html>"


def a_finding(
    path: str = "content/courses/algebra/index.md", urls: tuple[str, ...] = (), **details: object
) -> PagedProblem:
    values = {"line": 3, "field": "weeks", "message": '"six" is not a number', **details}
    words = {name: Message(values[name]) for name in ("message", "hint") if name in values}
    return PagedProblem(Problem(path, **{**values, **words}), urls)


def test_a_page_without_problems_gains_only_the_script_before_all_others():
    page = with_script(PAGE, "", "7")

    script = '<script src="/__preview/preview.js" type="module" data-version="7"></script>'
    assert page == PAGE.replace("<head>", f"<head>{script}")


def test_the_panel_comes_first_on_the_page_and_is_announced():
    page = with_script(PAGE, panel("/corsi/algebra/", (a_finding(),)), "7")

    assert '<body class=page><div class="preview-panel" role="alert" lang="en">' in page
    assert '<link rel="stylesheet" href="/__preview/preview.css">' in page
    assert page.endswith("<main>words</main></body></html>")


def test_nothing_that_is_added_runs_without_an_address():
    page = with_script(PAGE, panel("/", (a_finding(),), "TypeError: no"), "7")

    assert page.count("<script") == page.count("<script src=") == 1
    assert "<style" not in page
    assert " style=" not in page


@pytest.mark.parametrize(
    "path", ["content/courses/algebra/index.md", "content/courses/algebra/index.en.md", "content/algebra.en.md"]
)
@pytest.mark.parametrize("target", ["/corsi/algebra/", "/en/courses/algebra/?a=b", "/corsi/algebra.html"])
def test_without_addresses_a_problem_belongs_to_the_pages_with_its_slug(path, target):
    assert a_finding(path).concerns(target)
    assert not a_finding(path).concerns("/corsi/")


def test_with_addresses_a_problem_belongs_to_those_pages_only():
    finding = a_finding(urls=("/corsi/algebra/", "/en/courses/linear-algebra/"))

    assert finding.concerns("/en/courses/linear-algebra/")
    assert not finding.concerns("/en/courses/algebra/")


def test_the_page_of_the_item_lists_its_problems_with_location_and_hint():
    shown = panel("/corsi/algebra/", (a_finding(hint="Write 6."),))

    assert "1 problem in this item" in shown
    assert "<code>content/courses/algebra/index.md:3</code><p>weeks: &quot;six&quot; is not a number</p>" in shown
    assert '<p class="preview-hint">Write 6.</p>' in shown
    assert "<details>" not in shown


def test_every_other_page_has_a_line_that_opens_all_problems():
    findings = (a_finding(), a_finding(line=4), a_finding("content/partners/y.md"))

    shown = panel("/video/", findings)

    assert "<details><summary>3 problems in 2 files of the site</summary><ol>" in shown
    assert "in this item" not in shown


def test_the_page_of_one_of_several_broken_items_has_both():
    shown = panel("/partner/y/", (a_finding(), a_finding("content/partners/y.md")))

    assert "1 problem in this item" in shown
    assert "2 problems in 2 files of the site" in shown


def test_a_failed_build_is_one_line_above_all_problems_opened():
    shown = panel("/", (a_finding(),), crash="TemplateError: <no> such filter")

    assert "The site could not be built; this is how it last was." in shown
    assert "<code>TemplateError: &lt;no&gt; such filter</code>" in shown
    assert "<details open><summary>1 problem in 1 file of the site</summary>" in shown


def test_what_is_wrong_is_never_taken_for_markup():
    shown = panel("/", (a_finding(message="<script>alert(1)</script>"),))

    assert "<script>" not in shown


def test_a_page_without_head_or_body_still_shows_the_panel():
    page = with_script("<p>words</p>", panel("/", (a_finding(),)), "7")

    assert "preview-panel" in page
    assert page.endswith("<p>words</p>")


def test_problems_are_read_as_the_build_wrote_them():
    entry = {"path": "content/a.md", "line": None, "field": None, "message": "empty", "hint": None}
    named = {**entry, "urls": ["/a/"]}

    plain, placed = read_problems(json.dumps([entry, named]))

    assert plain == PagedProblem(Problem("content/a.md", None, None, "empty", None))
    assert placed.urls == ("/a/",)


def test_a_version_differs_with_the_file_the_status_and_the_panel(tmp_path):
    path = tmp_path / "index.html"
    path.write_text("one")
    first = page_version(200, path, "")

    assert page_version(200, path, "") == first
    assert page_version(404, path, "") != first
    assert page_version(200, path, "<div>") != first
    path.write_text("longer")
    assert page_version(200, path, "") != first
    path.unlink()
    assert page_version(200, path, "") not in ("", first)
