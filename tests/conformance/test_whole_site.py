"""Every video and playlist of the shared data has its pages, however dirty its data."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

import pytest
from tests.site.reading import Page
from tests.site.whole import PLAYLISTS, SECTIONS, VIDEOS, Dump, WholeSite

pytestmark = pytest.mark.conformance

LANGS = ("it", "en")
UNKNOWN_LENGTH = {"it": "Durata non disponibile", "en": "Length not available"}
UNKNOWN_LANG = {"it": "Lingua non indicata", "en": "Language not stated"}
LIST_WORDS = {"it": ("anno", "lingua"), "en": ("year", "language")}
TOPICS = {"it": "/temi/", "en": "/en/topics/"}
WITH = {"it": "Con", "en": "With"}
DERIVED = {"it": "dedotto da", "en": "derived from"}
ORIGINS = {"it": "Un video dell[ae] playlist", "en": "A video from the playlists?"}
SPEAKER = re.compile(
    r"^(?:Speakers?|Presented by|Prelegent/Speaker):[ \t]*(\w[\w.'-]*(?:[ ][A-Z][\w.'-]*)+)", re.MULTILINE
)
SPEAKERS_OF_TITLES = {
    "Felix Wick: From the Life of a Data Scientist": "Felix Wick",
    "Kevin Wilson - Evaluating Skills in Education and Other Settings An Overview": "Kevin Wilson",
    "Sharding with SQLAlchemy (Akira Matsuzaki) - PyCon JP 2017": "Akira Matsuzaki",
    "PyCon-KE 2017 - Rust for Python(istas) by Matt Gathu": "Matt Gathu",
    "Stuart Mumford - SunPy: Python for Solar Physics": "Stuart Mumford",
    "Brian Granger and Jonathan Frederic - IPython Interactive Widgets, Part 3": "Brian Granger, Jonathan Frederic",
    "Fine-tuning large models on local hardware": "Benjamin Bossan",
    "Keynote Speaker - Cory Doctorow": "Cory Doctorow",
    "Aiohttp от автора": "Андрей Светлов",
    "Micropython for Mews": "Sev Leonard",
}
"""Some that were looked up by hand, one of each way in which the channel names them."""
SAFE = {"nofollow", "ugc", "noopener"}

Pages = dict[str, Page]


def walked(pages: Pages, first: str) -> Iterator[str]:
    """Yield the entries of a list, page after page."""
    url: str | None = first
    while url is not None:
        yield from pages[url].entries
        url = pages[url].older


def shelves(pages: Pages, lang: str, word: str) -> dict[str, list[str]]:
    """Return the entries of the lists by year or language that the index of videos leads to, by name."""
    index = pages[f"/{SECTIONS[lang][0]}/"]
    ways = sorted(one for one in index.links if re.fullmatch(rf"/{SECTIONS[lang][0]}/{word}/[^/]+/", one))
    return {way.split("/")[-2]: [*walked(pages, way)] for way in ways}


def all_videos(pages: Pages, lang: str) -> set[str]:
    return {page.address for page in pages.values() if page.is_video and page.lang == lang}


def test_the_data_is_what_we_think(dump: Dump, whole_site: WholeSite, pages: Pages) -> None:
    assert (len(dump.videos), len(dump.playlists)) == (VIDEOS, PLAYLISTS)
    assert (len(set(whole_site.slugs.values())), len(set(whole_site.playlist_slugs.values()))) == (VIDEOS, PLAYLISTS)
    assert "no problems." in whole_site.stdout
    assert len(pages) > 5700


@pytest.mark.parametrize("lang", LANGS)
def test_every_video_and_playlist_has_its_page(dump: Dump, whole_site: WholeSite, pages: Pages, lang: str) -> None:
    missing = [name for name in dump.videos if whole_site.video(name, lang) not in pages]
    missing += [name for name in dump.playlists if whole_site.playlist(name, lang) not in pages]

    assert missing == []
    assert {pages[whole_site.video(name, lang)].lang for name in dump.videos} == {lang}


@pytest.mark.parametrize("lang", LANGS)
def test_a_page_of_a_video_leads_to_that_video(dump: Dump, whole_site: WholeSite, pages: Pages, lang: str) -> None:
    for name in dump.videos:
        watch = f'href="https://www.youtube.com/watch?v={name}"'
        assert watch in (whole_site.output / whole_site.video(name, lang).strip("/") / "index.html").read_text("utf-8")


@pytest.mark.parametrize("lang", LANGS)
def test_the_lists_by_year_hold_each_video_once(dump: Dump, whole_site: WholeSite, pages: Pages, lang: str) -> None:
    years = shelves(pages, lang, LIST_WORDS[lang][0])

    assert {item["snippet"]["publishedAt"][:4] for item in dump.videos.values()} <= set(years)
    assert all(years.values())
    assert Counter(entry for entries in years.values() for entry in entries) == Counter(all_videos(pages, lang))
    for name, item in dump.videos.items():
        assert whole_site.video(name, lang) in years[item["snippet"]["publishedAt"][:4]], name


@pytest.mark.parametrize("lang", LANGS)
def test_the_lists_by_language_hold_each_video_once(dump: Dump, whole_site: WholeSite, pages: Pages, lang: str) -> None:
    languages = shelves(pages, lang, LIST_WORDS[lang][1])

    found = Counter(entry for entries in languages.values() for entry in entries)
    unknown = {whole_site.video(name, lang) for name in dump.videos if not dump.lang(name)}
    assert found == Counter(all_videos(pages, lang))
    assert len(languages) == len({dump.lang(name) for name in dump.videos})
    assert unknown and unknown <= set(languages["und"])
    assert not set(languages["und"]) & {whole_site.video(name, lang) for name in dump.videos if dump.lang(name)}


@pytest.mark.parametrize("lang", LANGS)
def test_the_lists_by_playlist_hold_their_videos_in_order(
    dump: Dump, whole_site: WholeSite, pages: Pages, lang: str
) -> None:
    index = [*walked(pages, f"/{SECTIONS[lang][1]}/")]

    assert len(set(index)) == len(index)
    for name, members in dump.members.items():
        assert whole_site.playlist(name, lang) in index
        entries = tuple(walked(pages, whole_site.playlist(name, lang)))
        assert entries == tuple(whole_site.video(member, lang) for member in members), name


@pytest.mark.parametrize("lang", LANGS)
def test_nearly_all_videos_have_topics_and_say_that_rules_found_them(
    dump: Dump, whole_site: WholeSite, pages: Pages, lang: str
) -> None:
    found = [pages[whole_site.video(name, lang)] for name in dump.videos]
    with_topics = [page for page in found if any(link.startswith(TOPICS[lang]) for link in page.links - {TOPICS[lang]})]

    assert len(with_topics) >= 0.95 * VIDEOS
    assert all(DERIVED[lang] in page.text for page in with_topics)


@pytest.mark.parametrize("lang", LANGS)
def test_whom_title_or_description_names_as_the_speaker_is_shown(
    dump: Dump, whole_site: WholeSite, pages: Pages, lang: str
) -> None:
    described = ((name, item["snippet"].get("description", "")) for name, item in dump.videos.items())
    named = {name: match[1] for name, text in described if (match := SPEAKER.search(text))}
    texts = {name: pages[whole_site.video(name, lang)].text for name in dump.videos}
    shown = [name for name, speaker in named.items() if f"{WITH[lang]} {speaker}" in texts[name]]

    assert len(named) > 250
    assert len(shown) >= 0.95 * len(named), [named[name] for name in named.keys() - set(shown)]
    by_title = {dump.title(name): texts[name] for name in dump.videos}
    for title, speaker in SPEAKERS_OF_TITLES.items():
        assert f"{WITH[lang]} {speaker}" in by_title[title], title


@pytest.mark.parametrize("lang", LANGS)
def test_a_video_without_description_says_from_which_playlist_and_year_it_is(
    dump: Dump, whole_site: WholeSite, pages: Pages, lang: str
) -> None:
    silent = [name for name in dump.videos if not dump.description(name)]

    assert len(silent) > 700
    for name in silent:
        assert re.search(
            rf"{ORIGINS[lang]} .* {dump.videos[name]['snippet']['publishedAt'][:4]}\.",
            pages[whole_site.video(name, lang)].text,
        ), name


@pytest.mark.parametrize("lang", LANGS)
def test_a_video_names_its_playlists(dump: Dump, whole_site: WholeSite, pages: Pages, lang: str) -> None:
    for playlist, members in dump.members.items():
        for member in members:
            assert whole_site.playlist(playlist, lang) in pages[whole_site.video(member, lang)].links


@pytest.mark.parametrize("lang", LANGS)
def test_an_unknown_length_or_language_has_its_words(
    dump: Dump, whole_site: WholeSite, pages: Pages, lang: str
) -> None:
    unknown_lengths = [name for name in dump.videos if dump.length(name) is None]
    unknown_langs = [name for name in dump.videos if not dump.lang(name)]

    assert unknown_lengths and unknown_langs
    for name in dump.videos:
        _, length, spoken = pages[whole_site.video(name, lang)].byline
        assert length == (dump.length(name) or UNKNOWN_LENGTH[lang]), name
        assert (spoken == UNKNOWN_LANG[lang]) == (name in unknown_langs), name


def test_no_page_shows_a_length_of_nothing(pages: Pages) -> None:
    lengths = Counter(length for page in pages.values() for length in page.lengths)

    assert lengths
    assert [one for one in lengths if not re.search("[1-9]", one) and one not in UNKNOWN_LENGTH.values()] == []


@pytest.mark.parametrize("lang", LANGS)
def test_a_title_is_what_the_channel_wrote(dump: Dump, whole_site: WholeSite, pages: Pages, lang: str) -> None:
    for name in dump.videos:
        ((heading, _),) = pages[whole_site.video(name, lang)].headings
        assert heading == dump.title(name)
    for name, item in dump.playlists.items():
        ((heading, _),) = pages[whole_site.playlist(name, lang)].headings
        assert heading == " ".join(item["snippet"]["title"].split())


def test_the_data_has_emoji_and_what_looks_like_markup(dump: Dump) -> None:
    texts = [dump.title(name) + dump.description(name) for name in dump.videos]

    assert any(re.search("[\U0001f300-\U0001faff]", text) for text in texts)
    assert any(re.search(r"<\w+[^>]*>", text) for text in texts)
    assert any("&" in text for text in texts)


@pytest.mark.parametrize("lang", LANGS)
def test_a_description_is_the_channels_text_and_nothing_else(
    dump: Dump, whole_site: WholeSite, pages: Pages, lang: str
) -> None:
    for name in dump.videos:
        description = pages[whole_site.video(name, lang)].description
        assert (description.text if description else "") == dump.description(name), name
        if description:
            assert {tag for tag, _ in description.elements} <= {"p", "br", "a"}, name


@pytest.mark.parametrize("lang", LANGS)
def test_a_link_in_a_description_is_safe_and_declares_whose_it_is(
    dump: Dump, whole_site: WholeSite, pages: Pages, lang: str
) -> None:
    linked = 0
    for name in dump.videos:
        description = pages[whole_site.video(name, lang)].description
        links = [dict(attributes) for tag, attributes in description.elements if tag == "a"] if description else []
        assert all(not attributes for tag, attributes in description.elements if tag != "a") if description else True
        for link in links:
            assert set(link) == {"href", "rel"}
            assert re.match(r"https?://[^\s\"'<>]+$", link["href"]), link
            assert set(link["rel"].split()) == SAFE
        linked += bool(links)
        if re.search(r"(?:^|\s)https?://\w+\.\w+", dump.description(name)):
            assert links, name
    assert linked > 100


@pytest.mark.parametrize("lang", LANGS)
def test_words_say_which_language_they_are_in(dump: Dump, whole_site: WholeSite, pages: Pages, lang: str) -> None:
    for name in dump.videos:
        page = pages[whole_site.video(name, lang)]
        ((_, marked),) = page.headings
        assert marked == dump.lang(name), name
        assert page.description is None or page.description.lang == dump.lang(name), name
    assert {dump.lang(name) for name in dump.videos} >= {"", "de", "en", "it", "ja", "ru"}


@pytest.mark.parametrize("lang", LANGS)
def test_titles_in_lists_say_which_language_they_are_in(
    dump: Dump, whole_site: WholeSite, pages: Pages, lang: str
) -> None:
    known = {whole_site.video(name, lang): (dump.title(name), dump.lang(name)) for name in dump.videos}
    shown = [
        (target, words, marked) for page in pages.values() for target, words, marked in page.named if target in known
    ]

    assert len(shown) > 2 * VIDEOS
    assert [one for one in shown if one[1] == known[one[0]][0] and one[2] != known[one[0]][1]] == []
    assert {target for target, words, _ in shown if words == known[target][0]} == set(known)
