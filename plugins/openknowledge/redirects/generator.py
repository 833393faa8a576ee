"""The generator that stops a build which would lose published URLs, and that writes the redirects."""

import os
from collections.abc import Iterable
from functools import partial

from blinker import signal

from openknowledge.catalogue.site import Site
from openknowledge.catalogue.site_generator import SiteGenerator
from openknowledge.engine.digest import code_fingerprint, digest
from openknowledge.engine.rules import Rule
from openknowledge.engine.session import BuildSession
from openknowledge.problems import Problem

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
        """Register the queries, and have this build compared with the published URLs before anything is written."""
        external = [path for _, paths in SERVED.send(self, site=site) for path in paths or ()]
        resolver = RedirectResolver(RedirectsSettings.from_pelican(self.settings), tuple(sorted(external)))
        resolver.register_inputs(site)
        site.register_queries(redirect_queries(resolver), persisted=PERSISTED_QUERIES)
        BuildSession.of(self.settings).output_checks.append(partial(self._check_addresses, resolver, site))

    def _check_addresses(self, resolver: RedirectResolver, site: Site) -> tuple[Problem, ...]:
        """Return what is wrong, which the last build found out if nothing has changed since."""
        extras, inputs_digest = BuildSession.of(self.settings).state.extras, _inputs_digest(site)
        if extras.get(MEMO_KEY) == inputs_digest:
            return ()
        problems = resolver.find_problems(site)
        extras[MEMO_KEY] = b"" if problems or self.settings.get("KEEP_GOING") else inputs_digest
        return problems

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
