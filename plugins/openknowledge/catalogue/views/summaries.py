"""A record as other plugins see it: absolute addresses, plain numbers, true dates."""

import re
from collections.abc import Sequence
from datetime import date, datetime, time
from html import escape

from openknowledge.content.markdown.render import LINK
from openknowledge.model.values import Html, Lang, Record

from ..site import Site
from ..summary import Media, Summary
from .base import Body
from .body import record_body
from .numbers import number_text


def summarize(
    record: Record,
    site: Site,
    lang: Lang,
    *,
    published: date | datetime | None = None,
    updated: date | datetime | None = None,
    belongs_to: Sequence[str] = (),
    content: Html | None = None,
    media: Media | None = None,
) -> Summary:
    """Return the summary of any record: its words, topics and authors, and what the arguments say."""
    shown = site.translation(record, lang)
    topics = [site.stub("topic", slug) for slug in record.topics]
    authors = [site.stub("person", credit.person) for credit in getattr(record, "credits", ())]
    return Summary(
        ref=str(record.ref),
        kind=record.ref.kind,
        url=site.absolute_url(site.url(record, lang)),
        title=shown.words.title,
        abstract=shown.words.abstract,
        content=content if content is not None else absolute_html(site, record_body(site, record, lang), lang),
        lang=shown.lang,
        published=at_midnight(site, published),
        updated=at_midnight(site, updated),
        authors=tuple(site.title(author, lang) for author in authors if author is not None),
        topics=tuple(site.title(topic, lang) for topic in topics if topic is not None),
        belongs_to=(*belongs_to, *(f"topic/{slug}" for slug in record.topics)),
        media=media,
        is_sample=record.sample,
    )


def at_midnight(site: Site, when: date | datetime | None) -> datetime | None:
    """Return a date as the first moment of its day in the site's time zone; a moment as it is."""
    if when is None or isinstance(when, datetime):
        return when
    return datetime.combine(when, time(), site.language(site.default_lang).timezone)


def absolute_html(site: Site, body: Body, lang: Lang) -> Html:
    """Return a text with its numbers as plain words, samples marked as such, and its links absolute."""
    parts = []
    for segment in body:
        parts.append(LINK.sub(lambda match: _absolute(site, match), segment.html))
        if segment.number is not None:
            parts.append(escape(number_text(segment.number, site.language(lang))))
    return Html("".join(parts))


def _absolute(site: Site, match: re.Match[str]) -> str:
    target = match["target"]
    if target.startswith("/"):
        target = site.absolute_url(target)
    return f"{match['before']}{target}{match['after']}"
