"""The settings of publishing, from `publishconf.py` and the environment, checked before anything is done."""

import ast
import re
import traceback
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, NamedTuple, Self
from urllib.parse import urlsplit

from openknowledge.problems import Problem, operator_problem, suggest_spelling
from openknowledge.serving.headers import HeaderPolicy
from openknowledge.serving.hosts import HOSTS

from .errors import PublishRefused

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
REF = r"(?!.*(?:\.\.|//|@\{|\.lock$|[/.]$))[^\s\x00-\x1f\x7f~^:?*\[\\-][^\s\x00-\x1f\x7f~^:?*\[\\]*"
NAME = r"[A-Za-z0-9_][A-Za-z0-9._$-]*"
FORMS: Mapping[tuple[str, str], tuple[str, str]] = {
    ("s3", "bucket"): (
        r"(?!.*\.\.)[A-Za-z0-9][A-Za-z0-9._-]{0,62}",
        "Its name alone: letters, digits, hyphens and dots.",
    ),
    ("s3", "prefix"): (r"/?(?:(?!\.\.?/)[^\s/?#\\]+/)*", "Write it as a folder: courses/site"),
    ("s3", "region"): (NAME, 'Write its name: "eu-south-1".'),
    ("directory", "path"): (r"[^\x00-\x1f]+", "Write the path of a folder."),
    ("artifact", "path"): (r"[^\x00-\x1f]+", "Write the path of a folder, or of a file that ends in .tar or .zip."),
    ("ssh", "host"): (rf"{NAME}|[0-9A-Fa-f:.]+(?:%{NAME})?", "Write the name of the server alone: www.example.edu"),
    ("ssh", "user"): (NAME, "Write the name with which to log in."),
    ("ssh", "port"): (r"0*(?:[1-9]\d{0,3}|[1-5]\d{4}|6[0-4]\d{3}|65[0-4]\d\d|655[0-2]\d|6553[0-5])", "1 to 65535."),
    ("ssh", "path"): (r"/[^\x00-\x1f]+", "Write the whole path, which begins with a slash."),
    ("git", "remote"): (
        r"(?!\w[\w.+-]*::|[^/:]*@-|\w+://(?:[^/]*@)?-)(?:(?:https?|ssh|git|file)://|(?!\w*://))[^\s\x00-\x1f-][^\x00-\x1f]*",
        "Write its address (https://…, git@host:path), a path, or a name that `git remote` knows.",
    ),
    ("git", "branch"): (REF, "Write the name of a branch, as git has it."),
    ("git", "register"): (rf"refs/{REF}", "Write the whole name of a reference: refs/heads/register"),
    ("git", "author"): (r"[^\n<>]*(?:<[^\n<>]*>)?", "Write it as git does: Name <mail@example.edu>"),
    ("git", "host"): ("|".join(HOSTS), f"There are: {', '.join(HOSTS)}."),
    ("artifact", "host"): ("|".join(HOSTS), f"There are: {', '.join(HOSTS)}."),
    ("cloudflare", "zone"): (r"[A-Za-z0-9]+", "Write its identifier."),
    ("cloudflare", "most"): (r"[1-9]\d{0,5}", "Write a number."),
    ("fastly", "service"): (r"[A-Za-z0-9]+", "Write its identifier."),
    ("cloudfront", "distribution"): (r"[A-Za-z0-9]+", "Write its identifier."),
}
"""What options of kinds look like, and how to write them. What begins with a dash is never one: it could reach a
command as an option."""
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
    try:
        settings = read_settings(str(file))
    except Exception as error:
        steps = traceback.extract_tb(error.__traceback__)
        lines = [step.lineno for step in steps if step.filename == str(file)]
        line = error.lineno if isinstance(error, SyntaxError) else next(reversed(lines), None)
        hint = "Mend that line; Python reads the file."
        raise PublishRefused(
            [operator_problem(SETTINGS_FILE, line, None, f"{type(error).__name__}: {error}", hint)]
        ) from None
    try:
        return PublishSettings.from_pelican(settings, environment, project)
    except PublishRefused as refusal:
        lines_of = _find_lines(ast.parse(file.read_bytes()))
        raise PublishRefused(
            replace(problem, line=lines_of.get(problem.field) or lines_of.get(problem.field.partition("[")[0]))
            if problem.path == SETTINGS_FILE and problem.field
            else problem
            for problem in refusal.problems
        ) from None


