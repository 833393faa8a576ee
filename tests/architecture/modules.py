"""The modules of plugins/openknowledge as syntax trees: what each imports, calls and holds."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGE = "openknowledge"
PLUGINS = ROOT / "plugins" / PACKAGE


@dataclass(frozen=True, slots=True)
class Import:
    """One name that a module imports, in full: `openknowledge.catalogue.site.Site`.

    `is_for_types` says that the name is only there for the type checker.
    """

    name: str
    is_for_types: bool

    @property
    def top(self) -> str:
        return self.name.partition(".")[0]


@dataclass(frozen=True, slots=True)
class Module:
    """A module by its name below the package: `catalogue.views.home`; a plugin itself is `catalogue`."""

    name: str
    path: Path
    nodes: tuple[ast.AST, ...]
    imports: tuple[Import, ...]

    @property
    def plugin(self) -> str:
        return self.name.partition(".")[0]

    @property
    def lines(self) -> int:
        return len(self.path.read_text("utf-8").splitlines())

    def inside(self) -> Iterator[tuple[str, bool]]:
        """What it imports of the package, by names below it, each with `is_for_types`."""
        for one in self.imports:
            if one.top == PACKAGE:
                yield one.name.removeprefix(PACKAGE).lstrip("."), one.is_for_types

    def functions(self) -> Iterator[tuple[str, int]]:
        """Each function or method with its number of lines."""
        for node in self.nodes:
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                yield node.name, (node.end_lineno or node.lineno) - node.lineno + 1

    def calls(self, names: tuple[str, ...]) -> Iterator[str]:
        """What is called by one of the names, as it is written: `open`, `date.today`, `path.read_text`."""
        for node in self.nodes:
            if isinstance(node, ast.Call) and called_name(node.func) in names:
                yield ast.unparse(node.func)


def called_name(function: ast.expr) -> str:
    """Return the last name of what is called; empty where it has none."""
    match function:
        case ast.Attribute(attr=name) | ast.Name(id=name):
            return name
    return ""


@cache
def modules() -> tuple[Module, ...]:
    """All modules, by path."""
    return tuple(_module(path) for path in sorted(PLUGINS.rglob("*.py")))


def is_in(name: str, places: tuple[str, ...]) -> bool:
    """Whether a module is one of the places or lies below one that ends with a dot."""
    return any(name == place or (place.endswith(".") and f"{name}.".startswith(place)) for place in places)


def _module(path: Path) -> Module:
    parts = path.relative_to(PLUGINS).with_suffix("").parts
    is_package = parts[-1] == "__init__"
    own = parts[:-1] if is_package else parts
    home = (PACKAGE, *(own if is_package else own[:-1]))
    nodes = nodes_of(path)
    return Module(".".join(own), path, nodes, tuple(_imports(nodes, home)))


@cache
def nodes_of(path: Path) -> tuple[ast.AST, ...]:
    """Return the nodes of a module's syntax tree."""
    return tuple(ast.walk(ast.parse(path.read_text("utf-8"))))


def _imports(nodes: tuple[ast.AST, ...], home: tuple[str, ...]) -> Iterator[Import]:
    for_types = {
        id(inner)
        for node in nodes
        if isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"
        for inner in ast.walk(node)
    }
    for node in nodes:
        if isinstance(node, ast.Import):
            yield from (Import(alias.name, id(node) in for_types) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = home[: len(home) - node.level + 1] if node.level else ()
            start = ".".join((*above, *([node.module] if node.module else [])))
            yield from (Import(f"{start}.{alias.name}", id(node) in for_types) for alias in node.names)
