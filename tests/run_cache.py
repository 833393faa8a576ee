"""Things that are costly to make, made once in a test run for all of its processes."""

from __future__ import annotations

import os
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from filelock import FileLock

T = TypeVar("T")


class RunCache:
    """A folder that all processes of a test run know.

    The first process that asks for something makes it; the others wait until it is there.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def path(self, name: str, make: Callable[[Path], object]) -> Path:
        """Return the folder `name`, which `make` fills where it is empty."""
        folder, ready = self.folder / name, self.folder / f"{name}.ready"
        self.folder.mkdir(parents=True, exist_ok=True)
        with FileLock(self.folder / f"{name}.lock"):
            if not ready.exists():
                folder.mkdir(exist_ok=True)
                make(folder)
                ready.touch()
        return folder

    def value(self, name: str, compute: Callable[[], T]) -> T:
        """Return a value that can be pickled, computed by one of the processes."""
        computed: list[T] = []

        def store(folder: Path) -> None:
            computed.append(compute())
            (folder / "value").write_bytes(pickle.dumps(computed[0], pickle.HIGHEST_PROTOCOL))

        folder = self.path(name, store)
        return computed[0] if computed else pickle.loads((folder / "value").read_bytes())  # type: ignore[no-any-return]


def run_folder(own: Path) -> Path:
    """Return the folder of the whole run, where `own` is pytest's temporary folder of this process."""
    return own.parent if "PYTEST_XDIST_WORKER" in os.environ else own
