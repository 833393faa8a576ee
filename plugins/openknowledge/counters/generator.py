"""The numbers as JSON: documents with which pages refresh a number in place, and an index of all for others."""

import json
from collections.abc import Iterable
from typing import Any

from openknowledge.catalogue.site import Site
from openknowledge.catalogue.site_generator import SiteGenerator
from openknowledge.catalogue.views.numbers import document_path, index_piece, index_pieces
from openknowledge.engine.rules import Action, Description, Rule, static_action
from openknowledge.manifest import CacheClass

from .history_data import history_rule
from .settings import CountersSettings

__all__ = ["CountersGenerator", "counters_rule"]

RULE = "counters"
WORDS = ("label", "text", "short", "definition", "source")


class CountersGenerator(SiteGenerator):
    """Builds the documents of numbers and their index."""

    def rules(self) -> Iterable[Rule]:
        """Return the rules for the documents, and for the data of histories."""
        settings = CountersSettings.from_pelican(self.settings)
        return counters_rule(settings), history_rule(settings)


def counters_rule(settings: CountersSettings) -> Rule:
    """Return the rule for the index of all numbers, and for the documents, each of the few numbers of a page."""

    def keys(site: Site) -> list[tuple[str, ...]]:
        courses = [f"counter:course/{slug}" for slug in site.series_slugs()]
        strands = [f"total:strand/{slug}" for slug in site.slugs("strand")]
        figures = dict.fromkeys([f"figure:{name.partition('.')[0]}" for name in site.figures])
        return [(), *((name,) for name in (*index_pieces(), *courses, "total:courses", *strands, *figures))]

    def plan(site: Site, name: str = "") -> Action:
        if not name:
            return static_action((settings.json, dump(index(site, settings))))
        if name in index_pieces():
            return static_action((document_path(site, name), dump({"numbers": course_values(site, name)})))
        if not name.startswith("figure:"):
            return static_action((document_path(site, name), dump(number_entry(site, name))))
        figures = sorted(figure for figure in site.figures if figure.startswith(f"{name.removeprefix('figure:')}."))
        numbers = {f"figure:{figure}": number_entry(site, f"figure:{figure}") for figure in figures}
        return static_action((document_path(site, name), dump({"numbers": numbers})))

    words = {RULE: Description("the counters as JSON {name}", ("*name",))}
    return Rule(RULE, "Writing numbers", keys, plan, cache=CacheClass.COUNTERS, descriptions=words)


def index(site: Site, settings: CountersSettings) -> dict[str, Any]:
    """Return totals and figures whole, and where the pieces are that have the value and the day of each course.

    No page asks for it. Others do, because its address was published.
    """
    numbers = {name: number_entry(site, name) for name in site.query("number-names") if not name.startswith("counter:")}
    return {
        "course_documents": f"{site.base_path}/{settings.course_json}",
        "course_values": [f"{site.base_path}/{document_path(site, piece)}" for piece in index_pieces()],
        "numbers": dict(sorted(numbers.items())),
    }


def course_values(site: Site, piece: str) -> dict[str, Any]:
    """Return the value and its day of each course of a piece; the rest is in the course's document."""
    series, values = site.series, {}
    for slug in site.slugs("course"):
        if index_piece(slug) == piece:
            one = series.get(slug)
            value, as_of = (one.total, one.as_of.isoformat()) if one is not None else (None, None)
            values[f"counter:course/{slug}"] = {"value": value, "as_of": as_of}
    return values


def number_entry(site: Site, name: str) -> dict[str, Any]:
    """Return one number: its language-independent values, then its words in each language."""
    numbers = {lang: number for lang in site.langs if (number := site.number(name, lang)) is not None}
    first = next(iter(numbers.values()))
    return {
        "name": name,
        "value": first.value,
        "as_of": first.as_of.iso if first.as_of else None,
        "sample": first.is_sample,
        "stale": first.is_stale,
        "may_fall": first.may_fall,
        "source_url": first.source_url,
        **{word: {lang: getattr(number, word) for lang, number in numbers.items()} for word in WORDS},
        "date": {lang: number.as_of.text if number.as_of else None for lang, number in numbers.items()},
    }


def dump(document: dict[str, Any]) -> bytes:
    """Return a document as JSON."""
    return (json.dumps(document, ensure_ascii=False) + "\n").encode()
