"""What the last build made and of what: one file in output/, written last."""

from __future__ import annotations

import marshal
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from openknowledge.manifest import UNFINISHED

from .graph_store import opened, packed
from .query_graph import Book
from .section_file import Bytes, parts_of, write_parts

__all__ = ["LEDGER", "LOCK", "FileEntry", "Ledger", "Product", "TwinRow", "announce", "file_stamp"]

LEDGER = ".ledger"
LOCK = ".lock"

HEADER = b"openknowledge ledger 4\n"
TOLD, FILES, TWINS, PRODUCTS = "told", "files", "twins", "products"
PLAIN = 2
"""The version of marshal's format whose bytes do not depend on which objects are the same one."""

FileEntry = tuple[int, int, str, str]
"""A file's size in bytes, the time of its last change in nanoseconds, the key of the product that it is of, and the
SHA-256 of its bytes in hexadecimal.
"""

TwinRow = tuple[str, str, str, int]
"""HTTP's name of a compressed form, where it is, its digest and its size in bytes."""

Product = tuple[bytes, tuple[str, ...], tuple[str, ...]]
"""The digest of what a product was made of, its files, and the facts whose change had it made the last time."""


@dataclass
class Ledger:
    """The files of output/ by path, the products by key, and the book of questions.

    `inputs` is the digest of all that went into the build, where nothing but that did: the same digest and whole files
    mean that there is nothing to do. `settings` are digests by name, to tell which one changed. `twins` has a row for
    each file that was compressed as `pressed` says, also where that gave nothing worth keeping.
    """

    inputs: bytes = b""
    epoch: bytes = b""
    settings: dict[str, bytes] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)
    memo: dict[str, Any] = field(default_factory=dict)
    pressed: str = ""
    files: dict[str, FileEntry] = field(default_factory=dict)
    twins: dict[str, tuple[TwinRow, ...]] = field(default_factory=dict)
    products: dict[str, Product] = field(default_factory=dict)
    _book: Mapping[str, Bytes] = field(default_factory=dict)

    @classmethod
    def read(cls, output: Path) -> Ledger:
        """The ledger of a folder; an empty one where there is none, or one that is broken or of another version."""
        parts: dict[str, Bytes] = {**parts_of(output / LEDGER, HEADER)}
        try:
            told, *rest = (marshal.loads(parts.pop(name)) for name in (TOLD, FILES, TWINS, PRODUCTS))
            return cls(*(*told, *rest, parts))
        except (KeyError, ValueError, EOFError, TypeError):  # Another Python may have written what this cannot read.
            return cls()

    def write(self, output: Path, book: Book | None) -> None:
        """Write the ledger whole, with the book as it is now; None leaves the book as it was."""
        if book is not None:
            self._book = packed(book, self.products)
        told = (self.inputs, self.epoch, self.settings, self.counts, self.memo, self.pressed)
        parts: dict[str, Any] = {TOLD: told, FILES: self.files, TWINS: self.twins, PRODUCTS: self.products}
        own = {name: marshal.dumps(part, PLAIN) for name, part in parts.items()}
        write_parts(output / LEDGER, HEADER, {**own, **self._book})

    def book(self) -> Book:
        """The book of questions; an empty one where nothing was asked yet."""
        try:
            return opened(self._book)
        except (KeyError, ValueError, TypeError):
            return Book()

    def note(self, path: str, entry: FileEntry) -> None:
        """Write down a file as it is now; twins of other bytes are none of its own."""
        if self.files.get(path, entry)[3] != entry[3]:
            self.twins.pop(path, None)
        self.files[path] = entry

    def damaged(self, output: Path) -> set[str]:
        """The files that are not as they were written: gone, or changed by somebody else."""
        root = str(output)
        return {path for path, entry in self.files.items() if file_stamp(f"{root}/{path}") != entry[:2]}

    def files_of(self, keys: Iterable[str]) -> set[str]:
        """The files of some products."""
        return {path for key in keys if key in self.products for path in self.products[key][1]}


def announce(output: Path, paths: Iterable[str]) -> None:
    """Say which files will be new, before they are there: who finds the folder unfinished knows that they are ours."""
    new = [path for path in paths if file_stamp(f"{output}/{path}") is None]
    if new:
        with (output / UNFINISHED).open("a", encoding="utf-8") as journal:
            journal.write("".join(f"{path}\n" for path in new))


def file_stamp(path: str) -> tuple[int, int] | None:
    """Size and time of the last change of a file; None where there is none."""
    try:
        found = os.stat(path)  # noqa: PTH116  (thousands of times a build, and a Path takes longer to make)
    except OSError:
        return None
    return found.st_size, found.st_mtime_ns
