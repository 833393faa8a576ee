"""What the reader makes of recorded answers of the YouTube Data API."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.connectors.youtube_answers import (
    DAY,
    UPLOADS,
    a_channel,
    a_page,
    a_playlist,
    a_refused_entry,
    a_video,
    an_entry,
    answer,
    facts_of,
    the_channel,
)

from openknowledge.connectors.source import SourceFacts

ODD = "youtube/videos.list.odd.json"


def test_a_recording_becomes_rows_counts_and_the_channels_numbers(tmp_path: Path) -> None:
    facts, findings = facts_of(tmp_path, the_channel())

    assert (findings.problems, findings.warnings) == ([], [])
    assert facts.rows == {
        "video": {
            "abc": {
                **{"youtube_id": "abc", "title": "Limits", "published": "2020-05-01T09:00:00Z"},
                **{"duration_s": 1621, "license": "youtube"},
            }
        },
        "playlist": {
            "PL1": {
                **{"youtube_id": "PL1", "title": "Lessons", "published": "2020-01-01T00:00:00Z"},
                "videos": ["abc"],
            }
        },
    }
    assert facts.counts == {"video": {"abc": 7}, "channel": {"subscribers": 47100, "views": 11000000, "videos": 3}}
    assert facts.count_days["video"] == {"abc": DAY}
    assert facts.is_complete


def test_hidden_subscribers_are_unknown_and_not_zero(tmp_path: Path) -> None:
    facts, _ = facts_of(tmp_path, the_channel(channels__0000=answer("youtube/channels.list.hidden.json")))

    assert facts.counts["channel"] == {"views": 11000000, "videos": 2500}


def test_a_channel_without_statistics_has_no_numbers(tmp_path: Path) -> None:
    channel = a_channel()
    del channel["statistics"]

    facts, _ = facts_of(tmp_path, the_channel(channels__0000=a_page("channel", channel)))

    assert facts.counts["channel"] == {}


def test_odd_videos_are_read_as_what_they_are(tmp_path: Path) -> None:
    facts, findings = facts_of(tmp_path, the_channel(videos__0000=answer(ODD)))
    rows = facts.rows["video"]

    assert findings.problems == []
    assert sorted(rows) == [f"odd0000000{number}" for number in (3, 4, 5, 6, 8, 9)]
    assert [rows[name].get("duration_s") for name in sorted(rows)] == [7384, None, 58, 93600, 300, 300]
    assert facts.counts["video"]["odd00000005"] == 12345678901234567890
    assert rows["odd00000003"]["has_captions"] is True
    assert [name for name in rows if "has_captions" in rows[name]] == ["odd00000003"]
    assert rows["odd00000006"]["license"] == "CC-BY-3.0"
    assert rows["odd00000008"]["embeddable"] is False
    assert rows["odd00000009"]["title"] == "a\u200b b c &amp; <b>d</b> 🎓"
    assert (rows["odd00000009"]["tags"], rows["odd00000009"]["lang"]) == (["a"], "it")


def test_broadcasts_to_come_and_going_on_are_no_videos_and_not_refused(tmp_path: Path) -> None:
    facts, findings = facts_of(tmp_path, the_channel(videos__0000=answer(ODD)))

    assert not {"odd00000001", "odd00000002"} & (facts.rows["video"].keys() | facts.refused["video"])
    assert not {"odd00000001", "odd00000002"} & facts.counts["video"].keys()
    assert not any("odd0000000" in str(finding) for finding in findings.warnings if "is unlisted" not in str(finding))


def test_an_unlisted_video_is_refused_and_named(tmp_path: Path) -> None:
    facts, findings = facts_of(tmp_path, the_channel(videos__0000=answer(ODD)))

    assert facts.refused["video"] == {"odd00000007"}
    assert '"odd00000007" is unlisted, so it is left out' in "".join(map(str, findings.warnings))


def test_odd_entries_name_each_video_once_in_order(tmp_path: Path) -> None:
    pages = the_channel(
        playlists__0000=a_page("playlist", a_playlist("PLtest_odd", count=9)),
        playlistItems__PLtest_odd__0000=answer("youtube/playlistItems.list.odd.json"),
        videos__0000=answer(ODD),
    )
    facts, findings = facts_of(tmp_path, pages)

    assert findings.problems == []
    assert facts.rows["playlist"]["PLtest_odd"]["videos"] == ["odd00000003"]
    assert facts.refused["video"] == {"gone0000001", "priv0000001", "odd00000007"}


@pytest.mark.parametrize("title", ["Private video", "Deleted video"])
def test_a_public_video_of_that_title_is_not_refused(tmp_path: Path, title: str) -> None:
    pages = the_channel(playlistItems__PL1__0000=a_page("playlistItem", an_entry("other", title)))

    assert facts_of(tmp_path, pages)[0].refused["video"] == frozenset()


def test_an_entry_without_its_videos_day_is_not_refused_for_that(tmp_path: Path) -> None:
    entry = an_entry("other", contentDetails={"videoId": "other"})

    facts, _ = facts_of(tmp_path, the_channel(playlistItems__PL1__0000=a_page("playlistItem", entry)))

    assert facts.refused["video"] == frozenset()


def test_what_is_shown_is_never_refused(tmp_path: Path) -> None:
    pages = the_channel(playlistItems__PL1__0000=a_page("playlistItem", a_refused_entry("abc")))

    facts, _ = facts_of(tmp_path, pages)

    assert "abc" in facts.rows["video"] and facts.refused["video"] == frozenset()


def test_an_id_that_an_answer_about_many_leaves_out_is_not_refused(tmp_path: Path) -> None:
    known = SourceFacts(rows={"video": {"gone": {"youtube_id": "gone"}}})

    facts, _ = facts_of(tmp_path, the_channel(), known)

    assert "gone" not in facts.rows["video"] and facts.refused["video"] == frozenset()


def test_an_id_that_was_asked_for_alone_in_vain_is_refused(tmp_path: Path) -> None:
    facts, _ = facts_of(tmp_path, the_channel(video__gone=a_page("video"), playlist__PL2=a_page("playlist")))

    assert facts.refused == {"video": {"gone"}, "playlist": {"PL2"}}


def test_an_id_that_was_asked_for_alone_and_is_there_becomes_a_row(tmp_path: Path) -> None:
    facts, _ = facts_of(tmp_path, the_channel(video__def=a_page("video", a_video("def", "Series"))))

    assert sorted(facts.rows["video"]) == ["abc", "def"] and facts.refused["video"] == frozenset()


KNOWN = SourceFacts(rows={"playlist": {"PL1": {"youtube_id": "PL1", "videos": ["abc", "old"]}}})
UNREAD = {
    "that did not answer": {"playlistItems__PL1__0000": None},
    "that ends with a page that names a next one": {
        "playlistItems__PL1__0000": a_page("playlistItem", an_entry("abc"), nextPageToken="B")
    },
    "that shows none of the entries that it counts": {"playlistItems__PL1__0000": a_page("playlistItem")},
}


@pytest.mark.parametrize("name", UNREAD)
def test_a_playlist_keeps_the_videos_it_had_where_its_list(tmp_path: Path, name: str) -> None:
    """A list that cannot be read has not lost its videos."""
    pages = {key: body for key, body in the_channel(**UNREAD[name]).items() if body is not None}

    facts, findings = facts_of(tmp_path, pages, KNOWN)

    assert facts.rows["playlist"]["PL1"]["videos"] == ["abc", "old"]
    assert 'the playlist "Lessons" keeps the videos that it had' in "".join(map(str, findings.warnings))


def test_a_playlist_that_became_empty_has_no_videos(tmp_path: Path) -> None:
    pages = the_channel(
        playlists__0000=a_page("playlist", a_playlist("PL1", count=0)),
        playlistItems__PL1__0000=a_page("playlistItem"),
    )

    assert facts_of(tmp_path, pages, KNOWN)[0].rows["playlist"]["PL1"]["videos"] == []


def test_entries_count_by_their_place_in_the_pages(tmp_path: Path) -> None:
    """A video that is put in front between two pages shifts the positions that the later page names."""
    pages = the_channel(
        playlistItems__PL1__0000=a_page("playlistItem", an_entry("def"), nextPageToken="B"),
        playlistItems__PL1__0001=a_page("playlistItem", an_entry("def"), an_entry("abc")),
        videos__0000=a_page("video", a_video("abc"), a_video("def", "Series")),
    )

    assert facts_of(tmp_path, pages)[0].rows["playlist"]["PL1"]["videos"] == ["def", "abc"]


def test_a_video_of_another_channel_is_none_of_ours(tmp_path: Path) -> None:
    stranger = a_video("other", snippet={**a_video("other")["snippet"], "channelId": "UCother"})
    pages = the_channel(
        playlistItems__PL1__0000=a_page("playlistItem", an_entry("other"), an_entry("abc")),
        videos__0000=a_page("video", a_video("abc"), stranger),
    )
    facts, _ = facts_of(tmp_path, pages)

    assert (list(facts.rows["video"]), facts.rows["playlist"]["PL1"]["videos"]) == (["abc"], ["abc"])
    assert facts.refused["video"] == frozenset() and "other" not in facts.counts["video"]


@pytest.mark.parametrize("views", ["many", "-1", "1.5", "１２", "9" * 21, True, [7]])
def test_views_that_are_no_number_are_a_problem(tmp_path: Path, views: object) -> None:
    video = a_video("abc", statistics={"viewCount": views})

    _, findings = facts_of(tmp_path, the_channel(videos__0000=a_page("video", video)))

    assert [str(problem).splitlines()[0].endswith("is not a number") for problem in findings.problems] == [True]


def test_hidden_views_are_unknown(tmp_path: Path) -> None:
    facts, findings = facts_of(tmp_path, the_channel(videos__0000=a_page("video", a_video("abc", statistics={}))))

    assert (facts.counts["video"], findings.problems) == ({}, [])


def test_the_list_of_uploads_is_no_playlist_and_needs_no_warning(tmp_path: Path) -> None:
    pages = the_channel(playlists__0000=a_page("playlist"))
    del pages["playlistItems/PL1/0000"]

    facts, findings = facts_of(tmp_path, pages)

    assert f"playlistItems/{UPLOADS}/0000" in pages
    assert (facts.rows["playlist"], findings.warnings) == ({}, [])
