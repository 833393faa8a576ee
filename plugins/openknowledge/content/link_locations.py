"""Where links to an address of the site are written in the content."""

import functools
import html
import posixpath
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple
from urllib.parse import unquote, urljoin

from openknowledge.project_files import read_project_file

__all__ = ["MAX_LOCATED_PAGES", "LinkLocation", "LinkLocator", "make_locator"]

PARSE_CACHE_FOLDER = "reading"
"""Where the build's cache keeps what was parsed."""
MAX_LOCATED_PAGES = 200
"""A link that more pages have comes from the theme."""
SEPARATORS = re.compile(r"""[\s"'<>()\[\]\\]+""")
"""What delimits addresses in Markdown, HTML, YAML and JSON."""
PUNCTUATION = ".,;:!"
UNKNOWN_SITE = "https://site.invalid"


class LinkLocation(NamedTuple):
    """A file of content with a link, and the link as it is written there; an unknown `line` is 0."""

    path: str
    line: int
    link_text: str


class LinkLocator:
    """Finds links to an address in the content, reading only the files behind the pages that show it.

    `find_sources` returns the files of content behind a page of the built site, none if they are unknown.
    """

    def __init__(
        self, site_url: str, project: Path, find_sources: Callable[[str], tuple[str, ...]] = lambda _path: ()
    ) -> None:
        self._site, self._project = site_url.rstrip("/") or UNKNOWN_SITE, project
        self._host = urljoin(self._site, "/").rstrip("/")
        self._find_sources = find_sources
        self._text = functools.cache(self._read)

    def locate(self, address: str, pages: Sequence[str]) -> tuple[list[tuple[str, LinkLocation]], Sequence[str]]:
        """Return the locations behind some of these pages that link to the address, and the pages without one.

        Lists and feeds show the link of an item that has it on a page of its own. A link that only pages of one item
        have comes from that item, even if it is not written there literally.
        """
        own = {}
        if len(pages) <= MAX_LOCATED_PAGES:
            own = {page: files for page in pages if (files := self._find_sources(page))}
        if located := [(page, place) for page, files in own.items() for place in self._search(address, page, files)]:
            return located, [page for page in own if page not in dict(located)]
        is_of_one_item = len({frozenset(files) for files in own.values()}) == 1
        if is_of_one_item and all(page in own for page in pages if page.endswith(".html")):
            return [(page, LinkLocation(files[0], 0, address)) for page, files in own.items()], ()
        return [], pages

    def _search(self, address: str, page: str, files: Sequence[str]) -> Iterator[LinkLocation]:
        wanted = _normalize(address)
        name = (wanted.rpartition("#")[2] or wanted).rpartition("/")[2]
        for file in files:
            text, plain = self._text(file)
            for number, line in enumerate(text.splitlines() if name in plain else (), start=1):
                words = (html.unescape(word).rstrip(PUNCTUATION) for word in SEPARATORS.split(line))
                for word in dict.fromkeys(words):
                    if word and self._leads_to(wanted, page, file, word):
                        yield LinkLocation(file, number, word)

    def _leads_to(self, wanted: str, page: str, file: str, word: str) -> bool:
        """Return whether a word of the file of an item that a page shows is a link to an address."""
        if self._names_file(wanted, file, word):
            return True
        if word.startswith("{"):
            return False
        with suppress(ValueError):  # Not every word with a colon is an address.
            url = urljoin(f"{self._site}/{page}", word)
            for base in (self._site, self._host):
                if url.startswith(f"{base}/"):
                    return _normalize(url.removeprefix(base)) == wanted
        return False

    def _names_file(self, wanted: str, file: str, word: str) -> bool:
        """Return whether `{filename}…#id`, or a plain path, names a file behind the address, and the same fragment."""
        path, _, fragment = wanted.partition("#")
        has_prefix = word.startswith("{")
        name, _, own_fragment = unquote(word.partition("}")[2] if has_prefix else word).partition("#")
        if fragment != own_fragment or (name.startswith("/") and not has_prefix):
            return False
        root, folder = file.partition("/")[0], file.rpartition("/")[0]
        named = posixpath.normpath(f"{root}{name}" if name.startswith("/") else f"{folder}/{name}")
        if path.startswith("/media/"):
            return named == f"{root}{path.removeprefix('/media')}"
        sources = self._find_sources(f"{path}/index.html".lstrip("/"))
        return any(source == named or source.startswith(f"{named}/index.") for source in sources)

    def _read(self, file: str) -> tuple[str, str]:
        """Return the text of a file, and the same with nothing quoted."""
        try:
            folder = self._project / file.partition("/")[0]
            text = read_project_file(self._project / file, folder).decode("utf-8", "replace")
        except OSError:
            return "", ""
        return text, unquote(html.unescape(text))


def make_locator(site_url: str, project: Path, output: Path, cache: Path) -> LinkLocator:
    """Make a locator from what the last build left in `output` and `cache`, which are read when a link is located."""

    @functools.cache
    def load_provenance() -> Callable[[str], tuple[str, ...]]:
        # All that reads content comes with it: without a broken link nothing of that is needed.
        from .provenance import Provenance

        return Provenance(output, cache / PARSE_CACHE_FOLDER).files_behind

    return LinkLocator(site_url, project, lambda page: load_provenance()(page))


def _normalize(address: str) -> str:
    """Return an address without what makes no difference: quoting, the final slash, the name of a folder's page."""
    path, mark, fragment = unquote(address).partition("#")
    return f"{path.removesuffix('index.html').rstrip('/')}{mark}{fragment}"
