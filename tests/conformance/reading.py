"""Every page of a built site, parsed once and in two processes: what tests ask about it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from urllib.parse import unquote, urljoin, urlsplit

from lxml import html
from lxml.html import HtmlElement

HOST = "http://127.0.0.1:8000"
SCHEMES = {"http", "https", "mailto", "tel"}
POINTERS = ("aria-controls", "aria-describedby", "aria-labelledby", "for", "popovertarget")
LENGTHS = "player-duration", "card-duration"
CHUNK = 100


@dataclass(frozen=True, slots=True)
class Description:
    """The text of the channel on a video's page: its elements with their attributes, and what one reads."""

    elements: tuple[tuple[str, tuple[tuple[str, str], ...]], ...]
    text: str
    lang: str | None


@dataclass(frozen=True, slots=True)
class Page:
    """What one page says of itself. `faults` are what no page may have.

    `anchors` are the places in pages of the site that it links to. `entries` are the addresses of the items of
    a list, `named` every link to a video or playlist with its words and their language.
    """

    url: str
    lang: str | None
    headings: tuple[tuple[str, str | None], ...]
    ids: frozenset[str]
    faults: tuple[str, ...]
    anchors: tuple[tuple[str, str], ...]
    alternates: tuple[tuple[str, str], ...]
    links: frozenset[str]
    entries: tuple[str, ...]
    named: tuple[tuple[str, str, str | None], ...]
    older: str | None
    byline: tuple[str, ...]
    facts: dict[str, tuple[str, ...]]
    lengths: tuple[str, ...]
    is_video: bool
    description: Description | None
    text: str


def read_pages(output: Path) -> dict[str, Page]:
    """All pages of a built site by address."""
    paths = sorted(output.rglob("*.html"))
    chunks = [paths[start : start + CHUNK] for start in range(0, len(paths), CHUNK)]
    with ProcessPoolExecutor(2) as pool:
        found = pool.map(_read_chunk, [output] * len(chunks), chunks)
        return {page.url: page for part in found for page in part}


def address_of(path: Path, output: Path) -> str:
    return "/" + path.relative_to(output).as_posix().removesuffix("index.html")


@cache
def file_of(url: str, output: Path) -> Path | None:
    """The file that a server answers a root-relative address with."""
    name = unquote(url).lstrip("/")
    path = output / (f"{name}index.html" if name == "" or name.endswith("/") else name)
    return path if path.is_file() else None


def _read_chunk(output: Path, paths: list[Path]) -> list[Page]:
    return [_read(path, output) for path in paths]


def _read(path: Path, output: Path) -> Page:
    data = path.read_bytes()
    root = html.document_fromstring(data, parser=html.HTMLParser(encoding="utf-8"))
    url = address_of(path, output)
    ids = [str(name) for name in root.xpath("//@id")]
    targets = [*_targets(root, url)]
    main = root.find(".//main")
    main = root if main is None else main
    return Page(
        url=url,
        lang=root.get("lang"),
        headings=tuple((_text(one), _lang(one)) for one in root.iter("h1")),
        ids=frozenset(ids),
        faults=tuple(_faults(root, data, ids, targets, output)),
        anchors=tuple({(urlsplit(one).path, unquote(urlsplit(one).fragment)) for one in targets if "#" in one}),
        alternates=tuple((one.get("hreflang", ""), one.get("href", "")) for one in root.xpath("//link[@hreflang]")),
        links=frozenset(one for one in targets if one.startswith("/")),
        entries=tuple(one.get("href", "") for one in main.xpath(_in("reading-text", "listing-items", "card-title"))),
        named=tuple(_named(main)),
        older=next((one.get("href", "") for one in main.xpath(f"//*[{_has('pager-older')}]//a")), None),
        byline=tuple(_text(part) for one in main.xpath(f"//*[{_has('title-byline')}]") for part in one),
        facts=_facts(main),
        lengths=tuple(_text(one) for name in LENGTHS for one in main.xpath(f"//*[{_has(name)}]")),
        is_video=bool(main.xpath(f"//*[{_has('reading-video')}]")),
        description=_description(main),
        text=" ".join(main.text_content().split()),
    )


