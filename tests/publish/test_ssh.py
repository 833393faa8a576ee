"""A server reached by ssh as a target: a real sshd on the loopback interface, and rsync."""

from __future__ import annotations

import os
import shutil
import signal
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from random import Random

import pytest
from tests.publish.builders import SITE, a_site
from tests.publish.runs import HOME, NoCache, a_run, built, files_in, published, rolled_back, served
from tests.publish.sshd import LocalSshd, an_sshd
from tests.publish.test_tampered_places import World, some_of, tamperings

from openknowledge.publish.built_site import open_counters
from openknowledge.publish.errors import PublishFailed, PublishRefused
from openknowledge.publish.pipeline import publish, publish_counters
from openknowledge.publish.release import Commit
from openknowledge.publish.result import Status
from openknowledge.publish.targets import ssh_connection
from openknowledge.publish.targets.local_folder import LocalFilesystem
from openknowledge.publish.targets.release_dirs import ReleaseDirTarget
from openknowledge.publish.targets.release_layout import Retention
from openknowledge.publish.targets.ssh import SshFilesystem
from openknowledge.publish.targets.ssh_connection import SshAddress, SshConnection
from openknowledge.redirects.table import Redirect
from openknowledge.serving.headers import mtime_from_digest

pytestmark = pytest.mark.conformance

SESSIONS = 16
"""A publication needs no more, whatever the size of the site and of the change."""


@pytest.fixture(scope="module")
def sshd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalSshd]:
    server = an_sshd(tmp_path_factory.mktemp("sshd") / "sshd")
    server.start()
    yield server
    server.stop()


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "web root of 'somebody' $(touch broken)"


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ssh_connection, "FIRST_PAUSE_S", 0.05)


def a_target(sshd: LocalSshd, root: Path, *, after: str = "", **output: object) -> ReleaseDirTarget:
    return ReleaseDirTarget(sshd.place(root, after), SITE, **output)  # type: ignore[arg-type]


def reached(target: ReleaseDirTarget) -> SshConnection:
    assert isinstance(target.filesystem, SshFilesystem)
    return target.filesystem.connection


def large(count: int = 500) -> dict[str, str]:
    """A site of so many pages, each unlike the others so that nothing is saved by compressing them together."""
    chance = Random(1)
    pages = {f"p/{one}/index.html": " ".join(f"{chance.getrandbits(64):x}" for _ in range(200)) for one in range(count)}
    return {**HOME, **pages}


def test_newer_numbers_alone_are_sent_without_a_page(sshd: LocalSshd, root: Path, tmp_path: Path) -> None:
    files = {**large(60), "data/counters/a.json": "1", "data/counters/b.json": "1"}
    published(a_target(sshd, root), built(tmp_path / "output", files))
    before = served(root)
    built(tmp_path / "output", {**files, "data/counters/a.json": "22", "a/index.html": "<p>not to be published"})
    target = a_target(sshd, root)

    site = open_counters(tmp_path / "output", Commit())
    result = publish_counters(a_run(target), site, target.read_state())

    assert result.status is Status.PUBLISHED
    changed = {path for path, data in served(root).items() if before.get(path) != data}
    assert changed == {"data/counters/a.json", "data/counters/a.json.gz"}
    assert served(root).keys() == before.keys()
    assert reached(target).sessions <= SESSIONS


def test_an_edit_sends_the_edited_page_alone_through_a_single_connection(
    sshd: LocalSshd, root: Path, tmp_path: Path
) -> None:
    first = a_target(sshd, root)
    old = built(tmp_path / "old", large())
    published(first, old)
    assert served(root) == files_in(old)
    site = built(tmp_path / "new", {**large(), "p/7/index.html": "edited"})
    target, before = a_target(sshd, root), sshd.logins()

    published(target, site)

    assert served(root) == files_in(site)
    assert (root / "releases/1/p/8/index.html").samefile(root / "releases/2/p/8/index.html")
    assert (root / "releases/1/p/7/index.html").read_text() != "edited"
    entry = site.manifest.by_path["p/7/index.html"]
    assert (root / "current/p/7/index.html").stat().st_mtime == mtime_from_digest(entry.digest)
    assert reached(first).sent_b > 1_500_000 and reached(target).sent_b < 2_000
    assert sshd.logins() == before + 1 and reached(target).sessions <= SESSIONS
    assert reached(first).sessions <= SESSIONS


