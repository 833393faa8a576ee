"""How heavy a site would be, in the report."""

from __future__ import annotations

from collections.abc import Iterator

from openknowledge.manifest import ManifestEntry

from ..result import readable
from .escaping import code
from .report import Report, Weight, travelling_b

__all__ = ["grown", "heaviest", "size", "weights"]

HEAVIEST = 5


def weights(report: Report) -> Iterator[str]:
    """The whole site before and after, as a table."""
    yield ""
    yield "### Weight"
    yield ""
    yield "| | published | then | difference |"
    yield "|---|---:|---:|---:|"
    before, after = report.before, report.after
    difference = after.files - before.files
    yield f"| files | {before.files:,} | {after.files:,} | {difference:+,} |"
    for name, of in (("bytes", _whole_b), ("bytes that travel", _travelling_b)):
        old_b, new_b = of(before), of(after)
        yield f"| {name} | {readable(old_b)} | {readable(new_b)} | {grown(new_b - old_b)} |"


def heaviest(report: Report) -> Iterator[str]:
    """Where most of it comes from."""
    added = sorted(report.added, key=lambda one: (-one.growth_b, one.address))[:HEAVIEST]
    growing = [one for one in (*report.changed, *report.lists) if one.growth_b > 0]
    growing = sorted(growing, key=lambda one: (-one.growth_b, one.address))[:HEAVIEST]
    for title, files in (("Heaviest pages added", added), ("Pages that grow most", growing)):
        if files:
            yield ""
            yield f"{title}: {'; '.join(f'{code(one.address)} {grown(one.growth_b)}' for one in files)}"


def _whole_b(weight: Weight) -> int:
    return weight.size_b


def _travelling_b(weight: Weight) -> int:
    return weight.travelling_b


def size(entry: ManifestEntry) -> str:
    """How large a file is, and how much of that travels."""
    size_b, travels_b = entry.size_b, travelling_b(entry)
    return readable(size_b) if size_b == travels_b else f"{readable(size_b)} ({readable(travels_b)} compressed)"


def grown(size_b: int) -> str:
    """A difference in bytes, with its sign."""
    if not size_b:
        return "±0 B"
    return f"{'+' if size_b > 0 else '−'}{readable(abs(size_b))}"
