"""The channel that syncs are measured with answers as YouTube does."""

from __future__ import annotations

from bench.syncing import CHANNEL, PAGE, PLAYLISTS, UPLOADS, VIDEOS, Channel


def test_the_pages_of_a_list_lead_to_its_end_and_have_each_video_once() -> None:
    channel, found, asked = Channel(), [], {"playlistId": UPLOADS}
    while True:
        page = channel.answer("playlistItems", asked)
        found += [item["contentDetails"]["videoId"] for item in page["items"]]
        if "nextPageToken" not in page:
            break
        asked = {"playlistId": UPLOADS, "pageToken": page["nextPageToken"]}

    assert (found, len({*found})) == (channel.names, VIDEOS)
    members = [name for number in range(PLAYLISTS) for name in channel.members(f"PL{number}")]
    assert sorted(members) == channel.names
    assert channel.answer("channels", {"id": CHANNEL})["items"][0]["id"] == CHANNEL
    assert len(channel.answer("videos", {"id": ",".join(channel.names[:PAGE])})["items"]) == PAGE
