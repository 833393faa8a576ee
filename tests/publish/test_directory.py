"""A folder as a target: releases side by side, and one link that readers follow."""

from __future__ import annotations

import errno
import json
import os
import signal
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

import pytest
from tests.publish.builders import SITE, a_site
from tests.publish.runs import HOME, NoCache, a_run, built, files_in, published, rolled_back, served

from openknowledge.publish.built_site import BuiltSite
from openknowledge.publish.errors import PublishFailed, PublishRefused
from openknowledge.publish.pipeline import publish
from openknowledge.publish.release import DeployState
from openknowledge.publish.result import Status
from openknowledge.publish.targets import local_folder
from openknowledge.publish.targets.lease import LEASE_S, Lease, dump_lock
from openknowledge.publish.targets.local_folder import LocalFilesystem
from openknowledge.publish.targets.release_dirs import ReleaseDirTarget
from openknowledge.publish.targets.release_layout import Retention
from openknowledge.redirects.table import Redirect


def a_target(root: Path, **output: object) -> ReleaseDirTarget:
    return ReleaseDirTarget(LocalFilesystem(root), SITE, **output)  # type: ignore[arg-type]


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def without(*paths: str) -> dict[str, str]:
    return {path: data for path, data in HOME.items() if path not in paths}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "web"


def test_a_first_publication_puts_every_file_and_its_twins_behind_the_link(root: Path, tmp_path: Path) -> None:
    site = built(tmp_path / "output", HOME)

    outcome = published(a_target(root), site)

    assert outcome.status is Status.PUBLISHED
    assert (root / "current").readlink() == Path("releases/1")
    assert served(root) == files_in(site)


def test_publishing_the_same_site_again_does_nothing(root: Path, tmp_path: Path) -> None:
    site = built(tmp_path / "output", HOME)
    published(a_target(root), site)

    assert published(a_target(root), site).status is Status.NOTHING_TO_DO
    assert (root / "current").readlink() == Path("releases/1")


def test_files_that_did_not_change_are_the_same_files_in_both_releases(root: Path, tmp_path: Path) -> None:
    published(a_target(root), built(tmp_path / "output", HOME))
    site = built(tmp_path / "output", {**HOME, "a/index.html": "<p>A, edited"})

    published(a_target(root), site)

    assert served(root) == files_in(site)
    one, two = root / "releases/1", root / "releases/2"
    assert (one / "b/index.html.gz").samefile(two / "b/index.html.gz")
    assert not (one / "a/index.html").samefile(two / "a/index.html")
    assert (one / "a/index.html").read_text() == "<p>A"


