"""Numbers that change daily, beside the rows of a snapshot: `views.csv` says how often videos had been viewed."""

import re
from datetime import date

from openknowledge.model.numbers import Views
from openknowledge.problems import Message, Problem

__all__ = ["AS_OF", "VIEWS_FILE", "VIEWS_HINT", "read_views"]

VIEWS_FILE = "views.csv"
AS_OF = "# as_of: "
COLUMNS_LINE = 2
TOTAL = re.compile(r"[0-9]{1,15}")
VIEWS_HINT = Message("This file is written by the task sync: restore it, or sync again.")


def read_views(text: str, path: str) -> tuple[dict[str, Views], list[Problem]]:
    """Return the views by the id of the video, and what is wrong with the file.

    Its first line names the day of the numbers, its second one the columns. Where a number is of another day, a third
    column has it.
    """
    views: dict[str, Views] = {}
    problems: list[Problem] = []
    first, _, rest = text.removeprefix("\ufeff").replace("\r\n", "\n").partition("\n")
    common_day = _parse_day(first.removeprefix(AS_OF).strip()) if first.startswith(AS_OF) else None
    if common_day is None:
        message = Message('this is not the day of the numbers: "%(line)s"', line=first[:80])
        return {}, [Problem(path, 1, None, message, VIEWS_HINT)]
    for line, text in enumerate(rest.split("\n"), start=2):
        # No number and no id of a video has a quote, so none runs on into the next row.
        row = [value.strip('"') for value in text.split(",")]
        if not text or line == COLUMNS_LINE:
            continue
        name, total, *own_day = row if len(row) in (2, 3) else ("", "", "")
        day = _parse_day(own_day[0]) if own_day and own_day[0] else common_day
        if not name or not TOTAL.fullmatch(total) or day is None or name in views:
            message = Message("this is not the number of a video's views: %(row)s", row=",".join(row)[:80])
            problems.append(Problem(path, line, None, message, VIEWS_HINT))
        else:
            views[name] = Views(total=int(total), as_of=day)
    return views, problems


def _parse_day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if len(text) == len("2026-12-01") else None
    except ValueError:
        return None
