"""What this build serves, by tidy address."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from openknowledge.catalogue.routes import media_path
from openknowledge.catalogue.views.feeds import feed_paths
from openknowledge.url_paths import path_of_file

from .model import ServedPath
from .table import REDIRECTS_FILE

if TYPE_CHECKING:
    from openknowledge.catalogue.site import Site

__all__ = ["served_paths"]


def served_paths(site: Site, external_paths: Iterable[str]) -> dict[str, ServedPath]:
    """All that is served; `others` are files below output/ that other people's plugins make."""
    found: dict[str, ServedPath] = {}
    for path, place in (*_others(site, external_paths), *_made(site), *_lists(site), *_records(site)):
        found[path_of_file(path)] = place
    return found


def _records(site: Site) -> Iterator[tuple[str, ServedPath]]:
    for ref in site.refs():
        for lang in site.langs:
            path = alias_file(site.files_of(ref), lang, site.default_lang)
            yield site.route_of(ref, lang).save_as, ServedPath("page", lang, str(ref), path)


def _lists(site: Site) -> Iterator[tuple[str, ServedPath]]:
    for lang in site.langs:
        for kind in site.kinds:
            rules = {rule.name: rule for rule in kind.lists}
            for name, key in site.query("lists", kind.name, lang):
                yield rules[name].save_as(site, lang, *key), ServedPath("list", lang)


def _made(site: Site) -> Iterator[tuple[str, ServedPath]]:
    """Feeds and documents of data."""
    settings = site.settings
    for lang in site.langs:
        for key in site.query("feed-keys", lang):
            ref = key.partition("ref:")[2]
            yield from ((path, ServedPath("feed", lang, ref)) for path in feed_paths(site, lang, key))
        if settings.search_json:
            yield settings.search_json.format(lang=lang), ServedPath("data", lang)
    if settings.counters_json:
        yield settings.counters_json, ServedPath("data", site.default_lang)
    if settings.counter_json:
        for course in site.series:
            yield settings.counter_json.format(slug=course), ServedPath("data", site.default_lang, f"course/{course}")
    yield REDIRECTS_FILE, ServedPath("data", site.default_lang)


def _others(site: Site, others: Iterable[str]) -> Iterator[tuple[str, ServedPath]]:
    for path in others:
        yield path, ServedPath("file", site.default_lang)
    for path in site.media_files():
        yield media_path(path), ServedPath("file", site.default_lang)


def alias_file(files: Iterable[str], lang: str, default_lang: str) -> str:
    """Where an editor writes the old addresses of an item's page in a language; `""` where it has no such file."""
    for path in files:
        code = path.rpartition("/")[2].removesuffix(".md").partition(".")[2] or default_lang
        if path.endswith(".md") and code == lang:
            return path
    return ""
