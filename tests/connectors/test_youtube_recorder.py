"""The YouTube Data API is asked for a whole channel, with few units, and its trouble loses nothing."""

from __future__ import annotations

import json
from contextlib import nullcontext
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from pytest_httpserver import HTTPServer
from tests.connectors.clients import DAY
from tests.connectors.youtube_answers import (
    UPLOADS,
    a_channel,
    a_page,
    a_playlist,
    a_refused_entry,
    a_video,
    an_entry,
    answer,
)
from tests.connectors.youtube_server import KEY, FakeYouTube, a_small_channel, an_error, at_request, sync
from werkzeug import Response

from openknowledge.connectors.source import LimitReached, SourceFacts, SourceFailed
from openknowledge.connectors.youtube.recorder import estimate_units

PAGES = [
    "channels UCtest_channel_000000001",
    "playlists UCtest_channel_000000001",
    f"playlistItems {UPLOADS}",
    f"playlistItems {UPLOADS} P50",
    "playlistItems PL1",
    "playlistItems PL1 P50",
    "playlistItems PL2",
]
UNITS = len(PAGES) + 2
"""Two more for 61 videos by 50."""


@pytest.fixture
def channel() -> FakeYouTube:
    return a_small_channel()


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> SourceFacts:
    """What a sync without trouble finds."""
    with HTTPServer() as server:
        return sync(a_small_channel().serve(server), tmp_path_factory.mktemp("sound")).facts


def test_a_channel_is_asked_for_all_its_lists_and_its_videos_by_fifty(
    channel: FakeYouTube, httpserver: HTTPServer, tmp_path: Path
) -> None:
    done = sync(channel.serve(httpserver), tmp_path)

    assert channel.asked()[: len(PAGES)] == PAGES
    assert [len(request.args["id"].split(",")) for request in channel.requests[len(PAGES) :]] == [50, 11]
    assert len(done.facts.rows["video"]) == 61 and "extra" in done.facts.rows["video"], "uploads lack one"
    assert done.facts.rows["playlist"]["PL1"]["videos"][0] == "v059"
    assert done.findings.problems == [] and done.findings.warnings == []


