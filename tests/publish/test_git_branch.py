"""A site on a branch of a repository: one push is a release, and nothing else is anywhere."""

from __future__ import annotations

import socket
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from tests.publish.repositories import (
    HASTE,
    HOUR_S,
    MONDAY,
    a_hook,
    a_hosting,
    a_machine,
    a_repository,
    files_on,
    git,
)

from openknowledge.problems import operator_problem
from openknowledge.publish.errors import PublishFailed, PublishRefused
from openknowledge.publish.manifest_shards import split_manifest
from openknowledge.publish.plan import Plan
from openknowledge.publish.release import Commit, Release
from openknowledge.publish.result import Status
from openknowledge.publish.targets.git_repo import BareRepo, GitError, TransientGitError, redact
from openknowledge.redirects.table import Redirect

SITE = {
    "index.html": '<link href="/theme/site.1.css"><a href="/corsi/">',
    "corsi/index.html": "courses",
    "theme/site.1.css": "body{}",
    "feed.xml": "<rss>",
}
NEXT = {**{path: data for path, data in SITE.items() if path != "theme/site.1.css"}, "theme/site.2.css": "b{}"}
STATE = "refs/openknowledge/state/pages"
MAIN = "refs/heads/pages"


def head(repository: Path, ref: str = MAIN) -> str:
    return git(repository, "rev-parse", ref)


def objects_sent(repository: Path) -> list[int]:
    """From now on, how many objects each push brings."""
    git(repository, "config", "receive.unpackLimit", "1")
    a_hook(
        repository,
        "pre-receive",
        'for one in "$GIT_QUARANTINE_PATH"/pack/*.idx; do git show-index < $one | wc -l >> sent; done',
    )
    return []


def counted(repository: Path) -> list[int]:
    log = repository / "sent"
    found = [int(line) for line in log.read_text().split()] if log.exists() else []
    log.unlink(missing_ok=True)
    return found


def test_the_first_release_is_a_single_commit_with_the_site_and_the_hosts_files(tmp_path: Path) -> None:
    repository = a_repository(tmp_path / "remote.git")
    hosting = a_hosting(own_files={"_headers": b"/*\n"})

    outcome = a_machine(tmp_path / "one", repository, hosting=hosting).publish(SITE)

    assert outcome.status is Status.PUBLISHED
    there = files_on(repository)
    assert {path: there[path] for path in SITE} == SITE
    assert there["_headers"] == "/*\n"
    assert not {".manifest.json", "index.html.gz"} & there.keys()
    assert git(repository, "rev-list", "--count", MAIN) == "1"


def test_a_commit_says_which_release_it_is_and_of_what(tmp_path: Path) -> None:
    repository = a_repository(tmp_path / "remote.git")

    release = a_machine(tmp_path / "one", repository).publish(SITE).release

    assert release is not None
    output = git(repository, "log", "-1", "--format=%an %ae %cI%n%B", MAIN).splitlines()
    assert output == [
        "openknowledge openknowledge@openknowledge.example.edu 2026-11-01T10:00:00+00:00",
        "Release 1",
        "",
        "Openknowledge-Release: 1",
        f"Openknowledge-Manifest: {release.manifest}",
        f"Openknowledge-Source: {'1' * 40}",
    ]


def test_the_same_site_is_the_same_commit_wherever_and_whenever_it_is_published(tmp_path: Path) -> None:
    one, other = a_repository(tmp_path / "one.git"), a_repository(tmp_path / "other.git")

    a_machine(tmp_path / "a", one).publish(SITE)
    a_machine(tmp_path / "b", other, now_s=MONDAY + 12345, by="somebody else").publish(SITE)

    assert head(one) == head(other)
    assert head(one, STATE) != head(other, STATE)


def test_what_is_published_already_is_not_published_again(tmp_path: Path) -> None:
    repository = a_repository(tmp_path / "remote.git")
    a_machine(tmp_path / "one", repository).publish(SITE)
    before = git(repository, "for-each-ref")

    outcome = a_machine(tmp_path / "other", repository).publish(SITE)

    assert outcome.status is Status.NOTHING_TO_DO
    assert git(repository, "for-each-ref") == before


