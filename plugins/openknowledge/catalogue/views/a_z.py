"""Indexes from A to Z, for readers without script: a page for each letter, cut where it is long.

One has everything by its title, the other who speaks in the videos, each with theirs.
"""

import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import groupby

from openknowledge.content.name_patterns import name_slug
from openknowledge.model.people import Person, find_surname
from openknowledge.model.values import Lang
from openknowledge.model.video import Video
from openknowledge.rendering.locale import N_

from ..kind import ListRule
from ..routes import Route
from ..site import HOME, Site
from .base import NavLink, Pager
from .frame import page_fields
from .pages import LetterLine, LetterPage
from .paging import FIRST, Pages, cut_by_name, page_of
from .parts import credit_lines, list_link, record_link

__all__ = [
    *("letter_entry", "letter_links", "letter_list", "letter_pages", "letters"),
    *("speaker_links", "speaker_place", "speaker_url", "speakers", "speakers_link"),
]

DIGITS, OTHERS = "0-9", "other"
"""The keys of titles that begin with a digit, and with a letter of another script."""
NAMES = {OTHERS: N_("Other signs")}

Entry = tuple[str, str]
"""The letter under which something stands, and by what it is sorted."""


@dataclass(frozen=True, slots=True)
class LetterIndex:
    """An index: the list and the word below which its pages are, its words as message ids, and what it has.

    `length` is about how many links a page has; each has less than twice as many.
    `entries` yields what stands under a letter, by what it is sorted, and its name, which has a stroke in it; `lines`
    are those of a page, from the names on it.
    """

    length: int
    parent: str
    word: str
    section: str
    heading: str
    description: str
    crumb: Callable[[Site, Lang], NavLink]
    entries: Callable[[Site, Lang], Iterable[tuple[str, str, str]]]
    lines: Callable[[Site, Lang, tuple[str, ...]], Iterator[LetterLine]]


# Everything by its title


def letter_entry(site: Site, kind: str, slug: str, lang: Lang) -> Entry:
    """Return the letter under which an item stands in a language, and by what it is sorted; `""` where it does not."""
    record = site.stub(kind, slug)
    if record is None or (kind, slug) == (HOME.kind, HOME.slug) or getattr(record, "save_as", None):
        return "", ""
    return _find_letter(site.title(record, lang))


def _find_letter(text: str) -> Entry:
    bare = unicodedata.normalize("NFKD", text).casefold()
    folded = "".join(sign if sign.isalnum() else " " for sign in bare if not unicodedata.combining(sign)).strip()
    first = folded[:1]
    return (first if "a" <= first <= "z" else DIGITS if first.isdigit() else OTHERS), folded


def _all_entries(site: Site, lang: Lang) -> Iterator[tuple[str, str, str]]:
    for ref in site.refs():
        letter, folded = site.query("letter-entry", ref.kind, ref.slug, lang)
        if letter:
            yield letter, folded, str(ref)


def _item_lines(site: Site, lang: Lang, names: tuple[str, ...]) -> Iterator[LetterLine]:
    translate = site.language(lang).gettext
    for stub in filter(None, map(site.stub_by_ref, names)):
        yield LetterLine(record_link(site, stub, lang), kind=translate(site.kind(stub.kind).label))


# Who speaks in the videos


def speakers(site: Site) -> dict[str, tuple[str, tuple[str, ...]]]:
    """Return who speaks in the videos: by the slug of a person or of a name, the name and the videos, newest first."""
    found: dict[str, tuple[str, dict[str, None]]] = {}
    for video in sorted(site.stubs_of(Video), key=lambda video: (video.published, video.slug), reverse=True):
        people = (site.stub("person", credit.person) for credit in video.credits)
        own = ((person.slug, site.title(person, site.default_lang)) for person in people if person is not None)
        for slug, name in (*own, *((name_slug(name), name) for name in video.speakers)):
            found.setdefault(slug, (name, {}))[1][video.slug] = None
    return {slug: (name, tuple(videos)) for slug, (name, videos) in found.items()}


