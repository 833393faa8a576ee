"""The links and pictures of a text: what they mean, written in one form, and what is wrong with them.

Whatever way an editor writes a path, the text has it as `{static}/courses/algebra/notes.pdf` where it means a file, and
as `{filename}/courses/algebra/index.md` where it means an item: percent-encoded, by its real name from the content
folder. A link to a file says how large that is (`data-bytes`).
"""

import html
import os
import re
from collections.abc import Callable, Collection, Iterator
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote, unquote

from openknowledge.model.values import Html
from openknowledge.problems import Message, Problem, suggest_spelling
from openknowledge.project_files import TEXT_LIMIT_B, read_project_file

from .local_files import NO_FILE, FileProblem, LocalFile, explain_link, explain_picture, find_local_file
from .markdown.render import PAGE_IDS
from .media_files import can_run, clean_media, is_drawing
from .pictures import NO_PICTURE, is_picture, name_target

__all__ = [
    *(
        "ALWAYS_THERE",
        "FILE_PREFIX",
        "ITEM_PREFIX",
        "FileReference",
        "ResolvedText",
        "TextLink",
        "list_ids",
        "list_file_references",
    ),
    *("PREFIXES", "explain_anchor", "names_other_server", "resolve_links"),
]

FILE_PREFIX, ITEM_PREFIX = "{static}", "{filename}"
PREFIXES = (ITEM_PREFIX, FILE_PREFIX, "{attach}")
"""What Pelican writes before a path; a path means the same without it."""
NOT_IN_TARGETS = re.compile(r"^[\x00-\x20]+|[\t\n\r]|[\x00-\x20]+$")
SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
TAG = re.compile(r'<(a|img)\b((?:[^>"]++|"[^"]*")*+)>')
TARGET = re.compile(r'\b(?:href|src)="([^"]*)"')
ALTERNATIVE = re.compile(r'\balt="([^"]*)"')
FILE_REFERENCE = re.compile(
    r'="\{(?:(?<=\b(?P<href>href)="\{)|(?<=\bsrc="\{))(?:static|(?P<item>filename))\}/(?P<path>[^"#?]*)'
)
"""It begins with letters, which are looked for at once, so that most of a text costs nothing."""
ID = re.compile(r'<[a-z][a-z0-9]*\b(?:[^>"]|"[^"]*")*?\bid="([^"]*)"')
ALWAYS_THERE = ("", "top")
"""Fragments that browsers take for the beginning of any page."""


class TextLink(NamedTuple):
    """A link as it is written, where that is, and as it is meant.

    `file` counts from the content folder: an item's, or a picture. It is empty for a link to an `address` of the site.
    `anchor` has no mark.
    """

    path: str
    line: int | None
    field: str | None
    target: str
    file: str
    anchor: str
    address: str = ""


class ResolvedText(NamedTuple):
    """A text whose links are in one form, its links to items and to addresses of the site, and what is wrong."""

    html: Html
    links: tuple[TextLink, ...]
    problems: tuple[Problem, ...]


class FileReference(NamedTuple):
    """A file that a text with links in one form shows or links to, by its path from the content folder."""

    path: str
    is_item: bool
    is_download: bool


def resolve_links(
    markup: Html, path: str, root: Path, find_line: Callable[[str], int | None], field: str | None = None
) -> ResolvedText:
    """Return a text of the file `path` with its links in one form.

    `root` is the content folder, whose name `path` begins with. `find_line` returns the line on which something is
    written. `field` is the field that the text is of; a whole text is of none.
    """
    resolver = _LinkResolver(markup, path, root, find_line, field)
    resolved = Html(TAG.sub(resolver.resolve_tag, markup)) if "<a" in markup or "<img" in markup else markup
    return ResolvedText(resolved, tuple(resolver.links), tuple(resolver.problems))


def list_file_references(markup: Html) -> Iterator[FileReference]:
    """Yield the files that a text with links in one form shows or links to."""
    for href, item, path in FILE_REFERENCE.findall(markup):
        yield FileReference(unquote(path), bool(item), bool(href and not item))


def list_ids(markup: Html) -> list[str]:
    """Return the ids of a text, in order."""
    return [html.unescape(name) for name in ID.findall(markup)] if "id=" in markup else []


def names_other_server(target: str) -> bool:
    """Return whether browsers take a target for an address of another server.

    They leave out blanks around it and tabs and line ends in it, and read a backslash as a slash (WHATWG URL Standard,
    section 4.4).
    """
    plain = NOT_IN_TARGETS.sub("", target).replace("\\", "/")
    return plain.startswith("//") or SCHEME.match(plain) is not None


