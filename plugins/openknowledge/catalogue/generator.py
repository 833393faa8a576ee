"""The catalogue inside a Pelican run: read what changed, stop at problems, offer every page to the writer."""

from __future__ import annotations

import json
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

import pelican
from blinker import signal
from pelican import console
from pelican.generators import Generator

from openknowledge.content.loader import FailedItem
from openknowledge.content.parse_cache import ParseCache
from openknowledge.engine.atomic_files import write_output
from openknowledge.engine.digest import digest
from openknowledge.engine.file_stamps import FileTree, scan
from openknowledge.engine.rules import run_rule
from openknowledge.engine.workers.pool import open_pool
from openknowledge.model.values import Lang
from openknowledge.problems import ContentProblems, Problem, sort_problems
from openknowledge.progress import progress_bar
from openknowledge.rendering.i18n import create_environments, load_languages
from openknowledge.rendering.macro_cache import CACHE_SIZE, SINGLE_PROCESS_CACHE_SIZE
from openknowledge.rendering.render import RenderConfig, freeze_mapping
from openknowledge.rendering.template_digests import TemplateDigests

from .assemble import AssembledSite, assemble
from .kinds import KINDS
from .page_rules import covers_rule, media_rule, page_action, pages_rule
from .settings import CatalogueSettings
from .site import Site
from .views.base import PageView
from .views.placeholder import placeholder_route

SAVE_EARLY_ITEMS = 50
"""From how many items on what was read is written down at once: a build may be killed before its end."""

PAGE_EXTRAS = signal("catalogue_page_extras")

_caches: dict[Path, ParseCache] = {}
"""What this process has read: a preview builds many times."""


