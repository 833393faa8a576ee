"""Parsed texts as pages and feeds show them: links lead to URLs, pictures are published, numbers stand in."""

import html
import re
from collections.abc import Callable, Sequence
from datetime import date, datetime, time
from functools import partial
from urllib.parse import unquote, urljoin

from openknowledge.content.markdown.inline import plain_words
from openknowledge.content.markdown.render import PLACEHOLDER
from openknowledge.content.text_links import FILE_PREFIX
from openknowledge.language_tags import language_attributes, text_direction
from openknowledge.model.values import Html, Lang, PartialDate, Record, as_moment
from openknowledge.rendering.locale import Language

from ..routes import media_path
from ..site import Site
from ..summary import Media, Summary
from .base import Body, Embed, InlineBody, Number, Segment
from .embeds import take_embeds
from .text_blocks import dress_blocks, name_boxes, undress_blocks
from .text_pictures import show_pictures, undress_pictures

__all__ = [
    "absolute_html",
    "file_note",
    "number_text",
    "plain_text",
    "record_body",
    "render_body",
    "summarize",
    "words_of",
]

LOCAL_LINK = re.compile(
    r'(<(?:a|img)\b(?:[^>"]|"[^"]*")*?\b(?:href|src)=")((?:\{(?:static|filename)\})?/(?!/)[^"]*)(?=")'
)
"""A link to a file of the content folder or to an address of the site, or a picture."""
DOWNLOAD = re.compile(r'<a data-bytes="(\d+)"((?:[^>"]|"[^"]*")*)>(.*?)</a>', re.DOTALL)
"""A link to a file of the content folder, with its size."""
HREF = re.compile(r'\bhref="([^"#?]*)')
BLOCK = re.compile(r'<table|<pre|<data class="word"')
"""In each text with a block that pages dress."""
MAY_EMBED = re.compile(r'<p[^>]*>\s*(?:https?://|<a\b|<data value="video:)')
"""In each text with a paragraph that may be an embed."""
BACK_TO_MARK = re.compile(r'(class="footnote-backref"[^>]*) title="Jump back to footnote ([0-9]+) in the text"')
"""How both readers name the link from a footnote back to the text."""
TAG = re.compile(r'<[a-zA-Z][^\s<>"]*\s(?:[^">]|"[^"]*")*+>')
"""A tag with attributes in sanitised markup: a value stands in double quotes, and may have angle brackets."""
WITH_URL = re.compile(
    r'<[a-zA-Z][^\s<>"]*(?=\s)'
    r'(?=(?:[^">]|"[^"]*")*?\s(?:srcset="|(?:href|src|cite|poster)="(?!https?://[^"&\'<>]*")))(?:[^">]|"[^"]*")*+>'
)
"""Such a tag with an address in it that may not be absolute."""
LANG_ATTRIBUTE = re.compile(r'\slang="([^"]*)"')
URL_ATTRIBUTE = re.compile(r'(?P<before>\s(?P<name>href|src|srcset|cite|poster)=")(?P<value>[^"]*)')
ORIGIN = re.compile(r"https?://[^/?#\s]+")
ROOT_RELATIVE = re.compile(r"/(?:[\w~%-][\w~%.-]*+/?+)*+", re.ASCII)
"""A path of which nothing is left out when it is joined to an address; most links have one."""
BETWEEN_CANDIDATES = re.compile(r",\s+")
"""What is between the pictures of a `srcset`; an address may have commas, but none before a blank."""


def record_body(site: Site, record: Record, lang: Lang) -> Body:
    """Return a whole record's text in a language, its links resolved and its numbers put in."""
    translation = site.translation(record, lang)
    markup = translation.words.body
    if BLOCK.search(markup):
        language = site.language(translation.lang if translation.lang in site.langs else lang)
        markup = dress_blocks(name_boxes(markup, language), language)
    return render_body(site, markup, lang, next(iter(record.files), ""))


def render_body(site: Site, markup: Html, lang: Lang, path: str = "") -> Body:
    """Return a parsed text of the file `path` as a page in `lang` shows it."""
    if not markup:
        return ()
    if ' lang="' in markup:
        markup = Html(TAG.sub(lambda tag: _add_direction(tag[0]), markup))
    if "footnote-backref" in markup:
        markup = _translate_footnotes(site, markup, lang)
    embeds: list[Embed] = []
    if "<p" in markup and MAY_EMBED.search(markup):
        markup, embeds = take_embeds(site, markup, lang)
    parts = PLACEHOLDER.split(_resolve_links(site, show_pictures(site, markup), lang, path))
    names = [*map(html.unescape, parts[1::2]), ""]
    return tuple(_segment(site, Html(text), name, embeds, lang) for text, name in zip(parts[::2], names, strict=True))


