"""A host of static sites, as far as the targets that upload to it know it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import PurePosixPath

from openknowledge.manifest import FileRole, ManifestEntry
from openknowledge.problems import Problem

from ..built_site import BuiltSite
from ..errors import make_problem

__all__ = ["HostAdapter", "free_paths", "grace_entries"]


@dataclass(frozen=True)
class HostAdapter:
    """A host of static sites; `title` is its name for people, `policy` the digest of its headers' policy.

    `extra_files` returns the files that configure it (`_headers`, `_redirects`), by path below the site's root,
    `check_limits` what it would not take of a site. `serves_compressed` says that it sends the compressed files that
    lie beside the others.
    """

    name: str
    title: str
    policy: str
    extra_files: Callable[[BuiltSite], Mapping[str, bytes]]
    check_limits: Callable[[BuiltSite], Iterable[Problem]]
    serves_compressed: bool = False

    @property
    def digest(self) -> str:
        """Return the policy of a release: the digest of what decides on files, a slash, and that of the headers."""
        stored = sha256(f"{self.name} {self.serves_compressed}".encode()).hexdigest()[:16]
        return f"{stored}/{sha256(self.policy.encode()).hexdigest()[:16]}"

    @property
    def rollback_hint(self) -> str:
        """Return how an operator rolls back in the host's own pages."""
        return ROLLBACK_HINTS.get(
            self.name, "Deploy an earlier version in the host's own pages, or build its commit again."
        )

    def sent_files(self, entry: ManifestEntry) -> Iterator[tuple[str, str]]:
        """Yield the paths that are uploaded for an entry, each with the digest of its bytes."""
        yield entry.path, entry.digest
        if self.serves_compressed:
            yield from ((twin.path, twin.digest) for twin in entry.twins)

    def problems(self, site: BuiltSite) -> tuple[Problem, ...]:
        """Return what the host would not take, and files of the site where those of the host have to be."""
        ours = {path for entry in site.manifest.entries for path, _ in self.sent_files(entry)}
        message = f"is where {self.title} expects a file of its own"
        taken = sorted(ours & self.extra_files(site).keys())
        wrong = [make_problem(f"{site.output.name}/{path}", message, "Give the file another name.") for path in taken]
        return (*self.check_limits(site), *wrong)


ROLLBACK_HINTS = {
    "github": "In the repository's Actions, open the run of the earlier deployment, and choose to run its jobs again.",
    "gitlab": "In the project's Deploy > Pages, choose the earlier deployment; or run its pipeline again.",
    "cloudflare": 'In the project\'s Deployments, choose "Rollback to this deployment" in the menu of the earlier one.',
    "netlify": 'In the site\'s Deploys, open the earlier one, and choose "Publish deploy".',
}


def grace_entries(entries: Iterable[ManifestEntry]) -> Iterator[ManifestEntry]:
    """Yield what open pages may still request after a release: their styles, scripts and pictures."""
    yield from (entry for entry in entries if entry.role in (FileRole.ASSET, FileRole.MEDIA))


def free_paths(files: Iterable[str]) -> Callable[[str], bool]:
    """Return whether a path can be used beside these files: it is none of them, no folder of one, and below none."""
    taken = set(files)
    occupied = taken | {str(parent) for path in taken for parent in PurePosixPath(path).parents}
    return lambda path: path not in occupied and taken.isdisjoint(map(str, PurePosixPath(path).parents))
