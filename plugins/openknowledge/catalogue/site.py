"""The whole catalogue as one read-only value that views ask questions of."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import TypeVar
from urllib.parse import quote

from .covers import draw_cover
from .kinds.kind import Kind
from .language import Language
from .model.numbers import EnrollmentSeries, Figure
from .model.values import UNKNOWN_LANG, Lang, Record, Ref, Words
from .references import references
from .routes import Route, Routes
from .summary import FeedList, Summary
from .texts import file_in, media_path, segments
from .views.base import Assets, Body, Card, Chrome, Number, Picture
from .views.feeds import feed_lists
from .views.numbers import number_names, show_number

R = TypeVar("R", bound=Record)

HOME = Ref("page", "home")


@dataclass(frozen=True, slots=True)
class SiteSettings:
    """What the settings say of the site; `base_url` has no final slash.

    `counters_json` and `counter_json` (which has `{slug}` in it) are where the counters' JSON lives
    below the site's root; empty where nobody writes it. So is `search_json`, which has `{lang}` in it.
    """

    langs: tuple[Lang, ...]
    base_url: str
    base_path: str
    names: Mapping[Lang, str]
    taglines: Mapping[Lang, str]
    assets: Mapping[str, str]
    page_size: int
    stale_after_days: int
    license_url: str
    home_figures: tuple[str, ...]
    feed_formats: tuple[str, ...] = ("rss", "atom")
    search_is_on: bool = False
    counters_json: str = ""
    counter_json: str = ""
    search_json: str = ""


@dataclass(frozen=True, slots=True)
class Shown:
    """A record's words as a page in some language shows them."""

    words: Words
    lang: Lang
    page_lang: Lang

    @property
    def lang_attr(self) -> str | None:
        """What `lang` attribute the words need: None for the page's own language, `""` for unknown."""
        if self.lang == self.page_lang:
            return None
        return "" if self.lang == UNKNOWN_LANG else self.lang


