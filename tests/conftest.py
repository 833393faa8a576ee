"""What tests of every folder share: what they can be told, dice, a built site, a browser."""

from __future__ import annotations

import asyncio
import gc
import os
import random
import signal
import sys
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from tests import chance as chances
from tests.chance import Chance
from tests.run_cache import RunCache, run_folder
from tests.site import small, whole
from tests.site.reading import Page, read_pages
from tests.site.small import ROOT, SiteBuild
from tests.site.whole import WholeSite

from openknowledge.browser.chromium import FLAGS, find_or_install

if TYPE_CHECKING:
    from playwright.sync_api import Browser
    from tests.browser.conftest import Visit

GOLDEN = Path(__file__).parent / "golden"
CLOSED = "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"
"""Chromium's flag for a browser that resolves no name, so that no request leaves the machine."""
SHORT_SCRIPTS = "--js-flags=--no-turbofan --no-maglev"
"""Chromium's flag for one that compiles no script for long use: on a page of a test none runs for so long."""


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update-golden", action="store_true", help="write what is made now into tests/golden/")
    parser.addoption("--thorough", action="store_true", help="test what is left to chance ten times as often")
    parser.addoption("--seed", type=int, help="repeat the run that printed this seed")


# Tests start hundreds of programs, and each would compile the whole package where nothing is left of the one before.
sys.dont_write_bytecode = False
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
# Tests make few cycles: with Python's own thresholds a sixth of the time of collecting them goes into looking for some.
gc.set_threshold(20_000, 20, 20)


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Choose the seed of this run; the processes of pytest-xdist are given that of the first one."""
    if config.option.seed is None:
        config.option.seed = random.SystemRandom().randrange(1_000_000)
    if config.option.hypothesis_seed is None:
        config.option.hypothesis_seed = str(config.option.seed)
    chances.load_profile(config.option.thorough)
    os.environ["MESSAGES_LANG"] = "en"
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        # A shell has what it starts in the background ignore interrupts, and so would what tests start and interrupt.
        signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_report_header(config: pytest.Config) -> str:
    counts = "full counts" if config.option.thorough else "a tenth of the full counts"
    return f"dice: --seed {config.option.seed}, {counts}"


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    if terminalreporter.stats.get("failed"):
        terminalreporter.write_line(f"The same dice again: --seed {config.option.seed}")


def worker_number() -> int:
    """Return the number of this process among those of pytest-xdist; 0 where there is no other."""
    return int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))


class FromElsewhere(pytest.Dir):
    """A folder that is collected from its end, or from its middle."""

    def collect(self) -> list[pytest.Item | pytest.Collector]:
        found = [*super().collect()]
        middle = len(found) // 2
        return found[::-1] if worker_number() % 2 else found[middle:] + found[:middle]


def pytest_collect_directory(path: Path, parent: pytest.Collector) -> FromElsewhere | None:
    """Have each process begin elsewhere, so that each file is compiled once, by the first to reach it."""
    is_first = worker_number() == 0
    return None if is_first or (path / "__init__.py").exists() else FromElsewhere.from_parent(parent, path=path)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Put cheap tests first where one process runs them, so that a mistake shows early.

    Several processes start with the costly ones, so that all of them end at about the same time. The order must be the
    same in all of them, whichever way they collect.
    """
    items.sort(key=lambda item: str(item.path))
    items.sort(key=_cost, reverse=hasattr(config, "workerinput"))


def pytest_collection_finish() -> None:
    """Take modules and tests out of the collector's sight: they stay as long as the process does."""
    gc.freeze()


def _cost(item: pytest.Item) -> int:
    if item.get_closest_marker("browser"):
        return 2
    return _cost_of_file(item.path)


@cache
def _cost_of_file(path: Path) -> int:
    return 1 if {"site", "rebuilding", "workers", "preview"} & set(path.relative_to(ROOT / "tests").parts) else 0


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Callable[[str, bytes], None]:
    """Compare a whole file with `tests/golden/<name>`; renewed ones are read in review."""

    def compare(name: str, data: bytes) -> None:
        path = GOLDEN / name
        if request.config.getoption("--update-golden"):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
        assert path.read_bytes().decode() == data.decode(), f"{name} is not as it was: see --update-golden"

    return compare


@pytest.fixture
def chance(request: pytest.FixtureRequest) -> Chance:
    """Return the dice of a test, which differ from run to run."""
    options = request.config.option
    return Chance(f"{options.seed} {request.node.nodeid}", options.thorough)


