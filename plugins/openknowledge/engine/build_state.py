"""What the last build made, and of what: one file in output/, which a build writes last."""

import marshal
import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from itertools import compress, repeat
from operator import is_not
from pathlib import Path
from typing import Any, NamedTuple, Self

from openknowledge.manifest import MANIFEST, UNFINISHED, CacheClass, FileRole, Manifest, ManifestProblem, Twin
from openknowledge.media_types import guess_media_type

from .atomic_files import MARSHAL_VERSION, Section, atomic_write_if_changed, read_sections, write_sections
from .query_graph import QueryGraph
from .rules import FileClass

__all__ = [
    *("BUILD_STATE", "LOCK", "TWIN_ARTIFACT", "UNKNOWN_FILE", "Artifact", "BuildState", "BuildTrace", "OutputStamp"),
    *("OutputFile", "RENEWAL", "begin_journal", "file_stamp", "journal_new_files"),
]

BUILD_STATE = ".ledger"
LOCK = ".lock"
HEADER = b"openknowledge build state 6\n"
META_FIELDS = ("inputs_digest", "code_epoch", "settings", "counts", "extras", "codec_fingerprint", "descriptions")
"""The fields of a state that are written as they are."""
SECTIONS = ("meta", "files", "twins", "artifacts", "trace", "manifest")
"""The sections that are not the graph's; the last one has what is known of the manifest's own file."""

MANIFEST_ARTIFACT = "manifest"
"""The artifact of the manifest itself."""
TWIN_ARTIFACT = "twin"
"""The artifact of all compressed twins."""


OutputStamp = tuple[int, int]
"""The size of a file in bytes, and the time of its last change in nanoseconds."""


class OutputFile(NamedTuple):
    """A file below output/ as it was written: its size, the time of its last change, the key of its artifact."""

    size_b: int
    mtime_ns: int
    artifact: str
    sha256: str


class Artifact(NamedTuple):
    """What an action made: its digest, the paths of its files, and the keys of what had changed when it ran."""

    digest: bytes
    paths: tuple[str, ...]
    causes: tuple[str, ...]


UNKNOWN_FILE = OutputFile(-1, -1, "", "")
"""A file that a build wrote whose state is not known."""


@dataclass
class BuildTrace:
    """How far the changes came that the last build found.

    `rebuild_causes` is why every action ran, where that was so. `changed_files` are those of the content with other
    bytes, `restamped_files` those with another time and the same bytes; `suspects` are the items that may have changed
    (None: all), `parsed` those that were read. `changed` are the keys of inputs and queries with another digest.
    Actions have three outcomes: the same digest, the same bytes, or other bytes.
    """

    rebuild_causes: tuple[str, ...] = ()
    changed_files: list[str] = field(default_factory=list)
    restamped_files: list[str] = field(default_factory=list)
    suspects: list[str] | None = None
    parsed: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    same_digest: list[str] = field(default_factory=list)
    same_bytes: list[str] = field(default_factory=list)
    written: list[str] = field(default_factory=list)


