"""All that was read becomes one Site; what does not fit together becomes Problems."""

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, datetime

from openknowledge.content.checks import CrossCheck
from openknowledge.content.course_runs import CourseIndex, join_records, load_runs
from openknowledge.content.item_table import Checkpoint, ContentDigests, FileIndex, ItemTable
from openknowledge.content.loader import ContentIndex, load_content
from openknowledge.content.numbers import FIGURES_FILE, Numbers, load_numbers
from openknowledge.content.parse_cache import ParseCache
from openknowledge.content.picture_table import PictureTable, list_stills
from openknowledge.content.pictures import is_picture, name_target
from openknowledge.content.read_item import ReadOptions
from openknowledge.content.records import RecordStore
from openknowledge.content.schedule import list_ahead
from openknowledge.content.snapshot_files import SERIES_FOLDER
from openknowledge.content.snapshots import SnapshotTable
from openknowledge.content.transcripts import TranscriptTable, find_strays
from openknowledge.engine.build_inputs import FileTree, scan
from openknowledge.engine.digest import digest_bytes
from openknowledge.engine.file_transaction import find_last_transaction, finish_transaction
from openknowledge.engine.query_graph import QueryGraph
from openknowledge.engine.workers.pool import WorkerPool
from openknowledge.model.course import PlatformRun
from openknowledge.model.values import Lang
from openknowledge.model.video import Playlist, Video
from openknowledge.problems import Message, Problem, add_suggestion
from openknowledge.progress import ProgressCallback
from openknowledge.project_files import FileRefused, read_project_file
from openknowledge.rendering.locale import Language

from .course_checks import check_courses
from .inputs import ANY_SLUG, Inputs
from .kind import Kind
from .link_targets import dead_anchors
from .queries import PERSISTED, QUERIES
from .settings import CatalogueSettings
from .site import Site

__all__ = ["AssembledSite", "assemble", "create_site", "index_courses"]

REF_HINT = Message("Write the name of the file or folder of an item that exists.")
SLUG_FIELD = re.compile(r"^slug: *[\"']?([\w-]+)", re.MULTILINE)
NUMBER_HINT = Message("Figures are defined in content/figures.yaml, each with its source.")


@dataclass(frozen=True, slots=True)
class AssembledSite:
    """The site without the items that have problems, and all problems of the build.

    `scheduled` are the files of items that are not shown yet, each with the day or moment (ISO 8601) at which it is.
    `platform_runs` are those of all snapshots, also those of no course.
    """

    site: Site
    problems: tuple[Problem, ...]
    content: ContentIndex
    scheduled: tuple[tuple[str, str], ...] = ()
    platform_runs: tuple[PlatformRun, ...] = ()
    transcripts: TranscriptTable = field(default_factory=TranscriptTable.empty)


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
    if tree is None:
        tree = _scan_content(settings, cache)
    langs = settings.site.langs
    options = ReadOptions.create(settings.content, langs, settings.reader, kinds)
    snapshots = SnapshotTable(settings.content, tree, cache)
    pool = pool or WorkerPool(None)
    content = load_content(tree, snapshots, options, cache, pool, progress)
    problems = [*snapshots.problems, *content.problems, *_find_withdrawn(snapshots, content.table)]
    failed_courses = {item.ref.slug for item in content.failed if item.ref.kind == "course"}
    courses = {*content.table.slugs("course"), *failed_courses}
    numbers, number_problems = load_numbers(tree, cache, langs, settings.today, courses)
    runs, run_problems = load_runs(tree, cache)
    transcripts, caption_problems = TranscriptTable.load(tree, cache, options.fingerprint, pool)
    problems += (*number_problems, *run_problems, *caption_problems, *_find_transaction(tree))
    pictures = PictureTable.load(tree, _list_pictures(content), cache, pool, progress)
    # A picture that is too large is a problem of the field or text that names it.
    named = {f"{tree.root.name}/{path}" for path in pictures.refusals}
    problems = [*(one for one in problems if one.path not in named), *_check_pictures(content, pictures)]
    file_index = FileIndex(content.table)
    withdrawn = _list_withdrawn(snapshots, content.table)
    tables = transcripts, pictures
    site = _create_site(settings, kinds, languages, content, file_index, numbers, runs, withdrawn, *tables)
    if Video.kind not in site.missing:
        problems += _check_captions(site.fork(), content, transcripts)
    problems += _check_relations(site, content, file_index, numbers, cache, tuple(problems))
    tree.prune()
    cache.is_dirty = cache.is_dirty or tree.is_dirty
    return AssembledSite(site, tuple(problems), content, _scheduled(content, settings.moment), runs, transcripts)


