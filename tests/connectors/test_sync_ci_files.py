"""The CI files propose what a sync changed: one request, with facts and numbers apart, or none."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from functools import partial
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import pytest
import yaml
from tests.site.small import ROOT

from openknowledge.preview.file_server import run_server

GITHUB = yaml.safe_load((ROOT / "docs/ci/github/sync.yml").read_text("utf-8"))
GITLAB = yaml.safe_load((ROOT / "docs/ci/gitlab/.gitlab-ci.yml").read_text("utf-8"))
STEPS = {
    step["name"].split()[0]: step["run"] for job in GITHUB["jobs"].values() for step in job["steps"] if "name" in step
}
FACTS, NUMBERS, POINTS = (
    f"content/snapshots/{name}" for name in ("youtube/videos-2026.jsonl", "youtube/views.csv", "enrollments/coding.csv")
)
SYNC = """\
#!/bin/sh
echo "$@" >> "$CALLED"
for file in $CHANGED; do mkdir -p "$(dirname "$file")"; echo "$STATUS $file" >> "$file"; done
if [ -n "$CHANGED" ]; then changed=true; else changed=false; fi
printf '{\\n "changed": %s\\n}\\n' "$changed" > sync.json
printf '## today\\n\\n' > sync.md
exit "$STATUS"
"""
GH = """\
#!/bin/sh
echo "$@" >> "$CALLED"
case "$*" in
    *"--jq length"*) echo "$OPEN" ;;
    "pr list"*) if [ "$OPEN" != 0 ]; then echo 7; fi ;;
    "pr view"*) printf '## yesterday\\n' ;;
    "pr edit"*|"pr create"*) for last; do :; done; cat "$last" > "$CALLED.text" ;;
esac
"""


def git(folder: Path, *arguments: str) -> str:
    command = ["git", "-c", "user.name=x", "-c", "user.email=x@example.net", *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True).stdout


class Forge:
    """A repository with a branch `main`, a clone of it, and programs that stand in for gh and for a sync."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.clone, self.bare = folder, folder / "clone", folder / "bare.git"
        self.called = folder / "called"

    @classmethod
    def create(cls, folder: Path) -> Forge:
        forge = cls(folder)
        git(folder, "init", "--quiet", "--bare", "--template=", "--initial-branch=main", str(forge.bare))
        git(folder, "clone", "--quiet", "--template=", str(forge.bare), str(forge.clone))
        git(forge.clone, "checkout", "--quiet", "-b", "main")
        forge.write({"content/pages/about.md": "about\n", ".gitignore": ".venv\n"}, "main")
        forge._install(forge.clone / ".venv/bin/python", SYNC)
        forge._install(folder / "bin/gh", GH)
        return forge

    def copy(self, folder: Path) -> Forge:
        """Copy the forge into an empty folder; the clone is one of the copied repository."""
        shutil.copytree(self.folder, folder, dirs_exist_ok=True)
        config = folder / "clone/.git/config"
        config.write_text(config.read_text().replace(str(self.bare), str(folder / "bare.git")))
        return Forge(folder)

    def _install(self, path: Path, text: str) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        path.chmod(0o755)

    def write(self, files: dict[str, str], branch: str) -> None:
        """Commit files to a branch of the repository."""
        for name, text in files.items():
            path = self.clone / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
            git(self.clone, "add", name)
        git(self.clone, "commit", "--quiet", "-m", "x")
        git(self.clone, "push", "--quiet", "--force", "origin", f"HEAD:{branch}")

    def run(self, script: str, *changed: str, status: int = 0, is_open: bool = False, **more: str) -> int:
        names = {
            "CHANGED": " ".join(changed),
            "STATUS": str(status),
            "OPEN": str(int(is_open)),
            "CALLED": str(self.called),
            "GITHUB_OUTPUT": str(self.folder / "outputs"),
            "GITHUB_STEP_SUMMARY": str(self.folder / "summary"),
            "FOLDER": str(self.clone),
            "BASE": "main",
            "GH_REPO": "o/r",
            "PATH": f"{self.folder / 'bin'}:{os.environ['PATH']}",
            # What is pushed to the forge goes to the repository beside it.
            "GIT_CONFIG_COUNT": "1",
            "GIT_CONFIG_KEY_0": f"url.{self.bare}.insteadOf",
            "GIT_CONFIG_VALUE_0": "https://github.com/o/r",
        }
        command = ["bash", "--noprofile", "--norc", "-e", "-o", "pipefail", "-c", script]
        done = subprocess.run(
            command, cwd=self.clone, env={**os.environ, **names, **more}, capture_output=True, text=True, check=False
        )
        self.output = done.stdout + done.stderr
        return done.returncode

    def is_changed(self) -> bool:
        return "changed=yes" in (self.folder / "outputs").read_text()

    def commits(self) -> list[tuple[str, set[str]]]:
        """Return the subjects of the branch's own commits, oldest first, with their files."""
        git(self.clone, "fetch", "--quiet", "origin", "sync")
        hashes = git(self.clone, "rev-list", "--reverse", "origin/main..FETCH_HEAD").split()
        shown = (git(self.clone, "show", "--format=%s", "--name-only", one).splitlines() for one in hashes)
        return [(subject, {*filter(None, files)}) for subject, *files in shown]

    def propose(self) -> int:
        """Run the job that pushes where the other one began, as a checkout of its own does."""
        for name in ("sync.patch", "sync.md", "sync.json"):
            if (self.clone / name).exists():
                (self.folder / name).write_bytes((self.clone / name).read_bytes())
        git(self.clone, "reset", "--quiet", "--hard")
        return self.run(STEPS["Open"], FOLDER=str(self.folder), is_open=self.is_open)

    is_open = False


