"""One build of the whole site, read once, for all conformance tests."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.conformance.place import BUCKET, Place
from tests.conformance.reading import Page, read_pages
from tests.conformance.whole import Dump, Whole, built, read_dump, shared_folder, synced_content
from tests.publish.small_sites import a_version
from tests.servers import faults
from tests.servers.seaweed import Seaweed
from tests.servers.seaweed import seaweed as running_seaweed

from openknowledge.publish.built_site import BuiltSite
from openknowledge.redirects.table import load

VERSIONS = 6


@pytest.fixture(scope="session")
def seaweed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Seaweed]:
    """One object store for all tests, each of which has a prefix of its own; not to be harmed."""
    with running_seaweed(tmp_path_factory.mktemp("seaweed")) as server:
        server.bucket(BUCKET)
        Place(server, "trial").wait_until_writable()
        yield server


@pytest.fixture(scope="session")
def proxy(seaweed: Seaweed) -> Iterator[faults.FaultyProxy]:
    with faults.faulty(seaweed.port, late_s=0.8) as proxy:
        yield proxy


@pytest.fixture(scope="session")
def versions(tmp_path_factory: pytest.TempPathFactory) -> list[BuiltSite]:
    """Versions of a small site."""
    folder = tmp_path_factory.mktemp("sites")
    return [a_version(folder / str(number), number) for number in range(VERSIONS)]


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
    """Every page of the whole site by its address; what stands at old addresses is none of them."""
    old = {forward.source.rstrip("/") for forward in load(whole.output)}
    return {url: page for url, page in read_pages(whole.output).items() if url.rstrip("/") not in old}