def _speaker_entries(site: Site, _lang: Lang) -> Iterator[tuple[str, str, str]]:
    for slug, (name, videos) in site.query("speakers").items():
        person = site.stub("person", slug)
        surname = person.surname if isinstance(person, Person) and person.surname else find_surname(name)
        letter, folded = _find_letter(surname)
        own = f"{folded}\0{_find_letter(name)[1]}\0{slug}"
        yield from ((letter, f"{own}\0{place:06}", f"{slug}/{video}") for place, video in enumerate(videos))


def _speaker_lines(site: Site, lang: Lang, names: tuple[str, ...]) -> Iterator[LetterLine]:
    known = site.query("speakers")
    for slug, pairs in groupby((name.split("/") for name in names), key=lambda pair: pair[0]):
        person = site.stub("person", slug)
        links = (site.query("named-link", "video", video, lang) for _, video in pairs)
        name = record_link(site, person, lang) if person is not None else known[slug][0]
        yield LetterLine(name, tuple(link for link in links if link is not None), f"speaker:{slug}")


def speaker_place(site: Site, slug: str) -> tuple[str, str, bool]:
    """Return on which page a speaker stands first, by its letter and its name, and whether with several videos."""
    places = site.compute_once("speaker-places", _find_speaker_places)
    return (*places[slug], len(site.query("speakers")[slug][1]) > 1)


def _find_speaker_places(site: Site) -> dict[str, tuple[str, str]]:
    places: dict[str, tuple[str, str]] = {}
    for letter, pages in site.query("letter-pages", "speakers", site.default_lang).items():
        for page, names in pages:
            for name in names:
                places.setdefault(name.partition("/")[0], (letter, _page_name(page)))
    return places


def speaker_url(site: Site, lang: Lang, name: str) -> str:
    """Return the URL of the videos of someone who has no page."""
    slug = name_slug(name)
    letter, page, _ = site.query("speaker-place", slug)
    return f"{site.url_for_path(letter_route(site, lang, 'speakers', letter, page).url)}#speaker:{slug}"


def speaker_links(site: Site, video: Video, lang: Lang) -> Iterator[NavLink | str]:
    """Yield who speaks in a video: those who have a page, then the others, with a link to their other videos."""
    yield from (NavLink(text=one.name, url=one.url or "") for one in credit_lines(site, video.credits, lang))
    for name in video.speakers:
        _, _, has_several = site.query("speaker-place", name_slug(name))
        yield NavLink(text=name, url=speaker_url(site, lang, name)) if has_several else name


def speakers_link(site: Site, lang: Lang) -> NavLink | None:
    """Return the link to the index of speakers, where videos have any."""
    found = site.query("letters", "speakers")
    if not found:
        return None
    url = site.url_for_path(letter_route(site, lang, "speakers", found[0]).url)
    return NavLink(text=site.language(lang).gettext("Who speaks in the videos, from A to Z"), url=url)


INDEXES = {
    "everything": LetterIndex(
        150,
        "search",
        "letter",
        "search",
        N_("Everything: %(letter)s"),
        N_("All that the catalogue has, by title: %(heading)s."),
        lambda site, lang: NavLink(text=site.language(lang).gettext("Search"), url=site.route_url("search", lang)),
        _all_entries,
        _item_lines,
    ),
    "speakers": LetterIndex(
        100,
        "videos",
        "speakers",
        "video",
        N_("Speakers: %(letter)s"),
        N_("Who speaks in the videos, by surname, each with theirs: %(heading)s."),
        lambda site, lang: list_link(site, lang, "video"),
        _speaker_entries,
        _speaker_lines,
    ),
}


# The pages of an index


def letter_list(index: str, is_there: Callable[[Site], bool] = lambda _site: True) -> ListRule:
    """Return the rule of the pages of an index, for sites that have it."""

    def keys(site: Site, lang: Lang) -> Iterator[tuple[str, ...]]:
        return letter_keys(site, lang, index) if is_there(site) else iter(())

    def route(site: Site, lang: Lang, *key: str) -> Route:
        return letter_route(site, lang, index, *key)

    def page(site: Site, lang: Lang, *key: str) -> LetterPage:
        return letter_page(site, lang, index, *key)

    return ListRule(index, page, keys, route, is_indexed=False, page_route=route)


