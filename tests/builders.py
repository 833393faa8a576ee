"""The shortest valid content, plus overrides: what most tests begin with."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from babel.support import NullTranslations

from openknowledge.catalogue.assemble import AssembledSite, assemble, create_site
from openknowledge.catalogue.findings import find_problems
from openknowledge.catalogue.inputs import Inputs
from openknowledge.catalogue.kind import Kind
from openknowledge.catalogue.kinds import KINDS
from openknowledge.catalogue.routes import Routes
from openknowledge.catalogue.settings import CatalogueSettings
from openknowledge.catalogue.site import Site, SiteSettings
from openknowledge.content.checks import collect_checks
from openknowledge.content.item_table import ItemTable
from openknowledge.content.numbers import SeriesTable
from openknowledge.content.read_item import describe_record
from openknowledge.content.records import RecordStore, make_stub
from openknowledge.engine.digest import canonical_bytes
from openknowledge.model.course import Course, CourseRun, CourseWords
from openknowledge.model.numbers import EnrollmentSeries, Figure
from openknowledge.model.values import Record, Ref
from openknowledge.rendering.locale import Language

TODAY = date(2026, 1, 1)
LANGS = ("it", "en")

COURSE = """---
title: Algebra lineare
abstract: Vettori e matrici dall'inizio.
---
Un testo.
"""


def a_run(starts: str | None = None, ends: str | None = None, **facts: object) -> CourseRun:
    """A run, by its dates."""
    facts.setdefault("key", f"course-v1:Test+{starts}")
    facts.setdefault("label", starts or "edition")
    return CourseRun(
        starts=date.fromisoformat(starts) if starts else None,
        ends=date.fromisoformat(ends) if ends else None,
        **facts,  # type: ignore[arg-type]
    )


def a_course(slug: str = "linear-algebra", **facts: object) -> Course:
    """A course with a title in Italian."""
    words = facts.pop("words", {"it": CourseWords(title=slug.replace("-", " ").title())})
    return Course(slug=slug, words=words, **facts)  # type: ignore[arg-type]


def a_language(code: str = "it") -> Language:
    """A language without a catalogue of words: messages stay as they are, numbers and dates do not."""
    return Language(code, NullTranslations(), ZoneInfo("Europe/Rome"))


def site_settings(**changes: object) -> SiteSettings:
    defaults: dict[str, object] = {
        "langs": LANGS,
        "base_url": "https://example.edu",
        "base_path": "",
        "names": {"it": "Sito", "en": "Site"},
        "taglines": {"it": "Aperto", "en": "Open"},
        "assets": {},
        "page_size": 24,
        "stale_after_days": 400,
        "license_url": "https://creativecommons.org/licenses/by/4.0/",
        "home_figures": (),
        "portal_url": "https://portal.example.edu/courses",
    }
    return SiteSettings(**{**defaults, **changes})  # type: ignore[arg-type]


def settings_for(content: Path, today: date = TODAY, **changes: object) -> CatalogueSettings:
    """The catalogue's settings for a folder of content."""
    return CatalogueSettings(
        content=content,
        locale=content / "no-locale",
        today=today,
        timezone="Europe/Rome",
        locales={},
        routes=Routes({}, "it", {}),
        site=site_settings(**changes),
        keep_going=False,
        problems_file=None,
    )


def a_site(
    *records: Record,
    today: date = TODAY,
    moment: datetime | None = None,
    kinds: tuple[Kind, ...] = KINDS,
    figures: tuple[Figure, ...] = (),
    series: tuple[EnrollmentSeries, ...] = (),
    file_index: dict[str, Ref] | None = None,
    **changes: object,
) -> Site:
    """A site of these records and numbers."""
    inputs = Inputs(
        settings=site_settings(**changes),
        kinds=kinds,
        records=a_record_store(*records),
        figures={one.name: one for one in figures},
        series=SeriesTable.of({one.course: one for one in series}),
        languages={lang: a_language(lang) for lang in LANGS},
        routes=Routes({}, "it", {}).with_kinds([(kind.name, kind.plural) for kind in kinds]),
        moment=moment or datetime.combine(today, time(), UTC),
        file_index=file_index or {},
    )
    return create_site(inputs)


def list_pages(kind: Kind, site: Site, lang: str) -> list[Any]:
    """Every page of a kind's lists, each made by itself."""
    keys = [(one, key) for one in kind.lists for key in one.page_keys(site.fork(), lang, kind.name)]
    return [one.view(site.fork(), lang, kind.name, *key) for one, key in keys]


def a_record_store(*records: Record) -> RecordStore:
    """The records as a site has them."""
    rows = {}
    for record in records:
        stub, full = canonical_bytes(make_stub(record)), canonical_bytes(record)
        rows[record.ref] = describe_record(record, stub, full, collect_checks(record, {}), {})
    by_name = {str(record.ref): record for record in records}
    return RecordStore(ItemTable.from_rows(rows), lambda name: make_stub(by_name[name]), by_name.__getitem__)


def write(root: Path, files: dict[str, str | bytes]) -> Path:
    """Write files below `root`/content and return that folder."""
    content = root / "content"
    content.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        path = content / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode() if isinstance(text, str) else text)
    return content


def assembled(
    root: Path,
    files: dict[str, str | bytes],
    today: date = TODAY,
    moment: datetime | None = None,
    kinds: tuple[Kind, ...] = KINDS,
    languages: dict[str, Language] | None = None,
) -> AssembledSite:
    """Return what the catalogue makes of these files."""
    content = write(root, files)
    languages = languages or {lang: a_language(lang) for lang in LANGS}
    return assemble(settings_for(content, today), kinds, languages)


def problems(root: Path, files: dict[str, str | bytes], today: date = TODAY) -> list[str]:
    """The problems of these files, as an editor reads them."""
    return sorted(str(problem) for problem in find_problems(assembled(root, files, today), {"PLUGINS": ()}))
