"""The fast reader: pulldown-cmark, with what the site's dialect has beyond it added to its markup.

It renders only portable texts, so it may take the markup's shape for granted.
"""

import html
import re
from functools import cache
from itertools import count

from pyromark import Markdown, Options

from .portability import BEGINS_TEXT, NUMBER, is_portable

MARKED_ADDRESS = re.compile(r"https?://[^\s<>]*(?:[*`\\]|(?<![^\W_])_|_(?![^\W_]))[^\s<>]*$", re.MULTILINE)
"""An address at the end of a line, in which pulldown-cmark would see emphasis or code."""
BEFORE_ADDRESS = re.compile(r"[ >]*(?:[-*+] +)?")
SPACES_ONLY = re.compile(r"\n +(?=\n)")
BRACES = re.compile(r'="%7B(filename|static|attach)%7D')
CODE = re.compile(r"(<code\b.*?</code>)", re.DOTALL)
NUMBER_MARK = re.compile(NUMBER)
HEADING = re.compile(r"<h([1-6])>(.*?)</h\1>", re.DOTALL)
TAG = re.compile(r"<[^>]*>")
NOT_IN_IDS = re.compile(r"[^\w\s-]")
BETWEEN_WORDS = re.compile(r"[-\s]+")
NUMBERED = re.compile(r"(.*)_([0-9]+)", re.DOTALL)

LABEL = r"\[\^([a-zA-Z\d-]+)\]"
NOTE_TEXT = rf"{BEGINS_TEXT}[^\n]+(?:\n *(?!\[\^){BEGINS_TEXT}[^\n]+)*"
NOTE = re.compile(rf"{LABEL}: +({NOTE_TEXT})\n")
NOTES = re.compile(rf"(?<=\n\n)(?:\[\^[a-zA-Z\d-]+\]: +{NOTE_TEXT}\n(?:\n++|(?=\[\^)))+(?! )")
"""Footnotes one under the other, between empty lines; what follows is not indented, or it would belong to them."""
MARK_OR_CODE = re.compile(rf"<code\b[^>]*>.*?</code>|{LABEL}", re.DOTALL)
MARK_IN_HEADING = re.compile(r"\n#[^\n]*\[\^")
MARK = '<sup id="fnref:{label}"><a class="footnote-ref" href="#fn:{label}">{number}</a></sup>'
BACK = (
    '&#160;<a class="footnote-backref" href="#fnref:{label}" '
    'title="Jump back to footnote {number} in the text">&#8617;</a></p>'
)


Footnotes = list[tuple[str, str]]
"""The label of each footnote, and its one paragraph: Markdown, normalized, or markup."""


@cache
def create_reader() -> Markdown:
    """Return the reader of this process."""
    return Markdown(options=Options.ENABLE_TABLES)


def render(text: str) -> str | None:
    """Return the markup of a text, not yet sanitised; None where the default reader might make something else of it."""
    text = normalize(text)
    if "://" in text and any(_stands_alone(address, text) for address in MARKED_ADDRESS.finditer(text)):
        return None
    if "[^" not in text:
        return convert(text) if is_portable(text) else None
    extracted = _extract_footnotes(text)
    if extracted is None:
        return None
    rest, notes = extracted
    if not is_portable(rest) or not all(is_portable(body) for _, body in notes):
        return None
    markup = convert(rest)
    return _insert_footnotes(markup, [(label, convert(body)) for label, body in notes])


def _stands_alone(address: re.Match[str], text: str) -> bool:
    """Return whether nothing but the mark of a list or of a quote stands before an address on its line."""
    return BEFORE_ADDRESS.fullmatch(text[text.rfind("\n", 0, address.start()) + 1 : address.start()]) is not None


def normalize(text: str) -> str:
    """Return a text as Python-Markdown prepares it: line ends, tabs and empty lines of one kind; with an end."""
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    if "\t" in text:
        text = text.expandtabs(4)
    return SPACES_ONLY.sub("\n", text).strip("\n") + "\n\n"


def convert(text: str) -> str:
    """Return the markup that pulldown-cmark makes of a normalized text, portable or not, with numbers and ids."""
    markup = create_reader().html(text)
    if "%7B" in markup:
        markup = BRACES.sub(r'="{\1}', markup)
    if NUMBER_MARK.search(markup):
        parts = CODE.split(markup)
        parts[::2] = (NUMBER_MARK.sub(r'<data value="\1"></data>', part) for part in parts[::2])
        markup = "".join(parts)
    return _add_ids(markup) if "<h" in markup else markup


def _add_ids(markup: str) -> str:
    """Give every heading an id made of its words, as Python-Markdown's `toc` makes them."""
    ids: set[str] = set()

    def add_id(match: re.Match[str]) -> str:
        words = html.unescape(TAG.sub("", match[2]))
        name = BETWEEN_WORDS.sub("-", NOT_IN_IDS.sub("", words).strip().lower())
        return f'<h{match[1]} id="{_dedupe_id(name, ids)}">{match[2]}</h{match[1]}>'

    return HEADING.sub(add_id, markup)


def _dedupe_id(name: str, ids: set[str]) -> str:
    """Return an id that no heading has yet: the name, or with `_1`, `_2` and so on at its end."""
    if not name or name in ids:
        numbered = NUMBERED.fullmatch(name)
        stem, first = (numbered[1], int(numbered[2])) if numbered else (name, 0)
        name = next(new for number in count(first + 1) if (new := f"{stem}_{number}") not in ids)
    ids.add(name)
    return name


def _extract_footnotes(text: str) -> tuple[str, Footnotes] | None:
    """Return a text without its footnotes, and those in order.

    None where a footnote is more than a paragraph, occurs twice, or is mentioned in another one or in a heading.
    """
    padded = f"\n\n{text}"
    blocks = (match[0] for match in NOTES.finditer(padded))
    notes = [(label, f"{body}\n\n") for block in blocks for label, body in NOTE.findall(block)]
    rest = NOTES.sub("", padded)
    is_odd = "\n[^" in rest or MARK_IN_HEADING.search(rest) or any("[^" in body for _, body in notes)
    has_twice = len(dict(notes)) < len(notes)
    return None if is_odd or has_twice else (f"{rest.strip(chr(10))}\n\n", notes)


def _insert_footnotes(markup: str, notes: Footnotes) -> str | None:
    """Return markup with its footnotes as Python-Markdown shows them; None unless each is mentioned once."""
    numbers = {label: number for number, (label, _) in enumerate(notes, start=1)}
    mentioned: list[str] = []

    def mark(match: re.Match[str]) -> str:
        label = match[1]
        if label is None:
            return match[0]
        mentioned.append(label)
        return match[0] if label not in numbers else MARK.format(label=label, number=numbers[label])

    marked = MARK_OR_CODE.sub(mark, markup)
    if sorted(mentioned) != sorted(numbers):
        return None
    if not notes:
        return marked
    rows = (
        f'<li id="fn:{label}">{body.strip().removesuffix("</p>")}{BACK.format(label=label, number=numbers[label])}</li>'
        for label, body in notes
    )
    return f'{marked}<div class="footnote"><hr><ol>{"".join(rows)}</ol></div>'
