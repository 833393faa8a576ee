"""What a build made, so that the next one can remove what it makes no more."""

from __future__ import annotations

import json
import time
from pathlib import Path

from ..output import DRAFT, write_if_changed

LEDGER = ".ledger.json"
UNFINISHED = ".unfinished"
"""Stands in output/ while a build runs: where the next one meets it, drafts of a killed one may lie about."""


class Ledger:
    """The files of output/ by path, kept in output/.ledger.json between builds."""

    def __init__(self) -> None:
        self.root = Path()
        self.made: set[str] = set()
        self.changed = 0
        self.removed = 0
        self.problems = 0
        self.began = 0.0

    def begin(self, root: str) -> None:
        """Start a build into `root`."""
        self.root = Path(root).resolve()
        self.made, self.changed, self.removed = set(), 0, 0
        self.began = time.monotonic()

    def open(self) -> None:
        """Mark output/ as unfinished, now that all content is known to be right."""
        if (self.root / UNFINISHED).exists():
            for draft in sorted(self.root.rglob(f".*{DRAFT}")):
                draft.unlink(missing_ok=True)
        self.root.mkdir(parents=True, exist_ok=True)
        (self.root / UNFINISHED).touch()

    def note(self, path: Path, changed: bool) -> None:
        """Take down that the build made `path`; files elsewhere are not ours to keep."""
        whole = Path(path).resolve()
        if whole.is_relative_to(self.root):
            self.made.add(whole.relative_to(self.root).as_posix())
            self.changed += changed

    def finish(self) -> None:
        """Remove what the last build made and this one did not, then write the ledger, last of all."""
        for path in sorted(self._before() - self.made):
            self._remove(self.root / path)
        data = json.dumps(sorted(self.made), indent=0, ensure_ascii=False)
        write_if_changed(self.root / LEDGER, f"{data}\n".encode())
        (self.root / UNFINISHED).unlink(missing_ok=True)

    def _before(self) -> set[str]:
        try:
            found = json.loads((self.root / LEDGER).read_text("utf-8"))
        except (OSError, ValueError):
            return set()
        return {path for path in found if isinstance(path, str)} - {LEDGER} if isinstance(found, list) else set()

    def _remove(self, path: Path) -> None:
        """Remove a file and the folders that it leaves empty; a path that leads out of output/ is not followed."""
        if not path.resolve().is_relative_to(self.root):
            return
        path.unlink(missing_ok=True)
        self.removed += 1
        for folder in path.parents:
            if folder == self.root or not folder.is_dir() or any(folder.iterdir()):
                break
            folder.rmdir()
