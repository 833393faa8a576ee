"""`invoke publish --preview NAME`: the preview, and the report in a file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import PublishFailed, PublishRefused
from ..result import PublishResult
from .markdown import render_failure, render_report
from .preview import publish_preview, remove_preview

if TYPE_CHECKING:
    from ..commands import Publisher

__all__ = ["run_preview"]


def run_preview(run: Publisher, name: str, *, is_plan: bool, is_removed: bool, report: str) -> PublishResult:
    """Do what is wanted with a preview. The file has something to say also where there is none."""
    if is_removed:
        return remove_preview(run, name)
    try:
        outcome = publish_preview(run, name, is_plan=is_plan)
    except (PublishRefused, PublishFailed) as error:
        _write(report, render_failure(error.problems, run.owner))
        raise
    assert outcome.report is not None
    _write(report, render_report(outcome.report, outcome.preview_url or None))
    return outcome


def _write(place: str, text: str) -> None:
    if place:
        Path(place).parent.mkdir(parents=True, exist_ok=True)
        Path(place).write_text(text, encoding="utf-8")