def test_of_an_edit_only_what_changed_travels_also_from_a_machine_that_has_nothing(tmp_path: Path) -> None:
    repository = a_repository(tmp_path / "remote.git")
    many = {**SITE, **{f"p/{number}/index.html": f"page {number}" for number in range(200)}}
    a_machine(tmp_path / "one", repository).publish(many)
    objects_sent(repository)

    other = a_machine(tmp_path / "other", f"file://{repository}")
    outcome = other.publish({**many, "p/5/index.html": "edited"})

    assert outcome.status is Status.PUBLISHED
    assert len(outcome.plan.sent) == 1 if outcome.plan else False
    # The page, the folders above it, two or three pieces of the state; each may come with the one that it is told by.
    assert all(number <= 20 for number in counted(repository))
    assert files_on(repository)["p/5/index.html"] == "edited"
    assert files_on(repository)["p/6/index.html"] == "page 6"
    retained = git(other.target().repo.folder, "rev-list", "--objects", "--missing=print", "--all")
    assert sum(line.startswith("?") for line in retained.splitlines()) > 150, "files that did not change were fetched"


def test_a_page_that_moved_leaves_its_old_path(tmp_path: Path) -> None:
    repository = a_repository(tmp_path / "remote.git")
    machine = a_machine(tmp_path / "one", repository)
    machine.publish(SITE)
    moved = {**{path: data for path, data in SITE.items() if "corsi" not in path}, "courses/index.html": "courses"}

    machine.publish(moved, forwards=[Redirect("/corsi/", target="/courses/")])

    assert "corsi/index.html" not in files_on(repository)
    assert "courses/index.html" in files_on(repository)
    assert machine.target().read_state().retired_urls == {"/corsi/"}


def test_pages_that_readers_have_open_find_their_styles_until_the_grace_period_is_over(tmp_path: Path) -> None:
    repository = a_repository(tmp_path / "remote.git")
    machine = a_machine(tmp_path / "one", repository)
    machine.publish(SITE)

    machine.publish(NEXT)
    assert {"theme/site.1.css", "theme/site.2.css"} <= files_on(repository).keys()

    machine.now_s += 23 * HOUR_S
    machine.publish({**NEXT, "feed.xml": "<rss>1"})
    assert "theme/site.1.css" in files_on(repository)

    machine.now_s += 2 * HOUR_S
    machine.publish({**NEXT, "feed.xml": "<rss>2"})
    assert "theme/site.1.css" not in files_on(repository)


def test_grace_files_give_way_to_pages_at_their_paths(tmp_path: Path) -> None:
    repository = a_repository(tmp_path / "remote.git")
    machine = a_machine(tmp_path / "one", repository)
    machine.publish({**SITE, "a/b.css": "b{}", "all.json/c.css": "c{}"})

    machine.publish({**SITE, "a/b.css/index.html": "a page", "all.json": "{}"})

    there = files_on(repository)
    assert there["a/b.css/index.html"] == "a page"
    assert there["all.json"] == "{}"


def test_a_rollback_is_a_new_commit_with_the_old_files_and_sends_none_of_them(tmp_path: Path) -> None:
    repository = a_repository(tmp_path / "remote.git")
    many = {**SITE, **{f"p/{number}/index.html": f"page {number}" for number in range(200)}}
    a_machine(tmp_path / "one", repository).publish(many)
    old = git(repository, "rev-parse", f"{MAIN}^{{tree}}")
    edited = {path: f"{data} anew" if data.startswith("page") else data for path, data in many.items()}
    a_machine(tmp_path / "one", repository).publish(edited)
    objects_sent(repository)

    outcome = a_machine(tmp_path / "other", f"file://{repository}").restore()

    assert outcome.release is not None
    assert (outcome.release.number, outcome.release.restores) == (3, 1)
    assert git(repository, "rev-parse", f"{MAIN}^{{tree}}") == old
    assert all(number <= 8 for number in counted(repository)), "commits, the register, and its folders"


def test_readers_of_what_is_rolled_back_find_its_styles_too(tmp_path: Path) -> None:
    repository = a_repository(tmp_path / "remote.git")
    machine = a_machine(tmp_path / "one", repository)
    machine.publish(SITE)
    machine.publish(NEXT)

    machine.restore(1)

    there = files_on(repository)
    assert there["index.html"] == SITE["index.html"]
    assert {"theme/site.1.css", "theme/site.2.css"} <= there.keys()


