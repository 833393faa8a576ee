"""One item cannot stop the others: whatever its files have in them, it is read or named, in bounded time."""

from __future__ import annotations

import json
import signal
import threading
import zlib
from functools import cache
from io import BytesIO
from itertools import product
from pathlib import Path
from unittest import mock

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from tests.builders import COURSE, LANGS, assembled, problems, write
from tests.chance import Chance
from tests.walls.torture import MARKDOWN, TORTURE, YAML

from openknowledge.catalogue import check_command
from openknowledge.catalogue.kinds import KINDS
from openknowledge.content import cpu_limit as cpu_limit_module
from openknowledge.content import read_item as read_item_module
from openknowledge.content.cpu_limit import CpuLimitExceeded, cpu_limit, read_within_limit
from openknowledge.content.discovery import SourceItem
from openknowledge.content.located_yaml import LocatedFields, load_yaml
from openknowledge.content.markdown import standard
from openknowledge.content.markdown.render import render_markdown, sanitize
from openknowledge.content.pictures import PictureRefused, make_picture
from openknowledge.content.read_item import ParsedItem, ReadOptions, read_item
from openknowledge.problems import Problem
from openknowledge.redirects.sources import parse_redirects
from openknowledge.search.synonyms import read_synonyms

READERS = ("markdown", "fast")
SHORT_S = 0.1
"""The time that a text is given in a quick run; a thorough one gives what builds give."""
FIRST_S = 0.5
"""The time that an item is given which may be the first of its process, and then loads what all need."""
SLOW = "[" * 10_000 + "]"
SOUND = "Un **testo**, una [pagina](https://example.org/) e una nota[^1].\n\n[^1]: Nota.\n"


def text_limit_s(chance: Chance, quick_s: float = SHORT_S) -> float:
    return read_item_module.MAX_CPU_S if chance.is_thorough else quick_s


def read(root: Path, data: bytes, reader: str = "markdown") -> ParsedItem:
    """Read a course of these bytes."""
    path = root / "content/courses/bomb/index.md"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return read_item(SourceItem("course", "bomb", (("it", "courses/bomb/index.md"),)), None, read_options(root, reader))


@cache
def read_options(root: Path, reader: str) -> ReadOptions:
    return ReadOptions.create(root / "content", LANGS, reader, KINDS)


@pytest.mark.parametrize("fields", YAML.values(), ids=YAML.keys())
def test_front_matter_is_read_or_named_with_its_line(tmp_path: Path, fields: str) -> None:
    parsed = read(tmp_path, f"---\ntitle: Bomb\n{fields}\n---\nText.\n".encode("utf-8", "surrogatepass"))

    for problem in parsed.problems:
        assert problem.path == "content/courses/bomb/index.md"
        assert problem.line is not None
        assert "stumble" not in problem.message
        assert str(problem).replace("\n", "").isprintable()
    assert parsed.problems or parsed.row is not None


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("text", MARKDOWN.values(), ids=MARKDOWN.keys())
def test_a_text_of_100_kb_is_read_or_named_and_leaves_the_reader_sound(
    tmp_path: Path, chance: Chance, text: str, reader: str
) -> None:
    before = render_markdown(SOUND, reader)
    with mock.patch.object(read_item_module, "MAX_CPU_S", text_limit_s(chance)):
        parsed = read(tmp_path, f"---\ntitle: Bomb\n---\n{text[:100_000]}\n".encode(), reader)

    assert parsed.problems or parsed.row is not None
    assert [problem.message for problem in parsed.problems if "stumble" in problem.message] == []
    assert render_markdown(SOUND, reader) == before


@pytest.mark.parametrize(
    "escape", ["\\u0001", "\\e[31m", "\\u202e", "\\u2066", "\\ud83d", "\\x7f", "\\u009b", "\\ufffe"]
)
def test_no_field_takes_a_control_or_a_mark_that_turns_the_direction(tmp_path: Path, escape: str) -> None:
    sign = escape.removeprefix("\\e").removeprefix("[31m") or "\\x1b"
    raw = json.loads(f'"{sign}"'.replace("\\x", "\\u00")) if escape != "\\e[31m" else "\x1b[31m"
    written = [f'title: x\nabstract: "a{escape}b"\n---\nText.\n', f"title: x\n---\nText a{raw}b.\n"]

    for text in written:
        parsed = read(tmp_path, f"---\n{text}".encode("utf-8", "surrogatepass"))

        assert parsed.problems and parsed.row is None, text


