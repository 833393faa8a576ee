"""Texts on which the two readers are compared: the cases, the repository's own, and random ones."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from hypothesis import strategies as st

CASES = Path(__file__).with_name("cases.txt")
CONTENT = Path(__file__).parents[3] / "content"


@dataclass(frozen=True, slots=True)
class Case:
    name: str
    is_fast: bool
    text: str


def cases() -> tuple[Case, ...]:
    parts = re.split(r"^%%% (fast|default): (.+)\n", CASES.read_text("utf-8"), flags=re.MULTILINE)[1:]
    rows = zip(parts[0::3], parts[1::3], parts[2::3], strict=True)
    return tuple(Case(name, reader == "fast", text) for reader, name, text in rows)


def own_texts() -> dict[str, str]:
    """Return the texts of the repository's own content, by path."""
    files = [path for path in sorted(CONTENT.rglob("*.md")) if path.name != "README.md"]
    texts = {path.relative_to(CONTENT).as_posix(): path.read_text("utf-8").split("---\n", 2)[2] for path in files}
    return {path: text for path, text in texts.items() if text.strip()}


WORDS = (
    *("uno", "due parole", "è", "2020", "x_y", "l’una", "R&D", "a < b", "3*4", "2 * 3", "C#", "(sic)", "«cit.»", "…"),
    *("\\*", "\\_", "&nbsp;", "&amp;", "&copy", "{figure:a.b-c}", "{total:strand/x_y}", "[nota]", "![a](b.jpg)", "|"),
    *("<https://a.b/c>", "<a@b.it>", "<b>", "`c`", "`<a> {figure:b}`", "[^1]", "~~s~~", "!", "**", "*", "_", "`", "["),
    *("]", "{", "}", "<", ">", "#", ":", "=", "-", "\\", "  \n", "\n", "1.", "\u00a0", "\t", "http://a.b/c_d"),
)
MARKERS = ("- ", "* ", "+ ", "1. ", "10. ", "-   ", "1) ")
ENDS = ("\n\n", "\n\n", "\n\n", "\n\n", "\n", "\n \n", "\n\n\n")


def _wrapped(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    wrap = st.sampled_from(
        ("*{}*", "**{}**", "_{}_", "[{}](https://a.b/c-d)", "[{}]({{filename}}/x.md)", "({})", "«{}»")
    )
    return st.builds(lambda form, text: form.format(text), wrap, inner)


def _joined(pieces: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    spaced = st.tuples(pieces, st.sampled_from((" ", " ", " ", "", "\n")))
    return st.lists(spaced, min_size=1, max_size=5).map(
        lambda rows: "".join(part for row in rows for part in row).strip()
    )


PHRASES = _joined(st.one_of(st.sampled_from(WORDS), _wrapped(_joined(st.sampled_from(WORDS)))))
SINGLE_LINES = PHRASES.map(lambda text: text.replace("\n", " "))


@st.composite
def lists(draw: st.DrawFn) -> str:
    marker, between = draw(st.sampled_from(MARKERS)), draw(st.sampled_from(("\n", "\n", "\n", "\n\n")))
    rows = []
    for line in draw(st.lists(PHRASES, min_size=1, max_size=4)):
        depth = draw(st.sampled_from((0, 0, 0, 2, 4, 4, 8)))
        own = draw(st.sampled_from((marker, marker, marker, *MARKERS)))
        rows.append(f"{' ' * depth}{own}{line}")
    return between.join(rows)


@st.composite
def tables(draw: st.DrawFn) -> str:
    columns = draw(st.integers(1, 3))
    rows = draw(st.lists(st.lists(SINGLE_LINES, min_size=1, max_size=columns), min_size=1, max_size=4))
    head, *rest = (f"| {' | '.join(row)} |" for row in rows)
    return "\n".join((head, "|---" * columns + "|", *rest))


BLOCKS = st.one_of(
    PHRASES,
    PHRASES,
    st.builds(lambda level, line: f"{'#' * level} {line}", st.integers(1, 6), SINGLE_LINES),
    lists(),
    lists(),
    tables(),
    PHRASES.map(lambda text: "\n".join(f"> {line}" for line in text.split("\n"))),
    st.builds("```{}\n{}\n```".format, st.sampled_from(("", "python", "c++", "{.x}")), PHRASES),
    PHRASES.map(lambda text: "    " + text.replace("\n", "\n    ")),
    st.sampled_from(
        (
            "---",
            "***",
            "Uno\n:   due",
            "[^1]: nota",
            "Uno[^2]\n\n[^2]: nota\ndue",
            "!!! note\n    uno",
            "*[uno]: due",
            "[r]: /x",
            "[TOC]",
        )
    ),
)
DOCUMENTS = st.lists(st.tuples(BLOCKS, st.sampled_from(ENDS)), min_size=1, max_size=4).map(
    lambda rows: "".join(part for row in rows for part in row)
)
