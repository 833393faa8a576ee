"""All that goes into a build: files by stamp and digest, settings and code; where it is the same, nothing is to do."""

import marshal
import os
import stat
import time
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property, lru_cache, partial
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from openknowledge.problems import ContentProblems, Message, Problem
from openknowledge.project_files import (
    CIRCLE,
    IRREGULAR,
    FileLimits,
    FileRefused,
    as_refusal,
    explain_name,
    find_target,
    is_plain_name,
    read_project_file,
)

from .atomic_files import MARSHAL_VERSION
from .digest import code_fingerprint, digest_bytes
from .file_transaction import find_last_transaction, finish_transaction

__all__ = [
    *("ABSENT", "MAX_RECENT_FILES", "MTIME_GRANULARITY_NS", "BuildInputs", "FileTree", "digest_files"),
    *("digest_settings", "digest_theme", "explain_refusal", "scan", "scan_inputs", "start_scan"),
]

FileStamp = tuple[int, int, int, int]
"""Size in bytes, time of the last change in nanoseconds, inode, and when the system last noticed a change.

A program may write other bytes of the same number and set the time of change back; the last of the four it cannot set.
"""
Stamps = dict[str, FileStamp]
KnownFile = tuple[FileStamp, bytes, bool]
"""The stamp and the digest of a file when it was last read, and whether that stamp stands for these bytes alone."""
ABSENT = b""
"""The digest of a file that does not exist."""
MTIME_GRANULARITY_NS = 2_000_000_000
"""A file that changed less than this before it was read may change again with the same stamp."""
REFUSED_SIZE_B = -1
"""The size in the stamp of an entry that is not read: `explain_refusal` says why."""
REFUSED: FileStamp = (REFUSED_SIZE_B, 0, 0, 0)
MAX_RECENT_FILES = 100
"""How many files with a recent change are read; after more of them a build does not count as conclusive."""
NON_CONTENT_SETTINGS = frozenset(
    {"ASSETS", "BUILD_EXECUTOR", "BUILD_ONLY", "BUILD_SCHEDULER", "BUILD_SESSION", "BUILD_WORKERS", "CACHE_PATH"}
    | {"LOG_FILTER", "MESSAGES_LANG", "OUTPUT_PATH", "PORT", "BIND"}
)
"""Settings that change no page, and those that plugins set themselves."""
PUBLISH_PREFIX = "PUBLISH_"
"""The beginning of settings that say where the site goes once it is built."""


def scan(root: Path) -> Stamps:
    """Return the stamps of all files below `root` by path with forward slashes, without hidden files and folders.

    Links inside the project are followed, those to folders only once on a way. What is refused has `REFUSED_SIZE_B` in
    its stamp.
    """
    stamps: list[tuple[str, FileStamp]] = []
    stack = [(str(root), "", False)]
    while stack:
        folder, prefix, is_linked = stack.pop()
        try:
            entries = list(os.scandir(folder))
        except FileNotFoundError:
            continue
        except OSError:
            stamps.append((prefix.rstrip("/"), REFUSED))
            continue
        for entry in entries:
            if entry.name.startswith("."):
                continue
            path = prefix + entry.name
            try:
                if not is_plain_name(entry.name) and (wrong := explain_name(entry.name)):
                    raise FileRefused(*wrong)
                is_plain = entry.is_file(follow_symlinks=False)
                status = entry.stat() if is_plain else _stat(entry, root, is_linked)
            except FileNotFoundError:
                continue
            except OSError:
                stamps.append((path, REFUSED))
                continue
            if stat.S_ISDIR(status.st_mode):
                stack.append((entry.path, f"{path}/", is_linked or entry.is_symlink()))
            else:
                stamps.append((path, (status.st_size, status.st_mtime_ns, status.st_ino, status.st_ctime_ns)))
    stamps.sort()
    return dict(stamps)


def explain_refusal(root: Path, path: str) -> tuple[Message, Message]:
    """Return why an entry is refused that `scan` found, and how to mend it."""
    *folders, name = steps = path.split("/")
    if wrong := explain_name(name):
        return wrong
    is_linked = any((root / "/".join(steps[: number + 1])).is_symlink() for number in range(len(folders)))
    try:
        with os.scandir(root.joinpath(*folders)) as entries:
            entry = next(entry for entry in entries if entry.name == name)
        if stat.S_ISDIR(_stat(entry, root, is_linked).st_mode):
            with os.scandir(entry.path):
                pass
    except StopIteration:
        return Message("it has gone while it was being read"), Message("Build again.")
    except OSError as error:
        refusal = as_refusal(error)
        return refusal.message, refusal.hint
    return Message("it changed while it was being read"), Message("Build again.")


