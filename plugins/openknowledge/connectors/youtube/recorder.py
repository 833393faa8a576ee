"""Asks the YouTube Data API v3 for all that it says of a channel; each answer costs one unit of the key's quota."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from openknowledge.connectors.http_client import TRY_AGAIN_LATER, PlatformAnswer
from openknowledge.connectors.recording import RecordedPage
from openknowledge.connectors.source import LimitReached, RecordContext, SourceFacts, SourceFailed, SyncFindings

from .answers import YOUTUBE_ID, RecordedItem, YouTubeAnswers, read_pages
from .rows import COUNT

__all__ = ["PAGE_FIELDS", "READ_FIELDS", "YouTubeRecorder", "estimate_units"]

PAGE_SIZE = 50
MOST_PAGES = 500
"""Of one list: the API itself ends after 400. A list that goes on has no end."""
MOST_ASKED_ALONE = 50
"""How many vanished ids of a table are asked for one by one in a sync; other syncs ask for others."""

READ_FIELDS: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "channels": {
        "contentDetails": ("relatedPlaylists",),
        "statistics": ("viewCount", "subscriberCount", "hiddenSubscriberCount", "videoCount"),
    },
    "playlists": {
        "snippet": ("publishedAt", "channelId", "title", "description", "defaultLanguage"),
        "contentDetails": ("itemCount",),
        "status": ("privacyStatus",),
    },
    "playlistItems": {
        "snippet": ("title", "resourceId", "videoOwnerChannelId"),
        "contentDetails": ("videoId", "videoPublishedAt"),
        "status": ("privacyStatus",),
    },
    "videos": {
        "snippet": (
            *("publishedAt", "channelId", "title", "description", "tags", "liveBroadcastContent"),
            *("defaultLanguage", "defaultAudioLanguage"),
        ),
        "contentDetails": ("duration", "caption"),
        "status": ("privacyStatus", "license", "embeddable"),
        "statistics": ("viewCount",),
    },
}
"""The fields of an item, by its parts: no other ones are asked for, and none is stored."""
PAGE_FIELDS = ("kind", "nextPageToken")
WAIT = frozenset({"rateLimitExceeded", "userRateLimitExceeded", "RATE_LIMIT_EXCEEDED", "backendError"})
USED_UP = frozenset({"quotaExceeded", "dailyLimitExceeded"})
LIST_CHANGED = "invalidPageToken"
LIST_TROUBLES = {
    **dict.fromkeys(READ_FIELDS, frozenset({LIST_CHANGED})),
    "playlistItems": frozenset({LIST_CHANGED, "playlistNotFound", "playlistItemsNotAccessible"}),
}
"""Reasons that concern one list, by what it has; the list of uploads of an empty channel is not found either."""
REASON = re.compile("[A-Za-z_]{1,60}", re.ASCII)
KEY_INVALID = "the API does not know the key: look at it in the Google Cloud console (APIs & Services, Credentials)"
KEY_BLOCKED = (
    "the key may not be used for this: in the Google Cloud console (APIs & Services, Credentials), allow it the "
    "YouTube Data API v3, and the addresses of the machines that sync"
)
API_DISABLED = "the key's project does not use the API: enable the YouTube Data API v3 in the Google Cloud console"
FAILURES = {
    **dict.fromkeys(("API_KEY_INVALID", "keyInvalid", "keyExpired", "dailyLimitExceededUnreg"), KEY_INVALID),
    **dict.fromkeys(("API_KEY_SERVICE_BLOCKED", "API_KEY_IP_ADDRESS_BLOCKED"), KEY_BLOCKED),
    **dict.fromkeys(("API_KEY_HTTP_REFERRER_BLOCKED", "ipRefererBlocked"), KEY_BLOCKED),
    **dict.fromkeys(("accessNotConfigured", "SERVICE_DISABLED"), API_DISABLED),
}


def estimate_units(videos: int, playlists: Iterable[int]) -> int:
    """Return how many units a channel costs that has so many videos, and playlists of these lengths."""
    lengths = [*playlists]
    pages = sum(max(1, -(-length // PAGE_SIZE)) for length in (videos, len(lengths), *lengths))
    return 1 + pages + -(-videos // PAGE_SIZE)


@dataclass(slots=True)
class YouTubeRecorder:
    """Records one channel: its numbers, its playlists, their entries and those of all uploads, and the videos.

    What is known and no longer listed is asked for too: videos with the others, by id, and what that answer leaves out
    alone, because only an answer about one id says that there is no such thing.
    """

    context: RecordContext
    channel: str
    pages: list[RecordedPage] = field(default_factory=list)
    estimate: int = 0
    _read: int = 0
    _refusal: str = ""

    def record(self) -> None:
        """Record all pages. Raises `SourceFailed` and `LimitReached`, as sources do."""
        if self._known("video"):
            self.estimate = estimate_units(*_known_lengths(self.context.known))
            self._show_units()
        channel = self._record_channel()
        self._record_list("playlists", "playlists", {"channelId": channel.data["id"], "maxResults": PAGE_SIZE})
        listed = {item.get_text("id") for item in self._answers("playlists").playlists}
        self._record_alone("playlist", "playlists", self._vanished("playlist", listed))
        playlists = {item.get_text("id"): item for item in self._answers("playlists", "playlist").playlists}
        counts = (item.get("contentDetails", "itemCount") for item in playlists.values())
        lengths = [count if isinstance(count, int) else 0 for count in counts]
        self.estimate = estimate_units(max(_video_count(channel), len(self._known("video"))), lengths)
        self._show_units()
        for name in (channel.get_text("contentDetails", "relatedPlaylists", "uploads"), *playlists):
            if YOUTUBE_ID.fullmatch(name):
                self._record_list(
                    f"playlistItems/{name}", "playlistItems", {"playlistId": name, "maxResults": PAGE_SIZE}
                )
        self._record_videos(channel.data["id"])

    def _known(self, table: str) -> set[str]:
        """Return the known ids of a table; what is gone may come back."""
        return {*self.context.known.rows.get(table, ())}

    def _vanished(self, table: str, shown: Iterable[str]) -> set[str]:
        """Return the known ids that are not shown, without those of which it is proved already that they are gone."""
        rows = self.context.known.rows.get(table, {})
        return {name for name, row in rows.items() if "gone_since" not in row}.difference(shown)

    def _answers(self, *lists: str) -> YouTubeAnswers:
        """Return what was answered about some lists so far."""
        return read_pages((page for page in self.pages if page.key.split("/")[0] in lists), SyncFindings())

    def _record_channel(self) -> RecordedItem:
        name = "forHandle" if self.channel.startswith("@") else "id"
        self._record_list("channels", "channels", {name: self.channel})
        channel = self._answers("channels").channel
        if channel is None or not channel.get_text("id"):
            hint = "write the id (UC…) or the handle (@…) of the channel"
            raise SourceFailed(f'YouTube has no channel "{self.channel}": {hint}')
        return channel

    def _record_videos(self, channel: str) -> None:
        wanted = {*self._known("video"), *self.context.known.unlisted.get("video", ())}
        refused: set[str] = set()
        for entry in self._answers("playlistItems").entries:
            video, owner = entry.video, entry.item.get("snippet", "videoOwnerChannelId")
            if video is not None and entry.is_refused:
                refused.add(video)
            elif video is not None and owner in (None, channel):
                wanted.add(video)
        ids = sorted(wanted - refused)
        for number, start in enumerate(range(0, len(ids), PAGE_SIZE)):
            some = ids[start : start + PAGE_SIZE]
            # What is left over alone is asked for alone.
            key = f"videos/{number:04}" if len(some) > 1 else f"video/{some[0]}"
            self._record_list(key, "videos", {"id": ",".join(some)})
        answers = self._answers("videos", "video")
        shown = {item.get_text("id") for item in answers.videos}
        self._record_alone("video", "videos", self._vanished("video", {*shown, *refused, *answers.absent["video"]}))

    def _record_alone(self, table: str, resource: str, ids: Iterable[str]) -> None:
        """Ask for ids one by one, not too many at once: those of another day begin elsewhere."""
        ordered = sorted(ids)
        first = self.context.recording.day.toordinal() * MOST_ASKED_ALONE % max(1, len(ordered))
        for name in (ordered[first:] + ordered[:first])[:MOST_ASKED_ALONE]:
            self._record_list(f"{table}/{name}", resource, {"id": name})

    def _record_list(self, key: str, resource: str, params: Mapping[str, str | int]) -> None:
        """Record the pages of a list, from the beginning once more if it changes meanwhile.

        A list that cannot be read to its end keeps the pages that there are.
        """
        for _ in range(2):
            pages = [*self._follow(key, resource, {**_choose_parts(resource), **params})]
            if self._refusal != LIST_CHANGED:
                self.pages += pages
                return
            self.context.recording.forget(key)
        raise SourceFailed(f"YouTube: the list {key} changes while it is read; sync again later")

    def _follow(self, key: str, resource: str, params: Mapping[str, str | int]) -> Iterator[RecordedPage]:
        """Yield the pages of a list until one names no next page, or one that was there already."""
        tokens: dict[str, None] = {}
        is_paged = "maxResults" in params
        for number in range(MOST_PAGES):
            more = {"pageToken": [*tokens][-1]} if tokens else {}
            page = self._fetch(f"{key}/{number:04}" if is_paged else key, resource, {**params, **more})
            token = page.body.get("nextPageToken") if page is not None and is_paged else None
            if page is not None:
                yield page
            if not isinstance(token, str) or not token or token in tokens:
                return
            tokens[token] = None

    def _fetch(self, key: str, resource: str, params: Mapping[str, str | int]) -> RecordedPage | None:
        self._refusal = ""
        kind = f"youtube#{resource.removesuffix('s')}ListResponse"
        context = self.context
        page = context.client.fetch_page(
            context.recording,
            key,
            resource,
            params,
            is_valid=lambda body: _is_page(body, kind),
            clean=partial(_clean, resource),
            handle_error=partial(self._handle_error, resource),
            judges_all=True,
        )
        self._read += 1
        self._show_units()
        return page

    def _show_units(self) -> None:
        """Show how many pages are there, as soon as it is known of about how many; each costs a unit."""
        if self.estimate:
            self.context.show_progress("YouTube, a unit a page", self._read, max(self._read, self.estimate))

    def _handle_error(self, resource: str, answer: PlatformAnswer) -> bool:
        """Tell by the reasons of an error what it concerns: a moment, this list, or the whole sync."""
        reasons = [*_reasons(answer.body)]
        if not WAIT.isdisjoint(reasons):
            return True
        if not USED_UP.isdisjoint(reasons):
            raise LimitReached(
                "the quota of the key is used up until midnight in California; what was read is kept, and the next "
                "sync goes on from there"
            )
        self._refusal = next((reason for reason in reasons if reason in LIST_TROUBLES[resource]), "")
        if self._refusal:
            return False
        why = next((f": {FAILURES[reason]}" for reason in reasons if reason in FAILURES), "")
        if not why and answer.status in TRY_AGAIN_LATER:
            return True
        raise SourceFailed(f"YouTube answered {answer.status} ({', '.join(reasons) or 'without a reason'}){why}")


def _choose_parts(resource: str) -> dict[str, str]:
    """Return the parameters by which the API leaves out of an answer whatever is not read."""
    parts = READ_FIELDS[resource]
    items = ",".join(("id", *(f"{part}({','.join(names)})" for part, names in parts.items())))
    return {"part": ",".join(parts), "fields": f"{','.join(PAGE_FIELDS)},items({items})"}


def _clean(resource: str, body: Any) -> Any:
    """Return what is stored of a page, whatever came with it."""
    page = {name: body[name] for name in PAGE_FIELDS if name in body}
    if "items" in body:
        parts = {part: frozenset(names) for part, names in READ_FIELDS[resource].items()}
        page["items"] = [{**_pick_parts(item, parts), "id": item.get("id")} for item in body["items"]]
    return page


def _pick_parts(item: Mapping[str, Any], parts: Mapping[str, frozenset[str]]) -> dict[str, Any]:
    """Return the parts of an item with the fields that are named; a part of another type stays as it is."""
    return {
        part: value if not isinstance(value, dict) or value.keys() <= names else _pick_fields(value, names)
        for part, names in parts.items()
        if (value := item.get(part)) is not None
    }


def _pick_fields(part: Mapping[str, Any], names: frozenset[str]) -> dict[str, Any]:
    return {name: value for name, value in part.items() if name in names}


def _known_lengths(known: SourceFacts) -> tuple[int, list[int]]:
    playlists = known.rows.get("playlist", {}).values()
    return len(known.rows.get("video", ())), [len(row.get("videos", ())) for row in playlists]


def _video_count(channel: RecordedItem) -> int:
    count = channel.get("statistics", "videoCount")
    return int(count) if isinstance(count, str) and COUNT.fullmatch(count) else 0


def _is_page(body: Any, kind: str) -> bool:
    """Return whether a body is an answer to what was asked for; one about nothing has no items."""
    if not isinstance(body, dict) or body.get("kind") != kind:
        return False
    items = body.get("items", [])
    return isinstance(items, list) and all(isinstance(item, dict) for item in items)


def _reasons(body: Any) -> Iterator[str]:
    """Yield the reasons of an error, which are codes; its message may have anything in it."""
    error = body.get("error") if isinstance(body, dict) else None
    for part in ("errors", "details"):
        entries = error.get(part) if isinstance(error, dict) else None
        for entry in entries if isinstance(entries, list) else ():
            reason = entry.get("reason") if isinstance(entry, dict) else None
            if isinstance(reason, str) and REASON.fullmatch(reason):
                yield reason
