"""The order in which a language sorts words: the Unicode Collation Algorithm, and the letters that a language adds."""

import re
import unicodedata
from collections.abc import Mapping
from functools import cache, lru_cache
from typing import Any

__all__ = ["SortKey", "sort_key"]

SortKey = tuple[str, str, str, str]
"""Base letters, accents, capitals, and the text itself, so that no two texts are equal."""

NORDIC, DANISH = "z å ä ö", "z æ ø å=aa"
CROATIAN = "c č ć|d dž đ|l lj|n nj|s š|z ž"
ADDED_LETTERS = {
    **dict.fromkeys(("sv", "fi"), NORDIC),
    **dict.fromkeys(("da", "nb", "nn", "no"), DANISH),
    **dict.fromkeys(("bs", "hr", "sr"), CROATIAN),
    "cs": "c č|h ch|r ř|s š|z ž",
    "cy": "c ch|d dd|f ff|g ng|l ll|p ph|r rh|t th",
    "es": "n ñ",
    "et": "s š z ž|w õ ä ö ü",
    "hu": "c cs|d dz dzs|g gy|l ly|n ny|o ö=ő|s sz|t ty|u ü=ű|z zs",
    "is": "a á|d ð|e é|i í|o ó|u ú|y ý|z þ æ ö",
    "lt": "c č|s š|z ž",
    "lv": "c č|g ģ|k ķ|l ļ|n ņ|s š|z ž",
    "pl": "a ą|c ć|e ę|l ł|n ń|o ó|s ś|z ź ż",
    "ro": "a ă â|i î|s ș|t ț",
    "sk": "a ä|c č|h ch|o ô|s š|z ž",
    "sl": "c č ć|d đ|s š|z ž",
    "sq": "c ç|d dh|e ë|g gj|l ll|n nj|r rr|s sh|t th|x xh|z zh",
    "tr": "c ç|g ğ|h ı|o ö|s ş|u ü",
    "uk": "г ґ",
}
"""For each language, after which letter those come that are letters of their own there, also those of two signs (CLDR).

Behind a sign of equality is what counts as the same letter. Elsewhere they are letters with an accent, or two letters.
"""
LAST_BEFORE_NEXT = 0x10F000
"""A character with a greater weight than any letter: `n` with it comes after all that begins with `n`."""
BETWEEN_WORDS = "\1"
"""Less than any weight: a shorter word comes first."""


@lru_cache(maxsize=1 << 16)
def sort_key(text: str, lang: str) -> SortKey:
    """Return the value by which a text is sorted in lists of a language."""
    pattern, letters = _letters(lang.partition("-")[0])
    normal = unicodedata.normalize("NFC", text).replace("’", "'")
    words = (pattern.sub(lambda found: letters[found[0]], normal) if pattern else normal).split()
    levels = zip(*map(_weigh, words), strict=True) if words else ((), (), ())
    base, accents, capitals = map(BETWEEN_WORDS.join, levels)
    return base, accents, capitals, text


@cache
def _letters(language: str) -> tuple[re.Pattern[str] | None, Mapping[str, str]]:
    """Return how to find the added letters, and what stands for each: the one before it, and something after all."""
    table: dict[str, str] = {}
    for rule in filter(None, ADDED_LETTERS.get(language, "").split("|")):
        before, *added = rule.split(" ")
        for number, letters in enumerate(added):
            mark = chr(LAST_BEFORE_NEXT + number)
            for letter in letters.split("="):
                capitals = dict.fromkeys((letter.capitalize(), letter.upper()), before.upper() + mark)
                table |= {letter: before + mark, **capitals}
    longest_first = sorted(table, key=len, reverse=True)
    return re.compile("|".join(longest_first)) if table else None, table


@lru_cache(maxsize=1 << 16)
def _weigh(word: str) -> tuple[str, str, str]:
    """Return the weights of a word at each level, as characters. Titles share most of their words."""
    elements = _collator().collation_elements(unicodedata.normalize("NFD", word))
    base, accents, capitals = ("".join(chr(one[level]) for one in elements if one[level]) for level in range(3))
    return base, accents, capitals


@cache
def _collator() -> Any:
    from pyuca import Collator

    return Collator()
