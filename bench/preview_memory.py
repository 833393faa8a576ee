"""What memory a preview holds after thousands of edits: `python -m bench.preview_memory --youtube-dump DIR`.

The site is that of `bench.whole_site`. Files of every sort are edited in turn: texts, rows of a snapshot, numbers,
rules, captions, pictures, styles, a template, words of the interface, a file with a mistake, one that comes and goes.
Each edit is saved when the build of the one before has ended. What is read is the memory of the process that serves and
builds: all that is resident, and what is its own alone. Other work on the machine does not change that.
"""

from __future__ import annotations

import argparse
import re
import struct
import subprocess
import sys
import tempfile
import time
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from bench import programs, table
from bench.command import PROCESSES, BuildFailed, Command, can_measure_memory
from bench.preview import change_a_word
from bench.session import FOOT_MARK, free_port
from bench.systems import PREVIEW
from bench.whole_site import prepare

BEGIN, END = "<!-- preview-memory:begin -->", "<!-- preview-memory:end -->"
SUMMARY = re.compile(rb"^(?:Built .* pages? and |\d+ problems? in )", re.MULTILINE)
"""What is printed at the end of each build."""
TIMEOUT_S, POLL_S = 900.0, 0.02
SELDOM, HARDLY_EVER = 50, 400
"""Of so many edits one is of each file of other sorts, and one of each that many or all pages depend on."""


class Memory(NamedTuple):
    """The memory of a process in bytes: all that is resident, and what no other process shares."""

    resident_b: int
    own_b: int


def main(argv: Sequence[str] | None = None) -> None:
    """Edit again and again, and print a table of what the preview holds."""
    options = _parse_options(argv)
    if not can_measure_memory():
        sys.exit("This machine does not say what memory a process has of its own.")
    with tempfile.TemporaryDirectory(prefix="preview-memory-", dir=options.folder) as folder:
        site = Path(folder, "site")
        prepare(site, options.youtube_dump, options.today)
        show_picture(site)
        rows = []
        for number, memory in measure(site, options.edits, options.every):
            print(number, *(f"{value / table.MEBIBYTE:.1f}" for value in memory), sep="\t", flush=True)
            rows.append((number, memory))
    text = f"Measured on {time.strftime('%Y-%m-%d')}: {options.edits:,} edits.\n\n{_format(rows, options.rows)}"
    print(text)
    if options.write:
        table.write_into(programs.ROOT / "docs/performance.md", text, BEGIN, END)


