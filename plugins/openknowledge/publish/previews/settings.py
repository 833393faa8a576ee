"""Where a preview lives: the settings of the site, as they are for it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

from ..errors import PublishRefused, make_problem
from ..settings import PublishSettings
from ..targets import PREVIEWS_FOLDER

__all__ = ["BUILD_FOLDER", "preview_prefix", "preview_settings", "preview_url_of"]

BUILD_FOLDER = "preview"
"""The folder of the cache that a preview is built in."""
OF_HOSTS = ("git", "artifact")
"""Kinds of target whose hosts make previews themselves."""
HINT = 'Write it with its scheme: "https://{name}.preview.example.edu", or a folder: "https://example.edu/previews/{name}".'


def preview_prefix(name: str) -> str:
    """The folder of a preview in the place where the site is published."""
    return f"{PREVIEWS_FOLDER}/{name}"


def preview_url_of(settings: PublishSettings, name: str) -> str:
    """Where readers find a preview. Raises `Refused` where the setting is no address with a place for the name."""
    pattern = settings.preview_url
    address = urlsplit(pattern)
    if "{name}" not in pattern or address.scheme not in ("http", "https") or not address.netloc:
        message = "is no address that {name} makes one for each preview"
        raise PublishRefused([make_problem("publishconf.py", f"PUBLISH_PREVIEW_URL {message}", HINT)])
    return pattern.replace("{name}", name).rstrip("/")


def preview_settings(settings: PublishSettings, name: str) -> PublishSettings:
    """The settings with which a preview is built and published. It keeps one release, and nothing that was removed."""
    kind = settings.target["kind"]
    if kind in OF_HOSTS:
        message = f'a target of the kind "{kind}" has one site, and no place for previews beside it'
        hint = (
            "Use the host's own previews (Netlify, Cloudflare Pages), or another target for them. "
            "The report alone: invoke publish --preview NAME --plan"
        )
        raise PublishRefused([make_problem("PUBLISH_TARGET", message, hint)])
    url = preview_url_of(settings, name)
    return replace(
        settings,
        site_url=url,
        output=Path(settings.cache) / BUILD_FOLDER,
        public_url=_read_back(settings, url),
        grace_h=0,
        releases=1,
        pelican={**settings.pelican, "SITEURL": url, "NOINDEX": True},
    )


def _read_back(settings: PublishSettings, url: str) -> str:
    """Where a preview is read back: where the site is, if it is below the site; else at its own address."""
    if not settings.public_url:
        return ""
    is_below = f"{url}/".startswith(f"{settings.site_url}/")
    return settings.public_url + url.removeprefix(settings.site_url) if is_below else url