@pytest.fixture(scope="session")
def run_cache(tmp_path_factory: pytest.TempPathFactory) -> RunCache:
    """Return what the processes of this run make once, for all of them."""
    return RunCache(run_folder(tmp_path_factory.getbasetemp()) / "run-cache")


@pytest.fixture(scope="session")
def small_site(run_cache: RunCache) -> SiteBuild:
    """Return the small site as it is built from nothing; tests leave it as it is."""
    return run_cache.value("small-build", lambda: small.built(run_cache.folder / "small"))


@pytest.fixture(scope="session")
def moved_site(run_cache: RunCache) -> SiteBuild:
    """Return the small site with old addresses; tests leave it as it is."""
    return run_cache.value("moved-build", lambda: small.built(run_cache.folder / "moved", files=small.MOVED))


@pytest.fixture(scope="session")
def foreign_site(run_cache: RunCache) -> SiteBuild:
    """Return the small site in four languages; tests leave it as it is."""
    folder = run_cache.folder / "foreign"
    return run_cache.value("foreign-build", lambda: small.built(folder, *small.FOREIGN_SETTINGS, files=small.FOREIGN))


@pytest.fixture(scope="session")
def preview_site(run_cache: RunCache) -> SiteBuild:
    """Return the small site as a preview below `small.PREVIEW`, which search engines leave out."""
    settings = (f'SITEURL="{small.PREVIEW}"', "NOINDEX=true")
    return run_cache.value("preview-build", lambda: small.built(run_cache.folder / "preview", *settings))


@pytest.fixture(scope="session")
def real_site(run_cache: RunCache) -> Path:
    """Return the output of the repository's own content; tests leave it as it is."""
    day = f'BUILD_DATE="{small.REAL_SITE_DAY}"'
    site = run_cache.value("real-build", lambda: small.built(run_cache.folder / "real", day, content=ROOT / "content"))
    return site.output


@pytest.fixture(scope="session")
def small_pages(run_cache: RunCache, small_site: SiteBuild) -> dict[str, Page]:
    """Return every page of the small site by its address."""
    return run_cache.value("small-pages", lambda: read_pages(small_site.output))


@pytest.fixture(scope="session")
def real_pages(run_cache: RunCache, real_site: Path) -> dict[str, Page]:
    """Return every page of the repository's own content by its address."""
    return run_cache.value("real-pages", lambda: read_pages(real_site))


@pytest.fixture(scope="session")
def shared_data(pytestconfig: pytest.Config) -> Path:
    """Return the folder of the shared data; a test that needs it fails where it is absent.

    A thorough run, which may be anybody's, leaves it out.
    """
    folder = whole.shared_folder()
    if not (folder / "data/youtube/videos.json").is_file():
        (pytest.skip if pytestconfig.option.thorough else pytest.fail)(
            f"The shared data is not in {folder}: set SHARED to its folder."
        )
    return folder


@pytest.fixture(scope="session")
def whole_site(run_cache: RunCache, shared_data: Path) -> WholeSite:
    """Return the repository's content with all videos of the shared data, built once; tests leave it as it is."""
    return run_cache.value("whole-build", lambda: whole.built(run_cache.folder / "whole", shared_data))


@pytest.fixture(scope="session")
def whole_pages(run_cache: RunCache, whole_site: WholeSite) -> dict[str, Page]:
    """Return every page of the site with all videos by its address."""
    return run_cache.value("whole-pages", lambda: read_pages(whole_site.output))


@pytest.fixture(autouse=True)
def no_loop_of_the_browser(request: pytest.FixtureRequest) -> Iterator[None]:
    """Hide the event loop of Playwright from tests that use no browser.

    Playwright's synchronous interface leaves its loop running between calls, in the thread of the tests. A client of
    object stores then cannot run its own (`asyncio.run() cannot be called from a running event loop`).
    """
    loop = None if "browser" in request.fixturenames else asyncio._get_running_loop()
    if loop is not None:
        asyncio._set_running_loop(None)
    yield
    if loop is not None:
        asyncio._set_running_loop(loop)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Start the one browser of this process; Playwright refuses to start a second one beside it."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        flags = [*FLAGS, CLOSED, SHORT_SCRIPTS]
        launched = playwright.chromium.launch(executable_path=str(find_or_install()), args=flags)
        yield launched
        launched.close()


@pytest.fixture(scope="session")
def visitor(browser: Browser) -> Visit:
    """Share windows among the sites of all tests: opening one costs more than a page does."""
    from tests.browser.conftest import Visit

    return Visit(browser)
