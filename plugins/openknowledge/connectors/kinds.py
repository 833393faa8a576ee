"""The kinds of sources that `SOURCES` may name."""

from collections.abc import Mapping

from .settings import SourceKind

__all__ = ["SOURCE_KINDS"]

SOURCE_KINDS: Mapping[str, SourceKind] = {}
"""By the word after `kind`. A kind is one line: its class, its options with their types and hints, its secrets."""
