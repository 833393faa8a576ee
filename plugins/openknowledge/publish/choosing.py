"""The target and the caches that the settings name, ready for use."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from urllib.parse import urlsplit

from .headers import Policy, headers_of
from .publishing import Purger, Reader
from .settings import PublishSettings
from .targets import Target, Told

__all__ = ["purger_of", "reader_of", "target_of"]


def target_of(settings: PublishSettings, *, prefix: str = "", is_preview: bool = False, adopts: bool = False) -> Target:
    """The target of `PUBLISH_TARGET`; for a preview a place of its own below it, named by `prefix`."""
    policy = Policy.from_settings(settings.pelican, is_preview=is_preview)
    return KINDS[settings.target["kind"]](settings, policy, prefix, adopts)


def _s3(settings: PublishSettings, policy: Policy, prefix: str, adopts: bool) -> Target:
    from .targets.objects import Objects, Tuning
    from .targets.routed import RoutedTarget, answers_of
    from .targets.s3 import ObjectTarget, Storing, store_of

    tuning = Tuning(parallel=settings.parallel)
    place = {name: str(value) for name, value in settings.target.items()}
    whole = "/".join(part.strip("/") for part in (place.get("prefix", ""), prefix) if part.strip("/"))
    secrets = {
        "access_key": settings.secrets["PUBLISH_ACCESS_KEY"],
        "secret_key": settings.secrets["PUBLISH_SECRET_KEY"],
        "session_token": settings.secrets.get("PUBLISH_SESSION_TOKEN", ""),
    }
    storing = Storing(
        headers=lambda entry: dict(headers_of(entry, policy)),
        policy=policy.digest,
        encoding=settings.encoding,
        kept_releases=settings.releases,
        grace_s=int(settings.grace_h * 3600),
    )
    name = "/".join(part for part in (f"s3://{place['bucket']}", whole) if part)
    store = store_of({**place, "prefix": whole}, secrets, tuning)
    objects = Objects(store, name, tuning)
    if place.get("layout") == "routed":
        answers = answers_of(policy, urlsplit(settings.site_url).path, settings.encoding)
        return RoutedTarget(objects, settings.site_url, storing, adopts, answers)
    return ObjectTarget(objects, settings.site_url, storing, adopts)


Making = Callable[[PublishSettings, Policy, str, bool], Target]
KINDS: Mapping[str, Making] = {"s3": _s3}


class Nobody:
    """No cache has to be told."""

    def purge(self, addresses: Sequence[str], told: Told) -> None:
        """Nothing to do."""


def purger_of(settings: PublishSettings, *, everything: bool = False) -> Purger:
    return Nobody()


def reader_of(settings: PublishSettings) -> Reader:
    return lambda plan, manifest, told: (0, ())
