"""All that was read becomes one Site; what does not fit together becomes Problems."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .frontmatter import Located
from .kinds.kind import Kind
from .language import Language
from .model.values import Lang, Record, Ref
from .numbers.reading import read_numbers
from .parse import field_name, validated
from .problems import Problem, did_you_mean
from .prose import number_names, targets
from .reading import Broken, Content, Progress, read_content
from .references import figure_names, references
from .settings import CatalogueSettings
from .site import Site
from .snapshots import SnapshotRow, read_snapshots
from .texts import within
from .views.numbers import number_names as known_numbers


@dataclass(frozen=True, slots=True)
class Assembled:
    """The site as far as it can be made, all problems of the run, and what had to be left out."""

    site: Site
    problems: tuple[Problem, ...]
    broken: tuple[Broken, ...]


def assemble(
    settings: CatalogueSettings,
    kinds: Sequence[Kind],
    languages: Mapping[Lang, Language],
    progress: Progress | None = None,
) -> Assembled:
    """Read everything below content/ and relate it."""
    rows, problems = read_snapshots(settings.content)
    by_ref = {Ref(row.kind, row.slug): row for row in rows}
    langs = settings.site.langs
    content = read_content(settings.content, kinds, langs, by_ref, progress)
    problems.extend(content.problems)
    names = {kind.name: kind for kind in kinds}
    for ref, row in by_ref.items():
        if ref not in content.records and ref.kind in names:
            problems.extend(_add_row(content, names[ref.kind], row))
    courses = {ref.slug for ref in content.records if ref.kind == "course"}
    courses |= {broken.ref.slug for broken in content.broken if broken.ref.kind == "course"}
    figures, series, wrong = read_numbers(settings.content, langs, settings.today, courses)
    problems.extend(wrong)
    routes = settings.routes
    for kind in kinds:
        routes = routes.declare(kind.name, kind.plural)
    site = Site(
        settings=settings.site,
        kinds=tuple(kinds),
        records={ref: record for ref, record in sorted(content.records.items()) if not _is_embargoed(record, settings)},
        figures=figures,
        series={course: one for course, one in sorted(series.items()) if Ref("course", course) in content.records},
        languages=languages,
        routes=routes,
        today=settings.today,
        file_refs=_file_refs(content),
    )
    problems.extend(relation_problems(site, content))
    return Assembled(site, tuple(problems), tuple(content.broken))


def relation_problems(site: Site, content: Content) -> Iterator[Problem]:
    """References, numbers and links that lead nowhere, and records that share an address."""
    known = set(content.records) | {broken.ref for broken in content.broken}
    numbers = {*known_numbers(site), *(f"counter:{broken.ref}" for broken in content.broken)}
    pages = {*site.file_refs, *(path for broken in content.broken for path in broken.paths)}
    whole = {ref: (record, content.origins.get(ref, {})) for ref, record in content.records.items()}
    for ref, (record, located) in {**whole, **content.partial}.items():
        elsewhere = content.rows.get(ref) or Located(next(iter(record.files), ""), {}, {})
        facts = next(iter(located.values()), elsewhere)
        yield from _dangling(record, known, facts)
        for place, name in figure_names(record):
            if f"figure:{name}" not in numbers:
                yield _unknown_number(name, site.figures, facts.path, facts.line_of(place), field_name(place))
        for lang, front in located.items():
            yield from _unknown_numbers_in_prose(record, lang, front, numbers)
            yield from _links_to_nothing(record, lang, front, pages)
    yield from _same_address(site)


def _add_row(content: Content, kind: Kind, row: SnapshotRow) -> list[Problem]:
    """A record that has no file of its own; Problems where the snapshot's line is not one."""
    record = validated(kind.model, {"slug": row.slug, **row.data}, row.where)
    if isinstance(record, tuple):
        return list(record)
    content.records[record.ref] = record
    content.origins[record.ref] = {}
    content.rows[record.ref] = row.where
    return []


def _is_embargoed(record: Record, settings: CatalogueSettings) -> bool:
    until: Any = getattr(record, "embargo", None)
    return until is not None and until > settings.today


def _file_refs(content: Content) -> dict[str, Ref]:
    return {front.path: ref for ref, located in content.origins.items() for front in located.values()}


def _dangling(record: Record, known: Collection[Ref], where: Located) -> Iterator[Problem]:
    for place, target in references(record):
        if target not in known:
            near = did_you_mean(target.slug, (ref.slug for ref in known if ref.kind == target.kind))
            message = f'there is no {target.kind or "item"} "{target.slug}"' + (f"; {near}" if near else "")
            hint = "Write the name of the file or folder of an item that exists."
            yield Problem(where.path, where.line_of(place), field_name(place), message, hint)


def _unknown_number(name: str, known: Collection[str], path: str, line: int | None, field: str | None) -> Problem:
    near = did_you_mean(name, known)
    message = f'there is no number "{name}"' + (f"; {near}" if near else "")
    return Problem(path, line, field, message, "Figures are defined in content/figures.yaml, each with its source.")


def _unknown_numbers_in_prose(
    record: Record, lang: Lang, front: Located, numbers: Collection[str]
) -> Iterator[Problem]:
    for name in number_names(record.words[lang].body):
        if name not in numbers:
            yield _unknown_number(name, numbers, front.path, front.body_line_of(name), None)


def _links_to_nothing(record: Record, lang: Lang, front: Located, pages: Collection[str]) -> Iterator[Problem]:
    """Links to Markdown files that are there but are no item of the site."""
    for _, target in targets(record.words[lang].body):
        wanted = target.partition("#")[0].partition("}")[2] if target.startswith("{") else ""
        if wanted.endswith(".md") and within(front.path, wanted) not in pages:
            message = f'the link "{target}" leads to a file that is no page of the site'
            yield Problem(front.path, front.body_line_of(wanted), None, message, "Link to the file of an item.")


def _same_address(site: Site) -> Iterator[Problem]:
    taken: dict[str, Record] = {}
    for record in site.records.values():
        for lang in site.langs:
            place = site.record_route(record, lang).save_as
            first = taken.setdefault(place.lower(), record)
            if first is not record:
                path = next(iter(record.files), str(record.ref))
                other = next(iter(first.files), str(first.ref))
                message = f'the address "/{place.removesuffix("index.html")}" is already that of {other}'
                yield Problem(path, None, "slug", message, 'Give one of the two another "slug:".')
                break
