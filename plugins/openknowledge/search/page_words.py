"""The texts of an item's own page that its card and its body do not have: what else it can be found by."""

from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from enum import Enum
from functools import cache
from typing import Any, NamedTuple, get_args

from openknowledge.catalogue.kinds.group import shown_members
from openknowledge.catalogue.site import Site
from openknowledge.catalogue.views.labels import AUDIENCES, FORMATS, LEVELS, LICENSES, MATERIALS, PACES, ROLES, SUBJECTS
from openknowledge.catalogue.views.parts import words_in
from openknowledge.content.markdown.inline import plain_words
from openknowledge.content.type_hints import resolve_type_hints
from openknowledge.model.addresses import AddressSyntax
from openknowledge.model.course import Strand, Topic
from openknowledge.model.people import Partner, Person
from openknowledge.model.values import Html, Lang, NumberName, Record, RefTo, Words
from openknowledge.rendering.locale import N_

__all__ = ["PageTexts", "find_page_texts"]

ON_CARDS = frozenset(("title", "heading", "abstract", "body", "slug", "seo_title", "aliases"))
"""Words of an item that its card says, or that no page shows as such."""
NOT_SHOWN = frozenset(("slug", "words", "files", "alt", "path", "src", "size_b", "description"))
"""The description is the channel's, and the body of its page."""
LISTS = frozenset(("videos",))
"""Lists of items, whose titles a page shows."""
HAVE_MEMBERS = (Strand, Topic, Person, Partner)
"""What has a page with all that points at it."""
MARKS = {"badge": N_("Open Badge"), "certificate": N_("With a certificate")}
"""What pages show for fields that are only true or false."""
NAMES_OF_LANGUAGES = ("lang", "_langs")
"""How the names of fields end that have codes of languages."""
SHOWN_ADDRESSES = frozenset(("email", "phone", "mobile", "orcid", "ror"))
LABELS: dict[Any, str] = {
    **{
        name: label
        for names in (AUDIENCES, LEVELS, LICENSES, MATERIALS, PACES, ROLES, SUBJECTS)
        for name, label in names.items()
    },
    **{name: labels[0] for name, labels in FORMATS.items()},
}


class PageTexts(NamedTuple):
    """The short texts of a page beside its title and its text, labels of its values, titles of items that it lists."""

    texts: tuple[str, ...]
    labels: tuple[str, ...]
    titles: tuple[str, ...]


def find_page_texts(site: Site, record: Record, lang: Lang) -> PageTexts:
    """Return the texts of a record's page in a language that neither its card nor its body says."""
    finder = _TextFinder(site, lang)
    finder.add_group(site.translation(record, lang).words)
    finder.add_group(record)
    if isinstance(record, HAVE_MEMBERS):
        finder.add_members(record)
    return PageTexts(tuple(finder.texts), tuple(finder.labels), tuple(finder.titles))


class _TextFinder:
    """Collects the texts of groups of fields: `texts` are their own, `labels` those that other items have as well."""

    def __init__(self, site: Site, lang: Lang) -> None:
        self.site, self.lang, self.language = site, lang, site.language(lang)
        self.texts: list[str] = []
        self.labels: dict[str, None] = {}
        self.titles: dict[str, None] = {}

    def add_group(self, group: Any) -> None:
        """Add the texts of a group of fields."""
        model: Any = type(group)
        for name, mark, is_plain in _marked_fields(model):
            value = getattr(group, name)
            if value:
                for part in value if isinstance(value, tuple) else (value,):
                    if is_plain and part.__class__ is str:
                        self.texts.append(part)
                    else:
                        self._add_value(name, mark, part)

    def add_members(self, record: Record) -> None:
        """Add the titles of what a page shows of all that points at its record."""
        for kind, slugs, _ in shown_members(record, self.site, self.lang):
            links = (self.site.query("named-link", kind.name, slug, self.lang) for slug in slugs)
            self.titles.update((link.text, None) for link in links)

    def _add_value(self, name: str, mark: Any, value: Any) -> None:
        if isinstance(value, dict):
            self._add_value(name, mark, words_in(value, self.lang))
        elif not isinstance(value, str) and is_dataclass(value):
            self.add_group(value)
        elif (label := self._find_label(name, mark, value)) is not None:
            (self.titles if name in LISTS else self.labels)[label] = None
        elif isinstance(value, Html):
            self.texts.append(plain_words(value))
        elif isinstance(value, str) and (not isinstance(mark, AddressSyntax) or name in SHOWN_ADDRESSES):
            self.texts.append(value)

    def _find_label(self, name: str, mark: Any, value: Any) -> str | None:
        """Return what a page calls a value that is not words itself; None for a text."""
        if not isinstance(value, str) or isinstance(value, Enum):
            message = MARKS.get(name) if value is True else LABELS.get(value)
            return self.language.gettext(message) if message else ""
        if isinstance(mark, RefTo):
            record = self.site.stub(mark.kind, value) if mark.kind else self.site.stub_by_ref(value)
            return self.site.title(record, self.lang) if record is not None else ""
        if isinstance(mark, NumberName):
            number = self.site.number(f"figure:{value}", self.lang)
            return number.label if number else ""
        if name == "country":
            return str(self.language.locale.territories.get(value, value))
        return self.language.language_name(value) if name.endswith(NAMES_OF_LANGUAGES) else None


@cache
def _marked_fields(model: Any) -> tuple[tuple[str, Any, bool], ...]:
    """Return the fields that may have words: name, annotation, and whether their texts are words as they are."""
    skipped, hints = (
        NOT_SHOWN | (ON_CARDS if issubclass(model, Words) else frozenset()),
        resolve_type_hints(model),
    )
    names = [one.name for one in fields(model) if one.name not in skipped]
    marks = {name: next(_find_marks(hints[name]), None) for name in names}
    named = [name for name in names if name == "country" or name.endswith(NAMES_OF_LANGUAGES)]
    return tuple((name, mark, mark is None and name not in named) for name, mark in marks.items())


def _find_marks(hint: Any) -> Iterator[Any]:
    for mark in getattr(hint, "__metadata__", ()):
        if isinstance(mark, RefTo | NumberName | AddressSyntax):
            yield mark
    for part in get_args(hint):
        yield from _find_marks(part)
