"""What a built site shows of links: those to a place that its page does not have, and ids that a page has twice."""

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping
from html import unescape
from pathlib import Path
from urllib.parse import unquote, urlsplit

from openknowledge.content.link_locations import LinkLocator
from openknowledge.content.text_links import ALWAYS_THERE
from openknowledge.manifest import Manifest
from openknowledge.problems import Message, Problem

__all__ = ["find_wrong_places"]

ID = re.compile(r'<[a-z][^<>]*?\sid="([^"]*)"')
LINK = re.compile(r'<a\b[^<>]*?\shref="([^"]*)"')
PLACE_HINT = Message("Name the anchor of a heading of that page, or leave out what begins with #.")
NOTHING_HINT = Message("Write an address as the browser shows it, or the path of a file as it is seen from this one.")


def find_wrong_places(
    output: Path, manifest: Manifest, site_urls: Collection[str], locator: LinkLocator
) -> Iterator[Problem]:
    """Yield each id that a page has twice, and each link to a place of a page that is not there.

    Whole addresses that begin with one of `site_urls` are those of this site: there must be something at them.
    """
    links: dict[tuple[str, str], list[str]] = defaultdict(list)
    ids: dict[str, Counter[str]] = {}
    for entry in manifest.entries:
        if entry.is_page:
            markup = (output / entry.path).read_text("utf-8")
            ids[entry.url_path] = Counter(map(unescape, ID.findall(markup)))
            for name in (name for name, count in ids[entry.url_path].items() if count > 1):
                message = Message('the id "%(name)s" is on this page twice', name=name)
                yield Problem(entry.url_path, None, None, message, Message("Give one of the two another name."))
            for target in set(map(unescape, LINK.findall(markup))):
                link = _read_link(target, entry.url_path, site_urls)
                if link is not None:
                    links[link].append(entry.path)
    files = {entry.url_path for entry in manifest.entries}
    for (path, place), pages in sorted(links.items()):
        if _is_there(path, place, ids, files):
            continue
        shown = f"{path}#{place}" if place else path
        located, others = locator.locate(shown, pages)
        for where in {(found.path, found.line or None, found.link_text) for _, found in located}:
            yield _describe(*where, has_page=path in files)
        if others:
            yield _describe(others[0], None, shown, has_page=path in files)


def _read_link(target: str, page: str, site_urls: Collection[str]) -> tuple[str, str] | None:
    """Return the path below the site's root and the place that a link names; None where there is nothing to look at."""
    site = next((url for url in site_urls if f"{target}/".startswith((f"{url}/", f"{url}#"))), None)
    address, _, place = target.partition("#")
    if site is None and (not place or urlsplit(address).netloc or urlsplit(address).scheme):
        return None
    base = next(iter(site_urls)) if site is None else site
    path = address.removeprefix(base).removeprefix(urlsplit(base).path) or ("/" if site is not None else page)
    return unquote(path.partition("?")[0]), unquote(place)


def _is_there(path: str, place: str, ids: Mapping[str, Collection[str]], files: Collection[str]) -> bool:
    if path not in files:
        return f"{path}/" in files
    return path not in ids or place in ALWAYS_THERE or place.startswith(":~:") or place in ids[path]


def _describe(path: str, line: int | None, link: str, *, has_page: bool) -> Problem:
    if has_page:
        message = Message('the link "%(link)s" names a place that the page does not have', link=link)
        return Problem(path, line, None, message, PLACE_HINT)
    return Problem(path, line, None, Message('there is nothing at "%(target)s"', target=link), NOTHING_HINT)
