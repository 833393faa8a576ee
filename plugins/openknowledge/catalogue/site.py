"""The catalogue as one read-only value that views ask questions of; it notes what each of them asked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TypeVar, cast

from openknowledge.model.numbers import EnrollmentSeries, Figure
from openknowledge.model.values import UNKNOWN_LANG, Lang, Record, Ref, Words
from openknowledge.rendering.locale import Language

from .inputs import SiteSettings
from .kinds.kind import Kind
from .query_context import QueryContext
from .routes import Route, quote_path
from .summary import FeedList, Summary
from .views.base import Assets, Body, Card, Chrome, FeedLink, Number, Picture
from .views.body import media_path, render_body, source_file
from .views.feeds import feed_paths

__all__ = ["HOME", "Site", "SiteSettings", "Translation"]

R = TypeVar("R", bound=Record)

HOME = Ref("page", "home")
HOME_KEY = (HOME.kind, HOME.slug)


@dataclass(frozen=True, slots=True)
class Translation:
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


class Site(QueryContext):
    """A reading of the site: what there is to know of it, each thing noted as it is asked.

    Records from lists and relations are light: they have facts and titles, and whoever asks them for a text or a detail
    gets an `AttributeError`. Iterating over a site yields the `Summary` of every item in the default language.
    """

    # The site and its languages

    @property
    def default_lang(self) -> Lang:
        return self.langs[0]

    @property
    def today(self) -> date:
        self.depend_on("today")
        return self.inputs.today

    def language(self, lang: Lang) -> Language:
        """The interface's language."""
        self.depend_on("words", lang)
        return self.inputs.languages[lang]

    def asset(self, name: str) -> str:
        """The address of a file of the theme, such as `site.css`; its plain place without fingerprints."""
        self.depend_on("asset", name)
        return self.base_path + self.settings.assets.get(name, f"/theme/{name}")

    @property
    def assets(self) -> Assets:
        return Assets(
            stylesheet_url=self.asset("site.css"),
            script_url=self.asset("main.js"),
            scheme_url=self.asset("scheme.js"),
            icon_url=self.asset("icons/icon.svg"),
        )

    # Records

    def kind(self, name: str) -> Kind:
        return self.inputs.kinds_by_name[name]

    def record(self, ref: Ref) -> Record:
        """A record with all its texts; raises `KeyError` where there is none."""
        self.depend_on("record", ref.kind, ref.slug)
        return self.inputs.records.full(ref)

    def stub(self, kind: str, slug: str | None) -> Record | None:
        """The record of that kind and slug, light."""
        if slug is None:
            return None
        self.depend_on("stub", kind, slug)
        return self.inputs.records.find_stub(kind, slug)

    def stub_by_ref(self, ref: str) -> Record | None:
        """The record that `kind/slug` names, light."""
        kind, _, slug = ref.partition("/")
        return self.stub(kind, slug)

    def url_of_file(self, path: str, lang: Lang) -> str | None:
        """The address of the item of a Markdown file, if it may be shown."""
        url: str | None = self.query("url-of-file", path, lang)
        return url

    def stub_of_file(self, path: str) -> Record | None:
        """The record of a Markdown file, light."""
        self.depend_on("file", path)
        ref = self.inputs.file_index.get(path)
        return self.stub(ref.kind, ref.slug) if ref is not None else None

    def stubs(self, kind: str) -> tuple[Record, ...]:
        """All records of a kind, by slug, light."""
        self.depend_on("all", kind)
        return self.inputs.stubs(kind)

    def stubs_of(self, model: type[R]) -> tuple[R, ...]:
        """All records of a model, by slug, light."""
        return cast(tuple[R, ...], self.stubs(model.kind))

    def referrers(self, record: Record | Ref, kind: str) -> tuple[Record, ...]:
        """The records of a kind that point at `record`, by slug, light: the reverse of every relation."""
        slugs = self.query("referrers", record.kind, record.slug, kind)
        return tuple(one for slug in slugs if (one := self.stub(kind, slug)) is not None)

    def count_referrers(self, record: Record, kind: str) -> int:
        """How many records of a kind point at `record`."""
        return len(self.query("referrers", record.kind, record.slug, kind))

    def refs(self) -> tuple[Ref, ...]:
        """The references of all records, sorted."""
        for kind in self.kinds:
            self.query("slugs", kind.name)
        return tuple(self.inputs.records)

    def translation(self, record: Record, lang: Lang) -> Translation:
        """A record's words in `lang`, else in the first language of the site that it has, else in any."""
        words = record.words.get(lang)
        if words is not None:
            return Translation(words, lang, lang)
        for code in (*self.langs, *record.words):
            if code in record.words:
                return Translation(record.words[code], code, lang)
        raise LookupError(f"{record.ref} has no words")

    def title(self, record: Record, lang: Lang) -> str:
        words = record.words.get(lang)
        return words.title if words is not None else self.translation(record, lang).words.title

    # Numbers

    @property
    def figures(self) -> Mapping[str, Figure]:
        """All figures by name."""
        self.depend_on("figures")
        return self.inputs.figures

    def series_of(self, course: str) -> EnrollmentSeries | None:
        """The enrolments of a course by its slug."""
        self.depend_on("series", course)
        return self.inputs.series.get(course)

    @property
    def series(self) -> Mapping[str, EnrollmentSeries]:
        """All series by course."""
        self.depend_on("all-series")
        return self.inputs.series

    def number(self, name: str, lang: Lang) -> Number | None:
        """A figure, counter or total by its name; None where there is no such number."""
        return cast(Number | None, self.query("number", name, lang))

    def number_names(self) -> tuple[str, ...]:
        """Every name that `number` answers, sorted."""
        return cast(tuple[str, ...], self.query("number-names"))

    # Addresses

    def record_route(self, record: Record, lang: Lang) -> Route:
        """Where a record's page lives in a language, with that language's own slug."""
        name = record.kind
        if (name, record.slug) == HOME_KEY:
            return self.routes.route("home", lang)
        parts: dict[str, object] = {"slug": self.slug_in(record, lang)}
        if name == "hub":
            initiative = self.stub("initiative", getattr(record, "initiative", ""))
            parts["format"] = getattr(record, "format", "")
            parts["initiative"] = self.slug_in(initiative, lang) if initiative else "hub"
        published = getattr(record, "published", None)
        if published is not None:
            parts["year"] = published.year
        own = getattr(record, "save_as", None)
        if own and lang == self.default_lang:
            return Route(own, own)
        return Route(f"{lang}/{own}", f"{lang}/{own}") if own else self.routes.route(name, lang, **parts)

    def url(self, record: Record, lang: Lang) -> str:
        """The root-relative address of a record's page."""
        url: str = self.query("url", record.kind, record.slug, lang)
        return url

    def route_url(self, name: str, lang: Lang, **parts: object) -> str:
        """The root-relative address of a list page."""
        return self.url_for_path(self.routes.route(name, lang, **parts).url)

    def url_for_path(self, path: str) -> str:
        """A path below the site's root as pages link to it."""
        return f"{self.base_path}/{quote_path(path)}"

    def absolute_url(self, url: str) -> str:
        """A root-relative address with the site's host in front."""
        return self.base_url + url.removeprefix(self.base_path)

    def slug_in(self, record: Record, lang: Lang) -> str:
        """A record's slug in a language's addresses."""
        words = record.words.get(lang)
        return (words and words.slug) or record.slug

    # What pages show of records

    def card(self, record: Record | Ref, lang: Lang) -> Card:
        """A record as an item of a list."""
        card: Card = self.query("card", record.kind, record.slug, lang)
        return card

    def cards(self, records: Sequence[Record], lang: Lang) -> tuple[Card, ...]:
        return tuple(self.card(record, lang) for record in records)

    def picture(self, record: Record, lang: Lang) -> Picture:
        """A record's picture, or a cover drawn from its subject and slug."""
        image = record.image
        if image is None:
            path = self.query("cover", record.ref.kind, record.slug)
            return Picture(url=self.url_for_path(path), alt="", width_px=640, height_px=400, is_drawn=True)
        credit = image.credit
        return Picture(
            url=self.url_for_path(media_path(image.path)),
            alt=image.alt.get(lang) or next(iter(image.alt.values()), ""),
            width_px=image.width_px,
            height_px=image.height_px,
            credit=credit.author if credit else None,
            credit_url=credit.url if credit else None,
        )

    def body(self, record: Record, lang: Lang) -> Body:
        """A whole record's text in a language, its links resolved and its numbers put in."""
        shown = self.translation(record, lang)
        return render_body(self, shown.words.body, lang, source_file(record, shown.lang))

    def chrome(self, lang: Lang, section: str) -> Chrome:
        """Masthead and colophon as pages of a section have them."""
        chrome: Chrome = self.query("chrome", lang, section)
        return chrome

    def chrome_digest(self, lang: Lang, section: str) -> bytes:
        """The digest of a chrome that this reading asked for."""
        return self.digest("chrome", lang, section)

    # What other plugins ask

    def __iter__(self) -> Iterator[Summary]:
        return iter(self.summaries(self.default_lang))

    def summary(self, ref: Ref, lang: Lang) -> Summary:
        """One item as it appears in one language."""
        return cast(Summary, self.query("summary", ref.kind, ref.slug, lang))

    def summaries(self, lang: Lang) -> tuple[Summary, ...]:
        """All items as they appear in one language, by reference."""
        return tuple(self.summary(ref, lang) for ref in self.refs())

    def feed_lists(self, lang: Lang) -> tuple[FeedList, ...]:
        """All lists that have a feed in one language."""
        keys = self.query("feed-keys", lang)
        return tuple(one for key in keys if (one := self.feed_list(lang, key)) is not None)

    def feed_list(self, lang: Lang, key: str) -> FeedList | None:
        """The list of that key, if it has a feed in that language."""
        return cast(FeedList | None, self.query("feed-list", lang, key))

    def feed_paths(self, lang: Lang, key: str) -> tuple[str, str]:
        """The files of a list's feeds, RSS and Atom, below output/."""
        return feed_paths(self, lang, key.partition(":")[2] or key)

    def feed_link(self, lang: Lang, key: str) -> FeedLink | None:
        link: FeedLink | None = self.query("feed-link", lang, key)
        return link
