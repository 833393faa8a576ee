"""Renders a page as the site does, with undefined names as errors."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from babel.support import NullTranslations, Translations
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from openknowledge.catalogue.views.base import PageView
from openknowledge.rendering.render import PageEnvironment

THEME = Path(__file__).parents[2] / "theme"


def an_environment(translations: NullTranslations | Translations | None = None) -> Environment:
    environment = PageEnvironment(
        loader=FileSystemLoader(THEME / "templates"),
        undefined=StrictUndefined,
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    environment.set_translations(translations or NullTranslations())
    return environment


@cache
def the_environment() -> Environment:
    """Return an environment without translations: each process compiles each template once."""
    return an_environment()


def render(view: PageView, environment: Environment | None = None) -> str:
    return (environment or the_environment()).get_template(view.template).render(view=view)
