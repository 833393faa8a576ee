"""A function called elsewhere: what it raised comes back as a value, apart from what befell the worker."""

from __future__ import annotations

import logging
import pickle
import traceback
from collections.abc import Callable
from concurrent.futures import BrokenExecutor, Future
from dataclasses import dataclass
from threading import Lock
from typing import Any

__all__ = ["CallFailure", "pickle_call", "run_call", "unpickle_result"]

_one_at_a_time = Lock()
"""Dask's workers have threads. Ours is Python's own work, of which only one goes on at a time anyway."""


@dataclass(frozen=True, slots=True)
class CallFailure:
    """A call that gave no result: because of the function's `error`, or because the worker was lost.

    With neither, the error was one that cannot be sent; whoever calls the function again meets it.
    """

    error: Exception | None
    is_worker_lost: bool = False


def pickle_call(function: Callable[[Any], Any], argument: Any) -> bytes:
    """A call in a form that is nobody's business on its way: Dask's scheduler would unpack all else that it is sent."""
    return pickle.dumps((function, argument), pickle.HIGHEST_PROTOCOL)


def run_call(call: bytes) -> bytes:
    """In a worker: what the function gives, or `Failed`, for `brought` to unpack."""
    try:
        function, argument = pickle.loads(call)
    except Exception:
        return pickle.dumps(CallFailure(None, is_worker_lost=True))
    found = _found(function, argument)
    try:
        return pickle.dumps(found, pickle.HIGHEST_PROTOCOL)
    except Exception:
        return pickle.dumps(CallFailure(None, is_worker_lost=True))


def _found(function: Callable[[Any], Any], argument: Any) -> Any:
    try:
        with _one_at_a_time:
            return function(argument)
    except BrokenExecutor:
        return CallFailure(None, is_worker_lost=True)
    except Exception as error:
        return CallFailure(_picklable(error))


def unpickle_result(future: Future[bytes] | None) -> Any:
    """What came back. What the function raised comes as a value, so any error on the way is the way's fault."""
    if future is None:
        return CallFailure(None, is_worker_lost=True)
    try:
        return pickle.loads(future.result())
    except Exception as error:
        logging.getLogger(__name__).debug("A worker did not bring back its work: %s", error)
        return CallFailure(None, is_worker_lost=True)


def _picklable(error: Exception) -> Exception | None:
    """The error with the place in the worker where it was raised, if it arrives as it left."""
    error.add_note(f"In a worker:\n{''.join(traceback.format_exception(error))}")
    try:
        there = pickle.loads(pickle.dumps(error))
    except Exception:
        return None
    is_same = type(there) is type(error) and (there.args, str(there)) == (error.args, str(error))
    return error if is_same else None
