"""Who owns each file of the site: two owners of one path, or a path that cannot be, are found before any is written."""

import unicodedata
from collections.abc import Iterable, Iterator
from itertools import starmap
from typing import Any, NamedTuple

from openknowledge.model.values import Lang, Ref
from openknowledge.output_paths import REDIRECTS_FILE, explain_path
from openknowledge.problems import ContentProblems, Message, Problem

from .page_rules import LIST, build_view
from .press_kit import kit_path
from .routes import media_path
from .site import Site
from .views.calendar import calendar_path
from .views.facets import faceted_lists, facets_path
from .views.feeds import feed_paths
from .views.numbers import document_path, index_pieces
from .views.transcripts import list_transcript_files

__all__ = ["CONFLICTS", "OwnedFile", "check_outputs", "describe_conflicts", "find_conflicts", "list_owned_files"]

CONFLICTS = "output-conflicts"
"""The query whose answer is `find_conflicts`: it is asked again where a list or an address is another one."""


class OwnedFile(NamedTuple):
    """A file of the site, and the rule that writes it.

    `ref` is the item (`course/coding`) that it belongs to, `list_key` names a page of a list by its kind, its name and
    the key in it.
    """

    path: str
    rule: str
    lang: Lang = ""
    ref: str = ""
    list_key: tuple[str, ...] = ()

    @property
    def is_chosen(self) -> bool:
        """Return whether the file is the page of an item, of which an editor chooses the address."""
        return self.rule == "page" and bool(self.ref)

    @property
    def item(self) -> Ref | None:
        """Return the item whose page the file is."""
        return Ref(*self.ref.split("/", 1)) if self.is_chosen else None


Conflict = tuple[tuple[Any, ...], tuple[Any, ...], str]
"""An `OwnedFile`, the one that has its path already (`()` where none has), and why nothing may be there."""


def list_owned_files(site: Site) -> tuple[OwnedFile, ...]:
    """Return every file of which the site's content or settings choose the path, those of items last."""
    return site.compute_once("owned-files", lambda site: tuple(_find_owned_files(site)))


def _find_owned_files(site: Site) -> Iterator[OwnedFile]:
    yield from (OwnedFile(media_path(path), "media") for path in site.published_files())
    yield from (OwnedFile(media_path(path), "transcript") for path in list_transcript_files(site))
    for path in site.shown_pictures():
        yield from (OwnedFile(place, "picture") for place in site.picture_places(path).values())
    yield from _data_files(site)
    for lang in site.langs:
        for dated in starmap(Ref, site.query("calendar-refs")):
            yield OwnedFile(calendar_path(site, lang, dated), "calendar", lang, str(dated))
    for lang in site.langs:
        for kind in site.kinds:
            for name, key in site.query("lists", kind.name, lang):
                path = kind.find_list(name).save_as(site, lang, kind.name, *key)
                yield OwnedFile(path, "page", lang, "", (kind.name, name, *key))
    for ref in site.refs():
        for lang in site.langs:
            yield OwnedFile(site.route_of(ref, lang).save_as, "page", lang, str(ref))


def _data_files(site: Site) -> Iterator[OwnedFile]:
    """Yield the feeds, the JSON documents, the data of histories and the press kits."""
    settings = site.settings
    for lang in site.langs:
        for key in site.query("feed-keys", lang):
            ref = key.partition("ref:")[2]
            yield from (OwnedFile(path, "feed", lang, ref) for path in feed_paths(site, lang, key))
        if settings.search_json:
            yield OwnedFile(settings.search_json.format(lang=lang), "search", lang)
    yield from _number_files(site)
    for kind, lang, key in faceted_lists(site):
        yield OwnedFile(facets_path(kind, lang, *key), "facets", lang)
    for slug in site.slugs("press"):
        yield from (OwnedFile(kit_path(site, slug, lang), "press-kit", lang, f"press/{slug}") for lang in site.langs)
    yield OwnedFile(REDIRECTS_FILE, "forwarding")


