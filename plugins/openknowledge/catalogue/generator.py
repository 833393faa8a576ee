"""The catalogue inside a Pelican run: read everything, stop at problems, write every page."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from blinker import signal
from jinja2 import Environment
from pelican import console
from pelican.generators import Generator

from ..output import write_if_changed
from .assemble import Assembled, assemble
from .kinds import KINDS
from .model.values import Lang
from .problems import ContentProblems, Problem, in_order
from .progress import progress_bar
from .reading import Broken
from .settings import CatalogueSettings
from .site import Site
from .texts import media, media_path
from .views.base import PageView
from .views.missing import broken_page, broken_route
from .words import environments, read_languages

PAGE_EXTRAS = signal("catalogue_page_extras")


class CatalogueGenerator(Generator):  # type: ignore[misc]
    """Puts the `Site` into `context["catalogue"]`, then writes a page for each of its views."""

    def generate_context(self) -> None:
        """Read and relate all content; raises `ContentProblems` before anything is written."""
        self.options = CatalogueSettings.from_pelican(self.settings)
        languages = read_languages(
            self.options.locale, self.options.site.langs, self.options.timezone, self.options.locales
        )
        with progress_bar(console) as progress:
            found = assemble(self.options, KINDS, languages, progress)
        self._stop_or_report(found)
        self.site: Site = found.site
        self.broken = found.broken
        self.context["catalogue"] = found.site
        self.context["problems"] = len(found.problems)
        loader, given = self.env.loader, self.settings["JINJA_ENVIRONMENT"]
        assert loader is not None
        self.environments: dict[Lang, Environment] = environments(loader, languages, given)

    def generate_output(self, writer: Any) -> None:
        """Write every page, then the covers and media that pages show."""
        with progress_bar(console) as progress:
            views = list(all_views(self.site, self.broken))
            _refuse_same_file(views)
            for number, view in enumerate(views, start=1):
                self._write(writer, view)
                progress("Writing pages", number, len(views))
        self.context["pages"] = len(views)
        self._write_files()

    def _write(self, writer: Any, view: PageView) -> None:
        extras = self._extras(view)
        whole = replace(view, extras=extras) if extras else view
        template = self.environments[view.lang].get_template(f"{view.template}.html")
        writer.write_file(view.save_as, template, self.context, url=view.url, view=whole)

    def _extras(self, view: PageView) -> dict[str, Any]:
        extras: dict[str, Any] = dict(view.extras)
        for _, answer in PAGE_EXTRAS.send(self, view=view):
            extras.update(answer or {})
        return extras

    def _write_files(self) -> None:
        output = Path(self.output_path)
        for path, drawing in self.site.covers():
            write_if_changed(output / path, drawing.encode())
        for path in media(self.site):
            write_if_changed(output / media_path(path), (self.options.content / path).read_bytes())

    def _stop_or_report(self, found: Assembled) -> None:
        problems = in_order(found.problems)
        if self.options.problems_file is not None:
            rows = [{**asdict(problem), "urls": addresses(problem.path, found)} for problem in problems]
            write_if_changed(self.options.problems_file, json.dumps(rows, ensure_ascii=False, indent=1).encode())
        if problems and not self.options.keep_going:
            raise ContentProblems(problems)


def addresses(path: str, found: Assembled) -> list[str]:
    """Where a preview shows the item that the file belongs to, in each language."""
    site = found.site
    ref = site.file_refs.get(path)
    if ref is not None:
        return [site.url(site.records[ref], lang) for lang in site.langs]
    broken = (item for item in found.broken if path in item.paths)
    return [site.at(broken_route(item, site, lang).url) for item in broken for lang in site.langs]


def all_views(site: Site, broken: tuple[Broken, ...] = ()) -> Iterator[PageView]:
    """Every page of the site: each record in each language, each kind's lists, and what stands in for the broken."""
    for lang in site.langs:
        for kind in site.kinds:
            for record in site.all(kind.name):
                yield kind.page(record, site, lang)
            yield from kind.lists(site, lang)
        for item in broken:
            yield broken_page(item, site, lang)


def _refuse_same_file(views: list[PageView]) -> None:
    """Two pages in one file: an item's slug that is also the address of a list."""
    taken: dict[str, PageView] = {}
    problems = []
    for view in views:
        first = taken.setdefault(view.save_as.lower(), view)
        if first is not view:
            named = next((one.ref for one in (view, first) if one.ref), view.url)
            message = f'the address "{view.url}" is already that of another page ("{first.heading}")'
            problems.append(Problem(str(named), None, "slug", message, 'Give it another "slug:".'))
    if problems:
        raise ContentProblems(problems)
