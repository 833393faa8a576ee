"""What the preview adds to a page: the problems that concern it, and the script that reloads it."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from html import escape
from pathlib import PurePosixPath
from urllib.parse import unquote, urlsplit

from ..catalogue.problems import Problem

STYLESHEET = "/_preview.css"
SCRIPT = "/_preview.js"

HEAD_END = re.compile(r"</head\s*>", re.IGNORECASE)
BODY_START = re.compile(r"<body\b[^>]*>", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Finding:
    """A problem, and the addresses of its item's pages where the build knows them."""

    problem: Problem
    urls: tuple[str, ...] = ()

    def concerns(self, target: str) -> bool:
        """Whether the page at `target` is one of the item's; without addresses its slug decides."""
        path = unquote(urlsplit(target).path)
        if self.urls:
            return path in self.urls
        return PurePosixPath(path).stem == slug_of(self.problem.path)


def slug_of(path: str) -> str:
    """The slug of the item in a file: `x` for `content/courses/x/index.en.md` and for `x.en.md`."""
    place = PurePosixPath(path)
    base = place.name.split(".")[0]
    return place.parent.name if base == "index" else base


def read_findings(text: str) -> tuple[Finding, ...]:
    """The problems that a build has written as JSON."""
    return tuple(
        Finding(
            Problem(entry["path"], entry.get("line"), entry.get("field"), entry["message"], entry.get("hint")),
            tuple(entry.get("urls") or ()),
        )
        for entry in json.loads(text)
    )


def with_panel(page: str, target: str, build: str, findings: tuple[Finding, ...], crash: str = "") -> str:
    """The page at `target` with the script that follows builds, and a panel where anything is wrong."""
    script = f'<script src="{SCRIPT}" data-build="{escape(build)}" defer></script>'
    shown = panel(target, findings, crash)
    if shown:
        script = f'<link rel="stylesheet" href="{STYLESHEET}">{script}'
    page = _insert(page, script, HEAD_END, after=False)
    return _insert(page, shown, BODY_START, after=True) if shown else page


def panel(target: str, findings: tuple[Finding, ...], crash: str = "") -> str:
    """The problems of the item at `target`, then a line that opens all of them; empty if there are none."""
    if not findings and not crash:
        return ""
    here = tuple(finding for finding in findings if finding.concerns(target))
    parts = []
    if crash:
        parts.append(f"<p><strong>The site could not be built; this is how it last was.</strong></p>{_told(crash)}")
    if here:
        parts.append(f"<p><strong>{_counted(len(here), 'problem')} in this item</strong></p>{_list(here)}")
    if findings and here != findings:
        files = len({finding.problem.path for finding in findings})
        line = f"{_counted(len(findings), 'problem')} in {_counted(files, 'file')} of the site"
        parts.append(f"<details><summary>{line}</summary>{_list(findings)}</details>")
    return f'<div class="preview-panel" role="alert" lang="en">{"".join(parts)}</div>'


def _list(findings: tuple[Finding, ...]) -> str:
    return f"<ol>{''.join(_item(finding.problem) for finding in findings)}</ol>"


def _item(problem: Problem) -> str:
    where = problem.path if problem.line is None else f"{problem.path}:{problem.line}"
    what = f"{problem.field}: {problem.message}" if problem.field else problem.message
    hint = f'<p class="preview-hint">{escape(problem.hint)}</p>' if problem.hint else ""
    return f"<li><code>{escape(where)}</code><p>{escape(what)}</p>{hint}</li>"


def _told(crash: str) -> str:
    """The last line of what the build said, with the rest within reach."""
    lines = crash.strip().splitlines() or ["The build said nothing."]
    return f"<details open><summary>{escape(lines[-1])}</summary><pre>{escape(crash.strip())}</pre></details>"


def _insert(page: str, markup: str, place: re.Pattern[str], after: bool) -> str:
    """Put `markup` at the first match of `place`, or in front of a page that has none."""
    match = place.search(page)
    if match is None:
        return markup + page
    at = match.end() if after else match.start()
    return page[:at] + markup + page[at:]


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
