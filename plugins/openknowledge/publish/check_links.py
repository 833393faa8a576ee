"""`python -m openknowledge.publish.check_links output`: checks that every link of the built site leads somewhere.

The program lychee extracts links from files and checks them. Links and fragments inside the site are checked without a
network, those to other sites are listed. `--external` requests those too, and reports what does not answer without
failing. A broken link is a problem at the line of the content where it is written, else at the page that shows it.
"""

import argparse
import html
import json
import os
import re
import shutil
import subprocess
import sys
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory, TemporaryFile
from typing import NamedTuple, TextIO
from urllib.parse import quote, unquote, urlsplit

from openknowledge.content.link_locations import LinkLocation, LinkLocator, make_locator
from openknowledge.manifest import MANIFEST, Manifest, ManifestProblem
from openknowledge.problems import Problem, operator_problem, sort_problems, total
from openknowledge.redirects.table import REDIRECTS_FILE, Redirect, load
from openknowledge.url_paths import THING

from .errors import PublishFailed, PublishRefused, make_problem

__all__ = ["BrokenLink", "LinkReport", "check_links", "check_site_links", "describe_broken", "find_lychee", "main"]

SUFFIXES = "html,css,xml,txt,json"
"""Suffixes of files that may have links; what is no markup is searched for whole addresses."""
PAGE = "links.html"
"""The file in which lychee gets the links to check."""
CLEAN, HAS_DEAD = 0, 2
"""The exit statuses of lychee after a complete check; all others are failures."""
OTHER_ROOT = "/nowhere/of/this/site"
"""The root of a host of which the site is only a part: only paths below the site's own are mapped to its folder."""
INSTALL_HINT = "Install it: python3 requirements/install.py publish. Or name the program in LYCHEE."
MAX_SHOWN = 3
"""So many of the pages with the same broken link are named."""
NO_FRAGMENT = "Cannot find fragment"
REASONS, USUAL_REASON = {NO_FRAGMENT: "names a place that the page does not have"}, "leads nowhere"
ADVICE = {NO_FRAGMENT: "Name an id that the page has, or leave out what begins with #."}
USUAL_ADVICE = "Write an address that the site has, or name the file: ({filename}/courses/algebra/index.md)."
Links = defaultdict[str, list[str]]
"""Links, and the file of each use of them."""


class BrokenLink(NamedTuple):
    """An address that leads nowhere, why, and the page of each link to it."""

    address: str
    reason: str
    pages: Sequence[str]


@dataclass(frozen=True)
class LinkReport:
    """How many links a site has, how many differ, what is broken, and the files that link to each other site."""

    count: int
    distinct: int
    problems: tuple[Problem, ...]
    external: Mapping[str, Sequence[str]]

    def format_external(self) -> str:
        """Format the addresses of other sites, each with the first file that links to it, and how many links do."""
        return "".join(f"{url}\t{min(files)}\t{len(files)}\n" for url, files in sorted(self.external.items()))