class CatalogueGenerator(Generator):  # type: ignore[misc]
    """Puts the `Site` into `context["catalogue"]`, then offers a page for each of its views."""

    def generate_context(self) -> None:
        """Read and relate all content; raises `ContentProblems` before anything is written."""
        self.options = CatalogueSettings.from_pelican(self.settings)
        langs = self.options.site.langs
        languages = load_languages(self.options.locale, langs, self.options.timezone, self.options.locales)
        cache = _cache(Path(self.settings["CACHE_PATH"]) / "reading")
        cache.load()
        is_much = True
        try:
            with progress_bar(console) as progress, open_pool(*executor_settings(self.settings)) as hands:
                self.is_single_process = not hands.is_parallel
                found = assemble(self.options, KINDS, languages, progress, cache, hands, self._tree(cache))
            is_much = bool(found.problems) or found.content.read_count >= SAVE_EARLY_ITEMS
        finally:
            if is_much:
                cache.save()
        self._stop_or_report(found)
        self.site: Site = found.site
        self.failed_items = {str(item.ref): item for item in found.failed_items}
        self.context["catalogue"] = found.site
        self.context["problems"] = len(found.problems)
        self.context["read"] = found.content
        self.site.inputs.changed_fields = {str(ref): fields for ref, fields in found.content.changed_fields.items()}
        self.site.inputs.digesters["content-file"] = found.content.tree.digest
        self.site.inputs.digesters["broken"] = self._broken_digest
        # What was saved while it was copied is copied again: this fact is another one each time.
        self.site.inputs.digesters["torn-file"] = found.content.tree.volatile_digest
        self._add_templates()

    def _broken_digest(self, ref: str) -> bytes | None:
        """The digest of all that a stand-in says of a broken item."""
        return digest(self.failed_items[ref].paths) if ref in self.failed_items else None

    def _add_templates(self) -> None:
        """Let templates be looked up; the first line of any plugin's products looks up all that is known."""
        self.setup = self._setup()
        loader, given = self.env.loader, self.settings["JINJA_ENVIRONMENT"]
        self.environments = create_environments(loader, self.site.inputs.languages, given, _path(self.setup.bytecode))
        closures = TemplateDigests(self.site.inputs, self.environments, self.setup.revision)
        self.site.inputs.digesters["template"] = closures.digest
        self.context["page_action"] = partial(page_action, self.setup, self.environments)

    def generate_output(self, writer: Any) -> None:
        """Offer every page, then the covers and media that pages show."""
        output = Path(self.output_path)
        with progress_bar(console) as progress:
            line = pages_rule(self.setup, self.environments, self.failed_items, self._extras)
            self.context["pages"] = run_rule(writer, line, self.site, output, progress)
            for line in (covers_rule(), media_rule(self.options.content)):
                run_rule(writer, line, self.site, output, progress)

    def _extras(self, view: PageView, site: Site) -> dict[str, Any]:
        extras: dict[str, Any] = {}
        for _, answer in PAGE_EXTRAS.send(self, view=view, site=site):
            extras.update(answer or {})
        return extras

    def _setup(self) -> RenderConfig:
        """What is needed to render pages, here or in a worker."""
        theme = Path(self.settings["THEME"], "templates").resolve()
        cache = self.settings["CACHE_PATH"]
        return RenderConfig(
            theme=str(theme),
            simple=str(Path(pelican.__file__).parent / "themes" / "simple" / "templates"),
            overrides=tuple(map(str, self.settings["THEME_TEMPLATES_OVERRIDES"])),
            locale=str(self.options.locale.resolve()),
            langs=self.options.site.langs,
            timezone=self.options.timezone,
            locales=freeze_mapping(self.options.locales),
            options=freeze_mapping(self.settings["JINJA_ENVIRONMENT"]),
            bytecode=str(Path(cache, "templates").resolve()) if cache else None,
            revision=self.settings.get("THEME_REVISION", ""),
            cache_size=SINGLE_PROCESS_CACHE_SIZE if self.is_single_process else CACHE_SIZE,
        )

    def _tree(self, cache: ParseCache) -> FileTree:
        """The content's files, as whoever looked at them first in this build found them."""
        root = self.options.content
        scanned = self.settings.get("SCANNED")
        return FileTree(root, scan(root) if scanned is None else scanned, cache.extras.setdefault("files", {}))

    def _stop_or_report(self, found: AssembledSite) -> None:
        problems = sort_problems(found.problems)
        if self.options.problems_file is not None:
            rows = [{**asdict(problem), "urls": preview_urls(problem.path, found)} for problem in problems]
            write_output(self.options.problems_file, json.dumps(rows, ensure_ascii=False, indent=1).encode())
        if problems and not self.options.keep_going:
            raise ContentProblems(problems)


def executor_settings(settings: Any) -> tuple[str, str, int]:
    """The executor's name, the scheduler's address and the number of workers, from the settings."""
    name = settings.get("BUILD_EXECUTOR", "processes")
    return name, settings.get("BUILD_SCHEDULER", ""), settings.get("BUILD_WORKERS", 0)


def preview_urls(path: str, found: AssembledSite) -> list[str]:
    """Where a preview shows the item that the file belongs to, in each language."""
    site = found.site.fork()
    record = site.stub_of_file(path)
    if record is not None:
        return [site.url(record, lang) for lang in site.langs]
    broken = (item for item in found.failed_items if path in item.paths)
    return [_missing(item, site, lang) for item in broken for lang in site.langs]


def _missing(item: FailedItem, site: Site, lang: Lang) -> str:
    return site.url_for_path(placeholder_route(item, site, lang).url)


def save_caches() -> None:
    """Write down what was read, where that was left for the end: a page is not kept waiting for it."""
    for cache in _caches.values():
        cache.save()


def _cache(folder: Path) -> ParseCache:
    return _caches.setdefault(folder.resolve(), ParseCache(folder.resolve()))


def _path(text: str | None) -> Path | None:
    return Path(text) if text else None


__all__ = ["CatalogueGenerator", "Problem", "executor_settings", "preview_urls"]
