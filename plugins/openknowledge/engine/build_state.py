"""What the last build made and of what: one file in output/, written last."""

from __future__ import annotations

import marshal
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from openknowledge.manifest import UNFINISHED

from .graph_store import dump_graph, load_graph
from .query_graph import QueryGraph
from .section_file import Buffer, read_sections, write_sections

__all__ = ["BUILD_STATE", "LOCK", "Artifact", "BuildState", "OutputFile", "TwinRow", "file_stamp", "journal_new_files"]

BUILD_STATE = ".ledger"
LOCK = ".lock"

HEADER = b"openknowledge ledger 4\n"
TOLD, FILES, TWINS, PRODUCTS = "told", "files", "twins", "products"
MARSHAL_VERSION = 2
"""The version of marshal's format whose bytes do not depend on which objects are the same one."""

OutputFile = tuple[int, int, str, str]
"""A file's size in bytes, the time of its last change in nanoseconds, the key of the product that it is of, and the
SHA-256 of its bytes in hexadecimal.
"""

TwinRow = tuple[str, str, str, int]
"""HTTP's name of a compressed form, where it is, its digest and its size in bytes."""

Artifact = tuple[bytes, tuple[str, ...], tuple[str, ...]]
"""The digest of what a product was made of, its files, and the facts whose change had it made the last time."""


@dataclass
class BuildState:
    """The files of output/ by path, the products by key, and the book of questions.

    `inputs` is the digest of all that went into the build, where nothing but that did: the same digest and whole files
    mean that there is nothing to do. `settings` are digests by name, to tell which one changed. `twins` has a row for
    each file that was compressed as `pressed` says, also where that gave nothing worth keeping.
    """

    inputs_digest: bytes = b""
    code_epoch: bytes = b""
    settings: dict[str, bytes] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)
    extras: dict[str, Any] = field(default_factory=dict)
    codec_fingerprint: str = ""
    files: dict[str, OutputFile] = field(default_factory=dict)
    twins: dict[str, tuple[TwinRow, ...]] = field(default_factory=dict)
    artifacts: dict[str, Artifact] = field(default_factory=dict)
    _graph_sections: Mapping[str, Buffer] = field(default_factory=dict)

    @classmethod
    def read(cls, output: Path) -> BuildState:
        """The ledger of a folder; an empty one where there is none, or one that is broken or of another version."""
        parts: dict[str, Buffer] = {**read_sections(output / BUILD_STATE, HEADER)}
        try:
            told, *rest = (marshal.loads(parts.pop(name)) for name in (TOLD, FILES, TWINS, PRODUCTS))
            return cls(*(*told, *rest, parts))
        except (KeyError, ValueError, EOFError, TypeError):  # Another Python may have written what this cannot read.
            return cls()

    def write(self, output: Path, graph: QueryGraph | None) -> None:
        """Write the ledger whole, with the book as it is now; None leaves the book as it was."""
        if graph is not None:
            self._graph_sections = dump_graph(graph, self.artifacts)
        told = (self.inputs_digest, self.code_epoch, self.settings, self.counts, self.extras, self.codec_fingerprint)
        parts: dict[str, Any] = {TOLD: told, FILES: self.files, TWINS: self.twins, PRODUCTS: self.artifacts}
        own = {name: marshal.dumps(part, MARSHAL_VERSION) for name, part in parts.items()}
        write_sections(output / BUILD_STATE, HEADER, {**own, **self._graph_sections})

    def load_graph(self) -> QueryGraph:
        """The book of questions; an empty one where nothing was asked yet."""
        try:
            return load_graph(self._graph_sections)
        except (KeyError, ValueError, TypeError):
            return QueryGraph()

    def record_file(self, path: str, entry: OutputFile) -> None:
        """Write down a file as it is now; twins of other bytes are none of its own."""
        if self.files.get(path, entry)[3] != entry[3]:
            self.twins.pop(path, None)
        self.files[path] = entry

    def modified_outputs(self, output: Path) -> set[str]:
        """The files that are not as they were written: gone, or changed by somebody else."""
        root = str(output)
        return {path for path, entry in self.files.items() if file_stamp(f"{root}/{path}") != entry[:2]}

    def paths_of(self, keys: Iterable[str]) -> set[str]:
        """The files of some products."""
        return {path for key in keys if key in self.artifacts for path in self.artifacts[key][1]}


def journal_new_files(output: Path, paths: Iterable[str]) -> None:
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
