"""Redirects: every URL that was published serves, redirects or says that its content is gone."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from pelican import signals

from openknowledge.engine.session import BuildSession

if TYPE_CHECKING:
    from openknowledge.catalogue.site import Site
    from openknowledge.problems import Problem

__all__ = ["check", "register"]


def check_settings(pelican: Any) -> None:
    """Check the settings. Raises `ContentProblems`."""
    if not BuildSession.of(pelican.settings).is_up_to_date:
        from .settings import RedirectsSettings

        RedirectsSettings.from_pelican(pelican.settings)


def add_generator(pelican: Any) -> Any:
    """Return the generator; None where the build session has nothing to do."""
    if BuildSession.of(pelican.settings).is_up_to_date:
        return None
    from .generator import RedirectsGenerator

    return RedirectsGenerator


def check(settings: Any, site: Site) -> Iterable[Problem]:
    """Return the problems of old URLs for `invoke check`, without a build."""
    from .resolver import RedirectResolver
    from .settings import RedirectsSettings

    resolver = RedirectResolver(RedirectsSettings.from_pelican(settings))
    resolver.register_inputs(site)
    resolution = resolver.resolve(site)
    return (*resolution.problems, *resolution.losses)


def register() -> None:
    """Connect the plugin to Pelican's signals."""
    signals.initialized.connect(check_settings)
    signals.get_generators.connect(add_generator)
