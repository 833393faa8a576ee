"""Whatever happens to publications one after the other: readers, releases and the store itself stay whole."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.chance import examples
from tests.publish.world import HOUR_S, PAGES, Page, World, files_of

from openknowledge.manifest import ManifestEntry
from openknowledge.publish import manifest_shards
from openknowledge.publish.release import Release
from openknowledge.publish.result import Status

pages = st.dictionaries(
    st.sampled_from(PAGES),
    st.builds(Page, st.integers(0, 2), st.integers(0, 2), st.frozensets(st.sampled_from(PAGES))),
)
sites = st.builds(files_of, pages, st.dictionaries(st.sampled_from(("one", "two")), st.integers(0, 1)))
faults = st.none() | st.fixed_dictionaries(
    {"fails_at": st.integers(1, 40), "is_carried_out": st.booleans(), "is_cut_off": st.booleans()}
)
steps = st.one_of(
    st.tuples(st.just("publish"), sites, faults),
    st.tuples(st.just("restore"), st.integers(0, 3), faults),
    st.tuples(st.just("wait"), st.sampled_from((1, HOUR_S, 25 * HOUR_S)), st.none()),
    st.tuples(st.just("policy"), st.sampled_from(("p1", "p2")), st.none()),
)
LEASE_S = 121


@pytest.fixture(autouse=True, scope="module")
def small_shards():
    """Shards of few files, so that a site of ten has many, and their number changes."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(manifest_shards, "WANTED", 2)
        patch.setattr(manifest_shards, "SMALLEST", 1)
        patch.setattr(manifest_shards, "LARGEST", 4)
        yield


def play(world: World, history) -> None:
    for kind, output, fault in history:
        if kind == "wait":
            world.wait(output)
        elif kind == "policy":
            world.policy = output
        elif kind == "publish":
            world.wait(LEASE_S)
            world.publish(output, **(fault or {}))
        elif world.bucket.objects and (releases := world.register().releases):
            world.wait(LEASE_S)
            if releases[-1 - output % len(releases)] is not releases[-1]:
                world.restore(releases[-1 - output % len(releases)].number, **(fault or {}))
        assert world.broken == []


LAST = files_of({"a": Page(9), "b": Page(9, 9)}, {"one": 1})


@pytest.mark.parametrize("fails_at", range(8, 32))
@pytest.mark.parametrize("is_cut_off", [True, False])
def test_a_page_left_by_an_interrupted_run_waits_for_the_new_page_that_it_links_to(fails_at, is_cut_off):
    fault = {"fails_at": fails_at, "is_carried_out": True, "is_cut_off": is_cut_off}
    left, wanted = files_of({"a": Page(0)}, {}), files_of({"a": Page(0, 0, frozenset({"b"})), "b": Page(0)}, {})

    play(World(), [("publish", files_of({}, {}), None), ("publish", left, fault), ("publish", wanted, None)])


@pytest.mark.parametrize("fails_at", range(8, 40))
@pytest.mark.parametrize("is_cut_off", [True, False])
def test_a_page_left_by_a_run_interrupted_among_new_files_is_replaced_before_it_is_linked(fails_at, is_cut_off):
    fault = {"fails_at": fails_at, "is_carried_out": True, "is_cut_off": is_cut_off}
    left = files_of({"a": Page(0, 2), "b": Page(0, 0, frozenset({"c"})), "c": Page(0)}, {})
    wanted = files_of({"a": Page(0, 0, frozenset({"b"})), "b": Page(0)}, {})

    play(
        World(), [("publish", files_of({"a": Page(0)}, {}), None), ("publish", left, fault), ("publish", wanted, None)]
    )


def entries_of(world: World, release: Release) -> tuple[ManifestEntry, ...]:
    return world.target().read_manifest(release).entries()


@settings(max_examples=examples(150))
@given(history=st.lists(steps, max_size=8), last=sites)
def test_after_any_history_a_single_publication_repairs_everything(history, last):
    world = World(retained_releases=3)
    play(world, history)
    world.wait(LEASE_S)

    outcome = world.publish(last)

    assert outcome is not None
    assert outcome.status in (Status.PUBLISHED, Status.NOTHING_TO_DO)
    # Nothing may have been left to do but for what only a publication clears away.
    world.wait(LEASE_S)
    assert world.publish(LAST).status in (Status.PUBLISHED, Status.NOTHING_TO_DO)
    assert list(world.wrong()) == []


@settings(max_examples=examples(60))
@given(history=st.lists(steps, max_size=8), last=sites)
def test_after_any_history_each_retained_release_can_be_restored(history, last):
    world = World(retained_releases=3)
    play(world, history)
    world.wait(LEASE_S)
    world.publish(last)
    for release in world.register().releases[:-1]:
        other = world.twin()
        other.wait(LEASE_S)

        outcome = other.restore(release.number)

        assert outcome is not None
        # What is the same is not published again, though its manifest may have been in another number of shards.
        assert outcome.release is None or entries_of(other, outcome.release) == entries_of(world, release)
        assert list(other.wrong()) == []


@pytest.mark.parametrize("is_carried_out", [False, True])
def test_a_publication_may_be_cut_off_at_each_of_its_requests(is_carried_out, chance):
    first = files_of({"a": Page(), "b": Page(1, 1)}, {"one": 0, "two": 0})
    then = files_of({"a": Page(2, 2, frozenset("c")), "c": Page()}, {"one": 1, "two": 0})
    for number in chance.numbers(1000):
        world = World()
        world.publish(first)
        if world.publish(then, fails_at=number, is_carried_out=is_carried_out) is not None:
            break
        world.wait(LEASE_S)
        assert world.publish(then).status in (Status.PUBLISHED, Status.NOTHING_TO_DO)
        assert list(world.wrong()) == []
        assert world.restore().release.restores == 1
        assert list(world.wrong()) == []
    assert number > 20
