"""Footnotes, links by reference, abbreviations and attributes that lead nowhere, or that nothing leads to."""

import re
from collections.abc import Iterator
from xml.etree.ElementTree import Element

from markdown import Markdown
from markdown.extensions import Extension
from markdown.treeprocessors import Treeprocessor

from openknowledge.problems import Message, TextIssue

from .fences import FenceExtension

__all__ = ["ReferenceExtension"]

NOTE = re.compile(r"^[ >]*\[\^([^\]\s]+)\]:", re.MULTILINE)
NOTE_MARK = re.compile(r"\[\^([^\]\s]+)\](?!:)")
DEFINITION = re.compile(r"^[ >]*\[([^\]^\n][^\]\n]*)\]: *\S", re.MULTILINE)
BY_REFERENCE = re.compile(r"(?<![\w\]\\!])!?\[([^\[\]\n]+)\]\[([^\[\]\n]*)\]")
ABBREVIATION = re.compile(r"^[ >]*\*\[([^\]\n]+)\] ?:", re.MULTILINE)
ATTRIBUTES = re.compile(r"(?<!\\)\{:? *[.#][A-Za-z][^{}\n]*\}|(?<!\\)\{: *[\w-]+=[^{}\n]*\}")
MARKS = ("][", "]:", "] :", "[^")
"""One of these is in each text with footnotes, references or abbreviations."""
LABEL_SPACE = re.compile(r"\s+")


class ReferenceExtension(Extension):
    """Compares what a text defines with what it uses."""

    def __init__(self, source: FenceExtension) -> None:
        super().__init__()
        self.source = source
        self.left_attributes: list[str] = []

    def reset(self) -> None:
        """Forget the text before."""
        self.left_attributes = []

    def extendMarkdown(self, md: Markdown) -> None:
        """Register what looks for attributes that belong to nothing, after all are taken."""
        md.registerExtension(self)
        md.treeprocessors.register(_LeftAttributes(md, self), "left_attributes", 3)

    def find_issues(self) -> list[TextIssue]:
        """Return what is defined or used alone, or defined twice."""
        if not self.left_attributes and not any(mark in self.source.text for mark in MARKS):
            return []
        text = "\n".join(self.source.plain_rows)
        found = [*_find_notes(text), *_find_links(text), *_find_abbreviations(text)]
        issues = [TextIssue(text.count("\n", 0, position) + 1, *issue) for position, *issue in found]
        message, hint = Message("attributes belong to nothing"), ATTRIBUTE_HINT
        return [*issues, *(TextIssue(self.source.find_line(words), message, hint) for words in self.left_attributes)]


ATTRIBUTE_HINT = Message(
    "Write them right behind the words or the picture, at the end of a heading, or in the line under a paragraph."
)
Finding = tuple[int, Message, Message]
"""Where something is in a text, what is wrong, and how to mend it."""


def _find_notes(text: str) -> Iterator[Finding]:
    notes = {match[1]: match.start(1) for match in NOTE.finditer(text)}
    marks = {match[1]: match.start() for match in reversed(list(NOTE_MARK.finditer(text)))}
    for label in marks.keys() - notes.keys():
        message = Message('there is no footnote "[^%(label)s]"', label=label)
        hint = Message(
            'Write "[^%(label)s]: …" in a paragraph of its own; for the signs themselves, "\\[".', label=label
        )
        yield marks[label], message, hint
    for label in notes.keys() - marks.keys():
        message = Message('nothing in the text leads to the footnote "[^%(label)s]"', label=label)
        yield notes[label], message, Message('Write "[^%(label)s]" where it belongs.', label=label)
    yield from _find_twice([(match[1], match.start(1)) for match in NOTE.finditer(text)], "[^%s]")


def _find_links(text: str) -> Iterator[Finding]:
    places = {_normalize(match[1]): match.start(1) for match in DEFINITION.finditer(text)}
    used = {_normalize(match[2] or match[1]): match.start() for match in reversed(list(BY_REFERENCE.finditer(text)))}
    for label in used.keys() - places.keys():
        message = Message('no line says where "[%(label)s]" leads', label=label)
        hint = Message('Write "[%(label)s]: https://…" in a line of its own, or [words](address).', label=label)
        yield used[label], message, hint
    rest = _normalize(DEFINITION.sub("", text))
    for label, position in places.items():
        if label not in used and not re.search(rf"\[{re.escape(label)}\](?![(:])", rest):
            message = Message('no link uses "[%(label)s]: …"', label=label)
            yield position, message, Message("Take the line out, or write [words][%(label)s].", label=label)
    yield from _find_twice([(_normalize(match[1]), match.start(1)) for match in DEFINITION.finditer(text)], "[%s]")


def _find_abbreviations(text: str) -> Iterator[Finding]:
    rest = re.sub(f"{ABBREVIATION.pattern}.*", "", text, flags=re.MULTILINE)
    for match in ABBREVIATION.finditer(text):
        if not re.search(rf"(?<!\w){re.escape(match[1])}(?!\w)", rest):
            message = Message('the abbreviation "%(label)s" does not occur in the text', label=match[1])
            yield match.start(), message, Message("Take the line out, or check how it is written.")


def _find_twice(places: list[tuple[str, int]], shape: str) -> Iterator[Finding]:
    """Yield all definitions of a label but the last one, which is the one that Python-Markdown takes."""
    for index, (label, position) in enumerate(places):
        if any(label == other for other, _ in places[index + 1 :]):
            message = Message('"%(label)s" is defined twice', label=shape % label)
            yield position, message, Message("Only the last one is shown: give each a name of its own.")


def _normalize(label: str) -> str:
    """Return the name of a reference as Python-Markdown compares it."""
    return LABEL_SPACE.sub(" ", label.strip()).lower()


class _LeftAttributes(Treeprocessor):
    """Collects lists of attributes that no element has taken."""

    def __init__(self, md: Markdown, extension: ReferenceExtension) -> None:
        super().__init__(md)
        self.extension = extension

    def run(self, root: Element) -> None:
        if "{" not in self.extension.source.text:
            return
        for element in root.iter():
            if element.tag not in ("code", "pre"):
                self._collect(element.text)
            self._collect(element.tail)

    def _collect(self, text: str | None) -> None:
        self.extension.left_attributes += ATTRIBUTES.findall(text or "")
