"""What preview images show of an item, and where each of them is."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from openknowledge.catalogue.site import HOME, Site
from openknowledge.catalogue.views.base import line_words
from openknowledge.catalogue.views.parts import kicker
from openknowledge.engine.digest import digest, digest_bytes, package_version, read_sources
from openknowledge.fast_pickle import FastPickle
from openknowledge.model.values import Lang, Record, Subject

from .fonts import FONTS, settable

__all__ = [
    *("HEIGHT", "QUERIES", "SITE", "STYLE", "WIDTH", "PlacedCard", "ShareCard", "list_pictures"),
    "style_digest",
]

WIDTH, HEIGHT = 1200, 630
"""What platforms show whole."""
FOLDER = "share"
SITE = "site"
"""Stands for a kind where a page is none of an item: such pages have one picture a language."""
STYLE = "share-style"
"""The input that stands for how pictures are drawn."""
PACKAGES = ("pillow", "resvg-py")
SOURCES = ("share_pictures", "catalogue/covers.py")
NAME_LENGTH = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class ShareCard(FastPickle):
    """What a picture shows. All its words are in `lang`, which decides how they are set.

    `kind` and `subject` choose the pattern beside them.
    """

    title: str
    kicker: str
    site_name: str
    lang: Lang
    kind: str = ""
    subject: Subject | None = None

    @property
    def text(self) -> str:
        """Return the words of the picture, for those who do not see it."""
        return " · ".join(filter(None, (self.title, self.kicker, self.site_name)))


@dataclass(frozen=True, slots=True)
class PlacedCard(FastPickle):
    """A card, the key of its drawing and the path of the picture below output/, whose name changes with the drawing."""

    card: ShareCard
    key: str
    path: str


def share_card(site: Site, kind: str, slug: str, lang: Lang) -> PlacedCard:
    """Return what the picture of a page shows, in the language of the item's words.

    So an item that is not translated has one picture, whatever the language of the page.
    """
    record = site.stub(kind, slug) if kind != SITE else None
    if record is None or (kind, slug) == (HOME.kind, HOME.slug):
        name, tagline = site.settings.names[lang], site.settings.taglines[lang]
        return _place(site, ShareCard(title=name, kicker="", site_name=tagline, lang=lang), SITE, lang)
    return _place(site, _make_card(site, record, lang), kind, slug)


def share_pictures(site: Site, kind: str) -> tuple[tuple[str, Lang, str], ...]:
    """Return the slugs of a kind's items and the languages with a picture of their own, and the key of each."""
    found: dict[tuple[str, str], Lang] = {}
    for stub in site.stubs(kind):
        for lang in site.langs if (kind, stub.slug) != (HOME.kind, HOME.slug) else ():
            key = _place(site, _make_card(site, stub, lang), kind, stub.slug).key
            found.setdefault((stub.slug, key), lang)
    return tuple((slug, lang, key) for (slug, key), lang in found.items())


def _make_card(site: Site, record: Record, lang: Lang) -> ShareCard:
    shown = site.translation(record, lang)
    own = shown.lang if shown.lang in site.langs else site.default_lang
    strand = site.stub("strand", getattr(record, "strand", None))
    return ShareCard(
        title=_drawn_title(record, shown.words.title) or site.settings.names[own],
        kicker=line_words(kicker(record, site, own, strand)) if record.kind != HOME.kind else "",
        site_name=site.settings.names[own],
        lang=shown.lang or own,
        kind=record.kind,
        subject=getattr(record, "subject", None),
    )


def is_synced(record: Record) -> bool:
    """Return whether a platform wrote an item's title, so that no editor can mend it."""
    return bool(record.files) and not any(file.endswith(".md") for file in record.files)


def _drawn_title(record: Record, title: str) -> str:
    if title.isascii() or not is_synced(record):
        return title
    return settable(title)


def _place(site: Site, card: ShareCard, kind: str, slug: str) -> PlacedCard:
    key = digest((card, site.read_input(STYLE))).hex()
    return PlacedCard(card, key, f"{FOLDER}/{kind}/{slug}.{key[:NAME_LENGTH]}.jpg")


@cache
def style_digest() -> bytes:
    """Return the digest of all that decides what a card looks like: code, fonts, and the packages that draw."""
    fonts = [path.read_bytes() for path in sorted(FONTS.glob("*.woff2"))]
    versions = [f"{name}=={package_version(name)}".encode() for name in PACKAGES]
    return digest_bytes(b"\0".join((*read_sources(SOURCES), *fonts, *versions)))


def list_pictures(site: Site) -> Iterator[tuple[str, str, Lang, str]]:
    """Yield the kind, the slug and a language of each picture, and the key of its drawing."""
    for lang in site.langs:
        placed: PlacedCard = site.query("share-card", SITE, "", lang)
        yield SITE, "", lang, placed.key
    for kind in site.kinds:
        yield from ((kind.name, *row) for row in site.query("share-pictures", kind.name))


QUERIES = {"share-card": share_card, "share-pictures": share_pictures}
