"""The catalogue's settings, checked before anything is read."""

import dataclasses
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from openknowledge.content.markdown.render import READERS, check_reader
from openknowledge.content.players import PLAYERS, PlayerError, read_players
from openknowledge.content.schedule import parse_appearance
from openknowledge.engine.workers.pool import EXECUTORS
from openknowledge.language_tags import spell_tag
from openknowledge.model.values import Lang
from openknowledge.problems import ContentProblems, operator_problem, suggest_spelling
from openknowledge.project_files import FileLimits
from openknowledge.rendering.locale import find_locale, is_locale, is_timezone

from .inputs import SiteSettings
from .organization_setting import find_organization_mistakes, read_organization
from .routes import Routes

__all__ = ["CatalogueSettings", "check_fields", "read_fields"]

FILE = "pelicanconf.py"
DATA_PATHS = {
    "counters_json": "COUNTERS_JSON",
    "counter_json": "COUNTERS_COURSE_JSON",
    "history_csv": "COUNTERS_HISTORY_CSV",
    "search_json": "SEARCH_JSON",
    "web_manifest": "WEB_MANIFEST",
}
"""Where documents are for others than readers, and the settings that say so."""
ABSOLUTE = re.compile(r"https?:", re.IGNORECASE)
ADDRESSES = {
    "SITEURL": "Feeds and canonical addresses need it: https://courses.example.edu.",
    "COURSE_PORTAL": "A course of which no edition has an address leads to this list: https://www.example.edu/courses.",
}
"""Settings that are whole addresses, and what each is for."""


@dataclass(frozen=True, slots=True)
class CatalogueSettings:
    """The settings of the catalogue in `pelicanconf.py`.

    `BUILD_DATE` (YYYY-MM-DD, or with time and zone) is the moment that is built for, its day that of states; a day
    alone stands for its beginning in `TIMEZONE`, an empty one for the present.
    `LANGUAGES` are the languages of the interface, the default one first. `SITENAMES`, `TAGLINES`,
    `LOCALES` and `ROUTE_WORDS` are by language. With `KEEP_GOING`, which is for previews, items with problems are left
    out and the problems are written to `PROBLEMS_FILE` as JSON.
    """

    content: Path
    locale: Path
    today: date
    timezone: str
    locales: Mapping[Lang, str]
    routes: Routes
    site: SiteSettings
    keep_going: bool
    problems_file: Path | None
    reader: str = "markdown"
    limits: FileLimits = field(default_factory=FileLimits)
    exact_moment: datetime | None = None

    @property
    def moment(self) -> datetime:
        """Return the moment that is built for; `today` is its day."""
        return self.exact_moment or datetime.combine(self.today, time(), ZoneInfo(self.timezone))

    @classmethod
    def from_pelican(cls, settings: Mapping[str, Any]) -> Self:
        """Return the settings out of Pelican's; raises `ContentProblems` with all that is wrong with them."""
        problems = [operator_problem(FILE, None, *row) for row in _problems(settings)]
        if problems:
            raise ContentProblems(problems)
        langs = tuple(settings["LANGUAGES"])
        problems_file, moment = settings.get("PROBLEMS_FILE"), _moment(settings)
        patterns = {name: value for name, value in settings.items() if name.endswith(("_URL", "_SAVE_AS"))}
        return cls(
            content=Path(settings["PATH"]),
            locale=Path(settings["THEME"]) / "locale",
            today=moment.date(),
            timezone=settings["TIMEZONE"],
            locales=settings.get("LOCALES", {}),
            routes=Routes(patterns, langs[0], settings.get("ROUTE_WORDS", {})),
            site=_read_site(settings, langs),
            keep_going=bool(settings.get("KEEP_GOING")),
            problems_file=Path(problems_file) if problems_file else None,
            reader=settings.get("MARKDOWN_READER", "markdown"),
            exact_moment=moment,
            limits=_read_limits(settings),
        )


