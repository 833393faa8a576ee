"""What editors are shown can be translated: in their rooms every message is a literal that the catalogues have."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[2] / "plugins" / "openknowledge"
ROOMS = ("content", "model", "catalogue", "redirects", "editing", "rendering")
GROUND = (
    "project_files.py",
    "output_paths.py",
    "url_paths.py",
    "engine/build_inputs.py",
    "engine/session.py",
    "engine/rules.py",
)
OF_OPERATORS = ("catalogue/settings.py", "catalogue/routes.py")
"""Modules whose problems are those of settings."""
FILES = sorted(
    {*(PACKAGE / name for name in GROUND), *(path for room in ROOMS for path in (PACKAGE / room).rglob("*.py"))}
)


def calls(path: Path, name: str) -> list[ast.Call]:
    text = path.read_text("utf-8")
    nodes = ast.walk(ast.parse(text)) if name in text else ()
    return [node for node in nodes if isinstance(node, ast.Call) and getattr(node.func, "id", "") == name]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(PACKAGE).as_posix())
def test_every_message_is_a_literal_and_no_problem_of_editors_is_english_only(path: Path) -> None:
    """The type of a problem asks for messages; this asks that they are in the catalogues."""
    unknown = [call.lineno for call in calls(path, "Message") if not is_known(call.args[0])]

    assert unknown == []
    if path.relative_to(PACKAGE).as_posix() not in OF_OPERATORS:
        assert calls(path, "operator_problem") == []


def is_known(argument: ast.expr) -> bool:
    """Return whether an argument is a literal, a choice of literals, or the id of a message that is one."""
    if isinstance(argument, ast.IfExp):
        return is_known(argument.body) and is_known(argument.orelse)
    is_literal = isinstance(argument, ast.Constant) and isinstance(argument.value, str)
    return is_literal or (isinstance(argument, ast.Attribute) and argument.attr == "message_id")
