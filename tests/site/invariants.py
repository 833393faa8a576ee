"""What holds for every page of every site: `check_page`, and what holds between the pages of one site."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urljoin, urlsplit

from babel import Locale
from lxml.html import HtmlElement

if TYPE_CHECKING:
    from tests.site.reading import Page

__all__ = ["HOST", "INVARIANTS", "Fault", "check_page", "language_of", "text_of"]

HOST = "http://127.0.0.1:8000"
HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
SCHEMES = ("", "http", "https", "mailto", "tel")
REFERENCES = ("aria-controls", "aria-describedby", "aria-labelledby", "for", "popovertarget")
LINKS = ("href", "src", "action", "poster", "data-src")
LANGUAGE_TAG = re.compile(r"[a-z]{2,3}(-[A-Z][a-z]{3})?(-([A-Z]{2}|[0-9]{3}))?")
CONTROLS = re.compile(rb"[\x00-\x08\x0b-\x1f\x7f]|\xef\xbf\xbe|\xef\xbf\xbf")

IsThere = Callable[[str], bool]
"""Says of a root-relative address whether the site has a file for it."""


class Fault(NamedTuple):
    """What is wrong with a page: the invariant that it breaks, and how."""

    invariant: str
    detail: str


def check_page(root: HtmlElement, data: bytes, address: str, is_there: IsThere) -> Iterator[Fault]:
    """Yield what is wrong with one page, given its document, its bytes and its address."""
    faults = {
        "headings": _headings(root),
        "ids": _ids(root),
        "links": _links(root, address, is_there),
        "navigation": _navigation(root),
        "code": _code(root),
        "pictures": _pictures(root),
        "languages": _languages(root, address),
        "head": _head(root, address),
        "characters": ("a control character" for _ in CONTROLS.finditer(data)),
    }
    assert tuple(faults) == INVARIANTS
    for invariant, details in faults.items():
        yield from (Fault(invariant, detail) for detail in details)


INVARIANTS = ("headings", "ids", "links", "navigation", "code", "pictures", "languages", "head", "characters")
"""The names of what `check_page` looks at."""


def text_of(element: HtmlElement | None) -> str:
    return "" if element is None else " ".join(element.text_content().split())


def join(address: str, link: str) -> str:
    """Return the whole address that a page's link leads to; one from the root leads there from any page."""
    return _join("/" if link.startswith("/") else address, link)


@cache
def _join(address: str, link: str) -> str:
    return urljoin(HOST + address, link)


def language_of(address: str) -> str:
    return "en" if address.startswith("/en/") else "it"


def _headings(root: HtmlElement) -> Iterator[str]:
    """Yield faults unless the page begins with its only heading of rank 1, skips no rank and has no empty heading."""
    headings = list(root.iter(*HEADINGS))
    ranks = [HEADINGS.index(str(heading.tag)) + 1 for heading in headings]
    if ranks.count(1) != 1 or ranks[0] != 1 or any(after > before + 1 for before, after in pairwise(ranks)):
        yield f"headings of the ranks {ranks}"
    yield from (f"an empty {heading.tag}" for heading in headings if not text_of(heading))


def _ids(root: HtmlElement) -> Iterator[str]:
    """Yield ids that are there twice, and references to ids that are not there."""
    ids = Counter(str(name) for name in root.xpath("//@id"))
    yield from (f'the id "{name}" is there {count} times' for name, count in ids.items() if count > 1)
    for attribute in REFERENCES:
        for names in root.xpath(f"//@{attribute}"):
            yield from (f'{attribute} names "{name}", which is not there' for name in names.split() if name not in ids)


def _links(root: HtmlElement, address: str, is_there: IsThere) -> Iterator[str]:
    """Yield links that lead to no file of the site, name its host, or have an unsafe scheme."""
    values = {str(value) for attribute in LINKS for value in root.xpath(f"//@{attribute}")}
    values |= set(root.xpath("//meta[@property='og:image' or @property='og:url']/@content"))
    for value in values:
        target = urlsplit(join(address, value.strip()))
        if f"{target.scheme}://{target.netloc}" == HOST and not is_there(target.path):
            yield f"the link {value} leads nowhere"
        if target.scheme not in SCHEMES or urlsplit(value.strip()).scheme not in SCHEMES:
            yield f"the link {value} has an unsafe scheme"
    yield from (f"the link {value} names the host" for value in root.xpath("//body//@href") if HOST in value)


def _navigation(root: HtmlElement) -> Iterator[str]:
    """Yield words of a navigation whose links lead to different addresses."""
    for navigation in root.iter("nav"):
        targets: dict[str, set[str | None]] = defaultdict(set)
        for link in navigation.iter("a"):
            targets[text_of(link)].add(link.get("href"))
        yield from (f'"{words}" leads to {found}' for words, found in targets.items() if len(found) > 1)