def test_the_last_releases_can_be_restored_and_older_ones_are_forgotten(tmp_path: Path) -> None:
    repository = a_repository(tmp_path / "remote.git")
    machine = a_machine(tmp_path / "one", repository, retained_releases=3)
    for number in range(1, 6):
        machine.publish({**SITE, "index.html": f"home {number}"})
    first = git(repository, "rev-list", "--all", "--objects").splitlines()

    assert [release.number for release in machine.target().read_state().deploy_state.releases] == [3, 4, 5]
    assert len(git(repository, "log", "-1", "--format=%P", STATE).split()) == 6
    machine.restore(3)
    assert files_on(repository)["index.html"] == "home 3"
    with pytest.raises(PublishRefused, match="no earlier release 1"):
        machine.restore(1)
    home = subprocess.run(["git", "hash-object", "--stdin"], input=b"home 1", capture_output=True, check=True).stdout
    assert not any(line.startswith(home.decode().strip()) for line in first)


def test_of_two_that_publish_at_once_the_second_is_refused_and_changes_nothing(tmp_path: Path) -> None:
    repository = a_repository(tmp_path / "remote.git")
    one, other = a_machine(tmp_path / "one", repository), a_machine(tmp_path / "other", repository)
    one.publish(SITE)
    target = other.target()
    seen = target.read_state()
    one.publish({**SITE, "index.html": "of the first"})
    before = git(repository, "for-each-ref")
    from openknowledge.publish.pipeline import publish

    with pytest.raises(PublishRefused, match="somebody else has published here since it was looked at"):
        publish(other.run(target), other.site({**SITE, "index.html": "of the second"}), seen)

    assert git(repository, "for-each-ref") == before
    assert other.publish({**SITE, "index.html": "of the second"}).status is Status.PUBLISHED
    assert files_on(repository)["index.html"] == "of the second"


def test_two_first_publications_at_once_cannot_both_begin_a_branch(tmp_path: Path) -> None:
    repository = a_repository(tmp_path / "remote.git")
    one, other = a_machine(tmp_path / "one", repository), a_machine(tmp_path / "other", repository)
    target = other.target()
    seen = target.read_state()
    one.publish(SITE)
    from openknowledge.publish.pipeline import publish

    with pytest.raises(PublishRefused, match="since it was looked at"):
        publish(other.run(target), other.site(NEXT), seen)

    assert {path: files_on(repository)[path] for path in SITE} == SITE


def test_a_publication_killed_before_its_push_changes_nothing_and_can_be_repeated(tmp_path: Path) -> None:
    repository = a_repository(tmp_path / "remote.git")
    machine = a_machine(tmp_path / "one", repository)
    machine.publish(SITE)
    before = git(repository, "for-each-ref")

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(BareRepo, "push", killed)
        with pytest.raises(KeyboardInterrupt):
            machine.publish(NEXT)
    (machine.target().repo.folder / "shallow.lock").touch()

    assert git(repository, "for-each-ref") == before
    assert machine.publish(NEXT).status is Status.PUBLISHED


def test_a_purge_that_failed_is_repeated_by_the_next_run(tmp_path: Path) -> None:
    repository = a_repository(tmp_path / "remote.git")
    machine = a_machine(tmp_path / "one", repository)
    machine.publish(SITE)
    machine.purger.fails = PublishFailed([operator_problem("the cache", None, None, "does not answer", "")])
    assert machine.publish({**SITE, "index.html": "anew"}).status is Status.FAILED_AND_SAFE
    assert files_on(repository)["index.html"] == "anew"

    other = a_machine(tmp_path / "other", repository)
    outcome = other.publish({**SITE, "index.html": "anew"})

    assert outcome.status is Status.NOTHING_TO_DO
    assert other.purger.purged == ["/", "/index.html"]
    assert machine.target().read_state().stale == ()


def test_an_answer_that_was_lost_is_no_failure(tmp_path: Path) -> None:
    repository = a_repository(tmp_path / "remote.git")
    machine = a_machine(tmp_path / "one", repository)
    machine.publish(SITE)
    run = BareRepo._run

    def lost(self: BareRepo, words: Sequence[str], *more: Any) -> bytes:
        text = run(self, words, *more)
        if words[0] == "push" and not tries:
            tries.append(words)
            raise self.to_error(b"fatal: the remote end hung up unexpectedly")
        return text

    tries: list[tuple[str, ...]] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(BareRepo, "_run", lost)
        outcome = machine.publish(NEXT)

    assert tries
    assert outcome.status is Status.PUBLISHED
    assert "theme/site.2.css" in files_on(repository)


