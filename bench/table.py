"""The goals, what was measured beside them, and the page where the table stands."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

BEGIN, END = "<!-- bench:begin -->", "<!-- bench:end -->"
MEBIBYTE = 2**20

COLD, NOTHING, WORD, PARTIAL, MEMORY, PREVIEW = "cold", "nothing", "word", "partial", "memory", "preview"
LARGE_COLD, LARGE_WORD = "large cold", "large word"

KINDS = {
    COLD: "cold",
    WORD: "one word",
    PREVIEW: "preview",
    LARGE_COLD: "ten times the items, cold",
    LARGE_WORD: "ten times the items, one word",
}
"""What a cell says of a measurement that its row does not name."""

Key = tuple[str, str]
"""A system's name and what was measured of it."""


@dataclass(frozen=True, slots=True)
class Measured:
    """What came out each time, in seconds or bytes; or why nothing did."""

    samples: tuple[float, ...] = ()
    missing: str = ""

    @property
    def value(self) -> float | None:
        return median(self.samples) if self.samples else None


NOT_ASKED = Measured(missing="not measured in this run")
Results = Mapping[Key, Measured]


@dataclass(frozen=True, slots=True)
class Goal:
    """One row: a measurement, what it is set beside, and the highest ratio that will do."""

    name: str
    text: str
    ours: Key
    beside: Key
    ratio: float


def goals(best: str) -> tuple[Goal, ...]:
    """All rows. `best` is our system with the fastest reader that is there.

    The rows of edits and of memory are the default reader's, which is what a site has unless it says
    otherwise; a changed template and the large site are set beside the fastest cold build there is.
    """
    ours = "ours"
    return (
        Goal("fast", "cold, fast reader", ("fast", COLD), ("hugo", COLD), 0.5),
        Goal("default", "cold, default reader", (ours, COLD), ("pelican", COLD), 0.5),
        Goal("word", "one word changed, new process", (ours, WORD), ("hugo", COLD), 0.08),
        Goal("nothing", "nothing changed, new process", (ours, NOTHING), ("hugo", COLD), 0.07),
        Goal("preview", "one word changed, until the browser has it", (ours, PREVIEW), ("hugo", PREVIEW), 0.2),
        Goal("partial", "one template partial changed, all pages differ", (best, PARTIAL), (best, COLD), 0.5),
        Goal("memory", "peak memory of all processes, cold", (ours, MEMORY), ("hugo", MEMORY), 0.35),
        Goal("scale", "ten times the items, cold", (best, LARGE_COLD), (best, COLD), 11),
        Goal("scale", "ten times the items, one word changed", (best, LARGE_WORD), (best, WORD), 6),
    )


def goals_table(rows: Sequence[Goal], results: Results, labels: Mapping[str, str]) -> str:
    """Each goal with medians, ratio and verdict."""
    lines = []
    for row in rows:
        ours, beside = results.get(row.ours, NOT_ASKED), results.get(row.beside, NOT_ASKED)
        names = (_described(row.ours, labels), _described(row.beside, labels))
        cells = (row.text, names[0], shown(ours, row.ours), names[1], shown(beside, row.beside))
        lines.append((*cells, *_judged(row, ours, beside)))
    return markdown(("what", "measured", "", "beside", "", "ratio", "goal", ""), lines)


def _described(key: Key, labels: Mapping[str, str]) -> str:
    label = labels.get(key[0], key[0])
    return f"{label}: {KINDS[key[1]]}" if key[1] in KINDS else label


def _judged(row: Goal, ours: Measured, beside: Measured) -> tuple[str, str, str]:
    goal = f"≤ {row.ratio:g}"
    if ours.value is None or beside.value is None:
        return "–", goal, f"not available: {ours.missing or beside.missing}"
    ratio = ours.value / beside.value
    held = ratio <= row.ratio
    return (
        f"{ratio:.3g}",
        goal,
        "held" if held else f"missed by {ratio - row.ratio:.3g} ({ratio / row.ratio:.2g} × the goal)",
    )


def shown(measured: Measured, key: Key) -> str:
    """A median with its unit."""
    if measured.value is None:
        return "–"
    return f"{measured.value / MEBIBYTE:,.0f} MiB" if key[1] == MEMORY else f"{measured.value:,.2f} s"


def systems_table(results: Results, labels: Mapping[str, str], sizes: Mapping[str, tuple[int, int]]) -> str:
    """Each system as a whole: its cold builds, its memory, and how much it makes."""
    lines = []
    for name, label in labels.items():
        cold, memory = results.get((name, COLD), NOT_ASKED), results.get((name, MEMORY), NOT_ASKED)
        pages, size = sizes.get(name, (0, 0))
        spread = f"{min(cold.samples):,.2f}–{max(cold.samples):,.2f} s" if cold.samples else "–"
        average = f"{size / pages:,.0f} bytes" if pages else "–"
        made = (f"{pages:,}" if pages else "–", average)
        why = "" if cold.samples else cold.missing
        lines.append((label, shown(cold, (name, COLD)), spread, shown(memory, (name, MEMORY)), *made, why))
    head = ("system", "cold, median", "fastest–slowest", "peak memory", "pages", "a page on average", "")
    return markdown(head, lines)


def markdown(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    head = tuple(head)
    lines = [" | ".join(head), "|".join("---" for _ in head), *(" | ".join(row) for row in rows)]
    return "\n".join(f"|{line}|" if set(line) <= {"-", "|"} else f"| {line} |" for line in lines)


def write_into(path: Path, text: str, begin: str = BEGIN, end: str = END) -> None:
    """Put the text between two marks of a page."""
    before, begins, rest = path.read_text("utf-8").partition(begin)
    _, ends, after = rest.partition(end)
    if not begins or not ends:
        raise ValueError(f"{path.name} has no place for the table: {begin} and {end}")
    path.write_text(f"{before}{begin}\n\n{text}\n\n{end}{after}", "utf-8")
