"""A site by content in an object store: one small write makes a release visible, and none before it does."""

from __future__ import annotations

import gzip
from contextlib import suppress

import pytest
from obstore.store import MemoryStore
from tests.publish.builders import a_site
from tests.publish.stores import a_routed_target, a_run, found, keys

from openknowledge.publish.errors import PublishFailed, PublishRefused
from openknowledge.publish.pipeline import publish, roll_back
from openknowledge.publish.result import Status
from openknowledge.publish.targets import object_store
from openknowledge.publish.targets.content_addressed import ContentAddressedTarget, object_key


@pytest.fixture(autouse=True)
def no_lease(monkeypatch):
    """A lock that its owner could not let go of is taken over at once."""
    monkeypatch.setattr(object_store, "lock_age_s", lambda *_: 10_000.0)


FILES = {"index.html": "home", "a/index.html": "A", "b.svg": "<svg>", "theme/site.1.css": "css"}


def published(tmp_path, store, files, *, left=None, releases=10, **policy):
    target = a_routed_target(store, left, releases, **policy)
    site = a_site(tmp_path / "output", files, has_twins=True)
    return publish(a_run(target, tmp_path), site, target.read_state())


def read(store: MemoryStore) -> dict[str, str]:
    """The site as the router would find it: all files of the release in the register."""
    target = a_routed_target(store)
    state = target.read_state()
    if state.manifest is None:
        return {}
    files = {}
    for entry in state.manifest.entries():
        one = found(store, object_key(entry, target.storage))
        assert one is not None, f"{entry.path} is not there"
        files[entry.path] = gzip.decompress(one.data).decode()
    return {path: text for path, text in files.items() if path != "redirects.json"}


def test_what_was_published_is_read_back(tmp_path):
    store = MemoryStore()

    assert published(tmp_path, store, FILES).status is Status.PUBLISHED
    assert read(store) == FILES


def test_the_same_again_is_nothing_to_do_and_writes_nothing(tmp_path):
    store = MemoryStore()
    published(tmp_path, store, FILES)
    before = found(store, "_openknowledge/register.json")

    assert published(tmp_path, store, FILES).status is Status.NOTHING_TO_DO
    assert found(store, "_openknowledge/register.json") == before


def test_wherever_it_is_interrupted_readers_have_a_whole_version_and_the_next_run_succeeds(tmp_path):
    after = {**FILES, "index.html": "home 2", "a/index.html": "A2", "c/index.html": "C"}
    seen = set()
    for left in range(40):
        store = MemoryStore()
        published(tmp_path, store, FILES)
        try:
            outcome = published(tmp_path, store, after, left=left)
        except PublishFailed:
            outcome = None
        assert read(store) in (FILES, after)
        seen.add(read(store) == after)
        if outcome is not None and outcome.status is Status.PUBLISHED:
            break
        assert published(tmp_path, store, after).status in (Status.PUBLISHED, Status.NOTHING_TO_DO)
        assert read(store) == after
    else:
        pytest.fail("it never came to its end")
    assert seen == {False, True}


def test_an_earlier_release_comes_back_without_a_file_that_travels(tmp_path):
    store = MemoryStore()
    published(tmp_path, store, FILES)
    published(tmp_path, store, {**FILES, "a/index.html": "A2"})
    before = keys(store)
    target = a_routed_target(store)

    outcome = roll_back(a_run(target, tmp_path), target.read_state(), None)

    assert (outcome.status, outcome.release.number, outcome.release.restores) == (Status.PUBLISHED, 3, 1)
    assert read(store) == FILES
    assert {key for key in keys(store) - before if "/objects/" in key} == set()


def test_files_that_no_retained_release_needs_are_deleted(tmp_path):
    store = MemoryStore()
    for number in range(5):
        published(tmp_path, store, {**FILES, "a/index.html": f"A{number}"}, releases=2)

    there = [key for key in keys(store) if "/objects/" in key]
    target: ContentAddressedTarget = a_routed_target(store)
    needed = {
        object_key(entry, target.storage)
        for release in target.read_state().deploy_state.releases
        for entry in target.read_manifest(release).entries()
    }
    assert len(target.read_state().deploy_state.releases) == 2
    assert set(there) == needed


def test_files_of_an_interrupted_publication_are_deleted_by_the_next_run(tmp_path):
    store = MemoryStore()
    published(tmp_path, store, FILES)
    with pytest.raises(PublishFailed):
        published(tmp_path, store, {**FILES, "a/index.html": "never", "c/index.html": "never"}, left=7)
    assert len([key for key in keys(store) if "/objects/" in key]) > 5

    published(tmp_path, store, {**FILES, "a/index.html": "A2"})

    target = a_routed_target(store)
    needed = {
        object_key(entry, target.storage)
        for release in target.read_state().deploy_state.releases
        for entry in target.read_manifest(release).entries()
    }
    assert {key for key in keys(store) if "/objects/" in key} == needed


def test_other_headers_are_a_release_in_which_no_file_travels(tmp_path):
    store = MemoryStore()
    published(tmp_path, store, FILES)
    before = keys(store)

    outcome = published(tmp_path, store, FILES, is_preloaded=True)

    assert outcome.status is Status.PUBLISHED
    assert {key.split("/")[1] for key in keys(store) - before} == {"answers"}


def test_a_release_within_the_grace_period_is_retained_however_many_follow(tmp_path):
    store = MemoryStore()
    for number in range(5):
        target = a_routed_target(store, releases=2, grace_s=3600)
        site = a_site(tmp_path / "output", {**FILES, "a/index.html": f"A{number}"}, has_twins=True)
        publish(a_run(target, tmp_path), site, target.read_state())

    assert [release.number for release in a_routed_target(store).read_state().deploy_state.releases] == [1, 2, 3, 4, 5]


def test_a_release_of_which_files_are_gone_already_is_not_restored(tmp_path):
    ends = set()
    for left in range(5, 40):
        store = MemoryStore()
        for number in range(2):
            published(tmp_path, store, {**FILES, "a/index.html": f"A{number}"}, releases=2)
        outcome = None
        with suppress(PublishFailed):
            outcome = published(tmp_path, store, {**FILES, "a/index.html": "A2"}, left=left, releases=2)
        target = a_routed_target(store, releases=2)
        try:
            roll_back(a_run(target, tmp_path), target.read_state(), 1)
        except (PublishFailed, PublishRefused) as stopped:
            ends.add(type(stopped))
        else:
            ends.add("restored")

        assert read(store)["a/index.html"] in ("A0", "A1", "A2"), left
        if outcome is not None and outcome.status is Status.PUBLISHED:
            break
    assert ends == {"restored", PublishFailed, PublishRefused}


def test_a_response_policy_goes_with_the_last_release_that_needs_it(tmp_path):
    store = MemoryStore()
    published(tmp_path, store, FILES)
    for number in range(2):
        published(tmp_path, store, {**FILES, "a/index.html": f"A{number}"}, releases=2, is_preloaded=True)

    assert len([key for key in keys(store) if "/answers/" in key]) == 1
