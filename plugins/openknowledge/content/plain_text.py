"""Text from elsewhere, which may hold anything: cleaned, and shown as text with links that work."""

import re
import unicodedata
from functools import cache, lru_cache
from html import escape
from typing import TYPE_CHECKING

from openknowledge.model.values import Html

if TYPE_CHECKING:
    from linkify_it import LinkifyIt

__all__ = [
    *("FIRST_CHAPTER", "excerpt", "find_chapters", "normalize_line", "normalize_text", "render_description"),
    "split_text",
]

LINE_ENDS = re.compile("\r\n|[\r\x0b\x0c\x85\u2028]")
UNWANTED = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef\ufeff\ufffe\uffff\u202a-\u202e\u2066-\u2069]"
)
PARAGRAPH_END = re.compile(r"\n\s*\n")
BEGINNING = 450
"""About how much of a long text is shown before the rest is asked for, in characters."""
LEAST_REST = 200
ENDS = (PARAGRAPH_END, re.compile(r"\n"), re.compile(r"(?<=[.!?…。！？؟।])[\"'”’»)\]]*\s"), re.compile(r"\s"))
"""Where a text may be divided; the first that comes soon after its beginning."""
CHAPTER = re.compile(r"[^\w]{0,4}(?:(\d{1,2}):)?([0-5]?\d):([0-5]\d)\b[\s\]):.–—-]*(\S.*)")
"""A time at the beginning of a line, and what begins there."""
FEWEST_CHAPTERS = 3
FIRST_CHAPTER = "0:00"
"""What every description with chapters has in it."""
MAYBE_LINK = re.compile(r"https?://|\bwww\.", re.IGNORECASE)


def normalize_text(text: str) -> str:
    """Return text with Unix line ends and composed letters, without characters that have no shape.

    Control characters, halves of surrogate pairs and marks that reverse the order of writing are
    left out. What looks like markup is text and stays.
    """
    # None of what is replaced here is printable. Most texts are, and that is found out in a sixth of the time.
    if not all(map(str.isprintable, text.split("\n"))):
        text = UNWANTED.sub("", LINE_ENDS.sub("\n", text).replace("\u2029", "\n\n"))
    text = unicodedata.normalize("NFC", text)
    # By lines: an expression for blanks before a line's end takes time with the square of their number.
    return "\n".join(map(str.rstrip, text.split("\n"))).strip()


def normalize_line(text: str) -> str:
    """Return normalized text as one line, with single spaces between words."""
    return " ".join(normalize_text(text).split())


def excerpt(text: str, limit: int = 200) -> str:
    """Return the first paragraph as one line of at most `limit` characters, cut after a word."""
    first = " ".join(PARAGRAPH_END.split(normalize_text(text), maxsplit=1)[0].split())
    if len(first) <= limit:
        return first
    cut = first[:limit].rpartition(" ")[0] or first[: limit - 1]
    return cut.rstrip(" ,;:.-–—(") + "…"


def split_text(text: str) -> tuple[str, str]:
    """Return the beginning of a long text and its rest, divided between paragraphs, lines, sentences or words.

    A text that is not much longer than its beginning has no rest.
    """
    text = normalize_text(text)
    for end in ENDS:
        found = end.search(text, BEGINNING)
        if found is not None and found.start() <= 2 * BEGINNING:
            beginning, rest = text[: found.start()], text[found.end() :]
            return (beginning, rest) if len(rest) >= LEAST_REST else (text, "")
    return text, ""


@lru_cache(maxsize=8192)
def find_chapters(description: str, duration_s: int | None = None) -> tuple[tuple[int, str], ...]:
    """Return second and title of each chapter in a description, as the platform finds them.

    They are lines with a time, three or more, of which the first is 0:00 and each later than the one before.
    """
    chapters: list[tuple[int, str]] = []
    for line in description.split("\n"):
        match = CHAPTER.fullmatch(line.strip())
        if match is None:
            continue
        start_s = int(match[1] or 0) * 3600 + int(match[2]) * 60 + int(match[3])
        if start_s != 0 if not chapters else start_s <= chapters[-1][0]:
            return ()
        chapters.append((start_s, " ".join(match[4].split())))
    is_within = not duration_s or all(start_s < duration_s for start_s, _ in chapters)
    return tuple(chapters) if len(chapters) >= FEWEST_CHAPTERS and is_within else ()


@lru_cache(maxsize=8192)
def render_description(text: str) -> Html:
    """Return the paragraphs, line breaks and links of a plain text as markup; everything else in it is escaped.

    Only web addresses become links: those with `http://` or `https://` and those that begin with
    `www.`. A name such as `setup.py` stays text, though `.py` is a country.
    """
    paragraphs = [part.strip() for part in PARAGRAPH_END.split(normalize_text(text)) if part.strip()]
    rendered = ("<br>\n".join(_render_line(line.strip()) for line in part.split("\n")) for part in paragraphs)
    return Html("\n".join(f"<p>{paragraph}</p>" for paragraph in rendered))


def _render_line(line: str) -> str:
    if not MAYBE_LINK.search(line):
        return escape(line, quote=False)
    parts, end = [], 0
    for link in _linkify().match(line) or ():
        if link.schema in ("http:", "https:") or link.text.lower().startswith("www."):
            shown = escape(line[link.index : link.last_index], quote=False)
            parts.append(escape(line[end : link.index], quote=False))
            parts.append(f'<a href="{escape(link.url)}" rel="nofollow ugc noopener">{shown}</a>')
            end = link.last_index
    return "".join((*parts, escape(line[end:], quote=False)))


@cache
def _linkify() -> "LinkifyIt":
    # A sync cleans texts, too, and links nothing.
    from linkify_it import LinkifyIt

    return LinkifyIt(options={"fuzzy_link": True, "fuzzy_email": False, "fuzzy_ip": False})
