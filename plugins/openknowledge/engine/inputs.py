"""All that goes into a build as one digest: the same one means that there is nothing to do."""

from __future__ import annotations

import marshal
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from .code_fingerprint import code_fingerprint
from .digest import digest_bytes
from .file_stamps import MTIME_GRANULARITY_NS, FileStamp, scan

__all__ = ["BuildInputs", "digest_settings", "digest_theme", "scan_inputs"]

OWN_PREFIX = "openknowledge."
MARSHAL_VERSION = 2
"""The version of marshal's format whose bytes do not depend on which objects are the same one."""
NON_CONTENT_SETTINGS = frozenset(
    {"ASSETS", "BUILD_EXECUTOR", "BUILD_SCHEDULER", "BUILD_WORKERS", "CACHE_PATH", "LOG_FILTER", "LOOKING_AT"}
    | {"OUTPUT_PATH", "PORT", "BIND", "REMEMBERED", "SCANNED", "THEME_REVISION", "UP_TO_DATE"}
)
"""Settings that change no page, and those that plugins set themselves."""
PUBLISH_PREFIX = "PUBLISH_"
"""How settings begin that say where the site goes once it is built."""


class BuildInputs:
    """What went into a build: the code, the settings, the theme, and the stamps of the content's files.

    `is_sure` where those say it all: no plugin of somebody else's is there that may look at anything, and no file
    changed so shortly ago that it may change again without another stamp.
    """

    def __init__(self, digest: bytes, is_sure: bool, stamps: Mapping[str, FileStamp] | None = None) -> None:
        self.digest = digest
        self.is_conclusive = is_sure
        self.stamps = stamps


def scan_inputs(settings: Mapping[str, Any], theme: str, now_ns: int) -> BuildInputs:
    """The inputs of a build with these settings and this digest of its theme, at a moment in nanoseconds."""
    content = scan(Path(settings["PATH"]))
    newest = max((stamp[1] for stamp in content.values()), default=0)
    parts = (
        code_fingerprint(),
        *(name.encode() + one for name, one in sorted(digest_settings(settings).items())),
        theme.encode(),
        *_named_files(settings),
        marshal.dumps(content, MARSHAL_VERSION),
    )
    is_sure = newest < now_ns - MTIME_GRANULARITY_NS and all(
        str(name).startswith(OWN_PREFIX) for name in settings["PLUGINS"]
    )
    return BuildInputs(digest_bytes(b"\0".join(parts)), is_sure, content)


def _named_files(settings: Mapping[str, Any]) -> Iterator[bytes]:
    """The digests of files that settings name, and that may lie outside the content."""
    for name in settings.get("ADDRESSES", ()):
        path = Path(settings["PATH"]).parent / name
        yield digest_bytes(path.read_bytes()) if path.is_file() else b""


def digest_settings(settings: Mapping[str, Any]) -> dict[str, bytes]:
    """The digest of each setting that may change a page; the day of the build stands for an empty `BUILD_DATE`."""
    found = {
        name: digest_bytes(_stable_repr(value).encode())
        for name, value in settings.items()
        if name.isupper() and name not in NON_CONTENT_SETTINGS and not name.startswith(PUBLISH_PREFIX)
    }
    day = settings.get("BUILD_DATE") or datetime.now(ZoneInfo(settings.get("TIMEZONE", "UTC"))).date()
    return {**found, "BUILD_DATE": digest_bytes(str(day).encode())}


def digest_theme(settings: Mapping[str, Any]) -> str:
    """The digest of all files of the theme and of what overrides it."""
    folders = (settings["THEME"], *settings.get("THEME_TEMPLATES_OVERRIDES", ()))
    parts: list[bytes] = []
    for folder in map(Path, folders):
        for path in scan(folder):
            parts += (path.encode(), (folder / path).read_bytes())
    return digest_bytes(b"\0".join(parts)).hex()


def _stable_repr(value: Any) -> str:
    """A value as text that is the same in every process: functions by name, sets and mappings sorted."""
    if isinstance(value, Mapping):
        return "{" + ",".join(sorted(f"{_stable_repr(key)}:{_stable_repr(one)}" for key, one in value.items())) + "}"
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
