"""Which lists have a feed, and the page that shows them to people."""

from collections.abc import Iterator
from dataclasses import replace

from openknowledge.model.values import Lang

from ..kind import kinds_by_rank
from ..site import Site
from ..summary import FeedList
from .base import FeedLink
from .frame import page_fields
from .pages import FeedAddresses, FeedGroup, FeedsPage

__all__ = ["feed_keys", "feed_link", "feed_list", "feed_paths", "feeds_page"]


def feed_keys(site: Site, _lang: Lang) -> tuple[str, ...]:
    """Return the keys of all lists with a feed: the site, its kinds, then each strand, topic and so on."""
    kinds = (f"kind:{kind.name}" for kind in kinds_by_rank(site.kinds, "feed_rank"))
    items = (
        f"ref:{kind.name}/{slug}"
        for kind in kinds_by_rank(site.kinds, "item_feed_rank")
        for slug in site.slugs(kind.name)
    )
    return "all", *kinds, *items


def feed_list(site: Site, lang: Lang, key: str) -> FeedList | None:
    """Return the list of a key in one language; None where it has no feed."""
    category, _, name = key.partition(":")
    if category == "all":
        return _feed(site, lang, key, site.settings.names[lang], site.route_url("home", lang))
    if category == "kind":
        kind = next((kind for kind in site.kinds if kind.name == name and kind.feed_rank is not None), None)
        title = site.language(lang).gettext(kind.list_title) if kind else ""
        return _feed(site, lang, key, title, site.route_url(kind.plural, lang)) if kind else None
    has_feed = name.partition("/")[0] in {kind.name for kind in kinds_by_rank(site.kinds, "item_feed_rank")}
    record = site.stub_by_ref(name) if has_feed else None
    if record is None:
        return None
    description = site.query("abstract", record.kind, record.slug, lang)
    translation = site.translation(record, lang)
    feed = _feed(site, lang, key, translation.words.title, site.url(record, lang), description)
    return replace(feed, title_lang=translation.lang_attr)


def feed_link(site: Site, lang: Lang, key: str) -> FeedLink | None:
    """Return the link to the feed of a list, if it has one."""
    feed = site.feed_list(lang, key)
    return _link(site, feed, feed.title) if feed is not None else None


def _link(site: Site, feed: FeedList, title: str) -> FeedLink:
    return FeedLink(title=title, rss_url=site.url_for_path(feed.rss_path), atom_url=site.url_for_path(feed.atom_path))


def feed_paths(site: Site, lang: Lang, key: str) -> tuple[str, str]:
    """Return the files of a list's feeds, RSS and Atom, below output/."""
    base = site.routes.route("subscribe", lang).url + (key.partition(":")[2] or key)
    return f"{base}.rss.xml", f"{base}.atom.xml"


def feeds_page(site: Site, lang: Lang) -> FeedsPage:
    """Return all feeds of one language, for people."""
    gettext = site.language(lang).gettext
    return FeedsPage(
        **page_fields(
            site,
            lang,
            "subscribe",
            template="feeds",
            heading=gettext("Feeds"),
            description=gettext("Follow the catalogue in a feed reader: no account, no e-mail address."),
        ),
        explanation=gettext(
            "A feed brings everything new to your feed reader, with no account and no e-mail address. "
            "Copy one of the two addresses into the reader: RSS and Atom have the same entries. "
            "What has no public date is left out of feeds."
        ),
        groups=tuple(_feed_groups(site, lang)),
    )


def _feed_groups(site: Site, lang: Lang) -> Iterator[FeedGroup]:
    gettext = site.language(lang).gettext
    feeds = [feed for key in site.query("feed-keys", lang) if (feed := site.feed_list(lang, key)) is not None]
    sections = tuple(_short_link(site, feed) for feed in feeds if not feed.key.startswith("ref:"))
    yield FeedGroup(title=gettext("The whole site and its sections"), feeds=sections)
    for kind in kinds_by_rank(site.kinds, "item_feed_rank"):
        links = tuple(_short_link(site, feed) for feed in feeds if feed.key.startswith(f"ref:{kind.name}/"))
        if links:
            yield FeedGroup(title=gettext(kind.list_title), feeds=links)


def _short_link(site: Site, feed: FeedList) -> FeedAddresses:
    """Return a feed for the page of feeds, without the site's name before its title."""
    return FeedAddresses(
        title=feed.title.removeprefix(f"{site.settings.names[feed.lang]}: "),
        lang=feed.title_lang,
        rss_url=site.url_for_path(feed.rss_path),
        atom_url=site.url_for_path(feed.atom_path),
        rss_address=feed.rss_url,
        atom_address=feed.atom_url,
    )


def _feed(site: Site, lang: Lang, key: str, title: str, url: str, description: str = "") -> FeedList:
    name = site.settings.names[lang]
    rss_path, atom_path = feed_paths(site, lang, key)
    return FeedList(
        key=key,
        title=title if title == name else f"{name}: {title}",
        description=description or site.settings.taglines[lang],
        lang=lang,
        page_url=site.absolute_url(url),
        rss_path=rss_path,
        atom_path=atom_path,
        rss_url=site.absolute_url(site.url_for_path(rss_path)),
        atom_url=site.absolute_url(site.url_for_path(atom_path)),
        kinds=tuple(kind.name for kind in site.kinds if kind.in_site_feed) if key == "all" else (),
        sample_label=site.language(lang).gettext("sample entry"),
    )
