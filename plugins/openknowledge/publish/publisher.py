"""Publishes a project with its settings: the target, purger and verifier that they name, and the commands."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from openknowledge.manifest import ManifestEntry
from openknowledge.redirects.table import Redirect
from openknowledge.serving.headers import (
    CachePatterns,
    HeaderPolicy,
    Headers,
    find_mismatches,
    response_headers,
    stored_headers,
)
from openknowledge.serving.hosts import HOSTS, HostAdapter
from openknowledge.serving.servers import render_tables

from .built_site import BuiltSite, open_counters, open_site
from .check_links import check_site_links
from .errors import Interrupted, PublishRefused
from .manifest_shards import PieceCopies
from .pipeline import LostUrls, Publication, VerifyFunction, publish, publish_counters, roll_back
from .release import read_commit
from .result import PublishResult, show_progress
from .settings import SETTINGS_FILE, PublishSettings
from .targets import PublishedState, Target
from .targets.release_layout import Retention

__all__ = ["Publisher", "build_site"]

RETIRED_URLS_FILE = "published-addresses.txt"
"""The file of the cache in which a build gets the addresses that were published once."""
PIECES_FOLDER = "publish/pieces"
"""The folder of the cache with copies of the pieces of the published manifest."""
COUNTERS_FOLDER, COUNTERS_RULE = "counters/publishconf", "counters"
"""The folder of the cache that the numbers' documents are built in, and the rule that makes them."""
CLASSIFIED_BY_PATH = ("directory", "ssh")
"""Targets behind a server of the operator's, which knows of a file no more than its path."""
HEADERS_READ_BACK: Mapping[str, Callable[[ManifestEntry, HeaderPolicy], Headers]] = {
    "site": response_headers,
    "host": lambda _entry, _policy: (),
    "store": stored_headers,
}
"""The headers that a response has by `PUBLISH_READ_BACK_AS`."""


@dataclass(frozen=True)
class Publisher:
    """Publishes a project with its settings; `owner` is how the lock names who publishes."""

    settings: PublishSettings
    owner: str

    def publish(self, *, adopts: bool, is_built: bool, **options: bool) -> PublishResult:
        """Publish the site, which `is_built` before; if addresses would be lost, build it again with their list.

        `options` are those of a `Publication`.
        """
        target = self.make_target(adopts=adopts)
        state = target.read_state()
        site = self.build(state.retired_urls, {}) if is_built else self.open_site()
        try:
            return self.publish_site(site, target, state, **options)
        except LostUrls as lost:
            if not is_built:
                raise
            site = self.build(state.retired_urls | set(lost.addresses), {})
            return self.publish_site(site, target, state, **options)

    def publish_counters(self, *, is_built: bool, **options: bool) -> PublishResult:
        """Publish the numbers' documents alone, which are built alone: no page is built or published."""
        settings, target = self.settings, self.make_target()
        state = target.read_state()
        folder = settings.project / (settings.cache / COUNTERS_FOLDER if is_built else settings.output)
        if is_built:
            run_build(settings, folder, state.retired_urls, {"BUILD_ONLY": json.dumps(COUNTERS_RULE)})
        site, manifest = open_counters(folder, read_commit(settings.project)), state.manifest
        if manifest is not None:
            # The numbers of many courses are in all pieces of a manifest.
            copies = PieceCopies(manifest.fetch, settings.project / settings.cache / PIECES_FOLDER)
            manifest.fetch = copies
        with self._publication(target, (), options) as publication:
            result = publish_counters(publication, site, state)
        if manifest is not None:
            copies.retain(manifest.loaded)
        return result

    def roll_back(self, number: int | None, **options: bool) -> PublishResult:
        """Restore a release, the one before the last without a number."""
        target = self.make_target()
        with self._publication(target, (), options) as publication:
            return roll_back(publication, target.read_state(), number)

    def make_target(self, *, adopts: bool = False) -> Target:
        """Make the target of `PUBLISH_TARGET`; hosts have no folders, so `preview_settings` refuses previews there."""
        return FACTORIES[self.settings.target["kind"]](self.settings, adopts)

    def build(self, retired_urls: Iterable[str], overrides: Mapping[str, str]) -> BuiltSite:
        """Build the site, and follow every link in it. Raises `PublishRefused` if one leads nowhere."""
        settings = self.settings
        build_site(settings, retired_urls, overrides)
        site = self.open_site()
        check_site_links(settings.project, settings.output, settings.cache, settings.site_url)
        return site

    def open_site(self) -> BuiltSite:
        """Open the site that was built last.

        Raises `PublishRefused` with the files for which our configurations of servers would send wrong headers.
        Verification would find them too, but too late: browsers do not request again what they may keep for a year.
        """
        settings = self.settings
        site = open_site(settings.project / settings.output, read_commit(settings.project))
        is_ours = settings.target["kind"] in CLASSIFIED_BY_PATH and settings.read_back_as == "site"
        if is_ours and (problems := find_mismatches(site.manifest, CachePatterns.from_settings(settings.pelican))):
            raise PublishRefused(problems)
        return site

    def publish_site(self, site: BuiltSite, target: Target, state: PublishedState, **options: bool) -> PublishResult:
        """Publish a built site to a target in this state."""
        with self._publication(target, site.redirects, options) as publication:
            return publish(publication, site, state)

    @contextmanager
    def _publication(
        self, target: Target, redirects: Sequence[Redirect], options: Mapping[str, bool]
    ) -> Iterator[Publication]:
        from .cdn import make_cdn

        settings, verify = self.settings, make_verifier(self.settings, redirects)
        is_all = options.get("purges_everything", False)
        purger = make_cdn(settings.cdn, settings.site_url, settings.secrets, is_all)
        has_cache = settings.cdn["kind"] != "none"
        with show_progress() as progress:
            yield Publication(target, purger, verify, self.owner, settings.project, progress, has_cache, **options)


