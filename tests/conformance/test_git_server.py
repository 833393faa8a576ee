"""Publishing to a real git server over HTTP, with a line that is cut where it hurts."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.chance import Chance
from tests.conformance.git_server import TOKEN, GitServer
from tests.publish.repositories import Machine, a_machine, a_repository, files_on, git

from openknowledge.publish.errors import PublishFailed, PublishRefused
from openknowledge.publish.result import Status

pytestmark = pytest.mark.conformance

PAGES = {f"p/{number}/index.html": f"page {number} " * 300 for number in range(200)}
SITE = {"index.html": "home", "theme/site.1.css": "body{}", **PAGES}
RUNS = 60
FAULTS = ("in the middle", "before the answer", "500", "503", "429")


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    found = a_repository(tmp_path / "srv" / "site.git")
    git(found, "config", "http.receivepack", "true")
    return found


@pytest.fixture
def server(repository: Path) -> Iterator[GitServer]:
    found = GitServer(repository.parent)
    yield found
    found.end()


def machine(server: GitServer, folder: Path, **more: object) -> Machine:
    return a_machine(folder, f"{server.url}/site.git", **more)


def is_push(method: str, path: str) -> bool:
    return method == "POST" and path.endswith("git-receive-pack")


def test_bytes_of_an_edit_from_a_machine_that_has_nothing(tmp_path: Path, server: GitServer, repository: Path) -> None:
    machine(server, tmp_path / "one").publish(SITE)
    whole = sum(sent for _, path, sent in server.requests if path.endswith("git-receive-pack"))
    server.requests.clear()

    machine(server, tmp_path / "other").publish({**SITE, "p/5/index.html": "edited"})

    sent = sum(sent for _, path, sent in server.requests if path.endswith("git-receive-pack"))
    assert sent < whole / 3
    assert sent < 12_000
    assert len(server.requests) < 20
    assert files_on(repository)["p/5/index.html"] == "edited"


@pytest.mark.parametrize("fault", FAULTS)
def test_a_push_that_is_cut_off_once_is_done_again_or_was_done(
    tmp_path: Path, server: GitServer, repository: Path, fault: str
) -> None:
    one = machine(server, tmp_path / "one")
    one.publish(SITE)
    left = [fault]
    server.is_cut = lambda method, path: left.pop() if left and is_push(method, path) else ""

    outcome = one.publish({**SITE, "index.html": "anew"})

    assert not left
    assert outcome.status is Status.PUBLISHED
    assert files_on(repository)["index.html"] == "anew"
    assert git(repository, "rev-list", "--count", "pages") == "1"


@pytest.mark.parametrize("fault", FAULTS)
def test_a_connection_that_stays_cut_leaves_a_whole_version_and_the_next_run_ends_well(
    tmp_path: Path, server: GitServer, repository: Path, fault: str
) -> None:
    one = machine(server, tmp_path / "one")
    one.publish(SITE)
    server.is_cut = lambda method, path: fault if is_push(method, path) else ""

    try:
        first = one.publish({**SITE, "index.html": "anew", "p/1/index.html": "anew"}).status
    except PublishFailed:
        first = Status.FAILED_AND_SAFE
    there = files_on(repository)

    assert (there["index.html"], there["p/1/index.html"]) in (("home", SITE["p/1/index.html"]), ("anew", "anew"))
    assert first is Status.FAILED_AND_SAFE or there["index.html"] == "anew"
    server.is_cut = lambda method, path: ""
    outcome = machine(server, tmp_path / "other").publish({**SITE, "index.html": "anew", "p/1/index.html": "anew"})
    assert outcome.status in (Status.PUBLISHED, Status.NOTHING_TO_DO)
    assert files_on(repository)["index.html"] == "anew"


def test_faults_at_random_never_leave_half_a_site(
    tmp_path: Path, server: GitServer, repository: Path, chance: Chance
) -> None:
    ended = []
    for number in range(chance.times(RUNS)):
        server.is_cut = lambda method, path: chance.choice(FAULTS) if chance.random() < 0.25 else ""
        wanted = {**SITE, "index.html": f"home {number}", "p/7/index.html": f"home {number}"}
        one = machine(server, tmp_path / f"machine-{number % 3}")
        try:
            ended.append(one.publish(wanted).status)
        except (PublishFailed, PublishRefused) as error:
            ended.append(error)
        if git(repository, "for-each-ref", "refs/heads/pages"):
            there = files_on(repository)
            assert there["index.html"] == there["p/7/index.html"]
            assert len(there) == len(SITE) + 1
            git(repository, "fsck", "--connectivity-only")
    server.is_cut = lambda method, path: ""

    outcome = machine(server, tmp_path / "last").publish(SITE)

    assert outcome.status is Status.PUBLISHED
    assert files_on(repository)["index.html"] == "home"
    if chance.is_thorough:
        assert Status.PUBLISHED in ended
        assert any(isinstance(end, PublishFailed) for end in ended)
    assert not [one for one in ended if isinstance(one, PublishRefused)]


def test_a_server_that_wants_a_token_gets_that_of_the_environment(
    tmp_path: Path, server: GitServer, repository: Path
) -> None:
    server.wants_token = True

    machine(server, tmp_path / "one", secrets={"PUBLISH_GIT_TOKEN": TOKEN}).publish(SITE)

    assert "index.html" in files_on(repository)
    assert "openknowledge" in server.names


def test_a_wrong_token_is_reported_without_being_shown(tmp_path: Path, server: GitServer, repository: Path) -> None:
    server.wants_token = True

    with pytest.raises(PublishFailed, match="the server refuses") as failed:
        machine(server, tmp_path / "one", secrets={"PUBLISH_GIT_TOKEN": "wr0ng"}).publish(SITE)

    assert "wr0ng" not in str(failed.value)
    assert "PUBLISH_GIT_TOKEN" in str(failed.value)
    assert git(repository, "for-each-ref") == ""
