"""Values, and our code, as digests: equal ones have equal digests, in every process and on every day."""

import io
import pickle
import sys
from collections.abc import Iterable
from functools import cache
from hashlib import blake2b
from importlib import metadata
from pathlib import Path
from typing import Any

__all__ = [
    *("DIGEST_LENGTH_B", "PACKAGE", "canonical_bytes", "code_fingerprint", "digest", "digest_bytes", "package_version"),
    *("package_versions", "read_sources"),
]

DIGEST_LENGTH_B = 16
PACKAGE = Path(__file__).parents[1]
PARSER_PACKAGES = (
    *("langcodes", "linkify-it-py", "markdown", "math-core", "nh3", "pillow", "pydantic", "pydantic-core", "pyromark"),
    *("PyYAML", "webvtt-py"),
)
PAGE_PACKAGES = ("pelican", "brotli", "Jinja2", "MarkupSafe", "babel", "feedgen", "lxml", "anyascii", "pyuca", "tzdata")


def canonical_bytes(value: Any) -> bytes:
    """Return a frozen value as bytes that do not depend on which of its parts are the same object.

    Plain pickles refer to a repeated object the second time, so equal values differ by how they were made. Values are
    trees of dataclasses, tuples and plain values; the order of dictionaries counts.
    """
    stream = io.BytesIO()
    pickler = pickle.Pickler(stream, protocol=5)
    pickler.fast = True
    pickler.dump(value)
    return stream.getvalue()


def digest(value: Any) -> bytes:
    """Return the digest of a value's canonical bytes."""
    return digest_bytes(canonical_bytes(value))


def digest_bytes(data: bytes) -> bytes:
    """Return the digest of bytes."""
    return blake2b(data, digest_size=DIGEST_LENGTH_B).digest()


@cache
def code_fingerprint() -> bytes:
    """Return the digest of all our code and of the packages that decide what pages look like."""
    versions = package_versions((*PARSER_PACKAGES, *PAGE_PACKAGES))
    return digest_bytes(b"\0".join(("\n".join(versions).encode(), *read_sources(("",)))))


def package_versions(packages: Iterable[str] = PARSER_PACKAGES) -> tuple[str, ...]:
    """Return the versions of packages, and Python's; a package that is not installed has none."""
    return (*(f"{name}=={package_version(name)}" for name in packages), sys.version)


@cache
def package_version(name: str) -> str:
    """Return the version of a package; `""` where it is not installed."""
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
