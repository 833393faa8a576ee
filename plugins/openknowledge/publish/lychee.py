"""lychee, which reads links out of files and follows them: how it is found, called, and never mistaken."""

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

READ = "html,css,xml,txt,json"
"""Endings of files that may have links. What is no markup is searched for whole addresses."""
CLEAN, HAS_BROKEN = 0, 2
"""Its exit statuses that are an outcome; all others say that it did not do its work."""
NO_FOLDER = "/nowhere/of/this/site"
"""Stands for the root of a host of which the site is only a part: nothing is there but what is below its path."""
SAID = "said"
INSTALL = "Install it: python3 requirements/install.py publish. Or name the program in LYCHEE."


@dataclass(frozen=True, slots=True)
class DeadLink:
    """A link that leads nowhere, by its place among those that were asked for, and lychee's words on it."""

    index: int
    reason: str


def find_lychee(environment: Mapping[str, str]) -> Path:
    """The program: that of LYCHEE, the one beside this Python, or one on the PATH. Raises `Failed` without any."""
    if named := environment.get("LYCHEE"):
        return Path(named)
    beside = shutil.which("lychee", path=str(Path(sys.executable).parent))
    place = beside or shutil.which("lychee", path=environment.get("PATH", os.defpath))
    if place is None:
        raise PublishFailed([make_problem("lychee", "the program that checks links is not installed", INSTALL)])
    return Path(place)


@dataclass(frozen=True)
class Lychee:
    """The program, for a built site in `output` that lives at `site_url`."""

    program: Path
    output: Path
    site_url: str

    def extract_links(self) -> Iterator[tuple[str, str]]:
        """Every link in every file, with the file: those of the site itself begin with `inside`.

        Raises `Failed` in the end where not all could be read.
        """
        words = ("--dump", "--verbose", "--no-ignore", "--include-verbatim", "--extensions", READ)
        with TemporaryDirectory() as folder:
            with self._started((*words, str(self.output)), folder) as running:
                assert running.stdout is not None
                for line in running.stdout:
                    link, _, source = line.rstrip("\n").removesuffix(" [excluded]").partition(" (")
                    yield link, source.removesuffix(")").removeprefix(f"{self.output}/")
            if running.returncode != CLEAN:
                raise self._failure(running.returncode, _said(folder))

    def find_dead(self, links: Sequence[str]) -> tuple[DeadLink, ...]:
        """Those of these links that lead nowhere in the site."""
        return self._broken(links, ("--offline", "--include-fragments"))

    def find_dead_external(self, links: Sequence[str]) -> tuple[DeadLink, ...]:
        """Those of these links that lead nowhere elsewhere; they are asked for, with patience."""
        return self._broken(links, ("--max-retries", "2", "--timeout", "20"))

    def _broken(self, links: Sequence[str], words: Sequence[str]) -> tuple[DeadLink, ...]:
        """Each link stands in a line of its own in a page that is made for it, so its line is its number."""
        with TemporaryDirectory() as folder:
            page = Path(folder) / "links.html"
            page.write_text("".join(f'<a href="{html.escape(link)}"></a>\n' for link in links), encoding="utf-8")
            with self._started((*words, "--format", "json", str(page)), folder) as running:
                report, _ = running.communicate()
            if running.returncode not in (CLEAN, HAS_BROKEN):
                raise self._failure(running.returncode, _said(folder))
        return tuple(self._read(report, len(links), running.returncode))

    def _read(self, report: str, count: int, status: int) -> Iterator[DeadLink]:
        try:
            told = json.loads(report)
            errors = [one for key in ("error_map", "timeout_map") for rows in told[key].values() for one in rows]
            looked_at = told["successful"] + told["errors"] + told["timeouts"]
            places = [(one["span"]["line"] - 1, one["status"]["text"]) for one in errors]
        except (ValueError, KeyError, TypeError):
            raise self._failure(status, "its report cannot be read") from None
        if looked_at != count or bool(places) != (status == HAS_BROKEN):
            raise self._failure(status, f"it looked at {looked_at} of {count} links")
        for number, reason in sorted(places):
            yield DeadLink(number, reason)

    def _started(self, words: Sequence[str], folder: str) -> subprocess.Popen[str]:
        """lychee at work in an empty folder, where it finds no configuration of somebody else's."""
        command = [str(self.program), "--no-progress", *self._place(), *words]
        try:
            with (Path(folder) / SAID).open("w") as said:
                return subprocess.Popen(command, cwd=folder, encoding="utf-8", stdout=subprocess.PIPE, stderr=said)
        except OSError as error:
            raise PublishFailed(
                [make_problem(str(self.program), f"cannot be run: {error.strerror}", INSTALL)]
            ) from None

    def _place(self) -> Iterator[str]:
        """Where the site lies, and which addresses are its own: those of its host, and paths below its path."""
        site, here = self.site_url.rstrip("/"), self.site_prefix.rstrip("/")
        path = urlsplit(site).path
        yield from ("--index-files", "index.html")
        yield from ("--root-dir", NO_FOLDER if path else str(self.output))
        if path:
            yield from ("--remap", f"^{re.escape(f'file://{NO_FOLDER}{path}')}(/.*)?$ {here}$1")
        yield from ("--remap", f"^{re.escape(site)}(?:[?].*)?$ {here}/")
        yield from ("--remap", f"^{re.escape(site)}(/.*)$ {here}$1")

    @property
    def site_prefix(self) -> str:
        """What links of the site itself begin with."""
        return f"file://{quote(str(self.output))}/"

    def path_in_site(self, link: str) -> str | None:
        """A link of the site as a path, or one that misses the site's own path; None for all others."""
        for place in (self.site_prefix.rstrip("/"), f"file://{NO_FOLDER}"):
            rest = link.removeprefix(place)
            if rest != link and rest[:1] in ("", "/", "#", "?"):
                return f"/{unquote(rest.removeprefix('/'))}"
        return None

    def _failure(self, status: int, said: str) -> PublishFailed:
        message = f"the links could not be checked: lychee ended with status {status}: {said.strip()[-300:]}"
        return PublishFailed(
            [make_problem(str(self.program), message, "Run it by hand to see why: lychee --offline output")]
        )


def _said(folder: str) -> str:
    """What lychee complained of."""
    return (Path(folder) / SAID).read_text(encoding="utf-8", errors="replace")
