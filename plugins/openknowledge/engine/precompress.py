"""Compressed twins: the Brotli and gzip forms of files, made where bytes are new and retained where they are the same.

`docs/performance.md` has what was measured of the levels.
"""

import zlib
from collections.abc import Callable, Iterable, Iterator
from collections.abc import Set as AbstractSet
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

from openknowledge.manifest import Twin

from .atomic_files import atomic_write, atomic_write_if_changed
from .build_state import TWIN_ARTIFACT, BuildState, OutputFile, file_stamp, journal_new_files
from .rules import Files
from .workers.pool import WorkerPool, split_batches

__all__ = [
    *("BEST", "FAST", "TWIN_SUFFIXES", "CompressionLevels", "Precompressor", "codec_fingerprint", "compress"),
    *("decompress", "is_compressible"),
]

TWIN_SUFFIXES = {"br": ".br", "gzip": ".gz"}
"""HTTP's names of the encodings, in their order, and the ends of the twins' names."""
TEXT_SUFFIXES = (".css", ".html", ".js", ".json", ".mjs", ".svg", ".txt", ".webmanifest", ".xml")
MIN_SIZE_B = 256
"""Smaller files travel in the packet of their headers anyway."""
GZIP_HEADER = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff"
"""No name, no time and no operating system, so that the same bytes come out everywhere."""
GZIP_WBITS = 31
BATCH_SIZE = 48
PARALLEL_THRESHOLD = 60


class CompressionLevels(NamedTuple):
    """How much time compression may take."""

    brotli: int
    gzip: int


BEST = CompressionLevels(brotli=11, gzip=9)
"""For what seldom changes."""
FAST = CompressionLevels(brotli=5, gzip=6)
"""For what a build may make by the thousand: the next levels take longer and give next to nothing."""

Job = tuple[str, str, bool]
"""A file to compress: its path, its SHA-256, and whether it is lasting, which means that it seldom changes."""


def is_compressible(path: str) -> bool:
    """Return whether a file holds text, by its name: pictures and fonts are compressed already."""
    return path.endswith(TEXT_SUFFIXES)


def compress(data: bytes, encoding: str, levels: CompressionLevels) -> bytes:
    """Return bytes in the encoding that HTTP calls by that name."""
    if encoding == "br":
        import brotli

        compressed: bytes = brotli.compress(data, mode=brotli.MODE_TEXT, quality=levels.brotli)
        return compressed
    return GZIP_HEADER + zlib.compress(data, levels.gzip, GZIP_WBITS)[len(GZIP_HEADER) :]


def decompress(data: bytes, encoding: str) -> bytes | None:
    """Return what was compressed; None where the bytes are broken."""
    import brotli

    with suppress(brotli.error, zlib.error):
        plain: bytes = brotli.decompress(data) if encoding == "br" else zlib.decompress(data, GZIP_WBITS)
        return plain
    return None


def codec_fingerprint() -> str:
    """Return all that decides what comes out, except for the bytes."""
    import brotli

    levels = f"{BEST.brotli}.{BEST.gzip}-{FAST.brotli}.{FAST.gzip}-{MIN_SIZE_B}"
    return f"{levels}-{brotli.__version__}-{zlib.ZLIB_RUNTIME_VERSION}"


