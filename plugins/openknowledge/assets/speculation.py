"""The rules by which browsers fetch a page of the site while a reader is about to ask for it."""

import json
from hashlib import sha256
from urllib.parse import urlsplit

__all__ = ["speculation_rules"]


def speculation_rules(site_url: str) -> tuple[str, bytes]:
    """Return the path and the bytes of a site's speculation rules, which the header `Speculation-Rules` points to.

    They ask for pages only, whose addresses end with a slash, and never for files: `moderate` is a link under a resting
    pointer or a touching finger. Nothing of a page runs before it is opened, and browsers that save data fetch nothing.
    The file depends on the site's address alone, so the headers know its name without a build.
    """
    base = urlsplit(site_url).path.rstrip("/")
    pages = {"href_matches": [f"{base}/", f"{base}/*/"]}
    rules = {"prefetch": [{"where": pages, "eagerness": "moderate"}]}
    data = json.dumps(rules, separators=(",", ":")).encode()
    return f"theme/pages.{sha256(data).hexdigest()[:8]}.speculationrules", data
