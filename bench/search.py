"""The search at several sizes: `python -m bench.search --youtube-dump DIR` builds its index and searches it on a phone.

The videos are those of a dump, and above their number made-up ones of the same words. The page and all scripts are
those of the repository's site.
"""

from __future__ import annotations

import argparse
import json
import platform
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from random import Random
from statistics import median
from typing import Any
from urllib.parse import quote

from playwright.sync_api import Browser, sync_playwright
from tests.builders import a_site
from tests.catalogue.videos import a_video
from tests.search.indexes import written

from bench import phone, programs, table
from bench.command import Command, run_command
from openknowledge.browser.chromium import FLAGS, find_or_install
from openknowledge.engine.precompress import FAST, compress
from openknowledge.model.values import Words
from openknowledge.model.video import Video

BEGIN, END = "<!-- search:begin -->", "<!-- search:end -->"
SIZES = (2_500, 10_000, 20_000)
QUERIES = ("flowchart", "matemtica", "insegnanti")
"""A word with a synonym, a slip, and a word with synonyms of which each has hits."""
ROUND_TRIPS = 4
"""The page; its scripts and the list of pieces; words; what results show. A test of the page holds it to them."""
RESULT = ".finder-results > li"
SEARCH = "cerca/"
INDEX = "data/search/it"
SEED = 1


def main(argv: Sequence[str] | None = None) -> None:
    """Measure all sizes and print two tables."""
    parser = argparse.ArgumentParser(prog="bench.search", description=__doc__)
    parser.add_argument("--youtube-dump", required=True, type=Path, metavar="DIR")
    parser.add_argument("--sizes", type=int, nargs="*", default=SIZES, help="numbers of videos")
    parser.add_argument("--rounds", type=int, default=3, help="how often a query is measured")
    parser.add_argument("--write", action="store_true", help="write the tables into docs/performance.md")
    options = parser.parse_args(argv)
    indexes, queries = [], []
    with tempfile.TemporaryDirectory(prefix="search-") as folder, sync_playwright() as playwright:
        output = build_site(Path(folder))
        browser = playwright.chromium.launch(executable_path=str(find_or_install()), args=list(FLAGS))
        for size in options.sizes:
            indexes.append((f"{size:,}", *write_index(output, options.youtube_dump, size)))
            print(*indexes[-1], sep=" | ", file=sys.stderr, flush=True)
            for query in QUERIES:
                queries.append((f"{size:,}", query, *search(browser, output, query, options.rounds)))
                print(*queries[-1], sep=" | ", file=sys.stderr, flush=True)
        browser.close()
    text = format_tables(options.rounds, indexes, queries)
    print(text)
    if options.write:
        table.write_into(programs.ROOT / "docs/performance.md", text, BEGIN, END)


def format_tables(rounds: int, indexes: Sequence[tuple[Any, ...]], queries: Sequence[tuple[Any, ...]]) -> str:
    """Return the table of the indexes and that of the queries."""
    machine = f"{platform.system()}, {platform.machine()}; Python {platform.python_version()}"
    return "\n\n".join(
        (
            f"Measured on {time.strftime('%Y-%m-%d')}: medians of {rounds} visits; {machine}.",
            table.format_markdown(
                ("videos", "processor time, both languages", "files of a language", "with Brotli 5", "largest piece"),
                indexes,
            ),
            table.format_markdown(
                (
                    "videos",
                    "query",
                    "first result",
                    "the network alone",
                    "requests",
                    "bytes by then",
                    "of the index",
                    "longest task",
                    "layout shift",
                ),
                queries,
            ),
        )
    )


def build_site(folder: Path) -> Path:
    """Build the repository's site, and return its output."""
    output = folder / "output"
    settings = ("-e", f'CACHE_PATH="{folder / "cache"}"', "SHARE_PICTURES=false")
    command = (sys.executable, "-m", "pelican", "content", "-s", "pelicanconf.py", "-o", str(output), *settings)
    run_command(Command(command, programs.ROOT))
    return output


def write_index(output: Path, dump: Path, size: int) -> tuple[str, ...]:
    """Put the index of so many videos in place of the site's; return what it took and how large it is."""
    site = a_site(*videos(dump, size), search_is_on=True)
    synonyms = (programs.ROOT / "content/synonyms.yaml").read_text("utf-8")
    start = time.process_time()
    files = written(site, synonyms)
    seconds = time.process_time() - start
    own = {path: data for path, data in files.items() if path.startswith(f"{INDEX}/")}
    for path in (output / INDEX).glob("*.json"):
        path.unlink()
    for path, data in own.items():
        (output / path).write_bytes(data)
    sizes = {path: len(compress(data, "br", FAST)) for path, data in own.items()}
    return f"{seconds:.1f} s", f"{len(own):,}", _in_kb(sum(sizes.values())), _in_kb(max(sizes.values()))


def videos(dump: Path, size: int) -> Iterator[Video]:
    """Yield the videos of a dump, then made-up ones of the same words."""
    pages = json.loads((dump / "videos.json").read_text("utf-8"))
    texts = [
        (item["snippet"]["title"], item["snippet"].get("description", "")) for page in pages for item in page["items"]
    ]
    words = [word for _, description in texts for word in description.split()]
    random = Random(SEED)
    for number in range(size):
        title, description = texts[number % len(texts)]
        if number >= len(texts):
            title = " ".join((*title.split()[:4], *random.choice(texts)[0].split()[:4]))
            length = max(20, len(description.split()))
            start = random.randrange(len(words) - length)
            description = " ".join(words[start : start + length])
        yield a_video(f"v{number}", words={"und": Words(title=title)}, description=description, youtube_id=None)


def search(browser: Browser, output: Path, query: str, rounds: int) -> tuple[str, ...]:
    """Return what a query took on a phone."""
    with phone.served(output) as address:
        page = f"{address}/{SEARCH}?q={quote(query)}"
        visits = [phone.visit(browser, page, RESULT) for _ in range(rounds)]
        task_ms = min(phone.longest_task_ms(browser, page, RESULT) for _ in range(rounds))
    typical = sorted(visits, key=lambda visit: visit.first_s)[len(visits) // 2]
    index_b = sum(load.size_b for load in typical.loads if f"/{INDEX}/" in load.url)
    return (
        f"{median(visit.first_s for visit in visits):.1f} s",
        f"{ROUND_TRIPS * phone.LATENCY_MS / 1000 + typical.size_b / phone.BYTES_PER_S:.1f} s",
        f"{len(typical.loads)}",
        _in_kb(typical.size_b),
        _in_kb(index_b),
        f"{task_ms:.0f} ms",
        f"{max(visit.shift for visit in visits):.2g}",
    )


def _in_kb(size_b: int) -> str:
    return f"{size_b / 1000:,.1f} kB"


if __name__ == "__main__":
    main()
