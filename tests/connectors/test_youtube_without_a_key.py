"""The Atom feed and yt-dlp's flat dump add what they are sure of, and take nothing away."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from pytest_httpserver import HTTPServer
from tests.connectors.clients import DAY, a_client
from tests.connectors.youtube_answers import CHANNEL, DATA

from openknowledge.connectors.kinds import SOURCE_KINDS
from openknowledge.connectors.recording import Recording
from openknowledge.connectors.settings import read_sources
from openknowledge.connectors.source import RecordContext, SourceFacts, SourceFailed, SyncFindings
from openknowledge.connectors.youtube.feed import YouTubeFeedSource
from openknowledge.connectors.youtube.flat_dump import FlatDumpSource

FEED = (DATA / "youtube/feed.channel.xml").read_text()
FLAT = json.loads((DATA / "yt-dlp/flat.videos-tab.json").read_bytes())


def known_videos(*names: str) -> SourceFacts:
    return SourceFacts(rows={"video": {name: {"youtube_id": name, "title": "Known"} for name in names}})


def sync(
    source: Any, folder: Path, url: str = "http://127.0.0.1:9/", known: SourceFacts | None = None
) -> tuple[SourceFacts, SyncFindings]:
    known, findings = known or SourceFacts(), SyncFindings()
    recording = Recording(folder / "recording", DAY)
    with a_client(url, bounds={"attempts": 2}) as client:
        source.record(RecordContext(recording, client, known, lambda *_: None))
    return source.read(recording, known, findings), findings


def sync_feed(
    server: HTTPServer, folder: Path, body: str, known: SourceFacts | None = None, status: int = 200
) -> tuple[SourceFacts, SyncFindings]:
    server.expect_request("/videos.xml", query_string={"channel_id": CHANNEL}).respond_with_data(
        body, status, content_type="text/xml; charset=UTF-8"
    )
    source = YouTubeFeedSource(name="youtube", channel=CHANNEL)
    return sync(source, folder, server.url_for("/"), known)


def test_a_feed_adds_its_videos_with_their_views(httpserver: HTTPServer, tmp_path: Path) -> None:
    facts, findings = sync_feed(httpserver, tmp_path, FEED)

    assert (len(facts.rows["video"]), findings.problems, facts.is_complete) == (15, [], False)
    assert facts.rows["video"]["P0pqyK5UO2Y"]["title"].endswith("che rivoluzionano l'AI")
    assert facts.rows["video"]["JY9SL_TbIxc"]["published"] == "2022-06-03T00:00:00Z"
    assert facts.rows["video"]["JY9SL_TbIxc"]["description"].startswith("Make the most of Django - PyCon Italia 2022\n")
    assert (facts.counts["video"]["JY9SL_TbIxc"], facts.count_days["video"]["JY9SL_TbIxc"]) == (800, DAY)


def test_a_feed_leaves_what_is_known_as_it_is(httpserver: HTTPServer, tmp_path: Path) -> None:
    """The API says more of a video than the feed does."""
    facts, _ = sync_feed(httpserver, tmp_path, FEED, known_videos("JY9SL_TbIxc"))

    assert "JY9SL_TbIxc" not in facts.rows["video"] and facts.counts["video"]["JY9SL_TbIxc"] == 800


SHORTER = FEED[: FEED.index("<entry>", FEED.index("<entry>") + 1)] + "</feed>"


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ((DATA / "youtube/errors/feed-404.html").read_text(), 404),
        ((DATA / "youtube/errors/feed-404.html").read_text(), 200),
        ((DATA / "youtube/feed.empty.xml").read_text(), 200),
        (SHORTER, 200),
        (FEED[: len(FEED) // 2], 200),
        ("", 200),
        ("{}", 200),
        ("/etc/hostname", 200),
        ("http://127.0.0.1/", 200),
        (FEED, 410),
    ],
)
def test_a_feed_that_is_not_whole_is_unavailable(
    body: str, status: int, httpserver: HTTPServer, tmp_path: Path
) -> None:
    known = known_videos(*(f"v{number}" for number in range(40)))

    with pytest.raises(SourceFailed, match=r"unavailable .*nothing changes"):
        sync_feed(httpserver, tmp_path, body, known, status)


def test_a_feed_of_a_young_channel_may_be_short(httpserver: HTTPServer, tmp_path: Path) -> None:
    facts, _ = sync_feed(httpserver, tmp_path, SHORTER, known_videos("-E_HZ82c-z8"))

    assert facts.rows["video"] == {} and list(facts.counts["video"]) == ["-E_HZ82c-z8"]


def test_a_feed_need_not_be_as_long_as_what_is_gone(httpserver: HTTPServer, tmp_path: Path) -> None:
    gone = {f"v{number}": {"youtube_id": f"v{number}", "gone_since": "2026-01-01"} for number in range(40)}

    assert sync_feed(httpserver, tmp_path, SHORTER, SourceFacts(rows={"video": gone}))[0].rows["video"]


def test_a_feed_that_is_cut_off_is_unavailable_also_for_a_young_channel(httpserver: HTTPServer, tmp_path: Path) -> None:
    with pytest.raises(SourceFailed, match="no whole feed"):
        sync_feed(httpserver, tmp_path, FEED[: FEED.rindex("<entry>")])


def test_what_looks_like_markup_in_a_feed_is_text(httpserver: HTTPServer, tmp_path: Path) -> None:
    title = "<media:title>Test sana in codice sano", "<title>Test sana in codice sano"
    body = FEED.replace(title[0], "<media:title>").replace(
        title[1], "<title>&lt;script&gt;a&lt;/script&gt; &amp;amp; b"
    )

    facts, _ = sync_feed(httpserver, tmp_path, body)

    assert facts.rows["video"]["JgrewHP45j8"]["title"] == "<script>a</script> &amp; b"


def flat_source(folder: Path, dump: Any) -> FlatDumpSource:
    path = folder / "flat.json"
    path.write_text(dump if isinstance(dump, str) else json.dumps(dump))
    return FlatDumpSource(name="youtube", path=path)


def test_a_flat_dump_without_dates_lists_ids_and_makes_no_row(tmp_path: Path) -> None:
    facts, findings = sync(flat_source(tmp_path, FLAT), tmp_path)

    assert (facts.rows["video"], facts.counts, findings.problems) == ({}, {}, [])
    assert not facts.is_complete
    assert len(facts.unlisted["video"]) == 19 and "7-NesFXrego" in facts.unlisted["video"], "a short one, too"
    assert "8N_iVwyDZoY" not in facts.unlisted["video"], "it is announced"
    assert facts.refused["video"] == {"gone0000001", "priv0000001"}


def test_the_dump_of_a_channels_root_has_its_tabs_inside(tmp_path: Path) -> None:
    source = FlatDumpSource(name="youtube", path=DATA / "yt-dlp/flat.channel-root.json")

    assert sync(source, tmp_path)[0].unlisted["video"] == {"-E_HZ82c-z8", "-W5ZX9KoE3Q", "7-NesFXrego"}


def test_a_flat_dump_lists_nothing_that_is_known(tmp_path: Path) -> None:
    facts, _ = sync(flat_source(tmp_path, FLAT), tmp_path, known=known_videos("7-NesFXrego", "gone0000001"))

    assert "7-NesFXrego" not in facts.unlisted["video"]
    assert "gone0000001" in facts.refused["video"], "what the channel says of a known video counts"


def test_a_video_with_its_moment_becomes_a_row(tmp_path: Path) -> None:
    entry = {"id": "abc", "title": "Limits", "timestamp": 1588323600, "duration": 61.4, "description": "First."}

    facts, _ = sync(flat_source(tmp_path, {**FLAT, "entries": [None, entry, {"id": 7}, 7, {"id": "../x"}]}), tmp_path)

    assert facts.rows["video"] == {
        "abc": {
            **{"youtube_id": "abc", "title": "Limits", "published": "2020-05-01T09:00:00Z"},
            **{"duration_s": 61, "description": "First."},
        }
    }
    assert facts.unlisted["video"] == frozenset()


@pytest.mark.parametrize("moment", [None, "2020", 10**20, True, float("nan")])
def test_a_moment_that_is_none_makes_no_row(moment: object, tmp_path: Path) -> None:
    dump = {**FLAT, "entries": [{"id": "abc", "title": "Limits", "timestamp": moment}]}

    facts, findings = sync(flat_source(tmp_path, dump), tmp_path)

    assert (facts.rows["video"], facts.unlisted["video"], findings.problems) == ({}, {"abc"}, [])


@pytest.mark.parametrize("name", ["title", "duration", "description", "timestamp", "live_status", "id", "_type"])
@pytest.mark.parametrize("odd", [None, 7, True, "", [], {}, float("inf"), float("nan"), -1, "x" * 99])
def test_an_odd_value_in_a_flat_dump_makes_no_problem(name: str, odd: object, tmp_path: Path) -> None:
    entry = {"id": "abc", "title": "Limits", "timestamp": 1588323600, "duration": 61.4, name: odd}

    _, findings = sync(flat_source(tmp_path, {**FLAT, "entries": [entry]}), tmp_path)

    assert findings.problems == []


@pytest.mark.parametrize("dump", ["", "[" * 100_000, "[]", "{}", '{"entries": null}', "<html>"])
def test_a_file_that_is_no_dump_is_named(dump: str, tmp_path: Path) -> None:
    with pytest.raises(SourceFailed, match=r"flat\.json: this is no"):
        sync(flat_source(tmp_path, dump), tmp_path)


def test_a_dump_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(SourceFailed, match=r"none\.json: the file cannot be read"):
        sync(FlatDumpSource(name="youtube", path=tmp_path / "none.json"), tmp_path)


def test_the_kinds_of_youtube_are_made_of_their_options() -> None:
    entries = [
        {"name": "youtube", "kind": "youtube", "channel": "@polimi"},
        {"name": "feed", "kind": "youtube-feed", "channel": CHANNEL},
        {"name": "flat", "kind": "yt-dlp", "path": "flat.json"},
    ]
    sources, mistakes = read_sources(entries, SOURCE_KINDS)

    created = [source.create(Path("content"), {"SYNC_YOUTUBE_KEY": "AIza-none-of-anybody"}) for source in sources]

    assert (mistakes, [source.name for source in created]) == ((), ["youtube", "feed", "flat"])
    assert [[*source.secrets()] for source in created] == [["AIza-none-of-anybody"], [], []]


@pytest.mark.parametrize(
    "entry",
    [
        {"kind": "youtube", "channel": "polimi"},
        {"kind": "youtube", "channel": "UC123"},
        {"kind": "youtube-feed", "channel": "@polimi"},
        {"kind": "youtube", "channel": "@polimi", "url": "ftp://example.edu"},
    ],
)
def test_a_channel_that_is_none_is_named(entry: dict[str, str]) -> None:
    assert [place[1] for place, _, _ in read_sources([{"name": "youtube", **entry}], SOURCE_KINDS)[1]] in (
        ["channel"],
        ["url"],
    )
