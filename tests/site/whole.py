"""The whole site: the repository's content with all the videos of the shared data, built for real."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import unicodedata
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.site.small import ROOT, share_templates

from openknowledge.connectors import command

TODAY = "2026-12-01"
VIDEOS = 2492
PLAYLISTS = 70
SECTIONS = {"it": ("video", "video/playlist"), "en": ("en/videos", "en/videos/playlist")}
SPACES = "\t\n\v\f\r\x85"
NOT_TEXT = ("Cc", "Cs")


def shared_folder() -> Path:
    """Return the folder of the shared data: the environment variable SHARED, else `../shared`."""
    return Path(os.environ.get("SHARED") or ROOT.parent / "shared")


@dataclass(frozen=True, slots=True)
class Dump:
    """The recorded answers, as the platform gave them."""

    videos: dict[str, dict[str, Any]]
    playlists: dict[str, dict[str, Any]]
    members: dict[str, tuple[str, ...]]

    def title(self, video: str) -> str:
        return folded(self.videos[video]["snippet"]["title"])

    def description(self, video: str) -> str:
        return folded(self.videos[video]["snippet"].get("description", ""))

    def lang(self, video: str) -> str:
        """Return the language of a video; `""` where it is not known, as in the attribute `lang`."""
        return str(self.videos[video]["snippet"].get("defaultAudioLanguage", ""))

    def length(self, video: str) -> str | None:
        """Return `27:01` for PT27M1S; None where the length is not known."""
        duration = self.videos[video].get("contentDetails", {}).get("duration")
        if duration is None:
            return None
        match = re.fullmatch(r"PT(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?", duration)
        assert match, duration
        hours, minutes, seconds = (int(part or 0) for part in match.groups())
        return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"


@dataclass(frozen=True, slots=True)
class WholeSite:
    """A built site, and the address of each video and playlist of the data in it."""

    content: Path
    output: Path
    stdout: str
    slugs: dict[str, str]
    playlist_slugs: dict[str, str]

    def video(self, youtube_id: str, lang: str) -> str:
        return f"/{SECTIONS[lang][0]}/{self.slugs[youtube_id]}/"

    def playlist(self, youtube_id: str, lang: str) -> str:
        return f"/{SECTIONS[lang][1]}/{self.playlist_slugs[youtube_id]}/"


def folded(text: str) -> str:
    """Return a plain text as a page shows it: without control characters, white space folded, letters composed."""
    seen = "".join(sign for sign in text if sign in SPACES or unicodedata.category(sign) not in NOT_TEXT)
    return unicodedata.normalize("NFC", " ".join(seen.replace("\ufeff", "").split()))


def read_dump(shared: Path) -> Dump:
    folder = shared / "data/youtube"
    items = {
        name: [item for page in json.loads((folder / f"{name}.json").read_text()) for item in page["items"]]
        for name in ("videos", "playlists", "playlistItems")
    }
    members: dict[str, list[tuple[int, str]]] = {}
    for entry in items["playlistItems"]:
        place = (entry["snippet"]["position"], entry["contentDetails"]["videoId"])
        members.setdefault(entry["snippet"]["playlistId"], []).append(place)
    return Dump(
        videos={item["id"]: item for item in items["videos"]},
        playlists={item["id"]: item for item in items["playlists"]},
        members={
            name: tuple(dict.fromkeys(video for _, video in sorted(entries))) for name, entries in members.items()
        },
    )


def synced_content(folder: Path, shared: Path) -> Path:
    """Copy the repository's content into `folder`, with a snapshot of the shared data."""
    content = folder / "content"
    shutil.copytree(ROOT / "content", content, ignore=shutil.ignore_patterns("youtube"))
    assert command.main(["--youtube-dump", str(shared / "data/youtube"), "--content", str(content)]) == 0
    return content


def rows(content: Path, pattern: str) -> list[dict[str, Any]]:
    """Return the lines of the channel's snapshot in the files that match `pattern`."""
    paths = sorted((content / "snapshots/youtube").glob(pattern))
    return [json.loads(line) for path in paths for line in path.read_text("utf-8").split("\n") if line]


def start_build(content: Path, output: Path, **environment: str) -> subprocess.Popen[str]:
    """Begin to build; several builds may overlap."""
    cache = output.parent / f"cache-{output.name}"
    share_templates(cache)
    command = [sys.executable, "-m", "pelican", str(content), "-s", str(ROOT / "pelicanconf.py"), "-o", str(output)]
    return subprocess.Popen(
        [*command, "--fatal", "errors", "-e", f'BUILD_DATE="{TODAY}"', f'CACHE_PATH="{cache}"'],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env={**os.environ, **environment},
    )


def output_of(process: subprocess.Popen[str]) -> str:
    """Return what a build printed; fails where the build does."""
    stdout, _ = process.communicate()
    assert process.returncode == 0, stdout
    return stdout


def built(folder: Path, shared_data: Path) -> WholeSite:
    """Build the site with all videos of the shared data into a folder."""
    content, output = synced_content(folder, shared_data), folder / "output"
    return WholeSite(
        content=content,
        output=output,
        stdout=output_of(start_build(content, output)),
        slugs={row["youtube_id"]: row["slug"] for row in rows(content, "videos-*.jsonl")},
        playlist_slugs={row["youtube_id"]: row["slug"] for row in rows(content, "playlists.jsonl")},
    )
