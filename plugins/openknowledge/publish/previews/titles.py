"""What a built page is called, and in which language."""

from __future__ import annotations

from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path

__all__ = ["PageTitle", "parse_title", "read_title"]

PIECE = 4096
"""A page is read until its heading ends, in pieces of so many characters."""


@dataclass(frozen=True, slots=True)
class PageTitle:
    """The text of a page's heading, or of its title where it has none; both are empty where it is no page."""

    text: str = ""
    lang: str = ""


def read_title(output: Path, path: str) -> PageTitle:
    """The title of a page below a folder."""
    try:
        return parse_title((output / path).read_text("utf-8", "replace"))
    except OSError:
        return PageTitle()


def parse_title(markup: str) -> PageTitle:
    reader = _Reader()
    for start in range(0, len(markup), PIECE):
        reader.feed(markup[start : start + PIECE])
        if reader.has_ended:
            break
    text = reader.texts["h1"] if reader.has_ended else reader.texts["title"]
    return PageTitle(" ".join("".join(text).split()), reader.lang)


class _Reader(HTMLParser):
    """Hears the first heading, the title, and the language of a page."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.texts: dict[str, list[str]] = {"title": [], "h1": []}
        self.lang, self.inside, self.has_ended = "", "", False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "html":
            self.lang = dict(attrs).get("lang") or ""
        # A drawing in the page may have a title of its own.
        if tag in self.texts and not self.texts[tag] and not self.inside:
            self.inside = tag

    def handle_endtag(self, tag: str) -> None:
        if tag == self.inside:
            self.has_ended = self.has_ended or tag == "h1"
            self.inside = ""

    def handle_data(self, data: str) -> None:
        if self.inside and not self.has_ended:
            self.texts[self.inside].append(data)
