"""Behind a router readers get whole versions in order, under any faults before or behind it."""

from __future__ import annotations

import random
import time
from collections import Counter

import pytest
from tests.conformance.place import BUCKET
from tests.conformance.routed_place import RoutedPlace, addresses_of, is_of
from tests.conformance.timeline import Follower, Handed, Timeline
from tests.publish.builders import SITE
from tests.publish.crawler import Public, crawl, reading_without_pause, versions_of
from tests.publish.small_sites import a_version
from tests.servers import faults
from tests.servers.router import running_router

from openknowledge.publish.built_site import BuiltSite
from openknowledge.publish.result import PublishResult, Status

pytestmark = pytest.mark.conformance
PUBLISHED_WHILE_READ = 20
ROUNDS = 5
"""So often at least readers go through the whole site."""
PUBLISHED_BEHIND_FAULTS = 12
FRESH_MS, BEHIND_MS = 200, 2000
ENDED_WELL = (Status.PUBLISHED, Status.NOTHING_TO_DO)


@pytest.fixture(scope="module")
def stamped(tmp_path_factory) -> list[BuiltSite]:
    """Return versions that share no page."""
    folder = tmp_path_factory.mktemp("stamped")
    return [a_version(folder / str(number), number, is_stamped=True) for number in range(PUBLISHED_WHILE_READ + 1)]


def test_readers_who_never_stop_are_never_taken_back_while_publishers_meet_faults(seaweed, proxy, stamped, capsys):
    origin = f"{seaweed.url(BUCKET)}/followed"
    known = versions_of(*(site.manifest for site in stamped))
    with (
        running_router(origin) as port,
        running_router(origin, FRESH_MS) as slower_port,
        running_router(origin, BEHIND_MS) as behind_port,
    ):
        place, timelines = RoutedPlace(seaweed, "followed", port=port), (Timeline(), Timeline())
        publish(place, stamped[0], timelines)
        quick, slow = timelines
        with (
            reading_without_pause(lambda: follower(port, quick), lambda: known) as quickly,
            reading_without_pause(lambda: follower(slower_port, slow), lambda: known) as slowly,
            reading_without_pause(lambda: handed(port, behind_port), lambda: known, 1) as by_both,
        ):
            ends = Counter(
                tried(place, number, stamped, proxy, timelines) for number in range(1, PUBLISHED_WHILE_READ + 1)
            )
            while min(quickly.rounds, slowly.rounds, by_both.rounds) <= ROUNDS:
                time.sleep(0.05)
        with capsys.disabled():
            print(f"\n{PUBLISHED_WHILE_READ} publications under faults, first ends: {dict(ends)}")
            for name, reading, timeline in (("0", quickly, quick), (str(FRESH_MS), slowly, slow)):
                output = f"{reading.requests} requests, {reading.rounds} crawls"
                print(f"a router that believes for {name} ms: {output}, {timeline.answered} answers judged")
            print(f"from one to the other: {by_both.requests} requests, {by_both.rounds} crawls")
        assert [*quickly.wrong, *slowly.wrong, *by_both.wrong] == []
        assert [*quick.wrong, *slow.wrong] == []
        assert quick.reached > PUBLISHED_WHILE_READ
        assert set(ends) > {"PublishFailed"}
        assert list(place.wrong(quick.sites[-1])) == []


def follower(port: int, timeline: Timeline) -> Follower:
    return Follower(port, is_store=False, site_url=SITE, timeline=timeline)


def handed(*ports: int) -> Handed:
    return Handed(0, is_store=False, site_url=SITE, ports=ports)


def tried(place: RoutedPlace, number: int, sites: list[BuiltSite], proxy, timelines) -> str:
    """Publish or roll back under faults, then without, and return how the first attempt ended."""
    chance = random.Random(number)
    proxy.begin(
        faults.cut_off_from(chance.randint(1, 60), is_carried_out=chance.random() < 0.5)
        if chance.random() < 0.5
        else faults.now_and_then(number, 0.1)
    )
    if number % 5 == 4:
        begin(sites[number - 2], timelines)
        outcome = place.tried("restore", endpoint=proxy.address, is_later=True)
    else:
        begin(sites[number], timelines)
        outcome = place.tried("publish", sites[number], proxy.address, is_later=True)
    publish(place, sites[number], timelines)
    return outcome.status.name if isinstance(outcome, PublishResult) else type(outcome).__name__


def begin(site: BuiltSite, timelines: tuple[Timeline, ...]) -> None:
    for timeline in timelines:
        timeline.sites.append(site)


def publish(place: RoutedPlace, site: BuiltSite, timelines: tuple[Timeline, ...]) -> None:
    begin(site, timelines)
    assert place.publish(site, is_later=True).status in ENDED_WELL


def test_a_router_whose_store_fails_says_so_or_answers_from_a_whole_version(seaweed, proxy, versions, capsys):
    place = RoutedPlace(seaweed, "out-of-reach")
    timeline, known = Timeline(), versions_of(*(site.manifest for site in versions))
    publish(place, versions[0], (timeline,))
    proxy.begin()
    kinds: Counter[str] = Counter()
    with running_router(f"{proxy.address}/{BUCKET}/{place.prefix}") as port:
        reader = Follower(port, is_store=False, site_url=SITE, timeline=timeline, may_fail=True)
        for number in range(PUBLISHED_BEHIND_FAULTS):
            chance = random.Random(number)
            site = chance.choice([one for one in versions if one is not timeline.sites[-1]])
            proxy.begin(faults.now_and_then(number, chance.choice((0.05, 0.2, 0.5))))
            publish(place, site, (timeline,))
            assert crawl(reader, known).wrong == []
            kinds.update(asked.fault for asked in proxy.asked if asked.fault)

            proxy.begin()
            timeline.reached = len(timeline.sites) - 1
            assert [address for address in addresses_of(site) if not is_of(site, address, reader.get(address))] == []
        proxy.begin(faults.cut_off_from(1))
        response = Public(port, is_store=False).get("/")
        assert (response.status, response.headers["retry-after"]) == (503, "5")
    with capsys.disabled():
        output = f"{timeline.answered} answers, {timeline.outages} that the store is out of reach"
        print(f"\n{PUBLISHED_BEHIND_FAULTS} publications, a router behind faults: {output}; {dict(kinds)}")
    assert timeline.wrong == []
    assert all(kinds[kind] for kind in faults.KINDS)
