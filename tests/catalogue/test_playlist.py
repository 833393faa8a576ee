"""Playlists show their videos in their own order."""

from __future__ import annotations

from datetime import UTC, date, datetime

from tests.builders import a_course, a_site, list_pages
from tests.catalogue.videos import a_playlist, a_video

from openknowledge.catalogue.kinds.playlist import PLAYLIST, playlist_page, playlist_summary
from openknowledge.model.values import Words


def test_the_videos_of_a_playlist_are_in_its_order() -> None:
    playlist = a_playlist("maths", "b", "c", "a")

    view = playlist_page(playlist, a_site(playlist, *(a_video(name) for name in "abc")), "it")

    assert [(number, card.title) for number, card in view.rows] == [(1, "B"), (2, "C"), (3, "A")]
    assert view.total == "3 videos"


def test_a_playlist_says_how_long_it_is_in_all_and_what_is_not_known() -> None:
    videos = (a_video("a", duration_s=3000), a_video("b", "2022-01-01", duration_s=700), a_video("c", duration_s=None))
    playlist = a_playlist("maths", "a", "b", "c", course="linear-algebra")

    view = playlist_page(playlist, a_site(playlist, *videos, a_course()), "it")
    facts = {row.label: row for row in view.details}

    assert list(facts) == ["Course", "Total length", "Language", "Published"]
    assert facts["Total length"].values == ("1:01:40",)
    assert facts["Total length"].note == "and 1 video of unknown length"
    assert facts["Language"].values == ("Italiano",)
    assert facts["Published"].values == ("2020–2022",)


def test_an_empty_playlist_has_a_page_too() -> None:
    playlist = a_playlist("maths")

    view = playlist_page(playlist, a_site(playlist), "it")

    assert (view.rows, view.details, view.total, view.watch_url) == ((), (), "0 videos", None)


def test_a_playlist_links_to_the_channel_and_shows_its_text_as_text() -> None:
    playlist = a_playlist("maths", youtube_id="PL1", description="<b>All</b>")

    view = playlist_page(playlist, a_site(playlist), "it")

    assert view.watch_url == "https://www.youtube.com/playlist?list=PL1"
    assert view.text[0].html == "<p>&lt;b&gt;All&lt;/b&gt;</p>"


def test_a_playlist_in_a_language_that_nobody_knows_is_marked_so() -> None:
    playlist = a_playlist("maths", words={"und": Words(title="Maths")})
    site = a_site(playlist)

    assert playlist_page(playlist, site, "it").content_lang == ""
    assert site.card(playlist, "it").lang == ""


def test_a_sample_says_that_it_is_one() -> None:
    playlist = a_playlist("maths", "a", sample=True)
    site = a_site(playlist, a_video("a", sample=True))
    (view,) = list_pages(PLAYLIST, site, "it")

    assert [notice.tone for notice in playlist_page(playlist, site, "it").notices] == ["sample"]
    assert [notice.tone for notice in view.notices] == ["sample"]
    assert PLAYLIST.card(playlist, site, "it").is_sample


def test_the_list_of_playlists_begins_with_the_newest() -> None:
    old = a_playlist("old", published=datetime(2016, 1, 1, tzinfo=UTC))
    new = a_playlist("new", published=datetime(2020, 1, 1, tzinfo=UTC))

    (view,) = list_pages(PLAYLIST, a_site(old, a_playlist("undated"), new), "en")

    assert [card.title for card in view.cards] == ["New", "Old", "Undated"]
    assert (view.url, view.total) == ("/en/playlists/", "3 playlists")


def test_a_summary_has_the_address_of_the_channels_playlist() -> None:
    playlist = a_playlist("maths", youtube_id="PL1", description="All.")

    summary = playlist_summary(playlist, a_site(playlist), "it")

    assert summary.media is not None
    assert (summary.content, summary.media.url) == ("<p>All.</p>", "https://www.youtube.com/playlist?list=PL1")


def test_a_playlist_that_is_gone_says_so_and_leads_nowhere() -> None:
    playlist = a_playlist("lessons", youtube_id="PL1", gone_since=date(2026, 12, 1))
    view = playlist_page(playlist, a_site(playlist), "en")

    assert view.watch_url is None
    assert [notice.tone for notice in view.notices] == ["archive"]


def test_a_long_playlist_is_in_parts_whose_videos_keep_their_numbers() -> None:
    videos = [a_video(f"v{number:02}") for number in range(71)]
    playlist = a_playlist("maths", *(video.slug for video in videos))
    site = a_site(playlist, *videos)

    first, second = playlist_page(playlist, site, "en"), list_pages(PLAYLIST, site, "en")[1]

    assert [len(view.rows) for view in (first, second)] == [24, 47]
    assert (first.rows[0][0], second.rows[0][0], second.rows[0][1].title) == (1, 25, "V24")
    assert (first.total, second.total) == ("71 videos", "")
    assert (second.url, second.heading) == ("/en/playlists/maths/page/2/", "Maths, part 2")
    assert first.pager is not None
    assert second.pager is not None
    assert [link.url for link in first.pager.pages] == ["/en/playlists/maths/", second.url]
    assert (first.pager.previous, first.pager.next and first.pager.next.url) == (None, second.url)
    assert (second.pager.previous and second.pager.previous.url, second.pager.next) == ("/en/playlists/maths/", None)
    assert playlist_page(a_playlist("few", "v01"), site, "en").pager is None
