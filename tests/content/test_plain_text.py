"""Text from other platforms is shown as plain text with links."""

from __future__ import annotations

from html.parser import HTMLParser

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from openknowledge.content.plain_text import (
    excerpt,
    find_chapters,
    normalize_line,
    normalize_text,
    render_description,
    split_text,
)

LINK = '<a href="{0}" rel="nofollow ugc noopener">{0}</a>'


class ParsedMarkup(HTMLParser):
    """The tags, attributes and text of a piece of markup."""

    def __init__(self, markup: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.links: list[str] = []
        self.attributes: set[str] = set()
        self.text = ""
        self.feed(markup)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes |= {name for name, _ in attrs}
        self.links += [value or "" for name, value in attrs if name == "href"]

    def handle_data(self, data: str) -> None:
        self.text += data

    def handle_comment(self, data: str) -> None:
        raise AssertionError(f"a comment: {data}")

    def handle_decl(self, decl: str) -> None:
        raise AssertionError(f"a declaration: {decl}")

    def handle_pi(self, data: str) -> None:
        raise AssertionError(f"an instruction: {data}")


def test_paragraphs_and_line_breaks_become_elements() -> None:
    assert render_description("one\r\ntwo\n \n\nthree\u2028four") == "<p>one<br>\ntwo</p>\n<p>three<br>\nfour</p>"


@pytest.mark.parametrize(
    ("text", "markup"),
    [
        ("see https://a.org/x.", f"see {LINK.format('https://a.org/x')}."),
        ("(http://a.org/y_(z))", f"({LINK.format('http://a.org/y_(z)')})"),
        ("www.a.org!", '<a href="http://www.a.org" rel="nofollow ugc noopener">www.a.org</a>!'),
        ("http://a.org/?b=1&c=2", LINK.format("http://a.org/?b=1&amp;c=2")),
        ("`it <http://a.org>`_", f"`it &lt;{LINK.format('http://a.org')}&gt;`_"),
        ("[it](http://a.org)", f"[it]({LINK.format('http://a.org')})"),
        ('<a href="http://a.org">', f'&lt;a href="{LINK.format("http://a.org")}"&gt;'),
    ],
)
def test_urls_become_links_without_the_punctuation_after_them(text: str, markup: str) -> None:
    assert render_description(text) == f"<p>{markup}</p>"


@pytest.mark.parametrize(
    "text",
    ["javascript:alert(1)", "data:text/html,x", "mailto:a@b.org", "setup.py", "//a.org/x", "ftp://a.org", "a.org"],
)
def test_other_schemes_and_file_names_stay_text(text: str) -> None:
    assert render_description(text) == f"<p>{text}</p>"


def test_markup_and_entities_are_shown_as_they_were_written() -> None:
    assert render_description("<script>x</script> &amp; **b**") == (
        "<p>&lt;script&gt;x&lt;/script&gt; &amp;amp; **b**</p>"
    )


def test_a_blank_text_has_no_markup() -> None:
    assert render_description(" \n\x00\n ") == ""


PIECES = st.sampled_from(["http://a.b/", "www.", "<", ">", "&amp;", '"', "'", "\n", " ", "é", ")", "."])


@given(st.text() | st.lists(PIECES).map("".join))
@example("<!-- --><!doctype html><?x ?><![CDATA[x]]>")
@example('http://a.b"onclick=alert(1) https://c.d/<b>')
def test_markup_has_only_paragraphs_breaks_and_links_and_loses_no_word(text: str) -> None:
    parsed = ParsedMarkup(render_description(text))

    assert set(parsed.tags) <= {"p", "br", "a"}
    assert parsed.attributes <= {"href", "rel"}
    assert all(link.lower().startswith(("http://", "https://")) for link in parsed.links)
    assert parsed.text.split() == normalize_text(text).split()


def test_normalizing_drops_shapeless_characters_but_not_joined_emoji() -> None:
    assert normalize_text("a\x00\x9f\ufeff\ud83d\u202eb 👩\u200d🔬 e\u0301\x85c") == "ab 👩\u200d🔬 é\nc"


def test_a_sign_is_dropped_or_stays_whatever_else_is_in_the_text() -> None:
    """Texts in which all is printable are not looked through for signs to drop."""
    for sign in map(chr, range(0x10000)):
        assert f"{normalize_text(f'a{sign}b')}\tc" == normalize_text(f"a{sign}b\tc")


def test_a_normalized_line_has_single_spaces() -> None:
    assert normalize_line(" a\t\nb\u2029 c ") == "a b c"


def test_an_excerpt_is_the_first_paragraph_cut_after_a_word() -> None:
    assert excerpt("One,\ntwo.\n\nThree.") == "One, two."
    assert excerpt("one two, three", limit=9) == "one two…"
    assert excerpt("x" * 20, limit=10) == "x" * 9 + "…"


def test_a_description_of_blanks_is_read_as_fast_as_any_other() -> None:
    """An expression for blanks at the ends of lines took a minute and a half for these."""
    assert normalize_text(" " * 500_000 + "x") == "x"
    assert normalize_text(("a" + " " * 500 + "b\n") * 500).count("\n") == 499


@pytest.mark.parametrize(
    ("end", "rest"),
    [("\n\n", "Altro. "), ("\n", "Altro. "), (" ", "Altro. "), ("\n \n", "続き。"), ("", "Altro. ")],
)
def test_a_long_text_is_divided_where_a_reader_pauses_and_loses_no_word(end: str, rest: str) -> None:
    text = "Parole su parole e ancora. " * 18 + "Fine del capo." + end + rest * 90

    beginning, more = split_text(text)

    assert 450 <= len(beginning) <= 900 and len(more) >= 200
    assert (beginning + more).replace("\n", "").replace(" ", "") == text.replace("\n", "").replace(" ", "")
    assert beginning[-1] in ".。"


@pytest.mark.parametrize("text", ["", "Breve.", "Parola. " * 60, "x" * 5000, "\n\n".join(["Capo."] * 80)])
def test_a_text_that_is_hardly_longer_or_has_no_pause_stays_whole(text: str) -> None:
    assert split_text(text) == (normalize_text(text), "")


@given(st.text(alphabet="ab .\n。", max_size=3000))
def test_dividing_a_text_takes_and_adds_nothing(text: str) -> None:
    beginning, rest = split_text(text)

    assert "".join((beginning + rest).split()) == "".join(normalize_text(text).split())


CHAPTERS = {
    "Talks\n0:00 Begin\n1:05 - Vectors\n1:02:03 End": [(0, "Begin"), (65, "Vectors"), (3723, "End")],
    "00:00  Uri Goren\n05:10  Ada Rossi\n[10:00] Bo Li": [(0, "Uri Goren"), (310, "Ada Rossi"), (600, "Bo Li")],
    "0:00 Begin\n1:05 End": [],
    "0:10 Begin\n1:05 Middle\n2:00 End": [],
    "0:00 Begin\n2:00 Middle\n1:00 End": [],
    "0:00 Begin\n2:00 Middle\n9:00:00 End": [],
    "At 0:00 we begin\nat 1:00 we go on\nat 2:00 we end": [],
    "0:00\n1:00\n2:00": [],
}


@pytest.mark.parametrize("description", CHAPTERS)
def test_chapters_are_three_or_more_lines_with_rising_times_the_first_of_which_is_zero(description: str) -> None:
    assert list(find_chapters(description, 4000)) == CHAPTERS[description]
