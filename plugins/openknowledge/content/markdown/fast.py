"""The fast reader: pulldown-cmark, with what the site's dialect has beyond it added to its markup.

It reads only texts that are plain (`plain.py`), so it may take the markup's shape for granted.
"""

from __future__ import annotations

import html
import re
from functools import lru_cache
from itertools import count

from pyromark import Markdown, Options

from .footnotes import extract, insert
from .portability import is_portable
from .settings import NUMBER

SPACES_ONLY = re.compile(r"\n +(?=\n)")
BRACES = re.compile(r'="%7B(filename|static|attach)%7D')
CODE = re.compile(r"(<code\b.*?</code>)", re.DOTALL)
NUMBER_MARK = re.compile(NUMBER)
HEADING = re.compile(r"<h([1-6])>(.*?)</h\1>", re.DOTALL)
TAG = re.compile(r"<[^>]*>")
NOT_IN_IDS = re.compile(r"[^\w\s-]")
BETWEEN_WORDS = re.compile(r"[-\s]+")
NUMBERED = re.compile(r"(.*)_([0-9]+)", re.DOTALL)


@lru_cache(maxsize=1)
def _markdown() -> Markdown:
    return Markdown(options=Options.ENABLE_TABLES)


def render(text: str) -> str | None:
    """The markup of a text, not yet sanitised; None where the default reader might make something else of it."""
    lines = normalize(text)
    if "[^" not in lines:
        return convert(lines) if is_portable(lines) else None
    taken = extract(lines)
    if taken is None:
        return None
    rest, notes = taken
    if not is_portable(rest) or not all(is_portable(note.text) for note in notes):
        return None
    made = convert(rest)
    return insert(made, tuple((note.label, convert(note.text)) for note in notes)) if notes else made


def normalize(text: str) -> str:
    """A text as Python-Markdown prepares it: ends of lines, tabs and empty lines of one kind; with an end."""
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    if "\t" in text:
        text = text.expandtabs(4)
    return SPACES_ONLY.sub("\n", text).strip("\n") + "\n\n"


def convert(text: str) -> str:
    """The markup that pulldown-cmark makes of a prepared text, plain or not, with numbers and ids."""
    made = _markdown().html(text)
    if "%7B" in made:
        made = BRACES.sub(r'="{\1}', made)
    if NUMBER_MARK.search(made):
        made = _with_numbers(made)
    return _with_ids(made) if "<h" in made else made


def _with_numbers(made: str) -> str:
    """Markup with placeholders where numbers are named, except in code."""
    parts = CODE.split(made)
    parts[::2] = (NUMBER_MARK.sub(r'<data value="\1"></data>', part) for part in parts[::2])
    return "".join(parts)


def _with_ids(made: str) -> str:
    """Every heading with an id made of its words, as Python-Markdown's `toc` makes them."""
    taken: set[str] = set()

    def with_id(match: re.Match[str]) -> str:
        words = html.unescape(TAG.sub("", match[2]))
        name = BETWEEN_WORDS.sub("-", NOT_IN_IDS.sub("", words).strip().lower())
        return f'<h{match[1]} id="{_unique(name, taken)}">{match[2]}</h{match[1]}>'

    return HEADING.sub(with_id, made)


def _unique(name: str, taken: set[str]) -> str:
    """A name that no heading has yet: the same, or with `_1`, `_2` and so on at its end."""
    if not name or name in taken:
        numbered = NUMBERED.fullmatch(name)
        stem, first = (numbered[1], int(numbered[2])) if numbered else (name, 0)
        name = next(one for number in count(first + 1) if (one := f"{stem}_{number}") not in taken)
    taken.add(name)
    return name
