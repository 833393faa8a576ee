"""What every page has: addresses, crumbs, languages, notices and feeds."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from openknowledge.model.values import Lang, Record
from openknowledge.rendering.locale import N_

from ..routes import Route
from ..site import Site, Translation
from .base import Alternate, Card, CardGroup, FeedLink, NavLink, Notice

DESCRIPTION_LENGTH = 200
TITLES_NAMED = 8
"""How many of its items a list names where it describes itself."""


def page_fields(
    site: Site,
    lang: Lang,
    route_in: Callable[[Lang], Route],
    *,
    template: str,
    heading: str,
    description: str = "",
    section: str = "",
    crumbs: Sequence[NavLink] = (),
    **more: Any,
) -> dict[str, Any]:
    """Return the fields of any page.

    `route_in` returns its route in each language; `crumbs` lie between home and the page.
    """
    route = route_in(lang)
    url = site.url_for_path(route.url)
    home = NavLink(text=site.language(lang).gettext("Home"), url=site.route_url("home", lang))
    here = NavLink(text=heading, url=url, is_current=True)
    name = site.settings.names[lang]
    return {
        "template": template,
        "url": url,
        "save_as": route.save_as,
        "canonical_url": site.absolute_url(url),
        "lang": lang,
        "chrome": site.chrome(lang, section),
        "title": f"{heading} · {name}" if heading != name else name,
        "heading": heading,
        "description": _truncate(description),
        "section": section,
        "crumbs": (home, *crumbs, here),
        "alternates": tuple(
            _alternate(site, other, route if other == lang else route_in(other)) for other in site.langs
        ),
        "feeds": feed_links(site, lang, "all"),
        **more,
    }


def record_fields(
    site: Site, record: Record, lang: Lang, *, template: str, section: str, **more: Any
) -> dict[str, Any]:
    """Return the fields of a record's page, with notices about language and samples."""
    translation = site.translation(record, lang)
    notices = more.pop("notices", ())
    fields = page_fields(
        site,
        lang,
        lambda other: site.record_route(record, other),
        template=template,
        heading=translation.words.title,
        description=more.pop("description", translation.words.abstract),
        section=section,
        **more,
    )
    seo_title = translation.words.seo_title
    return {
        **fields,
        "title": f"{seo_title} · {site.settings.names[lang]}" if seo_title else fields["title"],
        "content_lang": translation.lang_attr,
        "notices": (*_record_notices(site, record, translation, lang), *notices),
        "sources": tuple(_source_links(site, record, lang)),
        "ref": str(record.ref),
    }


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


def _alternate(site: Site, lang: Lang, route: Route) -> Alternate:
    url = site.url_for_path(route.url)
    return Alternate(
        lang=lang,
        is_default=lang == site.default_lang,
        url=url,
        absolute_url=site.absolute_url(url),
        text=site.language(lang).own_name,
    )


def feed_links(site: Site, lang: Lang, *keys: str) -> tuple[FeedLink, ...]:
    """Return the feeds of a page; keys without a feed are left out."""
    return tuple(link for key in keys if (link := site.feed_link(lang, key)) is not None)


def _source_links(site: Site, record: Record, lang: Lang) -> Iterator[NavLink | str]:
    """Yield the sources of a record, each with its date where it is known."""
    for source in record.sources:
        date = f" ({site.language(lang).partial_date(source.date).text})" if source.date is not None else ""
        text = source.title + date
        yield NavLink(text=text, url=source.url, rel="external") if source.url else text


def crumb(site: Site, lang: Lang, text: str, route: str, **parts: object) -> NavLink:
    """Return a crumb between home and a page; `text` is a message id."""
    return NavLink(text=site.language(lang).gettext(text), url=site.route_url(route, lang, **parts))


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


def drop_empty(*candidates: CardGroup | None) -> tuple[CardGroup, ...]:
    """Return the groups without the absent ones."""
    return tuple(group for group in candidates if group is not None)


def list_description(heading: str, cards: Sequence[Card]) -> str:
    """Return a description of a part of a longer list, by its first titles, so that no two pages have the same."""
    titles = "; ".join(card.title for card in cards[:TITLES_NAMED])
    return f"{heading}. {titles}" if titles else heading


def _truncate(text: str) -> str:
    """Return a description for the head of a page: one line, cut at a word."""
    line = " ".join(text.split())
    if len(line) <= DESCRIPTION_LENGTH:
        return line
    return line[:DESCRIPTION_LENGTH].rsplit(" ", 1)[0].rstrip(",;:.–-") + "…"
