"""Videos and playlists for tests: the shortest valid value, plus overrides."""

from __future__ import annotations

from datetime import UTC, datetime

from openknowledge.model.values import Words
from openknowledge.model.video import Playlist, Video


def a_video(slug: str = "limits", published: str = "2020-05-01", **facts: object) -> Video:
    """Return a video of a day, in Italian by default; `lang=None` is an unknown language."""
    lang = facts.setdefault("lang", "it")
    words = facts.pop("words", {lang or "und": Words(title=slug.replace("-", " ").title())})
    when = datetime.fromisoformat(published)
    when = when if when.tzinfo else when.replace(hour=9, tzinfo=UTC)
    facts.setdefault("youtube_id", f"id-{slug}")
    facts.setdefault("duration_s", 1621)
    return Video(slug=slug, published=when, words=words, **facts)  # type: ignore[arg-type]


def a_playlist(slug: str, *videos: str, **facts: object) -> Playlist:
    """Return a playlist of these videos, in Italian."""
    words = facts.pop("words", {"it": Words(title=slug.replace("-", " ").title())})
    return Playlist(slug=slug, words=words, videos=videos, **facts)  # type: ignore[arg-type]
