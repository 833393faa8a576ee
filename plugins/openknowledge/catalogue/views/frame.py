"""What every page has: masthead and colophon, addresses, crumbs, notices, feeds; and what records and lists share."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import fields, replace
from functools import partial
from typing import Any, TypeVar

from openknowledge.model.people import Credit, Person
from openknowledge.model.texts import PlainPage
from openknowledge.model.values import Lang, License, Record
from openknowledge.rendering.locale import N_, Language

from ..kind import kinds_by_rank
from ..routes import Route
from ..site import Site, Translation
from .base import Alternate, Assets, Card, CardGroup, Chrome, DetailRow, FooterGroup, NavLink, Notice, Number, PageView
from .body import record_body
from .labels import LICENSE_URLS, LICENSES, ROLES
from .pages import CreditLine, ListPage

__all__ = [
    *("card_group", "chrome", "credit_lines", "detail", "drop_empty", "fallback_links", "figure_numbers", "kicker"),
    *("language_names", "licence_links", "list_description", "list_link", "list_notices", "list_page", "newest"),
    *("page_fields", "published_day", "record_card", "record_link", "record_links", "record_page", "words_in"),
]

DESCRIPTION_LENGTH = 200
TITLES_NAMED = 8
"""How many of its items a list names where it describes itself."""

P = TypeVar("P", bound=PageView)
T = TypeVar("T")
RouteIn = Callable[[Lang], Route] | str
"""The function that gives a page's route in each language, or the route's name."""


def page_fields(
    site: Site,
    lang: Lang,
    route_in: RouteIn,
    *,
    template: str,
    heading: str,
    description: str = "",
    section: str = "",
    crumbs: Sequence[NavLink | str] = (),
    feeds: Sequence[str] = ("all",),
    **more: Any,
) -> dict[str, Any]:
    """Return the fields of any page.

    `crumbs` lie between home and the page; a kind's name stands for its list. `feeds` are the keys of lists; those
    without a feed are left out.
    """
    find = partial(site.routes.route, route_in) if isinstance(route_in, str) else route_in
    routes = {code: find(code) for code in site.langs}
    url = site.url_for_path(routes[lang].url)
    home = NavLink(text=site.language(lang).gettext("Home"), url=site.route_url("home", lang))
    between = (list_link(site, lang, crumb) if isinstance(crumb, str) else crumb for crumb in crumbs)
    name = site.settings.names[lang]
    return {
        "template": template,
        "url": url,
        "save_as": routes[lang].save_as,
        "canonical_url": site.absolute_url(url),
        "lang": lang,
        "chrome": site.chrome(lang, section),
        "title": f"{heading} · {name}" if heading != name else name,
        "heading": heading,
        "description": _truncate(description),
        "section": section,
        "crumbs": (home, *between, NavLink(text=heading, url=url, is_current=True)),
        "alternates": tuple(_alternate(site, code, route) for code, route in routes.items()),
        "feeds": tuple(link for key in feeds if (link := site.feed_link(lang, key)) is not None),
        **more,
    }


def record_page(
    page_type: type[P],
    record: Record,
    site: Site,
    lang: Lang,
    *,
    template: str = "",
    section: str | None = None,
    notices: Sequence[Notice] = (),
    **more: Any,
) -> P:
    """Return a record's page, with notices about language and samples.

    `more` are fields of the page; those of `SHARED_FIELDS` that the type has need not be named. Template and section
    are those of the record's kind unless they are named.
    """
    translation = site.translation(record, lang)
    words = translation.words
    shared = {field.name: SHARED_FIELDS[field.name] for field in fields(page_type) if field.name in SHARED_FIELDS}
    values = page_fields(
        site,
        lang,
        partial(site.record_route, record),
        template=template or record.kind,
        heading=words.title,
        section=record.kind if section is None else section,
        **{"description": words.abstract, **more},
    )
    values |= {name: make(record, site, lang) for name, make in shared.items() if name not in more}
    if words.seo_title:
        values["title"] = f"{words.seo_title} · {site.settings.names[lang]}"
    return page_type(
        **values,
        content_lang=translation.lang_attr,
        notices=(*_record_notices(site, record, translation, lang), *notices),
        sources=tuple(_source_links(site, record, lang)),
        ref=str(record.ref),
    )


def _alternate(site: Site, lang: Lang, route: Route) -> Alternate:
    url, text = site.url_for_path(route.url), site.language(lang).own_name
    absolute_url, is_default = site.absolute_url(url), lang == site.default_lang
    return Alternate(lang=lang, url=url, absolute_url=absolute_url, text=text, is_default=is_default)


def _truncate(text: str) -> str:
    """Return a description for the head of a page: one line, cut at a word."""
    line = " ".join(text.split())
    if len(line) <= DESCRIPTION_LENGTH:
        return line
    return line[:DESCRIPTION_LENGTH].rsplit(" ", 1)[0].rstrip(",;:.–-") + "…"


def _record_notices(site: Site, record: Record, translation: Translation, lang: Lang) -> Iterator[Notice]:
    """Yield what the reader must know before reading: another language, a sample."""
    language = site.language(lang)
    if translation.lang_attr is not None and site.kind(record.kind).warns_of_language:
        name = language.language_name(translation.lang)
        text = language.gettext("This text has not been translated yet: it is shown in %(language)s.", language=name)
        yield Notice(text=text, tone="language")
    if record.sample:
        text = N_("This is a sample entry: it shows how the catalogue works and stands for no real content.")
        yield Notice(text=language.gettext(text), tone="sample")


def list_notices(site: Site, cards: Sequence[Card], lang: Lang) -> tuple[Notice, ...]:
    """Return the notice about samples, where a list has any."""
    if not any(card.is_sample for card in cards):
        return ()
    text = N_("This list has sample entries: they show how the catalogue works and stand for no real content.")
    return (Notice(text=site.language(lang).gettext(text), tone="sample"),)


def _source_links(site: Site, record: Record, lang: Lang) -> Iterator[NavLink | str]:
    """Yield the sources of a record, each with its date where it is known."""
    for source in record.sources:
        date = f" ({site.language(lang).partial_date(source.date).text})" if source.date is not None else ""
        text = source.title + date
        yield NavLink(text=text, url=source.url, rel="external") if source.url else text


# Masthead and colophon


def chrome(site: Site, lang: Lang, section: str) -> Chrome:
    """Return what all pages of a language share; the entry of `section` is the current one."""
    return Chrome(
        lang=lang,
        site_name=site.settings.names[lang],
        tagline=site.settings.taglines[lang],
        home_url=site.route_url("home", lang),
        nav=tuple(_nav(site, lang, section)),
        footer=_footer(site, lang),
        license_text=site.language(lang).gettext("Creative Commons Attribution 4.0"),
        license_url=site.settings.license_url,
        assets=Assets(
            stylesheet_url=site.asset("site.css"),
            script_url=site.asset("main.js"),
            scheme_url=site.asset("scheme.js"),
            icon_url=site.asset("icons/icon.svg"),
        ),
        search_url=site.route_url("search", lang) if site.settings.search_is_on else None,
        robots="noindex, nofollow" if site.settings.is_hidden else None,
    )


def _nav(site: Site, lang: Lang, section: str) -> Iterator[NavLink]:
    """Yield the sections of the site in the order of their kinds' ranks."""
    for kind in kinds_by_rank(site.kinds, "nav_rank"):
        link = list_link(site, lang, kind.name) if kind.nav_link is None else kind.nav_link(site, lang)
        if link is not None:
            yield replace(link, is_current=kind.name == section)


