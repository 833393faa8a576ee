"""What the answers of the YouTube Data API say, as facts: rows of videos and playlists, numbers, refusals."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import date

from openknowledge.connectors.source import Row, SourceFacts

from .answers import Entry, RecordedItem, YouTubeAnswers
from .rows import count_of, id_of, playlist_facts, read_rows, video_facts

__all__ = ["CHANNEL_COUNTS", "read_facts"]

CHANNEL_COUNTS = {"subscribers": "subscriberCount", "views": "viewCount", "videos": "videoCount"}
"""The numbers of the whole channel by their measure. YouTube rounds the number of subscribers."""
LIVE = ("snippet", "liveBroadcastContent")
STATUS = ("status", "privacyStatus")


def read_facts(answers: YouTubeAnswers, known: SourceFacts) -> SourceFacts:
    """Return the facts of the answers; what is wrong or left out goes to the findings of their items.

    A playlist's `videos` are ids. Where its entries could not be read, it keeps those that it is `known` to have.
    A video is refused where the API was asked for it alone and has no such item, where its status is not public, or
    where an entry of a playlist says that it is deleted or private; that `videos.list` leaves it out of an answer about
    many ids proves nothing. Broadcasts that are announced or going on are no videos yet, so they are in no table.
    """
    hidden: dict[str, set[str]] = {"video": set(), "playlist": set()}
    shown = [item for item in answers.videos if _is_shown(item, hidden["video"]) and _is_own(item, answers.channel)]
    videos = read_rows(shown, video_facts)
    playlists = read_rows((item for item in answers.playlists if _is_shown(item, hidden["playlist"])), playlist_facts)
    members = _read_members(answers, playlists, videos)
    for name, row in playlists.items():
        row["videos"] = members.get(name, [])
    _keep_unread(answers, playlists, known)
    hidden["video"].update(entry.video for entry in answers.entries if entry.video and entry.is_refused)
    rows = {"video": videos, "playlist": playlists}
    refused = {
        table: frozenset(hidden[table] | answers.absent.get(table, frozenset())) - row_by_id.keys()
        for table, row_by_id in rows.items()
    }
    counts, days = _read_counts(answers, shown, videos)
    return SourceFacts(rows=rows, counts=counts, count_days=days, refused=refused)


def _is_shown(item: RecordedItem, hidden: set[str]) -> bool:
    """Return whether an item is public and no broadcast that is still to come; add its id to `hidden` if not public."""
    status = item.get(*STATUS)
    if status in (None, "public"):
        return item.get(*LIVE) not in ("upcoming", "live")
    youtube_id = id_of(item)
    if youtube_id is not None:
        item.warn(STATUS, f'"{youtube_id}" is {status}, so it is left out')
        hidden.add(youtube_id)
    return False


def _is_own(item: RecordedItem, channel: RecordedItem | None) -> bool:
    """Return whether a video belongs to the channel; playlists may have those of others."""
    owner = item.get("snippet", "channelId")
    return channel is None or owner is None or owner == channel.get("id")


def _read_counts(
    answers: YouTubeAnswers, shown: Iterable[RecordedItem], videos: Collection[str]
) -> tuple[dict[str, dict[str, int]], dict[str, dict[str, date]]]:
    """Return the views of the videos and the numbers of the channel, with their days; without a day, none."""
    counts: dict[str, dict[str, int]] = {"video": {}}
    days: dict[str, dict[str, date]] = {"video": {}}
    for item in shown:
        name, views = item.get_text("id"), count_of(item, "viewCount")
        if views is not None and item.day is not None and name in videos:
            counts["video"][name], days["video"][name] = views, item.day
    if answers.channel is not None and answers.channel.day is not None:
        found = {measure: count_of(answers.channel, name) for measure, name in CHANNEL_COUNTS.items()}
        if answers.channel.get("statistics", "hiddenSubscriberCount") is True:
            found["subscribers"] = None
        counts["channel"] = {measure: total for measure, total in found.items() if total is not None}
        days["channel"] = dict.fromkeys(counts["channel"], answers.channel.day)
    return counts, days


def _read_members(answers: YouTubeAnswers, playlists: dict[str, Row], videos: Collection[str]) -> dict[str, list[str]]:
    """Return the ids of the videos of each playlist, in order, each once.

    Entries of videos that are not in `videos` (private or deleted ones, those of other channels, broadcasts to come)
    are left out with a warning, as are the entries of playlists that are not known; the list of all uploads is none.
    """
    ordered: dict[str, list[tuple[int, str]]] = defaultdict(list)
    strangers: dict[str, RecordedItem] = {}
    uploads = answers.channel and answers.channel.get_text("contentDetails", "relatedPlaylists", "uploads")
    for entry in answers.entries:
        video = entry.video
        if video is None:
            entry.item.report(("contentDetails", "videoId"), "this entry does not say which video it is")
        elif entry.playlist not in playlists:
            strangers.setdefault(entry.playlist, entry.item)
        elif video in videos:
            ordered[entry.playlist].append((entry.position, video))
        else:
            _warn_of_gap(entry, str(playlists[entry.playlist]["title"]))
    if uploads in answers.unread and answers.channel is not None:
        message = "the API does not list all uploads, so new videos may be missing until it does"
        answers.channel.warn(("contentDetails", "relatedPlaylists", "uploads"), message)
    for playlist, item in strangers.items():
        if playlist != uploads:
            message = f'the playlist "{playlist}" is not among the playlists, so its entries are left out'
            item.warn(("snippet", "playlistId"), message)
    return {
        playlist: list(dict.fromkeys(video for _, video in sorted(entries))) for playlist, entries in ordered.items()
    }


def _keep_unread(answers: YouTubeAnswers, playlists: dict[str, Row], known: SourceFacts) -> None:
    """Give playlists whose entries could not be read the videos that they had before."""
    for item in answers.playlists:
        row = playlists.get(item.get_text("id"))
        if row is not None and row["youtube_id"] in answers.unread:
            row["videos"] = [*known.rows.get("playlist", {}).get(row["youtube_id"], {}).get("videos", ())]
            message = (
                f'the API does not list all entries, so the playlist "{row["title"]}" keeps the videos that it had'
            )
            item.warn(("id",), message)


def _warn_of_gap(entry: Entry, playlist: str) -> None:
    title = entry.item.get("snippet", "title")
    called = f' ("{title}")' if title in ("Private video", "Deleted video") else ""
    reason = "is not public" if entry.is_refused or called else "is not among the videos"
    message = f'the video "{entry.video}"{called} {reason}, so the playlist "{playlist}" goes without it'
    entry.item.warn(("contentDetails", "videoId"), message)
