"""Every page of the site's own content, as a machine reads it: whole, valid, and leading where it says."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from urllib.parse import unquote, urljoin, urlsplit

import html5lib
import pytest
from babel import Locale
from lxml.etree import _Element as Element

from openknowledge.preview.file_server import resolve_request
from openknowledge.redirects.table import load

SITE = "http://127.0.0.1:8000"
HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
LANGUAGE_TAG = re.compile(r"[a-z]{2,3}(-[A-Z][a-z]{3})?(-([A-Z]{2}|[0-9]{3}))?")
UNLINKED = {"/404.html", "/en/404.html"}
"""Nobody is led to these: a server shows them in place of what is not there."""

Pages = dict[str, Element]


@pytest.fixture(scope="module")
def pages(real_site: Path) -> Pages:
    """The document of each page by its address, in order; what stands at old addresses is no page of the site."""
    old = {forward.source.rstrip("/") for forward in load(real_site)}
    return {address: document for address, document, _ in parsed(real_site) if address.rstrip("/") not in old}


def parsed(site: Path) -> Iterator[tuple[str, Element, list[str]]]:
    """Each page's address, document and parse errors, by the rules of the HTML standard."""
    for path in sorted(site.rglob("*.html")):
        parser = html5lib.HTMLParser(tree=html5lib.getTreeBuilder("lxml"), namespaceHTMLElements=False)
        document = parser.parse(path.read_bytes(), transport_encoding="utf-8").getroot()
        address = "/" + path.relative_to(site).as_posix().removesuffix("index.html")
        yield address, document, [f"{address}:{at[0]}: {code} {facts}" for at, code, facts in parser.errors]


def texts(element: Element) -> str:
    return " ".join("".join(element.itertext()).split())


def language_of(address: str) -> str:
    return "en" if address.startswith("/en/") else "it"


def test_every_page_is_html_without_an_error(real_site: Path) -> None:
    assert [error for _, _, errors in parsed(real_site) for error in errors] == []


def test_every_page_has_one_heading_of_the_first_rank_and_skips_no_rank(pages: Pages) -> None:
    wrong = []
    for address, page in pages.items():
        ranks = [HEADINGS.index(str(one.tag)) + 1 for one in page.iter(*HEADINGS)]
        follows = all(after <= before + 1 for before, after in pairwise(ranks))
        if ranks.count(1) != 1 or ranks[0] != 1 or not follows:
            wrong.append((address, ranks))

    assert wrong == []


def test_no_heading_is_empty(pages: Pages) -> None:
    assert [address for address, page in pages.items() for one in page.iter(*HEADINGS) if not texts(one)] == []


def test_ids_are_unique_on_a_page_and_what_refers_to_them_finds_them(pages: Pages) -> None:
    wrong = []
    for address, page in pages.items():
        ids = page.xpath("//@id")
        wrong += [(address, "twice", name) for name in sorted({name for name in ids if ids.count(name) > 1})]
        for attribute in ("aria-labelledby", "aria-describedby", "aria-controls", "popovertarget", "for"):
            for names in page.xpath(f"//@{attribute}"):
                wrong += [(address, attribute, name) for name in names.split() if name not in ids]

    assert wrong == []


def links_of(page: Element) -> Iterator[str]:
    """Every address that a page names, wherever it stands."""
    for attribute in ("href", "src", "action", "poster", "data-src"):
        yield from page.xpath(f"//@{attribute}")
    yield from page.xpath("//meta[@property='og:image' or @property='og:url']/@content")


def test_every_link_within_the_site_leads_to_a_file_and_to_a_place_in_it(pages: Pages, real_site: Path) -> None:
    ids = {address: set(page.xpath("//@id")) for address, page in pages.items()}
    wrong = []
    for address, page in pages.items():
        for link in links_of(page):
            target = urlsplit(urljoin(SITE + address, link))
            if f"{target.scheme}://{target.netloc}" != SITE:
                continue
            found = resolve_request(real_site, target.path)
            if found.status != 200:
                wrong.append((address, link, found.status))
            elif target.fragment and unquote(target.fragment) not in ids.get(unquote(target.path), ()):
                wrong.append((address, link, "no such place"))

    assert sorted(set(wrong)) == []


def test_links_within_the_site_stay_within_it_wherever_it_is_published(pages: Pages) -> None:
    wrong = [(address, link) for address, page in pages.items() for link in page.xpath("//body//@href") if SITE in link]

    assert wrong == []


def test_links_with_the_same_words_in_one_navigation_lead_to_the_same_place(pages: Pages) -> None:
    wrong = []
    for address, page in pages.items():
        for navigation in page.iter("nav"):
            targets = defaultdict(set)
            for link in navigation.iter("a"):
                targets[texts(link)].add(link.get("href"))
            wrong += [(address, words, sorted(found)) for words, found in targets.items() if len(found) > 1]

    assert wrong == []


def test_each_filter_leads_to_as_many_entries_as_it_says(pages: Pages) -> None:
    promised = {
        (option.find("a").get("href"), int(texts(count)))
        for page in pages.values()
        for option in page.xpath("//ul[@class='facets-options']/li")
        for count in option.xpath("span[@class='count']")
    }
    found = {
        (target, "".join(re.findall(r"[0-9]", texts(page.xpath("//*[@class='listing-total']")[0]))), entries_of(page))
        for target, page in ((target, pages[target]) for target, _ in promised)
    }

    assert {"/en/courses/subject/physics/", "/video/lingua/italiano/"} < {target for target, _ in promised}
    assert found == {(target, str(count), count) for target, count in promised}


def entries_of(page: Element) -> int:
    return len(page.xpath("//*[@class='listing-items']//article"))


