"""Records as they are kept: what lists need is light and at hand, the texts are read when a page wants them."""

from __future__ import annotations

import dataclasses
import io
import marshal
import pickle
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache, lru_cache
from typing import Any, ClassVar, NamedTuple

from openknowledge.engine.digest import canonical_bytes, digest_bytes
from openknowledge.model.values import Lang, Record, Ref, Words

from .frontmatter import LocatedFields

__all__ = [
    "KIND_MODULES",
    "Alias",
    "CrossCheck",
    "IndexedRecord",
    "RecordStore",
    "collect_url_parts",
    "index_record",
    "list_aliases",
    "make_stub",
    "pack_checks",
    "unpack_checks",
    "unpickle_record",
]

STUB_WORDS = ("title", "slug")
OWN_MODULES = "openknowledge.model."
KIND_MODULES: set[str] = set()
"""Where the models of other people's kinds are; filled in from the site's kinds."""
ALLOWED_GLOBALS = frozenset(
    {
        ("datetime", "date"),
        ("datetime", "datetime"),
        ("datetime", "timezone"),
        ("datetime", "timedelta"),
        ("pydantic_core._pydantic_core", "TzInfo"),
        ("openknowledge.content.records", "_revive_light"),
    }
)


class CrossCheck(NamedTuple):
    """Something that a file takes for granted of other files; `sort` is `ref`, `number` or `page`.

    `shown` is how the editor wrote it, where that differs from the `target`.
    """

    type: str
    target: str
    path: str
    line: int | None
    field: str | None
    shown: str = ""


Alias = tuple[Lang, str, str, int, int]
"""An old address of a page: its language, the address, and the file, line (or 0) and place in the list that say so."""


def pack_checks(claims: Iterable[CrossCheck]) -> bytes:
    """Claims as they are kept, and sent."""
    return marshal.dumps(tuple(map(tuple, claims)))


def unpack_checks(data: bytes) -> tuple[CrossCheck, ...]:
    """The claims that were kept; raises `ValueError`, `EOFError` or `TypeError` for bytes that are none."""
    return tuple(map(CrossCheck._make, marshal.loads(data)))


class IndexedRecord(NamedTuple):
    """A record with what is known of it without reading it.

    `digest` is that of the whole record, `light_digest` that of what lists see of it. `references` are the refs that it
    points at, `files` the Markdown files it came from, `media` the files of content/ that its texts show. `embargo` is
    the day (ISO 8601) before which nobody may see it. `address` is all that its addresses are made of, `aliases` are
    its old ones. `light` and `whole` make the record.
    """

    ref: Ref
    digest: bytes
    stub_digest: bytes
    references: tuple[str, ...]
    files: tuple[str, ...]
    media: tuple[str, ...]
    embargo: str | None
    has_image: bool
    url_parts: tuple[str, ...]
    aliases: tuple[Alias, ...]
    load_stub: Callable[[], Any]
    load_full: Callable[[], Any]


class RecordStore:
    """All records of a site by reference, each revived when it is first wanted.

    Only a `dict` of documents is sorted: other mappings are.
    """

    CACHE_SIZE: ClassVar[int] = 512

    def __init__(self, documents: Mapping[Ref, IndexedRecord]) -> None:
        is_sorted = not isinstance(documents, dict)
        self.by_ref: Mapping[Ref, IndexedRecord] = documents if is_sorted else dict(sorted(documents.items()))
        self._light: dict[tuple[str, str], Record | None] = {}
        self.full = lru_cache(maxsize=self.CACHE_SIZE)(self._whole)

    def __contains__(self, ref: object) -> bool:
        return ref in self.by_ref

    def __iter__(self) -> Any:
        return iter(self.by_ref)

    def __len__(self) -> int:
        return len(self.by_ref)

    def stub(self, ref: Ref) -> Record:
        """A record without its texts: whoever asks it for one gets an `AttributeError`."""
        found = self.find_stub(ref.kind, ref.slug)
        assert found is not None
        return found

    def find_stub(self, kind: str, slug: str) -> Record | None:
        """The record of a kind and slug, without its texts; None where there is none."""
        name = (kind, slug)
        try:
            return self._light[name]
        except KeyError:
            document = self.by_ref.get(Ref(kind, slug))
            found = self._light[name] = document.load_stub() if document is not None else None
            return found

    def _whole(self, ref: Ref) -> Record:
        found: Record = self.by_ref[ref].load_full()
        return found


