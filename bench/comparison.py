"""Builds one made-up site with every system in turn and prints how they compare: `invoke bench`."""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import signal
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from bench import programs, table
from bench.command import BuildFailed
from bench.corpus import Corpus
from bench.programs import NotAvailable
from bench.session import ORDER, Edited, Session
from bench.sources import place_of
from bench.systems import FAST, OURS, SYSTEMS, System
from bench.table import COLD, LARGE_COLD, LARGE_WORD, MEMORY, PREVIEW, WORD, Goal, Key, Measured

DOCUMENT = programs.ROOT / "docs/performance.md"
TIMES_AS_LARGE = 10
LABELS = {system.name: system.label for system in SYSTEMS}


def main(argv: Sequence[str] | None = None) -> None:
    """Measure what was asked for, print it, and keep it where that was asked for."""
    options = _options(argv)
    # What ends this program politely must also end the servers and remove the sites that it started.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("Stopped."))
    best = FAST.name if _why_not(FAST) is None else OURS.name
    rows = [row for row in table.goals(best) if row.name in options.only]
    comparison = Comparison(options, rows)
    comparison.run()
    text = comparison.text()
    print(f"\n{text}")
    if options.json:
        options.json.write_text(comparison.json(), "utf-8")
    if options.write:
        table.write_into(DOCUMENT, text)


