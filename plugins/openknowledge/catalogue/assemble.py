"""All that was read becomes one Site; what does not fit together becomes Problems."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

from openknowledge.content.checkpoint import Checkpoint
from openknowledge.content.item_table import FileIndex
from openknowledge.content.loader import (
    CHECKS_BLOB,
    CORRUPT_ERRORS,
    ContentIndex,
    FailedItem,
    ProgressCallback,
    ReadOptions,
    load_content,
)
from openknowledge.content.numbers.loader import Numbers, list_number_files, read_numbers
from openknowledge.content.parse_cache import ParseCache
from openknowledge.content.records import CrossCheck, IndexedRecord, RecordStore, unpack_checks, unpickle_record
from openknowledge.content.snapshots import SnapshotTable
from openknowledge.engine.code_fingerprint import reading_fingerprint
from openknowledge.engine.digest import canonical_bytes, digest_bytes
from openknowledge.engine.file_stamps import FileTree, scan
from openknowledge.engine.query_graph import QueryGraph
from openknowledge.engine.workers.pool import WorkerPool
from openknowledge.model.values import Lang, Ref
from openknowledge.problems import Problem, suggest_spelling
from openknowledge.rendering.locale import Language

from .inputs import Inputs
from .kind import Kind
from .queries import PERSISTED, QUERIES
from .routes import Routes
from .settings import CatalogueSettings
from .site import Site

__all__ = ["AssembledSite", "FailedItem", "assemble", "create_site", "declare_routes"]

REF_HINT = "Write the name of the file or folder of an item that exists."
NUMBER_HINT = "Figures are defined in content/figures.yaml, each with its source."


@dataclass(frozen=True, slots=True)
class AssembledSite:
    """The site without the items that have problems, and all problems of the build."""

    site: Site
    problems: tuple[Problem, ...]
    content: ContentIndex

    @property
    def failed_items(self) -> tuple[FailedItem, ...]:
        """Return the items that could not be read."""
        return tuple(self.content.failed)


def assemble(
    settings: CatalogueSettings,
    kinds: Sequence[Kind],
    languages: Mapping[Lang, Language],
    progress: ProgressCallback | None = None,
    cache: ParseCache | None = None,
    pool: WorkerPool | None = None,
    tree: FileTree | None = None,
) -> AssembledSite:
    """Read what has changed below content/, make the site of it and check all that items say of each other."""
    cache = cache or ParseCache(None)
    tree = tree or FileTree(settings.content, scan(settings.content), cache.extras.setdefault("files", {}))
    langs = settings.site.langs
    reading = ReadOptions(
        settings.content, tuple(langs), settings.reader, reading_fingerprint(kinds, langs, settings.reader)
    )
    snapshots = SnapshotTable(settings.content, tree, cache)
    content = load_content(tree, kinds, snapshots, reading, cache, pool or WorkerPool(None), progress)
    problems = [*snapshots.problems, *content.problems]
    failed_courses = {item.ref.slug for item in content.failed if item.ref.kind == "course"}
    numbers, number_problems = _read_numbers(settings, tree, {*content.table.slugs("course"), *failed_courses}, cache)
    problems += number_problems
    file_index = FileIndex(content.table)
    site = _create_site(settings, kinds, languages, content, file_index, numbers)
    problems += _check_relations(site, content, file_index, numbers, cache, is_sound=not problems)
    tree.prune()
    cache.is_dirty = cache.is_dirty or tree.is_dirty
    return AssembledSite(site, tuple(problems), content)


def _create_site(
    settings: CatalogueSettings,
    kinds: Sequence[Kind],
    languages: Mapping[Lang, Language],
    content: ContentIndex,
    file_index: FileIndex,
    numbers: Numbers,
) -> Site:
    courses = set(content.table.slugs("course"))
    return create_site(
        Inputs(
            settings=settings.site,
            kinds=tuple(kinds),
            records=RecordStore(_visible_on(settings.today.isoformat(), content)),
            figures=numbers.figures,
            series={course: series for course, series in sorted(numbers.series.items()) if course in courses},
            languages=languages,
            routes=declare_routes(settings.routes, kinds),
            today=settings.today,
            file_index=file_index,
            file_index_digest=content.table.columns_digest("files"),
            changed_fields={str(ref): fields for ref, fields in content.changed_fields.items()},
        )
    )


def create_site(inputs: Inputs) -> Site:
    """Return the site of some inputs, with the catalogue's queries and a query graph of its own."""
    site = Site(inputs)
    for name, function in QUERIES.items():
        site.register_query(name, function, persist=name in PERSISTED)
    site.attach(QueryGraph())
    return site


def _visible_on(day: str, content: ContentIndex) -> Mapping[Ref, IndexedRecord]:
    """Return the records whose embargo has ended on a day (ISO 8601)."""
    embargoes = enumerate(content.table.column("embargo"))
    hidden = {content.table.refs[number] for number, until in embargoes if until is not None and until > day}
    if not hidden:
        return content.records
    return {ref: record for ref, record in content.records.items() if ref not in hidden}


def declare_routes(routes: Routes, kinds: Sequence[Kind]) -> Routes:
    """Return the routes of the settings, and those of kinds that they do not mention."""
    for kind in kinds:
        routes = routes.with_kind(kind.name, kind.plural)
    return routes


