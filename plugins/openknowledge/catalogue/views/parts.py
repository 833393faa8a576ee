"""Parts of pages: links, cards, details, credits and filters."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from html import escape
from typing import Any, TypeVar

from openknowledge.language_tags import language_attributes
from openknowledge.model.materials import Material
from openknowledge.model.people import Credit, Person, find_surname
from openknowledge.model.values import Html, Lang, License, Record
from openknowledge.rendering.locale import Language

from ..routes import media_path
from ..site import Site
from .base import Card, CardGroup, DetailRow, FacetGroup, InlineBody, NavLink, Number
from .body import file_note, plain_text
from .labels import ANY_VALUE, ANYTHING, LICENSE_URLS, LICENSES, MATERIALS, ROLES
from .pages import CreditLine, MaterialRow

TITLES_NAMED = 8
"""How many of its items a list names where it describes itself."""

T = TypeVar("T")


def record_link(site: Site, record: Record, lang: Lang) -> NavLink:
    """Return a link to a record by its title."""
    translation = site.translation(record, lang)
    return NavLink(text=translation.words.title, url=site.url(record, lang), lang=translation.lang_attr)


def named(site: Site, record: Record, lang: Lang) -> str:
    """Return a record's title; as markup with its language where that is another one than the page's."""
    translation = site.translation(record, lang)
    title, own = translation.words.title, translation.lang_attr
    return title if own is None else Html(f"<span{language_attributes(own)}>{escape(title)}</span>")


def join_named(*parts: str) -> str:
    """Return parts of a line with points between them; markup where one of them is."""
    if any(isinstance(part, Html) for part in parts):
        return Html(" · ".join(part if isinstance(part, Html) else escape(part) for part in parts))
    return " · ".join(parts)


def record_links(site: Site, kind: str, slugs: Sequence[str], lang: Lang) -> tuple[NavLink, ...]:
    """Return links to records of a kind, in the order of `slugs`."""
    stubs = (site.stub(kind, slug) for slug in slugs)
    return tuple(record_link(site, stub, lang) for stub in stubs if stub is not None)


def list_link(site: Site, lang: Lang, kind: str) -> NavLink:
    """Return a link to the list of a kind."""
    one = site.kind(kind)
    return NavLink(text=site.language(lang).gettext(one.list_title), url=site.route_url(one.plural, lang))


def card_group(
    site: Site,
    records: Sequence[Record],
    lang: Lang,
    title: str,
    limit: int | None = None,
    *,
    has_kickers: bool = True,
) -> CardGroup | None:
    """Return a titled list of the first records, or None where there are none. `title` is a message id."""
    if not records:
        return None
    cards = site.cards(records[:limit], lang)
    return CardGroup(title=site.language(lang).gettext(title), cards=cards if has_kickers else without_kickers(cards))


def without_kickers(cards: Sequence[Card]) -> tuple[Card, ...]:
    """Return cards for a list under a title that says what each of their kickers would say again."""
    return tuple(replace(card, kicker="") for card in cards)


def detail(label: str, values: Iterable[NavLink | InlineBody | None], note: str | None = None) -> DetailRow | None:
    """Return a row of details; None where all values are absent or empty."""
    known = tuple(value for value in values if value)
    return DetailRow(label=label, values=known, note=note) if known else None


def linked(site: Site, lang: Lang, label: str, kind: str, slugs: Sequence[str]) -> DetailRow | None:
    """Return a row of links to records of a kind; None where a record names none that is shown."""
    return detail(label, record_links(site, kind, slugs, lang))


def drop_empty(*candidates: T | None) -> tuple[T, ...]:
    """Return the groups or rows without the absent ones."""
    return tuple(candidate for candidate in candidates if candidate is not None)


def words_in(words: Mapping[Lang, str], lang: Lang) -> str:
    """Return the words in a language, else in the first language that they have."""
    return words.get(lang) or next(iter(words.values()), "")


def language_names(language: Language, codes: Iterable[Lang | None]) -> str:
    """Return the names of languages where nothing stands before them, `Italiano e inglese`; empty without any."""
    names = language.join_list([language.language_name(code) for code in codes])
    return names[:1].upper() + names[1:]


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


def material_rows(site: Site, materials: Sequence[Material], lang: Lang) -> tuple[MaterialRow, ...]:
    """Return one row a material, in their order."""
    language = site.language(lang)
    return tuple(
        MaterialRow(
            title=material.title,
            url=site.url_for_path(media_path(material.path)) if material.path else material.url or "",
            note=file_note(material.path, site.published_size_b(material.path, material.size_b), language)
            if material.path
            else "",
            details=" · ".join(_material_details(material, language, lang)),
            license=next(iter(licence_links(language, material.license)), None),
            lang=material.lang if material.lang not in (None, lang) else None,
            is_external=not material.path,
        )
        for material in materials
    )


def _material_details(material: Material, language: Language, lang: Lang) -> Iterator[str]:
    if material.kind is not None:
        yield language.gettext(MATERIALS[material.kind])
    if material.lang not in (None, lang):
        yield language.language_name(material.lang)


def figure_numbers(site: Site, names: Sequence[str], lang: Lang) -> tuple[Number, ...]:
    """Return figures by name, in order."""
    return tuple(number for name in names if (number := site.number(f"figure:{name}", lang)))


def facet_group(
    language: Language, name: str, label: str, url: str, options: Sequence[NavLink], total: str | None = None
) -> FacetGroup:
    """Return the links of a filter; the first one leads to the whole list, with its `total` where there are counts."""
    is_whole = not any(option.is_current for option in options)
    words = language.gettext(ANY_VALUE.get(name, ANYTHING))
    everything = NavLink(text=words, url=url, is_current=is_whole, count=total)
    return FacetGroup(label=label, options=(everything, *options))


def list_description(heading: str, cards: Sequence[Card]) -> str:
    """Return a description of a part of a longer list, by its first titles, so that no two pages have the same."""
    titles = "; ".join(card.title for card in cards[:TITLES_NAMED])
    return f"{heading}. {titles}" if titles else heading


def kicker(record: Record, site: Site, lang: Lang, parent: Record | None = None) -> str:
    """Return the line above a title: the kind and what the item belongs to, `Course · Physics`."""
    text = site.language(lang).gettext(site.kind(record.kind).label)
    return join_named(text, named(site, parent, lang)) if parent is not None else text


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
        "abstract": plain_text(site, translation.words.abstract, lang),
        "lang": translation.lang_attr,
        "is_sample": record.sample,
    }
    if "kicker" not in fields:
        common["kicker"] = kicker(record, site, lang, parent)
    if "picture" not in fields and (record.image or site.kind(record.kind).has_cover):
        common["picture"] = site.picture(record, lang)
    return Card(**{**common, **fields})


def sort_stubs(site: Site, lang: Lang, kind: str) -> list[Record]:
    """Return the stubs of a kind in their order, if they have one, then by title as the language sorts titles.

    People are sorted by surname.
    """
    key = site.language(lang).sort_key

    def sort_by(stub: Record) -> tuple[Any, ...]:
        title = site.title(stub, lang)
        surname = (key(stub.surname or find_surname(title)),) if isinstance(stub, Person) else ()
        return getattr(stub, "order", 0), *surname, key(title)

    return sorted(site.stubs(kind), key=sort_by)


def newest(site: Site, kind: str) -> list[Record]:
    """Return the stubs of a kind, newest first; samples after real ones, those without a date last."""
    stubs = sorted(site.stubs(kind), key=published_day, reverse=True)
    return sorted(stubs, key=lambda stub: stub.sample)


def published_day(record: Record) -> str:
    """Return the day or month of publication (ISO 8601); empty where there is none."""
    return str(getattr(record, "published", None) or "")[:10]
