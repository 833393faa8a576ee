"""A folder with releases that can be taken away as a whole, as previews are."""

from __future__ import annotations

import shutil
from dataclasses import dataclass

from ..errors import PublishFailed, PublishRefused, make_problem
from . import ProgressCallback, PublishedState
from .directory import LocalFilesystem
from .release_dirs import ReleaseDirTarget

__all__ = ["DirectoryTarget"]


@dataclass(frozen=True)
class DirectoryTarget(ReleaseDirTarget):
    """Releases in a folder of this machine, or one that is mounted."""

    def remove(self, state: PublishedState, by: str, progress: ProgressCallback) -> int:
        """Take the lock and remove everything; how many files there were, 0 where nothing was published."""
        disk = self.filesystem
        if not isinstance(disk, LocalFilesystem) or state.manifest is None:
            return 0
        count = state.manifest.root.files
        held, seen = disk.lock(by)
        if seen.version != state.version:
            disk.unlock(held)
            raise PublishRefused(
                [make_problem(self.name, "somebody else has published here in the meantime", "Try it again.")]
            )
        progress("Removing", 0, count, 0)
        # Out of the readers' way at once, and then away; who is killed in between leaves only what nobody looks at.
        gone = disk.root.with_name(f".{disk.root.name}.removed")
        try:
            shutil.rmtree(gone, ignore_errors=True)
            disk.root.rename(gone)
            shutil.rmtree(gone)
        except OSError as error:
            message = f"cannot be removed: {error.strerror}"
            raise PublishFailed(
                [make_problem(self.name, message, "Remove it by hand; nothing else is in it.")]
            ) from None
        progress("Removing", count, count, 0)
        return count
