"""Broken links as problems: at the line of the content where each is written, else at the page that shows it."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from urllib.parse import unquote, urljoin

from openknowledge.content.provenance import Provenance
from openknowledge.problems import Problem, sort_problems

from .errors import make_problem

__all__ = ["BrokenLink", "FindSources", "LinkLocator", "SourceLocation", "describe_broken", "make_locator"]

FindSources = Callable[[str], tuple[str, ...]]
"""Returns the files of content behind a page of the built site, none if they are unknown."""
PARSE_CACHE_FOLDER = "reading"
"""Where the build's cache keeps what was parsed."""
MAX_LOCATED_PAGES = 200
"""A link that more pages have comes from the theme."""
SEPARATORS = re.compile(r"""[\s"'<>()\[\]\\]+""")
"""What delimits addresses in Markdown, HTML, YAML and JSON."""
PUNCTUATION = ".,;:!"
UNKNOWN_SITE = "https://site.invalid"
MAX_SHOWN = 3
"""So many of the pages with the same broken link are named."""
NO_FRAGMENT = "Cannot find fragment"
REASONS = {NO_FRAGMENT: "names a place that the page does not have"}
ADVICE = {NO_FRAGMENT: "Name an id that the page has, or leave out what begins with #."}
USUAL_ADVICE = "Write an address that the site has, or name the file: ({filename}/courses/algebra/index.md)."


@dataclass(frozen=True)
class BrokenLink:
    """An address that leads nowhere, why, and the pages that link to it, `count` times together."""

    address: str
    reason: str
    pages: Sequence[str]
    count: int


@dataclass(frozen=True, slots=True)
class SourceLocation:
    """A file of content with a link, and the link as it is written there; an unknown `line` is 0."""

    path: str
    line: int
    link_text: str


class LinkLocator:
    """Finds links to an address in the content, reading only the files behind the pages that show it."""

    def __init__(self, site_url: str, project: Path, find_sources: FindSources = lambda _path: ()) -> None:
        self._site, self._project = site_url.rstrip("/") or UNKNOWN_SITE, project
        self._find_sources = find_sources
        self._text = cache(self._read)

    def locate(
        self, address: str, pages: Sequence[str]
    ) -> tuple[dict[str, tuple[SourceLocation, ...]], tuple[str, ...]]:
        """Return the locations behind some of these pages that link to the address, and the pages without one.

        Lists and feeds show the link of an item that has it on a page of its own. A link that only pages of one item
        have comes from that item, even if it is not written there literally.
        """
        own = {}
        if len(pages) <= MAX_LOCATED_PAGES:
            own = {page: files for page in pages if (files := self._find_sources(page))}
        locations = {page: places for page, files in own.items() if (places := self._search(address, page, files))}
        if locations:
            return locations, tuple(page for page in own if page not in locations)
        is_of_one_item = len({frozenset(files) for files in own.values()}) == 1
        if is_of_one_item and all(page in own for page in pages if page.endswith(".html")):
            return {page: (SourceLocation(files[0], 0, address),) for page, files in own.items()}, ()
        return {}, tuple(pages)

    def _search(self, address: str, page: str, files: Sequence[str]) -> tuple[SourceLocation, ...]:
        return tuple(location for file in files for location in self._search_file(address, page, file))

    def _search_file(self, address: str, page: str, file: str) -> Iterator[SourceLocation]:
        wanted = _normalize(address)
        text, plain = self._text(file)
        if (wanted.rpartition("#")[2] or wanted).rpartition("/")[2] not in plain:
            return
        for number, line in enumerate(text.splitlines(), start=1):
            words = (html.unescape(word).rstrip(PUNCTUATION) for word in SEPARATORS.split(line))
            for word in dict.fromkeys(words):
                if word and self._leads_to(wanted, page, word):
                    yield SourceLocation(file, number, word)

    def _leads_to(self, wanted: str, page: str, word: str) -> bool:
        """Return whether a word of the item that a page shows is a link to an address."""
        if word.startswith("{"):
            return self._names_file(wanted, word)
        with suppress(ValueError):  # Not every word with a colon is an address.
            url = urljoin(f"{self._site}/{page}", word)
            for base in (self._site, self._host):
                if url.startswith(f"{base}/"):
                    return _normalize(url.removeprefix(base)) == wanted
        return False

    def _names_file(self, wanted: str, word: str) -> bool:
        """Return whether `{filename}…#id` names a file behind the page at the address, and the same fragment."""
        path, _, fragment = wanted.partition("#")
        file, _, own_fragment = unquote(word.partition("}")[2]).partition("#")
        suffix = f"/{file.lstrip('./')}"
        sources = self._find_sources(f"{path}/index.html".lstrip("/"))
        return fragment == own_fragment and any(source.endswith(suffix) for source in sources)

    @cached_property
    def _host(self) -> str:
        return urljoin(self._site, "/").rstrip("/")

    def _read(self, file: str) -> tuple[str, str]:
        """Return the text of a file, and the same with nothing quoted."""
        try:
            text = (self._project / file).read_text("utf-8", "replace")
        except OSError:
            return "", ""
        return text, unquote(html.unescape(text))


def make_locator(site_url: str, project: Path, output: Path, cache: Path) -> LinkLocator:
    """Make a locator from what the last build left in `output` and `cache`, which are read when a link is located."""
    return LinkLocator(site_url, project, Provenance(output, cache / PARSE_CACHE_FOLDER).files_behind)


def _normalize(address: str) -> str:
    """Return an address without what makes no difference: quoting, the final slash, the name of a folder's page."""
    path, mark, fragment = unquote(address).partition("#")
    return f"{path.removesuffix('index.html').rstrip('/')}{mark}{fragment}"


def describe_broken(output: Path, links: Iterable[BrokenLink], locator: LinkLocator) -> tuple[Problem, ...]:
    """Return a problem for each location of a broken link, and for each link on pages without a location."""
    pages_by_location: dict[tuple[SourceLocation, str], set[str]] = {}
    problems = []
    for link in links:
        locations, others = locator.locate(link.address, link.pages)
        for page, places in locations.items():
            for location in places:
                pages_by_location.setdefault((location, link.reason), set()).add(page)
        if others:
            count = link.count if not locations else len(others)
            problems.append(_shown_problem(output, link, others, count))
    for (location, reason), pages in pages_by_location.items():
        problems.append(_written_problem(output, location, reason, sorted(pages)))
    return sort_problems(problems)


def _written_problem(output: Path, location: SourceLocation, reason: str, pages: Sequence[str]) -> Problem:
    more = f" and {len(pages) - 1} more" if len(pages) > 1 else ""
    shown = f"It is shown in {output.name}/{pages[0]}{more}."
    explain = "" if location.line else f" {_explain(pages[0])}"
    hint = f"{ADVICE.get(reason, USUAL_ADVICE)} {shown}{explain}"
    return Problem(location.path, location.line or None, None, _message(location.link_text, reason), hint)


def _shown_problem(output: Path, link: BrokenLink, pages: Sequence[str], count: int) -> Problem:
    first, *others = pages[:MAX_SHOWN]
    shown = f"{count} such links, also in {', '.join(others)}. " if others else ""
    return make_problem(f"{output.name}/{first}", _message(link.address, link.reason), f"{shown}{_explain(first)}")


def _message(link: str, reason: str) -> str:
    return f"link to {link} {REASONS.get(reason, 'leads nowhere')}"


def _explain(page: str) -> str:
    return f"What a page is made of: invoke explain /{page.removesuffix('index.html')}"
