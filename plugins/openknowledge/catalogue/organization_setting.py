"""The setting `ORGANIZATION`: who publishes the site."""

from collections.abc import Iterator, Mapping
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

from openknowledge.content.frontmatter import build, explain_error
from openknowledge.content.pictures import measure_picture
from openknowledge.model.organization import Organization
from openknowledge.problems import suggest_spelling
from openknowledge.project_files import read_project_file
from openknowledge.rendering.locale import is_country

__all__ = ["find_organization_mistakes", "read_organization"]

SETTING = "ORGANIZATION"
MEASURED = ("logo_width_px", "logo_height_px")
OPTIONS = tuple(field.name for field in fields(Organization) if field.name not in MEASURED)
EXAMPLE = f'Write what is known: {SETTING} = {{"name": "University of Example", "url": "https://www.example.edu/"}}.'
LEAST_LOGO_PX = 112
"""Search engines show no smaller ones."""


def read_organization(settings: Mapping[str, Any]) -> Organization | None:
    """Return who publishes the site, if the setting, which has no mistakes, says so."""
    data = settings.get(SETTING)
    if not data:
        return None
    organization, _ = build(Organization, data)
    if organization.logo:
        width, height = _measure_logo(settings, organization.logo)
        organization = replace(organization, logo_width_px=width, logo_height_px=height)
    assert isinstance(organization, Organization)
    return organization


def find_organization_mistakes(settings: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    """Yield what is wrong with the setting: where, what, and what to write."""
    data = settings.get(SETTING)
    if not data:
        return
    if not isinstance(data, Mapping):
        yield SETTING, "this does not say who publishes the site", EXAMPLE
        return
    unknown = [name for name in data if name not in OPTIONS]
    for name in unknown:
        hint = suggest_spelling(str(name), OPTIONS) or f"It may say: {', '.join(OPTIONS)}."
        yield f'{SETTING}["{name}"]', "is unknown", hint
    _, errors = build(Organization, {name: value for name, value in data.items() if name in OPTIONS})
    for error in errors:
        message, cure = explain_error(error)
        yield f'{SETTING}["{error["loc"][0]}"]', message, EXAMPLE if error["type"] == "missing" else cure or EXAMPLE
    for name in OPTIONS:
        if isinstance(data.get(name), str) and not data[name].strip():
            yield f'{SETTING}["{name}"]', "is empty", "Write it, or leave it out." if name != "name" else EXAMPLE
    country = data.get("country")
    if isinstance(country, str) and country.strip() and not is_country(country):
        yield f'{SETTING}["country"]', f'"{country}" is not the code of a country', 'Write its two letters: "IT".'
    logo = data.get("logo")
    if isinstance(logo, str) and logo.strip() and min(_measure_logo(settings, logo)) < LEAST_LOGO_PX:
        hint = f"Put a PNG, JPEG or WebP into the folder static of the theme, at least {LEAST_LOGO_PX} pixels each way."
        yield f'{SETTING}["logo"]', f'"{logo}" is no picture that can stand for an organisation', hint


def _measure_logo(settings: Mapping[str, Any], logo: str) -> tuple[int, int]:
    """Return the size of a picture of the theme in pixels; nothing where it is none."""
    folder = Path(settings["THEME"], "static").resolve()
    path = (folder / logo).resolve()
    try:
        return measure_picture(read_project_file(path, folder)) if path.is_relative_to(folder) else (0, 0)
    except OSError:
        return 0, 0
