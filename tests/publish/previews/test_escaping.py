"""Titles of editors stay text in comments that people with rights read."""

from __future__ import annotations

import re
from html import unescape

import markdown as engine
import pytest
from hypothesis import given
from hypothesis import strategies as st

from openknowledge.forge_text import escape_markdown
from openknowledge.publish.previews.report import format_code, format_link

NASTY = [
    "<script>alert(1)</script>",
    "<!-- comment",
    "[click](https://evil.example)",
    "![](https://evil.example/x.png)",
    "**bold** _em_ `code`",
    "a | b",
    "# heading",
    "&lt;b&gt; & &#60;",
    "</details>",
    "x](https://evil.example) [y",
    "back\\slash \\[x](y)",
]


def shown(text: str) -> str:
    return engine.markdown(f"- {text}")


@pytest.mark.parametrize("title", NASTY)
def test_markup_in_a_title_is_shown_and_does_nothing(title):
    html = shown(escape_markdown(title))

    assert "<script" not in html and "<!--" not in html and "</details>" not in html
    for tag in ("<a ", "<img", "<strong", "<em", "<code", "<h1"):
        assert tag not in html


@pytest.mark.parametrize("title", NASTY)
def test_a_link_has_the_title_as_its_words_and_leads_where_it_should(title):
    html = shown(format_link(escape_markdown(title), "https://example.edu/corsi/x/"))

    assert html.count("<a ") == 1
    assert 'href="https://example.edu/corsi/x/"' in html


@pytest.mark.parametrize("title", ["@editor", "see #12", "group/project!7", "&4", "~label", "%milestone", "$x$"])
def test_a_title_mentions_no_person_and_no_issue(title):
    shown_text = unescape(escape_markdown(title)).replace("\\", "")

    assert shown_text.replace("\u200b", "") == title
    assert not re.search(r"[@#!&~%$]\w", shown_text)


def test_what_turns_writing_around_or_hides_it_is_left_out():
    assert escape_markdown("a\u202eb\u200bc\x00d\ne\t f") == "abcd e f"


def test_a_title_as_long_as_a_page_is_cut():
    assert len(escape_markdown("x" * 5000)) == 120


def test_an_address_is_quoted_and_ends_no_link():
    assert format_link("x", 'https://example.edu/a b/(c)/è/`|<>"/') == (
        "[x](https://example.edu/a%20b/%28c%29/%C3%A8/%60%7C%3C%3E%22/)"
    )


@given(st.text())
def test_code_has_one_beginning_and_one_end(text):
    code = format_code(text)

    assert code.count("`") == 2
    assert "\n" not in code


@given(st.text())
def test_an_escaped_text_is_one_line_without_html(text):
    line = escape_markdown(text)

    assert len(line.splitlines()) <= 1
    assert "<" not in line and ">" not in line