@pytest.fixture(scope="module")
def new_forge(tmp_path_factory: pytest.TempPathFactory) -> Forge:
    """Return a forge as it was created, for copies of it."""
    return Forge.create(tmp_path_factory.mktemp("forge"))


@pytest.fixture
def forge(new_forge: Forge, tmp_path: Path) -> Forge:
    return new_forge.copy(tmp_path)


def test_facts_and_numbers_are_two_commits_of_one_pull_request(forge: Forge) -> None:
    assert forge.run(STEPS["Sync"], FACTS, NUMBERS, POINTS) == 0
    assert (forge.is_changed(), forge.propose()) == (True, 0)

    assert forge.commits() == [
        ("Update facts from the platforms", {FACTS}),
        ("Update numbers from the platforms", {NUMBERS, POINTS}),
    ]
    called = forge.called.read_text().splitlines()
    assert called[-1].startswith("pr create --head sync --base main")
    assert (forge.folder / "called.text").read_text() == "## today\n\n"


@pytest.mark.parametrize(
    ("files", "subject"),
    [((FACTS,), "Update facts from the platforms"), ((NUMBERS,), "Update numbers from the platforms")],
)
def test_a_commit_that_would_be_empty_is_left_out(files: tuple[str, ...], subject: str, forge: Forge) -> None:
    forge.run(STEPS["Sync"], *files)
    assert forge.propose() == 0

    assert forge.commits() == [(subject, {*files})]


def test_where_nothing_changed_nothing_is_proposed(forge: Forge) -> None:
    assert forge.run(STEPS["Sync"]) == 0

    assert not forge.is_changed()
    assert "needs.sync.outputs.changed == 'yes'" in GITHUB["jobs"]["propose"]["if"]


def test_an_open_pull_request_is_gone_on_from_and_keeps_its_text(forge: Forge) -> None:
    forge.run(STEPS["Sync"], FACTS)
    forge.propose()
    git(forge.clone, "reset", "--quiet", "--hard", "origin/main")
    forge.write({"content/pages/more.md": "more\n"}, "main")
    forge.is_open = True

    assert forge.run(STEPS["Go"], is_open=True) == 0
    assert forge.run(STEPS["Sync"], NUMBERS) == 0
    assert forge.propose() == 0

    assert [files for _, files in forge.commits()] == [{FACTS}, {NUMBERS}]
    assert "pr edit 7" in forge.called.read_text().splitlines()[-1]
    assert (forge.folder / "called.text").read_text() == "## today\n\n## yesterday\n"


def test_one_that_was_merged_closed_or_no_longer_fits_is_not(forge: Forge) -> None:
    forge.run(STEPS["Sync"], FACTS)
    forge.propose()
    git(forge.clone, "reset", "--quiet", "--hard", "origin/main")

    assert forge.run(STEPS["Go"], is_open=False) == 0
    assert git(forge.clone, "status", "--porcelain", "content") == ""
    forge.write({FACTS: "somebody else was here\n"}, "main")
    assert forge.run(STEPS["Go"], is_open=True) == 0
    assert "no longer fits" in forge.output
    assert git(forge.clone, "status", "--porcelain", "content") == ""


def test_no_code_of_the_branch_that_is_gone_on_from_is_taken(forge: Forge) -> None:
    git(forge.clone, "checkout", "--quiet", "-b", "sync")
    forge.write({"tasks.py": "evil\n", FACTS: "x\n"}, "sync")
    git(forge.clone, "checkout", "--quiet", "main")

    forge.run(STEPS["Go"], is_open=True)

    assert not (forge.clone / "tasks.py").exists()
    assert (forge.clone / FACTS).exists()


