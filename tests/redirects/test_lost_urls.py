"""Lost URLs, and the problems that suggest what to write about them."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from tests.redirects.builders import a_page, the_patterns

from openknowledge.redirects.lost_urls import Suggester, find_lost
from openknowledge.redirects.renamed_items import RenameHistory
from openknowledge.redirects.sources import parse_published
from openknowledge.redirects.table import Redirect

REDIRECTS = "content/redirects.yaml"


def test_served_and_redirected_addresses_are_not_lost() -> None:
    addresses = ["/corsi/", "/corsi/old/", "/corsi/gone/", "/corsi/lost/"]
    redirects = [Redirect("/corsi/old", target="/corsi/"), Redirect("/corsi/gone/")]

    assert find_lost(addresses, {"/corsi/"}, redirects) == ("/corsi/lost/",)


def test_a_redirect_for_one_query_does_not_answer_the_address() -> None:
    assert find_lost(["/a.php"], set(), [Redirect("/a.php", "id=1", "/x/")]) == ("/a.php",)


def test_lost_addresses_are_normalized_sorted_and_listed_once() -> None:
    assert find_lost(["/b/", "/a", "/a/", "/a/index.html"], set(), ()) == ("/a/", "/b/")


def test_a_file_of_addresses_has_remarks_and_empty_lines_and_mistakes_with_lines() -> None:
    rows = list(parse_published("# remark\n\n/corsi/\n  /perch%C3%A9\nhttps://x.it/\n", "a.txt"))

    assert rows[:2] == ["/corsi/", "/perché/"]
    assert str(rows[2]).startswith('a.txt:5: "https://x.it/" is not an address')


SERVED = {
    "/corsi/programmare/": a_page("course/programmare", path="content/courses/programmare/index.md"),
    "/en/courses/programming/": a_page("course/programmare", "en", "content/courses/programmare/index.en.md"),
    "/corsi/algebra/": a_page("course/algebra", path="content/courses/algebra/index.md"),
    "/video/lezione-uno/": a_page("video/lezione-uno"),
}


def suggest(address: str, *files: str) -> str:
    asked: list[tuple[str, str, str]] = []

    def find_files(*parts: str) -> tuple[str, ...]:
        asked.append(parts)
        return files if parts == ("course", "coding", parts[2]) else ()

    return str(Suggester(the_patterns(), SERVED, REDIRECTS, find_files).problem(address))


def test_a_renamed_item_is_told_at_its_file_with_the_alias_to_add() -> None:
    message = suggest("/corsi/coding/", "content/courses/programmare/index.md")

    assert message.startswith("content/courses/programmare/index.md: aliases: /corsi/coding/ was published once")
    assert 'add here "aliases: [/corsi/coding/]"' in message
    assert '"- {from: /corsi/coding/, gone: true}"' in message


def test_the_problem_of_an_english_address_is_at_the_english_file() -> None:
    message = suggest("/en/courses/coding/", "content/courses/programmare/index.en.md")

    assert message.startswith("content/courses/programmare/index.en.md: aliases: ")


@pytest.mark.parametrize(
    "files",
    [
        (),
        ("content/courses/programmare/index.md", "content/courses/algebra/index.md"),
        ("content/courses/programmare/index.en.md",),
        ("content/courses/removed/index.md",),
    ],
    ids=["nothing is known", "two files", "a file of another language", "a file that is no page"],
)
def test_where_it_is_not_certain_no_item_is_named(files: tuple[str, ...]) -> None:
    message = suggest("/corsi/coding/", *files)

    assert message.startswith(f"{REDIRECTS}: /corsi/coding/ was published once")
    assert "programmare" not in message
    assert "algebra" not in message
    assert 'add to the file of that page "aliases: [/corsi/coding/]"' in message
    assert '"- {from: /corsi/coding/, to: /…/}"' in message


def test_a_lone_new_page_is_not_taken_for_the_lost_one() -> None:
    assert suggest("/video/lezione-1/").startswith(f"{REDIRECTS}: ")


COURSE = (
    "---\ntitle: Coding\nabstract: Dall'inizio.\n---\nIl testo del corso, abbastanza lungo per essere riconosciuto.\n"
)
GLOBS = {"course": "courses/*/*.md", "press": "press/*/*.md"}


@pytest.fixture
def content(tmp_path: Path) -> Path:
    """A repository with a course and a release, committed."""
    folder = tmp_path / "content"
    for path, text in (
        ("courses/coding/index.md", COURSE),
        ("press/2026/uno.md", "---\ntitle: Uno\nslug: primo\n---\n"),
    ):
        (folder / path).parent.mkdir(parents=True)
        (folder / path).write_text(text)
    for arguments in (["init", "-q"], ["add", "."], ["commit", "-qm", "one"]):
        run_git(tmp_path, *arguments)
    return folder


def run_git(folder: Path, *arguments: str) -> str:
    names = ("-c", "user.name=x", "-c", "user.email=x@example.org", "-c", "commit.gpgsign=false")
    command = ["git", "-C", str(folder), *names, *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


@pytest.mark.parametrize("is_committed", [False, True])
def test_git_knows_a_renamed_folder_before_and_after_it_is_committed(content: Path, is_committed: bool) -> None:
    (content / "courses/coding").rename(content / "courses/programmare")
    (content / "courses/programmare/index.md").write_text(COURSE.replace("title: Coding", "title: Programmare"))
    if is_committed:
        run_git(content, "add", "--all", ".")
        run_git(content, "commit", "-qm", "two")

    assert RenameHistory(content).files_of(GLOBS, "course", "coding", "") == ("content/courses/programmare/index.md",)
    assert RenameHistory(content).files_of(GLOBS, "course", "coding", "en") == ()
    if not is_committed:
        assert run_git(content, "diff", "--cached") == ""


def test_a_file_that_was_renamed_twice_is_found_where_it_is_now(content: Path) -> None:
    for old, new in (("coding", "due"), ("due", "tre")):
        run_git(content, "mv", f"courses/{old}", f"courses/{new}")
        run_git(content, "commit", "-qm", new)

    assert RenameHistory(content).files_of(GLOBS, "course", "coding", "") == ("content/courses/tre/index.md",)


def test_git_knows_which_file_had_a_slug_that_it_has_no_more(content: Path) -> None:
    path = content / "press/2026/uno.md"
    path.write_text(path.read_text().replace("primo", "unico"))
    run_git(content, "commit", "-qam", "two")

    assert RenameHistory(content).files_of(GLOBS, "press", "primo", "") == ("content/press/2026/uno.md",)
    assert RenameHistory(content).files_of(GLOBS, "press", "unico", "") == ()


def test_without_a_repository_nothing_is_known(tmp_path: Path) -> None:
    assert RenameHistory(tmp_path).files_of(GLOBS, "course", "coding", "") == ()