def test_a_push_that_is_rejected_leaves_the_old_release_and_quotes_the_server(tmp_path: Path) -> None:
    repository = a_repository(tmp_path / "remote.git")
    machine = a_machine(tmp_path / "one", repository)
    machine.publish(SITE)
    before = git(repository, "for-each-ref")
    a_hook(repository, "pre-receive", "echo 'the disk quota of this group is used up' >&2; exit 1")

    with pytest.raises(PublishFailed, match="the disk quota of this group is used up"):
        machine.publish(NEXT)

    assert git(repository, "for-each-ref") == before


def test_a_server_that_takes_the_branch_but_not_the_register_gets_neither(tmp_path: Path) -> None:
    repository = a_repository(tmp_path / "remote.git")
    machine = a_machine(tmp_path / "one", repository)
    a_hook(repository, "update", 'case "$1" in refs/openknowledge/*) exit 1 ;; esac')

    with pytest.raises(PublishFailed, match="register"):
        machine.publish(SITE)

    assert git(repository, "for-each-ref") == ""


def with_commit_of_others(repository: Path, branch: str = "pages") -> str:
    """A commit that somebody makes on a branch, on top of what is there."""
    tree = git(repository, "hash-object", "-t", "tree", "-w", "/dev/null")
    known = subprocess.run(["git", "rev-parse", "-q", "--verify", branch], cwd=repository, capture_output=True).stdout
    parent = known.decode().strip()
    commit = git(repository, "commit-tree", tree, "-m", "by hand", *(["-p", parent] if parent else []))
    git(repository, "update-ref", f"refs/heads/{branch}", commit)
    return commit


def test_a_branch_with_commits_of_others_is_refused_and_may_be_taken_over_without_a_loss(tmp_path: Path) -> None:
    repository = a_repository(tmp_path / "remote.git")
    theirs = with_commit_of_others(repository)

    with pytest.raises(PublishRefused, match="this branch is not ours"):
        a_machine(tmp_path / "one", repository).publish(SITE)
    assert head(repository) == theirs

    a_machine(tmp_path / "one", repository, adopts=True).publish(SITE)
    assert "index.html" in files_on(repository)
    assert head(repository, "refs/openknowledge/adopted/pages") == theirs


def test_a_commit_that_somebody_made_since_is_not_lost_unseen(tmp_path: Path) -> None:
    repository = a_repository(tmp_path / "remote.git")
    machine = a_machine(tmp_path / "one", repository)
    machine.publish(SITE)
    theirs = with_commit_of_others(repository)

    with pytest.raises(PublishRefused, match="somebody else has committed to it since release 1"):
        machine.publish(NEXT)
    assert head(repository) == theirs

    adopting = a_machine(tmp_path / "other", f"file://{repository}", adopts=True)
    assert adopting.publish(SITE).status is Status.PUBLISHED, "the same site as before, but the branch is another one"
    assert "index.html" in files_on(repository)
    assert head(repository, "refs/openknowledge/adopted/pages") == theirs


def test_a_branch_that_was_deleted_is_published_again(tmp_path: Path) -> None:
    repository = a_repository(tmp_path / "remote.git")
    machine = a_machine(tmp_path / "one", repository)
    machine.publish(SITE)
    git(repository, "update-ref", "-d", MAIN)

    assert machine.publish(SITE).status is Status.PUBLISHED
    assert {path: files_on(repository)[path] for path in SITE} == SITE


def test_the_branch_of_a_different_site_is_refused(tmp_path: Path) -> None:
    repository = a_repository(tmp_path / "remote.git")
    machine = a_machine(tmp_path / "one", repository)
    machine.publish(SITE)
    from dataclasses import replace

    with pytest.raises(PublishRefused, match=r"this is where https://openknowledge\.example\.edu is published"):
        replace(machine.target(), site_url="https://another.example.edu").read_state()


def test_a_register_of_a_newer_version_is_refused(tmp_path: Path) -> None:
    repository = a_repository(tmp_path / "remote.git")
    machine = a_machine(tmp_path / "one", repository)
    machine.publish(SITE)
    store = machine.target().repo
    with store.locked():
        (files,) = store.write({"register.json": lambda: b'{"format": 2}'})
        commit = store.commit(files, "of tomorrow", ("a", "b"), "")
        store.run("push", "--force", "origin", f"{commit}:{STATE}")

    with pytest.raises(PublishRefused, match="is of version 2; this program knows version 1"):
        machine.target().read_state()


