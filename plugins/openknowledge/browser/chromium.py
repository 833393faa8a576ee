"""The Chrome or Chromium of this machine, and its installation where there is none."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from itertools import product
from pathlib import Path

NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome-stable", "google-chrome", "chrome")
"""The program's names on the search path; the first one that exists is taken.

The shell without windows loads a page in half the time that the whole browser takes.
"""

FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
"""The browser's flags: it connects only to the page's own server."""

DEBIAN_PACKAGES = ("chromium-headless-shell", "fonts-liberation", "fonts-noto-color-emoji")


class NoChromium(Exception):
    """There is no browser; the message says what to do about it."""


def find_or_install() -> Path:
    """Return the browser of this machine, after installing one if there is none. Raises `NoChromium`."""
    browser = find() or find_playwright_browser()
    if browser is None:
        _install()
        browser = find() or find_playwright_browser()
    if browser is None:
        raise NoChromium(
            "No Chrome or Chromium was found, and none could be installed.\n"
            "    Install one, or name the program: CHROMIUM=/path/to/chrome make test"
        )
    return browser


def find(
    environment: Mapping[str, str] = os.environ,
    which: Callable[[str], str | None] = shutil.which,
    exists: Callable[[Path], bool] = Path.exists,
) -> Path | None:
    """Return an installed browser: the one that CHROMIUM names, else on the search path, else in a usual place."""
    if named := environment.get("CHROMIUM"):
        if not exists(Path(named)):
            raise NoChromium(f'CHROMIUM names "{named}", and there is no such file.')
        return Path(named)
    on_path = (Path(path) for name in NAMES if (path := which(name)))
    return next(on_path, None) or next((path for path in usual_paths(environment) if exists(path)), None)


def usual_paths(environment: Mapping[str, str]) -> Iterator[Path]:
    """Yield the paths that macOS and Windows use outside the search path."""
    homes = filter(None, ("/", environment.get("HOME")))
    for home, name in product(homes, ("Google Chrome", "Chromium")):
        yield Path(home, "Applications", f"{name}.app", "Contents", "MacOS", name)
    folders = filter(None, map(environment.get, ("PROGRAMFILES", "PROGRAMFILES(X86)", "LOCALAPPDATA")))
    for folder, name in product(folders, ("Google/Chrome", "Chromium")):
        yield Path(folder, name, "Application", "chrome.exe")


def find_playwright_browser() -> Path | None:
    """Return the browser that Playwright has downloaded earlier."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        path = Path(playwright.chromium.executable_path)
    return path if path.exists() else None


def install_commands(is_root: bool, os_release: str) -> tuple[tuple[str, ...], ...]:
    """Return the commands that install a browser: Debian's package for root on Debian, else Playwright's own."""
    if is_root and "ID=debian" in os_release.splitlines():
        install = ("apt-get", "install", "--yes", "--no-install-recommends", *DEBIAN_PACKAGES)
        return (("apt-get", "update"), install)
    return ((sys.executable, "-m", "playwright", "install", "chromium"),)


def _install() -> None:
    """Run the commands in order, until one fails."""
    release = Path("/etc/os-release")
    is_root = hasattr(os, "geteuid") and os.geteuid() == 0
    print("No Chrome or Chromium here; installing one", flush=True)
    for command in install_commands(is_root, release.read_text(encoding="utf-8") if release.exists() else ""):
        environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        if subprocess.run(command, env=environment, check=False).returncode:
            return
