"""A site in one piece (a folder, a tar or a zip) that a CI hands to its host, which deploys it and retains releases.

The host has no place for the deploy state but the site itself, so it is published with the site and read from there.
"""

import gzip
import io
import json
import shutil
import tarfile
import time
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple, NoReturn
from urllib.parse import quote

import httpx
from tenacity import Retrying, retry_if_exception_type

from openknowledge.manifest import Manifest, ManifestProblem
from openknowledge.output_paths import explain_path
from openknowledge.problems import Problem
from openknowledge.serving.hosts import HostAdapter

from ..built_site import BuiltSite
from ..errors import PublishFailed, PublishRefused, make_problem, report_retry
from ..manifest_shards import ManifestRoot, ShardedManifest, split_manifest, unpack
from ..plan import Plan, grace_entries, grace_paths
from ..release import DeployState, Release, iso_utc, load_retired_urls, split_releases
from . import ProgressCallback, PublishedState
from .git_repo import RETRYING, STALLED_S

__all__ = ["STATE_FOLDER", "ArtifactDeployment", "ArtifactTarget", "ReadFile", "make_reader", "write_bundle"]

STATE_FOLDER = "_openknowledge"
"""The folder of the deploy state. It is not hidden, because some programs do not upload what begins with a dot."""
STATE_FILE, ROOT, MANIFEST, RETIRED_URLS, GRACE_FILES = (
    f"{STATE_FOLDER}/{name}" for name in ("register.json", "root.bin", "manifest.bin", "former.bin", "kept.json")
)
NOT_WHOLE_HINT = (
    "Is a deployment under way? Wait until it has ended, and publish again. To start again, without what is known of "
    "earlier releases: invoke publish --adopt"
)
READ_LIMIT_B = 512 * 1024**2
"""The largest file of a published site that is read: it may be one of its media."""
ReadFile = Callable[[str], bytes | None]
"""Return a file of the published site by its path; None if it does not exist."""


class GraceFile(NamedTuple):
    """A file of an older release that open pages may ask for: its digest, and since when no release has it."""

    digest: str
    since: int


def make_reader(public_url: str, retrying: Retrying = RETRYING) -> ReadFile:
    """Return a function that reads files of a site through its public URL."""
    attempts = getattr(retrying.stop, "max_attempt_number", 1)
    retrying = retrying.copy(
        retry=retry_if_exception_type((httpx.TransportError, httpx.HTTPStatusError)),
        before_sleep=lambda call: report_retry(
            public_url, call.outcome and call.outcome.exception(), call.attempt_number + 1, attempts
        ),
    )

    def get(url: str) -> bytes | None:
        headers, body = {"Cache-Control": "no-cache"}, bytearray()
        with httpx.stream("GET", url, headers=headers, follow_redirects=True, timeout=STALLED_S) as response:
            if response.status_code in (404, 410):
                return None
            response.raise_for_status()
            for chunk in response.iter_bytes():
                body += chunk
                if len(body) > READ_LIMIT_B:
                    hint = "Look at what is there, and publish from an empty place."
                    raise PublishRefused.at(url, "is too large to be ours", hint)
        return bytes(body) if response.status_code == 200 else None

    def read(path: str) -> bytes | None:
        url = f"{public_url.rstrip('/')}/{quote(path)}"
        try:
            return retrying(get, url)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            hint = 'Is the site up? Before there is one: PUBLISH_READ_BACK_URL = "".'
            raise PublishFailed.at(url, f"cannot be read ({attempts} tries): {error}", hint) from None

    return read


