"""Structured data: what each page shows, said in schema.org's words as JSON-LD, for search engines."""

from collections.abc import Iterator, Mapping
from typing import Any

from blinker import signal

__all__ = ["advise", "register"]


def add_extras(generator: Any, **arguments: Any) -> Any:
    """Return the structured data of a page."""
    from .pages import page_extras

    return page_extras(generator, **arguments)


def advise(_settings: Mapping[str, Any], site: Any) -> Iterator[Any]:
    """Yield a problem where the settings name another page for the publisher than one of the partners."""
    from openknowledge.problems import operator_problem, suggest_spelling

    organization, partners = site.settings.organization, site.slugs("partner")
    if "partner" in site.missing or organization is None or not organization.partner:
        return
    if partners and organization.partner not in partners:
        hint = suggest_spelling(organization.partner, partners) or "Leave it out where it has no page."
        message = f'there is no partner "{organization.partner}"'
        yield operator_problem("pelicanconf.py", None, 'ORGANIZATION["partner"]', message, hint)


def register() -> None:
    """Connect the plugin to the catalogue's signal."""
    signal("catalogue_page_extras").connect(add_extras)
