"""The inputs of a build: records, numbers, languages, settings, the day; each with its digest."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cache, cached_property
from typing import Any

from openknowledge.content.item_table import Alias, ItemTable, split_digests
from openknowledge.content.numbers import SeriesTable
from openknowledge.content.picture_table import PictureTable
from openknowledge.content.players import Player
from openknowledge.content.records import RecordStore
from openknowledge.content.text_links import TextLink
from openknowledge.content.transcripts import TranscriptTable
from openknowledge.engine.digest import digest, digest_bytes
from openknowledge.engine.query_graph import SEPARATOR, QueryGraph
from openknowledge.engine.rules import Description
from openknowledge.model.numbers import Figure
from openknowledge.model.organization import Organization
from openknowledge.model.values import Lang, Record, Ref
from openknowledge.rendering.locale import Language

from .kind import Kind
from .routes import Routes

__all__ = ["ANY_SLUG", "DESCRIPTIONS", "Inputs", "SiteSettings", "compare_snapshots"]

ANY_SLUG = ("*",)
"""Stands for the slugs of a kind of which anything may be missing."""
RECORD_PREFIXES = ("record" + SEPARATOR, "stub" + SEPARATOR)
"""How the keys of inputs begin whose digests are columns of the item table."""
PASSED_DIGESTS = digest(False), digest(True)
"""The digests of whether a moment has passed; a large site asks for thousands."""

ITEM = ("kind", "slug")
ITEM_IN = ("kind", "slug", "lang")
LANG = ("lang",)
KIND = ("kind",)

DESCRIPTIONS = {
    # Inputs
    "address-links": Description("which addresses of the site texts link to"),
    "aliases": Description("the old addresses that items name"),
    "stubs": Description("which items of the kind {kind} there are, with their facts and titles: content/", KIND),
    "all-series": Description("the enrolments of all courses", (), "content/snapshots/enrollments/"),
    "asset": Description("a file of the theme: {name}", ("name",)),
    "has-passed": Description("whether it is later than {moment}", ("moment",)),
    "failed-item": Description("an item with a mistake: {item}", ("item",)),
    "content-file": Description("a picture or document", ("path",), "content/{path}"),
    "figures": Description("the figures", (), "content/figures.yaml"),
    "file": Description("which item the file is that a text links to: {path}", ("path",)),
    "files": Description("which files all items are made of"),
    "images": Description("which items have pictures"),
    "media-files": Description("which pictures and documents items show or link to"),
    "record": Description("{item}", ITEM),
    "records": Description("all items"),
    "references": Description("which items point at which"),
    "series": Description("the enrolments of a course", ("course",), "content/snapshots/enrollments/{course}.csv"),
    "series-slugs": Description("which courses have enrolments", (), "content/snapshots/enrollments/"),
    "stub": Description("{item} (its facts and title)", ITEM),
    "template": Description(
        "a template, with all that it takes in and the words that those ask for: {name} ({lang})", ("name", "lang")
    ),
    "today": Description("the day that the site is built for: BUILD_DATE"),
    "captions": Description("which caption files there are", (), "content/videos/captions/"),
    "transcripts": Description("the captions of a video", ("id",), "content/videos/captions/{id}"),
    "picture-facts": Description("a picture, and how it is made", ("path",), "content/{path}"),
    "still": Description("which still a video has: {id}", ("id",)),
    "stills": Description("which stills of videos there are", (), "content/snapshots/"),
    "shown-stills": Description("the stills of videos that are shown"),
    "pictures": Description("which pictures items show or link to"),
    "torn-file": Description("a picture or document that was saved while it was copied", ("path",), "content/{path}"),
    "url-parts": Description("what the addresses of all items are made of"),
    "withdrawn": Description("which videos and playlists were taken off the site", (), "content/snapshots/"),
    "words": Description("the interface's words", LANG, "theme/locale/{lang}/LC_MESSAGES/messages.po"),
    # Queries
    "abstract": Description("the abstract of {item} ({lang})", ITEM_IN),
    "adjacency": Description("the order of the items of the kind {kind} in time", KIND),
    "adjacent": Description("what comes before and after {item} in time", ITEM),
    "calendar-refs": Description("which items have dates for a calendar"),
    "card": Description("the tile that lists show of {item} ({lang})", ITEM_IN),
    "chrome": Description("masthead and footer of the section {section} ({lang})", ("lang", "section")),
    "cover": Description("the name of the cover that is drawn for {item}", ITEM),
    "facet-counts": Description(
        "how many items have which value of the filters of a list ({lang}) {key}", ("of", "lang", "*key")
    ),
    "facet-values": Description("which values the filters of a list name ({lang}) {key}", ("of", "lang", "*key")),
    "feed-entry": Description("when {item} appeared, and which lists have it ({lang})", ITEM_IN),
    "feed-keys": Description("which lists have feeds ({lang})", LANG),
    "feed-link": Description("the link to the feeds of the list {list} ({lang})", ("lang", "list")),
    "feed-list": Description("title and address of the list {list} that has feeds ({lang})", ("lang", "list")),
    "letter-entry": Description("the letter under which {item} stands ({lang})", ITEM_IN),
    "letter-pages": Description("the index {index} from A to Z ({lang})", ("index", "lang")),
    "letters": Description("the letters of the index {index}", ("index",)),
    "list-pages": Description("the pages of the list {list} {key}", ("of", "list", "*key")),
    "list-part": Description("a page of the list {list} {key}", ("of", "list", "*key")),
    "lists": Description("which pages the lists of the kind {kind} have ({lang})", ("kind", "lang")),
    "number": Description("the number {name} ({lang})", ("name", "lang")),
    "number-names": Description("which figures, counters and totals there are"),
    "numbers-are-cut": Description("whether there are more courses with a number than the page of all numbers has"),
    "output-conflicts": Description("which files of the site have one path"),
    "referrers": Description("which items of the kind {other} point at {item}", ("kind", "slug", "other")),
    "slugs": Description("which items of the kind {kind} there are", KIND),
    "speaker-place": Description("where the index of speakers has {slug}", ("slug",)),
    "speakers": Description("who speaks in which videos"),
    "summary": Description("{item} as feeds and search have it ({lang})", ITEM_IN),
    "url": Description("the address of {item} ({lang})", ITEM_IN),
    "url-of-file": Description("the address of the item in {path} ({lang})", ("path", "lang")),
    "caption-files": Description("the caption files of videos that are shown"),
    "named-link": Description("title and address of {item} ({lang})", ITEM_IN),
    "playlist-part": Description("part {part} of the playlist {slug}", ("slug", "part")),
    "video-archive-keys": Description("the years and languages of the video archive"),
    "video-archives": Description("all videos by year and by language"),
    "video-place": Description("where the video {video} stands in {item}", (*ITEM, "video")),
    "video-sequence": Description("the videos of {item} in their order", ITEM),
    "video-sequences": Description("in which playlists and courses the video {slug} has a place", ("slug",)),
}
"""What the catalogue's inputs and queries are, in the words of `invoke explain`."""


