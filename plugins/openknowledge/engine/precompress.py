"""Twins: Brotli and gzip forms beside files, made where bytes are new and kept where they are the same."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from collections.abc import Set as AbstractSet
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from .atomic_files import atomic_write, atomic_write_if_changed
from .build_state import BuildState, TwinRow, file_stamp, journal_new_files
from .codecs import BEST, FAST, MIN_SIZE_B, TWIN_SUFFIXES, codec_fingerprint, compress, decompress, is_compressible
from .rules import Files
from .workers.pool import WorkerPool, split_batches

__all__ = ["TWIN", "Precompressor"]

TWIN = "twin"
"""The product that twins are of."""
BATCH = 48
"""How many files a worker is handed at a time."""
MANY = 60
"""From how many files on the work is worth other hands."""

Job = tuple[str, str, bool]
"""A file's path below output/, the digest of its bytes, and whether it seldom changes."""
Pressed = tuple[str, tuple[tuple[TwinRow, int], ...]]
"""A file's path, and its twins with their times in nanoseconds."""


@dataclass(frozen=True, slots=True)
class Precompressor:
    """The twins in one folder. `costly` is where those are kept that took long, by what was compressed and how."""

    state: BuildState
    output: Path
    cache: Path

    def clear(self) -> None:
        """There are to be none."""
        self.state.twins, self.state.codec_fingerprint = {}, ""

    def compress_outputs(
        self, paths: AbstractSet[str], damaged: Iterable[str], is_lasting: Callable[[str], bool], hands: WorkerPool
    ) -> None:
        """Make what is missing beside some files, which are all of the site."""
        self._drop_stale(paths, damaged)
        files, known = self.state.files, self.state.twins
        jobs = [
            (path, files[path][3], is_lasting(path))
            for path in sorted(paths)
            if path not in known and is_compressible(path) and not _has_own(path, paths)
        ]
        batches = ((str(self.output), str(self.cache), batch) for batch in split_batches(jobs, BATCH))
        made = hands.local_pool.map(_compress_batch, batches) if len(jobs) >= MANY else map(_compress_batch, batches)
        for several in made:
            for path, rows in several:
                known[path] = tuple(row for row, _ in rows)
                files.update((twin, (size, time, TWIN, digest)) for (_, twin, digest, size), time in rows)
        if any(job[2] for job in jobs):
            self._prune(path for path in known if is_lasting(path))

    def _drop_stale(self, paths: AbstractSet[str], damaged: Iterable[str]) -> None:
        """Twins of files that are gone, that were made otherwise, or that are not as they were written, are no more."""
        told = codec_fingerprint()
        wrong = set(damaged)
        known = self.state.twins if self.state.codec_fingerprint == told else {}
        self.state.codec_fingerprint = told
        self.state.twins = {
            path: rows
            for path, rows in known.items()
            if path in paths and not any(row[1] in wrong or row[1] in paths for row in rows)
        }

    def _prune(self, paths: Iterable[str]) -> None:
        """Let go what is kept of bytes that the site no longer has."""
        used = {_costly_name(self.state.files[path][3]) for path in paths}
        for place in self.cache.iterdir() if self.cache.is_dir() else ():
            if place.name not in used:
                place.unlink(missing_ok=True)


def _has_own(path: str, paths: AbstractSet[str]) -> bool:
    """Whether a file of the site stands where a twin would: then there is none of either form."""
    return any(f"{path}{ending}" in paths for ending in TWIN_SUFFIXES.values())


def _compress_batch(batch: tuple[str, str, tuple[Job, ...]]) -> tuple[Pressed, ...]:
    """What workers do: read files and write their twins. What is not as it was made is left to the next build."""
    output, costly = Path(batch[0]), Path(batch[1])
    made: list[tuple[str, Files]] = []
    for path, digest, is_lasting in batch[2]:
        data = _data(output / path)
        if sha256(data).hexdigest() == digest:
            made.append((path, tuple(_twins(data, costly / _costly_name(digest) if is_lasting else None))))
    journal_new_files(output, (f"{path}{TWIN_SUFFIXES[encoding]}" for path, twins in made for encoding, _ in twins))
    return tuple((path, tuple(_written(output, path, *twin) for twin in twins)) for path, twins in made)


def _data(place: Path) -> bytes:
    try:
        return place.read_bytes()
    except FileNotFoundError:
        return b""


def _twins(data: bytes, kept: Path | None) -> Iterator[tuple[str, bytes]]:
    """The forms of a file that are smaller than itself; `kept` is where that of one that seldom changes may be."""
    for encoding in TWIN_SUFFIXES if len(data) >= MIN_SIZE_B else ():
        if kept is not None and encoding == "br":
            found = _kept(kept, data)
        else:
            found = compress(data, encoding, FAST if kept is None else BEST)
        if len(found) < len(data):
            yield encoding, found


def _written(output: Path, path: str, encoding: str, data: bytes) -> tuple[TwinRow, int]:
    twin = f"{path}{TWIN_SUFFIXES[encoding]}"
    place = f"{output}/{twin}"
    atomic_write_if_changed(place, data)
    size, time = file_stamp(place) or (0, 0)
    return (encoding, twin, sha256(data).hexdigest(), size), time


def _kept(place: Path, data: bytes) -> bytes:
    """The costly form as it is kept; made and kept where there is none, or a broken one."""
    with suppress(OSError):
        found = place.read_bytes()
        if decompress(found, "br") == data:
            return found
    found = compress(data, "br", BEST)
    with suppress(OSError):  # Without the cache the next build takes longer, and that is all.
        atomic_write(place, (found,))
    return found


def _costly_name(digest: str) -> str:
    return f"{digest}-{codec_fingerprint()}.br"