@pytest.mark.parametrize(("status", "ends"), [(0, 0), (1, 1), (2, 2), (3, 0), (130, 130)])
def test_a_sync_ends_as_docs_say_and_what_it_wrote_is_proposed(status: int, ends: int, forge: Forge) -> None:
    assert forge.run(STEPS["Sync"], FACTS, status=status) == ends
    assert forge.run(GITLAB["sync"]["script"][0], FACTS, status=status) == ends

    assert forge.is_changed()
    assert forge.called.read_text().splitlines() == ["-m invoke sync --json sync.json --report sync.md"] * 2


def test_what_pushes_has_no_secret_of_a_platform_and_what_asks_cannot_push() -> None:
    asks, pushes = (json.dumps(GITHUB["jobs"][name]) for name in ("sync", "propose"))

    assert "SYNC_TOKEN" not in asks and {*re.findall(r"secrets\.(\w+)", pushes)} == {"SYNC_TOKEN"}
    assert "invoke" not in pushes and "install.py" not in pushes and "setup-python" not in pushes
    assert all("write" not in job.get("permissions", {}).values() for job in GITHUB["jobs"].values())
    assert GITHUB["jobs"]["sync"]["environment"] != GITHUB["jobs"]["propose"]["environment"]
    assert GITLAB["sync"]["environment"] != GITLAB["sync:propose"]["environment"]
    assert GITLAB["sync:propose"]["before_script"] == [] and "SYNC_PUSH_TOKEN" not in json.dumps(GITLAB["sync"])


def test_a_sync_runs_on_a_schedule_and_by_hand_and_never_twice_at_once() -> None:
    # YAML takes the word `on` for true.
    assert {*GITHUB[True]} == {"schedule", "workflow_dispatch"}
    assert GITHUB["concurrency"]["cancel-in-progress"] is False
    rules = [GITLAB[name]["rules"][0] for name in ("sync", "sync:propose")]
    assert {rule["if"] for rule in rules} == {'$CI_PIPELINE_SOURCE == "schedule" && $SYNC == "yes"'}
    assert rules[1]["when"] == "always"
    assert {GITLAB[name]["resource_group"] for name in ("sync", "sync:propose")} == {"sync"}


class MergeRequestsHandler(BaseHTTPRequestHandler):
    """Fakes a forge's list of merge requests."""

    def __init__(self, *connection: Any, found: list[dict[str, Any]], heard: list[tuple[str, str, Any]]) -> None:
        self.found, self.heard = found, heard
        super().__init__(*connection)

    def do_GET(self) -> None:
        self._answer(self.found)

    def do_POST(self) -> None:
        data = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.heard.append((self.command, self.path, data))
        self._answer({})

    def do_PUT(self) -> None:
        self.do_POST()

    def _answer(self, data: Any) -> None:
        body = json.dumps(data).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


MERGE_REQUESTS = (
    pytest.param([], "POST", "## today\n\n", id="none is open"),
    pytest.param([{"iid": 7, "description": "## yesterday"}], "PUT", "## today\n\n## yesterday", id="one is open"),
    pytest.param([{"iid": 7, "description": None}], "PUT", "## today\n\n", id="one without a text is open"),
)


@pytest.mark.parametrize(("found", "method", "text"), MERGE_REQUESTS)
def test_gitlab_has_one_merge_request_that_is_added_to(found: Any, method: str, text: str, forge: Forge) -> None:
    heard: list[tuple[str, str, Any]] = []
    forge.run(GITLAB["sync"]["script"][0], FACTS, NUMBERS)
    git(forge.clone, "reset", "--quiet", "--hard")

    with run_server(partial(MergeRequestsHandler, found=found, heard=heard)) as address:
        names = {"CI_API_V4_URL": address, "CI_PROJECT_ID": "1", "SYNC_PUSH_TOKEN": "t", "CI_DEFAULT_BRANCH": "main"}
        names["CI_PROJECT_URL"] = "https://github.com/o/r"
        names["GIT_CONFIG_VALUE_0"] = "https://github.com/o/r.git"
        assert forge.run(GITLAB["sync:propose"]["script"][0], **names) == 0, forge.output

    ((used, path, words),) = heard
    assert (used, words["description"]) == (method, text)
    assert path == f"/projects/1/merge_requests{'/7' if found else ''}"
    assert [files for _, files in forge.commits()] == [{FACTS}, {NUMBERS}]


def test_gitlab_proposes_nothing_where_nothing_changed(forge: Forge) -> None:
    forge.run(GITLAB["sync"]["script"][0])

    assert forge.run(GITLAB["sync:propose"]["script"][0]) == 0
    assert git(forge.clone, "branch", "--remotes", "--list", "origin/sync") == ""


def test_the_operators_guide_names_the_files_and_says_why_another_token_is_needed() -> None:
    guide = (ROOT / "docs/operators.md").read_text("utf-8")

    assert "docs/ci/github/sync.yml" in guide
    assert "GITHUB_TOKEN" in guide and "CI_JOB_TOKEN" in guide
