"""How fast a built site is published to an object store, beside `rclone sync`: `python -m bench.publishing`.

A real S3 server (SeaweedFS) runs on this machine; the site is that of `make bench`. Both begin with an empty bucket in
each round, take turns, and are whole programs from their start to their end. rclone sends the pages as they are; ours
are sent as the gzip twins that the build made.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import NamedTuple

from tests.servers.faults import FaultyProxy, faulty
from tests.servers.seaweed import Seaweed, seaweed

from bench import programs
from bench.corpus import Corpus
from bench.preview import change_a_word
from bench.sources import our_file
from bench.systems import SETTINGS, prepare_ours
from bench.table import format_markdown, ratio_of, write_into

BEGIN, END = "<!-- publishing:begin -->", "<!-- publishing:end -->"
SITE = "https://openknowledge.example.edu"
EDITED = 100
"""The number of the item that is edited, a course: the same text in a corpus of any size."""
RCLONE_OPTIONS = (
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
"""The highest ratio of each to rclone's time for the first publish."""


class Traffic(NamedTuple):
    """The requests of one publication, those of them that write, and the bytes either way with their heads."""

    requests: int
    writes: int
    sent_b: int
    received_b: int

    @classmethod
    def through(cls, proxy: FaultyProxy) -> Traffic:
        """Return what has passed through a proxy."""
        writes = sum(request.method in ("PUT", "POST", "DELETE") for request in proxy.asked)
        return cls(len(proxy.asked), writes, sum(request.sent_b for request in proxy.asked), proxy.received_b)


@dataclass(frozen=True)
class PublishedSite:
    """A built site and the server that it is published to."""

    site: Path
    server: Seaweed
    corpus: Corpus

    def build(self) -> None:
        self._run("pelican", "content", "-s", "publishconf.py", "--fatal", "errors", "-o", "output")

    def edit(self, word: str) -> None:
        change_a_word(self.site / "content" / our_file(self.corpus.item(EDITED)), word)
        self.build()

    def publish(self, bucket: str, endpoint: str) -> float:
        return self._run("openknowledge.publish", "publish", "--no-build", BUCKET=bucket, ENDPOINT=endpoint)

    def sync(self, bucket: str, rclone: Path) -> float:
        remote = f":s3,provider=SeaweedFS,endpoint='{self.server.endpoint}',access_key_id={self.server.access_key},"
        target = f"{remote}secret_access_key={self.server.secret_key}:{bucket}"
        return _time_s([str(rclone), "sync", "output", target, *RCLONE_OPTIONS], self.site, os.environ)

    def _run(self, module: str, *words: str, **more: str) -> float:
        keys = {"PUBLISH_ACCESS_KEY": self.server.access_key, "PUBLISH_SECRET_KEY": self.server.secret_key}
        return _time_s([sys.executable, "-m", module, *words], self.site, {**os.environ, **keys, **more})


def main(argv: Sequence[str] | None = None) -> None:
    """Measure, and print the tables."""
    options = _parse_options(argv)
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    memory = programs.MEMORY if programs.MEMORY.is_dir() else None
    with tempfile.TemporaryDirectory(prefix="publishing-", dir=memory) as folder:
        times = measure_times(Path(folder), options.items, options.rounds)
        traffic = {items: measure_traffic(Path(folder), items) for items in options.sizes}
    text = f"{_format_times(times, options)}\n\n{_format_traffic(traffic)}"
    print(text)
    if options.write:
        write_into(programs.ROOT / "docs/performance.md", text, BEGIN, END)


