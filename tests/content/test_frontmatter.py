"""A file is split into front matter and body at the lines of dashes."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from openknowledge.content.frontmatter import LEAD_BYTES, decode_text, parse_front_matter
from openknowledge.content.located_yaml import LocatedFields
from openknowledge.invisible_text import INVISIBLE
from openknowledge.problems import Problem

ROWS = st.sampled_from(["---", "--- ", "---\t", "---\x85", " ---", "----", "---a", "a: 1", "", "Text.", "\u2028---"])


@given(st.lists(ROWS, max_size=8).map("\n".join))
def test_front_matter_is_between_the_first_two_lines_of_dashes(text: str) -> None:
    rows = text.split("\n")
    fences = [number for number, row in enumerate(rows) if row.rstrip() == "---"]

    fields = parse_front_matter(text.encode(), "a.md")

    if fences[:1] != [0] or len(fences) < 2:
        assert isinstance(fields, Problem)
    elif isinstance(fields, LocatedFields):
        assert fields.body == "\n".join(rows[fences[1] + 1 :])
        assert fields.body_line == fences[1] + 2
        assert set(fields.data) <= {"a"}


def test_a_field_has_the_line_number_that_editors_see() -> None:
    fields = parse_front_matter(b"---\ntitle: Algebra\n\ntopics:\n  - one\n  - two\n---\n\nA text.", "a.md")

    assert isinstance(fields, LocatedFields)
    assert (fields.find_line(("title",)), fields.find_line(("topics", 1)), fields.find_body_line("A text")) == (2, 6, 9)


def test_every_control_character_is_reported() -> None:
    characters = [chr(code) for code in (*range(0xD800), *range(0xE000, 0x10000)) if INVISIBLE.match(chr(code))]

    assert {character.encode()[0] for character in characters} <= set(LEAD_BYTES)
    assert all(isinstance(decode_text(f"a{character}b".encode(), "a.md"), Problem) for character in characters)
    assert decode_text("«così» — 日本\n".encode(), "a.md") == "«così» — 日本\n"