def _number_files(site: Site) -> Iterator[OwnedFile]:
    """Yield the documents of numbers, their index with its pieces, and the data of histories."""
    settings = site.settings
    if settings.counters_json:
        yield OwnedFile(settings.counters_json, "counters")
    if settings.counter_json:
        yield from (OwnedFile(document_path(site, piece), "counters") for piece in index_pieces())
        for course in site.series_slugs():
            yield OwnedFile(document_path(site, f"counter:course/{course}"), "counters", "", f"course/{course}")
        names = (name for name in site.query("number-names") if not name.startswith("counter:"))
        yield from (OwnedFile(path, "counters") for path in dict.fromkeys(document_path(site, name) for name in names))
    if settings.history_csv and site.series_slugs():
        yield OwnedFile(settings.history_csv.format(slug="total/courses"), "history")
        for course in site.series_slugs():
            yield OwnedFile(settings.history_csv.format(slug=course), "history", "", f"course/{course}")


def find_conflicts(site: Site) -> tuple[Conflict, ...]:
    """Return the files that cannot be written: the path is one that may not be, has an owner, or is also a folder."""
    owners: dict[str, OwnedFile] = {}
    conflicts: list[Conflict] = []
    for file in list_owned_files(site):
        # Where letters of both cases are one, or accents are composed, two such names are one file.
        name = file.path.lower() if file.path.isascii() else unicodedata.normalize("NFC", file.path).lower()
        owner = owners.setdefault(name, file)
        reason = str(explain_path(file.path, file.rule) or "")
        if reason or owner is not file:
            conflicts.append((tuple(file), () if reason else tuple(owner), reason))
    folders: dict[str, str] = {}
    for name in owners:
        folder = name.rpartition("/")[0]
        while folder and folder not in folders:
            folders[folder] = name
            folder = folder.rpartition("/")[0]
    both = sorted(owners.keys() & folders.keys())
    conflicts += ((tuple(owners[folders[name]]), tuple(owners[name]), "") for name in both)
    return tuple(conflicts)


def check_outputs(site: Site, *, keeps_going: bool = False) -> tuple[Problem, ...]:
    """Return the problems of all conflicts. Raises `ContentProblems` where a preview that `keeps_going` cannot go on.

    It can where two items have one address: the first one has it.
    """
    conflicts: Iterable[Conflict] = site.query(CONFLICTS)
    problems = tuple(describe_conflicts(site, conflicts))
    if keeps_going and not all(OwnedFile(*file).item for row in conflicts for file in row[:2] if file):
        raise ContentProblems(problems)
    return problems


def describe_conflicts(site: Site, conflicts: Iterable[Conflict]) -> Iterator[Problem]:
    """Yield a Problem for each item whose address has to change, and for each path that is a matter of settings."""
    named: set[str] = set()
    for row, other_row, reason in conflicts:
        file, other = OwnedFile(*row), OwnedFile(*other_row) if other_row else None
        if other is not None and file.item is None and other.item is not None:
            file, other = other, file
        subject = str(file.item or file.path)
        if subject in named:
            continue
        named.add(subject)
        address = f"/{file.path.removesuffix('index.html')}"
        if other is None:
            reason = explain_path(file.path, file.rule) or reason
            message = Message('the address "%(address)s" cannot be: %(reason)s', address=address, reason=reason)
        else:
            names = {"address": address, "owner": _describe_owner(site, other), "own": _describe_owner(site, file)}
            message = Message('the address "%(address)s" is already that of %(owner)s', **names)
            if file.item is None:
                message = Message('the address "%(address)s" is that of %(owner)s and of %(own)s', **names)
        if file.item is not None:
            yield Problem(_item_file(site, file.item), None, "slug", message, Message('Give it another "slug:".'))
        else:
            hint = Message("Give one of the two another address.")
            yield Problem("pelicanconf.py", None, None, message, hint)


def _item_file(site: Site, item: Ref) -> str:
    return next(iter(site.files_of(item)), str(item))


def _describe_owner(site: Site, file: OwnedFile) -> str:
    if file.item is not None:
        return _item_file(site, file.item)
    if file.list_key:
        kind, *key = file.list_key
        heading = build_view(site.fork(), LIST, file.lang, kind, *key).heading
        return Message('the page "%(heading)s"', heading=heading)
    return Message("a file of the site itself (%(rule)s)", rule=file.rule)
