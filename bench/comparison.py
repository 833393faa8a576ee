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
from bench.command import BuildFailed, Usage
from bench.corpus import CATALOGUE, PRESS_ONLY, Corpus
from bench.programs import NotAvailable
from bench.session import ORDER, EditedItem, Session
from bench.systems import FAST, OURS, SYSTEMS, System
from bench.table import COLD, LARGE_COLD, LARGE_WORD, MEMORY, PREVIEW, WORD, Goal, Key, Measurement

DOCUMENT = programs.ROOT / "docs/performance.md"
TIMES_AS_LARGE = 10
LABELS = {system.name: system.label for system in SYSTEMS}


def main(argv: Sequence[str] | None = None) -> None:
    """Measure what the arguments ask for, print it, and save it where they ask for that."""
    options = _parse_options(argv)
    # A polite end of this program must also end the servers and remove the sites that it started.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("Stopped."))
    best = FAST.name if _reason_missing(FAST) is None else OURS.name
    rows = [row for row in table.goals(best) if row.name in options.only]
    comparison = Comparison(options, rows)
    comparison.run()
    text = comparison.format()
    print(f"\n{text}")
    if options.json:
        options.json.write_text(comparison.dump(), "utf-8")
    if options.write:
        table.write_into(DOCUMENT, text)


