"""What a target keeps of itself beside a branch: one commit, whose parents are the releases that can be restored.

What a parent has is never sent again, so releases are parents and no files.
"""

from __future__ import annotations

import gzip
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from openknowledge.manifest import ManifestProblem

from ..errors import PublishRefused, make_problem
from ..manifest_shards import ShardedManifest
from ..release import DeployState, Release

if TYPE_CHECKING:
    from .git_repo import BareRepo, Blob

__all__ = ["Commits", "StoredState", "manifest_files", "register_files"]

REGISTER = "register.json"
FORMER = "former.txt.gz"
ROOT = "root"
HINT = "Somebody changed it by hand? Delete it, and take the branch over: invoke publish --adopt"


@dataclass(frozen=True, slots=True)
class Commits:
    """A release as two commits: what its branch has, and its manifest in shards."""

    site: str
    manifest: str


@dataclass(frozen=True)
class StoredState:
    """The state that one commit holds; files are read when somebody asks for them."""

    store: BareRepo
    commit: str
    where: str

    def register(self) -> DeployState:
        files = self.store.listing(self.commit)
        if REGISTER not in files:
            raise PublishRefused([make_problem(self.where, f"there is no {REGISTER} in it", HINT)])
        return DeployState.load(self._read([files[REGISTER]], self.commit)[0], self.where)

    def commits(self, register: DeployState) -> dict[int, Commits]:
        """The commits of the releases that can be restored, by number."""
        parents = self.store.parents(self.commit)
        if len(parents) != 2 * len(register.releases):
            message = f"it has {len(parents)} commits for {len(register.releases)} releases"
            raise PublishRefused([make_problem(self.where, message, HINT)])
        pairs = zip(register.releases, parents[::2], parents[1::2], strict=True)
        return {release.number: Commits(site, manifest) for release, site, manifest in pairs}

    def former(self) -> frozenset[str]:
        files = self.store.listing(self.commit, FORMER)
        if FORMER not in files:
            return frozenset()
        return frozenset(gzip.decompress(self._read([files[FORMER]], self.commit)[0]).decode().splitlines())

    def read_manifest(self, release: Release, commits: Commits) -> ShardedManifest:
        files = self.store.listing(commits.manifest)

        def shards(names: Sequence[str]) -> Sequence[bytes]:
            return self._read([files.get(name, name) for name in names], commits.manifest)

        try:
            if ROOT not in files:
                raise ManifestProblem("is not there.")
            root = self._read([files[ROOT]], commits.manifest)[0]
            return ShardedManifest.from_bundle(root, release.manifest, shards)
        except ManifestProblem as error:
            message = f"the manifest of release {release.number} {str(error).rstrip('.')}"
            raise PublishRefused([make_problem(self.where, message, HINT)]) from None

    def _read(self, names: Sequence[str], tree: str) -> list[bytes]:
        return self.store.read(names, tree)


def register_files(register: DeployState, former: Iterable[str]) -> list[Blob]:
    """What the commit has whose parents are the releases."""
    text = "".join(f"{address}\n" for address in sorted(former)).encode()
    return [(REGISTER, register.dump), (FORMER, lambda: gzip.compress(text, 6, mtime=0))]


def manifest_files(manifest: ShardedManifest, there: Mapping[str, str]) -> tuple[dict[str, str], list[Blob]]:
    """The files of a manifest: those that are there already, by name, and those that are new."""
    _, shards = manifest.list_pieces()
    new: list[Blob] = [(ROOT, manifest.to_bundle)]
    for name in shards:
        if name not in there:
            new.append((name, partial(manifest.pack_piece, name)))
    return {name: there[name] for name in shards if name in there}, new
