"""The site as one read-only value: what views, queries and other plugins ask of the catalogue."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import cast

from openknowledge.content.item_table import collect_url_parts
from openknowledge.content.media_files import is_drawing
from openknowledge.content.pictures import PictureFacts, is_picture
from openknowledge.model.values import UNKNOWN_LANG, ImageCredit, Lang, Record, Ref, Words
from openknowledge.model.video import Video

from .covers import HEIGHT, WIDTH
from .inputs import SiteSettings
from .query_context import QueryContext
from .routes import PICTURES_FOLDER, Route, UrlParts, media_path, quote_path
from .summary import FeedList, Summary
from .video_covers import FILM_HEIGHT
from .views.base import Card, Chrome, FeedLink, Number, Picture, PictureSource

__all__ = ["HOME", "Site", "SiteSettings", "Translation", "credit_picture"]

HOME = Ref("page", "home")


@dataclass(frozen=True, slots=True)
class Translation:
    """A record's words as a page in some language shows them."""

    words: Words
    lang: Lang
    page_lang: Lang

    @property
    def lang_attr(self) -> str | None:
        """Return the `lang` attribute that the words need: None for the page's own language, `""` for unknown."""
        if self.lang == self.page_lang:
            return None
        return "" if self.lang == UNKNOWN_LANG else self.lang


