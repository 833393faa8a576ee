"""The title of a page is its heading."""

from __future__ import annotations

import pytest

from openknowledge.publish.previews.report import PageTitle, parse_title, read_title


@pytest.mark.parametrize(
    ("markup", "title"),
    [
        ('<html lang="it"><title>A · Site</title><h1 class="x">A <em>b</em> &amp;\n c</h1><h1>no</h1>', "A b & c"),
        ("<html lang=it><title>Only &lt;this&gt;</title><p>x", "Only <this>"),
        ("<html lang=it><svg><title>drawing</title></svg><h1>H</h1>", "H"),
        ("<html lang=it><title>T</title><svg><title>drawing</title></svg>", "T"),
        ("<html lang=it><title>T</title><h1>never ends", "T"),
        ("<html lang=it><title>T</title>" + "<p>x</p>" * 3000 + "<h1>late</h1>", "late"),
    ],
)
def test_a_page_is_called_as_its_heading_or_else_its_title(markup, title):
    assert parse_title(markup) == PageTitle(title, "it")


def test_what_is_no_page_or_not_there_has_no_title(tmp_path):
    (tmp_path / "x.html").write_bytes(b"\xff\x00<<<>")

    assert read_title(tmp_path, "x.html") == PageTitle()
    assert read_title(tmp_path, "y.html") == PageTitle()