@dataclass(frozen=True, slots=True)
class Precompressor:
    """The twins in one folder. `cache` has the Brotli forms that took long, by what was compressed and how."""

    state: BuildState
    output: Path
    cache: Path

    def compress_outputs(
        self, paths: AbstractSet[str], modified: AbstractSet[str], is_lasting: Callable[[str], bool], pool: WorkerPool
    ) -> None:
        """Make the twins that are missing beside some files, which are all of the site."""
        self._drop_stale(paths, modified)
        files, twins = self.state.files, self.state.twins
        # Where the site has a file of a twin's name, there is a twin of neither encoding.
        jobs: list[Job] = [
            (path, files[path].sha256, is_lasting(path))
            for path in sorted(paths)
            if path not in twins
            and is_compressible(path)
            and paths.isdisjoint(map(path.__add__, TWIN_SUFFIXES.values()))
        ]
        batches = ((str(self.output), str(self.cache), batch) for batch in split_batches(jobs, BATCH_SIZE))
        run = pool.local_pool.map if len(jobs) >= PARALLEL_THRESHOLD else map
        for results in run(_compress_batch, batches):
            for path, built in results:
                twins[path] = tuple(twin for twin, _ in built)
                for twin, mtime_ns in built:
                    files[twin.path] = OutputFile(twin.size_b, mtime_ns, TWIN_ARTIFACT, twin.digest)
        if any(lasting for _, _, lasting in jobs):
            self._prune(path for path in twins if is_lasting(path))

    def _drop_stale(self, paths: AbstractSet[str], modified: AbstractSet[str]) -> None:
        """Drop the twins of files that are gone, that were compressed otherwise, or that something else changed."""
        fingerprint = codec_fingerprint()
        twins = self.state.twins if self.state.codec_fingerprint == fingerprint else {}
        self.state.codec_fingerprint = fingerprint
        self.state.twins = {
            path: built
            for path, built in twins.items()
            if path in paths and not any(twin.path in modified or twin.path in paths for twin in built)
        }

    def _prune(self, paths: Iterable[str]) -> None:
        """Remove from the cache what was compressed of bytes that the site no longer has."""
        used = {_cache_name(self.state.files[path].sha256) for path in paths}
        for path in self.cache.iterdir() if self.cache.is_dir() else ():
            if path.name not in used:
                path.unlink(missing_ok=True)


def _compress_batch(batch: tuple[str, str, tuple[Job, ...]]) -> list[tuple[str, list[tuple[Twin, int]]]]:
    """Read files in a worker and write their twins; a file that is not as it was made is left to the next build."""
    output, cache = Path(batch[0]), Path(batch[1])
    built: list[tuple[str, Files]] = []
    for path, digest, is_lasting in batch[2]:
        with suppress(FileNotFoundError):
            data = (output / path).read_bytes()
            if sha256(data).hexdigest() == digest:
                built.append((path, tuple(_twins_of(data, cache / _cache_name(digest) if is_lasting else None))))
    journal_new_files(output, (f"{path}{TWIN_SUFFIXES[encoding]}" for path, twins in built for encoding, _ in twins))
    return [(path, [_write_twin(output, path, *twin) for twin in twins]) for path, twins in built]


def _twins_of(data: bytes, cached: Path | None) -> Iterator[tuple[str, bytes]]:
    """Yield the forms of a file that are smaller than itself; `cached` is the cache's file for its Brotli form."""
    for encoding in TWIN_SUFFIXES if len(data) >= MIN_SIZE_B else ():
        if cached is not None and encoding == "br":
            compressed = _compress_cached(cached, data)
        else:
            compressed = compress(data, encoding, FAST if cached is None else BEST)
        if len(compressed) < len(data):
            yield encoding, compressed


def _write_twin(output: Path, path: str, encoding: str, data: bytes) -> tuple[Twin, int]:
    twin = f"{path}{TWIN_SUFFIXES[encoding]}"
    atomic_write_if_changed(f"{output}/{twin}", data)
    size_b, mtime_ns = file_stamp(f"{output}/{twin}") or (0, 0)
    return Twin(encoding, twin, sha256(data).hexdigest(), size_b), mtime_ns


def _compress_cached(cached: Path, data: bytes) -> bytes:
    """Return the Brotli form from the cache; it is made and cached where there is none, or a broken one."""
    with suppress(OSError):
        compressed = cached.read_bytes()
        if decompress(compressed, "br") == data:
            return compressed
    compressed = compress(data, "br", BEST)
    with suppress(OSError):  # Without the cache the next build takes longer, and that is all.
        atomic_write(cached, (compressed,))
    return compressed


def _cache_name(digest: str) -> str:
    return f"{digest}-{codec_fingerprint()}.br"
