"""Newer numbers go over the last release of any target: no page is built, sent or changed by it."""

from __future__ import annotations

import gzip
import subprocess
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from obstore.store import MemoryStore
from tests.publish.builders import SITE, a_manifest, a_site, an_entry
from tests.publish.repositories import a_machine, a_repository, files_on
from tests.publish.runs import HOME, NoCache, a_run, published, rolled_back, served
from tests.publish.stores import TUNING, CutOff, a_routed_target, found, keys

from openknowledge.publish.__main__ import main
from openknowledge.publish.built_site import open_counters
from openknowledge.publish.errors import PublishFailed, PublishRefused
from openknowledge.publish.manifest_shards import PieceCopies, split_manifest
from openknowledge.publish.pipeline import publish_counters
from openknowledge.publish.release import Commit, DeployState, Release, split_releases
from openknowledge.publish.result import PublishResult, Status
from openknowledge.publish.targets import Target
from openknowledge.publish.targets.content_addressed import object_key
from openknowledge.publish.targets.local_folder import LocalFilesystem
from openknowledge.publish.targets.object_client import ObjectClient
from openknowledge.publish.targets.object_store import ObjectStoreTarget, StorageOptions
from openknowledge.publish.targets.release_dirs import ReleaseDirTarget
from openknowledge.publish.targets.release_layout import Retention
from openknowledge.publish.targets.static_host import ArtifactTarget
from openknowledge.redirects.table import Redirect

TOTAL, COURSE = "data/counters/total/courses.json", "data/counters/algebra.json"
FILES = {**HOME, TOTAL: '{"value": 1}', COURSE: '{"value": 1}', "data/counters/other.json": '{"value": 1}'}
NEWER = {**FILES, TOTAL: '{"value": 22}', COURSE: '{"value": 22}'}
EDITED = {**NEWER, "a/index.html": "<p>A, not to be published", "c/index.html": "<p>new", "data/new.json": "{}"}
COMMIT = Commit("1" * 40, "2026-11-01T10:00:00Z")


