"""Builds in a long-running process: each build reuses what the last one parsed and rendered."""

import gc
import logging
import traceback
from functools import _lru_cache_wrapper
from pathlib import Path
from typing import Any

from pelican import Pelican, signals
from pelican.log import init as begin_logging
from pelican.settings import read_settings

from openknowledge.engine.session import BuildSession
from openknowledge.problems import ContentProblems
from openknowledge.rendering.locale import load_gettext, message_lang
from openknowledge.rendering.render import MacroCache

from .handler import PreviewOutcome, PreviewState
from .problem_panel import PagedProblem, read_problems

__all__ = ["PreviewBuilder"]

SETTINGS = "pelicanconf.py"
PROBLEMS = "problems.json"
OWN_MODULES = "openknowledge."
COLLECT_EVERY = 10
"""After how many builds cycles are collected: each leaves half a megabyte of them, and no collection runs meanwhile."""
RENEW_EVERY = 100
"""After how many builds caches let go of what was not used since; those with fewer entries are left alone."""


class PreviewBuilder:
    """Builds a project's site into the preview's folder, the viewed page first.

    Not thread-safe: Pelican's signals and settings belong to the process.
    """

    def __init__(self, project: Path, state: PreviewState, today: str = "") -> None:
        self._project = project
        self._state = state
        self._today = today
        self._session = BuildSession()
        self._build_count = 0
        self._problems = state.root.parent / PROBLEMS
        begin_logging(level=logging.WARNING, fatal="errors")
        state.set_outcome(PreviewOutcome(self._findings()))

    def build(self) -> PreviewOutcome:
        """Build once and publish the outcome in the preview's state; only an interruption is raised."""
        gc.disable()  # With a large site in memory each collection costs as much as an edit.
        try:
            with (
                signals.all_generators_finalized.connected_to(self._show_problems),
                signals.content_written.connected_to(self._record_page),
            ):
                outcome = self._outcome()
        finally:
            gc.enable()
        self._state.finish_build(outcome)
        self._build_count += 1
        if self._build_count % COLLECT_EVERY == 0:
            gc.collect()
        if self._build_count % RENEW_EVERY == 0:
            _renew_caches()
        return outcome

    def _outcome(self) -> PreviewOutcome:
        try:
            settings = self._settings()
            self._state.gettext, self._state.lang = load_gettext(settings), message_lang(settings)
            Pelican(settings).run()
        except ContentProblems as error:
            print(error.localize(self._state.gettext), flush=True)
            problems = tuple(map(PagedProblem, error.problems))
            return PreviewOutcome(problems, error.summary.localize(self._state.gettext))
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

    def _show_problems(self, _generators: Any) -> None:
        """Update the state as soon as the problems are known."""
        self._state.set_outcome(PreviewOutcome(self._findings()))

    def _record_page(self, path: str, **_: Any) -> None:
        """Update the state as soon as a page is written."""
        self._state.record_written(Path(path).relative_to(self._state.root).as_posix())

    def _findings(self) -> tuple[PagedProblem, ...]:
        """Return the problems of the last build that read the content; an earlier process may have run it."""
        try:
            return read_problems(self._problems.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return ()


def _renew_caches() -> None:
    """Empty the caches that get an entry with each edit and are full after thousands of them: markup, words, texts."""
    for one in gc.get_objects():
        if isinstance(one, MacroCache):
            one.drop_older()
        elif isinstance(one, _lru_cache_wrapper) and one.__module__.startswith(OWN_MODULES):
            usage = one.cache_info()
            if usage.maxsize is not None and usage.currsize > RENEW_EVERY:
                one.cache_clear()


def _last_line(error: BaseException) -> str:
    """Return an exception in one line: `TemplateSyntaxError: unexpected '}' (theme/templates/base.html:3)`."""
    text = traceback.format_exception_only(error)[-1].strip()
    name, _, message = text.partition(": ")
    return f"{name.rpartition('.')[2]}: {message}" if message else text
