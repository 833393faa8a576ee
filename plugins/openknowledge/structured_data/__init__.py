"""Structured data: what each page shows, said in schema.org's words as JSON-LD, for search engines."""

from typing import Any

from blinker import signal

__all__ = ["register"]


def add_extras(generator: Any, **arguments: Any) -> Any:
    """Return the structured data of a page."""
    from .pages import page_extras

    return page_extras(generator, **arguments)


def register() -> None:
    """Connect the plugin to the catalogue's signal."""
    signal("catalogue_page_extras").connect(add_extras)