def _code(root: HtmlElement) -> Iterator[str]:
    """Yield what the site's policy forbids: code and styles in the page, and files from elsewhere."""
    for element in root.iter():
        if element.tag in ("style", "iframe", "object", "embed", "base"):
            yield f"an element {element.tag}"
        if element.tag == "form" and element.get("action") is None:
            yield "a form that leads nowhere"
        is_data = element.tag == "script" and dict(element.attrib) == {"type": "application/ld+json"}
        if element.tag == "script" and not is_data and (not element.get("src") or text_of(element)):
            yield "a script in the page"
        yield from (f"an attribute {name}" for name in element.attrib if str(name).startswith("on") or name == "style")
        loads = element.get("src") or (element.get("href") if element.get("rel") in ("stylesheet", "icon") else None)
        if loads and not re.match(r"/(?!/)", loads):
            yield f"a file from elsewhere: {loads}"


def _pictures(root: HtmlElement) -> Iterator[str]:
    """Yield pictures without an alternative text or without a size."""
    for image in root.iter("img"):
        if image.get("alt") is None or not image.get("width") or not image.get("height"):
            yield f"{image.get('src')} lacks a text or its size"


def _languages(root: HtmlElement, address: str) -> Iterator[str]:
    """Yield wrong languages: of the page, of its parts, of the switch beside those of the head."""
    if root.get("lang") != language_of(address):
        yield f"the page says that it is in {root.get('lang')}"
    for tag in sorted({str(tag) for tag in root.xpath("//@lang | //@hreflang")}):
        # An empty tag says that the language is not known.
        if tag not in ("", "x-default") and not (LANGUAGE_TAG.fullmatch(tag) and tag.split("-")[0] in _known()):
            yield f'"{tag}" is no language'
    switch = {link.get("hreflang"): link.get("href") for link in root.xpath("//nav[@class='switch']//a")}
    others = {lang: url for lang, url in _alternates(root) if lang not in (language_of(address), "x-default")}
    if switch != others:
        yield f"the switch leads to {switch}, the head to {others}"


@cache
def _known() -> frozenset[str]:
    return frozenset(Locale("en").languages)


def _alternates(root: HtmlElement) -> list[tuple[str, str]]:
    links = root.xpath("//head/link[@rel='alternate' and @hreflang]")
    return [(link.get("hreflang", ""), link.get("href", "").removeprefix(HOST)) for link in links]


def _head(root: HtmlElement, address: str) -> Iterator[str]:
    """Yield faults unless the page has a title and names its own address."""
    if not "".join(root.xpath("//head/title/text()")).strip():
        yield "no title"
    if (canonical := root.xpath("//link[@rel='canonical']/@href")) != [HOST + address]:
        yield f"its own address is {canonical}"


# Between the pages of a site


Pages = Mapping[str, "Page"]


def lost_anchors(pages: Pages) -> list[str]:
    """Return the links to places in pages that the pages do not have."""
    anchors = {anchor for page in pages.values() for anchor in page.anchors}
    return sorted(f"{to}#{name}" for to, name in anchors if name and to in pages and name not in pages[to].ids)


def broken_alternates(pages: Pages) -> list[str]:
    """Return the pages that lack a language, or whose languages do not name each other and themselves."""
    return [address for address, page in pages.items() if not _is_mutual(page, pages)]


def _is_mutual(page: Page, pages: Pages) -> bool:
    ways = {lang: url.removeprefix(HOST) for lang, url in page.alternates}
    if set(ways) != {"it", "en", "x-default"} or ways["x-default"] != ways["it"]:
        return False
    others = [pages.get(address) for address in ways.values()]
    return ways[language_of(page.address)] == page.address and all(
        other is not None and dict(other.alternates) == dict(page.alternates) for other in others
    )


def shared_words(pages: Pages, part: str) -> dict[tuple[str, str], list[str]]:
    """Return the titles or descriptions (`summary`) that pages of one language share."""
    holders: dict[tuple[str, str], list[str]] = defaultdict(list)
    for address, page in pages.items():
        words = getattr(page, part)
        # Sample entries stand for nothing, and each description says just that.
        own = address if part == "summary" and page.is_sample else ""
        if words:
            holders[language_of(address), own + words].append(address)
    return {key: addresses for key, addresses in holders.items() if len(addresses) > 1}


def reached_from(pages: Pages, home: str) -> set[str]:
    """Return the pages that a reader reaches from a home page without changing the language."""
    reached, waiting = {home}, [home]
    while waiting:
        ways = {target for target in pages[waiting.pop()].walks if target in pages} - reached
        reached |= ways
        waiting += ways
    return reached


def wrong_filters(pages: Pages) -> list[str]:
    """Return the filters that lead to another number of entries than they promise."""
    promised = {way for page in pages.values() for way in page.filters}
    return sorted(
        f"{target} promises {count}"
        for target, count in promised
        if (pages[target].cards, re.sub("[^0-9]", "", pages[target].total)) != (count, str(count))
    )
