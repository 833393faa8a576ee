"""One object store, and a small site in several versions, for all conformance tests of a process."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.conformance.place import BUCKET, Place
from tests.publish.small_sites import a_version
from tests.servers import faults
from tests.servers.seaweed import Seaweed
from tests.servers.seaweed import seaweed as running_seaweed
from tests.site.reading import Page
from tests.site.whole import Dump, read_dump

from openknowledge.publish.built_site import BuiltSite

VERSIONS = 6


@pytest.fixture(scope="session")
def seaweed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Seaweed]:
    """Start one object store for all tests, each of which has a prefix of its own; not to be harmed."""
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
    """Return versions of a small site."""
    folder = tmp_path_factory.mktemp("sites")
    return [a_version(folder / str(number), number) for number in range(VERSIONS)]


@pytest.fixture(scope="session")
def dump(shared_data: Path) -> Dump:
    return read_dump(shared_data)


@pytest.fixture(scope="session")
def pages(whole_pages: dict[str, Page]) -> dict[str, Page]:
    return whole_pages
