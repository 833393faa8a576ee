"""What a connector reports about its source."""

from __future__ import annotations

from dataclasses import dataclass, field

from openknowledge.problems import Problem


@dataclass(slots=True)
class SyncFindings:
    """Problems that forbid to write anything, and warnings about what is left out."""

    problems: list[Problem] = field(default_factory=list)
    warnings: list[Problem] = field(default_factory=list)
