"""What is read stays inside the project: files, links and folders of the content."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest
from tests.builders import COURSE, LANGS, a_language, problems, settings_for, write

from openknowledge.catalogue.assemble import assemble
from openknowledge.catalogue.kinds import KINDS
from openknowledge.content.parse_cache import ParseCache
from openknowledge.engine.build_inputs import FileTree, scan
from openknowledge.project_files import FileLimits, FileRefused, is_project_file, read_project_file

SECRET = "SEKRET"
BESIDE = "courses/algebra/extra.txt"
LINK = {"courses/algebra/index.md": f"{COURSE}[f]({{static}}extra.txt)\n", "courses/algebra/index.en.md": COURSE}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Return a project with a secret beside it."""
    (tmp_path / "secret.txt").write_text(SECRET)
    root = tmp_path / "project"
    write(root, {"courses/algebra/index.md": COURSE})
    return root


def test_a_link_inside_the_project_is_followed(project: Path) -> None:
    (project / "theme").mkdir()
    (project / "theme/a.txt").write_text("a")
    link = project / "content/a.txt"
    link.symlink_to("../theme/a.txt")

    assert read_project_file(link, project / "content") == b"a"
    assert "a.txt" in FileTree(project / "content", scan(project / "content"))


@pytest.mark.parametrize("target", ["/proc/self/environ", "/etc/passwd", "../../../../secret.txt", "/dev/zero", "/"])
def test_a_link_out_of_the_project_is_named_and_never_read(project: Path, target: str) -> None:
    (project / "content" / BESIDE).symlink_to(target)

    (message,) = problems(project, {})

    assert message.startswith(f"content/{BESIDE}: it leads out of the project\n")
    with pytest.raises(FileRefused):
        read_project_file(project / "content" / BESIDE, project / "content")


@pytest.mark.parametrize("target", ["/proc/self/environ", "../../../../secret.txt"])
def test_a_text_cannot_publish_what_a_link_leads_to(project: Path, target: str) -> None:
    (project / "content" / BESIDE).symlink_to(target)

    messages = problems(project, dict(LINK))

    refused = 'the link "{static}extra.txt" leads to a file that is not read: it leads out of the project'
    assert any(refused in message for message in messages)


def test_a_picture_that_is_a_link_out_of_the_project_is_refused(project: Path) -> None:
    (project / "content/courses/algebra/pic.png").symlink_to("/etc/passwd")
    course = COURSE.replace("---\nUn", "image: {src: pic.png, alt: {it: x, en: x}}\n---\nUn")

    messages = problems(project, {"courses/algebra/index.md": course})

    refused = 'image.src: the picture "pic.png" leads to a file that is not read: it leads out of the project'
    assert any(refused in message for message in messages)