@dataclass(frozen=True, slots=True)
class SiteSettings:
    """What the settings say of the site; `base_url` has no final slash.

    `counters_json` and `counter_json` (which has `{slug}` in it) are where the index of numbers and their documents
    live below the site's root; empty where no plugin writes it. So are `search_json` and
    `web_manifest`, which have `{lang}` in them.
    `is_hidden` is a site that search engines leave out. Texts embed what `players` show. `portal_url` is the list of
    courses on the platform that teaches them, `certificate_rule` what it asks for a certificate, by language.
    `organization` publishes the site.
    """

    langs: tuple[Lang, ...]
    base_url: str
    base_path: str
    names: Mapping[Lang, str]
    taglines: Mapping[Lang, str]
    assets: Mapping[str, str]
    page_size: int
    stale_after_days: int
    license_url: str
    home_figures: tuple[str, ...]
    search_is_on: bool = False
    counters_json: str = ""
    counter_json: str = ""
    history_csv: str = ""
    search_json: str = ""
    web_manifest: str = ""
    is_hidden: bool = False
    players: tuple[Player, ...] = ()
    portal_url: str = ""
    certificate_rule: Mapping[Lang, str] = field(default_factory=dict)
    organization: Organization | None = None


@dataclass
class Inputs:
    """The inputs of one build, and the query graph that records what depends on them.

    Only a query context reads them. `queries` are functions of a site and of text arguments; the answers of those in
    `persisted` are plain values that the next build may load. `changed_fields` names, for records that have changed
    since they were last read, the fields that differ. `file_index_digest` is the digest of `file_index` where it is
    known. `digesters` and `readers` give the digest and the value of an input by its arguments; plugins add their own.
    Of a family with the same text in `revisions` as in the last build none differs.
    `extras` are plain values that the next build finds again. `withdrawn` are the kinds and slugs of what was taken off
    the site for good, `missing` the slugs, by kind, of what has a problem and is left out.
    """

    settings: SiteSettings
    kinds: tuple[Kind, ...]
    records: RecordStore
    figures: Mapping[str, Figure]
    series: SeriesTable
    languages: Mapping[Lang, Language]
    routes: Routes
    moment: datetime
    file_index: Mapping[str, Ref] = field(default_factory=dict)
    file_index_digest: bytes = b""
    transcripts: TranscriptTable = field(default_factory=TranscriptTable.empty)
    pictures: PictureTable = field(default_factory=PictureTable.empty)
    withdrawn: tuple[tuple[str, str], ...] = ()
    missing: Mapping[str, Collection[str]] = field(default_factory=dict)
    changed_fields: Mapping[str, tuple[str, ...]] = field(default_factory=dict, repr=False)
    queries: dict[str, Callable[..., Any]] = field(default_factory=dict, init=False, repr=False)
    persisted: set[str] = field(default_factory=set, init=False)
    graph: QueryGraph = field(default_factory=QueryGraph, init=False, repr=False)
    extras: dict[str, Any] = field(default_factory=dict, init=False, repr=False)
    digesters: dict[str, Callable[..., bytes | None]] = field(init=False, repr=False)
    readers: dict[str, Callable[..., Any]] = field(default_factory=dict, init=False, repr=False)
    revisions: dict[str, str] = field(default_factory=dict, init=False, repr=False)
    computed: dict[Any, tuple[Any, tuple[int, ...]]] = field(default_factory=dict, init=False, repr=False)
    """What was computed once for all queries, with the numbers of its dependencies."""
    table: ItemTable = field(init=False, repr=False)
    """What is known of all records, by columns."""
    _stubs: dict[str, tuple[Record, ...]] = field(default_factory=dict, init=False, repr=False)

    def __post_init__(self) -> None:
        self.table = self.records.table
        column = self.table.columns_digest
        self.digesters = {
            "record": lambda kind, slug: self.table.find_digest("digest", f"{kind}/{slug}"),
            "stub": lambda kind, slug: self.table.find_digest("stub_digest", f"{kind}/{slug}"),
            "stubs": self._stubs_digest,
            "slugs": lambda kind: digest_bytes("\n".join(self.table.slugs(kind)).encode()),
            "references": lambda: column("references"),
            "file": lambda path: digest_bytes(str(self.file_index.get(path, "")).encode()),
            "files": lambda: self.file_index_digest or column("files"),
            "images": lambda: column("has_image"),
            "url-parts": lambda: column("url_parts"),
            # Where an alias is written is part of messages only.
            "aliases": lambda: digest([(name, *alias[:2]) for name, alias in self.aliases]),
            "address-links": lambda: digest([tuple(link) for link in self.address_links]),
            "records": lambda: self.table.columns_digest("digest"),
            "media-files": lambda: column("media"),
            "figures": cache(lambda: digest(tuple(self.figures.items()))),
            "series": self.series.digest_of,
            "series-slugs": lambda: digest_bytes("\n".join(self.series).encode()),
            "all-series": lambda: self.series.fingerprint,
            "transcripts": self.transcripts.digest_of,
            "captions": lambda: self.transcripts.names_digest,
            "picture-facts": self.pictures.digest_of,
            "still": lambda youtube_id: self.pictures.stills.get(youtube_id, "").encode(),
            "stills": lambda: digest(sorted(self.pictures.stills.items())),
            "pictures": lambda: self.pictures.names_digest,
            "withdrawn": lambda: digest(self.withdrawn),
            "today": lambda: digest_bytes(self.today.isoformat().encode()),
            "has-passed": lambda moment: PASSED_DIGESTS[datetime.fromisoformat(moment) <= self.moment],
            "asset": lambda name: digest_bytes(self.settings.assets.get(name, "").encode()),
            "words": lambda lang: self.languages[lang].fingerprint if lang in self.languages else None,
        }
        self.revisions["series"] = self.series.fingerprint.hex()
        self.revisions["asset"] = digest(tuple(self.settings.assets.items())).hex()
        if self.file_index_digest:
            self.revisions["file"] = self.file_index_digest.hex()

    def digest(self, key: str) -> bytes | None:
        """Return the digest of an input by its key; None for what is not there."""
        name, *arguments = key.split(SEPARATOR)
        digester = self.digesters.get(name)
        return digester(*arguments) if digester is not None else None

    def stubs(self, kind: str) -> tuple[Record, ...]:
        """Return the stubs of all records of a kind, by slug."""
        stubs = self._stubs.get(kind)
        if stubs is None:
            indexes = self.table.by_kind.get(kind, range(0))
            refs = self.table.refs[indexes.start : indexes.stop]
            stubs = self._stubs[kind] = tuple(map(self.records.stub, refs))
        return stubs

    def take_snapshot(self) -> tuple[Any, ...]:
        """Return the digests of all records and the revisions of families, as plain values for `compare_snapshots`."""
        joined = (self.table.digest_range(name, range(len(self.table))) for name in ("digest", "stub_digest"))
        return [*self.table.names], *joined, {**self.revisions}

    @property
    def today(self) -> date:
        """Return the day that is built for."""
        return self.moment.date()

    @cached_property
    def kinds_by_name(self) -> dict[str, Kind]:
        """Return the kinds by name."""
        return {kind.name: kind for kind in self.kinds}

    @cached_property
    def referrers(self) -> dict[str, tuple[Ref, ...]]:
        """Return what points at each record, by the record's written reference."""
        referrers: dict[str, list[Ref]] = {}
        for ref, targets in zip(self.table.refs, self.table.column("references"), strict=True):
            for target in targets:
                referrers.setdefault(target, []).append(ref)
        return {target: tuple(sources) for target, sources in referrers.items()}

    @cached_property
    def address_links(self) -> tuple[TextLink, ...]:
        """Return the links of all texts to addresses of the site."""
        links = (TextLink._make(link) for row in self.table.column("links") for link in row)
        return tuple(link for link in links if link.address)

    @cached_property
    def aliases(self) -> tuple[tuple[str, Alias], ...]:
        """Return the old addresses of all pages, each with the written reference of its record."""
        pairs = zip(self.table.names, self.table.column("aliases"), strict=True)
        return tuple((name, Alias._make(alias)) for name, aliases in pairs for alias in aliases)

    def _stubs_digest(self, kind: str) -> bytes:
        """Return the digest of which records of a kind there are, and of their stubs."""
        indexes = self.table.by_kind.get(kind, range(0))
        slugs = "\n".join(self.table.slugs(kind))
        return digest_bytes(slugs.encode() + b"\n" + self.table.digest_range("stub_digest", indexes))


def compare_snapshots(before: Any, now: tuple[Any, ...]) -> tuple[tuple[str, ...], list[str]]:
    """Return how the keys of inputs begin that need no new digest, and those of these keys that differ all the same.

    `before` is the snapshot of an earlier build, where there is one.
    """
    try:
        names, digests, stub_digests, revisions = before
        known = _digests_by_name(names, digests, stub_digests)
        same = [name for name, revision in now[3].items() if revisions.get(name) == revision]
    except (TypeError, ValueError, AttributeError):
        return (), []
    items = {name.replace("/", SEPARATOR) for name, _ in known.items() ^ _digests_by_name(*now[:3]).items()}
    suspects = [f"{prefix}{item}" for prefix in RECORD_PREFIXES for item in items]
    if names == now[0]:
        same += ["slugs", "stubs"] if stub_digests == now[2] else ["slugs"]
    return (*RECORD_PREFIXES, *(name + SEPARATOR for name in same)), suspects


def _digests_by_name(names: Sequence[str], *digests: bytes) -> dict[str, tuple[bytes, ...]]:
    """Return the digests of each item, out of those of all."""
    return dict(zip(names, zip(*map(split_digests, digests), strict=True), strict=True))
