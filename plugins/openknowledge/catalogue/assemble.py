"""All that was read becomes one Site; what does not fit together becomes Problems."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

from openknowledge.content.checkpoint import Sound
from openknowledge.content.item_table import FileRefs
from openknowledge.content.loader import BROKEN, CLAIMS, Broken, Library, Progress, Reading, read_library
from openknowledge.content.numbers.loader import Numbers, number_files, read_numbers
from openknowledge.content.parse_cache import ReadingCache
from openknowledge.content.records import Claim, Document, Documents, claims_kept, revived
from openknowledge.content.snapshots import Rows
from openknowledge.engine.code_fingerprint import reading_fingerprint
from openknowledge.engine.digest import canonical_bytes, digest_bytes
from openknowledge.engine.file_stamps import FileTree, scan
from openknowledge.engine.workers.pool import WorkerPool
from openknowledge.model.values import Lang, Ref
from openknowledge.problems import Problem, did_you_mean
from openknowledge.rendering.locale import Language

from .inputs import Facts
from .kinds.kind import Kind
from .routes import Routes
from .settings import CatalogueSettings
from .site import Site

__all__ = ["Assembled", "Broken", "assemble"]

REF_HINT = "Write the name of the file or folder of an item that exists."
NUMBER_HINT = "Figures are defined in content/figures.yaml, each with its source."


@dataclass(frozen=True, slots=True)
class Assembled:
    """The site as far as it can be made, all problems of the run, and what had to be left out."""

    site: Site
    problems: tuple[Problem, ...]
    library: Library

    @property
    def broken(self) -> tuple[Broken, ...]:
        return tuple(self.library.broken)


def assemble(
    settings: CatalogueSettings,
    kinds: Sequence[Kind],
    languages: Mapping[Lang, Language],
    progress: Progress | None = None,
    cache: ReadingCache | None = None,
    hands: WorkerPool | None = None,
    tree: FileTree | None = None,
) -> Assembled:
    """Read what has changed below content/, and relate everything."""
    cache = cache or ReadingCache(None)
    tree = tree or FileTree(settings.content, scan(settings.content), cache.memory.setdefault("files", {}))
    langs = settings.site.langs
    reading = Reading(
        settings.content, tuple(langs), settings.reader, reading_fingerprint(kinds, langs, settings.reader)
    )
    rows = Rows(settings.content, tree, cache)
    library = read_library(tree, kinds, rows, reading, cache, hands or WorkerPool(None), progress)
    problems = [*rows.problems, *library.problems]
    courses = {*library.columns.slugs("course"), *(ref.slug for ref in _broken_refs(library) if ref.kind == "course")}
    numbers, wrong = _numbers(settings, tree, courses, cache)
    problems += wrong
    site = _site(settings, kinds, languages, library, numbers)
    problems += _relation_problems(site, library, numbers, cache, is_sound=not problems)
    tree.prune()
    cache.has_news = cache.has_news or tree.is_dirty
    return Assembled(site, tuple(problems), library)


def _site(
    settings: CatalogueSettings,
    kinds: Sequence[Kind],
    languages: Mapping[Lang, Language],
    library: Library,
    numbers: Numbers,
) -> Site:
    seen = _seen(library, settings.today.isoformat())
    series = {
        course: one for course, one in sorted(numbers.series.items()) if Ref("course", course) in library.documents
    }
    facts = Facts(
        settings=settings.site,
        kinds=tuple(kinds),
        documents=Documents(seen),
        figures=numbers.figures,
        series=series,
        languages=languages,
        routes=routes_of(settings.routes, kinds),
        today=settings.today,
        file_refs=FileRefs(library.columns),
        file_refs_digest=library.columns.fingerprint("files"),
    )
    site = Site(facts)
    site.begin(facts.book)
    return site


def _seen(library: Library, today: str) -> Mapping[Ref, Document]:
    """The documents that somebody may see on a day (ISO 8601)."""
    embargoes = enumerate(library.columns.column("embargo"))
    hidden = {library.columns.refs[place] for place, until in embargoes if until is not None and until > today}
    if not hidden:
        return library.documents
    return {ref: one for ref, one in library.documents.items() if ref not in hidden}


def routes_of(routes: Routes, kinds: Sequence[Kind]) -> Routes:
    """The routes of the settings, and those of kinds that they do not mention."""
    for kind in kinds:
        routes = routes.declare(kind.name, kind.plural)
    return routes


def _numbers(
    settings: CatalogueSettings, tree: FileTree, courses: Collection[str], cache: ReadingCache
) -> tuple[Numbers, list[Problem]]:
    """Figures and series, from the cache if none of their files has changed."""
    langs = settings.site.langs
    parts = [b"numbers", str(settings.today).encode(), ",".join(langs).encode(), ",".join(sorted(courses)).encode()]
    for path in number_files(tree.stamps):
        parts += (path.encode(), tree.digest(path))
    key = digest_bytes(b"\0".join(parts))
    kept = cache.blob(key, 0) if cache.find(key) is not None else None
    with suppress(*BROKEN):
        if kept is not None:
            return Numbers(*revived(kept)), []
    numbers, problems = read_numbers(settings.content, langs, settings.today, courses)
    if not problems:
        cache.add(key, True, (canonical_bytes((numbers.figures, numbers.series)),))
    return numbers, problems


def _broken_refs(library: Library) -> set[Ref]:
    return {broken.ref for broken in library.broken}


def _relation_problems(
    site: Site, library: Library, numbers: Numbers, cache: ReadingCache, is_sound: bool
) -> list[Problem]:
    """References, numbers and links that lead nowhere, and records that share an address.

    What was sound in an earlier build is so still, as long as everything is there that was there then.
    """
    columns, broken = library.columns, library.broken
    refs = columns.numbers.keys() | {str(ref) for ref in _broken_refs(library)} if broken else columns.numbers.keys()
    files = site.facts.file_refs
    pages = {*files, *(path for one in broken for path in one.paths)} if broken else files
    names = set(site.reading().number_names())
    known = digest_bytes("\n".join((library.listed.hex(), *sorted(names))).encode())
    last = library.last
    is_known = last is not None and known == last.known
    unchecked = _in_doubt(library) if is_known else columns.names
    found = [
        problem
        for name in unchecked
        for one in claims(library, cache, (name,))
        if (problem := _wrong(one, refs, names, pages, numbers))
    ]
    partial = (one for several in library.partial_claims.values() for one in several)
    found += [problem for one in partial if (problem := _wrong(one, refs, names, pages, numbers))]
    now = _addresses(site)
    if last is None or now != last.addresses:
        found += _same_address(site)
    told = (library.listing, library.listed, known, now)
    is_news = bool(unchecked) or last is None or told != last.told
    if is_sound and not found and is_news and library.is_steady:
        sources = {path: digest for path, (_, digest, _) in library.tree.known.items()}
        Sound(*told, sources, columns).keep(cache.memory)
        cache.has_news = True
    return found


def _in_doubt(library: Library) -> list[str]:
    """The items that are not as they were when all was sound."""
    keys = {str(ref): row.key for ref, row in library.rows.items()}
    return [name for name, key in keys.items() if library.last is None or library.last.key_of(name) != key]


def claims(library: Library, cache: ReadingCache, items: Iterable[str]) -> Iterator[Claim]:
    """What the files of some items take for granted; they go by their written references."""
    for name in items:
        found = cache.blob(library.key(name), CLAIMS)
        kept = _claims(found)
        yield from claims_kept(library.anew(library.item(name)).claims) if kept is None else kept


def _claims(kept: bytes | None) -> tuple[Claim, ...] | None:
    """The claims that were kept; None for bytes that are none."""
    with suppress(*BROKEN):
        return claims_kept(kept or b"")
    return None


def _wrong(
    claim: Claim, refs: Collection[str], names: Collection[str], pages: Collection[str], numbers: Numbers
) -> Problem | None:
    """What is wrong with a claim, if anything."""
    if claim.sort == "ref" and claim.target not in refs:
        kind, _, slug = claim.target.partition("/")
        near = did_you_mean(slug, (one.partition("/")[2] for one in refs if one.partition("/")[0] == kind))
        message = f'there is no {kind or "item"} "{slug}"' + (f"; {near}" if near else "")
        return Problem(claim.path, claim.line, claim.field, message, REF_HINT)
    if claim.sort == "number" and claim.target not in names:
        near = did_you_mean(claim.shown, numbers.figures if claim.field else names)
        message = f'there is no number "{claim.shown}"' + (f"; {near}" if near else "")
        return Problem(claim.path, claim.line, claim.field, message, NUMBER_HINT)
    if claim.sort == "page" and claim.target not in pages:
        message = f'the link "{claim.shown}" leads to a file that is no page of the site'
        return Problem(claim.path, claim.line, None, message, "Link to the file of an item.")
    return None


def _addresses(site: Site) -> bytes:
    """The digest of all that addresses are made of."""
    patterns = (sorted(site.routes.patterns.items()), [*site.langs], sorted(map(str, site.routes.words.items())))
    return digest_bytes(repr(patterns).encode() + site.facts.columns.fingerprint("address"))


def _same_address(site: Site) -> Iterator[Problem]:
    taken: dict[str, Ref] = {}
    documents = site.facts.documents
    reading = site.reading()
    for ref in documents:
        for lang in site.langs:
            place = reading.record_route(documents.light(ref), lang).save_as
            first = taken.setdefault(place.lower(), ref)
            if first is not ref:
                path = next(iter(documents.by_ref[ref].files), str(ref))
                other = next(iter(documents.by_ref[first].files), str(first))
                message = f'the address "/{place.removesuffix("index.html")}" is already that of {other}'
                yield Problem(path, None, "slug", message, 'Give one of the two another "slug:".')
                break
