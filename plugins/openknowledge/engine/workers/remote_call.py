"""What travels between a build and its workers: calls, results, and broadcasts of values with their files."""

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
    *("BroadcastRef", "CallFailure", "ClusterUnavailable", "Payload", "Relocatable", "broadcast_values", "pack"),
    *("pickle_call", "resolve", "run_call", "unpack", "unpickle_result"),
]

_call_lock = Lock()
"""Dask's workers have threads. Actions are Python code, of which one thread runs at a time anyway."""
broadcast_values: dict[str, Any] = {}
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


def pickle_call(function: Callable[[Any], Any], argument: Any) -> bytes:
    """Return a call as bytes, because Dask's scheduler would unpickle anything else on its way."""
    return pickle.dumps((function, argument), pickle.HIGHEST_PROTOCOL)


def run_call(call: bytes) -> bytes:
    """Run a call in a worker. Return its result or a `CallFailure`, pickled."""
    try:
        function, argument = pickle.loads(call)
        try:
            with _call_lock:
                result = function(argument)
        except BrokenExecutor:
            result = WORKER_LOST
        except Exception as error:
            result = CallFailure(_picklable(error))
        return pickle.dumps(result, pickle.HIGHEST_PROTOCOL)
    except Exception:
        return pickle.dumps(WORKER_LOST)


def unpickle_result(future: Any) -> Any:
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
    """Stands for a value that a worker has under a token."""

    token: str


@dataclass(frozen=True, slots=True)
class Payload:
    """A relocatable value and the files of its folders: for each folder, paths and bytes."""

    token: str
    value: Relocatable
    files: Mapping[str, tuple[tuple[str, bytes], ...]]


def resolve(value: Any) -> Any:
    """Return the value for a reference, any other value as it is. Raises `BrokenExecutor` where it is missing."""
    if not isinstance(value, BroadcastRef):
        return value
    try:
        return broadcast_values[value.token]
    except KeyError:
        raise BrokenExecutor("this worker came too late for a broadcast") from None


def pack(value: Relocatable) -> Payload:
    """Return the value with all its files; equal ones have the same token."""
    files = {}
    for folder in value.folders():
        paths = sorted(path for path in Path(folder).rglob("*") if path.is_file())
        files[folder] = tuple((path.relative_to(folder).as_posix(), path.read_bytes()) for path in paths)
    return Payload(hashlib.sha256(pickle.dumps((value, files))).hexdigest(), value, files)


def unpack(payload: Payload) -> Any:
    """Write the files into a folder of this process, which is removed at its end, and return the relocated value."""
    if payload.token not in broadcast_values:
        folder = tempfile.TemporaryDirectory(prefix="openknowledge-", ignore_cleanup_errors=True)
        atexit.register(folder.cleanup)
        folders = {}
        for number, (original, files) in enumerate(payload.files.items()):
            folders[original] = str(Path(folder.name, str(number)))
            for name, data in files:
                path = Path(folders[original], name)
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(data)
        broadcast_values[payload.token] = payload.value.relocated(folders)
    return broadcast_values[payload.token]