def test_units_are_counted_and_known_beforehand(channel: FakeYouTube, httpserver: HTTPServer, tmp_path: Path) -> None:
    done = sync(channel.serve(httpserver), tmp_path)

    assert done.units == len(channel.requests) == UNITS
    assert done.progress[0] == ("YouTube, a unit a page", 2, UNITS), "the lists say how much there is"
    assert done.progress[-1] == ("YouTube, a unit a page", UNITS, UNITS)
    assert estimate_units(2492, [2500 // 70] * 70) == 1 + 2 + 50 + 70 + 50


def test_what_is_known_says_beforehand_what_a_sync_costs(
    channel: FakeYouTube, httpserver: HTTPServer, tmp_path: Path, sound: SourceFacts
) -> None:
    assert sync(channel.serve(httpserver), tmp_path, known=sound).progress[0] == ("YouTube, a unit a page", 0, UNITS)


def test_a_sync_in_which_nothing_changed_asks_only_conditionally(
    channel: FakeYouTube, httpserver: HTTPServer, tmp_path: Path
) -> None:
    url = channel.serve(httpserver)
    first = sync(url, tmp_path)

    again = sync(url, tmp_path, day=DAY + timedelta(days=1))

    assert {response.status_code for _, response in httpserver.log[UNITS:]} == {304}
    assert again.units == UNITS and again.facts.rows == first.facts.rows
    assert {*again.facts.count_days["video"].values()} == {DAY + timedelta(days=1)}


PASSING = ["429-rateLimitExceeded", "403-rateLimitExceeded", "500-backendError", "503-backendError"]


@pytest.mark.parametrize("name", [*PASSING, "400-invalidPageToken"])
@pytest.mark.parametrize("number", range(UNITS))
def test_trouble_that_passes_at_any_page_loses_nothing(
    name: str, number: int, channel: FakeYouTube, httpserver: HTTPServer, tmp_path: Path, sound: SourceFacts
) -> None:
    channel.trouble = at_request([number], lambda: an_error(name))

    done = sync(channel.serve(httpserver), tmp_path)

    assert (done.facts, done.findings.problems) == (sound, [])
    assert done.units == len(channel.requests) > UNITS, "tries count"
    assert bool(done.waits) == (name in PASSING)


@pytest.mark.parametrize("status", [400, 403, 429, 500, 503])
@pytest.mark.parametrize(
    ("name", "tries", "fails"),
    [
        ("403-quotaExceeded", 1, LimitReached),
        ("403-keyBlocked", 1, SourceFailed),
        ("404-playlistNotFound", 1, None),
        ("403-rateLimitExceeded", 5, SourceFailed),
    ],
)
def test_what_an_error_means_is_told_by_its_reason_and_not_by_its_status(
    status: int,
    name: str,
    tries: int,
    fails: type[Exception] | None,
    channel: FakeYouTube,
    httpserver: HTTPServer,
    tmp_path: Path,
) -> None:
    body = json.dumps(answer(f"youtube/errors/{name}.json")["body"])
    channel.trouble = lambda request: Response(body, status) if request.args.get("playlistId") == "PL2" else None

    with nullcontext() if fails is None else pytest.raises(fails):
        sync(channel.serve(httpserver), tmp_path)

    assert channel.asked().count("playlistItems PL2") == tries


def test_the_wait_that_a_busy_api_asks_for_is_kept(
    channel: FakeYouTube, httpserver: HTTPServer, tmp_path: Path
) -> None:
    channel.trouble = at_request([3], lambda: an_error("429-rateLimitExceeded", **{"Retry-After": "37"}))

    assert sync(channel.serve(httpserver), tmp_path).waits == [37]


@pytest.mark.parametrize("number", range(UNITS))
def test_a_used_up_quota_at_any_page_stops_and_the_next_sync_goes_on_from_there(
    number: int, channel: FakeYouTube, httpserver: HTTPServer, tmp_path: Path, sound: SourceFacts
) -> None:
    channel.trouble = at_request([number], lambda: an_error("403-quotaExceeded"))
    url = channel.serve(httpserver)

    with pytest.raises(LimitReached, match="midnight in California"):
        sync(url, tmp_path)
    assert len(channel.requests) == number + 1, "no other try"

    done = sync(url, tmp_path)

    assert done.facts == sound and done.units == UNITS - number


@pytest.mark.parametrize("limit", range(1, UNITS, 3))
def test_a_limit_of_units_stops_between_pages_and_the_next_sync_goes_on_from_there(
    limit: int, channel: FakeYouTube, httpserver: HTTPServer, tmp_path: Path, sound: SourceFacts
) -> None:
    url = channel.serve(httpserver)

    with pytest.raises(LimitReached):
        sync(url, tmp_path, requests=limit)
    assert len(channel.requests) == limit

    assert sync(url, tmp_path).facts == sound and len(channel.requests) == UNITS


WHAT_TO_DO = {
    "400-keyInvalid": "API_KEY_INVALID.*does not know the key",
    "403-keyBlocked": "API_KEY_SERVICE_BLOCKED.*allow it the YouTube Data API v3",
    "403-accessNotConfigured": "accessNotConfigured.*enable the YouTube Data API v3",
}


@pytest.mark.parametrize("name", WHAT_TO_DO)
@pytest.mark.parametrize("number", range(UNITS))
def test_a_key_that_does_not_serve_fails_at_once_and_says_what_to_do(
    name: str, number: int, channel: FakeYouTube, httpserver: HTTPServer, tmp_path: Path
) -> None:
    channel.trouble = at_request([number], lambda: an_error(name))

    with pytest.raises(SourceFailed, match=WHAT_TO_DO[name]) as failure:
        sync(channel.serve(httpserver), tmp_path)

    assert len(channel.requests) == number + 1 and not isinstance(failure.value, LimitReached)


ONE_LIST = ["404-playlistNotFound", "403-playlistItemsNotAccessible"]


@pytest.mark.parametrize("name", ONE_LIST)
@pytest.mark.parametrize("number", range(2, len(PAGES)))
def test_a_list_that_cannot_be_read_concerns_that_list_only(
    name: str, number: int, channel: FakeYouTube, httpserver: HTTPServer, tmp_path: Path, sound: SourceFacts
) -> None:
    channel.trouble = at_request([number], lambda: an_error(name))

    done = sync(channel.serve(httpserver), tmp_path, known=sound)

    assert done.facts == sound, "what it had stays"
    assert len(done.findings.warnings) == 1 and done.findings.problems == []


@pytest.mark.parametrize("name", ONE_LIST)
@pytest.mark.parametrize("number", [0, 1, UNITS - 1])
def test_the_trouble_of_a_list_is_a_failure_where_no_list_of_entries_was_asked_for(
    name: str, number: int, channel: FakeYouTube, httpserver: HTTPServer, tmp_path: Path
) -> None:
    channel.trouble = at_request([number], lambda: an_error(name))

    with pytest.raises(SourceFailed, match=name.partition("-")[2]):
        sync(channel.serve(httpserver), tmp_path)


def test_a_list_that_keeps_changing_is_read_twice_and_then_given_up(
    channel: FakeYouTube, httpserver: HTTPServer, tmp_path: Path
) -> None:
    channel.trouble = lambda request: an_error("400-invalidPageToken") if "pageToken" in request.args else None

    with pytest.raises(SourceFailed, match="changes while it is read"):
        sync(channel.serve(httpserver), tmp_path)

    assert channel.asked()[2:] == [f"playlistItems {UPLOADS}", f"playlistItems {UPLOADS} P50"] * 2


def test_a_token_of_yesterday_that_holds_no_more_begins_its_list_anew(
    channel: FakeYouTube, httpserver: HTTPServer, tmp_path: Path, sound: SourceFacts
) -> None:
    url = channel.serve(httpserver)
    with pytest.raises(LimitReached):
        sync(url, tmp_path, requests=3)
    channel.trouble = at_request([0], lambda: an_error("400-invalidPageToken"))

    done = sync(url, tmp_path, day=DAY + timedelta(days=1))

    assert done.facts.rows == sound.rows
    assert channel.asked()[3:6] == [f"playlistItems {UPLOADS} P50", *PAGES[2:4]]


@pytest.mark.parametrize("playlist", [UPLOADS, "PL1"])
def test_a_list_whose_tokens_go_in_circles_ends_and_loses_nothing(
    playlist: str, channel: FakeYouTube, httpserver: HTTPServer, tmp_path: Path, sound: SourceFacts
) -> None:
    pages = [answer(f"youtube/token-loop.{number}.json") for number in (1, 2)]

    def loop(request: Any) -> Response | None:
        if request.args.get("playlistId") != playlist:
            return None
        return Response(json.dumps(pages[request.args.get("pageToken") == "B"]), content_type="application/json")

    channel.trouble = loop

    done = sync(channel.serve(httpserver), tmp_path, known=sound)

    assert done.facts.rows == sound.rows
    assert channel.asked().count(f"playlistItems {playlist} B") == 1
    assert "does not list all" in "".join(map(str, done.findings.warnings))


def test_an_empty_channel_is_one_though_its_uploads_are_not_found(httpserver: HTTPServer, tmp_path: Path) -> None:
    done = sync(FakeYouTube(a_channel(videos="0")).serve(httpserver), tmp_path)

    assert done.facts.rows == {"video": {}, "playlist": {}} and done.findings.warnings == []


def test_a_channel_that_is_not_there_is_named(httpserver: HTTPServer, tmp_path: Path) -> None:
    with pytest.raises(SourceFailed, match='no channel "UCtest_channel_000000001": write the id'):
        sync(FakeYouTube(channel=None).serve(httpserver), tmp_path)


KNOWN = SourceFacts(
    rows={
        "video": {name: {"youtube_id": name} for name in ("v000", "gone", "hidden", "dropped")},
        "playlist": {"PL1": {"youtube_id": "PL1"}, "PL9": {"youtube_id": "PL9"}},
    }
)


def test_what_is_known_and_no_longer_listed_is_asked_for_and_only_then_refused(
    channel: FakeYouTube, httpserver: HTTPServer, tmp_path: Path
) -> None:
    """An answer about many ids may leave one out that the API has; an answer about that one does not."""
    channel.entries["PL2"].append(a_refused_entry("hidden", "Private video", "private"))
    channel.videos["dropped"] = a_video("dropped", "Dropped")
    channel.dropped = ("dropped",)

    done = sync(channel.serve(httpserver), tmp_path, known=KNOWN)

    assert [asked for asked in channel.asked() if asked.count(",") == 0 and "videos" in asked] == [
        "videos dropped",
        "videos gone",
    ]
    assert "playlists PL9" in channel.asked()
    assert done.facts.refused == {"video": {"gone", "hidden"}, "playlist": {"PL9"}}
    assert "dropped" in done.facts.rows["video"]


@pytest.mark.parametrize("number", [1, 51])
def test_an_id_that_is_left_over_alone_is_asked_for_once(number: int, httpserver: HTTPServer, tmp_path: Path) -> None:
    names = [f"v{one:03}" for one in range(number)]
    channel = FakeYouTube(videos={name: a_video(name) for name in names[:-1]}, entries={UPLOADS: []})

    done = sync(channel.serve(httpserver), tmp_path, known=SourceFacts(rows={"video": {name: {} for name in names}}))

    assert channel.asked().count(f"videos {names[-1]}") == 1
    assert done.facts.refused["video"] == {names[-1]} and len(done.facts.rows["video"]) == number - 1


def test_a_channel_that_lost_thousands_is_not_asked_for_each(httpserver: HTTPServer, tmp_path: Path) -> None:
    known = SourceFacts(rows={"video": {f"v{number:04}": {} for number in range(300)}})

    done = sync(FakeYouTube(a_channel(videos="0")).serve(httpserver), tmp_path, known=known)

    assert done.units == 3 + 300 / 50 + 50 and len(done.facts.refused["video"]) == 50


def test_videos_of_others_in_our_lists_cost_no_unit(
    channel: FakeYouTube, httpserver: HTTPServer, tmp_path: Path
) -> None:
    stranger = an_entry("other")
    stranger["snippet"]["videoOwnerChannelId"] = "UCother"
    channel.entries["PL2"].append(stranger)

    sync(channel.serve(httpserver), tmp_path)

    assert "other" not in "".join(channel.asked())


def test_ids_that_another_source_named_are_asked_for(
    channel: FakeYouTube, httpserver: HTTPServer, tmp_path: Path
) -> None:
    channel.videos["named"] = a_video("named", "Named")

    done = sync(channel.serve(httpserver), tmp_path, known=SourceFacts(unlisted={"video": frozenset({"named"})}))

    assert "named" in done.facts.rows["video"]


@pytest.mark.parametrize(
    "body",
    ["<!DOCTYPE html><title>Sign in</title>", "[]", '{"error": {"code": 200}}', '{"items": []}', "{", '{"kind": 7}'],
)
@pytest.mark.parametrize("number", [3, UNITS - 1])
def test_what_is_no_answer_of_the_api_though_its_status_is_200_is_asked_for_again(
    body: str, number: int, channel: FakeYouTube, httpserver: HTTPServer, tmp_path: Path, sound: SourceFacts
) -> None:
    channel.trouble = at_request([number], lambda: Response(body))

    assert sync(channel.serve(httpserver), tmp_path).facts == sound


def test_an_error_that_names_no_reason_is_a_failure_without_its_text(
    channel: FakeYouTube, httpserver: HTTPServer, tmp_path: Path
) -> None:
    body = {"error": {"message": f"bad key {KEY}", "errors": [{"reason": f"no {KEY}"}, 7], "details": "none"}}
    channel.trouble = at_request([2], lambda: Response(json.dumps(body), 403))

    with pytest.raises(SourceFailed, match=r"YouTube answered 403 \(without a reason\)$"):
        sync(channel.serve(httpserver), tmp_path)


def test_the_key_is_in_no_address_and_in_no_page(channel: FakeYouTube, httpserver: HTTPServer, tmp_path: Path) -> None:
    sync(channel.serve(httpserver), tmp_path)

    assert KEY not in "".join(request.url for request in channel.requests)
    assert not [path for path in tmp_path.rglob("*") if path.is_file() and KEY in path.read_text()]


@pytest.mark.parametrize("name", ["../../etc", "PL 1", "", "x" * 65])
def test_a_playlist_with_a_strange_id_is_a_problem_and_asked_for_nowhere(
    name: str, channel: FakeYouTube, httpserver: HTTPServer, tmp_path: Path
) -> None:
    channel.playlists.append(a_playlist(name))

    done = sync(channel.serve(httpserver), tmp_path)

    assert len(channel.requests) == UNITS and len(done.findings.problems) == 1


def test_pages_that_say_nothing_of_their_items_do_not_end_a_sync(httpserver: HTTPServer, tmp_path: Path) -> None:
    page = a_page("playlistItem")
    del page["items"], page["pageInfo"]
    channel = FakeYouTube(entries={UPLOADS: []})
    channel.trouble = lambda request: Response(json.dumps(page)) if "Items" in request.path else None

    assert sync(channel.serve(httpserver), tmp_path).facts.rows == {"video": {}, "playlist": {}}
