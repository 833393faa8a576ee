"""Parsed texts as pages show them: links lead to URLs, pictures are published, numbers stand in."""

from __future__ import annotations

import html
import re

from openknowledge.content.cross_checks import PELICAN_PREFIXES, resolve_path
from openknowledge.content.markdown.render import PLACEHOLDER
from openknowledge.model.values import Html, Lang, Record

from ..routes import media_path
from ..site import Site
from .base import Body, Segment

__all__ = ["record_body", "render_body"]

ROOTED_PREFIXES = ("/", *(f"{mark}/" for mark in PELICAN_PREFIXES))
"""How targets begin that mean the same in every file."""
LOCAL_LINK = re.compile(r'(<(?:a|img)\b(?>[^>]*?\b(href|src)="))(\{[^"]*|(?<=src=")[^"]*)(?=")')
"""A link to a file of the content folder, or any picture; other links are in the text as they are shown."""


def record_body(site: Site, record: Record, lang: Lang) -> Body:
    """Return a whole record's text in a language, its links resolved and its numbers put in."""
    translation = site.translation(record, lang)
    return render_body(site, translation.words.body, lang, _source_file(record, translation.lang))


def render_body(site: Site, markup: Html, lang: Lang, path: str = "") -> Body:
    """Return a parsed text of the file `path` as a page in `lang` shows it."""
    if not markup:
        return ()
    parts = PLACEHOLDER.split(_resolve_links(site, markup, lang, path))
    numbers = [*(site.number(html.unescape(name), lang) for name in parts[1::2]), None]
    return tuple(Segment(html=Html(text), number=number) for text, number in zip(parts[0::2], numbers, strict=True))


def _source_file(record: Record, lang: Lang) -> str:
    """Return the file with a record's words in a language; `""` where it has none at all."""
    own = next((file for file in record.files if file.endswith(f".{lang}.md")), None)
    return own or next(iter(record.files), "")


def _resolve_links(site: Site, markup: str, lang: Lang, path: str) -> str:
    """Return the markup with the URLs of what its links and pictures name."""
    parts = LOCAL_LINK.split(markup)
    for at in range(1, len(parts), 4):
        parts[at + 1], parts[at + 2] = "", _link_url(site, parts[at + 1], parts[at + 2], path, lang)
    return "".join(parts)


def _link_url(site: Site, attribute: str, target: str, path: str, lang: Lang) -> str:
    """Return the URL of a link or picture of the file `path`, escaped; many files have the same links."""
    origin = path.partition("/")[0] if target.startswith(ROOTED_PREFIXES) else path.rpartition("/")[0]

    def resolve(site: Site) -> str:
        return html.escape(_resolve(site, attribute, html.unescape(target), path, lang))

    return site.compute_once(("link", origin, attribute, target, lang), resolve)


def _resolve(site: Site, attribute: str, target: str, path: str, lang: Lang) -> str:
    """Return the URL of a target.

    An item that may not be shown yet (or, in a preview, is broken) is not given away: its link leads home.
    """
    if attribute == "src" and not target.startswith(("{", "/")):
        return site.url_for_path(media_path(resolve_path(path, target).partition("/")[2]))
    mark = next((mark for mark in PELICAN_PREFIXES if target.startswith(mark)), None)
    if mark is None:
        return target
    name, _, anchor = target.removeprefix(mark).partition("#")
    file = resolve_path(path, name)
    if not file.endswith(".md"):
        return site.url_for_path(media_path(file.partition("/")[2]))
    url = site.url_of_file(file, lang)
    if url is None:
        return site.route_url("home", lang)
    return f"{url}#{anchor}" if anchor else url
