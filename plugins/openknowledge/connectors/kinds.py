"""The kinds of sources that `SOURCES` may name."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from openknowledge.rendering.locale import is_timezone

from .moodle import MoodleSource
from .openedx import OpenEdxSource
from .settings import Option, SourceKind
from .table import TABLE
from .youtube.feed import YouTubeFeedSource
from .youtube.flat_dump import FlatDumpSource
from .youtube.source import YouTubeSource

__all__ = ["SOURCE_KINDS"]

ChannelId = Annotated[str, Field(strict=True, pattern=r"^UC[A-Za-z0-9_-]{22}$")]
Channel = Annotated[str, Field(strict=True, pattern=r"^(UC[A-Za-z0-9_-]{22}|@[^\s/?#&]{3,})$")]
WebAddress = Annotated[str, Field(strict=True, pattern=r"^https?://[^\s?#@]+$")]
CHANNEL_HINT = 'Write the id of the channel: "UC" and 22 letters, as youtube.com/account_advanced shows it'
YOUTUBE_URL = Option(
    WebAddress, "Write where YouTube is asked, if that is not YouTube itself: https://proxy.example.edu"
)


def _check_timezone(name: str) -> str:
    if not is_timezone(name):
        raise ValueError(name)
    return name


TimeZone = Annotated[str, AfterValidator(_check_timezone)]
COURSE_PLATFORM = {
    "url": Option(WebAddress, "Write the address of the platform: https://lms.example.edu", is_required=True),
    "courses": Option(dict[str, str], 'Write the folders of courses by their number there: {"MAT101": "pre-calculus"}'),
    "timezone": Option(TimeZone, "Write the zone in which its days are, if that is not TIMEZONE: Europe/Rome"),
}

SOURCE_KINDS: Mapping[str, SourceKind] = {
    "moodle": SourceKind(
        lambda content, values: MoodleSource(content=content, **values),
        {**COURSE_PLATFORM, "counts": Option(bool, "Write True, or leave it out.")},
        secrets=("token",),
    ),
    "openedx": SourceKind(
        lambda content, values: OpenEdxSource(content=content, **values),
        {
            **COURSE_PLATFORM,
            "catalogue": Option(Literal["courses", "discovery", "none"], 'Write "courses", "discovery" or "none".'),
            "counts": Option(Literal["instructor", "course_summaries"], 'Write "instructor" or "course_summaries".'),
            "username": Option(str, "Write the name of the account whose view of the catalogue is asked for."),
        },
        optional_secrets=("client_id", "client_secret", "token"),
    ),
    "table": TABLE,
    "youtube": SourceKind(
        lambda _, values: YouTubeSource(**values),
        {
            "channel": Option(Channel, f"{CHANNEL_HINT}, or its handle: @polimi", is_required=True),
            "url": YOUTUBE_URL,
            "token_url": Option(WebAddress, "Write where Google's tokens are asked for, if that is not Google itself."),
        },
        optional_secrets=("key", "client_id", "client_secret", "refresh_token"),
        may_expire=True,
    ),
    "youtube-feed": SourceKind(
        lambda _, values: YouTubeFeedSource(**values),
        {"channel": Option(ChannelId, f"{CHANNEL_HINT}.", is_required=True), "url": YOUTUBE_URL},
        may_expire=True,
    ),
    "yt-dlp": SourceKind(
        lambda _, values: FlatDumpSource(**values),
        {"path": Option(Path, "Write the path of a file that yt-dlp --flat-playlist -J wrote.", is_required=True)},
    ),
}
"""By the word after `kind`. A kind is one line: its class, its options with their types and hints, its secrets."""
