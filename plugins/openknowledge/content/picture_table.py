"""The pictures of the content and what was made of each: once, for all builds that share the cache."""

import marshal
import os
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import NamedTuple, Self

from openknowledge.engine.atomic_files import MARSHAL_VERSION, read_sections, write_sections
from openknowledge.engine.build_inputs import ABSENT, FileTree
from openknowledge.engine.digest import digest, digest_bytes
from openknowledge.engine.workers.pool import WorkerPool, split_batches
from openknowledge.problems import Message
from openknowledge.progress import ProgressCallback
from openknowledge.project_files import FileRefused, read_project_file

from .media_files import clean_media, is_drawing
from .parse_cache import ParseCache
from .pictures import STILL_WIDTHS, WIDTHS, PictureFacts, PictureRefused, Renditions, make_picture, recipe_digest
from .snapshot_files import STILLS_FOLDER

__all__ = ["PictureTable", "list_stills"]

STILL = re.compile(STILLS_FOLDER.format("[^/]+") + r"([A-Za-z0-9_-]+)\.jpg")
FOLDER = "pictures"
"""Where the cache has what was renditions, beside what was read."""
HEADER = b"openknowledge picture 1\n"
SPARE = 100
"""How many files the cache has of pictures that are not used, besides as many as are."""
FACTS = "facts"
"""The section of a picture's facts; the others are its files."""

Refusals = Mapping[str, tuple[Message, Message]]


def list_stills(tree: FileTree) -> dict[str, str]:
    """Return the stills of videos that syncs have fetched, by their YouTube id."""
    found = (STILL.fullmatch(path) for path in tree.below("snapshots/") if path.endswith(".jpg"))
    return {match[1]: match[0] for match in found if match is not None}


class _Job(NamedTuple):
    path: str
    key: bytes


class PictureTable(Mapping[str, PictureFacts]):
    """The facts of each picture by its path from the content folder; `read` gives the files that were made of it.

    `refusals` say of the others why nothing could be renditions, and what to do.
    """

    def __init__(
        self,
        root: Path,
        folder: Path | None,
        cache: ParseCache,
        keys: Mapping[str, bytes],
        refusals: Refusals,
        stills: Mapping[str, str],
    ) -> None:
        self._root, self._folder, self._cache, self._keys, self.refusals = root, folder, cache, keys, refusals
        self.stills = stills
        self._facts: dict[str, PictureFacts] = {}

    @classmethod
    def empty(cls) -> Self:
        """Return the table of a site without pictures."""
        return cls(Path(), None, ParseCache(None), {}, {}, {})

    @classmethod
    def load(
        cls,
        tree: FileTree,
        paths: Collection[str],
        cache: ParseCache,
        pool: WorkerPool,
        progress: ProgressCallback | None = None,
    ) -> Self:
        """Return the table of these pictures; the cache's own are not made again, the others by workers.

        Their facts are in the cache of what was read, and their files in a folder beside it.
        """
        folder = cache.folder.parent / FOLDER if cache.folder is not None else None
        recipe, stills = recipe_digest(), list_stills(tree)
        named = sorted({*paths, *stills.values()})
        refusals = {path: _refuse(*wrong) for path in named if (wrong := tree.explain_size(path))}
        digests = ((path, tree.digest(path)) for path in named if path not in refusals)
        keys = {path: _key_of(path, data, recipe) for path, data in digests if data != ABSENT}
        whole = digest_bytes(FOLDER.encode() + digest(sorted(keys.items())))
        if cache.find(whole) is None or not cache.mark_used(keys.values()):
            missing = [_Job(path, key) for path, key in keys.items() if cache.find(key) is None]
            for number, (job, renditions) in enumerate(_make_all(tree.root, folder, missing, pool), start=1):
                if isinstance(renditions, PictureFacts):
                    cache.add(job.key, tuple(renditions), ())
                else:
                    refusals[job.path] = renditions
                if progress:
                    progress("Making pictures", number, len(missing))
            if not refusals:
                cache.add(whole, True, ())
            _prune(folder, keys.values())
        sound = {path: key for path, key in keys.items() if path not in refusals}
        stills = {name: path for name, path in stills.items() if path in sound}
        return cls(tree.root, folder, cache, sound, refusals, stills)

    def __getitem__(self, path: str) -> PictureFacts:
        if path not in self._facts:
            values = self._cache.find(self._keys[path])
            self._facts[path] = PictureFacts(*values) if values else self._make(path).facts
        return self._facts[path]

    def __iter__(self) -> Iterator[str]:
        return iter(self._keys)

    def __len__(self) -> int:
        return len(self._keys)

    def __contains__(self, path: object) -> bool:
        return path in self._keys

    def digest_of(self, path: str) -> bytes:
        """Return the digest of a picture and of how it is renditions, also where there is none."""
        return self._keys.get(path, ABSENT)

    @property
    def names_digest(self) -> bytes:
        """Return the digest of all pictures."""
        return digest(sorted(self._keys.items()))

    def read(self, path: str) -> Mapping[str, bytes]:
        """Return the files that were made of a picture, by width and format; made again if the cache lost them.

        Raises `FileNotFoundError` or `FileRefused` where it cannot be read any more.
        """
        renditions = _load(self._folder, self._keys[path]) or self._make(path)
        return renditions.files

    def _make(self, path: str) -> Renditions:
        return _make_one(self._root, self._folder, _Job(path, self._keys[path]))