@dataclass(frozen=True)
class ArtifactTarget:
    """A folder, or a file that ends in `.tar` or `.zip`, with all that the host is to serve.

    Without `read` nothing is known of earlier releases: everything is new, and neither lost URLs nor older commits are
    noticed.
    """

    path: Path
    site_url: str
    hosting: HostAdapter
    read: ReadFile | None = None
    adopts: bool = False
    releases: int = 10
    grace_s: int = 24 * 3600
    clock: Callable[[], float] = time.time

    @property
    def name(self) -> str:
        """Return the target's name for people."""
        return f"{self.path} for {self.hosting.host.title}"

    @cached_property
    def policy(self) -> str:
        """Return the digest of the header policy that the files were stored with."""
        return self.hosting.digest

    def problems(self, site: BuiltSite) -> tuple[Problem, ...]:
        """Return what the target would not take of a site."""
        if site.has_only_counters:
            reason = "is the whole site in one piece: its host takes no numbers alone"
            return (make_problem(self.name, reason, "Publish the whole site: invoke publish"),)
        message, hint = f'"{STATE_FOLDER}" is where the site tells of its release', "Give the file another name."
        reserved = (
            make_problem(f"{site.output.name}/{entry.path}", message, hint)
            for entry in site.manifest.entries
            if entry.path.startswith(f"{STATE_FOLDER}/")
        )
        return (*self.hosting.problems(site), *reserved, *self._path_problems(site.output))

    def _path_problems(self, output: Path) -> Iterator[Problem]:
        path, built = self.path.resolve(), output.resolve()
        if path == built or built in path.parents or path in built.parents:
            hint = 'Name another one in PUBLISH_TARGET["path"].'
            yield make_problem(str(self.path), "is where the site is built", hint)
        elif path.is_dir() and any(path.iterdir()) and not (self.adopts or (path / STATE_FOLDER).is_dir()):
            hint = "Name another one. To have it replaced all the same: invoke publish --adopt"
            yield make_problem(str(self.path), "holds files that were not published from here", hint)

    def read_state(self) -> PublishedState:
        """Return what the published site says of its last release, with the grace files as its version.

        Raises `PublishRefused` if that is of another site or of a newer version, or not complete.
        """
        read, where = self.read, f"{self.site_url}/{STATE_FILE}"
        data = read(STATE_FILE) if read else None
        if read is None or data is None:
            if read is not None and not self.adopts and read(ROOT) is not None:
                raise PublishRefused.at(where, "is not there, though a release is", NOT_WHOLE_HINT)
            return PublishedState(DeployState(self.site_url), version={})
        state = DeployState.load(data, where).check_site(self.site_url, self.site_url)
        if state.release is None:
            return PublishedState(state, version={})
        try:
            like = ShardedManifest(ManifestRoot.unpack(read(ROOT) or b"", state.release.manifest))
            manifest = split_manifest(Manifest.load(unpack(read(MANIFEST) or b"")), like=like)
            if manifest.root.digest != state.release.manifest:
                raise ManifestProblem("is that of another release.")
            least = 0 if self.adopts else state.retired
            retired_urls = load_retired_urls(unpack(read(RETIRED_URLS) or b""), where, least=least)
            rows = json.loads(read(GRACE_FILES) or b"").items()
            grace_files = {path: GraceFile(str(digest), int(since)) for path, (digest, since) in rows}
            if any(map(explain_path, grace_files)):
                raise ManifestProblem("names files outside of the site.")
        except (ManifestProblem, ValueError, AttributeError, TypeError, OverflowError, RecursionError):
            message = "what the site says of its last release is not whole"
            if self.adopts:
                return PublishedState(DeployState(self.site_url), version={})
            raise PublishRefused.at(f"{self.site_url}/{STATE_FOLDER}", message, NOT_WHOLE_HINT) from None
        return PublishedState(state, manifest, retired_urls=retired_urls, version=grace_files)

    def read_manifest(self, release: Release) -> NoReturn:
        """Raise `PublishRefused`: the host retains releases, and not this target."""
        message = f"release {release.number} is kept by the host, and not here"
        raise PublishRefused.at(self.name, message, self.hosting.host.rollback_hint)

    @contextmanager
    def start_deployment(
        self, state: PublishedState, release: Release, retired_urls: frozenset[str]
    ) -> Iterator["ArtifactDeployment"]:
        """Start without a lock: which of two pieces is deployed last is up to the host."""
        yield ArtifactDeployment(self, state, release, retired_urls, int(self.clock()))


