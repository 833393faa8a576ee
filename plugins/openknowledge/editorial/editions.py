"""One edition of the site after the other, as it is being written."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from textwrap import dedent
from threading import Condition
from typing import Any

from .panel import Finding, read_findings

CRASH_LINES = 12
COLUMNS = 160
"""How wide a failed build may write what it says before it breaks a line."""


@dataclass(frozen=True, slots=True)
class Edition:
    """The site after one build: its files, and what is wrong with it. `crash` is what a failed build said."""

    build: str
    root: Path
    findings: tuple[Finding, ...] = ()
    crash: str = ""


@dataclass(slots=True)
class Stand:
    """Where the newest edition lies; readers wait here for the next."""

    edition: Edition
    _changed: Condition = field(default_factory=Condition)

    def put(self, edition: Edition) -> None:
        with self._changed:
            self.edition = edition
            self._changed.notify_all()

    def other_than(self, build: str, timeout_s: float) -> Edition:
        """The edition, as soon as it is another one than `build`, or when the time is up."""
        with self._changed:
            self._changed.wait_for(lambda: self.edition.build != build, timeout_s)
            return self.edition


class Builder:
    """Builds one edition after the other, each into a folder of its own, so that readers never meet half a site."""

    def __init__(self, project: Path, today: str = "") -> None:
        self._project = project
        self._today = today
        self._number = 0
        self._workplace = project / ".cache" / "preview"
        shutil.rmtree(self._workplace, ignore_errors=True)
        self._workplace.mkdir(parents=True)

    def next_after(self, last: Edition | None) -> Edition:
        """The site as it is now; if it cannot be built, the last one's files with what went wrong."""
        self._number += 1
        build = f"{os.getpid()}-{self._number}"
        root = self._workplace / str(self._number)
        problems = self._workplace / f"{self._number}.json"
        root.mkdir()
        status, said = self._run(self._command(root, problems))
        findings = read_findings(problems.read_text(encoding="utf-8")) if problems.exists() else ()
        if status:
            shutil.rmtree(root)
            root = last.root if last else self._workplace
            crash = dedent("\n".join(said[-CRASH_LINES:])) or f"Exit status {status}"
            return Edition(build, root, findings, crash)
        if last:
            self._forget_before(last.root)
        return Edition(build, root, findings)

    def _command(self, root: Path, problems: Path) -> list[str]:
        settings = {"KEEP_GOING": True, "PROBLEMS_FILE": str(problems)}
        if self._today:
            settings["BUILD_DATE"] = self._today
        extra = [f"{name}={json.dumps(value)}" for name, value in settings.items()]
        pelican = [sys.executable, "-m", "pelican", "content", "-s", "pelicanconf.py", "--fatal", "errors"]
        return [*pelican, "-o", str(root), "-e", *extra]

    def _run(self, command: list[str]) -> tuple[int, list[str]]:
        """Run a build in a process of its own, so that edited code counts; pass on what it says, line by line."""
        said = []
        environment = {**os.environ, "COLUMNS": str(COLUMNS), "PYTHONUNBUFFERED": "1"}
        pipes: dict[str, Any] = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True}
        with subprocess.Popen(command, cwd=self._project, env=environment, errors="replace", **pipes) as child:
            assert child.stdout is not None
            for line in child.stdout:
                said.append(line.rstrip("\n"))
                print(line, end="", flush=True)
        return child.returncode, said

    def _forget_before(self, kept: Path) -> None:
        """Remove editions older than the last one, which a reader may still be reading."""
        for path in self._workplace.iterdir():
            if path.is_dir() and int(path.name) < int(kept.name):
                shutil.rmtree(path, ignore_errors=True)