def _stat(entry: os.DirEntry[str], root: Path, is_linked: bool) -> os.stat_result:
    """Return what the file system says of an entry. Raises `FileRefused` where it may not be read."""
    if not entry.is_symlink():
        status = entry.stat()
        if not stat.S_ISREG(status.st_mode) and not stat.S_ISDIR(status.st_mode):
            raise FileRefused(*IRREGULAR)
        return status
    target = find_target(entry.path, root)
    if stat.S_ISDIR(target.stat.st_mode):
        if f"{Path(entry.path).parent.resolve()}/".startswith(f"{target.path}/"):
            raise FileRefused(*CIRCLE)
        if is_linked:
            raise FileRefused(
                Message("it is a link to a folder inside a linked folder"), Message("Link the folder itself instead.")
            )
    return target.stat


@dataclass
class FileTree:
    """The files of a folder as they are now, with digests that are persisted from build to build.

    `known` has for each path the stamp and the digest when the file was last read, and whether its last change was then
    older than `MTIME_GRANULARITY_NS`: only then does the same stamp mean the same bytes. Since a file was last read,
    the bytes of those in `changed` are others, and those in `restamped` have another stamp and the same bytes.
    `last_transaction` is the last replacement of several files before the stamps were taken, where that is known.
    """

    root: Path
    stamps: Mapping[str, FileStamp]
    known: dict[str, KnownFile] = field(default_factory=dict)
    is_dirty: bool = False
    changed: set[str] = field(default_factory=set)
    restamped: set[str] = field(default_factory=set)
    limits: FileLimits = field(default_factory=FileLimits)
    last_transaction: int | None = None

    def __contains__(self, path: str) -> bool:
        return path in self.stamps and not self._is_refused(path)

    def __iter__(self) -> Iterator[str]:
        """Yield the paths of all files that may be read, sorted."""
        refused = self._refused_paths()
        return iter([path for path in self.stamps if path not in refused])

    def _refused_paths(self) -> set[str]:
        """Return the paths of what may not be read; most sizes prove at a glance that a file may be."""
        sizes = range(self._small_b + 1)
        return {path for path, stamp in self.stamps.items() if stamp[0] not in sizes and self._is_refused(path)}

    def _is_refused(self, path: str) -> bool:
        size_b = self.stamps[path][0]
        if size_b <= self._small_b:
            return size_b == REFUSED_SIZE_B
        return self.explain_size(path) is not None

    def explain_size(self, path: str) -> tuple[Message, Message] | None:
        """Return what is wrong with the size of a file, and how to mend it; None where nothing is."""
        return self.limits.explain(path, self.stamps[path][0]) if path in self.stamps else None

    @cached_property
    def _small_b(self) -> int:
        """The size up to which a file of any kind is small enough."""
        return min(self.limits)

    @cached_property
    def refusals(self) -> tuple[Problem, ...]:
        """Return a problem for each entry that is not read, sorted by path."""
        problems = []
        for path in sorted(self._refused_paths()):
            reason = self.explain_size(path) or explain_refusal(self.root, path)
            problems.append(Problem(f"{self.root.name}/{path}", None, None, *reason))
        return tuple(problems)

    def below(self, folder: str) -> tuple[str, ...]:
        """Return the paths of the files below a folder, which is written with its final slash, sorted."""
        paths = self._sorted
        return tuple(paths[bisect_left(paths, folder) : bisect_left(paths, f"{folder}\U0010ffff")])

    @cached_property
    def _sorted(self) -> list[str]:
        return sorted(self)

    def digest(self, path: str) -> bytes:
        """Return the digest of a file's bytes; `ABSENT` where there is no such file."""
        stamp = self.stamps.get(path)
        if stamp is None:
            return ABSENT
        known_stamp, known_digest, is_settled = self.known.get(path, (None, ABSENT, False))
        if known_stamp == stamp and is_settled:
            return known_digest
        is_settled = stamp[1] < time.time_ns() - MTIME_GRANULARITY_NS
        try:
            digest = digest_bytes(read_project_file(self.root / path, self.root, max(self.limits)))
        except (FileNotFoundError, FileRefused):
            return ABSENT
        self.known[path] = (stamp, digest, is_settled)
        self.is_dirty = True
        if digest != known_digest:
            self.changed.add(path)
        elif stamp != known_stamp:
            self.restamped.add(path)
        return digest

    def volatile_digest(self, path: str) -> bytes:
        """Return a digest that differs each time, for a file that changed while it was read."""
        return digest_bytes(f"{path} {time.time_ns()}".encode())

    def prune(self) -> None:
        """Drop what is known of files that do not exist any more."""
        gone = [path for path in self.known if path not in self.stamps]
        for path in gone:
            del self.known[path]
        self.is_dirty = self.is_dirty or bool(gone)


@dataclass(frozen=True, slots=True)
class BuildInputs:
    """What went into a build: the code, the settings, the theme, and the stamps of the content's files.

    It `is_conclusive` where those are all: no plugin of another package may read anything else. `recent` are the
    digests of files that changed so shortly ago that they may change again with the same stamp: only the same bytes
    say that they did not. `last_transaction` is the last replacement of several files before the stamps were taken.
    """

    digest: bytes
    is_conclusive: bool
    stamps: Mapping[str, FileStamp] | None = None
    last_transaction: int | None = None
    recent: Mapping[str, bytes] = field(default_factory=dict)