def test_a_file_system_without_hard_links_gets_copies(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def link(*_: object) -> None:
        raise OSError(errno.ENOTSUP, "no links here")

    published(a_target(root), built(tmp_path / "output", HOME))
    monkeypatch.setattr(local_folder.os, "link", link)
    site = built(tmp_path / "output", {**HOME, "a/index.html": "<p>A, edited"})

    published(a_target(root), site)

    assert served(root) == files_in(site)
    assert not (root / "releases/1/b/index.html").samefile(root / "releases/2/b/index.html")


def test_a_file_may_become_a_folder_and_a_folder_a_file(root: Path, tmp_path: Path) -> None:
    for files in ({"a.html": "1", "b/index.html": "2"}, {"a.html/index.html": "1", "b.html": "2"}):
        site = a_site(tmp_path / "output", files, forwards=[Redirect("/a.html"), Redirect("/b/")])
        published(a_target(root), site)
        assert served(root) == files_in(site)


def test_a_removed_page_goes_at_once_and_its_style_stays_for_open_pages(root: Path, tmp_path: Path) -> None:
    published(a_target(root), built(tmp_path / "output", HOME))
    forwards = [Redirect("/b/", target="/a/")]
    after = {**without("b/index.html", "theme/one.css"), "theme/two.css": "two"}

    published(a_target(root), a_site(tmp_path / "output", after, has_twins=True, forwards=forwards))

    found = served(root)
    assert "b/index.html" not in found and "b/index.html.gz" not in found
    assert found["theme/one.css"] == b"one" and "theme/one.css.gz" in found
    assert found["theme/two.css"] == b"two"


def test_grace_files_go_when_the_grace_period_is_over(root: Path, tmp_path: Path) -> None:
    published(a_target(root), built(tmp_path / "output", HOME))
    site = built(tmp_path / "output", {**without("theme/one.css"), "theme/two.css": "two"})
    published(a_target(root), site)
    assert "theme/one.css" in served(root)

    later = a_target(root, retention=Retention(grace_s=0))

    assert later.read_state().has_due
    assert published(later, site).status is Status.NOTHING_TO_DO
    assert served(root) == files_in(site)
    assert not later.read_state().has_due


def test_an_asset_that_comes_back_is_no_grace_file_any_more(root: Path, tmp_path: Path) -> None:
    old = built(tmp_path / "output", HOME)
    published(a_target(root), old)
    published(a_target(root), built(tmp_path / "output", {**without("theme/one.css"), "theme/two.css": "two"}))
    published(a_target(root), built(tmp_path / "output", HOME))

    assert published(a_target(root, retention=Retention(grace_s=0)), old).status is Status.NOTHING_TO_DO
    assert served(root) == files_in(old)


def test_a_rollback_is_a_new_release_with_the_old_files(root: Path, tmp_path: Path) -> None:
    old = built(tmp_path / "old", HOME)
    published(a_target(root), old)
    published(a_target(root), built(tmp_path / "new", {**HOME, "a/index.html": "<p>worse", "theme/two.css": "two"}))

    outcome = rolled_back(a_target(root))

    assert outcome.release is not None and outcome.release.restores == 1
    assert (root / "current").readlink() == Path("releases/3")
    assert served(root) == {
        **files_in(old),
        **{path: served(root)[path] for path in ("theme/two.css", "theme/two.css.gz")},
    }
    assert (root / "releases/1/a/index.html").samefile(root / "releases/3/a/index.html")
    assert [one.number for one in a_target(root).read_state().deploy_state.releases] == [1, 2, 3]


def test_server_files_are_stored_with_each_release(root: Path, tmp_path: Path) -> None:
    def tables(site: BuiltSite) -> Mapping[str, bytes]:
        return {"redirects.conf": f"{len(site.manifest.entries)} files".encode()}

    published(a_target(root, server_files=tables), built(tmp_path / "output", HOME))
    published(a_target(root, server_files=tables), built(tmp_path / "output", {**HOME, "c/index.html": "C"}))
    assert (root / "current/.server/redirects.conf").read_text() == "7 files"

    rolled_back(a_target(root))

    assert (root / "current/.server/redirects.conf").read_text() == "6 files"


def test_only_the_last_releases_and_their_pieces_are_retained(root: Path, tmp_path: Path) -> None:
    target = a_target(root, retention=Retention(releases=3))
    for number in range(6):
        published(target, built(tmp_path / "output", {**HOME, "a/index.html": str(number)}))

    retained = target.read_state().deploy_state.releases
    assert [one.number for one in retained] == [4, 5, 6]
    assert (names(root / "releases")) == ["4", "5", "6"]
    assert (names(root / "manifests")) == sorted(one.manifest for one in retained)
    needed = {name for one in retained for name in target.read_manifest(one).list_pieces()[1]}
    assert set(names(root / "shards")) == needed


def test_a_folder_that_is_not_ours_is_refused_until_it_is_adopted(root: Path, tmp_path: Path) -> None:
    root.mkdir()
    (root / "index.html").write_text("somebody's")
    site = built(tmp_path / "output", HOME)

    with pytest.raises(PublishRefused, match=r'holds files that were not published from here \("index.html"\)'):
        published(a_target(root), site)
    assert names(root) == ["index.html"]

    assert published(a_target(root, adopts=True), site).status is Status.PUBLISHED
    assert (root / "index.html").read_text() == "somebody's"


def test_a_folder_called_current_is_not_replaced(root: Path, tmp_path: Path) -> None:
    (root / "current").mkdir(parents=True)

    with pytest.raises(PublishRefused, match='"current" is no link'):
        published(a_target(root, adopts=True), built(tmp_path / "output", HOME))


def test_a_different_site_is_not_published_over_this_site(root: Path, tmp_path: Path) -> None:
    published(a_target(root), built(tmp_path / "output", HOME))

    with pytest.raises(PublishRefused, match=r"this is where https://openknowledge.example.edu is published"):
        ReleaseDirTarget(LocalFilesystem(root), "https://other.example.edu").read_state()


def test_the_second_publisher_is_refused_with_the_name_of_the_first(root: Path, tmp_path: Path) -> None:
    site = built(tmp_path / "output", HOME)
    lease, _ = LocalFilesystem(root).lock("the first one")

    with pytest.raises(
        PublishRefused, match=r"the first one is publishing here; it was last heard of 0 s ago\s+Wait until"
    ):
        published(a_target(root), site)
    assert a_target(root).read_state().deploy_state.lock == "the first one"

    lease.end()
    assert published(a_target(root), site).status is Status.PUBLISHED
    assert a_target(root).read_state().deploy_state.lock == ""


@pytest.mark.parametrize("clock_s", [-3600, 0, 3600])
def test_a_clock_of_this_machine_that_is_wrong_changes_nothing(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, clock_s: int
) -> None:
    real = time.time
    monkeypatch.setattr(time, "time", lambda: real() + clock_s)
    LocalFilesystem(root).lock("the first one")

    with pytest.raises(PublishRefused, match="the first one is publishing here"):
        LocalFilesystem(root).lock("the second one")


def test_a_lock_ends_with_the_process_of_its_holder(root: Path, tmp_path: Path) -> None:
    ready, tell = os.pipe()
    child = os.fork()
    if child == 0:
        LocalFilesystem(root).lock("the killed one")
        os.write(tell, b"locked")
        signal.alarm(600)
        signal.pause()
    os.read(ready, 6)
    with pytest.raises(PublishRefused, match="the killed one is publishing here"):
        LocalFilesystem(root).lock("the next one")

    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)

    site = built(tmp_path / "output", HOME)
    assert a_target(root).read_state().deploy_state.lock == "the killed one"
    assert published(a_target(root), site).status is Status.PUBLISHED
    assert a_target(root).read_state().deploy_state.lock == ""


