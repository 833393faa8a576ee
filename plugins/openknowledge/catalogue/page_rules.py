"""The rules for every page of the site, and for the covers and media that pages show."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import partial
from pathlib import PurePosixPath
from types import MappingProxyType
from typing import Any

from openknowledge.content.loader import FailedItem
from openknowledge.content.media_files import clean_media, is_drawing
from openknowledge.content.pictures import COPY, is_picture
from openknowledge.engine.digest import canonical_bytes, digest_bytes
from openknowledge.engine.query_graph import join_key
from openknowledge.engine.rules import Action, Description, Files, Rule, static_action
from openknowledge.fast_pickle import astuple_except
from openknowledge.manifest import CacheClass, FileRole
from openknowledge.model.values import Lang, Ref
from openknowledge.model.video import Video
from openknowledge.rendering.render import RenderConfig, render

from .queries import cover_file
from .routes import Route, media_path
from .site import Site
from .views.base import Notice, PageView
from .views.facets import facet_document, faceted_lists, facets_path
from .views.frame import page_fields
from .views.pages import TextPage
from .views.transcripts import list_transcript_files, make_transcript_file

__all__ = [
    *("LIST", "build_all_views", "build_view", "covers_rule", "facets_rule", "media_rule", "page_action", "page_keys"),
    *("pages_rule", "pictures_rule", "placeholder_route", "published_bytes", "render_page", "transcripts_rule"),
]

RECORD, LIST, PLACEHOLDER = "record", "list", "placeholder"

DESCRIPTIONS = {
    join_key("page", RECORD): Description("the page of {item} ({lang})", ("lang", "kind", "slug")),
    join_key("page", LIST): Description("a page of the list {list} ({lang}) {key}", ("lang", "of", "list", "*key")),
    join_key("page", PLACEHOLDER): Description("the placeholder of {ref} ({lang})", ("lang", "ref")),
    "drawing": Description("the cover that is drawn for {item}", ("kind", "slug")),
    "facets": Description("what the filters of a list combine: {kind} ({lang}) {key}", ("kind", "lang", "*key")),
    "media": Description("a picture or document", ("path",), "content/{path}"),
    "transcript": Description("a transcript to download: {path}", ("path",)),
    "picture": Description("a picture in the sizes and formats of pages", ("path",), "content/{path}"),
}

PageExtras = Callable[[PageView, Site], dict[str, Any]]
"""Returns what other plugins add to a page."""


def page_keys(site: Site, failed_items: Mapping[str, Any]) -> list[tuple[str, ...]]:
    """Return the keys of all pages: lists first, then each record in each language, then placeholders."""
    keys: list[tuple[str, ...]] = []
    for lang in site.langs:
        for kind in site.kinds:
            keys += [(LIST, lang, kind.name, name, *key) for name, key in site.query("lists", kind.name, lang)]
    for lang in site.langs:
        keys += [(RECORD, lang, ref.kind, ref.slug) for ref in site.refs()]
        keys += [(PLACEHOLDER, lang, ref_text) for ref_text in failed_items]
    return keys


def build_view(site: Site, page_type: str, lang: str, name: str, *key: str) -> PageView:
    """Return the view of one page by its key."""
    if page_type == PLACEHOLDER:
        return placeholder_page(site.read_input("failed-item", name), site, lang)
    kind = site.kind(name)
    if page_type == RECORD:
        return kind.page(site.record(Ref(name, key[0])), site, lang)
    return kind.find_list(key[0]).view(site, lang, name, *key[1:])


def placeholder_page(item: FailedItem, site: Site, lang: Lang) -> TextPage:
    """Return a page at a wrong item's address, in a preview, that names the file to mend; it is never published."""
    gettext = site.language(lang).gettext
    message = gettext("The file %(path)s has problems; this page comes back when they are mended.", path=item.paths[0])
    return TextPage(
        **page_fields(
            site,
            lang,
            partial(placeholder_route, item, site),
            template="page",
            heading=item.ref.slug,
            section=item.ref.kind,
            notices=(Notice(text=message, tone="problem"),),
            robots="noindex",
        ),
        abstract="",
        body=(),
        updated=None,
    )


def placeholder_route(item: FailedItem, site: Site, lang: Lang) -> Route:
    """Return the address of the item's page as far as its path tells it, because the slug may be in the broken file."""
    folder = PurePosixPath(item.paths[0]).parent.name
    initiatives = [one.slug for one in site.stubs("initiative")]
    parts = {"slug": item.ref.slug, "year": folder, "format": folder, "initiative": "".join(initiatives[:1])}
    return site.routes.route(item.ref.kind, lang, **parts)


def build_all_views(site: Site, failed_items: Mapping[str, Any] = MappingProxyType({})) -> Iterator[PageView]:
    """Yield every page of the site."""
    for key in page_keys(site.fork(), failed_items):
        yield build_view(site.fork(), *key)


