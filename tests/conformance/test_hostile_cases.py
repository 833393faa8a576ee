"""The attacks that were recorded when they were seen: each is named with its file, and nothing of it is published."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest
from tests.builders import COURSE, problems
from tests.walls.test_bounded_reading import read

from openknowledge.content.markdown.render import READERS

pytestmark = pytest.mark.conformance


@pytest.fixture
def cases(shared_data: Path) -> Path:
    return shared_data / "cases/hostile"


def test_no_recorded_case_is_left_out(cases: Path) -> None:
    tried = ("01-", "02-", "03-", "04-", "05-", "07-", "08-", "10-")

    assert [path.name for path in sorted(cases.iterdir()) if not path.name.startswith(tried)] == []


def test_a_link_to_the_environment_is_named_and_never_read(cases: Path, tmp_path: Path) -> None:
    target = re.findall(r"ln -sf (\S+) content/courses/evil/(\S+)", next(cases.glob("01-*")).read_text())
    assert target == [("/proc/self/environ", "env.txt")]
    (tmp_path / "content/courses/evil").mkdir(parents=True)
    (tmp_path / "content/courses/evil/env.txt").symlink_to(target[0][0])

    named = problems(tmp_path, {"courses/evil/index.md": "---\ntitle: evil\n---\n[f]({static}env.txt)\n"})

    assert any(message.startswith("content/courses/evil/env.txt: it leads out of the project") for message in named)
    assert any("leads to a file that is not read" in message for message in named)


@pytest.mark.parametrize(("case", "file"), [("02-", "pages/evil.md:3: save_as:"), ("03-", "courses/evil/index.md:")])
def test_a_folder_of_content_is_named_with_its_line(cases: Path, tmp_path: Path, case: str, file: str) -> None:
    shutil.copytree(next(cases.glob(f"{case}*")) / "content", tmp_path / "content")

    named = problems(tmp_path, {"courses/algebra/index.md": COURSE})

    assert [message for message in named if message.startswith(f"content/{file}")] == named != []


@pytest.mark.parametrize("reader", READERS)
def test_what_held_or_ended_a_build_is_named(cases: Path, tmp_path: Path, reader: str) -> None:
    for case in ("04-*/index.md", "05-*", "07-*"):
        (problem, *_) = read(tmp_path, next(cases.glob(case)).read_bytes(), reader).problems

        assert problem.path == "content/courses/bomb/index.md"
        assert problem.hint and "stumble" not in problem.message


def test_what_ended_in_a_traceback_is_named_with_its_line(cases: Path, tmp_path: Path) -> None:
    rows = next(cases.glob("08-*")).read_text("utf-8").splitlines()[1:]
    fields = [re.split(r"  +", row)[0] for row in rows if row.strip()]
    long = {"9999… (5,000 digits)": "9" * 5_000, "[[[[… 1,000 deep": "[" * 1_000}
    for field in fields:
        text = next((field.replace(mark, whole) for mark, whole in long.items() if mark in field), field)
        title = "" if text.startswith("title:") else "title: t\n"

        found = read(tmp_path, f"---\n{title}{text}\n---\nx\n".encode()).problems

        assert found and all(one.line is not None and "stumble" not in one.message for one in found), text
    assert len(fields) >= 11


def test_a_page_of_the_content_with_its_script_is_refused(cases: Path, tmp_path: Path) -> None:
    text = next(cases.glob("10-*")).joinpath("README.txt").read_text("utf-8")
    links = "".join(re.findall(r"\[\w\]\([^)]*\) ?", text))
    files = {"courses/att/q.html": "<script src=e.js></script>", "courses/att/e.js": "document.title = 1"}

    named = problems(tmp_path, {"courses/att/index.md": f"---\ntitle: t\n---\n{links}\n", **files})

    assert [message.partition(" is of a type that could run")[0] for message in named] == [
        'content/courses/att/index.md:4: "{static}e.js"',
        'content/courses/att/index.md:4: "{static}q.html"',
    ]