INTERRUPTED = {status: number for number in (signal.SIGINT, signal.SIGTERM) for status in (-number, 128 + number)}
"""The signals that may end a build, by the statuses that it then has."""


def build_site(settings: PublishSettings, retired_urls: Iterable[str], overrides: Mapping[str, str]) -> None:
    """Build the site for publication, with answers for the addresses that were published once."""
    run_build(settings, settings.project / settings.output, retired_urls, overrides)


def run_build(
    settings: PublishSettings, output: Path, retired_urls: Iterable[str], overrides: Mapping[str, str]
) -> None:
    """Build into a folder. Raises `PublishRefused` if that fails; the build has printed why.

    `overrides` are settings, each as JSON.
    """
    file = (settings.project / settings.cache).resolve() / RETIRED_URLS_FILE
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("".join(f"{address}\n" for address in sorted(retired_urls)), encoding="utf-8")
    # Pelican reads the last -e alone, so all overrides follow one.
    options = ["-e", *(f"{name}={value}" for name, value in sorted(overrides.items()))] if overrides else []
    command = [sys.executable, "-m", "pelican", "content", "-s", SETTINGS_FILE, "--fatal", "errors"]
    environment = {**os.environ, "PUBLISHED_ADDRESSES": str(file)}
    done = subprocess.run([*command, "-o", str(output), *options], cwd=settings.project, env=environment, check=False)
    if done.returncode in INTERRUPTED:
        raise Interrupted(INTERRUPTED[done.returncode])
    if done.returncode:
        message = "the site cannot be built; the lines above say why"
        raise PublishRefused.at("the build", message, "Mend what they name, and publish again.")


def _make_object_store(settings: PublishSettings, adopts: bool) -> Target:
    from .targets.content_addressed import ContentAddressedTarget, dump_response_policy
    from .targets.object_client import ObjectClient, RetryPolicy, make_store
    from .targets.object_store import ObjectStoreTarget, StorageOptions

    options, policy, retries = settings.target, settings.header_policy, RetryPolicy(parallel=settings.parallel)
    prefix = "/".join(filter(None, (options.get("prefix", "").strip("/"), settings.prefix)))
    retained = (settings.encoding, settings.releases, settings.grace_s)
    storage = StorageOptions(lambda entry: dict(stored_headers(entry, policy)), policy.stored_digest, *retained)
    name = "/".join(filter(None, (f"s3://{options['bucket']}", prefix)))
    client = ObjectClient(make_store({**options, "prefix": prefix}, settings.secrets, retries), name, retries)
    if options.get("layout") == "routed":
        responses = dump_response_policy(policy, urlsplit(settings.site_url).path, settings.encoding)
        return ContentAddressedTarget(client, settings.site_url, storage, adopts, responses)
    return ObjectStoreTarget(client, settings.site_url, storage, adopts)


