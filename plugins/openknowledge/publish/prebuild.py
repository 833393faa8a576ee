"""The build that comes before a publication, in a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path

from openknowledge.redirects.table import load

from .check_links import check_links
from .errors import PublishRefused, make_problem
from .link_sources import make_locator
from .lychee import find_lychee

__all__ = ["SETTINGS_FILE", "build_site", "check_site_links", "write_retired_urls"]

SETTINGS_FILE = "publishconf.py"


def build_site(project: Path, output: Path, addresses: Path, overrides: Mapping[str, str]) -> None:
    """Build the project's site for publication. Raises `Refused` where the build does; it has said why itself.

    `overrides` are settings, each as JSON. `addresses` is a file with addresses that were published once: the build
    answers for them.
    """
    # Pelican hears the last -e alone: all that it is to hear stands behind one.
    more = ["-e", *(f"{name}={value}" for name, value in sorted(overrides.items()))] if overrides else []
    command = [sys.executable, "-m", "pelican", "content", "-s", SETTINGS_FILE, "--fatal", "errors"]
    environment = {**os.environ, "PUBLISHED_ADDRESSES": str(addresses)}
    done = subprocess.run([*command, "-o", str(output), *more], cwd=project, env=environment, check=False)
    if done.returncode:
        message = "the site cannot be built; the lines above say why"
        raise PublishRefused([make_problem("the build", message, "Mend what they name, and publish again.")])


def check_site_links(project: Path, output: Path, cache: Path, site_url: str) -> None:
    """Follow every link inside a built site. Raises `Refused` with all that lead nowhere."""
    links = check_links(
        output, site_url, find_lychee(os.environ), load(output), make_locator(site_url, project, output, cache)
    )
    if links.problems:
        raise PublishRefused(links.problems)
    print(f"Checked: {links.count:,} links inside the site, none broken.", flush=True)


def write_retired_urls(place: Path, addresses: Iterable[str]) -> None:
    """Write down addresses for a build to read, a line each."""
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text("".join(f"{address}\n" for address in sorted(addresses)), encoding="utf-8")
