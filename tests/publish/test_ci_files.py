"""The files for CI call what exists, have few permissions, and handle every exit status."""

from __future__ import annotations

import ast
import json
import os
import re
import stat
import subprocess
from collections.abc import Iterator
from functools import cache, partial
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import pytest
import yaml
from tests.site.small import ROOT

from openknowledge.preview.file_server import run_server

CI = ROOT / "docs/ci"
WORKFLOWS = sorted((CI / "github").glob("*.yml"))
GITLAB = CI / "gitlab/.gitlab-ci.yml"
LONGEST_MIN = {"thorough": 240}
"""How long jobs may take that take longer than a publication."""
KEYWORDS = {"workflow", "stages", "default"}


@cache
def read(path: Path) -> dict[str, Any]:
    return yaml.safe_load(path.read_text("utf-8"))


def steps(path: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    for name, job in read(path)["jobs"].items():
        yield from ((name, step) for step in job["steps"])


def gitlab_jobs() -> dict[str, dict[str, Any]]:
    return {name: job for name, job in read(GITLAB).items() if name not in KEYWORDS}


def scripts() -> Iterator[tuple[str, str]]:
    """Yield every piece of shell, with where it is."""
    for path in WORKFLOWS:
        yield from ((f"{path.name}: {job}", step["run"]) for job, step in steps(path) if "run" in step)
    for name, job in (*gitlab_jobs().items(), ("default", read(GITLAB)["default"])):
        for part in ("before_script", "script", "after_script"):
            yield from ((f"gitlab: {name}", line) for line in job.get(part, ()))


SCRIPTS = tuple(scripts())


def tasks() -> dict[str, set[str]]:
    """Return the options of each task."""
    module = ast.parse((ROOT / "tasks.py").read_text("utf-8"))
    functions = [node for node in module.body if isinstance(node, ast.FunctionDef) and node.decorator_list]
    return {one.name: {argument.arg.replace("_", "-") for argument in one.args.args[1:]} for one in functions}


def test_every_task_and_option_that_is_called_exists() -> None:
    known = tasks()
    called = [(name, words) for _, text in SCRIPTS for name, words in re.findall(r"-m invoke (\w+)([^\n|]*)", text)]

    assert {name for name, _ in called} == {"publish", "rollback", "releases", "build", "sync"}
    assert [
        (name, option)
        for name, words in called
        for option in re.findall(r"--([a-z-]+)", words)
        if option not in known[name]
    ] == []


def test_what_is_installed_is_what_publishing_takes() -> None:
    installed = [level for _, text in SCRIPTS for level in re.findall(r"requirements/install\.py (\w+)", text)]

    assert set(installed) == {"publish"}
    assert "publish" in re.findall(r'"(\w+)"', (ROOT / "requirements/install.py").read_text().partition("LEVELS =")[2])


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_actions_are_pinned_by_digest_and_jobs_may_do_little(path: Path) -> None:
    workflow = read(path)

    assert workflow["permissions"] == {"contents": "read"}
    assert all(re.fullmatch(r"actions/[a-z-]+@[0-9a-f]{40}", step["uses"]) for _, step in steps(path) if "uses" in step)
    assert re.findall(r"uses: \S+(?! # v\d+\.\d+\.\d+)\n", path.read_text("utf-8")) == []
    assert all(job["timeout-minutes"] <= LONGEST_MIN.get(name, 30) for name, job in workflow["jobs"].items())
    assert "concurrency" in workflow


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_a_job_that_may_write_runs_no_code_of_a_branch_and_has_no_secret(path: Path) -> None:
    for job in read(path)["jobs"].values():
        may_write = "write" in job.get("permissions", {}).values()
        text = json.dumps(job)

        assert not (may_write and ("actions/checkout" in text or "secrets." in text))


def test_no_words_of_others_become_part_of_a_script() -> None:
    """A forge pastes values into scripts before the shell reads them, so they may be commands."""
    assert [where for where, text in SCRIPTS if "${{" in text] == []


def test_nothing_of_a_fork_gets_secrets() -> None:
    jobs = read(CI / "github/preview.yml")["jobs"]
    ours = "github.event.pull_request.head.repo.full_name == github.repository"

    for name, job in jobs.items():
        assert "secrets." not in json.dumps(job) or ours in job["if"], name
    assert "pull_request_target" not in (CI / "github/preview.yml").read_text()


def test_what_a_fork_has_built_is_published_by_code_of_the_default_branch_alone() -> None:
    """The job with the secrets runs no file of the fork: it checks out one branch, and downloads behind that."""
    workflow = read(CI / "github/preview-fork.yml")
    (job,) = workflow["jobs"].values()
    kinds = [step["uses"].partition("@")[0] if "uses" in step else "run" for step in job["steps"]]
    checkout, download = (job["steps"][kinds.index(f"actions/{name}")] for name in ("checkout", "download-artifact"))

    # YAML takes the word `on` for true.
    assert list(workflow[True]) == ["workflow_run"]  # type: ignore[index]
    assert checkout["with"]["ref"] == "${{ github.event.repository.default_branch }}"
    assert download["with"]["path"] == "output"
    assert kinds[kinds.index("actions/download-artifact") :] == ["actions/download-artifact", "run"]
    assert [word for _, text in SCRIPTS if "--no-build" in text for word in re.findall(r"invoke (\w+)", text)] != []
    assert "cache" not in json.dumps(job)
    assert set(job["permissions"].values()) == {"read"}
    assert "head_repository.full_name != github.repository" in job["if"]


def test_a_fork_is_built_without_secrets_and_its_site_handed_over() -> None:
    job = read(CI / "github/preview.yml")["jobs"]["check"]
    gitlab = gitlab_jobs()["check:fork"]
    upload = job["steps"][-1]["with"]

    assert "secrets." not in json.dumps(job) and "environment" not in job and "environment" not in gitlab
    assert (upload["name"], upload["include-hidden-files"], upload["path"].split()[0]) == ("site", True, "output")
    assert gitlab["artifacts"]["paths"] == ["output"]


@pytest.fixture
def machine(tmp_path: Path) -> Path:
    """Return a folder with a Python that exits with the statuses in a file, in order."""
    python = tmp_path / ".venv/bin/python"
    python.parent.mkdir(parents=True)
    python.write_text(
        '#!/bin/sh\necho "$@" >> called\nread -r status rest < statuses\n'
        'tail -n +2 statuses > left; mv left statuses\nexit "$status"\n'
    )
    python.chmod(python.stat().st_mode | stat.S_IEXEC)
    return tmp_path


def ran(machine: Path, script: str, statuses: tuple[int, ...], **environment: str) -> tuple[int, list[str]]:
    """Run a script; return its exit status, and what it called."""
    (machine / "statuses").write_text("".join(f"{status}\n" for status in statuses))
    names = {"GITHUB_OUTPUT": "outputs", "GITHUB_STEP_SUMMARY": "summary", "NUMBER": "7", "CI_MERGE_REQUEST_IID": "7"}
    command = ["bash", "--noprofile", "--norc", "-e", "-o", "pipefail", "-c", script]
    done = subprocess.run(
        command, cwd=machine, env={**os.environ, **names, **environment}, capture_output=True, text=True, check=False
    )
    called = machine / "called"
    return done.returncode, called.read_text().splitlines() if called.exists() else []


def scripts_with(words: str, *, without: str = "pages") -> list[Any]:
    existing = [(where, text) for where, text in SCRIPTS if words in text and without not in where]
    assert existing
    return [pytest.param(text, id=where) for where, text in existing]


@pytest.mark.parametrize("script", [*scripts_with("invoke publish --json"), *scripts_with("--report preview.md")])
@pytest.mark.parametrize(
    ("statuses", "ends", "calls"),
    [((0,), 0, 1), ((10,), 0, 1), ((20,), 20, 1), ((30, 0), 0, 2), ((30, 10), 0, 2), ((30, 30), 30, 2), ((40,), 40, 1)],
)
def test_a_publication_ends_as_docs_say(machine, script, statuses, ends, calls) -> None:
    status, called = ran(machine, script, statuses)

    assert (status, len(called)) == (ends, calls)


@pytest.mark.parametrize("script", [*scripts_with("--remove"), *scripts_with("invoke rollback")])
@pytest.mark.parametrize(("status", "ends"), [(0, 0), (10, 0), (20, 20), (30, 30)])
def test_a_removal_and_a_rollback_end_as_docs_say(machine, script, status, ends) -> None:
    assert ran(machine, script, (status,))[0] == ends


@pytest.mark.parametrize("script", scripts_with("invoke rollback"))
def test_a_rollback_is_of_the_release_that_is_named_or_of_the_one_before(machine, script) -> None:
    assert ran(machine, script, (0,), NUMBER="12")[1] == ["-m invoke rollback --number 12"]
    assert ran(machine, script, (0,), NUMBER="")[1][-1] == "-m invoke rollback"
    assert ran(machine, script, (0,), NUMBER="1; touch x")[1][-1] == "-m invoke rollback --number 1; touch x"
    assert not (machine / "x").exists()


@pytest.mark.parametrize(
    ("status", "outputs", "ends"), [(0, "changed=yes\n", 0), (10, "changed=no\n", 0), (20, None, 20)]
)
def test_pages_are_deployed_where_something_changed(machine, status, outputs, ends) -> None:
    (script,) = [step["run"] for _, step in steps(CI / "github/pages.yml") if "invoke" in step.get("run", "")]

    assert ran(machine, script, (status,))[0] == ends
    path = machine / "outputs"
    assert (path.read_text() if path.exists() else None) == outputs


def commenting() -> str:
    (script,) = [step["run"] for job, step in steps(CI / "github/preview.yml") if job == "comment" and "run" in step]
    return script


@pytest.mark.parametrize(
    ("existing", "wanted"),
    [
        ("", "--method POST repos/o/r/issues/7/comments"),
        ("41", "--method PATCH repos/o/r/issues/comments/41"),
        ("41\n52", "--method PATCH repos/o/r/issues/comments/41"),
    ],
)
@pytest.mark.parametrize("has_report", [True, False])
def test_there_is_one_comment_that_is_changed(machine, existing, wanted, has_report) -> None:
    program = machine / "gh"
    program.write_text('#!/bin/sh\necho "$@" >> called\ncase "$*" in *--paginate*) printf "%s" "$FOUND" ;; esac\n')
    program.chmod(0o755)
    if has_report:
        (machine / "preview.md").write_text("<!-- openknowledge preview -->\n## Preview: x\n")
    path = f"{machine}:{os.environ['PATH']}"

    status, called = ran(
        machine, commenting(), (), FOUND=existing, PATH=path, GITHUB_REPOSITORY="o/r", RUN="https://ci/1"
    )

    assert status == 0
    assert called[-1] == f"api --silent {wanted} -F body=@preview.md"
    assert ("No preview" in (machine / "preview.md").read_text()) is not has_report


class NotesHandler(BaseHTTPRequestHandler):
    """Fakes a forge's notes on a merge request."""

    def __init__(self, *connection: Any, notes: list[dict[str, Any]], heard: list[tuple[str, str, str]]) -> None:
        self.notes, self.heard = notes, heard
        super().__init__(*connection)

    def do_GET(self) -> None:
        self._answer(self.notes)

    def do_POST(self) -> None:
        data = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.heard.append((self.command, self.path, data["body"]))
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


@pytest.mark.parametrize("is_there", [True, False])
def test_gitlab_has_one_note_that_is_changed(machine, is_there) -> None:
    (script,) = gitlab_jobs()["preview"]["after_script"]
    report = "<!-- openknowledge preview -->\n## Preview: è\n"
    (machine / "preview.md").write_text(report, encoding="utf-8")
    notes = [{"id": 3, "body": "hello"}, *([{"id": 5, "body": f"{report} of before"}] if is_there else [])]
    heard: list[tuple[str, str, str]] = []

    with run_server(partial(NotesHandler, notes=notes, heard=heard)) as address:
        names = {"CI_API_V4_URL": address, "CI_PROJECT_ID": "1", "PREVIEW_COMMENT_TOKEN": "t"}
        status, _ = ran(machine, script, (), **names)

    base = "/projects/1/merge_requests/7/notes"
    assert status == 0
    assert heard == [("PUT", f"{base}/5", report) if is_there else ("POST", base, report)]


def test_gitlab_jobs_have_stages_and_stop_what_they_start() -> None:
    jobs = gitlab_jobs()

    assert {job["stage"] for job in jobs.values()} == set(read(GITLAB)["stages"])
    stop = jobs[jobs["preview"]["environment"]["on_stop"]]
    assert stop["environment"] == {"name": jobs["preview"]["environment"]["name"], "action": "stop"}
    assert "$CI_MERGE_REQUEST_SOURCE_PROJECT_ID == $CI_PROJECT_ID" in json.dumps(jobs["preview"]["rules"])


def test_all_tests_run_with_full_counts_once_a_night() -> None:
    workflow, gitlab = read(CI / "github/tests.yml"), gitlab_jobs()["tests:thorough"]

    # YAML takes the word `on` for true.
    assert "schedule" in workflow[True]  # type: ignore[index]
    assert "schedule" in workflow["jobs"]["thorough"]["if"]
    assert gitlab["rules"] == [{"if": '$CI_PIPELINE_SOURCE == "schedule"'}]
    assert {workflow["jobs"]["thorough"]["steps"][-1]["run"], *gitlab["script"]} == {".ci/run thorough"}
    assert "make test ARGS=--thorough" in (ROOT / ".ci/run").read_text()


@pytest.mark.parametrize("script", scripts_with("invoke build --publish"))
def test_a_fork_is_built_for_the_address_of_its_preview(machine, script) -> None:
    (machine / ".venv/bin/python").write_text('#!/bin/sh\necho "$SITEURL" > called\n')
    url = "https://{name}.preview.example.net"

    assert ran(machine, script, (), PREVIEW_URL=url, PREVIEW_URL_PATTERN=url) == (0, ["https://7.preview.example.net"])


def finding() -> tuple[str, str]:
    (job,) = read(CI / "github/preview-fork.yml")["jobs"].values()
    find, publish = (step["run"] for step in job["steps"] if "env" in step)
    return find, publish


@pytest.mark.parametrize(
    ("found", "outputs"),
    [
        ("41 open", "number=41\nstate=open\n"),
        ("41 closed", "number=41\nstate=closed\n"),
        ("null null", None),
        ("", None),
    ],
)
def test_the_forge_says_which_pull_request_a_fork_is_of(machine, found, outputs) -> None:
    program = machine / "gh"
    program.write_text('#!/bin/sh\nprintf "%s" "$FOUND"\n')
    program.chmod(0o755)
    path = f"{machine}:{os.environ['PATH']}"

    assert ran(machine, finding()[0], (), FOUND=found, PATH=path, GITHUB_REPOSITORY="o/r", HEAD="a:b")[0] == 0
    written = machine / "outputs"
    assert (written.read_text() if written.exists() else None) == outputs


@pytest.mark.parametrize(
    ("state", "is_built", "statuses", "ends", "option"),
    [
        ("open", True, (0,), 0, "--no-build"),
        ("open", True, (10,), 0, "--no-build"),
        ("open", True, (30, 0), 0, "--no-build"),
        ("open", True, (20,), 20, "--no-build"),
        ("open", False, (), 0, None),
        ("closed", False, (0,), 0, "--remove"),
    ],
)
def test_a_preview_of_a_fork_is_there_while_its_pull_request_is_open(
    machine, state, is_built, statuses, ends, option
) -> None:
    if is_built:
        (machine / "output").mkdir()

    status, called = ran(machine, finding()[1], statuses, STATE=state)

    assert status == ends
    assert {line.split()[-1] for line in called} == ({option} if option else set())