def test_a_folder_that_is_a_link_out_of_the_project_is_named_once(project: Path, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere/evil.md").write_text(COURSE)
    (project / "content/courses/evil").symlink_to(tmp_path / "elsewhere")

    (message,) = problems(project, {})

    assert message.startswith("content/courses/evil: it leads out of the project\n")


def test_a_markdown_file_that_is_a_link_out_of_the_project_is_refused(project: Path, tmp_path: Path) -> None:
    (project / "content/courses/evil.md").symlink_to(tmp_path / "secret.txt")

    assert [one.split(":")[0] for one in problems(project, {})] == ["content/courses/evil.md"]


@pytest.mark.parametrize("target", [".", "..", "../..", "loop", "../algebra"])
def test_links_in_a_circle_end_with_a_sentence(project: Path, target: str) -> None:
    (project / "content/courses/algebra/loop").symlink_to(target)

    (message,) = problems(project, {})

    assert message.startswith("content/courses/algebra/loop: the link leads in a circle\n")


def test_linked_folders_that_link_to_each_other_are_not_walked_without_end(project: Path) -> None:
    content = project / "content"
    for number in range(12):
        folder = content / f"f{number}"
        folder.mkdir()
        for name in ("a", "b"):
            (folder / name).symlink_to(f"../f{number + 1}")
    (content / "f12").mkdir()

    assert len(scan(content)) < 200


def test_a_link_to_a_hidden_file_of_the_project_is_refused(project: Path) -> None:
    (project / ".env").write_text(SECRET)
    (project / "content" / BESIDE).symlink_to("../../../.env")

    (message,) = problems(project, {})

    assert message.startswith(f"content/{BESIDE}: it leads to a hidden file or folder\n")


def test_a_hidden_file_of_the_content_cannot_be_linked_to(project: Path) -> None:
    (project / "content/courses/algebra/.env").write_text(SECRET)
    course = f"{COURSE}[f]({{static}}.env)\n"

    (message,) = problems(project, {"courses/algebra/index.md": course})

    assert 'the link "{static}.env" leads to no file' in message


def test_pipes_and_sockets_are_named_and_do_not_hold_the_build(project: Path) -> None:
    os.mkfifo(project / "content/courses/pipe.md")
    with socket.socket(socket.AF_UNIX) as server:
        here = Path.cwd()
        os.chdir(project)
        try:
            server.bind("content/courses/socket.md")
        finally:
            os.chdir(here)
        messages = problems(project, {})

    assert [message.partition("\n")[0] for message in messages] == [
        "content/courses/pipe.md: it is not a file but a pipe, a socket or a device",
        "content/courses/socket.md: it is not a file but a pipe, a socket or a device",
    ]


def test_a_text_of_many_megabytes_is_refused(project: Path) -> None:
    with (project / "content/courses/algebra/index.en.md").open("wb") as file:
        file.truncate(3 * 1024**2)

    (message,) = problems(project, {})

    assert message.startswith(
        "content/courses/algebra/index.en.md: it is too large: 3.0 MB, where 2.0 MB are allowed\n"
    )


@pytest.mark.parametrize("name", ["a\nb.md", "a\x1b[31mb.md", "a\u202eb.md", "a\\b.md", "x" * 201 + ".md", b"\xff.md"])
def test_names_that_cannot_be_shown_are_named_in_escapes(project: Path, name: str | bytes) -> None:
    folder = os.fsencode(project / "content/courses")
    Path(os.fsdecode(folder + b"/" + os.fsencode(name))).write_text(COURSE)

    (message,) = problems(project, {})

    assert message.startswith("content/courses/")
    assert "its name" in message
    assert message.partition("\n")[0].isprintable()


def test_a_file_that_is_exchanged_for_a_link_while_it_is_read_is_refused(project: Path, tmp_path: Path) -> None:
    content = project / "content"
    stamps = scan(content)
    (content / "courses/algebra/index.md").unlink()
    (content / "courses/algebra/index.md").symlink_to(tmp_path / "secret.txt")

    assert FileTree(content, stamps).digest("courses/algebra/index.md") == b""
    assert not is_project_file("courses/algebra/index.md", content)


def test_a_folder_that_is_exchanged_for_a_link_is_refused(project: Path, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere/index.md").write_text(SECRET)
    (project / "content/linked").symlink_to(tmp_path / "elsewhere")

    with pytest.raises(FileRefused, match="out of the project"):
        read_project_file(project / "content/linked/index.md", project / "content")


def test_a_link_that_was_added_since_the_last_sound_build_is_named(project: Path) -> None:
    cache = ParseCache(None)
    settings, languages = settings_for(project / "content"), {lang: a_language(lang) for lang in LANGS}
    assert assemble(settings, KINDS, languages, cache=cache).problems == ()
    (project / "content" / BESIDE).symlink_to("/etc/passwd")

    problems = assemble(settings, KINDS, languages, cache=cache).problems

    assert [problem.path for problem in problems] == [f"content/{BESIDE}"]


def test_a_limit_of_the_settings_is_the_one_that_counts(project: Path) -> None:
    content, name = project / "content", "courses/algebra/extra.bin"
    (content / name).write_bytes(b"x" * 11)

    assert name not in FileTree(content, scan(content), limits=FileLimits(media=10))
    assert name in FileTree(content, scan(content), limits=FileLimits(media=11))
    assert read_project_file(content / name, content, 11) == b"x" * 11
    with pytest.raises(FileRefused, match="too large"):
        read_project_file(content / name, content, 10)
