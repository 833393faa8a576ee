"""The target, purger and verifier that the settings name."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from urllib.parse import urlsplit

from openknowledge.problems import Problem
from openknowledge.redirects.table import Redirect

from .built_site import BuiltSite
from .cache_patterns import CachePatterns, find_mismatches
from .errors import PublishRefused
from .headers import HeaderPolicy, response_headers, stored_headers
from .hosts import HOSTS, build_host_files, check_limits
from .hosts.hosting import HostAdapter
from .manifest_shards import ShardedManifest
from .pipeline import Purger, VerifyFunction
from .plan import Plan
from .servers import caddy, nginx
from .settings import PublishSettings
from .targets import ProgressCallback, Target
from .targets.release_layout import Retention

__all__ = ["check_cache_patterns", "make_purger", "make_target", "make_verifier"]

CLASSIFIED_BY_PATH = ("directory", "ssh")
"""Targets behind a server of the operator's, which knows of a file no more than its path."""


def make_target(
    settings: PublishSettings, *, prefix: str = "", is_preview: bool = False, adopts: bool = False
) -> Target:
    """Make the target of `PUBLISH_TARGET`; for a preview one below it, in the folder `prefix`.

    Hosts have no such folders; `preview_settings` refuses previews there.
    """
    policy = HeaderPolicy.from_settings(settings.pelican, is_preview=is_preview)
    return FACTORIES[settings.target["kind"]](settings, policy, prefix, adopts)


def _make_object_store(settings: PublishSettings, policy: HeaderPolicy, prefix: str, adopts: bool) -> Target:
    from .targets.content_addressed import ContentAddressedTarget, dump_response_policy
    from .targets.object_client import ObjectClient, RetryPolicy
    from .targets.object_store import ObjectStoreTarget, StorageOptions, make_store

    retries = RetryPolicy(parallel=settings.parallel)
    options = _target_options(settings)
    whole_prefix = "/".join(part.strip("/") for part in (options.get("prefix", ""), prefix) if part.strip("/"))
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
    name = "/".join(part for part in (f"s3://{options['bucket']}", whole_prefix) if part)
    store = make_store({**options, "prefix": whole_prefix}, secrets, retries)
    client = ObjectClient(store, name, retries)
    if options.get("layout") == "routed":
        responses = dump_response_policy(policy, urlsplit(settings.site_url).path, settings.encoding)
        return ContentAddressedTarget(client, settings.site_url, storage, adopts, responses)
    return ObjectStoreTarget(client, settings.site_url, storage, adopts)


def _make_git_branch(settings: PublishSettings, policy: HeaderPolicy, _prefix: str, adopts: bool) -> Target:
    from .targets.git import Branch, CommitOptions, GitBranchTarget, open_repo

    options = _target_options(settings)
    commit_options = CommitOptions(options.get("author", ""), settings.releases, settings.grace_s)
    repo = open_repo(options, settings.secrets, settings.project, settings.cache)
    branch = Branch(options["branch"], options.get("register", ""))
    return GitBranchTarget(repo, branch, settings.site_url, _make_host(settings, policy), commit_options, adopts)


def _make_artifact(settings: PublishSettings, policy: HeaderPolicy, _prefix: str, adopts: bool) -> Target:
    from .targets.static_host import ArtifactTarget, make_reader

    read = make_reader(settings.public_url) if settings.public_url else None
    folder, host = settings.project / str(settings.target["path"]), _make_host(settings, policy)
    return ArtifactTarget(folder, settings.site_url, host, read, adopts, settings.releases, settings.grace_s)


def _make_host(settings: PublishSettings, policy: HeaderPolicy) -> HostAdapter:
    host, patterns = HOSTS[settings.target["host"]], CachePatterns.from_settings(settings.pelican)
    return HostAdapter(
        host.name,
        host.title,
        policy.digest,
        lambda site: build_host_files(host, site.manifest, site.redirects, policy, patterns),
        lambda site: check_limits(host, site.manifest, site.redirects, policy, patterns),
        host.serves_compressed,
    )