def test_an_older_commit_is_not_published_over_a_newer_commit(tmp_path: Path) -> None:
    repository = a_repository(tmp_path / "remote.git")
    machine = a_machine(tmp_path / "one", repository)
    machine.publish(SITE, commit=Commit("2" * 40, "2026-11-02T10:00:00Z"))

    with pytest.raises(PublishRefused, match="is older than"):
        machine.publish(NEXT, commit=Commit("1" * 40, "2026-11-01T10:00:00Z"))


def test_limits_are_reported_before_anything_is_sent(tmp_path: Path) -> None:
    repository = a_repository(tmp_path / "remote.git")
    hosting = a_hosting("cloudflare", max_files=2)

    with pytest.raises(PublishRefused, match="files are more than the 2 that it takes"):
        a_machine(tmp_path / "one", repository, hosting=hosting).publish(SITE)

    assert git(repository, "for-each-ref") == ""


def test_other_headers_are_a_release_of_which_no_page_travels(tmp_path: Path) -> None:
    repository = a_repository(tmp_path / "remote.git")
    a_machine(tmp_path / "one", repository, hosting=a_hosting(own_files={"_headers": b"old"})).publish(SITE)
    hosting = a_hosting(own_files={"_headers": b"new"}, frames=("https://videos.example",))

    outcome = a_machine(tmp_path / "one", repository, hosting=hosting).publish(SITE)

    assert outcome.plan is not None and outcome.plan.is_empty
    assert outcome.status is Status.PUBLISHED
    assert files_on(repository)["_headers"] == "new"
    assert {path: files_on(repository)[path] for path in SITE} == SITE


def test_twins_come_with_the_host_that_serves_them(tmp_path: Path) -> None:
    repository = a_repository(tmp_path / "remote.git")
    a_machine(tmp_path / "one", repository).publish(SITE, has_twins=True)

    a_machine(tmp_path / "one", repository, hosting=a_hosting("gitlab")).publish(SITE, has_twins=True)

    assert "public/index.html.gz" in files_on(repository)
    assert "index.html" not in files_on(repository)


def test_a_file_at_the_path_of_a_host_file_is_refused(tmp_path: Path) -> None:
    repository = a_repository(tmp_path / "remote.git")
    hosting = a_hosting(own_files={"feed.xml": b"/*\n"})

    with pytest.raises(PublishRefused, match=r"output/feed\.xml: is where Netlify expects a file of its own"):
        a_machine(tmp_path / "one", repository, hosting=hosting).publish(SITE)


def test_gitlab_gets_twins_in_public_and_a_pipeline_that_serves_them(tmp_path: Path) -> None:
    repository = a_repository(tmp_path / "remote.git")
    machine = a_machine(tmp_path / "one", repository, hosting=a_hosting("gitlab"))
    machine.publish(SITE, has_twins=True)

    machine.publish(NEXT, has_twins=True)

    paths = set(git(repository, "ls-tree", "-r", "--name-only", MAIN).splitlines())
    assert {"public/index.html", "public/index.html.gz", "public/theme/site.1.css.gz", ".gitlab-ci.yml"} <= paths
    assert 'if: $CI_COMMIT_BRANCH == "pages"' in git(repository, "cat-file", "blob", f"{MAIN}:.gitlab-ci.yml")


def test_hosts_that_compress_themselves_get_no_twins(tmp_path: Path) -> None:
    repository = a_repository(tmp_path / "remote.git")
    a_machine(tmp_path / "one", repository).publish(SITE, has_twins=True)

    assert not [path for path in files_on(repository) if path.endswith(".gz")]


def test_each_release_contains_the_domain_name_for_github(tmp_path: Path) -> None:
    repository = a_repository(tmp_path / "remote.git")
    a_machine(tmp_path / "one", repository, hosting=a_hosting("github")).publish(SITE)

    assert files_on(repository)["CNAME"] == "openknowledge.example.edu\n"


def test_two_branches_of_a_repository_are_independent(tmp_path: Path) -> None:
    repository = a_repository(tmp_path / "remote.git")
    a_machine(tmp_path / "one", repository).publish(SITE)
    a_machine(tmp_path / "one", repository, branch="preview").publish(NEXT)

    assert "theme/site.1.css" not in files_on(repository, "refs/heads/preview")
    assert a_machine(tmp_path / "one", repository).publish(SITE).status is Status.NOTHING_TO_DO


def test_a_broken_local_repository_is_recreated(tmp_path: Path) -> None:
    repository = a_repository(tmp_path / "remote.git")
    machine = a_machine(tmp_path / "one", repository)
    machine.publish(SITE)
    folder = machine.target().repo.folder
    for place in (*folder.glob("objects/pack/*"), *folder.glob("objects/??/*")):
        place.chmod(0o600)
        place.write_bytes(b"not what it was")

    assert machine.publish(NEXT).status is Status.PUBLISHED


