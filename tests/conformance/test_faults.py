"""Under any faults of a publisher's requests readers have a working site, and the next run ends well."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator

import pytest
from tests.conformance.place import BUCKET, Place
from tests.conformance.routed_place import RoutedPlace, addresses_of, is_of
from tests.publish.crawler import Crawl, crawl, versions_of
from tests.servers import faults
from tests.servers.router import running_router
from tests.servers.seaweed import Seaweed

from openknowledge.publish.built_site import BuiltSite
from openknowledge.publish.result import PublishResult, Status

pytestmark = pytest.mark.conformance
RUNS = 500
ENDED_WELL = (Status.PUBLISHED, Status.NOTHING_TO_DO)


LONG = {"by path": 100, "routed": 64}
"""About as many requests as a publication makes; a rollback of the second kind makes half of them."""


@pytest.fixture(params=LONG)
def layout(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def place(layout: str, seaweed: Seaweed) -> Iterator[Place]:
    """Return a prefix with a layout; one by content is read through a router that remembers nothing for long."""
    if layout == "by path":
        yield Place(seaweed, "faults", retained_releases=4)
        return
    with running_router(f"{seaweed.url(BUCKET)}/routed") as port:
        yield RoutedPlace(seaweed, "routed", retained_releases=4, port=port)


def chosen(chance: random.Random, long: int) -> tuple[str, faults.Choice]:
    """Choose what fails in a run of so many requests: one of them, all from one on, or a share of all."""
    what = chance.random()
    number = chance.randint(1, long)
    if what < 0.35:
        is_carried_out = chance.random() < 0.5
        return "cut off", faults.cut_off_from(number, is_carried_out=is_carried_out)
    if what < 0.6:
        kind = chance.choice(faults.KINDS)
        return f"once {kind}", faults.at(number, kind)
    share = chance.choice((0.01, 0.05, 0.2))
    return f"{share:.0%} of all", faults.now_and_then(chance.randrange(10**9), share)


def test_publications_and_rollbacks_under_faults_end_well(layout, place, proxy, versions, capsys, chance):
    sites = versions
    place.publish(sites[0])
    now, mixed, ends, kinds, tried, seen = sites[0], 0, Counter(), Counter(), Counter(), Counter()
    runs = chance.times(RUNS)
    for number in range(runs):
        is_rollback = number % 5 == 4
        what, choice = chosen(chance, LONG[layout] // (2 if is_rollback and layout == "routed" else 1))
        proxy.begin(choice)
        wanted = before_the_last(sites, place) if is_rollback else another(sites, now, chance)
        outcome = place.tried(*(("restore", None) if is_rollback else ("publish", wanted)), proxy.address)
        kinds.update(asked.fault for asked in proxy.asked if asked.fault)
        tried[what] += 1
        ends[outcome.status.name if isinstance(outcome, PublishResult) else type(outcome).__name__] += 1

        found = crawl(place.public, versions_of(now.manifest, wanted.manifest))
        assert found.wrong == [], (number, what)
        mixed += is_mixed(found.digests, now, wanted)
        if layout == "routed":
            assert not mixed, (number, what)
            seen[whole_version(place, found, now, wanted)] += 1

        if chance.random() < 0.2:
            wanted = chance.choice(sites)
        healed = place.publish(wanted, is_later=True)
        assert healed.status in ENDED_WELL, (number, what, healed.format_text())
        assert list(place.wrong(wanted)) == [], (number, what)
        if healed.status is Status.NOTHING_TO_DO:
            wanted = another(sites, wanted, chance)
            assert place.publish(wanted, is_later=True).status is Status.PUBLISHED
        assert list(place.left_behind()) == [], (number, what)
        now = wanted
    with capsys.disabled():
        print(
            *(f"\n{runs} runs, {layout}: {dict(tried)}", f"ended: {dict(ends)}", f"faults: {dict(kinds)}"),
            f"new pages and old ones until the next run: {mixed}{f'; seen whole: {dict(seen)}' if seen else ''}",
            sep="\n",
        )
    if chance.is_thorough:
        assert all(kinds[kind] for kind in (*faults.KINDS, faults.CUT_OFF))


def whole_version(place: Place, found: Crawl, old: BuiltSite, new: BuiltSite) -> str:
    """Return the version that all answers are of: those of a crawl, and those for every address of both versions."""
    public = place.public
    others = (address for address in addresses_of(old, new) if address not in found.answers)
    answers = {**found.answers, **{address: public.get(address) for address in others}}
    fitting = {
        name
        for name, site in (("old", old), ("new", new))
        if all(is_of(site, address, response) for address, response in answers.items())
    }
    assert fitting, "answers are of no version, or of two"
    return " and ".join(sorted(fitting))


def another(sites: list[BuiltSite], than: BuiltSite, chance: random.Random) -> BuiltSite:
    return chance.choice([site for site in sites if site is not than])


def before_the_last(sites: list[BuiltSite], place: Place) -> BuiltSite:
    """Return the version that a rollback leads to."""
    target = place.target()
    entries = target.read_manifest(target.read_state().deploy_state.releases[-2]).entries()
    return next(site for site in sites if site.manifest.entries == entries)


def is_mixed(digests: dict[str, str], one: BuiltSite, other: BuiltSite) -> bool:
    """Return whether a reader got what only the old version has and what only the new version has."""
    kinds = set()
    for address, digest in digests.items():
        path = f"{address}index.html".lstrip("/") if address.endswith("/") else address.lstrip("/")
        entries = (one.manifest.by_path.get(path), other.manifest.by_path.get(path))
        is_in = tuple(entry is not None and entry.digest == digest for entry in entries)
        kinds.add(is_in)
    return {(True, False), (False, True)} <= kinds
