"""The manifest of what a build leaves, made from the ledger's entries."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from openknowledge.manifest import MANIFEST, CacheClass, FileRole, dump_manifest
from openknowledge.media_types import guess_media_type

from .atomic_files import atomic_write_if_changed
from .build_state import BuildState, file_stamp
from .precompress import TWIN
from .rules import FileClass

__all__ = ["MANIFEST_ARTIFACT", "class_by_path", "manifest_rows", "write_manifest"]

MANIFEST_ARTIFACT = "manifest"
"""The product that the manifest itself is."""


def write_manifest(output: Path, site_url: str, state: BuildState, classes: Mapping[str, FileClass]) -> None:
    """Write what the ledger knows of the files as they are now, and its own stamp into the ledger."""
    atomic_write_if_changed(output / MANIFEST, dump_manifest(site_url, manifest_rows(state, classes)))
    state.files[MANIFEST] = (*(file_stamp(f"{output}/{MANIFEST}") or (0, 0)), MANIFEST_ARTIFACT, "")


def manifest_rows(ledger: BuildState, sorts: Mapping[str, FileClass]) -> list[tuple[Any, ...]]:
    """The rows of all files by path, as `Manifest` has them; `sorts` are those of products, by key.

    They are not made as entries: of ten thousand those would take longer than all the rest.
    """
    files, twins = ledger.files, ledger.twins
    found = []
    for path in sorted(path for path, entry in files.items() if entry[2] not in (TWIN, MANIFEST_ARTIFACT)):
        size_b, _, key, digest = files[path]
        cache, role = sorts.get(key) or class_by_path(path)
        found.append((path, digest, size_b, guess_media_type(path), cache, role, twins.get(path, ())))
    return found


def class_by_path(path: str) -> FileClass:
    """What sort of file it is that another plugin wrote."""
    return CacheClass.PAGE, FileRole.PAGE if path.endswith(".html") else FileRole.DATA