def _scan_content(settings: CatalogueSettings, cache: ParseCache) -> FileTree:
    root = settings.content
    finish_transaction(root)
    last, known = find_last_transaction(root), cache.extras.setdefault("files", {})
    return FileTree(root, scan(root), known, limits=settings.limits, last_transaction=last)


def _find_transaction(tree: FileTree) -> Iterator[Problem]:
    """Yield a problem where a sync wrote files after the tree was scanned, so that old and new ones were read."""
    if tree.last_transaction not in (None, find_last_transaction(tree.root)):
        message = Message("a sync wrote files while they were read")
        yield Problem(f"{tree.root.name}/snapshots/", None, None, message, Message("Build again."))


def _create_site(
    settings: CatalogueSettings,
    kinds: Sequence[Kind],
    languages: Mapping[Lang, Language],
    content: ContentIndex,
    file_index: FileIndex,
    numbers: Numbers,
    runs: tuple[PlatformRun, ...],
    withdrawn: tuple[tuple[str, str], ...],
    transcripts: TranscriptTable,
    pictures: PictureTable,
) -> Site:
    records = _published_records(content, settings.moment)
    changed_fields = {str(ref): fields for ref, fields in content.changed_fields.items()}
    if runs:
        by_course = index_courses(content.table).assign(runs)
        records = join_records(records, by_course)
        # What differs in a course of which no file was read again are the runs of its platform.
        changed_fields = {**{f"course/{slug}": ("runs",) for slug in by_course}, **changed_fields}
    return create_site(
        Inputs(
            settings=settings.site,
            kinds=tuple(kinds),
            records=records,
            figures=numbers.figures,
            series=numbers.series.among(records.table.slugs("course")),
            languages=languages,
            routes=settings.routes.with_kinds([(kind.name, kind.plural) for kind in kinds]),
            moment=settings.moment,
            file_index=file_index,
            withdrawn=withdrawn,
            missing=_list_missing(content),
            file_index_digest=content.table.columns_digest("files"),
            transcripts=transcripts,
            pictures=pictures,
            changed_fields=changed_fields,
        )
    )


def _list_pictures(content: ContentIndex) -> set[str]:
    """Return the pictures that items show or link to, also those with other mistakes."""
    media = {path for paths in content.table.column("media") for path in paths if is_picture(path)}
    failed = (check for checks in content.failed_checks.values() for check in checks)
    return {*media, *(check.target for check in failed if check.type == "picture")}


def _check_pictures(content: ContentIndex, pictures: PictureTable) -> Iterator[Problem]:
    """Yield a problem wherever an item names a picture of which nothing could be made."""
    if not pictures.refusals:
        return
    table, refused = content.table, pictures.refusals
    rows = zip(table.names, table.column("media"), strict=True)
    names = [name for name, media in rows if not refused.keys().isdisjoint(media)]
    for checks in (*map(content.load_checks, names), *content.failed_checks.values()):
        for check in checks:
            if check.type == "picture" and check.target in refused:
                message, hint = refused[check.target]
                yield Problem(check.path, check.line, check.field, name_target(message, check.shown), hint)
    hint = Message("Delete it: a sync fetches it again.")
    for path in filter(refused.__contains__, list_stills(content.tree).values()):
        message = name_target(refused[path][0], path)
        yield Problem(f"{content.tree.root.name}/{path}", None, None, message, hint)


def _list_withdrawn(snapshots: SnapshotTable, table: ItemTable) -> tuple[tuple[str, str], ...]:
    """Return what was taken off the site, and what expired and has no file of an editor either."""
    expired = (name for name in snapshots.expired if "/".join(name) not in table.positions)
    return tuple(sorted({*snapshots.withdrawn, *expired}))