def test_every_address_in_feeds_and_data_leads_to_a_file(real_site: Path) -> None:
    named = defaultdict(set)
    for path in sorted(real_site.rglob("*")):
        if path.suffix in (".xml", ".json"):
            text = path.read_text(encoding="utf-8")
            for target in re.findall(rf'{re.escape(SITE)}(/[^\s<>"&#]*)', text):
                named[target].add(path.name)

    assert {"/", "/en/"} < set(named)
    assert [target for target in sorted(named) if resolve_request(real_site, target).status != 200] == []


def test_every_file_that_a_script_or_style_asks_for_is_there(real_site: Path) -> None:
    asked = {
        (path.name, target): resolve_request(
            real_site, urljoin(f"/{path.relative_to(real_site).as_posix()}", target)
        ).status
        for suffix, pattern in ((".js", r'(?:import|from)\s*"([^"]+)"'), (".css", r'url\(\s*"?([^")]+)'))
        for path in sorted(real_site.rglob(f"*{suffix}"))
        for target in re.findall(pattern, path.read_text(encoding="utf-8"))
        if not target.startswith("data:")
    }

    assert asked
    assert [one for one, status in asked.items() if status != 200] == []


def test_no_page_has_a_style_or_a_script_of_its_own(pages: Pages) -> None:
    inline = "//style | //*[@style] | //script[not(@src)] | //@*[starts-with(name(), 'on')]/.."
    wrong = [(address, one.tag) for address, page in pages.items() for one in page.xpath(inline)]
    wrong += [
        (address, link)
        for address, page in pages.items()
        for link in links_of(page)
        if urlsplit(link.strip()).scheme not in ("", "http", "https", "mailto", "tel")
    ]

    assert wrong == []


def test_every_picture_has_a_text_in_its_place_and_its_size(pages: Pages) -> None:
    wrong = [
        (address, image.get("src"))
        for address, page in pages.items()
        for image in page.iter("img")
        if image.get("alt") is None or not image.get("width") or not image.get("height")
    ]

    assert wrong == []


def test_every_page_is_in_the_language_of_its_address_and_names_only_real_ones(pages: Pages) -> None:
    known = Locale("en").languages
    wrong = []
    for address, page in pages.items():
        if page.get("lang") != language_of(address):
            wrong.append((address, page.get("lang")))
        for tag in page.xpath("//@lang | //@hreflang"):
            # An empty tag says that the language is not known.
            named = tag in ("", "x-default") or (LANGUAGE_TAG.fullmatch(tag) and tag.split("-")[0] in known)
            wrong += [] if named else [(address, tag)]

    assert wrong == []


@pytest.mark.parametrize("part", ["title", "description"])
def test_every_title_and_description_is_there_and_of_its_page_alone(pages: Pages, part: str) -> None:
    where = {"title": "//head/title/text()", "description": "//meta[@name='description']/@content"}[part]
    holders = defaultdict(list)
    for address, page in pages.items():
        words = "".join(page.xpath(where)).strip()
        # Sample entries stand for nothing, and each says just that.
        of_itself = part == "title" or not page.xpath("//main/p[@class='notice' and @data-tone='sample']")
        holders[language_of(address), words if of_itself else f"{address} {words}"].append(address)

    assert [holders[key] for key in holders if not key[1]] == []
    assert {key: shared for key, shared in holders.items() if len(shared) > 1} == {}


def test_every_page_names_its_own_address(pages: Pages) -> None:
    named = {address: page.xpath("//link[@rel='canonical']/@href") for address, page in pages.items()}

    assert {address: link for address, link in named.items() if link != [SITE + address]} == {}


def alternates_of(page: Element) -> dict[str, str]:
    """The addresses of a page in each language, without the site's own part."""
    return {
        one.get("hreflang", ""): one.get("href", "").removeprefix(SITE)
        for one in page.xpath("//head/link[@rel='alternate' and @hreflang]")
    }


def test_pages_in_two_languages_name_each_other_and_themselves(pages: Pages) -> None:
    wrong = []
    for address, page in pages.items():
        named = alternates_of(page)
        whole = {"it", "en", "x-default"} == set(named) and named["x-default"] == named["it"]
        others = [pages.get(target) for target in named.values()]
        mutual = all(other is not None and alternates_of(other) == named for other in others)
        if not whole or not mutual or named[language_of(address)] != address:
            wrong.append((address, named))

    assert wrong == []


def test_the_language_switch_leads_where_the_head_says(pages: Pages) -> None:
    wrong = []
    for address, page in pages.items():
        switch = {one.get("hreflang"): one.get("href") for one in page.xpath("//nav[@class='switch']//a")}
        heads = {
            lang: url for lang, url in alternates_of(page).items() if lang not in (language_of(address), "x-default")
        }
        wrong += [(address, switch, heads)] if switch != heads else []

    assert wrong == []


@pytest.mark.parametrize("home", ["/", "/en/"])
def test_every_page_is_reached_from_the_home_page_of_its_language(pages: Pages, home: str) -> None:
    reached, waiting = {home}, [home]
    while waiting:
        address = waiting.pop()
        for link in pages[address].xpath("//body//a[not(ancestor::nav[@class='switch'])]/@href"):
            target = unquote(urlsplit(urljoin(SITE + address, link)).path)
            if urljoin(SITE + address, link).startswith(SITE) and target in pages and target not in reached:
                reached.add(target)
                waiting.append(target)
    ours = {address for address in pages if language_of(address) == language_of(home)}

    assert sorted(ours - reached - UNLINKED) == []
    assert sorted(reached - ours) == []
