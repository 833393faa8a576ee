"""Previews and the site share one store, and neither changes the other."""

from __future__ import annotations

import pytest
from obstore.store import MemoryStore
from tests.publish.builders import SITE, a_site
from tests.publish.previews.folders import a_target
from tests.publish.stores import a_run, keys

from openknowledge.publish.errors import PublishRefused
from openknowledge.publish.pipeline import publish
from openknowledge.publish.release import Commit
from openknowledge.publish.result import Status
from openknowledge.publish.targets import Removable, object_store

FILES = {"index.html": "home", "a/index.html": "A", "theme/x.1.css": "css"}
PREVIEW = f"{SITE}/previews/7"


@pytest.fixture(autouse=True)
def no_lease(monkeypatch):
    monkeypatch.setattr(object_store, "lock_age_s", lambda *_: 10_000.0)


@pytest.fixture
def store() -> MemoryStore:
    return MemoryStore()


def published(store, folder, files=FILES, *, commit=None):
    target = a_target(store)
    return publish(a_run(target, folder), a_site(folder / "output", files, commit=commit), target.read_state())


def previewed(store, folder, files=FILES, *, name="7", commit=None):
    url = f"{SITE}/previews/{name}"
    target = a_target(store, f"previews/{name}", url)
    run = a_run(target, folder)
    run.is_preview = True
    return publish(run, a_site(folder / "preview", files, site_url=url, commit=commit), target.read_state())


def taken_away(store, name="7") -> int:
    target = a_target(store, f"previews/{name}", f"{SITE}/previews/{name}")
    assert isinstance(target, Removable)
    return target.remove(target.read_state(), "somebody", lambda *_: None)


def bodies(store, *, but: str) -> dict[str, bytes]:
    return {key: bytes(store.get(key).bytes()) for key in keys(store) if not key.startswith(but)}


def test_a_preview_leaves_everything_of_the_site_as_it_is(store, tmp_path):
    published(store, tmp_path)
    before = bodies(store, but="previews/")

    previewed(store, tmp_path, {**FILES, "b/index.html": "B"})
    previewed(store, tmp_path, {"index.html": "other"})
    taken_away(store)

    assert bodies(store, but="previews/") == before


def test_the_first_publication_takes_previews_for_no_strangers(store, tmp_path):
    previewed(store, tmp_path)

    assert published(store, tmp_path).status is Status.PUBLISHED


@pytest.mark.parametrize("key", ["a.html", "previews.html", "previews0/x", "z", "preview/x"])
def test_a_stranger_beside_previews_is_seen(store, tmp_path, key):
    previewed(store, tmp_path)
    store.put(key, b"x")

    with pytest.raises(PublishRefused, match="not ours") as caught:
        published(store, tmp_path)
    assert key in str(caught.value)


def test_a_publication_leaves_previews_alone(store, tmp_path):
    previewed(store, tmp_path)
    preview = {key: body for key, body in bodies(store, but="#").items() if key.startswith("previews/")}

    published(store, tmp_path)
    published(store, tmp_path, {"index.html": "home", "a/index.html": "other"})

    assert {key: body for key, body in bodies(store, but="#").items() if key.startswith("previews/")} == preview


def test_a_site_with_files_where_previews_lie_is_refused(store, tmp_path):
    with pytest.raises(PublishRefused, match='"previews" is where previews are published'):
        published(store, tmp_path, {**FILES, "previews/index.html": "a page of the site"})


def test_nothing_is_promised_of_a_preview(store, tmp_path):
    """A rebased branch has an older commit and fewer addresses, which a preview allows."""
    previewed(store, tmp_path, commit=Commit("2" * 40, "2026-11-02T10:00:00Z"))

    after = previewed(store, tmp_path, {"index.html": "home"}, commit=Commit("1" * 40, "2026-11-01T10:00:00Z"))

    assert after.status is Status.PUBLISHED
    assert {key for key in keys(store) if key.endswith("a/index.html")} == set()


def test_a_preview_that_is_taken_away_leaves_nothing_and_others_stay(store, tmp_path):
    previewed(store, tmp_path)
    previewed(store, tmp_path, {**FILES, "b/index.html": "B"})
    previewed(store, tmp_path, name="78")

    count = taken_away(store)

    assert count > len(FILES)
    assert {key for key in keys(store) if key.startswith("previews/7/")} == set()
    assert {key for key in keys(store) if key.startswith("previews/78/")}


def test_a_preview_that_is_not_there_is_taken_away_already(store):
    assert taken_away(store) == 0
    assert keys(store) == set()


def test_a_removal_that_was_cut_off_is_gone_on_with(store, tmp_path):
    previewed(store, tmp_path)
    target = a_target(store, "previews/7", PREVIEW)
    target.objects.delete = cut_off_after(1, target.objects.delete)
    with pytest.raises(KeyboardInterrupt):
        target.remove(target.read_state(), "somebody", lambda *_: None)

    assert taken_away(store) > 0
    assert keys(store) == set()


def test_where_a_removal_was_cut_off_a_preview_can_be_published(store, tmp_path):
    previewed(store, tmp_path)
    target = a_target(store, "previews/7", PREVIEW)
    target.objects.delete = cut_off_after(0, target.objects.delete)
    with pytest.raises(KeyboardInterrupt):
        target.remove(target.read_state(), "somebody", lambda *_: None)

    assert previewed(store, tmp_path).status is Status.PUBLISHED
    assert store.get("previews/7/a/index.html").bytes() == b"A"


def test_a_preview_that_is_being_published_is_not_taken_away(store, tmp_path, monkeypatch):
    monkeypatch.setattr(object_store, "lock_age_s", lambda *_: 0.0)
    previewed(store, tmp_path)
    target = a_target(store, "previews/7", PREVIEW)
    state = target.read_state()
    release = state.release
    assert release is not None

    with (
        target.start_deployment(state, release, frozenset()),
        pytest.raises(PublishRefused, match="is publishing here"),
    ):
        taken_away(store)

    assert store.get("previews/7/a/index.html").bytes() == b"A"


def cut_off_after(count, do):
    left = [count]

    def deleting(keys_to_delete):
        if not left[0]:
            raise KeyboardInterrupt
        left[0] -= 1
        do(keys_to_delete)

    return deleting
