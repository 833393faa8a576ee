"""The settings of publishing, from `publishconf.py` and the environment, checked before anything is done."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple, Self
from urllib.parse import urlsplit

from openknowledge.problems import Problem, suggest_spelling

from .errors import PublishRefused
from .headers import HeaderPolicy

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
DEFAULTS: Mapping[str, Any] = {
    "cdn": {"kind": "none"},
    "read_back_as": "site",
    "grace_h": 24,
    "releases": 10,
    "encoding": "gzip",
    "parallel": 48,
}
"""The fields of `PublishSettings` that have the name of a setting after `PUBLISH_`, with what they are without it."""
CHOICES = {
    "encoding": (("gzip", "br", ""), 'Write "gzip", "br", or "" for files as they are.'),
    "read_back_as": (("site", "host", "store"), "Write one of: site, host, store."),
}
MINIMUMS = {"grace_h": 0, "releases": 1, "parallel": 1}


@dataclass(frozen=True)
class PublishSettings:
    """Where and how a site is published.

    `public_url` is where the publication is verified, empty where it is not; `read_back_as` is what answers there: the
    whole `site` with all headers, a `host` with headers of its own, or the `store` with files at their paths.
    `grace_h` is for how long removed files stay, `releases` how many can be restored. `encoding` is how an object store
    keeps what can be compressed. `secrets` are the variables of the environment that begin with `PUBLISH_`. `prefix` is
    the folder of the target that a preview is published in.
    """

    site_url: str
    project: Path
    output: Path
    cache: Path
    target: Mapping[str, str]
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
    prefix: str = ""

    @property
    def header_policy(self) -> HeaderPolicy:
        """Return what the operator decides about headers."""
        return HeaderPolicy.from_settings(self.pelican, is_preview=bool(self.prefix))

    @property
    def grace_s(self) -> int:
        """Return the grace period of removed files in seconds."""
        return int(self.grace_h * 3600)

    @classmethod
    def from_pelican(cls, settings: Mapping[str, Any], environment: Mapping[str, str], project: Path = Path()) -> Self:
        """Check Pelican's settings and the environment. Raises `PublishRefused` with all problems."""
        values = {name: settings.get(f"PUBLISH_{name.upper()}", default) for name, default in DEFAULTS.items()}
        problems = tuple(_problems(settings, values, environment))
        if problems:
            raise PublishRefused(problems)
        site_url = str(settings["SITEURL"]).rstrip("/")
        return cls(
            **values,
            site_url=site_url,
            project=project,
            output=Path(settings["OUTPUT_PATH"]),
            cache=Path(settings["CACHE_PATH"]),
            target={name: str(value) for name, value in settings["PUBLISH_TARGET"].items()},
            public_url=str(settings.get("PUBLISH_READ_BACK_URL", site_url)).rstrip("/"),
            preview_url=str(settings.get("PUBLISH_PREVIEW_URL", f"{site_url}/previews/{{name}}")),
            secrets={name: value for name, value in environment.items() if name.startswith("PUBLISH_")},
            pelican=settings,
        )


def load_settings(project: Path, environment: Mapping[str, str]) -> PublishSettings:
    """Load the settings of a project. Raises `PublishRefused` if they are wrong or missing."""
    from pelican.settings import read_settings

    file = project / SETTINGS_FILE
    if not file.is_file():
        raise PublishRefused.at(SETTINGS_FILE, "is not there", "Publish from the project's folder.")
    return PublishSettings.from_pelican(read_settings(str(file)), environment, project)


def _problems(
    settings: Mapping[str, Any], values: Mapping[str, Any], environment: Mapping[str, str]
) -> Iterator[Problem]:
    address = urlsplit(str(settings.get("SITEURL", "")))
    if address.scheme not in ("http", "https") or not address.netloc:
        yield _problem("SITEURL", "is no address", 'Write it with its scheme: "https://example.edu".')
    if "PUBLISH_TARGET" not in settings:
        yield _problem("PUBLISH_TARGET", "is missing", "docs/operators.md says what it may be.")
    else:
        yield from _kind_problems("PUBLISH_TARGET", settings["PUBLISH_TARGET"], TARGETS, environment)
    yield from _kind_problems("PUBLISH_CDN", values["cdn"], CDNS, environment)
    layout = settings.get("PUBLISH_TARGET", {}).get("layout", "paths")
    if layout not in ("paths", "routed"):
        hint = 'Write "paths" for files at their paths, or "routed" where the router of docs/operators.md answers.'
        yield _problem('PUBLISH_TARGET["layout"]', f'"{layout}" is unknown', hint)
    for name, (choices, hint) in CHOICES.items():
        if values[name] not in choices:
            yield _problem(f"PUBLISH_{name.upper()}", "is unknown", hint)
    for name, minimum in MINIMUMS.items():
        value = values[name]
        if isinstance(value, bool) or not isinstance(value, int | float) or value < minimum:
            hint = f"Write a number that is not below {minimum}."
            yield _problem(f"PUBLISH_{name.upper()}", "is no such number", hint)


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
