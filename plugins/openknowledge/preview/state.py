"""The state of a preview: what it shows, and which pages are open."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Condition

from .problem_panel import PagedProblem

__all__ = ["PreviewOutcome", "PreviewState"]


@dataclass(frozen=True, slots=True)
class PreviewOutcome:
    """The outcome of a build.

    `crash` is a line that says why there was no build; `is_unexpected` marks a fault of the code.
    """

    problems: tuple[PagedProblem, ...] = ()
    crash: str = ""
    is_unexpected: bool = False


class PreviewState:
    """The folder that is shown, its problems, and the pages that browsers have open.

    Before the end of the first build of an empty folder the state is not `ready`, because missing pages may still come.
    Pages are named by their files below `root`.
    """

    def __init__(self, root: Path, ready: bool = True) -> None:
        self.root = root
        self.ready = ready
        self.outcome = PreviewOutcome()
        self._requested = ""
        self._viewed_pages: list[str] = []
        self._changes = 0
        self._changed = Condition()

    @property
    def viewed_path(self) -> str:
        """The page that was opened last, of those that are open; without any, the one that was requested last."""
        with self._changed:
            return self._viewed_pages[-1] if self._viewed_pages else self._requested

    def record_request(self, page: str) -> None:
        """Record that a page was requested."""
        self._requested = page

    @contextmanager
    def viewing(self, page: str) -> Iterator[None]:
        """Record that a browser has the page open as long as the block runs."""
        with self._changed:
            self._viewed_pages.append(page)
        try:
            yield
        finally:
            with self._changed:
                self._viewed_pages.remove(page)

    def record_written(self, page: str) -> None:
        """Wake the viewers of a page that was written."""
        with self._changed:
            if page in self._viewed_pages:
                self._notify()

    def set_outcome(self, outcome: PreviewOutcome) -> None:
        """Record the problems, perhaps before the build has ended."""
        with self._changed:
            self.outcome = outcome
            self._notify()

    def finish_build(self, outcome: PreviewOutcome) -> None:
        """Record the end of a build."""
        self.ready = self.ready or not outcome.crash
        self.set_outcome(outcome)

    def _notify(self) -> None:
        self._changes += 1
        self._changed.notify_all()

    def wait_for_change(self, known: int, timeout_s: float) -> int:
        """Wait until there are more changes than `known`, or for a time; return the number of changes."""
        with self._changed:
            self._changed.wait_for(lambda: self._changes != known, timeout_s)
            return self._changes
