"""How far a publication has got: a bar with bytes on a terminal, a line a step elsewhere."""

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
    """A function to tell of progress. Where nobody watches, a step is told once, when it has ended."""
    shown = console or Console(file=sys.stderr)
    if not shown.is_terminal:
        yield _line
        return
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[size]}"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=shown, transient=True) as bar:
        tasks: dict[str, TaskID] = {}

        def tell(what: str, done: int, of_all: int, done_b: int) -> None:
            if what not in tasks:
                tasks[what] = bar.add_task(what, total=of_all, size="")
            bar.update(tasks[what], completed=done, size=format_bytes(done_b) if done_b else "")

        yield tell


def _line(what: str, done: int, of_all: int, done_b: int) -> None:
    if done == of_all:
        size = f", {format_bytes(done_b)}" if done_b else ""
        print(f"{what}: {of_all:,}{size}", file=sys.stderr, flush=True)
