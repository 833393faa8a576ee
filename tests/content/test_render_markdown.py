"""What the Markdown of the site may contain, and what the sanitiser removes."""

from __future__ import annotations

import html

import pytest

from openknowledge.content.markdown.render import LINK, READERS, list_placeholders, render_markdown


def test_a_number_becomes_a_placeholder_but_not_in_code():
    markup = render_markdown("Sono {figure:pok.learners}, `{figure:pok.learners}`.\n\n    {counter:course/a}\n").html

    assert list(list_placeholders(markup)) == ["figure:pok.learners"]
    assert "<code>{figure:pok.learners}</code>" in markup


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        '<img src=x alt=y onerror="alert(1)">',
        "[x](javascript:alert(1))",
        '<a href="data:text/html,x">x</a>',
        '<p style="color:red">x</p>',
        "<iframe src='https://example.org'></iframe>",
        "<form action='/x'><input></form>",
    ],
)
def test_dangerous_markup_is_removed(text):
    markup = render_markdown(text).html

    for part in ("<script", "onerror", "javascript:", "data:", "style=", "<iframe", "<form", "<input"):
        assert part not in markup


@pytest.mark.parametrize("name", ["title:x", "titl&#101;:x", "title&colon;x", "note:x", "field:q", "part:main"])
def test_an_id_that_belongs_to_the_page_is_removed_however_it_is_written(name):
    markup = render_markdown(f'<p id="{name}" title="title:x">a</p>\n\n<p id="mine">id="title:x"</p>').html

    assert 'id="mine"' in markup
    assert '<p id="title' not in markup and "note:" not in markup and "field:" not in markup and "part:" not in markup
    assert 'title="title:x"' in markup


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("| a | b |\n|---|---|\n| 1 | 2 |", "<table>"),
        ("Uno[^1].\n\n[^1]: Nota.", 'class="footnote"'),
        ("Termine\n:   Definizione", "<dl>"),
        ("!!! note\n    Attenzione", "admonition"),
        ("```\ncode\n```", "<code>"),
        ("## Titolo di prova", 'id="titolo-di-prova"'),
        ("*[HTML]: Hypertext\n\nHTML", "<abbr"),
        ("Parola\n{: .mark }", 'class="mark"'),
    ],
)
def test_the_dialect_has_what_editors_need(text, part):
    assert part in render_markdown(text).html


@pytest.mark.parametrize("reader", READERS)
def test_links_pictures_and_numbers_are_listed_from_the_markup_of_each_reader(reader):
    markup = render_markdown(
        'Un [corso]({filename}/courses/a.md#b "T"), {counter:course/a} e ![una lavagna](b.jpg).\n\n'
        "[x](https://example.org/?a=1&b=2)",
        reader,
    ).html

    assert [(found["name"], html.unescape(found["target"])) for found in LINK.finditer(markup)] == [
        ("href", "{filename}/courses/a.md#b"),
        ("src", "b.jpg"),
        ("href", "https://example.org/?a=1&b=2"),
    ]
    assert list(list_placeholders(markup)) == ["counter:course/a"]


def test_footnotes_and_ids_of_a_text_do_not_affect_the_next_text():
    render_markdown("Uno[^1].\n\n[^1]: Nota.\n\n## Titolo")

    assert render_markdown("## Titolo").html == '<h2 id="titolo">Titolo</h2>'
