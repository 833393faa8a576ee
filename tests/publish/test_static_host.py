"""A site as one piece: whole, the same for the same site, and made with what the published site says of itself."""

from __future__ import annotations

import json
import tarfile
import threading
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import ClassVar

import pytest
from tests.publish.builders import SITE, a_site
from tests.publish.repositories import HASTE, HOUR_S, MONDAY, Unreachable, a_hosting

from openknowledge.publish.errors import PublishFailed, PublishRefused
from openknowledge.publish.pipeline import LostUrls, Publication, publish, roll_back
from openknowledge.publish.release import Commit
from openknowledge.publish.result import PublishResult, Status
from openknowledge.publish.targets.static_host import STATE_FOLDER, ArtifactTarget, ReadFile, make_reader

FILES = {"index.html": "home", "corsi/index.html": "courses", "theme/site.1.css": "body{}"}
NEXT = {"index.html": "home", "corsi/index.html": "courses", "theme/site.2.css": "b{}"}
POLL_S = 0.02
"""How often a server looks whether it is to stop; the default is half a second, which each test would wait."""


@dataclass(frozen=True)
class Ci:
    """A run of a CI: it has a place for the piece, and may know where the site is published."""

    folder: Path
    name: str = "public"
    read: ReadFile | None = None

    @property
    def place(self) -> Path:
        return self.folder / self.name

    def target(self, **more: object) -> ArtifactTarget:
        known: dict[str, object] = {"hosting": a_hosting(), "read": self.read, "clock": lambda: MONDAY}
        return ArtifactTarget(self.place, SITE, **{**known, **more})  # type: ignore[arg-type]

    def publish(self, files: dict[str, str], *, commit: Commit | None = None, **more: object) -> PublishResult:
        target = self.target(**more)
        site = a_site(self.folder / "output", files, commit=commit, has_twins=True)
        return publish(self._run(target), site, target.read_state())

    def restore(self, number: int | None = None) -> PublishResult:
        target = self.target()
        return roll_back(self._run(target), target.read_state(), number)

    def _run(self, target: ArtifactTarget) -> Publication:
        return Publication(target, Unreachable(), lambda *_: (0, ()), "somebody at home", self.folder, lambda *_: None)


def deployed(folder: Path) -> ReadFile:
    """A host that serves a folder."""

    def read(path: str) -> bytes | None:
        place = folder / path
        return place.read_bytes() if place.is_file() else None

    return read


def paths_in(folder: Path) -> set[str]:
    return {place.relative_to(folder).as_posix() for place in folder.rglob("*") if place.is_file()}


def test_a_folder_contains_the_site_the_hosts_files_and_the_deploy_state(tmp_path: Path) -> None:
    ci = Ci(tmp_path)

    ci.publish(FILES, hosting=a_hosting(own_files={"_redirects": b"/a /b 301\n"}))

    assert {*FILES, "_redirects", f"{STATE_FOLDER}/register.json"} <= paths_in(ci.place)
    assert not [path for path in paths_in(ci.place) if path.endswith(".gz")]
    assert (ci.place / "index.html").read_text() == "home"


def test_a_host_that_serves_twins_gets_them(tmp_path: Path) -> None:
    ci = Ci(tmp_path)

    ci.publish(FILES, hosting=a_hosting("gitlab"))

    assert "index.html.gz" in paths_in(ci.place)


@pytest.mark.parametrize("name", ["artifact.tar", "artifact.zip"])
def test_an_archive_is_the_same_for_the_same_site(tmp_path: Path, name: str) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    one, other = Ci(tmp_path / "a", name), Ci(tmp_path / "b", name)

    one.publish(FILES)
    other.publish(FILES)

    assert one.place.read_bytes() == other.place.read_bytes()
    if name.endswith(".tar"):
        with tarfile.open(one.place) as tar:
            assert all(member.isreg() and member.mode == 0o644 for member in tar.getmembers())
            assert FILES.keys() <= set(tar.getnames())
    else:
        with zipfile.ZipFile(one.place) as packed:
            assert FILES.keys() <= set(packed.namelist())


