"""The rows of `make bench` for the whole site, which is the repository's content and the videos of a dump.

`python -m bench.whole_site --youtube-dump DIR`. There is no other generator to set beside it: what stands beside each
row is this project's own cold build with the same reader, in the same run.
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
from typing import Any

from bench import programs, table
from bench.session import ORDER, Edited, Session
from bench.systems import FAST, OURS, System, our_settings
from bench.table import COLD, MEMORY, NOTHING, PARTIAL, PREVIEW, WORD, Key, Measured
from openknowledge.connectors import youtube

COURSE = "coding"
"""The item whose text is edited."""
BEGIN, END = "<!-- whole-site:begin -->", "<!-- whole-site:end -->"
ROWS = {
    COLD: "cold",
    WORD: "one word of a course changed, new process",
    NOTHING: "nothing changed, new process",
    PREVIEW: "one word of a course changed, until the browser has it",
    PARTIAL: "one template partial changed, all pages differ",
    MEMORY: "peak memory of all processes, cold",
}


def main(argv: Sequence[str] | None = None) -> None:
    """Measure both readers in turn and print a table."""
    options = _options(argv)
    place = Path("/dev/shm") if Path("/dev/shm").is_dir() else None
    with tempfile.TemporaryDirectory(prefix="whole-site-", dir=place) as folder:
        work = Path(folder)
        prepare(work / OURS.folder, options.youtube_dump, options.today)
        sessions = {one: Session(one, edited(), work) for one in (FAST, OURS)}
        samples: dict[Key, list[float]] = defaultdict(list)
        for key, taken in _measured(sessions, options.rounds):
            print(f"{key[0]}, {key[1]}: {', '.join(f'{one:,.2f}' for one in taken)}", file=sys.stderr, flush=True)
            samples[key] += taken
        text = f"{_measured_on(options)}\n\n{_table(samples)}\n\n{_sizes(work / OURS.folder / 'output')}"
    print(text)
    if options.write:
        table.write_into(programs.ROOT / "docs/performance.md", text, BEGIN, END)


def _options(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bench.whole_site", description=__doc__)
    parser.add_argument("--youtube-dump", required=True, type=Path, metavar="DIR")
    parser.add_argument("--today", default=time.strftime("%Y-%m-%d"), metavar="DAY", help="the day to build for")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--write", action="store_true", help="write the table into docs/performance.md")
    return parser.parse_args(argv)


def prepare(site: Path, dump: Path, today: str) -> None:
    """A copy of the site with the videos in it, so that nothing of the repository is touched."""
    for name in ("content", "theme"):
        shutil.copytree(programs.ROOT / name, site / name)
    settings = (programs.ROOT / "pelicanconf.py").read_text("utf-8")
    (site / "pelicanconf.py").write_text(f'{settings}\nBUILD_DATE = "{today}"\n', "utf-8")
    if youtube.main(["--youtube-dump", str(dump), "--content", str(site / "content")]) != 0:
        sys.exit(1)


def edited() -> Edited:
    return Edited(f"courses/{COURSE}/index.md", "/" + str(our_settings()["COURSE_URL"]).format(slug=COURSE))


def _measured(sessions: dict[System, Session], rounds: int) -> Iterator[tuple[Key, list[float]]]:
    for _ in range(rounds):
        for system, session in sessions.items():
            for scenario in ORDER:
                yield (system.name, scenario), [session.measure(scenario)]
    yield (OURS.name, PREVIEW), sessions[OURS].preview(rounds)


def _table(samples: dict[Key, list[float]]) -> str:
    rows = []
    for scenario, text in ROWS.items():
        cells: list[str] = [text]
        for system in (OURS, FAST):
            key = (system.name, scenario)
            found, cold = Measured(tuple(samples.get(key, ()))), Measured(tuple(samples[system.name, COLD]))
            cells += [table.shown(found, key), _ratio(scenario, found.value, cold.value)]
        rows.append(cells)
    return table.markdown(("what", "default reader", "of its cold build", "fast reader", "of its cold build"), rows)


def _ratio(scenario: str, value: float | None, cold: float | None) -> str:
    return "–" if value is None or not cold or scenario in (COLD, MEMORY) else f"{value / cold:.3g}"


def _measured_on(options: Any) -> str:
    machine = f"{os.cpu_count()} processors ({platform.system()}, {platform.machine()})"
    rounds = f"medians of {options.rounds} rounds"
    return f"Measured on {time.strftime('%Y-%m-%d')}: {rounds}; {machine}; Python {platform.python_version()}."


def _sizes(output: Path) -> str:
    """How much there is, but for what only the next build reads."""
    files = [path for path in output.rglob("*") if path.is_file() and not path.name.startswith(".")]
    pages = sum(path.suffix == ".html" for path in files)
    feeds = sum(path.name.endswith((".rss.xml", ".atom.xml")) for path in files)
    size = sum(path.stat().st_size for path in files) / table.MEBIBYTE
    return f"{pages:,} pages, {feeds:,} feeds, {len(files):,} files, {size:,.0f} MiB."


if __name__ == "__main__":
    main()
