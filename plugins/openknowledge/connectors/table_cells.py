"""Cells of tables: numbers and days as people and spreadsheets write them."""

import re
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from .source import MOST_COUNTED

__all__ = ["CellError", "CellFormat"]

MOST_DIGITS = 100
BLANKS = "\u00a0\u202f\u2009 "
"""What separates thousands where the settings say a blank."""


class CellError(ValueError):
    """A cell is not what its column should have; `hint` says what to change."""

    def __init__(self, message: str, hint: str) -> None:
        super().__init__(message)
        self.message, self.hint = message, hint


@dataclass(frozen=True, slots=True)
class CellFormat:
    """How a table writes numbers and days; an empty `thousands` means that it does not group digits."""

    decimal: str
    thousands: str
    date_format: str
    unknown: tuple[str, ...]

    def as_text(self, value: Any) -> str:
        """Return a cell as text without blanks around it; numbers of JSON as they are written, nothing for null."""
        return "" if value is None else str(value).strip(f"{BLANKS}\t\r\n\ufeff")

    def read_total(self, value: Any) -> int | None:
        """Return a whole number, which may be grouped; None where it is not known. Raises `CellError` otherwise."""
        if isinstance(value, bool | dict | list):
            raise CellError(f"{value!r} is not a number", "Name the column that has the totals.")
        if isinstance(value, int | float):
            text, decimal, thousands = repr(value), ".", ""
        else:
            text, decimal, thousands = self.as_text(value), self.decimal, self.thousands
        if not text or text.casefold() in {word.casefold() for word in self.unknown}:
            return None
        return _parse_whole(text, decimal, thousands)

    def read_day(self, value: Any) -> date:
        """Return a day. Raises `CellError` where it is none in the format of the settings."""
        text = self.as_text(value)
        try:
            return datetime.strptime(text, self.date_format).date()
        except ValueError:
            example = date(2026, 11, 29).strftime(self.date_format)
            hint = f"The setting date_format expects days such as {example}: correct one of the two."
            raise CellError(f'"{text}" is not a day', hint) from None


def _parse_whole(text: str, decimal: str, thousands: str) -> int:
    """Return the number; more than two zeros behind the decimal sign are thousands that the settings do not name."""
    groups = f"[{BLANKS}]" if thousands in tuple(BLANKS) else re.escape(thousands)
    grouped = rf"\d{{1,3}}(?:{groups}\d{{3}})+|" if thousands else ""
    found = re.fullmatch(rf"({grouped}\d+)(?:{re.escape(decimal)}0{{1,2}})?", text, re.ASCII)
    if found:
        digits = re.sub(r"\D", "", found[1])
        if len(digits) < MOST_DIGITS and int(digits) < MOST_COUNTED:
            return int(digits)
        raise CellError(f'"{text:.30}" is more than there can be', "Correct it in the table.")
    if re.fullmatch(r"[-−]\s*\d.*", text):
        raise CellError(f'"{text}" is less than zero', "Correct it in the table.")
    grouping = re.fullmatch(rf"\d{{1,3}}([.,'’{BLANKS}])\d{{3}}(?:\1\d{{3}})*", text)
    if grouping:
        hint = f'If "{grouping[1]}" groups the thousands, say so with the setting thousands (and decimal).'
        raise CellError(f'"{text}" is not a whole number', hint)
    raise CellError(f'"{text}" is not a whole number', "Correct it, or list what stands for no number under unknown.")
