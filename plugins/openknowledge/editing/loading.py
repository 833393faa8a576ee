"""The site as the editors' commands need it: read and checked as `invoke check` does."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import Any

from pelican.settings import read_settings

from openknowledge.catalogue.assemble import AssembledSite, assemble
from openknowledge.catalogue.findings import find_problems
from openknowledge.catalogue.kind import Kind
from openknowledge.catalogue.kinds import KINDS
from openknowledge.catalogue.settings import CatalogueSettings
from openknowledge.problems import ContentProblems, Message, Problem
from openknowledge.rendering.locale import load_languages

__all__ = ["LoadedSite", "find_kind_of_path", "load_site"]

NOTHING_CHANGED = Message("Nothing was changed.")


@dataclass(frozen=True)
class LoadedSite:
    """A content folder as it was read, with all its problems."""

    options: CatalogueSettings
    assembled: AssembledSite
    problems: tuple[Problem, ...]

    def refusal(self, paths: Collection[str] = ()) -> ContentProblems:
        """Return what stops a command that needs content without problems, or some files without problems."""
        problems = [problem for problem in self.problems if not paths or problem.path in paths]
        return ContentProblems(problems, NOTHING_CHANGED)


def load_site(content: Path | None = None, settings_file: str = "pelicanconf.py") -> LoadedSite:
    """Return the site of the settings, or the same with another content folder."""
    settings: Mapping[str, Any] = read_settings(settings_file)
    if content is not None:
        settings = {**settings, "PATH": str(content)}
    options = CatalogueSettings.from_pelican(settings)
    options = replace(options, content=content) if content is not None else options
    languages = load_languages(options.locale, options.site.langs, options.timezone, options.locales)
    assembled = assemble(options, KINDS, languages)
    return LoadedSite(options, assembled, tuple(find_problems(assembled, settings)))


def find_kind_of_path(path: str) -> Kind | None:
    """Return the kind of the item that a file below the content folder belongs to."""
    depth = path.count("/")
    kinds = (kind for kind in KINDS if kind.source and kind.source.count("/") == depth)
    return next((kind for kind in kinds if PurePosixPath(path).match(str(kind.source))), None)
