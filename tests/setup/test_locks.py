"""The locks install the chosen versions, from whichever index packages come."""

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LOCKS = sorted((ROOT / "requirements").glob("*.lock"))


def pins(lock: Path) -> dict[str, str]:
    """Return each requirement line (`name==version ; marker`) with what follows it, up to the next."""
    parts = re.split(r"^(?=[a-z0-9])", lock.read_text(encoding="utf-8"), flags=re.MULTILINE)
    return {part.split(" \\\n")[0]: part for part in parts if part.strip()}


def names(lock: Path) -> set[str]:
    return {pin.split("==")[0] for pin in pins(lock)}


def declared(*groups: str) -> set[str]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    wanted = [*project["project"]["dependencies"]] if "run" in groups else []
    return {*wanted, *(name for group in groups if group != "run" for name in project["dependency-groups"][group])}


def test_there_is_a_lock_for_building_for_testing_and_for_the_installer():
    assert {"develop.lock", "publish.lock", "run.lock", "uv.lock"} <= {lock.name for lock in LOCKS}


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.name)
def test_every_package_has_an_exact_version_and_hashes(lock):
    for pin, text in pins(lock).items():
        assert re.fullmatch(r"[a-z0-9.-]+==[\w.!+]+( ; .+)?", pin)
        assert "--hash=sha256:" in text


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.name)
def test_no_lock_names_an_address_or_a_folder(lock):
    text = lock.read_text(encoding="utf-8")

    assert "://" not in text
    assert "index" not in text
    assert "file:" not in text


def test_what_is_declared_is_locked():
    assert declared("run", "build") <= names(ROOT / "requirements/run.lock")
    assert declared("run", "build", "develop") <= names(ROOT / "requirements/develop.lock")
    assert declared("installer") == names(ROOT / "requirements/uv.lock")


def test_a_check_needs_nothing_but_what_builds_the_site():
    assert "pyromark" in names(ROOT / "requirements/run.lock")


def test_publishing_takes_what_it_declares_and_nothing_of_a_cluster():
    run, publish, dask, develop = (
        pins(ROOT / f"requirements/{name}.lock") for name in ("run", "publish", "dask", "develop")
    )
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["optional-dependencies"]

    assert set(extras["publish"]) <= names(ROOT / "requirements/publish.lock")
    assert not set(extras["dask"]) & names(ROOT / "requirements/publish.lock")
    assert set(run) < set(publish) < set(dask) < set(develop)


def test_testing_happens_with_the_versions_that_build_the_site():
    run, develop = pins(ROOT / "requirements/run.lock"), pins(ROOT / "requirements/develop.lock")

    assert set(run) <= set(develop)
