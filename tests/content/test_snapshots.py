"""Snapshots become mappings ready for records."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from tests.work import count_calls

from openknowledge.content import snapshots
from openknowledge.content.frontmatter import validate
from openknowledge.content.parse_cache import ParseCache
from openknowledge.content.snapshots import SnapshotRow, SnapshotTable
from openknowledge.engine.build_inputs import FileTree, scan
from openknowledge.model.numbers import Views
from openknowledge.model.video import Playlist, Video
from openknowledge.problems import Problem


def a_line(slug: str, **more: Any) -> str:
    return json.dumps({"slug": slug, "title": slug.title(), "published": "2020-01-01T00:00:00Z", **more}) + "\n"


def write(root: Path, name: str, text: str) -> Path:
    path = root / "snapshots" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return root


def read(root: Path, cache: ParseCache | None = None) -> tuple[list[SnapshotRow], list[Problem]]:
    """Return all rows below a folder of content, and the problems of the others."""
    rows = SnapshotTable(root, FileTree(root, scan(root)), cache or ParseCache(None))
    return [rows.find_row(*name) for name in rows.digests], rows.problems


def test_a_row_becomes_a_record(tmp_path: Path) -> None:
    line = a_line("limits", lang="it", description="First.\n\nSecond.", duration_s=60, tags=["maths"], youtube_id="abc")
    (row,), problems = read(write(tmp_path / "content", "youtube/videos-2020.jsonl", line))

    video = validate(Video, row.data, row.located)

    assert problems == []
    assert (row.kind, row.slug) == ("video", "limits")
    assert (row.path, row.line) == ("content/snapshots/youtube/videos-2020.jsonl", 1)
    assert isinstance(video, Video)
    assert (video.words["it"].title, video.words["it"].abstract) == ("Limits", "First.")
    assert (video.lang, video.duration_s, video.tags) == ("it", 60, ("maths",))


def test_what_only_the_sync_needs_is_in_no_record(tmp_path: Path) -> None:
    (row,), problems = read(write(tmp_path, "youtube/videos-2020.jsonl", a_line("limits", has_captions=True)))

    assert (problems, "has_captions" in row.data) == ([], False)


def test_words_in_an_unknown_language_are_und(tmp_path: Path) -> None:
    (row,), _ = read(write(tmp_path, "youtube/videos-2020.jsonl", a_line("limits")))

    assert list(row.data["words"]) == ["und"]


def test_words_may_be_in_a_different_language_than_the_video(tmp_path: Path) -> None:
    line = a_line("limits", lang="it", text_lang="en")
    (row,), _ = read(write(tmp_path, "youtube/videos-2020.jsonl", line))

    assert (list(row.data["words"]), row.data["lang"]) == (["en"], "it")


def test_a_playlist_has_its_videos_in_order(tmp_path: Path) -> None:
    line = a_line("maths", text_lang="it", videos=["b", "a"])
    (row,), _ = read(write(tmp_path, "youtube/playlists.jsonl", line))

    playlist = validate(Playlist, row.data, row.located)

    assert isinstance(playlist, Playlist)
    assert playlist.videos == ("b", "a")


def test_videos_and_playlists_of_all_folders_are_read(tmp_path: Path) -> None:
    write(tmp_path, "youtube/videos-2020.jsonl", a_line("one"))
    write(tmp_path, "youtube/retired.jsonl", a_line("gone"))
    write(tmp_path, "enrollments/maths.csv", "day,total")
    rows, problems = read(write(tmp_path, "sample/videos.jsonl", a_line("two", sample=True)))

    assert [row.slug for row in rows] == ["two", "one"]
    assert problems == []


def test_broken_lines_are_reported_and_the_others_read(tmp_path: Path) -> None:
    text = a_line("one") + "{\n" + "[]\n" + '{"slug": "x"}\n\n' + a_line("two")
    rows, problems = read(write(tmp_path, "youtube/videos-2020.jsonl", text))

    assert [(row.slug, row.line) for row in rows] == [("one", 1), ("two", 6)]
    assert [problem.line for problem in problems] == [2, 3, 4]
    assert problems[2].field == "title"


def test_a_file_that_is_not_utf_8_is_reported_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "snapshots/youtube/videos-2020.jsonl"
    path.parent.mkdir(parents=True)
    path.write_bytes(a_line("one").encode() + b'{"slug": "\xff"}\n')

    _, (problem,) = read(tmp_path)

    assert (problem.line, problem.message) == (2, "the file is not UTF-8 text")


def test_control_characters_are_removed(tmp_path: Path) -> None:
    line = a_line("limits", title="Li\x07mits\n\ud800", description="a\x00b\nc", tags=["\x1bmaths"], youtube_id="abc")
    (row,), problems = read(write(tmp_path, "youtube/videos-2020.jsonl", line))

    assert problems == []
    assert row.data["words"]["und"] == {"title": "Limits", "abstract": "ab c"}
    assert (row.data["description"], row.data["tags"]) == ("ab\nc", ["maths"])


def test_a_slug_with_slashes_and_a_blank_title_are_problems(tmp_path: Path) -> None:
    text = a_line("../../limits") + a_line("two", title=" \x07 ")
    rows, problems = read(write(tmp_path, "youtube/videos-2020.jsonl", text))

    assert rows == []
    assert [(problem.line, problem.field) for problem in problems] == [(1, "slug"), (2, "title")]


def test_a_slug_or_id_may_occur_only_once(tmp_path: Path) -> None:
    write(tmp_path, "sample/videos.jsonl", a_line("one"))
    text = a_line("one") + a_line("two", youtube_id="abc") + a_line("three", youtube_id="abc")
    rows, problems = read(write(tmp_path, "youtube/videos-2020.jsonl", text))

    assert [row.slug for row in rows] == ["one", "two"]
    assert [(problem.line, problem.field) for problem in problems] == [(1, "slug"), (3, "youtube_id")]


def test_an_unknown_field_is_a_problem_on_its_line(tmp_path: Path) -> None:
    text = a_line("one") + a_line("two", likes=3)
    rows, _ = read(write(tmp_path, "youtube/videos-2020.jsonl", text))

    (problem,) = validate(Video, rows[1].data, rows[1].located)

    assert isinstance(problem, Problem)
    assert (problem.line, problem.message) == (2, 'unknown field "likes"; did you mean "license"?')


def test_reading_a_row_takes_as_many_calls_among_many_rows_as_among_few(tmp_path: Path) -> None:
    """The number of calls is proportional to the number of lines."""
    calls = {}
    for number in (1, 10, 100, 1000):  # The first one compiles patterns.
        text = "".join(a_line(f"video-{index}", description="words " * 200) for index in range(number))
        root = write(tmp_path / str(number), "youtube/videos-2020.jsonl", text)
        calls[number] = count_calls(lambda root=root: read(root))  # type: ignore[misc]

    # Hypothesis has a callback that counts collections of garbage, which come when they come.
    assert calls[1000] - calls[100] == pytest.approx(10 * (calls[100] - calls[10]), rel=0.01)
    assert calls[1000] < 100 * 1000


def test_an_unchanged_file_is_not_parsed_to_know_its_rows(tmp_path: Path) -> None:
    root = write(tmp_path, "youtube/videos-2020.jsonl", a_line("one") + a_line("two"))
    cache, tree = ParseCache(None), FileTree(root, scan(root))
    rows = read(root, cache)

    with mock.patch.object(snapshots, "read_json_lines", wraps=snapshots.read_json_lines) as parse:
        names = list(SnapshotTable(root, tree, cache).digests)

    assert (names, parse.call_count) == ([("video", "one"), ("video", "two")], 0)
    assert read(root, cache) == rows


def test_a_broken_line_is_reported_in_each_build(tmp_path: Path) -> None:
    root = write(tmp_path, "youtube/videos-2020.jsonl", a_line("one") + "{\n")
    cache = ParseCache(None)

    assert [len(read(root, cache)[1]) for _ in range(2)] == [1, 1]


def test_the_digest_of_a_row_depends_on_its_values_and_its_line(tmp_path: Path) -> None:
    def digest() -> bytes:
        return SnapshotTable(tmp_path, FileTree(tmp_path, scan(tmp_path)), ParseCache(None)).digests["video", "two"]

    write(tmp_path, "youtube/videos-2020.jsonl", a_line("one") + a_line("two"))
    first = digest()
    write(tmp_path, "youtube/videos-2020.jsonl", a_line("one", lang="it") + a_line("two"))
    same = digest()
    write(tmp_path, "youtube/videos-2020.jsonl", a_line("one") + a_line("two", lang="it"))

    assert first == same
    assert digest() != first


def views_of(root: Path) -> dict[str, Any]:
    return {row.slug: row.data.get("views") for row in read(root)[0]}


def test_the_views_of_a_video_are_in_a_file_beside_its_row(tmp_path: Path) -> None:
    text = a_line("one", youtube_id="a") + a_line("two", youtube_id="b") + a_line("three", youtube_id="c")
    root = write(tmp_path, "youtube/videos-2020.jsonl", text)
    write(root, "youtube/views.csv", "# as_of: 2026-12-01\nyoutube_id,views\na,1200\nb,3,2026-11-30\n")

    assert views_of(root) == {
        "one": {"total": 1200, "as_of": "2026-12-01"},
        "two": {"total": 3, "as_of": "2026-11-30"},
        "three": None,
    }
    assert validate(Video, read(root)[0][0].data, read(root)[0][0].located).views == Views(  # type: ignore[union-attr]
        total=1200, as_of=date(2026, 12, 1)
    )


def test_a_file_of_views_may_have_been_saved_by_a_program_of_windows(tmp_path: Path) -> None:
    root = write(tmp_path, "youtube/videos-2020.jsonl", a_line("one", youtube_id="a"))
    (root / "snapshots/youtube/views.csv").write_bytes(
        b"\xef\xbb\xbf# as_of: 2026-12-01\r\nyoutube_id,views\r\na,1200\r\n"
    )

    assert views_of(root) == {"one": {"total": 1200, "as_of": "2026-12-01"}}


def test_a_number_of_views_in_the_row_itself_still_counts(tmp_path: Path) -> None:
    own = {"total": 7, "as_of": "2026-11-01"}

    assert views_of(write(tmp_path, "youtube/videos-2020.jsonl", a_line("one", youtube_id="a", views=own))) == {
        "one": own
    }


def test_other_views_change_the_digest_of_their_video_alone(tmp_path: Path) -> None:
    root = write(tmp_path, "youtube/videos-2020.jsonl", a_line("one", youtube_id="a") + a_line("two", youtube_id="b"))

    def digests(views: str) -> dict[tuple[str, str], bytes]:
        write(root, "youtube/views.csv", f"# as_of: 2026-12-01\nyoutube_id,views\n{views}")
        return SnapshotTable(root, FileTree(root, scan(root)), ParseCache(None)).digests

    first, second = digests("a,1\nb,5\n"), digests("a,2\nb,5\n")

    assert [name for name in first if first[name] != second[name]] == [("video", "one")]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("", 1),
        ("youtube_id,views\na,1\n", 1),
        ("# as_of: yesterday\nyoutube_id,views\na,1\n", 1),
        ("# as_of: 2026-12-01\nyoutube_id,views\na\n", 3),
        ("# as_of: 2026-12-01\nyoutube_id,views\na,-1\n", 3),
        ("# as_of: 2026-12-01\nyoutube_id,views\na,٣\n", 3),
        ("# as_of: 2026-12-01\nyoutube_id,views\na,1,soon\n", 3),
        ("# as_of: 2026-12-01\nyoutube_id,views\na,1\na,2\n", 4),
        ("# as_of: 2026-12-01\nyoutube_id,views\na,1\n<<<<<<< HEAD\n", 4),
    ],
)
def test_a_broken_line_of_views_is_a_problem_in_its_place(tmp_path: Path, text: str, line: int) -> None:
    root = write(tmp_path, "youtube/videos-2020.jsonl", a_line("one", youtube_id="a"))

    rows, problems = read(write(root, "youtube/views.csv", text))

    assert [row.slug for row in rows] == ["one"]
    assert [(problem.path, problem.line) for problem in problems] == [
        (f"{tmp_path.name}/snapshots/youtube/views.csv", line)
    ]