def _footer(site: Site, lang: Lang) -> tuple[FooterGroup, ...]:
    gettext = site.language(lang).gettext
    kinds = kinds_by_rank(site.kinds, "footer_rank")
    explore = tuple(list_link(site, lang, kind.name) for kind in kinds if site.slugs(kind.name))
    follow = (
        NavLink(text=gettext("Feeds"), url=site.route_url("subscribe", lang)),
        NavLink(text=gettext("Numbers and their sources"), url=site.route_url("numbers", lang)),
    )
    pages = [page for page in site.stubs_of(PlainPage) if page.in_footer and not page.save_as]
    pages.sort(key=lambda page: (page.order, page.slug))
    about = tuple(NavLink(text=site.title(page, lang), url=site.url(page, lang)) for page in pages)
    return (
        FooterGroup(title=gettext("Explore"), links=explore),
        FooterGroup(title=gettext("Follow"), links=follow),
        FooterGroup(title=gettext("This site"), links=about),
    )


def list_link(site: Site, lang: Lang, kind: str) -> NavLink:
    """Return a link to the list of a kind."""
    text = site.language(lang).gettext(site.kind(kind).list_title)
    return NavLink(text=text, url=site.route_url(site.kind(kind).plural, lang))


def fallback_links(site: Site, lang: Lang) -> tuple[NavLink, ...]:
    """Return links to the large lists of the site, for a page whose address has nothing else."""
    return tuple(list_link(site, lang, kind) for kind in ("course", "video", "press", "topic"))


# Parts of pages


def record_link(site: Site, record: Record, lang: Lang) -> NavLink:
    """Return a link to a record by its title."""
    translation = site.translation(record, lang)
    return NavLink(text=translation.words.title, url=site.url(record, lang), lang=translation.lang_attr)


def record_links(site: Site, kind: str, slugs: Sequence[str], lang: Lang) -> tuple[NavLink, ...]:
    """Return links to records of a kind, in the order of `slugs`."""
    stubs = (site.stub(kind, slug) for slug in slugs)
    return tuple(record_link(site, stub, lang) for stub in stubs if stub is not None)


def card_group(
    site: Site, records: Sequence[Record], lang: Lang, title: str, limit: int | None = None
) -> CardGroup | None:
    """Return a titled list of the first records, or None where there are none. `title` is a message id."""
    if not records:
        return None
    return CardGroup(title=site.language(lang).gettext(title), cards=site.cards(records[:limit], lang))