def test_whatever_raises_is_a_problem_and_the_readers_are_renewed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After one exception a reader of Markdown took every later text for something else."""
    before = standard.create_reader()

    for raised in (RecursionError, ValueError, KeyError, CpuLimitExceeded, UnicodeError):
        monkeypatch.setattr(read_item_module, "_parse_item", mock.Mock(side_effect=raised))
        (problem,) = read(tmp_path, b"---\ntitle: x\n---\n").problems
        other = read_within_limit(mock.Mock(side_effect=raised), "content/x.yaml", 1)

        assert problem.hint and isinstance(other, Problem) and other.hint
        assert standard.create_reader() is not before
        before = standard.create_reader()


@pytest.mark.parametrize("tag", ["<ul>", "<dl><dt>", "<b>", "<table><tr><td>", "<x-y>", "<DIV class=a>"])
def test_elements_are_not_nested_without_end(tag: str) -> None:
    """The sanitiser's time grows with the square of the depth, and no time limit interrupts it."""
    with pytest.raises(RecursionError):
        sanitize(tag * 1_001)


def test_elements_that_others_end_may_be_many() -> None:
    rows = "<tr><td>a<td>b<p>c<br>" * 2_000

    assert sanitize(f"<table>{rows}</table><ul>{'<li>a' * 2_000}</ul>").count("<td>") == 4_000


@pytest.mark.parametrize("letters", ["a ", "a", "漢", "\u0301", "<b>"])
def test_a_title_that_would_take_long_to_sort_or_to_draw_is_named(tmp_path: Path, letters: str) -> None:
    """To sort 100,000 letters took seven seconds, and to draw them as long; neither is part of the reading."""
    title = "x" + letters * (100_000 // len(letters))
    course = COURSE.replace("title: Algebra lineare", f"title: '{title}'\nkeywords: ['{title}']")
    video = json.dumps({"youtube_id": "abcdefghijk", "slug": "v", "title": title})

    messages = problems(tmp_path, {"courses/algebra/index.md": course, "snapshots/youtube/videos.jsonl": video})

    assert [message.partition("\n")[0] for message in messages] == [
        "content/courses/algebra/index.md:2: title: this has more than 500 characters",
        "content/courses/algebra/index.md:3: keywords[0]: this has more than 10000 characters",
        "content/snapshots/youtube/videos.jsonl:1: title: this has more than 500 characters",
    ]


def test_a_broken_item_leaves_the_others_and_their_problems(tmp_path: Path, chance: Chance) -> None:
    files: dict[str, str | bytes] = {
        "courses/deep/index.md": f"---\ntitle: Deep\nkeywords: {'[' * 5000}\n---\n",
        "courses/slow/index.md": f"---\ntitle: Slow\n---\n{SLOW}\n",
        "courses/wrong/index.md": "---\ntitle: Wrong\nweeks: many\n---\n",
        "courses/sound/index.md": COURSE,
    }

    with mock.patch.object(read_item_module, "MAX_CPU_S", text_limit_s(chance, FIRST_S)):
        site = assembled(tmp_path, files)

    assert [problem.path for problem in site.problems] == [
        "content/courses/deep/index.md",
        "content/courses/slow/index.md",
        "content/courses/wrong/index.md",
    ]
    assert "course/sound" in site.content.table.names


def test_an_emoji_may_be_written_as_json_writes_it(tmp_path: Path) -> None:
    course = COURSE.replace("title: Algebra lineare", 'title: "\\ud83d\\ude00 Algebra \\ud83d\\ude00"')

    site = assembled(tmp_path, {"courses/algebra/index.md": course})

    assert site.problems == ()
    assert site.site.fork().title(site.site.fork().stub("course", "algebra"), "it") == "😀 Algebra 😀"


def png(width: int, height: int, data: bytes = b"") -> bytes:
    """Return a picture that says it has this size."""

    def chunk(name: bytes, body: bytes) -> bytes:
        return len(body).to_bytes(4, "big") + name + body + zlib.crc32(name + body).to_bytes(4, "big")

    head = width.to_bytes(4, "big") + height.to_bytes(4, "big") + bytes([8, 2, 0, 0, 0])
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", data) + chunk(b"IEND", b"")


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (png(60_000, 60_000), "is too large"),
        (png(10_000, 10_000), "is too large: 10,000 × 10,000 pixels, where 25 million are allowed"),
        (png(0, 0), "is not a picture that browsers show"),
        (b"\x89PNG\r\n\x1a\n", "is not a picture that browsers show"),
        (b"GIF89a", "is not a picture that browsers show"),
        (b"RIFF\xff\xff\xff\xffWEBPVP8 ", "is not a picture that browsers show"),
        (b"\xff\xd8\xff\xe1\x00\x00", "is not a picture that browsers show"),
        (b"BM" + bytes(60), "is not a picture that browsers show"),
        (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n", "is not a picture that browsers show"),
        (b"", "is not a picture that browsers show"),
    ],
)
def test_a_picture_that_is_none_or_too_large_is_named(tmp_path: Path, data: bytes, reason: str) -> None:
    course = COURSE.replace("---\nUn", "image: {src: a.png, alt: {it: x, en: x}}\n---\nUn")

    (message,) = problems(tmp_path, {"courses/algebra/index.md": course, "courses/algebra/a.png": data})

    assert message.startswith(f'content/courses/algebra/index.md:4: image.src: "a.png" {reason}')


