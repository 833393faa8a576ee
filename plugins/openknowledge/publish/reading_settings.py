"""Pelican's settings for publishing: `publishconf.py` as it stands."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from pelican.settings import read_settings

from .errors import PublishRefused, make_problem
from .prebuild import SETTINGS_FILE
from .settings import PublishSettings

__all__ = ["load_settings"]


def load_settings(project: Path, environment: Mapping[str, str]) -> PublishSettings:
    """Raises `Refused` where they are wrong, or not there."""
    place = project / SETTINGS_FILE
    if not place.is_file():
        raise PublishRefused([make_problem(SETTINGS_FILE, "is not there", "Publish from the project's folder.")])
    return PublishSettings.from_pelican(read_settings(str(place)), environment, project)
