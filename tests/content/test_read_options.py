"""What is cached of a file depends on all the code that parsed it."""

from __future__ import annotations

from tests.architecture.modules import is_in, modules

from openknowledge.catalogue.kinds import KINDS
from openknowledge.content.read_item import PARSER_SOURCES, reading_fingerprint

WITHOUT_INFLUENCE = ("engine.build_inputs", "engine.atomic_files")
"""Modules that `read_item` imports, and that do not decide what a file is read as."""


def test_every_module_that_decides_what_is_read_is_in_the_fingerprint() -> None:
    by_name = {module.name: module for module in modules()}
    seen: set[str] = set()
    waiting = ["content.read_item"]
    while waiting:
        name = waiting.pop()
        if name in by_name and name not in seen and name not in WITHOUT_INFLUENCE:
            seen.add(name)
            imported = [target for target, is_for_types in by_name[name].inside() if not is_for_types]
            waiting += [part for target in imported for part in (target, target.rpartition(".")[0])]
    sources = tuple(path.removesuffix(".py").replace("/", ".") for path in PARSER_SOURCES)
    covered = (*sources, *(f"{source}." for source in sources))
    packages = {name for name in seen if by_name[name].path.name == "__init__.py"}

    assert len(seen) > 15
    assert sorted(name for name in seen - packages if not is_in(name, covered)) == []


def test_a_fingerprint_is_the_same_until_a_type_a_language_or_the_reader_differs() -> None:
    first = reading_fingerprint(KINDS, ("it", "en"), "markdown")

    assert first == reading_fingerprint(KINDS, ("it", "en"), "markdown")
    others = {
        reading_fingerprint(KINDS, ("en", "it"), "markdown"),
        reading_fingerprint(KINDS[1:], ("it", "en"), "markdown"),
        reading_fingerprint(KINDS, ("it", "en"), "fast"),
    }
    assert len(others | {first}) == 4
