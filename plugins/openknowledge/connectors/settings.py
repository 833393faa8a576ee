"""The setting `SOURCES`, checked before anything is asked, and the secrets of the environment."""

import ast
import os
import re
import runpy
import traceback
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from openknowledge.problems import ContentProblems, Message, operator_problem, suggest_spelling

from .failures import SourceFailed
from .redaction import SHORTEST_SECRET
from .source import PlatformSource

__all__ = [
    *("WEB_ADDRESS", "ConfiguredSource", "Option", "SourceKind", "SyncSettings", "load_settings", "read_sources"),
    "read_zone",
]

SETTINGS_FILE = "pelicanconf.py"
DEFAULTS = {"PATH": "", "CACHE_PATH": "cache", "THEME": "theme", "DEFAULT_LANG": "en"}
"""What Pelican takes for settings that are not there, as far as a sync needs them."""
FOLDERS = ("PATH", "CACHE_PATH", "THEME")
"""Settings that are paths from the folder of the file."""
NOTHING_SYNCED = Message("Nothing was synced.")
SECRET = rf"[!-~]{{{SHORTEST_SECRET},}}"
SECRET_HINT = "Set it in the environment, without blanks or line ends; docs/operators.md says where it comes from."
OTHER_FOLDERS = ("enrollments",)
"""Folders in content/snapshots/ that are of no source."""
NAME = "[a-z0-9][a-z0-9-]{0,40}"
NAME_HINT = "Write small letters, digits and hyphens: it names a folder in content/snapshots/."


class Option(NamedTuple):
    """An option of a source in `SOURCES`: what it may be, and what to write.

    It may be a text of a pattern, one of some values, a whole number of a range, or what a function makes of it.
    """

    allowed: re.Pattern[str] | tuple[str | bool, ...] | range | Callable[[Any], Any]
    hint: str
    is_required: bool = False

    def read(self, value: Any) -> Any:
        """Return the value of what is written. Raises `ValueError` or `TypeError` where it cannot be that."""
        match self.allowed:
            case re.Pattern() as pattern:
                is_allowed = isinstance(value, str) and pattern.fullmatch(value) is not None
            case range() as numbers:
                is_allowed = type(value) is int and value in numbers
            case tuple() as values:
                is_allowed = any(type(value) is type(one) and value == one for one in values)
            case make:
                return make(value)
        if not is_allowed:
            raise ValueError(value)
        return value


WEB_ADDRESS = re.compile(r"https?://[^\s?#@]+")
POSITIVE = range(1, 10**6)
COMMON_OPTIONS: Mapping[str, Option] = {
    "title": Option(re.compile(".+", re.DOTALL), "Write what readers call the platform: Polimi Open Knowledge"),
    "limit": Option(POSITIVE, "Write the most requests that one sync may make: 10000"),
    "stills": Option(("large", "small"), 'Write "large" (1,280 pixels across) or "small" (320), or leave it out.'),
    "stills_url": Option(
        WEB_ADDRESS,
        "Write where stills are asked for, if that is not YouTube itself: https://proxy.example.edu",
    ),
    "keep_days": Option(POSITIVE, "Write for how many days facts may be stored without being confirmed: 30"),
}


COMMON_TO_ALL = ("title", "limit")


@dataclass(frozen=True, slots=True)
class SourceKind:
    """A kind of sources: their options, the secrets that they need and those that they may have, and their class.

    `create` is called with the name, the options and the secrets of a source by name, and the folder of the content.
    """

    create: Callable[[Path, Mapping[str, Any]], PlatformSource]
    options: Mapping[str, Option] = field(default_factory=dict)
    secrets: tuple[str, ...] = ()
    optional_secrets: tuple[str, ...] = ()
    may_expire: bool = False
    """Whether its facts can be removed, and come back, by `keep_days`; those of a channel, which has `stills`."""

    @property
    def all_options(self) -> dict[str, Option]:
        """Return its options, and those of all kinds."""
        common = {name: one for name, one in COMMON_OPTIONS.items() if self.may_expire or name in COMMON_TO_ALL}
        return {**self.options, **common}


