"""Boxes: set apart, folded, numbered, and referred to by their labels."""

import re
from collections.abc import Sequence
from xml.etree.ElementTree import Element, SubElement

from markdown import Markdown
from markdown.extensions import Extension
from markdown.extensions.admonition import AdmonitionProcessor
from markdown.preprocessors import Preprocessor
from markdown.treeprocessors import Treeprocessor

from openknowledge.problems import Message, TextIssue

from .fences import QUOTE, FenceExtension, find_level

__all__ = ["NAMED_KINDS", "NUMBERED_KINDS", "BoxExtension", "find_issues"]

NUMBERED_KINDS = (
    *("theorem", "lemma", "proposition", "corollary", "definition", "example", "exercise", "remark", "question"),
)
"""Kinds of boxes that are numbered, each kind for itself."""
NAMED_KINDS = (
    *NUMBERED_KINDS,
    *("proof", "solution", "answer", "hint", "details", "note", "info", "tip", "important", "warning", "caution"),
    *("attention", "danger", "error", "success", "quote", "summary"),
)
"""Kinds whose names are known in every language of the site; another one is shown as it is written."""
HEADER = re.compile(
    r"(?:^|\n)(?P<mark>!!!|\?\?\?\+?) ?(?P<kind>[\w-]+(?: +[\w-]+)*)(?: +\"(?P<title>.*)\")?"
    r"(?: *\{:? *(?P<attributes>[^{}\n]*)\})? *(?:\n|$)"
)
BEGINS = re.compile(r"(?P<lead> *(?:> ?)* *)(?:!!!|\?\?\?\+?) *[\w\"“]")
LABEL = re.compile(r"(?:^| )#(\S+)")
CLASS = re.compile(r"(?:^| )\.(\S+)")
TITLE = "admonition-title"
INDENT = 4

DETAILS = re.compile(
    r"^(?P<lead>[ >]*)<details(?P<attributes>[^>\n]*)>(?:[\s>]*<summary[^>\n]*>(?P<title>.*?)</summary>)?",
    re.MULTILINE | re.DOTALL | re.IGNORECASE,
)
END = re.compile(r"(?P<before>[^\n]*?)</details>", re.IGNORECASE)
ID_OR_CLASS = re.compile(r"\b(id|class)=[\"']?([^\"'>]+)")


class BoxExtension(Extension):
    """Python-Markdown's admonitions with what a textbook needs, instead of its extension `admonition`."""

    def __init__(self, source: FenceExtension) -> None:
        super().__init__()
        self.source = source
        self.labels: dict[str, list[Element | str]] = {}
        self.wrong_labels: list[tuple[str, Message, Message]] = []

    def reset(self) -> None:
        """Forget the text before."""
        self.labels, self.wrong_labels = {}, []

    def find_issues(self) -> list[TextIssue]:
        """Return what is wrong with boxes, their labels and the links to them."""
        issues = [TextIssue(self.source.find_line(words, 1), *issue) for words, *issue in self.wrong_labels]
        return issues + (find_issues(self.source.rows, self.source.plain_rows) if self.has_boxes else [])

    @property
    def has_boxes(self) -> bool:
        """Return whether there may be boxes in the text."""
        return "!!!" in self.source.text or "???" in self.source.text

    def extendMarkdown(self, md: Markdown) -> None:
        """Register what reads the boxes, and what numbers them before and refers to them after the text is read."""
        md.registerExtension(self)
        md.preprocessors.register(_DetailsPreprocessor(md), "details", 24)
        md.parser.blockprocessors.register(_BoxProcessor(md.parser), "admonition", 105)
        md.treeprocessors.register(_BoxTreeprocessor(md, self), "boxes", 30)
        md.treeprocessors.register(_ReferenceTreeprocessor(md, self), "references", 4)


class _DetailsPreprocessor(Preprocessor):
    """Rewrites `<details>` as a box, so that the Markdown in it is read at any depth."""

    def run(self, lines: list[str]) -> list[str]:
        if not any("<details" in line.lower() for line in lines):
            return lines
        return _rewrite_details("\n".join(lines)).split("\n")


