"""Which lists have a feed, and the page that shows them to people."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from openknowledge.model.values import Lang, Record
from openknowledge.rendering.locale import N_

from ..summary import FeedList
from .base import FeedLink
from .frame import page_fields
from .pages import FeedGroup, FeedsPage

if TYPE_CHECKING:
    from ..site import Site

SECTIONS = (
    ("course", N_("Courses"), "courses"),
    ("press", N_("Press"), "press_releases"),
    ("video", N_("Videos"), "videos"),
)
GROUPED = (
    ("initiative", N_("Learning hub")),
    ("strand", N_("Strands")),
    ("topic", N_("Topics")),
    ("playlist", N_("Playlists")),
)


def feed_keys(site: Site, _lang: Lang) -> tuple[str, ...]:
    """The keys of all lists with a feed: the site, its sections, then each strand, topic and so on."""
    sections = [section for section, _, _ in SECTIONS]
    kinds = [kind.name for kind in site.kinds if kind.has_feed]
    records = (record.ref for kind, _ in GROUPED for record in site.stubs(kind))
    return "all", *(f"kind:{one}" for one in (*sections, *kinds)), *(f"ref:{ref}" for ref in records)


def feed_list(site: Site, lang: Lang, key: str) -> FeedList | None:
    """The list of a key in one language; None where it has no feed."""
    gettext = site.language(lang).gettext
    name, tagline = site.settings.names[lang], site.settings.taglines[lang]
    sort, _, rest = key.partition(":")
    if sort == "all":
        return _feed(site, lang, "all", "all", name, tagline, site.route_url("home", lang))
    if sort == "ref":
        record = site.stub_by_ref(rest) if rest.partition("/")[0] in dict(GROUPED) else None
        return _record_feed(site, lang, record) if record is not None else None
    for section, title, route in SECTIONS:
        if section == rest:
            return _feed(site, lang, key, section, gettext(title), tagline, site.route_url(route, lang))
    for kind in site.kinds:
        if kind.has_feed and kind.name == rest:
            url = site.route_url(kind.plural, lang)
            return _feed(site, lang, key, rest, gettext(kind.label_plural), tagline, url)
    return None


def feeds_page(site: Site, lang: Lang) -> FeedsPage:
    """All feeds of one language, for people."""
    language = site.language(lang)
    return FeedsPage(
        **page_fields(
            site,
            lang,
            lambda other: site.routes.route("subscribe", other),
            template="feeds",
            heading=language.gettext("Feeds"),
            description=language.gettext("Follow the catalogue in a feed reader: no account, no e-mail address."),
        ),
        explanation=language.gettext(
            "A feed tells your reader of everything new, without an account or an e-mail address. "
            "Copy an address into any feed reader; RSS and Atom carry the same entries. "
            "Entries whose date is not public are left out of feeds."
        ),
        groups=tuple(_groups(site, lang)),
    )


def _groups(site: Site, lang: Lang) -> Iterator[FeedGroup]:
    gettext = site.language(lang).gettext
    lists = site.feed_lists(lang)
    sections = tuple(_link(site, one) for one in lists if not one.key.startswith("ref:"))
    yield FeedGroup(title=gettext("The whole site and its sections"), feeds=sections)
    for kind, title in GROUPED:
        feeds = tuple(_link(site, one) for one in lists if one.key.startswith(f"ref:{kind}/"))
        if feeds:
            yield FeedGroup(title=gettext(title), feeds=feeds)


def _link(site: Site, one: FeedList) -> FeedLink:
    """A feed on the page of feeds, where the site's name before every title would say nothing."""
    title = one.title.removeprefix(f"{site.settings.names[one.lang]}: ")
    return FeedLink(title=title, rss_url=site.url_for_path(one.rss_path), atom_url=site.url_for_path(one.atom_path))


def _record_feed(site: Site, lang: Lang, record: Record) -> FeedList:
    title = site.title(record, lang)
    description = site.query("abstract", record.ref.kind, record.slug, lang) or site.settings.taglines[lang]
    return _feed(site, lang, f"ref:{record.ref}", str(record.ref), title, description, site.url(record, lang))


def _feed(site: Site, lang: Lang, key: str, path: str, title: str, description: str, url: str) -> FeedList:
    name = site.settings.names[lang]
    rss_path, atom_path = feed_paths(site, lang, path)
    return FeedList(
        key=key,
        title=title if title == name else f"{name}: {title}",
        description=description,
        lang=lang,
        page_url=site.absolute_url(url),
        rss_path=rss_path,
        atom_path=atom_path,
        rss_url=site.absolute_url(site.url_for_path(rss_path)),
        atom_url=site.absolute_url(site.url_for_path(atom_path)),
        kinds=tuple(kind.name for kind in site.kinds if kind.in_site_feed) if key == "all" else (),
        sample_label=site.language(lang).gettext("sample entry"),
    )


def feed_paths(site: Site, lang: Lang, path: str) -> tuple[str, str]:
    """The files of a feed, RSS and Atom; `path` is its key without `kind:` or `ref:`."""
    base = site.routes.route("subscribe", lang).url + path
    return f"{base}.rss.xml", f"{base}.atom.xml"
