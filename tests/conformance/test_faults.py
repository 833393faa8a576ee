"""Whatever becomes of a publisher's requests, readers have a working site, and the next run ends well."""

from __future__ import annotations

import random
from collections import Counter

import pytest
from tests.conformance.place import Place
from tests.publish.crawler import crawl, versions_of
from tests.servers import faults

from openknowledge.publish.outcome import Outcome, Status
from openknowledge.publish.site import Site

pytestmark = pytest.mark.conformance
RUNS = 500
ENDED_WELL = (Status.PUBLISHED, Status.NOTHING_TO_DO)


def chosen(chance: random.Random) -> tuple[str, faults.Choice]:
    """What goes wrong in a run: one request, all from one on, or some of all."""
    what = chance.random()
    number = chance.randint(1, 100)
    if what < 0.35:
        is_carried_out = chance.random() < 0.5
        return "cut off", faults.cut_off_from(number, is_carried_out=is_carried_out)
    if what < 0.6:
        kind = chance.choice(faults.KINDS)
        return f"once {kind}", faults.at(number, kind)
    share = chance.choice((0.01, 0.05, 0.2))
    return f"{share:.0%} of all", faults.now_and_then(chance.randrange(10**9), share)


def test_500_publications_and_rollbacks_under_faults(seaweed, proxy, versions, capsys):
    sites, place = versions, Place(seaweed, "faults", kept_releases=4)
    place.publish(sites[0])
    now, mixed, ends, kinds, tried = sites[0], 0, Counter(), Counter(), Counter()
    for seed in range(RUNS):
        chance = random.Random(seed)
        what, choice = chosen(chance)
        proxy.begin(choice)
        is_rollback = seed % 5 == 4
        if is_rollback:
            wanted = before_the_last(sites, place)
            outcome = place.tried("restore", endpoint=proxy.address)
        else:
            wanted = chance.choice([site for site in sites if site is not now])
            outcome = place.tried("publish", wanted, proxy.address)
        kinds.update(asked.fault for asked in proxy.asked if asked.fault)
        tried[what] += 1
        ends[outcome.status.name if isinstance(outcome, Outcome) else type(outcome).__name__] += 1

        found = crawl(place.public, versions_of(now.manifest, wanted.manifest))
        assert found.wrong == [], (seed, what)
        mixed += is_mixed(found.digests, now, wanted)

        if chance.random() < 0.2:
            wanted = chance.choice(sites)
        healed = place.publish(wanted, is_later=True)
        assert healed.status in ENDED_WELL, (seed, what, healed.text())
        assert list(place.wrong(wanted)) == [], (seed, what)
        if healed.status is Status.NOTHING_TO_DO:
            wanted = chance.choice([site for site in sites if site is not wanted])
            assert place.publish(wanted, is_later=True).status is Status.PUBLISHED
        assert list(place.left_behind()) == [], (seed, what)
        now = wanted
    with capsys.disabled():
        print(
            *(f"\n{RUNS} runs: {dict(tried)}", f"ended: {dict(ends)}", f"faults: {dict(kinds)}"),
            f"new pages and old ones until the next run: {mixed}",
            sep="\n",
        )
    assert all(kinds[kind] for kind in (*faults.KINDS, faults.CUT_OFF))


def before_the_last(sites: list[Site], place: Place) -> Site:
    """The version that a rollback leads to."""
    target = place.target()
    entries = target.manifest_of(target.look().register.releases[-2]).entries()
    return next(site for site in sites if site.manifest.entries == entries)


def is_mixed(digests: dict[str, str], one: Site, other: Site) -> bool:
    """Whether a reader got what only one of two versions has, and what only the other one has."""
    kinds = set()
    for address, digest in digests.items():
        path = f"{address}index.html".lstrip("/") if address.endswith("/") else address.lstrip("/")
        entries = (one.manifest.by_path.get(path), other.manifest.by_path.get(path))
        is_in = tuple(entry is not None and entry.digest == digest for entry in entries)
        kinds.add(is_in)
    return {(True, False), (False, True)} <= kinds