def _rewrite_details(text: str) -> str:
    """Return a text with a box for each `<details>` that is closed, from the last one to the first."""
    for match in reversed(list(DETAILS.finditer(text))):
        end = END.search(text, match.end())
        if end is not None:
            lead, body = match["lead"], text[match.end() : end.start()] + end["before"]
            rest = text[end.end() :].lstrip(" ")
            box = [
                lead.rstrip(),
                _write_header(match),
                *_indent_body(body.strip("\n").split("\n"), lead),
                lead.rstrip(),
            ]
            after = rest if rest.startswith("\n") or not rest else f"\n{lead}{rest}"
            text = text[: match.start()] + "\n".join(box) + after
    return text


def _write_header(match: re.Match[str]) -> str:
    """Return the first line of a box for the beginning of a `<details>`."""
    mark = "???+" if re.search(r"\bopen\b", match["attributes"]) else "???"
    title = " ".join((match["title"] or "").split())
    names = [
        f"#{value}" if name == "id" else " ".join(f".{part}" for part in value.split())
        for name, value in ID_OR_CLASS.findall(match["attributes"])
    ]
    shown = f' "{title}"' if title else ""
    return f"{match['lead']}{mark} details{shown}" + (f" {{{' '.join(names)}}}" if names else "")


def _indent_body(rows: Sequence[str], lead: str) -> list[str]:
    """Return rows of a box with its lead, and indented as Python-Markdown wants them."""
    depth = lead.count(">")
    plain = [re.sub(rf"^ *(?:> ?){{0,{depth}}}", "", row) if depth else row for row in rows]
    margins = [len(row) - len(row.lstrip()) for row in plain if row.strip()]
    margin = min(margins, default=0)
    before = lead + " " * INDENT
    return [f"{before}{row[margin:]}" if row.strip() else lead.rstrip() for row in plain]


class _BoxProcessor(AdmonitionProcessor):
    """Reads boxes; what their first line says besides the kind goes to `_BoxTreeprocessor` as classes."""

    RE = HEADER

    def get_class_and_title(self, match: re.Match[str]) -> tuple[str, str | None]:
        kind, *others = match["kind"].lower().split()
        attributes = match["attributes"] or ""
        marks = ["fold"] if match["mark"].startswith("?") else []
        marks += ["open"] if match["mark"].endswith("+") else []
        marks += ["untitled"] if match["title"] is None else []
        label = LABEL.search(attributes)
        names = [kind, *others, *CLASS.findall(attributes), "|", *marks, *([f"#{label[1]}"] if label else [])]
        return " ".join(names), match["title"] or None


class _BoxTreeprocessor(Treeprocessor):
    """Folds, titles and numbers the boxes, in their order."""

    def __init__(self, md: Markdown, extension: BoxExtension) -> None:
        super().__init__(md)
        self.extension = extension

    def run(self, root: Element) -> None:
        counts: dict[str, int] = {}
        for box in root.iter("div"):
            names, bar, marks = box.get("class", "").partition(" | ")
            if not bar and not names.endswith(" |"):
                continue
            kind = names.split()[1]
            box.set("class", names.removesuffix(" |"))
            if kind in NUMBERED_KINDS:
                counts[kind] = counts.get(kind, 0) + 1
            self._finish(box, kind, counts.get(kind), marks.split())

    def _finish(self, box: Element, kind: str, number: int | None, marks: list[str]) -> None:
        """Give a box its title, its label and the elements that fold."""
        title = box[0] if len(box) and box[0].get("class") == TITLE else None
        is_fold = "fold" in marks
        if title is None and ("untitled" in marks or is_fold or number is not None):
            title = Element("p", {"class": TITLE})
            box.insert(0, title)
        words = title.text if title is not None else None
        named: list[Element | str] = [words or ""]
        if title is not None and (number is not None or not words):
            named = [_name_kind(kind, number)]
            title.text = ""
            title.append(_name_kind(kind, number))
            title[-1].tail = f" ({words})" if words else ""
        if is_fold and title is not None:
            box.tag, title.tag = "details", "summary"
            if "open" in marks:
                box.set("open", "open")
        for label in (mark[1:] for mark in marks if mark.startswith("#")):
            box.set("id", label)
            if label in self.extension.labels:
                message = Message('two boxes have the label "#%(label)s"', label=label)
                self.extension.wrong_labels.append((f"#{label}", message, Message("Give each box a label of its own.")))
            self.extension.labels[label] = named


