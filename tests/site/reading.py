"""Every page of a built site, parsed once: what tests ask about it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from urllib.parse import unquote, urlsplit

from lxml import html
from lxml.html import HtmlElement
from tests.site.invariants import HOST, Fault, check_page, join, text_of

from openknowledge.redirects.table import load

__all__ = ["HOST", "Description", "Page", "address_of", "file_of", "read_pages"]

LENGTHS = "//*[contains(@class, 'player-duration')] | //*[span[.='Length: ' or .='Durata: ']]"
VIDEO_LINK = re.compile(r"/(video|en/videos)/(playlist/)?[^/]+/$")


@dataclass(frozen=True, slots=True)
class Description:
    """The text of the channel on a video's page: its elements with their attributes, and what one reads."""

    elements: tuple[tuple[str, tuple[tuple[str, str], ...]], ...]
    text: str
    lang: str | None


@dataclass(frozen=True, slots=True)
class Page:
    """What one page says of itself. `faults` are what no page may have.

    `links` are all addresses of the site that it leads to or loads, `walks` those of links that a reader may follow
    but for the switch of the language, `anchors` the places in pages that it links to. `alternates` are the addresses
    of its languages, `filters` those of its filters with the count that each promises. `entries` are the addresses of
    the items of a list and `total` how many it says that it has; `named` is every link to a video or playlist with
    its words and their language.
    """

    address: str
    lang: str | None
    title: str
    summary: str
    is_sample: bool
    headings: tuple[tuple[str, str | None], ...]
    ids: frozenset[str]
    faults: tuple[Fault, ...]
    anchors: tuple[tuple[str, str], ...]
    alternates: tuple[tuple[str, str], ...]
    links: frozenset[str]
    walks: frozenset[str]
    filters: tuple[tuple[str, int], ...]
    entries: tuple[str, ...]
    cards: int
    total: str
    named: tuple[tuple[str, str, str | None], ...]
    older: str | None
    byline: tuple[str, ...]
    lengths: tuple[str, ...]
    is_video: bool
    description: Description | None
    text: str


def read_pages(output: Path) -> dict[str, Page]:
    """Return all pages of a built site by address; what stands at old addresses is no page of the site."""
    old = {forward.source.rstrip("/") for forward in load(output)}
    addresses = {address_of(path, output): path for path in sorted(output.rglob("*.html"))}
    pages = (_read(path, address, output) for address, path in addresses.items() if address.rstrip("/") not in old)
    return {page.address: page for page in pages}


def address_of(path: Path, output: Path) -> str:
    return "/" + path.relative_to(output).as_posix().removesuffix("index.html")


@cache
def file_of(address: str, output: Path) -> Path | None:
    """Return the file that a server answers a root-relative address with."""
    name = unquote(address).lstrip("/")
    path = output / (f"{name}index.html" if name == "" or name.endswith("/") else name)
    return path if path.is_file() else None


def _read(path: Path, address: str, output: Path) -> Page:
    data = path.read_bytes()
    root = html.document_fromstring(data, parser=html.HTMLParser(encoding="utf-8"))
    targets = [*_targets(root, address)]
    main = root.find(".//main")
    main = root if main is None else main
    return Page(
        address=address,
        lang=root.get("lang"),
        title="".join(root.xpath("//head/title/text()")).strip(),
        summary="".join(root.xpath("//meta[@name='description']/@content")).strip(),
        is_sample=bool(root.xpath("//main/p[@class='notice' and @data-tone='sample']")),
        headings=tuple((text_of(heading), _lang(heading)) for heading in root.iter("h1")),
        ids=frozenset(str(name) for name in root.xpath("//@id")),
        faults=tuple(check_page(root, data, address, lambda target: file_of(target, output) is not None)),
        anchors=tuple(
            {(urlsplit(target).path, unquote(urlsplit(target).fragment)) for target in targets if "#" in target}
        ),
        alternates=tuple((link.get("hreflang", ""), link.get("href", "")) for link in root.xpath("//link[@hreflang]")),
        links=frozenset(target for target in targets if target.startswith("/")),
        walks=frozenset(_walks(root, address)),
        filters=tuple(_filters(root)),
        entries=tuple(link.get("href", "") for link in main.xpath(_in("reading-text", "listing-items", "card-title"))),
        cards=len(root.xpath("//*[@class='listing-items']//article")),
        total="".join(sign for total in root.xpath("//*[@class='listing-total']")[:1] for sign in text_of(total)),
        named=tuple(_named(main)),
        older=next((link.get("href", "") for link in main.xpath(f"//*[{_has('pager-older')}]//a")), None),
        byline=tuple(text_of(part) for line in main.xpath(f"//*[{_has('title-byline')}]") for part in line),
        lengths=tuple(text_of(length) for length in main.xpath(LENGTHS)),
        is_video=bool(main.xpath(f"//*[{_has('watch-page')}]")),
        description=_description(main),
        text=" ".join(main.text_content().split()),
    )


def _targets(root: HtmlElement, address: str) -> Iterator[str]:
    """Yield the addresses that a page leads to or loads: those of the site without its host."""
    for name in ("href", "src", "action", "data-src", "poster"):
        for value in root.xpath(f"//@{name}"):
            whole = join(address, str(value).strip())
            yield whole.removeprefix(HOST) if whole.startswith(f"{HOST}/") else whole


def _walks(root: HtmlElement, address: str) -> Iterator[str]:
    for link in root.xpath("//body//a[not(ancestor::nav[@class='switch'])]/@href"):
        whole = join(address, str(link))
        if whole.startswith(HOST):
            yield unquote(urlsplit(whole).path)


def _filters(root: HtmlElement) -> Iterator[tuple[str, int]]:
    for option in root.xpath("//ul[@class='facets-options']/li[span[@class='count']]"):
        (count,) = option.xpath("span[@class='count']")
        address = option.find("a").get("href")
        # A part of the page of a topic or person has as many entries, and no total.
        if "#" not in address:
            yield address, int(re.sub(r"\D", "", text_of(count)))


def _named(main: HtmlElement) -> Iterator[tuple[str, str, str | None]]:
    for link in main.iter("a"):
        if VIDEO_LINK.match(link.get("href", "")):
            yield link.get("href", ""), text_of(link), _lang(link)


def _description(main: HtmlElement) -> Description | None:
    """Return the channel's text, of which a long one has its end behind "Read on"."""
    regions = main.xpath(f"//*[{_has('prose-described')}]")
    if not regions:
        return None
    elements = [element for region in regions for element in region.iter() if element is not region]
    return Description(
        elements=tuple((str(element.tag), tuple(sorted(element.attrib.items()))) for element in elements),
        text=" ".join(map(text_of, regions)),
        lang=_lang(regions[0]),
    )


def _lang(element: HtmlElement) -> str | None:
    """Return the language that the words of an element are marked with, here or above."""
    above: Iterable[HtmlElement] = (element, *element.iterancestors())
    return next((parent.get("lang") for parent in above if parent.get("lang") is not None), None)


def _has(name: str) -> str:
    return f"contains(concat(' ', @class, ' '), ' {name} ')"


def _in(first: str, second: str, title: str) -> str:
    return f"//*[{_has(first)} or {_has(second)}]//*[{_has(title)}]/a"
