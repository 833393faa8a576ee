"""The program lychee, which extracts links from files and checks them."""

from __future__ import annotations

import html
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import quote, unquote, urlsplit

from .errors import PublishFailed, make_problem

__all__ = ["DeadLink", "Lychee", "find_lychee"]

SUFFIXES = "html,css,xml,txt,json"
"""Suffixes of files that may have links; what is no markup is searched for whole addresses."""
CLEAN, HAS_DEAD = 0, 2
"""The exit statuses of a complete check; all others are failures."""
OTHER_ROOT = "/nowhere/of/this/site"
"""The root of a host of which the site is only a part: only paths below the site's own are mapped to its folder."""
STDERR_FILE = "stderr"
INSTALL_HINT = "Install it: python3 requirements/install.py publish. Or name the program in LYCHEE."


@dataclass(frozen=True, slots=True)
class DeadLink:
    """A link that leads nowhere, by its index among those that were checked, and lychee's reason."""

    index: int
    reason: str


def find_lychee(environment: Mapping[str, str]) -> Path:
    """Return the program of LYCHEE, beside this Python, or on the PATH. Raises `PublishFailed` if there is none."""
    if named := environment.get("LYCHEE"):
        return Path(named)
    beside = shutil.which("lychee", path=str(Path(sys.executable).parent))
    program = beside or shutil.which("lychee", path=environment.get("PATH", os.defpath))
    if program is None:
        raise PublishFailed([make_problem("lychee", "the program that checks links is not installed", INSTALL_HINT)])
    return Path(program)


@dataclass(frozen=True)
class Lychee:
    """The program, for a built site in `output` whose address is `site_url`."""

    program: Path
    output: Path
    site_url: str

    def extract_links(self) -> Iterator[tuple[str, str]]:
        """Yield every link in every file, with the file; links inside the site begin with `site_prefix`.

        Raises `PublishFailed` in the end if not all files could be read.
        """
        options = ("--dump", "--verbose", "--no-ignore", "--include-verbatim", "--extensions", SUFFIXES)
        with TemporaryDirectory() as folder:
            with self._start((*options, str(self.output)), folder) as running:
                assert running.stdout is not None
                for line in running.stdout:
                    link, _, source = line.rstrip("\n").removesuffix(" [excluded]").partition(" (")
                    yield link, source.removesuffix(")").removeprefix(f"{self.output}/")
            if running.returncode != CLEAN:
                raise self._failure(running.returncode, _read_stderr(folder))

    def find_dead(self, links: Sequence[str]) -> tuple[DeadLink, ...]:
        """Return which of these links lead nowhere in the site."""
        return self._check(links, ("--offline", "--include-fragments"))

    def find_dead_external(self, links: Sequence[str]) -> tuple[DeadLink, ...]:
        """Request links to other sites, with retries, and return which lead nowhere."""
        return self._check(links, ("--max-retries", "2", "--timeout", "20"))

    def _check(self, links: Sequence[str], options: Sequence[str]) -> tuple[DeadLink, ...]:
        """Check links in a page with one link a line, so that the line is the index."""
        with TemporaryDirectory() as folder:
            page = Path(folder) / "links.html"
            page.write_text("".join(f'<a href="{html.escape(link)}"></a>\n' for link in links), encoding="utf-8")
            with self._start((*options, "--format", "json", str(page)), folder) as running:
                report, _ = running.communicate()
            if running.returncode not in (CLEAN, HAS_DEAD):
                raise self._failure(running.returncode, _read_stderr(folder))
        return tuple(self._parse_report(report, len(links), running.returncode))

    def _parse_report(self, report: str, count: int, status: int) -> Iterator[DeadLink]:
        try:
            result = json.loads(report)
            errors = [row for key in ("error_map", "timeout_map") for rows in result[key].values() for row in rows]
            checked = result["successful"] + result["errors"] + result["timeouts"]
            dead = [(row["span"]["line"] - 1, row["status"]["text"]) for row in errors]
        except (ValueError, KeyError, TypeError):
            raise self._failure(status, "its report cannot be read") from None
        if checked != count or bool(dead) != (status == HAS_DEAD):
            raise self._failure(status, f"it looked at {checked} of {count} links")
        for index, reason in sorted(dead):
            yield DeadLink(index, reason)

    def _start(self, options: Sequence[str], folder: str) -> subprocess.Popen[str]:
        """Start lychee in an empty folder, where there is no configuration of another program's."""
        command = [str(self.program), "--no-progress", *self._site_options(), *options]
        try:
            with (Path(folder) / STDERR_FILE).open("w") as stderr:
                return subprocess.Popen(command, cwd=folder, encoding="utf-8", stdout=subprocess.PIPE, stderr=stderr)
        except OSError as error:
            raise PublishFailed(
                [make_problem(str(self.program), f"cannot be run: {error.strerror}", INSTALL_HINT)]
            ) from None

    def _site_options(self) -> Iterator[str]:
        """Yield options that map the addresses of the site to its folder."""
        site, here = self.site_url.rstrip("/"), self.site_prefix.rstrip("/")
        path = urlsplit(site).path
        yield from ("--index-files", "index.html")
        yield from ("--root-dir", OTHER_ROOT if path else str(self.output))
        if path:
            yield from ("--remap", f"^{re.escape(f'file://{OTHER_ROOT}{path}')}(/.*)?$ {here}$1")
        yield from ("--remap", f"^{re.escape(site)}(?:[?].*)?$ {here}/")
        yield from ("--remap", f"^{re.escape(site)}(/.*)$ {here}$1")

    @property
    def site_prefix(self) -> str:
        """Return what links inside the site begin with."""
        return f"file://{quote(str(self.output))}/"

    def path_in_site(self, link: str) -> str | None:
        """Return the path of a link inside the site, or of one that lacks the site's own path; None for others."""
        for prefix in (self.site_prefix.rstrip("/"), f"file://{OTHER_ROOT}"):
            rest = link.removeprefix(prefix)
            if rest != link and rest[:1] in ("", "/", "#", "?"):
                return f"/{unquote(rest.removeprefix('/'))}"
        return None

    def _failure(self, status: int, stderr: str) -> PublishFailed:
        message = f"the links could not be checked: lychee ended with status {status}: {stderr.strip()[-300:]}"
        return PublishFailed(
            [make_problem(str(self.program), message, "Run it by hand to see why: lychee --offline output")]
        )


def _read_stderr(folder: str) -> str:
    """Return what lychee wrote to its stderr."""
    return (Path(folder) / STDERR_FILE).read_text(encoding="utf-8", errors="replace")
