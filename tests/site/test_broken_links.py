"""A link that leads nowhere passes the build, and is reported with the file and the line of its source."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.site.small import build, front, small_content

BROKEN = {
    "courses/geometria/index.md": front(title="Geometria", abstract="Forme.", teaching_langs="[it, en]")
    + "Legge [algebra]({filename}/courses/algebra/index.md#nowhere).\n\nE [questo](/corsi/non-ce/).\n",
    "courses/algebra/index.en.md": front(title="Linear algebra", slug="linear-algebra", abstract="From the start.")
    + "\nSee [this](/en/courses/nothing/).\n",
    "press/2025/cento-corsi.md": front(
        title="Cento corsi", published="2025-05-05", standfirst="In un anno.", place="Milano"
    )
    + "Il [bando](/bando.pdf).\n",
}


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("broken")
    done = build(small_content(folder, BROKEN), folder / "output", f'CACHE_PATH="{folder / ".cache"}"')
    assert done.returncode == 0, done.stdout + done.stderr
    return folder


def text(project: Path) -> Iterator[str]:
    """Yield the problems that a check of the links reports in the project's folder."""
    command = [sys.executable, "-m", "openknowledge.publish.check_links", "output"]
    done = subprocess.run(command, cwd=project, env=os.environ, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    return (line for line in done.stderr.splitlines() if not line.startswith(" "))


def test_broken_links_are_reported_with_the_file_and_the_line_of_their_source(project: Path) -> None:
    nowhere = "names a place that the page does not have"
    geometry = "content/courses/geometria/index.md"

    assert [*text(project)] == [
        "content/courses/algebra/index.en.md:7: link to /en/courses/nothing/ leads nowhere",
        f"{geometry}:6: link to {{filename}}/courses/algebra/index.md#nowhere {nowhere}",
        f"{geometry}:8: link to /corsi/non-ce/ leads nowhere",
        "content/press/2025/cento-corsi.md:7: link to /bando.pdf leads nowhere",
    ]


def test_broken_links_of_a_site_that_was_built_elsewhere_are_reported_by_its_output(project: Path) -> None:
    (project / "output/.ledger").rename(project / "ledger")

    lines = [*text(project)]

    (project / "ledger").rename(project / "output/.ledger")
    assert all(line.startswith("output/") for line in lines)
    assert "output/en/courses/linear-algebra/index.html: link to /en/courses/nothing leads nowhere" in lines