def index_record(record: Record, references: Iterable[str], media: Iterable[str]) -> IndexedRecord:
    """A record that is at hand already."""
    slim = make_stub(record)
    until = getattr(record, "embargo", None)
    return IndexedRecord(
        ref=record.ref,
        digest=digest_bytes(canonical_bytes(record)),
        stub_digest=digest_bytes(canonical_bytes(slim)),
        references=tuple(references),
        files=record.files,
        media=tuple(media),
        embargo=until.isoformat() if until else None,
        has_image=record.image is not None,
        url_parts=collect_url_parts(record),
        aliases=tuple(list_aliases(record, {})),
        load_stub=lambda: slim,
        load_full=lambda: record,
    )


def collect_url_parts(record: Record) -> tuple[str, ...]:
    """All that a record's addresses are made of, beside the settings."""
    own = [f"{lang}:{words.slug}" for lang, words in record.words.items() if words.slug]
    published = getattr(record, "published", None)
    facts = (getattr(record, name, None) for name in ("initiative", "format", "save_as"))
    return record.slug, str(published.year if published else ""), *(str(one or "") for one in facts), *own


def list_aliases(record: Record, located: Mapping[Lang, LocatedFields]) -> Iterator[Alias]:
    """The old addresses of a record's pages; `located` are its files by language."""
    elsewhere = next(iter(record.files), str(record.ref))
    for lang, words in record.words.items():
        front = located.get(lang)
        for index, alias in enumerate(words.aliases):
            path, line = (front.path, front.find_line(("aliases", index))) if front else (elsewhere, None)
            yield lang, alias, path, line or 0, index


def make_stub(record: Record) -> Record:
    """The record with its facts and titles, and without its texts and long lists (`Record.details`)."""
    model: Any = type(record)
    facts = tuple(getattr(record, name) for name in _light_names(model))
    words = tuple((lang, type(said), (said.title, said.slug)) for lang, said in record.words.items())
    return _revive_light(model, facts, words)


@cache
def _light_names(model: Any) -> tuple[str, ...]:
    names = (one.name for one in dataclasses.fields(model))
    return tuple(name for name in names if name not in model.details and name != "words")


def _revive_light(
    model: type[Record], facts: tuple[Any, ...], words: tuple[tuple[Lang, type[Words], tuple[Any, ...]], ...]
) -> Record:
    form: Any = model
    made: Record = _partly(_light_form(form), _light_names(form), facts)
    object.__setattr__(made, "words", {lang: _partly(its_form, STUB_WORDS, said) for lang, its_form, said in words})
    object.__setattr__(made, "_made_of", (model, facts, words))
    return made


def _partly(model: Any, names: Iterable[str], values: Iterable[Any]) -> Any:
    """A value of which only the fields of these names are set."""
    made = object.__new__(model)
    for name, value in zip(names, values, strict=True):
        object.__setattr__(made, name, value)
    return made


@cache
def _light_form(model: Any) -> Any:
    """A form of the model that remembers what it was made of, and is kept as that."""

    def reduced(self: Any) -> Any:
        return _revive_light, self._made_of

    return type(model.__name__, (model,), {"__slots__": ("_made_of",), "__reduce__": reduced, "__module__": __name__})


class _Reviver(pickle.Unpickler):
    """Makes our records and plain values, and nothing else: what is kept may come from another machine."""

    known: ClassVar[dict[tuple[str, str], Any]] = {}
    """What of our own was found, so that it is looked for once and not in every record."""

    def find_class(self, module: str, name: str) -> Any:
        found = self.known.get((module, name))
        if found is None:
            found = self._found(module, name)
            if module.startswith(OWN_MODULES) or (module, name) in ALLOWED_GLOBALS:
                self.known[module, name] = found
        return found

    def _found(self, module: str, name: str) -> Any:
        if (module, name) in ALLOWED_GLOBALS:
            return super().find_class(module, name)
        if module.startswith(OWN_MODULES) or module in KIND_MODULES:
            found = super().find_class(module, name)
            if isinstance(found, type) and found.__module__ == module:
                return found
        raise pickle.UnpicklingError(f"{module}.{name} is no part of a record")


def unpickle_record(data: bytes) -> Any:
    """The value that `canonical` made bytes of; raises `pickle.UnpicklingError` for anything that is no record."""
    return _Reviver(io.BytesIO(data)).load()
