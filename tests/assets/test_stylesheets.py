"""A stylesheet is minified only where that cannot change its meaning."""

from __future__ import annotations

import pytest

from openknowledge.assets.stylesheets import assemble

Reports = list[tuple[int, str, str]]


def folded(css: str, reports: Reports | None = None) -> str:
    """Return the stylesheet with empty imports and unchanged addresses."""
    problems: Reports = [] if reports is None else reports
    return assemble(
        css, lambda _target, _line: "", lambda target, _line: target, lambda *report: problems.append(report)
    )


@pytest.mark.parametrize(
    ("css", "small"),
    [
        ("/* a */ a { top : 0 ; } /* b */\n\nb { left: 0 }\n", "a{top : 0;}b{left: 0}"),
        ("a  b , c{}", "a b ,c{}"),
        (".a :hover{}", ".a :hover{}"),
        (".a{& .b{} &:hover{} .c &{}}", ".a{& .b{}&:hover{}.c &{}}"),
        ("a{width:calc( 1px + -2px )}", "a{width:calc( 1px + -2px )}"),
        ("@media (a) and (b) {x{}}", "@media (a) and (b){x{}}"),
        ("@container card (inline-size > 30rem) {x{}}", "@container card (inline-size > 30rem){x{}}"),
        (":is(a, b) > :not(.c ,  .d){}", ":is(a,b) > :not(.c ,.d){}"),
        ("a{--empty: ;--list: a, b}", "a{--empty: ;--list: a,b}"),
    ],
)
def test_white_space_goes_where_it_means_nothing(css: str, small: str) -> None:
    assert folded(css) == small


@pytest.mark.parametrize(
    "css",
    [
        """a{content:"a  /* no */ ; {  \\" '"}""",
        "a{content:'url( x )  '}",
        "a{background:url(data:image/svg+xml;base64,aa//bb==)}",
        ".c\\31  d{}",
        ".a\\} b{}",
        ".a\\,  b{}".replace("  ", " "),
        "a{content:'one\\\n  line'}",
    ],
)
def test_strings_addresses_and_escapes_stay_as_they_are(css: str) -> None:
    assert folded(css) == css


def test_a_comment_that_separates_two_words_becomes_an_empty_one() -> None:
    assert folded("a/* x */b{--y:1/*z*/px}") == "a/**/b{--y:1/**/px}"
    assert folded("a /* x */ b{}") == "a b{}"


def test_imports_in_comments_and_strings_are_not_imports() -> None:
    imported: list[str] = []

    def part(target: str, _line: int) -> str:
        imported.append(target)
        return ""

    assemble('/* @import "a.css"; */ a{content:"@import"}', part, lambda target, _: target, lambda *_: None)

    assert imported == []


@pytest.mark.parametrize(
    ("css", "line", "message"),
    [
        ('a{}\n\n@import "x.css";', 3, "after other rules"),
        ("\n@import ;", 2, "names no file"),
        ('@import "x.css" supports(display: grid);', 1, "only layer"),
        ("a{\ncontent:'it;\n}", 2, "never closed on its line"),
        ("a{}\n/* b", 1, "comment is never closed"),
    ],
)
def test_css_that_would_be_lost_silently_is_reported(css: str, line: int, message: str) -> None:
    reports: Reports = []

    folded(css, reports)

    assert [report[0] for report in reports] == [line]
    assert message in reports[0][1]
