"""The values that templates read: everything is chosen, sorted, worded and formatted already."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from html import unescape
from typing import Any

from openknowledge.fast_pickle import FastPickle
from openknowledge.model.values import Html, Lang
from openknowledge.rendering.locale import DateText

TAG = re.compile(r"<[^>]*>")
NAME = re.compile(r'<span lang="([^"]*)"[^>]*>(.*?)</span>')
"""A name in a line that is in another language than the page (`parts.named`)."""


def line_words(line: str) -> str:
    """Return a line without the markup that it has where a name in it is in another language than the page."""
    return unescape(TAG.sub("", line)) if isinstance(line, Html) else line


def line_pieces(line: str) -> str | tuple[str, ...]:
    """Return a line for browsers: its words; where names are in other languages, words, language and name in turn."""
    return tuple(map(unescape, NAME.split(line))) if isinstance(line, Html) else line


@dataclass(frozen=True, slots=True, kw_only=True)
class NavLink(FastPickle):
    """A link with its text; `is_current` on the page (or in the section) that it leads to."""

    text: str
    url: str
    is_current: bool = False
    lang: Lang | None = None
    count: str | None = None
    rel: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Alternate(FastPickle):
    """The same page in another language; `text` is that language's name of itself.

    `is_default` marks the site's default language, for readers of no listed language. Where no alternate has it, the
    page itself is in the default language.
    """

    lang: Lang
    url: str
    absolute_url: str
    text: str
    is_default: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedLink(FastPickle):
    """A feed to subscribe to, for the head of a page and the page of feeds."""

    title: str
    rss_url: str
    atom_url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Number(FastPickle):
    """A figure or counter, with everything that makes it honest.

    `text` is exact ("oltre 170.000"), `short` is for lists ("12.400+"); both say "not available" in the page's language
    where `is_known` is false. `label` is the noun ("iscrizioni"). `source_url` and `as_of` may be absent. `page_url`
    leads to the entry on the page of all numbers, and `anchor` is its id there. `json_url` is set where the number
    can be refreshed in place; `value` is its plain integer. `may_fall` is whether a later value may be lower.
    `history_url` leads to how it has grown.
    """

    name: str
    text: str
    short: str
    label: str
    definition: str
    is_known: bool
    value: int | None = None
    as_of: DateText | None = None
    source: str | None = None
    source_url: str | None = None
    is_sample: bool = False
    is_stale: bool = False
    may_fall: bool = False
    page_url: str | None = None
    json_url: str | None = None
    history_url: str | None = None
    anchor: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PictureSource(FastPickle):
    """A picture in one format, in several widths; `media` says which readers get it."""

    type: str
    srcset: str
    media: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture(FastPickle):
    """A picture or a drawn cover. `alt` is `""` where it only decorates.

    A browser takes the first of the `sources` that it can show, and `url` where it can show none. `stable_url` is what
    other sites may know it by.
    """

    url: str
    alt: str
    width_px: int
    height_px: int
    sources: tuple[PictureSource, ...] = ()
    stable_url: str = ""
    credit: str | None = None
    credit_url: str | None = None
    is_drawn: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Embed(FastPickle):
    """Something of another site that is played in the page once a reader asks for it.

    It is a link to `watch_url` until then, and always where `embed_url` is empty. `lang` is the language of `action`
    and `note`; `title_lang` is set where the title is in another one than the page. A video of the catalogue has a
    `picture` and a `page_url`. `shape` is that of the frame.
    """

    title: str
    provider: str
    action: str
    note: str
    watch_url: str
    embed_url: str
    shape: str
    lang: Lang
    title_lang: Lang | None = None
    picture: Picture | None = None
    duration: str = ""
    page_url: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment(FastPickle):
    """A part of a text: its markup, and perhaps a number or an embed that follows it."""

    html: Html
    number: Number | None = None
    embed: Embed | None = None


Body = tuple[Segment, ...]
"""A text with its numbers put in; `()` where there is none."""
InlineBody = str | Body
"""The words of a field: plain text, or markup of a line with its numbers put in."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Badge(FastPickle):
    """A state in one or two words; `tone` is its machine name (`open`, `archived`, `recorded`, …)."""

    text: str
    tone: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DetailRow(FastPickle):
    """One row of a list of details: a label and one or more values, each perhaps a link."""

    label: str
    values: tuple[NavLink | InlineBody, ...]
    note: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Card(FastPickle):
    """One item in a list. `kicker` is the small line above the title (kind, strand).

    `lang` is set only where the words are in another language than the page. `meta` is the row of details under the
    text. `duration` is shown on a video's poster.
    """

    ref: str
    kind: str
    kicker: str
    url: str
    title: str
    abstract: str = ""
    lang: Lang | None = None
    picture: Picture | None = None
    badge: Badge | None = None
    meta: tuple[str, ...] = ()
    date: DateText | None = None
    duration: str | None = None
    number: Number | None = None
    is_sample: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CardGroup(FastPickle):
    """A titled list of cards, with a link to all of them where there are more.

    `lang` is set only where the title is in another language than the page.
    """

    title: str
    cards: tuple[Card, ...]
    more: NavLink | None = None
    intro: str | None = None
    anchor: str | None = None
    lang: Lang | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FacetGroup(FastPickle):
    """A filter: one link a value with its count. The first option of each group leads to all.

    Where browsers can combine it with others, `name` is what addresses call it, and `values` are those of its options.
    `index` leads to a list of all values.
    """

    label: str
    options: tuple[NavLink, ...]
    name: str = ""
    values: tuple[str, ...] = ()
    index: NavLink | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FilterSource(FastPickle):
    """Where the filters of a page find what they combine: the document, and the page of the whole list.

    `chosen` is the filter and value of the page's own list (`subject=physics`).
    """

    url: str
    list_url: str
    chosen: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pager(FastPickle):
    """The position of a page in a long list; `pages` are links to the near ones, with None where some are left out."""

    label: str
    previous: NavLink | None = None
    next: NavLink | None = None
    pages: tuple[NavLink | None, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice(FastPickle):
    """A line that the reader must not miss. `tone`: `language`, `sample`, `archive`, `problem`."""

    text: str
    tone: str
    link: NavLink | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Assets(FastPickle):
    """Addresses of the theme's files, with their fingerprints in the name.

    `scheme_url` is the script that must run before the page is painted (`js/scheme.js`): it sets the colour scheme that
    the reader chose. `print_url` is the stylesheet for paper, which no screen waits for.
    """

    stylesheet_url: str
    print_url: str
    script_url: str
    scheme_url: str
    icon_url: str
    manifest_url: str | None = None
    touch_icon_url: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FooterGroup(FastPickle):
    """A titled list of links in the colophon."""

    title: str
    links: tuple[NavLink, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Imprint(FastPickle):
    """Who publishes the site. `legal_name` is set where it is another one, `address` is one line."""

    name: str
    url: str | None
    legal_name: str | None
    address: str
    ror: NavLink | None
    logo: Picture | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Chrome(FastPickle):
    """What all pages of one language share. `nav` holds the sections of the masthead.

    `robots` is every page's instruction to search engines; it overrides a page's own. `locales` are the languages of
    the site as platforms write them (`it_IT`), this one first; a language without a country is not among them.
    """

    lang: Lang
    site_name: str
    tagline: str
    home_url: str
    nav: tuple[NavLink, ...]
    footer: tuple[FooterGroup, ...]
    license_text: str
    license_url: str
    assets: Assets
    search_url: str | None = None
    robots: str | None = None
    locales: tuple[str, ...] = ()
    imprint: Imprint | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PageView(FastPickle):
    """The whole truth of one page; a template reads nothing else but its language's translations.

    `url` is the page's address below the site's root (`/corsi/`); `save_as` is its file in output/. `lang` is the
    language of the interface. `content_lang` is set only where the page's own title and text are in another one (`""`
    where it is unknown). `stylesheet_url` is a stylesheet that only pages of this template need, `texts_url` one
    for texts with formulas, code, tables or boxes. `section` is the
    `kind` name of the masthead's current entry. `crumbs` begin with the home page and end with this one. `extras` is
    what other plugins add.
    """

    template: str
    url: str
    save_as: str
    canonical_url: str
    lang: Lang
    chrome: Chrome
    title: str
    heading: str
    description: str
    headline: Html | None = None
    content_lang: Lang | None = None
    stylesheet_url: str | None = None
    texts_url: str | None = None
    section: str = ""
    crumbs: tuple[NavLink, ...] = ()
    alternates: tuple[Alternate, ...] = ()
    notices: tuple[Notice, ...] = ()
    feeds: tuple[FeedLink, ...] = ()
    robots: str | None = None
    sources: tuple[NavLink | str, ...] = ()
    ref: str | None = None
    extras: Mapping[str, Any] = field(default_factory=dict)
