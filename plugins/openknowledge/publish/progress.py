"""The progress of a publication: a bar with bytes on a terminal, a line for each finished step elsewhere."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from .result import format_bytes
from .targets import ProgressCallback

__all__ = ["show_progress"]


@contextmanager
def show_progress(console: Console | None = None) -> Iterator[ProgressCallback]:
    """Yield a callback that shows progress."""
    output = console or Console(file=sys.stderr)
    if not output.is_terminal:
        yield _print_finished
        return
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[size]}"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=output, transient=True) as bar:
        tasks: dict[str, TaskID] = {}

        def update(step: str, done: int, total: int, done_b: int) -> None:
            if step not in tasks:
                tasks[step] = bar.add_task(step, total=total, size="")
            bar.update(tasks[step], completed=done, size=format_bytes(done_b) if done_b else "")

        yield update


def _print_finished(step: str, done: int, total: int, done_b: int) -> None:
    if done == total:
        size = f", {format_bytes(done_b)}" if done_b else ""
        print(f"{step}: {total:,}{size}", file=sys.stderr, flush=True)