def _read_site(settings: Mapping[str, Any], langs: tuple[Lang, ...]) -> SiteSettings:
    """Return what pages and queries know of the settings."""
    site_url = settings["SITEURL"].rstrip("/")
    return SiteSettings(
        langs=langs,
        base_url=site_url,
        base_path=urlsplit(site_url).path.rstrip("/"),
        names=settings["SITENAMES"],
        taglines=settings["TAGLINES"],
        assets=settings.get("ASSETS", {}),
        page_size=settings.get("PAGE_SIZE", 24),
        stale_after_days=settings.get("COUNTERS_STALE_AFTER_DAYS", 400),
        license_url=settings["LICENSE_URL"],
        home_figures=tuple(settings.get("HOME_FIGURES", ())),
        search_is_on=bool(settings.get("SEARCH_IS_ON")),
        **{field: settings.get(name, "") for field, name in DATA_PATHS.items()},
        is_hidden=bool(settings.get("NOINDEX")),
        players=read_players(settings.get("PLAYERS", tuple(PLAYERS))),
        portal_url=settings["COURSE_PORTAL"],
        certificate_rule=settings.get("CERTIFICATE_RULE", {}),
        organization=read_organization(settings),
    )


def _moment(settings: Mapping[str, Any]) -> datetime:
    """Return the moment that is built for. Raises `ValueError` if `BUILD_DATE` is none."""
    text, zone = str(settings.get("BUILD_DATE") or ""), ZoneInfo(settings["TIMEZONE"])
    if not text:
        return datetime.now(zone)
    moment = parse_appearance(text, None)
    if moment.tzinfo is None and len(text) > len("2026-12-01"):
        raise ValueError("a time without its zone")
    return moment.replace(tzinfo=zone) if moment.tzinfo is None else moment.astimezone(zone)


