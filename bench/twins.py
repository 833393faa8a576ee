"""What each level of Brotli and gzip gains and costs on the files of a built site: `python -m bench.twins`.

`--output` is the built site. The chosen levels are those of `openknowledge.engine.codecs`.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench import programs, table
from openknowledge.engine.codecs import BEST, FAST, TWIN_SUFFIXES, CompressionLevels, compress, is_compressible

BEGIN, END = "<!-- twins:begin -->", "<!-- twins:end -->"
GROUPS = {
    "pages": ("**/*.html",),
    "feeds": ("**/*.rss.xml", "**/*.atom.xml"),
    "counters and search": ("data/**/*.json",),
    "drawn covers": ("covers/**/*.svg",),
    "stylesheets, scripts, icons": ("theme/**/*",),
}
LASTING_GROUPS = ("drawn covers", "stylesheets, scripts, icons")
LEVELS = {"br": (1, 4, 5, 6, 9, 10, 11), "gzip": (1, 4, 6, 9)}
NAMES = {"br": "Brotli", "gzip": "gzip"}


@dataclass(frozen=True, slots=True)
class Cell:
    """What a level makes of some files: the share of their bytes that is left, and the time for one file."""

    share: float
    each_ms: float


def main(argv: Sequence[str] | None = None) -> None:
    """Measure a site and print the table; `--write` puts it into docs/performance.md."""
    parser = argparse.ArgumentParser(prog="bench.twins", description=__doc__)
    parser.add_argument("--output", type=Path, default=programs.ROOT / "output", help="the built site")
    parser.add_argument("--write", action="store_true")
    options = parser.parse_args(argv)
    groups = {name: tuple(data_of(options.output, patterns)) for name, patterns in GROUPS.items()}
    if not groups["pages"]:
        parser.error(f"{options.output} has no pages: build the site first, with invoke build.")
    text = table_of(groups)
    print(text)
    if options.write:
        table.write_into(programs.ROOT / "docs/performance.md", text, BEGIN, END)


def data_of(output: Path, patterns: Iterable[str]) -> Iterable[bytes]:
    """The bytes of the compressible files that the patterns name."""
    paths = {path for pattern in patterns for path in output.glob(pattern) if path.is_file()}
    return (path.read_bytes() for path in sorted(paths) if is_compressible(path.name))


def measured(files: Sequence[bytes], encoding: str, level: int) -> Cell:
    """One level of one form on some files."""
    began = time.perf_counter()
    size_b = sum(len(compress(data, encoding, CompressionLevels(level, level))) for data in files)
    seconds = time.perf_counter() - began
    return Cell(size_b / sum(map(len, files)), seconds * 1000 / len(files))


def table_of(groups: dict[str, tuple[bytes, ...]]) -> str:
    """A row for each level, a column for each group; the levels that a build takes are bold."""
    there = {name: files for name, files in groups.items() if files}
    heads = [
        f"{name}: {len(files):,} of {sum(map(len, files)) / len(files) / 1000:.1f} kB" for name, files in there.items()
    ]
    lines = [f"| level | {' | '.join(heads)} |", "|---" * (len(heads) + 1) + "|"]
    for encoding in TWIN_SUFFIXES:
        for level in LEVELS[encoding]:
            cells = [cell(name, encoding, level, measured(files, encoding, level)) for name, files in there.items()]
            lines.append(f"| {NAMES[encoding]} {level} | {' | '.join(cells)} |")
    return "\n".join(lines)


def cell(group: str, encoding: str, level: int, found: Cell) -> str:
    quality = BEST if group in LASTING_GROUPS else FAST
    text = f"{found.share:.1%}, {found.each_ms:.2f} ms"
    return f"**{text}**" if level == (quality.brotli if encoding == "br" else quality.gzip) else text


if __name__ == "__main__":
    main()
