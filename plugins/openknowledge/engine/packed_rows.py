"""Rows of small numbers or of bytes by number, packed into three arrays that are read and written whole."""

from __future__ import annotations

from array import array
from collections.abc import Iterable

from .section_file import Buffer

__all__ = ["PackedRows"]


class PackedRows:
    """A table of rows of different lengths. `typecode` is that of `array`: `I` for numbers, `B` for bytes.

    A row that is set again is appended; its old values stay behind as garbage until `dump` finds more of that than of
    rows.
    """

    def __init__(self, typecode: str, starts: Buffer = b"", lengths: Buffer = b"", values: Buffer = b"") -> None:
        self._starts, self._lengths, self._values = array("I"), array("I"), array(typecode)
        for numbers, data in ((self._starts, starts), (self._lengths, lengths), (self._values, values)):
            numbers.frombytes(data)
        if len(self._starts) != len(self._lengths):
            raise ValueError("the rows do not add up")

    def __getitem__(self, number: int) -> array[int]:
        """Return a row; it is empty where none was set."""
        if number >= len(self._starts):
            return array(self._values.typecode)
        start = self._starts[number]
        return self._values[start : start + self._lengths[number]]

    def __setitem__(self, number: int, row: Iterable[int]) -> None:
        missing = number + 1 - len(self._starts)
        if missing > 0:
            self._starts.frombytes(bytes(missing * self._starts.itemsize))
            self._lengths.frombytes(bytes(missing * self._lengths.itemsize))
        start = len(self._values)
        if isinstance(row, bytes):
            self._values.frombytes(row)
        else:
            self._values.extend(row)
        self._starts[number], self._lengths[number] = start, len(self._values) - start

    def dump(self) -> tuple[bytes, bytes, bytes]:
        """Return all rows as bytes, for the constructor."""
        if len(self._values) > 2 * sum(self._lengths):
            self._drop_garbage()
        return self._starts.tobytes(), self._lengths.tobytes(), self._values.tobytes()

    def _drop_garbage(self) -> None:
        compact = PackedRows(self._values.typecode)
        for number in range(len(self._starts)):
            compact[number] = self[number]
        self._starts, self._lengths, self._values = compact._starts, compact._lengths, compact._values
