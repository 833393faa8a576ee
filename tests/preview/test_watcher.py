"""The watcher merges bursts, skips temporary files and loses no save; code and settings need a new process."""

import shutil
from pathlib import Path

import pytest

from openknowledge.preview import watcher
from openknowledge.preview.watcher import FileWatcher, is_watched, needs_new_process

SOON_S = 60.0
"""How long a change may take on a busy machine; a test that passes never waits so long."""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("content", "theme", "package"):
        (tmp_path / name).mkdir()
    (tmp_path / "pelicanconf.py").write_text("")
    monkeypatch.setattr(watcher, "PACKAGE", tmp_path / "package")
    return tmp_path


def changes_until(saves: FileWatcher, *wanted: str) -> list[set[str]]:
    """Return the changes until all these paths are among them, and what comes at once after them."""
    changes: list[set[str]] = []
    while not set().union(*changes).issuperset(wanted) and (paths := saves.wait_for_changes(SOON_S)):
        changes.append(set(paths))
    while paths := saves.wait_for_changes(0.2):
        changes.append(set(paths))
    return changes


def all_of(saves: FileWatcher, *wanted: str) -> set[str]:
    return set().union(*changes_until(saves, *wanted))


def test_a_burst_of_saves_is_one_change_or_few(project):
    names = [f"content/{number}.md" for number in range(50)]
    with FileWatcher(project) as saves:
        for name in names:
            (project / name).write_text("words")
        changes = changes_until(saves, *names)

    assert len(changes) < 10


def test_saves_between_two_calls_come_with_the_next_call(project):
    with FileWatcher(project) as saves:
        (project / "content/a.md").write_text("one")
        assert all_of(saves, "content/a.md") == {"content/a.md"}
        (project / "content/b.md").write_text("two")
        (project / "content/a.md").write_text("three")

        assert all_of(saves, "content/a.md", "content/b.md") == {"content/a.md", "content/b.md"}


def test_a_draft_that_is_renamed_counts_and_the_draft_does_not(project):
    with FileWatcher(project) as saves:
        (project / "content/.a.md.swp").write_text("draft")
        (project / "content/a.md~").write_text("draft")
        (project / "content/a.md.tmp").write_text("words")
        (project / "content/a.md.tmp").rename(project / "content/a.md")

        assert all_of(saves, "content/a.md") == {"content/a.md"}


def test_a_removed_folder_is_a_change(project):
    (project / "content/courses").mkdir()
    (project / "content/courses/a.md").write_text("words")
    with FileWatcher(project) as saves:
        shutil.rmtree(project / "content/courses")

        assert "content/courses" in all_of(saves, "content/courses")


def test_without_a_save_there_is_no_change(project):
    with FileWatcher(project) as saves:
        assert saves.wait_for_changes(0.15) == ()


@pytest.mark.parametrize("name", ["pelicanconf.py", "package/views.py"])
def test_settings_and_code_need_a_new_process_though_they_are_saved_by_a_rename(project, name):
    with FileWatcher(project) as saves:
        (project / "draft").write_text("X = 1")
        (project / "draft").rename(project / name)

        assert needs_new_process(all_of(saves, name))


def test_a_content_folder_that_comes_back_needs_a_new_process(project):
    shutil.rmtree(project / "content")
    with FileWatcher(project) as saves:
        (project / "content").mkdir()

        assert needs_new_process(all_of(saves, "content"))


def test_texts_and_templates_need_no_new_process():
    assert not needs_new_process(("content/a.md", "theme/templates/base.html", "theme/static/js/main.js"))


@pytest.mark.parametrize(
    "path",
    ["content/.git/x", "content/a.md.swp", "content/#a.md#", "content/4913", "plugins/__pycache__/a.cpython.pyc"],
)
def test_files_that_editors_and_tools_leave_are_not_watched(path):
    assert not is_watched(path)
    assert is_watched("content/courses/a/index.md")
