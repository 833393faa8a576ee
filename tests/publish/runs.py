"""Whole runs against a target, without caches in front of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from tests.publish.builders import a_site

from openknowledge.publish.built_site import BuiltSite
from openknowledge.publish.errors import PublishFailed, make_problem
from openknowledge.publish.manifest_shards import ShardedManifest
from openknowledge.publish.pipeline import Publication, publish, roll_back
from openknowledge.publish.plan import Plan
from openknowledge.publish.result import PublishResult
from openknowledge.publish.targets import ProgressCallback, Target

HOME = {
    "index.html": '<a href="/a/"><link href="/theme/one.css">',
    "a/index.html": "<p>A",
    "b/index.html": "<p>B",
    "theme/one.css": "one",
    "feed.xml": "<rss>",
}


class NoCache:
    """A purger that notes what it was asked."""

    def __init__(self) -> None:
        self.purged: list[str] = []
        self.is_failing = False

    def purge(self, addresses: Sequence[str], progress: ProgressCallback) -> None:
        if self.is_failing:
            raise PublishFailed([make_problem("the cache", "is out of reach", "Publish again.")])
        self.purged.extend(addresses)


def a_run(
    target: Target, cache: NoCache | None = None, *, by: str = "me", progress: ProgressCallback | None = None
) -> Publication:
    def unread(plan: Plan, manifest: ShardedManifest, progress: ProgressCallback) -> tuple[int, tuple[()]]:
        return 0, ()

    return Publication(target, cache or NoCache(), unread, by, Path(), progress or (lambda *_: None))


def published(target: Target, site: BuiltSite, cache: NoCache | None = None, *, by: str = "me") -> PublishResult:
    return publish(a_run(target, cache, by=by), site, target.read_state())


def rolled_back(target: Target, number: int | None = None) -> PublishResult:
    return roll_back(a_run(target), target.read_state(), number)


def built(output: Path, files: Mapping[str, str | bytes]) -> BuiltSite:
    """A built site with compressed twins, written anew."""
    return a_site(output, files, has_twins=True)


def served(root: Path) -> dict[str, bytes]:
    """What a server shows that follows the link `current`: all but what is hidden."""
    current = (root / "current").resolve(strict=True)
    return {
        path.relative_to(current).as_posix(): path.read_bytes()
        for path in sorted(current.rglob("*"))
        if path.is_file() and not path.relative_to(current).parts[0].startswith(".")
    }


def files_in(site: BuiltSite) -> dict[str, bytes]:
    """The files of a built site and their twins."""
    paths = (path for entry in site.manifest.entries for path in (entry.path, *(one.path for one in entry.twins)))
    return {path: (site.output / path).read_bytes() for path in sorted(paths)}
