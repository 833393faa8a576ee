"""Each system that is compared really builds the made-up site, and each edit really shows."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path

import pytest
from bench import comparison, programs, systems
from bench import corpus as making
from bench.command import BuildFailed
from bench.corpus import Corpus
from bench.session import Edited, Session
from bench.sources import place_of
from bench.systems import OURS, PELICAN
from bench.table import COLD, NOTHING, PARTIAL, WORD

PEERS = programs.PEERS


@pytest.fixture(autouse=True)
def few_groups(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(making, "TOPICS", 4)
    monkeypatch.setattr(making, "PEOPLE", 2)


def at_work(system: systems.System, work: Path) -> Session:
    corpus = Corpus(8)
    system.prepare(corpus, work / system.folder)
    item = corpus.newest()
    return Session(system, Edited(place_of(item), system.page(item)), work)


def test_our_site_is_built_cold_unchanged_with_another_word_and_with_another_foot(tmp_path: Path) -> None:
    session = at_work(OURS, tmp_path)

    taken = [session.measure(scenario) for scenario in (COLD, NOTHING, WORD, PARTIAL)]

    assert all(0 < one < 120 for one in taken)
    assert "Changedours0001 " in session.page()
    assert session.size()[0] > 8 + 4 + 2


def test_the_repositorys_theme_is_not_edited(tmp_path: Path) -> None:
    before = {path: path.read_bytes() for path in (programs.ROOT / "theme/templates").rglob("*.html")}

    at_work(OURS, tmp_path).measure(PARTIAL)

    assert {path: path.read_bytes() for path in before} == before


def test_stock_pelican_builds_the_same_items(tmp_path: Path) -> None:
    session = at_work(PELICAN, tmp_path)

    session.measure(COLD)

    pages = {path.parent.name for path in (tmp_path / "pelican/output/press").glob("*/*/index.html")}
    assert pages == {item.slug for item in Corpus(8).items()}


def test_a_build_that_ignores_the_edit_is_no_measurement(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    session = at_work(PELICAN, tmp_path)
    session.measure(COLD)
    monkeypatch.setattr(session, "edit", lambda: "NeverSaved")

    with pytest.raises(BuildFailed, match="does not have the changed word"):
        session.measure(WORD)


def test_a_reader_that_is_not_there_gives_a_reason_instead_of_a_number(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(systems, "knows_readers", lambda: False)

    comparison.main(["--items", "1", "--rounds", "1", "--only", "fast", "--systems", "fast"])

    assert "not available: there is no setting MARKDOWN_READER" in capsys.readouterr().out


def test_what_the_peers_need_is_locked_without_addresses() -> None:
    lock = json.loads((PEERS / "eleventy/package-lock.json").read_text("utf-8"))
    packages = [package for name, package in lock["packages"].items() if name]

    assert not [package for package in packages if "resolved" in package]
    assert all(package["integrity"].startswith("sha512-") for package in packages)


def test_what_is_declared_for_the_comparison_is_locked() -> None:
    declared = tomllib.loads((programs.ROOT / "pyproject.toml").read_text("utf-8"))["dependency-groups"]["bench"]
    locked = re.findall(
        r"^([a-z0-9-]+)==", (programs.ROOT / "requirements/bench.lock").read_text("utf-8"), re.MULTILINE
    )

    assert set(declared) <= set(locked)


def test_hugo_renders_once_what_is_the_same_everywhere() -> None:
    text = "\n".join(path.read_text("utf-8") for path in (PEERS / "hugo/layouts").glob("*.*"))

    for name in ("header.html", "footer.html", "group-card.html"):
        assert f'partialCached "{name}"' in text
        assert f'partial "{name}"' not in text
    assert 'partial "kept-card.html"' in text
    assert '"card.html"' not in text
