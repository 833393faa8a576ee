"""A file is cut into front matter and body where a reader of lines would cut it."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from openknowledge.content.frontmatter import (
    CONTROL,
    CONTROL_LEAD_BYTES,
    LocatedFields,
    decode_text,
    parse_front_matter,
)
from openknowledge.problems import Problem

LINES = st.sampled_from(["---", "--- ", "---\t", "---\x85", " ---", "----", "---a", "a: 1", "", "Text.", "\u2028---"])


@given(st.lists(LINES, max_size=8).map("\n".join))
def test_front_matter_stands_between_the_first_two_lines_of_dashes(text: str) -> None:
    lines = text.split("\n")
    fences = [number for number, line in enumerate(lines) if line.rstrip() == "---"]

    found = parse_front_matter(text, "a.md")

    if fences[:1] != [0] or len(fences) < 2:
        assert isinstance(found, Problem)
    elif isinstance(found, LocatedFields):
        assert found.body == "\n".join(lines[fences[1] + 1 :])
        assert found.body_line == fences[1] + 2
        assert set(found.data) <= {"a"}


def test_a_field_stands_on_the_line_where_its_editor_sees_it() -> None:
    found = parse_front_matter("---\ntitle: Algebra\n\ntopics:\n  - one\n  - two\n---\n\nA text.", "a.md")

    assert isinstance(found, LocatedFields)
    assert (found.find_line(("title",)), found.find_line(("topics", 1)), found.find_body_line("A text")) == (2, 6, 9)


def test_no_control_character_is_overlooked() -> None:
    characters = [chr(code) for code in (*range(0xD800), *range(0xE000, 0x10000)) if CONTROL.match(chr(code))]

    assert {one.encode()[0] for one in characters} <= set(CONTROL_LEAD_BYTES)
    assert all(isinstance(decode_text(f"a{one}b".encode(), "a.md"), Problem) for one in characters)
    assert decode_text("«così» — 日本\n".encode(), "a.md") == "«così» — 日本\n"