def detail(label: str, values: Iterable[NavLink | str | None], note: str | None = None) -> DetailRow | None:
    """Return a row of details; None where all values are absent or empty."""
    known = tuple(value for value in values if value)
    return DetailRow(label=label, values=known, note=note) if known else None


def drop_empty(*candidates: T | None) -> tuple[T, ...]:
    """Return the groups or rows without the absent ones."""
    return tuple(candidate for candidate in candidates if candidate is not None)


def words_in(words: Mapping[Lang, str], lang: Lang) -> str:
    """Return the words in a language, else in the first language that they have."""
    return words.get(lang) or next(iter(words.values()), "")


def language_names(language: Language, codes: Iterable[Lang]) -> str:
    """Return the names of languages as a list in a sentence; empty where there are none."""
    return language.join_list([language.language_name(code) for code in codes])


def licence_links(language: Language, licence: License | None) -> tuple[NavLink, ...]:
    """Return the link to a licence, if there is one."""
    return (NavLink(text=language.gettext(LICENSES[licence]), url=LICENSE_URLS[licence]),) if licence else ()


def credit_lines(site: Site, entries: Sequence[Credit], lang: Lang) -> tuple[CreditLine, ...]:
    """Return one line a person, in the order of the credits."""
    gettext = site.language(lang).gettext
    people = ((credit, site.stub("person", credit.person)) for credit in entries)
    return tuple(
        CreditLine(
            name=site.title(person, lang),
            role=gettext(ROLES[credit.role]),
            url=site.url(person, lang),
            note=person.affiliation,
        )
        for credit, person in people
        if isinstance(person, Person)
    )


def figure_numbers(site: Site, names: Sequence[str], lang: Lang) -> tuple[Number, ...]:
    """Return figures by name, in order."""
    return tuple(number for name in names if (number := site.number(f"figure:{name}", lang)))


# Lists


def record_card(record: Record, site: Site, lang: Lang, *, parent: Record | None = None, **fields: Any) -> Card:
    """Return a record as an item of a list. `parent` is what it belongs to, named above its title.

    `fields` are those of `Card` beyond what every record has, or in their place.
    """
    translation = site.translation(record, lang)
    common: dict[str, Any] = {
        "ref": str(record.ref),
        "kind": record.kind,
        "url": site.url(record, lang),
        "title": translation.words.title,
        "abstract": translation.words.abstract,
        "lang": translation.lang_attr,
        "is_sample": record.sample,
    }
    if "kicker" not in fields:
        common["kicker"] = kicker(record, site, lang, parent)
    if "picture" not in fields and (record.image or site.kind(record.kind).has_cover):
        common["picture"] = site.picture(record, lang)
    return Card(**{**common, **fields})


def kicker(record: Record, site: Site, lang: Lang, parent: Record | None = None) -> str:
    """Return the line above a title: the kind and what the item belongs to, `Course · Physics`."""
    text = site.language(lang).gettext(site.kind(record.kind).label)
    return f"{text} · {site.title(parent, lang)}" if parent is not None else text


def list_page(site: Site, lang: Lang, route_in: RouteIn, cards: Sequence[Card] = (), **fields: Any) -> ListPage:
    """Return a page of cards, with a notice where some are samples; `fields` are those of `ListPage`."""
    own = {"cards": tuple(cards), "notices": list_notices(site, cards, lang), **fields}
    return ListPage(**page_fields(site, lang, route_in, template="list", **own))


def list_description(heading: str, cards: Sequence[Card]) -> str:
    """Return a description of a part of a longer list, by its first titles, so that no two pages have the same."""
    titles = "; ".join(card.title for card in cards[:TITLES_NAMED])
    return f"{heading}. {titles}" if titles else heading


def newest(site: Site, kind: str) -> list[Record]:
    """Return the stubs of a kind, newest first; samples after real ones, those without a date last."""
    stubs = sorted(site.stubs(kind), key=published_day, reverse=True)
    return sorted(stubs, key=lambda stub: stub.sample)


def published_day(record: Record) -> str:
    """Return the day or month of publication (ISO 8601); empty where there is none."""
    return str(getattr(record, "published", None) or "")[:10]


SHARED_FIELDS: Mapping[str, Callable[[Any, Site, Lang], Any]] = {
    "abstract": lambda record, site, lang: site.translation(record, lang).words.abstract,
    "body": lambda record, site, lang: record_body(site, record, lang),
    "notes": lambda record, site, lang: record_body(site, record, lang),
    "picture": lambda record, site, lang: site.picture(record, lang),
    "figures": lambda record, site, lang: figure_numbers(site, record.figures, lang),
    "credits": lambda record, site, lang: credit_lines(site, record.credits, lang),
    "topics": lambda record, site, lang: record_links(site, "topic", record.topics, lang),
}
"""What the fields that the pages of several kinds have show of a record."""
