"""One build of the whole site, read once, for all conformance tests."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.conformance.reading import Page, read_pages
from tests.conformance.whole import Dump, Whole, built, read_dump, shared_folder, synced_content


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of the shared data; a test that needs it fails where it is absent."""
    folder = shared_folder()
    if not (folder / "data/youtube/videos.json").is_file():
        pytest.fail(f"The shared data is not in {folder}: set SHARED to its folder.", pytrace=False)
    return folder


@pytest.fixture(scope="session")
def dump(shared: Path) -> Dump:
    return read_dump(shared)


@pytest.fixture(scope="session")
def whole(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Whole:
    folder = tmp_path_factory.mktemp("whole")
    return built(synced_content(folder, shared), folder / "output")


@pytest.fixture(scope="session")
def pages(whole: Whole) -> dict[str, Page]:
    """Every page of the whole site by its address."""
    return read_pages(whole.output)
