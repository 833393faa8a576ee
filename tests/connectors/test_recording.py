"""A recording goes on with a run that was cut off, compares with one that was whole, and forgets what has vanished."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.connectors.clients import DAY

from openknowledge.connectors.recording import RecordedPage, Recording


def record(folder: Path, *keys: str, is_finished: bool = False, **options: Any) -> Recording:
    recording = Recording(folder, options.pop("day", DAY), **options)
    for key in keys:
        recording.store(RecordedPage(key, {"key": key}, recording.day, etag=f'"{key}"', request=key))
    if is_finished:
        recording.finish()
    return recording


def bodies(recording: Recording, list_name: str) -> list[str]:
    return [page.body["key"] for page in recording.pages(list_name)]


def test_a_run_that_was_cut_off_is_gone_on_with(tmp_path: Path) -> None:
    record(tmp_path, "videos/0", "videos/1")

    recording = Recording(tmp_path, DAY + timedelta(days=1))

    assert recording.is_resumed
    assert recording.find_current("videos/0") is not None and recording.find_current("videos/2") is None
    assert bodies(recording, "videos") == ["videos/0"]


def test_a_run_that_was_whole_is_only_compared_with(tmp_path: Path) -> None:
    record(tmp_path, "videos/0", is_finished=True)

    recording = Recording(tmp_path, DAY)

    assert not recording.is_resumed
    assert recording.find_current("videos/0") is None
    page = recording.find("videos/0")
    assert page is not None and page.etag == '"videos/0"'
    assert bodies(recording, "videos") == []


def test_pages_of_a_whole_run_are_none_of_the_next_one_that_was_cut_off(tmp_path: Path) -> None:
    record(tmp_path, "videos/0", "videos/1", is_finished=True)
    record(tmp_path, "videos/0")

    recording = Recording(tmp_path, DAY)

    assert recording.is_resumed
    assert recording.find_current("videos/0") is not None and recording.find_current("videos/1") is None


@pytest.mark.parametrize(
    "options", [{"day": DAY + timedelta(days=8)}, {"day": DAY - timedelta(days=1)}, {"configuration": "another url"}]
)
def test_a_run_that_is_too_old_or_of_other_settings_is_not_gone_on_with(options: Any, tmp_path: Path) -> None:
    record(tmp_path, "videos/0")

    recording = Recording(tmp_path, options.pop("day", DAY), **options)

    assert not recording.is_resumed and recording.find_current("videos/0") is None


def test_lists_that_have_vanished_leave_no_pages(tmp_path: Path) -> None:
    record(tmp_path, "items/PLa/0", "items/PLb/0", "items/PLb/1", is_finished=True)

    record(tmp_path, "items/PLa/0", is_finished=True)

    recording = Recording(tmp_path, DAY)
    assert recording.find("items/PLa/0") is not None
    assert [recording.find(key) for key in ("items/PLb/0", "items/PLb/1")] == [None, None]
    assert len([*tmp_path.rglob("*.json")]) == 2


def test_pages_of_a_cut_off_run_that_are_not_asked_for_again_are_no_part_of_it(tmp_path: Path) -> None:
    record(tmp_path, "items/PLa/0", "items/PLb/0")

    recording = record(tmp_path, "items/PLa/0")

    assert bodies(recording, "items") == ["items/PLa/0"]


def test_a_page_that_still_holds_has_the_day_of_today(tmp_path: Path) -> None:
    record(tmp_path, "videos/0", is_finished=True)

    recording = Recording(tmp_path, DAY + timedelta(days=3))
    recording.keep("videos/0")

    assert [(page.body, page.day) for page in recording.pages("videos")] == [
        ({"key": "videos/0"}, DAY + timedelta(days=3))
    ]


def test_a_list_that_changed_while_it_was_read_is_forgotten_with_all_its_pages(tmp_path: Path) -> None:
    record(tmp_path, "items/PLa/0", "items/PLa/1", "items/PLab/0")
    recording = Recording(tmp_path, DAY)

    recording.forget("items/PLa")

    assert [recording.find_current(key) for key in ("items/PLa/0", "items/PLa/1")] == [None, None]
    assert recording.find_current("items/PLab/0") is not None


@pytest.mark.parametrize("text", ["", "{", "[]", '{"run": "x"}', "null", '{"run": 1, "began": "today"}'])
def test_a_state_that_is_broken_begins_anew_with_nothing(text: str, tmp_path: Path) -> None:
    record(tmp_path, "videos/0")
    (tmp_path / "run.json").write_text(text)

    recording = record(tmp_path, "videos/1", is_finished=True)

    assert bodies(recording, "videos") == ["videos/1"]
    assert len([*tmp_path.rglob("*.json")]) == 2


@pytest.mark.parametrize("text", ["", "{", "[]", '{"body": 1}', "[" * 100_000])
def test_a_page_that_is_broken_is_asked_for_again(text: str, tmp_path: Path) -> None:
    record(tmp_path, "videos/0")
    (path,) = (tmp_path / "pages").rglob("*.json")
    path.write_text(text)

    assert Recording(tmp_path, DAY).find_current("videos/0") is None


def test_what_is_no_file_of_a_recording_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "note.txt").write_text("mine")

    record(tmp_path, "videos/0", is_finished=True)

    assert (tmp_path / "note.txt").read_text() == "mine"


KEYS = st.lists(st.text(min_size=1).filter(lambda part: "/" not in part), min_size=1, max_size=3).map("/".join)


@given(keys=st.lists(KEYS, min_size=1, max_size=4, unique=True))
def test_any_key_has_a_file_of_its_own_below_the_folder(keys: list[str], tmp_path_factory: Any) -> None:
    """Ids differ in capitals alone, which some file systems do not tell apart; others are no names of files at all."""
    folder = tmp_path_factory.mktemp("recording")
    recording = record(folder / "source", *keys)

    assert all(recording.find(key).body == {"key": key} for key in keys)  # type: ignore[union-attr]
    paths = [path for path in folder.rglob("*") if path.is_file()]
    assert len({str(path).lower() for path in paths}) == len(keys) + 1
    assert all(path.is_relative_to(folder / "source") and len(path.name) < 120 for path in paths)
    assert {path.name for path in folder.iterdir()} == {"source"}


def test_a_page_with_what_no_text_may_have_is_stored_as_it_was(tmp_path: Path) -> None:
    body = {"items": ["\ud800", "\x00", "\u2028", float("1e308"), 2**70]}
    Recording(tmp_path, DAY).store(RecordedPage("videos/0", body, DAY))

    page = Recording(tmp_path, DAY).find("videos/0")

    assert page is not None and page.body == body
    assert json.loads((tmp_path / "run.json").read_bytes())["is_finished"] is False
