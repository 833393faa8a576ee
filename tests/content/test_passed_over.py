"""Every file below content/ is used, or named."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.builders import COURSE, assembled, problems
from tests.rebuilding.workshop import a_picture

from openknowledge.catalogue.check_command import find_unused_files
from openknowledge.content.passed_over import find_misnamed

A = {"courses/a/index.md": COURSE}


@pytest.mark.parametrize(
    ("path", "cure"),
    [
        ("courses/b/index.markdown", 'Name it "index.md".'),
        ("courses/b/index.MD", 'Name it "index.md".'),
        ("courses/b/index.en.mdown", 'Name it "index.en.md".'),
        ("people/ada.md.txt", 'Name it "ada.md".'),
        ("courses/b/index.rst", "Write the text in Markdown"),
        ("courses/b/lezione.ipynb", "Write the text in Markdown"),
        ("redirects.yml", 'did you mean "redirects"?'),
        ("figure.yaml", 'did you mean "figures"?'),
        ("settings.yaml", "Those that are read in this folder: figures.yaml, redirects.yaml, synonyms.yaml."),
    ],
)
def test_a_file_whose_name_is_surely_a_mistake_is_named_with_the_right_one(path: str, cure: str) -> None:
    (problem,) = find_misnamed(["courses/a/index.md", path], "content")

    assert problem.path == f"content/{path}"
    assert cure in str(problem)


def test_a_build_stops_at_such_a_file_and_at_one_that_comes_later(tmp_path: Path) -> None:
    assert not problems(tmp_path, {**A})
    (message,) = problems(tmp_path, {"courses/b/index.markdown": COURSE})

    assert message.startswith("content/courses/b/index.markdown: the file would not be read")


@pytest.mark.parametrize(
    ("files", "second", "other"),
    [
        (("courses/a/index.md", "courses/a/index.it.md"), "courses/a/index.md", "index.it.md"),
        (("people/ada.md", "people/ada.it.md"), "people/ada.md", "ada.it.md"),
        (("press/2026/x.it.md", "press/2026/x.md"), "press/2026/x.md", "x.it.md"),
    ],
)
def test_two_files_of_one_item_in_one_language_are_refused(
    tmp_path: Path, files: tuple[str, str], second: str, other: str
) -> None:
    text = COURSE.replace("---\n", "---\npublished: 2026-01-01\n", 1) if files[0].startswith("press") else COURSE

    messages = problems(tmp_path, dict.fromkeys(files, text))

    assert f'content/{second}: this file and "{other}" both hold the words in "it"' in "\n".join(messages)


@pytest.mark.parametrize(
    "path",
    [
        *("courses/a/README.md", "README.md", "LICENSE.txt", "courses/a/index.md~", "courses/a/#index.md#"),
        *("courses/a/index.md.bak", "courses/a/Thumbs.db", "courses/a/~$lezione.docx", "courses/a/.DS_Store"),
        *("courses/a/index.md.orig", "snapshots/sample/README.md", "courses/a/desktop.ini"),
    ],
)
def test_what_is_for_people_and_what_programs_leave_is_passed_over(tmp_path: Path, path: str) -> None:
    site = assembled(tmp_path, {**A, path: "x"})

    assert not site.problems
    assert not list(find_unused_files(site.content))


def test_a_file_that_nothing_shows_is_remarked_and_no_problem(tmp_path: Path) -> None:
    text = f"{COURSE}![Onda](onda.png) [note](note.pdf)\n"
    others = ("a/sola.png", "a/vecchio.docx", "b/cover.jpg", "a/pagina.html", "a/dati.yaml")
    files: dict[str, str | bytes] = {
        "courses/a/index.md": text,
        "courses/a/onda.png": a_picture(40, 1),
        "courses/a/note.pdf": "x",
    }

    site = assembled(tmp_path, {**files, **{f"courses/{name}": "x" for name in others}})

    assert not site.problems
    remarks = list(find_unused_files(site.content))
    assert sorted(remark.path for remark in remarks) == sorted(f"content/courses/{name}" for name in others)
    assert str(remarks[0]).endswith("nothing shows this file or links to it\n    Show it or link to it, or delete it.")


def test_the_repositorys_own_content_has_no_file_that_nothing_shows(tmp_path: Path) -> None:
    content = Path(__file__).parents[2] / "content"
    paths = [path.relative_to(content).as_posix() for path in sorted(content.rglob("*")) if path.is_file()]

    assert not list(find_misnamed(paths, "content"))


def test_a_folder_that_is_a_link_in_a_circle_is_named(tmp_path: Path) -> None:
    assert not problems(tmp_path, {**A})
    (tmp_path / "content/courses/a/loop").symlink_to("..")

    (message,) = problems(tmp_path, {})

    assert message.startswith("content/courses/a/loop: the link leads in a circle\n    Remove the link.")
