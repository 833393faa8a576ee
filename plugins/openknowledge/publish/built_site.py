"""A built site as it lies on the disk, checked to be what its manifest says."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from openknowledge.manifest import MANIFEST, UNFINISHED, Manifest, ManifestEntry, ManifestProblem
from openknowledge.problems import Problem
from openknowledge.redirects.table import Redirect, load

from .errors import PublishFailed, PublishRefused, make_problem
from .release import Commit

__all__ = ["BuiltSite", "open_site"]

BUILD_AGAIN = "Build it again: invoke build --publish"
DIGESTING = 4
BATCH = 256


@dataclass(frozen=True)
class BuiltSite:
    """What is to be published: a folder, what is in it, and the commit that it was built from."""

    output: Path
    manifest: Manifest
    redirects: tuple[Redirect, ...]
    commit: Commit

    def read_file(self, path: str, digest: str) -> bytes:
        """The bytes of a file. Raises `Failed` where they are not those of the manifest any more."""
        try:
            data = _bytes(f"{self.output}/{path}")
        except OSError as error:
            message = f"cannot be read while it is published: {error.strerror}"
            raise PublishFailed([make_problem(f"{self.output.name}/{path}", message, BUILD_AGAIN)]) from None
        if sha256(data).hexdigest() != digest:
            message = "changed while it was published"
            raise PublishFailed(
                [make_problem(f"{self.output.name}/{path}", message, f"{BUILD_AGAIN}, and publish again.")]
            )
        return data

    def check_files(self, entries: Iterable[ManifestEntry]) -> None:
        """Raises `Refused` with every one of these files, or of their twins, that is not as the manifest has it."""
        files = [
            (path, size_b, digest)
            for entry in entries
            for path, size_b, digest in (
                (entry.path, entry.size_b, entry.digest),
                *((twin.path, twin.size_b, twin.digest) for twin in entry.twins),
            )
        ]
        batches = [files[start : start + BATCH] for start in range(0, len(files), BATCH)]
        with ThreadPoolExecutor(DIGESTING) as hands:
            wrong = [one for several in hands.map(self._wrong_ones, batches) for one in several]
        if wrong:
            raise PublishRefused(wrong)

    def _wrong_ones(self, files: Sequence[tuple[str, int, str]]) -> list[Problem]:
        return [found for found in map(self._wrong, files) if found is not None]

    def _wrong(self, file: tuple[str, int, str]) -> Problem | None:
        path, size_b, digest = file
        where = f"{self.output.name}/{path}"
        try:
            data = _bytes(f"{self.output}/{path}")
        except FileNotFoundError:
            return make_problem(where, "is in the manifest, but not there", BUILD_AGAIN)
        except OSError as error:
            return make_problem(where, f"cannot be read: {error.strerror}", BUILD_AGAIN)
        if len(data) != size_b or sha256(data).hexdigest() != digest:
            return make_problem(where, "is not as the build wrote it", BUILD_AGAIN)
        return None


def open_site(output: Path, commit: Commit) -> BuiltSite:
    """The site in a folder. Raises `Refused` without a manifest, or where files and manifest do not match by name."""
    name = output.name
    if (output / UNFINISHED).exists():
        raise PublishRefused([make_problem(name, "a build is under way here, or one did not end", BUILD_AGAIN)])
    try:
        manifest = Manifest.load((output / MANIFEST).read_bytes())
    except FileNotFoundError:
        raise PublishRefused([make_problem(f"{name}/{MANIFEST}", "there is no manifest", BUILD_AGAIN)]) from None
    except ManifestProblem as error:
        raise PublishRefused([make_problem(f"{name}/{MANIFEST}", str(error).rstrip("."), BUILD_AGAIN)]) from None
    wrong = tuple(_strays(output, manifest))
    if wrong:
        raise PublishRefused(wrong)
    return BuiltSite(output, manifest, load(output), commit)


def _bytes(place: str) -> bytes:
    """By a plain name: there are tens of thousands of them."""
    with open(place, "rb", buffering=0) as file:  # noqa: PTH123
        return file.read()


def _strays(output: Path, manifest: Manifest) -> Iterator[Problem]:
    """Files that no manifest knows, and files of the manifest that are missing."""
    known = {path for entry in manifest.entries for path in (entry.path, *(twin.path for twin in entry.twins))}
    there = set(_files(str(output), ""))
    hint = "Delete it; or, if a plugin wrote it, have it do so with openknowledge.engine.atomic_files.write_output."
    for path in sorted(there - known):
        yield make_problem(f"{output.name}/{path}", "is there, but no build made it", hint)
    for path in sorted(known - there):
        yield make_problem(f"{output.name}/{path}", "is in the manifest, but not there", BUILD_AGAIN)


def _files(folder: str, below: str) -> Iterator[str]:
    """All files below a folder but hidden ones at its top, which are the build's own."""
    with os.scandir(folder) as found:
        for one in found:
            path = f"{below}{one.name}"
            if one.is_dir(follow_symlinks=False):
                yield from _files(one.path, f"{path}/")
            elif below or not one.name.startswith("."):
                yield path
