"""Structured data: what each page shows, said in schema.org's words as JSON-LD, for search engines."""

from collections.abc import Iterator, Mapping
from typing import Any

from blinker import signal

__all__ = ["check", "register"]


def add_extras(generator: Any, **arguments: Any) -> Any:
    """Return the structured data of a page."""
    from .pages import page_extras

    return page_extras(generator, **arguments)


def check(_settings: Mapping[str, Any], site: Any) -> Iterator[Any]:
    """Yield a problem where the publisher's page among the partners is named and is not there."""
    from openknowledge.problems import operator_problem, suggest_spelling

    organization = site.settings.organization
    if organization is not None and organization.partner and site.stub("partner", organization.partner) is None:
        hint = suggest_spelling(organization.partner, site.slugs("partner")) or "Leave it out where it has no page."
        message = f'there is no partner "{organization.partner}"'
        yield operator_problem("pelicanconf.py", None, 'ORGANIZATION["partner"]', message, hint)


def register() -> None:
    """Connect the plugin to the catalogue's signal."""
    signal("catalogue_page_extras").connect(add_extras)
