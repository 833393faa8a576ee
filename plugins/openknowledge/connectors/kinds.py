"""The kinds of sources that `SOURCES` may name."""

import codecs
from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path
from pkgutil import resolve_name
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field

from openknowledge.model.numbers import EnrollmentMeasure

from .settings import Option, SourceKind, read_zone
from .source import PlatformSource
from .table_rows import TableColumns

__all__ = ["SOURCE_KINDS"]

ChannelId = Annotated[str, Field(strict=True, pattern=r"^UC[A-Za-z0-9_-]{22}$")]
Channel = Annotated[str, Field(strict=True, pattern=r"^(UC[A-Za-z0-9_-]{22}|@[^\s/?#&]{3,})$")]
WebAddress = Annotated[str, Field(strict=True, pattern=r"^https?://[^\s?#@]+$")]
CHANNEL_HINT = 'Write the id of the channel: "UC" and 22 letters, as youtube.com/account_advanced shows it'
YOUTUBE_URL = Option(
    WebAddress, "Write where YouTube is asked, if that is not YouTube itself: https://proxy.example.edu"
)


def _load(name: str, *, reads_content: bool = False) -> Callable[[Path, Mapping[str, Any]], PlatformSource]:
    """Return what makes a source of a class below this room, which is loaded only where `SOURCES` has one."""

    def create(content: Path, values: Mapping[str, Any]) -> PlatformSource:
        more = {"content": content} if reads_content else {}
        source: PlatformSource = resolve_name(f"{__package__}.{name}")(**more, **values)
        return source

    return create


def _check_timezone(name: str) -> str:
    if read_zone(name) is None:
        raise ValueError(name)
    return name


def _known_encoding(name: str) -> str:
    try:
        return codecs.lookup(name).name
    except LookupError:
        raise ValueError("is no encoding") from None


def _format_of_days(pattern: str) -> str:
    if "%" not in pattern or date(2026, 11, 29).strftime(pattern) == date(2025, 10, 28).strftime(pattern):
        raise ValueError("is no format of days")
    return pattern


TimeZone = Annotated[str, AfterValidator(_check_timezone)]
COURSE_PLATFORM = {
    "url": Option(WebAddress, "Write the address of the platform: https://lms.example.edu", is_required=True),
    "courses": Option(dict[str, str], 'Write the folders of courses by their number there: {"MAT101": "pre-calculus"}'),
    "timezone": Option(TimeZone, "Write the zone in which its days are, if that is not TIMEZONE: Europe/Rome"),
}
Text = Annotated[str, Field(min_length=1)]
Words = tuple[str, ...]
TABLE_OPTIONS = {
    "path": Option(Path, 'Write the path of the file, as seen from the project: "exports/enrolments.csv".'),
    "url": Option(Annotated[str, Field(pattern="^https?://")], "Write the address of the table: https://…"),
    "measure": Option(EnrollmentMeasure, "Write enrolled_ever, enrolled_now or members.", is_required=True),
    "columns": Option(
        TableColumns,
        'Write the names of the columns, or their numbers from 1: {"id": "code", "total": "enrolled"}; '
        "perhaps also day and title.",
        is_required=True,
    ),
    "encoding": Option(Annotated[str, AfterValidator(_known_encoding)], "Write utf-8, cp1252, …"),
    "delimiter": Option(Annotated[str, Field(min_length=1, max_length=1)], 'Write one sign: ";", ",", "\\t".'),
    "decimal": Option(Annotated[str, Field(min_length=1, max_length=1)], 'Write one sign: "," or ".".'),
    "thousands": Option(Annotated[str, Field(max_length=1)], 'Write one sign: "." or " "; "" for none.'),
    "date_format": Option(Annotated[str, AfterValidator(_format_of_days)], "Write how days are written: %d/%m/%Y"),
    "skip_rows": Option(Annotated[int, Field(strict=True, ge=0)], "Write how many lines come before the header."),
    "has_header": Option(Annotated[bool, Field(strict=True)], "Write False where the first row has values."),
    "json_path": Option(str, 'Write where in the JSON the list is: "data.items"; "" for the whole.'),
    "total_rows": Option(Words, 'Write the ids of rows that add up others: ["Totale"].'),
    "unknown": Option(Words, 'Write what stands for a number that is not known: ["n.d."].'),
    "courses": Option(dict[Text, Text], 'Write courses by id: {"77": "linear-algebra"}.'),
}

SOURCE_KINDS: Mapping[str, SourceKind] = {
    "moodle": SourceKind(
        _load("moodle:MoodleSource", reads_content=True),
        {**COURSE_PLATFORM, "counts": Option(bool, "Write True, or leave it out.")},
        secrets=("token",),
    ),
    "openedx": SourceKind(
        _load("openedx:OpenEdxSource", reads_content=True),
        {
            **COURSE_PLATFORM,
            "catalogue": Option(Literal["courses", "discovery", "none"], 'Write "courses", "discovery" or "none".'),
            "counts": Option(Literal["instructor", "course_summaries"], 'Write "instructor" or "course_summaries".'),
            "username": Option(str, "Write the name of the account whose view of the catalogue is asked for."),
        },
        optional_secrets=("client_id", "client_secret", "token"),
    ),
    "table": SourceKind(_load("table:create_table", reads_content=True), TABLE_OPTIONS),
    "youtube": SourceKind(
        _load("youtube.source:YouTubeSource"),
        {
            "channel": Option(Channel, f"{CHANNEL_HINT}, or its handle: @polimi", is_required=True),
            "url": YOUTUBE_URL,
            "token_url": Option(WebAddress, "Write where Google's tokens are asked for, if that is not Google itself."),
        },
        optional_secrets=("key", "client_id", "client_secret", "refresh_token"),
        may_expire=True,
    ),
    "youtube-feed": SourceKind(
        _load("youtube.feed:YouTubeFeedSource"),
        {"channel": Option(ChannelId, f"{CHANNEL_HINT}.", is_required=True), "url": YOUTUBE_URL},
        may_expire=True,
    ),
    "yt-dlp": SourceKind(
        _load("youtube.flat_dump:FlatDumpSource"),
        {"path": Option(Path, "Write the path of a file that yt-dlp --flat-playlist -J wrote.", is_required=True)},
    ),
}
"""By the word after `kind`. A kind is one line: its class, its options with their types and hints, its secrets."""
