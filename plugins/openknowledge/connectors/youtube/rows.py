"""Items of the YouTube Data API as rows of the snapshot: only known fields, absent where unknown."""

import hashlib
import html
import json
import re
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

from anyascii import anyascii
from pydantic import TypeAdapter, ValidationError

from openknowledge.connectors.source import Row
from openknowledge.content.plain_text import normalize_line, normalize_text
from openknowledge.language_tags import spell_tag
from openknowledge.model.values import License
from openknowledge.problems import operator_problem

from .dump import RecordedItem, YouTubeDump

__all__ = ["assign_slugs", "playlist_facts", "read_rows", "report_gaps", "video_facts", "video_ids"]

YOUTUBE_ID = re.compile(r"[A-Za-z0-9_-]{1,64}", re.ASCII)
LICENSES = {"youtube": License.YOUTUBE, "creativeCommon": License.CC_BY_3_0}
NO_LANGUAGE = {"zxx", "und", "mul", "mis"}
PUBLISHED = ("snippet", "publishedAt")
VIEWS = ("statistics", "viewCount")
DURATION = ("contentDetails", "duration")
COUNT = ("contentDetails", "itemCount")

LONGEST_SLUG = 60
RESERVED_SLUGS = frozenset({"anno", "lingua", "playlist", "year", "language"})
"""The first steps of the paths of lists, such as /video/anno/2016/."""
ENGLISH_APOSTROPHE = re.compile(r"(?<=\w)['\u2019](?=(?:s|t|d|m|ll|re|ve)\b)", re.IGNORECASE)


def read_rows(items: Iterable[RecordedItem], own_facts: Callable[[RecordedItem], Row]) -> dict[str, Row]:
    """Return rows by id. Of an item that the dump has in several versions one is taken, with a warning."""
    rows: dict[str, Row] = {}
    for item in sorted(items, key=lambda item: json.dumps(item.data, sort_keys=True)):
        row = _read_row(item, own_facts)
        if row is not None and rows.setdefault(row["youtube_id"], row) != row:
            item.warn(("id",), f'"{row["youtube_id"]}" is there twice with different facts; one of them is taken')
    return rows


def _read_row(item: RecordedItem, own_facts: Callable[[RecordedItem], Row]) -> Row | None:
    """Return the facts that all items have, and those of a kind; None where they are broken or it is not public."""
    before = len(item.findings.problems)
    youtube_id = _id(item)
    if youtube_id and not _is_public(item):
        return None
    title, description = item.get("snippet", "title"), item.get("snippet", "description")
    row = {
        "youtube_id": youtube_id,
        "title": normalize_line(title) if isinstance(title, str) else "",
        "description": normalize_text(description) if isinstance(description, str) else None,
        "published": _instant(item),
        **own_facts(item),
    }
    if isinstance(title, str) and youtube_id and not any(unicodedata.category(sign)[0] in "LMNPS" for sign in title):
        item.warn(("snippet", "title"), "the title is blank; the id stands in its place")
        row["title"] = youtube_id
    if not row["title"]:
        item.report(("snippet", "title"), "this item has no title")
    is_broken = len(item.findings.problems) > before
    return None if is_broken else {name: value for name, value in row.items() if value not in (None, "", [])}


def video_facts(item: RecordedItem, fetched: date | None) -> Row:
    """Return the facts that videos have; without the day of the dump, `fetched`, the number of views means nothing.

    `lang` is the spoken language, `text_lang` that of title and description where it differs.
    """
    spoken, written = _lang(item, "defaultAudioLanguage"), _lang(item, "defaultLanguage")
    tags = item.get("snippet", "tags")
    lines = [normalize_line(tag) for tag in tags if isinstance(tag, str)] if isinstance(tags, list) else []
    return {
        "duration_s": _seconds(item),
        "license": LICENSES.get(str(item.get("status", "license"))),
        "tags": [line for line in dict.fromkeys(lines) if line],
        "embeddable": False if item.get("status", "embeddable") is False else None,
        "views": _views(item, fetched),
        "lang": spoken or written,
        "text_lang": written if spoken and written != spoken else None,
    }


def playlist_facts(item: RecordedItem) -> Row:
    """Return the facts that playlists have, still without their videos."""
    return {"text_lang": _lang(item, "defaultLanguage")}


def report_gaps(dump: YouTubeDump, fetched: date | None) -> None:
    """Report playlists that count entries of which the dump has none, and warn once of views whose day is unknown."""
    seen = {entry.get("snippet", "playlistId") for entry in dump.entries}
    for item in dump.playlists:
        count = item.get(*COUNT)
        if isinstance(count, int) and count > 0 and item.get("id") not in seen:
            item.report(COUNT, f"the playlist counts {count} entries and playlistItems.json has none of them")
    undated = [item for item in dump.videos if item.get(*VIEWS) is not None]
    if undated and not fetched and not any(_day(item.fetched) for item in undated):
        message = f"the views of {len(undated)} videos are left out: the dump does not say of which day they are"
        hint = "Give the day: --fetched 2026-12-01."
        undated[0].findings.warnings.append(operator_problem(undated[0].path, None, None, message, hint))


def _id(item: RecordedItem) -> str | None:
    value = item.get("id")
    if isinstance(value, str) and YOUTUBE_ID.fullmatch(value):
        return value
    item.report(("id",), "this item has no id" if not value else f'"{value}" is not an id of YouTube')
    return None


def _is_public(item: RecordedItem) -> bool:
    status = item.get("status", "privacyStatus")
    if status not in (None, "public"):
        item.warn(("status", "privacyStatus"), f'"{item.get("id")}" is {status}, so it is left out')
    return status in (None, "public")