def _parse_options(argv: Sequence[str] | None) -> argparse.Namespace:
    names = list(dict.fromkeys(row.name for row in table.goals(OURS.name)))
    parser = argparse.ArgumentParser(prog="bench", description=__doc__)
    parser.add_argument("--items", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--only", type=_list_of(names), default=None, metavar="ROW,ROW", help=", ".join(names))
    parser.add_argument("--systems", type=_list_of(LABELS), default=list(LABELS), metavar="NAME,NAME")
    parser.add_argument("--press-only", action="store_true", help="a site of press releases alone, the lightest kind")
    parser.add_argument("--scale", action="store_true", help="also build ten times as many items")
    parser.add_argument("--json", type=Path, metavar="FILE")
    parser.add_argument("--write", action="store_true", help=f"write the table into docs/{DOCUMENT.name}")
    options = parser.parse_args(argv)
    is_whole = options.only is None
    options.only = [name for name in options.only or names if name != "scale" or options.scale or not is_whole]
    options.with_all = is_whole
    return options


def _list_of(names: Iterable[str]) -> Callable[[str], list[str]]:
    known = list(names)

    def parse(text: str) -> list[str]:
        chosen = [name for name in text.split(",") if name]
        if unknown := [name for name in chosen if name not in known]:
            raise argparse.ArgumentTypeError(f"there is no {', '.join(unknown)}; choose from {', '.join(known)}")
        return chosen or known

    return parse


def _reason_missing(system: System) -> str | None:
    """Return why a system cannot be run here; None where it can."""
    try:
        system.build()
        system.release()
    except (NotAvailable, BuildFailed, OSError) as reason:
        return str(reason)
    return None


@contextmanager
def prepared_sessions(systems: Iterable[System], corpus: Corpus, work: Path) -> Iterator[dict[System, Session]]:
    """Write the systems' sites into a folder that is gone afterwards."""
    systems = list(systems)
    try:
        for system in systems:
            if not (work / system.folder).exists():
                system.prepare(corpus, work / system.folder)
        item = corpus.newest()
        yield {system: Session(system, EditedItem(system.file(item), system.page(item)), work) for system in systems}
    finally:
        shutil.rmtree(work, ignore_errors=True)


class Comparison:
    """The systems on one corpus, and all that was measured of them."""

    def __init__(self, options: argparse.Namespace, rows: Sequence[Goal]) -> None:
        self._options = options
        self._rows = rows
        self._samples: dict[Key, list[float]] = defaultdict(list)
        self._cpu_s: dict[Key, list[float]] = defaultdict(list)
        self._missing: dict[Key, str] = {}
        self._sizes: dict[str, tuple[int, int]] = {}
        self._scenarios = self._choose_scenarios()
        self._locations: list[str] = []

    def _choose_scenarios(self) -> dict[System, list[str]]:
        """Return what is to be measured of each system; a whole run also builds those without a goal, once cold."""
        keys = [key for row in self._rows for key in (row.ours, row.beside)]
        if self._options.with_all:
            keys += [(name, scenario) for name in LABELS for scenario in (COLD, MEMORY)]
        chosen = [system for system in SYSTEMS if system.name in self._options.systems]
        return {system: list(dict.fromkeys(kind for name, kind in keys if name == system.name)) for system in chosen}

    def run(self) -> None:
        """Run the rounds, with the systems in turn; then the previews, which start once; then the large site."""
        for system in [system for system in self._scenarios if self._is_left_out(system)]:
            del self._scenarios[system]
        with self._prepared(self._options.items) as sessions:
            for number in range(1, self._options.rounds + 1):
                for system, session in sessions.items():
                    self._run_round(number, system, session)
            for system, session in sessions.items():
                if PREVIEW in self._scenarios[system]:
                    self._record((system.name, PREVIEW), lambda: session.measure_previews(self._options.rounds))  # noqa: B023
        large = [system for system, scenarios in self._scenarios.items() if LARGE_COLD in scenarios]
        if large:
            self._run_large(large[0])

    def _is_left_out(self, system: System) -> bool:
        """Return whether a system is not measured; the reason is recorded where it cannot be run."""
        reason = _reason_missing(system)
        for scenario in self._scenarios[system] if reason else ():
            self._missing[system.name, scenario] = str(reason)
        return reason is not None or not self._scenarios[system]

    @contextmanager
    def _prepared(self, items: int) -> Iterator[dict[System, Session]]:
        corpus = Corpus(items, kinds=PRESS_ONLY if self._options.press_only else CATALOGUE)
        work = programs.work_folder(items)
        location = "a memory file system" if programs.is_in_memory(work) else "the disk's temporary folder"
        self._locations.append(location)
        _log(f"{items:,} items on {location}")
        with prepared_sessions(self._scenarios, corpus, work) as sessions:
            yield sessions

    def _run_round(self, number: int, system: System, session: Session) -> None:
        prefix = f"round {number}: "
        for scenario in ORDER:
            if scenario in self._scenarios[system]:
                self._record_usage((system.name, scenario), lambda: session.measure(scenario), prefix)  # noqa: B023
        if MEMORY in self._scenarios[system]:
            self._record((system.name, MEMORY), lambda: [session.measure_memory()], prefix)
        self._sizes[system.name] = session.size()

    def _run_large(self, system: System) -> None:
        """Measure one cold build and as many edits as there are rounds, of ten times the items."""
        self._scenarios = {system: []}
        with self._prepared(self._options.items * TIMES_AS_LARGE) as sessions:
            session = sessions[system]
            self._record_usage((system.name, LARGE_COLD), session.build_cold)
            for _ in range(self._options.rounds):
                self._record_usage((system.name, LARGE_WORD), lambda: session.measure(WORD))

    def _record_usage(self, key: Key, build: Callable[[], Usage], prefix: str = "") -> None:
        """Record a build's time and processor time."""
        usages: list[Usage] = []

        def measure() -> list[float]:
            usages.append(build())
            return [usages[0].wall_s]

        self._record(key, measure, prefix)
        self._cpu_s[key] += [usage.cpu_s for usage in usages]

    def _record(self, key: Key, measure: Callable[[], list[float]], prefix: str = "") -> None:
        """Record the samples of a measurement, or why it gave none."""
        if key in self._missing:
            return
        try:
            samples = measure()
        except (BuildFailed, NotAvailable) as reason:
            self._missing[key] = str(reason)
            self._samples.pop(key, None)
            _log(f"{prefix}{LABELS[key[0]]}, {key[1]}: not available: {reason}")
            return
        self._samples[key] += samples
        values = ", ".join(table.format_value(Measurement((value,)), key) for value in samples)
        _log(f"{prefix}{LABELS[key[0]]}, {key[1]}: {values}")

    def results(self) -> dict[Key, Measurement]:
        measured = {
            key: Measurement(tuple(samples), tuple(self._cpu_s.get(key, ()))) for key, samples in self._samples.items()
        }
        return measured | {key: Measurement(missing=reason) for key, reason in self._missing.items()}

    def format(self) -> str:
        """Return both tables, and what they were measured on."""
        results = self.results()
        labels = {name: label for name, label in LABELS.items() if name in self._options.systems}
        goals = table.goals_table(self._rows, results, LABELS)
        systems = table.systems_table(results, labels, self._sizes)
        return "\n\n".join((self._describe_machine(), goals, systems))

    def _describe_machine(self) -> str:
        """Return what the numbers depend on, without naming the machine."""
        releases = ", ".join(
            f"{system.label.partition(',')[0]} {system.release()}"
            for system in SYSTEMS
            if system.name in self._sizes and system is not FAST
        )
        kinds = " of press releases" if self._options.press_only else ""
        measured = (
            f"{self._options.items:,} items{kinds}, {self._options.rounds} rounds, on {self._describe_location()}"
        )
        return f"Measured on {time.strftime('%Y-%m-%d')}: {measured}; {describe_machine()}; {releases}."

    def _describe_location(self) -> str:
        first, *large = self._locations
        return f"{first} (ten times as many on {large[0]})" if large and large[0] != first else first

    def dump(self) -> str:
        """Return every sample as JSON, for other programs."""
        measured = [
            {
                "system": name,
                "what": what,
                "samples": list(measurement.samples),
                "cpu_s": list(measurement.cpu_s),
                "missing": measurement.missing,
            }
            for (name, what), measurement in self.results().items()
        ]
        sizes = {name: {"pages": pages, "bytes": size_b} for name, (pages, size_b) in self._sizes.items()}
        whole = {"items": self._options.items, "rounds": self._options.rounds, "measured": measured, "sizes": sizes}
        return json.dumps(whole, indent=2) + "\n"


def describe_machine() -> str:
    """Return the processors, the memory and the Python of this machine."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30 if hasattr(os, "sysconf") else 0
    machine = f"{os.cpu_count()} processors ({platform.system()}, {platform.machine()}), {memory:.0f} GiB of memory"
    return f"{machine}; Python {platform.python_version()}"


def _log(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
