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
from openknowledge.fast_pickle import astuple_except
from openknowledge.manifest import CacheClass, FileRole
from openknowledge.model.values import Ref
from openknowledge.problems import ContentProblems, Problem
from openknowledge.rendering.render import RenderConfig, render

from .queries import cover_path
from .site import Site
from .views.base import PageView
from .views.body import media_path
from .views.placeholder import placeholder_page

__all__ = ["build_all_views", "covers_rule", "media_rule", "page_action", "page_keys", "pages_rule", "render_page"]

RECORD, LIST, PLACEHOLDER = "record", "list", "missing"

PageExtras = Callable[[PageView, Site], dict[str, Any]]


def page_keys(site: Site, broken: Mapping[str, Any]) -> Iterator[tuple[str, ...]]:
    """The names of all pages: lists first, then each record in each language, then what stands in for the broken."""
    for lang in site.langs:
        for kind in site.kinds:
            for name, parts in site.query("lists", kind.name, lang):
                yield LIST, lang, kind.name, name, *parts
    for lang in site.langs:
        for ref in site.inputs.records:
            yield RECORD, lang, ref.kind, ref.slug
        for ref_text in broken:
            yield PLACEHOLDER, lang, ref_text


def build_view(site: Site, broken: Mapping[str, Any], sort: str, lang: str, name: str, *parts: str) -> PageView:
    """The view of one page by its name."""
    if sort == PLACEHOLDER:
        site.depend_on("broken", name)
        return placeholder_page(broken[name], site, lang)
    kind = site.kind(name)
    if sort == RECORD:
        return kind.page(site.record(Ref(name, parts[0])), site, lang)
    pages = next(one for one in kind.lists if one.name == parts[0])
    return pages.page(site, lang, *parts[1:])


def build_all_views(site: Site, broken: Mapping[str, Any] = MappingProxyType({})) -> Iterator[PageView]:
    """Every page of the site, one after the other."""
    for parts in page_keys(site.fork(), broken):
        yield build_view(site.fork(), broken, *parts)


def pages_rule(
    setup: RenderConfig, environments: Mapping[str, Any], broken: Mapping[str, Any], extras: PageExtras
) -> Rule:
    """All pages of the site; `extras` is what other plugins add to one."""

    def make(site: Site, *name: str) -> Action:
        view = build_view(site, broken, *name)
        added = extras(view, site)
        if added:
            view = replace(view, extras={**view.extras, **added})
        return page_action(setup, environments, site, view)

    return Rule(
        name="page",
        label="Writing pages",
        keys=lambda site: page_keys(site, broken),
        plan=make,
        built_first=lambda parts: parts[0] != RECORD,
        check=check_path_conflicts,
        role=lambda parts: FileRole.LIST if parts[0] == LIST else FileRole.PAGE,
    )


def page_action(setup: RenderConfig, environments: Mapping[str, Any], site: Site, view: PageView) -> Action:
    """A page to be made of a view, whoever made that."""
    template = f"{view.template}.html"
    site.depend_on("template", template, view.lang)
    return Action(
        render_page,
        (view.lang, template, view.save_as, view),
        shared=(setup,),
        digest=digest_bytes(_view_digest(site, view) + repr(setup.options).encode()),
        view=view,
        template=lambda: environments[view.lang].get_template(template),
    )


def render_page(setup: RenderConfig, lang: str, template: str, save_as: str, view: PageView) -> Files:
    """A page as its file; what worker processes do."""
    return ((save_as, render(setup, lang, template, view)),)


def _view_digest(site: Site, view: PageView) -> bytes:
    """The digest of a view. Its chrome is one of few, whose digests the book has."""
    own = canonical_bytes((type(view).__qualname__, astuple_except("chrome", view)))
    return digest_bytes(own + site.chrome_digest(view.lang, view.section))


def check_path_conflicts(site: Site, lists: Mapping[str, str]) -> None:
    """Two pages in one file: an item's slug that is also the address of a list."""
    taken = {save_as.lower(): heading for save_as, heading in lists.items()}
    problems = []
    for ref in site.inputs.records:
        for lang in site.langs:
            route = site.record_route(site.inputs.records.stub(ref), lang)
            other = taken.get(route.save_as.lower())
            if other is not None:
                where = next(iter(site.inputs.records.files(ref)), str(ref))
                message = f'the address "{site.url_for_path(route.url)}" is already that of another page ("{other}")'
                problems.append(Problem(where, None, "slug", message, 'Give it another "slug:".'))
    if problems:
        raise ContentProblems(problems)


def covers_rule() -> Rule:
    """The drawn covers of items that have no picture."""

    def each(site: Site) -> Iterator[tuple[str, ...]]:
        drawn = {kind.name for kind in site.kinds if kind.has_cover}
        columns = site.inputs.table
        for ref, has_image in zip(columns.refs, columns.column("has_image"), strict=True):
            if ref.kind in drawn and not has_image:
                yield ref.kind, ref.slug

    def make(site: Site, kind: str, slug: str) -> Action:
        record = site.stub(kind, slug)
        assert record is not None
        drawing = site.inputs.draw_cover(record)
        return static_action((cover_path(record, drawing), drawing.encode()))

    return Rule("drawing", "Drawing covers", each, make, role=FileRole.MEDIA, cache=CacheClass.IMMUTABLE)


def media_rule(content: Path) -> Rule:
    """The files of content/ that pages show or link to."""

    def each(site: Site) -> Iterator[tuple[str, ...]]:
        found = {path for several in site.inputs.table.column("media") for path in several}
        return ((path,) for path in sorted(found))

    def make(site: Site, path: str) -> Action:
        site.depend_on("content-file", path)
        data = (content / path).read_bytes()
        if digest_bytes(data) != site.inputs.digest(key_of("content-file", path)):
            site.depend_on("torn-file", path)
        return static_action((media_path(path), data))

    return Rule("media", "Copying media", each, make, role=FileRole.MEDIA, cache=CacheClass.MEDIA)
