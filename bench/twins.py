"""What each level of Brotli and gzip gains and costs on the files of a built site: `python -m bench.twins`.

The levels that a build takes are those of `openknowledge.engine.precompress`.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

from bench import programs, table
from openknowledge.engine.precompress import BEST, FAST, TWIN_SUFFIXES, CompressionLevels, compress, is_compressible

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


class LevelResult(NamedTuple):
    """What a level makes of some files: the share of their bytes that is left, and the time for one file."""

    share: float
    each_ms: float


def main(argv: Sequence[str] | None = None) -> None:
    """Measure a site and print the table; `--write` puts it into docs/performance.md."""
    parser = argparse.ArgumentParser(prog="bench.twins", description=__doc__)
    parser.add_argument("--output", type=Path, default=programs.ROOT / "output", help="the built site")
    parser.add_argument("--write", action="store_true")
    options = parser.parse_args(argv)
    groups = {name: tuple(read_files(options.output, patterns)) for name, patterns in GROUPS.items()}
    if not groups["pages"]:
        parser.error(f"{options.output} has no pages: build the site first, with invoke build.")
    text = format_table(groups)
    print(text)
    if options.write:
        table.write_into(programs.ROOT / "docs/performance.md", text, BEGIN, END)


def read_files(output: Path, patterns: Iterable[str]) -> Iterable[bytes]:
    """Return the bytes of the compressible files that the patterns name."""
    paths = {path for pattern in patterns for path in output.glob(pattern) if path.is_file()}
    return (path.read_bytes() for path in sorted(paths) if is_compressible(path.name))


def measure(files: Sequence[bytes], encoding: str, level: int) -> LevelResult:
    """Compress some files at one level."""
    start = time.perf_counter()
    size_b = sum(len(compress(data, encoding, CompressionLevels(level, level))) for data in files)
    seconds = time.perf_counter() - start
    return LevelResult(size_b / sum(map(len, files)), seconds * 1000 / len(files))


def format_table(groups: dict[str, tuple[bytes, ...]]) -> str:
    """Return a row for each level, a column for each group that has files; the levels that a build takes are bold."""
    present = {name: files for name, files in groups.items() if files}
    sizes_kb = {name: sum(map(len, files)) / len(files) / 1000 for name, files in present.items()}
    heads = [f"{name}: {len(files):,} of {sizes_kb[name]:.1f} kB" for name, files in present.items()]
    lines = [f"| level | {' | '.join(heads)} |", "|---" * (len(heads) + 1) + "|"]
    for encoding in TWIN_SUFFIXES:
        for level in LEVELS[encoding]:
            cells = [
                format_cell(name, encoding, level, measure(files, encoding, level)) for name, files in present.items()
            ]
            lines.append(f"| {NAMES[encoding]} {level} | {' | '.join(cells)} |")
    return "\n".join(lines)


def format_cell(group: str, encoding: str, level: int, result: LevelResult) -> str:
    quality = BEST if group in LASTING_GROUPS else FAST
    text = f"{result.share:.1%}, {result.each_ms:.2f} ms"
    return f"**{text}**" if level == (quality.brotli if encoding == "br" else quality.gzip) else text


if __name__ == "__main__":
    main()