def _problems(settings: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    """Yield each wrong setting: its name, what is wrong and what to write."""
    langs = settings.get("LANGUAGES")
    if not langs:
        yield "LANGUAGES", "the site has no language", 'Write the default language first: LANGUAGES = ("it", "en").'
        return
    yield from _language_problems(settings, langs)
    for name in ("SITENAMES", "TAGLINES"):
        missing = [lang for lang in langs if lang not in settings.get(name, {})]
        if missing:
            yield name, f"no text in {', '.join(missing)}", f'Write {name} = {{"{missing[0]}": "…"}}.'
    relative = [name for name in ADDRESSES if not ABSOLUTE.match(str(settings.get(name, "")))]
    yield from ((name, "this is not an absolute address", ADDRESSES[name]) for name in relative)
    reader = settings.get("MARKDOWN_READER", READERS[0])
    if reader not in READERS:
        yield "MARKDOWN_READER", "there is no such reader", f"Write one of: {READERS}."
    elif cure := check_reader(reader):
        yield "MARKDOWN_READER", f'the reader "{reader}" is not installed', cure
    if settings.get("BUILD_EXECUTOR", EXECUTORS[0]) not in EXECUTORS:
        yield "BUILD_EXECUTOR", "there is no such executor", f"Write one of: {EXECUTORS}."
    yield from _format_problems(settings)
    yield from find_organization_mistakes(settings)
    if not is_timezone(settings["TIMEZONE"]):
        return
    try:
        _moment(settings)
    except ValueError:
        hint = "Write it as YYYY-MM-DD, or with time and zone: 2026-12-01T18:00+01:00."
        yield "BUILD_DATE", f'"{settings.get("BUILD_DATE")}" is not a date', hint


def _read_limits(settings: Mapping[str, Any]) -> FileLimits:
    """Return the limits of the files of the content. Raises `ValueError` or `TypeError` if they are none."""
    megabytes = settings.get("FILE_SIZE_LIMITS", {})
    limits = FileLimits(**{kind: int(limit * 1024**2) for kind, limit in megabytes.items()})
    if min(limits) <= 0:
        raise ValueError("a limit that lets nothing through")
    return limits


def _language_problems(settings: Mapping[str, Any], langs: Sequence[Any]) -> Iterator[tuple[str, str, str]]:
    """Yield what is wrong with the languages of the site, and with how settings spell them."""
    for lang in langs:
        tag = spell_tag(str(lang))
        if tag is None:
            yield "LANGUAGES", f'"{lang}" is not the code of a language', "Write its BCP 47 code: it, pt-BR, zh-Hant."
        elif tag != lang:
            yield "LANGUAGES", f'"{lang}" is written "{tag}"', f'Write "{tag}".'
    if len(set(langs)) < len(langs):
        yield "LANGUAGES", "a language stands there twice", "Leave each of them once."
    for name in ("SITENAMES", "TAGLINES", "LOCALES", "ROUTE_WORDS"):
        for lang in settings.get(name, {}):
            if lang not in langs and (tag := spell_tag(str(lang))) in langs:
                yield name, f'"{lang}" is written "{tag}"', f'Write {name} = {{"{tag}": …}}.'
    yield from _locale_problems(settings.get("LOCALES", {}), langs)


def _locale_problems(locales: Mapping[str, str], langs: Sequence[Any]) -> Iterator[tuple[str, str, str]]:
    """Yield each language that nothing is known of how it writes dates and numbers."""
    for lang, locale in locales.items():
        if not is_locale(str(locale)):
            hint = "Write a language with a country: en_GB, it_IT, zh_Hant_TW."
            yield "LOCALES", f'"{locale}" (for "{lang}") is no locale that is known', hint
    for lang in langs:
        if lang not in locales and spell_tag(str(lang)) and find_locale(str(lang)) is None:
            hint = f'Say whose it takes: LOCALES = {{"{lang}": "it_IT"}}.'
            yield "LOCALES", f'nothing is known of how "{lang}" writes dates and numbers', hint


def _format_problems(settings: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    """Yield each wrong setting that says how a language or a list is written."""
    page_size, zone = settings.get("PAGE_SIZE", 24), settings["TIMEZONE"]
    if not isinstance(page_size, int) or page_size < 1:
        yield "PAGE_SIZE", f'"{page_size}" is not a number of entries', "Write a whole number, for example 24."
    try:
        read_players(settings.get("PLAYERS", ()))
    except (PlayerError, AttributeError, TypeError) as error:
        yield "PLAYERS", str(error), 'Write names, such as "youtube", and mappings with name, addresses and embed.'
    try:
        _read_limits(settings)
    except (AttributeError, TypeError, ValueError):
        hint = 'Write megabytes by kind: {"text": 2, "snapshot": 64, "picture": 20, "media": 512}.'
        yield "FILE_SIZE_LIMITS", "these are no limits", hint
    if not is_timezone(zone):
        yield "TIMEZONE", f'"{zone}" is no time zone', "Write it as Europe/Rome."


def read_fields(model: type, prefix: str, settings: Mapping[str, Any]) -> dict[str, Any]:
    """Return the settings that are fields of a class: `FEEDS_MAX_ITEMS` is `max_items` with the prefix `FEEDS_`."""
    names = ((field.name, prefix + field.name.upper()) for field in dataclasses.fields(model))
    return {field: settings[name] for field, name in names if name in settings}


def check_fields(
    model: type, prefix: str, settings: Iterable[str], wrong: Iterable[tuple[str, str, str]], known: Iterable[str] = ()
) -> None:
    """Raise `ContentProblems` for what is wrong: the name of each setting, a message and what to write.

    So is a setting with the prefix that is neither a field of the class nor one of the `known`.
    """
    names = (*(prefix + field.name.upper() for field in dataclasses.fields(model)), *known)
    unknown = [name for name in settings if name.startswith(prefix) and name not in names]
    rows = ((name, "there is no such setting", suggest_spelling(name, names)) for name in unknown)
    problems = [operator_problem(FILE, None, *row) for row in (*rows, *wrong)]
    if problems:
        raise ContentProblems(problems)
