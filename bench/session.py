"""Takes one system through everything that is measured of it."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from bench.command import BuildFailed, memory_can_be_measured, peak_bytes, seconds
from bench.preview import change_a_word, change_seconds
from bench.programs import NotAvailable
from bench.systems import System
from bench.table import COLD, MEMORY, NOTHING, PARTIAL, WORD

FOOT = 'class="colophon-name"'
"""What tells the template with the foot of every page."""
ORDER = (COLD, NOTHING, WORD, PARTIAL, MEMORY)
"""What a round takes, in this order: each but the last needs what a cold build left."""


@dataclass(frozen=True, slots=True)
class Edited:
    """The item that is edited: its file below content/, and the address of its page."""

    place: str
    page: str


class Session:
    """One system at work on one site; its edits never repeat a word."""

    def __init__(self, system: System, edited: Edited, work: Path) -> None:
        self._system = system
        self._work = work
        self._edited = edited
        self._site = work / system.folder
        self._words = _new_words(system.name)
        self._has_built = False

    def measure(self, scenario: str) -> float:
        """Seconds, or bytes for memory; raises `BuildFailed` or `NotAvailable`."""
        measures: dict[str, Callable[[], float]] = {
            COLD: self.cold,
            NOTHING: self.nothing,
            WORD: self.word,
            PARTIAL: self.partial,
            MEMORY: self.memory,
        }
        if scenario != COLD and scenario != MEMORY and not self._has_built:
            self.cold()
        return measures[scenario]()

    def cold(self) -> float:
        """A build from nothing."""
        self._system.make_cold(self._work)
        taken = seconds(self._system.command(self._work))
        self._has_built = True
        self.page()
        return taken

    def nothing(self) -> float:
        return seconds(self._system.command(self._work))

    def word(self) -> float:
        """A build after one word of the item's text has changed; the page must have it."""
        word = self.edit()
        taken = seconds(self._system.command(self._work))
        if word not in self.page():
            raise BuildFailed("the page does not have the changed word")
        return taken

    def edit(self) -> str:
        """Change a word of the item and save it; returns the new word."""
        word = next(self._words)
        change_a_word(self._site / "content" / self._edited.place, word)
        return word

    def partial(self) -> float:
        """A build after one character of the foot of all pages has changed; the page must differ."""
        before = self.page()
        path = next(one for one in self._templates() if FOOT in one.read_text("utf-8"))
        head, mark, rest = path.read_text("utf-8").partition(FOOT)
        path.write_text(head + mark + rest.replace("</p>", "·</p>", 1), "utf-8")
        taken = seconds(self._system.command(self._work))
        if self.page() == before:
            raise BuildFailed("the page is the same though its foot has changed")
        return taken

    def _templates(self) -> list[Path]:
        return sorted((self._site / "theme/templates").rglob("*.html"))

    def memory(self) -> float:
        """The peak of a cold build."""
        if not memory_can_be_measured():
            raise NotAvailable("this machine does not say what memory processes share")
        self._system.make_cold(self._work)
        peak = peak_bytes(self._system.command(self._work))
        self._has_built = True
        return peak

    def preview(self, times: int) -> list[float]:
        """A word changed again and again while the site is served."""
        port = free_port()
        server = self._system.server(self._work, port)
        return change_seconds(server, port, self._edited.page, [self.edit] * times)

    def page(self) -> str:
        """The item's page as it was built."""
        path = self._site / "output" / self._edited.page.strip("/") / "index.html"
        if not path.is_file():
            raise BuildFailed(f"there is no page {self._edited.page}")
        return path.read_text("utf-8")

    def size(self) -> tuple[int, int]:
        """How many pages were built, and their bytes together."""
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
