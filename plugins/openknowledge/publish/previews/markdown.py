"""The report as Markdown, for a pull request's comment."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from openknowledge.problems import Problem

from .escaping import escape_markdown, format_code, format_link
from .report import MAX_LISTED, ChangeReport, FileChange
from .sizes import grown, heaviest, size, weights

__all__ = ["MARK", "render_failure", "render_report"]

MARK = "<!-- openknowledge preview -->"
"""The first line, by which a CI finds the comment that it wrote before."""
LONGEST = 60_000
"""GitHub takes comments of 65,536 characters."""
OPEN = 20
"""So many rows of a list are shown at once."""
FOLDED = (MAX_LISTED - OPEN, 30, 10, 0)
"""So many more can be unfolded: fewer where the whole would be too long."""


def render_report(report: ChangeReport, preview_url: str | None) -> str:
    """The same report gives the same text. Without a `preview_url` links lead to what is published."""
    for folded in FOLDED:
        text = "\n".join(_Page(report, preview_url, folded).lines()) + "\n"
        if len(text) <= LONGEST:
            break
    return text


def render_failure(problems: Sequence[Problem], run: str) -> str:
    """What the comment says where there is no preview; `run` is where the whole of it can be read."""
    where = format_link("this run", run) if run.startswith("http") else escape_markdown(run)
    lines = [MARK, "## No preview", "", f"Why is said here, and by {where}:", ""]
    lines += [
        f"- {format_code(one.path)}: {escape_markdown(one.message)}. {escape_markdown(one.hint or '')}".rstrip()
        for one in problems
    ]
    return "\n".join(lines) + "\n"


@dataclass(frozen=True)
class _Page:
    report: ChangeReport
    preview_url: str | None
    folded: int

    def lines(self) -> Iterator[str]:
        report = self.report
        yield MARK
        yield f"## {_headline(report)}"
        yield ""
        yield self._compared()
        yield from self._losses()
        yield from self._list("Pages added", report.added, self._added)
        yield from self._list("Pages changed", report.changed, self._changed)
        yield from self._list("Pages removed", report.removed, self._removed)
        yield from self._aside("Lists changed", report.lists, self._changed)
        yield from self._aside("Feeds touched", report.feeds, self._file)
        yield from self._aside("Forwards", report.redirects, self._forward)
        yield from self._aside("Other files", report.others, self._file)
        if report.files:
            yield from weights(report)
            yield from heaviest(report)

    def _compared(self) -> str:
        report = self.report
        site = format_link("what is published", f"{report.site_url}/")
        found = f"release {report.release.number}, {report.release.commit.short}" if report.release else ""
        beside = (
            f"Compared with {site} ({found})."
            if found
            else f"Nothing is published at {format_code(report.site_url)} yet."
        )
        if self.preview_url is None:
            return beside
        return f"**{format_link('Open the preview', f'{self.preview_url}/')}**. {beside}"

    def _losses(self) -> Iterator[str]:
        losses = self.report.lost
        if not losses:
            return
        yield ""
        yield f"### ⚠ Addresses that would be lost ({len(losses):,})"
        yield ""
        yield "Each was published once, and would lead nowhere. Somebody has to say what becomes of it before a merge."
        yield ""
        rows = [f"- {format_code(loss.address)}: {format_code(loss.hint)}" for loss in losses[: OPEN + self.folded]]
        yield from self._rows(rows, len(losses))

    def _list(self, title: str, files: Sequence[FileChange], row: Callable[[FileChange], str]) -> Iterator[str]:
        if not files:
            return
        yield ""
        yield f"### {title} ({len(files):,})"
        yield ""
        yield from self._rows([row(one) for one in files[: OPEN + self.folded]], len(files))

    def _aside(self, title: str, files: Sequence[FileChange], row: Callable[[FileChange], str]) -> Iterator[str]:
        """A list that is there to be unfolded as a whole."""
        if files:
            count = OPEN + self.folded
            rows = [row(one) for one in files[:count]]
            yield from _folded(f"{title} ({len(files):,})", rows, len(files) - len(rows))

    def _rows(self, rows: Sequence[str], total: int) -> Iterator[str]:
        yield from rows[:OPEN]
        if more := rows[OPEN:]:
            yield from _folded(f"and {total - OPEN:,} more", more, total - len(rows))
        elif total > len(rows):
            yield _left(total - len(rows))

    def _added(self, one: FileChange) -> str:
        assert one.after is not None
        return f"- {self._named(one)}, {_language(one)}{size(one.after)}"

    def _changed(self, one: FileChange) -> str:
        now = format_link("now", self.report.site_url + one.address)
        beside = f" ({now})" if self.preview_url else ""
        return f"- {self._named(one)}{beside}, {_language(one)}{grown(one.growth_b)}"

    def _removed(self, one: FileChange) -> str:
        return f"- {format_link(format_code(one.address), self.report.site_url + one.address)} {self._fate(one)}"

    def _fate(self, one: FileChange) -> str:
        if one.redirect is None:
            return "**would be lost**" if self._is_lost(one) else "is gone"
        if one.redirect.target is None:
            return "says that it is gone"
        return f"forwards to {self._target(one.redirect.target)}"

    def _is_lost(self, one: FileChange) -> bool:
        return any(loss.address == one.address for loss in self.report.lost)

    def _target(self, target: str) -> str:
        if not target.startswith("/"):
            return format_link(format_code(target), target)
        return format_link(format_code(target), self._url(target)) if self.preview_url else format_code(target)

    def _forward(self, one: FileChange) -> str:
        return f"- {self._named(one)} {one.verb}"

    def _file(self, one: FileChange) -> str:
        weight = size(one.after) if one.after and not one.before else grown(one.growth_b)
        return f"- {self._named(one)} {one.verb}, {weight}"

    def _named(self, one: FileChange) -> str:
        """A link to the preview, or to what is published; none where neither has it. A title has its address beside."""
        words, address = escape_markdown(one.title), format_code(one.address)
        beside = f" {address}" if words else ""
        if one.after is None:
            return format_link(words or address, self.report.site_url + one.address) + beside
        if self.preview_url is None and one.before is None:
            return (words or address) + beside
        return format_link(words or address, self._url(one.address)) + beside

    def _url(self, address: str) -> str:
        return (self.preview_url or self.report.site_url) + address


def _folded(summary: str, rows: Sequence[str], left: int) -> Iterator[str]:
    yield ""
    yield f"<details><summary>{summary}</summary>"
    yield ""
    yield from rows
    if left:
        yield _left(left)
    yield ""
    yield "</details>"


def _left(count: int) -> str:
    return f"- and {count:,} more, which only the JSON lists"


def _headline(report: ChangeReport) -> str:
    if report.is_empty:
        return "Preview: nothing changes for readers"
    counts = [
        f"{len(pages):,} {'page' if len(pages) == 1 else 'pages'} {verb}"
        for verb, pages in (("added", report.added), ("changed", report.changed), ("removed", report.removed))
        if pages
    ]
    counts += [f"{len(report.lists):,} {'list' if len(report.lists) == 1 else 'lists'} changed"] if report.lists else []
    counts += [f"{len(report.feeds):,} {'feed' if len(report.feeds) == 1 else 'feeds'} touched"] if report.feeds else []
    rest = "no page changes, other files do" if report.files else "no page changes, addresses are lost"
    return f"Preview: {', '.join(counts) or rest}"


def _language(one: FileChange) -> str:
    return f"{escape_markdown(one.lang)}, " if one.lang else ""
