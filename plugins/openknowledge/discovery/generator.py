"""The generator that offers the files for search engines, browsers and finders of weaknesses to the writer."""

from collections.abc import Iterable
from typing import Any

from openknowledge.catalogue.site_generator import SiteGenerator
from openknowledge.engine.rules import Rule

from .sitemaps import QUERIES, robots_rule, sitemap_rule

__all__ = ["DiscoveryGenerator"]


class DiscoveryGenerator(SiteGenerator):
    """Builds sitemaps and `robots.txt`."""

    def extend_site(self, site: Any) -> None:
        """Register the queries of the sitemaps."""
        for name, query in QUERIES.items():
            site.register_query(name, query, persist=name == "sitemap-count")

    def rules(self) -> Iterable[Rule]:
        """Return the rules of all files."""
        return sitemap_rule(), robots_rule()
