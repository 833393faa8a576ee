"""The kinds of sources that `SOURCES` may name."""

import codecs
import re
from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path
from pkgutil import resolve_name
from typing import TYPE_CHECKING, Any

from openknowledge.model.numbers import EnrollmentMeasure

from .settings import WEB_ADDRESS, Option, SourceKind, read_zone
from .source import PlatformSource

if TYPE_CHECKING:
    from .table_rows import TableColumns

__all__ = ["SOURCE_KINDS"]

CHANNEL_ID = "UC[A-Za-z0-9_-]{22}"
CHANNEL_HINT = 'Write the id of the channel: "UC" and 22 letters, as youtube.com/account_advanced shows it'
YOUTUBE_URL = Option(
    WEB_ADDRESS, "Write where YouTube is asked, if that is not YouTube itself: https://proxy.example.edu"
)
ANY_TEXT, ONE_SIGN = (re.compile(pattern, re.DOTALL) for pattern in (".*", "."))


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


def _find_encoding(name: str) -> str:
    try:
        return codecs.lookup(name).name
    except LookupError:
        raise ValueError(name) from None


def _check_format(pattern: str) -> str:
    if "%" not in pattern or date(2026, 11, 29).strftime(pattern) == date(2025, 10, 28).strftime(pattern):
        raise ValueError(pattern)
    return pattern


def _read_words(value: Any) -> tuple[str, ...]:
    words = tuple(value)
    if isinstance(value, str) or not all(isinstance(word, str) for word in words):
        raise ValueError(value)
    return words


def _read_mapping(value: Any) -> dict[str, str]:
    pairs = dict(value)
    if not all(_read_words((*pairs, *pairs.values()))):
        raise ValueError(value)
    return pairs


def _read_columns(value: Any) -> "TableColumns":
    from .table_rows import TableColumns

    columns = dict(value)
    if not all(isinstance(column, str) or (type(column) is int and column > 0) for column in columns.values()):
        raise ValueError(value)
    return TableColumns(**columns)


COURSE_PLATFORM = {
    "url": Option(WEB_ADDRESS, "Write the address of the platform: https://lms.example.edu", is_required=True),
    "courses": Option(_read_mapping, 'Write the folders of courses by their number there: {"MAT101": "pre-calculus"}'),
    "timezone": Option(_check_timezone, "Write the zone in which its days are, if that is not TIMEZONE: Europe/Rome"),
}
TABLE_OPTIONS = {
    "path": Option(Path, 'Write the path of the file, as seen from the project: "exports/enrolments.csv".'),
    "url": Option(re.compile("https?://.*"), "Write the address of the table: https://…"),
    "measure": Option(EnrollmentMeasure, "Write enrolled_ever, enrolled_now or members.", is_required=True),
    "columns": Option(
        _read_columns,
        'Write the names of the columns, or their numbers from 1: {"id": "code", "total": "enrolled"}; '
        "perhaps also day and title.",
        is_required=True,
    ),
    "encoding": Option(_find_encoding, "Write utf-8, cp1252, …"),
    "delimiter": Option(ONE_SIGN, 'Write one sign: ";", ",", "\\t".'),
    "decimal": Option(ONE_SIGN, 'Write one sign: "," or ".".'),
    "thousands": Option(re.compile(".?", re.DOTALL), 'Write one sign: "." or " "; "" for none.'),
    "date_format": Option(_check_format, "Write how days are written: %d/%m/%Y"),
    "skip_rows": Option(range(10**6), "Write how many lines come before the header."),
    "has_header": Option((True, False), "Write False where the first row has values."),
    "json_path": Option(ANY_TEXT, 'Write where in the JSON the list is: "data.items"; "" for the whole.'),
    "total_rows": Option(_read_words, 'Write the ids of rows that add up others: ["Totale"].'),
    "unknown": Option(_read_words, 'Write what stands for a number that is not known: ["n.d."].'),
    "courses": Option(_read_mapping, 'Write courses by id: {"77": "linear-algebra"}.'),
}

SOURCE_KINDS: Mapping[str, SourceKind] = {
    "moodle": SourceKind(
        _load("moodle:MoodleSource", reads_content=True),
        {**COURSE_PLATFORM, "counts": Option((True, False), "Write True, or leave it out.")},
        secrets=("token",),
    ),
    "openedx": SourceKind(
        _load("openedx:OpenEdxSource", reads_content=True),
        {
            **COURSE_PLATFORM,
            "catalogue": Option(("courses", "discovery", "none"), 'Write "courses", "discovery" or "none".'),
            "counts": Option(("instructor", "course_summaries"), 'Write "instructor" or "course_summaries".'),
            "username": Option(ANY_TEXT, "Write the name of the account whose view of the catalogue is asked for."),
        },
        optional_secrets=("client_id", "client_secret", "token"),
    ),
    "table": SourceKind(_load("table:create_table", reads_content=True), TABLE_OPTIONS),
    "youtube": SourceKind(
        _load("youtube.source:YouTubeSource"),
        {
            "channel": Option(
                re.compile(rf"{CHANNEL_ID}|@[^\s/?#&]{{3,}}"),
                f"{CHANNEL_HINT}, or its handle: @polimi",
                is_required=True,
            ),
            "url": YOUTUBE_URL,
            "token_url": Option(
                WEB_ADDRESS, "Write where Google's tokens are asked for, if that is not Google itself."
            ),
        },
        optional_secrets=("key", "client_id", "client_secret", "refresh_token"),
        may_expire=True,
    ),
    "youtube-feed": SourceKind(
        _load("youtube.feed:YouTubeFeedSource"),
        {"channel": Option(re.compile(CHANNEL_ID), f"{CHANNEL_HINT}.", is_required=True), "url": YOUTUBE_URL},
        may_expire=True,
    ),
    "yt-dlp": SourceKind(
        _load("youtube.flat_dump:FlatDumpSource"),
        {"path": Option(Path, "Write the path of a file that yt-dlp --flat-playlist -J wrote.", is_required=True)},
    ),
}
"""By the word after `kind`. A kind is one line: its class, its options with their types and hints, its secrets."""
