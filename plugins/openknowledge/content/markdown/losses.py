"""What the sanitiser takes away from a text: each tag, attribute and address, with its line and a cure."""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from html.parser import HTMLParser
from typing import NamedTuple

from openknowledge.problems import Message, TextIssue

__all__ = ["Allowed", "find_losses"]

PLAYER = Message("Write the player's address alone in a paragraph, or a link to it.")
LOOK = Message("The theme decides how words look; for emphasis write *word* or **word**.")
FORM = Message("Link to the page that has the form.")
NOTHING = Message("Leave it out: the site brings its own programs and styles.")
PICTURE = Message("Save it as a file beside the text, and write ![what it shows](drawing.svg).")
CURES = {
    **dict.fromkeys(("iframe", "video", "audio", "embed", "object", "source", "track", "param", "frame"), PLAYER),
    **dict.fromkeys(("font", "center", "big", "u", "tt", "marquee", "blink", "strike", "nobr"), LOOK),
    **dict.fromkeys(("form", "input", "button", "select", "option", "textarea", "label", "fieldset"), FORM),
    **dict.fromkeys(("script", "style", "link", "meta", "base", "noscript", "template"), NOTHING),
    **dict.fromkeys(("svg", "canvas", "picture", "map"), PICTURE),
    "math": Message("Write the formula between dollar signs: $x^2$."),
}
"""What to write instead of an element."""
CODE = Message("Write it between back-quotes if it is code, or \\< for the sign itself.")
ANCHOR = Message("Give it another name: {#first-steps}.")
EVENT = Message("Leave it out: texts hold no programs.")
ATTRIBUTE_CURES = {
    "style": Message("The theme decides how words look; colons in the line under a table's head align its columns."),
    "target": Message("Leave it out: readers decide where a link opens."),
    "name": Message("For a place to link to, write {#name} at the end of a heading."),
    "align": Message("The theme decides how words look; colons in the line under a table's head align its columns."),
}
ADDRESS = Message("Write an address that begins with https://, mailto: or tel:, or the path of a file.")
LINKS = frozenset(("href", "src"))
UNPAIRED = frozenset(
    ("br", "hr", "img", "wbr", "p", "li", "dt", "dd", "td", "th", "tr", "thead", "tbody", "tfoot", "caption")
)
"""Elements that need no end, or whose end is known from what follows."""
SCHEME = re.compile(r"([a-z][a-z0-9+.-]*):", re.IGNORECASE)
IGNORED = re.compile(r"[\x00-\x20]+")
"""Browsers leave this out of addresses."""
MAY_LOSE = (
    re.compile(r"<[A-Za-z/!?]"),
    re.compile(r"\{(?!figure:|counter:|total:|filename\}|static\}|attach\})"),
)
"""Of these at least one is in each text of which the sanitiser takes more than an address."""
ODD_ADDRESS = re.compile(r'="(?:(?<=href=")|(?<=src="))(?!(?:https?|mailto|tel):)[^"/#?{]*?[:&]')
"""An address that could have a scheme which is not let through."""


class Allowed(NamedTuple):
    """What the sanitiser lets through: elements, the attributes of each and of all (`*`), the schemes of addresses.

    Ids that match `page_ids` are the theme's own.
    """

    tags: Collection[str]
    attributes: Mapping[str, Collection[str]]
    schemes: Collection[str]
    page_ids: re.Pattern[str]


