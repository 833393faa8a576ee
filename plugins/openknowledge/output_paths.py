"""The one check of a path below output/: what is written or published stays inside, and has its own place."""

import re
import unicodedata

from openknowledge.invisible_text import is_one_line
from openknowledge.problems import Message

__all__ = ["REDIRECTS_FILE", "explain_path", "is_promised"]

REDIRECTS_FILE = "redirects.json"
"""The file of all redirects, below output/."""

OWNERS = {
    "apple-touch-icon.png": ("icons",),
    "covers": ("drawing",),
    "data": ("counters", "facets", "history", "search", "search-items", "search-words", "forwarding"),
    "favicon.ico": ("icons",),
    "icons": ("icons",),
    "media": ("media", "transcript"),
    "pictures": ("picture",),
    "robots.txt": ("robots",),
    "share": ("share-picture",),
    "sitemap.xml": ("sitemap",),
    "sitemaps": ("sitemap",),
    "theme": ("theme",),
}
"""The folders and files of the site that are no editor's, and the rules that write them."""
UNPROMISED = frozenset(
    ("apple-touch-icon.png", "favicon.ico", "icons", "robots.txt", "share", "sitemap.xml", "sitemaps", ".well-known")
)
"""Names at the top of the site whose files come and go with it: programs look for them, and no reader keeps one."""
PIECES = ("data/search/", "data/lists/")
"""The folders of pieces that only our own scripts ask for; there is one for each word that some item has."""
HIDDEN_FOLDERS = (".well-known",)
"""The names with a dot that a site may have (RFC 8615), and no editor: whoever answers there proves to own the site."""
RULES_OF_EDITORS = ("page", "forward")
"""The rules of which the content chooses the paths."""
MAX_NAME_B = 255
MAX_PATH_B = 1_000
"""What file systems, archives and stores take: a name, and a path with the folder that it is published to."""
DEVICE = re.compile(r"(?<![^/])(?:con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(?:\.[^/]*)?(?![^/])", re.IGNORECASE)
"""A name in a path that Windows reads as a device, in every folder and with every suffix."""


def explain_path(path: str, rule: str = "") -> Message | None:
    """Return why nothing may be written at a path below output/; None where it may.

    `rule` is the name of the rule that writes the file: what `OWNERS` names is closed to others. Without one, the
    path is that of a file which is there already.
    """
    steps = path.split("/")
    if not path or path.startswith("/") or "" in steps or "." in steps or ".." in steps:
        return Message("it is no plain path below the site")
    if "\\" in path or not is_one_line(path):
        return Message("it has a backslash or an invisible character in it")
    try:
        is_long = not (path.isascii() and len(path) <= MAX_NAME_B) and _is_too_long(steps)
    except UnicodeEncodeError:
        return Message("it is not UTF-8")
    if is_long:
        return Message(
            "it is too long: %(name_b)s bytes a name and %(path_b)s in all are allowed",
            name_b=MAX_NAME_B,
            path_b=MAX_PATH_B,
        )
    device = DEVICE.search(path)
    if device is not None:
        return Message('"%(device)s" is a device on some systems, and no file', device=device[0])
    return _explain_names(steps, rule) if rule else None


def is_promised(path: str) -> bool:
    """Return whether a path or address, once published, has to lead somewhere for good."""
    path = path.strip("/")
    return path.partition("/")[0] not in UNPROMISED and not path.startswith(PIECES)


def _is_too_long(steps: list[str]) -> bool:
    """Return whether a name or the path has too many bytes. Raises `UnicodeEncodeError` where it is not UTF-8."""
    lengths = [len(step.encode()) for step in steps]
    return max(lengths) > MAX_NAME_B or sum(lengths) + len(steps) > MAX_PATH_B


def _explain_names(steps: list[str], rule: str) -> Message | None:
    """Return why a rule may not use the names of a path."""
    for number, step in enumerate(steps):
        if step.startswith(".") and (number > 0 or step not in HIDDEN_FOLDERS or rule in RULES_OF_EDITORS):
            return Message('"%(step)s" begins with a dot, and such names are not published', step=step)
    # Some systems take letters of both cases, or in two widths, for one, and drop dots and blanks at the end.
    top = unicodedata.normalize("NFKC", steps[0]).casefold().rstrip(". ")
    if rule not in OWNERS.get(top, (rule,)):
        return Message('"%(top)s" belongs to the site itself', top=top)
    if top.startswith("_") and rule in RULES_OF_EDITORS:
        return Message('"%(step)s" is a name that hosts and stores keep for themselves', step=steps[0])
    return None
