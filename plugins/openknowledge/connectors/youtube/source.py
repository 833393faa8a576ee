"""The source of kind `youtube`: a channel by the YouTube Data API v3."""

from collections.abc import Iterable
from dataclasses import dataclass

import httpx
from httpx_auth import HeaderApiKey

from openknowledge.connectors.recording import Recording
from openknowledge.connectors.source import RecordContext, SourceFacts, SyncFindings

from .answers import read_recording
from .facts import read_facts
from .recorder import YouTubeRecorder

__all__ = ["YouTubeSource"]


@dataclass(slots=True, kw_only=True)
class YouTubeSource:
    """A channel by its id (`UC…`) or handle (`@…`), asked for with the key of a project of the Google Cloud."""

    name: str
    channel: str
    key: str
    url: str = "https://www.googleapis.com/youtube/v3"
    tables: tuple[str, ...] = ("video", "playlist")
    requests_a_minute: int | None = None

    def create_auth(self) -> httpx.Auth:
        """Return what puts the key into a header of each request, so that it is in no address."""
        return HeaderApiKey(self.key, "X-Goog-Api-Key")

    def secrets(self) -> Iterable[str]:
        """Return the key."""
        return (self.key,)

    def record(self, context: RecordContext) -> None:
        """Record the channel, its playlists and its videos."""
        YouTubeRecorder(context, self.channel).record()

    def read(self, recording: Recording, known: SourceFacts, findings: SyncFindings) -> SourceFacts:
        """Return the facts of a finished recording."""
        return read_facts(read_recording(recording, findings), known)