def test_a_rollback_sends_no_file_at_all(sshd: LocalSshd, root: Path, tmp_path: Path) -> None:
    old = built(tmp_path / "old", HOME)
    published(a_target(sshd, root), old)
    published(a_target(sshd, root), built(tmp_path / "new", {**HOME, "a/index.html": "worse", "c/index.html": "C"}))
    target = a_target(sshd, root)

    outcome = rolled_back(target)

    assert outcome.release is not None and outcome.release.restores == 1
    assert served(root) == files_in(old)
    assert (root / "current").readlink() == Path("releases/3")
    assert reached(target).sent_b == 0 and reached(target).sessions <= SESSIONS


def test_what_a_removed_page_showed_stays_until_its_time_has_come(sshd: LocalSshd, root: Path, tmp_path: Path) -> None:
    published(a_target(sshd, root), built(tmp_path / "output", HOME))
    retained = {path: data for path, data in HOME.items() if path not in ("b/index.html", "theme/one.css")}
    site = a_site(tmp_path / "output", retained, has_twins=True, forwards=[Redirect("/b/", target="/a/")])

    published(a_target(sshd, root), site)

    extra = {"theme/one.css", "theme/one.css.gz"}
    assert served(root).keys() - files_in(site).keys() == extra
    later = a_target(sshd, root, retention=Retention(grace_s=0))
    assert published(later, site).status is Status.NOTHING_TO_DO
    assert served(root) == files_in(site)
    old = rolled_back(later, 1).release
    assert old is not None and "b/index.html" in served(root)


def test_names_that_a_shell_would_take_for_something_else_arrive(sshd: LocalSshd, root: Path, tmp_path: Path) -> None:
    odd = {"-rf/index.html": "1", "a b'c/$(date)*.html": "2", 'città/è "sì".html': "3", "b;&|`.html": "4"}
    for number in (1, 2):
        site = built(tmp_path / "output", {**HOME, **odd, "-rf/index.html": str(number)})
        published(a_target(sshd, root), site)
        assert served(root) == files_in(site)
    gone = a_site(tmp_path / "output", HOME, forwards=[Redirect(f"/{path}".replace("index.html", "")) for path in odd])
    published(a_target(sshd, root), gone)
    assert served(root) == files_in(gone)
    assert not list(tmp_path.rglob("broken"))


def test_the_second_publisher_is_refused_with_the_name_of_the_first(
    sshd: LocalSshd, root: Path, tmp_path: Path
) -> None:
    site = built(tmp_path / "output", HOME)
    first = sshd.place(root)
    lease, _ = first.lock("the first one, d'oh")

    with pytest.raises(PublishRefused, match=r"the first one, d'oh is publishing here; it was last heard of \d+ s ago"):
        published(a_target(sshd, root), site)
    assert a_target(sshd, root).read_state().deploy_state.lock == "the first one, d'oh"

    first.connection.close()
    assert published(a_target(sshd, root), site).status is Status.PUBLISHED
    for change in (lambda: first.switch(lease, 9), lambda: first.write(lease, {"register.json": b"{}"})):
        with pytest.raises(PublishFailed, match="somebody else has taken over"):
            change()
    assert not lease.renew()
    lease.end()
    assert served(root) == files_in(site)


def test_a_folder_that_is_not_ours_is_refused_until_it_is_adopted(sshd: LocalSshd, root: Path, tmp_path: Path) -> None:
    root.mkdir()
    (root / "index.html").write_text("somebody's")
    site = built(tmp_path / "output", HOME)

    with pytest.raises(PublishRefused, match=r'holds files that were not published from here \("index.html"\)'):
        published(a_target(sshd, root), site)

    assert published(a_target(sshd, root, adopts=True), site).status is Status.PUBLISHED


def test_files_that_the_server_has_lost_are_sent_again(sshd: LocalSshd, root: Path, tmp_path: Path) -> None:
    published(a_target(sshd, root), built(tmp_path / "output", HOME))
    (root / "releases/1/b/index.html").unlink()
    (root / "releases/1/feed.xml").write_text("")
    site = built(tmp_path / "output", {**HOME, "a/index.html": "2"})

    published(a_target(sshd, root), site)

    assert served(root) == files_in(site)


