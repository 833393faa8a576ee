"""What an item is found by, and what results show of it."""

import html
import math
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Any

from openknowledge.catalogue.site import HOME, Site
from openknowledge.catalogue.summary import Summary
from openknowledge.catalogue.views.base import Card, line_pieces, line_words
from openknowledge.catalogue.views.parts import join_named, named
from openknowledge.content.plain_text import excerpt
from openknowledge.model.transcript import Transcript
from openknowledge.model.values import UNKNOWN_LANG, Html, Lang, Record, Ref

from .page_words import find_page_texts
from .words import find_lang, find_stop_words, find_words, key_finder

__all__ = ["Hit", "ItemWords", "describe_item", "find_item_words", "is_searchable"]

Hit = tuple[int, int | None]
"""How much a key counts in an item, from 0 to `MOST`, and the second of a video at which it is said first."""
ItemWords = dict[str, Hit]
"""The keys of an item."""

MOST = 7
TITLE, CARD, FIELDS, ABSTRACT, HEADINGS, OF_OTHERS = 8, 4, 3, 3, 2, 0
"""How much a word counts in these places; in a text it counts 1, and more where it stands often.

In the title of another item, which a list shows, it counts least: who looks for it finds that item first.
"""
SHORT_TITLE = 2
"""Words of so short a title count half as much again."""
RANKS = bytes((0, 1, 2, 3, 3, 4, 4, 5, 5, 5, 6, 6, 6, 6))
"""From points to what a key counts; more points are `MOST`."""
EXCERPT_LENGTH = 140
EXCERPT_LENGTHS = {"video": 100}
HEADING = re.compile(r"<h([1-6])[^>]*>(.*?)</h\1>", re.DOTALL)
ALTERNATIVE = re.compile(r'\balt="([^"]+)"')
IN_WORDS = re.compile(r'</?(?:a|abbr|b|cite|data|em|i|mark|s|small|span|strong|sub|sup|u)\b(?:[^">]|"[^"]*")*+>')
TAG = re.compile(r'<(?:[^">]|"[^"]*")*+>')


def is_searchable(site: Site, kind: str, slug: str) -> bool:
    """Return whether an item has a page to be found: not the home page, nor one at a file of its own."""
    record = site.stub(kind, slug)
    return record is not None and (kind, slug) != (HOME.kind, HOME.slug) and not getattr(record, "save_as", None)


def describe_item(site: Site, ref: Ref, lang: Lang) -> tuple[Any, ...]:
    """Return what results show: `title, url, kicker, date, lang, names, excerpt, is_sample`, without an empty tail.

    Kicker and names are in pieces where there are names in other languages than that of the page.
    """
    card, summary = site.card(ref, lang), site.summary(ref, lang)
    known = line_words(card.kicker)
    names = join_named(*(name for name in _find_names(site, summary, lang) if line_words(name) not in known))
    shown = excerpt(summary.abstract, EXCERPT_LENGTHS.get(ref.kind, EXCERPT_LENGTH))
    own_lang = 0 if card.lang is None else card.lang or UNKNOWN_LANG
    kicker, others = line_pieces(card.kicker), line_pieces(names)
    row = (card.title, card.url, kicker, _date_number(card), own_lang, others, shown, int(card.is_sample))
    return row[: max(length for length, value in enumerate(row, start=1) if value or length == 1)]


