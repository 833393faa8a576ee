"""Items of the YouTube Data API as rows: only known fields, absent where unknown."""

import re
import unicodedata
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta

from openknowledge.connectors.source import Row
from openknowledge.content.plain_text import normalize_line, normalize_text
from openknowledge.language_tags import spell_tag
from openknowledge.model.values import License

from .answers import YOUTUBE_ID, RecordedItem

__all__ = ["FIRST_YEAR", "count_of", "id_of", "playlist_facts", "read_rows", "video_facts"]

LICENSES = {"youtube": License.YOUTUBE.value, "creativeCommon": License.CC_BY_3_0.value}
NO_LANGUAGE = {"zxx", "und", "mul", "mis"}
PUBLISHED = ("snippet", "publishedAt")
DURATION = ("contentDetails", "duration")
LENGTH = re.compile(
    r"P(?!T?$)(?:(\d{1,7})W)?(?:(\d{1,7})D)?(?:T(?:(\d{1,7})H)?(?:(\d{1,7})M)?(?:(\d{1,7})(?:\.\d+)?S)?)?", re.ASCII
)
"""A length of ISO 8601 without years and months. pydantic reads them too, but takes an eighth of a sync to load."""
UNITS_S = (604_800, 86_400, 3_600, 60, 1)
FIRST_YEAR = 2005
"""When YouTube began."""
COUNT = re.compile("[0-9]{1,20}", re.ASCII)


def read_rows(items: Iterable[RecordedItem], own_facts: Callable[[RecordedItem], Row]) -> dict[str, Row]:
    """Return rows by id. Of an item that is there in several versions one is taken, with a warning."""
    rows: dict[str, Row] = {}
    for item in items:
        row = _read_row(item, own_facts)
        if row is None or rows.setdefault(row["youtube_id"], row) == row:
            continue
        item.warn(("id",), f'"{row["youtube_id"]}" is there twice with different facts; one of them is taken')
        rows[row["youtube_id"]] = min(row, rows[row["youtube_id"]], key=repr)
    return rows


def _read_row(item: RecordedItem, own_facts: Callable[[RecordedItem], Row]) -> Row | None:
    """Return the facts that all items have, and those of a kind; None where they are broken."""
    before = len(item.findings.problems)
    youtube_id = id_of(item)
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


def video_facts(item: RecordedItem) -> Row:
    """Return the facts that videos have.

    `lang` is the spoken language, `text_lang` that of title and description where it differs. `has_captions` says that
    the channel has captions for the video, also such as this project has no file of.
    """
    spoken, written = _lang(item, "defaultAudioLanguage"), _lang(item, "defaultLanguage")
    tags = item.get("snippet", "tags")
    lines = [normalize_line(tag) for tag in tags if isinstance(tag, str)] if isinstance(tags, list) else []
    return {
        "duration_s": _seconds(item),
        "license": LICENSES.get(str(item.get("status", "license"))),
        "tags": [line for line in dict.fromkeys(lines) if line],
        "embeddable": False if item.get("status", "embeddable") is False else None,
        "has_captions": True if item.get("contentDetails", "caption") == "true" else None,
        "lang": spoken or written,
        "text_lang": written if spoken and written != spoken else None,
    }


def playlist_facts(item: RecordedItem) -> Row:
    """Return the facts that playlists have, still without their videos."""
    return {"text_lang": _lang(item, "defaultLanguage")}


def id_of(item: RecordedItem) -> str | None:
    """Return the id of a playlist or video; None, with a problem, where there is none."""
    value = item.get("id")
    if isinstance(value, str) and YOUTUBE_ID.fullmatch(value):
        return value
    item.report(("id",), "this item has no id" if not value else f'"{value}" is not an id of YouTube')
    return None


def count_of(item: RecordedItem, name: str) -> int | None:
    """Return a number of an item's statistics, which the API writes as text; None where it does not show it."""
    value = item.get("statistics", name)
    if value is None:
        return None
    if not COUNT.fullmatch(str(value)):
        item.report(("statistics", name), f'"{value}" is not a number')
        return None
    return int(value)


def _instant(item: RecordedItem) -> str | None:
    value = item.get(*PUBLISHED)
    try:
        moment = datetime.fromisoformat(value)
        if moment.tzinfo is None:
            raise ValueError
        moment = moment.astimezone(UTC)
        if moment.year < FIRST_YEAR or (item.day and moment.date() > item.day + timedelta(days=1)):
            item.report(PUBLISHED, f'on "{value}" nothing can have been published yet')
            return None
        return moment.replace(microsecond=0, tzinfo=None).isoformat() + "Z"
    except (TypeError, ValueError, OverflowError):
        message = "this item has no date" if value is None else f'"{value}" is not a date with a time and zone'
        item.report(PUBLISHED, message)
        return None


def _seconds(item: RecordedItem) -> int | None:
    """Return whole seconds; a length of zero is that of a stream that has not begun, hence unknown."""
    value = item.get(*DURATION)
    if value is None:
        return None
    found = LENGTH.fullmatch(value) if isinstance(value, str) else None
    if found is None:
        item.report(DURATION, f'"{value}" is not a length such as PT27M1S')
        return None
    return sum(int(number or 0) * unit_s for number, unit_s in zip(found.groups(), UNITS_S, strict=True)) or None


def _lang(item: RecordedItem, name: str) -> str | None:
    value = item.get("snippet", name)
    if not value or str(value).lower() in NO_LANGUAGE:
        return None
    code = spell_tag(str(value).replace("_", "-"))
    if code is None:
        item.warn(("snippet", name), f'"{value}" is not the code of a language, so it counts as not known')
    return code
