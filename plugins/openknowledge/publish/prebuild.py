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
from .settings import SETTINGS_FILE

__all__ = ["RETIRED_URLS_FILE", "build_site", "check_site_links", "write_retired_urls"]

RETIRED_URLS_FILE = "published-addresses.txt"
"""The file of the cache in which a build gets the addresses that were published once."""


def build_site(project: Path, output: Path, retired_urls: Path, overrides: Mapping[str, str]) -> None:
    """Build the site for publication, with answers for the addresses in the file `retired_urls`.

    `overrides` are settings, each as JSON. Raises `PublishRefused` if the build fails, which has printed why.
    """
    # Pelican reads the last -e alone, so all overrides follow one.
    options = ["-e", *(f"{name}={value}" for name, value in sorted(overrides.items()))] if overrides else []
    command = [sys.executable, "-m", "pelican", "content", "-s", SETTINGS_FILE, "--fatal", "errors"]
    environment = {**os.environ, "PUBLISHED_ADDRESSES": str(retired_urls)}
    done = subprocess.run([*command, "-o", str(output), *options], cwd=project, env=environment, check=False)
    if done.returncode:
        message = "the site cannot be built; the lines above say why"
        raise PublishRefused([make_problem("the build", message, "Mend what they name, and publish again.")])


def check_site_links(project: Path, output: Path, cache: Path, site_url: str) -> None:
    """Follow every link inside a built site. Raises `PublishRefused` with all that lead nowhere."""
    locator = make_locator(site_url, project, output, cache)
    report = check_links(output, site_url, find_lychee(os.environ), load(output), locator)
    if report.problems:
        raise PublishRefused(report.problems)
    print(f"Checked: {report.count:,} links inside the site, none broken.", flush=True)


def write_retired_urls(file: Path, addresses: Iterable[str]) -> None:
    """Write addresses for a build to read, one a line."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("".join(f"{address}\n" for address in sorted(addresses)), encoding="utf-8")
