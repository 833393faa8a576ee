"""The videos of each playlist, in its own order."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable

from ..findings import SyncFindings
from .dump import RecordedItem
from .rows import Row

Entry = tuple[int, str]


def video_ids(
    entries: Iterable[RecordedItem], playlists: Iterable[Row], videos: Collection[str], findings: SyncFindings
) -> dict[str, list[str]]:
    """Return the ids of the videos of each playlist, in order, each once.

    Entries of videos that are not in `videos` (private or deleted ones) are left out with a warning, as are the entries
    of playlists that are not in the dump, such as the list of all uploads.
    """
    titles = {row["youtube_id"]: row["title"] for row in playlists}
    entries_by_playlist: dict[str, list[Entry]] = defaultdict(list)
    unlisted: dict[str, RecordedItem] = {}
    for item in entries:
        playlist, entry = _entry(item, findings)
        if playlist is None or entry is None:
            continue
        if playlist not in titles:
            unlisted.setdefault(playlist, item)
        elif entry[1] in videos:
            entries_by_playlist[playlist].append(entry)
        else:
            _warn_of_absence(item, entry[1], titles[playlist], findings)
    for playlist, item in sorted(unlisted.items()):
        message = f'the playlist "{playlist}" is not in playlists.json, so its entries are left out'
        findings.warnings.append(item.problem(("snippet", "playlistId"), message, None))
    return {
        playlist: list(dict.fromkeys(name for _, name in sorted(entries)))
        for playlist, entries in entries_by_playlist.items()
    }


def check_counts(playlists: Iterable[RecordedItem], entries: Iterable[RecordedItem], findings: SyncFindings) -> None:
    """Report each playlist that counts entries of which the dump has none."""
    seen = {entry.get("snippet", "playlistId") for entry in entries}
    for item in playlists:
        count = item.get("contentDetails", "itemCount")
        if isinstance(count, int) and count > 0 and item.get("id") not in seen:
            message = f"the playlist counts {count} entries and playlistItems.json has none of them"
            findings.problems.append(item.problem(("contentDetails", "itemCount"), message))


def _entry(item: RecordedItem, findings: SyncFindings) -> tuple[str | None, Entry | None]:
    playlist = item.get("snippet", "playlistId")
    video = item.get("contentDetails", "videoId") or item.get("snippet", "resourceId", "videoId")
    position = item.get("snippet", "position")
    if not isinstance(playlist, str) or not isinstance(video, str):
        message = "this entry does not say which playlist it belongs to, or which video it is"
        findings.problems.append(item.problem(("snippet",), message))
        return None, None
    if not isinstance(position, int):
        findings.problems.append(item.problem(("snippet", "position"), "this entry has no place in its playlist"))
        return None, None
    return playlist, (position, video)


def _warn_of_absence(item: RecordedItem, video: str, playlist: str, findings: SyncFindings) -> None:
    title = item.get("snippet", "title")
    called = f' ("{title}")' if title in ("Private video", "Deleted video") else ""
    message = f'the video "{video}"{called} is not public, so the playlist "{playlist}" goes without it'
    findings.warnings.append(item.problem(("contentDetails", "videoId"), message, None))
