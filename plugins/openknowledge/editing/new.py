"""Starts a new item, or the translation of one: `invoke new course linear-algebra --title "Linear algebra"`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from datetime import date
from pathlib import Path, PurePosixPath

from openknowledge.catalogue.kind import Kind
from openknowledge.content.checks import SLUG, SLUG_HINT
from openknowledge.problems import suggest_spelling

from .scaffold import write_draft


class CannotStart(Exception):
    """The item cannot be started; the message says what to write instead."""


def start_item(
    content: Path, kind: Kind, slug: str, langs: Sequence[str], title: str, lang: str, folder: str, today: date
) -> Path:
    """Write the draft of an item into the folder `content` and return its path. Nothing is overwritten.

    The file of the site's first language that an item has holds its facts, so a file in a later language gets words
    only, if there is one before it.
    """
    if not SLUG.fullmatch(slug):
        raise CannotStart(f'"{slug}" cannot be part of an address. {SLUG_HINT}')
    if lang not in langs:
        raise CannotStart(f'"{lang}" is not a language of the site; write one of: {", ".join(langs)}.')
    paths = {code: content / item_path(kind, slug, code, langs[0], folder, today) for code in langs}
    path = paths[lang]
    if path.exists():
        raise CannotStart(f"{path} exists already.")
    facts = not any(paths[code].exists() for code in langs[: langs.index(lang)])
    shown = f"content/{path.relative_to(content).as_posix()}"
    derived = frozenset(kind.from_path(slug, shown) if kind.from_path else ())
    path.parent.mkdir(parents=True, exist_ok=True)
    words = title or slug.replace("-", " ").capitalize()
    path.write_text(write_draft(kind, words, today, derived, facts), encoding="utf-8", newline="\n")
    return path


def item_path(kind: Kind, slug: str, lang: str, default_lang: str, folder: str, today: date) -> PurePosixPath:
    """Return the path of an item's file below the content folder.

    A kind whose files lie one folder deep has a folder for each item (`courses/x/index.md`), unless that folder has a
    meaning: a release's year (`press/2026/x.md`), a hub item's format.
    """
    if kind.source is None:
        raise CannotStart(f"A {kind.name} is not written by hand; it comes with `invoke sync`.")
    base, *deeper = PurePosixPath(kind.source).parts[:-1]
    suffix = ".md" if lang == default_lang else f".{lang}.md"
    if not deeper:
        return PurePosixPath(base, slug + suffix)
    if kind.from_path and not folder:
        raise CannotStart(f"Say in which folder of content/{base}/ it belongs: --folder=NAME.")
    if not folder and "published" in kind.model.__dataclass_fields__:
        folder = str(today.year)
    return PurePosixPath(base, folder, slug + suffix) if folder else PurePosixPath(base, slug, f"index{suffix}")


def find_kind(name: str, kinds: Sequence[Kind]) -> Kind:
    """Return the kind with that name. Raises `CannotStart` where there is none."""
    by_name = {kind.name: kind for kind in kinds if kind.source}
    if name in by_name:
        return by_name[name]
    near = suggest_spelling(name, by_name)
    raise CannotStart(f'"{name}" is not a kind; {near or "write one of: " + ", ".join(sorted(by_name)) + "."}')


def main() -> None:
    """Start the item that the command line asks for, and print its path."""
    from pelican.settings import read_settings

    from openknowledge.catalogue.kinds import KINDS

    parser = argparse.ArgumentParser(prog="new", description=__doc__)
    parser.add_argument("kind")
    parser.add_argument("slug")
    for option in ("--title", "--lang", "--folder"):
        parser.add_argument(option, default="")
    arguments = parser.parse_args()
    langs = read_settings("pelicanconf.py")["LANGUAGES"]
    today = date.today()
    try:
        kind = find_kind(arguments.kind, KINDS)
        path = start_item(
            Path("content"),
            kind,
            arguments.slug,
            langs,
            arguments.title,
            arguments.lang or langs[0],
            arguments.folder,
            today,
        )
    except CannotStart as reason:
        sys.exit(str(reason))
    print(f"{path} is ready to be written. `make preview` shows it as you write.")


if __name__ == "__main__":
    main()
