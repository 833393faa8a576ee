"""The index of a site, without Pelican, and what stands in it."""

from __future__ import annotations

import json
from typing import Any

from openknowledge.catalogue.site import Site
from openknowledge.engine.query_graph import QueryGraph
from openknowledge.engine.rules import Rule
from openknowledge.search.generator import SearchGenerator
from openknowledge.search.synonyms import parse_synonyms

FOLDER = "data/search/{lang}/"


def written(site: Site, synonyms: str = "") -> dict[str, bytes]:
    """Return all files of the index of a site."""
    files: dict[str, bytes] = {}
    for rule in index_rules(site, synonyms):
        for key in rule.keys(site.fork()):
            for path, data in rule.plan(site.fork(), *key).run():
                assert path not in files
                files[path] = data
    return files


def index_rules(site: Site, synonyms: str = "") -> list[Rule]:
    """Return the rules for the index of a site, which has a graph of its own."""
    generator = SearchGenerator.__new__(SearchGenerator)
    generator.settings = {"PATH": "/nowhere"}
    site.attach(QueryGraph())
    generator.extend_site(site)
    groups, problems = parse_synonyms(synonyms, "content/synonyms.yaml")
    assert problems == []
    site.register_input("synonyms", lambda: repr(groups).encode(), lambda: groups)
    return [*generator.rules()]


def index_of(files: dict[str, bytes], lang: str = "it") -> dict[str, Any]:
    index: dict[str, Any] = json.loads(files[f"data/search/{lang}/index.json"])
    return index


def shown(files: dict[str, bytes], lang: str = "it") -> dict[str, list[Any]]:
    """Return what results show of each item, by its address."""
    rows = [row for path, data in files.items() if f"/{lang}/items-" in path for row in json.loads(data).values()]
    assert len({row[1] for row in rows}) == len(rows)
    return {row[1]: [*row, *[0] * (8 - len(row))] for row in rows}


def addresses(files: dict[str, bytes], lang: str = "it") -> dict[int, str]:
    """Return the address of each item by its number."""
    kinds = [kind[0] for kind in index_of(files, lang)["kinds"]]
    return {
        kinds.index(path.rsplit("items-", 1)[1].split("-")[0]) << 20 | int(slot): row[1]
        for path, data in files.items()
        if f"/{lang}/items-" in path
        for slot, row in json.loads(data).items()
    }


def words(files: dict[str, bytes], lang: str = "it") -> dict[str, dict[str, tuple[int, int | None]]]:
    """Return the rank and the second of each key in each item, by key and address."""
    named = addresses(files, lang)
    found: dict[str, dict[str, tuple[int, int | None]]] = {}
    for path, data in files.items():
        if f"/{lang}/words-" in path:
            for key, numbers in json.loads(data).items():
                assert key not in found
                found[key] = {named[item]: entry for item, entry in unpacked(numbers).items()}
    return found


def unpacked(numbers: list[int]) -> dict[int, tuple[int, int | None]]:
    """Return the numbers of a key as the browser reads them."""
    item, rest, found = 0, iter(numbers), {}
    for number in rest:
        item += number >> 4
        found[item] = (number >> 1 & 7, next(rest) if number & 1 else None)
    return found


def keys_of(files: dict[str, bytes], address: str, lang: str = "it") -> set[str]:
    """Return the keys of one item."""
    return {key for key, items in words(files, lang).items() if address in items}
