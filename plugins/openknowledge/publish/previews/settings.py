"""Where a preview is published: its name in addresses, and the site's settings adapted to it."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from urllib.parse import urlsplit

from ..errors import PublishRefused, make_problem
from ..settings import PublishSettings
from ..targets import PREVIEWS_FOLDER

__all__ = ["BUILD_FOLDER", "preview_settings", "preview_url_of", "slugify"]

BUILD_FOLDER = "preview"
"""The folder of the cache that a preview is built in."""
WITHOUT_PREVIEWS = ("git", "artifact")
"""Kinds of target whose hosts make previews themselves."""
MAX_SLUG = 40
"""With a digest after it a slug still fits into the 63 characters of a label of a host's name."""
DIGEST_LENGTH = 6
HINT = 'Write it with its scheme: "https://{name}.preview.example.edu", or a folder: "https://example.edu/previews/{name}".'


def slugify(name: str) -> str:
    """Return the name of a branch or pull request in lower-case letters, digits and hyphens.

    A name that is changed gets a digest, so that `Fix/A` and `fix-a` are two previews. Raises `PublishRefused` if the
    name is empty.
    """
    if not name.strip():
        hint = "Say the branch, or the pull request's number."
        raise PublishRefused([make_problem("--preview", "a preview needs a name", hint)])
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    slug = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:MAX_SLUG].strip("-")
    if slug == name:
        return slug
    return "-".join(part for part in (slug, sha256(name.encode()).hexdigest()[:DIGEST_LENGTH]) if part)


def preview_url_of(settings: PublishSettings, slug: str) -> str:
    """Return where readers get a preview. Raises `PublishRefused` if the setting is no address with `{name}`."""
    pattern = settings.preview_url
    address = urlsplit(pattern)
    if "{name}" not in pattern or address.scheme not in ("http", "https") or not address.netloc:
        message = "is no address that {name} makes one for each preview"
        raise PublishRefused([make_problem("publishconf.py", f"PUBLISH_PREVIEW_URL {message}", HINT)])
    return pattern.replace("{name}", slug).rstrip("/")


def preview_settings(settings: PublishSettings, slug: str) -> PublishSettings:
    """Return the settings to build and publish a preview with: one release, and no grace period.

    Raises `PublishRefused` if the target has no place for previews.
    """
    kind = settings.target["kind"]
    if kind in WITHOUT_PREVIEWS:
        message = f'a target of the kind "{kind}" has one site, and no place for previews beside it'
        hint = (
            "Use the host's own previews (Netlify, Cloudflare Pages), or another target for them. "
            "The report alone: invoke publish --preview NAME --plan"
        )
        raise PublishRefused([make_problem("PUBLISH_TARGET", message, hint)])
    url = preview_url_of(settings, slug)
    return replace(
        settings,
        site_url=url,
        output=Path(settings.cache) / BUILD_FOLDER,
        public_url=_public_url(settings, url),
        grace_h=0,
        releases=1,
        pelican={**settings.pelican, "SITEURL": url, "NOINDEX": True},
        prefix=f"{PREVIEWS_FOLDER}/{slug}",
    )


def _public_url(settings: PublishSettings, url: str) -> str:
    """Return where a preview is verified: where the site is if the preview is below it, else at its own address."""
    if not settings.public_url:
        return ""
    is_below = f"{url}/".startswith(f"{settings.site_url}/")
    return settings.public_url + url.removeprefix(settings.site_url) if is_below else url
