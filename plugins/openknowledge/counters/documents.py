"""All numbers as JSON: what a page needs to refresh a number in place, and what others need to cite it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from .settings import CountersSettings

if TYPE_CHECKING:
    from openknowledge.catalogue.site import Site
    from openknowledge.catalogue.views.base import Number

__all__ = ["all_numbers_file", "course_file"]

WORDS = ("label", "text", "short", "definition", "source")
COUNTER = "counter:course/"


def all_numbers_file(site: Site, settings: CountersSettings) -> tuple[str, bytes]:
    """Return the file with every number, as (path below output/, bytes)."""
    return settings.json, _bytes({"numbers": {name: number_entry(site, name) for name in site.number_names()}})


def course_file(site: Site, slug: str, settings: CountersSettings) -> tuple[str, bytes]:
    """Return the file of a course that has a series."""
    return settings.course_json.format(slug=slug), _bytes(number_entry(site, f"{COUNTER}{slug}"))


def number_entry(site: Site, name: str) -> dict[str, Any]:
    """Return one number: its language-independent values, then its words in each language."""
    numbers = {lang: site.number(name, lang) for lang in site.langs}
    known = {lang: number for lang, number in numbers.items() if number is not None}
    first = next(iter(known.values()))
    return {
        "name": name,
        "value": first.value,
        "as_of": first.as_of.iso if first.as_of else None,
        "sample": first.is_sample,
        "source_url": first.source_url,
        **{word: {lang: getattr(number, word) for lang, number in known.items()} for word in WORDS},
        "date": {lang: _date(number) for lang, number in known.items()},
    }


def _date(number: Number) -> str | None:
    return number.as_of.text if number.as_of else None


def _bytes(document: dict[str, Any]) -> bytes:
    return (json.dumps(document, ensure_ascii=False, indent=1) + "\n").encode()
