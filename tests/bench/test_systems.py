"""Each system that is compared really builds the made-up site, and each edit really shows."""

from __future__ import annotations

import json
import re
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from bench import corpus, programs, systems
from bench.command import BuildFailed
from bench.corpus import Corpus
from bench.session import EditedItem, Session
from bench.systems import OURS, PELICAN
from bench.table import AFTER_EDIT, COLD, NOTHING, PARTIAL, WORD

PEERS = programs.PEERS
ITEMS = 20


@pytest.fixture(scope="module")
def work(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The sites of this project and of stock Pelican, with few groups."""
    groups = {"topic": 4, "person": 3, "strand": 2, "partner": 2, "initiative": 2}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(corpus, "GROUPS", groups)
        folder = tmp_path_factory.mktemp("work")
        for system in (OURS, PELICAN):
            system.prepare(Corpus(ITEMS), folder / system.folder)
        yield folder


def a_session(system: systems.System, work: Path) -> Session:
    item = Corpus(ITEMS).newest()
    return Session(system, EditedItem(system.file(item), system.page(item)), work)


def test_our_site_is_built_cold_unchanged_with_another_word_and_with_another_foot(work: Path) -> None:
    """A build after an edit begins with that of another word, which so need not be measured by itself."""
    theme = {path: path.read_bytes() for path in (programs.ROOT / "theme/templates").rglob("*.html")}
    session = a_session(OURS, work)

    usages = [session.measure(scenario) for scenario in (COLD, NOTHING, AFTER_EDIT, PARTIAL)]

    assert all(usage.wall_s > 0 and usage.cpu_s > 0 for usage in usages)
    assert "Changedours0001 " in session.page()
    assert session.edit() == "Changedours0002", "no word comes twice"
    assert session.size()[0] > ITEMS + sum(corpus.GROUPS.values())
    for item in Corpus(ITEMS).items():
        assert (work / OURS.folder / "output" / OURS.page(item).strip("/") / "index.html").is_file()
    assert {path: path.read_bytes() for path in theme} == theme  # The copy alone is edited.


def test_stock_pelican_builds_the_same_items_and_lists(work: Path) -> None:
    a_session(PELICAN, work).measure(COLD)

    output = work / "pelican/output"
    for item in Corpus(ITEMS).items():
        assert (output / PELICAN.page(item).strip("/") / "index.html").is_file()
    for name in ("courses", "strands/strand-001", "people/person-001", "videos", "initiatives/initiative-000", "press"):
        assert (output / name / "index.html").is_file()


SAME_PAGE = """
import sys
from pathlib import Path
page = Path("output", sys.argv[1].strip("/"), "index.html")
page.parent.mkdir(parents=True, exist_ok=True)
page.write_text("As ever.")
"""
"""A build that makes one page, which is always the same."""


def test_a_build_that_ignores_the_edit_is_no_measurement(work: Path) -> None:
    page = PELICAN.page(Corpus(ITEMS).newest())
    session = a_session(replace(PELICAN, build=lambda: (sys.executable, "-c", SAME_PAGE, page)), work)

    with pytest.raises(BuildFailed, match="does not have the changed word"):
        session.measure(WORD)


def test_what_the_peers_need_is_locked_without_addresses() -> None:
    lock = json.loads((PEERS / "eleventy/package-lock.json").read_text("utf-8"))
    packages = [package for name, package in lock["packages"].items() if name]

    assert not [package for package in packages if "resolved" in package]
    assert all(package["integrity"].startswith("sha512-") for package in packages)


def test_what_is_declared_for_the_comparison_is_locked() -> None:
    declared = tomllib.loads((programs.ROOT / "pyproject.toml").read_text("utf-8"))["dependency-groups"]["bench"]
    lock = (programs.ROOT / "requirements/bench.lock").read_text("utf-8")
    locked = re.findall(r"^([a-z0-9-]+)==", lock, re.MULTILINE)

    assert set(declared) <= set(locked)


def test_hugo_renders_once_what_is_the_same_everywhere() -> None:
    layouts = [path for path in (PEERS / "hugo/layouts").rglob("*") if path.is_file()]
    text = "\n".join(path.read_text("utf-8") for path in layouts if path.name != "cached-card.html")

    for name in ("header.html", "footer.html", "head-fixed.html", "referring.html"):
        assert f'partialCached "{name}"' in text
        assert f'partial "{name}"' not in text
    assert 'partial "cached-card.html"' in text
    assert '"card.html"' not in text
