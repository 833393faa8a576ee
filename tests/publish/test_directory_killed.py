"""Publications to a folder that are killed at any moment, and readers who never notice."""

from __future__ import annotations

import os
import shutil
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.chance import Chance
from tests.publish.builders import SITE
from tests.publish.runs import HOME, built, files_in, published, rolled_back, served

from openknowledge.publish.errors import PublishRefused
from openknowledge.publish.result import Status
from openknowledge.publish.targets.local_folder import LocalFilesystem
from openknowledge.publish.targets.release_dirs import ReleaseDirTarget
from openknowledge.publish.targets.release_layout import Retention

KILLED, STEPS = 9, 400
PUBLICATIONS, ROUNDS = 100, 30
"""So often at least a site is published and read."""


def a_target(root: Path) -> ReleaseDirTarget:
    return ReleaseDirTarget(LocalFilesystem(root), SITE, Retention(releases=3))


def killed_at(step: int, root: Path, run: Callable[[], object]) -> bool:
    """Do something in a process that is killed at its nth operation on files below a folder; whether it was."""
    child = os.fork()
    if child == 0:
        left = [step]

        def hook(event: str, arguments: tuple[Any, ...]) -> None:
            if event.startswith(("os.", "open", "shutil.")) and any(str(root) in str(one) for one in arguments):
                left[0] -= 1
                if left[0] <= 0:
                    os._exit(KILLED)

        sys.addaudithook(hook)
        try:
            run()
        except BaseException:
            os._exit(1)
        os._exit(0)
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    assert status in (0, KILLED), f"step {step} ended with {status}"
    return status == KILLED


def places(root: Path) -> list[str]:
    return sorted(path.name for path in root.iterdir())


@pytest.mark.parametrize("is_first", [True, False], ids=["the first one", "a later one"])
def test_killed_at_any_step_readers_have_a_whole_release_and_the_next_run_ends_well(
    tmp_path: Path, is_first: bool, chance: Chance
) -> None:
    old, new = (
        built(tmp_path / "old", HOME),
        built(tmp_path / "new", {**HOME, "a/index.html": "2", "theme/two.css": ""}),
    )
    before = tmp_path / "before"
    before.mkdir()
    for text in () if is_first else ("x", "y"):
        published(a_target(before), built(tmp_path / "output", {**HOME, "feed.xml": text}))
    if not is_first:
        published(a_target(before), old)
    seen = set()
    for step in chance.numbers(STEPS):
        root = shutil.copytree(before, tmp_path / f"web-{step}", symlinks=True)
        was_killed = killed_at(step, root, lambda root=root: published(a_target(root), new))  # type: ignore[misc]
        found = served(root) if (root / "current").exists() else {}
        assert found in (files_in(new), {} if is_first else files_in(old)), f"step {step}"
        seen.add(found == files_in(new))

        outcome = published(a_target(root), new)

        assert outcome.status in (Status.PUBLISHED, Status.NOTHING_TO_DO), f"step {step}"
        assert served(root) == files_in(new), f"step {step}"
        state = a_target(root).read_state()
        assert not state.stale and not state.uncertain, f"step {step}"
        assert places(root / "releases") == sorted(str(one.number) for one in state.deploy_state.releases), (
            f"step {step}"
        )
        if not was_killed:
            assert seen == {True, False} and step > 20
            return
    raise AssertionError(f"a publication has more than {STEPS} steps")


def test_a_rollback_killed_at_any_step_leaves_either_release(tmp_path: Path, chance: Chance) -> None:
    old, new = built(tmp_path / "old", HOME), built(tmp_path / "new", {**HOME, "a/index.html": "2"})
    before = tmp_path / "before"
    published(a_target(before), old)
    published(a_target(before), new)
    for step in chance.numbers(STEPS):
        root = shutil.copytree(before, tmp_path / f"web-{step}", symlinks=True)
        was_killed = killed_at(step, root, lambda root=root: rolled_back(a_target(root), 1))  # type: ignore[misc]
        assert served(root) in (files_in(old), files_in(new)), f"step {step}"

        rolled_back(a_target(root), 1)

        assert served(root) == files_in(old), f"step {step}"
        if not was_killed:
            return
    raise AssertionError(f"a rollback has more than {STEPS} steps")


class Crawler(threading.Thread):
    """Reads a site again and again until it is told to end: what it notes are complaints."""

    def __init__(self, crawl: Callable[[], str]) -> None:
        super().__init__()
        self.crawl, self.complaints, self.rounds = crawl, list[str](), 0
        self.ended = threading.Event()

    def run(self) -> None:
        while not self.ended.is_set():
            try:
                complaint = self.crawl()
            except OSError as error:
                complaint = str(error)
            if complaint:
                self.complaints.append(complaint)
            self.rounds += 1


def versioned(number: int) -> dict[str, str]:
    """A site whose every page names its version, and an asset that has that in its name."""
    pages = {f"p{one}/index.html": f"{number} theme/{number}.css" for one in range(12)}
    return {"index.html": f"{number} theme/{number}.css", **pages, f"theme/{number}.css": f"{number}"}


def test_readers_during_publications_never_miss_a_file_nor_meet_a_mix(tmp_path: Path, chance: Chance) -> None:
    root = tmp_path / "web"
    target = ReleaseDirTarget(LocalFilesystem(root), SITE)
    published(target, built(tmp_path / "output", versioned(0)))

    def crawl_one_release() -> str:
        release = (root / "current").resolve(strict=True)
        texts = {page.read_text() for page in release.glob("**/index.html")}
        if len(texts) != 1:
            return f"a mix in {release}: {texts}"
        asset = texts.pop().split()[1]
        return "" if (release / asset).exists() else f"{asset} is missing in {release}"

    def read_as_a_browser_does() -> str:
        for page in ("index.html", *(f"p{one}/index.html" for one in range(12))):
            number, asset = (root / "current" / page).read_text().split()
            if (root / "current" / asset).read_text() != number:
                return f"{asset} is not that of {number}"
        return ""

    crawlers = [Crawler(crawl_one_release), Crawler(read_as_a_browser_does)]
    for crawler in crawlers:
        crawler.start()
    try:
        number = 0
        while number < chance.times(PUBLICATIONS) or min(crawler.rounds for crawler in crawlers) < ROUNDS:
            number += 1
            published(target, built(tmp_path / "output", versioned(number)))
    finally:
        for crawler in crawlers:
            crawler.ended.set()
            crawler.join()

    for crawler in crawlers:
        assert not crawler.complaints


def test_publications_at_the_same_time_never_mix(tmp_path: Path) -> None:
    root = tmp_path / "web"
    sites = [built(tmp_path / f"output-{one}", versioned(one)) for one in range(4)]
    published(ReleaseDirTarget(LocalFilesystem(root), SITE), sites[0])
    refused: list[PublishRefused] = []

    def publish(number: int) -> None:
        for _ in range(5):
            try:
                published(ReleaseDirTarget(LocalFilesystem(root), SITE), sites[number], by=f"number {number}")
            except PublishRefused as error:
                refused.append(error)

    threads = [threading.Thread(target=publish, args=(number,)) for number in (1, 2, 3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    found = served(root)
    assert any({**found, **files_in(site)} == found for site in sites)
    assert all("is publishing here" in str(one) or "in the meantime" in str(one) for one in refused)
    assert not ReleaseDirTarget(LocalFilesystem(root), SITE).read_state().deploy_state.lock