def start_scan(
    root: Path, start: Callable[[Callable[[], Stamps]], Callable[[], Stamps]]
) -> Callable[[], tuple[int, Stamps]]:
    """Finish what a sync had begun, have `start` start a scan, and return what waits for it.

    Its result is the last replacement of several files before the scan, and the stamps of all files.
    """
    finish_transaction(root)
    last_transaction, wait = find_last_transaction(root), start(partial(scan, root))
    return lambda: (last_transaction, wait())


def scan_inputs(
    settings: Mapping[str, Any],
    theme: str,
    now_ns: int,
    wait_for_scan: Callable[[], tuple[int, Stamps]] | None = None,
) -> BuildInputs:
    """Return the inputs of a build with these settings and this digest of its theme.

    The content is scanned here, at a moment in nanoseconds, or was from that moment on (see `start_scan`).
    """
    root = Path(settings["PATH"])
    wait_for_scan = wait_for_scan or start_scan(root, lambda function: function)
    own, digests = code_fingerprint(), digest_settings(settings)
    last_transaction, content = wait_for_scan()
    recent = [path for path, stamp in content.items() if stamp[1] >= now_ns - MTIME_GRANULARITY_NS]
    parts = (
        own,
        *(name.encode() + digest for name, digest in sorted(digests.items())),
        theme.encode(),
        # Settings name files that may lie outside the content.
        *digest_files(root.parent, settings.get("ADDRESSES", ())).values(),
        marshal.dumps(content, MARSHAL_VERSION),
    )
    is_own = all(str(name).startswith("openknowledge.") for name in settings["PLUGINS"])
    is_conclusive = is_own and len(recent) <= MAX_RECENT_FILES
    recent_digests = digest_files(root, recent) if is_conclusive else {}
    digest = digest_bytes(b"\0".join(parts))
    return BuildInputs(digest, is_conclusive, content, last_transaction, recent_digests)


def digest_files(root: Path, paths: Iterable[str]) -> dict[str, bytes]:
    """Return the digests of the bytes of some files below a folder."""
    files = ((path, root / path) for path in paths)
    return {path: digest_bytes(file.read_bytes()) if file.is_file() else ABSENT for path, file in files}


def digest_settings(settings: Mapping[str, Any]) -> dict[str, bytes]:
    """Return the digest of each setting that may change a page; that of an empty `BUILD_DATE` is of the present day."""
    digests = {
        name: _digest_text(_stable_repr(value))
        for name, value in settings.items()
        if name.isupper() and name not in NON_CONTENT_SETTINGS and not name.startswith(PUBLISH_PREFIX)
    }
    try:
        zone = ZoneInfo(settings.get("TIMEZONE", "UTC"))
    except (ValueError, OSError, LookupError):
        zone = ZoneInfo("UTC")  # Whoever needs the zone says that it is none.
    day = settings.get("BUILD_DATE") or datetime.now(zone).date()
    return {**digests, "BUILD_DATE": digest_bytes(str(day).encode())}


def digest_theme(settings: Mapping[str, Any], known: dict[str, dict[str, KnownFile]]) -> str:
    """Return the digest of all files of the theme and of what overrides it.

    `known` has what is known of the files of each folder, and is updated: only files with another stamp are read.
    Raises `ContentProblems` where one of them may not be read.
    """
    parts: list[bytes] = []
    problems: list[Problem] = []
    for folder in map(Path, (settings["THEME"], *settings.get("THEME_TEMPLATES_OVERRIDES", ()))):
        tree = FileTree(folder, scan(folder), known.setdefault(str(folder), {}))
        for path, stamp in tree.stamps.items():
            if stamp[0] == REFUSED_SIZE_B:
                problems.append(Problem(f"{folder.name}/{path}", None, None, *explain_refusal(folder, path)))
            else:
                parts += path.encode(), tree.digest(path) or digest_bytes(read_project_file(folder / path, folder))
        tree.prune()
    if problems:
        raise ContentProblems(problems)
    return digest_bytes(b"\0".join(parts)).hex()


@lru_cache(maxsize=1024)
def _digest_text(text: str) -> bytes:
    """Return the digest of a setting's text; most are asked for twice a build, and in each build of a preview."""
    return digest_bytes(text.encode())


def _stable_repr(value: Any) -> str:
    """Return a value as text that is the same in every process: functions by name, sets and mappings sorted."""
    if isinstance(value, Mapping):
        return "{" + ",".join(sorted(f"{_stable_repr(key)}:{_stable_repr(item)}" for key, item in value.items())) + "}"
    if isinstance(value, set | frozenset):
        return "{" + ",".join(sorted(map(_stable_repr, value))) + "}"
    if isinstance(value, list | tuple):
        return "[" + ",".join(map(_stable_repr, value)) + "]"
    if isinstance(value, str | int | float | bool | bytes | None):
        return repr(value)
    if callable(value):
        return f"{getattr(value, '__module__', '')}.{getattr(value, '__qualname__', type(value).__qualname__)}"
    text = str(value)
    return text if " at 0x" not in text else type(value).__qualname__
