"""The file watcher: it merges bursts of saves, skips editors' temporary files, and never loses the last save."""

from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Event, Thread
from typing import Any, Self

from watchfiles import Change, watch

__all__ = ["PACKAGE", "FileWatcher", "is_watched", "needs_new_process"]

PACKAGE = Path(__file__).parents[1]
"""The folder of this package, wherever it is installed."""

FOLDERS = ("content", "theme", "plugins")
SETTINGS = "pelicanconf.py"

QUIET_MS = 10
"""How often changes are polled: a burst ends when two polls find nothing new."""
BURST_MS = 200
"""How long a burst may last before it is built all the same."""
BEGIN_MS = 50
"""How soon a watch without events reports that it has begun."""

TEMPORARY = ("~", ".swp", ".swx", ".swpx", ".tmp", ".pyc")
EDITOR_PROBES = ("4913",)
"""The files that Vim writes to test whether it may write."""


class FileWatcher:
    """Watches the files of a project as long as the block runs, from its first moment on.

    Changes during a build come with the next call. Where the settings change, or a watched folder appears or goes, only
    a new process can follow; the name of the cause is then among the files.
    """

    def __init__(self, project: Path) -> None:
        self._project = project
        self._queue: SimpleQueue[Iterable[str]] = SimpleQueue()
        self._over = Event()
        self._threads: list[Thread] = []

    def __enter__(self) -> Self:
        folders = [self._project / name for name in FOLDERS if (self._project / name).is_dir()]
        code = [PACKAGE] if not any(PACKAGE.is_relative_to(folder) for folder in folders) else []
        self._watch([*folders, *code], lambda _, path: is_watched(self._shown_path(path)), recursive=True)
        self._watch([self._project], needs_restart, recursive=False)
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        for thread in self._threads:
            thread.join()

    def _watch(self, paths: Sequence[Path], wanted: Callable[[Change, str], bool], recursive: bool) -> None:
        """Start the watch in a thread; return when it misses nothing any more."""
        begun = Event()

        def follow() -> None:
            options: dict[str, Any] = {"stop_event": self._over, "watch_filter": wanted, "recursive": recursive}
            waits: dict[str, Any] = {"step": QUIET_MS, "debounce": BURST_MS, "rust_timeout": BEGIN_MS}
            for changes in watch(*paths, **options, **waits, yield_on_timeout=True, raise_interrupt=False):
                begun.set()
                if changes:
                    self._queue.put([self._shown_path(path) for _, path in changes])

        self._threads.append(Thread(target=follow, daemon=True))
        self._threads[-1].start()
        begun.wait()

    def wait_for_changes(self, timeout_s: float | None = None) -> tuple[str, ...]:
        """Wait for the next save, and return the paths of all files that were saved since the last call.

        Empty where the time is up.
        """
        paths: set[str] = set()
        with suppress(Empty):
            paths.update(self._queue.get(timeout=timeout_s))
            while True:
                paths.update(self._queue.get_nowait())
        return tuple(sorted(paths))

    def _shown_path(self, path: str) -> str:
        whole = Path(path)
        folder = self._project if whole.is_relative_to(self._project) else PACKAGE.parent
        return whole.relative_to(folder).as_posix() if whole.is_relative_to(folder) else whole.name


def needs_restart(change: Change, path: str) -> bool:
    """Return whether the settings changed, or a watched folder appeared or went."""
    name = Path(path).name
    return name == SETTINGS or (name in FOLDERS and change != Change.modified)


def is_watched(path: str) -> bool:
    """Return whether a file may be part of the site or of the code: not temporary, hidden or compiled."""
    *folders, name = path.split("/")
    if any(part.startswith(".") or part == "__pycache__" for part in (*folders, name)):
        return False
    return not (name.endswith(TEMPORARY) or name.startswith("#") or name in EDITOR_PROBES)


def needs_new_process(paths: Iterable[str]) -> bool:
    """Return whether any of the files is one that a running process cannot load: code, settings, a watched folder."""
    return any(path.endswith(".py") or path in FOLDERS for path in paths)
