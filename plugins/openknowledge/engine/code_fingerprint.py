"""What our own code and the packages under it are: everything that was kept depends on that too."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from functools import cache, lru_cache
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING

from .digest import digest_bytes

if TYPE_CHECKING:
    from openknowledge.catalogue.kinds.kind import Kind

__all__ = ["PARSER_SOURCES", "code_fingerprint", "package_versions", "reading_fingerprint"]

PACKAGE = Path(__file__).parents[1]
PARSER_SOURCES = (
    "model",
    "url_paths.py",
    "content/checks.py",
    "content/markdown",
    "content/records.py",
    "content/frontmatter.py",
    "catalogue/kinds/kind.py",
    "content/local_links.py",
    "content/parse.py",
    "content/plain_text.py",
    "problems.py",
    "content/read_item.py",
    "content/references.py",
    "content/snapshots.py",
    "catalogue/views/body.py",
    "catalogue/views/base.py",
    "fast_pickle.py",
    "engine/digest.py",
)
"""The code that decides what a file is read as; a test holds that against what it imports."""

PARSER_PACKAGES = ("markdown", "nh3", "pydantic", "pydantic-core", "PyYAML", "linkify-it-py", "pillow", "pyromark")
PACKAGES = (*PARSER_PACKAGES, "pelican", "Jinja2", "MarkupSafe", "babel", "feedgen", "lxml", "Unidecode", "tzdata")


def reading_fingerprint(kinds: Sequence[Kind], langs: Sequence[str], reader: str) -> bytes:
    """The digest of all but an item's own files that decides what it is read as."""
    from openknowledge.content.markdown.render import reader_fingerprint as prose_fingerprint

    own = [kind.name + (kind.source or "") + kind.model.__qualname__ + kind.words.__qualname__ for kind in kinds]
    modules = {sys.modules[kind.model.__module__].__file__ or "" for kind in kinds}
    elsewhere = sorted(path for path in modules if path and not Path(path).is_relative_to(PACKAGE))
    sources = [*read_sources(PARSER_SOURCES), *(Path(path).read_bytes() for path in elsewhere)]
    told = "\n".join((prose_fingerprint(reader), *langs, *own, *package_versions(PARSER_PACKAGES)))
    return digest_bytes(b"\0".join((told.encode(), *sources)))


@lru_cache(maxsize=1)
def code_fingerprint() -> bytes:
    """The digest of all our code and of the packages that decide what pages look like."""
    return digest_bytes(b"\0".join(("\n".join(package_versions(PACKAGES)).encode(), *read_sources(("",)))))


def package_versions(packages: Iterable[str]) -> tuple[str, ...]:
    """The versions of packages, and Python's; one that is not installed has none."""
    return (*(f"{name}=={_version(name)}" for name in packages), sys.version)


@cache
def _version(name: str) -> str:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return ""


def read_sources(places: Iterable[str]) -> list[bytes]:
    """The bytes of source files, each after its name."""
    found = []
    for place in places:
        path = PACKAGE / place
        files = sorted(path.rglob("*.py")) if path.is_dir() else [path] if path.exists() else []
        found += [file.relative_to(PACKAGE).as_posix().encode() + b"\0" + file.read_bytes() for file in files]
    return found
