"""What a preview shows at this moment, and who is looking at it."""

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
    """What became of a build. `crash` says in a line why there was none; `is_spoilt`: nobody foresaw that."""

    problems: tuple[PagedProblem, ...] = ()
    crash: str = ""
    is_unexpected: bool = False


class PreviewState:
    """The folder that is shown, what is wrong with it, and the pages that readers have before them.

    Before the first build of an empty folder has ended the stand is not `ready`: what is not there may still come.
    Pages are named by their files below `root`.
    """

    def __init__(self, root: Path, ready: bool = True) -> None:
        self.root = root
        self.ready = ready
        self.outcome = PreviewOutcome()
        self._asked = ""
        self._shown: list[str] = []
        self._news = 0
        self._changed = Condition()

    @property
    def viewed_path(self) -> str:
        """The page that was opened last, of those that are open; without any the one that was asked for last."""
        with self._changed:
            return self._shown[-1] if self._shown else self._asked

    def record_request(self, page: str) -> None:
        """Somebody has fetched a page."""
        self._asked = page

    @contextmanager
    def viewing(self, page: str) -> Iterator[None]:
        """A browser has the page before it as long as the block runs."""
        with self._changed:
            self._shown.append(page)
        try:
            yield
        finally:
            with self._changed:
                self._shown.remove(page)

    def record_written(self, page: str) -> None:
        """Wake those who look at a page that was just written; nobody else has anything new."""
        with self._changed:
            if page in self._shown:
                self._notify()

    def set_outcome(self, outcome: PreviewOutcome) -> None:
        """What is wrong is known, perhaps before the build has ended."""
        with self._changed:
            self.outcome = outcome
            self._notify()

    def finish_build(self, outcome: PreviewOutcome) -> None:
        """A build has ended."""
        self.ready = self.ready or not outcome.crash
        self.set_outcome(outcome)

    def _notify(self) -> None:
        self._news += 1
        self._changed.notify_all()

    def wait_for_change(self, known: int, timeout_s: float) -> int:
        """How much news there has been, as soon as it is more than what is known, or when the time is up."""
        with self._changed:
            self._changed.wait_for(lambda: self._news != known, timeout_s)
            return self._news
