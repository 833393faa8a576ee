"""The source of kind `youtube`: a channel by the YouTube Data API v3."""

from collections.abc import Iterable
from dataclasses import dataclass, field

import httpx
from httpx_auth import HeaderApiKey

from openknowledge.connectors.recording import Recording
from openknowledge.connectors.source import RecordContext, SourceFacts, SourceFailed, SyncFindings
from openknowledge.connectors.token_auth import TokenAuth

from .answers import read_recording
from .facts import read_facts
from .recorder import YouTubeRecorder

__all__ = ["YouTubeSource"]


@dataclass(slots=True, kw_only=True)
class YouTubeSource:
    """A channel by its id (`UC…`) or handle (`@…`).

    It is asked for with the key of a project of the Google Cloud, or with the authorization of the channel's owner:
    what is read with that may be stored for longer.
    """

    name: str
    channel: str
    key: str = field(default="", repr=False)
    client_id: str = field(default="", repr=False)
    client_secret: str = field(default="", repr=False)
    refresh_token: str = field(default="", repr=False)
    url: str = "https://www.googleapis.com/youtube/v3"
    token_url: str = "https://oauth2.googleapis.com/token"
    tables: tuple[str, ...] = ("video", "playlist")
    requests_a_minute: int | None = None

    def create_auth(self) -> httpx.Auth:
        """Return what puts the key or the owner's token into a header, so that neither is in an address."""
        owner = {"client_id": self.client_id, "client_secret": self.client_secret, "refresh_token": self.refresh_token}
        if all(owner.values()):
            return TokenAuth(self.token_url, {**owner, "grant_type": "refresh_token"})
        if self.key and not any(owner.values()):
            return HeaderApiKey(self.key, "X-Goog-Api-Key")
        names = [f"SYNC_{self.name}_{name}".replace("-", "_").upper() for name in ("key", *owner)]
        raise SourceFailed(
            f"Set {names[0]} in the environment, or all of {', '.join(names[1:])}; see docs/operators.md"
        )

    def secrets(self) -> Iterable[str]:
        """Return the key, and what the owner has authorized."""
        return tuple(filter(None, (self.key, self.client_id, self.client_secret, self.refresh_token)))

    def record(self, context: RecordContext) -> None:
        """Record the channel, its playlists and its videos."""
        YouTubeRecorder(context, self.channel).record()

    def read(self, recording: Recording, known: SourceFacts, findings: SyncFindings) -> SourceFacts:
        """Return the facts of a finished recording."""
        return read_facts(read_recording(recording, findings), known)
