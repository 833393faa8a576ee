"""All that is wished of old addresses: by editors in items and redirects, and by the courses' own keys."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

from openknowledge.model.course import Course
from openknowledge.model.values import Ref
from openknowledge.problems import Problem, suggest_spelling
from openknowledge.url_paths import address_of_file, tidy

from .legacy_portal import OldRun, old_addresses, old_runs
from .model import Place, Wish

if TYPE_CHECKING:
    from openknowledge.catalogue.site import Site

__all__ = ["alias_wishes", "page_of", "portal_wishes", "runs_of", "sorted_out", "target_problem"]

REMOVE = "Remove it: what is written here are addresses that the page had before."


def alias_wishes(site: Site) -> Iterator[Wish]:
    """The old addresses that items say themselves."""
    for name, (lang, alias, path, line, index) in site.facts.aliases:
        yield Wish(tidy(alias), page_of(site, name, lang), path, line or None, f"aliases[{index}]")


def runs_of(site: Site) -> tuple[OldRun, ...]:
    return tuple(old_runs(site.of(Course), site.langs))


def portal_wishes(site: Site, runs: Iterable[OldRun]) -> Iterator[Wish]:
    """Where the old portal had the courses."""
    for run in runs:
        for address in old_addresses(run):
            yield Wish(tidy(address), page_of(site, f"course/{run.course}", run.lang))


def page_of(site: Site, name: str, lang: str) -> str:
    """The tidy address of an item's page, by its written reference."""
    record = site.facts.documents.stub(Ref(*name.split("/", 1)))
    return address_of_file(site.record_route(record, lang).save_as)


def sorted_out(wishes: Iterable[Wish], served: Mapping[str, Place]) -> tuple[dict[str, Wish], list[Problem]]:
    """The wishes by source that can be had: nothing is served there, and nobody else wants it."""
    table: dict[str, Wish] = {}
    problems: list[Problem] = []
    for wish in wishes:
        first = table.get(wish.source)
        if wish.source in served:
            problems += [_taken(wish, served[wish.source])] if wish.path else []
        elif first is None:
            table[wish.source] = wish
        elif wish.path:
            message = f"{wish.source} is already claimed by {first.where}"
            problems.append(wish.problem(message, "One address leads to one page: keep one of the two."))
    return table, problems


def _taken(wish: Wish, place: Place) -> Problem:
    """A wish for an address at which this build serves something."""
    if wish.target is not None and tidy(wish.target) == wish.source:
        return wish.problem(f"{wish.source} is the address of this page itself", REMOVE)
    whose = f" ({place.path or place.ref})" if place.ref else ""
    hint = f"{REMOVE} An address that serves something cannot lead elsewhere."
    return wish.problem(f"{wish.source} is the address of a page that there is{whose}", hint)


def target_problem(wish: Wish, served: Iterable[str]) -> Problem:
    """A wish that leads to nothing."""
    assert wish.target is not None
    section = tidy(wish.target).split("/")[1]
    near = suggest_spelling(wish.target, (one for one in served if one.split("/")[1] == section))
    message = f'there is nothing at "{wish.target}"' + (f"; {near}" if near else "")
    return wish.problem(message, "Write the address of a page as the browser shows it, or a whole https address.", "to")
