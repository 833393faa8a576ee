"""`invoke publish --preview NAME`: the preview, and the report in a file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import Failed, Refused
from ..result import Outcome
from .markdown import markdown, not_made
from .preview import preview, remove

if TYPE_CHECKING:
    from ..commands import Run

__all__ = ["previewed"]


def previewed(run: Run, name: str, *, is_plan: bool, is_removed: bool, report: str) -> Outcome:
    """Do what is wanted with a preview. The file has something to say also where there is none."""
    if is_removed:
        return remove(run, name)
    try:
        outcome = preview(run, name, is_plan=is_plan)
    except (Refused, Failed) as error:
        _write(report, not_made(error.problems, run.owner))
        raise
    assert outcome.report is not None
    _write(report, markdown(outcome.report, outcome.preview_url or None))
    return outcome


def _write(place: str, text: str) -> None:
    if place:
        Path(place).parent.mkdir(parents=True, exist_ok=True)
        Path(place).write_text(text, encoding="utf-8")
