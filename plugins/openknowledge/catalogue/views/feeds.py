"""Which lists have a feed, and the page that shows them to people."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from openknowledge.model.values import Lang

from ..kind import kinds_by_rank
from ..routes import Route
from ..site import Site
from ..summary import FeedList
from .base import FeedLink, NavLink
from .frame import page_fields
from .pages import FeedAddresses, FeedGroup, FeedsPage
from .paging import ListPart, make_pager, page_of
from .parts import sort_stubs

__all__ = [
    *("feed_keys", "feed_link", "feed_list", "feed_paths"),
    *("feeds_keys", "feeds_members", "feeds_page", "feeds_route"),
]


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


def feeds_page(site: Site, lang: Lang, kind: str = "", *, part: ListPart) -> FeedsPage:
    """Return the feeds of one language, for people: all of them, or a page of those of one kind."""
    language = site.language(lang)
    gettext, heading = language.gettext, language.gettext("Feeds")
    crumbs: tuple[NavLink, ...] = ()
    if kind:
        crumbs = (NavLink(text=heading, url=site.route_url("subscribe", lang)),)
        heading = gettext("Feeds: %(list)s", list=gettext(site.kind(kind).list_title))
    if not part.is_first:
        heading = gettext("%(heading)s, page %(number)s", heading=heading, number=language.number(part.number))
    description = gettext("Follow the catalogue in a feed reader: no account, no e-mail address.")
    return FeedsPage(
        **page_fields(
            site,
            lang,
            lambda other: page_of(site, other, feeds_route(site, other, kind), part.name),
            template="feeds",
            heading=heading,
            description=f"{heading}. {description}" if kind else description,
            crumbs=crumbs,
        ),
        explanation=gettext(
            "A feed brings everything new to your feed reader, with no account and no e-mail address. "
            "Copy one of the two addresses into the reader: RSS and Atom have the same entries. "
            "What has no public date is left out of feeds."
        ),
        groups=(_item_feeds(site, lang, kind, part.slugs),) if kind else tuple(_feed_groups(site, lang)),
        pager=make_pager(
            part, language, lambda page: site.url_for_path(page_of(site, lang, feeds_route(site, lang, kind), page).url)
        ),
    )


def feeds_keys(site: Site, _lang: Lang) -> Iterator[tuple[str, ...]]:
    """Yield the page of all feeds, and each kind of which more items have one than that page shows."""
    yield ()
    kinds = kinds_by_rank(site.kinds, "item_feed_rank")
    yield from ((kind.name,) for kind in kinds if len(site.slugs(kind.name)) >= 2 * site.settings.page_size)


def feeds_route(site: Site, lang: Lang, kind: str = "") -> Route:
    """Return the route of such a page: `/feed/temi/`."""
    own = site.routes.route("subscribe", lang)
    return site.routes.below(own, lang, site.kind(kind).plural) if kind else own


def feeds_members(site: Site, lang: Lang, kind: str = "") -> list[str]:
    """Return the slugs of the items of a kind in their order, each of which has a feed."""
    return [stub.slug for stub in sort_stubs(site, lang, kind)] if kind else []


def _feed_groups(site: Site, lang: Lang) -> Iterator[FeedGroup]:
    """Yield the feeds of the site and its sections, then those of items; of many the first, with a link to all."""
    language, size = site.language(lang), site.settings.page_size
    keys = [key for key in site.query("feed-keys", lang) if not key.startswith("ref:")]
    sections = tuple(_short_link(site, feed) for key in keys if (feed := site.feed_list(lang, key)) is not None)
    yield FeedGroup(title=language.gettext("The whole site and its sections"), feeds=sections)
    for kind in kinds_by_rank(site.kinds, "item_feed_rank"):
        slugs = feeds_members(site, lang, kind.name)
        if len(slugs) < 2 * size:
            yield from (group for group in (_item_feeds(site, lang, kind.name, slugs),) if group.feeds)
            continue
        url = site.url_for_path(feeds_route(site, lang, kind.name).url)
        more = NavLink(text=language.gettext("See all"), url=url, count=language.number(len(slugs)))
        yield replace(_item_feeds(site, lang, kind.name, slugs[:size]), more=more)


def _item_feeds(site: Site, lang: Lang, kind: str, slugs: Sequence[str]) -> FeedGroup:
    """Return the feeds of items of a kind."""
    feeds = (site.feed_list(lang, f"ref:{kind}/{slug}") for slug in slugs)
    title = site.language(lang).gettext(site.kind(kind).list_title)
    return FeedGroup(title=title, feeds=tuple(_short_link(site, feed) for feed in feeds if feed is not None))


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
