"""Rows of tables: which cell is which, and what a table says of each id."""

import csv
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from openknowledge.problems import Message, add_suggestion, operator_problem

from .source import SyncFindings
from .table_cells import CellError, CellFormat

__all__ = ["TableColumns", "TableFormat", "TableReader", "TableTotal"]


@dataclass(frozen=True, slots=True, kw_only=True)
class TableColumns:
    """Which column has what: the name in its header, or its number from 1."""

    id: str | int
    total: str | int
    day: str | int | None = None
    title: str | int | None = None

    def items(self) -> Iterator[tuple[str, str | int]]:
        """Yield what is read, and its column."""
        for name in ("id", "total", "day", "title"):
            column = getattr(self, name)
            if column is not None:
                yield name, column


@dataclass(frozen=True, slots=True, kw_only=True)
class TableFormat:
    """How a table is written.

    `json_path` says where in JSON the list is (`data.items`; empty for the whole); without it the table is CSV.
    `skip_rows` is how many lines come before the header. Rows whose id is one of `total_rows` are left out, and totals
    that are one of `unknown` are not known. Without a column of days the table is of the day on which it was asked for.
    """

    columns: TableColumns
    delimiter: str = ","
    decimal: str = "."
    thousands: str = ""
    date_format: str = "%Y-%m-%d"
    skip_rows: int = 0
    has_header: bool = True
    json_path: str | None = None
    total_rows: tuple[str, ...] = ("total", "totals", "totale", "totali")
    unknown: tuple[str, ...] = ("n.d.", "n.a.", "n/a", "-", "–", "—")


class TableTotal(NamedTuple):
    """What a table says of an id on its newest day, and where; `total` is None where it is not known."""

    total: int | None
    day: date
    line: int | None
    field: str
    title: str


Place = tuple[int | None, str]
"""The line of a row in CSV, and what the fields of an entry in JSON begin with: `data.items[3].`."""


