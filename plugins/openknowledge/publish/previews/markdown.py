"""The report as Markdown, for a pull request's comment."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote

from openknowledge.problems import Problem

from ..result import format_bytes
from ..text_templates import load_template
from .report import MAX_LISTED, ChangeReport, FileChange, transfer_size_b

__all__ = ["MARK", "escape_markdown", "format_code", "format_link", "render_failure", "render_report"]

MARK = "<!-- openknowledge preview -->"
"""The first line, by which a CI finds the comment that it wrote before."""
LONGEST = 60_000
"""GitHub takes comments of 65,536 characters."""
MAX_OPEN = 20
"""The rows of a list that are shown without unfolding it."""
MAX_FOLDED = (MAX_LISTED - MAX_OPEN, 30, 10, 0)
"""The rows of a list that can be unfolded; the next number is tried where the text would be too long."""
MAX_HEAVIEST = 5
MAX_LINE = 120
MARKUP = re.compile(r"([\\`*_{}\[\]#|~:$])")
MENTIONS = re.compile(r"([@#!$%&^~])(?=\w)")
"""What a forge takes for a person, an issue or a merge request, which it looks for after it has read the Markdown."""
ZERO_WIDTH_SPACE = "\u200b"
"""Invisible; a mention that it divides is none."""
SAFE = "/~!$*+,;=@-._"


def render_report(report: ChangeReport, preview_url: str | None) -> str:
    """Render a report; without a `preview_url` links lead to what is published."""
    template = load_template(Path(__file__).parent / "templates", "report.md.j2")
    for max_folded in MAX_FOLDED:
        rows = _Rows(report, preview_url, MAX_OPEN + max_folded)
        text = template.render(
            mark=MARK,
            max_open=MAX_OPEN,
            headline=_headline(report),
            preview_link=format_link("Open the preview", f"{preview_url}/") if preview_url is not None else "",
            comparison=_comparison(report),
            lost=rows.lost(),
            open_lists=rows.open_lists(),
            folded_lists=rows.folded_lists(),
            sizes=tuple(_sizes(report)) if report.files else (),
            heaviest=tuple(_heaviest(report)) if report.files else (),
        )
        if len(text) <= LONGEST:
            break
    return text


def render_failure(problems: Sequence[Problem], run: str) -> str:
    """Render the comment where there is no preview; `run` is where the whole output can be read."""
    where = format_link("this run", run) if run.startswith("http") else escape_markdown(run)
    rows = [
        f"- {format_code(problem.path)}: {escape_markdown(problem.message)}. {escape_markdown(problem.hint or '')}"
        for problem in problems
    ]
    lines = [MARK, "## No preview", "", f"Why is said here, and by {where}:", "", *map(str.rstrip, rows)]
    return "\n".join(lines) + "\n"


class _List(NamedTuple):
    """A list of the report: its first rows, and how many it has in all."""

    title: str
    rows: list[str]
    total: int


@dataclass(frozen=True)
class _Rows:
    """The rows of a report's lists, at most `limit` of each."""

    report: ChangeReport
    preview_url: str | None
    limit: int

    def lost(self) -> _List:
        rows = [f"- {format_code(lost.address)}: {format_code(lost.hint)}" for lost in self.report.lost[: self.limit]]
        return _List("", rows, len(self.report.lost))

    def open_lists(self) -> tuple[_List, ...]:
        return (
            self._list("Pages added", self.report.added, self._added),
            self._list("Pages changed", self.report.changed, self._changed),
            self._list("Pages removed", self.report.removed, self._removed),
        )

    def folded_lists(self) -> tuple[_List, ...]:
        return (
            self._list("Lists changed", self.report.lists, self._changed),
            self._list("Feeds touched", self.report.feeds, self._file),
            self._list("Forwards", self.report.redirects, lambda page: f"- {self._name(page)} {page.verb}"),
            self._list("Other files", self.report.others, self._file),
        )

    def _list(self, title: str, files: Sequence[FileChange], row: Callable[[FileChange], str]) -> _List:
        return _List(title, [row(file) for file in files[: self.limit]], len(files))

    def _added(self, page: FileChange) -> str:
        return f"- {self._name(page)}, {_language(page)}{_size(page)}"

    def _changed(self, page: FileChange) -> str:
        now = f" ({format_link('now', self.report.site_url + page.address)})" if self.preview_url else ""
        return f"- {self._name(page)}{now}, {_language(page)}{format_difference(page.growth_b)}"

    def _removed(self, page: FileChange) -> str:
        return f"- {format_link(format_code(page.address), self.report.site_url + page.address)} {self._fate(page)}"

    def _fate(self, page: FileChange) -> str:
        if page.redirect is None:
            is_lost = any(lost.address == page.address for lost in self.report.lost)
            return "**would be lost**" if is_lost else "is gone"
        target = page.redirect.target
        if target is None:
            return "says that it is gone"
        if target.startswith("/"):
            link = format_link(format_code(target), self.preview_url + target) if self.preview_url else None
        else:
            link = format_link(format_code(target), target)
        return f"forwards to {link or format_code(target)}"

    def _file(self, file: FileChange) -> str:
        size = _size(file) if file.after and not file.before else format_difference(file.growth_b)
        return f"- {self._name(file)} {file.verb}, {size}"

    def _name(self, file: FileChange) -> str:
        """Return the title and address of a file, linked to the preview or the published site if either has it."""
        title, address = escape_markdown(file.title), format_code(file.address)
        suffix = f" {address}" if title else ""
        if file.after is None or self.preview_url is None:
            is_published = file.before is not None
            url = self.report.site_url + file.address
            return (format_link(title or address, url) if is_published else title or address) + suffix
        return format_link(title or address, self.preview_url + file.address) + suffix


