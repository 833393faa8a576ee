"""Caption files from a folder, such as one that yt-dlp filled, and videos whose captions this project lacks."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from openknowledge.content.snapshot_files import CAPTIONS_FOLDER, read_json_lines
from openknowledge.language_tags import spell_tag
from openknowledge.problems import Problem, operator_problem
from openknowledge.project_files import TEXT_LIMIT_B, is_project_file, read_project_file

from .snapshot import slugs_of_editors
from .source import SyncFindings

__all__ = [
    *("CaptionCopies", "KnownVideo", "copy_captions", "find_videos_without_captions", "list_videos"),
    "move_captions",
]

SUFFIXES = (".vtt", ".srt")
NAME = re.compile(r"(?P<title>.*?)\.(?P<code>[A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{1,8})*)\.(?:vtt|srt)", re.IGNORECASE)
IN_BRACKETS = re.compile(r"\[([A-Za-z0-9_-]{1,64})\]")
ID_LENGTH = 11
ORIGINAL = "-orig"
"""How yt-dlp marks captions that YouTube wrote while it listened."""


class KnownVideo(NamedTuple):
    """A video by its YouTube id; `has_captions` says that the channel has some for it."""

    title: str
    has_captions: bool


@dataclass
class CaptionCopies:
    """What becomes of the files of a folder.

    `files` are those to write and to remove, by path below the content folder; `same` are those that are there already.
    `left_out` are names that are not recognised, each with the reason; `problems` forbid to write anything.
    """

    files: dict[str, bytes | None] = field(default_factory=dict)
    same: list[str] = field(default_factory=list)
    left_out: list[tuple[str, str]] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    warnings: list[Problem] = field(default_factory=list)


def list_videos(content: Path, findings: SyncFindings, *, having: str = "") -> dict[str, KnownVideo]:
    """Return all videos that have an id, of snapshots and of editors; of snapshots, those that are `having` a text."""
    videos = {youtube_id: KnownVideo("", False) for youtube_id in slugs_of_editors(content, "video", findings)}
    for path in sorted(content.glob("snapshots/*/videos*.jsonl")):
        for _, row in read_json_lines(path, content, str(path), having=having):
            if not isinstance(row, Problem) and row.get("youtube_id") and "withdrawn" not in row:
                videos[str(row["youtube_id"])] = KnownVideo(str(row.get("title")), row.get("has_captions") is True)
    return videos


def find_videos_without_captions(content: Path) -> dict[str, str]:
    """Return the titles of the videos that have captions on the channel and no file here, by their ids."""
    here = {path.name.partition(".")[0] for path in (content / CAPTIONS_FOLDER).glob("*")}
    videos = list_videos(content, SyncFindings(), having='"has_captions"')
    return {name: video.title for name, video in videos.items() if video.has_captions and name not in here}


def move_captions(content: Path, ids: Mapping[str, str], findings: SyncFindings) -> dict[str, bytes | None]:
    """Return the caption files of videos whose ids have changed (new ones with the old), under their new names.

    A file of an editor that names the old id stays as it is, and is reported.
    """
    files: dict[str, bytes | None] = {}
    for new, old in ids.items():
        for path in sorted((content / CAPTIONS_FOLDER).glob(f"{old}.*")):
            name = path.relative_to(content).as_posix()
            files[name] = None
            files[f"{CAPTIONS_FOLDER}{new}{path.name.removeprefix(old)}"] = read_project_file(path, content)
    editors = slugs_of_editors(content, "video", findings) if ids else {}
    for new, old in ids.items():
        if old in editors:
            hint = f"Write {new} there: the video has another id now."
            file = f"{content.name}/videos/{editors[old]}.md"
            findings.warnings.append(operator_problem(file, None, "youtube_id", f'"{old}" is an old id', hint))
    return files


def copy_captions(folder: Path, content: Path) -> CaptionCopies:
    """Return what to write of the caption files in a folder and below it; nothing where one of them is broken."""
    copies, findings = CaptionCopies(), SyncFindings()
    videos = list_videos(content, findings)
    chosen: dict[tuple[str, str], Path] = {}
    for path in sorted(path for path in folder.rglob("*") if path.is_file() and not path.name.startswith(".")):
        key = _recognise(path.name, videos)
        if isinstance(key, str):
            copies.left_out.append((str(path.relative_to(folder)), key))
        elif key in chosen:
            chosen[key] = _choose(folder, chosen[key], path, copies)
        else:
            chosen[key] = path
    for (youtube_id, lang), path in sorted(chosen.items()):
        _copy(path, lang, f"{CAPTIONS_FOLDER}{youtube_id}.{lang}", content, copies)
    copies.problems = [*findings.problems, *copies.problems]
    return copies


def _choose(folder: Path, first: Path, second: Path, copies: CaptionCopies) -> Path:
    """Return which of two files for one video and language counts: what somebody wrote, or what YouTube overheard."""
    better, worse = (second, first) if ORIGINAL in first.name else (first, second)
    names = [str(one.relative_to(folder)) for one in (better, worse)]
    if (ORIGINAL in better.name) == (ORIGINAL in worse.name):
        message = f'"{names[0]}" is of the same video in the same language'
        copies.problems.append(operator_problem(str(worse), None, None, message, "Take one of the two away."))
    else:
        copies.left_out.append((names[1], f'"{names[0]}" has the captions of this video in this language, too'))
    return better


def _recognise(name: str, videos: Mapping[str, KnownVideo]) -> tuple[str, str] | str:
    """Return the id and the language that the name of a file has; why it is not recognised where it has none."""
    if not name.lower().endswith(SUFFIXES):
        return "is no caption file"
    match = NAME.fullmatch(name)
    code = match["code"].removesuffix(ORIGINAL) if match else ""
    lang = spell_tag(code) if code else None
    if match is None or lang is None:
        return "has no language in its name, such as .it.vtt"
    candidates = [*_list_candidates(match["title"])]
    known = next((one for one in candidates if one in videos), None)
    if known is not None:
        return known, lang
    shown = next((one for one in candidates if len(one) == ID_LENGTH), None)
    return f'no video has the YouTube id "{shown}"' if shown else "has no YouTube id in its name, such as [id].it.vtt"


def _list_candidates(title: str) -> Iterator[str]:
    """Yield what may be the id in the name of a file: `title [id]`, `id`, `title-id`."""
    yield from reversed(IN_BRACKETS.findall(title))
    yield title
    if len(title) > ID_LENGTH and title[-ID_LENGTH - 1] in "-_. ":
        yield title[-ID_LENGTH:]
    yield title.partition(".")[0]


def _copy(path: Path, lang: str, target: str, content: Path, copies: CaptionCopies) -> None:
    """Add what is to be written of one file: UTF-8 with Unix line ends, and the suffix that fits what is in it."""
    try:
        with path.open("rb") as file:
            data = file.read(TEXT_LIMIT_B + 1)
    except OSError as error:
        copies.problems.append(operator_problem(str(path), None, None, f"cannot be read: {error.strerror}", None))
        return
    if len(data) > TEXT_LIMIT_B:
        copies.problems.append(operator_problem(str(path), None, None, "is larger than 2 MB", "Is it a caption file?"))
        return
    from openknowledge.content.captions import normalize_captions, read_captions

    captions = read_captions(data, lang)
    copies.problems += _locate(path, captions.problems)
    copies.warnings += _locate(path, captions.remarks)
    text, suffix = normalize_captions(data)
    written, other = f"{target}.{suffix}", f"{target}.{'srt' if suffix == 'vtt' else 'vtt'}"
    if (content / other).exists():
        copies.files[other] = None
    if is_project_file(written, content) and read_project_file(content / written, content) == text.encode():
        copies.same.append(written)
    else:
        copies.files[written] = text.encode()


def _locate(path: Path, issues: Iterable[tuple[int, str, str]]) -> list[Problem]:
    return [operator_problem(str(path), line, None, message, hint) for line, message, hint in issues]
