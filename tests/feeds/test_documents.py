"""A list as RSS and Atom: valid, dated truly, and the same on every build."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import feedparser
import html5lib
import pytest
from hypothesis import given
from hypothesis import strategies as some
from tests.feeds.builders import SITE, a_feed_list, a_moment, a_summary, feeds_settings
from tests.feeds.strict import ATOM, CONTENT, DC, XML_LANG, check_atom, check_rss

from openknowledge.catalogue.summary import Summary
from openknowledge.feeds.documents import FeedFiles, cache_slots, clean_text, render_feed
from openknowledge.model.values import Html

ITEMS = (
    a_summary(
        "video/rawgraphs",
        "2020-05-29T09:30:00+00:00",
        title="Create data visualizations: RAWGraphs in 8 minutes",
        abstract="Charts & diagrams, from <table> to picture.",
        lang="en",
        authors=("Michele Mauri",),
        topics=("Visualizzazione dei dati",),
        updated=a_moment("2020-06-01"),
    ),
    a_summary("press/centomila", "2020-06-16", title="Centomila iscritti: «più di un traguardo»"),
    a_summary("course/mat101", "2014-06-03", content=Html(""), abstract=""),
)


def built(*items: Summary, lang: str = "it", **settings: Any) -> FeedFiles:
    return render_feed(a_feed_list(lang=lang), items, feeds_settings(**settings))


def test_a_feed_of_each_format_is_as_it_was(golden: Callable[[str, bytes], None]) -> None:
    files = built(*ITEMS)

    golden("feeds/all.rss.xml", files.rss)
    golden("feeds/all.atom.xml", files.atom)


@pytest.mark.parametrize("content", ["full", "summary"])
@pytest.mark.parametrize("items", [ITEMS, ()])
def test_feeds_keep_all_rules_of_their_formats(content: str, items: tuple[Summary, ...]) -> None:
    files = built(*items, content=content)

    assert len(check_rss(files.rss).findall("item")) == len(items)
    assert len(check_atom(files.atom).findall(f"{ATOM}entry")) == len(items)


def test_a_parser_reads_the_same_titles_links_and_dates_from_both() -> None:
    files = built(*ITEMS)

    for data in files:
        read = feedparser.parse(data)
        assert not read.bozo
        assert [entry.link for entry in read.entries] == [item.url for item in ITEMS]
        assert [entry.title for entry in read.entries] == [item.title for item in ITEMS]
        assert [entry.published_parsed[:3] for entry in read.entries] == [
            (2020, 5, 29),
            (2020, 6, 15),
            (2014, 6, 2),
        ]


def test_a_cached_entry_of_another_feed_gives_the_bytes_of_a_new_one() -> None:
    cache_slots.cache_clear()
    built(ITEMS[1])
    built(ITEMS[0])
    after_others = built(*ITEMS)

    cache_slots.cache_clear()
    assert built(*ITEMS) == after_others


def test_an_item_that_is_edited_again_and_again_has_one_cached_entry() -> None:
    cache_slots.cache_clear()
    for number in range(30):
        files = built(a_summary(title=f"Edition {number}"))

    assert cache_slots.cache_info().currsize == 1
    assert [len(cache_slots(a_summary().ref, "it"))] == [1]
    assert check_rss(files.rss).findtext("item/title", "") == "Edition 29"


def test_a_cached_entry_is_not_used_for_another_language_sample_label_or_id() -> None:
    sample = a_summary(is_sample=True)
    built(sample)

    assert check_rss(built(sample, lang="en").rss).findtext("item/guid", "").endswith(":en")
    assert check_rss(built(sample, id_authority="example.org").rss).findtext("item/guid", "").startswith("tag:example")
    labelled = render_feed(a_feed_list(sample_label="esempio"), [sample], feeds_settings())
    assert check_rss(labelled.rss).findtext("item/title", "").endswith("(esempio)")


def test_the_same_moment_written_in_two_ways_is_written_in_both() -> None:
    moments = ("2020-05-29T09:30:00+00:00", "2020-05-29T11:30:00+02:00")

    files = [check_atom(built(a_summary(published=published)).atom) for published in moments]

    assert tuple(published.findtext(f"{ATOM}entry/{ATOM}published") for published in files) == moments


def test_building_later_changes_no_byte(monkeypatch: pytest.MonkeyPatch) -> None:
    before = built(*ITEMS), built()
    monkeypatch.setenv("TZ", "Pacific/Auckland")
    time.tzset()
    try:
        time.sleep(1.01)
        assert (built(*ITEMS), built()) == before
    finally:
        monkeypatch.undo()
        time.tzset()


def test_an_empty_feed_was_updated_when_its_ids_began() -> None:
    files = built(id_date="2014-06-03")

    assert check_atom(files.atom).findtext(f"{ATOM}updated") == "2014-06-03T00:00:00+00:00"
    assert check_rss(files.rss).findtext("lastBuildDate") == "Tue, 03 Jun 2014 00:00:00 +0000"


def test_an_item_with_only_a_date_of_change_has_no_date_of_publication() -> None:
    files = built(a_summary(published=None, updated=a_moment("2021-03-12")))

    assert check_rss(files.rss).find("item/pubDate") is None
    entry = check_atom(files.atom).find(f"{ATOM}entry")
    assert entry is not None and entry.find(f"{ATOM}published") is None
    assert entry.findtext(f"{ATOM}updated") == "2021-03-12T00:00:00+02:00"


def test_a_change_dated_before_the_publication_counts_as_the_publication() -> None:
    files = built(a_summary(published="2020-06-16", updated=a_moment("2020-06-15")))

    assert check_atom(files.atom).findtext(f"{ATOM}entry/{ATOM}updated") == "2020-06-16T00:00:00+02:00"


def test_ids_name_the_item_and_the_language_not_the_address() -> None:
    item = a_summary("press/centomila", url="https://elsewhere.example/x/")

    files = built(item, lang="en", id_authority="example.org", id_date="2015-01")

    assert check_rss(files.rss).findtext("item/guid") == "tag:example.org,2015-01:press/centomila:en"
    assert check_atom(files.atom).findtext(f"{ATOM}id") == "tag:example.org,2015-01:feed/all:en"


def test_an_entry_in_another_language_than_its_feed_says_so() -> None:
    files = built(a_summary("video/a", lang="ru", title="Числа"), a_summary("video/b", lang="und"), a_summary())

    entries = check_atom(files.atom).findall(f"{ATOM}entry")
    items = check_rss(files.rss).findall("item")
    assert [entry.get(XML_LANG) for entry in entries] == ["ru", "und", None]
    assert [item.findtext(f"{DC}language") for item in items] == ["ru", "und", None]


def test_full_content_is_left_out_where_summaries_are_wanted() -> None:
    full, short = built(ITEMS[1]), built(ITEMS[1], content="summary")

    assert check_rss(full.rss).find(f"item/{CONTENT}encoded") is not None
    assert check_rss(short.rss).find(f"item/{CONTENT}encoded") is None
    assert check_rss(short.rss).findtext("item/description") == ITEMS[1].abstract
    assert check_atom(short.atom).find(f"{ATOM}entry/{ATOM}content") is None


def test_an_abstract_with_angle_brackets_is_text_for_readers() -> None:
    files = built(a_summary(abstract="if a < b & <b>c</b>"))

    assert check_rss(files.rss).findtext("item/description") == "if a &lt; b &amp; &lt;b&gt;c&lt;/b&gt;"


TITLES = ("<b>x</b>", "R&copy 2020", "a &lt b", "&amp;lt;", "AT&T", "&#60;b>", "1 < 2", "&ampnbsp;", "\"'>", "&notit;")


@pytest.mark.parametrize("title", TITLES)
def test_a_title_is_the_same_text_for_readers_of_markup_and_of_text(title: str) -> None:
    """RSS readers take a title for markup; an element of Atom without a type is text."""
    feed_list = a_feed_list(title=title, description=f"Di {title}")

    files = render_feed(feed_list, [a_summary(title=title)], feeds_settings())

    for path, text in (("title", title), ("description", f"Di {title}"), ("item/title", title)):
        assert "".join(html5lib.parseFragment(check_rss(files.rss).findtext(path)).itertext()) == text
    atom = check_atom(files.atom)
    assert [atom.findtext(f"{ATOM}{path}title") for path in ("", f"entry/{ATOM}")] == [title, title]


def test_a_sample_is_called_one_in_its_title() -> None:
    published = a_feed_list(sample_label="voce di esempio")

    files = render_feed(
        published, [a_summary(title="Lezione 1", is_sample=True), a_summary("video/x")], feeds_settings()
    )

    titles = [title.text for title in check_rss(files.rss).findall("item/title")]
    assert titles == ["Lezione 1 (voce di esempio)", "Titolo di video/x"]


def test_an_item_without_a_title_goes_by_its_reference() -> None:
    files = built(a_summary("video/x", title=" \x00 "))

    assert check_rss(files.rss).findtext("item/title") == "video/x"


def test_addresses_and_ids_with_letters_of_other_alphabets_stay_valid() -> None:
    files = built(a_summary("video/числа e numeri", url=f"{SITE}/video/числа e numeri/?a=1&b=%20"))

    assert check_rss(files.rss).findtext("item/link", "").endswith("%20e%20numeri/?a=1&b=%20")
    check_atom(files.atom)


@given(some.text(some.characters(exclude_categories=()), max_size=40))
def test_a_whole_text_is_read_as_it_was_written(text: str) -> None:
    content = f"<p title='a'>{text}\x80</p> <br>\n"

    files = built(a_summary(title=f"{text}\x80", content=Html(content)))

    assert check_rss(files.rss).findtext(f"item/{CONTENT}encoded") == clean_text(content).strip()
    assert check_atom(files.atom).findtext(f"{ATOM}entry/{ATOM}content") == clean_text(content).strip()


@given(some.text(some.characters(exclude_categories=()), max_size=40))
def test_no_character_breaks_the_feed(text: str) -> None:
    wild = a_summary(
        title=text, abstract=text, content=Html("<p>x</p>" + text.replace("<", "")), authors=(text,), topics=(text,)
    )

    files = render_feed(a_feed_list(title=f"A{text}", description=text), [wild, a_summary("press/y")], feeds_settings())

    assert len(check_rss(files.rss).findall("item")) == 2
    assert len(check_atom(files.atom).findall(f"{ATOM}entry")) == 2
