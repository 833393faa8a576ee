"""The generator that has preview images drawn, and what it adds to pages."""

from collections.abc import Iterable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from openknowledge.catalogue.site import Site
from openknowledge.catalogue.site_generator import SiteGenerator
from openknowledge.catalogue.views.base import PageView, Picture
from openknowledge.engine.atomic_files import atomic_write_if_changed
from openknowledge.engine.digest import digest
from openknowledge.engine.rules import Action, Description, Files, Rule
from openknowledge.engine.session import BuildSession
from openknowledge.manifest import CacheClass, FileRole
from openknowledge.problems import Problem

from .cards import HEIGHT, QUERIES, SITE, STYLE, WIDTH, PlacedCard, list_pictures, style_digest
from .glyphs import MISSING, MissingGlyphs, find_problems, missing_glyphs

__all__ = ["SharePicturesGenerator", "draw_file", "is_on", "page_extras", "share_rule"]

SPARE_FILES = 100
DESCRIPTIONS = {
    "share-picture": Description("the preview image of {item} ({lang})", ("kind", "slug", "lang")),
    "share-card": Description("what the preview image of {item} shows ({lang})", ("kind", "slug", "lang")),
    "share-pictures": Description("which items of the kind {kind} have preview images of their own", ("kind",)),
    MISSING: Description("titles of the kind {kind} that no font can set", ("kind",)),
    STYLE: Description("how preview images are drawn"),
}


def is_on(settings: Mapping[str, Any]) -> bool:
    """Return whether pictures are drawn; nobody is to share a site that search engines leave out."""
    return bool(settings.get("SHARE_PICTURES")) and not settings.get("NOINDEX")


class SharePicturesGenerator(SiteGenerator):
    """Draws the picture of each item, where `SHARE_PICTURES` says so."""

    def extend_site(self, site: Any) -> None:
        """Register the queries, and have titles looked through before anything is written."""
        if not is_on(self.settings):
            return
        style = style_digest()
        site.register_input(STYLE, lambda: style, lambda: style.hex())
        site.register_queries({**QUERIES, MISSING: _missing_glyphs}, persisted={"share-pictures", MISSING})
        BuildSession.of(self.settings).output_checks.append(partial(self._check_titles, site))

    def _check_titles(self, site: Site) -> Iterator[Problem]:
        fork = site.fork()
        return find_problems(fork, Path(self.settings["PATH"]), partial(fork.query, MISSING))

    def rules(self) -> Iterable[Rule]:
        """Return the rule for the pictures."""
        return (share_rule(self._cache),) if is_on(self.settings) else ()

    @property
    def _cache(self) -> Path:
        return Path(self.settings["CACHE_PATH"]).resolve() / "share"

    def generate_output(self, writer: Any) -> None:
        """Draw the pictures, then forget the drawings of which too many are of no use."""
        super().generate_output(writer)
        if is_on(self.settings) and "catalogue" in self.context and self._cache.is_dir():
            used = {f"{key}.jpg" for *_, key in list_pictures(self.context["catalogue"].fork())}
            files = [*self._cache.iterdir()]
            for path in files if len(files) > 2 * len(used) + SPARE_FILES else ():
                if path.name not in used:
                    path.unlink(missing_ok=True)


def _missing_glyphs(site: Site, kind: str) -> tuple[MissingGlyphs, ...]:
    site.read_input(STYLE)
    return missing_glyphs(site, kind)


def share_rule(cache: Path) -> Rule:
    """Return the rule for all pictures. A drawing is kept in the folder `cache` by all that it is made of."""

    def keys(site: Site) -> list[tuple[str, ...]]:
        return [(kind, slug, lang) for kind, slug, lang, _ in list_pictures(site)]

    def plan(site: Site, kind: str, slug: str, lang: str) -> Action:
        placed = site.query("share-card", kind, slug, lang)
        return Action(draw_file, (str(cache), placed), digest=digest(placed))

    role, lasting = FileRole.MEDIA, CacheClass.IMMUTABLE
    return Rule(
        "share-picture", "Drawing preview images", keys, plan, role=role, cache=lasting, descriptions=DESCRIPTIONS
    )


def draw_file(cache: str, placed: PlacedCard) -> Files:
    """Return the picture of a card as its file; worker processes call this."""
    path = Path(cache, f"{placed.key}.jpg")
    if path.is_file():
        return ((placed.path, path.read_bytes()),)
    from .drawing import draw

    data = draw(placed.card)
    atomic_write_if_changed(path, data)
    return ((placed.path, data),)


def page_extras(generator: Any, *, view: PageView, site: Site) -> dict[str, Picture] | None:
    """Return the picture of a page: its item's, else the site's; None where none are drawn."""
    if not is_on(generator.settings):
        return None
    kind, slug = (view.ref or f"{SITE}/").split("/", 1)
    placed: PlacedCard = site.query("share-card", kind, slug, view.lang)
    url = site.absolute_url(site.url_for_path(placed.path))
    return {"share_picture": Picture(url=url, alt=placed.card.text, width_px=WIDTH, height_px=HEIGHT)}
