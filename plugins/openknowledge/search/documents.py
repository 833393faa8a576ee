"""The search index: one JSON document for each language of the interface, as small as possible.

`{"kinds": [[name, label, weight]], "kickers": [[text, kind]], "places": [[before, after]], "names": [text],
"langs": [code], "items": [[title, name, place, kicker, date, lang, names, text, is_sample, labels, words]]}`: values
that items share are listed once, and items refer to them by number; `labels` are numbers of `names`, too. Results show
everything but labels and words, which are only looked for. `js/search/engine.js` reads it.
"""

import json
import re
from collections.abc import Iterator
from typing import Any

from openknowledge.catalogue.queries import ask_ahead
from openknowledge.catalogue.site import HOME, Site
from openknowledge.catalogue.summary import Summary
from openknowledge.catalogue.views.base import Card
from openknowledge.content.plain_text import excerpt
from openknowledge.model.values import Lang, Ref

from .page_words import page_words
from .settings import SearchSettings

__all__ = ["build_index", "index_file", "search_row"]

ADDRESS = re.compile(r"(.*/)([^/.]+)(\.[^/]*|/)?")
WORD = re.compile(r"[a-z0-9]+")


class Numbering:
    """Values, each with the number of its first use."""

    def __init__(self, *first: Any) -> None:
        self._numbers: dict[Any, int] = {value: number for number, value in enumerate(first)}

    def __call__(self, value: Any) -> int:
        return self._numbers.setdefault(value, len(self._numbers))

    def __iter__(self) -> Iterator[Any]:
        return iter(self._numbers)


def index_file(site: Site, lang: Lang, settings: SearchSettings) -> tuple[str, bytes]:
    """Return the index of one language as (path below output/, bytes)."""
    text = json.dumps(build_index(site, lang), ensure_ascii=False, separators=(",", ":"))
    return settings.json.format(lang=lang), text.encode()


def search_row(site: Site, kind: str, slug: str, lang: Lang, *, settings: SearchSettings) -> Any:
    """Return the searchable values of one item, before shared values are numbered.

    None for an item that is not searchable.
    """
    record = site.stub(kind, slug)
    if record is None or (kind, slug) == (HOME.kind, HOME.slug) or getattr(record, "save_as", None):
        return None
    ref = Ref(kind, slug)
    card, summary = site.card(record, lang), site.summary(ref, lang)
    names = tuple(name for name in with_names(site, summary, lang) if name not in card.kicker)
    opens = excerpt(summary.abstract, length) if (length := settings.length(card.kind)) else ""
    known = " ".join((card.title, card.kicker, *names, opens))
    labels, words = page_words(site, site.record(ref), lang, known)
    ask_ahead(site, "search-row", kind, slug, lang)
    return (
        card.title,
        card.url,
        card.kicker,
        card.kind,
        date_number(card),
        card.lang,
        names,
        opens,
        int(card.is_sample),
        (*([card.badge.text] if card.badge else ()), *labels),
        words,
    )


def build_index(site: Site, lang: Lang) -> dict[str, Any]:
    """Return the index of a language: every searchable item, by reference."""
    kinds, kickers, places, names, langs = Numbering(), Numbering(), Numbering(), Numbering(), Numbering(None)
    items = []
    for ref in site.refs():
        values = site.query("search-row", ref.kind, ref.slug, lang)
        if values is None:
            continue
        title, url, kicker, kind, date, own_lang, people, opens, is_sample, labels, words = values
        before, name, after = address_parts(url)
        row = (
            title,
            0 if name == own_name(title) else name,
            places((before, after)),
            kickers((kicker, kinds(kind))),
            date,
            langs(own_lang),
            [names(name) for name in people],
            opens,
            is_sample,
            [names(label) for label in labels],
            words,
        )
        items.append(strip_empty_tail(row))
    gettext = site.language(lang).gettext
    return {
        "kinds": [(kind.name, gettext(kind.label_plural), kind.search_weight) for kind in map(site.kind, kinds)],
        "kickers": list(kickers),
        "places": list(places),
        "names": list(names),
        "langs": list(langs),
        "items": items,
    }


def with_names(site: Site, summary: Summary, lang: Lang) -> Iterator[str]:
    """Return the people, topics, strands and playlists of an item, each once."""
    lists = (record for ref in summary.belongs_to if (record := site.stub_by_ref(ref)))
    yield from dict.fromkeys((*summary.authors, *summary.topics, *(site.title(record, lang) for record in lists)))


def address_parts(url: str) -> tuple[str, str, str]:
    """Split a URL into what precedes an item's own name, the name, and what follows it.

    >>> address_parts("/corsi/algebra/"), address_parts("/corsi/algebra.html")
    (('/corsi/', 'algebra', '/'), ('/corsi/', 'algebra', '.html'))
    """
    parts = ADDRESS.fullmatch(url)
    return (parts[1], parts[2], parts[3] or "") if parts else (url, "", "")


def own_name(title: str) -> str | None:
    """Return the name that the browser derives from a title, so that it is not sent; None where alphabets might differ.

    >>> own_name("Gestire il conflitto: 1"), own_name("Perché")
    ('gestire-il-conflitto-1', None)
    """
    return "-".join(WORD.findall(title.lower())) if title.isascii() else None


def date_number(card: Card) -> int:
    """Return a date as `20200616`, or as `202006` or `2020` where only that is known; 0 without a date."""
    return int(card.date.iso[:10].replace("-", "")) if card.date else 0


def strip_empty_tail(row: tuple[Any, ...]) -> tuple[Any, ...]:
    """Return the row without its trailing empty values."""
    last = max(length for length, value in enumerate(row, start=1) if value or length == 1)
    return row[:last]
