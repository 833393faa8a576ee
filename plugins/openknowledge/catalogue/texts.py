"""Parsed texts as pages show them: links lead to addresses, pictures are published, numbers stand in."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from .model.values import Html, Lang, Record
from .prose import LINK, PLACEHOLDER, targets
from .views.base import Body, Segment

if TYPE_CHECKING:
    from .site import Site

MARKS = ("{filename}", "{static}", "{attach}")


def segments(site: Site, markup: Html, lang: Lang, path: str = "") -> Body:
    """A parsed text of the file `path` as it stands on a page in `lang`."""
    if not markup:
        return ()
    resolved = LINK.sub(lambda match: _resolved(site, match, path, lang), markup)
    parts = PLACEHOLDER.split(resolved)
    numbers = [*(site.number(html.unescape(name), lang) for name in parts[1::2]), None]
    return tuple(Segment(html=Html(text), number=number) for text, number in zip(parts[0::2], numbers, strict=True))


def link(site: Site, target: str, path: str, lang: Lang) -> str:
    """Where a link in the file `path` leads from a page in `lang`.

    An item that may not be shown yet (or, in a preview, is broken) is not given away: its link leads home.
    """
    for mark in MARKS:
        if target.startswith(mark):
            wanted, _, anchor = target.removeprefix(mark).partition("#")
            file = within(path, wanted)
            if not file.endswith(".md"):
                return site.at(media_path(file.partition("/")[2]))
            url = site.url_of_file(file, lang)
            if url is None:
                return site.route("home", lang)
            return f"{url}#{anchor}" if anchor else url
    return target


def files_shown(record: Record) -> set[str]:
    """The files of content/ that the pages of a record show or link to, by path from the content folder."""
    found = {record.image.path} if record.image is not None else set()
    for lang, words in record.words.items():
        path = file_in(record, lang)
        for name, target in targets(words.body):
            found.update(_media_of(name, target, path))
    return found


def media_path(path: str) -> str:
    """Where a file of content/ is published, below output/."""
    return f"media/{path}"


def file_in(record: Record, lang: Lang) -> str:
    """The file with a record's words in a language; `""` where it has none at all."""
    own = next((file for file in record.files if file.endswith(f".{lang}.md")), None)
    return own or next(iter(record.files), "")


def within(path: str, wanted: str) -> str:
    """The path of a file that the file `path` names; both begin with the content folder's name."""
    root = path.partition("/")[0]
    start = [root] if wanted.startswith("/") else list(PurePosixPath(path).parent.parts)
    for part in wanted.split("/"):
        if part == "..":
            start = start[:-1]
        elif part not in ("", "."):
            start.append(part)
    return "/".join(start)


def _resolved(site: Site, match: re.Match[str], path: str, lang: Lang) -> str:
    before, name, target, after = match.group("before", "name", "target", "after")
    if name == "href" and not target.startswith("{"):
        return match[0]
    kept = site.facts.links
    key = (path.rpartition("/")[0], name, target, lang)
    if key not in kept:
        reading = site.reading({})
        kept[key] = (html.escape(_address(reading, name, html.unescape(target), path, lang)), tuple(reading.notes))
    url, notes = kept[key]
    site.notes.update(dict.fromkeys(notes))
    return f"{before}{url}{after}"


def _address(site: Site, name: str, wanted: str, path: str, lang: Lang) -> str:
    """Where a link or picture of the file `path` is found on pages in `lang`."""
    if name == "src" and not wanted.startswith(("{", "/")):
        return site.at(media_path(within(path, wanted).partition("/")[2]))
    return link(site, wanted, path, lang)


def _media_of(name: str, target: str, path: str) -> Iterator[str]:
    """The file of content/ that a link or picture means, unless it means a page or another site."""
    if target.startswith("{"):
        wanted = target.partition("}")[2].partition("#")[0]
    elif name == "src":
        wanted = target
    else:
        return
    file = within(path, wanted)
    if not file.endswith(".md"):
        yield file.partition("/")[2]
