"""`invoke explain`: why a page was made, in the words of an editor."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.site.small import build, small_content

from openknowledge.engine.explain import main


@pytest.fixture(scope="module")
def edited(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small site that was built, and built again after one word of a course."""
    folder = tmp_path_factory.mktemp("explained")
    content, output, cache = small_content(folder), folder / "output", f'CACHE_PATH="{folder / "cache"}"'
    build(content, output, cache)
    course = next(path for path in sorted((content / "courses").glob("*/index.md")))
    course.write_text(course.read_text("utf-8") + "\nUna parola in più.\n", "utf-8")
    build(content, output, cache)
    return course


def explained(edited: Path, url: str, capsys: pytest.CaptureFixture[str]) -> list[str]:
    folder = edited.parents[3]
    main([url, "--output", str(folder / "output"), "--cache", str(folder / "cache")])
    return capsys.readouterr().out.splitlines()


def test_a_page_was_made_because_of_a_field_of_a_file(edited: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lines = explained(edited, f"/corsi/{edited.parent.name}/", capsys)

    causes = lines[lines.index("Made the last time because") + 1 : lines.index("It depends on")]
    assert len(causes) == 1
    assert f"content/courses/{edited.parent.name}/index.md" in causes[0]
    assert causes[0].endswith("– text (it)")


def test_a_page_depends_on_its_file_its_template_and_the_words_of_its_language(
    edited: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = "\n".join(explained(edited, f"/corsi/{edited.parent.name}/", capsys))

    assert "theme/locale/it/LC_MESSAGES/messages.po" in text
    assert "course.html (it)" in text
    assert "site.css" in text


def test_a_page_that_nothing_touched_was_made_because_it_was_new(
    edited: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert "    it was not there before" in explained(edited, "/en/", capsys)


def test_an_address_that_was_not_made_is_told_with_a_way_on(edited: Path) -> None:
    with pytest.raises(SystemExit, match="made no such file"):
        main(["/nowhere/", "--output", str(edited.parents[3] / "output")])


def test_a_folder_that_was_never_built_is_told(tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match="nothing has been built here"):
        main(["/", "--output", str(tmp_path)])