def _find_lines(module: ast.Module) -> dict[str, int]:
    """Return in which lines settings, and the options in them, are assigned."""
    lines: dict[str, int] = {}
    for node in (node for node in ast.walk(module) if isinstance(node, ast.Assign)):
        for name in (target.id for target in node.targets if isinstance(target, ast.Name)):
            lines[name] = node.lineno
            options = zip(node.value.keys, node.value.values, strict=True) if isinstance(node.value, ast.Dict) else ()
            for key, option in options:
                lines |= {f'{name}["{key.value!s}"]': option.lineno} if isinstance(key, ast.Constant) else {}
    return lines


def _problems(
    settings: Mapping[str, Any], values: Mapping[str, Any], environment: Mapping[str, str]
) -> Iterator[Problem]:
    for name in ("SITEURL", "PUBLISH_READ_BACK_URL", "PUBLISH_PREVIEW_URL"):
        url = str(settings.get(name, ""))
        if not _is_url(url.replace("{name}", "x")) and (url or name == "SITEURL"):
            yield _problem(name, "is no address", 'Write it with its scheme: "https://example.edu".')
    if "PUBLISH_TARGET" not in settings:
        yield _problem("PUBLISH_TARGET", "is missing", "docs/operators.md says what it may be.")
    else:
        yield from _kind_problems("PUBLISH_TARGET", settings["PUBLISH_TARGET"], TARGETS, environment)
    yield from _kind_problems("PUBLISH_CDN", values["cdn"], CDNS, environment)
    yield from _option_problems(settings.get("PUBLISH_TARGET"), values["cdn"])
    for name, (choices, hint) in CHOICES.items():
        if values[name] not in choices:
            yield _problem(f"PUBLISH_{name.upper()}", "is unknown", hint)
    for name, minimum in MINIMUMS.items():
        value = values[name]
        if isinstance(value, bool) or not isinstance(value, int | float) or not minimum <= value < 10**6:
            hint = f"Write a number that is not below {minimum}, and below a million."
            yield _problem(f"PUBLISH_{name.upper()}", "is no such number", hint)


def _option_problems(target: Any, cdn: Any) -> Iterator[Problem]:
    """Yield what is wrong with options that are addresses or choices."""
    options = target if isinstance(target, Mapping) else {}
    for setting, url in _list_urls(options, cdn):
        if not _is_url(url):
            yield _problem(setting, f'"{url}" is no address', 'Write it with its scheme: "https://s3.example.edu".')
    layout = options.get("layout", "paths")
    if layout not in ("paths", "routed"):
        hint = 'Write "paths" for files at their paths, or "routed" where the router of docs/operators.md answers.'
        yield _problem('PUBLISH_TARGET["layout"]', f'"{layout}" is unknown', hint)


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
    for option, (form, hint) in ((option, FORMS[kind, option]) for option in known if (kind, option) in FORMS):
        text = str(value.get(option) or "")
        # A folder may be written with or without the slash at its end.
        tried = f"{text.rstrip('/')}/" if option == "prefix" else text
        if text and not re.fullmatch(form, tried):
            yield _problem(f'{name}["{option}"]', f'"{text}" is none', hint)
    for secret in options.secrets:
        if not environment.get(secret):
            hint = "Secrets come from the environment alone; docs/operators.md says where a CI keeps them."
            yield operator_problem("the environment", None, secret, "is not set", hint)


def _is_url(text: str) -> bool:
    """Return whether a text is the address of a site or a server: a scheme, a host, and perhaps a port and a path."""
    try:
        url = urlsplit(text)
        is_whole = url.scheme in ("http", "https") and bool(url.hostname) and (url.port is None or url.port > 0)
    except ValueError:
        return False
    return is_whole and not re.search(r"[\s\x00-\x1f\x7f\\?#@]|//-", text)


def _list_urls(target: Mapping[str, Any], cdn: Any) -> Iterator[tuple[str, str]]:
    """Yield the options that are addresses."""
    if target.get("kind") == "s3" and target.get("endpoint"):
        yield 'PUBLISH_TARGET["endpoint"]', str(target["endpoint"])
    servers = cdn.get("servers") if isinstance(cdn, Mapping) else None
    for server in servers if isinstance(servers, list | tuple) else filter(None, [servers]):
        yield 'PUBLISH_CDN["servers"]', str(server)


def _problem(setting: str, message: str, hint: str) -> Problem:
    return operator_problem(SETTINGS_FILE, None, setting, message, hint)