def pages_rule(config: RenderConfig, failed_items: Mapping[str, Any], extras: PageExtras) -> Rule:
    """Return the rule for all pages of the site."""

    def plan(site: Site, *key: str) -> Action:
        view = build_view(site, *key)
        added = extras(view, site)
        if added:
            view = replace(view, extras={**view.extras, **added})
        return page_action(config, site, view)

    return Rule(
        name="page",
        label="Writing pages",
        keys=lambda site: page_keys(site, failed_items),
        plan=plan,
        built_first=lambda key: key[0] != RECORD,
        role={LIST: FileRole.LIST, RECORD: FileRole.PAGE, PLACEHOLDER: FileRole.PAGE},
        descriptions=DESCRIPTIONS,
    )


def page_action(config: RenderConfig, site: Site, view: PageView) -> Action:
    """Return the action that renders a view."""
    template = f"{view.template}.html"
    get_template = site.read_input("template", template, view.lang)
    template_digest = site.digest("template", template, view.lang)
    return Action(
        render_page,
        (view.lang, template, view.save_as, view),
        shared=(config,),
        digest=digest_bytes(_view_digest(site, view) + repr(config.options).encode() + template_digest),
        view=view,
        template=get_template,
    )


def render_page(config: RenderConfig, lang: str, template: str, save_as: str, view: PageView) -> Files:
    """Return a page as its file; workers call this."""
    return ((save_as, render(config, lang, template, view)),)


def _view_digest(site: Site, view: PageView) -> bytes:
    """Return the digest of a view. Its chrome is one of few, whose digests are in the query graph."""
    own = canonical_bytes((type(view).__qualname__, astuple_except("chrome", view)))
    return digest_bytes(own + site.digest("chrome", view.lang, view.section))


def facets_rule() -> Rule:
    """Return the rule for the documents with which browsers combine the filters of lists."""

    def keys(site: Site) -> list[tuple[str, ...]]:
        return [(kind, lang, *key) for kind, lang, key in faceted_lists(site)]

    def plan(site: Site, kind: str, lang: str, *key: str) -> Action:
        return static_action((facets_path(kind, lang, *key), facet_document(site, kind, lang, *key)))

    return Rule("facets", "Writing filters", keys, plan, descriptions=DESCRIPTIONS)


def covers_rule() -> Rule:
    """Return the rule for the drawn covers of items that have no picture."""

    def keys(site: Site) -> list[tuple[str, ...]]:
        kinds, stills = {kind.name for kind in site.kinds if kind.has_cover}, site.query("shown-stills")
        refs = [ref for ref in site.refs_without_image() if ref.kind in kinds]
        return [(ref.kind, ref.slug) for ref in refs if ref.kind != Video.kind or ref.slug not in stills]

    def plan(site: Site, kind: str, slug: str) -> Action:
        path, drawing = cover_file(site, kind, slug)
        return static_action((path, drawing.encode()))

    role, cache = FileRole.MEDIA, CacheClass.IMMUTABLE
    return Rule("drawing", "Drawing covers", keys, plan, role=role, cache=cache, descriptions=DESCRIPTIONS)


def media_rule() -> Rule:
    """Return the rule for the files of content/ that pages show or link to."""

    def plan(site: Site, path: str) -> Action:
        return static_action((media_path(path), published_bytes(site, path)))

    def keys(site: Site) -> list[tuple[str, ...]]:
        # Of a picture with a mistake a preview shows none.
        unclean = {path for path in site.refused_pictures() if not is_drawing(path)}
        return [(path,) for path in site.published_files() if path not in unclean]

    role, cache = FileRole.MEDIA, CacheClass.MEDIA
    return Rule("media", "Copying media", keys, plan, role=role, cache=cache, descriptions=DESCRIPTIONS)


def transcripts_rule() -> Rule:
    """Return the rule for the files to download that are made of caption files."""

    def plan(site: Site, path: str) -> Action:
        return static_action((media_path(path), make_transcript_file(site, path)))

    def keys(site: Site) -> list[tuple[str, ...]]:
        return [(path,) for path in list_transcript_files(site)]

    role, cache = FileRole.MEDIA, CacheClass.MEDIA
    return Rule("transcript", "Writing transcripts", keys, plan, role=role, cache=cache, descriptions=DESCRIPTIONS)


def published_bytes(site: Site, path: str) -> bytes:
    """Return a file of content/ as it is published: of a picture this is a clean copy."""
    if is_picture(path) and not is_drawing(path) and site.picture_facts(path) is not None:
        return site.read_picture(path)[COPY]
    data = site.read_input("content-file", path)
    if digest_bytes(data) != site.digest("content-file", path):
        site.read_input("torn-file", path)
    return clean_media(path, data)


def pictures_rule() -> Rule:
    """Return the rule for the files of pictures in the sizes and formats of pages."""

    def keys(site: Site) -> list[tuple[str, ...]]:
        return [(path,) for path in site.shown_pictures() if site.picture_places(path)]

    def plan(site: Site, path: str) -> Action:
        files = site.read_picture(path)
        return static_action(*((place, files[name]) for name, place in site.picture_places(path).items()))

    role, cache = FileRole.MEDIA, CacheClass.IMMUTABLE
    return Rule("picture", "Writing pictures", keys, plan, role=role, cache=cache, descriptions=DESCRIPTIONS)
