"""What tests of every plugin share."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from tests.site.small import ROOT, build

GOLDEN = Path(__file__).parent / "golden"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update-golden", action="store_true", help="write what is made now into tests/golden/")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Fast tests first, then real builds, then the real browser: a mistake shows as soon as it can."""
    items.sort(key=_stage)


def _stage(item: pytest.Item) -> int:
    if item.get_closest_marker("browser"):
        return 2
    return 1 if "site" in item.path.relative_to(ROOT / "tests").parts else 0


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Callable[[str, bytes], None]:
    """Hold a whole file against `tests/golden/<name>`; renewed ones are read in review."""

    def hold(name: str, data: bytes) -> None:
        path = GOLDEN / name
        if request.config.getoption("--update-golden"):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
        assert path.read_bytes().decode() == data.decode(), f"{name} is not as it was: see --update-golden"

    return hold


@pytest.fixture(scope="session")
def real_site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site's own content, built once for all tests; on a day after its last sample enrolment."""
    output = tmp_path_factory.mktemp("real") / "output"
    done = build(ROOT / "content", output, 'BUILD_DATE="2026-11-02"')
    assert done.returncode == 0, done.stdout + done.stderr
    return output
