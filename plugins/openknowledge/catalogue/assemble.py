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
from openknowledge.content.records import CrossCheck, IndexedRecord, RecordStore, unpack_checks
from openknowledge.content.snapshots import SnapshotTable
from openknowledge.engine.code_fingerprint import reading_fingerprint
from openknowledge.engine.digest import digest_bytes
from openknowledge.engine.file_stamps import FileTree, scan
from openknowledge.engine.workers.pool import WorkerPool
from openknowledge.model.values import Lang, Ref
from openknowledge.problems import Problem, suggest_spelling
from openknowledge.rendering.locale import Language

from .inputs import Inputs
from .kinds.kind import Kind
from .routes import Routes
from .settings import CatalogueSettings
from .site import Site

__all__ = ["AssembledSite", "FailedItem", "assemble"]

REF_HINT = "Write the name of the file or folder of an item that exists."
NUMBER_HINT = "Figures are defined in content/figures.yaml, each with its source."


@dataclass(frozen=True, slots=True)
class AssembledSite:
    """The site as far as it can be made, all problems of the run, and what had to be left out."""

    site: Site
    problems: tuple[Problem, ...]
    content: ContentIndex

    @property
    def failed_items(self) -> tuple[FailedItem, ...]:
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
    """Read what has changed below content/, and relate everything."""
    cache = cache or ParseCache(None)
    tree = tree or FileTree(settings.content, scan(settings.content), cache.extras.setdefault("files", {}))
    langs = settings.site.langs
    reading = ReadOptions(
        settings.content, tuple(langs), settings.reader, reading_fingerprint(kinds, langs, settings.reader)
    )
    rows = SnapshotTable(settings.content, tree, cache)
    library = load_content(tree, kinds, rows, reading, cache, pool or WorkerPool(None), progress)
    problems = [*rows.problems, *library.problems]
    courses = {*library.table.slugs("course"), *(ref.slug for ref in _broken_refs(library) if ref.kind == "course")}
    numbers, wrong = _numbers(settings, tree, courses, cache, reading.fingerprint)
    problems += wrong
    site = _site(settings, kinds, languages, library, numbers)
    problems += _relation_problems(site, library, numbers, cache, is_sound=not problems)
    tree.prune()
    cache.is_dirty = cache.is_dirty or tree.is_dirty
    return AssembledSite(site, tuple(problems), library)


def _site(
    settings: CatalogueSettings,
    kinds: Sequence[Kind],
    languages: Mapping[Lang, Language],
    library: ContentIndex,
    numbers: Numbers,
) -> Site:
    seen = _seen(library, settings.today.isoformat())
    series = numbers.series.among(library.table.slugs("course"))
    facts = Inputs(
        settings=settings.site,
        kinds=tuple(kinds),
        records=RecordStore(seen),
        figures=numbers.figures,
        series=series,
        languages=languages,
        routes=declare_routes(settings.routes, kinds),
        today=settings.today,
        file_index=FileIndex(library.table),
        file_index_digest=library.table.columns_digest("files"),
    )
    site = Site(facts)
    site.attach(facts.graph)
    return site


def _seen(library: ContentIndex, today: str) -> Mapping[Ref, IndexedRecord]:
    """The documents that somebody may see on a day (ISO 8601)."""
    embargoes = enumerate(library.table.column("embargo"))
    hidden = {library.table.refs[place] for place, until in embargoes if until is not None and until > today}
    if not hidden:
        return library.records
    return {ref: one for ref, one in library.records.items() if ref not in hidden}


def declare_routes(routes: Routes, kinds: Sequence[Kind]) -> Routes:
    """The routes of the settings, and those of kinds that they do not mention."""
    for kind in kinds:
        routes = routes.with_kind(kind.name, kind.plural)
    return routes


def _numbers(
    settings: CatalogueSettings, tree: FileTree, courses: Collection[str], cache: ParseCache, fingerprint: bytes
) -> tuple[Numbers, list[Problem]]:
    """Figures and series, from the cache if none of their files has changed."""
    langs = settings.site.langs
    parts = [
        b"numbers",
        fingerprint,
        str(settings.today).encode(),
        ",".join(langs).encode(),
        ",".join(sorted(courses)).encode(),
    ]
    for path in list_number_files(tree.stamps):
        parts += (path.encode(), tree.digest(path))
    key = digest_bytes(b"\0".join(parts))
    kept = cache.read_blob(key, 0) if cache.find(key) is not None else None
    with suppress(*CORRUPT_ERRORS):
        if kept is not None:
            return Numbers.load(kept), []
    numbers, problems = read_numbers(settings.content, langs, settings.today, courses)
    if not problems:
        cache.add(key, True, (numbers.dump(),))
    return numbers, problems