@dataclass(frozen=True)
class ArtifactDeployment:
    """A piece that is being written."""

    target: ArtifactTarget
    state: PublishedState
    release: Release
    retired_urls: frozenset[str]
    now_s: int

    def publish(self, site: BuiltSite, manifest: ShardedManifest, plan: Plan, progress: ProgressCallback) -> Release:
        """Carry out the plan and return the release."""
        release = replace(self.release, published_at=iso_utc(self.now_s))
        _, releases = split_releases((*self.state.deploy_state.releases, release), self.target.releases)
        grace_files, bodies = self._fetch_grace_files(site, plan)
        extra_files = {
            **bodies,
            **self.target.hosting.build_files(site),
            **self._dump_state(releases, manifest, grace_files),
        }
        try:
            write_bundle(self.target.path, self._files(site, extra_files, progress))
        except OSError as error:
            message = f"cannot be written: {error.strerror}"
            hint = "What stood there before is still there. Make room, or name another place, and publish again."
            raise PublishFailed.at(str(self.target.path), message, hint) from None
        return release

    def _dump_state(
        self, releases: Iterable[Release], manifest: ShardedManifest, grace_files: Mapping[str, GraceFile]
    ) -> dict[str, bytes]:
        """Return the files of the state by path. Everybody can read them, so they do not name the publishers."""
        anonymous = tuple(replace(release, by="") for release in releases)
        whole = Manifest.from_entries(manifest.root.site_url, manifest.entries())
        urls = "".join(f"{url}\n" for url in sorted(self.retired_urls)).encode()
        return {
            STATE_FILE: replace(self.state.deploy_state, releases=anonymous, retired=len(self.retired_urls)).dump(),
            ROOT: manifest.root.pack(),
            MANIFEST: gzip.compress(whole.dump(), 6, mtime=0),
            RETIRED_URLS: gzip.compress(urls, 6, mtime=0),
            GRACE_FILES: (json.dumps(dict(sorted(grace_files.items())), indent=1) + "\n").encode(),
        }

    def _files(
        self, site: BuiltSite, extra_files: Mapping[str, bytes], progress: ProgressCallback
    ) -> Iterator[tuple[str, bytes]]:
        written_b, total = 0, len(site.manifest.entries)
        for number, entry in enumerate(site.manifest.entries, 1):
            for file in self.target.hosting.host.sent_files(entry):
                data = site.read_file(file.path, file.digest)
                written_b += len(data)
                yield file.path, data
            progress("Writing the site", number, total, written_b)
        yield from sorted(extra_files.items())

    def _fetch_grace_files(self, site: BuiltSite, plan: Plan) -> tuple[dict[str, GraceFile], dict[str, bytes]]:
        """Fetch what open pages may ask for from the published site; what is not there any more is left out."""
        fetched: dict[str, GraceFile] = {}
        bodies: dict[str, bytes] = {}
        files = {entry.path: GraceFile(entry.digest, self.now_s) for entry in grace_entries(plan.removed)}
        assert isinstance(self.state.version, dict)
        files.update(self.state.version)
        own = (file.path for entry in site.manifest.entries for file in self.target.hosting.host.sent_files(entry))
        removals = {path: file.since for path, file in files.items()}
        for path in grace_paths(removals, own, self.now_s - self.target.grace_s):
            data = self.target.read(path) if self.target.read else None
            if data is not None and sha256(data).hexdigest() == files[path].digest:
                fetched[path], bodies[path] = files[path], data
        return fetched, bodies

    def rollback(self, manifest: ShardedManifest, plan: Plan, progress: ProgressCallback) -> NoReturn:  # noqa: ARG002
        """Raise `PublishRefused`, as `read_manifest` of the target does before."""
        self.target.read_manifest(self.release)

    def clean_up(self, progress: ProgressCallback) -> None:
        """Do nothing: the host removes what is old."""


def write_bundle(path: Path, files: Iterable[tuple[str, bytes]]) -> None:
    """Write files as a folder, a tar or a zip, as the suffix of `path` says; the same files make the same bytes.

    What is at the path stays until the new bundle is complete.
    """
    partial = path.with_name(f"{path.name}.part")
    path.parent.mkdir(parents=True, exist_ok=True)
    _remove(partial)
    try:
        BUNDLERS.get(path.suffix, _write_folder)(partial, files)
        if path.is_dir():
            # A folder cannot be replaced atomically: for a moment there is none.
            old = path.with_name(f"{path.name}.old")
            _remove(old)
            path.rename(old)
            partial.rename(path)
            _remove(old)
        else:
            partial.replace(path)
    except BaseException:
        _remove(partial)
        raise


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def _write_folder(path: Path, files: Iterable[tuple[str, bytes]]) -> None:
    path.mkdir()
    for name, data in files:
        (path / name).parent.mkdir(parents=True, exist_ok=True)
        (path / name).write_bytes(data)


def _write_tar(path: Path, files: Iterable[tuple[str, bytes]]) -> None:
    """Write an archive without folders, owners, times and links, as GitHub wants it."""
    with tarfile.open(path, "w", format=tarfile.PAX_FORMAT) as tar:
        for name, data in files:
            info = tarfile.TarInfo(name)
            info.size, info.mode = len(data), 0o644
            tar.addfile(info, io.BytesIO(data))


def _write_zip(path: Path, files: Iterable[tuple[str, bytes]]) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files:
            info = zipfile.ZipInfo(name)
            info.compress_type, info.create_system, info.external_attr = zipfile.ZIP_DEFLATED, 3, 0o644 << 16
            archive.writestr(info, data)


BUNDLERS = {".tar": _write_tar, ".zip": _write_zip}