def _name_kind(kind: str, number: int | None) -> Element:
    """Return an element for the name of a kind, which the page writes in its language, and the number."""
    if kind not in NAMED_KINDS:
        element = Element("span")
        element.text = kind.capitalize()
        return element
    return Element("data", {"class": "word", "value": kind if number is None else f"{kind} {number}"})


class _ReferenceTreeprocessor(Treeprocessor):
    """Gives links without words the name and number of the box, or the words of the heading, that they lead to."""

    def __init__(self, md: Markdown, extension: BoxExtension) -> None:
        super().__init__(md)
        self.extension = extension

    def run(self, root: Element) -> None:
        empty = [
            link for link in root.iter("a") if not len(link) and not (link.text or "").strip() and link.get("href")
        ]
        if not empty:
            return
        words = {element.get("id"): "".join(element.itertext()) for element in root.iter() if element.get("id")}
        for link in empty:
            target = link.get("href", "")
            label = target.removeprefix("#")
            named = self.extension.labels.get(label) or [words.get(label, "")]
            # A label that nothing has is found where all anchors are checked.
            if not target.startswith("#") or (named == [""] and label in words):
                message = Message('the link to "%(target)s" has no words', target=target)
                hint = Message(
                    "Write its words between the brackets; only a box or heading of this text gives its own."
                )
                self.extension.wrong_labels.append((f"({target}", message, hint))
            for part in named:
                if isinstance(part, str):
                    link.text = part
                else:
                    SubElement(link, part.tag, part.attrib).text = part.text


def find_issues(rows: Sequence[str], plain_rows: Sequence[str]) -> list[TextIssue]:
    """Return what is wrong with the first lines of boxes; the plain rows have no code in them."""
    issues = []
    for index, row in enumerate(plain_rows):
        match = BEGINS.match(row)
        if not match or _is_code(rows, index, match["lead"]):
            continue
        header = HEADER.fullmatch(row[len(match["lead"]) :])
        if header is None or (header["title"] is None and " " in header["kind"].strip()):
            message = Message("the first line of a box cannot be read")
            hint = Message('Write the kind, and the title in straight quotes: !!! note "Before you begin"')
            issues.append(TextIssue(index + 1, message, hint))
        elif not _has_body(rows, index, match["lead"]):
            message = Message("a box has no text")
            issues.append(TextIssue(index + 1, message, Message("Indent by four spaces what belongs into it.")))
    return issues


def _is_code(rows: Sequence[str], index: int, lead: str) -> bool:
    """Return whether a row is so far in that it is code, and no box in a list."""
    quote = QUOTE.match(lead)
    indent = len(lead) - (quote.end() if quote else 0)
    return indent >= INDENT and not quote and find_level(rows[:index], indent) * INDENT + INDENT <= indent


def _has_body(rows: Sequence[str], index: int, lead: str) -> bool:
    """Return whether the first row of words after a box's first line is indented under it."""
    depth = lead.count(">")
    for row in rows[index + 1 :]:
        plain = re.sub(rf"^ *(?:> ?){{0,{depth}}}", "", row) if depth else row
        if plain.strip():
            own = len(lead) if not depth else len(lead[QUOTE.match(lead).end() :])  # type: ignore[union-attr]
            return len(plain) - len(plain.lstrip()) >= own + INDENT
        if depth and row.count(">") < depth:
            return False
    return False