class _LinkResolver:
    """Writes the targets of a text in one form, and collects what is wrong with them."""

    def __init__(
        self, markup: Html, path: str, root: Path, find_line: Callable[[str], int | None], field: str | None
    ) -> None:
        self.markup, self.path, self.root, self.find_line, self.field = markup, path, root, find_line, field
        self.folder = path.partition("/")[2].rpartition("/")[0]
        self.links: list[TextLink] = []
        self.problems: list[Problem] = []

    def resolve_tag(self, tag: re.Match[str]) -> str:
        """Return a tag with its target in one form."""
        found = TARGET.search(tag[2])
        if found is None:
            return tag[0]
        target = html.unescape(found[1])
        resolve = self._resolve_picture if tag[1] == "img" else self._resolve_link
        resolved, size_b = resolve(target, tag[2])
        if resolved is None:
            return tag[0]
        size = f' data-bytes="{size_b}"' if size_b is not None else ""
        start, end = found.span(1)
        return f"<{tag[1]}{size}{tag[2][:start]}{html.escape(resolved)}{tag[2][end:]}>"

    def _resolve_link(self, target: str, _attributes: str) -> tuple[str | None, int | None]:
        """Return a link's target in one form, and the size of the file; nothing where it stays as it is."""
        if target.startswith("#"):
            self._check_anchor(target)
        elif target.startswith("/") and not names_other_server(target):
            self._add_link(target, "", address=target)
        elif not names_other_server(target):
            try:
                file = self._find(target)
            except FileProblem as problem:
                self._report(target, *explain_link(target, problem))
                return None, None
            if file.path.endswith(".md"):
                self._add_link(target, file.path, _fragment(file.suffix))
                return f"{ITEM_PREFIX}/{quote(file.path)}{file.suffix}", None
            self._check_media(file, target)
            return f"{FILE_PREFIX}/{quote(file.path)}{file.suffix}", file.size_b
        return None, None

    def _resolve_picture(self, target: str, attributes: str) -> tuple[str | None, None]:
        alternative = ALTERNATIVE.search(attributes)
        if alternative is None or not alternative[1].strip():
            message = Message('the picture "%(target)s" has no alternative text', target=target)
            hint = Message("Write what it shows between the square brackets: ![a student at a blackboard](…).")
            self._report(target, message, hint)
        if names_other_server(target):
            message = Message('the picture "%(target)s" lies on another server', target=target)
            hint = Message("Put the file beside this one: a page asks no other server for anything.")
            self._report(target, message, hint)
            return None, None
        try:
            file = self._find(target)
        except FileProblem as problem:
            self._report(target, *explain_picture(target, problem))
            return None, None
        self._check_media(file, target)
        if not is_picture(file.path):
            message, hint = NO_PICTURE
            self._report(target, name_target(message, target), hint)
        return f"{FILE_PREFIX}/{quote(file.path)}{file.suffix}", None

    def _find(self, target: str) -> LocalFile:
        """Return the file that a target means; for a folder its item's file. Raises `FileProblem` if there is none."""
        path = target
        if target.startswith("{"):
            prefix = next((prefix for prefix in PREFIXES if target.startswith(prefix)), None)
            if prefix is None:
                hint = Message("Before a path only {filename} and {static} may stand in braces; neither is needed.")
                raise FileProblem(NO_FILE, hint)
            path = target.removeprefix(prefix)
        if not path or path.startswith("?"):
            raise FileProblem(NO_FILE, Message("Write an address or the path of a file in the parentheses."))
        file = find_local_file(self.root, self.folder, path)
        if not file.is_folder:
            return file
        names = sorted(os.listdir(self.root / file.path))  # noqa: PTH208 - names alone
        index = next((name for name in ("index.md", *names) if name in names and _is_index(name)), None)
        if index is None:
            raise FileProblem(Message("a folder"), Message("Write the path of a file in it."))
        return LocalFile(f"{file.path}/{index}", file.suffix)

    def _check_media(self, file: LocalFile, target: str) -> None:
        """Report what is wrong with a file that the text shows or links to."""
        if can_run(file.path):
            message = Message('"%(target)s" is of a type that could run as part of the site', target=target)
            self._report(target, message, Message("Publish it as PDF, as text or in a ZIP file."))
        # A drawing that is too large is reported where pictures are made.
        elif is_drawing(file.path) and file.size_b <= TEXT_LIMIT_B:
            try:
                clean_media(file.path, read_project_file(self.root / file.path, self.root, TEXT_LIMIT_B))
            except (ValueError, OSError) as error:
                message = Message('"%(target)s" is not an SVG drawing (%(reason)s)', target=target, reason=str(error))
                self._report(target, message, Message("Export it again as plain SVG, or as PNG."))
        elif is_picture(file.path):
            self._add_link(target, file.path)

    def _add_link(self, target: str, file: str, anchor: str = "", address: str = "") -> None:
        self.links.append(TextLink(self.path, self._line(target), self.field, target, file, anchor, address))

    def _check_anchor(self, target: str) -> None:
        if self.field is not None:
            self._add_link(target, self.path.partition("/")[2], _fragment(target))
            return
        problem = explain_anchor(_fragment(target), list_ids(self.markup))
        if problem is not None:
            self._report(target, Message('nothing in this text has the anchor "%(anchor)s"', anchor=target), problem)

    def _line(self, target: str) -> int | None:
        """Return the line of a target, which readers may have encoded, where it stands as one."""
        words = dict.fromkeys((target, unquote(target), html.escape(target)) if target else (")", "<>)"))
        written = (mark + word for mark in ("](", "](<", "]: ", '="', "<", "") for word in words)
        return next((line for text in written if (line := self.find_line(text)) is not None), None)

    def _report(self, target: str, message: Message, hint: Message) -> None:
        self.problems.append(Problem(self.path, self._line(target), self.field, message, hint))


def explain_anchor(anchor: str, ids: Collection[str]) -> Message | None:
    """Return what to write instead of an anchor that is none of the ids; None where it is one, or one of the theme."""
    if anchor in ALWAYS_THERE or anchor in ids or anchor.startswith(":~:") or PAGE_IDS.fullmatch(anchor):
        return None
    near = suggest_spelling(anchor, ids)
    if near is not None:
        return Message("Anchors are made of the words of headings: %(near)s", near=near)
    return Message("Anchors are made of the words of headings: ## First steps is #first-steps.")


def _fragment(suffix: str) -> str:
    """Return the fragment of what follows a path, without its mark."""
    return unquote(suffix.partition("#")[2])


def _is_index(name: str) -> bool:
    return name.startswith("index.") and name.endswith(".md")
