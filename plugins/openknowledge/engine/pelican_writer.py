"""Pelican's side of the engine: its signals, a writer that makes only what changed, and the last line of a build."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pelican as pelican_package
from pelican import signals
from pelican.utils import sanitised_join
from pelican.writers import Writer

from openknowledge.problems import ContentProblems, Problem, count_noun
from openknowledge.progress import ProgressCallback

from .atomic_files import write_output
from .rules import Rule, TrackedSite
from .session import BuildSession, OutputLocked
from .workers.remote_call import ClusterUnavailable

__all__ = ["finish_build", "provide_writer", "start_build"]


def start_build(pelican: Any) -> None:
    """See whether there is anything to do, before any other plugin begins."""
    pelican_package.console.quiet = False  # The summary of an earlier build in this process silenced it.
    BuildSession.of(pelican.settings).check_inputs(pelican.settings, pelican.output_path)


def provide_writer(pelican: Any) -> Any:
    """Lock the output when everything is read, and return Pelican's writer."""
    session = BuildSession.of(pelican.settings)
    if not session.is_up_to_date:
        with raising_problems():
            session.lock_output()
    return IncrementalWriter


def finish_build(pelican: Any) -> None:
    """Remove what is not made any more, write the manifest and the build state, and print the summary."""
    session = BuildSession.of(pelican.settings)
    with raising_problems():
        session.finish()
    print_summary(session)


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
        return
    except OutputLocked as locked:
        hint = "Wait until it has ended, or build into another folder: invoke build --output OTHER."
        problem = Problem(str(locked), None, None, "another build is writing here", hint)
    except ClusterUnavailable as error:
        problem = Problem("pelicanconf.py", None, error.setting, error.message, error.hint)
    except OSError as error:
        hint = "Make room, or let the build write there, and build again: what is there is whole."
        problem = Problem(str(error.filename or output), None, None, f"cannot be written: {error.strerror}", hint)
    raise ContentProblems((problem,))


def print_summary(session: BuildSession) -> None:
    """Print one line, such as `Built 126 pages and 80 feeds in 2.1 s: 4 files changed, 1 removed, no problems`."""
    counts = session.state.counts
    problem_count, fallback_count = counts.get("problems", 0), counts.get("fallbacks", 0)
    problems = count_noun(problem_count, "problem") if problem_count else "no problems"
    changes = f"{count_noun(session.changed_count, 'file')} changed, {session.removed} removed"
    built = f"{count_noun(counts.get('pages', 0), 'page')} and {count_noun(counts.get('feeds', 0), 'feed')}"
    line = f"Built {built} in {time.monotonic() - session.started_s:.1f} s: {changes}, {problems}."
    if fallback_count:
        line += f" The fast reader left {count_noun(fallback_count, 'item')} to the default one."
    pelican_package.console.print(line, soft_wrap=True, markup=False, highlight=False)
    # Pelican's own last line counts articles and pages, of which this site has none.
    pelican_package.console.quiet = True