@pytest.mark.parametrize("name", ["public", "artifact.tar"])
def test_a_bundle_that_cannot_be_completed_leaves_the_old_bundle(tmp_path: Path, name: str) -> None:
    ci = Ci(tmp_path, name)
    ci.publish(FILES)
    before = ci.place.read_bytes() if ci.place.is_file() else (ci.place / "index.html").read_bytes()
    target = ci.target()
    site = a_site(tmp_path / "output", {**FILES, "index.html": "anew", "z.html": "last"})

    def full(*_: object) -> bytes:
        raise OSError(28, "No space left on device")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(type(site), "read_file", full)
        with pytest.raises(PublishFailed, match="No space left on device"):
            publish(ci._run(target), site, target.read_state())

    assert before == (ci.place.read_bytes() if ci.place.is_file() else (ci.place / "index.html").read_bytes())
    assert not list(tmp_path.glob("*.part"))


def test_a_folder_is_replaced_with_all_that_it_contained(tmp_path: Path) -> None:
    ci = Ci(tmp_path)
    ci.publish(FILES)

    ci.publish(NEXT)

    assert "theme/site.1.css" not in paths_in(ci.place)
    assert "theme/site.2.css" in paths_in(ci.place)


def test_a_folder_of_somebody_elses_files_is_refused(tmp_path: Path) -> None:
    ci = Ci(tmp_path)
    ci.place.mkdir()
    (ci.place / "thesis.txt").write_text("three years of work")

    with pytest.raises(PublishRefused, match="holds files that were not published from here"):
        ci.publish(FILES)

    assert (ci.place / "thesis.txt").exists()


@pytest.mark.parametrize("name", ["output", "output/public", "."])
def test_the_folder_of_the_build_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(PublishRefused, match="is where the site is built"):
        Ci(tmp_path, name).publish(FILES, adopts=True)


def test_limits_are_reported_before_anything_is_written(tmp_path: Path) -> None:
    ci = Ci(tmp_path)

    with pytest.raises(PublishRefused, match="Cloudflare Pages: 4 files are more than the 2 that it takes"):
        ci.publish(FILES, hosting=a_hosting("cloudflare", max_files=2))

    assert not ci.place.exists()


def test_what_is_published_already_is_not_made_again(tmp_path: Path) -> None:
    first = Ci(tmp_path)
    first.publish(FILES)
    (tmp_path / "later").mkdir()
    later = Ci(tmp_path / "later", read=deployed(first.place))

    assert later.publish(FILES).status is Status.NOTHING_TO_DO
    assert not later.place.exists()


def test_with_the_published_site_the_plan_has_only_what_changes_and_no_address_is_lost(tmp_path: Path) -> None:
    first = Ci(tmp_path)
    first.publish(FILES)
    (tmp_path / "later").mkdir()
    later = Ci(tmp_path / "later", read=deployed(first.place))

    outcome = later.publish({**FILES, "index.html": "anew"})

    assert outcome.plan is not None and [entry.path for entry in outcome.plan.sent] == ["index.html"]
    assert outcome.release is not None and outcome.release.number == 2
    with pytest.raises(LostUrls, match="/corsi/"):
        later.publish({"index.html": "home"})


def test_an_older_commit_is_not_published_over_a_newer_commit(tmp_path: Path) -> None:
    first = Ci(tmp_path)
    first.publish(FILES, commit=Commit("2" * 40, "2026-11-02T10:00:00Z"))

    with pytest.raises(PublishRefused, match="is older than"):
        replace(first, name="later", read=deployed(first.place)).publish(
            NEXT, commit=Commit("1" * 40, "2026-11-01T10:00:00Z")
        )


