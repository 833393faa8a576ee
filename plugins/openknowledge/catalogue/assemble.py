"""All that was read becomes one Site; what does not fit together becomes Problems."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from openknowledge.content.checkpoint import Checkpoint, ContentDigests
from openknowledge.content.cross_checks import CrossCheck
from openknowledge.content.item_table import FileIndex, ItemTable
from openknowledge.content.loader import ContentIndex, FailedItem, load_content
from openknowledge.content.numbers import Numbers, load_numbers
from openknowledge.content.parse_cache import ParseCache
from openknowledge.content.read_options import ReadOptions
from openknowledge.content.records import RecordStore
from openknowledge.content.snapshots import SnapshotTable
from openknowledge.engine.digest import digest_bytes
from openknowledge.engine.file_stamps import FileTree, scan
from openknowledge.engine.workers.pool import WorkerPool
from openknowledge.model.values import Lang, Ref
from openknowledge.problems import Problem, suggest_spelling
from openknowledge.progress import ProgressCallback
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
    reading = ReadOptions.create(settings.content, langs, settings.reader, kinds)
    rows = SnapshotTable(settings.content, tree, cache)
    library = load_content(tree, rows, reading, cache, pool or WorkerPool(None), progress)
    problems = [*rows.problems, *library.problems]
    courses = {*library.table.slugs("course"), *(ref.slug for ref in _broken_refs(library) if ref.kind == "course")}
    numbers, wrong = load_numbers(tree, cache, langs, settings.today, courses)
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
    series = numbers.series.among(library.table.slugs("course"))
    facts = Inputs(
        settings=settings.site,
        kinds=tuple(kinds),
        records=_published_records(library, settings.today.isoformat()),
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


def _published_records(library: ContentIndex, today: str) -> RecordStore:
    """Return the records without those that are under embargo on a day (ISO 8601)."""
    table = library.table
    is_hidden = [until is not None and until > today for until in table.column("embargo")]
    if not any(is_hidden):
        return library.records
    rows = zip(table.refs, table.rows(), is_hidden, strict=True)
    return library.select_records(ItemTable.from_rows({ref: row for ref, row, hidden in rows if not hidden}))


def declare_routes(routes: Routes, kinds: Sequence[Kind]) -> Routes:
    """The routes of the settings, and those of kinds that they do not mention."""
    for kind in kinds:
        routes = routes.with_kind(kind.name, kind.plural)
    return routes


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
    is_known = last is not None and known == last.digests.targets
    unchecked = library.unverified_items() if is_known else columns.names
    found = [
        problem
        for name in unchecked
        for one in library.load_checks(name)
        if (problem := _wrong(one, refs, names, pages, numbers))
    ]
    partial = (one for several in library.failed_checks.values() for one in several)
    found += [problem for one in partial if (problem := _wrong(one, refs, names, pages, numbers))]
    now = _addresses(site)
    if last is None or now != last.digests.urls:
        found += _same_address(site)
    told = ContentDigests(library.discovery_digest, library.items_digest, known, now)
    is_news = bool(unchecked) or last is None or told != last.digests
    if is_sound and not found and is_news and library.is_consistent:
        sources = {path: digest for path, (_, digest, _) in library.tree.known.items()}
        Checkpoint(told, sources, columns).save(cache.extras)
        cache.is_dirty = True
    return found


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
                path = next(iter(documents.files(ref)), str(ref))
                other = next(iter(documents.files(first)), str(first))
                message = f'the address "/{place.removesuffix("index.html")}" is already that of {other}'
                yield Problem(path, None, "slug", message, 'Give one of the two another "slug:".')
                break
