"""The setting `ADDRESSES`, and the path of the editors' redirects."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from openknowledge.problems import ContentProblems, Problem

__all__ = ["RedirectsSettings"]

FILE = "pelicanconf.py"
DEFAULT = ("content/snapshots/addresses.txt",)
REDIRECTS = "redirects.yaml"


@dataclass(frozen=True, slots=True)
class RedirectsSettings:
    """The files of published URLs, each with the path that problems show, and the editors' file of redirects.

    Relative paths count from the folder that has the content folder.
    """

    published: tuple[tuple[str, Path], ...]
    redirects: Path

    @classmethod
    def from_pelican(cls, settings: Mapping[str, Any]) -> RedirectsSettings:
        """Return the settings of a site. Raises `ContentProblems`."""
        content = Path(settings["PATH"])
        paths = settings.get("ADDRESSES", DEFAULT)
        if not isinstance(paths, tuple | list) or not all(isinstance(path, str) and path for path in paths):
            hint = f"Write the paths of files, with a comma after each: ADDRESSES = {DEFAULT!r}."
            raise ContentProblems((Problem(FILE, None, "ADDRESSES", "this is not a list of files", hint),))
        return cls(tuple((path, content.parent / path) for path in paths), content / REDIRECTS)

    @property
    def redirects_label(self) -> str:
        """The path of the editors' file as problems show it."""
        return f"{self.redirects.parent.name}/{self.redirects.name}"
