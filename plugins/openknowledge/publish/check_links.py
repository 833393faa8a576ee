"""`python -m openknowledge.publish.check_links output`: checks that every link of the built site leads somewhere.

Links and fragments inside the site are checked without a network, those to other sites are listed. `--external`
requests those too, and reports what does not answer without failing.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from openknowledge.manifest import MANIFEST, Manifest, ManifestProblem
from openknowledge.problems import Problem
from openknowledge.redirects.table import REDIRECTS_FILE, Redirect, load

from .errors import PublishFailed, make_problem
from .link_sources import BrokenLink, LinkLocator, describe_broken, make_locator
from .lychee import Lychee, find_lychee

__all__ = ["LinkReport", "check_links", "main"]

MAX_SHOWN = 3
"""So many of the files with the same address are named."""
EXTERNAL_SCHEMES = ("http://", "https://")
Links = defaultdict[str, list[str]]
"""Links, and the file of each use of them."""


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


def check_links(
    output: Path, site_url: str, program: Path, redirects: Iterable[Redirect] = (), locator: LinkLocator | None = None
) -> LinkReport:
    """Check every link inside a built site; `locator` finds where broken ones are written.

    Raises `PublishFailed` if links cannot be checked.
    """
    lychee = Lychee(program, output.resolve(), site_url)
    inside, outside_folder, external = _extract(lychee)
    if not inside:
        hint = "Build the site first: invoke build --publish"
        raise PublishFailed([make_problem(str(output), "there is no link to check", hint)])
    for address, source in _redirect_links(redirects):
        inside[f"{lychee.site_prefix}{address}"].append(source)
    links = sorted(inside)
    dead = [(links[link.index], link.reason) for link in lychee.find_dead(links)]
    broken = [
        BrokenLink(lychee.path_in_site(link) or link, reason, sorted({*inside[link]}), len(inside[link]))
        for link, reason in dead
    ]
    broken += [BrokenLink(link, "", sorted({*files}), len(files)) for link, files in outside_folder.items()]
    count = sum(map(len, (*inside.values(), *outside_folder.values())))
    problems = describe_broken(output, broken, locator or LinkLocator(site_url, Path()))
    return LinkReport(count, len(inside) + len(outside_folder), problems, external)


def _extract(lychee: Lychee) -> tuple[Links, Links, Links]:
    """Return the links inside the site, those that lead out of its folder (`../..`), and those to other sites."""
    inside, outside_folder, external = Links(list), Links(list), Links(list)
    for link, name in lychee.extract_links():
        source = sys.intern(name)  # A page has dozens of links.
        if lychee.path_in_site(link) is not None:
            inside[link].append(source)
        elif link.startswith("file:"):
            outside_folder[link].append(source)
        elif link.startswith(EXTERNAL_SCHEMES):
            external[link].append(source)
    return inside, outside_folder, external


def _redirect_links(redirects: Iterable[Redirect]) -> Iterator[tuple[str, str]]:
    """Yield where redirects lead inside the site, and the pages for hosts that send no redirects themselves."""
    for redirect in redirects:
        source = f"{REDIRECTS_FILE}: {redirect.source}"
        if redirect.target is not None and redirect.target.startswith("/"):
            yield quote(redirect.target.lstrip("/"), safe="/#?=&%"), source
        if not redirect.query:
            yield quote(redirect.source.lstrip("/")), source


def main(argv: Sequence[str], environment: Mapping[str, str]) -> int:
    """Run the command line, and return its exit status: 0 if every link leads somewhere."""
    arguments = _make_parser().parse_args(argv)
    output = Path(arguments.output)
    try:
        program = find_lychee(environment)
        site_url = arguments.site_url or _read_site_url(output)
        locator = make_locator(site_url, Path(), output, Path(arguments.cache))
        report = check_links(output, site_url, program, load(output), locator)
        if arguments.external:
            _print_dead_external(Lychee(program, output.resolve(), site_url), report)
    except PublishFailed as failed:
        print(failed, file=sys.stderr)
        return 1
    if arguments.list:
        Path(arguments.list).write_text(report.format_external(), encoding="utf-8")
    for problem in report.problems:
        print(problem, file=sys.stderr)
    counts = f"{report.count:,} links inside the site, {report.distinct:,} of them different"
    print(f"{counts}: {len(report.problems) or 'none'} broken. {len(report.external):,} addresses of other sites.")
    return 1 if report.problems else 0


def _print_dead_external(lychee: Lychee, report: LinkReport) -> None:
    urls = sorted(report.external)
    for link in lychee.find_dead_external(urls):
        files = sorted({*report.external[urls[link.index]]})
        print(f"{urls[link.index]}: {link.reason} (in {', '.join(files[:MAX_SHOWN])})")


def _read_site_url(output: Path) -> str:
    """Return the address that the site was built for."""
    try:
        return Manifest.load((output / MANIFEST).read_bytes()).site_url
    except (OSError, ManifestProblem):
        hint = "Build the site: invoke build. Or say where it lives: --site-url https://example.edu"
        message = "there is no manifest that says where the site lives"
        raise PublishFailed([make_problem(f"{output.name}/{MANIFEST}", message, hint)]) from None


def _make_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="openknowledge.publish.check_links", description="Check every link of the site."
    )
    parser.add_argument("output", help="the built site")
    parser.add_argument("--cache", default=".cache", help="CACHE_PATH of the build, which knows what pages are made of")
    parser.add_argument("--site-url", default="", help="where the site lives; what its manifest says if not said")
    parser.add_argument(
        "--list", metavar="FILE", default="", help="write the addresses of other sites that it links to"
    )
    parser.add_argument("--external", action="store_true", help="ask for those too, and report what does not answer")
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], os.environ))
