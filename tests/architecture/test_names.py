"""The names of the code: the field's words, each for one thing; docs/glossary.md has them."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

from tests.architecture.modules import PLUGINS, ROOT, modules, nodes_of

GLOSSARY = ROOT / "docs/glossary.md"
BANNED = frozenset(
    [
        "anew",
        "apart",
        "doubt",
        "doubted",
        "given",
        "hands",
        "kept",
        "leaf",
        "luggage",
        "made",
        "news",
        "nobody",
        "said",
        "stand",
        "told",
        "whereabouts",
        "wish",
        "wishes",
    ]
)
"""Words of no field: a name that needs one of them has a better one."""
LONGEST_TEST_NAME = 88
FEWEST_TERMS, MOST_TERMS = 25, 40
ROW = re.compile(r"^\| \*\*(?P<term>[^*]+)\*\* \|[^|]+\| (?P<location>[^|]+) \|$", re.MULTILINE)
SOURCES = (
    *sorted(PLUGINS.rglob("*.py")),
    *sorted((ROOT / "tests").rglob("*.py")),
    *sorted((ROOT / "bench").rglob("*.py")),
)


@cache
def bound_names(path: Path) -> frozenset[str]:
    """Return the names that a module binds: functions, classes, parameters, variables, attributes."""
    is_ours = PLUGINS in path.parents
    return frozenset(_bound_names(nodes_of(path) if is_ours else ast.walk(ast.parse(path.read_text("utf-8")))))


def _bound_names(nodes: Iterable[ast.AST]) -> Iterator[str]:
    for node in nodes:
        match node:
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                yield name
            case ast.arg(arg=name) | ast.Name(id=name, ctx=ast.Store()) | ast.Attribute(attr=name, ctx=ast.Store()):
                yield name


def words(name: str) -> set[str]:
    """Return the words of a name in any case: `KEPT_FILES`, `kept_files` and `KeptFiles` have the same."""
    return {word.lower() for word in re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+", name)}


def test_no_name_has_a_private_word() -> None:
    found = {
        (path.relative_to(ROOT).as_posix(), name)
        for path in SOURCES
        for name in bound_names(path)
        if not name.startswith("test_") and words(name) & BANNED
    }

    assert sorted(found) == []


def test_no_module_has_a_private_word() -> None:
    assert sorted(path.stem for path in SOURCES if words(path.stem) & BANNED) == []


def test_no_two_classes_have_one_name() -> None:
    places: dict[str, list[str]] = {}
    for module in modules():
        for node in module.nodes:
            if isinstance(node, ast.ClassDef):
                places.setdefault(node.name, []).append(module.name)

    assert {name: names for name, names in places.items() if len(names) > 1} == {}


def test_the_names_of_tests_are_short_sentences() -> None:
    paths = sorted((ROOT / "tests").rglob("test_*.py"))
    names = {name for path in paths for name in bound_names(path) if name.startswith("test_")}

    assert sorted(name for name in names if len(name) > LONGEST_TEST_NAME) == []


def test_the_glossary_has_terms_that_the_code_uses_where_it_says() -> None:
    rows = [match.groupdict() for match in ROW.finditer(GLOSSARY.read_text("utf-8"))]
    code = {
        place: "\n".join(split_names(path.read_text("utf-8")) for path in sources(PLUGINS / place))
        for place in {place for row in rows for place in re.findall(r"`([^`]+)`", row["location"])}
    }

    assert FEWEST_TERMS <= len(rows) <= MOST_TERMS
    assert sorted(place for place, text in code.items() if not text) == []
    unused = [
        (row["term"], place)
        for row in rows
        for place in re.findall(r"`([^`]+)`", row["location"])
        if row["term"].replace("-", " ") not in code[place]
    ]
    assert unused == []


def split_names(text: str) -> str:
    """Return a text in lower case with its names split: `SourceItem` and `source_item` are two words."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])|[_-]", " ", text).lower()


def sources(path: Path) -> list[Path]:
    """Return the Python files of a folder or file of the package."""
    return sorted(path.rglob("*.py")) if path.is_dir() else [path] if path.is_file() else []