class Site(QueryContext):
    """What is known of the site. Each read is recorded as a dependency of the page or query that this value is for.

    Records from lists and relations are stubs: they have facts and titles, and reading a text or a detail of one raises
    `AttributeError`. Iterating over a site yields the `Summary` of every item in the default language.
    """

    @property
    def default_lang(self) -> Lang:
        """Return the first language of the site."""
        return self.langs[0]

    # Records and their words

    def stub_by_ref(self, ref: str) -> Record | None:
        """Return the stub of the record that `kind/slug` names."""
        kind, _, slug = ref.partition("/")
        return self.stub(kind, slug)

    def referrers(self, record: Record | Ref, kind: str) -> tuple[Record, ...]:
        """Return the stubs of the records of a kind that point at `record`, by slug: the reverse of every relation."""
        slugs = self.referrer_slugs(record, kind)
        return tuple(stub for slug in slugs if (stub := self.stub(kind, slug)) is not None)

    def referrer_slugs(self, record: Record | Ref, kind: str) -> tuple[str, ...]:
        """Return the slugs of the records of a kind that point at `record`."""
        return cast(tuple[str, ...], self.query("referrers", record.kind, record.slug, kind))

    def translation(self, record: Record, lang: Lang) -> Translation:
        """Return a record's words in `lang`, else in a near language, else in the first of the site's, else in any.

        `pt` is near `pt-BR`.
        """
        words = record.words.get(lang)
        if words is not None:
            return Translation(words, lang, lang)
        code = _choose_lang(lang, self.langs, tuple(record.words))
        if code is None:
            raise LookupError(f"{record.ref} has no words")
        return Translation(record.words[code], code, lang)

    def title(self, record: Record, lang: Lang) -> str:
        """Return a record's title in a language, else in another one."""
        words = record.words.get(lang)
        return words.title if words is not None else self.translation(record, lang).words.title

    def number(self, name: str, lang: Lang) -> Number | None:
        """Return a figure, counter or total by its name; None where there is no such number."""
        return cast(Number | None, self.query("number", name, lang))

    # Routes and URLs

    def record_route(self, record: Record, lang: Lang) -> Route:
        """Return the route of a record's page in a language; it depends on that record and its initiative."""
        parts = UrlParts.parse(collect_url_parts(record))
        initiative = self.stub("initiative", parts.initiative) if parts.initiative else None
        return self._item_route(record.ref, parts, self.slug_in(initiative, lang) if initiative else None, lang)

    def route_of(self, ref: Ref, lang: Lang) -> Route:
        """Return the same route; it depends on the paths of all records together, and reads no record."""
        parts = self.url_parts(ref)
        assert parts is not None
        initiative = self.url_parts(Ref("initiative", parts.initiative)) if parts.initiative else None
        return self._item_route(ref, parts, initiative.slug_in(lang) if initiative else None, lang)

    def _item_route(self, ref: Ref, parts: UrlParts, initiative: str | None, lang: Lang) -> Route:
        if (ref.kind, ref.slug) == (HOME.kind, HOME.slug):
            return self.routes.route("home", lang)
        if parts.save_as:
            path = parts.save_as if lang == self.default_lang else f"{lang}/{parts.save_as}"
            return Route(path, path)
        values = {"slug": parts.slug_in(lang)}
        if parts.format:
            values |= {"format": parts.format, "initiative": initiative or "hub"}
        if parts.year:
            values["year"] = parts.year
        return self.routes.route(ref.kind, lang, **values)

    def url(self, record: Record, lang: Lang) -> str:
        """Return the root-relative URL of a record's page."""
        return cast(str, self.query("url", record.kind, record.slug, lang))

    def url_of_file(self, path: str, lang: Lang) -> str | None:
        """Return the URL of the item of a Markdown file, if it may be shown."""
        return cast(str | None, self.query("url-of-file", path, lang))

    def route_url(self, name: str, lang: Lang, **parts: object) -> str:
        """Return the root-relative URL of a route by its name, such as that of a list."""
        return self.url_for_path(self.routes.route(name, lang, **parts).url)

    def url_for_path(self, path: str) -> str:
        """Return a path below the site's root as pages link to it."""
        return f"{self.base_path}/{quote_path(path)}"

    def absolute_url(self, url: str) -> str:
        """Return a root-relative URL with the site's host in front."""
        return self.base_url + url.removeprefix(self.base_path)

    def slug_in(self, record: Record, lang: Lang) -> str:
        """Return a record's slug in a language's paths."""
        words = record.words.get(lang)
        return (words and words.slug) or record.slug

    # What pages show

    def card(self, record: Record | Ref, lang: Lang) -> Card:
        """Return a record as an item of a list."""
        return cast(Card, self.query("card", record.kind, record.slug, lang))

    def cards(self, records: Sequence[Record | Ref], lang: Lang) -> tuple[Card, ...]:
        """Return records as the items of a list."""
        return tuple(self.card(record, lang) for record in records)

    def picture(self, record: Record, lang: Lang) -> Picture:
        """Return a record's picture, else the still of its film, else a cover drawn for it."""
        image = record.image
        if image is not None:
            shown = self.content_picture(image.path, image.alt.get(lang) or next(iter(image.alt.values()), ""))
            if shown is not None:
                return credit_picture(shown, image.credit)
        still = self.still_shown(record)
        shown = self.content_picture(still, "") if still else None
        if shown is not None:
            return replace(shown, stable_url=shown.url)
        path = self.query("cover", record.ref.kind, record.ref.slug)
        height = FILM_HEIGHT if record.kind in ("video", "playlist") else HEIGHT
        return Picture(url=self.url_for_path(path), alt="", width_px=WIDTH, height_px=height, is_drawn=True)

    def still_shown(self, record: Record) -> str | None:
        """Return the still that stands for a video, from the content folder; None where it has or needs none."""
        if not isinstance(record, Video) or record.image is not None or record.gone_since is not None:
            return None
        return self.still_of(record.youtube_id)

    def content_picture(self, path: str, alt: str) -> Picture | None:
        """Return a picture of the content folder as pages show it; None where nothing was made of it."""
        facts = self.picture_facts(path)
        if facts is None:
            return None
        stable_url = self.url_for_path(media_path(path))
        sources: list[PictureSource] = []
        if facts.is_moving:
            still = self._srcset(path, facts, "still.webp")
            sources.append(PictureSource(type="image/webp", srcset=still, media="(prefers-reduced-motion: reduce)"))
        sources += (
            PictureSource(type=f"image/{suffix}", srcset=self._srcset(path, facts, suffix)) for suffix in facts.formats
        )
        return Picture(
            url=self.url_for_path(picture_path(path, facts, facts.fallback)) if facts.fallback else stable_url,
            alt=alt,
            width_px=facts.width_px,
            height_px=facts.height_px,
            sources=tuple(sources),
            stable_url=stable_url,
        )

    def _srcset(self, path: str, facts: PictureFacts, suffix: str) -> str:
        urls = ((self.url_for_path(picture_path(path, facts, f"{width}.{suffix}")), width) for width in facts.widths)
        return ", ".join(f"{url} {width}w" for url, width in urls)

    def shown_pictures(self) -> list[str]:
        """Return the pictures that pages show, of which files are published, sorted."""
        return sorted({*filter(is_picture, self.published_files()), *self.query("shown-stills").values()})

    def published_size_b(self, path: str, size_b: int) -> int:
        """Return how large a file of the content folder is as it is published; `size_b` is its own size."""
        facts = self.picture_facts(path) if is_picture(path) and not is_drawing(path) else None
        return facts.copy_b if facts is not None else size_b

    def picture_places(self, path: str) -> dict[str, str]:
        """Return where the files that were made of a picture are published, by width and format: `640.avif`."""
        facts = self.picture_facts(path)
        return {name: picture_path(path, facts, name) for name, _ in facts.digests} if facts is not None else {}

    def published_files(self) -> list[str]:
        """Return the files of content/ that are published beside the pages that show or link to them, sorted."""
        return sorted({*self.media_files(), *self.query("caption-files")})

    def chrome(self, lang: Lang, section: str) -> Chrome:
        """Return masthead and colophon as pages of a section have them."""
        return cast(Chrome, self.query("chrome", lang, section))

    # What other plugins ask

    def __iter__(self) -> Iterator[Summary]:
        return iter(self.summaries(self.default_lang))

    def summary(self, ref: Ref, lang: Lang) -> Summary:
        """Return one item as it appears in one language."""
        return cast(Summary, self.query("summary", ref.kind, ref.slug, lang))

    def summaries(self, lang: Lang) -> tuple[Summary, ...]:
        """Return all items as they appear in one language, by reference."""
        return tuple(self.summary(ref, lang) for ref in self.refs())

    def feed_list(self, lang: Lang, key: str) -> FeedList | None:
        """Return the list of that key, if it has a feed in that language."""
        return cast(FeedList | None, self.query("feed-list", lang, key))

    def feed_link(self, lang: Lang, key: str) -> FeedLink | None:
        """Return the link to the feed of a list, if it has one in that language."""
        return cast(FeedLink | None, self.query("feed-link", lang, key))


def picture_path(path: str, facts: PictureFacts, name: str) -> str:
    """Return where a file is published that was made of a picture, by its width and format: `640.avif`."""
    return f"{PICTURES_FOLDER}{path}.{facts.file_name(name)}"


def credit_picture(picture: Picture, credit: ImageCredit | None) -> Picture:
    """Return a picture with its credit: its author and where it was published."""
    if credit is None:
        return picture
    return replace(picture, credit=", ".join(filter(None, (credit.author, credit.publisher))), credit_url=credit.url)


@lru_cache(maxsize=1024)
def _choose_lang(lang: Lang, site_langs: tuple[Lang, ...], codes: tuple[Lang, ...]) -> Lang | None:
    """Return which of the languages that a record has is shown for a language that it has not."""
    near = (code for code in codes if code.partition("-")[0] == lang.partition("-")[0])
    return next((code for code in (*near, *site_langs, *codes) if code in codes), None)