@dataclass(frozen=True)
class Lychee:
    """The program, for a built site in `output` whose address is `site_url`."""

    program: Path
    output: Path
    site_url: str

    def extract_links(self) -> tuple[Links, Links, Links]:
        """Return the links inside the site, those that lead out of its folder (`../..`), and those to other sites.

        Links inside the site begin with `site_prefix`. Raises `PublishFailed` if not all files could be read.
        """
        inside, outside_folder, external = Links(list), Links(list), Links(list)
        options = ("--dump", "--verbose", "--no-ignore", "--include-verbatim", "--extensions", SUFFIXES)
        with self._run((*options, str(self.output)), "", (CLEAN,)) as (_, lines):
            for line in lines:
                link, _, place = line.rstrip("\n").removesuffix(" [excluded]").partition(" (")
                if THING in link:
                    continue
                source = sys.intern(place.removesuffix(")").removeprefix(f"{self.output}/"))  # A page has dozens.
                if self.path_in_site(link) is not None:
                    inside[link].append(source)
                elif link.startswith("file:"):
                    outside_folder[link].append(source)
                elif link.startswith(("http://", "https://")):
                    external[link].append(source)
        return inside, outside_folder, external

    def find_dead(self, links: Iterable[str], *, is_external: bool = False) -> list[tuple[str, str]]:
        """Return which of these links lead nowhere, with lychee's reasons; those to other sites are requested."""
        options = ("--max-retries", "2", "--timeout", "20") if is_external else ("--offline", "--include-fragments")
        ordered = sorted(links)  # One link a line, so that the line is the link's number.
        page = "".join(f'<a href="{html.escape(link)}"></a>\n' for link in ordered)
        with self._run((*options, "--format", "json", PAGE), page, (CLEAN, HAS_DEAD)) as (status, report):
            try:
                result = json.load(report)
                errors = [row for key in ("error_map", "timeout_map") for rows in result[key].values() for row in rows]
                checked = result["successful"] + result["errors"] + result["timeouts"]
                dead = sorted((row["span"]["line"] - 1, row["status"]["text"]) for row in errors)
            except (ValueError, KeyError, TypeError):
                raise self._failure(status, "its report cannot be read") from None
        if checked != len(ordered) or bool(dead) != (status == HAS_DEAD):
            raise self._failure(status, f"it looked at {checked} of {len(ordered)} links")
        return [(ordered[number], reason) for number, reason in dead]

    @contextmanager
    def _run(self, options: Sequence[str], page: str, complete: Collection[int]) -> Iterator[tuple[int, TextIO]]:
        """Run lychee on the file `PAGE` or a folder, and yield its exit status and what it printed.

        It runs in a folder of its own, where there is no configuration of another program's.
        """
        command = [str(self.program), "--no-progress", *self._site_options(), *options]
        with TemporaryDirectory() as folder, TemporaryFile("w+", encoding="utf-8") as printed:
            Path(folder, PAGE).write_text(page, encoding="utf-8")
            try:
                done = subprocess.run(command, cwd=folder, stdout=printed, stderr=subprocess.PIPE, check=False)
            except OSError as error:
                raise PublishFailed.at(str(self.program), f"cannot be run: {error.strerror}", INSTALL_HINT) from None
            if done.returncode not in complete:
                raise self._failure(done.returncode, done.stderr.decode(errors="replace"))
            printed.seek(0)
            yield done.returncode, printed

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
        return PublishFailed.at(str(self.program), message, "Run it by hand to see why: lychee --offline output")


def find_lychee(environment: Mapping[str, str]) -> Path:
    """Return the program of LYCHEE, beside this Python, or on the PATH. Raises `PublishFailed` if there is none."""
    if named := environment.get("LYCHEE"):
        return Path(named)
    beside = shutil.which("lychee", path=str(Path(sys.executable).parent))
    program = beside or shutil.which("lychee", path=environment.get("PATH", os.defpath))
    if program is None:
        raise PublishFailed.at("lychee", "the program that checks links is not installed", INSTALL_HINT)
    return Path(program)


def describe_broken(output: Path, links: Iterable[BrokenLink], locator: LinkLocator) -> tuple[Problem, ...]:
    """Return a problem for each location of a broken link, and for each link on pages without a location."""
    pages_by_location = defaultdict[tuple[LinkLocation, str], set[str]](set)
    problems = []
    for link in links:
        located, pages = locator.locate(link.address, tuple(dict.fromkeys(link.pages)))
        for page, location in located:
            pages_by_location[location, link.reason].add(page)
        if pages:
            first, *others = pages[:MAX_SHOWN]
            count = len(pages if located else link.pages)
            shown = f"{count} such links, also in {', '.join(others)}. " if others else ""
            message = f"link to {link.address} {REASONS.get(link.reason, USUAL_REASON)}"
            problems.append(make_problem(f"{output.name}/{first}", message, f"{shown}{_explain(first)}"))
    for (location, reason), shown_on in pages_by_location.items():
        first = min(shown_on)
        more = f" and {len(shown_on) - 1} more" if len(shown_on) > 1 else ""
        explain = "" if location.line else f" {_explain(first)}"
        hint = f"{ADVICE.get(reason, USUAL_ADVICE)} It is shown in {output.name}/{first}{more}.{explain}"
        message = f"link to {location.link_text} {REASONS.get(reason, USUAL_REASON)}"
        problems.append(operator_problem(location.path, location.line or None, None, message, hint))
    return sort_problems(problems)


def _explain(page: str) -> str:
    return f"What a page is made of: invoke explain /{page.removesuffix('index.html')}"


