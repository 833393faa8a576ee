"""Records as the parse cache has them: stubs are enough for lists, full records are loaded when a page needs them."""

import dataclasses
import io
import pickle
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache, lru_cache
from typing import Any

from openknowledge.model.values import Lang, Record, Ref, Words

from .item_table import ItemTable

__all__ = ["CORRUPT_ERRORS", "RecordStore", "allow_models", "find_changed_fields", "make_stub", "unpickle_record"]

STUB_WORDS = ("title", "slug")
FULL_RECORDS = 512
"""How many full records a store keeps at hand."""
CORRUPT_ERRORS = (pickle.UnpicklingError, AttributeError, EOFError, ImportError, LookupError, TypeError, ValueError)
"""What bytes raise that are no record, though they are as they were written."""
OWN_MODULES = "openknowledge.model."
KIND_MODULES: set[str] = set()
"""The modules with the models of kinds that plugins add."""
ALLOWED_GLOBALS = {
    ("datetime", "date"),
    ("datetime", "datetime"),
    ("datetime", "timezone"),
    ("datetime", "timedelta"),
    ("pydantic_core._pydantic_core", "TzInfo"),
    (__name__, "_build_stub"),
}


class RecordStore:
    """The records of the items of a table, each loaded by its written reference when it is first needed."""

    def __init__(
        self, table: ItemTable, load_stub: Callable[[str], Record], load_full: Callable[[str], Record]
    ) -> None:
        self.table = table
        self._load_stub, self._load_full = load_stub, load_full
        self.find_stub = cache(self._find_stub)
        self.full = lru_cache(maxsize=FULL_RECORDS)(self._find_full)

    def stub(self, ref: Ref) -> Record:
        """Return a record without its texts: reading one of them raises `AttributeError`."""
        stub = self.find_stub(ref.kind, ref.slug)
        assert stub is not None
        return stub

    def _find_stub(self, kind: str, slug: str) -> Record | None:
        """Return the stub of the record of a kind and slug; None where there is none."""
        name = f"{kind}/{slug}"
        return self._load_stub(name) if name in self.table.positions else None

    def overlay(self, changes: Mapping[str, tuple[bytes, Callable[[Record], Record]]]) -> "RecordStore":
        """Return a store in which some records are changed when they are loaded.

        `changes` have a digest of the change and the change, by written reference; what is not in the store is ignored.
        """
        changes = {name: change for name, change in changes.items() if name in self.table.positions}

        def load_full(name: str) -> Record:
            record = self._load_full(name)
            return changes[name][1](record) if name in changes else record

        def load_stub(name: str) -> Record:
            return make_stub(load_full(name)) if name in changes else self._load_stub(name)

        table = self.table.mix_digests({name: digest for name, (digest, _) in changes.items()})
        return RecordStore(table, load_stub, load_full)

    def _find_full(self, ref: Ref) -> Record:
        if str(ref) not in self.table.positions:
            raise KeyError(ref)
        return self._load_full(str(ref))


def make_stub(record: Record) -> Record:
    """Return the record with its facts and titles, without its texts and long lists (`Record.details`)."""
    model: Any = type(record)
    facts = tuple(getattr(record, name) for name in _list_stub_fields(model))
    words = tuple((lang, type(words), (words.title, words.slug)) for lang, words in record.words.items())
    return _build_stub(model, facts, words)


@cache
def _list_stub_fields(model: Any) -> tuple[str, ...]:
    names = (field.name for field in dataclasses.fields(model))
    return tuple(name for name in names if name not in model.details and name != "words")


def _build_stub(
    model: type[Record], facts: tuple[Any, ...], words: tuple[tuple[Lang, type[Words], tuple[Any, ...]], ...]
) -> Record:
    """Return a stub; its pickle is a call of this function."""
    record_model: Any = model
    stub: Record = _with_fields(_stub_class(record_model), _list_stub_fields(record_model), facts)
    by_lang = {lang: _with_fields(words_model, STUB_WORDS, values) for lang, words_model, values in words}
    object.__setattr__(stub, "words", by_lang)
    object.__setattr__(stub, "_arguments", (model, facts, words))
    return stub


def _with_fields(model: Any, names: Iterable[str], values: Iterable[Any]) -> Any:
    """Return a value of which only these fields are set."""
    value = object.__new__(model)
    for name, field in zip(names, values, strict=True):
        object.__setattr__(value, name, field)
    return value


@cache
def _stub_class(model: Any) -> Any:
    def reduce(self: Any) -> Any:
        return _build_stub, self._arguments

    return type(model.__name__, (model,), {"__slots__": ("_arguments",), "__reduce__": reduce, "__module__": __name__})


def allow_models(modules: Iterable[str]) -> None:
    """Let records have values of the models of these modules; a module may have been loaded again."""
    KIND_MODULES.update(modules)
    _find_global.cache_clear()


@lru_cache(maxsize=1024)
def _find_global(module: str, name: str) -> Any:
    """Return a global that records are made of. Raises `pickle.UnpicklingError` for any other."""
    find = pickle.Unpickler(io.BytesIO()).find_class
    if (module, name) in ALLOWED_GLOBALS:
        return find(module, name)
    if module.startswith(OWN_MODULES) or module in KIND_MODULES:
        found = find(module, name)
        if isinstance(found, type) and found.__module__ == module:
            return found
    raise pickle.UnpicklingError(f"{module}.{name} is no part of a record")


class _RestrictedUnpickler(pickle.Unpickler):
    """Creates records and plain values, and nothing else, because a cache may come from another machine.

    Each value in a record names its class, so the function that finds classes is the cache itself, which is native.
    """

    find_class = staticmethod(_find_global)


def unpickle_record(data: bytes) -> Any:
    """Return the value of canonical bytes. Raises `pickle.UnpicklingError` if they are more than a record."""
    return _RestrictedUnpickler(io.BytesIO(data)).load()


def find_changed_fields(old: Record, new: Record) -> Iterator[str]:
    """Yield the fields in which two versions of a record differ: `weeks`, `title (it)`, `text (it)`."""
    for name in (field.name for field in dataclasses.fields(new)):
        before, after = getattr(old, name, None), getattr(new, name)
        if name == "words" and before is not None:
            for lang in {**before, **after}:
                yield from _find_changed_words(before.get(lang), after.get(lang), lang)
        elif before != after:
            yield name


def _find_changed_words(old: Any, new: Any, lang: Lang) -> Iterator[str]:
    if old is None or new is None:
        yield f"words ({lang})"
        return
    for name in (field.name for field in dataclasses.fields(new)):
        if getattr(old, name, None) != getattr(new, name):
            yield f"{'text' if name == 'body' else name} ({lang})"