def encoded(picture: Image.Image, kind: str, **options: object) -> bytes:
    stream = BytesIO()
    picture.save(stream, kind, **options)
    return stream.getvalue()


def noise(width: int, height: int) -> Image.Image:
    """Return a picture of one tile over and over: a few kilobytes in its file, and noise in every other size."""
    tile, picture = Image.effect_noise((64, 64), 200), Image.new("L", (width, height))
    for left, top in product(range(0, width, 64), range(0, height, 64)):
        picture.paste(tile, (left, top))
    return picture


UNFOLDING = {
    "tall.png": lambda: encoded(Image.new("1", (1600, 15_600)), "PNG"),
    "tall.webp": lambda: encoded(Image.new("L", (1000, 16_000)), "WEBP", method=0),
    "noise.webp": lambda: encoded(noise(1280, 1280), "WEBP", lossless=True),
    "noise.png": lambda: encoded(noise(512, 4_096), "PNG"),
    "column.png": lambda: encoded(Image.merge("RGB", [noise(100, 15_000) for _ in "RGB"]), "PNG"),
    "moving.gif": lambda: encoded(
        Image.new("L", (2_000, 2_000)),
        "GIF",
        save_all=True,
        append_images=[Image.new("L", (2_000, 2_000), 40 * shade) for shade in range(1, 6)],
    ),
    "specks.gif": lambda: encoded(
        Image.new("L", (1, 1)),
        "GIF",
        save_all=True,
        append_images=[Image.new("L", (1, 1), number % 255) for number in range(1, 1_000)],
    ),
    "scans.jpg": lambda: with_last_scan_again(encoded(Image.new("L", (1500, 1500)), "JPEG", progressive=True), 9_000),
}
"""Pictures of less than 100 kB of which megabytes, or seconds of work, would be made; three of them by their frames."""


def with_last_scan_again(data: bytes, times: int) -> bytes:
    """Return a progressive JPEG that refines its pixels once more, again and again: each time all of them are read."""
    return data[:-2] + data[data.rfind(b"\xff\xda") : -2][:10] * times + data[-2:]


@pytest.mark.parametrize("name", UNFOLDING)
def test_a_picture_costs_what_its_bytes_pay_for(name: str) -> None:
    data = UNFOLDING[name]()

    with pytest.raises(PictureRefused, match=r"unfolds to far more|moves for too long"):
        make_picture(name, data)

    assert len(data) < 100_000


def test_a_large_picture_of_few_colours_is_no_bomb() -> None:
    logo = Image.new("RGB", (3_000, 2_000), "white")
    logo.paste("navy", (500, 500, 2_500, 1_500))

    assert make_picture("logo.png", encoded(logo, "PNG")).facts.width_px == 3_000


@given(st.binary(max_size=400))
def test_any_bytes_are_a_record_or_a_problem(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    parsed = read(tmp_path_factory.getbasetemp() / "any", b"---\ntitle: x\n" + data)

    assert parsed.problems or parsed.row is not None
    assert [problem for problem in parsed.problems if "stumble" in problem.message] == []


FIELDS = st.sampled_from(["title", "runs", "image", "keywords", "weeks", "badge", "sources", "aliases", "credits"])
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=20)
    | st.sampled_from(list(YAML.values())),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)


@given(st.dictionaries(FIELDS, VALUES, max_size=5))
def test_any_fields_are_a_record_or_a_problem(
    tmp_path_factory: pytest.TempPathFactory, fields: dict[str, object]
) -> None:

    text = "".join(f"{name}: {json.dumps(value)}\n" for name, value in {"title": "x", **fields}.items())
    parsed = read(tmp_path_factory.getbasetemp() / "any", f"---\n{text}---\nText.\n".encode("utf-8", "surrogatepass"))

    assert parsed.problems or parsed.row is not None
    assert [problem for problem in parsed.problems if "stumble" in problem.message] == []


@given(st.text(alphabet="ab *_`[]()<>!#-+|:{}\\\"'&^~=\n\t1.", max_size=300), st.sampled_from(READERS))
def test_any_text_of_the_dialects_signs_is_a_record_or_a_problem(
    tmp_path_factory: pytest.TempPathFactory, text: str, reader: str
) -> None:
    parsed = read(tmp_path_factory.getbasetemp() / "any", f"---\ntitle: x\n---\n{text}\n".encode(), reader)

    assert parsed.problems or parsed.row is not None
    assert [problem for problem in parsed.problems if "stumble" in problem.message] == []


