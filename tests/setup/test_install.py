"""The environment is made once, and again only when what it depends on has changed."""

import importlib.util
import json
import shutil
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def install(tmp_path, monkeypatch):
    """Return the installer of a project in `tmp_path`, which only notes what it would do."""
    spec = importlib.util.spec_from_file_location("install", ROOT / "requirements/install.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    shutil.copytree(ROOT / "requirements", tmp_path / "requirements")
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    environment = tmp_path / ".venv"
    for name, value in {
        "ROOT": tmp_path,
        "LOCKS": tmp_path / "requirements",
        "ENVIRONMENT": environment,
        "STAMP": environment / "installed.json",
        "PYTHON": environment / "python",
    }.items():
        monkeypatch.setattr(module, name, value)
    module.done = []

    def record(force):
        module.done.append("recreated" if force else "created")
        environment.mkdir(exist_ok=True)
        (environment / "python").touch()

    monkeypatch.setattr(module, "_make_environment", record)
    monkeypatch.setattr(module, "_install", lambda level: module.done.append(level))
    return module


def test_a_second_time_does_nothing(install):
    install.main("run")
    install.main("run")

    assert install.done == ["created", "run"]


def test_building_after_testing_keeps_what_testing_installed(install):
    install.main("develop")
    install.main("run")

    assert install.done == ["created", "develop"]


def test_testing_after_building_adds_what_testing_needs(install):
    install.main("run")
    install.main("develop")

    assert install.done == ["created", "run", "created", "develop"]


def test_a_changed_lock_is_installed(install):
    install.main("develop")
    (install.LOCKS / "develop.lock").write_text("changed")
    install.main("run")

    assert install.done[2:] == ["created", "develop"]


def test_an_environment_that_was_moved_is_made_again(install):
    install.main("run")
    install.STAMP.write_text(json.dumps({**json.loads(install.STAMP.read_text()), "place": "elsewhere"}))
    install.main("run")

    assert install.done[2:] == ["recreated", "run"]


def test_an_installation_that_failed_is_tried_again(install, monkeypatch):
    monkeypatch.setattr(install, "_install", lambda level: (_ for _ in ()).throw(install.CannotInstall("no network")))
    with pytest.raises(install.CannotInstall):
        install.main("run")

    assert not install.STAMP.exists()


@pytest.mark.parametrize("stamp", ["", "[]", "{}", '{"level": "other"}', "not json"])
def test_a_stamp_that_says_nothing_is_as_good_as_none(install, stamp):
    install.ENVIRONMENT.mkdir()
    install.STAMP.write_text(stamp)
    install.main("run")

    assert install.done == ["created", "run"]


def test_a_python_without_venv_is_reported_with_the_cure(monkeypatch):
    spec = importlib.util.spec_from_file_location("install", ROOT / "requirements/install.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    monkeypatch.setattr(module, "PYTHON", Path("no-such-python"))
    monkeypatch.setattr(module.importlib.util, "find_spec", lambda name: None)

    with pytest.raises(module.CannotInstall, match="apt-get install python3-venv"):
        module._make_environment(force=False)
