"""Links of a text that mean the same after files have moved and pages have other addresses."""

import posixpath
import re
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

from openknowledge.content.local_files import FileProblem, find_local_file
from openknowledge.content.text_links import PREFIXES, names_other_server
from openknowledge.model.values import Ref
from openknowledge.url_paths import normalize

from .source_text import FieldPath, SourceText, is_group, is_list, read_source

__all__ = ["LinkMender", "Moves"]

CODE = re.compile(
    r"^(?P<fence>```+|~~~+).*?^(?P=fence)|(?P<ticks>`+)(?!`).*?(?<!`)(?P=ticks)(?!`)", re.DOTALL | re.MULTILINE
)
"""Code, in which nothing is a link."""
LINK = re.compile(
    r"""\]\(\s*<(?P<angle>[^<>\n]+)>"""
    r"""|\]\(\s*(?P<plain>[^\s<>()]+(?:\([^\s()]*\)[^\s<>()]*)*)"""
    r"""|^\ {0,3}\[[^\]\n]+\]:[^\S\n]*<?(?P<definition>[^\s<>]+)"""
    r"""|\b(?:href|src)="(?P<attribute>[^"\n]*)\""""
    r"""|<(?P<auto>https?://[^\s<>]+)>"""
    r"""|(?<=\{)(?P<placeholder>\w+:[\w./-]+)(?=\})""",
    re.MULTILINE,
)
"""Where Markdown has the target of a link or picture, or the name of an item."""
NOT_MENDED = ("aliases", "from")
"""Fields with addresses of the past."""


@dataclass(frozen=True)
class Moves:
    """Files and folders of the content by old path, and their new paths; both count from the content folder."""

    paths: Mapping[str, str]

    def apply(self, path: str) -> str:
        """Return the path of a file or folder after the moves."""
        for old, new in self.paths.items():
            if path == old or path.startswith(f"{old}/"):
                return new + path[len(old) :]
        return path


@dataclass(frozen=True)
class LinkMender:
    """Mends what the files below `root` say of each other; `root` is as it was before the moves.

    `addresses` has the new address for each old one, normalized; `site` is what whole addresses of the site begin with.
    `old` and `new` are the references of the renamed item. `fields` are the fields that name it, by file.
    """

    root: Path
    moves: Moves
    old: Ref
    new: Ref
    fields: Mapping[str, tuple[FieldPath, ...]] = field(default_factory=dict)
    addresses: Mapping[str, str] = field(default_factory=dict)
    site: str = ""

    def mend(self, path: str, text: str) -> str:
        """Return the text of the file with this old path, as it reads after the moves."""
        folder = posixpath.dirname(path)
        new_folder = posixpath.dirname(self.moves.apply(path))

        def mend_target(target: str) -> str:
            return self._mend_target(target, folder, new_folder)

        if path.endswith(".jsonl"):
            return self._mend_rows(text, {str(one[-1]) for one in self.fields.get(path, ())})
        if path.endswith((".yaml", ".yml")):
            return self._mend_fields(SourceText("", text, ""), path, mend_target).front
        source = read_source(text)
        if source is None:
            return text
        source = self._mend_fields(source, path, mend_target)
        parts = (_mend_text(part, mend_target) for part in (source.front, source.tail))
        return source.head + "".join(parts)

    def _mend_fields(self, source: SourceText, path: str, mend_target: Callable[[str], str]) -> SourceText:
        """Return a front matter whose references and paths are mended; quotes and remarks stay."""
        front, named = source.front, self.fields.get(path, ())
        scalars = [one for one in source.fields() if not is_group(one.node) and not is_list(one.node)]
        for one in sorted(scalars, key=lambda one: one.span, reverse=True):
            begin, end = one.span
            value = str(one.node.value)
            if one.path in named:
                new = {self.old.slug: self.new.slug, str(self.old): str(self.new)}.get(value, value)
            elif one.path[0] in NOT_MENDED or one.path[-1] in NOT_MENDED or not re.search(r"[/.]", value):
                continue
            else:
                new = mend_target(value) if not re.search(r"\s", value) else value
            if new != value:
                front = front[:begin] + front[begin:end].replace(value, new) + front[end:]
        return SourceText(source.head, front, source.tail)

    def _mend_rows(self, text: str, names: Collection[str]) -> str:
        """Return the rows of a snapshot with the new slug in the fields of these names."""
        for name in names:
            field_start = rf'("{re.escape(name)}": *)"{re.escape(self.old.slug)}"'
            text = re.sub(field_start, lambda match: f'{match[1]}"{self.new.slug}"', text)
        return text

    def _mend_target(self, target: str, folder: str, new_folder: str) -> str:
        """Return a target as it stands in a file of a folder that may have moved itself."""
        name = re.fullmatch(r"(\w+):([\w./-]+)", target)
        if name is not None:
            whole, short = name[2] == str(self.old), (name[1], name[2]) == (self.old.kind, self.old.slug)
            return f"{name[1]}:{self.new}" if whole else f"{name[1]}:{self.new.slug}" if short else target
        address = self._mend_address(target)
        if address is not None:
            return address
        if target.startswith("#") or names_other_server(target):
            return target
        prefix = next((prefix for prefix in PREFIXES if target.startswith(prefix)), "")
        try:
            file = find_local_file(self.root, folder, target.removeprefix(prefix))
        except FileProblem:
            return target
        return prefix + self._mend_path(target.removeprefix(prefix), file.path, file.suffix, folder, new_folder)

    def _mend_path(self, written: str, path: str, suffix: str, folder: str, new_folder: str) -> str:
        new = self.moves.apply(path)
        if new == path and (folder == new_folder or written.startswith("/")):
            return written
        shown = f"/{new}" if written.startswith("/") else posixpath.relpath(new, new_folder)
        if shown == posixpath.normpath(written.removesuffix(suffix)):
            return written
        slash = "/" if written.removesuffix(suffix).endswith("/") else ""
        return (quote(shown) if "%" in written else shown) + slash + suffix

    def _mend_address(self, target: str) -> str | None:
        """Return an address of the site that has another one now; None where the target is none."""
        base = self.site if self.site and target.startswith(f"{self.site}/") else ""
        path = re.split(r"[?#]", target.removeprefix(base))[0]
        if not path.startswith("/") or path.startswith("//"):
            return None
        new = self.addresses.get(normalize(path))
        return None if new is None else base + new + target.removeprefix(base)[len(path) :]


def _mend_text(text: str, mend_target: Callable[[str], str]) -> str:
    """Return a text with its links mended, code left alone."""

    def replace(match: re.Match[str]) -> str:
        group = str(match.lastgroup)
        begin, end = (place - match.start() for place in match.span(group))
        whole = match[0]
        return whole[:begin] + mend_target(match[group]) + whole[end:]

    return "".join(part if is_code else LINK.sub(replace, part) for is_code, part in _split_code(text))


def _split_code(text: str) -> Iterator[tuple[bool, str]]:
    """Yield the parts of a text, and whether each is code."""
    position = 0
    for match in CODE.finditer(text):
        yield False, text[position : match.start()]
        yield True, match[0]
        position = match.end()
    yield False, text[position:]
