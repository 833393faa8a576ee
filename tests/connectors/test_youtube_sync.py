"""Recorded answers of the YouTube Data API become a stable snapshot, or nothing changes."""

from __future__ import annotations

import json
import os
import random
import re
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from openknowledge.connectors.command import main

Item = dict[str, Any]
Dump = dict[str, list[Any]]


def a_video(name: str, title: str = "Limits", published: str = "2020-05-01T09:00:00Z", **snippet: Any) -> Item:
    return {
        "id": name,
        "snippet": {"title": title, "publishedAt": published, "description": "", **snippet},
        "contentDetails": {"duration": "PT27M1S"},
        "status": {"privacyStatus": "public", "license": "youtube", "embeddable": True},
    }


def a_playlist(name: str, title: str = "Lessons", count: int = 1) -> Item:
    snippet = {"title": title, "publishedAt": "2020-01-01T00:00:00Z", "description": ""}
    return {"id": name, "snippet": snippet, "contentDetails": {"itemCount": count}}


def an_entry(playlist: str, video: str, position: int = 0, title: str = "Limits") -> Item:
    snippet = {"playlistId": playlist, "position": position, "title": title}
    return {"id": f"{playlist}{video}", "snippet": snippet, "contentDetails": {"videoId": video}}


def pages(*items: Item, size: int = 50) -> list[Any]:
    """Return the pages in which the API answers a list of items."""
    parts = [items[start : start + size] for start in range(0, len(items), size)] or [()]
    page_list = []
    for number, part in enumerate(parts):
        page: Item = {"items": list(part), "pageInfo": {"totalResults": len(items), "resultsPerPage": size}}
        if number > 0:
            page["prevPageToken"] = f"P{number - 1}"
        if number < len(parts) - 1:
            page["nextPageToken"] = f"P{number + 1}"
        page_list.append(page)
    return page_list


def a_dump(*videos: Item, playlists: tuple[Item, ...] = (), entries: tuple[Item, ...] = ()) -> Dump:
    return {"videos": pages(*videos), "playlists": pages(*playlists), "playlistItems": pages(*entries)}


def sync(dump: Dump, folder: Path, *more: str) -> int:
    source = folder / "dump"
    source.mkdir(exist_ok=True)
    for name, page_list in dump.items():
        (source / f"{name}.json").write_text(json.dumps(page_list))
    return main(["--youtube-dump", str(source), "--content", str(folder / "content"), *more])


def snapshot(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted((folder / "content/snapshots/youtube").glob("*"))}


def rows(folder: Path, pattern: str = "videos-*.jsonl") -> list[Item]:
    paths = sorted((folder / "content/snapshots/youtube").glob(pattern))
    return [json.loads(line) for path in paths for line in path.read_text().splitlines()]


def slugs(folder: Path) -> dict[str, str]:
    return {row["youtube_id"]: row["slug"] for row in rows(folder)}


def test_a_video_becomes_one_line_of_known_fields_in_the_file_of_its_year(tmp_path: Path) -> None:
    video = a_video("abc", "Limits", tags=["maths", "maths"], defaultAudioLanguage="it", categoryId="27")

    assert sync(a_dump(video), tmp_path) == 0

    assert list(snapshot(tmp_path)) == ["videos-2020.jsonl"]
    assert snapshot(tmp_path)["videos-2020.jsonl"].decode() == (
        '{"duration_s": 1621, "lang": "it", "license": "youtube", "published": "2020-05-01T09:00:00Z", '
        '"slug": "limits", "tags": ["maths"], "title": "Limits", "youtube_id": "abc"}\n'
    )


def test_what_is_unknown_is_absent(tmp_path: Path) -> None:
    video = a_video("abc")
    del video["contentDetails"], video["status"]

    sync(a_dump(video), tmp_path)

    assert sorted(rows(tmp_path)[0]) == ["published", "slug", "title", "youtube_id"]


def test_a_second_sync_of_the_same_dump_touches_no_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    dump = a_dump(a_video("abc"), playlists=(a_playlist("PL1"),), entries=(an_entry("PL1", "abc"),))
    sync(dump, tmp_path)
    before = snapshot(tmp_path)
    for path in (tmp_path / "content/snapshots/youtube").iterdir():
        os.utime(path, (1, 1))

    sync(dump, tmp_path)

    assert snapshot(tmp_path) == before
    assert {path.stat().st_mtime for path in (tmp_path / "content/snapshots/youtube").iterdir()} == {1}
    assert "Nothing changed, and nothing was written." in capsys.readouterr().out


