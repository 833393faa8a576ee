"""How long a build of the whole site takes, and what it costs: `python bench/whole_site.py --youtube-dump DIR`.

The content of the repository and the videos of a dump are built into a temporary folder: once from nothing, then
again with nothing changed, then with one title changed.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from openknowledge.connectors import youtube

ROOT = Path(__file__).parents[1]
MEBIBYTE = 2**20


@dataclass(frozen=True, slots=True)
class Build:
    """One build: how long it took, and the most memory that it held."""

    seconds: float
    peak_bytes: int


def main(argv: Sequence[str] | None = None) -> None:
    """Build three times and print a table."""
    options = _options(argv)
    with tempfile.TemporaryDirectory(prefix="whole-site-") as folder:
        content, output = Path(folder) / "content", Path(folder) / "output"
        shutil.copytree(ROOT / "content", content)
        arguments = ["--youtube-dump", str(options.youtube_dump), "--content", str(content)]
        if youtube.main(arguments) != 0:
            sys.exit(1)
        cold, again = (build(content, output, options.today) for _ in range(2))
        change_a_title(content)
        changed = build(content, output, options.today)
        print_table(output, cold, again, changed)


def _options(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--youtube-dump", required=True, type=Path, metavar="DIR")
    parser.add_argument("--today", default=time.strftime("%Y-%m-%d"), metavar="DAY", help="the day to build for")
    return parser.parse_args(argv)


def build(content: Path, output: Path, today: str) -> Build:
    """Build once, as `invoke build` does; ends the run where the build fails."""
    command = [sys.executable, "-m", "pelican", str(content), "-s", str(ROOT / "pelicanconf.py"), "-o", str(output)]
    began = time.perf_counter()
    process = subprocess.Popen([*command, "--fatal", "errors", "-e", f'BUILD_DATE="{today}"'])
    _, status, used = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - began
    if status:
        sys.exit(os.waitstatus_to_exitcode(status))
    return Build(seconds, used.ru_maxrss * (1 if sys.platform == "darwin" else 1024))


def change_a_title(content: Path) -> None:
    """Give the newest video another title, as a sync would."""
    path = max((content / "snapshots/youtube").glob("videos-*.jsonl"))
    *lines, last = path.read_text("utf-8").rstrip("\n").split("\n")
    row = json.loads(last)
    changed = json.dumps({**row, "title": f"{row['title']} (again)"}, ensure_ascii=False, sort_keys=True)
    path.write_text("\n".join([*lines, changed, ""]), "utf-8")


def print_table(output: Path, cold: Build, again: Build, changed: Build) -> None:
    files = [path for path in output.rglob("*") if path.is_file()]
    pages = [path for path in files if path.suffix == ".html"]
    feeds = [path for path in files if path.name.endswith((".rss.xml", ".atom.xml"))]
    size = sum(path.stat().st_size for path in files)
    peak = max(one.peak_bytes for one in (cold, again, changed))
    rows = (
        ("pages", f"{len(pages):,}"),
        ("feeds", f"{len(feeds):,}"),
        ("files", f"{len(files):,}"),
        ("bytes of output", f"{size:,}"),
        ("bytes of pages", f"{sum(path.stat().st_size for path in pages):,}"),
        ("seconds, from nothing", f"{cold.seconds:.1f}"),
        ("seconds, nothing changed", f"{again.seconds:.1f}"),
        ("seconds, one title changed", f"{changed.seconds:.1f}"),
        ("peak memory, MiB", f"{peak / MEBIBYTE:,.0f}"),
        ("processors", str(os.cpu_count())),
        ("Python", platform.python_version()),
    )
    print()
    for name, value in rows:
        print(f"{name:<28}{value:>14}")


if __name__ == "__main__":
    main()
