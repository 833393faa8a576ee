"""An item gets another name: its files move, what names it is mended, and its old addresses lead to the new ones."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from openknowledge.editing.aliases import change_aliases
from openknowledge.editing.loading import load_site
from openknowledge.editing.rename import rename
from openknowledge.editing.terminal import CannotEdit
from openknowledge.problems import ContentProblems

ROOT = Path(__file__).parents[2]
FILES = {
    "courses/coding/index.md": (
        "title: Coding\nstrand: math  # la serie\n---\nSi veda [qui](#uno) e [sé](index.md).\n\n## Uno\n"
    ),
    "courses/coding/index.en.md": (
        "title: Coding\nslug: programming\naliases:\n  - /en/courses/vecchio/\n---\nText.\n\n## Uno\n"
    ),
    "courses/coding/notes.pdf": "%PDF-1.4",
    "courses/algebra/index.md": (
        "title: Algebra\nprerequisites: [coding]  # coding, non coding-2\n---\n"
        "[a](../coding/index.md#uno) [b]({filename}/courses/coding/index.md) [c](../coding/notes.pdf)\n"
        "[d](/corsi/coding/?x=1#uno) [e](/en/courses/programming/) [f][due] {counter:course/coding}\n\n"
        "[due]: ../coding/\n\n`[a](../coding/index.md)`\n\n```\n[a](../coding/index.md)\n```\n"
    ),
    "strands/math.md": "title: Math\n---\n",
    "press/2026/uno.md": (
        "title: Uno\npublished: '2026-03-01'\nmentions:\n- course/coding   # il corso\n---\n"
        "[g](../../courses/coding/index.md)\n"
    ),
    "initiatives/nave.md": "title: Nave\nstarts: 2020\n---\n",
    "hub/article/due.md": "title: Due\ninitiative: nave\npublished: 2020\n---\n",
    "redirects.yaml": "- {from: /vecchi/, to: /corsi/coding/}  # resta\n",
    "snapshots/addresses.txt": "/corsi/coding/\n/en/courses/programming/\n/stampa/2026/uno/\n",
    "snapshots/enrollments/coding.csv": "# source: noi\nday,total\n2020-01-01,10\n",
}


@pytest.fixture
def content(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A small project with a course that others name in every way."""
    monkeypatch.chdir(tmp_path)
    shutil.copyfile(ROOT / "pelicanconf.py", tmp_path / "pelicanconf.py")
    (tmp_path / "theme").symlink_to(ROOT / "theme")
    for path, text in FILES.items():
        file = tmp_path / "content" / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(f"---\n{text}" if path.endswith(".md") else text)
    return tmp_path / "content"


def read(content: Path) -> dict[str, str]:
    return {path.relative_to(content).as_posix(): path.read_text() for path in content.rglob("*") if path.is_file()}


def test_a_course_takes_its_files_its_series_and_all_that_names_it_along(content: Path) -> None:
    rename("course/coding", "programmare")
    after = read(content)

    assert [path for path in after if "coding" in path] == []
    assert after["courses/programmare/notes.pdf"] == FILES["courses/coding/notes.pdf"]
    assert after["snapshots/enrollments/programmare.csv"] == FILES["snapshots/enrollments/coding.csv"]
    assert after["courses/programmare/index.md"] == "---\n" + FILES["courses/coding/index.md"].replace(
        "serie\n", "serie\naliases: [/corsi/coding/]\n"
    )
    assert after["courses/algebra/index.md"] == (
        "---\ntitle: Algebra\nprerequisites: [programmare]  # coding, non coding-2\n---\n"
        "[a](../programmare/index.md#uno) [b]({filename}/courses/programmare/index.md) [c](../programmare/notes.pdf)\n"
        "[d](/corsi/programmare/?x=1#uno) [e](/en/courses/programming/) [f][due] {counter:course/programmare}\n\n"
        "[due]: ../programmare/\n\n`[a](../coding/index.md)`\n\n```\n[a](../coding/index.md)\n```\n"
    )
    assert "- course/programmare   # il corso" in after["press/2026/uno.md"]
    assert "[g](../../courses/programmare/index.md)" in after["press/2026/uno.md"]
    assert after["redirects.yaml"] == "- {from: /vecchi/, to: /corsi/programmare/}  # resta\n"
    assert load_site().problems == ()


def test_a_page_whose_address_stays_gets_no_alias(content: Path) -> None:
    """The English page has a slug of its own."""
    rename("content/courses/coding", "programmare")

    assert read(content)["courses/programmare/index.en.md"] == "---\n" + FILES["courses/coding/index.en.md"]


