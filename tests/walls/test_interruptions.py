"""An interruption ends a build or a publication with its own status, leaves no process, and costs nothing."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from tests.chance import Chance
from tests.site import small
from tests.site.small import ROOT, SiteBuild
from tests.site.warm import run_pelican

SIGNALS = (signal.SIGINT, signal.SIGTERM)
TIMES = 100
"""How often each signal is sent in a thorough run; a quick one sends one of them once."""
PUBLISH_SETTINGS = """
import os
from pelicanconf import *
SITEURL = "https://openknowledge.example.edu"
BUILD_DATE = "2026-01-10"
BUILD_EXECUTOR, BUILD_WORKERS = os.environ.get("EXECUTOR", "spawn"), 2
PUBLISH_TARGET = {"kind": "directory", "path": "place"}
PUBLISH_READ_BACK_URL = ""
"""
ALONE = {**os.environ, "EXECUTOR": "inline"}
"""For publications that nobody interrupts: workers would only take their time to start."""


def interrupted(command: list[str], folder: Path, number: signal.Signals, after_s: float) -> int:
    """Run a command that gets a signal after some time; return its status as a shell sees it."""
    process = subprocess.Popen(
        command, cwd=folder, start_new_session=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    time.sleep(after_s)
    process.send_signal(number)
    status = process.wait(120)
    assert left_over(process.pid) == []
    return status if status >= 0 else 128 - status


def left_over(session: int) -> list[str]:
    """Return the processes of a session that do not end by themselves soon."""
    for _ in range(100):
        found = [path.name for path in Path("/proc").glob("[0-9]*") if session_of(path) == session]
        if not found:
            return []
        time.sleep(0.1)
    return found


def session_of(process: Path) -> int:
    try:
        return os.getsid(int(process.name))
    except OSError:
        return 0


def test_an_interrupted_build_says_so_and_the_next_one_is_right(
    tmp_path: Path, small_site: SiteBuild, chance: Chance
) -> None:
    content, output = small.small_content(tmp_path), tmp_path / "output"
    command = [sys.executable, "-m", "pelican", str(content), "-s", str(ROOT / "pelicanconf.py"), "-o", str(output)]
    options = ("-e", f'BUILD_DATE="{small.TODAY}"', f'CACHE_PATH="{tmp_path}/cache"', 'BUILD_EXECUTOR="spawn"')
    for number in SIGNALS if chance.is_thorough else chance.sample(SIGNALS, 1):
        statuses = set()
        for _ in range(TIMES if chance.is_thorough else 1):
            shutil.rmtree(output, ignore_errors=True)
            statuses.add(interrupted([*command, *options, "BUILD_WORKERS=2"], ROOT, number, chance.uniform(0.1, 2.5)))

        assert statuses <= {128 + number, 0}
        assert small.build(content, output).returncode == 0
        assert small.digest(output) == small.digest(small_site.output)


def git(project: Path, *arguments: str) -> None:
    identity = ("-c", "user.name=Test", "-c", "user.email=test@example.edu")
    subprocess.run(["git", *identity, *arguments], cwd=project, check=True, capture_output=True)


def test_a_publication_never_takes_an_older_site_for_this_commits(
    tmp_path: Path, chance: Chance, monkeypatch: pytest.MonkeyPatch
) -> None:
    small.small_content(tmp_path)
    small.share_templates(tmp_path / ".cache")
    for name in ("pelicanconf.py", "theme", "plugins"):
        (tmp_path / name).symlink_to(ROOT / name)
    (tmp_path / "publishconf.py").write_text(PUBLISH_SETTINGS)
    (tmp_path / ".gitignore").write_text("output\n.cache\nplace\n*.json\n")
    git(tmp_path, "init", "--quiet")
    git(tmp_path, "add", "-A")
    git(tmp_path, "commit", "--quiet", "-m", "First")
    with monkeypatch.context() as patch:
        patch.setenv("EXECUTOR", "inline")
        run_pelican(["content", "-s", "publishconf.py", "-o", "output"], tmp_path)
    command = [sys.executable, "-m", "openknowledge.publish", "publish", "--json", "result.json"]
    first = subprocess.run(command, cwd=tmp_path, env=ALONE, capture_output=True, text=True, check=False)
    assert first.returncode == 0, first.stdout + first.stderr
    for edition, number in enumerate(SIGNALS * TIMES if chance.is_thorough else chance.sample(SIGNALS, 1)):
        edit_and_interrupt(command, tmp_path, edition, number, chance.uniform(0.1, 4))


def edit_and_interrupt(command: list[str], project: Path, edition: int, number: signal.Signals, after_s: float) -> None:
    """Commit an edit and interrupt its publication; the next one shows it."""
    page = project / "content/courses/algebra/index.md"
    page.write_text(page.read_text("utf-8") + f"\nEdizione {edition}.\n", "utf-8")
    git(project, "commit", "--quiet", "-am", f"Edition {edition}")
    result = project / "result.json"
    result.unlink(missing_ok=True)
    status = interrupted(command, project, number, after_s)
    assert status in (128 + number, 0), status
    # A signal before the command line is read leaves none.
    assert not result.exists() or json.loads(result.read_text())["status"] != "nothing-to-do"
    published = subprocess.run(command, cwd=project, env=ALONE, capture_output=True, text=True, check=False)
    # An interruption after the switch leaves nothing to do; the page below says whether that is true.
    assert published.returncode in (0, 10), published.stderr
    shown = (project / "place/current/corsi/algebra/index.html").read_text("utf-8")
    assert f"Edizione {edition}." in shown