def _broken_refs(library: ContentIndex) -> set[Ref]:
    return {broken.ref for broken in library.failed}


def _relation_problems(
    site: Site, library: ContentIndex, numbers: Numbers, cache: ParseCache, is_sound: bool
) -> list[Problem]:
    """References, numbers and links that lead nowhere, and records that share an address.

    What was sound in an earlier build is so still, as long as everything is there that was there then.
    """
    columns, broken = library.table, library.failed
    refs: Collection[str] = columns.positions.keys()
    if broken:
        refs = {*refs, *map(str, _broken_refs(library))}
    files = site.inputs.file_index
    pages = {*files, *(path for one in broken for path in one.paths)} if broken else files
    names = set(site.fork().number_names())
    known = digest_bytes("\n".join((library.items_digest.hex(), *sorted(names))).encode())
    last = library.checkpoint
    is_known = last is not None and known == last.targets_digest
    unchecked = _in_doubt(library) if is_known else columns.names
    found = [
        problem
        for name in unchecked
        for one in load_checks(library, cache, (name,))
        if (problem := _wrong(one, refs, names, pages, numbers))
    ]
    partial = (one for several in library.failed_checks.values() for one in several)
    found += [problem for one in partial if (problem := _wrong(one, refs, names, pages, numbers))]
    now = _addresses(site)
    if last is None or now != last.urls_digest:
        found += _same_address(site)
    told = (library.discovery_digest, library.items_digest, known, now)
    is_news = bool(unchecked) or last is None or told != last.fingerprints
    if is_sound and not found and is_news and library.is_consistent:
        sources = {path: digest for path, (_, digest, _) in library.tree.known.items()}
        Checkpoint(*told, sources, columns).save(cache.extras)
        cache.is_dirty = True
    return found


def _in_doubt(library: ContentIndex) -> list[str]:
    """The items that are not as they were when all was sound."""
    keys = {str(ref): row.key for ref, row in library.checked_rows.items()}
    return [
        name for name, key in keys.items() if library.checkpoint is None or library.checkpoint.find_key(name) != key
    ]


def load_checks(library: ContentIndex, cache: ParseCache, items: Iterable[str]) -> Iterator[CrossCheck]:
    """What the files of some items take for granted; they go by their written references."""
    for name in items:
        found = cache.read_blob(library.find_key(name), CHECKS_BLOB)
        kept = _claims(found)
        yield from unpack_checks(library.reread(library.find_item(name)).checks) if kept is None else kept


def _claims(kept: bytes | None) -> tuple[CrossCheck, ...] | None:
    """The claims that were kept; None for bytes that are none."""
    with suppress(*CORRUPT_ERRORS):
        return unpack_checks(kept or b"")
    return None


def _wrong(
    claim: CrossCheck, refs: Collection[str], names: Collection[str], pages: Collection[str], numbers: Numbers
) -> Problem | None:
    """What is wrong with a claim, if anything."""
    if claim.type == "ref" and claim.target not in refs:
        kind, _, slug = claim.target.partition("/")
        near = suggest_spelling(slug, (one.partition("/")[2] for one in refs if one.partition("/")[0] == kind))
        message = f'there is no {kind or "item"} "{slug}"' + (f"; {near}" if near else "")
        return Problem(claim.path, claim.line, claim.field, message, REF_HINT)
    if claim.type == "number" and claim.target not in names:
        near = suggest_spelling(claim.shown, numbers.figures if claim.field else names)
        message = f'there is no number "{claim.shown}"' + (f"; {near}" if near else "")
        return Problem(claim.path, claim.line, claim.field, message, NUMBER_HINT)
    if claim.type == "page" and claim.target not in pages:
        message = f'the link "{claim.shown}" leads to a file that is no page of the site'
        return Problem(claim.path, claim.line, None, message, "Link to the file of an item.")
    return None


def _addresses(site: Site) -> bytes:
    """The digest of all that addresses are made of."""
    patterns = (sorted(site.routes.patterns.items()), [*site.langs], sorted(map(str, site.routes.words.items())))
    return digest_bytes(repr(patterns).encode() + site.inputs.table.columns_digest("url_parts"))


def _same_address(site: Site) -> Iterator[Problem]:
    taken: dict[str, Ref] = {}
    documents = site.inputs.records
    reading = site.fork()
    for ref in documents:
        for lang in site.langs:
            place = reading.record_route(documents.stub(ref), lang).save_as
            first = taken.setdefault(place.lower(), ref)
            if first is not ref:
                path = next(iter(documents.by_ref[ref].files), str(ref))
                other = next(iter(documents.by_ref[first].files), str(first))
                message = f'the address "/{place.removesuffix("index.html")}" is already that of {other}'
                yield Problem(path, None, "slug", message, 'Give one of the two another "slug:".')
                break
