"""Sitemaps: one file a kind and language with all its pages, an index of them, and `robots.txt`, which names it.

A site that search engines leave out has none of them, and its `robots.txt` disallows nothing: only who may read a page
finds out that it is not to be shown.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from openknowledge.catalogue.kind import Kind
from openknowledge.catalogue.site import Site
from openknowledge.engine.rules import Action, Description, Rule, static_action
from openknowledge.model.values import Lang, Record, Ref, as_moment

__all__ = ["QUERIES", "SitemapPage", "robots_rule", "sitemap_rule", "split"]

INDEX, FOLDER, ROBOTS = "sitemap.xml", "sitemaps", "robots.txt"
MAX_PAGES, MAX_SIZE_B = 50_000, 50_000_000
"""The most that a file may have (https://www.sitemaps.org/protocol.html)."""
NAMESPACE = "http://www.sitemaps.org/schemas/sitemap/0.9"
HEAD = (
    f'<?xml version="1.0" encoding="UTF-8"?>\n<urlset xmlns="{NAMESPACE}" xmlns:xhtml="http://www.w3.org/1999/xhtml">\n'
)
TAIL = "</urlset>\n"

SitemapPage = tuple[str | None, Mapping[Lang, str]]
"""When what a page shows was last changed (ISO 8601), where that is known, and its absolute URL in each language."""

DESCRIPTIONS = {
    "sitemap": Description("the sitemap {kind} {lang} {number}", ("kind", "lang", "number")),
    "sitemap-files": Description("which files the sitemap has"),
    "sitemap-pages": Description("which pages of the kind {kind} search engines may show", ("kind",)),
    "sitemap-count": Description("how many files its sitemap has: {kind} ({lang})", ("kind", "lang")),
    "robots": Description("the rules for robots"),
}


def sitemap_rule() -> Rule:
    """Return the rule for the index and for the files of each kind and language."""

    def keys(site: Site) -> tuple[tuple[str, ...], ...]:
        files = site.query("sitemap-files")
        return ((), *files) if files else ()

    def plan(site: Site, kind: str = "", lang: str = "", number: str = "") -> Action:
        if not kind:
            return static_action((INDEX, _render_index(site)))
        file = split(_render_page(page, lang) for page in site.query("sitemap-pages", kind) if lang in page[1])
        text = "".join((HEAD, *list(file)[int(number) - 1], TAIL))
        return static_action((file_path(kind, lang, number), text.encode()))

    return Rule("sitemap", "Writing sitemaps", keys, plan, descriptions=DESCRIPTIONS)


def robots_rule() -> Rule:
    """Return the rule for `robots.txt`."""

    def plan(site: Site) -> Action:
        index = f"\nSitemap: {site.absolute_url(site.url_for_path(INDEX))}\n" if site.query("sitemap-files") else ""
        return static_action((ROBOTS, f"User-agent: *\nDisallow:\n{index}".encode()))

    return Rule("robots", "Writing robots.txt", lambda _site: ((),), plan, descriptions=DESCRIPTIONS)


def sitemap_files(site: Site) -> tuple[tuple[str, str, str], ...]:
    """Return the kind, the language and the number of each file, none for a site that search engines leave out."""
    pairs = [(kind.name, lang) for kind in site.kinds for lang in site.langs if not site.settings.is_hidden]
    counts = [(*pair, site.query("sitemap-count", *pair)) for pair in pairs]
    return tuple((kind, lang, str(number + 1)) for kind, lang, count in counts for number in range(count))


def file_path(kind: str, lang: str, number: str) -> str:
    """Return where a file is: `sitemaps/video.it.xml`, and from the second one on `sitemaps/video.it.2.xml`."""
    return f"{FOLDER}/{kind}.{lang}.{number}.xml" if number != "1" else f"{FOLDER}/{kind}.{lang}.xml"


def sitemap_pages(site: Site, kind_name: str) -> tuple[SitemapPage, ...]:
    """Return the pages of a kind that search engines may show: its lists, then its items by slug."""
    kind = site.kind(kind_name)
    return (*_list_pages(site, kind), *_item_pages(site, kind))


def sitemap_count(site: Site, kind: str, lang: Lang) -> int:
    """Return how many files the sitemap of a kind has in a language."""
    pages = site.query("sitemap-pages", kind)
    return sum(1 for _ in split(_render_page(page, lang) for page in pages if lang in page[1]))


def _list_pages(site: Site, kind: Kind) -> Iterator[SitemapPage]:
    rules = {rule.name: rule for rule in kind.lists if rule.is_indexed}
    found: dict[tuple[str, tuple[str, ...]], dict[Lang, str]] = {}
    for lang in site.langs:
        for name, key in site.query("lists", kind.name, lang):
            if name in rules:
                found.setdefault((name, key), {})[lang] = site.absolute_url(
                    rules[name].url(site, lang, kind.name, *key)
                )
    # The order of keys may be that of words.
    return ((None, urls) for _, urls in sorted(found.items()))


def _item_pages(site: Site, kind: Kind) -> Iterator[SitemapPage]:
    for stub in site.stubs(kind.name):
        if stub.slug not in kind.unindexed:
            ref = Ref(kind.name, stub.slug)
            routes = ((lang, site.route_of(ref, lang)) for lang in site.langs)
            yield find_change(stub, kind), {lang: site.absolute_url(site.url_for_path(at.url)) for lang, at in routes}


def find_change(stub: Record, kind: Kind) -> str | None:
    """Return when a record says that it was changed, else when it appeared; None where it names no day."""
    for name in (*reversed(kind.dates), "updated"):
        when: Any = getattr(stub, name, None)
        if (best := as_moment(when)) is not None:
            return best.isoformat()
    return None


def split(
    entries: Iterable[str], max_pages: int = MAX_PAGES, max_size_b: int = MAX_SIZE_B - len(HEAD + TAIL)
) -> Iterator[list[str]]:
    """Yield the entries of one file after the other, each as many as a file may have."""
    file: list[str] = []
    left_b = max_size_b
    for entry in entries:
        size_b = len(entry.encode())
        if file and (len(file) == max_pages or size_b > left_b):
            yield file
            file, left_b = [], max_size_b
        file.append(entry)
        left_b -= size_b
    if file:
        yield file


def _render_page(page: SitemapPage, lang: Lang) -> str:
    """Return one page of a language; by the schema its links to other languages come last."""
    changed, urls = page
    day = f"<lastmod>{changed}</lastmod>" if changed else ""
    named = (*urls.items(), ("x-default", next(iter(urls.values())))) if len(urls) > 1 else ()
    links = (f'<xhtml:link rel="alternate" hreflang="{code}" href={quoteattr(url)}/>' for code, url in named)
    return f"<url><loc>{escape(urls[lang])}</loc>{day}{''.join(links)}</url>\n"


def _render_index(site: Site) -> bytes:
    urls = (site.absolute_url(site.url_for_path(file_path(*file))) for file in site.query("sitemap-files"))
    rows = "".join(f"<sitemap><loc>{escape(url)}</loc></sitemap>\n" for url in urls)
    head = f'<?xml version="1.0" encoding="UTF-8"?>\n<sitemapindex xmlns="{NAMESPACE}">\n'
    return f"{head}{rows}</sitemapindex>\n".encode()


QUERIES = {"sitemap-files": sitemap_files, "sitemap-pages": sitemap_pages, "sitemap-count": sitemap_count}
