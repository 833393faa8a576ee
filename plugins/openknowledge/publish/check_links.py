"""`python -m openknowledge.publish.check_links output`: every link of the built site leads somewhere.

Links and anchors inside the site are followed without a network, those to other sites are listed, and asked for only
with `--external`, which reports and judges nothing.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

from openknowledge.manifest import MANIFEST, Manifest, ManifestProblem
from openknowledge.problems import Problem
from openknowledge.redirects.table import REDIRECTS_FILE, Redirect, load

from .broken_links import BrokenLink, describe_broken
from .errors import PublishFailed, make_problem
from .link_sources import LinkLocator, make_locator
from .lychee import Lychee, find_lychee

__all__ = ["LinkReport", "check_links", "main"]

SHOWN = 3
"""So many of the files with the same address are named."""
ABROAD = ("http://", "https://")


@dataclass
class LinkUses:
    """An address that somewhere in the site is linked to, with the file of each such link."""

    seen: list[str] = field(default_factory=list)

    @property
    def count(self) -> int:
        return len(self.seen)

    @property
    def sources(self) -> tuple[str, ...]:
        """The files, each once."""
        return tuple(sorted({*self.seen}))


@dataclass(frozen=True)
class LinkReport:
    """What became of a check: how many links there are, how many of them differ, what is broken, what leads abroad."""

    count: int
    distinct: int
    problems: tuple[Problem, ...]
    external: Mapping[str, LinkUses]

    def format_external(self) -> str:
        """The addresses of other sites, each with the first file that links to it."""
        return "".join(f"{url}\t{link.sources[0]}\t{link.count}\n" for url, link in sorted(self.external.items()))


def check_links(
    output: Path, site_url: str, program: Path, redirects: Iterable[Redirect] = (), locator: LinkLocator | None = None
) -> LinkReport:
    """Follow every link inside a built site; what is broken is told where it was written, if `writing` knows.

    Raises `Failed` where links cannot be followed.
    """
    lychee = Lychee(program, output.resolve(), site_url)
    inside, astray, outside = _seen(lychee)
    if not inside:
        raise PublishFailed(
            [make_problem(str(output), "there is no link to check", "Build the site first: invoke build --publish")]
        )
    for address, source in _forwarded(redirects):
        inside.setdefault(f"{lychee.site_prefix}{address}", LinkUses()).seen.append(source)
    wanted = sorted(inside)
    broken = [(wanted[one.index], one.reason) for one in lychee.find_dead(wanted)]
    links = [
        BrokenLink(lychee.path_in_site(link) or link, why, inside[link].sources, inside[link].count)
        for link, why in broken
    ]
    links += [BrokenLink(name, "", link.sources, link.count) for name, link in astray.items()]
    count = sum(link.count for link in (*inside.values(), *astray.values()))
    problems = describe_broken(output, links, locator or LinkLocator(site_url, Path()))
    return LinkReport(count, len(inside) + len(astray), problems, outside)


def _seen(program: Lychee) -> tuple[dict[str, LinkUses], dict[str, LinkUses], dict[str, LinkUses]]:
    """The links inside the site, those that lead out of its folder (`../..`), and those to other sites."""
    inside: dict[str, LinkUses] = {}
    astray: dict[str, LinkUses] = {}
    outside: dict[str, LinkUses] = {}
    for link, name in program.extract_links():
        source = sys.intern(name)  # A page has dozens of links.
        if program.path_in_site(link) is not None:
            inside.setdefault(link, LinkUses()).seen.append(source)
        elif link.startswith("file:"):
            astray.setdefault(link, LinkUses()).seen.append(source)
        elif link.startswith(ABROAD):
            outside.setdefault(link, LinkUses()).seen.append(source)
    return inside, astray, outside


def _forwarded(forwards: Iterable[Redirect]) -> Iterable[tuple[str, str]]:
    """Where old addresses lead inside the site, and the page that each has where a host knows nothing better."""
    for forward in forwards:
        if forward.target is not None and forward.target.startswith("/"):
            yield quote(forward.target.lstrip("/"), safe="/#?=&%"), f"{REDIRECTS_FILE}: {forward.source}"
        if not forward.query:
            yield quote(forward.source.lstrip("/")), f"{REDIRECTS_FILE}: {forward.source}"


def main(words: Sequence[str], environment: Mapping[str, str]) -> int:
    """Do what the words of a command line say; the exit status: 0 where every link leads somewhere."""
    given = _parser().parse_args(words)
    output = Path(given.output)
    try:
        lychee = find_lychee(environment)
        site_url = given.site_url or _site_url(output)
        writing = make_locator(site_url, Path(), output, Path(given.cache))
        links = check_links(output, site_url, lychee, load(output), writing)
        if given.external:
            _report(Lychee(lychee, output.resolve(), site_url), links)
    except PublishFailed as failed:
        print(failed, file=sys.stderr)
        return 1
    if given.list:
        Path(given.list).write_text(links.format_external(), encoding="utf-8")
    for one in links.problems:
        print(one, file=sys.stderr)
    told = f"{links.count:,} links inside the site, {links.distinct:,} of them different"
    print(f"{told}: {len(links.problems) or 'none'} broken. {len(links.external):,} addresses of other sites.")
    return 1 if links.problems else 0


def _report(lychee: Lychee, links: LinkReport) -> None:
    """Say which addresses of other sites do not answer. That is not ours to mend at once, so nothing fails."""
    wanted = sorted(links.external)
    for one in lychee.find_dead_external(wanted):
        url = wanted[one.index]
        print(f"{url}: {one.reason} (in {', '.join(links.external[url].sources[:SHOWN])})")


def _site_url(output: Path) -> str:
    """Where the site was built to live, as its manifest says."""
    place = f"{output.name}/{MANIFEST}"
    try:
        return Manifest.load((output / MANIFEST).read_bytes()).site_url
    except (OSError, ManifestProblem):
        hint = "Build the site: invoke build. Or say where it lives: --site-url https://example.edu"
        raise PublishFailed(
            [make_problem(place, "there is no manifest that says where the site lives", hint)]
        ) from None


def _parser() -> argparse.ArgumentParser:
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