def _parse_options(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bench.preview_memory", description=__doc__)
    parser.add_argument("--youtube-dump", required=True, type=Path, metavar="DIR")
    parser.add_argument("--today", default=time.strftime("%Y-%m-%d"), metavar="DAY", help="the day to build for")
    parser.add_argument("--edits", type=int, default=2_000)
    parser.add_argument("--every", type=int, default=50, help="after how many edits memory is read")
    parser.add_argument("--rows", type=int, default=250, help="after how many edits there is a row in the table")
    parser.add_argument("--folder", type=Path, help="where the site is written, if not in the temporary folder")
    parser.add_argument("--write", action="store_true", help="write the table into docs/performance.md")
    return parser.parse_args(argv)


def show_picture(site: Path) -> None:
    """Give a course a picture, which is edited later."""
    course = site / "content/courses/coding/index.md"
    field = "image: {src: picture.png, alt: {it: Una figura, en: A picture}}"
    course.write_text(course.read_text("utf-8").replace("---\n", f"---\n{field}\n", 1), "utf-8")
    course.with_name("picture.png").write_bytes(_png(0))


def measure(site: Path, count: int, every: int) -> Iterator[tuple[int, Memory]]:
    """Yield the number of edits and the memory of the preview, after the first build and then every so many edits."""
    server = Command((sys.executable, "-c", PREVIEW, str(free_port())), site)
    edits = all_edits(site)
    with server.running() as process:
        wait_for_build(server, process, 0)
        worker = child_of(process.pid)
        yield 0, read_memory(worker)
        for number in range(1, count + 1):
            before = count_builds(server)
            next(edits)
            wait_for_build(server, process, before)
            if child_of(process.pid) != worker:
                raise BuildFailed(f"the preview started again at edit {number}: {server.last_lines()}")
            if number % every == 0:
                yield number, read_memory(worker)


def count_builds(server: Command) -> int:
    """Return how many builds the preview has ended."""
    return len(SUMMARY.findall(server.log.read_bytes())) if server.log.exists() else 0


def wait_for_build(server: Command, process: subprocess.Popen[bytes], before: int) -> None:
    """Wait until one more build has ended. Raises `BuildFailed` if none does in time."""
    deadline = time.monotonic() + TIMEOUT_S
    while count_builds(server) == before:
        if process.poll() is not None or time.monotonic() > deadline:
            raise BuildFailed(server.last_lines())
        time.sleep(POLL_S)


def child_of(number: int) -> int:
    """Return the process that a preview has started: the one that serves and builds."""
    (child,) = (PROCESSES / f"{number}/task/{number}/children").read_text("ascii").split()
    return int(child)


def read_memory(number: int) -> Memory:
    """Return the memory of a process."""
    text = (PROCESSES / str(number) / "smaps_rollup").read_text("ascii")
    sizes = {name: int(size) * 1024 for name, size in re.findall(r"^(\w+): +(\d+) kB", text, re.MULTILINE)}
    return Memory(sizes["Rss"], sizes["Private_Clean"] + sizes["Private_Dirty"])


def all_edits(site: Path) -> Iterator[str]:
    """Save one edit after the other, and yield which file it is."""
    content, number = site / "content", 0
    texts = sorted(path for path in content.rglob("*.md") if "snapshots" not in path.parts)
    rows = sorted(content.glob("snapshots/youtube/videos-*.jsonl"))
    rare, rarest = (*_rare_edits(site),), (*_rarest_edits(site),)
    while True:
        number += 1
        turn = number % SELDOM
        if number % HARDLY_EVER < len(rarest):
            path = rarest[number % HARDLY_EVER]
            _renew(path, number)
        elif turn < len(rare):
            path = rare[turn]
            _renew(path, number)
        elif turn % 7 == 0:
            path = rows[number % len(rows)]
            _renew_row(path, number)
        elif turn in (SELDOM - 2, SELDOM - 1):
            path = texts[number // SELDOM % len(texts)]
            path.write_text(_with_mistake(path.read_text("utf-8")), "utf-8")
        else:
            path = texts[number % len(texts)]
            change_a_word(path, f"Parola{number:05d}")
        yield path.relative_to(site).as_posix()


def _rare_edits(site: Path) -> Iterator[Path]:
    """Yield files of other sorts."""
    content = site / "content"
    yield content / "figures.yaml"
    yield content / "synonyms.yaml"
    yield content / "redirects.yaml"
    yield content / "snapshots/enrollments/active-learning.csv"
    yield content / "videos/captions/Yfac2CZJrP0.it.vtt"
    yield content / "courses/coding/picture.png"
    yield content / "people/una-persona.md"


def _rarest_edits(site: Path) -> Iterator[Path]:
    """Yield files that many or all pages depend on."""
    content, theme = site / "content", site / "theme"
    yield content / "videos/people.yaml"
    yield content / "videos/topics.yaml"
    yield theme / "static/css/base.css"
    yield theme / "static/js/main.js"
    yield next(path for path in sorted((theme / "templates").rglob("*.html")) if FOOT_MARK in path.read_text("utf-8"))
    yield theme / "locale/it/LC_MESSAGES/messages.po"


def _renew(path: Path, number: int) -> None:
    """Change a file so that what is made of it changes, too."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.suffix == ".png":
        path.write_bytes(_png(number))
        return
    text = path.read_text("utf-8") if path.exists() else ""
    if path.name == "una-persona.md" and text:
        # It comes and goes.
        path.unlink()
    else:
        path.write_text(RENEWED.get(path.name, _with_other_foot)(text, number), "utf-8")


def _with_other_foot(text: str, number: int) -> str:
    head, mark, rest = text.partition(FOOT_MARK)
    return head + mark + re.sub("·?</p>", "·</p>" if number // HARDLY_EVER % 2 == 0 else "</p>", rest, count=1)


def _with_line(text: str, line: str, beginning: str) -> str:
    """Return a text with another last line in place of the one that begins so."""
    others = [row for row in text.splitlines() if not row.startswith(beginning)]
    return "\n".join((*others, line, ""))


def _with_pattern(text: str, number: int) -> str:
    row = f'title:\n  - {{pattern: "Numero {number} - {{names}}"}}\n'
    return re.sub('^title:\n(?:  - {pattern: "Num.*\n)?', row, text, count=1, flags=re.MULTILINE)


RENEWED: Mapping[str, Callable[[str, int], str]] = {
    "figures.yaml": lambda text, number: re.sub(r"value: \d+", f"value: {10_000 + number}", text, count=1),
    "synonyms.yaml": lambda text, number: _with_line(text, f"- [parola{number}, termine{number}]", "- [parola"),
    "people.yaml": _with_pattern,
    "topics.yaml": lambda text, number: re.sub(r"words: \[(?:x\d+x, )?", f"words: [x{number}x, ", text, count=1),
    "redirects.yaml": lambda _, number: f"- {{from: /vecchio/{number}/, to: /corsi/}}\n",
    "active-learning.csv": lambda text, number: re.sub(r",\d+\n\Z", f",{50_000 + number}\n", text),
    "Yfac2CZJrP0.it.vtt": lambda _, number: f"WEBVTT\n\n00:01.000 --> 00:03.000\nRiga numero {number}.\n",
    "una-persona.md": lambda _, number: f"---\ntitle: Persona {number}\n---\nUn testo.\n",
    "base.css": lambda text, number: _with_line(text, f".x{number} {{ color: red; }}", ".x"),
    "main.js": lambda text, number: _with_line(text, f"globalThis.edited = {number};", "globalThis.edited"),
    "messages.po": lambda text, number: re.sub(r'msgstr "Corsi[^"]*"', f'msgstr "Corsi {number}"', text, count=1),
}
"""What becomes of a file by its name; a template gets another foot."""


def _renew_row(path: Path, number: int) -> None:
    """Give the first video of a file another title, as a sync would."""
    first, mark, rest = path.read_text("utf-8").partition("\n")
    path.write_text(re.sub(r'"title":\s*"(?:T\d+ )?', f'"title":"T{number} ', first, count=1) + mark + rest, "utf-8")


def _with_mistake(text: str) -> str:
    """Return a text with an unknown field, or without the one that it has."""
    field = "titolo: x\n"
    return text.replace(field, "", 1) if field in text else text.replace("---\n", f"---\n{field}", 1)


def _png(number: int) -> bytes:
    """Return a picture of one colour."""

    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    side = 400
    row = b"\0" + bytes((number % 256, number // 256 % 256, 99)) * side
    head = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(row * side)) + chunk(b"IEND", b"")


def _format(rows: Sequence[tuple[int, Memory]], every: int) -> str:
    cells = [
        (f"{number:,}", *(f"{value / table.MEBIBYTE:,.0f} MiB" for value in memory))
        for number, memory in rows
        if number % every == 0 or number == rows[1][0]
    ]
    return table.format_markdown(("edits", "resident", "its own"), cells)


if __name__ == "__main__":
    main()
