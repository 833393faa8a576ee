"""How heavy a site would be, in the report."""

from __future__ import annotations

from collections.abc import Iterator

from openknowledge.manifest import ManifestEntry

from ..result import format_bytes
from .escaping import format_code
from .report import ChangeReport, SiteSize, transfer_size_b

__all__ = ["grown", "heaviest", "size", "weights"]

HEAVIEST = 5


def weights(report: ChangeReport) -> Iterator[str]:
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
        yield f"| {name} | {format_bytes(old_b)} | {format_bytes(new_b)} | {grown(new_b - old_b)} |"


def heaviest(report: ChangeReport) -> Iterator[str]:
    """Where most of it comes from."""
    added = sorted(report.added, key=lambda one: (-one.growth_b, one.address))[:HEAVIEST]
    growing = [one for one in (*report.changed, *report.lists) if one.growth_b > 0]
    growing = sorted(growing, key=lambda one: (-one.growth_b, one.address))[:HEAVIEST]
    for title, files in (("Heaviest pages added", added), ("Pages that grow most", growing)):
        if files:
            yield ""
            yield f"{title}: {'; '.join(f'{format_code(one.address)} {grown(one.growth_b)}' for one in files)}"


def _whole_b(weight: SiteSize) -> int:
    return weight.size_b


def _travelling_b(weight: SiteSize) -> int:
    return weight.travelling_b


def size(entry: ManifestEntry) -> str:
    """How large a file is, and how much of that travels."""
    size_b, travels_b = entry.size_b, transfer_size_b(entry)
    return (
        format_bytes(size_b)
        if size_b == travels_b
        else f"{format_bytes(size_b)} ({format_bytes(travels_b)} compressed)"
    )


def grown(size_b: int) -> str:
    """A difference in bytes, with its sign."""
    if not size_b:
        return "±0 B"
    return f"{'+' if size_b > 0 else '−'}{format_bytes(abs(size_b))}"