def _faults(root: HtmlElement, data: bytes, ids: list[str], targets: list[str], output: Path) -> Iterator[str]:
    headings = len(root.findall(".//h1"))
    if headings != 1:
        yield f"{headings} headings of the first rank"
    yield from (f'the id "{name}" is there {count} times' for name, count in Counter(ids).items() if count > 1)
    for name in POINTERS:
        known = set(ids)
        for value in root.xpath(f"//@{name}"):
            yield from (f'{name} names "{one}", which is not there' for one in value.split() if one not in known)
    for target in set(targets):
        if target.startswith("/"):
            if file_of(urlsplit(target).path, output) is None:
                yield f"the link {target} leads nowhere"
        elif urlsplit(target).scheme not in SCHEMES:
            yield f"the link {target} has an unsafe scheme"
    yield from _code(root)
    if re.search(rb"[\x00-\x08\x0b-\x1f\x7f]|\xef\xbf\xbe|\xef\xbf\xbf", data):
        yield "a control character"


def _code(root: HtmlElement) -> Iterator[str]:
    """What the policy of the site forbids: code and styles in pages, and files from elsewhere."""
    for element in root.iter():
        if element.tag in ("style", "iframe", "object", "embed", "base", "form") and element.get("action") is None:
            yield f"an element {element.tag}"
        if element.tag == "script" and (not element.get("src") or _text(element)):
            yield "a script in the page"
        yield from (f"an attribute {name}" for name in element.attrib if str(name).startswith("on") or name == "style")
        loads = element.get("src") or (element.get("href") if element.get("rel") in ("stylesheet", "icon") else None)
        if loads and not re.match(r"/(?!/)", loads):
            yield f"a file from elsewhere: {loads}"


def _targets(root: HtmlElement, url: str) -> Iterator[str]:
    """The addresses that a page leads to or loads: those of the site without its host."""
    base = f"{HOST}{url}"
    for name in ("href", "src", "action", "data-src", "poster"):
        for value in root.xpath(f"//@{name}"):
            whole = urljoin(base, str(value).strip())
            yield whole.removeprefix(HOST) if whole.startswith(f"{HOST}/") else whole


def _named(main: HtmlElement) -> Iterator[tuple[str, str, str | None]]:
    for link in main.iter("a"):
        target = link.get("href", "")
        if re.match(r"/(video|en/videos)/(playlist/)?[^/]+/$", target):
            yield target, _text(link), _lang(link)


def _facts(main: HtmlElement) -> dict[str, tuple[str, ...]]:
    """The table beside the text: values by label."""
    return {
        _text(row.find("dt")): tuple(_text(one) for one in row.findall("dd"))
        for row in main.xpath(f"//*[{_has('facts-row')}]")
    }


def _description(main: HtmlElement) -> Description | None:
    for region in main.xpath(f"//*[{_has('prose-plain')}]"):
        elements = [one for one in region.iter() if one is not region]
        return Description(
            elements=tuple((str(one.tag), tuple(sorted(one.attrib.items()))) for one in elements),
            text=_text(region),
            lang=_lang(region),
        )
    return None


def _text(element: HtmlElement | None) -> str:
    return "" if element is None else " ".join(element.text_content().split())


def _lang(element: HtmlElement) -> str | None:
    """The language that the words of an element are marked with, here or above."""
    above: Iterable[HtmlElement] = (element, *element.iterancestors())
    return next((one.get("lang") for one in above if one.get("lang") is not None), None)


def _has(name: str) -> str:
    return f"contains(concat(' ', @class, ' '), ' {name} ')"


def _in(first: str, second: str, title: str) -> str:
    return f"//*[{_has(first)} or {_has(second)}]//*[{_has(title)}]/a"
