"""Publications in memory: made-up sites whose files refer to each other, readers and a cache that look all the time."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tests.publish.builders import SITE, a_manifest
from tests.publish.memory import Bucket, MemoryObjects

from openknowledge.manifest import CacheClass, ManifestEntry
from openknowledge.publish.built_site import BuiltSite
from openknowledge.publish.errors import PublishFailed
from openknowledge.publish.pipeline import Publication, publish, roll_back
from openknowledge.publish.release import Commit
from openknowledge.publish.result import PublishResult
from openknowledge.publish.targets.object_client import STATE_KEY
from openknowledge.publish.targets.object_store import ObjectStoreTarget, StorageOptions
from openknowledge.redirects.table import Redirect

__all__ = ["PAGES", "HeldSite", "Page", "World", "a_held_site", "files_of", "references"]

PAGES = ("a", "b", "c", "z")
HOUR_S = 3600
GRACE_S = 24 * HOUR_S


@dataclass(frozen=True, slots=True)
class Page:
    """A page of a made-up site: which words, which style sheet, and which others it would like to name."""

    words: int = 0
    style: int = 0
    links: frozenset[str] = frozenset()


@dataclass(frozen=True)
class HeldSite(BuiltSite):
    """A built site that lies in memory."""

    files: Mapping[str, bytes] = field(default_factory=dict)

    def read_file(self, path: str, digest: str) -> bytes:
        return self.files[path]

    def check_files(self, entries: Iterable[ManifestEntry]) -> None:
        """All is as it was written."""


def files_of(pages: Mapping[str, Page], pictures: Mapping[str, int]) -> dict[str, bytes]:
    """A site's files; every reference is a word that begins with a slash."""
    names = sorted(pages)
    files = {f"{name}/index.html": _page(page, pages) for name, page in pages.items()}
    files.update({f"theme/style.{page.style}.css": f"style {page.style}".encode() for page in pages.values()})
    files.update({f"media/{name}.svg": f"picture {number}".encode() for name, number in pictures.items()})
    links = " ".join([*(f"/{name}/" for name in names), *(f"/media/{name}.svg" for name in sorted(pictures))])
    files["index.html"] = f"home {links}".encode()
    files["feed.xml"] = f"feed {links}".encode()
    return files


def _page(page: Page, pages: Mapping[str, Page]) -> bytes:
    links = " ".join(f"/{name}/" for name in sorted(page.links & pages.keys()))
    return f"words {page.words} /theme/style.{page.style}.css / {links}".encode()


def a_held_site(files: Mapping[str, bytes]) -> HeldSite:
    forwards = tuple(Redirect(f"/{name}/") for name in PAGES)
    return HeldSite(Path("output"), a_manifest(files), forwards, Commit("1" * 40, "2026-11-01T10:00:00Z"), files)


def references(body: bytes) -> tuple[str, ...]:
    """The paths of the files that a file refers to."""
    words = (word for word in body.decode().split() if word.startswith("/"))
    return tuple(f"{word}index.html".lstrip("/") if word.endswith("/") else word.lstrip("/") for word in words)


