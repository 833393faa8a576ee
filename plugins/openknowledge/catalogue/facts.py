"""All that is known of a site before anything is asked: records, numbers, words, settings, the day."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any

from ..questions.book import SEPARATOR, Book
from ..questions.canonical import digest, digest_of_bytes
from .covers import draw_cover
from .documents import Documents
from .kinds.kind import Kind
from .language import Language
from .model.numbers import EnrollmentSeries, Figure
from .model.values import Lang, Record, Ref
from .routes import Routes

__all__ = ["Facts", "SiteSettings"]


@dataclass(frozen=True, slots=True)
class SiteSettings:
    """What the settings say of the site; `base_url` has no final slash.

    `counters_json` and `counter_json` (which has `{slug}` in it) are where the counters' JSON lives
    below the site's root; empty where nobody writes it. So is `search_json`, which has `{lang}` in it.
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


@dataclass
class Facts:
    """The facts of one build, and the book in which questions about them are written down.

    `lookers` say how a fact's digest is looked up by its arguments; `questions` how a question is answered. Plugins add
    their own to both before anything is asked. `keeping` names the questions whose answers are plain values that the
    next build may read instead of asking again. `memo` is what else the next build will find, as plain values. `fields`
    names, for records that have changed since they were last read, the fields that differ.
    """

    settings: SiteSettings
    kinds: tuple[Kind, ...]
    documents: Documents
    figures: Mapping[str, Figure]
    series: Mapping[str, EnrollmentSeries]
    languages: Mapping[Lang, Language]
    routes: Routes
    today: date
    file_refs: Mapping[str, Ref] = field(default_factory=dict)
    book: Book = field(default_factory=Book, repr=False)
    lookers: dict[str, Callable[..., bytes | None]] = field(default_factory=dict, repr=False)
    questions: dict[str, Callable[..., Any]] = field(default_factory=dict, repr=False)
    keeping: set[str] = field(default_factory=set)
    memo: dict[str, Any] = field(default_factory=dict, repr=False)
    fields: Mapping[str, tuple[str, ...]] = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        self.lookers = {
            "all": self._all_of,
            "references": lambda: self._references,
            "file": lambda path: digest_of_bytes(str(self.file_refs.get(path, "")).encode()),
            "figures": lambda: self._figures,
            "series": lambda slug: digest(self.series.get(slug)),
            "all-series": lambda: digest(tuple(self.series.items())),
            "today": lambda: digest_of_bytes(self.today.isoformat().encode()),
            "asset": lambda name: digest_of_bytes(self.settings.assets.get(name, "").encode()),
            "words": lambda lang: self.languages[lang].fingerprint if lang in self.languages else None,
            **self.lookers,
        }

    def look(self, key: str) -> bytes | None:
        """The digest of a fact as it is now, by its key; None for what is not there."""
        found = self._of_documents.get(key)
        if found is not None:
            return found
        name, *arguments = key.split(SEPARATOR)
        looker = self.lookers.get(name)
        return looker(*arguments) if looker is not None else None

    def cover(self, record: Record) -> str:
        """The drawn cover of a record, as SVG."""
        found = self._covers.get(record.ref)
        if found is None:
            found = draw_cover(getattr(record, "subject", None), str(record.ref), record.ref.kind)
            self._covers[record.ref] = found
        return found

    @cached_property
    def links(self) -> dict[tuple[str, str, str, Lang], tuple[str, tuple[int, ...]]]:
        """Where links lead, and what was asked for that: by folder, attribute, target and the page's language."""
        return {}

    @cached_property
    def by_kind(self) -> dict[str, tuple[Ref, ...]]:
        found: dict[str, list[Ref]] = {}
        for ref in self.documents:
            found.setdefault(ref.kind, []).append(ref)
        return {kind: tuple(refs) for kind, refs in found.items()}

    @cached_property
    def reverse(self) -> dict[str, tuple[Ref, ...]]:
        """Who points at each record, by the record's written reference."""
        found: dict[str, list[Ref]] = {}
        for ref, document in self.documents.by_ref.items():
            for target in document.references:
                found.setdefault(target, []).append(ref)
        return {target: tuple(sources) for target, sources in found.items()}

    @cached_property
    def _covers(self) -> dict[Ref, str]:
        return {}

    @cached_property
    def _figures(self) -> bytes:
        return digest(tuple(self.figures.items()))

    @cached_property
    def _references(self) -> bytes:
        rows = (f"{ref}:{','.join(one.references)}" for ref, one in self.documents.by_ref.items() if one.references)
        return digest_of_bytes("\n".join(rows).encode())

    @cached_property
    def _of_documents(self) -> dict[str, bytes]:
        """The digests of all records, whole and light, by the keys of those facts."""
        found = {}
        for ref, document in self.documents.by_ref.items():
            name = f"{ref.kind}{SEPARATOR}{ref.slug}"
            found[f"record{SEPARATOR}{name}"] = document.digest
            found[f"light{SEPARATOR}{name}"] = document.light_digest
        return found

    def _all_of(self, kind: str) -> bytes:
        documents = self.documents.by_ref
        return digest_of_bytes(
            b"".join(ref.slug.encode() + documents[ref].light_digest for ref in self.by_kind.get(kind, ()))
        )
