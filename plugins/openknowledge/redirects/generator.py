"""The generator that stops a build which would lose published URLs, and that writes the redirects."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from blinker import signal
from pelican.generators import Generator

from openknowledge.engine.atomic_files import write_output
from openknowledge.engine.digest import code_fingerprint, digest
from openknowledge.engine.rules import run_rule
from openknowledge.engine.session import BuildSession
from openknowledge.problems import ContentProblems, Problem, sort_problems

from .resolver import RedirectResolver
from .rules import redirect_pages_rule, redirect_queries, redirects_file_rule
from .settings import RedirectsSettings

if TYPE_CHECKING:
    from openknowledge.catalogue.site import Site

__all__ = ["SERVED", "RedirectsGenerator"]

SERVED = signal("addresses_served")
"""Sent before the check of a build: receiver(generator, site=) returns files below output/ of another plugin."""
MEMO_KEY = "addresses"
"""The key of the build state for the digest of the inputs that had no problem."""
PERSISTED_QUERIES = ("redirect-table", "redirect-pages", "legacy-courses")


class RedirectsGenerator(Generator):  # type: ignore[misc]
    """Requires `context["catalogue"]`; without it there is nothing to write."""

    def generate_context(self) -> None:
        """Compare this build with the published URLs. Raises `ContentProblems` before anything is written."""
        site = self.context.get("catalogue")
        if site is None:
            return
        external = [path for _, paths in SERVED.send(self, site=site) for path in paths or ()]
        self.resolver = RedirectResolver(RedirectsSettings.from_pelican(self.settings), tuple(sorted(external)))
        self.resolver.register_inputs(site)
        for name, query in redirect_queries(self.resolver).items():
            site.register_query(name, query, persist=name in PERSISTED_QUERIES)
        extras = BuildSession.of(self.settings).state.extras
        inputs_digest = self._inputs_digest(site)
        if extras.get(MEMO_KEY) != inputs_digest:
            problems = self._problems(site)
            self._stop_or_report(site, problems)
            extras[MEMO_KEY] = b"" if problems or self.settings.get("KEEP_GOING") else inputs_digest

    def _inputs_digest(self, site: Site) -> bytes:
        """Return the digest of everything that editors answer for; lists come and go by themselves."""
        names = ("url-parts", "aliases", "media-files", "redirects", "published", "today")
        patterns = (sorted(site.routes.patterns.items()), sorted(map(str, site.routes.words.items())), site.langs)
        return digest((code_fingerprint(), *(site.digest_input(name) for name in names), patterns))

    def _problems(self, site: Site) -> tuple[Problem, ...]:
        """Return the problems; a preview that leaves out broken items loses no URLs."""
        resolution = self.resolver.resolve(site)
        losses = () if BuildSession.of(self.settings).problem_count else resolution.losses
        return sort_problems((*resolution.problems, *losses))

    def _stop_or_report(self, site: Site, problems: Sequence[Problem]) -> None:
        if not problems:
            return
        if not self.settings.get("KEEP_GOING"):
            raise ContentProblems(problems)
        BuildSession.of(self.settings).problem_count += len(problems)
        if problems_file := self.settings.get("PROBLEMS_FILE"):
            known = json.loads(Path(problems_file).read_bytes())
            rows = [{**asdict(problem), "urls": _urls(site, problem.path)} for problem in problems]
            write_output(Path(problems_file), json.dumps([*known, *rows], ensure_ascii=False, indent=1).encode())

    def generate_output(self, writer: Any) -> None:
        """Build the pages at old URLs and the file of redirects."""
        site = self.context.get("catalogue")
        if site is None:
            return
        is_windows = os.name == "nt"
        for rule in (redirect_pages_rule(self.context["page_action"], is_windows), redirects_file_rule()):
            run_rule(writer, rule, site, Path(self.output_path))


def _urls(site: Site, path: str) -> list[str]:
    """Return the URLs of the item that a file belongs to."""
    fork = site.fork()
    record = fork.stub_of_file(path)
    return [fork.url(record, lang) for lang in fork.langs] if record is not None else []