@dataclass(frozen=True, slots=True)
class ConfiguredSource:
    """One source of `SOURCES`.

    `title` is what readers call it, `limit` the most requests of a sync, `keep_days` for how long its facts are stored,
    `stills` which pictures of its videos are fetched.
    """

    name: str
    kind_name: str
    kind: SourceKind
    options: Mapping[str, Any]
    title: str = ""
    limit: int = 10_000
    keep_days: int | None = None
    stills: str = ""
    stills_url: str = "https://i.ytimg.com"

    @property
    def configuration(self) -> str:
        """Return what makes two recordings incomparable where it differs. It has no secrets."""
        return repr((self.kind_name, sorted(self.options.items())))

    def variable(self, secret: str) -> str:
        """Return the variable of the environment that has a secret: `SYNC_POK_CLIENT_SECRET`."""
        return f"SYNC_{self.name}_{secret}".replace("-", "_").upper()

    def create(self, content: Path, environment: Mapping[str, str]) -> PlatformSource:
        """Make the source. Raises `SourceFailed` where a secret is missing."""
        names = (*self.kind.secrets, *self.kind.optional_secrets)
        secrets = {name: value for name in names if (value := environment.get(self.variable(name), ""))}
        missing = [name for name in self.kind.secrets if name not in secrets]
        wrong = [name for name, value in secrets.items() if not re.fullmatch(SECRET, value)]
        if missing or wrong:
            raise SourceFailed(f"{self._describe(missing, 'not set')}{self._describe(wrong, 'no key')}{SECRET_HINT}")
        return self.kind.create(content, {"name": self.name, **self.options, **secrets})

    def _describe(self, secrets: Iterable[str], message: str) -> str:
        return "".join(f"{self.variable(name)} is {message}. " for name in secrets)


@dataclass(frozen=True)
class SyncSettings:
    """What a sync needs of the settings."""

    content: Path
    cache: Path
    timezone: ZoneInfo
    sources: tuple[ConfiguredSource, ...]
    values: Mapping[str, Any] = field(repr=False)


def load_settings(project: Path, kinds: Mapping[str, SourceKind]) -> SyncSettings:
    """Load the settings of a project. Raises `ContentProblems` if they are wrong or missing."""
    file = project / SETTINGS_FILE
    if not file.is_file():
        raise _refuse(None, "is not there", "Sync in the project's folder.")
    try:
        settings = _read_file(file)
    except Exception as error:
        steps = traceback.extract_tb(error.__traceback__)
        lines = [step.lineno for step in steps if step.filename == str(file)]
        line = error.lineno if isinstance(error, SyntaxError) else next(reversed(lines), None)
        raise _refuse(line, f"{type(error).__name__}: {error}", "Mend that line; Python reads the file.") from None
    timezone = read_zone(zone := settings.get("TIMEZONE") or "UTC")
    if timezone is None:
        raise _refuse(None, f'TIMEZONE: "{zone}" is no time zone', "Write it as Europe/Rome.")
    sources, mistakes = read_sources(settings.get("SOURCES", ()), kinds)
    if mistakes:
        lines_of = _find_lines(ast.parse(file.read_bytes()))
        problems = [
            operator_problem(SETTINGS_FILE, _line_of(place, lines_of), _show(place), message, hint)
            for place, message, hint in mistakes
        ]
        raise ContentProblems(problems, NOTHING_SYNCED)
    sources = tuple(
        replace(one, options={"timezone": zone, **one.options}) if "timezone" in one.kind.options else one
        for one in sources
    )
    return SyncSettings(Path(settings["PATH"]), Path(settings["CACHE_PATH"]), timezone, sources, settings)


def read_zone(name: str) -> ZoneInfo | None:
    """Return a time zone by its name; None where there is none of that name."""
    try:
        return ZoneInfo(name)
    except (ValueError, TypeError, OSError, LookupError):
        return None


def _read_file(file: Path) -> dict[str, Any]:
    """Return the settings of a file as Pelican reads them, without loading Pelican: that takes longer than a sync."""
    found = runpy.run_path(str(file), run_name=file.stem)
    settings = {**DEFAULTS, **{name: value for name, value in found.items() if name.isupper()}}
    return settings | {name: os.path.normpath(file.absolute().parent / settings[name]) for name in FOLDERS}


def _refuse(line: int | None, message: str, hint: str) -> ContentProblems:
    return ContentProblems([operator_problem(SETTINGS_FILE, line, None, message, hint)], NOTHING_SYNCED)


