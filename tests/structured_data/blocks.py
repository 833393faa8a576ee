"""The structured data of a page as a search engine reads it, and what it must say for a rich result."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

from lxml import html
from lxml.html import HtmlElement

Node = dict[str, Any]

REQUIRED = {
    "Course": ("name", "description"),
    "VideoObject": ("name", "thumbnailUrl", "uploadDate"),
    "Clip": ("name", "startOffset", "url"),
    "NewsArticle": ("headline",),
    "Event": ("name", "startDate", "location"),
    "Place": ("address",),
    "VirtualLocation": ("url",),
    "BreadcrumbList": ("itemListElement",),
    "ItemList": ("itemListElement",),
    "ListItem": ("position",),
    "Person": ("name",),
    "Organization": ("name",),
    "CollegeOrUniversity": ("name",),
    "CourseInstance": ("courseMode",),
    "Offer": ("category", "price", "priceCurrency"),
}
"""What Google's documentation requires of each type."""
RECOMMENDED = {
    "Course": ("provider",),
    "VideoObject": ("description", "duration", "embedUrl", "hasPart", "interactionStatistic"),
    "NewsArticle": ("author", "dateModified", "datePublished", "image"),
    "Event": ("description", "endDate", "eventStatus", "image", "organizer", "performer"),
}
"""What it recommends: a page says it where it is known."""
UNSUPPORTED = {"Course": ("instructor", "startDate", "endDate", "courseMode")}
"""What belongs to another type: `instructor` to the edition of a course."""
LISTED_TOGETHER = ("BreadcrumbList", "ItemList")

MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(Z|[+-]\d\d:\d\d)")
DURATION = re.compile(r"PT(?=\d)(\d+H)?(\d+M)?(\d+S)?")
URLS = (
    "url",
    "item",
    "embedUrl",
    "contentUrl",
    "thumbnailUrl",
    "image",
    "logo",
    "license",
    "sameAs",
    "mainEntityOfPage",
)
MOMENTS = ("uploadDate", "datePublished", "dateModified")
DAYS = ("startDate", "endDate")
DURATIONS = ("duration", "courseWorkload")


def parse(page: bytes | str) -> HtmlElement:
    data = page.encode() if isinstance(page, str) else page
    return html.document_fromstring(data, parser=html.HTMLParser(encoding="utf-8"))


def block_of(root: HtmlElement) -> str | None:
    """Return the text of the only block of a page; None where it has none."""
    blocks = root.xpath("//script[@type='application/ld+json']")
    assert len(blocks) <= 1
    return blocks[0].text if blocks else None


def graph_of(root: HtmlElement) -> list[Node]:
    """Return the things that a page describes."""
    text = block_of(root)
    if text is None:
        return []
    document = json.loads(text)
    assert document["@context"] == "https://schema.org"
    graph: list[Node] = document["@graph"]
    return graph


def of_type(graph: list[Node], name: str) -> list[Node]:
    return [node for node, _ in walk(graph) if node.get("@type") == name]


def walk(value: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[Node, tuple[str, ...]]]:
    """Yield all nodes of a graph, the inner ones after those that they are in, each with its path."""
    if isinstance(value, list):
        for one in value:
            yield from walk(one, path)
    elif isinstance(value, dict):
        yield value, path
        for name, inner in value.items():
            yield from walk(inner, (*path, name))


def leaves(graph: list[Node]) -> Iterator[tuple[Node, str, Any]]:
    """Yield each value with the node and the property that it is of."""
    for node, _ in walk(graph):
        for name, value in node.items():
            for one in value if isinstance(value, list) else [value]:
                if not isinstance(one, dict):
                    yield node, name, one


def find_mistakes(graph: list[Node]) -> list[str]:
    """Return what a search engine would call a mistake."""
    found = []
    for node, _ in walk(graph):
        schema_type = node.get("@type", "")
        if set(node) == {"@id"}:
            continue
        if not schema_type:
            found.append(f"a thing without a type: {node}")
        missing = [name for name in REQUIRED.get(schema_type, ()) if node.get(name) in (None, "", [])]
        found += [f"{schema_type} without {name}" for name in missing]
        found += [f"{schema_type} has {name}" for name in UNSUPPORTED.get(schema_type, ()) if name in node]
        if schema_type in LISTED_TOGETHER:
            found += _check_positions(node)
    for node, name, value in leaves(graph):
        found += [f"{node.get('@type')}.{name}: {value!r}" for _ in "x" if not _is_well_formed(node, name, value)]
    return found


def _check_positions(node: Node) -> Iterator[str]:
    items = node["itemListElement"]
    if [item["position"] for item in items] != [*range(1, len(items) + 1)]:
        yield "positions out of order"
    for item in items[:-1] if node["@type"] == "BreadcrumbList" else items:
        if "item" not in item and "url" not in item:
            yield "an entry without an address"


def _is_well_formed(node: Node, name: str, value: Any) -> bool:
    """Return whether a value is of the form that search engines take; what is unknown is absent, and never empty."""
    if value in (None, "") or (isinstance(value, str) and value != value.strip()):
        return False
    if name in URLS:
        return isinstance(value, str) and re.fullmatch(r"https?://[^\s<>\"]+", value) is not None
    if name in MOMENTS or (node.get("@type") == "Event" and name in DAYS):
        return _is(datetime.fromisoformat, value) and MOMENT.fullmatch(value) is not None
    if name in DAYS:
        return _is(date.fromisoformat, value)
    if name in DURATIONS:
        return isinstance(value, str) and DURATION.fullmatch(value) is not None
    return True


def _is(read: Any, value: object) -> bool:
    try:
        read(value)
    except (TypeError, ValueError):
        return False
    return True