@dataclass
class Site:
    """All records, by reference. Nothing here changes once the site is made; only answers are kept.

    Iterating over it yields the `Summary` of every item in the default language.
    """

    settings: SiteSettings
    kinds: tuple[Kind, ...]
    records: Mapping[Ref, Record]
    figures: Mapping[str, Figure]
    series: Mapping[str, EnrollmentSeries]
    languages: Mapping[Lang, Language]
    routes: Routes
    today: date
    file_refs: Mapping[str, Ref] = field(default_factory=dict)
    chrome_kept: dict[tuple[Lang, str], Chrome] = field(default_factory=dict, repr=False)
    _pictures: dict[tuple[Ref, Lang], Picture] = field(default_factory=dict, repr=False)
    _feed_lists: dict[Lang, tuple[FeedList, ...]] = field(default_factory=dict, repr=False)
    _covers: dict[str, str] = field(default_factory=dict, repr=False)
    _cards: dict[tuple[Ref, Lang], Card] = field(default_factory=dict, repr=False)

    # The site and its languages

    @property
    def langs(self) -> tuple[Lang, ...]:
        return self.settings.langs

    @property
    def default_lang(self) -> Lang:
        return self.settings.langs[0]

    @property
    def base_path(self) -> str:
        return self.settings.base_path

    @property
    def base_url(self) -> str:
        return self.settings.base_url

    def language(self, lang: Lang) -> Language:
        """The interface's language."""
        return self.languages[lang]

    def asset(self, name: str) -> str:
        """The address of a file of the theme, such as `site.css`; its plain place without fingerprints."""
        return self.base_path + self.settings.assets.get(name, f"/theme/{name}")

    @cached_property
    def assets(self) -> Assets:
        return Assets(
            stylesheet_url=self.asset("site.css"),
            script_url=self.asset("main.js"),
            scheme_url=self.asset("scheme.js"),
            icon_url=self.asset("icons/icon.svg"),
        )

    # Records

    def kind(self, name: str) -> Kind:
        return next(kind for kind in self.kinds if kind.name == name)

    def get(self, kind: str, slug: str | None) -> Record | None:
        """The record of that kind and slug."""
        return None if slug is None else self.records.get(Ref(kind, slug))

    def find(self, ref: str) -> Record | None:
        """The record that `kind/slug` names."""
        kind, _, slug = ref.partition("/")
        return self.get(kind, slug)

    def all(self, kind: str) -> tuple[Record, ...]:
        """All records of a kind, by slug."""
        return self._by_kind.get(kind, ())

    def of(self, model: type[R]) -> tuple[R, ...]:
        """All records of a model, by slug."""
        return tuple(one for one in self.all(model.kind) if isinstance(one, model))

    def referring(self, record: Record, kind: str) -> tuple[Record, ...]:
        """The records of a kind that point at `record`, by slug: the reverse of every relation."""
        return tuple(one for one in self._reverse.get(record.ref, ()) if one.ref.kind == kind)

    def words(self, record: Record, lang: Lang) -> Shown:
        """A record's words in `lang`, else in the first language of the site that it has, else in any."""
        for code in (lang, *self.langs, *record.words):
            if code in record.words:
                return Shown(record.words[code], code, lang)
        raise LookupError(f"{record.ref} has no words")

    def title(self, record: Record, lang: Lang) -> str:
        return self.words(record, lang).words.title

    # Addresses

    def record_route(self, record: Record, lang: Lang) -> Route:
        """Where a record's page lives in a language, with that language's own slug."""
        name = record.ref.kind
        if record.ref == HOME:
            return self.routes.route("home", lang)
        parts: dict[str, object] = {"slug": self.own_slug(record, lang)}
        if name == "hub":
            initiative = self.get("initiative", getattr(record, "initiative", ""))
            parts["format"] = getattr(record, "format", "")
            parts["initiative"] = self.own_slug(initiative, lang) if initiative else "hub"
        published = getattr(record, "published", None)
        if published is not None:
            parts["year"] = published.year
        route = self.routes.route(name, lang, **parts)
        own = getattr(record, "save_as", None)
        if own and lang == self.default_lang:
            return Route(own, own)
        return Route(f"{lang}/{own}", f"{lang}/{own}") if own else route

    def url(self, record: Record, lang: Lang) -> str:
        """The root-relative address of a record's page."""
        return self.at(self.record_route(record, lang).url)

    def route(self, name: str, lang: Lang, **parts: object) -> str:
        """The root-relative address of a list page."""
        return self.at(self.routes.route(name, lang, **parts).url)

    def at(self, path: str) -> str:
        """A path below the site's root as pages link to it."""
        return f"{self.base_path}/{quote(path)}"

    def absolute(self, url: str) -> str:
        """A root-relative address with the site's host in front."""
        return self.base_url + url.removeprefix(self.base_path)

    # What pages show of records

    def card(self, record: Record, lang: Lang) -> Card:
        """A record as an item of a list."""
        key = (record.ref, lang)
        if key not in self._cards:
            self._cards[key] = self.kind(record.ref.kind).card(record, self, lang)
        return self._cards[key]

    def cards(self, records: Sequence[Record], lang: Lang) -> tuple[Card, ...]:
        return tuple(self.card(record, lang) for record in records)

    def number(self, name: str, lang: Lang) -> Number | None:
        """A figure, counter or total by its name; None where there is no such number."""
        return show_number(self, name, lang)

    def number_names(self) -> tuple[str, ...]:
        """Every name that `number` answers, sorted."""
        return number_names(self)

    def picture(self, record: Record, lang: Lang) -> Picture:
        """A record's picture, or a cover drawn from its subject and slug."""
        key = (record.ref, lang)
        if key not in self._pictures:
            self._pictures[key] = self._photo(record, lang) or self._cover(record)
        return self._pictures[key]

    def covers(self) -> Iterator[tuple[str, str]]:
        """All drawn covers as (path below output/, SVG), by path."""
        for record in self.records.values():
            if record.image is None:
                self.picture(record, self.default_lang)
        return iter(sorted(self._covers.items()))

    def body(self, record: Record, lang: Lang) -> Body:
        """A record's text in a language, its links resolved and its numbers put in."""
        shown = self.words(record, lang)
        return segments(self, shown.words.body, lang, file_in(record, shown.lang))

    # What other plugins ask

    def __iter__(self) -> Iterator[Summary]:
        return iter(self.summaries(self.default_lang))

    def summaries(self, lang: Lang) -> tuple[Summary, ...]:
        """All items as they appear in one language, by reference."""
        return tuple(self.kind(ref.kind).summary(record, self, lang) for ref, record in sorted(self.records.items()))

    def feed_lists(self, lang: Lang) -> tuple[FeedList, ...]:
        """All lists that have a feed in one language."""
        if lang not in self._feed_lists:
            self._feed_lists[lang] = feed_lists(self, lang)
        return self._feed_lists[lang]

    # Made once

    @cached_property
    def _by_kind(self) -> dict[str, tuple[Record, ...]]:
        found: dict[str, list[Record]] = {}
        for ref in sorted(self.records):
            found.setdefault(ref.kind, []).append(self.records[ref])
        return {kind: tuple(records) for kind, records in found.items()}

    @cached_property
    def _reverse(self) -> dict[Ref, tuple[Record, ...]]:
        found: dict[Ref, dict[Ref, Record]] = {}
        for ref in sorted(self.records):
            record = self.records[ref]
            for _, target in references(record):
                found.setdefault(target, {})[ref] = record
        return {target: tuple(sources.values()) for target, sources in found.items()}

    def own_slug(self, record: Record, lang: Lang) -> str:
        """A record's slug in a language's addresses."""
        words = record.words.get(lang)
        return (words and words.slug) or record.slug

    def _photo(self, record: Record, lang: Lang) -> Picture | None:
        image = record.image
        if image is None:
            return None
        credit = image.credit
        return Picture(
            url=self.at(media_path(image.path)),
            alt=image.alt.get(lang) or next(iter(image.alt.values()), ""),
            width_px=image.width_px,
            height_px=image.height_px,
            credit=credit.author if credit else None,
            credit_url=credit.url if credit else None,
        )

    def _cover(self, record: Record) -> Picture:
        drawing = draw_cover(getattr(record, "subject", None), str(record.ref), record.ref.kind)
        digest = hashlib.sha256(drawing.encode()).hexdigest()[:8]
        path = f"covers/{record.ref.kind}/{record.slug}.{digest}.svg"
        self._covers[path] = drawing
        return Picture(url=self.at(path), alt="", width_px=640, height_px=400, is_drawn=True)
