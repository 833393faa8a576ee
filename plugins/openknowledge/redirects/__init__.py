"""Addresses: an address that was published once serves, forwards or says that what it had is gone."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from pelican import signals

if TYPE_CHECKING:
    from openknowledge.catalogue.site import Site
    from openknowledge.problems import Problem

__all__ = ["check", "register"]


def check_settings(pelican: Any) -> None:
    """Stop on a wrong setting."""
    if not pelican.settings.get("UP_TO_DATE"):
        from .settings import RedirectsSettings

        RedirectsSettings.from_pelican(pelican.settings)


def add_generator(pelican: Any) -> Any:
    """The generator, unless everything is there already."""
    if pelican.settings.get("UP_TO_DATE"):
        return None
    from .generator import RedirectsGenerator

    return RedirectsGenerator


def check(settings: Any, site: Site) -> Iterable[Problem]:
    """What `invoke check` says of addresses, without a build."""
    from .resolver import RedirectResolver
    from .settings import RedirectsSettings

    found = RedirectResolver(RedirectsSettings.from_pelican(settings)).resolve(site)
    return (*found.problems, *found.losses)


def register() -> None:
    signals.initialized.connect(check_settings)
    signals.get_generators.connect(add_generator)