@dataclass
class World:
    """A bucket, those who publish there, those who read there, and a cache in between that never forgets by itself."""

    bucket: Bucket = field(default_factory=Bucket)
    cached: dict[str, bytes] = field(default_factory=dict)
    versions: dict[str, set[bytes]] = field(default_factory=dict)
    broken: list[str] = field(default_factory=list)
    policy: str = "p1"
    retained_releases: int = 10

    def purge(self, addresses: Iterable[str], progress: object) -> None:
        for address in addresses:
            self.cached.pop(address, None)

    def read(self) -> None:
        """What a reader does between any two requests: follow all links, as they stand in the store."""
        site = self.bucket.site
        ahead, seen = ["index.html"] if "index.html" in site else [], {"index.html"}
        while ahead:
            path = ahead.pop()
            body = site[path]
            if body not in self.versions.get(path, ()):
                self.broken.append(f"{path} is of no version")
            self.cached.setdefault(f"/{path}", body)
            self.cached.setdefault(f"/{path.removesuffix('index.html')}", body)
            for name in references(body):
                if name not in site:
                    self.broken.append(f"{path} refers to {name}, which is not there")
                elif name not in seen:
                    seen.add(name)
                    ahead.append(name)

    def target(self, **faults: object) -> ObjectStoreTarget:
        objects = MemoryObjects(self.bucket, happens=lambda _: self.read(), **faults)  # type: ignore[arg-type]
        storage = StorageOptions(self._headers, self.policy, "", self.retained_releases, GRACE_S)
        return ObjectStoreTarget(objects, SITE, storage)  # type: ignore[arg-type]

    def _headers(self, entry: ManifestEntry) -> dict[str, str]:
        return {"Content-Type": entry.media_type, "X-Policy": self.policy, "X-Path": entry.path}

    def _policy_of(self, path: str) -> str:
        """The digest of the policy that gave a stored file its headers."""
        storage = StorageOptions(self._headers, dict(self.bucket.objects[path].headers)["X-Policy"], "")
        return ObjectStoreTarget(self.target().objects, SITE, storage).policy

    def publication(self, **faults: object) -> Publication:
        return Publication(self.target(**faults), self, lambda *_: (0, ()), "somebody", Path(), lambda *_: None)

    def publish(self, files: Mapping[str, bytes], **faults: object) -> PublishResult | None:
        """What became of it; None where it was cut off."""
        for path, body in files.items():
            self.versions.setdefault(path, set()).add(body)
        run = self.publication(**faults)
        return self._done(lambda: publish(run, a_held_site(files), run.target.read_state()))

    def restore(self, number: int | None = None, **faults: object) -> PublishResult | None:
        run = self.publication(**faults)
        return self._done(lambda: roll_back(run, run.target.read_state(), number))

    def _done(self, do) -> PublishResult | None:  # type: ignore[no-untyped-def]
        try:
            return do()  # type: ignore[no-any-return]
        except PublishFailed:
            return None
        finally:
            self.read()

    def wait(self, seconds: float) -> None:
        self.bucket.now_s += seconds

    def twin(self) -> World:
        """The same world once more, to try something in."""
        return copy.deepcopy(self)

    def register(self):  # type: ignore[no-untyped-def]
        return self.target().read_state().deploy_state

    def wrong(self) -> Iterator[str]:
        """What is not as the register says, when nobody is at work."""
        yield from self.broken
        if STATE_KEY not in self.bucket.objects:
            return
        target = self.target()
        register = target.read_state().deploy_state
        manifests = {release.number: target.read_manifest(release) for release in register.releases}
        now = {entry.path: entry for entry in manifests[register.releases[-1].number].entries()}
        site = self.bucket.site
        for path, entry in now.items():
            if path not in site:
                yield f"{path} is missing"
            elif a_manifest({path: site[path]}).entries[0].digest != entry.digest:
                yield f"{path} is another file"
            elif self._policy_of(path) != register.releases[-1].policy:
                yield f"{path} has headers of another policy"
            elif ("X-Path", path) not in self.bucket.objects[path].headers:
                yield f"{path} has the headers of another file"
        waiting = {path for path, _ in register.removals}
        yield from (f"{path} was left over" for path in site.keys() - now.keys() - waiting)
        for address, body in self.cached.items():
            path = f"{address}index.html".lstrip("/") if address.endswith("/") else address.lstrip("/")
            if path in now and now[path].cache is not CacheClass.IMMUTABLE and site.get(path) != body:
                yield f"a cache still has an old {address}"
        if register.lock:
            yield "the lock is not let go of"
        yield from self._leaks(target, register, manifests)

    def _leaks(self, target, register, manifests) -> Iterator[str]:  # type: ignore[no-untyped-def]
        from openknowledge.publish.targets.object_store import backup_key

        needed = {f"_openknowledge/manifests/{release.manifest}" for release in register.releases}
        for release in register.releases:
            manifest = manifests[release.number]
            needed |= {f"_openknowledge/shards/{name}" for names in manifest.list_pieces() for name in names}
            needed |= {backup_key(entry, release.policy) for entry in manifest.entries()}
        needed |= {f"_openknowledge/{name}" for name in ("register.json", "former.txt", "clock")}
        control = {key for key in self.bucket.objects if key.startswith("_openknowledge/")}
        yield from (f"{key} leaks" for key in sorted(control - needed))
        if len(register.releases) > self.retained_releases:
            yield "more releases are listed than are kept"