class _Losses(HTMLParser):
    """Collects what is not allowed: the element, the attribute or `""`, and what to look for in the text."""

    def __init__(self, allowed: Allowed) -> None:
        super().__init__(convert_charrefs=True)
        self.tags, self.attributes, self.schemes, self.page_ids = allowed
        self.ids: set[str] = set()
        self.found: list[tuple[Message, Message, str]] = []
        self.opened: dict[str, int] = {}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.opened[tag] = self.opened.get(tag, 0) + 1
        if tag not in self.tags:
            written = (self.get_starttag_text() or "")[1 : len(tag) + 1]
            self.found.append(_describe_element(f"<{written}>"))
            return
        for name, value in attrs:
            if name not in self.attributes["*"] and name not in self.attributes.get(tag, ()):
                self.found.append(_describe_attribute(name))
            elif name == "id" and value:
                self._check_id(value)
            elif name in LINKS:
                scheme = SCHEME.match(IGNORED.sub("", value or ""))
                if scheme and scheme[1].lower() not in self.schemes:
                    self.found.append(_describe_address(scheme[1]))

    def _check_id(self, value: str) -> None:
        written = rf"(?:#|\bid=[\"']?){re.escape(value)}(?![\w:-])"
        if self.page_ids.fullmatch(value):
            message = Message('the anchor "%(id)s" belongs to the page itself', id=value)
            self.found.append((message, ANCHOR, written))
        elif value in self.ids and ":" not in value:  # Labels of boxes are checked where they are read.
            message = Message('the anchor "%(id)s" stands twice', id=value)
            self.found.append((message, ANCHOR, rf"{written}(?![\s\S]*{written})"))
        self.ids.add(value)

    def handle_endtag(self, tag: str) -> None:
        if self.opened.get(tag):
            self.opened[tag] -= 1
        elif tag not in self.tags:
            self.found.append(_describe_element(f"</{tag}>"))
        elif tag not in UNPAIRED:
            message = Message('"%(tag)s" closes nothing', tag=f"</{tag}>")
            self.found.append((message, CODE, rf"</{tag}(?![\w-])"))

    def close(self) -> None:
        """Take what is still open for a mistake."""
        super().close()
        for tag, count in self.opened.items():
            if count and tag in self.tags and tag not in UNPAIRED:
                message = Message('"%(tag)s" is never closed', tag=f"<{tag}>")
                self.found.append((message, CODE, rf"<{tag}(?![\w-])"))

    def handle_pi(self, data: str) -> None:
        self.found.append(_describe_element(f"<?{data.split()[0] if data.split() else ''}>"))

    def unknown_decl(self, data: str) -> None:
        self.found.append(_describe_element(f"<![{data.partition('[')[0]}>"))


def _describe_element(tag: str) -> tuple[Message, Message, str]:
    message = Message('"%(tag)s" is left out', tag=tag)
    return message, CURES.get(tag.strip("</>").lower(), CODE), rf"{re.escape(tag.removesuffix('>'))}(?![\w-])"


def _describe_attribute(name: str) -> tuple[Message, Message, str]:
    message = Message('the attribute "%(name)s" is left out', name=name)
    hint = EVENT if name.startswith("on") else ATTRIBUTE_CURES.get(name, Message("Leave it out."))
    return message, hint, rf"(?<![\w-]){re.escape(name)}(?![\w-])"


def _describe_address(scheme: str) -> tuple[Message, Message, str]:
    message = Message('the address that begins with "%(scheme)s:" is left out', scheme=scheme)
    return message, ADDRESS, rf"(?<![\w-]){re.escape(scheme)}:"


def find_losses(text: str, markup: str, allowed: Allowed) -> list[TextIssue]:
    """Return what of the markup of a text is not let through."""
    if not any(pattern.search(text) for pattern in MAY_LOSE) and not ODD_ADDRESS.search(markup):
        return []
    losses = _Losses(allowed)
    losses.feed(markup)
    losses.close()
    if not losses.found:
        return []
    from .fences import blank_code  # It needs Python-Markdown.

    plain = "\n".join(blank_code(text.split("\n")))
    return [TextIssue(line, message, hint) for line, message, hint in _locate(losses.found, plain)]


def _locate(found: Sequence[tuple[Message, Message, str]], text: str) -> Iterator[tuple[int, Message, Message]]:
    """Yield the findings with the lines where they are written, the first of a sort at its first place and so on."""
    lines: dict[str, list[int]] = {}
    for message, hint, pattern in found:
        if pattern not in lines:
            places = re.finditer(pattern, text, re.IGNORECASE)
            lines[pattern] = [text.count("\n", 0, place.start()) + 1 for place in places] or [1]
        rest = lines[pattern]
        yield rest.pop(0) if len(rest) > 1 else rest[0], message, hint
