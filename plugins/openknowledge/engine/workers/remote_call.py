"""What travels between a build and its workers: calls, results, and broadcasts of values with their files."""

from __future__ import annotations

import atexit
import hashlib
import logging
import pickle
import tempfile
import traceback
from collections.abc import Callable, Mapping
from concurrent.futures import BrokenExecutor
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import Any, Protocol, runtime_checkable

__all__ = [
    *("BroadcastRef", "CallFailure", "CallFuture", "ClusterUnavailable", "Payload", "Relocatable", "drop", "pack"),
    *("pickle_call", "put", "resolve", "run_call", "unpack", "unpickle_result"),
]

_call_lock = Lock()
"""Dask's workers have threads. Actions are Python code, of which one thread runs at a time anyway."""
_values: dict[str, Any] = {}
"""The broadcast values of this process by token."""


class ClusterUnavailable(Exception):
    """The cluster that a setting names cannot be used; `hint` says what to do about it."""

    def __init__(self, setting: str, message: str, hint: str) -> None:
        super().__init__(setting, message, hint)
        self.setting, self.message, self.hint = setting, message, hint


@dataclass(frozen=True, slots=True)
class CallFailure:
    """A call without a result: because of the function's `error`, or because the worker was lost.

    With neither, the error could not be pickled; it is raised again where the function runs once more.
    """

    error: Exception | None
    is_worker_lost: bool = False


WORKER_LOST = CallFailure(None, is_worker_lost=True)


class CallFuture(Protocol):
    """The pickled result of a call that runs elsewhere."""

    def result(self) -> bytes:
        """Wait for the result. Raises `BrokenExecutor` where the worker is lost."""


def pickle_call(function: Callable[[Any], Any], argument: Any) -> bytes:
    """Return a call as bytes, because Dask's scheduler would unpickle anything else on its way."""
    return pickle.dumps((function, argument), pickle.HIGHEST_PROTOCOL)


def run_call(call: bytes) -> bytes:
    """Run a call in a worker. Return its result or a `CallFailure`, pickled."""
    try:
        function, argument = pickle.loads(call)
        return pickle.dumps(_run(function, argument), pickle.HIGHEST_PROTOCOL)
    except Exception:
        return pickle.dumps(WORKER_LOST)


def _run(function: Callable[[Any], Any], argument: Any) -> Any:
    try:
        with _call_lock:
            return function(argument)
    except BrokenExecutor:
        return WORKER_LOST
    except Exception as error:
        return CallFailure(_picklable(error))


def unpickle_result(future: CallFuture | None) -> Any:
    """Return the result of a call or a `CallFailure`. An error of the future itself is the transport's."""
    if future is None:
        return WORKER_LOST
    try:
        return pickle.loads(future.result())
    except Exception as error:
        logging.getLogger(__name__).debug("A worker returned no result: %s", error)
        return WORKER_LOST


def _picklable(error: Exception) -> Exception | None:
    """Return the error with its traceback as a note; None if it is not the same after pickling."""
    error.add_note(f"In a worker:\n{''.join(traceback.format_exception(error))}")
    try:
        copy = pickle.loads(pickle.dumps(error))
    except Exception:
        return None
    is_same = type(copy) is type(error) and (copy.args, str(copy)) == (error.args, str(error))
    return error if is_same else None


@runtime_checkable
class Relocatable(Protocol):
    """A value that names folders, and can be made to name others with the same files."""

    def folders(self) -> tuple[str, ...]:
        """Return the folders whose files the value needs."""

    def relocated(self, folders: Mapping[str, str]) -> Any:
        """Return the same value with other folders."""


@dataclass(frozen=True, slots=True)
class BroadcastRef:
    """Stands for a value that a worker has."""

    token: str

    def get(self) -> Any:
        """Return the value. Raises `BrokenExecutor` where this process does not have it."""
        try:
            return _values[self.token]
        except KeyError:
            raise BrokenExecutor("this worker came too late for a broadcast") from None


@dataclass(frozen=True, slots=True)
class Payload:
    """A relocatable value and the files of its folders: for each folder, paths and bytes."""

    token: str
    value: Relocatable
    files: Mapping[str, tuple[tuple[str, bytes], ...]]

    @property
    def ref(self) -> BroadcastRef:
        """Return what stands for the value."""
        return BroadcastRef(self.token)


def resolve(value: Any) -> Any:
    """Return the value for a reference, any other value as it is. Raises `BrokenExecutor` where it is missing."""
    return value.get() if isinstance(value, BroadcastRef) else value


def put(token: str, value: Any) -> None:
    """Store a value of this process under a token."""
    _values[token] = value


def drop(token: str) -> None:
    """Remove a value of this process."""
    _values.pop(token, None)


def pack(value: Relocatable) -> Payload:
    """Return the value with all its files; equal ones have the same token."""
    files = {folder: _read_files(Path(folder)) for folder in value.folders()}
    token = hashlib.sha256(pickle.dumps((value, files))).hexdigest()
    return Payload(token, value, files)


def unpack(payload: Payload) -> Any:
    """Write the files into a folder of this process, which is removed at its end, and return the relocated value."""
    if payload.token not in _values:
        folder = tempfile.TemporaryDirectory(prefix="openknowledge-", ignore_cleanup_errors=True)
        atexit.register(folder.cleanup)
        folders = {}
        for number, (original, files) in enumerate(payload.files.items()):
            folders[original] = str(Path(folder.name, str(number)))
            for name, data in files:
                path = Path(folders[original], name)
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(data)
        put(payload.token, payload.value.relocated(folders))
    return _values[payload.token]


def _read_files(folder: Path) -> tuple[tuple[str, bytes], ...]:
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    return tuple((path.relative_to(folder).as_posix(), path.read_bytes()) for path in paths)
