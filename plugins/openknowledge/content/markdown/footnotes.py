"""Footnotes for the fast reader: taken out of a text before it is read, and put back as Python-Markdown shows them."""

from __future__ import annotations

import re
from typing import NamedTuple

from .inline_grammar import BEGINS_TEXT

LABEL = r"\[\^([a-zA-Z\d-]+)\]"
TEXT = rf"{BEGINS_TEXT}[^\n]+(?:\n *(?!\[\^){BEGINS_TEXT}[^\n]+)*"
NOTE = re.compile(rf"{LABEL}: +({TEXT})\n")
NOTES = re.compile(rf"(?<=\n\n)(?:\[\^[a-zA-Z\d-]+\]: +{TEXT}\n(?:\n++|(?=\[\^)))+(?! )")
"""Footnotes one under the other, between empty lines; what follows is not indented, or it would belong to them."""
MARK_OR_CODE = re.compile(rf"<code\b[^>]*>.*?</code>|{LABEL}", re.DOTALL)
IN_HEADING = re.compile(r"\n#[^\n]*\[\^")
MARK = '<sup id="fnref:{label}"><a class="footnote-ref" href="#fn:{label}">{number}</a></sup>'
BACK = (
    '&#160;<a class="footnote-backref" href="#fnref:{label}" '
    'title="Jump back to footnote {number} in the text">&#8617;</a></p>'
)


class Footnote(NamedTuple):
    """A footnote of one paragraph; `text` ends as texts do that are to be read."""

    label: str
    text: str


def extract(text: str) -> tuple[str, tuple[Footnote, ...]] | None:
    """A text without its footnotes, and those in the order in which they stand.

    None where a footnote is more than a paragraph, stands twice, is mentioned in another or in a heading.
    """
    lines = f"\n\n{text}"
    notes = [
        Footnote(label, f"{body}\n\n") for found in NOTES.finditer(lines) for label, body in NOTE.findall(found[0])
    ]
    rest = NOTES.sub("", lines)
    labels = {note.label for note in notes}
    odd = "\n[^" in rest or IN_HEADING.search(rest) or any("[^" in note.text for note in notes)
    return None if odd or len(labels) < len(notes) else (f"{rest.strip(chr(10))}\n\n", tuple(notes))


def insert(made: str, notes: tuple[tuple[str, str], ...]) -> str | None:
    """Markup with its footnotes, each as (label, markup of its paragraph); None unless each is mentioned once."""
    numbers = {label: number for number, (label, _) in enumerate(notes, start=1)}
    mentioned: list[str] = []

    def mark(match: re.Match[str]) -> str:
        label = match[1]
        if label not in numbers:
            return match[0]
        mentioned.append(label)
        return MARK.format(label=label, number=numbers[label])

    marked = MARK_OR_CODE.sub(mark, made)
    if sorted(mentioned) != sorted(numbers):
        return None
    rows = (
        f'<li id="fn:{label}">{body.strip().removesuffix("</p>")}{BACK.format(label=label, number=numbers[label])}</li>'
        for label, body in notes
    )
    return f'{marked}<div class="footnote"><hr><ol>{"".join(rows)}</ol></div>'