def _refuse(reason: Message, hint: Message) -> tuple[Message, Message]:
    return Message('the picture "%(target)s" is not read: %(reason)s', target="", reason=reason), hint


def _key_of(path: str, data: bytes, recipe: bytes) -> bytes:
    """Return the digest of a picture's bytes, of the recipe, and of what its name says of it."""
    suffix = path.rpartition(".")[2].lower()
    return digest_bytes(b"\0".join((recipe, data, suffix.encode(), b"still" if _is_still(path) else b"")))


def _is_still(path: str) -> bool:
    return STILL.fullmatch(path) is not None


def _make_all(
    root: Path, folder: Path | None, jobs: list[_Job], pool: WorkerPool
) -> Iterator[tuple[_Job, PictureFacts | tuple[Message, Message]]]:
    make = partial(make_batch, root, folder)
    batches = split_batches(jobs, 1)
    is_parallel = pool.local_pool.is_parallel and len(jobs) > 1
    results = pool.local_pool.map(make, batches) if is_parallel else map(make, batches)
    return zip(jobs, (result for batch in results for result in batch), strict=True)


def make_batch(
    root: Path, folder: Path | None, jobs: Iterable[_Job]
) -> tuple[PictureFacts | tuple[Message, Message], ...]:
    """Make some pictures into the cache; return their facts, or why nothing could be renditions. Workers call this."""
    return tuple(_make_or_refuse(root, folder, job) for job in jobs)


def _make_or_refuse(root: Path, folder: Path | None, job: _Job) -> PictureFacts | tuple[Message, Message]:
    try:
        return (_load(folder, job.key) or _make_one(root, folder, job)).facts
    except (PictureRefused, FileRefused) as refusal:
        return refusal.message, refusal.hint
    except FileNotFoundError:
        return Message("the file has gone while it was being read"), Message("Build again.")


def _make_one(root: Path, folder: Path | None, job: _Job) -> Renditions:
    data = read_project_file(root / job.path, root)
    if is_drawing(job.path):
        try:
            data = clean_media(job.path, data)
        except ValueError as error:
            message = Message('"%(target)s" is not an SVG drawing (%(reason)s)', target=job.path, reason=str(error))
            raise PictureRefused(message, Message("Export it again as plain SVG, or as PNG.")) from None
    renditions = make_picture(job.path, data, STILL_WIDTHS if _is_still(job.path) else WIDTHS)
    if folder is not None and renditions.files:
        with suppress(OSError):  # A full disk costs time, and no pages.
            facts = marshal.dumps(tuple(renditions.facts), MARSHAL_VERSION)
            write_sections(folder / job.key.hex(), HEADER, {FACTS: facts, **renditions.files})
    return renditions


def _load(folder: Path | None, key: bytes) -> Renditions | None:
    """Return what the cache has of a picture; None where that is missing or broken."""
    sections = read_sections(folder / key.hex(), HEADER) if folder is not None else {}
    with suppress(KeyError, ValueError, EOFError, TypeError):
        facts = PictureFacts(*marshal.loads(sections.pop(FACTS)))
        return Renditions(facts, {name: bytes(data) for name, data in sections.items()})
    return None


def _prune(folder: Path | None, keys: Collection[bytes]) -> None:
    """Remove of what this build does not use the oldest, where there is more of it than of the other."""
    used = {key.hex() for key in keys}
    with suppress(OSError):  # Another build may be at it.
        unused = [entry for entry in os.scandir(folder) if entry.name not in used] if folder is not None else []
        surplus = len(unused) - len(used) - SPARE
        for entry in sorted(unused, key=lambda entry: entry.stat().st_mtime_ns)[: max(0, surplus)]:
            Path(entry.path).unlink(missing_ok=True)
