"""All that was read becomes one Site; what does not fit together becomes Problems."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

from ..executors import Workers
from ..questions.canonical import canonical, digest_of_bytes
from .documents import Claim, Documents, revived
from .facts import Facts
from .fingerprint import reading_fingerprint
from .kinds.kind import Kind
from .language import Language
from .library import BROKEN, Broken, Library, Progress, Reading, claims, read_library
from .model.values import Lang, Ref
from .numbers.reading import Numbers, number_files, read_numbers
from .problems import Problem, did_you_mean
from .reading_cache import ReadingCache
from .routes import Routes
from .settings import CatalogueSettings
from .site import Site
from .snapshots import Rows
from .tree import Tree, scan

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
    hands: Workers | None = None,
    tree: Tree | None = None,
) -> Assembled:
    """Read what has changed below content/, and relate everything."""
    cache = cache or ReadingCache(None)
    tree = tree or Tree(settings.content, scan(settings.content), cache.memory.setdefault("files", {}))
    langs = settings.site.langs
    reading = Reading(
        settings.content, tuple(langs), settings.reader, reading_fingerprint(kinds, langs, settings.reader)
    )
    rows = Rows(settings.content, tree, cache)
    library = read_library(tree, kinds, rows, reading, cache, hands or Workers(None), progress)
    problems = [*rows.problems, *library.problems]
    courses = {ref.slug for ref in (*library.documents, *_broken_refs(library)) if ref.kind == "course"}
    numbers, wrong = _numbers(settings, tree, courses, cache)
    problems += wrong
    site = _site(settings, kinds, languages, library, numbers)
    problems += _relation_problems(site, library, numbers, cache, is_sound=not problems)
    tree.forget_others()
    cache.has_news = cache.has_news or tree.has_learned
    return Assembled(site, tuple(problems), library)


def _site(
    settings: CatalogueSettings,
    kinds: Sequence[Kind],
    languages: Mapping[Lang, Language],
    library: Library,
    numbers: Numbers,
) -> Site:
    today = settings.today.isoformat()
    seen = {ref: one for ref, one in library.documents.items() if one.embargo is None or one.embargo <= today}
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
        file_refs={path: ref for ref, one in library.documents.items() for path in one.files if path.endswith(".md")},
    )
    site = Site(facts)
    site.begin(facts.book)
    return site


def routes_of(routes: Routes, kinds: Sequence[Kind]) -> Routes:
    """The routes of the settings, and those of kinds that they do not mention."""
    for kind in kinds:
        routes = routes.declare(kind.name, kind.plural)
    return routes


def _numbers(
    settings: CatalogueSettings, tree: Tree, courses: Collection[str], cache: ReadingCache
) -> tuple[Numbers, list[Problem]]:
    """Figures and series, from the cache if none of their files has changed."""
    langs = settings.site.langs
    parts = [b"numbers", str(settings.today).encode(), ",".join(langs).encode(), ",".join(sorted(courses)).encode()]
    for path in number_files(tree.stamps):
        parts += (path.encode(), tree.digest(path))
    key = digest_of_bytes(b"\0".join(parts))
    kept = cache.blob(key, 0) if cache.find(key) is not None else None
    with suppress(*BROKEN):
        if kept is not None:
            return Numbers(*revived(kept)), []
    numbers, problems = read_numbers(settings.content, langs, settings.today, courses)
    if not problems:
        cache.add(key, True, (canonical((numbers.figures, numbers.series)),))
    return numbers, problems


def _broken_refs(library: Library) -> set[Ref]:
    return {broken.ref for broken in library.broken}


def _relation_problems(
    site: Site, library: Library, numbers: Numbers, cache: ReadingCache, is_sound: bool
) -> list[Problem]:
    """References, numbers and links that lead nowhere, and records that share an address.

    What was sound in an earlier build is so still, as long as everything is there that was there then.
    """
    refs = {str(ref) for ref in (*library.documents, *_broken_refs(library))}
    pages = {*site.facts.file_refs, *(path for broken in library.broken for path in broken.paths)}
    names = set(site.reading().number_names())
    known = digest_of_bytes("\n".join((*sorted(refs), "", *sorted(pages), "", *sorted(names))).encode())
    before, addresses = cache.memory.get("sound", (b"", b""))
    sound = cache.memory.get("latest", {})
    unchecked = [ref for ref, key in library.keys.items() if known != before or sound.get(str(ref)) != key]
    found = [
        problem
        for ref in unchecked
        for one in claims(library, cache, (ref,))
        if (problem := _wrong(one, refs, names, pages, numbers))
    ]
    partial = (one for several in library.partial_claims.values() for one in several)
    found += [problem for one in partial if (problem := _wrong(one, refs, names, pages, numbers))]
    now = _addresses(site)
    if now != addresses:
        found += _same_address(site)
    if is_sound and not found and (unchecked or (known, now) != (before, addresses)):
        cache.memory["latest"] = {str(ref): key for ref, key in library.keys.items()}
        cache.memory["sound"] = (known, now)
        cache.has_news = True
    return found


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
    rows = ("\t".join((str(ref), *one.address)) for ref, one in site.facts.documents.by_ref.items())
    patterns = (sorted(site.routes.patterns.items()), [*site.langs], sorted(map(str, site.routes.words.items())))
    return digest_of_bytes("\n".join((repr(patterns), *rows)).encode())


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
