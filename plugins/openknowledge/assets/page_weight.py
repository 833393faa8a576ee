"""What the pages of a built site weigh before a reader sees them, and which weigh more than the budgets allow."""

import re
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple, Self
from urllib.parse import urljoin, urlsplit

from pelican.settings import read_settings

from openknowledge.content.link_locations import make_locator
from openknowledge.engine.precompress import FAST, compress
from openknowledge.manifest import MANIFEST, FileRole, Manifest, ManifestEntry
from openknowledge.problems import ContentProblems, Message, Problem
from openknowledge.rendering.locale import load_gettext

from .page_places import find_wrong_places

__all__ = ["PageBudgets", "PageWeight", "find_heavy_pages", "page_weights", "weigh"]

PUBLISHED_SETTINGS = "publishconf.py"
HEAD_END = "</head>"
TAG = re.compile(r"<(link|script)\b([^>]*)>")
ATTRIBUTE = re.compile(r'([\w-]+)(?:="([^"]*)")?')
OWN_SCRIPTS = re.compile(r"/theme/(?:search|player)/")
"""The scripts of searching and playing beyond those of every page: they have no budget."""
CARD = '<article class="card'
MANY_CARDS = 12
"""With so many cards a page is a list, whatever else it is: a playlist, a strand."""
HINT = Message("Shorten or divide it. If it must be so long, give its address a budget of its own in PAGE_BUDGETS.")


@dataclass(frozen=True, slots=True)
class PageBudgets:
    """How many bytes a page may weigh, compressed: the first view of a page or list, and its scripts.

    What searching and playing need is left out of the scripts. `pages` has the budgets of single pages, by address.
    """

    text: int = 14_000
    list: int = 30_000
    script: int = 10_000
    pages: Mapping[str, int] = field(default_factory=dict)

    @classmethod
    def from_settings(cls, settings: Mapping[str, Any]) -> Self:
        """Return the budgets of `PAGE_BUDGETS`, which has them in kilobytes; what it does not name keeps its own."""
        sizes = {name: round(float(size) * 1000) for name, size in settings.get("PAGE_BUDGETS", {}).items()}
        named = {name: sizes.pop(name) for name in ("text", "list", "script") if name in sizes}
        return cls(**named, pages=sizes)

    def first_view(self, url: str, *, is_list: bool) -> int:
        """Return the budget of a page's first view."""
        return self.pages.get(url, self.list if is_list else self.text)


class PageWeight(NamedTuple):
    """The compressed bytes of a page: what its first paint waits for, and all scripts."""

    first_view: int
    scripts: int


def main(output: str, settings_file: str = "pelicanconf.py") -> int:
    """Print each page of a built site that is too heavy, and each link to a place that is not there.

    Return 1 where there is any.
    """
    settings, folder = read_settings(settings_file), Path(output)
    manifest = Manifest.load((folder / MANIFEST).read_bytes())
    locator = make_locator(manifest.site_url, Path(), folder, Path(settings["CACHE_PATH"]))
    urls = dict.fromkeys((manifest.site_url.rstrip("/"), *_published_urls()))
    heavy = find_heavy_pages(folder, manifest, PageBudgets.from_settings(settings))
    problems = (*heavy, *find_wrong_places(folder, manifest, urls, locator))
    if problems:
        print(ContentProblems(problems).localize(load_gettext(settings)), file=sys.stderr)
    return 1 if problems else 0


def _published_urls() -> Iterator[str]:
    """Yield where the site is published, where settings beside these say so."""
    if Path(PUBLISHED_SETTINGS).is_file():
        yield str(read_settings(PUBLISHED_SETTINGS)["SITEURL"]).rstrip("/")


def find_heavy_pages(output: Path, manifest: Manifest, budgets: PageBudgets) -> Iterator[Problem]:
    """Yield each page of a built site that weighs more than its budget."""
    for entry, html, weight in _weigh_pages(output, manifest):
        is_list = entry.role is FileRole.LIST or html.count(CARD) >= MANY_CARDS
        limit = budgets.first_view(entry.url_path, is_list=is_list)
        if weight.first_view > limit:
            what = Message("the first view weighs %(weight)s kB of %(limit)s", **_in_kb(weight.first_view, limit))
            yield Problem(entry.url_path, None, None, what, HINT)
        if weight.scripts > budgets.script:
            what = Message("the scripts weigh %(weight)s kB of %(limit)s", **_in_kb(weight.scripts, budgets.script))
            yield Problem(entry.url_path, None, None, what, HINT)


def page_weights(output: Path) -> dict[str, PageWeight]:
    """Return the weights of all pages of a built site, by address."""
    manifest = Manifest.load((output / MANIFEST).read_bytes())
    return {entry.url_path: weight for entry, _, weight in _weigh_pages(output, manifest)}


def _weigh_pages(output: Path, manifest: Manifest) -> Iterator[tuple[ManifestEntry, str, PageWeight]]:
    base = urlsplit(manifest.site_url).path.rstrip("/")

    @cache
    def size_of(url: str) -> int:
        return _compressed_size((output / url.removeprefix(base).lstrip("/")).read_bytes())

    for entry in manifest.entries:
        if entry.is_page:
            html = (output / entry.path).read_text("utf-8")
            yield entry, html, weigh(html, entry.url_path, size_of)


def weigh(html: str, url: str, size_of: Callable[[str], int]) -> PageWeight:
    """Return the weight of a page; `size_of` returns that of a file at an address.

    The first paint waits for the page, its stylesheets and its scripts, but not for styles of paper and modules.
    """
    first, scripts = _compressed_size(html.encode()), 0
    for tag, written in TAG.findall(html[: html.find(HEAD_END)]):
        attributes = dict(ATTRIBUTE.findall(written))
        if tag == "script" and "src" in attributes:
            size = size_of(urljoin(url, attributes["src"]))
            scripts += 0 if OWN_SCRIPTS.search(attributes["src"]) else size
            first += 0 if attributes.get("type") == "module" else size
        elif attributes.get("rel") == "stylesheet" and attributes.get("media") != "print":
            first += size_of(urljoin(url, attributes["href"]))
    return PageWeight(first, scripts)


def _compressed_size(data: bytes) -> int:
    return len(compress(data, "br", FAST))


def _in_kb(weight: int, limit: int) -> dict[str, str]:
    return {"weight": f"{weight / 1000:.1f}", "limit": f"{limit / 1000:g}"}


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
