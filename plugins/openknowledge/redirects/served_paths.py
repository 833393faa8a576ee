"""What this build serves, by tidy address."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from openknowledge.url_paths import address_of_file

from .model import Place
from .table import FORWARDING

if TYPE_CHECKING:
    from openknowledge.catalogue.site import Site

__all__ = ["note_served", "served_by"]

MEDIA = "media/"


def note_served(site: Site) -> None:
    """Note all that decides what is served, as a question must that rests on it."""
    for fact in ("addresses", "aliases", "media-files"):
        site.use(fact)
    site.use("all-series")
    for lang in site.langs:
        site.ask("feed-keys", lang)
        for kind in site.kinds:
            site.ask("lists", kind.name, lang)


def served_by(site: Site, others: Iterable[str]) -> dict[str, Place]:
    """All that is served; `others` are files below output/ that other people's plugins make."""
    found: dict[str, Place] = {}
    for path, place in (*_others(site, others), *_made(site), *_lists(site), *_records(site)):
        found[address_of_file(path)] = place
    return found


def _records(site: Site) -> Iterator[tuple[str, Place]]:
    documents = site.facts.documents
    for ref, document in documents.by_ref.items():
        record = documents.stub(ref)
        for lang in site.langs:
            path = file_for_aliases(document.files, lang, site.default_lang)
            yield site.record_route(record, lang).save_as, Place("page", lang, str(ref), path)


def _lists(site: Site) -> Iterator[tuple[str, Place]]:
    for lang in site.langs:
        for kind in site.kinds:
            pages = {one.name: one for one in kind.lists}
            for name, parts in site.ask("lists", kind.name, lang):
                yield pages[name].save_as(site, lang, *parts), Place("list", lang)


def _made(site: Site) -> Iterator[tuple[str, Place]]:
    """Feeds and documents of data."""
    settings = site.settings
    for lang in site.langs:
        for key in site.ask("feed-keys", lang):
            ref = key.partition("ref:")[2]
            yield from ((path, Place("feed", lang, ref)) for path in site.feed_files(lang, key))
        if settings.search_json:
            yield settings.search_json.format(lang=lang), Place("data", lang)
    if settings.counters_json:
        yield settings.counters_json, Place("data", site.default_lang)
    if settings.counter_json:
        for course in site.series:
            yield settings.counter_json.format(slug=course), Place("data", site.default_lang, f"course/{course}")
    yield FORWARDING, Place("data", site.default_lang)


def _others(site: Site, others: Iterable[str]) -> Iterator[tuple[str, Place]]:
    for path in others:
        yield path, Place("file", site.default_lang)
    for several in site.facts.columns.column("media"):
        for path in several:
            yield f"{MEDIA}{path}", Place("file", site.default_lang)


def file_for_aliases(files: Iterable[str], lang: str, default_lang: str) -> str:
    """Where an editor writes the old addresses of an item's page in a language; `""` where it has no such file."""
    for path in files:
        code = path.rpartition("/")[2].removesuffix(".md").partition(".")[2] or default_lang
        if path.endswith(".md") and code == lang:
            return path
    return ""
