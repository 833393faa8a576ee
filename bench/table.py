"""The goals, what was measured beside them, and the page that has the table."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

BEGIN, END = "<!-- bench:begin -->", "<!-- bench:end -->"
MEBIBYTE = 2**20

COLD, NOTHING, WORD, AFTER_EDIT, PARTIAL = "cold", "nothing", "word", "after an edit", "partial"
MEMORY, PREVIEW = "memory", "preview"
LARGE_COLD, LARGE_WORD = "large cold", "large word"

DESCRIPTIONS = {
    COLD: "cold",
    WORD: "one word",
    PREVIEW: "preview",
    LARGE_COLD: "ten times the items, cold",
    LARGE_WORD: "ten times the items, one word",
}
"""What a cell says of a scenario that its row does not name."""

Key = tuple[str, str]
"""A system's name and the scenario that was measured of it."""


@dataclass(frozen=True, slots=True)
class Measurement:
    """Samples in seconds, or in bytes for memory; or why there are none. `cpu_s` are processor seconds of each."""

    samples: tuple[float, ...] = ()
    cpu_s: tuple[float, ...] = ()
    missing: str = ""

    @property
    def value(self) -> float | None:
        return median(self.samples) if self.samples else None


NOT_MEASURED = Measurement(missing="not measured in this run")
Results = Mapping[Key, Measurement]


@dataclass(frozen=True, slots=True)
class Goal:
    """One row: what is measured, what it is set beside, and the highest ratio that holds the goal."""

    name: str
    text: str
    ours: Key
    beside: Key
    ratio: float


def goals(best: str) -> tuple[Goal, ...]:
    """Return all rows; `best` is our system with the fastest reader that is installed.

    The rows of edits and of memory are the default reader's, which is what a site has unless it says
    otherwise; a changed template and the large site are set beside the fastest cold build there is.
    """
    ours = "ours"
    return (
        Goal("fast", "cold, fast reader", ("fast", COLD), ("hugo", COLD), 0.5),
        Goal("default", "cold, default reader", (ours, COLD), ("pelican", COLD), 0.5),
        Goal("word", "one word changed, new process", (ours, WORD), ("hugo", COLD), 0.08),
        Goal("nothing", "nothing changed, new process", (ours, NOTHING), ("hugo", COLD), 0.05),
        Goal("after", "nothing changed, right after an edit", (ours, AFTER_EDIT), ("hugo", COLD), 0.05),
        Goal("preview", "one word changed, until the browser has it", (ours, PREVIEW), ("hugo", PREVIEW), 0.2),
        Goal("partial", "one template partial changed, all pages differ", (best, PARTIAL), (best, COLD), 0.5),
        Goal("memory", "peak memory of all processes, cold", (ours, MEMORY), ("hugo", MEMORY), 0.35),
        Goal("scale", "ten times the items, cold", (best, LARGE_COLD), (best, COLD), 11),
        Goal("scale", "ten times the items, one word changed", (best, LARGE_WORD), (best, WORD), 6),
    )


def ratio_of(ours: Sequence[float], beside: Sequence[float]) -> float | None:
    """Return the median of the rounds' own ratios, which what else the machine does disturbs least.

    Where the two were not measured equally often, it is the ratio of their medians.
    """
    if not ours or not beside:
        return None
    if len(ours) != len(beside):
        return median(ours) / median(beside)
    return median(value / base for value, base in zip(ours, beside, strict=True))


def goals_table(rows: Sequence[Goal], results: Results, labels: Mapping[str, str]) -> str:
    """Return a line for each goal: medians, ratios of time and of processor time, and the verdict."""
    lines = []
    for row in rows:
        ours, beside = results.get(row.ours, NOT_MEASURED), results.get(row.beside, NOT_MEASURED)
        names = (_describe(row.ours, labels), _describe(row.beside, labels))
        cells = (row.text, names[0], format_value(ours, row.ours), names[1], format_value(beside, row.beside))
        lines.append((*cells, *_judge(row, ours, beside)))
    head = ("what", "measured", "", "beside", "", "ratio", "of processor time", "goal", "")
    return format_markdown(head, lines)


def _describe(key: Key, labels: Mapping[str, str]) -> str:
    label = labels.get(key[0], key[0])
    return f"{label}: {DESCRIPTIONS[key[1]]}" if key[1] in DESCRIPTIONS else label


def _judge(row: Goal, ours: Measurement, beside: Measurement) -> tuple[str, str, str, str]:
    goal = f"≤ {row.ratio:g}"
    ratio = ratio_of(ours.samples, beside.samples)
    if ratio is None:
        return "–", "–", goal, f"not available: {ours.missing or beside.missing}"
    cpu_ratio = ratio_of(ours.cpu_s, beside.cpu_s)
    held = ratio <= row.ratio
    verdict = "held" if held else f"missed by {ratio - row.ratio:.3g} ({ratio / row.ratio:.2g} × the goal)"
    return f"{ratio:.3g}", "–" if cpu_ratio is None else f"{cpu_ratio:.3g}", goal, verdict


def format_value(measurement: Measurement, key: Key) -> str:
    """Return a median with its unit."""
    if measurement.value is None:
        return "–"
    is_memory = key[1] == MEMORY
    return f"{measurement.value / MEBIBYTE:,.0f} MiB" if is_memory else f"{measurement.value:,.2f} s"


def systems_table(results: Results, labels: Mapping[str, str], sizes: Mapping[str, tuple[int, int]]) -> str:
    """Return a line for each system: its cold builds, its memory, and how much it makes."""
    lines = []
    for name, label in labels.items():
        cold, memory = results.get((name, COLD), NOT_MEASURED), results.get((name, MEMORY), NOT_MEASURED)
        pages, size_b = sizes.get(name, (0, 0))
        spread = f"{min(cold.samples):,.2f}–{max(cold.samples):,.2f} s" if cold.samples else "–"
        cpu = f"{median(cold.cpu_s):,.2f} s" if cold.cpu_s else "–"
        built = (f"{pages:,}", f"{size_b / pages:,.0f} bytes") if pages else ("–", "–")
        memory_text = format_value(memory, (name, MEMORY))
        lines.append((label, format_value(cold, (name, COLD)), spread, cpu, memory_text, *built, cold.missing))
    head = ("system", "cold, median", "fastest–slowest", "processor time", "peak memory", "pages", "a page on average")
    return format_markdown((*head, ""), lines)


def format_markdown(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    head = tuple(head)
    lines = [" | ".join(head), "|".join("---" for _ in head), *(" | ".join(row) for row in rows)]
    return "\n".join(f"|{line}|" if set(line) <= {"-", "|"} else f"| {line} |" for line in lines)


def write_into(path: Path, text: str, begin: str = BEGIN, end: str = END) -> None:
    """Write the text between two marks of a page; raises `ValueError` if the page lacks them."""
    before, begins, rest = path.read_text("utf-8").partition(begin)
    _, ends, after = rest.partition(end)
    if not begins or not ends:
        raise ValueError(f"{path.name} has no place for the table: {begin} and {end}")
    path.write_text(f"{before}{begin}\n\n{text}\n\n{end}{after}", "utf-8")
