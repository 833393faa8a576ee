"""Parsed texts as pages show them: links resolved, pictures published, numbers inserted."""

from __future__ import annotations

import html
import re
from typing import TYPE_CHECKING

from openknowledge.content.local_links import PELICAN_PREFIXES, resolve_path
from openknowledge.content.markdown.render import PLACEHOLDER
from openknowledge.model.values import Html, Lang, Record

from .base import Body, Segment

if TYPE_CHECKING:
    from ..site import Site

ROOTED_PREFIXES = ("/", *(f"{mark}/" for mark in PELICAN_PREFIXES))
"""How targets begin that mean the same wherever they stand."""
LOCAL_LINK = re.compile(r'(<(?:a|img)\b(?>[^>]*?\b(href|src)="))(\{[^"]*|(?<=src=")[^"]*)(?=")')
"""A link to a file of ours, or any picture; links to other places stand in the text as they are shown."""


def render_body(site: Site, markup: Html, lang: Lang, path: str = "") -> Body:
    """Return a parsed text of the file `path` for a page in `lang`."""
    if not markup:
        return ()
    parts = PLACEHOLDER.split(_resolved(site, markup, lang, path))
    numbers = [*(site.number(html.unescape(name), lang) for name in parts[1::2]), None]
    return tuple(Segment(html=Html(text), number=number) for text, number in zip(parts[0::2], numbers, strict=True))


def resolve_link(site: Site, target: str, path: str, lang: Lang) -> str:
    """Return the address of a link in the file `path` for a page in `lang`.

    A link to an item that is hidden (or, in a preview, broken) leads home, so that it reveals nothing.
    """
    for mark in PELICAN_PREFIXES:
        if target.startswith(mark):
            wanted, _, anchor = target.removeprefix(mark).partition("#")
            file = resolve_path(path, wanted)
            if not file.endswith(".md"):
                return site.url_for_path(media_path(file.partition("/")[2]))
            url = site.url_of_file(file, lang)
            if url is None:
                return site.route_url("home", lang)
            return f"{url}#{anchor}" if anchor else url
    return target


def media_path(path: str) -> str:
    """Return the path below output/ of a file of content/."""
    return f"media/{path}"


def source_file(record: Record, lang: Lang) -> str:
    """Return the file with a record's words in a language; `""` where it has no files."""
    own = next((file for file in record.files if file.endswith(f".{lang}.md")), None)
    return own or next(iter(record.files), "")


def _resolved(site: Site, markup: str, lang: Lang, path: str) -> str:
    """Return the markup with its links and pictures resolved."""
    parts = LOCAL_LINK.split(markup)
    for at in range(1, len(parts), 4):
        parts[at + 1], parts[at + 2] = "", _cached_url(site, parts[at + 1], parts[at + 2], path, lang)
    return "".join(parts)


def _cached_url(site: Site, name: str, target: str, path: str, lang: Lang) -> str:
    kept = site.inputs.resolved_links
    key = (_origin(path, target), name, target, lang)
    found = kept.get(key)
    if found is None:
        reading = site.fork({})
        url = html.escape(_resolve(reading, name, html.unescape(target), path, lang))
        found = kept[key] = url, tuple(reading.deps)
    site.deps.update(dict.fromkeys(found[1]))
    return found[0]


def _origin(path: str, target: str) -> str:
    """Return the folder that a target in the file `path` is relative to: the file's own, or the content folder."""
    return path.partition("/")[0] if target.startswith(ROOTED_PREFIXES) else path.rpartition("/")[0]


def _resolve(site: Site, name: str, wanted: str, path: str, lang: Lang) -> str:
    """Return the address of a link or picture of the file `path` on pages in `lang`."""
    if name == "src" and not wanted.startswith(("{", "/")):
        return site.url_for_path(media_path(resolve_path(path, wanted).partition("/")[2]))
    return resolve_link(site, wanted, path, lang)
