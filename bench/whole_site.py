"""The rows of `make bench` for the whole site, which is the repository's content and the videos of a dump.

`python -m bench.whole_site --youtube-dump DIR`. No other generator builds it: each row is set beside this project's
own cold build with the same reader, in the same run.
"""

from __future__ import annotations

import argparse
import os
import platform
import shutil
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path

from bench import programs, table
from bench.session import ORDER, EditedItem, Session
from bench.systems import FAST, OURS, System, our_settings
from bench.table import AFTER_EDIT, COLD, MEMORY, NOTHING, PARTIAL, PREVIEW, WORD, Key, Measurement
from openknowledge.connectors import command

COURSE = "coding"
"""The item whose text is edited."""
BEGIN, END = "<!-- whole-site:begin -->", "<!-- whole-site:end -->"
ROWS = {
    COLD: "cold",
    WORD: "one word of a course changed, new process",
    NOTHING: "nothing changed, new process",
    AFTER_EDIT: "nothing changed, right after an edit",
    PREVIEW: "one word of a course changed, until the browser has it",
    PARTIAL: "one template partial changed, all pages differ",
    MEMORY: "peak memory of all processes, cold",
}


def main(argv: Sequence[str] | None = None) -> None:
    """Measure both readers in turn and print a table."""
    options = _parse_options(argv)
    memory = programs.MEMORY if programs.MEMORY.is_dir() else None
    with tempfile.TemporaryDirectory(prefix="whole-site-", dir=memory) as folder:
        work = Path(folder)
        prepare(work / OURS.folder, options.youtube_dump, options.today)
        sessions = {system: Session(system, edited_course(), work) for system in (FAST, OURS)}
        samples: dict[Key, list[float]] = defaultdict(list)
        for key, values in _measure(sessions, options.rounds):
            print(f"{key[0]}, {key[1]}: {', '.join(f'{value:,.2f}' for value in values)}", file=sys.stderr, flush=True)
            samples[key] += values
        text = (
            f"{_describe_run(options)}\n\n{_format_table(samples)}\n\n{_describe_sizes(work / OURS.folder / 'output')}"
        )
    print(text)
    if options.write:
        table.write_into(programs.ROOT / "docs/performance.md", text, BEGIN, END)


def _parse_options(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bench.whole_site", description=__doc__)
    parser.add_argument("--youtube-dump", required=True, type=Path, metavar="DIR")
    parser.add_argument("--today", default=time.strftime("%Y-%m-%d"), metavar="DAY", help="the day to build for")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--write", action="store_true", help="write the table into docs/performance.md")
    return parser.parse_args(argv)


def prepare(site: Path, dump: Path, today: str) -> None:
    """Write a copy of the site with the videos in it, so that nothing of the repository is touched."""
    for name in ("content", "theme"):
        shutil.copytree(programs.ROOT / name, site / name)
    settings = (programs.ROOT / "pelicanconf.py").read_text("utf-8")
    (site / "pelicanconf.py").write_text(f'{settings}\nBUILD_DATE = "{today}"\n', "utf-8")
    if command.main(["--youtube-dump", str(dump), "--content", str(site / "content")]) != 0:
        sys.exit(1)


def edited_course() -> EditedItem:
    return EditedItem(f"courses/{COURSE}/index.md", "/" + str(our_settings()["COURSE_URL"]).format(slug=COURSE))


def _measure(sessions: dict[System, Session], rounds: int) -> Iterator[tuple[Key, list[float]]]:
    for _ in range(rounds):
        for system, session in sessions.items():
            for scenario in ORDER:
                yield (system.name, scenario), [session.measure(scenario).wall_s]
            yield (system.name, MEMORY), [session.measure_memory()]
    yield (OURS.name, PREVIEW), sessions[OURS].measure_previews(rounds)


def _format_table(samples: dict[Key, list[float]]) -> str:
    rows = []
    for scenario, text in ROWS.items():
        cells: list[str] = [text]
        for system in (OURS, FAST):
            key = (system.name, scenario)
            ours, cold = Measurement(tuple(samples.get(key, ()))), tuple(samples[system.name, COLD])
            ratio = None if scenario in (COLD, MEMORY) else table.ratio_of(ours.samples, cold)
            cells += [table.format_value(ours, key), "–" if ratio is None else f"{ratio:.3g}"]
        rows.append(cells)
    head = ("what", "default reader", "of its cold build", "fast reader", "of its cold build")
    return table.format_markdown(head, rows)


def _describe_run(options: argparse.Namespace) -> str:
    machine = f"{os.cpu_count()} processors ({platform.system()}, {platform.machine()})"
    rounds = f"medians of {options.rounds} rounds"
    return f"Measured on {time.strftime('%Y-%m-%d')}: {rounds}; {machine}; Python {platform.python_version()}."


def _describe_sizes(output: Path) -> str:
    """Return how many pages, feeds and files were built, but for those that only the next build reads."""
    files = [path for path in output.rglob("*") if path.is_file() and not path.name.startswith(".")]
    pages = sum(path.suffix == ".html" for path in files)
    feeds = sum(path.name.endswith((".rss.xml", ".atom.xml")) for path in files)
    size = sum(path.stat().st_size for path in files) / table.MEBIBYTE
    return f"{pages:,} pages, {feeds:,} feeds, {len(files):,} files, {size:,.0f} MiB."


if __name__ == "__main__":
    main()
