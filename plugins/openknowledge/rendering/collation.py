"""The order in which a language sorts words: the Unicode Collation Algorithm, and the letters that a language adds."""

import unicodedata
from collections.abc import Mapping
from functools import cache, lru_cache
from typing import Any

__all__ = ["SortKey", "sort_key"]

SortKey = tuple[str, str, str, str]
"""Base letters, accents, capitals, and the text itself, so that no two texts are equal."""

NORDIC, DANISH = "z åäö", "z æøå"
CZECH, CROATIAN = "c č|r ř|s š|z ž", "c čć|d đ|s š|z ž"
ADDED_LETTERS = {
    **dict.fromkeys(("sv", "fi"), NORDIC),
    **dict.fromkeys(("da", "nb", "nn", "no"), DANISH),
    **dict.fromkeys(("cs", "sk"), CZECH),
    **dict.fromkeys(("bs", "hr", "sl", "sr"), CROATIAN),
    "es": "n ñ",
    "et": "s šž|w õäöü",
    "hu": "o ö|u ü",
    "is": "a á|d ð|e é|i í|o ó|u ú|y ý|z þæö",
    "lt": "c č|s š|z ž",
    "lv": "c č|g ģ|k ķ|l ļ|n ņ|s š|z ž",
    "pl": "a ą|c ć|e ę|l ł|n ń|o ó|s ś|z źż",
    "ro": "a ăâ|i î|s ș|t ț",
    "tr": "c ç|g ğ|h ı|o ö|s ş|u ü",
    "uk": "г ґ",
}
"""For each language, after which letter those come that are letters of their own there (CLDR).

Elsewhere they count as the letter with an accent.
"""
LAST_BEFORE_NEXT = 0x10F000
"""A character with a greater weight than any letter: `n` with it comes after all that begins with `n`."""
BETWEEN_WORDS = "\1"
"""Less than any weight: a shorter word comes first."""


@lru_cache(maxsize=1 << 16)
def sort_key(text: str, lang: str) -> SortKey:
    """Return the value by which a text is sorted in lists of a language."""
    words = unicodedata.normalize("NFC", text).translate(_letters(lang.partition("-")[0])).split()
    levels = zip(*map(_weigh, words), strict=True) if words else ((), (), ())
    base, accents, capitals = map(BETWEEN_WORDS.join, levels)
    return base, accents, capitals, text


@cache
def _letters(language: str) -> Mapping[int, str]:
    """Return what stands for a character: an added letter is the one before it, and something after everything."""
    table = {ord("’"): "'"}
    for rule in ADDED_LETTERS.get(language, "").split("|"):
        before, _, added = rule.partition(" ")
        for number, letter in enumerate(added):
            mark = chr(LAST_BEFORE_NEXT + number)
            table |= {ord(letter): before + mark, ord(letter.upper()): before.upper() + mark}
    return table


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
