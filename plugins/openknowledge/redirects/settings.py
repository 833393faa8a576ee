"""The setting `ADDRESSES`, and where redirects are written."""

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
    """`published` are the files of published addresses, each with the path that problems show.

    Relative paths count from the folder that has the content folder. `redirects` is the editors' file.
    """

    published: tuple[tuple[str, Path], ...]
    redirects: Path

    @classmethod
    def from_pelican(cls, settings: Mapping[str, Any]) -> RedirectsSettings:
        """The settings of a site; raises `ContentProblems`."""
        content = Path(settings["PATH"])
        given = settings.get("ADDRESSES", DEFAULT)
        if not isinstance(given, tuple | list) or not all(isinstance(one, str) and one for one in given):
            hint = f"Write the paths of files, with a comma after each: ADDRESSES = {DEFAULT!r}."
            raise ContentProblems((Problem(FILE, None, "ADDRESSES", "this is not a list of files", hint),))
        return cls(tuple((one, content.parent / one) for one in given), content / REDIRECTS)

    @property
    def redirects_label(self) -> str:
        """The editors' file as problems show it."""
        return f"{self.redirects.parent.name}/{self.redirects.name}"
