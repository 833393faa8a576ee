"""A place that has folders and symlinks, as a publication uses it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Protocol

from ..built_site import BuiltSite
from . import ProgressCallback
from .release_layout import CURRENT, FORMER, NOTE, REGISTER, Draft, Note

__all__ = ["LOOKED_AT", "PlaceSnapshot", "ReleaseFilesystem"]


@dataclass(frozen=True, slots=True)
class PlaceSnapshot:
    """What a place has at one moment: small files by name, the number that `current` leads to, folders of releases.

    `is_folder` where something else than a link is called `current`. `stranger` is something in a place without a
    register that is not ours. `lock` is who has the lock, or had it when killed. `now_s` is the time there, as
    near as it is known without writing.
    """

    files: Mapping[str, bytes]
    current: int | None = None
    is_folder: bool = False
    folders: tuple[str, ...] = ()
    stranger: str = ""
    lock: str = ""
    now_s: float = 0.0

    @property
    def version(self) -> str:
        """Another text for each state that somebody else can have made."""
        return sha256(b"%a %b" % (self.current, self.files.get(REGISTER, b""))).hexdigest()

    @property
    def note(self) -> Note:
        return Note.loaded(self.files.get(f"{CURRENT}/{NOTE}", b""))


LOOKED_AT = (REGISTER, FORMER, f"{CURRENT}/{NOTE}")
"""The files that `Disk.look` reads where they are there."""


class ReleaseFilesystem(Protocol):
    """What a publication does to a place; all names are relative to it. Each raises `Failed` where it cannot be done.

    Whatever changes something is told the number of our lock, and raises `Failed` if that is not the last one.
    """

    @property
    def where(self) -> str: ...

    def read_snapshot(self) -> PlaceSnapshot: ...

    def read(self, names: Sequence[str]) -> Mapping[str, bytes]:
        """The bytes of small files, of those that are there."""
        ...

    def lock(self, by: str) -> tuple[int, PlaceSnapshot]:
        """Take the lock: its number, and what is seen from now on. Raises `Refused` where somebody else has it."""
        ...

    def renew(self, held: int) -> bool: ...

    def unlock(self, held: int) -> None:
        """Let go of the lock, and of whatever else was kept open."""
        ...

    def write(self, held: int, files: Mapping[str, bytes]) -> None:
        """Put small files in place, each at once, in this order."""
        ...

    def build(self, draft: Draft, site: BuiltSite | None, progress: ProgressCallback) -> None:
        """Make the folder of a release, whole and under its name, or not at all."""
        ...

    def switch(self, held: int, number: int) -> float:
        """Have readers get another release from now on, once that is safe on the disk; the time at which they do."""
        ...

    def after(self) -> None:
        """What an operator wants done whenever readers get another release."""
        ...

    def remove(self, held: int, names: Sequence[str]) -> None:
        """Remove files and whole folders; those that are not there are as good as removed."""
        ...