def test_the_lines_of_many_figures_are_found_in_one_walk() -> None:
    """Each figure once took a walk over all lines of the file."""
    group = {f"f{number}": {"value": number} for number in range(50)}
    file = load_yaml("s:\n  figures:\n" + "".join(f"    {name}:\n      value: 1\n" for name in group), "figures.yaml")
    assert isinstance(file, LocatedFields)

    below = file.below(("s", "figures", "f7"), file.data["s"]["figures"]["f7"])

    assert below.lines == {(): 17, ("value",): 18}


@pytest.mark.parametrize(
    ("name", "text"),
    [("figures.yaml", "s:\n" + "  a: b\n" * 3), ("snapshots/enrollments/algebra.csv", "day,total\n" * 3)],
)
def test_a_file_of_numbers_that_takes_too_long_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, text: str
) -> None:
    monkeypatch.setattr(cpu_limit_module, "FILE_CPU_S", 0.05)
    monkeypatch.setattr("openknowledge.content.numbers.read_figures", lambda *_: spin())
    monkeypatch.setattr("openknowledge.content.numbers.read_series_file", lambda *_: spin())

    messages = problems(tmp_path, {"courses/algebra/index.md": COURSE, name: text})

    assert [message.partition("\n")[0] for message in messages] == [f"content/{name}: the file takes too long to read"]


VIDEOS = {
    "snapshots/youtube/videos.jsonl": json.dumps(
        {"youtube_id": "abcdefghijk", "slug": "v", "title": "a " * 60 + "b", "description": "a b " * 90}
    ),
    "snapshots/youtube/playlists.jsonl": json.dumps(
        {"youtube_id": "PLx", "slug": "p", "title": "a" * 90, "videos": ["v"]}
    ),
    "topics/x.md": "---\ntitle: X\n---\n",
}


@pytest.mark.parametrize("name", TORTURE)
def test_a_file_that_is_no_item_is_read_or_named_with_a_cure(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, chance: Chance, name: str
) -> None:
    monkeypatch.setattr(cpu_limit_module, "FILE_CPU_S", cpu_limit_module.FILE_CPU_S if chance.is_thorough else SHORT_S)
    texts = TORTURE[name]
    for number, text in enumerate(texts if chance.is_thorough else chance.sample(texts, min(6, len(texts)))):
        data = text if isinstance(text, bytes) else text.encode("utf-8", "surrogatepass")
        folder = tmp_path / str(number)
        site = assembled(folder, {**VIDEOS, "courses/algebra/index.md": COURSE, name: data})
        found = [*site.problems, *read_synonyms(folder / "content")[1]]
        if name == "redirects.yaml":
            result = read_within_limit(lambda data=data: parse_redirects(data.decode(), name, LANGS)[1], name, 1)
            found += [result] if isinstance(result, Problem) else result

        assert all(problem.hint or problem.message.startswith("unknown field") for problem in found)
        assert [str(problem) for problem in found if "stumble" in problem.message] == []
        assert "course/algebra" in site.content.table.names


def spin() -> None:
    while True:
        pass


def test_the_limit_ends_a_loop_in_the_main_thread_and_in_others() -> None:
    ended: list[str] = []

    def attempt() -> None:
        try:
            with cpu_limit(0.05):
                spin()
        except CpuLimitExceeded:
            ended.append(threading.current_thread().name)

    attempt()
    thread = threading.Thread(target=attempt, name="other")
    thread.start()
    thread.join(60)

    assert ended == ["MainThread", "other"]


def test_a_picture_of_a_text_cannot_have_the_address_of_another_server(tmp_path: Path) -> None:
    write(tmp_path, {"courses/algebra/evil.example/p.png": png(1, 1)})
    for source in (
        "//evil.example/p.png",
        "/\\evil.example/p.png",
        "\\\\\\\\evil.example/p.png",
        "https://evil.example/p.png",
    ):
        course = f"{COURSE}\n![x](<{source}>)\n"

        messages = problems(tmp_path, {"courses/algebra/index.md": course})

        assert any("lies on another server" in message for message in messages), source


def test_the_limit_ends_a_loop_that_drops_its_exception_once() -> None:
    """Python drops what is raised while it finalises an object."""
    dropped = []

    with pytest.raises(CpuLimitExceeded), cpu_limit(0.05):
        try:
            spin()
        except CpuLimitExceeded:
            dropped.append(True)
        spin()

    assert dropped == [True]
    assert signal.getitimer(signal.ITIMER_PROF) == (0.0, 0.0)


def test_the_comparison_of_readers_is_bounded_too(tmp_path: Path) -> None:
    content = write(tmp_path, {"courses/slow/index.md": f"---\ntitle: Slow\n---\n{SLOW}\n"})

    with mock.patch.object(check_command, "MAX_CPU_S", SHORT_S):
        assert list(check_command.check_portability(content)) == []