def _headline(report: ChangeReport) -> str:
    if report.is_empty:
        return "Preview: nothing changes for readers"
    counts = [
        f"{len(files):,} {noun if len(files) == 1 else f'{noun}s'} {verb}"
        for noun, verb, files in (
            ("page", "added", report.added),
            ("page", "changed", report.changed),
            ("page", "removed", report.removed),
            ("list", "changed", report.lists),
            ("feed", "touched", report.feeds),
        )
        if files
    ]
    rest = "no page changes, other files do" if report.files else "no page changes, addresses are lost"
    return f"Preview: {', '.join(counts) or rest}"


def _comparison(report: ChangeReport) -> str:
    if report.release is None:
        return f"Nothing is published at {format_code(report.site_url)} yet."
    site = format_link("what is published", f"{report.site_url}/")
    return f"Compared with {site} (release {report.release.number}, {report.release.commit.short})."


def _sizes(report: ChangeReport) -> Iterator[tuple[str, str, str, str]]:
    """Yield the rows of a table with the whole site before and after."""
    before, after = report.before, report.after
    yield "files", f"{before.files:,}", f"{after.files:,}", f"{after.files - before.files:+,}"
    for name, old_b, new_b in (
        ("bytes", before.size_b, after.size_b),
        ("bytes that travel", before.travelling_b, after.travelling_b),
    ):
        yield name, format_bytes(old_b), format_bytes(new_b), format_difference(new_b - old_b)


def _heaviest(report: ChangeReport) -> Iterator[tuple[str, list[str]]]:
    """Yield the pages that most of a difference comes from, with what each adds."""
    growing = [page for page in (*report.changed, *report.lists) if page.growth_b > 0]
    for title, pages in (("Heaviest pages added", report.added), ("Pages that grow most", growing)):
        heaviest = sorted(pages, key=lambda page: (-page.growth_b, page.address))[:MAX_HEAVIEST]
        yield title, [f"{format_code(page.address)} {format_difference(page.growth_b)}" for page in heaviest]


def _size(file: FileChange) -> str:
    """Return the size of a file, and how much of that travels."""
    assert file.after is not None
    size_b, transfer_b = file.after.size_b, transfer_size_b(file.after)
    whole = format_bytes(size_b)
    return whole if size_b == transfer_b else f"{whole} ({format_bytes(transfer_b)} compressed)"


def format_difference(size_b: int) -> str:
    """Format a difference in bytes with its sign."""
    if not size_b:
        return "±0 B"
    return f"{'+' if size_b > 0 else '−'}{format_bytes(abs(size_b))}"


def _language(page: FileChange) -> str:
    return f"{escape_markdown(page.lang)}, " if page.lang else ""


def escape_markdown(text: str) -> str:
    """Return a text as one line without markup, HTML, mentions, or characters that change the writing's direction."""
    line = " ".join("".join(sign for sign in text if sign.isspace() or _is_visible(sign)).split())
    if len(line) > MAX_LINE:
        line = line[: MAX_LINE - 1].rstrip() + "…"
    line = MARKUP.sub(r"\\\1", MENTIONS.sub(rf"\1{ZERO_WIDTH_SPACE}", line))
    return line.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def format_link(markdown: str, url: str) -> str:
    """Return a link with these words, which are Markdown already; the path of `url` is quoted."""
    scheme, mark, rest = url.partition("://")
    host, slash, path = rest.partition("/")
    return f"[{markdown}]({scheme}{mark}{host}{slash}{quote(path, safe=SAFE)})"


def format_code(text: str) -> str:
    """Return an address or a file's name as code."""
    visible = "".join(sign for sign in text if _is_visible(sign) or sign == " ")
    return f"`{visible.replace('`', '%60')}`"


def _is_visible(character: str) -> bool:
    """Return whether a character neither controls nor formats: such ones hide text, or show it in another order."""
    return unicodedata.category(character)[0] != "C"
