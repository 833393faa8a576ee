"""All that is known of a site before anything is asked: records, numbers, words, settings, the day."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any

from openknowledge.content.item_table import Alias, ItemTable, split_digests
from openknowledge.content.numbers import SeriesTable
from openknowledge.content.records import RecordStore
from openknowledge.engine.digest import digest, digest_bytes
from openknowledge.engine.query_graph import SEPARATOR, QueryGraph
from openknowledge.model.numbers import Figure
from openknowledge.model.values import Lang, Record, Ref
from openknowledge.rendering.locale import Language

from .covers import draw_cover
from .kinds.kind import Kind
from .routes import Routes

__all__ = ["Inputs", "SiteSettings"]

RECORD_PREFIXES = ("record" + SEPARATOR, "stub" + SEPARATOR)
FILE_PREFIX = "file" + SEPARATOR
"""How the keys of facts begin whose digests stand in columns."""


@dataclass(frozen=True, slots=True)
class SiteSettings:
    """What the settings say of the site; `base_url` has no final slash.

    `counters_json` and `counter_json` (which has `{slug}` in it) are where the counters' JSON lives
    below the site's root; empty where nobody writes it. So is `search_json`, which has `{lang}` in it. `is_hidden` is a
    site that search engines leave out.
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
    feed_formats: tuple[str, ...] = ("rss", "atom")
    search_is_on: bool = False
    counters_json: str = ""
    counter_json: str = ""
    search_json: str = ""
    is_hidden: bool = False


