"""The kinds of sources that `SOURCES` may name."""

from collections.abc import Mapping

from .settings import SourceKind
from .table import TABLE

__all__ = ["SOURCE_KINDS"]

SOURCE_KINDS: Mapping[str, SourceKind] = {"table": TABLE}
"""By the word after `kind`. A kind is one line: its class, its options with their types and hints, its secrets."""