@dataclass
class BuildState:
    """The files of output/ by path, the artifacts by key, and the query graph.

    `inputs_digest` is that of all that went into the build, empty where other things may have: the same digest and
    unmodified outputs mean that there is nothing to do. `code_epoch` is the fingerprint of the code, `settings` are
    digests by name. `extras` are plain values that plugins leave for the next build, `descriptions` the words for the
    graph's keys. `twins` has an entry for each file that was compressed as `codec_fingerprint` says, also where that
    gave nothing. `_listed` are the files and the twins for which the last manifest was written.
    """

    inputs_digest: bytes = b""
    code_epoch: bytes = b""
    settings: dict[str, bytes] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)
    extras: dict[str, Any] = field(default_factory=dict)
    codec_fingerprint: str = ""
    descriptions: dict[str, tuple[Any, ...]] = field(default_factory=dict)
    files: dict[str, OutputFile] = field(default_factory=dict)
    twins: dict[str, tuple[Twin, ...]] = field(default_factory=dict)
    artifacts: dict[str, Artifact] = field(default_factory=dict)
    trace: BuildTrace = field(default_factory=BuildTrace)
    _graph_sections: dict[str, Section] = field(default_factory=dict)
    _listed: tuple[dict[str, OutputFile], dict[str, tuple[Twin, ...]]] = field(
        default_factory=lambda: ({}, {}), compare=False
    )

    @classmethod
    def read(cls, output: Path) -> Self:
        """Return the state of a folder; where it is missing, broken or of another version, only what files are ours."""
        sections: dict[str, Any] = {**read_sections(output / BUILD_STATE, HEADER)}
        try:
            plain = [marshal.loads(sections.pop(name)) for name in SECTIONS]
            meta, files, twins, artifacts, trace, manifest = plain
            files |= manifest
            files = dict(zip(files, map(tuple.__new__, repeat(OutputFile), files.values()), strict=True))
            twins = {path: tuple(map(Twin._make, rows)) for path, rows in twins.items()}
            return cls(
                **meta,
                files=files,
                twins=twins,
                _listed=({**files}, {**twins}),
                artifacts=dict(zip(artifacts, map(tuple.__new__, repeat(Artifact), artifacts.values()), strict=True)),
                trace=BuildTrace(*trace),
                _graph_sections=sections,
            )
        except (KeyError, ValueError, EOFError, TypeError, AttributeError):  # Python's marshal may have changed.
            return cls(files=_adopt_files(output))

    def write(
        self, output: Path, graph: QueryGraph | None, wait_for_manifest: Callable[[], OutputStamp] | None = None
    ) -> None:
        """Write the state; without a graph the last one that was written stays.

        What waits for the manifest (see `save_manifest`) is called as late as can be.
        """
        if graph is not None:
            self._graph_sections = graph.dump(self.artifacts)
        plain: dict[str, Any] = {
            "meta": {name: getattr(self, name) for name in META_FIELDS},
            "twins": {path: tuple(map(tuple, rows)) for path, rows in self.twins.items()},
            "artifacts": dict(zip(self.artifacts, map(tuple, self.artifacts.values()), strict=True)),
            "trace": tuple(vars(self.trace).values()),
            "files": {path: tuple(file) for path, file in self.files.items() if path != MANIFEST},
        }
        sections = {name: marshal.dumps(value, MARSHAL_VERSION) for name, value in plain.items()}
        if wait_for_manifest is not None:
            self._record_manifest(wait_for_manifest())
        manifest = {path: tuple(self.files[path]) for path in (MANIFEST,) if path in self.files}
        sections["manifest"] = marshal.dumps(manifest, MARSHAL_VERSION)
        write_sections(output / BUILD_STATE, HEADER, {**sections, **self._graph_sections})

    def load_graph(self) -> QueryGraph:
        """Return the query graph; an empty one where none was written."""
        try:
            return QueryGraph.load(self._graph_sections)
        except (KeyError, ValueError, TypeError):
            return QueryGraph()

    def record_file(self, path: str, file: OutputFile) -> None:
        """Record a file as it is now; its twins are dropped where its bytes are others."""
        if self.files.get(path, file).sha256 != file.sha256:
            self.twins.pop(path, None)
        self.files[path] = file

    def modified_outputs(self, output: Path) -> set[str]:
        """Return the files that are missing, or that something else changed."""
        root = str(output)
        return {path for path, file in self.files.items() if file_stamp(f"{root}/{path}") != file[:2]}

    def paths_of(self, keys: Iterable[str]) -> set[str]:
        """Return the paths of the files of some artifacts."""
        return {path for key in keys if key in self.artifacts for path in self.artifacts[key].paths}

    def write_manifest(self, output: Path, site_url: str, classes: Mapping[str, FileClass]) -> None:
        """Write the manifest of the files; `classes` are those of artifacts by key."""
        self._record_manifest(self.save_manifest(output, site_url, classes))

    def save_manifest(self, output: Path, site_url: str, classes: Mapping[str, FileClass]) -> OutputStamp:
        """Write the manifest, without a record of it, and return its size and time."""
        data = None if self.trace.rebuild_causes else self._update_manifest(output / MANIFEST, site_url, classes)
        if data is None:
            data = Manifest.dump_rows(site_url, self.manifest_rows(classes, _listable_paths(self.files)))
        atomic_write_if_changed(output / MANIFEST, data)
        return file_stamp(f"{output}/{MANIFEST}") or (0, 0)

    def _record_manifest(self, stamp: OutputStamp) -> None:
        self.files[MANIFEST] = OutputFile(*stamp, MANIFEST_ARTIFACT, "")
        self._listed = {**self.files}, {**self.twins}

    def _update_manifest(self, path: Path, site_url: str, classes: Mapping[str, FileClass]) -> bytes | None:
        """Return the last manifest with new rows for the files that differ; None if it is not as it was written.

        Under the same code and settings the class of an artifact is the same.
        """
        files, twins = self._listed
        if MANIFEST not in files or file_stamp(str(path)) != files[MANIFEST][:2]:
            return None
        try:
            texts = dict(zip(_listable_paths(files), Manifest.load_texts(path.read_bytes(), site_url), strict=True))
        except (OSError, ValueError, ManifestProblem):
            return None
        paths = _listable_paths(self.files)
        without_twins = twins.keys() - self.twins.keys()
        others = {*_other_values(self.files, files), *_other_values(self.twins, twins), *without_twins}
        different = _listable_paths({path: self.files[path] for path in others if path in self.files})
        rows = self.manifest_rows(classes, different)
        texts.update(zip(different, map(Manifest.dump_row, rows), strict=True))
        return Manifest.dump_texts(site_url, [texts[path] for path in paths])

    def manifest_rows(self, classes: Mapping[str, FileClass], paths: Iterable[str]) -> list[tuple[Any, ...]]:
        """Return the rows of some files, as a `Manifest` has them.

        They are plain tuples, because to make the entries of ten thousand files takes longer than all the rest.
        """
        rows = []
        for path in paths:
            size_b, _, artifact, sha256 = self.files[path]
            cache, role = classes.get(artifact) or class_by_path(path)
            rows.append((path, sha256, size_b, guess_media_type(path), cache, role, self.twins.get(path, ())))
        return rows