def check_links(
    output: Path, site_url: str, program: Path, redirects: Iterable[Redirect] = (), locator: LinkLocator | None = None
) -> LinkReport:
    """Check every link inside a built site; `locator` finds where broken ones are written.

    Raises `PublishFailed` if links cannot be checked.
    """
    lychee = Lychee(program, output.resolve(), site_url)
    inside, outside_folder, external = lychee.extract_links()
    if not inside:
        hint = "Build the site first: invoke build --publish"
        raise PublishFailed.at(str(output), "there is no link to check", hint)
    for address, source in _redirect_links(redirects):
        inside[f"{lychee.site_prefix}{address}"].append(source)
    dead = [(link, reason, inside[link]) for link, reason in lychee.find_dead(inside)]
    dead += [(link, "", files) for link, files in outside_folder.items()]
    broken = [BrokenLink(lychee.path_in_site(link) or link, reason, sorted(files)) for link, reason, files in dead]
    count = sum(map(len, (*inside.values(), *outside_folder.values())))
    problems = describe_broken(output, broken, locator or LinkLocator(site_url, Path()))
    return LinkReport(count, len(inside) + len(outside_folder), problems, external)


def _redirect_links(redirects: Iterable[Redirect]) -> Iterator[tuple[str, str]]:
    """Yield where redirects lead inside the site, and the pages for hosts that send no redirects themselves."""
    for redirect in redirects:
        source = f"{REDIRECTS_FILE}: {redirect.source}"
        if redirect.target is not None and redirect.target.startswith("/"):
            yield quote(redirect.target.lstrip("/"), safe="/#?=&%"), source
        if not redirect.query:
            yield quote(redirect.source.lstrip("/")), source


def check_site_links(project: Path, output: Path, cache: Path, site_url: str) -> None:
    """Follow every link inside a built site. Raises `PublishRefused` with all that lead nowhere."""
    locator = make_locator(site_url, project, output, cache)
    report = check_links(output, site_url, find_lychee(os.environ), load(output), locator)
    if report.problems:
        raise PublishRefused(report.problems)
    print(f"Checked: {report.count:,} links inside the site, none broken.", flush=True)


def main(argv: Sequence[str], environment: Mapping[str, str]) -> int:
    """Run the command line, and return its exit status: 0 if every link leads somewhere."""
    arguments = _parse(argv)
    output = Path(arguments.output)
    try:
        program = find_lychee(environment)
        site_url = arguments.site_url or _read_site_url(output)
        locator = make_locator(site_url, Path(), output, Path(arguments.cache))
        report = check_links(output, site_url, program, load(output), locator)
        lychee = Lychee(program, output.resolve(), site_url)
        for url, reason in lychee.find_dead(report.external, is_external=True) if arguments.external else ():
            files = sorted({*report.external[url]})
            print(f"{url}: {reason} (in {', '.join(files[:MAX_SHOWN])})")
    except PublishFailed as failed:
        print(failed, file=sys.stderr)
        return 1
    if arguments.list:
        Path(arguments.list).write_text(report.format_external(), encoding="utf-8")
    for problem in report.problems:
        print(problem, file=sys.stderr)
    counts = f"{report.count:,} links inside the site, {report.distinct:,} of them different"
    print(f"{counts}: {total(report.problems) or 'none'} broken. {len(report.external):,} addresses of other sites.")
    return 1 if report.problems else 0


def _read_site_url(output: Path) -> str:
    """Return the address that the site was built for."""
    try:
        return Manifest.load((output / MANIFEST).read_bytes()).site_url
    except (OSError, ManifestProblem):
        hint = "Build the site: invoke build. Or say where it lives: --site-url https://example.edu"
        message = "there is no manifest that says where the site lives"
        raise PublishFailed.at(f"{output.name}/{MANIFEST}", message, hint) from None


def _parse(argv: Sequence[str]) -> argparse.Namespace:
    text = "Check every link of the site."
    parser = argparse.ArgumentParser(prog="openknowledge.publish.check_links", description=text)
    parser.add_argument("output", help="the built site")
    parser.add_argument("--cache", default=".cache", help="CACHE_PATH of the build, which knows what pages are made of")
    parser.add_argument("--site-url", default="", help="where the site lives; what its manifest says if not said")
    text = "write the addresses of other sites that it links to"
    parser.add_argument("--list", metavar="FILE", default="", help=text)
    parser.add_argument("--external", action="store_true", help="ask for those too, and report what does not answer")
    return parser.parse_args(argv)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], os.environ))
