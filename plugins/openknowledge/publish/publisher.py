"""Publishes a project with its settings: the target, purger and verifier that they name, and the commands."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from openknowledge.manifest import ManifestEntry
from openknowledge.redirects.table import Redirect

from .built_site import RETIRED_URLS_FILE, BuiltSite, build_site, open_site, write_retired_urls
from .check_links import check_site_links
from .errors import PublishRefused
from .headers import CachePatterns, HeaderPolicy, Headers, find_mismatches, response_headers, stored_headers
from .hosts import HOSTS, HostAdapter
from .pipeline import LostUrls, Publication, PublishContext, Purger, VerifyFunction, publish, roll_back
from .release import read_commit
from .result import PublishResult, show_progress
from .servers.server_config import render_tables
from .settings import PublishSettings
from .targets import ProgressCallback, PublishedState, Target
from .targets.release_layout import Retention

__all__ = ["Publisher", "check_cache_patterns", "make_purger", "make_target", "make_verifier"]

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

    def publish(self, context: PublishContext, *, adopts: bool, is_built: bool) -> PublishResult:
        """Publish the site, which `is_built` before; if addresses would be lost, build it again with their list."""
        target = make_target(self.settings, adopts=adopts)
        state = target.read_state()
        if is_built:
            self._build(state.retired_urls)
        try:
            return self._publish_built(target, state, context)
        except LostUrls as lost:
            if not is_built:
                raise
            self._build(state.retired_urls | set(lost.addresses))
            return self._publish_built(target, state, context)

    def roll_back(self, context: PublishContext, number: int | None) -> PublishResult:
        """Restore a release, the one before the last without a number."""
        target = make_target(self.settings)
        with show_progress() as progress:
            return roll_back(self._make_publication(target, context, (), progress), target.read_state(), number)

    def _build(self, retired_urls: frozenset[str]) -> None:
        """Build the site, and follow every link in it."""
        settings, file = self.settings, (self.settings.project / self.settings.cache / RETIRED_URLS_FILE).resolve()
        write_retired_urls(file, retired_urls)
        build_site(settings.project, settings.output, file, {})
        check_site_links(settings.project, settings.output, settings.cache, settings.site_url)

    def _publish_built(self, target: Target, state: PublishedState, context: PublishContext) -> PublishResult:
        site = open_site(self.settings.output, read_commit(self.settings.project))
        check_cache_patterns(self.settings, site)
        with show_progress() as progress:
            return publish(self._make_publication(target, context, site.redirects, progress), site, state)

    def _make_publication(
        self, target: Target, context: PublishContext, redirects: Sequence[Redirect], progress: ProgressCallback
    ) -> Publication:
        purger = make_purger(self.settings, purges_everything=context.purges_everything)
        verify = make_verifier(self.settings, redirects)
        return Publication(target, purger, verify, context, progress, self.settings.has_cache)


def make_target(settings: PublishSettings, *, adopts: bool = False) -> Target:
    """Make the target of `PUBLISH_TARGET`; hosts have no folders, so `preview_settings` refuses previews there."""
    return FACTORIES[settings.target["kind"]](settings, adopts)


def _make_object_store(settings: PublishSettings, adopts: bool) -> Target:
    from .targets.content_addressed import ContentAddressedTarget, dump_response_policy
    from .targets.object_client import ObjectClient, RetryPolicy, make_store
    from .targets.object_store import ObjectStoreTarget, StorageOptions

    options, policy, retries = settings.options, settings.header_policy, RetryPolicy(parallel=settings.parallel)
    prefixes = (options.get("prefix", "").strip("/"), settings.prefix)
    prefix = "/".join(filter(None, prefixes))
    secrets = {
        "access_key": settings.secrets["PUBLISH_ACCESS_KEY"],
        "secret_key": settings.secrets["PUBLISH_SECRET_KEY"],
        "session_token": settings.secrets.get("PUBLISH_SESSION_TOKEN", ""),
    }
    storage = StorageOptions(
        headers=lambda entry: dict(stored_headers(entry, policy)),
        policy=policy.stored_digest,
        encoding=settings.encoding,
        releases=settings.releases,
        grace_s=settings.grace_s,
    )
    name = "/".join(filter(None, (f"s3://{options['bucket']}", prefix)))
    client = ObjectClient(make_store({**options, "prefix": prefix}, secrets, retries), name, retries)
    if options.get("layout") == "routed":
        responses = dump_response_policy(policy, urlsplit(settings.site_url).path, settings.encoding)
        return ContentAddressedTarget(client, settings.site_url, storage, adopts, responses)
    return ObjectStoreTarget(client, settings.site_url, storage, adopts)


def _make_git_branch(settings: PublishSettings, adopts: bool) -> Target:
    from .targets.git import GitBranchTarget, open_repo

    options = settings.options
    return GitBranchTarget(
        open_repo(options, settings.secrets, settings.project, settings.cache),
        options["branch"],
        settings.site_url,
        _make_host(settings),
        adopts,
        options.get("register", ""),
        options.get("author", ""),
        settings.releases,
        settings.grace_s,
    )


def _make_artifact(settings: PublishSettings, adopts: bool) -> Target:
    from .targets.static_host import ArtifactTarget, make_reader

    read = make_reader(settings.public_url) if settings.public_url else None
    folder, host = settings.project / settings.options["path"], _make_host(settings)
    return ArtifactTarget(folder, settings.site_url, host, read, adopts, settings.releases, settings.grace_s)


def _make_host(settings: PublishSettings) -> HostAdapter:
    patterns = CachePatterns.from_settings(settings.pelican)
    return HostAdapter(HOSTS[settings.target["host"]], settings.header_policy, patterns)


def _make_directory(settings: PublishSettings, adopts: bool) -> Target:
    from .targets.local_folder import LocalFilesystem
    from .targets.release_dirs import LocalTarget

    filesystem = LocalFilesystem(settings.project / settings.options["path"] / settings.prefix)
    retention = Retention(settings.releases, settings.grace_s)
    return LocalTarget(filesystem, settings.site_url, retention, adopts, build_server_files)


def _make_ssh(settings: PublishSettings, adopts: bool) -> Target:
    from .targets.release_dirs import ReleaseDirTarget
    from .targets.ssh import SshFilesystem
    from .targets.ssh_connection import SshAddress, SshConnection

    options = settings.options
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


def check_cache_patterns(settings: PublishSettings, site: BuiltSite) -> None:
    """Raise `PublishRefused` with the files for which our configurations of servers would send wrong headers.

    Verification would find them too, but too late: browsers do not request again what they may keep for a year.
    """
    if settings.target["kind"] not in CLASSIFIED_BY_PATH or settings.read_back_as != "site":
        return
    if mismatches := find_mismatches(site.manifest, CachePatterns.from_settings(settings.pelican)):
        raise PublishRefused(mismatches)


def make_purger(settings: PublishSettings, *, purges_everything: bool = False) -> Purger:
    """Make the purger of `PUBLISH_CDN`, which purges the whole site if `purges_everything`."""
    from .cdn import make_cdn

    return replace(make_cdn(settings.cdn, settings.site_url, settings.secrets), purges_everything=purges_everything)


def make_verifier(settings: PublishSettings, redirects: Sequence[Redirect]) -> VerifyFunction:
    """Make what verifies a publication; it does nothing without `PUBLISH_READ_BACK_URL`."""
    if not settings.public_url or settings.target["kind"] == "artifact":
        # Readers do not get an artifact before the host has deployed it.
        return lambda _plan, _manifest, _progress: (0, ())
    from .verify import Verifier

    policy, headers_of = settings.header_policy, HEADERS_READ_BACK[settings.read_back_as]
    is_store = settings.read_back_as == "store"
    return Verifier(
        public_url=settings.public_url,
        headers=lambda entry: dict(headers_of(entry, policy)),
        serves_index=not is_store,
        serves_identity=not is_store,
        redirects=tuple(redirects) if settings.read_back_as == "site" else (),
    )
