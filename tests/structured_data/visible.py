"""What a block says that its page does not show."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from functools import cache
from typing import Any
from urllib.parse import urljoin

from babel import Locale
from lxml.html import HtmlElement
from tests.structured_data.blocks import Node, leaves

from openknowledge.rendering.locale import Language

NOT_WORDS = ("@type", "@id", "query-input", "position")
"""What a block has for machines alone."""
FREE = {"it": ("Grat",), "en": ("Free", "free")}
CODES = {"courseMode": "Online", "repeatFrequency": "Weekly", "category": "Free", "price": 0, "priceCurrency": "EUR"}
"""Values of schema.org that stand for words of a page."""
STATUS = {"https://schema.org/EventScheduled": False, "https://schema.org/EventCancelled": True}
CANCELLED = {"it": "Annullato", "en": "Cancelled"}
ADDRESSES = ("href", "src", "data-src", "action", "content", "srcset")


def find_invisible(root: HtmlElement, graph: list[Node], language: Language, base: str) -> list[str]:
    """Return the values of a block that are not on its page, which lies at an address that begins with `base`."""
    page = _Page(root, language, base)
    return [
        f"{node.get('@type')}.{name}: {value!r}"
        for node, name, value in leaves(graph)
        if not page.shows(node, name, value)
    ]


class _Page:
    """The words and addresses of a page."""

    def __init__(self, root: HtmlElement, language: Language, base: str) -> None:
        self.language, self.base = language, base
        self.times = {str(value) for value in root.xpath("//time/@datetime")}
        self.addresses = {*_addresses(root, base)}
        self.langs = {str(value) for value in root.xpath("//@lang")}
        for script in root.xpath("//script"):
            script.drop_tree()
        self.text = _folded(root.text_content())

    def shows(self, node: Node, name: str, value: Any) -> bool:
        if name in NOT_WORDS or CODES.get(name) == value or name in ("endOffset", "eventAttendanceMode"):
            return True
        special = getattr(self, f"_shows_{name}", None)
        if special is not None:
            return bool(special(value))
        if isinstance(value, int):
            return self.says(self.language.number(value))
        if re.fullmatch(r"\d{4}-\d\d-\d\d(T.*)?", value):
            return self._shows_day(value)
        if re.fullmatch(r"PT(\d+H)?(\d+M)?(\d+S)?", value):
            return value in self.times or any(self.says(hours) for hours in re.findall(r"(\d+)H", value))
        if value.startswith("http"):
            return self._leads_to(value)
        return self.says(value.removesuffix("…"))

    def says(self, text: str) -> bool:
        return _folded(text) in self.text

    def _shows_eventStatus(self, value: str) -> bool:
        return STATUS[value] == self.says(CANCELLED[self.language.code])

    def _shows_isAccessibleForFree(self, _: bool) -> bool:
        return any(map(self.says, FREE[self.language.code]))

    def _shows_inLanguage(self, value: str) -> bool:
        return value in self.langs or self.says(self.language.language_name(value))

    def _shows_addressCountry(self, value: str) -> bool:
        return self.says(Locale(self.language.code).territories[value])

    def _shows_startOffset(self, value: int) -> bool:
        return self.says(self.language.duration(value))

    def _shows_day(self, value: str) -> bool:
        day = datetime.fromisoformat(value).date()
        return self.says(self.language.date(day).text) or day.isoformat() in {time[:10] for time in self.times}

    def _leads_to(self, value: str) -> bool:
        address, _, query = value.partition("?")
        return value in self.addresses or (query != "" and address in self.addresses)


def _addresses(root: HtmlElement, base: str) -> Iterator[str]:
    for name in ADDRESSES:
        for value in root.xpath(f"//@{name}"):
            for one in str(value).split(","):
                whole = urljoin(base, one.strip().split(" ")[0])
                yield whole
                yield whole.partition("?")[0]


@cache
def _folded(text: str) -> str:
    return "".join(text.replace("\u00ad", "").split())