def test_pages_that_readers_have_open_find_their_styles_until_the_grace_period_is_over(tmp_path: Path) -> None:
    pieces = [Ci(tmp_path, f"piece-{number}") for number in range(4)]
    pieces[0].publish(FILES)
    for number, hours in ((1, 0), (2, 23), (3, 25)):
        ci = replace(pieces[number], read=deployed(pieces[number - 1].place))
        ci.publish({**NEXT, "index.html": f"home {number}"}, clock=lambda hours=hours: MONDAY + hours * HOUR_S)

    assert ["theme/site.1.css" in paths_in(ci.place) for ci in pieces] == [True, True, True, False]


def test_a_page_that_a_host_answers_with_instead_of_a_style_is_not_taken_for_it(tmp_path: Path) -> None:
    first = Ci(tmp_path)
    first.publish(FILES)
    read = deployed(first.place)
    later = Ci(tmp_path, "later", read=lambda path: b"<h1>Not found" if path.endswith(".css") else read(path))

    later.publish(NEXT)

    assert "theme/site.1.css" not in paths_in(later.place)


def test_a_rollback_is_refused_with_the_hosts_own_way(tmp_path: Path) -> None:
    first = Ci(tmp_path)
    first.publish(FILES)
    later = Ci(tmp_path, "later", read=deployed(first.place))
    later.publish(NEXT)

    with pytest.raises(PublishRefused, match='choose "Publish deploy"'):
        Ci(tmp_path, "again", read=deployed(later.place)).restore(1)


def test_the_public_deploy_state_does_not_name_the_publisher(tmp_path: Path) -> None:
    ci = Ci(tmp_path)
    ci.publish(FILES)

    output = json.loads((ci.place / STATE_FOLDER / "register.json").read_text())

    assert output["releases"][0]["by"] == ""
    assert output["releases"][0]["commit"]["id"] == "1" * 40


@pytest.mark.parametrize("name", ["root.bin", "manifest.bin", "former.bin", "kept.json"])
def test_a_site_that_is_just_being_deployed_is_not_taken_for_whole(tmp_path: Path, name: str) -> None:
    ci = Ci(tmp_path)
    ci.publish(FILES)
    (ci.place / STATE_FOLDER / name).write_bytes(b"of another release")

    with pytest.raises(PublishRefused, match="is not whole"):
        ci.target(read=deployed(ci.place)).read_state()


class Host(SimpleHTTPRequestHandler):
    """Serves a folder; the first answers may be failures."""

    failures: ClassVar[list[int]] = []

    def do_GET(self) -> None:
        if self.failures:
            self.send_error(self.failures.pop())
        else:
            super().do_GET()

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def host(tmp_path: Path) -> Iterator[Callable[..., str]]:
    def serve(folder: Path, *failures: int) -> str:
        Host.failures = list(failures)
        server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Host, directory=str(folder)))
        threading.Thread(target=server.serve_forever, args=(POLL_S,), daemon=True).start()
        servers.append(server)
        return f"http://127.0.0.1:{server.server_port}"

    servers: list[ThreadingHTTPServer] = []
    yield serve
    for server in servers:
        server.shutdown()
        server.server_close()


def test_the_published_site_is_read_through_its_address_and_asked_again_where_it_fails(
    tmp_path: Path, host: Callable[..., str]
) -> None:
    ci = Ci(tmp_path)
    ci.publish(FILES)
    read = make_reader(host(ci.place, 503), HASTE)

    assert ci.target(read=read).read_state().deploy_state.next_number == 2
    assert read("nowhere.html") is None


def test_a_site_that_does_not_answer_does_not_count_as_empty(tmp_path: Path, host: Callable[..., str]) -> None:
    address = host(tmp_path, 500, 500, 500)

    with pytest.raises(PublishFailed, match="cannot be read"):
        Ci(tmp_path, read=make_reader(address, HASTE)).target().read_state()
