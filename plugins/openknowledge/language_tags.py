"""Tags of languages (BCP 47): how they are spelled, and in which direction their languages are written."""

from functools import lru_cache
from html import escape
from typing import Literal

__all__ = ["Direction", "language_attributes", "spell_tag", "text_direction"]

Direction = Literal["ltr", "rtl", "auto"]

FREQUENT_TAGS = frozenset(("it", "en", "ar", "de", "es", "fr", "pt", "ru", "zh", "und"))
"""Tags whose spelling is known to be right. The registry of all others takes a while to import."""
RIGHT_TO_LEFT = frozenset(
    ("Adlm", "Arab", "Aran", "Hebr", "Mand", "Mend", "Nkoo", "Rohg", "Samr", "Syrc", "Syre", "Syrj", "Syrn", "Thaa")
)
"""The living scripts that are written from right to left (ISO 15924)."""


@lru_cache(maxsize=1024)
def spell_tag(tag: str) -> str | None:
    """Return a tag as BCP 47 spells it: `zh-Hant` for `zh_hant`, `he` for `iw`. None for what is no language."""
    if tag in FREQUENT_TAGS:
        return tag
    from langcodes import standardize_tag, tag_is_valid
    from langcodes.tag_parser import LanguageTagError

    try:
        spelled = standardize_tag(tag)
        return spelled if tag and tag_is_valid(spelled) else None
    except LanguageTagError:
        return None


@lru_cache(maxsize=1024)
def language_attributes(tag: str) -> str:
    """Return the attributes of an element whose words are in a language: ` lang="ar" dir="rtl"`."""
    return f' lang="{escape(tag)}" dir="{text_direction(tag)}"'


@lru_cache(maxsize=1024)
def text_direction(tag: str) -> Direction:
    """Return the `dir` attribute of a text in a language; `auto` where the language is not known."""
    from babel.core import get_global

    if not tag or tag == "und":
        return "auto"
    language, *others = tag.split("-")
    script = next((part for part in others if len(part) == 4 and part.isalpha()), None)
    if script is None:
        territory = next((part for part in others if len(part) in (2, 3) and part.isupper()), "")
        likely = get_global("likely_subtags")
        full = likely.get(f"{language}_{territory}") or likely.get(language) or ""
        script = next((part for part in full.split("_") if len(part) == 4), "Latn")
    return "rtl" if script in RIGHT_TO_LEFT else "ltr"
