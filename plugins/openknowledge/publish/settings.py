"""What `publishconf.py` and the environment say of publishing, checked before anything is done."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from openknowledge.problems import Problem, suggest_spelling

from .errors import PublishRefused

__all__ = ["CACHES", "TARGETS", "PublishSettings"]

FILE = "publishconf.py"
TARGETS: Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "s3": (("bucket",), ("prefix", "endpoint", "region", "layout")),
    "directory": (("path",), ()),
    "ssh": (("host", "path"), ("user", "port", "after")),
    "git": (("remote", "branch", "host"), ("author", "register")),
    "artifact": (("path", "host"), ()),
}
"""By kind, what `PUBLISH_TARGET` has to say, and what it may say besides."""
CACHES: Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "none": ((), ()),
    "varnish": (("servers",), ()),
    "cloudflare": (("zone",), ("most",)),
    "fastly": ((), ("service",)),
    "cloudfront": (("distribution",), ()),
}
"""The same of `PUBLISH_CDN`."""
SECRETS = {"s3": ("PUBLISH_ACCESS_KEY", "PUBLISH_SECRET_KEY")}
CACHE_SECRETS = {
    "cloudflare": ("PUBLISH_CDN_TOKEN",),
    "fastly": ("PUBLISH_CDN_TOKEN",),
    "cloudfront": ("PUBLISH_CDN_ACCESS_KEY", "PUBLISH_CDN_SECRET_KEY"),
}
ENCODINGS = ("gzip", "br", "")
LAYOUTS = ("paths", "routed")
READ_BACK_AS = ("site", "host", "store")


@dataclass(frozen=True)
class PublishSettings:
    """Where and how a site is published.

    `public_url` is where it is read back, `SITEURL` if not said; empty where nothing is read back. `read_back_as` says
    what answers there: the whole `site` with all headers, a `host` with headers of its own, or the `store` with files
    at their paths. `grace_h` is for how
    long removed files stay, `releases` how many can be restored. `encoding` is how an object store keeps what can be
    compressed. `secrets` are what the environment has of them, by name.
    """

    site_url: str
    project: Path
    output: Path
    cache: Path
    target: Mapping[str, Any]
    cdn: Mapping[str, Any]
    public_url: str
    read_back_as: str
    preview_url: str
    grace_h: float
    releases: int
    encoding: str
    parallel: int
    secrets: Mapping[str, str]
    pelican: Mapping[str, Any]

    @property
    def has_cache(self) -> bool:
        return bool(self.cdn["kind"] != "none")

    @classmethod
    def from_pelican(
        cls, settings: Mapping[str, Any], environment: Mapping[str, str], project: Path = Path()
    ) -> PublishSettings:
        """Raises `Refused` with all that is wrong."""
        problems = tuple(_problems(settings, environment))
        if problems:
            raise PublishRefused(problems)
        site_url = str(settings["SITEURL"]).rstrip("/")
        return cls(
            site_url=site_url,
            project=project,
            output=Path(settings["OUTPUT_PATH"]),
            cache=Path(settings["CACHE_PATH"]),
            target=settings["PUBLISH_TARGET"],
            cdn=settings.get("PUBLISH_CDN", {"kind": "none"}),
            public_url=str(settings.get("PUBLISH_READ_BACK_URL", site_url)).rstrip("/"),
            read_back_as=settings.get("PUBLISH_READ_BACK_AS", "site"),
            preview_url=str(settings.get("PUBLISH_PREVIEW_URL", f"{site_url}/previews/{{name}}")),
            grace_h=settings.get("PUBLISH_GRACE_H", 24),
            releases=settings.get("PUBLISH_RELEASES", 10),
            encoding=settings.get("PUBLISH_ENCODING", "gzip"),
            parallel=settings.get("PUBLISH_PARALLEL", 48),
            secrets={name: value for name, value in environment.items() if name.startswith("PUBLISH_")},
            pelican=settings,
        )


def _problems(settings: Mapping[str, Any], environment: Mapping[str, str]) -> Iterator[Problem]:
    address = urlsplit(str(settings.get("SITEURL", "")))
    if address.scheme not in ("http", "https") or not address.netloc:
        yield Problem(FILE, None, "SITEURL", "is no address", 'Write it with its scheme: "https://example.edu".')
    if "PUBLISH_TARGET" not in settings:
        yield Problem(FILE, None, "PUBLISH_TARGET", "is missing", "docs/operators.md says what it may be.")
    else:
        yield from _place("PUBLISH_TARGET", settings["PUBLISH_TARGET"], TARGETS, SECRETS, environment)
    cdn = settings.get("PUBLISH_CDN", {"kind": "none"})
    yield from _place("PUBLISH_CDN", cdn, CACHES, CACHE_SECRETS, environment)
    layout = settings.get("PUBLISH_TARGET", {}).get("layout", "paths")
    if layout not in LAYOUTS:
        hint = 'Write "paths" for files at their paths, or "routed" where the router of docs/operators.md answers.'
        yield Problem(FILE, None, 'PUBLISH_TARGET["layout"]', f'"{layout}" is unknown', hint)
    if settings.get("PUBLISH_ENCODING", "gzip") not in ENCODINGS:
        yield Problem(FILE, None, "PUBLISH_ENCODING", "is unknown", 'Write "gzip", "br", or "" for files as they are.')
    if settings.get("PUBLISH_READ_BACK_AS", "site") not in READ_BACK_AS:
        yield Problem(FILE, None, "PUBLISH_READ_BACK_AS", "is unknown", f"Write one of: {', '.join(READ_BACK_AS)}.")
    for name, least in (("PUBLISH_GRACE_H", 0), ("PUBLISH_RELEASES", 1), ("PUBLISH_PARALLEL", 1)):
        value = settings.get(name, least)
        if isinstance(value, bool) or not isinstance(value, int | float) or value < least:
            yield Problem(FILE, None, name, "is no such number", f"Write a number that is not below {least}.")


def _place(
    name: str,
    told: Any,
    kinds: Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]],
    secrets: Mapping[str, tuple[str, ...]],
    environment: Mapping[str, str],
) -> Iterator[Problem]:
    """What is wrong with a setting that says of which kind something is, and the rest of it by name."""
    kind = str(told.get("kind")) if isinstance(told, Mapping) else str(told)
    if kind not in kinds:
        hint = suggest_spelling(kind, kinds) or ""
        yield Problem(FILE, None, name, f'"{kind}" is no kind of it', f"There are: {', '.join(kinds)}. {hint}".strip())
        return
    needed, optional = kinds[kind]
    for part in needed:
        if not told.get(part):
            yield Problem(FILE, None, f'{name}["{part}"]', "is missing or empty", f'"{kind}" needs it.')
    for part in told:
        if part not in ("kind", *needed, *optional):
            known = suggest_spelling(part, (*needed, *optional)) or f"It may say: {', '.join((*needed, *optional))}."
            yield Problem(FILE, None, f'{name}["{part}"]', "is unknown", known)
    for secret in secrets.get(kind, ()):
        if not environment.get(secret):
            hint = "Secrets come from the environment alone; docs/operators.md says where a CI keeps them."
            yield Problem("the environment", None, secret, "is not set", hint)