def _segment(site: Site, markup: Html, name: str, embeds: Sequence[Embed], lang: Lang) -> Segment:
    """Return a part of a text, and what the placeholder behind it stands for."""
    kind, _, number = name.partition(":")
    if kind == "embed" and number.isdecimal() and int(number) < len(embeds):
        return Segment(html=markup, embed=embeds[int(number)])
    return Segment(html=markup, number=site.number(name, lang) if name and kind != "video" else None)


def words_of(site: Site, record: Record, lang: Lang) -> Callable[[str], InlineBody]:
    """Return a function that renders words of a record's fields, as its page in a language shows them."""
    return partial(_render_words_of, site, record, lang)


def _render_words_of(site: Site, record: Record, lang: Lang, words: str) -> InlineBody:
    if not isinstance(words, Html):
        return words
    return render_body(site, words, lang, next(iter(record.files), ""))


def plain_text(site: Site, words: str, lang: Lang) -> str:
    """Return the words of a field without markup, for lists, descriptions and other places that can show none."""
    if not isinstance(words, Html):
        return words
    parts = PLACEHOLDER.split(words)
    for at in range(1, len(parts), 2):
        number = site.number(html.unescape(parts[at]), lang)
        parts[at] = html.escape(number_text(number, site.language(lang))) if number is not None else ""
    return plain_words("".join(parts))


def _translate_footnotes(site: Site, markup: Html, lang: Lang) -> Html:
    """Return the markup with the links of its footnotes named, and marked as being, in the page's language."""
    gettext = site.language(lang).gettext

    def name(match: re.Match[str]) -> str:
        title = gettext("Jump back to footnote %(number)s in the text", number=match[2])
        return f'{match[1]} title="{html.escape(title)}"{language_attributes(lang)}'

    return Html(BACK_TO_MARK.sub(name, markup))


def _add_direction(tag: str) -> str:
    """Return a tag with the direction of its language, unless it says both or neither."""
    if " dir=" in tag:
        return tag
    return LANG_ATTRIBUTE.sub(lambda match: language_attributes(html.unescape(match[1])), tag, count=1)


def _resolve_links(site: Site, markup: str, lang: Lang, path: str) -> str:
    """Return the markup with the URLs of what its links and pictures name."""
    parts = LOCAL_LINK.split(markup)
    root = path.partition("/")[0]
    for at in range(2, len(parts), 3):
        parts[at] = _link_url(site, parts[at], root, lang)
    resolved = "".join(parts)
    if "data-bytes" not in resolved:
        return resolved
    language = site.language(lang)

    def add_note(link: re.Match[str]) -> str:
        path = HREF.search(link[2])
        note = html.escape(file_note(path[1] if path else "", int(link[1]), language))
        return f'<a{link[2]}>{link[3]}</a> <span class="file-note">({note})</span>'

    return DOWNLOAD.sub(add_note, resolved)


def _link_url(site: Site, target: str, root: str, lang: Lang) -> str:
    """Return the URL of a target, escaped; many files have the same links. `root` is the content folder's name."""

    def resolve(site: Site) -> str:
        return html.escape(_resolve(site, html.unescape(target), root, lang))

    return site.compute_once(("link", root, target, lang), resolve)


def _resolve(site: Site, target: str, root: str, lang: Lang) -> str:
    """Return the URL of a target in the form that texts have them in.

    An item that may not be shown yet (or, in a preview, is broken) is not given away: its link leads home.
    """
    if target.startswith("/"):
        return f"{site.base_path}{target}"
    prefix, _, path = target.partition("/")
    end = min((at for mark in "#?" if (at := path.find(mark)) >= 0), default=len(path))
    name, suffix = unquote(path[:end]), path[end:]
    if prefix == FILE_PREFIX:
        return site.url_for_path(media_path(name)) + suffix
    url = site.url_of_file(f"{root}/{name}", lang)
    return site.route_url("home", lang) if url is None else url + suffix


def file_note(path: str, size_b: int, language: Language) -> str:
    """Return the type and the size of a file: `PDF, 1.2 MB`."""
    _, dot, suffix = path.rpartition("/")[2].rpartition(".")
    return ", ".join(filter(None, (suffix.upper() if dot else "", language.file_size(size_b))))


def number_text(number: Number, language: Language | None = None) -> str:
    """Return a number as plain text, for feeds; the language is needed to mark samples."""
    if not number.is_sample or language is None:
        return number.text
    return language.gettext("%(number)s (sample data)", number=number.text)


