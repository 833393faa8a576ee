"""What the preview adds to a page: its problems, and the script that follows it."""

import json
import re
from dataclasses import dataclass
from html import escape
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import unquote, urlsplit

from openknowledge.engine.digest import digest_bytes
from openknowledge.problems import Gettext, Message, Problem, count_files, count_problems, total, total_files

PREFIX = "/__preview/"
STYLESHEET = f"{PREFIX}preview.css"
SCRIPT = f"{PREFIX}preview.js"

HEAD_START = re.compile(r"<head\b[^>]*>", re.IGNORECASE)
BODY_START = re.compile(r"<body\b[^>]*>", re.IGNORECASE)

STOPPED = Message("The site could not be built; this is how it last was.")


@dataclass(frozen=True, slots=True)
class PagedProblem:
    """A problem, with the addresses of its item's pages where the build knows them."""

    problem: Problem
    urls: tuple[str, ...] = ()

    def concerns(self, target: str) -> bool:
        """Return whether the page at `target` belongs to the item; without addresses its slug decides."""
        path = unquote(urlsplit(target).path)
        if self.urls:
            return path in self.urls
        file = PurePosixPath(self.problem.path)
        name = file.name.partition(".")[0]
        return PurePosixPath(path).stem == (file.parent.name if name == "index" else name)


def read_problems(text: str) -> tuple[PagedProblem, ...]:
    """Return the problems that a build has written as JSON."""
    rows = [
        {"line": None, "field": None, "hint": None, "urls": (), "count": 1, "files": 1, **row}
        for row in json.loads(text)
    ]
    return tuple(PagedProblem(_read_problem(row), tuple(row["urls"] or ())) for row in rows)


def _read_problem(row: dict[str, Any]) -> Problem:
    hint = Message(row["hint"]) if row["hint"] else None
    return Problem(row["path"], row["line"], row["field"], Message(row["message"]), hint, row["count"], row["files"])


def with_script(page: str, panel_markup: str, version: str) -> str:
    """Return a page with the script that follows its changes, and with a panel where there is one.

    The script precedes all others, because it has to see the page as it was sent.
    """
    head = f'<script src="{SCRIPT}" type="module" data-version="{escape(version)}"></script>'
    if panel_markup:
        head = f'{head}<link rel="stylesheet" href="{STYLESHEET}">'
    page = _insert(page, head, HEAD_START)
    return _insert(page, panel_markup, BODY_START) if panel_markup else page


def page_version(status: int, path: Path | None, panel_markup: str) -> str:
    """Return a text that differs between states of a page: from its file's stamp and its panel."""
    try:
        stat = path.stat() if path is not None else None
    except FileNotFoundError:
        stat = None
    stamp = f"{stat.st_mtime_ns}-{stat.st_size}" if stat is not None else ""
    return digest_bytes(f"{status} {path} {stamp} {panel_markup}".encode()).hex()


def panel(
    target: str, findings: tuple[PagedProblem, ...], crash: str = "", gettext: Gettext = str, lang: str = "en"
) -> str:
    """Return the problems of the item at `target`, and a line that opens all others; empty if there are none.

    `gettext` translates messages into the language `lang`.
    """
    if not findings and not crash:
        return ""
    own = tuple(finding.problem for finding in findings if finding.concerns(target))
    parts = []
    if crash:
        parts.append(f"<p><strong>{escape(STOPPED.localize(gettext))}</strong></p><p><code>{escape(crash)}</code></p>")
    if own:
        heading = Message("%(problems)s in this item", problems=count_problems(total(own)))
        parts.append(f"<p><strong>{escape(heading.localize(gettext))}</strong></p>{_list(own, gettext)}")
    if len(own) < len(findings):
        problems = tuple(finding.problem for finding in findings)
        counts = {"problems": count_problems(total(problems)), "files": count_files(total_files(problems))}
        line = Message("%(problems)s in %(files)s of the site", **counts)
        summary = f"<summary>{escape(line.localize(gettext))}</summary>"
        parts.append(f"<details{' open' if crash else ''}>{summary}{_list(problems, gettext)}</details>")
    return f'<div class="preview-panel" role="alert" lang="{escape(lang)}">{"".join(parts)}</div>'


def _list(problems: tuple[Problem, ...], gettext: Gettext) -> str:
    items = []
    for problem in problems:
        message = problem.message.localize(gettext)
        what = f"{problem.field}: {message}" if problem.field else message
        hint = f'<p class="preview-hint">{escape(problem.hint.localize(gettext))}</p>' if problem.hint else ""
        items.append(f"<li><code>{escape(problem.location)}</code><p>{escape(what)}</p>{hint}</li>")
    return f"<ol>{''.join(items)}</ol>"


def _insert(page: str, markup: str, position: re.Pattern[str]) -> str:
    """Insert `markup` after the first match of `position`, or before a page that has none."""
    match = position.search(page)
    end = match.end() if match else 0
    return page[:end] + markup + page[end:]
