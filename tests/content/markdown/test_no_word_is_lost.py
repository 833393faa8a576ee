"""Every word of a text is on the page, or an issue names what is not."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from itertools import count
from textwrap import indent

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.chance import examples

from openknowledge.content.markdown.render import READERS, render_markdown

TAG = re.compile(r"<[^>]*>")
SHOWN_ATTRIBUTE = re.compile(r'\b(?:alt|title|href|src|id|lang|class)="([^"]*)"')
WORD = re.compile(r"w\d+w")

words = st.just("w0w")
spoilers = st.sampled_from(
    [
        *(
            "",
            "",
            "",
            "*",
            "**",
            "_",
            "`",
            "[",
            "]",
            "](",
            "<",
            ">",
            "<b>",
            "</b>",
            "<x>",
            "<!",
            "{",
            "}",
            "{:",
            "{#a}",
        ),
        *(
            "|",
            "~~",
            "==",
            "^",
            "~",
            "\\",
            "\\\n",
            "  \n",
            "\n",
            "\n    ",
            "\n- ",
            "\n1. ",
            "\n> ",
            "\n#",
            "!",
            ":",
            "$",
        ),
        *(
            "[^a]",
            "[^",
            "![",
            "<details>",
            "</details>",
            "<summary>",
            "\n```\n",
            "\n!!! ",
            "\n??? ",
            "\n: ",
            "&",
            "---",
        ),
    ]
)
inline = st.one_of(
    words,
    words.map(lambda word: f"*{word}*"),
    words.map(lambda word: f"**{word}**"),
    words.map(lambda word: f"`{word}`"),
    words.map(lambda word: f"~~{word}~~"),
    words.map(lambda word: f"<kbd>{word}</kbd>"),
    words.map(lambda word: f"<{word}>"),
    words.map(lambda word: f"[{word}](https://example.org/)"),
    words.map(lambda word: f"[{word}][a]"),
    words.map(lambda word: f"{word}[^n]"),
    words.map(lambda word: f"![{word}](a.jpg)"),
    st.tuples(words, spoilers, words).map("".join),
)
line = st.lists(inline, min_size=1, max_size=5).map(" ".join)
lines = st.lists(line, min_size=1, max_size=3).map("\n".join)
row = st.lists(words, min_size=1, max_size=4).map(lambda cells: f"| {' | '.join(cells)} |")
block = st.one_of(
    lines,
    line.map(lambda text: f"## {text}"),
    lines.map(lambda text: f"```python\n{text}\n```"),
    st.lists(row, min_size=1, max_size=3).map(lambda rows: "\n".join(["| a | b |\n|---|--:|", *rows])),
    st.tuples(row, words).map(lambda parts: f"| a | b |\n|---|---|\n{parts[0]}\n\n: {parts[1]}"),
    words.map(lambda word: f'![a](b.jpg "{word}")'),
    st.tuples(words, words).map(lambda parts: f"[^{parts[0]}]: {parts[1]}"),
    lines.map(lambda text: f"[^n]: {text}"),
    st.just("[a]: https://example.org/"),
    st.tuples(words, words).map(lambda parts: f"*[{parts[0]}]: {parts[1]}"),
    st.tuples(words, words).map(lambda parts: f"[{parts[0]}]: https://example.org/{parts[1]}"),
    st.tuples(words, lines).map(lambda parts: f"{parts[0]}\n:   {parts[1]}"),
    words.map(lambda word: f"<!-- {word.replace('w', 'x')} -->"),
)


def inside(text: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """Return blocks with other blocks in them."""
    inner = st.lists(text, min_size=1, max_size=3).map("\n\n".join)
    return st.one_of(
        st.tuples(words, inner, st.sampled_from([2, 3, 4])).map(
            lambda parts: f"- {parts[0]}\n\n{indent(parts[1], ' ' * parts[2])}"
        ),
        st.tuples(words, inner).map(lambda parts: f"1. {parts[0]}\n\n{indent(parts[1], '    ')}"),
        inner.map(lambda text: indent(text, "> ", lambda _: True)),
        st.tuples(words, inner).map(lambda parts: f'!!! note "{parts[0]}"\n\n{indent(parts[1], "    ")}'),
        st.tuples(words, inner).map(lambda parts: f'??? solution "{parts[0]}"\n{indent(parts[1], "    ")}'),
        st.tuples(words, inner).map(
            lambda parts: f"<details>\n<summary>{parts[0]}</summary>\n\n{parts[1]}\n\n</details>"
        ),
    )


def number_words(text: str) -> str:
    """Return a text in which no word occurs twice."""
    numbers = count()
    return WORD.sub(lambda _: f"w{next(numbers)}w", text)


DOCUMENTS = (
    st.lists(st.recursive(block, inside, max_leaves=6), min_size=1, max_size=5).map("\n\n".join).map(number_words)
)


@pytest.mark.parametrize("reader", READERS)
@given(text=DOCUMENTS)
@settings(max_examples=examples(200), deadline=None)
def test_every_word_is_on_the_page_or_something_is_named(reader: str, text: str) -> None:
    rendered = render_markdown(text, reader)

    shown = unescape(TAG.sub("", rendered.html)) + unescape(" ".join(SHOWN_ATTRIBUTE.findall(rendered.html)))
    if any("defined twice" in issue.message for issue in rendered.issues):
        return  # The note that is not shown takes along blocks of its own, and is named once, at its beginning.
    arrived, named = set(WORD.findall(shown)), {issue.line for issue in rendered.issues}
    assert [block for lines, block in blocks(text) if named.isdisjoint(lines) and not arrived.issuperset(block)] == []


def blocks(text: str) -> Iterator[tuple[range, list[str]]]:
    """Yield the lines of what is between empty lines, and its words."""
    line = 1
    for paragraph in text.split("\n\n"):
        end = line + paragraph.count("\n") + 1
        yield range(line, end), WORD.findall(paragraph)
        line = end + 1
