"""Pelican's settings for publishing: `publishconf.py` as it stands."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from pelican.settings import read_settings

from .errors import Refused, problem
from .prebuild import SETTINGS
from .settings import PublishSettings

__all__ = ["settings_of"]


def settings_of(project: Path, environment: Mapping[str, str]) -> PublishSettings:
    """Raises `Refused` where they are wrong, or not there."""
    place = project / SETTINGS
    if not place.is_file():
        raise Refused([problem(SETTINGS, "is not there", "Publish from the project's folder.")])
    return PublishSettings.from_pelican(read_settings(str(place)), environment, project)
