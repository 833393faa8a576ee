"""A preview of a small project, as a process of its own."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Thread

from tests.servers.programs import free_ports
from tests.site.small import ROOT, TODAY, small_content

PATIENCE_S = 300.0
"""How long a preview may take on a busy machine; a test that passes never waits so long."""

START = "import sys; from pathlib import Path; from openknowledge.preview import dev_server; " + (
    "dev_server.main(Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3])"
)


def a_project(folder: Path) -> Path:
    """Return a copy of the theme and the settings, with small content."""
    folder.mkdir()
    small_content(folder)
    shutil.copytree(ROOT / "theme", folder / "theme")
    shutil.copyfile(ROOT / "pelicanconf.py", folder / "pelicanconf.py")
    return folder


@dataclass
class Running:
    """A running preview; `printed` has the lines of its output."""

    process: subprocess.Popen[str]
    project: Path
    printed: list[str] = field(default_factory=list)
    reader: Thread = field(init=False)

    def __post_init__(self) -> None:
        self.reader = Thread(target=lambda: self.printed.extend(self.process.stdout or ()), daemon=True)
        self.reader.start()

    @property
    def address(self) -> str:
        match = re.search(r"http://\S+(?=/ )", "".join(self.printed))
        return match[0] if match else ""

    def get(self, page: str) -> str:
        """Return the body of a page, whatever its status; empty without an answer."""
        try:
            with urllib.request.urlopen(self.address + page, timeout=PATIENCE_S) as answer:
                return str(answer.read().decode())
        except urllib.error.HTTPError as error:
            return error.read().decode()
        except OSError:
            return ""

    def edit(self, path: str, old: str, new: str) -> None:
        file = self.project / path
        text = file.read_text("utf-8")
        assert old in text
        file.write_text(text.replace(old, new), "utf-8")

    def until(self, is_right: Callable[[], bool]) -> None:
        deadline = time.monotonic() + PATIENCE_S
        while not is_right():
            assert time.monotonic() < deadline, "".join(self.printed)
            assert self.process.poll() is None, "".join(self.printed)
            time.sleep(0.01)

    def has_printed(self, words: str, times: int = 1) -> bool:
        return sum(words in line for line in self.printed) >= times

    def wait_for(self, words: str, times: int = 1) -> None:
        self.until(lambda: self.has_printed(words, times))


@contextmanager
def previewed(project: Path) -> Iterator[Running]:
    """Run a preview as long as the block runs; it is ready when the block begins."""
    command = [sys.executable, "-c", START, str(project), str(*free_ports(1)), TODAY]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
    with subprocess.Popen(command, text=True, **pipes) as process:  # type: ignore[call-overload]
        running = Running(process, project)
        try:
            running.wait_for("eady in")
            yield running
        finally:
            process.terminate()
            running.reader.join(PATIENCE_S)