def absolute_html(site: Site, body: Body, lang: Lang, page_url: str) -> Html:
    """Return a text with its numbers as plain words, samples marked as such, and its links absolute.

    `page_url` is the root-relative URL of the page that shows the text: links mean there what they mean on the page.
    """
    base, parts = site.absolute_url(page_url), []
    for segment in body:
        parts.append(WITH_URL.sub(lambda tag: _make_absolute(tag[0], base), undress_pictures(segment.html)))
        if segment.number is not None:
            parts.append(html.escape(number_text(segment.number, site.language(lang))))
        if segment.embed is not None:
            parts.append(_embed_link(segment.embed, base))
    markup = undress_blocks("".join(parts))
    if "<annotation" in markup:
        from openknowledge.content.markdown.formulas import without_annotations

        markup = without_annotations(markup)
    return Html(markup)


def _embed_link(embed: Embed, base: str) -> str:
    """Return an embed as a paragraph with a link, for feeds."""
    provider = f" ({html.escape(embed.provider)})" if embed.provider else ""
    return f'<p><a href="{html.escape(urljoin(base, embed.watch_url))}">{html.escape(embed.title)}</a>{provider}</p>'


def _make_absolute(tag: str, base: str) -> str:
    """Return a tag with every address in it absolute."""

    def absolute(match: re.Match[str]) -> str:
        value = html.unescape(match["value"])
        if match["name"] == "srcset":
            value = ", ".join(_join_url(base, candidate) for candidate in BETWEEN_CANDIDATES.split(value))
        else:
            value = _join_url(base, value)
        return match["before"] + html.escape(value)

    return URL_ATTRIBUTE.sub(absolute, tag)


def _join_url(base: str, target: str) -> str:
    """Return the absolute form of a target; what is no address stays as it is."""
    if target.startswith(("https://", "http://")):
        return target
    origin = ORIGIN.match(base)
    if origin is not None and ROOT_RELATIVE.fullmatch(target):
        return origin[0] + target
    try:
        return urljoin(base, target)
    except ValueError:
        return target


def summarize(
    record: Record,
    site: Site,
    lang: Lang,
    *,
    published: date | datetime | PartialDate | None = None,
    updated: date | datetime | None = None,
    belongs_to: Sequence[str] = (),
    content: Html | None = None,
    media: Media | None = None,
) -> Summary:
    """Return a record as other plugins see it: its words, topics and authors, absolute addresses, plain numbers.

    Dates and parents are what the record's kind says, besides the arguments.
    """
    shown, kind = site.translation(record, lang), site.kind(record.kind)
    first, last = _find_moments(site, record)
    topics = [site.stub("topic", slug) for slug in record.topics]
    authors = [site.stub("person", credit.person) for credit in getattr(record, "credits", ())]
    parents = (f"{name}/{slug}" for name in kind.parents if (slug := getattr(record, name)))
    url = site.url(record, lang)
    if content is None:
        content = absolute_html(site, record_body(site, record, lang), lang, url)
    return Summary(
        ref=str(record.ref),
        kind=record.kind,
        url=site.absolute_url(url),
        title=shown.words.title,
        abstract=plain_text(site, shown.words.abstract, lang),
        content=_mark_direction(content, shown.lang),
        lang=shown.lang,
        published=_moment(site, published) or first,
        updated=_moment(site, updated) or last,
        authors=tuple(site.title(author, lang) for author in authors if author is not None),
        topics=tuple(site.title(topic, lang) for topic in topics if topic is not None),
        belongs_to=(*parents, *belongs_to, *(f"topic/{slug}" for slug in record.topics)),
        media=media,
        is_sample=record.sample,
    )


def _find_moments(site: Site, record: Record) -> Sequence[datetime | None]:
    """Return when a record was published and updated; of what is gone from its platform neither, so no feed has it."""
    names = site.kind(record.kind).dates if getattr(record, "gone_since", None) is None else ()
    return (*(_moment(site, getattr(record, name, None)) for name in names), None, None)[:2]


def _mark_direction(content: Html, lang: Lang) -> Html:
    """Return a text, marked where it is read from right to left: feed readers show it without its page."""
    if not content or text_direction(lang) != "rtl":
        return content
    return Html(f"<div{language_attributes(lang)}>{content}</div>")


def _moment(site: Site, when: date | datetime | PartialDate | None) -> datetime | None:
    """Return a day as its first moment in the site's time zone; a moment as it is; a month or a year is none."""
    when = as_moment(when)
    if when is None or isinstance(when, datetime):
        return when
    return datetime.combine(when, time(), site.language(site.default_lang).timezone)