def test_a_file_that_changes_on_its_way_is_not_published(
    sshd: LocalSshd, root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = built(tmp_path / "old", HOME)
    published(a_target(sshd, root), old)
    site = built(tmp_path / "new", {**HOME, "a/index.html": "right"})
    real = SshConnection.send

    def send(self: SshConnection, source: Path, paths: list[str], target: str, sent: Callable[[int], None]) -> None:
        (source / "a/index.html").write_text("wrong")
        real(self, source, paths, target, sent)

    monkeypatch.setattr(SshConnection, "send", send)

    with pytest.raises(PublishFailed, match=r"new/a/index.html: changed while it was published"):
        published(a_target(sshd, root), site)
    assert served(root) == files_in(old)
    assert [one.name for one in (root / "releases").iterdir()] == ["1"]


def test_a_command_is_run_after_the_switch_and_once_more_where_it_failed(
    sshd: LocalSshd, root: Path, tmp_path: Path
) -> None:
    note = tmp_path / "reloaded"
    site = built(tmp_path / "output", HOME)

    with pytest.raises(PublishFailed, match=r'"echo not allowed >&2; false" failed there: not allowed'):
        published(a_target(sshd, root, after="echo not allowed >&2; false"), site)
    assert served(root) == files_in(site)
    site = built(tmp_path / "output", {**HOME, "a/index.html": "2"})
    published(
        a_target(
            sshd,
            root,
            after=f"readlink '{str(root).replace(chr(39), chr(39) + chr(92) + chr(39) * 2)}/current' >> {note}",
        ),
        site,
    )

    assert note.read_text().splitlines()[-1] == "releases/2"


def test_connections_that_are_cut_while_files_travel_are_made_again(
    sshd: LocalSshd, root: Path, tmp_path: Path
) -> None:
    site = built(tmp_path / "output", {**large(200), "theme/film.svg": Random(2).randbytes(30_000_000)})
    target = a_target(sshd, root)
    cuts, before = [3], sshd.logins()

    def output(what: str, done: int, of_all: int, size_b: int) -> None:
        if cuts[0] and done > 20:
            cuts[0] -= 1
            sshd.cut()

    outcome = publish(a_run(target, progress=output), site, target.read_state())

    assert outcome.status is Status.PUBLISHED and cuts == [0]
    assert sshd.logins() > before + 1
    assert served(root) == files_in(site)


@pytest.mark.parametrize("is_back", [True, False], ids=["for a moment", "for good"])
def test_a_server_that_is_gone_at_any_session_leaves_readers_a_whole_release(
    sshd: LocalSshd, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, is_back: bool
) -> None:
    old, new = (
        built(tmp_path / "old", HOME),
        built(tmp_path / "new", {**HOME, "a/index.html": "2", "theme/two.css": ""}),
    )
    real_run, real_rsync = ssh_connection._run_process, SshConnection._run_rsync
    left = [0]

    def gone() -> None:
        left[0] -= 1
        if left[0] == 0:
            sshd.cut() if is_back else sshd.stop()

    def ran(words: list[str], data: bytes) -> bytes:
        gone()
        return real_run(words, data)

    def counted(self: SshConnection, words: list[str], sent: Callable[[int], None]) -> None:
        gone()
        real_rsync(self, words, sent)

    monkeypatch.setattr(ssh_connection, "_run_process", ran)
    monkeypatch.setattr(SshConnection, "_run_rsync", counted)
    before = tmp_path / "before"
    published(a_target(sshd, before), old)
    for session in range(1, SESSIONS + 4, 3 if is_back else 1):
        root = shutil.copytree(before, tmp_path / f"web-{session}", symlinks=True)
        left[0] = session
        try:
            outcome = published(a_target(sshd, root), new)
            assert outcome.status is Status.PUBLISHED or not is_back
        except PublishFailed as error:
            assert not is_back, f"session {session}: {error}"
            assert "cannot be reached" in str(error)
        has_ended = left[0] > 0
        left[0] = 0
        if not is_back and not has_ended:
            sshd.start()
        assert served(root) in (files_in(old), files_in(new)), f"session {session}"

        published(a_target(sshd, root), new)

        assert served(root) == files_in(new), f"session {session}"
        state = a_target(sshd, root).read_state()
        assert not state.stale and not state.uncertain
        if has_ended:
            return
    raise AssertionError(f"a publication takes more than {SESSIONS} sessions")


def test_a_server_with_an_unknown_key_is_refused(sshd: LocalSshd, root: Path, tmp_path: Path) -> None:
    (tmp_path / "none").write_text("")
    address = replace(sshd.address(), known_hosts=str(tmp_path / "none"))

    with pytest.raises(PublishFailed, match=r"not the server that is known by this name[^.]*\n.*known_hosts"):
        SshFilesystem(SshConnection(address, "there"), str(root)).read_snapshot()


def test_a_key_that_the_server_rejects_is_reported(sshd: LocalSshd, root: Path) -> None:
    address = replace(sshd.address(), key_file=str(sshd.folder / "host"))

    with pytest.raises(PublishFailed, match="the server does not let this key in"):
        SshFilesystem(SshConnection(address, "there"), str(root)).read_snapshot()


def test_a_server_that_does_not_answer_is_reported(tmp_path: Path, root: Path) -> None:
    with pytest.raises(PublishFailed, match=r"the server cannot be reached .*refused"):
        SshFilesystem(SshConnection(SshAddress("127.0.0.1", port="1"), "there"), str(root)).read_snapshot()


def test_a_lock_is_held_again_after_its_connection_was_lost(sshd: LocalSshd, root: Path) -> None:
    """Unless another publisher had it meanwhile, whose text is then in the lock."""
    place = sshd.place(root)
    lease, _ = place.lock("me")
    sshd.cut()

    assert lease.renew()
    with pytest.raises(PublishRefused, match="me is publishing here"):
        sshd.place(root).lock("another one")

    lease.end()
    assert sshd.place(root).read_snapshot().lock == ""


def test_a_lock_ends_with_the_connection_of_its_holder(sshd: LocalSshd, root: Path) -> None:
    first, second = sshd.place(root), sshd.place(root)
    lease, _ = first.lock("the killed one")
    lease.stop()
    first.connection.close()

    other, _ = second.lock("the next one")

    assert not lease.renew()
    other.end()


def test_a_lock_ends_with_the_process_of_its_holder(sshd: LocalSshd, root: Path) -> None:
    ready, tell = os.pipe()
    child = os.fork()
    if child == 0:
        sshd.place(root).lock("the killed one")
        os.write(tell, b"locked")
        signal.alarm(600)
        signal.pause()
    os.read(ready, 6)

    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)

    place, until_s = sshd.place(root), time.monotonic() + 60
    while True:
        try:
            place.lock("the next one")[0].end()
            return
        except PublishRefused:
            assert time.monotonic() < until_s
            time.sleep(0.1)