def _options(argv: Sequence[str] | None) -> argparse.Namespace:
    names = list(dict.fromkeys(row.name for row in table.goals(OURS.name)))
    parser = argparse.ArgumentParser(prog="bench", description=__doc__)
    parser.add_argument("--items", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--only", type=_chosen_of(names), default=None, metavar="ROW,ROW", help=", ".join(names))
    parser.add_argument("--systems", type=_chosen_of(LABELS), default=list(LABELS), metavar="NAME,NAME")
    parser.add_argument("--scale", action="store_true", help="also build ten times as many items")
    parser.add_argument("--json", type=Path, metavar="FILE")
    parser.add_argument("--write", action="store_true", help=f"write the table into docs/{DOCUMENT.name}")
    options = parser.parse_args(argv)
    is_whole = options.only is None
    options.only = [name for name in options.only or names if name != "scale" or options.scale or not is_whole]
    options.with_all = is_whole
    return options


def _chosen_of(names: Iterable[str]) -> Callable[[str], list[str]]:
    known = list(names)

    def chosen(text: str) -> list[str]:
        found = [name for name in text.split(",") if name]
        if unknown := [name for name in found if name not in known]:
            raise argparse.ArgumentTypeError(f"there is no {', '.join(unknown)}; choose from {', '.join(known)}")
        return found or known

    return chosen


def _why_not(system: System) -> str | None:
    """Why a system cannot be run here; None where it can."""
    try:
        system.build()
        system.release()
    except (NotAvailable, BuildFailed, OSError) as reason:
        return str(reason)
    return None


class Comparison:
    """The systems on one corpus, and all that was measured of them."""

    def __init__(self, options: argparse.Namespace, rows: Sequence[Goal]) -> None:
        self._options = options
        self._rows = rows
        self._samples: dict[Key, list[float]] = defaultdict(list)
        self._missing: dict[Key, str] = {}
        self._sizes: dict[str, tuple[int, int]] = {}
        self._wanted = self._all_wanted()
        self._places: list[str] = []

    def _all_wanted(self) -> dict[System, list[str]]:
        """What is to be measured of each system. A whole run also builds what no goal is set beside, once cold."""
        keys = [key for row in self._rows for key in (row.ours, row.beside)]
        if self._options.with_all:
            keys += [(name, scenario) for name in LABELS for scenario in (COLD, MEMORY)]
        chosen = [system for system in SYSTEMS if system.name in self._options.systems]
        return {system: list(dict.fromkeys(kind for name, kind in keys if name == system.name)) for system in chosen}

    def run(self) -> None:
        """The rounds, with the systems in turn; then the previews, which start once; then the large site."""
        for system in [system for system in self._wanted if self._leave_out(system)]:
            del self._wanted[system]
        with self._at_work(Corpus(self._options.items)) as sessions:
            for number in range(1, self._options.rounds + 1):
                for system, session in sessions.items():
                    self._round(number, system, session)
            for system, session in sessions.items():
                if PREVIEW in self._wanted[system]:
                    self._preview(system, session)
        large = [system for system, kinds in self._wanted.items() if LARGE_COLD in kinds]
        if large:
            self._large(large[0])

    def _leave_out(self, system: System) -> bool:
        """Note that a system cannot be run, where it cannot."""
        reason = _why_not(system)
        for scenario in self._wanted[system] if reason else ():
            self._missing[system.name, scenario] = str(reason)
        return reason is not None or not self._wanted[system]

    @contextmanager
    def _at_work(self, corpus: Corpus) -> Iterator[dict[System, Session]]:
        """The systems with their sites in a folder that is gone afterwards."""
        work = programs.work_folder(corpus.size)
        place = "a memory file system" if programs.is_in_memory(work) else "the disk's temporary folder"
        self._places.append(place)
        _say(f"{corpus.size:,} items on {place}")
        try:
            for system in self._wanted:
                if not (work / system.folder).exists():
                    system.prepare(corpus, work / system.folder)
            item = corpus.newest()
            place = place_of(item)
            yield {one: Session(one, Edited(place, one.page(item)), work) for one in self._wanted}
        finally:
            shutil.rmtree(work, ignore_errors=True)

    def _round(self, number: int, system: System, session: Session) -> None:
        for scenario in ORDER:
            if scenario in self._wanted[system]:
                self._take((system.name, scenario), lambda: [session.measure(scenario)], f"round {number}: ")  # noqa: B023
        self._sizes[system.name] = session.size()

    def _preview(self, system: System, session: Session) -> None:
        self._take((system.name, PREVIEW), lambda: session.preview(self._options.rounds))

    def _large(self, system: System) -> None:
        """One cold build and as many edits as there are rounds, of ten times the items."""
        self._wanted = {system: []}
        with self._at_work(Corpus(self._options.items * TIMES_AS_LARGE)) as sessions:
            session = sessions[system]
            self._take((system.name, LARGE_COLD), lambda: [session.cold()])
            for _ in range(self._options.rounds):
                self._take((system.name, LARGE_WORD), lambda: [session.measure(WORD)])

    def _take(self, key: Key, measure: Callable[[], list[float]], prefix: str = "") -> None:
        """Keep what a measurement gives, or why it gave nothing."""
        if key in self._missing:
            return
        try:
            found = measure()
        except (BuildFailed, NotAvailable) as reason:
            self._missing[key] = str(reason)
            self._samples.pop(key, None)
            _say(f"{prefix}{LABELS[key[0]]}, {key[1]}: not available: {reason}")
            return
        self._samples[key] += found
        values = ", ".join(table.shown(Measured((value,)), key) for value in found)
        _say(f"{prefix}{LABELS[key[0]]}, {key[1]}: {values}")

    def results(self) -> dict[Key, Measured]:
        measured = {key: Measured(tuple(samples)) for key, samples in self._samples.items()}
        return measured | {key: Measured(missing=reason) for key, reason in self._missing.items()}

    def text(self) -> str:
        """Both tables, and what they were measured on."""
        results = self.results()
        labels = {name: label for name, label in LABELS.items() if name in self._options.systems}
        goals, systems = (
            table.goals_table(self._rows, results, LABELS),
            table.systems_table(results, labels, self._sizes),
        )
        return "\n\n".join((self._machine(), goals, systems))

    def _machine(self) -> str:
        """What the numbers depend on, without naming the machine."""
        memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30 if hasattr(os, "sysconf") else 0
        machine = f"{os.cpu_count()} processors ({platform.system()}, {platform.machine()}), {memory:.0f} GiB of memory"
        releases = ", ".join(
            f"{system.label.partition(',')[0]} {system.release()}"
            for system in SYSTEMS
            if system.name in self._sizes and system is not FAST
        )
        measured = f"{self._options.items:,} items, medians of {self._options.rounds} rounds, on {self._where()}"
        python = f"Python {platform.python_version()}"
        return f"Measured on {time.strftime('%Y-%m-%d')}: {measured}; {machine}; {python}; {releases}."

    def _where(self) -> str:
        first, *large = self._places
        return f"{first} (ten times as many on {large[0]})" if large and large[0] != first else first

    def json(self) -> str:
        """Every sample, for other programs."""
        measured = [
            {"system": name, "what": what, "samples": list(found.samples), "missing": found.missing}
            for (name, what), found in self.results().items()
        ]
        sizes = {name: {"pages": pages, "bytes": size} for name, (pages, size) in self._sizes.items()}
        whole = {"items": self._options.items, "rounds": self._options.rounds, "measured": measured, "sizes": sizes}
        return json.dumps(whole, indent=2) + "\n"


def _say(what: str) -> None:
    print(what, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