def _find_withdrawn(snapshots: SnapshotTable, table: ItemTable) -> Iterator[Problem]:
    """Yield a problem for each item that has the name of one that was taken off the site for good."""
    for (kind, slug), day in sorted(snapshots.withdrawn.items()):
        position = table.positions.get(f"{kind}/{slug}")
        if position is not None:
            message = Message("what has this name was withdrawn on %(day)s, and its address says so", day=day)
            hint = Message("Delete the file, or give it another name.")
            yield Problem(table.column("files")[position][0], None, None, message, hint)


def _list_missing(content: ContentIndex) -> Mapping[str, Collection[str]]:
    """Return the slugs of the items that are missing because they have a problem, by kind.

    A kind of which any item may be missing has `ANY_SLUG`.
    """
    root, missing = content.options.root, defaultdict[str, list[str]](list)
    for item in content.failed:
        missing[item.ref.kind].append(item.ref.slug)
        for path in item.paths:
            with suppress(OSError, FileRefused):
                text = read_project_file(root.parent / path, root).decode("utf-8", "replace")
                missing[item.ref.kind] += SLUG_FIELD.findall(text)
    rows = f"{root.name}/snapshots/"
    has_wrong_rows = any(problem.path.startswith(rows) for problem in (*content.snapshots.problems, *content.problems))
    return {**missing, **(dict.fromkeys((Video.kind, Playlist.kind), ANY_SLUG) if has_wrong_rows else {})}


def index_courses(table: ItemTable) -> CourseIndex:
    """Return the courses by the names that runs of platforms find them by."""
    return CourseIndex(dict(zip(table.slugs("course"), table.column_of("course", "run_names"), strict=True)))


def create_site(inputs: Inputs) -> Site:
    """Return the site of some inputs, with the catalogue's queries and a query graph of its own."""
    site = Site(inputs)
    site.register_queries(QUERIES, persisted=PERSISTED)
    site.attach(QueryGraph())
    return site


def _scheduled(content: ContentIndex, moment: datetime) -> tuple[tuple[str, str], ...]:
    """Return the files of the items that do not appear before a moment, and when they do, sorted."""
    appearances = content.table.column("appears")
    if not any(is_hidden := list_ahead(appearances, moment)):
        return ()
    rows = zip(content.table.rows(), appearances, is_hidden, strict=True)
    return tuple(sorted((path, appears) for row, appears, hidden in rows if hidden for path in row.files[:1]))


def _published_records(content: ContentIndex, moment: datetime) -> RecordStore:
    """Return the records without those that do not appear before a moment."""
    table = content.table
    is_hidden = list_ahead(table.column("appears"), moment)
    if not any(is_hidden):
        return content.select_records(table)
    rows = zip(table.refs, table.rows(), is_hidden, strict=True)
    return content.select_records(ItemTable.from_rows({ref: row for ref, row, hidden in rows if not hidden}))


def _check_relations(
    site: Site,
    content: ContentIndex,
    file_index: FileIndex,
    numbers: Numbers,
    cache: ParseCache,
    others: tuple[Problem, ...],
) -> list[Problem]:
    """Return references, numbers and links that lead nowhere.

    What is missing because of one of the `others` is not reported again. A check that succeeded in an earlier build
    still does, as long as every target of then is there.
    """
    table, last = content.table, content.checkpoint
    number_names = set(site.fork().query("number-names"))
    # A course that does not appear yet is no mistake of a text that counts it: the number is not known until then.
    number_names |= {f"counter:course/{slug}" for slug in table.slugs("course")}
    known = digest_bytes("\n".join((content.items_digest.hex(), *sorted(number_names))).encode())
    has_same_targets = last is not None and known == last.digests.targets
    unchecked = content.unverified_items() if has_same_targets else table.names
    targets = _list_targets(site, content, file_index, numbers, number_names, others)
    checks = {name: content.load_checks(name) for name in unchecked}
    problems = list(_failed_checks((check for found in checks.values() for check in found), targets))
    of_courses = {name: checks[name] for name in checks if name.startswith("course/")}
    problems += check_courses(site.fork(), table, of_courses)
    problems += _failed_checks((check for checks in content.failed_checks.values() for check in checks), targets)
    problems += dead_anchors(site.fork(), content, file_index, set(unchecked))
    digests = ContentDigests(content.discovery_digest, content.items_digest, known)
    is_new = bool(unchecked) or last is None or digests != last.digests
    if not others and not problems and is_new and content.is_consistent:
        sources = {path: digest for path, (_, digest, _) in content.tree.known.items()}
        Checkpoint(digests, sources, table).save(cache.extras)
        cache.is_dirty = True
    return problems