Place = tuple[int | str, ...]
"""Where in `SOURCES` something is: the number of a source, and the name of its option."""
Mistake = tuple[Place, str, str]
"""Where something is wrong, what, and what to write."""


def read_sources(
    setting: Any, kinds: Mapping[str, SourceKind]
) -> tuple[tuple[ConfiguredSource, ...], tuple[Mistake, ...]]:
    """Return the sources of a setting, and all that is wrong with it."""
    if not isinstance(setting, list | tuple):
        hint = 'Write a list of sources: SOURCES = [{"name": "youtube", "kind": "youtube", "channel": "UC…"}].'
        return (), (((), "this is no list of sources", hint),)
    sources: list[ConfiguredSource] = []
    mistakes: list[Mistake] = []
    names: dict[str, int] = {}
    for number, entry in enumerate(setting):
        wrong = [*_check_entry(entry, kinds)]
        if not wrong and names.setdefault(entry["name"], number) != number:
            wrong.append((("name",), f'two sources are called "{entry["name"]}"', "Give one of them another name."))
        mistakes += [((number, *place), message, hint) for place, message, hint in wrong]
        if not wrong:
            kind = kinds[entry["kind"]]
            options = {name: kind.options[name].read(value) for name, value in entry.items() if name in kind.options}
            more = {name: entry[name] for name in COMMON_OPTIONS if name in entry}
            sources.append(ConfiguredSource(entry["name"], entry["kind"], kind, options, **more))
    return tuple(sources), tuple(mistakes)


def _check_entry(entry: Any, kinds: Mapping[str, SourceKind]) -> Iterator[tuple[tuple[str, ...], str, str]]:
    """Yield what is wrong with a source. No value is shown: it may be a secret that somebody wrote there."""
    if not isinstance(entry, Mapping):
        yield (), "this is no source", 'Write its options: {"name": "youtube", "kind": "youtube", "channel": "UC…"}.'
        return
    if not re.fullmatch(NAME, str(entry.get("name"))) or entry["name"] in OTHER_FOLDERS:
        yield ("name",), "is missing or is no name", NAME_HINT
    kind = kinds.get(str(entry.get("kind")))
    if kind is None:
        hint = suggest_spelling(str(entry.get("kind")), kinds) or ""
        yield ("kind",), "is missing or is no kind of sources", f"There are: {', '.join(kinds)}. {hint}".strip()
        return
    options = kind.all_options
    for name, option in options.items():
        if name in entry:
            try:
                option.read(entry[name])
            except (ValueError, TypeError):
                yield (name,), "cannot be this", option.hint
        elif option.is_required:
            yield (name,), "is missing", option.hint
    for name in entry.keys() - options.keys() - {"name", "kind"}:
        yield (str(name),), "is unknown", _suggest(str(name), str(entry.get("name")), kind, options)


def _suggest(name: str, source: str, kind: SourceKind, options: Mapping[str, Option]) -> str:
    if name in (*kind.secrets, *kind.optional_secrets):
        variable = ConfiguredSource(source, "", kind, {}).variable(name)
        return f"Take it out of the file, and set {variable} in the environment: secrets are nowhere else."
    return suggest_spelling(name, options) or f"It may say: name, kind, {', '.join(options)}."


def _show(place: Place) -> str:
    """Return a place as it is written in Python: `SOURCES[1]["url"]`."""
    return "SOURCES" + "".join(f'["{part}"]' if isinstance(part, str) else f"[{part}]" for part in place)


def _line_of(place: Place, lines: Mapping[Place, int]) -> int | None:
    return next((lines[place[:end]] for end in range(len(place), -1, -1) if place[:end] in lines), None)


def _find_lines(module: ast.Module) -> dict[Place, int]:
    """Return in which lines `SOURCES`, its sources and their options are."""
    lines: dict[Place, int] = {}
    for node in module.body:
        targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
        if not any(isinstance(target, ast.Name) and target.id == "SOURCES" for target in targets):
            continue
        lines[()] = node.lineno
        value = getattr(node, "value", None)
        for number, entry in enumerate(value.elts if isinstance(value, ast.List | ast.Tuple) else ()):
            lines[number,] = entry.lineno
            pairs = zip(entry.keys, entry.values, strict=True) if isinstance(entry, ast.Dict) else ()
            for key, option in pairs:
                if isinstance(key, ast.Constant):
                    lines[number, str(key.value)] = option.lineno
    return lines