@dataclass
class Inputs:
    """The facts of one build, and the book in which questions about them are written down.

    `lookers` say how a fact's digest is looked up by its arguments; `questions` how a question is answered. Plugins add
    their own to both before anything is asked. `keeping` names the questions whose answers are plain values that the
    next build may read instead of asking again. `memo` is what else the next build will find, as plain values. `fields`
    names, for records that have changed since they were last read, the fields that differ. `file_refs_digest` is the
    digest of `file_refs`, where that is known.
    """

    settings: SiteSettings
    kinds: tuple[Kind, ...]
    records: RecordStore
    figures: Mapping[str, Figure]
    series: SeriesTable
    languages: Mapping[Lang, Language]
    routes: Routes
    today: date
    file_index: Mapping[str, Ref] = field(default_factory=dict)
    file_index_digest: bytes = b""
    graph: QueryGraph = field(default_factory=QueryGraph, repr=False)
    digesters: dict[str, Callable[..., bytes | None]] = field(default_factory=dict, repr=False)
    queries: dict[str, Callable[..., Any]] = field(default_factory=dict, repr=False)
    persisted: set[str] = field(default_factory=set)
    memo: dict[str, Any] = field(default_factory=dict, repr=False)
    changed_fields: Mapping[str, tuple[str, ...]] = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        self.digesters = {
            "record": lambda kind, slug: self.table.find_digest("digest", f"{kind}/{slug}"),
            "stub": lambda kind, slug: self.table.find_digest("stub_digest", f"{kind}/{slug}"),
            "all": self._stubs_digest,
            "references": lambda: self.table.columns_digest("references"),
            "file": lambda path: digest_bytes(str(self.file_index.get(path, "")).encode()),
            "figures": lambda: self._figures_digest,
            "series": self.series.digest_of,
            "addresses": lambda: self.table.columns_digest("url_parts"),
            "aliases": lambda: digest([(name, *one[:2]) for name, one in self.aliases]),
            "media-files": lambda: self.table.columns_digest("media"),
            "all-series": lambda: self.series.fingerprint,
            "today": lambda: digest_bytes(self.today.isoformat().encode()),
            "asset": lambda name: digest_bytes(self.settings.assets.get(name, "").encode()),
            "words": lambda lang: self.languages[lang].fingerprint if lang in self.languages else None,
            **self.digesters,
        }

    def digest(self, key: str) -> bytes | None:
        """The digest of a fact as it is now, by its key; None for what is not there."""
        name, *arguments = key.split(SEPARATOR)
        looker = self.digesters.get(name)
        return looker(*arguments) if looker is not None else None

    def draw_cover(self, record: Record) -> str:
        """The drawn cover of a record, as SVG."""
        found = self._covers.get(record.ref)
        if found is None:
            found = draw_cover(getattr(record, "subject", None), str(record.ref), record.ref.kind)
            self._covers[record.ref] = found
        return found

    @cached_property
    def kinds_by_name(self) -> dict[str, Kind]:
        return {kind.name: kind for kind in self.kinds}

    @cached_property
    def resolved_links(self) -> dict[tuple[str, str, str, Lang], tuple[str, tuple[int, ...]]]:
        """Where links lead, and what was asked for that: by origin, attribute, target and the page's language."""
        return {}

    def stubs(self, kind: str) -> tuple[Record, ...]:
        """All records of a kind, by slug, light."""
        found = self._stubs.get(kind)
        if found is None:
            found = self._stubs[kind] = tuple(map(self.records.stub, self.refs_by_kind.get(kind, ())))
        return found

    @cached_property
    def _stubs(self) -> dict[str, tuple[Record, ...]]:
        return {}

    def changed_since(self, before: Any) -> tuple[tuple[str, ...], list[str]]:
        """What need not be looked up again: the beginnings of the keys of such facts, and those of them that differ.

        `before` is what `self.told` was in an earlier build.
        """
        try:
            names, digests, light_digests, file_refs = before
            then = _pairs(names, digests, light_digests)
        except (TypeError, ValueError):
            return (), []
        differing = then.items() ^ _pairs(*self.snapshot[:3]).items()
        items = {name.replace("/", SEPARATOR) for name, _ in differing}
        is_same = file_refs and file_refs == self.file_index_digest
        doubted = [f"{sort}{item}" for sort in RECORD_PREFIXES for item in items]
        return (*RECORD_PREFIXES, FILE_PREFIX) if is_same else RECORD_PREFIXES, doubted

    @cached_property
    def snapshot(self) -> tuple[Any, ...]:
        """The digests of all records and of which file is which item, as plain values for `since`."""
        joined = (self.table.digest_range(name, range(len(self.table))) for name in ("digest", "stub_digest"))
        return [*self.table.names], *joined, self.file_index_digest

    @property
    def table(self) -> ItemTable:
        """What is known of all records, by columns."""
        return self.records.table

    @cached_property
    def refs_by_kind(self) -> dict[str, tuple[Ref, ...]]:
        refs = self.table.refs
        return {kind: refs[places.start : places.stop] for kind, places in self.table.by_kind.items()}

    @cached_property
    def referrers(self) -> dict[str, tuple[Ref, ...]]:
        """Who points at each record, by the record's written reference."""
        found: dict[str, list[Ref]] = {}
        for ref, targets in zip(self.table.refs, self.table.column("references"), strict=True):
            for target in targets:
                found.setdefault(target, []).append(ref)
        return {target: tuple(sources) for target, sources in found.items()}

    @cached_property
    def aliases(self) -> tuple[tuple[str, Alias], ...]:
        """The old addresses of all pages, each with the written reference of its record."""
        columns = self.table
        pairs = zip(columns.names, columns.column("aliases"), strict=True)
        return tuple((name, Alias._make(one)) for name, several in pairs for one in several)

    @cached_property
    def _covers(self) -> dict[Ref, str]:
        return {}

    @cached_property
    def _figures_digest(self) -> bytes:
        return digest(tuple(self.figures.items()))

    def _stubs_digest(self, kind: str) -> bytes:
        """The digest of which records of a kind there are, and of what lists see of them."""
        places = self.table.by_kind.get(kind, range(0))
        slugs = "\n".join(self.table.slugs(kind))
        return digest_bytes(slugs.encode() + b"\n" + self.table.digest_range("stub_digest", places))


def _pairs(names: Sequence[str], *digests: bytes) -> dict[str, tuple[bytes, ...]]:
    """The digests of each item, out of those of all."""
    return dict(zip(names, zip(*map(split_digests, digests), strict=True), strict=True))
