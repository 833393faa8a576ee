"""What several things have: identifiers, dates, people, topics, licences. A thing is a node of a graph of JSON-LD."""

from collections.abc import Sequence
from datetime import date, datetime, time
from typing import Any

from openknowledge.catalogue.routes import media_path
from openknowledge.catalogue.site import Site
from openknowledge.catalogue.views.base import Picture
from openknowledge.catalogue.views.labels import LICENSE_URLS, MATERIALS
from openknowledge.content.plain_text import excerpt
from openknowledge.model.materials import Material
from openknowledge.model.values import UNKNOWN_LANG, Lang, License, PartialDate, Record, Ref, as_moment
from openknowledge.url_paths import THING

__all__ = [
    *("Node", "drop_unknown", "known_lang", "license_url", "list_topics", "material_nodes", "moment", "node_id"),
    *("person_node", "picture_url", "publisher", "publisher_id", "refer", "schema_day", "short", "website_id"),
]

Node = dict[str, Any]
"""A thing: its type, its identifier, its properties. None and empty values are what is not known."""

MARKS = {
    "course": "course",
    "video": "video",
    "press": "article",
    "hub": "item",
    "initiative": "series",
    "person": "person",
    "partner": "organization",
    "topic": "topic",
}
"""The kinds whose records are things of their own, and how the identifier of such a thing ends."""
DESCRIPTION_LENGTH = 160
MOST_TOPICS = 4
MOST_MATERIALS = 6


def node_id(site: Site, ref: Ref) -> str:
    """Return the identifier of the thing that a record describes: one for its pages in all languages."""
    organization = site.settings.organization
    if organization is not None and ref == Ref("partner", organization.partner or ""):
        return publisher_id(site)
    url = site.query("url", ref.kind, ref.slug, site.default_lang)
    return f"{site.absolute_url(url)}{THING}{MARKS[ref.kind]}"


def publisher_id(site: Site) -> str:
    """Return the identifier of the organisation that publishes the site."""
    return f"{site.base_url}/{THING}organization"


def publisher(site: Site) -> Node | None:
    """Return a reference to that organisation, if the settings name one."""
    return refer(publisher_id(site)) if site.settings.organization is not None else None


def website_id(site: Site) -> str:
    """Return the identifier of the site."""
    return f"{site.base_url}/{THING}website"


def refer(name: str | None) -> Node | None:
    """Return a reference to a thing by its identifier."""
    return {"@id": name} if name else None


def drop_unknown(node: Node) -> Node:
    """Return a node without what is not known: no value, no text, no entries."""
    return {name: value for name, value in node.items() if value is not None and value != "" and value != []}


def short(text: str, length: int = DESCRIPTION_LENGTH) -> str:
    """Return the beginning of a text on one line; what is far behind it is not looked at."""
    return excerpt(text[: 4 * length], length)


def known_lang(lang: Lang | None) -> Lang | None:
    """Return a language, if it is known."""
    return lang if lang and lang != UNKNOWN_LANG else None


def license_url(code: License | None) -> str | None:
    """Return the address of a licence; the terms of a platform are none, because they grant nothing."""
    return LICENSE_URLS[code] if code is not None and code is not License.YOUTUBE else None


def moment(site: Site, when: date | PartialDate | None, not_before: str = "") -> str | None:
    """Return a moment with its offset, in the time zone in which pages show it.

    A day stands for its beginning, as in feeds, or for the moment that it is `not_before`; a month or a year is none.
    """
    zone, when = site.language(site.default_lang).timezone, as_moment(when)
    if when is None:
        return None
    if not isinstance(when, datetime):
        when = datetime.combine(when, time(), zone)
    text = when.astimezone(zone).isoformat(timespec="seconds")
    return max(text, not_before) if text[:10] == not_before[:10] else text


def schema_day(when: date | PartialDate | None) -> str | None:
    """Return a day; None for a month or a year, which search engines take for a mistake."""
    if isinstance(when, PartialDate):
        return str(when) if when.is_exact else None
    return when.isoformat() if when is not None else None


def picture_url(site: Site, picture: Picture | None) -> str | None:
    """Return the absolute address of a picture; None for a cover that was drawn, which shows nothing of the thing."""
    return site.absolute_url(picture.url) if picture is not None and not picture.is_drawn else None


def person_node(site: Site, slug: str, lang: Lang) -> Node | None:
    """Return a person as other pages refer to them."""
    person = site.stub("person", slug)
    if person is None or person.sample:
        return None
    url = site.absolute_url(site.url(person, lang))
    return {"@type": "Person", "@id": node_id(site, person.ref), "name": site.title(person, lang), "url": url}


def list_topics(site: Site, record: Record, lang: Lang) -> list[Node]:
    """Return the first topics of a record."""
    stubs = (site.stub("topic", slug) for slug in record.topics[:MOST_TOPICS])
    return [
        {"@type": "DefinedTerm", "@id": node_id(site, topic.ref), "name": site.title(topic, lang)}
        for topic in stubs
        if topic is not None and not topic.sample
    ]


def material_nodes(site: Site, materials: Sequence[Material], lang: Lang) -> list[Node]:
    """Return the first materials of a record."""
    return [drop_unknown(_material_node(site, material, lang)) for material in materials[:MOST_MATERIALS]]


def _material_node(site: Site, material: Material, lang: Lang) -> Node:
    url = site.absolute_url(site.url_for_path(media_path(material.path))) if material.path else material.url
    return {
        "@type": "LearningResource",
        "name": material.title,
        "url": url,
        "learningResourceType": site.language(lang).gettext(MATERIALS[material.kind]) if material.kind else None,
        "inLanguage": known_lang(material.lang),
        "license": license_url(material.license),
    }
