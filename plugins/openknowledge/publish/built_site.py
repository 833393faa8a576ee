"""A built site in a folder, checked to be what its manifest says."""

import errno
import os
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from hashlib import sha256
from io import FileIO
from pathlib import Path
from stat import S_ISREG

from openknowledge.manifest import MANIFEST, UNFINISHED, CacheClass, Manifest, ManifestEntry, ManifestProblem, Twin
from openknowledge.media_types import guess_media_type
from openknowledge.problems import Problem
from openknowledge.project_files import MEDIA_LIMIT_B
from openknowledge.redirects.table import REDIRECTS_FILE, Redirect, load

from .errors import PublishFailed, PublishRefused, make_problem
from .release import Commit

__all__ = ["BuiltSite", "list_paths", "open_counters", "open_site", "trust_nothing"]

HINT = "Build it again: invoke build --publish"
NOT_THERE = "is in the manifest, but not there"
THREADS = 4
BATCH_SIZE = 256
OPEN_FLAGS = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
MAX_FILES, MAX_SITE_B, MAX_PROBLEMS = 200_000, 4 * 1024**3, 20
"""What a site of others may have."""


@dataclass(frozen=True)
class BuiltSite:
    """A site to be published: its folder, its manifest and redirects, and the commit that it was built from.

    One that `has_only_counters` goes over the release before, all other files of which stay.
    """

    output: Path
    manifest: Manifest
    redirects: tuple[Redirect, ...]
    commit: Commit
    has_only_counters: bool = field(default=False, kw_only=True)

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
        manifest = Manifest.load(_read_bytes(str(output / MANIFEST)))
    except FileNotFoundError:
        raise PublishRefused.at(f"{name}/{MANIFEST}", "there is no manifest", HINT) from None
    except (ManifestProblem, OSError) as error:
        raise PublishRefused.at(f"{name}/{MANIFEST}", str(error).rstrip("."), HINT) from None
    known = {file.path for entry in manifest.entries for file in _files_of(entry)}
    there = set(list_paths(str(output)))
    hint = "Delete it; or, if a plugin wrote it, have it do so with openknowledge.engine.atomic_files.write_output."
    problems = [make_problem(f"{name}/{path}", "is there, but no build made it", hint) for path in there - known]
    problems += [make_problem(f"{name}/{path}", NOT_THERE, HINT) for path in known - there]
    if problems:
        raise PublishRefused(problems)
    try:
        redirects = load(output)
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        raise PublishRefused.at(f"{name}/{REDIRECTS_FILE}", "is no list of redirects", HINT) from None
    return BuiltSite(output, manifest, redirects, commit)


def open_counters(output: Path, commit: Commit) -> BuiltSite:
    """Return the numbers' documents of what was built in a folder. Raises `PublishRefused` without any."""
    site = open_site(output, commit)
    entries = tuple(entry for entry in site.manifest.entries if entry.cache is CacheClass.COUNTERS)
    if not entries:
        raise PublishRefused.at(output.name, "there are no numbers' documents", "Is the plugin for counters on?")
    return BuiltSite(output, replace(site.manifest, entries=entries), (), commit, has_only_counters=True)


def trust_nothing(site: BuiltSite, site_url: str) -> BuiltSite:
    """Return a site that code of others has built, without its redirects, which would be rules of a server.

    Raises `PublishRefused` if it was built for another address, or has what no build of ours has.
    """
    name, entries = site.output.name, site.manifest.entries
    problems = []
    if site.manifest.site_url != site_url:
        message = f"was built for {site.manifest.site_url}, and this is to be {site_url}"
        problems.append(make_problem(name, message, f"Build it with this address: SITEURL={site_url}"))
    if len(entries) > MAX_FILES or sum(file.size_b for entry in entries for file in _files_of(entry)) > MAX_SITE_B:
        message = f"has more than {MAX_FILES:,} files or {MAX_SITE_B // 1024**2:,} MB"
        problems.append(make_problem(name, message, "Publish it from a branch of the project itself."))
    for entry in entries:
        is_hidden = any(step.startswith(".") for step in entry.path.removeprefix(".well-known/").split("/"))
        known = guess_media_type(entry.path)
        if is_hidden or entry.media_type not in (known, known.partition(";")[0]):
            message = "has a hidden name, or is not what its name says"
            problems.append(
                make_problem(f"{name}/{entry.path}", message, "Build it again, with the project's own code.")
            )
    if problems:
        raise PublishRefused(problems[:MAX_PROBLEMS])
    return replace(site, redirects=())


def _files_of(entry: ManifestEntry) -> tuple[ManifestEntry | Twin, ...]:
    return (entry, *entry.twins)


def _read_bytes(path: str) -> bytes:
    """Read a file by a string, because a `Path` for each of tens of thousands takes time."""
    with FileIO(os.open(path, OPEN_FLAGS)) as file:
        status = os.fstat(file.fileno())
        if not S_ISREG(status.st_mode) or status.st_size > MEDIA_LIMIT_B:
            raise OSError(errno.EINVAL, "it is no plain file, or too large")
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
