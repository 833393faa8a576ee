"""What is being done, and how many of how many, on a terminal and nowhere else."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn

from openknowledge.content.loader import ProgressCallback as Tell


@contextmanager
def progress_bar(console: Console) -> Iterator[Tell]:
    """A function to tell of progress: (what, done, of how many). Silent where nobody watches.

    A terminal has room for one live display: `console` is the one that shows others, too.
    """
    if not console.is_terminal:
        yield lambda _what, _done, _all: None
        return
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=console, transient=True) as bar:
        tasks: dict[str, TaskID] = {}

        def tell(what: str, done: int, of_all: int) -> None:
            if what not in tasks:
                tasks[what] = bar.add_task(what, total=of_all)
            bar.update(tasks[what], completed=done)

        yield tell