def test_a_publisher_by_ssh_and_one_to_the_mounted_folder_exclude_each_other(
    sshd: LocalSshd, root: Path, tmp_path: Path
) -> None:
    site = built(tmp_path / "output", HOME)
    mounted = ReleaseDirTarget(LocalFilesystem(root), SITE)
    remote = a_target(sshd, root)
    for first, second in ((mounted, remote), (remote, mounted)):
        lease, _ = first.filesystem.lock("the first one")

        with pytest.raises(PublishRefused, match="the first one is publishing here"):
            published(second, site)

        lease.end()
    assert published(mounted, site).status is Status.PUBLISHED
    assert published(a_target(sshd, root), site).status is Status.NOTHING_TO_DO
    site = built(tmp_path / "output", {**HOME, "a/index.html": "2"})
    assert published(a_target(sshd, root), site).status is Status.PUBLISHED
    assert rolled_back(mounted).status is Status.PUBLISHED


def test_caches_are_purged_of_what_changed(sshd: LocalSshd, root: Path, tmp_path: Path) -> None:
    cache = NoCache()
    published(a_target(sshd, root), built(tmp_path / "output", HOME), cache)
    cache.purged = []

    published(a_target(sshd, root), built(tmp_path / "output", {**HOME, "a/index.html": "2"}), cache)

    assert cache.purged == ["/a/", "/a/index.html"]


def test_nothing_outside_a_tampered_place_is_read_or_touched(
    sshd: LocalSshd, root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys, chance
) -> None:
    world = World(tmp_path / "world", monkeypatch, lambda _folder: a_target(sshd, root))
    whole = tmp_path / "whole"
    shutil.copytree(root, whole, symlinks=True)
    faults = []

    known = list(tamperings(root, world.outside))
    of_lock = [one for one in known if one[0].startswith("locks/ssh is b'x")]
    for what, tamper in [*of_lock, *some_of(iter(known), chance, 3)]:
        shutil.rmtree(root)
        shutil.copytree(whole, root, symlinks=True)
        tamper()
        faults += list(world.find_faults(capsys, what))

    assert faults == []
