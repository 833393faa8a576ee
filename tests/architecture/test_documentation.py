"""What the documents say is what stands, and all that stands is said."""

from __future__ import annotations

import ast
import dataclasses
import importlib
import re
import runpy
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from tests.architecture.modules import PLUGINS, ROOT, modules

from openknowledge.catalogue.kind import Kind
from openknowledge.catalogue.kinds import KINDS
from openknowledge.content.read_item import DERIVED_FIELDS

README = ROOT / "README.md"
ARCHITECTURE = ROOT / "docs/architecture.md"
EDITORS = ROOT / "docs/editors.md"
OPERATORS = ROOT / "docs/operators.md"
DOCUMENTS = (README, ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md")))

PELICANS_SWITCHES = re.compile(
    r"(ARTICLE|PAGE|STATIC|THEME_STATIC)_PATHS|DIRECT_TEMPLATES|(AUTHOR|CATEGORY|TAG|PAGE|PAGE_LANG)_SAVE_AS|\w+_FEED\w*|FEED_ALL_ATOM"
)
"""Pelican's own settings that only switch its articles, pages and feeds off."""
ADDRESSES = re.compile(r"[A-Z_]+_(URL|SAVE_AS)")
"""Documented together, as the pattern `X_URL`."""
MACHINES = re.compile(
    r"(?=[/.hilcaos])(?:"  # What all begin with: most signs of a text are passed at once.
    r"/(?:work|root|home|Users)/[\w.-]+|/tmp/[\w.-]+|\.(?<=[\w-]\.)(?:internal|local|corp)\b"
    r"|https?://\S*(?:registry|artifactory|nexus|mirror|/simple\b)|index-url[ =]\s*http"
    r"|\bLLMs?\b|\bChatGPT\b|\bClaude\b|\bAnthropic\b|\bOpenAI\b|\bCopilot\b|\bas an AI\b"
    r"|\b(?<!user )(?<!user-)(?:sub-?)?agents?\b|\b(?<!credential\.)helpers?\b|\bissue [#]?2\b)",
    re.IGNORECASE,
)
"""Places of one machine, hosts that packages came from, and words about how the project was worked on."""
FOREIGN = {"snowball.js"}
"""Modules of others that documents name."""
NOT_OURS = re.compile(
    r"\.lock$|/package-lock\.json$|/vendor/|\.(png|jpg|jpeg|woff2|ico|svg)$|^tests/architecture/test_documentation\.py$"
)


def output(*paths: Path) -> str:
    return "\n".join(path.read_text("utf-8") for path in paths)


def coded(text: str) -> set[str]:
    """The words that a document sets as code, also those in lists and patterns."""
    return {word for span in re.findall(r"`([^`\n]+)`", text) for word in re.findall(r"[\w-]+", span)}


def settings_of(path: Path) -> set[str]:
    """Return the settings of a file; other tests may have loaded settings of the same name from elsewhere."""
    with mock.patch.dict(sys.modules), mock.patch.object(sys, "path", [str(ROOT), *sys.path]):
        sys.modules.pop("pelicanconf", None)
        return {name for name in runpy.run_path(str(path)) if name.isupper()}


def settings_read() -> set[str]:
    """The names in capitals with which plugins ask the settings."""
    found = set()
    for module in modules():
        for node in module.nodes:
            match node:
                case ast.Subscript(value=value, slice=ast.Constant(value=str(name))) if "settings" in ast.unparse(
                    value
                ):
                    found.add(name)
                case ast.Call(func=ast.Attribute(value=value, attr="get"), args=[ast.Constant(value=str(name)), *_]):
                    found |= {name} if "settings" in ast.unparse(value) else set()
    return {name for name in found if name.isupper()}


def settings_of_plugins() -> set[str]:
    """Settings that are fields: `FEEDS_MAX_ITEMS` for `max_items` of the class with the prefix `FEEDS_`."""
    found = set()
    for path in sorted(PLUGINS.glob("*/settings.py")):
        module: Any = importlib.import_module(f"openknowledge.{path.parent.name}.settings")
        prefix = getattr(module, "PREFIX", None)
        for name in getattr(module, "__all__", ()) if prefix else ():
            value = getattr(module, name)
            if dataclasses.is_dataclass(value):
                found |= {prefix + field.name.upper() for field in dataclasses.fields(value)}
    return found


def test_every_setting_is_described() -> None:
    set_here = {one for one in settings_of(ROOT / "pelicanconf.py") if not PELICANS_SWITCHES.fullmatch(one)}
    known = coded(output(ARCHITECTURE, EDITORS, OPERATORS))
    every = set_here | settings_read() | settings_of_plugins()

    assert {"X_URL", "X_SAVE_AS"} <= known
    assert len(every) > 30
    assert sorted(name for name in every if name not in known and not ADDRESSES.fullmatch(name)) == []


def test_every_setting_that_is_described_exists() -> None:
    table = output(ARCHITECTURE).partition("## Settings")[2].partition("\n## ")[0]
    rows = [row.split("|")[1] for row in table.splitlines() if row.startswith("| `")]
    described = {name for row in rows for name in re.findall(r"`([A-Z_]+)`", row)}
    every = settings_of(ROOT / "pelicanconf.py") | settings_of(ROOT / "publishconf.py")

    assert described
    assert (
        sorted(described - every - settings_read() - settings_of_plugins() - {"X_URL", "X_LANG_URL", "X_SAVE_AS"}) == []
    )


def tasks() -> dict[str, str]:
    """Each task with its first line."""
    module = ast.parse((ROOT / "tasks.py").read_text("utf-8"))
    return {
        node.name.replace("_", "-"): ast.get_docstring(node) or ""
        for node in module.body
        if isinstance(node, ast.FunctionDef) and any("task" in ast.unparse(one) for one in node.decorator_list)
    }


def test_every_task_is_described_and_says_what_it_does() -> None:
    text = output(*DOCUMENTS)

    assert tasks()
    assert [name for name, what in tasks().items() if not what] == []
    assert [name for name in tasks() if not re.search(rf"(?:make|invoke|tasks?:.*)\s[^\n]*\b{name}\b", text)] == []


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_every_command_that_a_document_shows_is_a_task(path: Path) -> None:
    blocks = re.findall(r"```(?:sh|console|bash|shell)\n(.*?)```", path.read_text("utf-8"), re.DOTALL)
    shown = {
        name for block in blocks for name in re.findall(r"^\s*\$?\s*(?:make|invoke) ([a-z-]+)", block, re.MULTILINE)
    }
    shown |= set(re.findall(r"`(?:make|invoke) ([a-z-]+)", path.read_text("utf-8")))

    assert sorted(shown - set(tasks()) - {"site"}) == []


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_every_link_between_documents_leads_somewhere(path: Path) -> None:
    text = path.read_text("utf-8")
    anchors = {re.sub(r"[^\w\- ]", "", head.lower()).replace(" ", "-") for head in re.findall(r"^#+ (.+)$", text, re.M)}
    wrong = []
    for target in re.findall(r"\]\(([^)\s]+)\)", re.sub(r"```.*?```|`[^`\n]*`", "", text, flags=re.DOTALL)):
        file, _, anchor = target.partition("#")
        if re.match(r"https?:|mailto:", target):
            continue
        if file and not (path.parent / file).exists():
            wrong.append(target)
        if not file and anchor not in anchors:
            wrong.append(target)

    assert wrong == []


def section(kind: Kind) -> str:
    """What docs/editors.md says of a kind: its own part, and what is said of every kind."""
    text = output(EDITORS)
    whole = text.partition("## The kinds and their fields")[2].partition("\n## ")[0]
    parts = re.split(r"^### ", whole, flags=re.MULTILINE)
    folder = kind.source.split("/")[0] if kind.source else kind.plural
    own = [
        part for part in parts[1:] if f"{folder}/" in part.splitlines()[0] or kind.name in part.splitlines()[0].lower()
    ]
    assert own, f"docs/editors.md has no part on {kind.name}"
    return parts[0] + "".join(own)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_every_field_of_a_kind_is_described(kind: Kind) -> None:
    known = coded(section(kind))
    derived = {"format"} if kind.from_path else set()
    facts = {field.name for field in dataclasses.fields(kind.model)} - (DERIVED_FIELDS["model"] - {"slug"}) - derived
    words = {field.name for field in dataclasses.fields(kind.words)} - DERIVED_FIELDS["words"]

    assert sorted((facts | words) - known) == []


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_no_field_is_described_that_no_kind_has(kind: Kind) -> None:
    every = {field.name for one in KINDS for model in (one.model, one.words) for field in dataclasses.fields(model)}
    rows = re.findall(r"^\| (`[^|]+) \|", section(kind), re.MULTILINE)

    assert sorted({name for row in rows for name in re.findall(r"`(\w+)`", row)} - every) == []


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_every_module_that_a_document_names_exists(path: Path) -> None:
    files = [f"/{file}" for file in subprocess.check_output(["git", "ls-files"], cwd=ROOT, text=True).splitlines()]
    named = set(re.findall(r"`([\w./]+[.]m?(?:py|js))`", path.read_text("utf-8"))) - FOREIGN

    assert sorted(name for name in named if not any(file.endswith(f"/{name}") for file in files)) == []


def test_the_map_of_the_tree_is_the_tree() -> None:
    """Each file and folder that the map names exists, and each room of the plugins is named."""
    text = output(ARCHITECTURE).partition("## The tree")[2].partition("\n## ")[0]
    rooms = {path.name for path in PLUGINS.iterdir() if (path / "__init__.py").is_file()}
    inside = text.partition("openknowledge/")[2].partition("├── tests/")[0]
    named = set(re.findall(r"\b([a-z_]+\.py|[a-z_]+/)", inside))

    assert sorted(name for name in rooms if f"{name}/" not in text) == []
    assert sorted(name for name in named if not any(PLUGINS.rglob(name.rstrip("/")))) == []


def test_every_dependency_has_its_reason() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    names = {
        *project["project"]["dependencies"],
        *(one for row in project["dependency-groups"].values() for one in row),
    }
    reasons = output(ARCHITECTURE).partition("## Dependencies")[2].partition("\n## ")[0]

    assert sorted(name for name in names if not name.startswith("types-") and name not in reasons) == []


def test_the_list_of_changes_speaks_of_this_version() -> None:
    version = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["version"]
    text = output(ROOT / "CHANGELOG.md")

    assert version in text or "Unreleased" in text


def test_no_file_speaks_of_a_machine_or_of_how_it_was_worked_on() -> None:
    if not (ROOT / ".git").exists():
        pytest.skip("this is no checkout, so there is no list of its files")
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False).stdout
    names = [name for name in listed.split("\0") if name and not NOT_OURS.search(name)]
    found = []
    for name in names:
        path = ROOT / name
        text = path.read_text("utf-8", errors="replace") if path.is_file() else ""
        found += [f"{name}: {match[0]}" for match in MACHINES.finditer(text)]

    assert names
    assert found == []


def test_the_settings_for_publishing_only_add_what_publishing_needs() -> None:
    tree = ast.parse((ROOT / "publishconf.py").read_text("utf-8"))

    assert not [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.If | ast.For | ast.While)]
