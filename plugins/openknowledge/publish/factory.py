"""The target and the caches that the settings name, ready for use."""

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

BY_PATH = ("directory", "ssh")
"""Targets behind a server of the operator's; stores and hosts are told of each file, or of those that differ."""


def make_target(
    settings: PublishSettings, *, prefix: str = "", is_preview: bool = False, adopts: bool = False
) -> Target:
    """The target of `PUBLISH_TARGET`; for a preview a place of its own below it, named by `prefix`.

    Hosts have no such places: who asks for one there is refused by `previews.place`.
    """
    policy = HeaderPolicy.from_settings(settings.pelican, is_preview=is_preview)
    return KINDS[settings.target["kind"]](settings, policy, prefix, adopts)


def _s3(settings: PublishSettings, policy: HeaderPolicy, prefix: str, adopts: bool) -> Target:
    from .targets.content_addressed import RoutedTarget, dump_response_policy
    from .targets.object_client import ObjectClient, RetryPolicy
    from .targets.object_store import ObjectStoreTarget, StorageOptions, make_store

    tuning = RetryPolicy(parallel=settings.parallel)
    place = {name: str(value) for name, value in settings.target.items()}
    whole = "/".join(part.strip("/") for part in (place.get("prefix", ""), prefix) if part.strip("/"))
    secrets = {
        "access_key": settings.secrets["PUBLISH_ACCESS_KEY"],
        "secret_key": settings.secrets["PUBLISH_SECRET_KEY"],
        "session_token": settings.secrets.get("PUBLISH_SESSION_TOKEN", ""),
    }
    storing = StorageOptions(
        headers=lambda entry: dict(stored_headers(entry, policy)),
        policy=policy.stored_digest,
        encoding=settings.encoding,
        kept_releases=settings.releases,
        grace_s=int(settings.grace_h * 3600),
    )
    name = "/".join(part for part in (f"s3://{place['bucket']}", whole) if part)
    store = make_store({**place, "prefix": whole}, secrets, tuning)
    objects = ObjectClient(store, name, tuning)
    if place.get("layout") == "routed":
        answers = dump_response_policy(policy, urlsplit(settings.site_url).path, settings.encoding)
        return RoutedTarget(objects, settings.site_url, storing, adopts, answers)
    return ObjectStoreTarget(objects, settings.site_url, storing, adopts)


def _git(settings: PublishSettings, policy: HeaderPolicy, _prefix: str, adopts: bool) -> Target:
    from .targets.git import Branch, GitBranchTarget, open_repo
    from .targets.git_release import CommitOptions

    place = {name: str(value) for name, value in settings.target.items()}
    writing = CommitOptions(place.get("author", ""), settings.releases, int(settings.grace_h * 3600))
    remote = open_repo(place, settings.secrets, settings.project, settings.cache)
    branch = Branch(place["branch"], place.get("register", ""))
    return GitBranchTarget(remote, branch, settings.site_url, _hosting(settings, policy), writing, adopts)


def _artifact(settings: PublishSettings, policy: HeaderPolicy, _prefix: str, adopts: bool) -> Target:
    from .targets.published_manifest import make_reader as state_of
    from .targets.static_host import ArtifactTarget

    read = state_of(settings.public_url) if settings.public_url else None
    place, hosting = settings.project / str(settings.target["path"]), _hosting(settings, policy)
    grace_s = int(settings.grace_h * 3600)
    return ArtifactTarget(place, settings.site_url, hosting, read, adopts, settings.releases, grace_s)


def _hosting(settings: PublishSettings, policy: HeaderPolicy) -> HostAdapter:
    """A host of static sites, with the files in which it is told of headers and redirects."""
    host, patterns = HOSTS[settings.target["host"]], CachePatterns.from_settings(settings.pelican)
    return HostAdapter(
        host.name,
        host.title,
        policy.digest,
        lambda site: build_host_files(host, site.manifest, site.redirects, policy, patterns),
        lambda site: check_limits(host, site.manifest, site.redirects, policy, patterns),
        host.serves_compressed,
    )


def _directory(settings: PublishSettings, _policy: HeaderPolicy, prefix: str, adopts: bool) -> Target:
    from .targets.directory import LocalFilesystem
    from .targets.folders import DirectoryTarget

    root = settings.project / str(settings.target["path"]) / prefix
    return DirectoryTarget(LocalFilesystem(root), settings.site_url, _keeping(settings), adopts, build_server_files)


def _ssh(settings: PublishSettings, _policy: HeaderPolicy, prefix: str, adopts: bool) -> Target:
    from .targets.release_dirs import ReleaseDirTarget
    from .targets.ssh import SshFilesystem
    from .targets.ssh_connection import SshAddress, SshConnection

    place = {name: str(value) for name, value in settings.target.items()}
    key_file = settings.secrets.get("PUBLISH_SSH_KEY_FILE", "")
    known_hosts = settings.secrets.get("PUBLISH_SSH_KNOWN_HOSTS", "")
    address = SshAddress(place["host"], place.get("user", ""), place.get("port", ""), key_file, known_hosts)
    root = "/".join(part for part in (place["path"].rstrip("/"), prefix) if part)
    server = SshFilesystem(SshConnection(address, f"{place['host']}:{root}"), root, place.get("after", ""))
    return ReleaseDirTarget(server, settings.site_url, _keeping(settings), adopts, build_server_files)


def _keeping(settings: PublishSettings) -> Retention:
    return Retention(settings.releases, int(settings.grace_h * 3600))


def build_server_files(site: BuiltSite) -> Mapping[str, bytes]:
    """The redirects of a site in the words of nginx and Caddy, which read them from the release that they serve."""
    found = {**nginx.render_tables(site.redirects), **caddy.render_tables(site.redirects)}
    return {name: text.encode() for name, text in found.items()}


def check_cache_patterns(settings: PublishSettings, site: BuiltSite) -> None:
    """Raises `Refused` with the files whose headers our own configurations of servers would get wrong.

    They know a file by its path alone. Reading back would tell it too, but too late: what browsers were once told to
    keep for a year they do not ask for again.
    """
    is_ours = settings.target["kind"] in BY_PATH and settings.read_back_as == "site"
    wrong = find_mismatches(site.manifest, CachePatterns.from_settings(settings.pelican)) if is_ours else ()
    if wrong:
        raise PublishRefused(wrong)


Making = Callable[[PublishSettings, HeaderPolicy, str, bool], Target]
KINDS: Mapping[str, Making] = {
    "s3": _s3,
    "directory": _directory,
    "ssh": _ssh,
    "git": _git,
    "artifact": _artifact,
}


def make_purger(settings: PublishSettings, *, purges_everything: bool = False) -> Purger:
    """What has caches forget addresses; `everything` where they are to forget the whole site."""
    from .cdn.kinds import PurgeAll, make_cdn

    cache = make_cdn(settings.cdn, settings.site_url, settings.secrets)
    return PurgeAll(cache) if purges_everything else cache


def make_verifier(
    settings: PublishSettings, redirects: Sequence[Redirect], *, is_preview: bool = False
) -> VerifyFunction:
    """What reads back a publication; nothing where `PUBLISH_READ_BACK_URL` is empty."""
    if not settings.public_url or settings.target["kind"] == "artifact":
        # An artifact is not what readers get before the host has taken it.
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
    """Nothing is read back."""
    return 0, ()
