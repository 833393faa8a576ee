"""Requests to platforms: bounded, tried again where that helps, and without a secret in anything that is kept."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any, Protocol

from .recording import RecordedPage, Recording

__all__ = ["HttpClient", "PlatformAnswer"]


class PlatformAnswer(Protocol):
    """What a platform answered to a request that was not tried again: its status, headers and parsed body."""

    status: int
    headers: Mapping[str, str]
    body: Any


class HttpClient(Protocol):
    """Asks one platform."""

    requests_sent: int
    """How many requests the platform saw, those that were tried again included."""

    def fetch_page(
        self,
        recording: Recording,
        key: str,
        path: str,
        params: Mapping[str, str | int] | None = None,
        *,
        form: Mapping[str, str | int] | None = None,
        is_valid: Callable[[Any], bool],
        clean: Callable[[Any], Any] | None = None,
        handle_error: Callable[[PlatformAnswer], bool] | None = None,
    ) -> RecordedPage | None:
        """Return the page at `path`: one of this recording, a stored one that still holds (304), or a new one.

        A status that may pass (429, 5xx), a cut connection and a body that `is_valid` does not accept, such as HTML
        with status 200, are tried again within bounds, after the `Retry-After` that the platform asks for. Any other
        answer is handed to `handle_error`: True tries again, False gives None. Where there is no handler, or none of
        the tries succeeded, it raises `SourceFailed`.

        With a `form` the request is a POST, with these fields in its body, and is never conditional. What `clean`
        returns of a valid body is stored in its place: names of persons are dropped before they reach the disk.
        """

    def today(self) -> date:
        """Return the day of the sync."""
