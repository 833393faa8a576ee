"""The kinds of sources that `SOURCES` may name."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

from pydantic import Field

from .settings import Option, SourceKind
from .table import TABLE
from .youtube.feed import YouTubeFeedSource
from .youtube.flat_dump import FlatDumpSource
from .youtube.source import YouTubeSource

__all__ = ["SOURCE_KINDS"]

ChannelId = Annotated[str, Field(strict=True, pattern=r"^UC[A-Za-z0-9_-]{22}$")]
Channel = Annotated[str, Field(strict=True, pattern=r"^(UC[A-Za-z0-9_-]{22}|@[^\s/?#&]{3,})$")]
WebAddress = Annotated[str, Field(strict=True, pattern=r"^https?://[^\s?#]+$")]
CHANNEL_HINT = 'Write the id of the channel: "UC" and 22 letters, as youtube.com/account_advanced shows it'
YOUTUBE_URL = Option(
    WebAddress, "Write where YouTube is asked, if that is not YouTube itself: https://proxy.example.edu"
)

SOURCE_KINDS: Mapping[str, SourceKind] = {
    "table": TABLE,
    "youtube": SourceKind(
        lambda _, values: YouTubeSource(**values),
        {"channel": Option(Channel, f"{CHANNEL_HINT}, or its handle: @polimi", is_required=True), "url": YOUTUBE_URL},
        secrets=("key",),
    ),
    "youtube-feed": SourceKind(
        lambda _, values: YouTubeFeedSource(**values),
        {"channel": Option(ChannelId, f"{CHANNEL_HINT}.", is_required=True), "url": YOUTUBE_URL},
    ),
    "yt-dlp": SourceKind(
        lambda _, values: FlatDumpSource(**values),
        {"file": Option(Path, "Write the path of a file that yt-dlp --flat-playlist -J wrote.", is_required=True)},
    ),
}
"""By the word after `kind`. A kind is one line: its class, its options with their types and hints, its secrets."""