def find_item_words(site: Site, record: Record, lang: Lang) -> ItemWords:
    """Return the words of an item's page in a language, with those of its transcripts."""
    ref = record.ref
    card, summary = site.card(ref, lang), site.summary(ref, lang)
    texts, labels, titles = find_page_texts(site, record, lang)
    body = plain_text(summary.content)
    own = _find_lang(summary.lang, "\n".join((card.title, summary.abstract, body)))
    # Titles and labels in other languages have English words, too.
    short = None if own != "en" else own
    title_words = find_words(card.title)
    points: Counter[str] = Counter()
    _add(points, title_words, short, TITLE * 3 // 2 if len(title_words) <= SHORT_TITLE else TITLE, is_exact=True)
    names = " ".join(map(line_words, (card.kicker, *_find_names(site, summary, lang))))
    _add(points, find_words(names), None, CARD, is_exact=True)
    _add(points, find_words(" ".join((*labels, card.badge.text if card.badge else ""))), None, CARD)
    _add(points, find_words("\n".join(texts)), short, FIELDS)
    _add(points, find_words("\n".join(titles)), None, OF_OTHERS)
    # The beginning of a channel's text counts as the rest of it.
    if summary.abstract != excerpt(getattr(record, "description", "")):
        _add(points, find_words(summary.abstract), own, ABSTRACT)
    for keys, value in _body_points(summary.content, body, own):
        for key in keys:
            points[key] += value
    points.update(dict.fromkeys(find_stop_words(card.title), TITLE))
    words: ItemWords = {key: (RANKS[n] if n < len(RANKS) else MOST, None) for key, n in points.items()}
    for transcript in site.transcripts_of(getattr(record, "youtube_id", None)) if ref.kind == "video" else ():
        for key, second in _first_seconds(transcript):
            rank, known = words.get(key, (0, None))
            words[key] = rank, second if known is None else min(known, second)
    return words


def _add(points: Counter[str], words: Iterable[str], lang: Lang | None, value: int, *, is_exact: bool = False) -> None:
    """Add to the points of the keys of some words, and with `is_exact` to those of the words as they are written."""
    words = set(words)
    for key in {key for keys in map(key_finder(lang), words) for key in keys}.union(words if is_exact else ()):
        points[key] += value


def _find_lang(lang: Lang, text: str) -> Lang:
    return lang if lang != UNKNOWN_LANG else find_lang(text)


def _find_names(site: Site, summary: Summary, lang: Lang) -> Iterator[str]:
    """Yield the people, topics, strands and playlists of an item, each once; markup where in another language."""
    topics_first = sorted(summary.belongs_to, key=lambda ref: not ref.startswith("topic/"))
    lists = (named(site, record, lang) for ref in topics_first if (record := site.stub_by_ref(ref)))
    yield from dict.fromkeys((*summary.authors, *lists))


@lru_cache(maxsize=64)
def _body_points(markup: Html, text: str, lang: Lang) -> tuple[tuple[tuple[str, ...], int], ...]:
    """Return the keys of each word of a text, and how much they count; a text is the same in several languages."""
    headings = {word for _, one in HEADING.findall(markup) for word in find_words(plain_text(one))}
    find = key_finder(lang)
    return tuple(
        (find(word), 1 + int(math.log2(count) / 2) + (HEADINGS if word in headings else 0))
        for word, count in Counter(find_words(text)).items()
    )


@lru_cache(maxsize=64)
def plain_text(markup: str) -> str:
    """Return the words of markup, with those that stand for pictures."""
    if "<" not in markup:
        return html.unescape(markup)
    pictures = " ".join(("", *ALTERNATIVE.findall(markup))) if "<img" in markup else ""
    return html.unescape(TAG.sub(" ", IN_WORDS.sub("", markup)) + pictures)


def _first_seconds(transcript: Transcript) -> Iterator[tuple[str, int]]:
    """Yield the keys of all that is said, each with the second of the caption in which it is said first."""
    seconds: dict[str, int] = {}
    find = key_finder(transcript.lang)
    for paragraph in transcript.paragraphs:
        for cue in paragraph.cues:
            for word in find_words(cue.text):
                for key in find(word):
                    seconds.setdefault(key, int(cue.start_s))
    yield from seconds.items()


def _date_number(card: Card) -> int:
    """Return a date as `20200616`, or as `202006` or `2020` where only that is known; 0 without a date."""
    return int(card.date.iso[:10].replace("-", "")) if card.date else 0
