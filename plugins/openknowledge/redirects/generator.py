"""The generator that stops a build which would lose published URLs, and that writes the redirects."""

import json
import os
from collections.abc import Iterable
from pathlib import Path

from blinker import signal

from openknowledge.catalogue.site import Site
from openknowledge.catalogue.site_generator import SiteGenerator
from openknowledge.engine.atomic_files import write_output
from openknowledge.engine.digest import code_fingerprint, digest
from openknowledge.engine.rules import Rule
from openknowledge.engine.session import BuildSession
from openknowledge.problems import ContentProblems, Problem, sort_problems
from openknowledge.rendering.locale import load_gettext

from .pages import redirect_pages_rule, redirect_queries, redirects_file_rule
from .resolver import RedirectResolver
from .sources import RedirectsSettings

__all__ = ["SERVED", "RedirectsGenerator"]

SERVED = signal("addresses_served")
"""Sent before the check of a build: receiver(generator, site=) returns files below output/ of another plugin."""
MEMO_KEY = "addresses"
"""The key of the build state for the digest of the inputs that had no problem."""
PERSISTED_QUERIES = ("redirect-table", "redirect-pages", "legacy-courses")


class RedirectsGenerator(SiteGenerator):
    """Builds the pages at old URLs and the file of redirects."""

    def extend_site(self, site: Site) -> None:
        """Compare this build with the published URLs. Raises `ContentProblems` before anything is written."""
        external = [path for _, paths in SERVED.send(self, site=site) for path in paths or ()]
        resolver = RedirectResolver(RedirectsSettings.from_pelican(self.settings), tuple(sorted(external)))
        resolver.register_inputs(site)
        site.register_queries(redirect_queries(resolver), persisted=PERSISTED_QUERIES)
        session = BuildSession.of(self.settings)
        inputs_digest = _inputs_digest(site)
        if session.state.extras.get(MEMO_KEY) != inputs_digest:
            resolution = resolver.resolve(site)
            # A preview that leaves out broken items loses no URLs.
            losses = () if session.problem_count else resolution.losses
            dead_links = () if session.problem_count else resolver.check_links(site.fork())
            problems = sort_problems((*resolution.problems, *losses, *dead_links))
            if problems:
                self._stop_or_report(site, problems)
            session.state.extras[MEMO_KEY] = b"" if problems or self.settings.get("KEEP_GOING") else inputs_digest

    def _stop_or_report(self, site: Site, problems: tuple[Problem, ...]) -> None:
        if not self.settings.get("KEEP_GOING"):
            raise ContentProblems(problems)
        BuildSession.of(self.settings).problem_count += len(problems)
        if problems_file := self.settings.get("PROBLEMS_FILE"):
            known, gettext = json.loads(Path(problems_file).read_bytes()), load_gettext(self.settings)
            rows = [{**problem.as_row(gettext), "urls": _urls(site, problem.path)} for problem in problems]
            write_output(Path(problems_file), json.dumps([*known, *rows], ensure_ascii=False, indent=1).encode())

    def rules(self) -> Iterable[Rule]:
        """Return the rules for the pages and the file."""
        return redirect_pages_rule(self.context["page_action"], os.name == "nt"), redirects_file_rule()


def _inputs_digest(site: Site) -> bytes:
    """Return the digest of everything that editors answer for; lists come and go by themselves."""
    names = ["url-parts", "aliases", "media-files", "redirects", "published", "withdrawn", "today", "address-links"]
    if any("#" in link.address for link in site.fork().address_links()):
        names.append("records")
    patterns = (sorted(site.routes.patterns.items()), sorted(map(str, site.routes.words.items())), site.langs)
    return digest((code_fingerprint(), *(site.digest_input(name) for name in names), patterns))


def _urls(site: Site, path: str) -> list[str]:
    """Return the URLs of the item that a file belongs to."""
    fork = site.fork()
    record = fork.stub_of_file(path)
    return [fork.url(record, lang) for lang in fork.langs] if record is not None else []