class Place(ABC):
    """A place to publish to, and what readers get there."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.cache = folder, NoCache()

    @abstractmethod
    def target(self, releases: int = 10) -> Target:
        """Return the target as a new process has it."""

    @abstractmethod
    def files(self) -> dict[str, str]:
        """Return what readers get, without twins."""

    def publish(self, files: Mapping[str, str], releases: int = 10) -> PublishResult:
        forwards = [Redirect("/old/", target="/a/")]
        site = a_site(self.folder / "output", files, commit=COMMIT, forwards=forwards, has_twins=True)
        return published(self.target(releases), site, self.cache)

    def publish_counters(
        self, files: Mapping[str, str], commit: Commit = COMMIT, releases: int = 10, **orders: bool
    ) -> PublishResult:
        """Publish the numbers of a site that was built from these files."""
        a_site(self.folder / "output", files, has_twins=True)
        target = self.target(releases)
        run = replace(a_run(target, self.cache), **orders)
        return publish_counters(run, open_counters(self.folder / "output", commit), target.read_state())

    def state(self) -> DeployState:
        return self.target().read_state().deploy_state


class FolderPlace(Place):
    def target(self, releases: int = 10) -> ReleaseDirTarget:
        tables = {"server_files": lambda site: {"moved.map": repr(site.redirects).encode()}}
        return ReleaseDirTarget(LocalFilesystem(self.folder / "web"), SITE, Retention(releases, 0), **tables)

    def files(self) -> dict[str, str]:
        assert "/old/" in (self.folder / "web/current/.server/moved.map").read_text("utf-8")
        return {path: data.decode() for path, data in served(self.folder / "web").items() if not path.endswith(".gz")}


class StorePlace(Place):
    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.store = MemoryStore()

    def target(self, releases: int = 10) -> ObjectStoreTarget:
        storage = StorageOptions(lambda _entry: {}, "1", encoding="", releases=releases, grace_s=0)
        return ObjectStoreTarget(ObjectClient(self.store, "memory", TUNING), SITE, storage)

    def files(self) -> dict[str, str]:
        paths = [key for key in keys(self.store) if not key.startswith("_openknowledge/")]
        return {path: stored.data.decode() for path in paths if (stored := found(self.store, path))}


class RoutedPlace(StorePlace):
    def target(self, releases: int = 10) -> ObjectStoreTarget:
        return a_routed_target(self.store, releases=releases)

    def files(self) -> dict[str, str]:
        target = self.target()
        manifest = target.read_state().manifest
        assert manifest is not None
        stored = {entry.path: found(self.store, object_key(entry, target.storage)) for entry in manifest.entries()}
        return {path: gzip.decompress(one.data).decode() for path, one in stored.items() if one is not None}


class BranchPlace(Place):
    def target(self, releases: int = 10) -> Target:
        if not (self.folder / "remote").exists():
            self.repository = a_repository(self.folder / "remote")
        return a_machine(self.folder / "machine", self.repository, retained_releases=releases).target()

    def files(self) -> dict[str, str]:
        return {path: text for path, text in files_on(self.repository).items() if not path.endswith(".gz")}


PLACES = {"folder": FolderPlace, "store": StorePlace, "routed": RoutedPlace, "branch": BranchPlace}


@pytest.fixture(params=PLACES)
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Place]:
    """Yield a place of each kind where a site is published."""
    place = PLACES[request.param](tmp_path)
    assert place.publish(FILES).status is Status.PUBLISHED
    place.cache.purged.clear()
    return place


def test_readers_get_the_newer_numbers_and_the_same_pages(place: Place) -> None:
    before = place.files()

    result = place.publish_counters(EDITED)

    assert result.status is Status.PUBLISHED
    assert place.files() == {**before, TOTAL: NEWER[TOTAL], COURSE: NEWER[COURSE]}
    assert result.plan is not None
    assert [entry.path for entry in result.plan.sent] == [COURSE, TOTAL]
    assert sorted(place.cache.purged) == [f"/{COURSE}", f"/{TOTAL}"]


def test_the_manifest_is_that_of_what_readers_get(place: Place) -> None:
    place.publish_counters(EDITED)

    manifest = place.target().read_state().manifest
    assert manifest is not None
    entries = {entry.path: entry.digest for entry in manifest.entries()}
    assert entries.items() >= {path: an_entry(path, data).digest for path, data in NEWER.items()}.items()
    assert "c/index.html" not in entries


def test_numbers_that_readers_have_are_not_published_again(place: Place) -> None:
    assert place.publish_counters(FILES).status is Status.NOTHING_TO_DO
    place.publish_counters(NEWER)
    assert place.publish_counters(NEWER).status is Status.NOTHING_TO_DO


def test_a_plan_changes_nothing(place: Place) -> None:
    before = place.files()

    result = place.publish_counters(NEWER, is_plan=True)

    assert (result.status, place.files()) == (Status.PUBLISHED, before)
    assert len(place.state().releases) == 1


def test_the_next_publication_sends_the_pages_that_changed_and_no_number_again(place: Place) -> None:
    place.publish_counters(NEWER)

    result = place.publish(EDITED)

    assert result.plan is not None
    assert {entry.path for entry in result.plan.sent} == {"a/index.html", "c/index.html", "data/new.json"}
    assert place.files().items() >= EDITED.items()


def test_a_rollback_takes_the_pages_back_and_a_number_of_a_release_only_the_numbers(place: Place) -> None:
    place.publish({**FILES, "a/index.html": "<p>wrong"})
    place.publish_counters({**NEWER, "a/index.html": "<p>wrong"})

    rolled_back(place.target(), 2)
    assert place.files().items() >= {**FILES, "a/index.html": "<p>wrong"}.items()

    place.publish_counters(NEWER)
    rolled_back(place.target(), 1)
    assert place.files().items() >= FILES.items()


def test_a_rollback_without_a_number_goes_before_the_last_release_with_pages(place: Place) -> None:
    place.publish({**FILES, "a/index.html": "<p>wrong"})
    for number in range(3):
        place.publish_counters({**FILES, TOTAL: str(number)})

    rolled_back(place.target())

    assert place.files().items() >= FILES.items()


def test_numbers_displace_no_release_that_can_be_restored(place: Place) -> None:
    place.publish({**FILES, "a/index.html": "<p>two"}, releases=4)
    for number in range(6):
        place.publish_counters({**FILES, TOTAL: str(number)}, releases=4)

    numbers = [release.number for release in place.state().releases]
    assert numbers == [1, 2, 7, 8]
    rolled_back(place.target(4), 1)
    assert place.files().items() >= FILES.items()


def test_the_first_release_has_pages(tmp_path: Path) -> None:
    for kind in PLACES.values():
        place = kind(tmp_path / kind.__name__)
        with pytest.raises(PublishRefused, match="nothing is published here yet"):
            place.publish_counters(FILES)


def test_older_numbers_never_replace_newer_ones(place: Place) -> None:
    older = Commit("2" * 40, "2026-10-01T10:00:00Z")
    place.publish_counters(NEWER, Commit("3" * 40, "2026-12-01T10:00:00Z"))

    for refused in (lambda: place.publish_counters(FILES, older), lambda: place.publish(FILES)):
        with pytest.raises(PublishRefused, match="whose numbers are published"):
            refused()
    assert place.files().items() >= NEWER.items()


def test_other_headers_are_no_matter_of_numbers(place: Place, tmp_path: Path) -> None:
    state = place.target().read_state()
    release = state.release
    assert release is not None
    other = replace(state, deploy_state=replace(state.deploy_state, releases=(replace(release, policy="f/f"),)))
    a_site(tmp_path / "output", NEWER)
    site = open_counters(tmp_path / "output", COMMIT)

    with pytest.raises(PublishRefused, match="all files get other headers now"):
        publish_counters(a_run(place.target()), site, other)


def test_a_publication_that_was_cut_off_is_completed_first(place: Place, tmp_path: Path) -> None:
    state = place.target().read_state()
    cut_off = split_manifest(a_manifest({**FILES, "a/index.html": "<p>half"}, has_twins=True), like=state.manifest)
    a_site(tmp_path / "output", NEWER, has_twins=True)
    site = open_counters(tmp_path / "output", COMMIT)

    with pytest.raises(PublishRefused, match="was interrupted"):
        publish_counters(a_run(place.target()), site, replace(state, uncertain=(cut_off,)))


@pytest.mark.parametrize("left", range(0, 18, 2))
@pytest.mark.parametrize("kind", [StorePlace, RoutedPlace])
def test_numbers_that_were_cut_off_at_any_request_are_published_by_the_next_run(
    tmp_path: Path, kind: type[StorePlace], left: int
) -> None:
    place = kind(tmp_path)
    place.publish(FILES)
    a_site(tmp_path / "output", NEWER, has_twins=True)
    site = open_counters(tmp_path / "output", COMMIT)
    target = place.target()
    target = replace(target, objects=CutOff(place.store, left))
    pages = FILES.items() - {(TOTAL, FILES[TOTAL]), (COURSE, FILES[COURSE])}
    try:
        publish_counters(a_run(target), site, target.read_state())
    except PublishFailed:
        assert place.files().items() >= pages
        assert {place.files()[path] for path in (TOTAL, COURSE)} <= {FILES[TOTAL], NEWER[TOTAL]}

    state = place.target().read_state()
    expired = replace(state, deploy_state=replace(state.deploy_state, lock=""))
    again = publish_counters(a_run(place.target()), site, expired)
    assert again.status in (Status.PUBLISHED, Status.NOTHING_TO_DO)
    assert place.files().items() >= NEWER.items()


def test_a_folder_whose_last_release_is_gone_gets_the_whole_site(tmp_path: Path) -> None:
    place = FolderPlace(tmp_path)
    place.publish(FILES)
    subprocess.run(["rm", "-r", str(tmp_path / "web/releases/1")], check=True)

    with pytest.raises(PublishFailed, match="was not kept"):
        place.publish_counters(NEWER)


def test_an_artifact_is_only_made_whole(tmp_path: Path) -> None:
    target = ArtifactTarget(tmp_path / "public", SITE, a_machine(tmp_path / "m", "x").hosting)
    a_site(tmp_path / "output", NEWER)

    with pytest.raises(PublishRefused, match="takes no numbers alone"):
        publish_counters(a_run(target), open_counters(tmp_path / "output", COMMIT), target.read_state())


def test_a_site_without_counters_has_none_to_publish(tmp_path: Path) -> None:
    a_site(tmp_path / "output", HOME)

    with pytest.raises(PublishRefused, match="there are no numbers' documents"):
        open_counters(tmp_path / "output", COMMIT)


@given(st.sets(st.integers(0, 299)), st.integers(0, 3))
def test_replaced_entries_give_the_manifest_of_the_changed_site(changed: set[int], salt: int) -> None:
    files = {f"data/{number}.json": f"{number}" for number in range(300)}
    newer = {**files, **{f"data/{number}.json": f"{number} {salt}" for number in changed}}
    before = split_manifest(a_manifest(files))

    after = before.replace_entries(an_entry(f"data/{number}.json", f"{number} {salt}") for number in changed)

    expected = split_manifest(a_manifest(newer), like=before)
    assert after.root == expected.root
    assert after.entries() == expected.entries()


def test_an_edit_of_a_manifest_fetches_only_the_pieces_that_it_changes() -> None:
    whole = split_manifest(a_manifest({f"data/{number}.json": "1" for number in range(3000)}))
    asked: list[str] = []

    def fetch(names: Sequence[str]) -> list[bytes]:
        asked.extend(names)
        return [whole.pack_piece(name) for name in names]

    stored = replace(whole, fetch=fetch, loaded={})
    stored.replace_entries([an_entry("data/7.json", "2")])

    assert len(asked) == 2


def test_a_piece_of_a_manifest_is_fetched_once_and_a_broken_copy_again(tmp_path: Path) -> None:
    whole = split_manifest(a_manifest({f"data/{number}.json": "1" for number in range(300)}))
    asked: list[str] = []

    def fetch(names: Sequence[str]) -> list[bytes]:
        asked.extend(names)
        return [whole.pack_piece(name) for name in names]

    def read() -> int:
        asked.clear()
        copies = PieceCopies(fetch, tmp_path / "pieces")
        manifest = replace(whole, fetch=copies, loaded={})
        assert manifest.entries() == whole.entries()
        copies.retain(manifest.loaded)
        return len(asked)

    (tmp_path / "pieces").mkdir()
    (tmp_path / "pieces/of-an-earlier-release").touch()
    assert read() == sum(map(len, whole.list_pieces()))
    assert not (tmp_path / "pieces/of-an-earlier-release").exists()
    assert read() == 0
    next((tmp_path / "pieces").iterdir()).write_bytes(b"half")
    assert read() == 1


def a_release(number: int, *, has_only_counters: bool = False) -> Release:
    return Release(number, "", "", COMMIT, "me", 0, 0, has_only_counters=has_only_counters)


def test_only_the_last_two_releases_of_numbers_are_retained() -> None:
    releases = [a_release(number, has_only_counters=number in (2, 4, 5, 6)) for number in range(1, 7)]

    def retained(count: int) -> list[int]:
        old, lasting = split_releases(releases, count)
        assert sorted((*old, *lasting), key=lambda release: release.number) == releases
        return [release.number for release in lasting]

    assert [retained(count) for count in (1, 2, 3, 10)] == [[6], [5, 6], [3, 5, 6], [1, 3, 5, 6]]


@pytest.mark.parametrize("option", ["--adopt", "--purge-everything", "--preview=7"])
def test_an_option_that_means_nothing_for_numbers_alone_ends_the_command(
    option: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        main(["publish", "--counters", option], tmp_path, {})

    assert "--counters" in capsys.readouterr().err