def _make_git_branch(settings: PublishSettings, adopts: bool) -> Target:
    from .targets.git import GitBranchTarget, open_repo

    options, retained = settings.target, (settings.releases, settings.grace_s)
    repo = open_repo(options, settings.secrets, settings.project, settings.cache)
    names = (options.get("register", ""), options.get("author", ""))
    return GitBranchTarget(repo, options["branch"], settings.site_url, _make_host(settings), adopts, *names, *retained)


def _make_artifact(settings: PublishSettings, adopts: bool) -> Target:
    from .targets.static_host import ArtifactTarget, make_reader

    read = make_reader(settings.public_url) if settings.public_url else None
    folder, host = settings.project / settings.target["path"], _make_host(settings)
    return ArtifactTarget(folder, settings.site_url, host, read, adopts, settings.releases, settings.grace_s)


def _make_host(settings: PublishSettings) -> HostAdapter:
    patterns = CachePatterns.from_settings(settings.pelican)
    return HostAdapter(HOSTS[settings.target["host"]], settings.header_policy, patterns)


def _make_directory(settings: PublishSettings, adopts: bool) -> Target:
    from .targets.local_folder import LocalFilesystem
    from .targets.release_dirs import LocalTarget

    filesystem = LocalFilesystem(settings.project / settings.target["path"] / settings.prefix)
    retention = Retention(settings.releases, settings.grace_s)
    return LocalTarget(filesystem, settings.site_url, retention, adopts, build_server_files)


def _make_ssh(settings: PublishSettings, adopts: bool) -> Target:
    from .targets.release_dirs import ReleaseDirTarget
    from .targets.ssh import SshFilesystem
    from .targets.ssh_connection import SshAddress, SshConnection

    options = settings.target
    files = (settings.secrets.get(f"PUBLISH_SSH_{name}", "") for name in ("KEY_FILE", "KNOWN_HOSTS"))
    address = SshAddress(options["host"], options.get("user", ""), options.get("port", ""), *files)
    root = "/".join(filter(None, (options["path"].rstrip("/"), settings.prefix)))
    connection = SshConnection(address, f"{options['host']}:{root}")
    filesystem = SshFilesystem(connection, root, options.get("after", ""))
    retention = Retention(settings.releases, settings.grace_s)
    return ReleaseDirTarget(filesystem, settings.site_url, retention, adopts, build_server_files)


FACTORIES: Mapping[str, Callable[[PublishSettings, bool], Target]] = {
    "s3": _make_object_store,
    "directory": _make_directory,
    "ssh": _make_ssh,
    "git": _make_git_branch,
    "artifact": _make_artifact,
}


def build_server_files(site: BuiltSite) -> Mapping[str, bytes]:
    """Return the tables of redirects that nginx and Caddy include from the release that they serve, by name."""
    return {name: text.encode() for name, text in render_tables(site.redirects).items()}


def make_verifier(settings: PublishSettings, redirects: Sequence[Redirect]) -> VerifyFunction:
    """Make what verifies a publication; it does nothing without `PUBLISH_READ_BACK_URL`."""
    if not settings.public_url or settings.target["kind"] == "artifact":
        # Readers do not get an artifact before the host has deployed it.
        return lambda _plan, _manifest, _progress: (0, ())
    from .verify import Verifier

    policy, headers_of = settings.header_policy, HEADERS_READ_BACK[settings.read_back_as]
    return Verifier(
        public_url=settings.public_url,
        headers=lambda entry: dict(headers_of(entry, policy)),
        is_store=settings.read_back_as == "store",
        redirects=tuple(redirects) if settings.read_back_as == "site" else (),
    )