def letter_pages(site: Site, index: str, lang: Lang) -> dict[str, Pages]:
    """Return the pages of each letter of an index in a language, with the names of what is on them."""
    found: dict[str, list[tuple[str, str]]] = defaultdict(list)
    own = INDEXES[index]
    for letter, folded, name in own.entries(site, lang):
        found[letter].append((folded, name))
    names = sorted(found, key=lambda letter: (letter == OTHERS, letter))
    return {letter: cut_by_name([name for _, name in sorted(found[letter])], own.length) for letter in names}


def letters(site: Site, index: str) -> tuple[str, ...]:
    """Return the letters of all languages: each has a page in each of them."""
    found = {letter for lang in site.langs for letter in site.query("letter-pages", index, lang)}
    return tuple(sorted(found, key=lambda letter: (letter == OTHERS, letter)))


def letter_keys(site: Site, lang: Lang, index: str) -> Iterator[tuple[str, ...]]:
    """Yield each letter of an index and each of its pages."""
    pages = site.query("letter-pages", index, lang)
    for letter in site.query("letters", index):
        yield from ((letter, _page_name(name)) for name, _ in pages.get(letter, ((FIRST, ()),)))


def _page_name(name: str) -> str:
    """Return a name as a part of an address."""
    return name.replace("/", "-")


def letter_route(site: Site, lang: Lang, index: str, letter: str, page: str = FIRST) -> Route:
    """Return the route of a page of a letter."""
    own = INDEXES[index]
    return page_of(site, lang, site.routes.below(site.routes.route(own.parent, lang), lang, own.word, letter), page)


def letter_links(site: Site, lang: Lang, index: str, current: str = "") -> tuple[NavLink, ...]:
    """Return the links to all letters."""
    return tuple(
        NavLink(
            text=_letter_name(site, lang, letter),
            url=site.url_for_path(letter_route(site, lang, index, letter).url),
            is_current=letter == current,
        )
        for letter in site.query("letters", index)
    )


def _letter_name(site: Site, lang: Lang, letter: str) -> str:
    return site.language(lang).gettext(NAMES[letter]) if letter in NAMES else letter.upper()


def _pages_of(site: Site, lang: Lang, index: str, letter: str) -> Pages:
    pages: Pages = site.query("letter-pages", index, lang).get(letter, ((FIRST, ()),))
    return pages


def letter_page(site: Site, lang: Lang, index: str, letter: str, page: str) -> LetterPage:
    """Return a page of a letter."""
    gettext, own = site.language(lang).gettext, INDEXES[index]
    pages = _pages_of(site, lang, index, letter)
    names = [_page_name(name) for name, _ in pages]
    number = names.index(page)
    heading = gettext(own.heading, letter=_letter_name(site, lang, letter))
    if number:
        heading = gettext("%(heading)s, page %(number)s", heading=heading, number=number + 1)

    def route(other: Lang) -> Route:
        there = _pages_of(site, other, index, letter)
        name = _page_name(there[number][0]) if number < len(there) else FIRST
        return letter_route(site, other, index, letter, name)

    view = LetterPage(
        **page_fields(
            site,
            lang,
            route,
            template="a-z",
            heading=heading,
            description=gettext(own.description, heading=heading),
            section=own.section,
            crumbs=(own.crumb(site, lang),),
            robots="noindex",
        ),
        letters=letter_links(site, lang, index, letter),
        lines=tuple(own.lines(site, lang, pages[number][1])),
        pager=_pager(site, lang, index, letter, names, number),
    )
    # A page that only one language has is no translation of another one.
    is_everywhere = all(number < len(_pages_of(site, other, index, letter)) for other in site.langs)
    return view if is_everywhere else replace(view, alternates=())


def _pager(site: Site, lang: Lang, index: str, letter: str, names: list[str], number: int) -> Pager:
    gettext = site.language(lang).gettext

    def near(at: int, text: str, rel: str) -> NavLink | None:
        if not 0 <= at < len(names):
            return None
        return NavLink(
            text=text, url=site.url_for_path(letter_route(site, lang, index, letter, names[at]).url), rel=rel
        )

    return Pager(
        label=gettext("Pages"),
        previous=near(number - 1, gettext("Previous"), "prev"),
        next=near(number + 1, gettext("Next"), "next"),
    )
