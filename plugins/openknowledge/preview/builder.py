"""Builds in a long-running process: each build reuses what the last one parsed and rendered."""

from __future__ import annotations

import gc
import logging
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from pelican import Pelican, signals
from pelican.log import init as begin_logging
from pelican.settings import read_settings

from openknowledge.engine.session import BuildSession
from openknowledge.problems import ContentProblems

from .problem_panel import PagedProblem, read_problems
from .state import PreviewOutcome, PreviewState

__all__ = ["PreviewBuilder"]

SETTINGS = "pelicanconf.py"
PROBLEMS = "problems.json"


class PreviewBuilder:
    """Builds a project's site into the preview's folder, the viewed page first.

    Not thread-safe: Pelican's signals and settings belong to the process.
    """

    def __init__(self, project: Path, state: PreviewState, today: str = "") -> None:
        self._project = project
        self._state = state
        self._today = today
        self._session = BuildSession()
        self._problems = state.root.parent / PROBLEMS
        begin_logging(level=logging.WARNING, fatal="errors")
        state.set_outcome(PreviewOutcome(self._findings()))

    def build(self) -> PreviewOutcome:
        """Build once and publish the outcome in the preview's state; only an interruption is raised."""
        with self._signals_connected(), _gc_paused():
            outcome = self._outcome()
        self._state.finish_build(outcome)
        return outcome

    def _outcome(self) -> PreviewOutcome:
        try:
            Pelican(self._settings()).run()
        except ContentProblems as error:
            print(*error.problems, error, sep="\n", flush=True)
            return PreviewOutcome(tuple(map(PagedProblem, error.problems)), str(error))
        except (Exception, SystemExit) as error:
            traceback.print_exc()
            return PreviewOutcome(self._findings(), f"{_last_line(error)} (see the terminal)", is_unexpected=True)
        return PreviewOutcome(self._findings())

    def _settings(self) -> Any:
        overrides: dict[str, Any] = {
            "OUTPUT_PATH": str(self._state.root),
            "KEEP_GOING": True,
            "PROBLEMS_FILE": str(self._problems),
            "BUILD_SESSION": self._session,
        }
        self._session.viewed_path = self._state.viewed_path
        if self._today:
            overrides["BUILD_DATE"] = self._today
        return read_settings(str(self._project / SETTINGS), override=overrides)

    @contextmanager
    def _signals_connected(self) -> Iterator[None]:
        """Update the state as soon as the problems are known, and as soon as a page is written."""

        def report_problems(_generators: Any) -> None:
            self._state.set_outcome(PreviewOutcome(self._findings()))

        def record_page(path: str, **_: Any) -> None:
            self._state.record_written(Path(path).relative_to(self._state.root).as_posix())

        with (
            signals.all_generators_finalized.connected_to(report_problems),
            signals.content_written.connected_to(record_page),
        ):
            yield

    def _findings(self) -> tuple[PagedProblem, ...]:
        """Return the problems of the last build that read the content; an earlier process may have run it."""
        try:
            return read_problems(self._problems.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return ()


@contextmanager
def _gc_paused() -> Iterator[None]:
    """Pause the cyclic garbage collector: with a large site in memory each collection costs as much as an edit."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def _last_line(error: BaseException) -> str:
    """Return an exception in one line: `TemplateSyntaxError: unexpected '}' (theme/templates/base.html:3)`."""
    text = traceback.format_exception_only(error)[-1].strip()
    name, _, message = text.partition(": ")
    return f"{name.rpartition('.')[2]}: {message}" if message else text