def _read_numbers(
    settings: CatalogueSettings, tree: FileTree, courses: Collection[str], cache: ParseCache
) -> tuple[Numbers, list[Problem]]:
    """Return figures and series, from the cache if none of their files has changed."""
    langs = settings.site.langs
    parts = [b"numbers", str(settings.today).encode(), ",".join(langs).encode(), ",".join(sorted(courses)).encode()]
    for path in list_number_files(tree.stamps):
        parts += (path.encode(), tree.digest(path))
    key = digest_bytes(b"\0".join(parts))
    cached = cache.read_blob(key, 0) if cache.find(key) is not None else None
    with suppress(*CORRUPT_ERRORS):
        if cached is not None:
            return Numbers(*unpickle_record(cached)), []
    numbers, problems = read_numbers(settings.content, langs, settings.today, courses)
    if not problems:
        cache.add(key, True, (canonical_bytes((numbers.figures, numbers.series)),))
    return numbers, problems


def _check_relations(
    site: Site, content: ContentIndex, file_index: FileIndex, numbers: Numbers, cache: ParseCache, is_sound: bool
) -> list[Problem]:
    """Return references, numbers and links that lead nowhere, and records that share a path.

    A check that succeeded in an earlier build still does, as long as every target of then is there.
    """
    table, last = content.table, content.checkpoint
    number_names = set(site.fork().number_names())
    known = digest_bytes("\n".join((content.items_digest.hex(), *sorted(number_names))).encode())
    has_same_targets = last is not None and known == last.targets_digest
    unchecked = _unchecked_items(content) if has_same_targets else table.names
    failed = content.failed
    targets = _Targets(
        refs={*table.positions, *(str(item.ref) for item in failed)} if failed else table.positions,
        pages={*file_index, *(path for item in failed for path in item.paths)} if failed else file_index,
        names=number_names,
        figures=numbers.figures,
    )
    problems = list(_failed_checks(load_checks(content, cache, unchecked), targets))
    problems += _failed_checks((check for checks in content.failed_checks.values() for check in checks), targets)
    addresses = _digest_addresses(site)
    if last is None or addresses != last.urls_digest:
        problems += _shared_paths(site.fork())
    digests = (content.discovery_digest, content.items_digest, known, addresses)
    is_new = bool(unchecked) or last is None or digests != last.fingerprints
    if is_sound and not problems and is_new and content.is_consistent:
        sources = {path: digest for path, (_, digest, _) in content.tree.known.items()}
        Checkpoint(*digests, sources, table).save(cache.extras)
        cache.is_dirty = True
    return problems


def _unchecked_items(content: ContentIndex) -> list[str]:
    """Return the items that are not as they were in the last sound build."""
    keys = {str(ref): row.key for ref, row in content.checked_rows.items()}
    return [
        name for name, key in keys.items() if content.checkpoint is None or content.checkpoint.find_key(name) != key
    ]


def load_checks(content: ContentIndex, cache: ParseCache, items: Iterable[str]) -> Iterator[CrossCheck]:
    """Yield what the files of some items, by their written references, take for granted of other files."""
    for name in items:
        checks = _parse_checks(cache.read_blob(content.find_key(name), CHECKS_BLOB))
        yield from unpack_checks(content.reread(content.find_item(name)).checks) if checks is None else checks


def _parse_checks(data: bytes | None) -> tuple[CrossCheck, ...] | None:
    """Return the checks of a cache; None for bytes that are none."""
    with suppress(*CORRUPT_ERRORS):
        return unpack_checks(data or b"")
    return None


@dataclass(frozen=True, slots=True)
class _Targets:
    """What items can point at: written references, Markdown files, names of numbers."""

    refs: Collection[str]
    pages: Collection[str]
    names: Collection[str]
    figures: Collection[str]


def _failed_checks(checks: Iterable[CrossCheck], targets: _Targets) -> Iterator[Problem]:
    """Yield a problem for each check whose target is not there."""
    for check in checks:
        if check.type == "ref" and check.target not in targets.refs:
            kind, _, slug = check.target.partition("/")
            near = suggest_spelling(slug, (ref.partition("/")[2] for ref in targets.refs if ref.startswith(f"{kind}/")))
            message = f'there is no {kind or "item"} "{slug}"' + (f"; {near}" if near else "")
            yield Problem(check.path, check.line, check.field, message, REF_HINT)
        elif check.type == "number" and check.target not in targets.names:
            near = suggest_spelling(check.shown, targets.figures if check.field else targets.names)
            message = f'there is no number "{check.shown}"' + (f"; {near}" if near else "")
            yield Problem(check.path, check.line, check.field, message, NUMBER_HINT)
        elif check.type == "page" and check.target not in targets.pages:
            message = f'the link "{check.shown}" leads to a file that is no page of the site'
            yield Problem(check.path, check.line, None, message, "Link to the file of an item.")


def _digest_addresses(site: Site) -> bytes:
    """Return the digest of all that paths are made of."""
    patterns = (sorted(site.routes.patterns.items()), [*site.langs], sorted(map(str, site.routes.words.items())))
    return digest_bytes(repr(patterns).encode() + (site.digest_input("url-parts") or b""))


def _shared_paths(site: Site) -> Iterator[Problem]:
    """Yield a problem for each record whose page has the path of another record's page."""
    owners: dict[str, Ref] = {}
    for ref in site.refs():
        for lang in site.langs:
            save_as = site.route_of(ref, lang).save_as
            owner = owners.setdefault(save_as.lower(), ref)
            if owner is not ref:
                path = next(iter(site.files_of(ref)), str(ref))
                other = next(iter(site.files_of(owner)), str(owner))
                message = f'the address "/{save_as.removesuffix("index.html")}" is already that of {other}'
                yield Problem(path, None, "slug", message, 'Give one of the two another "slug:".')
                break
