"""What a page costs, step by step, for docs/scale.md to reckon with: `python -m bench.scale --items 2000 10000`.

One process does everything, so that each step's time is its own; the made-up site is that of `make bench`.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import wraps
from pathlib import Path
from typing import Any

from bench.corpus import Corpus
from bench.preview import change_a_word
from bench.sources import place_of
from bench.systems import prepare_ours
from openknowledge.catalogue import page_rules
from openknowledge.content import loader
from openknowledge.engine import build_state, scheduler
from openknowledge.feeds import generator as feeds

STEPS: dict[str, tuple[Any, Callable[..., Any]]] = {
    "read": (loader, loader.read_batch),
    "view": (page_rules, page_rules.page_view),
    "digest": (page_rules, page_rules._told),
    "render": (page_rules, page_rules.render),
    "feed": (feeds, feeds.feed_files),
    "write": (scheduler, scheduler._write),
    "ledger": (build_state.BuildState, build_state.BuildState.write),
}
"""The steps of a build: the function that takes each, and where its callers look it up."""
SHARED = ("output/.ledger", ".cache/reading", "output")
MEBIBYTE = 2**20
Numbers = dict[str, float]


def main(argv: Sequence[str] | None = None) -> None:
    """Measure sites of some sizes and print a table; `--inside` is how it calls itself."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--items", type=int, nargs="+", default=[2_000, 10_000])
    parser.add_argument("--reader", default="fast")
    parser.add_argument("--folder", type=Path, help="where to build; a memory file system if there is one")
    parser.add_argument("--inside", choices=("build", "book"))
    options = parser.parse_args(argv)
    if options.inside:
        print(json.dumps(build(options.reader) if options.inside == "build" else book()))
        return
    found = {items: measured(items, options.reader, options.folder) for items in options.items}
    print_table(found)


def measured(items: int, reader: str, place: Path | None) -> Numbers:
    """All that is known of a site of so many items."""
    memory = Path("/dev/shm")
    with tempfile.TemporaryDirectory(prefix="scale-", dir=place or (memory if memory.is_dir() else None)) as folder:
        site, corpus = Path(folder, "site"), Corpus(items)
        prepare_ours(corpus, site)
        cold = inside(site, "build", reader)
        sizes = {f"bytes: {name}": float(size_of(site / name)) for name in SHARED}
        files = [path for path in (site / "output").rglob("*") if path.is_file()]
        held = inside(site, "book", reader)
        change_a_word(site / "content" / place_of(corpus.newest()), "Changedscale0001")
        word = inside(site, "build", reader)
        nothing = inside(site, "build", reader)
    return {
        "pages": float(sum(path.suffix == ".html" for path in files)),
        "files": float(len(files)),
        **{f"cold: {name}": value for name, value in cold.items()},
        **{f"word: {name}": value for name, value in word.items()},
        **{f"nothing: {name}": nothing[name] for name in ("s", "peak bytes")},
        **sizes,
        **held,
    }


def inside(site: Path, what: str, reader: str) -> Numbers:
    """Do one thing in a new process."""
    command = [sys.executable, "-m", "bench.scale", "--inside", what, "--reader", reader]
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[1])}
    done = subprocess.run(command, cwd=site, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(done.stderr)
    found: Numbers = json.loads(done.stdout.splitlines()[-1])
    return found


def build(reader: str) -> Numbers:
    """Seconds of a build and of its steps, how often each was taken, and the most memory held."""
    from pelican import main as pelican

    steps: Numbers = {}
    for name, (holder, function) in STEPS.items():
        watch(steps, name, holder, function)
    began = time.perf_counter()
    overrides = ("-e", f'MARKDOWN_READER="{reader}"', 'BUILD_EXECUTOR="inline"')
    with suppress(SystemExit):
        pelican(["content", "-s", "pelicanconf.py", "--fatal", "errors", "-o", "output", *overrides])
    taken = time.perf_counter() - began
    print()
    return {"s": taken, "peak bytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024.0, **steps}


def watch(steps: Numbers, name: str, holder: Any, function: Callable[..., Any]) -> None:
    """Add up the seconds and calls of a function that callers look up in `holder`."""

    @wraps(function)
    def watched(*arguments: Any, **named: Any) -> Any:
        began = time.perf_counter()
        try:
            return function(*arguments, **named)
        finally:
            steps[f"{name} s"] = steps.get(f"{name} s", 0.0) + time.perf_counter() - began
            steps[f"{name} times"] = steps.get(f"{name} times", 0.0) + 1

    setattr(holder, function.__name__, watched)


def book() -> Numbers:
    """What it takes to have the ledger and its book at hand."""
    before, began = resident(), time.perf_counter()
    ledger = build_state.BuildState.read(Path("output"))
    read_s = time.perf_counter() - began
    found = ledger.load_graph()
    opened_s = time.perf_counter() - began - read_s
    return {
        "book: ledger s": read_s,
        "book: open s": opened_s,
        "book: bytes": float(resident() - before),
        "book: questions": float(len(found)),
        "book: products": float(len(ledger.artifacts)),
    }


def resident() -> int:
    """The memory that this process holds now, where the system says it; else the most it held."""
    try:
        return int(Path("/proc/self/statm").read_text("ascii").split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except OSError:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def size_of(path: Path) -> int:
    files = [path] if path.is_file() else [one for one in path.rglob("*") if one.is_file()]
    return sum(one.stat().st_size for one in files)


def print_table(found: dict[int, Numbers]) -> None:
    """Each number for each size; seconds and bytes also by item."""
    names = list(dict.fromkeys(name for one in found.values() for name in one))
    print(f"{'':<24}" + "".join(f"{f'{items:,} items':>18}{'an item':>14}" for items in found))
    for name in names:
        cells = (
            f"{shown(name, one.get(name, 0.0))}{share(name, one.get(name, 0.0), items)}" for items, one in found.items()
        )
        print(f"{name:<24}" + "".join(cells))


def shown(name: str, value: float) -> str:
    return f"{value:>18.3f}" if name.endswith(" s") else f"{value:>18,.0f}"


def share(name: str, value: float, items: int) -> str:
    return f"{1e6 * value / items:>11.1f} µs" if name.endswith(" s") else f"{value / items:>14,.2f}"


if __name__ == "__main__":
    main()
