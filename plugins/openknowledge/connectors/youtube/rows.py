"""An item of the YouTube Data API as a row of the snapshot: only known fields, absent where unknown."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Any

from babel import Locale, UnknownLocaleError
from babel.core import parse_locale
from pydantic import TypeAdapter, ValidationError

from openknowledge.content.plain_text import normalize_line, normalize_text
from openknowledge.model.values import License
from openknowledge.problems import Problem

from ..findings import SyncFindings
from .dump import RecordedItem

Row = dict[str, Any]
Names = tuple[str, ...]

YOUTUBE_ID = re.compile(r"[A-Za-z0-9_-]{1,64}", re.ASCII)
LICENSES = {"youtube": License.YOUTUBE, "creativeCommon": License.CC_BY_3_0}
NO_LANGUAGE = {"zxx", "und", "mul", "mis"}
PUBLISHED = ("snippet", "publishedAt")
VIEWS = ("statistics", "viewCount")
DURATION = ("contentDetails", "duration")


def video_row(item: RecordedItem, fetched: date | None, findings: SyncFindings) -> Row | None:
    """Return the facts of a video; None where they are broken or the video is not public.

    `fetched` is the day of the dump, without which the number of views means nothing.
    """
    before = len(findings.problems)
    youtube_id = _id(item, findings)
    if youtube_id and not _is_public(item, findings):
        return None
    row = {
        **_common(item, findings),
        "youtube_id": youtube_id,
        "duration_s": _seconds(item, findings),
        "license": LICENSES.get(str(item.get("status", "license"))),
        "tags": _tags(item),
        "embeddable": False if item.get("status", "embeddable") is False else None,
        "views": _views(item, fetched, findings),
        **_langs(item, findings),
    }
    return _drop_unknown(row) if len(findings.problems) == before else None


def playlist_row(item: RecordedItem, findings: SyncFindings) -> Row | None:
    """Return the facts of a playlist, still without its videos; None where they are broken or it is not public."""
    before = len(findings.problems)
    youtube_id = _id(item, findings)
    if youtube_id and not _is_public(item, findings):
        return None
    lang = _lang(item, ("snippet", "defaultLanguage"), findings)
    row = {**_common(item, findings), "youtube_id": youtube_id, "text_lang": lang}
    return _drop_unknown(row) if len(findings.problems) == before else None


def warn_of_undated_views(items: Iterable[RecordedItem], fetched: date | None, findings: SyncFindings) -> None:
    """Warn once where view counts are left out because their day is unknown."""
    undated = [item for item in items if item.get(*VIEWS) is not None]
    if undated and not fetched and not any(_day(item.fetched) for item in undated):
        message = f"the views of {len(undated)} videos are left out: the dump does not say of which day they are"
        findings.warnings.append(Problem(undated[0].path, None, None, message, "Give the day: --fetched 2026-12-01."))


def _common(item: RecordedItem, findings: SyncFindings) -> Row:
    description = item.get("snippet", "description")
    return {
        "title": _title(item, findings),
        "description": normalize_text(description) if isinstance(description, str) else None,
        "published": _instant(item, findings),
    }


def _drop_unknown(row: Row) -> Row:
    return {name: value for name, value in row.items() if value is not None and value not in ("", [])}


def _id(item: RecordedItem, findings: SyncFindings) -> str | None:
    value = item.get("id")
    if isinstance(value, str) and YOUTUBE_ID.fullmatch(value):
        return value
    message = "this item has no id" if not value else f'"{value}" is not an id of YouTube'
    findings.problems.append(item.problem(("id",), message))
    return None


def _title(item: RecordedItem, findings: SyncFindings) -> str | None:
    value = item.get("snippet", "title")
    title = normalize_line(value) if isinstance(value, str) else ""
    if not title:
        findings.problems.append(item.problem(("snippet", "title"), "this item has no title"))
    return title or None


def _is_public(item: RecordedItem, findings: SyncFindings) -> bool:
    status = item.get("status", "privacyStatus")
    if status in (None, "public"):
        return True
    message = f'"{item.get("id")}" is {status}, so it is left out'
    findings.warnings.append(item.problem(("status", "privacyStatus"), message, None))
    return False


def _instant(item: RecordedItem, findings: SyncFindings) -> str | None:
    value = item.get(*PUBLISHED)
    try:
        moment = datetime.fromisoformat(value)
        if moment.tzinfo is None:
            raise ValueError
        return moment.astimezone(UTC).replace(microsecond=0, tzinfo=None).isoformat() + "Z"
    except (TypeError, ValueError, OverflowError):
        message = "this item has no date" if value is None else f'"{value}" is not a date with a time and zone'
        findings.problems.append(item.problem(PUBLISHED, message))
        return None


def _seconds(item: RecordedItem, findings: SyncFindings) -> int | None:
    """Return whole seconds; a length of zero is that of a stream that has not begun, hence unknown."""
    value = item.get(*DURATION)
    if value is None:
        return None
    try:
        if not isinstance(value, str) or not value.startswith("P"):
            raise ValueError
        length: timedelta = TypeAdapter(timedelta).validate_python(value)
    except (ValidationError, ValueError):
        findings.problems.append(item.problem(DURATION, f'"{value}" is not a length such as PT27M1S'))
        return None
    return int(length.total_seconds()) or None


def _langs(item: RecordedItem, findings: SyncFindings) -> Row:
    """Return `lang`, the spoken language, and `text_lang`, that of title and description where it differs."""
    spoken = _lang(item, ("snippet", "defaultAudioLanguage"), findings)
    written = _lang(item, ("snippet", "defaultLanguage"), findings)
    return {"lang": spoken or written, "text_lang": written if spoken and written != spoken else None}


def _lang(item: RecordedItem, names: Names, findings: SyncFindings) -> str | None:
    value = item.get(*names)
    if not value or str(value).lower() in NO_LANGUAGE:
        return None
    code = _language_code(str(value))
    if code is None:
        message = f'"{value}" is not the code of a language, so it counts as not known'
        findings.warnings.append(item.problem(names, message, None))
    return code


@lru_cache(maxsize=256)
def _language_code(value: str) -> str | None:
    """Return the code as BCP 47 spells it, `en-GB`; None for what is not a language."""
    value = value.replace("_", "-")
    try:
        language = Locale.parse(value, sep="-").language
        _, territory, script, *_ = parse_locale(value, sep="-")
    except (ValueError, UnknownLocaleError):
        return None
    return "-".join(part for part in (language, script, territory) if part)


def _tags(item: RecordedItem) -> list[str]:
    """Return each tag once, in the channel's order."""
    value = item.get("snippet", "tags")
    tags = [normalize_line(tag) for tag in value if isinstance(tag, str)] if isinstance(value, list) else []
    return [tag for tag in dict.fromkeys(tags) if tag]


def _views(item: RecordedItem, fetched: date | None, findings: SyncFindings) -> Row | None:
    value = item.get(*VIEWS)
    if value is None:
        return None
    day = fetched or _day(item.fetched)
    if not str(value).isdecimal():
        findings.problems.append(item.problem(VIEWS, f'"{value}" is not a number'))
        return None
    return None if day is None else {"total": int(value), "as_of": day.isoformat()}


def _day(value: Any) -> date | None:
    try:
        return datetime.fromisoformat(value).date()
    except (TypeError, ValueError):
        return None
