"""When an item appears: nothing of it is built before the day or moment that its own dates name."""

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta, tzinfo

from openknowledge.model.values import PartialDate, Record, as_moment

__all__ = ["NEVER", "find_appearance", "find_next", "list_ahead", "parse_appearance"]

DATES = ("published", "first_published", "embargo")
"""The fields that say when an item appears; the latest of them counts."""

DAY_LENGTH = len("2026-12-01")
NEVER = "9999-01-01"
"""The day on which drafts appear."""


def find_appearance(record: Record) -> str | None:
    """Return the day or moment (ISO 8601) from which on a record may be shown; None where it names none.

    Which of a day and a moment comes last depends on the site's time zone: then it has both, the later day first.
    """
    if getattr(record, "draft", False):
        return NEVER
    values = (getattr(record, name, None) for name in DATES)
    days = [value.first_day if isinstance(value, PartialDate) else as_moment(value) for value in values]
    texts = sorted({day.isoformat() for day in days if day is not None}, reverse=True)
    return " ".join(texts if any(len(text) > DAY_LENGTH for text in texts) else texts[:1]) or None


def parse_appearance(text: str, zone: tzinfo | None) -> datetime:
    """Return such a text as a moment; a day alone begins at midnight in the site's time zone."""
    return max(_parse_moment(part, zone) for part in text.split(" "))


def _parse_moment(text: str, zone: tzinfo | None) -> datetime:
    if len(text) == DAY_LENGTH:
        return datetime.combine(date.fromisoformat(text), time(), zone)
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=zone)


def list_ahead(appearances: Iterable[str | None], moment: datetime) -> list[bool]:
    """Return of each of many such texts whether it lies ahead of a moment. Most lie years back, and cost nothing."""
    floor = (moment.date() - timedelta(days=1)).isoformat()
    return [
        text is not None and text[:10] >= floor and parse_appearance(text, moment.tzinfo) > moment
        for text in appearances
    ]


def find_next(texts: Iterable[str], moment: datetime) -> datetime | None:
    """Return the first of such texts that lies ahead of a moment; None where none does."""
    moments = (parse_appearance(text, moment.tzinfo) for text in texts)
    return min((one for one in moments if one > moment), default=None)
