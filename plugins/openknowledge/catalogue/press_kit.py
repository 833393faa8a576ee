"""What a newsroom takes with it of a release: its text, its figures as a table, and its pictures with their credits."""

import csv
import io
import re
from collections.abc import Iterable, Iterator
from datetime import date
from html import escape, unescape
from urllib.parse import unquote
from zipfile import ZIP_STORED, ZipFile, ZipInfo

from openknowledge.engine.rules import Action, Description, Rule, static_action
from openknowledge.invisible_text import as_cell
from openknowledge.manifest import FileRole
from openknowledge.model.texts import PressRelease, PressWords
from openknowledge.model.values import Lang, Ref

from .page_rules import published_bytes
from .site import Site
from .views.base import Number
from .views.body import absolute_html, plain_text, record_body
from .views.parts import figure_numbers

__all__ = ["kit_path", "press_kits_rule"]

NAME = "kit.zip"
PICTURE = re.compile(r'<img\b(?:[^>"]|"[^"]*")*?\bsrc="\{static\}/(?P<path>[^"]*)"(?:[^>"]|"[^"]*")*>')
"""A picture of the content folder in a parsed text."""
ALT = re.compile(r'\balt="([^"]*)"')
FIRST_ZIP_YEAR = 1980
UNIX = 3
"""The system whose rights the entries of an archive have, on whatever system it is made."""


def kit_path(site: Site, slug: str, lang: Lang) -> str:
    """Return the file of a release's kit below output/: it lies beside the page."""
    return site.route_of(Ref("press", slug), lang).save_as.removesuffix("index.html") + NAME


def press_kits_rule() -> Rule:
    """Return the rule for the kit of each release in each language."""

    def keys(site: Site) -> Iterator[tuple[str, ...]]:
        return ((lang, slug) for lang in site.langs for slug in site.slugs("press"))

    def plan(site: Site, lang: str, slug: str) -> Action:
        release = site.record(Ref("press", slug))
        assert isinstance(release, PressRelease)
        return static_action((kit_path(site, slug, lang), _pack(release.published, _files(site, release, lang))))

    words = {"press-kit": Description("the kit of the release {release} ({lang})", ("lang", "release"))}
    return Rule("press-kit", "Packing press kits", keys, plan, role=FileRole.MEDIA, descriptions=words)


def _files(site: Site, release: PressRelease, lang: Lang) -> Iterator[tuple[str, bytes]]:
    """Yield the names and bytes of what the kit has."""
    yield f"{release.slug}.html", _text(site, release, lang).encode()
    if release.figures:
        yield f"{release.slug}.csv", _figures(figure_numbers(site, release.figures, lang)).encode()
    pictures = dict(_pictures(site, release, lang))
    for path in pictures:
        yield _file_name(path), published_bytes(site, path)
    if pictures:
        yield "pictures.txt", "".join(f"{_file_name(path)}: {words}\n" for path, words in pictures.items()).encode()


def _pictures(site: Site, release: PressRelease, lang: Lang) -> Iterator[tuple[str, str]]:
    """Yield the pictures of a release, each with what it shows and who is credited; those of the text have captions."""
    image = release.image
    if image is not None:
        credit = image.credit
        facts = image.alt.get(lang), *((credit.author, credit.publisher, credit.url) if credit else ())
        yield image.path, "; ".join(filter(None, facts))
    for tag in PICTURE.finditer(site.translation(release, lang).words.body):
        alt = ALT.search(tag[0])
        yield unquote(unescape(tag["path"])), unescape(alt[1]) if alt else ""


def _file_name(path: str) -> str:
    """Return the name of a picture in the kit: below the folder of its kind, so that no two are the same."""
    return path.partition("/")[2]


def _pack(day: date, files: Iterable[tuple[str, bytes]]) -> bytes:
    """Return an archive whose bytes follow from its files: each is of the day, and none is compressed."""
    archive = io.BytesIO()
    with ZipFile(archive, "w", ZIP_STORED) as kit:
        for name, data in files:
            entry = ZipInfo(name, (max(day.year, FIRST_ZIP_YEAR), day.month, day.day, 0, 0, 0))
            entry.create_system, entry.external_attr = UNIX, 0o644 << 16
            kit.writestr(entry, data)
    return archive.getvalue()


def _text(site: Site, release: PressRelease, lang: Lang) -> str:
    """Return the release as a document that every browser and word processor opens."""
    translation, language = site.translation(release, lang), site.language(lang)
    words, url = translation.words, site.url(release, lang)
    assert isinstance(words, PressWords)
    standfirst = plain_text(site, words.standfirst or words.abstract, lang)
    dateline = ", ".join(filter(None, (words.place, language.date(release.published).text)))
    contact, lines = release.contact, []
    if contact is not None:
        lines = [contact.name, contact.organisation, *contact.address, contact.phone, contact.mobile, contact.email]
    return "\n".join(
        (
            f'<!doctype html>\n<html lang="{escape(translation.lang)}">\n<meta charset="utf-8">',
            f"<title>{escape(words.title)}</title>\n<p>{escape(dateline)}</p>\n<h1>{escape(words.title)}</h1>",
            f"<p><strong>{escape(standfirst)}</strong></p>",
            absolute_html(site, record_body(site, release, lang), lang, url),
            f"<p>{'<br>'.join(escape(line) for line in lines if line)}</p>",
            f'<p><a href="{escape(site.absolute_url(url))}">{escape(site.absolute_url(url))}</a></p>\n</html>\n',
        )
    )


def _figures(numbers: tuple[Number, ...]) -> str:
    """Return the figures of a release, each with what it counts, its day and its source."""
    table = io.StringIO()
    writer = csv.writer(table, lineterminator="\r\n")
    writer.writerow(("number", "text", "label", "definition", "as_of", "source", "source_url", "sample"))
    writer.writerows(
        (
            "" if one.value is None else one.value,
            as_cell(one.text),
            as_cell(one.label),
            as_cell(one.definition),
            one.as_of.iso if one.as_of else "",
            as_cell(one.source or ""),
            as_cell(one.source_url or ""),
            str(one.is_sample).lower(),
        )
        for one in numbers
    )
    return table.getvalue()
