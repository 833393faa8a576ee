"""The digest of the package's code and of the libraries under it, on which everything persisted depends."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from functools import cache, lru_cache
from importlib import metadata
from pathlib import Path

from .digest import digest_bytes

__all__ = ["PACKAGE", "code_fingerprint", "package_versions", "read_sources"]

PACKAGE = Path(__file__).parents[1]
PACKAGES = (
    *("markdown", "nh3", "pydantic", "pydantic-core", "PyYAML", "linkify-it-py", "pillow", "pyromark"),
    *("pelican", "Jinja2", "MarkupSafe", "babel", "feedgen", "lxml", "Unidecode", "tzdata"),
)


@lru_cache(maxsize=1)
def code_fingerprint() -> bytes:
    """Return the digest of all our code and of the packages that decide what pages look like."""
    return digest_bytes(b"\0".join(("\n".join(package_versions(PACKAGES)).encode(), *read_sources(("",)))))


def package_versions(packages: Iterable[str]) -> tuple[str, ...]:
    """Return the versions of packages, and Python's; a package that is not installed has none."""
    return (*(f"{name}=={_version(name)}" for name in packages), sys.version)


@cache
def _version(name: str) -> str:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return ""


def read_sources(paths: Iterable[str]) -> list[bytes]:
    """Return the bytes of source files below the package, each after its path; a folder stands for all its files."""
    sources = []
    for path in (PACKAGE / path for path in paths):
        files = sorted(path.rglob("*.py")) if path.is_dir() else [path] if path.exists() else []
        sources += [file.relative_to(PACKAGE).as_posix().encode() + b"\0" + file.read_bytes() for file in files]
    return sources