class TableReader:
    """Reads the totals of a table, and reports all that is wrong in it with line and column."""

    def __init__(self, table: TableFormat, shown_path: str, today: date, findings: SyncFindings) -> None:
        self.table, self.shown_path, self.today, self.findings = table, shown_path, today, findings
        self.cells = CellFormat(table.decimal, table.thousands, table.date_format, table.unknown)
        self.left_out = {word.casefold() for word in table.total_rows}
        self.columns = dict(table.columns.items())

    def read(self, body: Any) -> dict[str, TableTotal]:
        """Return what a recorded table says of each id; of several days the newest with a known total counts."""
        rows = self._csv_rows(str(body)) if self.table.json_path is None else self._json_rows(body)
        found: dict[tuple[str, date], TableTotal] = {}
        for place, values in rows:
            row = self._read_row(place, values)
            if row is None:
                continue
            name, total = row
            first = found.setdefault((name, total.day), total)
            if first.total is None:
                found[name, total.day] = total
            elif total.total not in (None, first.total):
                where = f"line {first.line}" if first.line else first.field.rpartition(".")[0]
                message = f'"{name}" has {total.total} here and {first.total} in {where}'
                self._report(place, "total", message, "Leave the row that is right.")
        newest: dict[str, TableTotal] = {}
        for (name, _), total in sorted(found.items()):
            if total.total is not None or name not in newest:
                newest[name] = total
        return newest

    def _read_row(self, place: Place, values: Mapping[str, Any]) -> tuple[str, TableTotal] | None:
        """Return the id and the total of a row; None where it has none, or where something is wrong with it."""
        name = self.cells.as_text(values["id"])
        if name.casefold() in self.left_out:
            return None
        try:
            field = "total"
            total = self.cells.read_total(values["total"])
            if not name:
                if total is not None:
                    hint = 'Write the id, or leave the row out: list "" under total_rows in the settings.'
                    self._report(place, "id", "a total without an id", hint)
                return None
            field, day = "day", self.today
            if "day" in values and (total is not None or self.cells.as_text(values["day"])):
                day = self.cells.read_day(values["day"])
        except CellError as error:
            self._report(place, field, error.message, error.hint)
            return None
        if day > self.today:
            self._report(place, "day", f"{day} lies in the future", "Correct it, or the setting date_format.")
            return None
        title = self.cells.as_text(values.get("title"))
        return name, TableTotal(total, day, place[0], self._field(place, "id"), title)

    def _report(self, place: Place, field: str, message: str, hint: str) -> None:
        problem = operator_problem(self.shown_path, place[0], self._field(place, field), message, hint)
        self.findings.problems.append(problem)

    def _field(self, place: Place, name: str) -> str:
        return f"{place[1]}{self.columns[name]}"

    # CSV

    def _csv_rows(self, text: str) -> Iterator[tuple[Place, dict[str, Any]]]:
        lines = io.StringIO(text.removeprefix("\ufeff"), newline="")
        for _ in range(self.table.skip_rows):
            lines.readline()
        reader = csv.reader(lines, delimiter=self.table.delimiter, strict=True)
        positions: dict[str, int] | None = None
        begin = 1
        try:
            for cells in reader:
                place, begin = (begin + self.table.skip_rows, ""), reader.line_num + 1
                if not any(cell.strip() for cell in cells):
                    continue
                if positions is None:
                    positions = self._find_columns(place, cells)
                    if not positions:
                        return
                    if self.table.has_header:
                        continue
                missing = [name for name, position in positions.items() if position >= len(cells)]
                if missing and self._is_left_out(cells, positions["id"]):
                    continue
                if missing:
                    hint = "Is the delimiter right, and is a quote missing?"
                    self._report(place, missing[0], f"the row has only {len(cells)} cells", hint)
                    continue
                yield place, {name: cells[position] for name, position in positions.items()}
        except csv.Error as error:
            hint = "Look for a quote that is not closed."
            problem = operator_problem(self.shown_path, begin + self.table.skip_rows, None, f"{error}", hint)
            self.findings.problems.append(problem)

    def _is_left_out(self, cells: list[str], position: int) -> bool:
        return position < len(cells) and self.cells.as_text(cells[position]).casefold() in self.left_out

    def _find_columns(self, place: Place, header: list[str]) -> dict[str, int]:
        """Return the positions of the columns; none where one of them is not there, which is reported."""
        names = [self.cells.as_text(cell) for cell in header]
        positions: dict[str, int] = {}
        for name, column in self.columns.items():
            found = [at for at, one in enumerate(names) if one == column]
            if isinstance(column, int):
                positions[name] = column - 1
            elif len(found) == 1:
                positions[name] = found[0]
            else:
                what = "more than one column has" if found else "no column has"
                message = add_suggestion(Message(f'{what} the name "{column}"'), column, names)
                hint = f"The columns are: {', '.join(names)}."
                if len(names) == 1:
                    hint += " Is the delimiter right?"
                self._report(place, name, message, hint)
        return positions if len(positions) == len(self.columns) else {}

    # JSON

    def _json_rows(self, body: Any) -> Iterator[tuple[Place, dict[str, Any]]]:
        path = self.table.json_path or ""
        entries = _follow(body, path)
        if not isinstance(entries, list):
            message = f"there is no list at {path}" if path else "the JSON is no list"
            hint = "Set json_path to where the list is, for example data.items."
            self.findings.problems.append(operator_problem(self.shown_path, None, path or None, message, hint))
            return
        for number, entry in enumerate(entries):
            place: Place = None, f"{path}[{number}]."
            values = {name: _follow(entry, str(column)) for name, column in self.columns.items()}
            if not isinstance(entry, dict) or values["id"] is None:
                self._report(place, "id", "there is no such field", "Correct columns in the settings.")
                continue
            yield place, values


def _follow(value: Any, path: str) -> Any:
    """Return what is at a path of keys and numbers in JSON; None where there is nothing."""
    for step in path.split(".") if path else ():
        if isinstance(value, dict):
            value = value.get(step)
        elif isinstance(value, list) and step.isdecimal() and int(step) < len(value):
            value = value[int(step)]
        else:
            return None
    return value
