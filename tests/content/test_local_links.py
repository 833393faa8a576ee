"""What the links and pictures of a text mean: files of content/, or other sites."""

from __future__ import annotations

import pytest
from tests.builders import a_course

from openknowledge.content.checks import find_local_links, list_media, resolve_path
from openknowledge.content.markdown.render import render_markdown
from openknowledge.model.course import CourseWords

HERE = "content/courses/algebra/index.md"


@pytest.mark.parametrize(
    ("text", "file", "has_prefix"),
    [
        ("[a]({filename}/courses/b/index.md#part)", "content/courses/b/index.md", True),
        ("[a]({static}a.pdf)", "content/courses/algebra/a.pdf", True),
        ("[a]({attach}../a.pdf)", "content/courses/a.pdf", True),
        ("![a](a.png)", "content/courses/algebra/a.png", False),
        ("![a]({static}/a.png)", "content/a.png", True),
        ("[a](https://example.org/a.pdf)", "", False),
        ("[a](a.pdf)", "", False),
        ("[a](#part)", "", False),
    ],
)
def test_a_picture_and_a_link_with_a_prefix_mean_a_file(text: str, file: str, has_prefix: bool) -> None:
    (link,) = find_local_links(render_markdown(text).html, HERE)

    assert (link.file, link.has_prefix) == (file, has_prefix)
    assert link.path_in_content == file.removeprefix("content/")


def test_links_and_pictures_are_in_the_order_of_the_text() -> None:
    links = find_local_links(render_markdown("[a]({static}a.pdf) ![b](b.png) [c](https://example.org/)").html, HERE)

    assert [(link.attribute, link.target) for link in links] == [
        ("href", "{static}a.pdf"),
        ("src", "b.png"),
        ("href", "https://example.org/"),
    ]


def test_the_media_of_a_record_are_the_pictures_and_files_of_its_texts() -> None:
    text = "![b](b.png) [a]({static}/a.pdf) [other]({filename}/courses/b/index.md) [web](https://example.org/c.pdf)"
    course = a_course(
        "algebra", words={"it": CourseWords(title="Algebra", body=render_markdown(text).html)}, files=(HERE,)
    )

    assert list_media(course) == {"courses/algebra/b.png", "a.pdf"}


@pytest.mark.parametrize(
    ("target", "file"),
    [
        ("a.png", "content/courses/algebra/a.png"),
        ("./a.png", "content/courses/algebra/a.png"),
        ("../b/a.png", "content/courses/b/a.png"),
        ("/a.png", "content/a.png"),
        ("../../../../a.png", "a.png"),
    ],
)
def test_a_path_is_relative_to_its_file_or_to_the_content_folder(target: str, file: str) -> None:
    assert resolve_path(HERE, target) == file
