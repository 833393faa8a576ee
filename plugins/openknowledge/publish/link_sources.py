"""Where a link of the built site is written: in which file of content, and on which line."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from urllib.parse import unquote, urljoin

from openknowledge.content.provenance import Provenance

__all__ = ["FindSources", "LinkLocator", "SourceLocation", "make_locator"]

FindSources = Callable[[str], tuple[str, ...]]
"""The files of content of the item that a page of the built site shows; none for other pages, or where nobody knows."""
READING = "reading"
"""Where the cache keeps what was read."""
MANY = 200
"""What stands on more pages is the theme's."""
BETWEEN = re.compile(r"""[\s"'<>()\[\]\\]+""")
"""What stands around addresses in Markdown, HTML, YAML and JSON."""
AFTER = ".,;:!"
ANYWHERE = "https://site.invalid"


@dataclass(frozen=True, slots=True)
class SourceLocation:
    """A file of content with a link, and the link as it is written there; a `line` of 0 is not known."""

    path: str
    line: int
    link_text: str


class LinkLocator:
    """Finds in the content what leads to an address of the site; reads only files that it is asked for."""

    def __init__(self, site_url: str, project: Path, files_of: FindSources = lambda _path: ()) -> None:
        self._site, self._project = site_url.rstrip("/") or ANYWHERE, project
        self._files_of = files_of
        self._text = cache(self._read)

    def locate(
        self, address: str, pages: Sequence[str]
    ) -> tuple[dict[str, tuple[SourceLocation, ...]], tuple[str, ...]]:
        """The places behind some of these pages that link to the address, and the pages that are not explained.

        Lists and feeds have the link from an item that has it on a page of its own. Where it stands on the pages of one
        item alone, it comes from there, though nobody finds it.
        """
        own = {page: files for page in pages if (files := self._files_of(page))} if len(pages) <= MANY else {}
        places = {page: found for page, files in own.items() if (found := self._places(address, page, files))}
        if places:
            return places, tuple(page for page in own if page not in places)
        is_of_one = len({frozenset(files) for files in own.values()}) == 1
        if is_of_one and all(page in own for page in pages if page.endswith(".html")):
            return {page: (SourceLocation(files[0], 0, address),) for page, files in own.items()}, ()
        return {}, tuple(pages)

    def _places(self, address: str, page: str, files: Sequence[str]) -> tuple[SourceLocation, ...]:
        return tuple(place for file in files for place in self._lines(address, page, file))

    def _lines(self, address: str, page: str, file: str) -> Iterator[SourceLocation]:
        wanted = _plain(address)
        text, plain = self._text(file)
        if (wanted.rpartition("#")[2] or wanted).rpartition("/")[2] not in plain:
            return
        for number, line in enumerate(text.splitlines(), start=1):
            words = (html.unescape(word).rstrip(AFTER) for word in BETWEEN.split(line))
            for word in dict.fromkeys(words):
                if word and self._leads_to(wanted, page, word):
                    yield SourceLocation(file, number, word)

    def _leads_to(self, wanted: str, page: str, word: str) -> bool:
        """Whether a word of the item that a page shows is a link to an address."""
        if word.startswith("{"):
            return self._names(wanted, word)
        with suppress(ValueError):  # Not every word with a colon is an address.
            whole = urljoin(f"{self._site}/{page}", word)
            for place in (self._site, self._host):
                if whole.startswith(f"{place}/"):
                    return _plain(whole.removeprefix(place)) == wanted
        return False

    def _names(self, wanted: str, word: str) -> bool:
        """Whether `{filename}…#id` names a file of the item that the address shows, and the same part of its page."""
        path, _, anchor = wanted.partition("#")
        file, _, own_anchor = unquote(word.partition("}")[2]).partition("#")
        end = f"/{file.lstrip('./')}"
        shown = self._files_of(f"{path}/index.html".lstrip("/"))
        return anchor == own_anchor and any(one.endswith(end) for one in shown)

    @cached_property
    def _host(self) -> str:
        return urljoin(self._site, "/").rstrip("/")

    def _read(self, file: str) -> tuple[str, str]:
        """A file as it is, and with nothing quoted."""
        try:
            text = (self._project / file).read_text("utf-8", "replace")
        except OSError:
            return "", ""
        return text, unquote(html.unescape(text))


def make_locator(site_url: str, project: Path, output: Path, cache: Path) -> LinkLocator:
    """What the last build in `output` left to know, with what `cache` has of it; it is read when something is asked."""
    return LinkLocator(site_url, project, Provenance(output, cache / READING).files_behind)


def _plain(address: str) -> str:
    """An address without what makes no difference: quoting, the final slash, the name of a folder's page."""
    path, mark, anchor = unquote(address).partition("#")
    return f"{path.removesuffix('index.html').rstrip('/')}{mark}{anchor}"
