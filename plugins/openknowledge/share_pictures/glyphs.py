"""Titles with a character that no font of the preview images has: problems, and no boxes in pictures.

A platform's title is no problem, because nobody here can mend it: the picture leaves such characters out.
"""

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from openknowledge.catalogue.site import Site
from openknowledge.model.values import Lang
from openknowledge.problems import Message, Problem
from openknowledge.project_files import read_project_file

from .cards import is_synced
from .fonts import TITLE, find_missing

__all__ = ["MISSING", "find_problems", "missing_glyphs"]

MissingGlyphs = tuple[str, Lang, str]
MISSING = "share-missing-glyphs"
"""The query whose answer is `missing_glyphs` of a kind: it is asked again where a title is another one."""


def missing_glyphs(site: Site, kind: str) -> tuple[MissingGlyphs, ...]:
    """Return the slug and the language of titles of a kind with characters that no font has, and those characters."""
    written = (stub for stub in site.stubs(kind) if not is_synced(stub))
    titles = ((stub.slug, lang, words.title) for stub in written for lang, words in stub.words.items())
    found = ((slug, lang, "".join(find_missing(title, TITLE))) for slug, lang, title in titles)
    return tuple(row for row in found if row[2])


def find_problems(site: Site, content: Path, find: Callable[[str], Iterable[MissingGlyphs]]) -> Iterator[Problem]:
    """Yield a problem for each title that cannot be set; `find` gives what is missing in a kind."""
    for kind in site.kinds:
        for slug, lang, characters in find(kind.name):
            stub = site.stub(kind.name, slug)
            names = ", ".join(f'"{character}" (U+{ord(character):04X})' for character in characters)
            message = Message("no font of the preview images has %(characters)s", characters=names)
            hint = Message("Write the title without it, or with a letter that means the same.")
            files = stub.files if stub is not None else ()
            yield Problem(*_locate(files, slug, lang, characters[0], content), "title", message, hint)


def _locate(files: Iterable[str], slug: str, lang: Lang, character: str, content: Path) -> tuple[str, int | None]:
    """Return the file and the line of a character in a title; the line is None where the character is not written."""
    ordered = sorted(files, key=lambda file: not file.endswith(f".{lang}.md"))
    for file in ordered:
        text = read_project_file(content.parent / file, content).decode()
        for number, line in enumerate(text.split("\n"), start=1):
            if character in line:
                return file, number
    return ordered[0] if ordered else slug, None
