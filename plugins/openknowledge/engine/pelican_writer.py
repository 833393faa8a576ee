"""Pelican's side of the engine: its signals, a writer that makes only what changed, and the last line of a build."""

import errno
import signal
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import Any

import pelican as pelican_package
from pelican import signals
from pelican.utils import sanitised_join
from pelican.writers import Writer

from openknowledge.problems import ContentProblems, Message, count_noun, operator_problem
from openknowledge.progress import ProgressCallback

from .atomic_files import TEMP_SUFFIX, write_output
from .rules import Rule, TrackedSite
from .session import BuildSession, OutputLocked
from .workers.remote_call import ClusterUnavailable

__all__ = ["finish_build", "provide_writer", "start_build"]


def start_build(pelican: Any) -> None:
    """See whether there is anything to do, before any other plugin begins."""
    pelican_package.console.quiet = False  # The summary of an earlier build in this process silenced it.
    exit_on_signals()
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

    @cached_property
    def session(self) -> BuildSession:
        """Return the session of the build."""
        return BuildSession.of(self.settings)

    def run_rule(self, rule: Rule, site: TrackedSite, progress: ProgressCallback | None) -> int:
        """Make what has changed of a rule's outputs, and return how many it has. Failure raises `ContentProblems`."""
        session = self.session
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
            BuildSession.of(self.settings).check_external(Path(self.output_path, name))
            super().write_file(name, template, context, *args, **kwargs)
            return
        path = sanitised_join(self.output_path, name)
        write_output(Path(path), template.render(view=view).encode())
        self._send_written(name, view)

    def _send_written(self, name: str, view: Any) -> None:
        signals.content_written.send(sanitised_join(self.output_path, name), context={"view": view})


def exit_on_signals() -> None:
    """Have an interruption end the process with its own status; what the process handles already stays.

    Pelican ends an interrupted build with status 0, as if it were done, and a terminated one leaves its workers.
    """
    defaults = {signal.SIGINT: signal.default_int_handler, signal.SIGTERM: signal.SIG_DFL}
    if threading.current_thread() is threading.main_thread():
        for number, default in defaults.items():
            if signal.getsignal(number) is default:
                signal.signal(number, _exit)


def _exit(number: int, _frame: Any) -> None:
    """Exit with the status that a shell gives a program which a signal has ended; a second signal ends it at once."""
    signal.signal(number, signal.SIG_DFL)
    sys.exit(128 + number)


RIGHTS = "the build may not write here", "Give the build the right to write there, or build into another folder."
WRITE_ERRORS = {
    errno.EACCES: RIGHTS,
    errno.EPERM: RIGHTS,
    errno.EROFS: RIGHTS,
    errno.ENOSPC: ("the disk is full", "Make room, and build again."),
    errno.EDQUOT: ("the disk quota is used up", "Make room, and build again."),
    errno.EFBIG: ("a file is larger than this disk takes", "Build on another disk."),
    errno.EISDIR: ("a folder is where a file belongs", "Remove the folder, and build again."),
    errno.ENOTDIR: ("a file is where a folder belongs", "Remove the file, and build again."),
    errno.EEXIST: ("a file is where a folder belongs", "Remove the file, and build again."),
    errno.ENAMETOOLONG: ("the path is too long for this disk", "Build into a folder with a shorter path."),
    errno.EMFILE: ("too many files are open", "Raise the limit of open files (ulimit -n), and build again."),
}
"""What keeps a build from writing, and how to mend it."""
UNKNOWN_WRITE_ERROR = "the disk does not take it", "Look at the disk, and build again."


@contextmanager
def raising_problems(output: str = "output") -> Iterator[None]:
    """Raise `ContentProblems` for what the folder, the disk or the cluster refuses."""
    try:
        yield
        return
    except OutputLocked as locked:
        hint = "Wait until it has ended, or build into another folder: invoke build --output OTHER."
        problem = operator_problem(str(locked), None, None, "another build is writing here", hint)
    except ClusterUnavailable as error:
        problem = operator_problem("pelicanconf.py", None, error.setting, error.message, error.hint)
    except OSError as error:
        path = Path(error.filename2 or error.filename or output)
        path = path.parent if path.name.endswith(TEMP_SUFFIX) else path
        reason, hint = WRITE_ERRORS.get(error.errno or 0, UNKNOWN_WRITE_ERROR)
        problem = operator_problem(str(path), None, None, f"cannot be written: {reason}", hint)
        raise ContentProblems((problem,), Message("The build stopped; what is there is whole.")) from None
    raise ContentProblems((problem,))


def print_summary(session: BuildSession) -> None:
    """Print one line, such as `Built 126 pages and 80 feeds in 2.1 s: 4 files changed, 1 removed, no problems`."""
    counts = session.state.counts
    problem_count, fallback_count = counts.get("problems", 0), counts.get("fallbacks", 0)
    problems = count_noun(problem_count, "problem") if problem_count else "no problems"
    changes = f"{count_noun(session.changed_count, 'file')} changed, {session.removed} removed"
    built = f"{count_noun(counts.get('pages', 0), 'page')} and {count_noun(counts.get('feeds', 0), 'feed')}"
    built = f"the {session.only} and no page" if session.only else built
    line = f"Built {built} in {time.monotonic() - session.started_s:.1f} s: {changes}, {problems}."
    if fallback_count:
        line += f" The fast reader left {count_noun(fallback_count, 'item')} to the default one."
    pelican_package.console.print(line, soft_wrap=True, markup=False, highlight=False)
    # Pelican's own last line counts articles and pages, of which this site has none.
    pelican_package.console.quiet = True