@pytest.mark.parametrize("seed", range(5))
def test_the_order_of_pages_and_items_changes_nothing(tmp_path: Path, seed: int) -> None:
    videos = [a_video(f"v{number}", f"Lesson {number % 3}") for number in range(12)]
    entries = [an_entry("PL1", f"v{number}", 11 - number) for number in range(12)]
    straight, shuffled = tmp_path / "straight", tmp_path / "shuffled"
    for folder in (straight, shuffled):
        folder.mkdir()
    playlists = pages(a_playlist("PL1"))
    sync({"videos": pages(*videos, size=5), "playlists": playlists, "playlistItems": pages(*entries)}, straight)
    chance = random.Random(seed)
    chance.shuffle(videos)
    chance.shuffle(entries)
    mixed = pages(*videos, size=5)
    chance.shuffle(mixed)

    assert sync({"videos": mixed, "playlists": playlists, "playlistItems": pages(*entries)}, shuffled) == 0
    assert snapshot(shuffled) == snapshot(straight)


def test_a_slug_stays_though_the_title_changes(tmp_path: Path) -> None:
    sync(a_dump(a_video("abc", "Limits")), tmp_path)

    sync(a_dump(a_video("abc", "Limits, revised")), tmp_path)

    assert rows(tmp_path)[0]["title"] == "Limits, revised"
    assert slugs(tmp_path) == {"abc": "limits"}


def test_a_video_that_comes_back_gets_its_old_slug(tmp_path: Path) -> None:
    other = a_video("other", "Series")
    sync(a_dump(a_video("abc", "Limits"), other), tmp_path)
    sync(a_dump(other), tmp_path)
    sync(a_dump(a_video("new", "Limits", "2010-01-01T00:00:00Z"), other), tmp_path)

    sync(a_dump(a_video("abc", "Limits"), a_video("new", "Limits", "2010-01-01T00:00:00Z"), other), tmp_path)

    assert slugs(tmp_path) == {"abc": "limits", "new": "limits-2010", "other": "series"}


def test_equal_titles_get_the_year_and_then_a_hash(tmp_path: Path) -> None:
    sync(a_dump(a_video("b"), a_video("a"), a_video("c")), tmp_path)

    assert slugs(tmp_path) == {"a": "limits", "b": "limits-2020", "c": "limits-2e7d2c"}


@pytest.mark.parametrize(
    ("title", "slug"),
    [
        ("Perché non c’è più tempo", "perche-non-c-e-piu-tempo"),
        ("Don't repeat yourself", "dont-repeat-yourself"),
        ("Архитектура чат-бота", "arkhitektura-chat-bota"),
        ("Пайтон", "payton"),
        ("Intervista 🐍🎙", "intervista"),
        ("Umani™ &amp; macchine", "umani-macchine"),
        ("🐍", "video-ba7816"),
        ("???", "video-ba7816"),
        ("Anno", "anno-2020"),
        ("playlist", "playlist-2020"),
        ("日本語", "ribenyu"),
        ("a " * 50, "a-" * 29 + "a"),
        ("x" * 90, "x" * 60),
    ],
)
def test_a_slug_spells_the_title_in_latin_letters(tmp_path: Path, title: str, slug: str) -> None:
    sync(a_dump(a_video("abc", title)), tmp_path)

    assert slugs(tmp_path) == {"abc": slug}


def test_slugs_of_editors_and_of_other_snapshots_are_respected(tmp_path: Path) -> None:
    (tmp_path / "content/videos").mkdir(parents=True)
    (tmp_path / "content/snapshots/sample").mkdir(parents=True)
    (tmp_path / "content/videos/maps.md").write_text('---\nyoutube_id: "abc"\n---\n')
    (tmp_path / "content/snapshots/sample/videos.jsonl").write_text('{"slug": "series", "title": "Series"}\n')

    sync(a_dump(a_video("abc", "Limits"), a_video("def", "Series"), a_video("ghi", "Maps")), tmp_path)

    assert slugs(tmp_path) == {"abc": "maps", "def": "series-2020", "ghi": "maps-2020"}


