"""The words that an item's own page shows and its card does not: what else it can be found by."""

import re
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from enum import Enum
from functools import cache, lru_cache
from typing import Any, NamedTuple, get_args

from openknowledge.catalogue.site import Site
from openknowledge.catalogue.views.labels import AUDIENCES, FORMATS, LEVELS, LICENSES, MATERIALS, PACES, ROLES, SUBJECTS
from openknowledge.catalogue.views.parts import words_in
from openknowledge.content.markdown.inline import plain_words
from openknowledge.content.type_hints import resolve_type_hints
from openknowledge.model.addresses import AddressSyntax
from openknowledge.model.values import Html, Lang, NumberName, Record, RefTo, Words
from openknowledge.rendering.locale import N_

__all__ = ["PageWords", "page_words"]

ON_CARDS = frozenset(("title", "heading", "abstract", "body", "slug", "seo_title", "aliases"))
"""Words of an item that its card says, or that no page shows as such."""
NOT_SHOWN = frozenset(("slug", "words", "files", "alt", "path", "src", "size_b"))
TOO_MUCH = frozenset(("description", "videos"))
"""The channel's texts, and the titles of a playlist's videos: those of thousands of videos are too much to send."""
MARKS = {"badge": N_("Open Badge"), "certificate": N_("With a certificate")}
"""What pages show for fields that are only true or false."""
SHOWN_ADDRESSES = frozenset(("email", "phone", "mobile", "orcid", "ror"))
LABELS: dict[Any, str] = {
    **{
        name: label
        for names in (AUDIENCES, LEVELS, LICENSES, MATERIALS, PACES, ROLES, SUBJECTS)
        for name, label in names.items()
    },
    **{name: labels[0] for name, labels in FORMATS.items()},
}
HEADING = re.compile(r"<h([1-6])[^>]*>(.*?)</h\1>", re.DOTALL)
AROUND_WORDS = "\"'’“”„«»‹›()[]{}<>.,;:!?…·*–—|/"


class PageWords(NamedTuple):
    """`labels` are texts that many items share, such as the names of subjects; `words` are an item's own, each once."""

    labels: tuple[str, ...]
    words: str


def page_words(site: Site, record: Record, lang: Lang, known: str) -> PageWords:
    """Return the words of a record's page in a language that are not in the text `known`."""
    words = site.translation(record, lang).words
    labels: dict[str, None] = {}
    seen = {*map(str.lower, _split(known))}
    texts: list[str] = [plain_words(heading) for _, heading in HEADING.findall(words.body)]
    for is_shared, text in (*_find_texts(site, lang, words), *_find_texts(site, lang, record)):
        if not is_shared:
            texts.append(text)
        elif not seen.issuperset(_label_words(text)):
            labels[text] = None
    own: dict[str, str] = {}
    for word in (word for text in texts for word in _split(text)):
        if word.lower() not in seen:
            own.setdefault(word.lower(), word)
    return PageWords(tuple(labels), " ".join(own.values()))


@lru_cache(maxsize=4096)
def _label_words(text: str) -> frozenset[str]:
    return frozenset(map(str.lower, _split(text)))


def _split(text: str) -> list[str]:
    return [word for part in text.split() if (word := part.strip(AROUND_WORDS))]


def _find_texts(site: Site, lang: Lang, group: Any) -> Iterator[tuple[bool, str]]:
    """Yield the texts of a group of fields, each with whether other items have it as well."""
    model: Any = type(group)
    for name, mark in _marked_fields(model):
        value = getattr(group, name)
        if value:
            for part in value if isinstance(value, tuple) else (value,):
                yield from _find_in_value(site, lang, name, mark, part)


def _find_in_value(site: Site, lang: Lang, name: str, mark: Any, value: Any) -> Iterator[tuple[bool, str]]:
    if isinstance(value, dict):
        yield from _find_in_value(site, lang, name, mark, words_in(value, lang))
    elif is_dataclass(value):
        yield from _find_texts(site, lang, value)
    elif (label := _find_label(site, lang, name, mark, value)) is not None:
        yield True, label
    elif isinstance(value, Html):
        yield False, plain_words(value)
    elif isinstance(value, str) and (not isinstance(mark, AddressSyntax) or name in SHOWN_ADDRESSES):
        yield False, value


def _find_label(site: Site, lang: Lang, name: str, mark: Any, value: Any) -> str | None:
    """Return what a page calls a value that is not words itself; None for a text."""
    language = site.language(lang)
    if not isinstance(value, str) or isinstance(value, Enum):
        message = MARKS.get(name) if value is True else LABELS.get(value)
        return language.gettext(message) if message else ""
    if isinstance(mark, RefTo):
        record = site.stub(mark.kind, value) if mark.kind else site.stub_by_ref(value)
        return site.title(record, lang) if record is not None else ""
    if isinstance(mark, NumberName):
        number = site.number(f"figure:{value}", lang)
        return number.label if number else ""
    if name == "country":
        return str(language.locale.territories.get(value, value))
    return language.language_name(value) if name.endswith(("lang", "_langs")) else None


@cache
def _marked_fields(model: Any) -> tuple[tuple[str, Any], ...]:
    """Return the fields that may have words, each with the annotation that says what its texts are."""
    skipped, hints = (
        NOT_SHOWN | TOO_MUCH | (ON_CARDS if issubclass(model, Words) else frozenset()),
        resolve_type_hints(model),
    )
    names = (one.name for one in fields(model) if one.name not in skipped)
    return tuple((name, next(_find_marks(hints[name]), None)) for name in names)


def _find_marks(hint: Any) -> Iterator[Any]:
    for mark in getattr(hint, "__metadata__", ()):
        if isinstance(mark, RefTo | NumberName | AddressSyntax):
            yield mark
    for part in get_args(hint):
        yield from _find_marks(part)
