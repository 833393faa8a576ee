"""The settings of publishing, from `publishconf.py` and the environment, checked before anything is done."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from openknowledge.problems import Problem, suggest_spelling

from .errors import PublishRefused, make_problem

__all__ = ["CDNS", "SETTINGS_FILE", "TARGETS", "PublishSettings", "load_settings"]

SETTINGS_FILE = "publishconf.py"


class KindOptions(NamedTuple):
    """What a setting with a `kind` has to have, may have, and needs from the environment."""

    required: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()
    secrets: tuple[str, ...] = ()


TARGETS: Mapping[str, KindOptions] = {
    "s3": KindOptions(
        ("bucket",), ("prefix", "endpoint", "region", "layout"), ("PUBLISH_ACCESS_KEY", "PUBLISH_SECRET_KEY")
    ),
    "directory": KindOptions(("path",)),
    "ssh": KindOptions(("host", "path"), ("user", "port", "after")),
    "git": KindOptions(("remote", "branch", "host"), ("author", "register")),
    "artifact": KindOptions(("path", "host")),
}
"""The kinds of `PUBLISH_TARGET`."""
CDNS: Mapping[str, KindOptions] = {
    "none": KindOptions(),
    "varnish": KindOptions(("servers",)),
    "cloudflare": KindOptions(("zone",), ("most",), ("PUBLISH_CDN_TOKEN",)),
    "fastly": KindOptions((), ("service",), ("PUBLISH_CDN_TOKEN",)),
    "cloudfront": KindOptions(("distribution",), (), ("PUBLISH_CDN_ACCESS_KEY", "PUBLISH_CDN_SECRET_KEY")),
}
"""The kinds of `PUBLISH_CDN`."""
ENCODINGS = ("gzip", "br", "")
LAYOUTS = ("paths", "routed")
READ_BACK_AS = ("site", "host", "store")
MINIMUMS = {"PUBLISH_GRACE_H": 0, "PUBLISH_RELEASES": 1, "PUBLISH_PARALLEL": 1}


@dataclass(frozen=True)
class PublishSettings:
    """Where and how a site is published.

    `public_url` is where the publication is verified, empty where it is not; `read_back_as` is what answers there: the
    whole `site` with all headers, a `host` with headers of its own, or the `store` with files at their paths.
    `grace_h` is for how long removed files stay, `releases` how many can be restored. `encoding` is how an object store
    keeps what can be compressed. `secrets` are the variables of the environment that begin with `PUBLISH_`.
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
        """Return whether a CDN in front of the site can be purged."""
        return bool(self.cdn["kind"] != "none")

    @property
    def grace_s(self) -> int:
        """Return the grace period of removed files in seconds."""
        return int(self.grace_h * 3600)

    @classmethod
    def from_pelican(
        cls, settings: Mapping[str, Any], environment: Mapping[str, str], project: Path = Path()
    ) -> PublishSettings:
        """Check Pelican's settings and the environment. Raises `PublishRefused` with all problems."""
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


def load_settings(project: Path, environment: Mapping[str, str]) -> PublishSettings:
    """Load the settings of a project. Raises `PublishRefused` if they are wrong or missing."""
    from pelican.settings import read_settings

    file = project / SETTINGS_FILE
    if not file.is_file():
        raise PublishRefused([make_problem(SETTINGS_FILE, "is not there", "Publish from the project's folder.")])
    return PublishSettings.from_pelican(read_settings(str(file)), environment, project)


def _problems(settings: Mapping[str, Any], environment: Mapping[str, str]) -> Iterator[Problem]:
    address = urlsplit(str(settings.get("SITEURL", "")))
    if address.scheme not in ("http", "https") or not address.netloc:
        yield _problem("SITEURL", "is no address", 'Write it with its scheme: "https://example.edu".')
    if "PUBLISH_TARGET" not in settings:
        yield _problem("PUBLISH_TARGET", "is missing", "docs/operators.md says what it may be.")
    else:
        yield from _kind_problems("PUBLISH_TARGET", settings["PUBLISH_TARGET"], TARGETS, environment)
    yield from _kind_problems("PUBLISH_CDN", settings.get("PUBLISH_CDN", {"kind": "none"}), CDNS, environment)
    layout = settings.get("PUBLISH_TARGET", {}).get("layout", "paths")
    if layout not in LAYOUTS:
        hint = 'Write "paths" for files at their paths, or "routed" where the router of docs/operators.md answers.'
        yield _problem('PUBLISH_TARGET["layout"]', f'"{layout}" is unknown', hint)
    if settings.get("PUBLISH_ENCODING", "gzip") not in ENCODINGS:
        yield _problem("PUBLISH_ENCODING", "is unknown", 'Write "gzip", "br", or "" for files as they are.')
    if settings.get("PUBLISH_READ_BACK_AS", "site") not in READ_BACK_AS:
        yield _problem("PUBLISH_READ_BACK_AS", "is unknown", f"Write one of: {', '.join(READ_BACK_AS)}.")
    for name, minimum in MINIMUMS.items():
        value = settings.get(name, minimum)
        if isinstance(value, bool) or not isinstance(value, int | float) or value < minimum:
            yield _problem(name, "is no such number", f"Write a number that is not below {minimum}.")


def _kind_problems(
    name: str, value: Any, kinds: Mapping[str, KindOptions], environment: Mapping[str, str]
) -> Iterator[Problem]:
    """Yield what is wrong with a setting that has a `kind`, and options that depend on it."""
    kind = str(value.get("kind")) if isinstance(value, Mapping) else str(value)
    if kind not in kinds:
        hint = suggest_spelling(kind, kinds) or ""
        yield _problem(name, f'"{kind}" is no kind of it', f"There are: {', '.join(kinds)}. {hint}".strip())
        return
    options = kinds[kind]
    known = (*options.required, *options.optional)
    for option in options.required:
        if not value.get(option):
            yield _problem(f'{name}["{option}"]', "is missing or empty", f'"{kind}" needs it.')
    for option in value:
        if option not in ("kind", *known):
            hint = suggest_spelling(option, known) or f"It may say: {', '.join(known)}."
            yield _problem(f'{name}["{option}"]', "is unknown", hint)
    for secret in options.secrets:
        if not environment.get(secret):
            hint = "Secrets come from the environment alone; docs/operators.md says where a CI keeps them."
            yield Problem("the environment", None, secret, "is not set", hint)


def _problem(setting: str, message: str, hint: str) -> Problem:
    return Problem(SETTINGS_FILE, None, setting, message, hint)
