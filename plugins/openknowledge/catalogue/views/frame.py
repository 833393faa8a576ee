"""What every page has: masthead and colophon, addresses, crumbs, notices, feeds; and what records and lists share."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import fields, replace
from functools import partial
from typing import Any, TypeVar

from openknowledge.model.texts import PlainPage
from openknowledge.model.values import Lang, Record
from openknowledge.rendering.locale import N_

from ..kind import kinds_by_rank
from ..routes import Route
from ..site import Site, Translation
from .base import Alternate, Assets, Card, Chrome, FooterGroup, Imprint, NavLink, Notice, PageView, Picture, Segment
from .body import plain_text, record_body, words_of
from .pages import ListPage
from .paging import FIRST, ListPart, digest_slugs, make_pager
from .parts import credit_lines, figure_numbers, list_description, list_link, material_rows, record_link, record_links

DESCRIPTION_LENGTH = 200

MARKS_OF_PARTS = ("<math", '"code-block', '"admonition', '"diagram', '"scroll')
"""What the markup of a text has where it needs the styles of `texts.css`."""

P = TypeVar("P", bound=PageView)
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
        "stylesheet_url": site.stylesheet_of_template(template),
        "section": section,
        "crumbs": (*_crumbs(site, lang, crumbs), NavLink(text=heading, url=url, is_current=True)),
        "alternates": tuple(_alternate(site, code, route) for code, route in routes.items()),
        "feeds": tuple(link for key in feeds if (link := site.feed_link(lang, key)) is not None),
        **more,
        "texts_url": _texts_stylesheet(site, more),
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
        **{"description": plain_text(site, words.abstract, lang), "headline": words.heading or None, **more},
    )
    values |= {name: make(record, site, lang) for name, make in shared.items() if name not in more}
    values["texts_url"] = _texts_stylesheet(site, values)
    if words.seo_title:
        values["title"] = f"{words.seo_title} · {site.settings.names[lang]}"
    return page_type(
        **values,
        content_lang=translation.lang_attr,
        notices=(*_record_notices(site, record, translation, lang), *notices),
        sources=tuple(_source_links(site, record, lang)),
        ref=str(record.ref),
    )


def _texts_stylesheet(site: Site, values: Mapping[str, Any]) -> str | None:
    """Return the stylesheet of what only some texts have, where one of a page's texts has it."""
    texts = (value for value in values.values() if type(value) is tuple and value and type(value[0]) is Segment)
    has_parts = any(mark in segment.html for text in texts for segment in text for mark in MARKS_OF_PARTS)
    return site.asset("texts.css") if has_parts else None


def _crumbs(site: Site, lang: Lang, between: Sequence[NavLink | str]) -> Iterator[NavLink]:
    """Yield the crumbs before a page's own."""
    yield NavLink(text=site.language(lang).gettext("Home"), url=site.route_url("home", lang))
    yield from (list_link(site, lang, crumb) if isinstance(crumb, str) else crumb for crumb in between)


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
    manifest = site.settings.web_manifest
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
            print_url=site.asset("print.css"),
            script_url=site.asset("main.js"),
            scheme_url=site.asset("scheme.js"),
            icon_url=site.asset("icons/icon.svg"),
            manifest_url=site.url_for_path(manifest.format(lang=lang)) if manifest else None,
            touch_icon_url=site.url_for_path("apple-touch-icon.png") if manifest else None,
        ),
        search_url=site.route_url("search", lang) if site.settings.search_is_on else None,
        robots="noindex, nofollow" if site.settings.is_hidden else None,
        locales=tuple(filter(None, (site.language(code).territorial for code in dict.fromkeys((lang, *site.langs))))),
        imprint=_imprint(site, lang),
    )


def _imprint(site: Site, lang: Lang) -> Imprint | None:
    """Return who publishes the site, as its colophon says it."""
    one, language = site.settings.organization, site.language(lang)
    if one is None:
        return None
    town = " ".join(part for part in (one.postal_code, one.locality) if part)
    country = language.locale.territories.get(one.country, one.country) if one.country else None
    logo = None
    if one.logo:
        logo = Picture(url=site.asset(one.logo), alt="", width_px=one.logo_width_px, height_px=one.logo_height_px)
    return Imprint(
        name=one.name,
        url=one.url,
        legal_name=one.legal_name if one.legal_name != one.name else None,
        address=", ".join(part for part in (one.street, town, one.region, country) if part),
        ror=NavLink(text=f"ROR {one.ror}", url=f"https://ror.org/{one.ror}", rel="external") if one.ror else None,
        logo=logo,
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
    about = tuple(record_link(site, page, lang) for page in pages)
    return (
        FooterGroup(title=gettext("Explore"), links=explore),
        FooterGroup(title=gettext("Follow"), links=follow),
        FooterGroup(title=gettext("This site"), links=about),
    )


def fallback_links(site: Site, lang: Lang) -> tuple[NavLink, ...]:
    """Return links to the large lists of the site, for a page whose address has nothing else."""
    return tuple(list_link(site, lang, kind) for kind in ("course", "video", "press", "topic"))


def list_page(site: Site, lang: Lang, route_in: RouteIn, cards: Sequence[Card] = (), **fields: Any) -> ListPage:
    """Return a page of cards, with a notice where some are samples; `fields` are those of `ListPage`."""
    own = {"cards": () if fields.get("groups") else tuple(cards), "notices": list_notices(site, cards, lang), **fields}
    return ListPage(**page_fields(site, lang, route_in, template="list", **own))


def list_part_page(
    site: Site,
    lang: Lang,
    part: ListPart,
    page_route: Callable[[Lang, str], Route],
    cards: Sequence[Card],
    *,
    heading: str,
    description: str,
    counted: tuple[str, str],
    crumbs: Sequence[NavLink | str] = (),
    **fields: Any,
) -> ListPage:
    """Return a page of a long list: `page_route` gives the route of a page by its name.

    Heading, description and crumbs are those of the first page, and `counted` is how the items are counted.
    """
    language = site.language(lang)

    def url_of(page: str) -> str:
        return site.url_for_path(page_route(lang, page).url)

    if not part.is_first:
        crumbs = (*crumbs, NavLink(text=heading, url=url_of(FIRST)))
        number = {"heading": heading, "number": language.number(part.number)}
        heading = language.gettext("%(heading)s, page %(number)s", **number)
        description = list_description(heading, cards)
    return list_page(
        site,
        lang,
        lambda other: page_route(other, part.name),
        cards,
        heading=heading,
        description=description,
        crumbs=crumbs,
        total=language.plural(*counted, part.total) if part.is_first else "",
        digest=digest_slugs(part.slugs),
        pager=make_pager(part, language, url_of),
        **fields,
    )


SHARED_FIELDS: Mapping[str, Callable[[Any, Site, Lang], Any]] = {
    "abstract": lambda record, site, lang: words_of(site, record, lang)(site.translation(record, lang).words.abstract),
    "body": lambda record, site, lang: record_body(site, record, lang),
    "notes": lambda record, site, lang: record_body(site, record, lang),
    "picture": lambda record, site, lang: site.picture(record, lang),
    "figures": lambda record, site, lang: figure_numbers(site, record.figures, lang),
    "credits": lambda record, site, lang: credit_lines(site, record.credits, lang),
    "materials": lambda record, site, lang: material_rows(site, record.materials, lang),
    "topics": lambda record, site, lang: record_links(site, "topic", record.topics, lang),
}
"""What the fields that the pages of several kinds have show of a record."""
