"""A folder of caption files is copied into place, all or none, and the sync says which videos have none here."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.builders import write

from openknowledge.connectors.caption_files import copy_captions, find_videos_without_captions, move_captions
from openknowledge.connectors.command import main
from openknowledge.connectors.source import SyncFindings

ID, OTHER = "dQw4w9WgXcQ", "_-abcdefgh1"
VTT, SRT = "WEBVTT\n\n00:01.000 --> 00:02.000\nCiao\n", "1\n00:00:01,000 --> 00:00:02,000\nCiao\n"
ROWS = [
    {"youtube_id": ID, "slug": "uno", "title": "Uno", "published": "2020-01-01T00:00:00Z", "has_captions": True},
    {"youtube_id": "AAAAAAAAAAA", "slug": "due", "title": "Due", "published": "2020-01-01T00:00:00Z"},
]
CONTENT: dict[str, str | bytes] = {
    "snapshots/youtube/videos-2020.jsonl": "".join(f"{json.dumps(row)}\n" for row in ROWS),
    "videos/tre.md": f'---\ntitle: Tre\nyoutube_id: "{OTHER}"\n---\n',
}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    write(tmp_path, CONTENT)
    (tmp_path / "pelicanconf.py").write_text('PATH = "content"\nCACHE_PATH = ".cache"\nSOURCES = []\n')
    return tmp_path


def fill(project: Path, files: dict[str, str | bytes]) -> Path:
    folder = project / "downloads"
    for name, data in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data if isinstance(data, bytes) else data.encode())
    return folder


def copy(project: Path, files: dict[str, str | bytes], *options: str) -> int:
    return main(["--captions", str(fill(project, files)), *options], project=project)


def captions(project: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted((project / "content/videos/captions").glob("*"))}


@pytest.mark.parametrize(
    ("name", "target"),
    [
        (f"Lezione 1: i vettori [{ID}].it.vtt", f"{ID}.it.vtt"),
        (f"Parte [2] [{OTHER}].en-US.vtt", f"{OTHER}.en-US.vtt"),
        (f"{ID}.pt_br.vtt", f"{ID}.pt-BR.vtt"),
        (f"Lezione-{OTHER}.it.vtt", f"{OTHER}.it.vtt"),
        (f"2020/{ID}.it-orig.VTT", f"{ID}.it.vtt"),
        (f"{ID}.zh-Hans.vtt", f"{ID}.zh-Hans.vtt"),
    ],
)
def test_a_name_has_the_id_of_a_video_and_a_language(project: Path, name: str, target: str) -> None:
    assert copy(project, {name: VTT}) == 0

    assert captions(project) == {target: VTT.encode()}


def test_what_is_in_a_file_says_what_it_is_and_its_bytes_are_made_alike(project: Path) -> None:
    data = SRT.replace("Ciao", "Perché").replace("\n", "\r\n").encode("cp1252")

    assert copy(project, {f"{ID}.it.vtt": data, f"{ID}.en.srt": VTT.encode("utf-16")}) == 0

    assert captions(project) == {f"{ID}.it.srt": SRT.replace("Ciao", "Perché").encode(), f"{ID}.en.vtt": VTT.encode()}


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("Lezione 1.it.vtt", "has no YouTube id in its name"),
        ("Lezione [BBBBBBBBBBB].it.vtt", 'no video has the YouTube id "BBBBBBBBBBB"'),
        (f"Lezione [{ID}].vtt", "has no language in its name"),
        (f"Lezione [{ID}].xx.vtt", "has no language in its name"),
        (f"Lezione [{ID}].mp4", "is no caption file"),
        (f"Lezione [{ID}].live_chat.json", "is no caption file"),
    ],
)
def test_what_is_not_recognised_is_listed_and_the_rest_is_copied(
    project: Path, name: str, reason: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert copy(project, {name: VTT, f"{ID}.de.vtt": VTT}) == 0

    assert f"left out: {name}: {reason}" in capsys.readouterr().out
    assert [*captions(project)] == [f"{ID}.de.vtt"]


@pytest.mark.parametrize("broken", ["", "<html>", "WEBVTT\n\n00:01 --> 00:02\nCiao\n"])
def test_with_a_broken_file_none_is_written(project: Path, broken: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert copy(project, {f"{ID}.it.vtt": VTT, f"{ID}.en.vtt": broken}) == 1

    assert captions(project) == {}
    assert f"{ID}.en.vtt:" in capsys.readouterr().err


def test_equal_files_stay_untouched_and_one_of_another_format_gives_way(project: Path) -> None:
    copy(project, {f"{ID}.it.vtt": VTT, f"{ID}.en.srt": SRT})
    stamp = (project / f"content/videos/captions/{ID}.it.vtt").stat().st_mtime_ns

    assert copy(project, {f"{ID}.it.vtt": VTT, f"{ID}.en.vtt": VTT, f"{ID}.en.srt": b""}) == 1
    (project / f"downloads/{ID}.en.srt").unlink()
    assert copy(project, {}) == 0

    assert captions(project) == {f"{ID}.en.vtt": VTT.encode(), f"{ID}.it.vtt": VTT.encode()}
    assert (project / f"content/videos/captions/{ID}.it.vtt").stat().st_mtime_ns == stamp


def test_the_captions_of_a_video_with_another_id_go_with_it_and_an_editors_file_is_told(project: Path) -> None:
    copy(project, {f"{OTHER}.it.vtt": VTT})
    findings = SyncFindings()

    files = move_captions(project / "content", {"new-id": OTHER}, findings)

    folder = "videos/captions"
    assert files == {f"{folder}/{OTHER}.it.vtt": None, f"{folder}/new-id.it.vtt": VTT.encode()}
    assert "content/videos/tre.md" in str(findings.warnings[0]) and "new-id" in str(findings.warnings[0])


def test_what_youtube_overheard_gives_way_to_what_somebody_wrote(project: Path) -> None:
    heard = VTT.replace("Ciao", "ciao ciao")

    assert copy(project, {f"a [{ID}].it-orig.vtt": heard, f"a [{ID}].it.vtt": VTT}) == 0

    assert captions(project) == {f"{ID}.it.vtt": VTT.encode()}


def test_two_files_of_one_video_and_language_are_a_problem(project: Path) -> None:
    copies = copy_captions(fill(project, {f"a [{ID}].it.vtt": VTT, f"b [{ID}].it.srt": SRT}), project / "content")

    assert ["is of the same video" in problem.message for problem in copies.problems] == [True]


def test_a_plan_writes_nothing_and_a_folder_that_is_not_there_is_named(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert copy(project, {f"{ID}.it.vtt": VTT}, "--plan") == 0
    assert captions(project) == {}

    assert main(["--captions", str(project / "nowhere")], project=project) == 1
    assert "there is no such folder" in capsys.readouterr().err


def test_videos_with_captions_on_the_channel_and_no_file_here_are_found(project: Path) -> None:
    assert find_videos_without_captions(project / "content") == {ID: "Uno"}

    copy(project, {f"{ID}.en.vtt": VTT})

    assert find_videos_without_captions(project / "content") == {}


def test_a_sync_lists_the_videos_whose_captions_are_only_on_the_channel(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (project / "table.csv").write_text("code,total\nX,1\n")
    columns = {"id": "code", "total": "total"}
    table = {"name": "t", "kind": "table", "path": str(project / "table.csv"), "measure": "members", "columns": columns}
    (project / "pelicanconf.py").write_text(f'PATH = "content"\nCACHE_PATH = ".cache"\nSOURCES = [{table!r}]\n')

    assert main(["--json", str(project / "sync.json")], project=project) == 0

    assert f"no caption file here: 1\n  {ID}  Uno" in capsys.readouterr().out
    assert json.loads((project / "sync.json").read_bytes())["without_captions"] == {ID: "Uno"}
