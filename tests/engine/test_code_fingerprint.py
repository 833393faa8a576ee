"""What is kept of a file depends on all the code that read it."""

from __future__ import annotations

from tests.architecture.modules import is_in, modules

from openknowledge.catalogue.kinds import KINDS
from openknowledge.engine.code_fingerprint import PARSER_SOURCES, code_fingerprint, reading_fingerprint

ONLY_KEEP = ("content.parse_cache", "engine.file_stamps", "engine.atomic_files")
"""Modules on the way that keep what was read, and have no say in what it is."""


def test_every_module_that_decides_what_is_read_is_in_the_fingerprint() -> None:
    by_name = {module.name: module for module in modules()}
    seen: set[str] = set()
    waiting = ["content.read_item"]
    while waiting:
        name = waiting.pop()
        if name in by_name and name not in seen and name not in ONLY_KEEP:
            seen.add(name)
            found = (one for one, is_for_types in by_name[name].inside() if not is_for_types)
            waiting += [part for one in found for part in (one, one.rpartition(".")[0])]
    places = tuple(place.removesuffix(".py").replace("/", ".") for place in PARSER_SOURCES)
    covered = (*places, *(f"{place}." for place in places))
    packages = {name for name in seen if by_name[name].path.name == "__init__.py"}

    assert len(seen) > 15
    assert sorted(name for name in seen - packages if not is_in(name, covered)) == []


def test_a_fingerprint_is_the_same_until_something_differs() -> None:
    first = reading_fingerprint(KINDS, ("it", "en"), "markdown")

    assert first == reading_fingerprint(KINDS, ("it", "en"), "markdown")
    assert code_fingerprint() == code_fingerprint()
    others = {
        reading_fingerprint(KINDS, ("en", "it"), "markdown"),
        reading_fingerprint(KINDS[1:], ("it", "en"), "markdown"),
        reading_fingerprint(KINDS, ("it", "en"), "fast"),
    }
    assert len(others | {first}) == 4