def _other_values(now: Mapping[str, object], before: Mapping[str, object]) -> Iterable[str]:
    """Return the keys whose value is another object than before; an equal one counts as another, too."""
    return compress(now, map(is_not, now.values(), map(before.get, now)))


def _listable_paths(files: Mapping[str, OutputFile]) -> list[str]:
    """Return the paths of the files that have an entry of their own in the manifest, sorted."""
    own = (TWIN_ARTIFACT, MANIFEST_ARTIFACT)
    return sorted([path for path, file in files.items() if file.artifact not in own])


def _adopt_files(output: Path) -> dict[str, OutputFile]:
    """Return the files that the manifest of a folder lists: they are removed unless they are made again."""
    try:
        entries = Manifest.load((output / MANIFEST).read_bytes()).entries
    except (OSError, ManifestProblem):
        return {}
    twins = {twin.path: UNKNOWN_FILE._replace(artifact=TWIN_ARTIFACT) for entry in entries for twin in entry.twins}
    return dict.fromkeys((entry.path for entry in entries), UNKNOWN_FILE) | twins


def class_by_path(path: str) -> FileClass:
    """Return the class of a file that another plugin wrote."""
    return FileClass(CacheClass.PAGE, FileRole.PAGE if path.endswith(".html") else FileRole.DATA)


RENEWAL = "some files are exchanged\n"
"""What the journal says while files are exchanged without a build: all others are as the last build made them."""


def begin_journal(output: Path) -> None:
    """Mark a folder as unfinished: what an interrupted build left in its journal stays there."""
    journal = output / UNFINISHED
    journal.touch()
    if journal.read_bytes() == RENEWAL.encode():
        atomic_write_if_changed(journal, b"")


def journal_new_files(output: Path, paths: Iterable[str]) -> None:
    """Name the files that will be new in the journal of the unfinished build: the next one knows them by it."""
    new = [path for path in paths if file_stamp(f"{output}/{path}") is None]
    if new:
        with (output / UNFINISHED).open("a", encoding="utf-8") as journal:
            journal.write("".join(f"{path}\n" for path in new))


def file_stamp(path: str) -> OutputStamp | None:
    """Return the size and the time of the last change of a file; None where there is none."""
    try:
        stat = os.stat(path)  # noqa: PTH116  (thousands of times a build, and a Path takes longer to make)
    except OSError:
        return None
    return stat.st_size, stat.st_mtime_ns
