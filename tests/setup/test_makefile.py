"""`make` lists every task, before anything is installed."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest
from invoke.loader import FilesystemLoader

ROOT = Path(__file__).resolve().parents[2]

pytestmark = pytest.mark.skipif(shutil.which("make") is None, reason="make is not installed")


def make(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["make", *arguments], cwd=folder, capture_output=True, text=True, check=False)


@pytest.fixture
def bare_checkout(tmp_path: Path) -> Path:
    """Return a checkout of the project without an environment."""
    for name in ("Makefile", "tasks.py"):
        shutil.copy(ROOT / name, tmp_path)
    shutil.copytree(ROOT / "requirements", tmp_path / "requirements")
    return tmp_path


def task_lines(listing: str) -> dict[str, str]:
    return dict(re.findall(r"^  (\S+) +(\S.*)$", listing, flags=re.MULTILINE))


def tasks():
    module, _ = FilesystemLoader(start=str(ROOT)).load("tasks")
    return {name: task for name, task in vars(module).items() if hasattr(task, "is_default")}


def test_make_alone_lists_each_task_with_its_line_before_there_is_an_environment(bare_checkout):
    listed = task_lines(make(bare_checkout).stdout)

    assert set(listed) == {"site", *tasks()}
    assert {name: task.__doc__ for name, task in tasks().items()} == {
        name: line for name, line in listed.items() if name != "site"
    }
    assert not (bare_checkout / ".venv").exists()


def test_every_task_has_a_docstring_of_a_single_line():
    assert all(task.__doc__ and "\n" not in task.__doc__ for task in tasks().values())


def test_a_python_that_is_too_old_or_missing_is_named_with_what_to_do(bare_checkout):
    old = bare_checkout / "old-python"
    old.write_text("#!/bin/sh\nexit 1\n")
    old.chmod(0o755)

    for python in (str(old), "no-such-python"):
        answer = make(bare_checkout, "site", f"PYTHON={python}")

        assert answer.returncode != 0
        assert f'Python 3.11 or newer is needed, and "{python}" is not that.' in answer.stderr
        assert "PYTHON=python3.12" in answer.stderr


@pytest.mark.parametrize(
    ("task", "level"),
    [("build", "run"), ("check", "run"), ("publish", "publish"), ("rollback", "publish"), ("test", "develop")],
)
def test_each_task_has_what_it_takes_installed_and_no_more(bare_checkout, task, level):
    commands = make(bare_checkout, "--dry-run", task).stdout

    assert f"requirements/install.py {level}\n" in commands
