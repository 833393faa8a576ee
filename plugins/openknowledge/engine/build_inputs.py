"""All that goes into a build as one digest: the same digest means that there is nothing to do."""

import marshal
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from .atomic_files import MARSHAL_VERSION
from .digest import code_fingerprint, digest_bytes
from .file_stamps import ABSENT, MTIME_GRANULARITY_NS, FileStamp, scan

__all__ = ["BuildInputs", "code_fingerprint", "digest_files", "digest_settings", "digest_theme", "scan_inputs"]

OWN_PREFIX = "openknowledge."
NON_CONTENT_SETTINGS = frozenset(
    {"ASSETS", "BUILD_EXECUTOR", "BUILD_SCHEDULER", "BUILD_SESSION", "BUILD_WORKERS", "CACHE_PATH", "LOG_FILTER"}
    | {"OUTPUT_PATH", "PORT", "BIND"}
)
"""Settings that change no page, and those that plugins set themselves."""
MAX_RECENT_FILES = 100
"""How many files with a recent change are read; after more of them a build does not count as conclusive."""
PUBLISH_PREFIX = "PUBLISH_"
"""The beginning of settings that say where the site goes once it is built."""


@dataclass(frozen=True, slots=True)
class BuildInputs:
    """What went into a build: the code, the settings, the theme, and the stamps of the content's files.

    It `is_conclusive` where those are all: no plugin of another package may read anything else. `recent` are the
    digests of files that changed so shortly ago that they may change again with the same stamp: only the same bytes
    say that they did not.
    """

    digest: bytes
    is_conclusive: bool
    stamps: Mapping[str, FileStamp] | None = None
    recent: Mapping[str, bytes] = field(default_factory=dict)


def scan_inputs(settings: Mapping[str, Any], theme: str, now_ns: int) -> BuildInputs:
    """Return the inputs of a build with these settings and this digest of its theme, at a moment in nanoseconds."""
    root = Path(settings["PATH"])
    content = scan(root)
    recent = [path for path, stamp in content.items() if stamp[1] >= now_ns - MTIME_GRANULARITY_NS]
    parts = (
        code_fingerprint(),
        *(name.encode() + digest for name, digest in sorted(digest_settings(settings).items())),
        theme.encode(),
        *_digest_named_files(settings),
        marshal.dumps(content, MARSHAL_VERSION),
    )
    is_own = all(str(name).startswith(OWN_PREFIX) for name in settings["PLUGINS"])
    if not is_own or len(recent) > MAX_RECENT_FILES:
        return BuildInputs(digest_bytes(b"\0".join(parts)), False, content)
    return BuildInputs(digest_bytes(b"\0".join(parts)), True, content, digest_files(root, recent))


def digest_files(root: Path, paths: Iterable[str]) -> dict[str, bytes]:
    """Return the digests of the bytes of some files below a folder."""
    files = ((path, root / path) for path in paths)
    return {path: digest_bytes(file.read_bytes()) if file.is_file() else ABSENT for path, file in files}


def _digest_named_files(settings: Mapping[str, Any]) -> Iterator[bytes]:
    """Yield the digests of files that settings name, and that may lie outside the content."""
    for name in settings.get("ADDRESSES", ()):
        path = Path(settings["PATH"]).parent / name
        yield digest_bytes(path.read_bytes()) if path.is_file() else b""


def digest_settings(settings: Mapping[str, Any]) -> dict[str, bytes]:
    """Return the digest of each setting that may change a page; that of an empty `BUILD_DATE` is of the present day."""
    digests = {
        name: digest_bytes(_stable_repr(value).encode())
        for name, value in settings.items()
        if name.isupper() and name not in NON_CONTENT_SETTINGS and not name.startswith(PUBLISH_PREFIX)
    }
    day = settings.get("BUILD_DATE") or datetime.now(ZoneInfo(settings.get("TIMEZONE", "UTC"))).date()
    return {**digests, "BUILD_DATE": digest_bytes(str(day).encode())}


def digest_theme(settings: Mapping[str, Any]) -> str:
    """Return the digest of all files of the theme and of what overrides it."""
    parts: list[bytes] = []
    for folder in map(Path, (settings["THEME"], *settings.get("THEME_TEMPLATES_OVERRIDES", ()))):
        for path in scan(folder):
            parts += (path.encode(), (folder / path).read_bytes())
    return digest_bytes(b"\0".join(parts)).hex()


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
