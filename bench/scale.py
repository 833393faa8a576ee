"""What a page costs, step by step, as docs/scale.md explains it: `python -m bench.scale --items 2000 10000`.

One process does everything, so that the time of each step is its own; the made-up site is that of `make bench`, or with
`--press-only` one of press releases.
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

from bench import programs
from bench.corpus import CATALOGUE, PRESS_ONLY, Corpus
from bench.preview import change_a_word
from bench.sources import our_file
from bench.systems import prepare_ours
from openknowledge.catalogue import page_rules
from openknowledge.content import loader
from openknowledge.engine import build_state, scheduler
from openknowledge.feeds import generator as feeds

STEPS: dict[str, tuple[Any, Callable[..., Any]]] = {
    "read": (loader, loader.read_batch),
    "view": (page_rules, page_rules.build_view),
    "digest": (page_rules, page_rules._view_digest),
    "render": (page_rules, page_rules.render),
    "feed": (feeds, feeds.render_files),
    "write": (scheduler, scheduler.write_output_file),
    "ledger": (build_state.BuildState, build_state.BuildState.write),
}
"""The steps of a build: the function of each, and the module or class that its callers find it in."""
SIZED = ("output/.ledger", ".cache/reading", "output")
MEBIBYTE = 2**20
Numbers = dict[str, float]


def main(argv: Sequence[str] | None = None) -> None:
    """Measure sites of some sizes and print a table; `--inside` is how it calls itself."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--items", type=int, nargs="+", default=[2_000, 10_000])
    parser.add_argument("--press-only", action="store_true")
    parser.add_argument("--reader", default="fast")
    parser.add_argument("--folder", type=Path, help="where to build; a memory file system if there is one")
    parser.add_argument("--inside", choices=("build", "state"))
    options = parser.parse_args(argv)
    if options.inside:
        print(json.dumps(build(options.reader) if options.inside == "build" else load_state()))
        return
    kinds = PRESS_ONLY if options.press_only else CATALOGUE
    corpora = {items: Corpus(items, kinds=kinds) for items in options.items}
    print_table({items: measure(corpus, options.reader, options.folder) for items, corpus in corpora.items()})


def measure(corpus: Corpus, reader: str, parent: Path | None) -> Numbers:
    """Build a site cold, with one word changed, and with nothing changed."""
    memory = programs.MEMORY
    with tempfile.TemporaryDirectory(prefix="scale-", dir=parent or (memory if memory.is_dir() else None)) as folder:
        site = Path(folder, "site")
        prepare_ours(corpus, site)
        cold = run_inside(site, "build", reader)
        sizes = {f"bytes: {name}": float(size_of(site / name)) for name in SIZED}
        files = [path for path in (site / "output").rglob("*") if path.is_file()]
        loading = run_inside(site, "state", reader)
        change_a_word(site / "content" / our_file(corpus.newest()), "Changedscale0001")
        word = run_inside(site, "build", reader)
        nothing = run_inside(site, "build", reader)
    return {
        "pages": float(sum(path.suffix == ".html" for path in files)),
        "files": float(len(files)),
        **{f"cold: {name}": value for name, value in cold.items()},
        **{f"word: {name}": value for name, value in word.items()},
        **{f"nothing: {name}": nothing[name] for name in ("s", "peak bytes")},
        **sizes,
        **loading,
    }


def run_inside(site: Path, what: str, reader: str) -> Numbers:
    """Build, or load the build state, in a new process."""
    command = [sys.executable, "-m", "bench.scale", "--inside", what, "--reader", reader]
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[1])}
    done = subprocess.run(command, cwd=site, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(done.stderr)
    numbers: Numbers = json.loads(done.stdout.splitlines()[-1])
    return numbers


def build(reader: str) -> Numbers:
    """Return the seconds of a build and of its steps, how often each ran, and the most memory held."""
    from pelican import main as pelican

    steps: Numbers = {}
    for name, (holder, function) in STEPS.items():
        watch(steps, name, holder, function)
    start = time.perf_counter()
    overrides = ("-e", f'MARKDOWN_READER="{reader}"', 'BUILD_EXECUTOR="inline"')
    with suppress(SystemExit):
        pelican(["content", "-s", "pelicanconf.py", "--fatal", "errors", "-o", "output", *overrides])
    build_s = time.perf_counter() - start
    print()
    return {"s": build_s, "peak bytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024.0, **steps}


def watch(steps: Numbers, name: str, holder: Any, function: Callable[..., Any]) -> None:
    """Add up the seconds and calls of a function that callers look up in `holder`."""

    @wraps(function)
    def watched(*arguments: Any, **named: Any) -> Any:
        start = time.perf_counter()
        try:
            return function(*arguments, **named)
        finally:
            steps[f"{name} s"] = steps.get(f"{name} s", 0.0) + time.perf_counter() - start
            steps[f"{name} times"] = steps.get(f"{name} times", 0.0) + 1

    setattr(holder, function.__name__, watched)


def load_state() -> Numbers:
    """Return what it takes to load the build state and its query graph."""
    before_b, start = resident_bytes(), time.perf_counter()
    state = build_state.BuildState.read(Path("output"))
    read_s = time.perf_counter() - start
    graph = state.load_graph()
    load_s = time.perf_counter() - start - read_s
    return {
        "state: read s": read_s,
        "graph: load s": load_s,
        "graph: bytes": float(resident_bytes() - before_b),
        "graph: queries": float(len(graph)),
        "state: artifacts": float(len(state.artifacts)),
    }


def resident_bytes() -> int:
    """Return the memory that this process holds now, where the system tells it; else the most it held."""
    try:
        return int(Path("/proc/self/statm").read_text("ascii").split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except OSError:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def size_of(path: Path) -> int:
    files = [path] if path.is_file() else [file for file in path.rglob("*") if file.is_file()]
    return sum(file.stat().st_size for file in files)


def print_table(results: dict[int, Numbers]) -> None:
    """Print each number for each size; seconds and bytes also by item."""
    names = list(dict.fromkeys(name for numbers in results.values() for name in numbers))
    print(f"{'':<24}" + "".join(f"{f'{items:,} items':>18}{'an item':>14}" for items in results))
    for name in names:
        values = ((items, numbers.get(name, 0.0)) for items, numbers in results.items())
        print(f"{name:<24}" + "".join(format_value(name, value) + format_share(name, value, n) for n, value in values))


def format_value(name: str, value: float) -> str:
    return f"{value:>18.3f}" if name.endswith(" s") else f"{value:>18,.0f}"


def format_share(name: str, value: float, items: int) -> str:
    return f"{1e6 * value / items:>11.1f} µs" if name.endswith(" s") else f"{value / items:>14,.2f}"


if __name__ == "__main__":
    main()
