"""Why a source cannot be recorded."""

__all__ = ["LimitReached", "SourceFailed"]


class SourceFailed(Exception):
    """A source cannot be recorded now; the message says why, for an operator, and has no secret."""


class LimitReached(SourceFailed):
    """The source's own limit of requests is used up; what was recorded is there for the next sync."""
