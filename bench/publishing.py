"""How fast a built site is published to an object store, beside `rclone sync`: `python -m bench.publishing`.

A real S3 server (SeaweedFS) runs on this machine; the site is that of `make bench`. Both begin with an empty place in
each round, take turns, and are whole programs from their start to their end. rclone sends the pages as they are; ours
go as their gzip twins, which the build made.
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.servers.faults import FaultyProxy, faulty
from tests.servers.seaweed import Seaweed, seaweed

from bench import programs
from bench.corpus import Corpus
from bench.preview import change_a_word
from bench.sources import place_of
from bench.systems import SETTINGS, prepare_ours
from bench.table import markdown, write_into

BEGIN, END = "<!-- publishing:begin -->", "<!-- publishing:end -->"
SITE = "https://openknowledge.example.edu"
EDITED = 100
"""The number of the item that is edited: the same text in a corpus of any size."""
TUNED = (
    "--checksum",
    "--transfers",
    "48",
    "--checkers",
    "48",
    "--s3-no-check-bucket",
    "--exclude",
    ".*",
    "--exclude",
    "*.{br,gz}",
)
SHORT_FEEDS = 'FEEDS_CONTENT = "summary"\n'
FIRST, EDIT, NOTHING = "first publish", "one edit", "nothing changed"
ROWS = (FIRST, EDIT, NOTHING)
NOTHING_TO_DO = 10
GOALS = {FIRST: 0.6, EDIT: 0.15}
"""How much of the time that rclone takes for the first publish each may take."""


@dataclass(frozen=True)
class Traffic:
    """What one publication asked: requests, those of them that write, bytes either way; heads count as well."""

    requests: int
    writes: int
    sent_b: int
    received_b: int

    @classmethod
    def through(cls, proxy: FaultyProxy) -> Traffic:
        """What has passed through a proxy."""
        writes = sum(one.method in ("PUT", "POST", "DELETE") for one in proxy.asked)
        return cls(len(proxy.asked), writes, sum(one.sent_b for one in proxy.asked), proxy.received_b)


@dataclass(frozen=True)
class Bench:
    """A built site and the server that it goes to."""

    site: Path
    server: Seaweed
    corpus: Corpus

    def build(self) -> None:
        self._run("pelican", "content", "-s", "publishconf.py", "--fatal", "errors", "-o", "output")

    def edit(self, word: str) -> None:
        change_a_word(self.site / "content" / place_of(self.corpus.item(EDITED)), word)
        self.build()

    def publish(self, bucket: str, endpoint: str) -> float:
        return self._run("openknowledge.publish", "publish", "--no-build", BUCKET=bucket, ENDPOINT=endpoint)

    def sync(self, bucket: str, rclone: Path) -> float:
        remote = f":s3,provider=SeaweedFS,endpoint='{self.server.endpoint}',access_key_id={self.server.access_key},"
        place = f"{remote}secret_access_key={self.server.secret_key}:{bucket}"
        return _seconds([str(rclone), "sync", "output", place, *TUNED], self.site, os.environ)

    def _run(self, module: str, *words: str, **more: str) -> float:
        keys = {"PUBLISH_ACCESS_KEY": self.server.access_key, "PUBLISH_SECRET_KEY": self.server.secret_key}
        return _seconds([sys.executable, "-m", module, *words], self.site, {**os.environ, **keys, **more})


def main(argv: Sequence[str] | None = None) -> None:
    """Measure, and print the tables."""
    options = _options(argv)
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    with tempfile.TemporaryDirectory(prefix="publishing-", dir=_memory()) as folder:
        taken = times(Path(folder), options.items, options.rounds)
        travelled = {items: traffic(Path(folder), items) for items in options.sizes}
    text = f"{_times_table(taken, options)}\n\n{_traffic_table(travelled)}"
    print(text)
    if options.write:
        write_into(programs.ROOT / "docs/performance.md", text, BEGIN, END)


def _options(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bench.publishing", description=__doc__)
    parser.add_argument("--items", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--sizes", type=int, nargs="*", default=[2_500, 20_000], help="sites whose traffic is counted")
    parser.add_argument("--write", action="store_true", help="put the tables into docs/performance.md")
    return parser.parse_args(argv)


@contextmanager
def built(folder: Path, items: int, more: str = "") -> Iterator[Bench]:
    """A built site of so many items, with more settings, and a server with nothing in it."""
    site = folder / f"site-{items}"
    prepare_ours(Corpus(items), site)
    settings = (programs.ROOT / "publishconf.py").read_text("utf-8")
    target = '{"kind": "s3", "bucket": os.environ.get("BUCKET", "none"), "endpoint": os.environ.get("ENDPOINT", "")}'
    mine = f'SITEURL = "{SITE}"\nPUBLISH_TARGET = {target}\nPUBLISH_READ_BACK_URL = ""\nMARKDOWN_READER = "fast"\n'
    (site / "publishconf.py").write_text(f"{settings}\n{SETTINGS.read_text('utf-8')}\n{mine}{more}", "utf-8")
    try:
        with seaweed(folder / f"store-{items}") as server:
            bench = Bench(site, server, Corpus(items))
            bench.build()
            yield bench
    finally:
        shutil.rmtree(site, ignore_errors=True)


def times(folder: Path, items: int, rounds: int) -> dict[tuple[str, str], list[float]]:
    """Seconds by row and by who took them."""
    taken: dict[tuple[str, str], list[float]] = {(row, who): [] for row in ROWS for who in ("ours", "rclone")}
    rclone = programs.server_program("rclone")
    with built(folder, items) as bench:
        endpoint = bench.server.endpoint
        for number in range(rounds):
            ours, theirs = bench.server.bucket(f"ours-{number}"), bench.server.bucket(f"rclone-{number}")
            taken[FIRST, "rclone"].append(bench.sync(theirs, rclone))
            taken[FIRST, "ours"].append(bench.publish(ours, endpoint))
            bench.edit(f"edited{number}")
            taken[EDIT, "ours"].append(bench.publish(ours, endpoint))
            taken[EDIT, "rclone"].append(bench.sync(theirs, rclone))
            taken[NOTHING, "rclone"].append(bench.sync(theirs, rclone))
            taken[NOTHING, "ours"].append(bench.publish(ours, endpoint))
            for (row, who), seconds in taken.items():
                print(f"{row}, {who}: {seconds[-1]:.2f} s", file=sys.stderr, flush=True)
    return taken


def traffic(folder: Path, items: int) -> Traffic:
    """What one edit of the same item sends and asks, on a site of so many items.

    Its page alone changes: how many feeds an item is in, and how long they are, depends on the site.
    """
    with built(folder, items, SHORT_FEEDS) as bench:
        bucket = bench.server.bucket("counted")
        with faulty(bench.server.port) as proxy:
            bench.publish(bucket, proxy.address)
            bench.edit("edited")
            proxy.begin()
            bench.publish(bucket, proxy.address)
            seen = Traffic.through(proxy)
            print(f"{items} items: {seen}", file=sys.stderr, flush=True)
            return seen


def _times_table(taken: Mapping[tuple[str, str], list[float]], options: argparse.Namespace) -> str:
    first = statistics.median(taken[FIRST, "rclone"])
    rows = []
    for row in ROWS:
        ours, theirs = (statistics.median(taken[row, who]) for who in ("ours", "rclone"))
        ratio, goal = ours / first, GOALS.get(row)
        verdict = "" if goal is None else ("held" if ratio <= goal else f"missed by {ratio - goal:.3f}")
        wanted = f"≤ {goal}" if goal else ""
        rows.append((row, f"{ours:.2f} s", f"{theirs:.2f} s", f"{ratio:.3f}", wanted, verdict))
    head = ("what", "ours", "`rclone sync`", "ours : rclone's first", "goal", "")
    told = f"{options.items:,} items, medians of {options.rounds} rounds, SeaweedFS on the same machine."
    return f"{time.strftime('%Y-%m-%d')}: {told}\n\n{markdown(head, rows)}"


def _traffic_table(travelled: Mapping[int, Traffic]) -> str:
    head = ("items", "requests for one edit", "of these writes", "bytes sent", "bytes received")
    rows = [
        (f"{items:,}", str(seen.requests), str(seen.writes), f"{seen.sent_b:,}", f"{seen.received_b:,}")
        for items, seen in travelled.items()
    ]
    return markdown(head, rows)


def _seconds(command: Sequence[str], folder: Path, environment: Mapping[str, str]) -> float:
    began = time.perf_counter()
    done = subprocess.run(command, cwd=folder, env=dict(environment), capture_output=True, text=True, check=False)
    taken = time.perf_counter() - began
    if done.returncode not in (0, NOTHING_TO_DO):
        sys.exit(f"{' '.join(map(str, command))} ended with {done.returncode}:\n{done.stdout}{done.stderr}")
    return taken


def _memory() -> Path | None:
    memory = Path("/dev/shm")
    return memory if memory.is_dir() else None


if __name__ == "__main__":
    main()
