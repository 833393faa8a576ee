"""What a catalogue costs beside the same number of press releases: `python -m bench.corpora`.

Both made-up sites are built in turn with the same code, by this project and by Hugo.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import defaultdict
from collections.abc import Sequence
from contextlib import ExitStack

from bench import programs, table
from bench.comparison import DOCUMENT, describe_machine, prepared_sessions
from bench.corpus import CATALOGUE, PRESS_ONLY, Corpus
from bench.session import Session
from bench.systems import FAST, HUGO, OURS, System
from bench.table import AFTER_EDIT, COLD, NOTHING, WORD, Measurement

BEGIN, END = "<!-- corpora:begin -->", "<!-- corpora:end -->"
CORPORA = {"press releases": PRESS_ONLY, "a catalogue": CATALOGUE}
ROWS = {
    "cold, fast reader": (FAST, COLD),
    "cold, default reader": (OURS, COLD),
    "one word changed, new process": (OURS, WORD),
    "nothing changed, new process": (OURS, NOTHING),
    "nothing changed, right after an edit": (OURS, AFTER_EDIT),
}
BESIDE = (HUGO, COLD)
Samples = dict[tuple[str, System, str], tuple[list[float], list[float]]]
"""By corpus, system and scenario the seconds and the processor seconds of all rounds."""


def main(argv: Sequence[str] | None = None) -> None:
    """Measure both corpora in turn and print a table."""
    parser = argparse.ArgumentParser(prog="bench.corpora", description=__doc__)
    parser.add_argument("--items", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--write", action="store_true", help=f"write the table into docs/{DOCUMENT.name}")
    options = parser.parse_args(argv)
    samples, sizes = measure(options.items, options.rounds)
    measured = f"{options.items:,} items each, {options.rounds} rounds; {describe_machine()}"
    text = f"Measured on {time.strftime('%Y-%m-%d')}: {measured}.\n\n{format_table(samples, sizes)}"
    print(text)
    if options.write:
        table.write_into(DOCUMENT, text, BEGIN, END)


def measure(items: int, rounds: int) -> tuple[Samples, dict[str, tuple[int, int]]]:
    """Return the samples, and the number of pages and their bytes of our site of each corpus."""
    samples: Samples = defaultdict(lambda: ([], []))
    with ExitStack() as stack:
        sites: dict[str, dict[System, Session]] = {}
        for name, kinds in CORPORA.items():
            work = programs.work_folder(items)
            corpus = Corpus(items, kinds=kinds)
            sites[name] = stack.enter_context(prepared_sessions((HUGO, FAST, OURS), corpus, work))
        for _ in range(rounds):
            for system, scenario in (BESIDE, *ROWS.values()):
                for name, sessions in sites.items():
                    usage = sessions[system].measure(scenario)
                    walls, cpus = samples[name, system, scenario]
                    walls.append(usage.wall_s)
                    cpus.append(usage.cpu_s)
                    print(f"{name}: {system.label}, {scenario}: {usage.wall_s:.2f} s", file=sys.stderr, flush=True)
        sizes = {name: sessions[OURS].size() for name, sessions in sites.items()}
    return samples, sizes


def format_table(samples: Samples, sizes: dict[str, tuple[int, int]]) -> str:
    """Return a line for each scenario: its time and its ratios to Hugo's cold build, for each corpus."""
    head = ["what"]
    for name in CORPORA:
        head += [name, "of Hugo's cold build", "of its processor time"]
    lines = [["Hugo, cold"]]
    for name in CORPORA:
        lines[0] += [_format_seconds(samples[name, *BESIDE][0]), "1", "1"]
    for text, (system, scenario) in ROWS.items():
        line = [text]
        for name in CORPORA:
            ours, beside = samples[name, system, scenario], samples[name, *BESIDE]
            ratios = (table.ratio_of(values, bases) or 0.0 for values, bases in zip(ours, beside, strict=True))
            line += [_format_seconds(ours[0]), *(f"{ratio:.3g}" for ratio in ratios)]
        lines.append(line)
    pages = [f"{count:,} pages of {size_b / count:,.0f} bytes" for count, size_b in (sizes[name] for name in CORPORA)]
    lines.append(["pages", *(cell for text in pages for cell in (text, "", ""))])
    return table.format_markdown(head, lines)


def _format_seconds(samples: Sequence[float]) -> str:
    return table.format_value(Measurement(tuple(samples)), ("", ""))


if __name__ == "__main__":
    main()
