"""Pelican's side of the engine: a writer that makes only what has changed, and the last line of a build."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pelican
from pelican import signals
from pelican.utils import sanitised_join
from pelican.writers import Writer

from openknowledge.problems import ContentProblems, Problem

from .atomic_files import write_output
from .rules import Rule, TrackedSite
from .session import BuildSession, OutputLocked
from .workers.remote_call import ClusterUnavailable

if TYPE_CHECKING:
    from openknowledge.progress import ProgressCallback

__all__ = ["IncrementalWriter", "print_summary", "raising_problems"]


class IncrementalWriter(Writer):  # type: ignore[misc]
    """Runs rules, and writes views; any other page goes the stock writer's way."""

    def run_rule(self, rule: Rule, site: TrackedSite, progress: ProgressCallback | None) -> int:
        """Make what has changed of a rule's outputs, and return how many it has. Failure raises `ContentProblems`."""
        session = BuildSession.of(self.settings)
        assert session.scheduler is not None
        session.scheduler.on_written = self._send_written if signals.content_written.receivers else None
        with raising_problems(self.output_path):
            try:
                return session.run_rule(rule, site, progress)
            except ContentProblems:
                session.discard_new_files()
                raise

    def write_file(self, name: str, template: Any, context: Any, *args: Any, **kwargs: Any) -> None:
        """Write a view that is among the arguments; Pelican calls this for its own pages too."""
        view = kwargs.get("view")
        if view is None:
            super().write_file(name, template, context, *args, **kwargs)
            return
        path = sanitised_join(self.output_path, name)
        write_output(Path(path), template.render(view=view).encode())
        self._send_written(name, view)

    def _send_written(self, name: str, view: Any) -> None:
        signals.content_written.send(sanitised_join(self.output_path, name), context={"view": view})


@contextmanager
def raising_problems(output: str = "output") -> Iterator[None]:
    """Raise `ContentProblems` for what the folder, the disk or the cluster refuses."""
    try:
        yield
    except OutputLocked as locked:
        hint = "Wait until it has ended, or build into another folder: invoke build --output OTHER."
        problem = Problem(str(locked), None, None, "another build is writing here", hint)
        raise ContentProblems((problem,)) from None
    except ClusterUnavailable as error:
        problem = Problem("pelicanconf.py", None, error.setting, error.message, error.hint)
        raise ContentProblems((problem,)) from None
    except OSError as error:
        hint = "Make room, or let the build write there, and build again: what is there is whole."
        problem = Problem(str(error.filename or output), None, None, f"cannot be written: {error.strerror}", hint)
        raise ContentProblems((problem,)) from None


def print_summary(session: BuildSession) -> None:
    """Print what was built, as in `Built 126 pages and 80 feeds in 2.1 s: 4 files changed, 1 removed, no problems`."""
    counts = session.state.counts
    seconds = time.monotonic() - session.started_s
    problem_count, fallback_count = counts.get("problems", 0), counts.get("fallbacks", 0)
    problems = _count(problem_count, "problem") if problem_count else "no problems"
    changes = f"{_count(session.changed_count, 'file')} changed, {session.removed} removed"
    made = f"{_count(counts.get('pages', 0), 'page')} and {_count(counts.get('feeds', 0), 'feed')}"
    fallbacks = f" The fast reader left {_count(fallback_count, 'item')} to the default one." if fallback_count else ""
    line = f"Built {made} in {seconds:.1f} s: {changes}, {problems}.{fallbacks}"
    pelican.console.print(line, soft_wrap=True, markup=False, highlight=False)
    # Pelican's own last line counts articles and pages, of which this site has none.
    pelican.console.quiet = True


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
