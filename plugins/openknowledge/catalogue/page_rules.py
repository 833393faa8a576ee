"""Every page of the site, and the covers and media that pages show, as lines of products."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

from openknowledge.engine.digest import canonical_bytes, digest_bytes
from openknowledge.engine.query_graph import key_of
from openknowledge.engine.rules import Action, Files, Rule, static_action
from openknowledge.fast_pickle import all_but
from openknowledge.manifest import Cache, Role
from openknowledge.model.values import Ref
from openknowledge.problems import ContentProblems, Problem
from openknowledge.rendering.render import RenderSetup, render

from .queries import cover_path
from .site import Site
from .views.base import PageView
from .views.body import media_path
from .views.placeholder import broken_page

__all__ = ["all_views", "covers_line", "media_line", "page_files", "page_parts", "page_work", "pages_line"]

RECORD, LIST, MISSING = "record", "list", "missing"

Extras = Callable[[PageView, Site], dict[str, Any]]


def page_parts(site: Site, broken: Mapping[str, Any]) -> Iterator[tuple[str, ...]]:
    """The names of all pages: lists first, then each record in each language, then what stands in for the broken."""
    for lang in site.langs:
        for kind in site.kinds:
            for name, parts in site.ask("lists", kind.name, lang):
                yield LIST, lang, kind.name, name, *parts
    for lang in site.langs:
        for ref in site.facts.documents:
            yield RECORD, lang, ref.kind, ref.slug
        for ref_text in broken:
            yield MISSING, lang, ref_text


def page_view(site: Site, broken: Mapping[str, Any], sort: str, lang: str, name: str, *parts: str) -> PageView:
    """The view of one page by its name."""
    if sort == MISSING:
        site.use("broken", name)
        return broken_page(broken[name], site, lang)
    kind = site.kind(name)
    if sort == RECORD:
        return kind.page(site.whole(Ref(name, parts[0])), site, lang)
    pages = next(one for one in kind.lists if one.name == parts[0])
    return pages.page(site, lang, *parts[1:])


def all_views(site: Site, broken: Mapping[str, Any] = MappingProxyType({})) -> Iterator[PageView]:
    """Every page of the site, one after the other."""
    for parts in page_parts(site.reading(), broken):
        yield page_view(site.reading(), broken, *parts)


def pages_line(setup: RenderSetup, environments: Mapping[str, Any], broken: Mapping[str, Any], extras: Extras) -> Rule:
    """All pages of the site; `extras` is what other plugins add to one."""

    def make(site: Site, *name: str) -> Action:
        view = page_view(site, broken, *name)
        added = extras(view, site)
        if added:
            view = replace(view, extras={**view.extras, **added})
        return page_work(setup, environments, site, view)

    return Rule(
        name="page",
        label="Writing pages",
        keys=lambda site: page_parts(site, broken),
        plan=make,
        built_first=lambda parts: parts[0] != RECORD,
        check=refuse_same_file,
        role=lambda parts: Role.LIST if parts[0] == LIST else Role.PAGE,
    )


def page_work(setup: RenderSetup, environments: Mapping[str, Any], site: Site, view: PageView) -> Action:
    """A page to be made of a view, whoever made that."""
    template = f"{view.template}.html"
    site.use("template", template, view.lang)
    return Action(
        page_files,
        (view.lang, template, view.save_as, view),
        shared=(setup,),
        digest=digest_bytes(_told(site, view) + repr(setup.options).encode()),
        view=view,
        template=lambda: environments[view.lang].get_template(template),
    )


def page_files(setup: RenderSetup, lang: str, template: str, save_as: str, view: PageView) -> Files:
    """A page as its file; what worker processes do."""
    return ((save_as, render(setup, lang, template, view)),)


def _told(site: Site, view: PageView) -> bytes:
    """The digest of a view. Its chrome is one of few, whose digests the book has."""
    own = canonical_bytes((type(view).__qualname__, all_but("chrome", view)))
    return digest_bytes(own + site.chrome_digest(view.lang, view.section))


def refuse_same_file(site: Site, lists: Mapping[str, str]) -> None:
    """Two pages in one file: an item's slug that is also the address of a list."""
    taken = {save_as.lower(): heading for save_as, heading in lists.items()}
    problems = []
    for ref, document in site.facts.documents.by_ref.items():
        for lang in site.langs:
            route = site.record_route(site.facts.documents.light(ref), lang)
            other = taken.get(route.save_as.lower())
            if other is not None:
                where = next(iter(document.files), str(ref))
                message = f'the address "{site.at(route.url)}" is already that of another page ("{other}")'
                problems.append(Problem(where, None, "slug", message, 'Give it another "slug:".'))
    if problems:
        raise ContentProblems(problems)


def covers_line() -> Rule:
    """The drawn covers of items that have no picture."""

    def each(site: Site) -> Iterator[tuple[str, ...]]:
        drawn = {kind.name for kind in site.kinds if kind.is_drawn}
        columns = site.facts.columns
        for ref, has_image in zip(columns.refs, columns.column("has_image"), strict=True):
            if ref.kind in drawn and not has_image:
                yield ref.kind, ref.slug

    def make(site: Site, kind: str, slug: str) -> Action:
        record = site.get(kind, slug)
        assert record is not None
        drawing = site.facts.cover(record)
        return static_action((cover_path(record, drawing), drawing.encode()))

    return Rule("drawing", "Drawing covers", each, make, role=Role.MEDIA, cache=Cache.IMMUTABLE)


def media_line(content: Path) -> Rule:
    """The files of content/ that pages show or link to."""

    def each(site: Site) -> Iterator[tuple[str, ...]]:
        found = {path for several in site.facts.columns.column("media") for path in several}
        return ((path,) for path in sorted(found))

    def make(site: Site, path: str) -> Action:
        site.use("content-file", path)
        data = (content / path).read_bytes()
        if digest_bytes(data) != site.facts.look(key_of("content-file", path)):
            site.use("torn-file", path)
        return static_action((media_path(path), data))

    return Rule("media", "Copying media", each, make, role=Role.MEDIA, cache=Cache.MEDIA)
