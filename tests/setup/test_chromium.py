"""An installed browser is used; where there is none, the machine decides how it is installed."""

from pathlib import Path

import pytest

from openknowledge.browser.chromium import NAMES, NoChromium, find, install_commands

MAC = Path("/Applications/Google Chrome.app/Contents/MacOS/Google Chrome")


def test_the_browser_that_the_environment_names_comes_first():
    browser = find({"CHROMIUM": "/opt/mine"}, which=lambda name: f"/usr/bin/{name}", exists=lambda path: True)

    assert browser == Path("/opt/mine")


def test_a_named_browser_that_is_not_there_is_an_error_and_not_passed_over():
    with pytest.raises(NoChromium, match="/opt/gone"):
        find({"CHROMIUM": "/opt/gone"}, which=lambda name: f"/usr/bin/{name}", exists=lambda path: False)


@pytest.mark.parametrize("name", NAMES)
def test_each_usual_name_is_looked_for_on_the_search_path(name):
    on_path = {name: f"/usr/bin/{name}"}

    assert find({}, which=on_path.get, exists=lambda path: False) == Path(f"/usr/bin/{name}")


def test_the_search_path_comes_before_the_usual_places():
    browser = find({}, which={"chromium": "/usr/bin/chromium"}.get, exists=lambda path: path == MAC)

    assert browser == Path("/usr/bin/chromium")


def test_chrome_is_detected_in_its_folder_on_macos():
    assert find({}, which=lambda name: None, exists=lambda path: path == MAC) == MAC


def test_chrome_is_detected_in_its_folder_on_windows():
    path = Path("C:/Program Files/Google/Chrome/Application/chrome.exe")

    assert find({"PROGRAMFILES": "C:/Program Files"}, which=lambda name: None, exists=lambda p: p == path) == path


def test_there_may_be_none():
    assert find({}, which=lambda name: None, exists=lambda path: False) is None


def test_root_on_debian_installs_the_package():
    update, install = install_commands(is_root=True, os_release="NAME=x\nID=debian\n")

    assert update == ("apt-get", "update")
    assert install[:2] == ("apt-get", "install")
    assert "chromium-headless-shell" in install


@pytest.mark.parametrize(("is_root", "release"), [(False, "ID=debian"), (True, "ID=ubuntu\nID_LIKE=debian")])
def test_everyone_else_gets_playwrights_own(is_root, release):
    (command,) = install_commands(is_root, release)

    assert command[1:] == ("-m", "playwright", "install", "chromium")
