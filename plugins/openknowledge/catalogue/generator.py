"""The catalogue inside a Pelican run: read what changed, stop at problems, offer every page to the writer."""

import json
from collections.abc import Iterable
from functools import partial
from pathlib import Path
from typing import Any

import pelican
from blinker import signal
from pelican import console
from pelican.generators import Generator

from openknowledge.content.parse_cache import ParseCache
from openknowledge.content.provenance import trace_content
from openknowledge.content.schedule import find_next
from openknowledge.engine.atomic_files import write_output
from openknowledge.engine.build_inputs import FileTree, scan
from openknowledge.engine.digest import digest
from openknowledge.engine.file_transaction import finish_transaction
from openknowledge.engine.query_graph import join_key
from openknowledge.engine.rules import run_rule
from openknowledge.engine.session import NEXT_CHANGE, BuildSession
from openknowledge.engine.workers.pool import executor_settings, open_pool
from openknowledge.problems import ContentProblems, Problem, sort_problems, total
from openknowledge.progress import progress_bar
from openknowledge.project_files import read_project_file
from openknowledge.rendering.locale import describe_missing_words, load_gettext, load_languages
from openknowledge.rendering.render import (
    CACHE_SIZE,
    SINGLE_PROCESS_CACHE_SIZE,
    RenderConfig,
    clear_environments,
    create_environments,
    freeze_mapping,
)
from openknowledge.rendering.template_digests import TemplateDigests

from .assemble import AssembledSite, assemble
from .findings import find_problems
from .kinds import KINDS
from .output_owners import CONFLICTS, check_outputs, find_conflicts
from .page_rules import (
    covers_rule,
    facets_rule,
    media_rule,
    page_action,
    pages_rule,
    pictures_rule,
    placeholder_route,
    transcripts_rule,
)
from .press_kit import press_kits_rule
from .settings import CatalogueSettings
from .site import Site
from .views.base import PageView

__all__ = ["CatalogueGenerator", "preview_urls"]

SAVE_EARLY_ITEMS = 50
"""From how many items that were read on the cache is saved at once, because a build may be killed before its end."""

PAGE_EXTRAS = signal("catalogue_page_extras")


