"""A graph of JSON-LD as the text of a script element, with no more in it than a page may weigh."""

import json
from collections.abc import Callable, Iterator, Sequence

import brotli

from openknowledge.model.values import Html

from .nodes import Node, short

__all__ = ["MOST_B", "write_script"]

MOST_B = 1_200
"""What the structured data of a page may weigh when it is compressed."""
SURELY_SMALL_B = 2_400
"""What weighs no more than that, however badly it is compressed."""
QUALITY = 5
"""Brotli's level for weighing: that of the pages, and forty times as fast as the best one."""
SHORTER_DESCRIPTION = 40


def write_script(nodes: Sequence[Node]) -> Html:
    """Return a graph as the text of a script element; of a large one, as much as a page may weigh."""
    for smaller in _shrink(nodes):
        text = _escape(smaller)
        data = text.encode()
        if len(data) <= SURELY_SMALL_B or len(brotli.compress(data, brotli.MODE_TEXT, QUALITY)) <= MOST_B:
            break
    return text


def _escape(nodes: Sequence[Node]) -> Html:
    """Return nodes as JSON in which nothing ends the element."""
    graph = {"@context": "https://schema.org", "@graph": nodes}
    text = json.dumps(graph, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return Html(text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026"))


def _shrink(nodes: Sequence[Node]) -> Iterator[list[Node]]:
    """Yield the nodes, then fewer and fewer words of them: of lists first, then the ends of what things consist of."""
    yield [*nodes]
    for shorten in (_shorten_item, _keep_address):
        nodes = [_change_items(node, shorten) if node["@type"] == "ItemList" else node for node in nodes]
        yield [*nodes]
    while parts := [(name, at) for at, node in enumerate(nodes) for name in node if _is_cut(node, name)]:
        name, at = max(parts, key=lambda part: len(json.dumps(nodes[part[1]][part[0]])))
        fewer = nodes[at][name][: len(nodes[at][name]) // 2]
        changed = {key: value for key, value in nodes[at].items() if key != name} | ({name: fewer} if fewer else {})
        nodes = [*nodes[:at], changed, *nodes[at + 1 :]]
        yield [*nodes]


def _is_cut(node: Node, name: str) -> bool:
    return isinstance(node[name], list) and name != "itemListElement"


def _change_items(node: Node, change: Callable[[Node], Node]) -> Node:
    return node | {"itemListElement": [change(item) for item in node["itemListElement"]]}


def _shorten_item(item: Node) -> Node:
    """Return an entry of a list with fewer words."""
    thing = item["item"]
    text = thing.get("description")
    return item | {"item": thing | {"description": short(text, SHORTER_DESCRIPTION)}} if text else item


def _keep_address(item: Node) -> Node:
    """Return an entry of a list as the address of a page, which says the rest."""
    return {"@type": item["@type"], "position": item["position"], "url": item["item"]["url"]}
