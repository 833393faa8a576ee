"""The paths that this build serves, normalized."""

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
    """Return everything that is served; `external_paths` are files below output/ that third-party plugins make."""
    files = (*_other_files(site, external_paths), *_data_files(site), *_lists(site), *_records(site))
    return {path_of_file(file): served for file, served in files}


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


def _data_files(site: Site) -> Iterator[tuple[str, ServedPath]]:
    """Yield the feeds and the JSON documents."""
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


def _other_files(site: Site, external_paths: Iterable[str]) -> Iterator[tuple[str, ServedPath]]:
    for path in external_paths:
        yield path, ServedPath("file", site.default_lang)
    for path in site.media_files():
        yield media_path(path), ServedPath("file", site.default_lang)


def alias_file(files: Iterable[str], lang: str, default_lang: str) -> str:
    """Return the file where an editor writes the aliases of an item's page in a language; empty if there is none."""
    for path in files:
        code = path.rpartition("/")[2].removesuffix(".md").partition(".")[2] or default_lang
        if path.endswith(".md") and code == lang:
            return path
    return ""
