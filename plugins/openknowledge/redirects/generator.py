"""The address book inside a Pelican run: refuse what would break a promise, then offer the forwards to the writer."""

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
from openknowledge.engine.code_fingerprint import code_fingerprint
from openknowledge.engine.digest import digest
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
"""Sent before a build is judged: receiver(generator, site=) → files below output/ that a plugin of one's own makes."""
MEMO_KEY = "addresses"
"""Where the ledger remembers what was found in order."""
PERSISTED_QUERIES = ("forwards", "forward-pages", "old-courses")


class RedirectsGenerator(Generator):  # type: ignore[misc]
    """Needs `context["catalogue"]`; without one there is nothing to forward to."""

    def generate_context(self) -> None:
        """Compare this build with what was published; raises `ContentProblems` before anything is written."""
        site = self.context.get("catalogue")
        if site is None:
            return
        others = [path for _, paths in SERVED.send(self, site=site) for path in paths or ()]
        self.resolver = RedirectResolver(RedirectsSettings.from_pelican(self.settings), tuple(sorted(others)))
        self.resolver.register_inputs(site)
        for name, question in redirect_queries(self.resolver).items():
            site.register_query(name, question, persist=name in PERSISTED_QUERIES)
        extras = BuildSession.of(self.settings).state.extras
        told = self._inputs_digest(site)
        if extras.get(MEMO_KEY) != told:
            problems = self._problems(site)
            self._stop_or_report(site, problems)
            extras[MEMO_KEY] = b"" if problems or self.settings.get("KEEP_GOING") else told

    def _inputs_digest(self, site: Site) -> bytes:
        """The digest of all for which an editor is answerable; lists come and go by themselves."""
        names = ("url-parts", "aliases", "media-files", "redirects", "published", "today")
        patterns = (sorted(site.routes.patterns.items()), sorted(map(str, site.routes.words.items())), site.langs)
        return digest((code_fingerprint(), *(site.digest_input(name) for name in names), patterns))

    def _problems(self, site: Site) -> tuple[Problem, ...]:
        """What is wrong; what a preview leaves out because it is broken is not lost."""
        found = self.resolver.resolve(site)
        losses = () if BuildSession.of(self.settings).problem_count else found.losses
        return sort_problems((*found.problems, *losses))

    def _stop_or_report(self, site: Site, problems: Sequence[Problem]) -> None:
        if not problems:
            return
        if not self.settings.get("KEEP_GOING"):
            raise ContentProblems(problems)
        BuildSession.of(self.settings).problem_count += len(problems)
        place = self.settings.get("PROBLEMS_FILE")
        if place:
            known = json.loads(Path(place).read_bytes())
            rows = [{**asdict(problem), "urls": _urls(site, problem.path)} for problem in problems]
            write_output(Path(place), json.dumps([*known, *rows], ensure_ascii=False, indent=1).encode())

    def generate_output(self, writer: Any) -> None:
        site = self.context.get("catalogue")
        if site is None:
            return
        is_windows = os.name == "nt"
        for line in (redirect_pages_rule(self.context["page_action"], is_windows), redirects_file_rule()):
            run_rule(writer, line, site, Path(self.output_path))


def _urls(site: Site, path: str) -> list[str]:
    """Where a preview shows the item of a file."""
    reading = site.fork()
    record = reading.stub_of_file(path)
    return [reading.url(record, lang) for lang in reading.langs] if record is not None else []
