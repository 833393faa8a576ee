"""Names of Moodle with words in several languages, in the syntax of either filter, as plain text by language."""

import html
import re
from collections.abc import Iterator

import nh3

from openknowledge.content.plain_text import normalize_line
from openknowledge.language_tags import spell_tag
from openknowledge.model.values import UNKNOWN_LANG

__all__ = ["choose_words", "names_by_lang"]

LANGS = r"[a-z0-9_-]+(?:\s*,\s*[a-z0-9_-]+)*"
BLOCK = re.compile(rf"\{{mlang\s+(?P<langs>{LANGS})\s*\}}(?P<words>.*?)\{{mlang\}}", re.IGNORECASE | re.DOTALL)
"""A block of the filter multilang2: `{mlang it,fr}Uno{mlang}`."""
OTHER = "other"
MOST_CHARACTERS = 2_000
"""More than any name has."""
SPAN = r"<span(?=[^>]*\sclass=\"multilang\")(?=[^>]*\slang=\"(?P<lang>[a-z0-9_-]+)\")[^>]*>(?P<words>.*?)</span>"
PLAIN_SPAN = re.sub(r"\?P<\w+>", "?:", SPAN)
SPANS = re.compile(rf"{PLAIN_SPAN}(?:\s*{PLAIN_SPAN})+", re.IGNORECASE | re.DOTALL)
"""Two or more spans in a row, which is what Moodle's own filter takes for one text in several languages."""
ONE_SPAN = re.compile(SPAN, re.IGNORECASE | re.DOTALL)


def names_by_lang(text: str) -> dict[str, str]:
    """Return a name in each language that it has words in; `und` is what all other languages get, if that is there."""
    langs = [*dict.fromkeys(_list_langs(text[:MOST_CHARACTERS]))]
    names = {spell_tag(lang.replace("_", "-")): choose_words(text, lang) for lang in langs if lang != OTHER}
    if OTHER in langs or not langs:
        names[UNKNOWN_LANG] = choose_words(text, OTHER)
    return {tag: words for tag, words in names.items() if tag and words}


def choose_words(text: str, lang: str) -> str | None:
    """Return what Moodle shows of a text in a language, as plain words; None where that is nothing."""
    chosen = SPANS.sub(lambda spans: _choose_span(spans[0], lang), text[:MOST_CHARACTERS])
    if BLOCK.search(chosen):
        langs = {name for block in BLOCK.finditer(chosen) for name in _split(block["langs"])}
        wanted = next((name for name in _with_parents(lang) if name in langs), OTHER)
        chosen = BLOCK.sub(lambda block: block["words"] if wanted in _split(block["langs"]) else "", chosen)
    return normalize_line(html.unescape(nh3.clean(chosen, tags=set()))) or None


def _list_langs(text: str) -> Iterator[str]:
    for block in BLOCK.finditer(text):
        yield from _split(block["langs"])
    for spans in SPANS.finditer(text):
        yield from (_normalize(span["lang"]) for span in ONE_SPAN.finditer(spans[0]))


def _choose_span(spans: str, lang: str) -> str:
    """Return the words of the span in a language; of the first one where there is none."""
    words = {_normalize(span["lang"]): span["words"] for span in reversed([*ONE_SPAN.finditer(spans)])}
    first = next(reversed(words.values()))
    return next((words[name] for name in _with_parents(lang) if name in words), first)


def _with_parents(lang: str) -> tuple[str, ...]:
    """Return a language and the one that it is a sort of: `en_us`, `en`."""
    lang = _normalize(lang)
    return lang, lang.partition("_")[0]


def _split(langs: str) -> list[str]:
    return [_normalize(name) for name in langs.split(",")]


def _normalize(lang: str) -> str:
    return lang.strip().lower().replace("-", "_")
