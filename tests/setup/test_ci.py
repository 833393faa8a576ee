"""One script checks everything: it runs every part, names each verdict and fails if any part does."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

MAKE = """#!/bin/sh
case "$1 $2" in
  "test ARGS=--conformance") echo "{conformance}" ;;
  "test ") echo "900 passed"; exit {tests} ;;
  "test ARGS=--thorough") echo "9000 passed"; exit {tests} ;;
  "lint ") exit {lint} ;;
esac
"""


@pytest.fixture
def run(tmp_path: Path):
    """Return a function that runs the script in a checkout with a `make` that only prints."""
    checkout = tmp_path / "checkout"
    shutil.copytree(ROOT / ".ci", checkout / ".ci")
    (tmp_path / "shared").mkdir()
    programs = tmp_path / "programs"
    programs.mkdir()

    def running(*words: str, conformance: str = "== 3 passed, 900 deselected ==", tests: int = 0, lint: int = 0):
        play = {"make": MAKE.format(conformance=conformance, tests=tests, lint=lint), "id": "#!/bin/sh\necho 1000\n"}
        for name, text in play.items():
            (programs / name).write_text(text)
            (programs / name).chmod(0o755)
        environment = {"PATH": f"{programs}:{os.environ['PATH']}"}
        command = ["bash", str(checkout / ".ci/run"), *words]
        return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)

    return running


def test_when_all_is_well_the_last_line_is_the_test_runners_own(run):
    done = run()

    assert done.returncode == 0
    assert done.stdout.splitlines()[-1] == "== 3 passed, 900 deselected =="


@pytest.mark.parametrize(("part", "name"), [("tests", "tests"), ("lint", "style and types")])
def test_a_part_that_fails_stops_no_other_and_is_named(run, part, name):
    done = run(**{part: 2})

    assert done.returncode == 1
    assert f"{name}: FAILED" in done.stderr
    assert "3 passed" in done.stdout


def test_shared_data_without_a_test_that_used_it_is_a_failure(run):
    done = run(conformance="== 3 skipped, 900 deselected ==")

    assert done.returncode == 1
    assert "No conformance test ran" in done.stderr


@pytest.mark.parametrize(("word", "last"), [("change", "900 passed"), ("thorough", "9000 passed")])
def test_a_change_and_a_night_have_tests_of_their_own(run, word, last):
    assert run(word).stdout.splitlines()[-1] == last
    assert run(word, tests=2).returncode == 1
