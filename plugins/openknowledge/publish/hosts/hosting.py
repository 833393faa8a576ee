"""What a host of static sites takes beside the site's own files, as far as its targets need to know it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256

from openknowledge.manifest import FileRole, ManifestEntry
from openknowledge.problems import Problem

from ..built_site import BuiltSite
from ..errors import make_problem

__all__ = ["HostAdapter", "grace_entries"]


@dataclass(frozen=True)
class HostAdapter:
    """A host of static sites: `title` is what it is called, `policy` the digest of what decides on its headers.

    `extra_files` gives what it is told in files of its own (`_headers`, `_redirects`), by path below the site's root;
    `limits` what it would not take of a site. `serves_twins` says that it answers with compressed files that lie beside
    the others.
    """

    name: str
    title: str
    policy: str
    extra_files: Callable[[BuiltSite], Mapping[str, bytes]]
    check_limits: Callable[[BuiltSite], Iterable[Problem]]
    serves_compressed: bool = False

    @property
    def digest(self) -> str:
        """The policy of releases there: what decides on files, and after a slash what the host is told of headers."""
        stored = sha256(f"{self.name} {self.serves_compressed}".encode()).hexdigest()[:16]
        return f"{stored}/{sha256(self.policy.encode()).hexdigest()[:16]}"

    @property
    def rollback_hint(self) -> str:
        """How the host itself goes back to what was there before, for an operator."""
        return WAYS_BACK.get(self.name, "Deploy an earlier version in the host's own pages, or build its commit again.")

    def sent_files(self, entry: ManifestEntry) -> Iterator[tuple[str, str]]:
        """The paths that are sent for an entry, each with the digest of its bytes."""
        yield entry.path, entry.digest
        if self.serves_compressed:
            yield from ((twin.path, twin.digest) for twin in entry.twins)

    def problems(self, site: BuiltSite) -> tuple[Problem, ...]:
        """What the host would not take, and files of the site where its own ones have to be."""
        ours = {path for entry in site.manifest.entries for path, _ in self.sent_files(entry)}
        message = f"is where {self.title} expects a file of its own"
        taken = sorted(ours & self.extra_files(site).keys())
        wrong = [make_problem(f"{site.output.name}/{path}", message, "Give the file another name.") for path in taken]
        return (*self.check_limits(site), *wrong)


WAYS_BACK = {
    "github": "In the repository's Actions, open the run of the earlier deployment, and choose to run its jobs again.",
    "gitlab": "In the project's Deploy > Pages, choose the earlier deployment; or run its pipeline again.",
    "cloudflare": 'In the project\'s Deployments, choose "Rollback to this deployment" in the menu of the earlier one.',
    "netlify": 'In the site\'s Deploys, open the earlier one, and choose "Publish deploy".',
}


def grace_entries(entries: Iterable[ManifestEntry]) -> Iterator[ManifestEntry]:
    """What pages that a reader has open may still ask for when it has gone: their styles, scripts and pictures."""
    yield from (entry for entry in entries if entry.role in (FileRole.ASSET, FileRole.MEDIA))
