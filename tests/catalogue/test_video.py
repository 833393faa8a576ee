"""Video pages say what is known and what is not; lists of videos stay as they are."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from tests.builders import a_course, a_site, list_pages
from tests.catalogue.videos import a_playlist, a_video

from openknowledge.catalogue.kinds.video import VIDEO, iso_duration, video_page, video_summary
from openknowledge.catalogue.site import Site
from openknowledge.catalogue.views.base import DetailRow, NavLink
from openknowledge.catalogue.views.pages import ListPage, VideoPage
from openknowledge.model.numbers import Views
from openknowledge.model.people import Credit, CreditRole, Person
from openknowledge.model.values import Html, License, Words
from openknowledge.model.video import Chapter, Video


def page(video: Video, *others: object, lang: str = "it") -> VideoPage:
    return video_page(video, a_site(video, *others), lang)


def fact(view: VideoPage, label: str) -> DetailRow | None:
    return next((row for row in view.details if row.label == label), None)


def shown(view: VideoPage, label: str) -> tuple[str, ...]:
    row = fact(view, label)
    return tuple(value.text if isinstance(value, NavLink) else value for value in row.values) if row else ()


def lists(site: Site, lang: str = "it") -> dict[str, ListPage]:
    return {view.url: view for view in list_pages(VIDEO, site, lang)}


def a_year(count: int, first: str = "2016-01-01") -> list[Video]:
    start = date.fromisoformat(first)
    return [a_video(f"v{number:03}", (start + timedelta(days=number)).isoformat()) for number in range(count)]


def test_a_video_says_when_it_came_out_how_long_it_is_and_in_which_language() -> None:
    view = page(a_video(license=License.YOUTUBE))

    assert (view.date.text, view.date.iso) == ("1 maggio 2020", "2020-05-01")
    assert (view.duration, view.duration_iso) == ("27:01", "PT27M1S")
    assert view.language == "Italiano"
    assert [row.label for row in view.details] == ["Language", "Licence"]


def test_what_nobody_knows_is_said_in_words() -> None:
    view = page(a_video(lang=None, duration_s=None))

    assert (view.duration, view.duration_iso, view.language) == ("Length not available", None, "Language not stated")
    assert shown(view, "Language") == ("Not stated",)


@pytest.mark.parametrize(("lang", "attribute"), [("it", None), ("en", "en"), (None, "")])
def test_title_and_text_are_marked_with_their_language(lang: str | None, attribute: str | None) -> None:
    video = a_video(lang=lang)

    assert page(video).content_lang == attribute
    assert VIDEO.card(video, a_site(video), "it").lang == attribute


def test_a_day_is_that_of_the_university() -> None:
    late = a_video(published="2016-12-31T23:30:00+00:00")

    assert page(late).date.iso == "2017-01-01"
    assert "/videos-year/2017/" in lists(a_site(late))


def test_a_film_is_linked_and_played_without_tracking() -> None:
    view = page(a_video(youtube_id="Yfac2CZJrP0"))

    assert view.watch_url == "https://www.youtube.com/watch?v=Yfac2CZJrP0"
    assert view.embed_url == "https://www.youtube-nocookie.com/embed/Yfac2CZJrP0"


def test_a_film_that_may_not_be_embedded_is_only_linked() -> None:
    view = page(a_video(embeddable=False))

    assert view.watch_url is not None
    assert view.embed_url is None


def test_a_sample_has_no_film_and_says_that_it_is_one() -> None:
    video = a_video(youtube_id=None, sample=True, chapters=(Chapter(start_s=0, title="First"),))
    site = a_site(video)
    view = video_page(video, site, "it")

    assert (view.watch_url, view.embed_url, view.chapters) == (None, None, ())
    assert [notice.tone for notice in view.notices] == ["sample"]
    assert VIDEO.card(video, site, "it").is_sample
    assert all([notice.tone for notice in page.notices] == ["sample"] for page in lists(site).values())


def test_a_film_that_is_gone_keeps_its_page_with_a_notice_and_no_player() -> None:
    video = a_video(gone_since=date(2026, 12, 1), chapters=(Chapter(start_s=0, title="First"),), description="All.")
    view = page(video, lang="en")

    assert (view.watch_url, view.embed_url, view.chapters, view.is_gone) == (None, None, (), True)
    assert [notice.tone for notice in view.notices] == ["archive"]
    assert view.notices[0].text.startswith("This video is no longer public on YouTube: we noticed on December 1, 2026.")
    assert view.heading == "Limits" and view.text


def test_a_film_that_is_gone_is_listed_by_year_with_a_badge_but_not_as_new() -> None:
    site = a_site(a_video("gone", "2020-05-02", gone_since=date(2026, 12, 1)), a_video("there", "2020-05-01"))
    shown = lists(site, "en")

    assert [card.ref for group in shown["/en/videos/"].groups for card in group.cards] == ["video/there"]
    (gone, there) = shown["/en/videos-year/2020/"].cards
    assert gone.badge is not None and gone.badge.text == "No longer on YouTube"
    assert there.badge is None
    assert VIDEO.home is not None and VIDEO.home.records is not None
    assert [video.slug for video in VIDEO.home.records(site)] == ["there"]


def test_feeds_leave_out_a_film_that_is_gone() -> None:
    video = a_video(gone_since=date(2026, 12, 1))
    summary = video_summary(video, a_site(video), "it")

    assert (summary.published, summary.updated, summary.media) == (None, None, None)


def test_a_list_of_real_videos_has_no_notice() -> None:
    assert all(page.notices == () for page in lists(a_site(a_video())).values())


def test_the_channels_text_is_shown_as_text_with_links() -> None:
    view = page(a_video(description="See http://a.org\n<b>now</b>"))

    (segment,) = view.text
    assert segment.html == (
        '<p>See <a href="http://a.org" rel="nofollow ugc noopener">http://a.org</a><br>\n&lt;b&gt;now&lt;/b&gt;</p>'
    )


def test_the_channels_text_is_marked_where_an_editors_words_are_in_another_language() -> None:
    words = {"it": Words(title="Mappe", body=Html("<p>Da vedere.</p>")), "en": Words(title="Maps")}
    video = a_video(lang="en", words=words, description="All about maps.")

    assert page(video).text[0].html == '<div lang="en" dir="ltr"><p>All about maps.</p></div>'
    assert page(video, lang="en").text[0].html == "<p>All about maps.</p>"
    assert page(video).notes[0].html == "<p>Da vedere.</p>"


def test_a_video_without_description_has_a_line_from_its_playlists_and_its_year() -> None:
    video = a_video()
    alone, listed = page(video), page(video, a_playlist("PyCon", "limits"), a_playlist("Maths", "limits"))

    assert (alone.origin, alone.description) == (
        "A video of the channel, published in 2020.",
        "A video of the channel, published in 2020. 27:01, italiano",
    )
    assert listed.origin == "A video from the playlists “Maths” e “Pycon”, published in 2020."
    assert page(a_video(description="Vectors.")).origin == ""


def test_a_video_shows_its_course_people_views_and_tags() -> None:
    speaker = Person(slug="ada", words={"it": Words(title="Ada")})
    video = a_video(
        course="linear-algebra",
        credits=(Credit(person="ada", role=CreditRole.SPEAKER),),
        views=Views(total=12431, as_of=date(2024, 3, 1)),
        tags=tuple(f"t{number}" for number in range(20)),
    )
    view = page(video, a_course(), speaker)

    assert shown(view, "With") == ("Ada",)
    assert shown(view, "Course") == ("Linear Algebra",)
    assert shown(view, "Views") == ("12.431",)
    assert fact(view, "Views").note == "on 1 marzo 2024"  # type: ignore[union-attr]
    assert len(shown(view, "Tags")) == 12
    assert [group.title for group in view.related] == ["The course of this video"]


def test_a_video_in_two_playlists_shows_both_with_its_neighbours_in_order() -> None:
    videos = [a_video(name) for name in ("c", "a", "b")]
    site = a_site(*videos, a_playlist("first", "c", "a", "b"), a_playlist("second", "b", "a"))

    view = video_page(videos[1], site, "it")

    assert [group.title for group in view.playlists] == ["First", "Second"]
    assert [[card.title for card in group.cards] for group in view.playlists] == [["C", "B"], ["B"]]
    assert [link.text for link in fact(view, "Playlists").values] == ["First", "Second"]  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("index", "near"),
    [(0, range(1, 9)), (10, [6, 7, 8, 9, 11, 12, 13, 14]), (19, range(11, 19))],
)
def test_a_long_playlist_is_shown_around_the_video(index: int, near: list[int]) -> None:
    videos = a_year(20)
    site = a_site(*videos, a_playlist("all", *(video.slug for video in videos)))

    (group,) = video_page(videos[index], site, "it").playlists

    assert [card.ref for card in group.cards] == [f"video/v{number:03}" for number in near]
    assert group.more is not None
    assert group.more.url == "/playlists/all/"


def places(view: VideoPage) -> list[tuple[str, str, str | None, str | None]]:
    """Return the name, the position and the neighbours of each place."""
    titles = ([link and link.text for link in (place.before, place.after)] for place in view.places)
    return [(place.sequence.text, place.position, *pair) for place, pair in zip(view.places, titles, strict=True)]  # type: ignore[misc]


def test_a_video_says_where_it_stands_in_its_playlist_and_what_comes_before_and_after() -> None:
    videos = [a_video(name) for name in "abc"]
    site = a_site(*videos, a_playlist("maths", "a", "gone", "b", "c"))

    shown = [places(video_page(video, site, "it")) for video in videos]

    assert shown == [
        [("Maths", "1 of 3", None, "B")],
        [("Maths", "2 of 3", "A", "C")],
        [("Maths", "3 of 3", "B", None)],
    ]


def test_a_video_of_a_course_goes_on_in_its_next_playlist_and_then_in_the_videos_of_none() -> None:
    videos = [a_video(name, course="linear-algebra") for name in "abcde"]
    first = a_playlist("first", "b", "a", course="linear-algebra", published=datetime(2020, 1, 1, tzinfo=UTC))
    second = a_playlist("second", "c", "d", course="linear-algebra", published=datetime(2021, 1, 1, tzinfo=UTC))
    site = a_site(*videos, second, first, a_course())

    assert places(video_page(videos[0], site, "it")) == [
        ("First", "2 of 2", "B", None),
        ("Linear Algebra", "2 of 5", "B", "C"),
    ]
    assert places(video_page(videos[4], site, "it")) == [("Linear Algebra", "5 of 5", "D", None)]
    only = a_site(*videos[:2], a_playlist("first", "b", "a", course="linear-algebra"), a_course())
    assert [place[0] for place in places(video_page(videos[0], only, "it"))] == ["First"]


def test_a_new_video_at_the_end_of_a_long_playlist_changes_the_pages_that_show_it_alone() -> None:
    videos = a_year(220)
    slugs = [video.slug for video in videos]
    before, after = (a_site(*videos, a_playlist("all", *slugs[:count])) for count in (219, 220))

    changed = [
        video.slug
        for video in (*videos[:30], *videos[205:219])
        if video_page(video, before.fork(), "it") != video_page(video, after.fork(), "it")
    ]

    assert changed == slugs[215:219]
    assert places(video_page(videos[30], after, "it"))[0][1] == "No. 31, part 2"
    keys = {before.graph.keys[number] for number in _dependencies(before, videos[30])}
    assert not any(key.startswith("stub") and "playlist" in key for key in keys)


def _dependencies(site: Site, video: Video) -> list[int]:
    fork = site.fork()
    video_page(video, fork, "it")
    return list(fork.deps)


def test_a_playlist_of_one_has_no_neighbours_to_show() -> None:
    video = a_video()

    assert page(video, a_playlist("alone", "limits")).playlists == ()


def test_chapters_lead_to_their_place_in_the_film() -> None:
    (chapter,) = page(a_video(youtube_id="x", chapters=(Chapter(start_s=75, title="Vectors"),))).chapters

    assert (chapter.start_s, chapter.time, chapter.title) == (75, "1:15", "Vectors")
    assert (chapter.time_iso, chapter.url) == ("PT1M15S", "https://www.youtube.com/watch?v=x&t=75s")


def test_a_card_has_its_length_on_the_poster_or_says_that_it_is_not_known() -> None:
    known, unknown = a_video("known"), a_video("unknown", duration_s=None)
    site = a_site(known, unknown)

    assert (site.card(known, "it").duration, site.card(known, "it").meta) == ("27:01", ("Italiano",))
    assert site.card(unknown, "it").duration is None
    assert site.card(unknown, "it").meta == ("Length not available", "Italiano")


def test_a_card_has_only_the_beginning_of_a_long_description() -> None:
    words = {"it": Words(title="Limits", abstract="word " * 50)}
    video = a_video(words=words)

    assert a_site(video).card(video, "it").abstract == "word " * 19 + "word…"


def test_a_summary_has_the_text_the_film_and_the_playlists() -> None:
    video = a_video(youtube_id="x", description="All.", lang="en")

    summary = video_summary(video, a_site(video, a_playlist("first", "limits")), "it")

    assert (summary.content, summary.lang, summary.belongs_to) == ("<p>All.</p>", "en", ("playlist/first",))
    assert summary.media is not None
    assert (summary.media.url, summary.media.duration_s) == ("https://www.youtube.com/watch?v=x", 1621)


@pytest.mark.parametrize(
    ("seconds", "text"), [(None, None), (0, None), (45, "PT45S"), (3600, "PT1H"), (3661, "PT1H1M1S")]
)
def test_lengths_are_written_for_machines(seconds: int | None, text: str | None) -> None:
    assert iso_duration(seconds) == text


def test_the_index_has_the_newest_of_each_year_and_counts_all() -> None:
    site = a_site(*a_year(6), a_video("new", "2020-01-01", lang="en"), a_playlist("first", "new"))
    index = lists(site)["/videos/"]

    assert index.total == "7 videos"
    assert [group.title for group in index.groups] == ["2020", "2016"]
    assert [card.ref for card in index.groups[1].cards] == [f"video/v{number:03}" for number in (5, 4, 3, 2)]
    assert index.groups[1].more is not None
    assert (index.groups[1].more.text, index.groups[1].more.url) == ("6 videos from 2016", "/videos-year/2016/")
    languages = index.facets[1].options
    assert [link.text for link in languages] == ["All languages", "Italiano", "Inglese"]
    assert [link.count for link in languages] == [None, "6", "1"]
    assert [link.text for link in index.index[0].links] == ["First", "All playlists"]


def test_each_year_and_language_has_its_list_the_unknown_one_too() -> None:
    site = a_site(a_video("a", "2016-01-01", lang="en-GB"), a_video("b", "2017-01-01", lang=None))

    assert list(lists(site)) == [
        "/videos/",
        "/videos-year/2017/",
        "/videos-year/2016/",
        "/videos-language/en/",
        "/videos-language/und/",
    ]
    assert lists(site)["/videos-language/und/"].heading == "Videos whose language is not stated"


@pytest.mark.parametrize(("count", "sizes"), [(1, [1]), (47, [47]), (48, [24, 24]), (71, [24, 47]), (72, [24, 24, 24])])
def test_a_long_year_is_cut_from_its_oldest_video(count: int, sizes: list[int]) -> None:
    pages = lists(a_site(*a_year(count)))
    numbered = [pages[f"/videos-year-page/2016/{number}/"] for number in range(1, len(sizes))]

    assert [len(view.cards) for view in (*numbered, pages["/videos-year/2016/"])] == sizes
    assert pages["/videos-year/2016/"].cards[0].ref == f"video/v{count - 1:03}"


def test_a_new_video_changes_the_index_and_the_newest_page_of_its_lists_alone() -> None:
    old = a_year(100)
    before = lists(a_site(*old))
    after = lists(a_site(*old, a_video("new", "2016-12-31")))

    changed = [url for url in after if after[url] != before.get(url)]

    assert changed == ["/videos/", "/videos-year/2016/", "/videos-language/it/"]


def test_pages_lead_to_the_newer_and_older_ones() -> None:
    pages = lists(a_site(*a_year(100)))
    newest, middle = pages["/videos-year/2016/"], pages["/videos-year-page/2016/2/"]

    assert newest.pager is not None and middle.pager is not None
    assert newest.pager.previous is None and newest.pager.next is not None
    assert newest.pager.next.url == "/videos-year-page/2016/3/"
    assert middle.pager.previous is not None
    assert middle.pager.previous.url == "/videos-year-page/2016/3/"
    assert [link and (link.text, link.url) for link in middle.pager.pages] == [
        ("1", "/videos-year/2016/"),
        ("2", "/videos-year-page/2016/3/"),
        ("3", "/videos-year-page/2016/2/"),
        ("4", "/videos-year-page/2016/1/"),
    ]
    assert [crumb.text for crumb in middle.crumbs] == ["Home", "Videos", "Videos from 2016", "Videos from 2016, page 3"]


def test_a_site_without_videos_has_an_empty_index() -> None:
    (index,) = list_pages(VIDEO, a_site(), "it")

    assert (index.groups, index.facets, index.empty) == ((), (), "There are no videos yet.")
