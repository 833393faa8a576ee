"""Values that live in files, for workers that do not see our disk: the files go along, once, and are unpacked there."""

from __future__ import annotations

import atexit
import hashlib
import pickle
import tempfile
from collections.abc import Mapping
from concurrent.futures import BrokenExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

__all__ = ["BroadcastRef", "Payload", "Relocatable", "drop", "pack", "put", "unpack"]


@runtime_checkable
class Relocatable(Protocol):
    """A value that names folders, and can say the same of other ones with the same files."""

    def folders(self) -> tuple[str, ...]: ...

    def relocated(self, places: Mapping[str, str]) -> Any: ...


@dataclass(frozen=True, slots=True)
class BroadcastRef:
    """Stands for a value that a worker has been given before."""

    token: str

    def get(self) -> Any:
        """The value. Raises `BrokenExecutor` where this worker has not got it."""
        try:
            return _values[self.token]
        except KeyError:
            raise BrokenExecutor("this worker came too late to be given what it needs") from None


@dataclass(frozen=True, slots=True)
class Payload:
    """A movable value and the files of its folders: for each folder, paths and bytes."""

    token: str
    value: Relocatable
    files: Mapping[str, tuple[tuple[str, bytes], ...]]

    @property
    def ref(self) -> BroadcastRef:
        return BroadcastRef(self.token)


_values: dict[str, Any] = {}
"""What this process has been given, by token."""


def put(token: str, value: Any) -> None:
    """Have a value at hand under its token."""
    _values[token] = value


def drop(token: str) -> None:
    """Have it at hand no more."""
    _values.pop(token, None)


def pack(value: Relocatable) -> Payload:
    """The value with all its files; equal ones have the same token."""
    files = {folder: _files(Path(folder)) for folder in value.folders()}
    token = hashlib.sha256(pickle.dumps((value, files))).hexdigest()
    return Payload(token, value, files)


def unpack(packed: Payload) -> Any:
    """The value with its files in a folder of this process's own, which goes with it."""
    if packed.token not in _values:
        kept = tempfile.TemporaryDirectory(prefix="openknowledge-", ignore_cleanup_errors=True)
        atexit.register(kept.cleanup)
        places = {}
        for number, (folder, files) in enumerate(packed.files.items()):
            places[folder] = str(Path(kept.name, str(number)))
            for path, data in files:
                place = Path(places[folder], path)
                place.parent.mkdir(parents=True, exist_ok=True)
                place.write_bytes(data)
        put(packed.token, packed.value.relocated(places))
    return _values[packed.token]


def _files(folder: Path) -> tuple[tuple[str, bytes], ...]:
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    return tuple((path.relative_to(folder).as_posix(), path.read_bytes()) for path in paths)
