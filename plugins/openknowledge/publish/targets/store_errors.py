"""What object stores answer when they cannot or will not, and what operators are told of it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from obstore.exceptions import (
    AlreadyExistsError,
    BaseError,
    GenericError,
    NotFoundError,
    PermissionDeniedError,
    PreconditionError,
    UnauthenticatedError,
)

from ..errors import PublishFailed, make_problem

__all__ = ["ABSENT", "CONFLICT", "failure_of", "may_pass", "telling"]

ABSENT = (FileNotFoundError, NotFoundError)
FORBIDDEN = (PermissionError, PermissionDeniedError, UnauthenticatedError)
CONFLICT = (AlreadyExistsError, PreconditionError, FileExistsError)
KEY_HINT = "Are PUBLISH_ACCESS_KEY and PUBLISH_SECRET_KEY those of a key that may read, write and delete there?"
NETWORK_HINT = "Is the network there, and the store up? Then publish again: it goes on where it stopped."
CLOCK_HINT = "Set this machine's clock (timedatectl set-ntp true), and publish again."
ROOM_HINT = "Has it room left, and is it whole? Its own log says more. Then publish again: it goes on where it stopped."
KNOWN = (
    ("RequestTimeTooSkewed", "this machine's clock differs from the store's by more than it allows", CLOCK_HINT),
    ("RequestExpired", "this machine's clock differs from the store's by more than it allows", CLOCK_HINT),
    ("NoSuchBucket", "there is no such bucket", "Make it first; docs/operators.md says how, for each kind of store."),
    ("InvalidAccessKeyId", "the store does not know this key", KEY_HINT),
    ("SignatureDoesNotMatch", "the secret does not belong to the key", KEY_HINT),
    ("InternalError", "the store has an error of its own", ROOM_HINT),
    ("InsufficientStorage", "the store is full", "Make room there, and publish again: what is there is whole."),
)


def may_pass(error: BaseException) -> bool:
    """Whether an error is of the kind that may be gone in a moment."""
    return isinstance(error, BaseError) and not isinstance(error, (*ABSENT, *FORBIDDEN, *CONFLICT))


@contextmanager
def telling() -> Iterator[None]:
    """Tell what becomes of parts of a file as of all else: the client's writer raises `OSError` for any failure."""
    try:
        yield
    except FORBIDDEN:
        raise
    except OSError as error:
        raise GenericError(str(error)) from None


def _short(said: str) -> str:
    return said.split("\n", 1)[0].removeprefix("Generic S3 error: ")[:300]


def failure_of(error: Exception, where: str) -> PublishFailed:
    """What went wrong, for an operator."""
    said = str(error)
    for mark, message, hint in KNOWN:
        if mark in said:
            return PublishFailed([make_problem(where, message, hint)])
    if isinstance(error, FORBIDDEN):
        return PublishFailed([make_problem(where, "the store refuses: this key may not do that", KEY_HINT)])
    return PublishFailed([make_problem(where, f"the store does not answer as it should: {_short(said)}", NETWORK_HINT)])