def _make_directory(settings: PublishSettings, _policy: HeaderPolicy, prefix: str, adopts: bool) -> Target:
    from .targets.local_folder import LocalFilesystem
    from .targets.release_dirs import LocalTarget

    filesystem = LocalFilesystem(settings.project / str(settings.target["path"]) / prefix)
    retention = Retention(settings.releases, settings.grace_s)
    return LocalTarget(filesystem, settings.site_url, retention, adopts, build_server_files)


def _make_ssh(settings: PublishSettings, _policy: HeaderPolicy, prefix: str, adopts: bool) -> Target:
    from .targets.release_dirs import ReleaseDirTarget
    from .targets.ssh import SshFilesystem
    from .targets.ssh_connection import SshAddress, SshConnection

    options = _target_options(settings)
    key_file = settings.secrets.get("PUBLISH_SSH_KEY_FILE", "")
    known_hosts = settings.secrets.get("PUBLISH_SSH_KNOWN_HOSTS", "")
    address = SshAddress(options["host"], options.get("user", ""), options.get("port", ""), key_file, known_hosts)
    root = "/".join(part for part in (options["path"].rstrip("/"), prefix) if part)
    connection = SshConnection(address, f"{options['host']}:{root}")
    filesystem = SshFilesystem(connection, root, options.get("after", ""))
    retention = Retention(settings.releases, settings.grace_s)
    return ReleaseDirTarget(filesystem, settings.site_url, retention, adopts, build_server_files)


def _target_options(settings: PublishSettings) -> dict[str, str]:
    return {name: str(value) for name, value in settings.target.items()}


FACTORIES: Mapping[str, Callable[[PublishSettings, HeaderPolicy, str, bool], Target]] = {
    "s3": _make_object_store,
    "directory": _make_directory,
    "ssh": _make_ssh,
    "git": _make_git_branch,
    "artifact": _make_artifact,
}


def build_server_files(site: BuiltSite) -> Mapping[str, bytes]:
    """Return the tables of redirects that nginx and Caddy include from the release that they serve, by name."""
    tables = {**nginx.render_tables(site.redirects), **caddy.render_tables(site.redirects)}
    return {name: text.encode() for name, text in tables.items()}


def check_cache_patterns(settings: PublishSettings, site: BuiltSite) -> None:
    """Raise `PublishRefused` with the files for which our configurations of servers would send wrong headers.

    Verification would find them too, but too late: browsers do not request again what they may keep for a year.
    """
    is_ours = settings.target["kind"] in CLASSIFIED_BY_PATH and settings.read_back_as == "site"
    mismatches = find_mismatches(site.manifest, CachePatterns.from_settings(settings.pelican)) if is_ours else ()
    if mismatches:
        raise PublishRefused(mismatches)


def make_purger(settings: PublishSettings, *, purges_everything: bool = False) -> Purger:
    """Make the purger of `PUBLISH_CDN`, which purges the whole site if `purges_everything`."""
    from .cdn import PurgeAll, make_cdn

    cdn = make_cdn(settings.cdn, settings.site_url, settings.secrets)
    return PurgeAll(cdn) if purges_everything else cdn


def make_verifier(
    settings: PublishSettings, redirects: Sequence[Redirect], *, is_preview: bool = False
) -> VerifyFunction:
    """Make what verifies a publication; it does nothing without `PUBLISH_READ_BACK_URL`."""
    if not settings.public_url or settings.target["kind"] == "artifact":
        # Readers do not get an artifact before the host has deployed it.
        return skip_verification
    from .verify import Verifier

    policy = HeaderPolicy.from_settings(settings.pelican, is_preview=is_preview)
    if settings.read_back_as == "store":
        return Verifier(
            public_url=settings.public_url,
            headers=lambda entry: dict(stored_headers(entry, policy)),
            serves_index=False,
            serves_identity=False,
        )
    if settings.read_back_as == "host":
        return Verifier(public_url=settings.public_url, headers=lambda _entry: {})
    return Verifier(
        public_url=settings.public_url,
        headers=lambda entry: dict(response_headers(entry, policy)),
        redirects=tuple(redirects),
    )


def skip_verification(
    _plan: Plan, _manifest: ShardedManifest, _progress: ProgressCallback
) -> tuple[int, tuple[Problem, ...]]:
    """Verify nothing."""
    return 0, ()