def test_a_lock_that_was_lost_is_taken_over_and_its_holder_is_fenced_off(root: Path, tmp_path: Path) -> None:
    """As by somebody who cleans up by hand, or a file system that forgets its locks."""
    slow = LocalFilesystem(root)
    lease, _ = slow.lock("the slow one")
    (root / "locks/ssh").unlink()
    site = built(tmp_path / "output", HOME)

    assert published(a_target(root), site).status is Status.PUBLISHED

    assert not lease.renew()
    for wrong in (
        lambda: slow.write(lease, {"register.json": b"{}"}),
        lambda: slow.switch(lease, 7),
        lambda: slow.remove(lease, ["releases/1"]),
    ):
        with pytest.raises(PublishFailed, match="somebody else has taken over"):
            wrong()
    lease.end()
    assert served(root) == files_in(site)


def test_without_flock_a_lock_that_expired_is_taken_over_and_its_holder_is_fenced_off(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def flock(*_: object) -> None:
        raise OSError(errno.ENOLCK, "no locks here")

    monkeypatch.setattr(local_folder.fcntl, "flock", flock)
    site = built(tmp_path / "output", HOME)
    lease, _ = LocalFilesystem(root).lock("the slow one")
    with pytest.raises(PublishRefused, match="the slow one is publishing here"):
        published(a_target(root), site)
    long_ago = time.time() - LEASE_S - 5
    os.utime(root / "locks/ssh", (long_ago, long_ago))

    assert published(a_target(root), site).status is Status.PUBLISHED

    with pytest.raises(PublishFailed, match="somebody else has taken over"):
        LocalFilesystem(root).switch(lease, 7)
    lease.end()


def test_only_a_single_publisher_gets_the_lock_of_a_killed_one(root: Path) -> None:
    for _ in range(20):
        (root / "locks").mkdir(parents=True, exist_ok=True)
        (root / "locks/ssh").write_bytes(dump_lock("the dead one"))
        got: list[Lease] = []
        start = threading.Barrier(6)

        def take(got: list[Lease] = got, start: threading.Barrier = start) -> None:
            start.wait()
            with suppress(PublishRefused):
                got.append(LocalFilesystem(root).lock("one of many")[0])

        threads = [threading.Thread(target=take) for _ in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(got) == 1
        got[0].end()


def test_locks_of_an_earlier_layout_do_not_count(root: Path, tmp_path: Path) -> None:
    """They were files named by numbers, and a publisher that was killed has left the last one."""
    (root / "locks").mkdir(parents=True)
    (root / "locks/7").write_bytes(dump_lock("a publisher of before"))

    assert published(a_target(root), built(tmp_path / "output", HOME)).status is Status.PUBLISHED


def test_what_was_published_since_it_was_looked_at_is_not_published_over(root: Path, tmp_path: Path) -> None:
    target = a_target(root)
    before = target.read_state()
    published(target, built(tmp_path / "one", HOME))

    with pytest.raises(PublishRefused, match="somebody else has published here in the meantime"):
        publish(a_run(target), built(tmp_path / "two", {**HOME, "a/index.html": "2"}), before)


def test_a_purge_that_failed_is_repeated_by_the_next_run(root: Path, tmp_path: Path) -> None:
    cache = NoCache()
    published(a_target(root), built(tmp_path / "output", HOME), cache)
    site = built(tmp_path / "output", {**HOME, "a/index.html": "2"})
    cache.is_failing = True
    assert published(a_target(root), site, cache).status is Status.FAILED_AND_SAFE
    cache.is_failing, cache.purged = False, []

    published(a_target(root), site, cache)

    assert "/a/" in cache.purged
    assert not a_target(root).read_state().stale


@pytest.mark.parametrize(
    ("number", "written"), [(errno.ENOSPC, "the disk is full"), (errno.EROFS, "it is mounted for reading only")]
)
def test_a_disk_that_takes_no_more_leaves_readers_what_they_have(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, written: str
) -> None:
    old = built(tmp_path / "old", HOME)
    published(a_target(root), old)
    site = built(tmp_path / "new", {**HOME, "c/index.html": "C", "d/index.html": "D"})
    real = local_folder.write_file

    def write_file(path: Path, data: bytes, **options: bool) -> None:
        if "d/index" in str(path):
            raise OSError(number, os.strerror(number), str(path))
        real(path, data, **options)  # type: ignore[arg-type]

    with monkeypatch.context() as full:
        full.setattr(local_folder, "write_file", write_file)
        with pytest.raises(PublishFailed, match=written):
            published(a_target(root), site)

    assert served(root) == files_in(old)
    assert names(root / "releases") == ["1"]
    assert published(a_target(root), site).status is Status.PUBLISHED
    assert served(root) == files_in(site)


def test_equal_bytes_have_equal_times_in_all_releases_and_folders(root: Path, tmp_path: Path) -> None:
    for place, text in ((root, "1"), (root, "2"), (root, "1"), (tmp_path / "other", "1")):
        published(a_target(place), built(tmp_path / "output", {**HOME, "a/index.html": text}))

    first, second, third = (root / f"releases/{number}/a/index.html" for number in (1, 2, 3))
    other = tmp_path / "other/current/a/index.html"
    assert first.stat().st_mtime == third.stat().st_mtime == other.stat().st_mtime != second.stat().st_mtime


def test_a_first_publication_that_did_not_end_is_ended_by_the_next_run(root: Path, tmp_path: Path) -> None:
    site, cache = built(tmp_path / "output", HOME), NoCache()
    cache.is_failing = True
    assert published(a_target(root), site, cache).status is Status.FAILED_AND_SAFE
    assert a_target(root).read_state().stale
    cache.is_failing = False

    assert published(a_target(root), site, cache).status is Status.NOTHING_TO_DO
    assert not a_target(root).read_state().stale


def test_a_file_that_changes_while_it_is_published_is_not_published(root: Path, tmp_path: Path) -> None:
    published(a_target(root), built(tmp_path / "output", HOME))
    site = built(tmp_path / "output", {**HOME, "a/index.html": "<p>new"})
    state = a_target(root).read_state()
    (tmp_path / "output/a/index.html").write_text("<p>mew")

    with pytest.raises(PublishRefused, match="is not as the build wrote it"):
        publish(a_run(a_target(root)), site, state)
    assert (root / "current/a/index.html").read_text() == "<p>A"


def test_files_that_a_release_has_lost_on_the_disk_are_sent_with_the_next_release(root: Path, tmp_path: Path) -> None:
    published(a_target(root), built(tmp_path / "output", HOME))
    (root / "releases/1/b/index.html").unlink()
    (root / "releases/1/feed.xml").write_text("")
    site = built(tmp_path / "output", {**HOME, "a/index.html": "2"})

    published(a_target(root), site)

    assert served(root) == files_in(site)


def test_a_link_that_somebody_has_set_to_another_release_is_set_right(root: Path, tmp_path: Path) -> None:
    for text in ("1", "2"):
        site = built(tmp_path / "output", {**HOME, "a/index.html": text})
        published(a_target(root), site)
    (root / "current").unlink()
    (root / "current").symlink_to("releases/1")
    cache = NoCache()

    assert published(a_target(root), site, cache).status is Status.PUBLISHED

    assert served(root) == files_in(site)
    assert "/a/" in cache.purged


def test_files_can_be_read_by_a_server_whatever_the_umask_is(root: Path, tmp_path: Path) -> None:
    site = built(tmp_path / "output", HOME)
    umask = os.umask(0o077)
    try:
        published(a_target(root), site)
    finally:
        os.umask(umask)

    for place in (root, *(root / "current/").rglob("*")):
        assert place.stat().st_mode & 0o444 == 0o444, place


def test_a_register_of_a_newer_version_is_not_touched(root: Path, tmp_path: Path) -> None:
    published(a_target(root), built(tmp_path / "output", HOME))
    output = json.loads((root / "register.json").read_bytes())
    (root / "register.json").write_text(json.dumps({**output, "format": 99}))

    with pytest.raises(PublishRefused, match="version 99"):
        a_target(root).read_state()


def test_the_register_says_what_is_there(root: Path, tmp_path: Path) -> None:
    published(a_target(root), built(tmp_path / "output", HOME), by="a person")

    register = DeployState.load((root / "register.json").read_bytes(), "")

    assert register.release is not None and register.release.by == "a person"
    assert register.release.published_at and not register.pending and not register.stale


FUTURE_S = 4_102_444_800.0


def test_a_lock_that_is_held_and_dated_in_the_future_is_no_number_of_seconds(root: Path) -> None:
    lease, _ = LocalFilesystem(root).lock("them")
    os.utime(root / "locks/ssh", (FUTURE_S, FUTURE_S))

    with pytest.raises(PublishRefused, match="them holds the lock here, and its date is in the future") as refused:
        LocalFilesystem(root).lock("us")

    assert "If none is, remove the lock there: locks/ssh" in str(refused.value)
    lease.end()


def test_without_flock_a_lock_that_is_dated_in_the_future_is_taken_over(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def flock(*_: object) -> None:
        raise OSError(errno.ENOLCK, "no locks here")

    monkeypatch.setattr(local_folder.fcntl, "flock", flock)
    published(a_target(root), built(tmp_path / "output", HOME))
    (root / "locks/ssh").write_bytes(dump_lock("them"))
    os.utime(root / "locks/ssh", (FUTURE_S, FUTURE_S))

    site = built(tmp_path / "output", {**HOME, "c/index.html": "C"})
    assert published(a_target(root), site).status is Status.PUBLISHED


@pytest.mark.parametrize("name", ["previews", "previews/7"])
def test_a_preview_is_not_published_through_a_link(root: Path, tmp_path: Path, name: str) -> None:
    elsewhere = tmp_path / "elsewhere/7"
    elsewhere.mkdir(parents=True)
    link = root / name
    link.parent.mkdir(parents=True)
    link.symlink_to(elsewhere if name.endswith("7") else elsewhere.parent)

    with pytest.raises(PublishFailed, match="has to be a folder, and is a link"):
        published(a_target(root / "previews/7"), built(tmp_path / "output", HOME))

    assert names(elsewhere) == []