def test_a_playlist_lists_the_slugs_of_its_videos_in_order_and_each_once(tmp_path: Path) -> None:
    entries = (an_entry("PL1", "b", 0), an_entry("PL1", "a", 2), an_entry("PL1", "b", 1), an_entry("PL2", "a"))
    videos = (a_video("a", "First"), a_video("b", "Second"))
    sync(a_dump(*videos, playlists=(a_playlist("PL1"), a_playlist("PL2")), entries=entries), tmp_path)

    assert [row["videos"] for row in rows(tmp_path, "playlists.jsonl")] == [["second", "first"], ["first"]]
    assert len(rows(tmp_path)) == 2


def test_an_entry_of_a_private_video_is_a_warning(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    entries = (an_entry("PL1", "abc"), an_entry("PL1", "gone", 1, "Private video"))

    assert sync(a_dump(a_video("abc"), playlists=(a_playlist("PL1", count=2),), entries=entries), tmp_path) == 0

    shown = capsys.readouterr()
    assert "warning: " in shown.err and '"gone" ("Private video") is not public' in shown.err
    assert shown.err.count("warning: ") == 1
    assert rows(tmp_path, "playlists.jsonl")[0]["videos"] == ["limits"]


@pytest.mark.parametrize("status", ["private", "unlisted"])
def test_a_video_that_is_not_public_is_left_out(tmp_path: Path, status: str) -> None:
    hidden = a_video("hidden")
    hidden["status"]["privacyStatus"] = status

    assert sync(a_dump(a_video("abc"), hidden), tmp_path) == 0
    assert slugs(tmp_path) == {"abc": "limits"}


def test_text_is_cleaned_but_stays_the_text_that_it_is(tmp_path: Path) -> None:
    dirty = "a\r\nb\x00\x1b\u2028c\x9d <b>&amp;</b>\ud83d  \n\n`x <y>`_"
    sync(a_dump(a_video("abc", " Limits\u2028 and\tmore\x07 ", description=dirty)), tmp_path)

    assert rows(tmp_path)[0]["title"] == "Limits and more"
    assert rows(tmp_path)[0]["description"] == "a\nb\nc <b>&amp;</b>\n\n`x <y>`_"


@pytest.mark.parametrize(
    ("length", "seconds"),
    [("PT27M1S", 1621), ("P1DT2H", 93600), ("PT1H", 3600), ("P1W", 604800), ("P0D", None), ("PT0S", None)],
)
def test_lengths_are_read(tmp_path: Path, length: str, seconds: int | None) -> None:
    video = a_video("abc")
    video["contentDetails"]["duration"] = length

    assert sync(a_dump(video), tmp_path) == 0
    assert rows(tmp_path)[0].get("duration_s") == seconds


@pytest.mark.parametrize(
    ("code", "lang"), [("en-us", "en-US"), ("zh-CN", "zh-CN"), ("iw", "he"), ("zxx", None), ("klingon!", None)]
)
def test_language_codes_are_normalized_and_invalid_ones_are_unknown(
    tmp_path: Path, code: str, lang: str | None
) -> None:
    assert sync(a_dump(a_video("abc", defaultLanguage=code)), tmp_path) == 0
    assert rows(tmp_path)[0].get("lang") == lang


def test_the_language_of_the_text_is_stored_beside_the_spoken_one(tmp_path: Path) -> None:
    sync(a_dump(a_video("abc", defaultAudioLanguage="it", defaultLanguage="en")), tmp_path)

    assert (rows(tmp_path)[0]["lang"], rows(tmp_path)[0]["text_lang"]) == ("it", "en")


def test_licences_and_the_refusal_to_be_embedded_are_stored(tmp_path: Path) -> None:
    video = a_video("abc")
    video["status"].update(license="creativeCommon", embeddable=False)
    sync(a_dump(video), tmp_path)

    assert rows(tmp_path)[0]["license"] == "CC-BY-3.0"
    assert rows(tmp_path)[0]["embeddable"] is False


def test_views_are_stored_only_with_the_day_of_the_dump(tmp_path: Path) -> None:
    video = a_video("abc") | {"statistics": {"viewCount": "1200"}}

    sync(a_dump(video), tmp_path)
    assert "views.csv" not in snapshot(tmp_path)

    sync(a_dump(video), tmp_path, "--fetched", "2024-03-01")
    assert snapshot(tmp_path)["views.csv"] == b"# as_of: 2024-03-01\nyoutube_id,views\nabc,1200\n"

    recorded = a_dump(a_video("abc") | {"statistics": {"viewCount": "1201"}})
    recorded["videos"][0]["fetched"] = "2024-04-02T10:00:00Z"
    sync(recorded, tmp_path)
    assert snapshot(tmp_path)["views.csv"] == b"# as_of: 2024-04-02\nyoutube_id,views\nabc,1201\n"


def test_entries_of_a_list_that_is_no_playlist_of_the_channel_are_a_warning(tmp_path: Path) -> None:
    assert sync(a_dump(a_video("abc"), entries=(an_entry("UUuploads", "abc"),)), tmp_path) == 0


def test_videos_asked_for_by_id_come_in_pages_without_tokens(tmp_path: Path) -> None:
    dump = a_dump(a_video("abc"))
    dump["videos"] += pages(a_video("def", "Series"))

    assert sync(dump, tmp_path) == 0
    assert len(rows(tmp_path)) == 2


def test_the_summary_counts_what_was_added_and_changed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    sync(a_dump(a_video("a", "One"), a_video("b", "Two"), a_video("c", "Three")), tmp_path)
    capsys.readouterr()
    sync(a_dump(a_video("a", "One"), a_video("b", "Two, better"), a_video("d", "Four")), tmp_path)

    (line,) = (line for line in capsys.readouterr().out.splitlines() if line.startswith("| youtube |"))
    assert re.findall("[0-9]+", line) == ["1", "1", "0", "2", "0"], "the one that is missing is as it was"


def test_a_dump_that_lacks_many_videos_is_held_back(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    videos = [a_video(f"v{number}", f"Lesson {number}") for number in range(30)]
    sync(a_dump(*videos), tmp_path)
    before = snapshot(tmp_path)

    assert sync(a_dump(*videos[:5]), tmp_path) == 2
    held = capsys.readouterr().err
    assert "25 of 30 are gone at once" in held
    assert {name: data for name, data in snapshot(tmp_path).items() if name in before} == before
    assert sync(a_dump(*videos[:5]), tmp_path, "--accept", held.split("--accept ")[1].split()[0]) == 0
    assert snapshot(tmp_path)["missing.jsonl"].count(b"\n") == 25


def without_the_last_page(dump: Dump) -> None:
    dump["videos"] = pages(*(a_video(f"v{number}") for number in range(6)), size=2)[:-1]


def without_a_middle_page(dump: Dump) -> None:
    dump["videos"] = pages(*(a_video(f"v{number}") for number in range(6)), size=2)
    del dump["videos"][1]


def without_entries(dump: Dump) -> None:
    dump["playlists"] = pages(a_playlist("PL2"))


def broken_item(*path: str, value: Any) -> Any:
    def breaks(dump: Dump) -> None:
        item = dump["videos"][0]["items"][0]
        for name in path[:-1]:
            item = item[name]
        item[path[-1]] = value

    return breaks


BROKEN = {
    "without the last page": (without_the_last_page, "the last page of a list of 6 items is missing"),
    "without a middle page": (without_a_middle_page, "pages are missing"),
    "without any entry of a playlist": (without_entries, "playlistItems.json has none of them"),
    "no page": (lambda dump: dump["videos"].clear(), "this is not a list of pages"),
    "a page without items": (lambda dump: dump["videos"][0].pop("items"), "this page has no items"),
    "an error of the API": (
        lambda dump: dump["videos"].append({"error": {"code": 403, "message": "quota exceeded"}}),
        "the API answered with an error: quota exceeded",
    ),
    "an item that is none": (lambda dump: dump["videos"][0]["items"].append(7), "this is not an item"),
    "no id": (broken_item("id", value=None), "videos.json: [0].items[0].id: this item has no id"),
    "a strange id": (broken_item("id", value="a/../b"), "is not an id of YouTube"),
    "no title": (broken_item("snippet", "title", value=None), "[0].items[0].snippet.title: this item has no title"),
    "a strange date": (broken_item("snippet", "publishedAt", value="yesterday"), '"yesterday" is not a date'),
    "no date": (broken_item("snippet", "publishedAt", value=None), "this item has no date"),
    "a day before there was YouTube": (
        broken_item("snippet", "publishedAt", value="0001-01-01T00:00:00Z"),
        "nothing can have been published yet",
    ),
    "a date without zone": (broken_item("snippet", "publishedAt", value="2020-01-01"), "is not a date with a time"),
    **{
        f'the length "{length}"': (
            broken_item("contentDetails", "duration", value=length),
            f'"{length}" is not a length',
        )
        for length in ("27:01", "P", "PT", "PT5", "PT-5S", "P1Y", f"PT{'9' * 5000}S", "27")
    },
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_dump_changes_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str) -> None:
    breaks, message = BROKEN[name]
    good = a_dump(a_video("abc"))
    sync(good, tmp_path)
    before = snapshot(tmp_path)
    dump = deepcopy(good)
    breaks(dump)

    assert sync(dump, tmp_path) == 1
    shown = capsys.readouterr().err
    assert message in shown
    assert "so all stays as it was" in shown
    assert snapshot(tmp_path) == before


def test_a_missing_file_and_one_that_is_not_json_are_both_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    dump = tmp_path / "dump"
    dump.mkdir()
    (dump / "videos.json").write_text("[{")
    (dump / "playlists.json").write_text("[" * 100_000)

    assert main(["--youtube-dump", str(dump), "--content", str(tmp_path / "content")]) == 1
    shown = capsys.readouterr().err
    assert "playlistItems.json: there is no such file" in shown
    assert "videos.json:1: this is not JSON" in shown
    assert "playlists.json: this is not JSON" in shown
    assert not (tmp_path / "content").exists()


def test_a_snapshot_that_somebody_broke_is_not_written_over(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    sync(a_dump(a_video("abc")), tmp_path)
    path = tmp_path / "content/snapshots/youtube/videos-2020.jsonl"
    path.write_text("<<<<<<< HEAD\n" + path.read_text())

    assert sync(a_dump(a_video("abc")), tmp_path) == 1
    assert "videos-2020.jsonl:1: this is not JSON" in capsys.readouterr().err
    assert path.read_text().startswith("<<<<<<<")


def test_a_disk_that_refuses_leaves_the_old_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sync(a_dump(a_video("abc")), tmp_path)
    before = snapshot(tmp_path)

    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)

    assert sync(a_dump(a_video("abc", "Other"), a_video("def", "New", "2021-01-01T00:00:00Z")), tmp_path) == 1
    assert snapshot(tmp_path) == before


def test_an_editors_file_under_another_slug_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    sync(a_dump(a_video("abc")), tmp_path)
    (tmp_path / "content/videos").mkdir()
    (tmp_path / "content/videos/maps.md").write_text("---\nyoutube_id: abc\n---\n")

    assert sync(a_dump(a_video("abc")), tmp_path) == 1
    assert "Rename the file to limits.md." in capsys.readouterr().err


@pytest.mark.conformance
def test_the_real_dump_is_synced_whole_and_only_once(shared_data: Path, tmp_path: Path) -> None:
    arguments = ["--youtube-dump", str(shared_data / "data/youtube"), "--content", str(tmp_path / "content")]

    assert main(arguments) == 0
    before = snapshot(tmp_path)
    assert main(arguments) == 0

    assert snapshot(tmp_path) == before
    assert len(rows(tmp_path)) == 2492
    assert len({row["slug"] for row in rows(tmp_path)}) == 2492
    assert sum(len(row["videos"]) for row in rows(tmp_path, "playlists.jsonl")) == 2492, "eight entries are repeats"


def test_a_title_of_white_space_costs_one_video_its_name_and_the_dump_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert sync(a_dump(a_video("abc", "\u200b \x07 "), a_video("def", "Limits")), tmp_path) == 0

    assert sorted(row["title"] for row in rows(tmp_path)) == ["Limits", "abc"]
    assert "the title is blank; the id stands in its place" in "".join(capsys.readouterr())