def _parse_options(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bench.publishing", description=__doc__)
    parser.add_argument("--items", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--sizes", type=int, nargs="*", default=[2_500, 20_000], help="sites whose traffic is counted")
    parser.add_argument("--write", action="store_true", help="put the tables into docs/performance.md")
    return parser.parse_args(argv)


@contextmanager
def built_site(folder: Path, items: int, more: str = "") -> Iterator[PublishedSite]:
    """Build a site of so many items, with more settings, and start an empty server."""
    site = folder / f"site-{items}"
    prepare_ours(Corpus(items), site)
    settings = (programs.ROOT / "publishconf.py").read_text("utf-8")
    target = '{"kind": "s3", "bucket": os.environ.get("BUCKET", "none"), "endpoint": os.environ.get("ENDPOINT", "")}'
    own = f'SITEURL = "{SITE}"\nPUBLISH_TARGET = {target}\nPUBLISH_READ_BACK_URL = ""\nMARKDOWN_READER = "fast"\n'
    (site / "publishconf.py").write_text(f"{settings}\n{SETTINGS.read_text('utf-8')}\n{own}{more}", "utf-8")
    try:
        with seaweed(folder / f"store-{items}") as server:
            published = PublishedSite(site, server, Corpus(items))
            published.build()
            yield published
    finally:
        shutil.rmtree(site, ignore_errors=True)


Times = dict[tuple[str, str], list[float]]
"""Seconds of all rounds by row and by program."""


def measure_times(folder: Path, items: int, rounds: int) -> Times:
    """Publish and synchronise the site in turn: for the first time, after an edit, and with nothing changed."""
    times: Times = {(row, program): [] for row in ROWS for program in ("ours", "rclone")}
    rclone = programs.server_program("rclone")
    with built_site(folder, items) as site:
        endpoint = site.server.endpoint
        for number in range(rounds):
            ours, theirs = site.server.bucket(f"ours-{number}"), site.server.bucket(f"rclone-{number}")
            times[FIRST, "rclone"].append(site.sync(theirs, rclone))
            times[FIRST, "ours"].append(site.publish(ours, endpoint))
            site.edit(f"edited{number}")
            times[EDIT, "ours"].append(site.publish(ours, endpoint))
            times[EDIT, "rclone"].append(site.sync(theirs, rclone))
            times[NOTHING, "rclone"].append(site.sync(theirs, rclone))
            times[NOTHING, "ours"].append(site.publish(ours, endpoint))
            for (row, program), seconds in times.items():
                print(f"{row}, {program}: {seconds[-1]:.2f} s", file=sys.stderr, flush=True)
    return times


def measure_traffic(folder: Path, items: int) -> Traffic:
    """Return the traffic of one edit of the same item, on a site of so many items.

    Its page alone changes: how many feeds an item is in, and how long they are, depends on the site.
    """
    with built_site(folder, items, SHORT_FEEDS) as site:
        bucket = site.server.bucket("counted")
        with faulty(site.server.port) as proxy:
            site.publish(bucket, proxy.address)
            site.edit("edited")
            proxy.begin()
            site.publish(bucket, proxy.address)
            traffic = Traffic.through(proxy)
            print(f"{items} items: {traffic}", file=sys.stderr, flush=True)
            return traffic


def _format_times(times: Mapping[tuple[str, str], list[float]], options: argparse.Namespace) -> str:
    rows = []
    for row in ROWS:
        ratio, goal = ratio_of(times[row, "ours"], times[FIRST, "rclone"]) or 0.0, GOALS.get(row)
        verdict = "" if goal is None else ("held" if ratio <= goal else f"missed by {ratio - goal:.3f}")
        seconds = (f"{median(times[row, program]):.2f} s" for program in ("ours", "rclone"))
        rows.append((row, *seconds, f"{ratio:.3f}", f"≤ {goal}" if goal else "", verdict))
    head = ("what", "ours", "`rclone sync`", "ours : rclone's first", "goal", "")
    measured = f"{options.items:,} items, {options.rounds} rounds, SeaweedFS on the same machine."
    return f"{time.strftime('%Y-%m-%d')}: {measured}\n\n{format_markdown(head, rows)}"


def _format_traffic(traffic: Mapping[int, Traffic]) -> str:
    head = ("items", "requests for one edit", "of these writes", "bytes sent", "bytes received")
    return format_markdown(
        head, ((f"{items:,}", *(f"{number:,}" for number in numbers)) for items, numbers in traffic.items())
    )


def _time_s(command: Sequence[str], folder: Path, environment: Mapping[str, str]) -> float:
    start = time.perf_counter()
    done = subprocess.run(command, cwd=folder, env=dict(environment), capture_output=True, text=True, check=False)
    seconds = time.perf_counter() - start
    if done.returncode not in (0, NOTHING_TO_DO):
        sys.exit(f"{' '.join(map(str, command))} ended with {done.returncode}:\n{done.stdout}{done.stderr}")
    return seconds


if __name__ == "__main__":
    main()