def test_a_missing_repository_is_reported(tmp_path: Path) -> None:
    with pytest.raises(PublishFailed, match="there is no such repository"):
        a_machine(tmp_path / "one", f"file://{tmp_path}/nowhere.git").publish(SITE)


def test_a_file_that_changes_while_it_is_published_stops_the_publication(tmp_path: Path) -> None:
    repository = a_repository(tmp_path / "remote.git")
    machine = a_machine(tmp_path / "one", repository)
    target = machine.target()
    site = machine.site(SITE)
    state = target.read_state()
    (site.output / "index.html").write_text("another build began")
    manifest = split_manifest(site.manifest)
    release = Release(1, manifest.root.digest, target.policy, site.commit, "somebody", 0, 0)

    with (
        target.start_deployment(state, release, frozenset()) as deployment,
        pytest.raises(PublishFailed, match="changed while it was published"),
    ):
        deployment.publish(site, manifest, Plan(added=site.manifest.entries), lambda *_: None)

    assert git(repository, "for-each-ref") == ""


@pytest.mark.parametrize(
    ("output", "shown"),
    [
        ("https://me:secret@example.edu/a.git", "https://***@example.edu/a.git"),
        ("https://secret@example.edu/a.git", "https://***@example.edu/a.git"),
        ("ssh://git@example.edu/a.git", "ssh://git@example.edu/a.git"),
        ("ssh://git:secret@example.edu/a.git", "ssh://git:***@example.edu/a.git"),
        ("git@example.edu:a.git", "git@example.edu:a.git"),
    ],
)
def test_no_address_is_shown_with_its_secrets(output: str, shown: str) -> None:
    assert redact(f"fatal: unable to access '{output}/'") == f"fatal: unable to access '{shown}/'"


def test_an_address_with_a_password_is_refused_for_commands_would_show_it(tmp_path: Path) -> None:
    with pytest.raises(PublishRefused, match="the address holds a password") as refused:
        a_machine(tmp_path / "one", "https://me:secret@localhost:1/a.git").publish(SITE)

    assert "secret@" not in str(refused.value)


def test_a_token_is_in_the_environment_of_git_and_in_no_command_or_file(tmp_path: Path) -> None:
    git_of = BareRepo(tmp_path / "cache.git", "https://example.edu/a.git", "me", "t0ken", HASTE)
    git_of.initialize()

    asked = subprocess.run(
        [git_of.environment()["GIT_ASKPASS"], "Password for 'https://example.edu': "],
        env=git_of.environment(),
        capture_output=True,
        text=True,
        check=True,
    )

    assert asked.stdout == "t0ken\n"
    assert not any("t0ken" in word for word in git_of.command("push"))
    files = [place for place in git_of.folder.rglob("*") if place.is_file()]
    assert not any(b"t0ken" in place.read_bytes() for place in files)
    assert "t0ken" not in str(git_of.to_error(b"fatal: t0ken is wrong"))


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("fatal: unable to access 'x': Could not resolve host: example.edu", TransientGitError),
        ("error: RPC failed; HTTP 503 curl 22 The requested URL returned error: 503", TransientGitError),
        ("fatal: the remote end hung up unexpectedly", TransientGitError),
        ("git@host: Permission denied (publickey).\nfatal: Could not read from remote repository.", GitError),
        ("fatal: Authentication failed for 'https://example.edu/a.git/'", GitError),
        ("fatal: repository 'https://example.edu/a.git/' not found", GitError),
    ],
)
def test_only_what_may_be_gone_in_a_moment_is_asked_again(tmp_path: Path, text: str, kind: type[GitError]) -> None:
    assert type(BareRepo(tmp_path, "x").to_error(text.encode())) is kind


def test_a_remote_that_says_nothing_has_a_limit_and_each_try_is_said(tmp_path, capsys):
    """Git waits for ever for a server of the protocol `git://`."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        repository = BareRepo(
            tmp_path / "a.git", f"git://127.0.0.1:{silent.getsockname()[1]}/a", "", "", HASTE, stalled_s=0.2
        )
        repository.initialize()

        with pytest.raises(TransientGitError, match="timed out"):
            repository.read_tips([MAIN])

    assert "does not answer as it should; try 2 of" in capsys.readouterr().err
