"""What shapes the reading of a text, as a short string, and whether a reader can be had; nothing is imported for it."""

from __future__ import annotations

import hashlib
import sys
import unicodedata
from functools import cache
from importlib import metadata, util
from pathlib import Path

from .settings import READERS

ENGINES = {"markdown": ("markdown", "nh3"), "fast": ("markdown", "nh3", "pyromark")}
"""The packages whose versions a reader's markup depends on; what the fast one leaves, the default one reads."""
HERE = Path(__file__).parent
INSTALL_FAST = (
    'the fast Markdown reader is not installed: run "python3 requirements/install.py fast", '
    'or use MARKDOWN_READER = "markdown", which makes the same pages more slowly'
)


def check_reader(reader: str) -> str | None:
    """Why a reader cannot be used, with what to do about it; None where it can."""
    if reader not in READERS:
        names = " or ".join(f'"{name}"' for name in READERS)
        return f'there is no Markdown reader "{reader}": write {names}'
    if reader == "fast" and util.find_spec("pyromark") is None:
        return INSTALL_FAST
    return None


@cache
def reader_fingerprint(reader: str) -> str:
    """A short string that changes with everything that a text's markup depends on, except the text."""
    digest = hashlib.sha256()
    digest.update(f"{reader} {sys.version_info[:2]} {unicodedata.unidata_version}".encode())
    for package in ENGINES[reader]:
        digest.update(f" {package}={_version(package)}".encode())
    for path in sorted(HERE.glob("*.py")):
        digest.update(path.name.encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:16]


def _version(package: str) -> str:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return ""