def _instant(item: RecordedItem) -> str | None:
    value = item.get(*PUBLISHED)
    try:
        moment = datetime.fromisoformat(value)
        if moment.tzinfo is None:
            raise ValueError
        return moment.astimezone(UTC).replace(microsecond=0, tzinfo=None).isoformat() + "Z"
    except (TypeError, ValueError, OverflowError):
        message = "this item has no date" if value is None else f'"{value}" is not a date with a time and zone'
        item.report(PUBLISHED, message)
        return None


def _seconds(item: RecordedItem) -> int | None:
    """Return whole seconds; a length of zero is that of a stream that has not begun, hence unknown."""
    value = item.get(*DURATION)
    if value is None:
        return None
    try:
        if not isinstance(value, str) or not value.startswith("P"):
            raise ValueError
        length: timedelta = TypeAdapter(timedelta).validate_python(value)
    except (ValidationError, ValueError):
        item.report(DURATION, f'"{value}" is not a length such as PT27M1S')
        return None
    return int(length.total_seconds()) or None


def _lang(item: RecordedItem, name: str) -> str | None:
    value = item.get("snippet", name)
    if not value or str(value).lower() in NO_LANGUAGE:
        return None
    code = spell_tag(str(value).replace("_", "-"))
    if code is None:
        item.warn(("snippet", name), f'"{value}" is not the code of a language, so it counts as not known')
    return code


def _views(item: RecordedItem, fetched: date | None) -> Row | None:
    value = item.get(*VIEWS)
    if value is None:
        return None
    day = fetched or _day(item.fetched)
    if not str(value).isdecimal():
        item.report(VIEWS, f'"{value}" is not a number')
        return None
    return None if day is None else {"total": int(value), "as_of": day.isoformat()}


def _day(value: Any) -> date | None:
    try:
        return datetime.fromisoformat(value).date()
    except (TypeError, ValueError):
        return None


def video_ids(
    entries: Iterable[RecordedItem], playlists: Iterable[Row], videos: Collection[str]
) -> dict[str, list[str]]:
    """Return the ids of the videos of each playlist, in order, each once.

    Entries of videos that are not in `videos` (private or deleted ones) are left out with a warning, as are the entries
    of playlists that are not in the dump, such as the list of all uploads.
    """
    titles = {row["youtube_id"]: row["title"] for row in playlists}
    ordered: dict[str, list[tuple[int, str]]] = defaultdict(list)
    unlisted: dict[str, RecordedItem] = {}
    for item in entries:
        playlist = item.get("snippet", "playlistId")
        video = item.get("contentDetails", "videoId") or item.get("snippet", "resourceId", "videoId")
        position = item.get("snippet", "position")
        if not isinstance(playlist, str) or not isinstance(video, str):
            item.report(("snippet",), "this entry does not say which playlist it belongs to, or which video it is")
        elif not isinstance(position, int):
            item.report(("snippet", "position"), "this entry has no place in its playlist")
        elif playlist not in titles:
            unlisted.setdefault(playlist, item)
        elif video in videos:
            ordered[playlist].append((position, video))
        else:
            title = item.get("snippet", "title")
            called = f' ("{title}")' if title in ("Private video", "Deleted video") else ""
            message = f'the video "{video}"{called} is not public, so the playlist "{titles[playlist]}" goes without it'
            item.warn(("contentDetails", "videoId"), message)
    for playlist, item in unlisted.items():
        message = f'the playlist "{playlist}" is not in playlists.json, so its entries are left out'
        item.warn(("snippet", "playlistId"), message)
    return {
        playlist: list(dict.fromkeys(video for _, video in sorted(entries))) for playlist, entries in ordered.items()
    }


def slug_of(title: str) -> str:
    """Return `title` in small Latin letters, digits and hyphens, cut after a word; may be empty.

    >>> slug_of("Perché non c'è l'asyncio? 🐍")
    'perche-non-c-e-l-asyncio'
    """
    text = ENGLISH_APOSTROPHE.sub("", html.unescape(title))
    text = "".join(" " if unicodedata.category(sign) == "So" else sign for sign in text)
    text = anyascii(unicodedata.normalize("NFKC", text)).lower()
    slug = re.sub(r"[^a-z0-9]+", "-", text).strip("-")
    if len(slug) <= LONGEST_SLUG:
        return slug
    return (slug[: LONGEST_SLUG + 1].rpartition("-")[0] or slug[:LONGEST_SLUG]).strip("-")


def assign_slugs(rows: Iterable[Row], known: Mapping[str, str], taken: Iterable[str], fallback: str) -> None:
    """Give each row its slug: the `known` one of its id, or a new one that is not `taken`.

    The oldest of several items with one title gets the plain slug; the others get the year too, then a hash of the
    id. An item whose title has no letters is named after `fallback`.
    """
    used = {*taken, *known.values(), *RESERVED_SLUGS}
    for row in sorted(rows, key=lambda row: (row["published"], row["youtube_id"])):
        known_slug = known.get(row["youtube_id"])
        row["slug"] = known_slug or next(slug for slug in _choices(row, fallback) if slug not in used)
        used.add(row["slug"])


def _choices(row: Row, fallback: str) -> Iterator[str]:
    plain = slug_of(row["title"])
    digest = hashlib.sha256(row["youtube_id"].encode()).hexdigest()
    if plain:
        yield plain
        yield f"{plain}-{row['published'][:4]}"
    for length in (6, 12, len(digest)):
        yield f"{plain or fallback}-{digest[:length]}"
