"""Takes one system through everything that is measured of it."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

from bench.command import BuildFailed, Usage, can_measure_memory, measure_peak, run_command
from bench.preview import change_a_word, measure_changes
from bench.programs import NotAvailable
from bench.systems import System
from bench.table import AFTER_EDIT, COLD, NOTHING, PARTIAL, WORD

FOOT_MARK = 'class="colophon-name"'
"""Tells the template with the foot of every page."""
ORDER = (COLD, NOTHING, WORD, AFTER_EDIT, PARTIAL)
"""The builds of a round: each needs what the one before it left."""


class EditedItem(NamedTuple):
    """The item that is edited: its file below content/, and the address of its page."""

    file: str
    page: str


class Session:
    """One system at work on one site; its edits never repeat a word."""

    def __init__(self, system: System, edited: EditedItem, work: Path) -> None:
        self._system = system
        self._work = work
        self._edited = edited
        self._site = work / system.folder
        self._words = _new_words(system.name)
        self._has_built = False

    def measure(self, scenario: str) -> Usage:
        """Build the site as a scenario says; raises `BuildFailed` or `NotAvailable` where that cannot be measured."""
        builds: dict[str, Callable[[], Usage]] = {
            COLD: self.build_cold,
            NOTHING: self.build,
            WORD: self.build_after_word,
            AFTER_EDIT: self.build_after_edit,
            PARTIAL: self.build_after_partial,
        }
        if scenario != COLD and not self._has_built:
            self.build_cold()
        return builds[scenario]()

    def build(self) -> Usage:
        return run_command(self._system.command(self._work))

    def build_cold(self) -> Usage:
        """Build from nothing; the page must be there."""
        self._system.clear(self._work)
        usage = self.build()
        self._has_built = True
        self.page()
        return usage

    def build_after_word(self) -> Usage:
        """Build after one word of the item's text has changed; the page must have it."""
        word = self.edit()
        usage = self.build()
        if word not in self.page():
            raise BuildFailed("the page does not have the changed word")
        return usage

    def build_after_edit(self) -> Usage:
        """Build once more, right after a word has changed and the site was built."""
        self.build_after_word()
        return self.build()

    def build_after_partial(self) -> Usage:
        """Build after one character of the foot of all pages has changed; the page must differ."""
        before = self.page()
        templates = sorted((self._site / "theme/templates").rglob("*.html"))
        path = next(path for path in templates if FOOT_MARK in path.read_text("utf-8"))
        head, mark, rest = path.read_text("utf-8").partition(FOOT_MARK)
        path.write_text(head + mark + rest.replace("</p>", "·</p>", 1), "utf-8")
        usage = self.build()
        if self.page() == before:
            raise BuildFailed("the page is the same though its foot has changed")
        return usage

    def edit(self) -> str:
        """Change a word of the item, save it and return the new word."""
        word = next(self._words)
        change_a_word(self._site / "content" / self._edited.file, word)
        return word

    def measure_memory(self) -> float:
        """Return the peak of a cold build in bytes."""
        if not can_measure_memory():
            raise NotAvailable("this machine does not say what memory processes share")
        self._system.clear(self._work)
        peak_b = measure_peak(self._system.command(self._work))
        self._has_built = True
        return peak_b

    def measure_previews(self, times: int) -> list[float]:
        """Return the seconds of edits while the site is served."""
        port = free_port()
        server = self._system.server(self._work, port)
        return measure_changes(server, port, self._edited.page, [self.edit] * times)

    def page(self) -> str:
        """Return the item's page as it was built; raises `BuildFailed` if it was not."""
        path = self._site / "output" / self._edited.page.strip("/") / "index.html"
        if not path.is_file():
            raise BuildFailed(f"there is no page {self._edited.page}")
        return path.read_text("utf-8")

    def size(self) -> tuple[int, int]:
        """Return the number of pages, and their bytes together."""
        sizes = [path.stat().st_size for path in (self._site / "output").rglob("*.html")]
        return len(sizes), sum(sizes)


def _new_words(name: str) -> Iterator[str]:
    number = 0
    while True:
        number += 1
        yield f"Changed{name}{number:04d}"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