class CatalogueGenerator(Generator):  # type: ignore[misc]
    """Puts the `Site` into `context["catalogue"]`, then offers a page for each of its views."""

    problems: tuple[Problem, ...] = ()

    def generate_context(self) -> None:
        """Read and relate all content; raises `ContentProblems` before anything is written."""
        self.options = CatalogueSettings.from_pelican(self.settings)
        langs = self.options.site.langs
        self.languages = load_languages(self.options.locale, langs, self.options.timezone, self.options.locales)
        for line in describe_missing_words(self.languages, self.options.locale):
            console.print(line, soft_wrap=True, markup=False, highlight=False)
        folder = (Path(self.settings["CACHE_PATH"]) / "reading").resolve()
        session = BuildSession.of(self.settings)
        cache: ParseCache = session.retained.setdefault(folder, ParseCache(folder))
        cache.load()
        saves_now = True
        try:
            with progress_bar(console) as progress, open_pool(*executor_settings(self.settings)) as pool:
                self.is_single_process = not pool.is_parallel
                stamps, last = session.inputs.stamps, session.inputs.last_transaction
                if stamps is None:
                    finish_transaction(self.options.content)
                    stamps = scan(self.options.content)
                known, limits = cache.extras.setdefault("files", {}), self.options.limits
                tree = FileTree(self.options.content, stamps, known, limits=limits, last_transaction=last)
                assembled = assemble(self.options, KINDS, self.languages, progress, cache, pool, tree)
            saves_now = bool(assembled.problems) or len(assembled.content.parsed) >= SAVE_EARLY_ITEMS
        finally:
            if saves_now:
                cache.save()
        self.assembled = assembled
        session.stop_or_report = self._stop_or_report
        stops = bool(assembled.problems) and not self.options.keep_going
        self._stop_or_report(find_problems(assembled, self.settings) if stops else assembled.problems)
        self.content = assembled.content
        self.scheduled = assembled.scheduled
        self.site: Site = assembled.site
        self.failed_items = {str(item.ref): item for item in assembled.content.failed}
        self.context["catalogue"] = assembled.site
        session.fallback_count = assembled.content.fallback_count
        session.theme_hooks.append(self._forget_theme)
        session.output_checks.append(self._check_outputs)
        self._register_inputs(tree)

    def _check_outputs(self) -> tuple[Problem, ...]:
        return check_outputs(self.site.fork(), keeps_going=self.options.keep_going)

    def _forget_theme(self) -> None:
        """Drop what was read of a theme that changed while pages were made."""
        clear_environments()
        self.site.extras.pop("templates", None)

    def _register_inputs(self, tree: FileTree) -> None:
        """Add the inputs of pages that are no content; the first rule of any plugin digests all that are known."""
        failed, root, site = self.failed_items, self.options.content, self.site
        site.register_input(
            "content-file", tree.digest, lambda path: read_project_file(root / path, root, max(tree.limits))
        )
        # A file that was saved while it was copied is copied again: this input differs each time.
        site.register_input("torn-file", tree.volatile_digest)
        site.register_input("failed-item", lambda ref: digest(failed[ref].paths) if ref in failed else None, failed.get)
        site.register_queries({CONFLICTS: find_conflicts}, persisted={CONFLICTS})
        self.config = self._render_config()
        bytecode = Path(self.config.bytecode) if self.config.bytecode else None
        environments = create_environments(
            self.env.loader, self.languages, self.settings["JINJA_ENVIRONMENT"], bytecode
        )
        digests = TemplateDigests(self.languages, environments, self.config.revision, lambda: site.extras)
        site.register_input(
            "template",
            digests.digest,
            lambda name, lang: partial(environments[lang].get_template, name),
            self.config.revision,
        )
        self.context["page_action"] = partial(page_action, self.config)

    def generate_output(self, writer: Any) -> None:
        """Offer every page, then the covers and media that pages show."""
        output = Path(self.output_path)
        if not hasattr(writer, "run_rule"):
            BuildSession.of(self.settings).check_outputs()
        with progress_bar(console) as progress:
            rule = pages_rule(self.config, self.failed_items, self._page_extras)
            self.context["pages"] = run_rule(writer, rule, self.site, output, progress)
            rules = covers_rule(), media_rule(), pictures_rule(), press_kits_rule(), transcripts_rule(), facets_rule()
            for rule in rules:
                run_rule(writer, rule, self.site, output, progress)
        session = BuildSession.of(self.settings)
        session.state.extras[NEXT_CHANGE] = self._find_next_change_s()
        trace_content(self.content, session.trace)

    def _find_next_change_s(self) -> float | None:
        """Return when an item appears next, or a moment passes that pages asked for, in seconds since 1970."""
        prefix = join_key("has-passed", "")
        asked = (key.removeprefix(prefix) for key in self.site.graph.input_keys() if key.startswith(prefix))
        found = find_next((*(appears for _, appears in self.scheduled), *asked), self.options.moment)
        return found.timestamp() if found is not None else None

    def _page_extras(self, view: PageView, site: Site) -> dict[str, Any]:
        extras: dict[str, Any] = {}
        for _, answer in PAGE_EXTRAS.send(self, view=view, site=site):
            extras.update(answer or {})
        return extras

    def _render_config(self) -> RenderConfig:
        """Return what is needed to render pages, here or in a worker."""
        cache = self.settings["CACHE_PATH"]
        return RenderConfig(
            theme=str(Path(self.settings["THEME"], "templates").resolve()),
            simple=str(Path(pelican.__file__).parent / "themes" / "simple" / "templates"),
            overrides=tuple(map(str, self.settings["THEME_TEMPLATES_OVERRIDES"])),
            locale=str(self.options.locale.resolve()),
            langs=self.options.site.langs,
            timezone=self.options.timezone,
            locales=freeze_mapping(self.options.locales),
            options=freeze_mapping(self.settings["JINJA_ENVIRONMENT"]),
            bytecode=str(Path(cache, "templates").resolve()) if cache else None,
            revision=BuildSession.of(self.settings).theme_digest,
            cache_size=SINGLE_PROCESS_CACHE_SIZE if self.is_single_process else CACHE_SIZE,
        )

    def _stop_or_report(self, problems: Iterable[Problem]) -> None:
        """Raise `ContentProblems`; a preview that goes on writes the problems to its file, with those of before."""
        self.problems = sort_problems((*self.problems, *problems))
        BuildSession.of(self.settings).problem_count = total(self.problems)
        if self.options.problems_file is not None:
            gettext = load_gettext(self.settings)
            rows = [
                {**problem.as_row(gettext), "urls": preview_urls(problem.path, self.assembled)}
                for problem in self.problems
            ]
            write_output(self.options.problems_file, json.dumps(rows, ensure_ascii=False, indent=1).encode())
        if self.problems and not self.options.keep_going:
            raise ContentProblems(self.problems)


def preview_urls(path: str, assembled: AssembledSite) -> list[str]:
    """Return where a preview shows the item that a file belongs to, in each language."""
    site = assembled.site.fork()
    record = site.stub_of_file(path)
    if record is not None:
        return [site.url(record, lang) for lang in site.langs]
    failed = (item for item in assembled.content.failed if path in item.paths)
    return [site.url_for_path(placeholder_route(item, site, lang).url) for item in failed for lang in site.langs]