@dataclass(frozen=True, slots=True)
class _Targets:
    """What items can point at: written references, Markdown files, names of numbers."""

    refs: Collection[str]
    pages: Collection[str]
    names: Collection[str]
    figures: Collection[str]
    today: date
    failed: tuple[str, ...]
    others: tuple[Problem, ...]

    def has_problem(self, check: CrossCheck) -> bool:
        """Return whether something else is wrong with the same value."""
        place = check.path, check.line, check.field
        return any((problem.path, problem.line, problem.field) == place for problem in self.others)

    def is_reported_elsewhere(self, name: str) -> bool:
        """Return whether a number is missing because of an item, a figure or a series that has a problem itself."""
        rest = name.partition(":")[2]
        if not name.startswith("figure:"):
            series = f"/{SERIES_FOLDER}/{rest.partition('/')[2]}."
            return rest in self.failed or any(series in problem.path for problem in self.others)
        group, _, own = rest.partition(".")
        fields = [problem.field for problem in self.others if problem.path.endswith(f"/{FIGURES_FILE}")]
        figure = f"{group}.figures.{own}"
        whole = (None, group, f"{group}.figures", figure)
        return any(field in whole or str(field).startswith(f"{figure}.") for field in fields)


def _list_targets(
    site: Site,
    content: ContentIndex,
    file_index: FileIndex,
    numbers: Numbers,
    names: Collection[str],
    others: tuple[Problem, ...],
) -> _Targets:
    """Return all that there is; items with problems are among it, because they will be there."""
    failed = content.failed
    positions = content.table.positions
    return _Targets(
        refs={*positions, *(str(item.ref) for item in failed)} if failed else positions,
        pages={*file_index, *(path for item in failed for path in item.paths)} if failed else file_index,
        names=names,
        figures=numbers.figures,
        today=site.fork().today,
        failed=tuple(str(item.ref) for item in failed),
        others=others,
    )


def _failed_checks(checks: Iterable[CrossCheck], targets: _Targets) -> Iterator[Problem]:
    """Yield a problem for each check whose target is not there."""
    for check in checks:
        if check.type == "ref" and check.target not in targets.refs:
            kind, _, slug = check.target.partition("/")
            near = (ref.partition("/")[2] for ref in targets.refs if ref.startswith(f"{kind}/"))
            message = add_suggestion(
                Message('there is no %(kind)s "%(slug)s"', kind=kind or "item", slug=slug), slug, near
            )
            yield Problem(check.path, check.line, check.field, message, REF_HINT)
        elif check.type == "number" and check.target not in targets.names:
            if targets.is_reported_elsewhere(check.target):
                continue
            known = targets.names if ":" in check.shown else targets.figures
            message = add_suggestion(Message('there is no number "%(shown)s"', shown=check.shown), check.shown, known)
            yield Problem(check.path, check.line, check.field, message, NUMBER_HINT)
        elif check.type == "day" and check.target > str(targets.today) and not targets.has_problem(check):
            message = Message('"%(day)s" lies in the future', day=check.target)
            hint = Message("The site is built for %(today)s: correct the date.", today=str(targets.today))
            yield Problem(check.path, check.line, check.field, message, hint)
        elif check.type == "page" and check.target not in targets.pages:
            message = Message('the link "%(shown)s" leads to a file that is no page of the site', shown=check.shown)
            yield Problem(check.path, check.line, check.field, message, Message("Link to the file of an item."))


def _check_captions(site: Site, content: ContentIndex, transcripts: TranscriptTable) -> Iterator[Problem]:
    """Yield a problem for each caption file of no video, also of none that appears later."""
    shown = {*site.query("caption-files")}
    if all(path in shown for youtube_id in transcripts for path in transcripts.files_of(youtube_id)):
        return
    records = content.select_records(content.table)
    videos = (records.stub(ref) for ref in content.table.refs if ref.kind == Video.kind)
    ids = {video.youtube_id for video in videos if isinstance(video, Video) and video.youtube_id}
    yield from find_strays(transcripts, ids, content.options.root.name)
