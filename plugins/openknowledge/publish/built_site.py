"""A built site in a folder, checked to be what its manifest says."""

import os
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from openknowledge.manifest import MANIFEST, UNFINISHED, Manifest, ManifestEntry, ManifestProblem, Twin
from openknowledge.problems import Problem
from openknowledge.redirects.table import Redirect, load

from .errors import PublishFailed, PublishRefused, make_problem
from .release import Commit

__all__ = ["BuiltSite", "list_paths", "open_site"]

HINT = "Build it again: invoke build --publish"
NOT_THERE = "is in the manifest, but not there"
THREADS = 4
BATCH_SIZE = 256


@dataclass(frozen=True)
class BuiltSite:
    """A site to be published: its folder, its manifest and redirects, and the commit that it was built from."""

    output: Path
    manifest: Manifest
    redirects: tuple[Redirect, ...]
    commit: Commit

    def read_file(self, path: str, digest: str) -> bytes:
        """Return the bytes of a file. Raises `PublishFailed` if they are not those of the manifest any more."""
        try:
            data = _read_bytes(f"{self.output}/{path}")
        except OSError as error:
            message = f"cannot be read while it is published: {error.strerror}"
            raise PublishFailed.at(f"{self.output.name}/{path}", message, HINT) from None
        if sha256(data).hexdigest() != digest:
            message, hint = "changed while it was published", f"{HINT}, and publish again."
            raise PublishFailed.at(f"{self.output.name}/{path}", message, hint)
        return data

    def check_files(self, entries: Iterable[ManifestEntry]) -> None:
        """Raise `PublishRefused` with each of these files and their twins that is not as the manifest has it."""
        files = [file for entry in entries for file in _files_of(entry)]
        batches = [files[start : start + BATCH_SIZE] for start in range(0, len(files), BATCH_SIZE)]
        with ThreadPoolExecutor(THREADS) as threads:
            problems = [problem for batch in threads.map(self._check_batch, batches) for problem in batch]
        if problems:
            raise PublishRefused(problems)

    def _check_batch(self, files: Sequence[ManifestEntry | Twin]) -> list[Problem]:
        problems = []
        for file in files:
            message = ""
            try:
                data = _read_bytes(f"{self.output}/{file.path}")
                if len(data) != file.size_b or sha256(data).hexdigest() != file.digest:
                    message = "is not as the build wrote it"
            except OSError as error:
                is_missing = isinstance(error, FileNotFoundError)
                message = NOT_THERE if is_missing else f"cannot be read: {error.strerror}"
            if message:
                problems.append(make_problem(f"{self.output.name}/{file.path}", message, HINT))
        return problems


def open_site(output: Path, commit: Commit) -> BuiltSite:
    """Open the site in a folder. Raises `PublishRefused` without a manifest, or if it names other files."""
    name = output.name
    if (output / UNFINISHED).exists():
        raise PublishRefused.at(name, "a build is under way here, or one did not end", HINT)
    try:
        manifest = Manifest.load((output / MANIFEST).read_bytes())
    except FileNotFoundError:
        raise PublishRefused.at(f"{name}/{MANIFEST}", "there is no manifest", HINT) from None
    except ManifestProblem as error:
        raise PublishRefused.at(f"{name}/{MANIFEST}", str(error).rstrip("."), HINT) from None
    known = {file.path for entry in manifest.entries for file in _files_of(entry)}
    there = set(list_paths(str(output)))
    hint = "Delete it; or, if a plugin wrote it, have it do so with openknowledge.engine.atomic_files.write_output."
    problems = [make_problem(f"{name}/{path}", "is there, but no build made it", hint) for path in there - known]
    problems += [make_problem(f"{name}/{path}", NOT_THERE, HINT) for path in known - there]
    if problems:
        raise PublishRefused(problems)
    return BuiltSite(output, manifest, load(output), commit)


def _files_of(entry: ManifestEntry) -> tuple[ManifestEntry | Twin, ...]:
    return (entry, *entry.twins)


def _read_bytes(path: str) -> bytes:
    """Read a file by a string, because a `Path` for each of tens of thousands takes time."""
    with open(path, "rb", buffering=0) as file:  # noqa: PTH123
        return file.read()


def list_paths(folder: str, prefix: str = "") -> Iterator[str]:
    """Yield all files below a folder but hidden ones at its top, which are the build's own."""
    with os.scandir(folder) as items:
        for item in items:
            path = f"{prefix}{item.name}"
            if item.is_dir(follow_symlinks=False):
                yield from list_paths(item.path, f"{path}/")
            elif prefix or not item.name.startswith("."):
                yield path
