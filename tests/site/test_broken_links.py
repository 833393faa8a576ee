"""A link that leads nowhere in the built site is reported with the file and the line of its source."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.site.small import build, front, small_content

from openknowledge.publish.check_links import main

LINKING = {
    "courses/geometria/index.md": front(title="Geometria", abstract="Forme.", teaching_langs="[it, en]")
    + "Legge [algebra](../algebra/index.md#di-che-cosa-parla).\n\nE [questo](/media/press/2025/bando.pdf).\n",
    "courses/geometria/index.en.md": front(title="Geometry") + "Shapes.\n",
    "press/2025/cento-corsi.md": front(
        title="Cento corsi", published="2025-05-05", standfirst="In un anno.", place="Milano"
    )
    + "Il [bando](bando.pdf).\n",
    "press/2025/bando.pdf": "Il bando.",
}
HEADING = 'id="di-che-cosa-parla"'


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a site of which a file and an anchor were lost after it was built."""
    folder = tmp_path_factory.mktemp("broken")
    done = build(small_content(folder, LINKING), folder / "output", f'CACHE_PATH="{folder / ".cache"}"')
    assert done.returncode == 0, done.stdout + done.stderr
    (folder / "output/media/press/2025/bando.pdf").unlink()
    page = folder / "output/corsi/algebra/index.html"
    assert HEADING in page.read_text("utf-8")
    page.write_text(page.read_text("utf-8").replace(HEADING, ""), "utf-8")
    return folder


@pytest.fixture
def found(
    project: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Callable[[], list[str]]:
    """Return what returns the problems that a check of the links reports in the project's folder."""

    def check() -> list[str]:
        assert main(["output"], os.environ) == 1
        return [line for line in capsys.readouterr().err.splitlines() if not line.startswith(" ")]

    monkeypatch.chdir(project)
    return check


def test_broken_links_are_reported_with_the_file_and_the_line_of_their_source(found: Callable[[], list[str]]) -> None:
    nowhere = "names a place that the page does not have"
    geometry = "content/courses/geometria/index.md"

    assert found() == [
        f"{geometry}:6: link to ../algebra/index.md#di-che-cosa-parla {nowhere}",
        f"{geometry}:8: link to /media/press/2025/bando.pdf leads nowhere",
        "content/press/2025/cento-corsi.md:7: link to bando.pdf leads nowhere",
    ]


def test_broken_links_of_a_site_that_was_built_elsewhere_are_reported_by_its_output(
    project: Path, found: Callable[[], list[str]]
) -> None:
    (project / "output/.ledger").rename(project / "ledger")

    lines = found()

    (project / "ledger").rename(project / "output/.ledger")
    assert all(line.startswith("output/") for line in lines)
    assert "output/corsi/geometria/index.html: link to /media/press/2025/bando.pdf leads nowhere" in lines
