"""The settings of the files that others look for."""

from typing import Any
from urllib.parse import urlsplit

from openknowledge.catalogue.settings import FILE
from openknowledge.problems import ContentProblems, operator_problem

from .security import find_mistakes

__all__ = ["check_settings"]

WEB_MANIFEST = "icons/site.{lang}.webmanifest"


def check_settings(settings: dict[str, Any]) -> None:
    """Check the settings, and have pages name the manifest. Raises `ContentProblems` with all that is wrong."""
    mistakes = [*find_mistakes(settings)]
    if settings.get("SECURITY_TXT") and not settings.get("NOINDEX") and urlsplit(settings["SITEURL"]).path.strip("/"):
        hint = "Have the site at the root of the host write it, and leave this setting out."
        mistakes.append(("SECURITY_TXT", "a site below a path has no /.well-known/", hint))
    if mistakes:
        raise ContentProblems([operator_problem(FILE, None, *mistake) for mistake in mistakes])
    settings["WEB_MANIFEST"] = WEB_MANIFEST
