"""The generator that offers the files for search engines, browsers and finders of weaknesses to the writer."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from pelican import console

from openknowledge.catalogue.site_generator import SiteGenerator
from openknowledge.engine.digest import digest_bytes
from openknowledge.engine.rules import Rule
from openknowledge.problems import ContentProblems, operator_problem
from openknowledge.project_files import read_project_file

from .icons import FILE, HINT, ICON, SOURCE, icons_rule
from .security import SecurityContact, security_rule
from .sitemaps import QUERIES, robots_rule, sitemap_rule

__all__ = ["DiscoveryGenerator"]


class DiscoveryGenerator(SiteGenerator):
    """Builds sitemaps, `robots.txt`, icons, manifests and `security.txt`."""

    def extend_site(self, site: Any) -> None:
        """Register the queries of the sitemaps, and the theme's icon."""
        site.register_queries(QUERIES, persisted={"sitemap-count", "sitemap-files"})
        theme = Path(self.settings["THEME"])
        try:
            icon = read_project_file(theme / "static" / SOURCE, theme)
        except OSError:
            raise ContentProblems([operator_problem(FILE, None, None, "there is no icon", HINT)]) from None
        site.register_input(ICON, lambda: digest_bytes(icon), icon.decode)
        self.contact = self._read_contact(site)

    def _read_contact(self, site: Any) -> SecurityContact | None:
        setting = self.settings.get("SECURITY_TXT")
        if not setting:
            return None
        contact = SecurityContact.from_setting(setting)
        if contact.expires.date() <= site.fork().today:
            console.print(f"SECURITY_TXT: it held until {contact.expires:%Y-%m-%d}. Look whether it is still true.")
        return contact

    def rules(self) -> Iterable[Rule]:
        """Return the rules of all files."""
        yield from (sitemap_rule(), robots_rule(), icons_rule())
        if self.contact is not None:
            yield security_rule(self.contact)