def test_a_name_taken_back_takes_its_alias_back(content: Path) -> None:
    rename("content/courses/coding/index.md", "course/programmare")
    rename("course/programmare", "coding")

    assert "aliases: [/corsi/programmare/]" in read(content)["courses/coding/index.md"]
    assert load_site().problems == ()


def test_a_release_takes_its_year_along_and_its_links_still_lead_there(content: Path) -> None:
    rename("press/uno", "press/2025/primo")
    after = read(content)["press/2025/primo.md"]

    assert "published: '2025-03-01'\n" in after
    assert "aliases: [/stampa/2026/uno/]" in after
    assert "[g](../../courses/coding/index.md)" in after


def test_pages_that_have_the_name_in_their_address_get_aliases_too(content: Path) -> None:
    rename("initiative/nave", "barca")
    after = read(content)

    assert "initiative: barca\n" in after["hub/article/due.md"]
    assert re.search(r"aliases: \[/.*nave/.*due/\]", after["hub/article/due.md"])


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("course/coding", "algebra", "already something called course/algebra"),
        ("course/nothing", "x", 'no item "course/nothing"'),
        ("course/coding", "Not So", "cannot be part of an address"),
        ("course/coding", "topics/coding", "stays a course"),
        ("page/home", "casa", "found by its name"),
    ],
)
def test_what_cannot_be_done_changes_nothing(content: Path, old: str, new: str, reason: str) -> None:
    (content / "pages").mkdir(exist_ok=True)
    (content / "pages/home.md").write_text("---\ntitle: Casa\n---\n")
    before = read(content)

    with pytest.raises(CannotEdit, match=reason):
        rename(old, new)
    assert read(content) == before


def test_content_with_problems_is_not_renamed(content: Path) -> None:
    (content / "strands/math.md").write_text("---\ntitel: x\n---\n")
    before = read(content)

    with pytest.raises(ContentProblems, match="Nothing was changed"):
        rename("course/coding", "programmare")
    assert read(content) == before


def test_a_disk_that_refuses_in_the_middle_has_all_as_it_was(content: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before, real = read(content), Path.replace

    def refuse(self: Path, target: Path) -> Path:
        if target.name == "uno.md" and ".rename-" not in str(target):
            raise OSError(28, "No space left on device")
        return real(self, target)

    monkeypatch.setattr(Path, "replace", refuse)

    with pytest.raises(CannotEdit, match="Nothing was renamed: No space left"):
        rename("course/coding", "programmare")
    assert read(content) == before


def test_no_copy_is_left_beside_the_content(content: Path) -> None:
    rename("course/coding", "programmare")

    assert {path.name for path in content.parent.iterdir()} <= {
        "content",
        "theme",
        "pelicanconf.py",
        ".cache",
        "__pycache__",
    }


ALIASES: dict[str, tuple[str, list[str], list[str], str]] = {
    "none yet": ("title: A\n", ["/a/"], [], "title: A\naliases: [/a/]\n"),
    "in brackets": ("aliases: [ /b/ ]  # due\ntitle: A\n", ["/a/"], [], "aliases: [ /b/, /a/ ]  # due\ntitle: A\n"),
    "empty brackets": ("aliases: []\ntitle: A\n", ["/a/"], [], "aliases: [/a/]\ntitle: A\n"),
    "by dashes": ("aliases:\n  - /b/  # due\ntitle: A\n", ["/a/"], [], "aliases:\n  - /b/  # due\n  - /a/\ntitle: A\n"),
    "there already": ("aliases: [/a/]\n", ["/a/"], [], "aliases: [/a/]\n"),
    "taken away": ("title: A\naliases: [/a/]\nweeks: 1\n", [], ["/a/"], "title: A\nweeks: 1\n"),
    "exchanged": ("aliases:\n- /a/\n- /c/\n", ["/b/"], ["/a/"], "aliases: [/c/, /b/]\n"),
    "with a blank": ("title: A\n", ["/a b/"], [], 'title: A\naliases: ["/a b/"]\n'),
}


@pytest.mark.parametrize(("front", "added", "removed", "expected"), ALIASES.values(), ids=ALIASES)
@pytest.mark.parametrize("end", [str, lambda text: text.replace("\n", "\r\n")], ids=["unix", "windows"])
def test_aliases_are_written_in_the_form_that_the_file_has(
    front: str, added: list[str], removed: list[str], expected: str, end: Callable[[str], str]
) -> None:
    assert change_aliases(end(f"---\n{front}---\nx\n"), added, removed) == end(f"---\n{expected}---\nx\n")
