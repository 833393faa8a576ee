"""URL paths as people write them, and as the site compares them: paths below its root, not quoted."""

import re
from urllib.parse import unquote

from openknowledge.problems import Message

from .output_paths import explain_path

__all__ = ["INDEX", "THING", "file_for_path", "normalize", "path_error", "path_of_file", "slash_variants"]

INDEX = "index.html"
THING = "#thing:"
"""What the identifier of a thing has behind the address of its page: no anchor, so no link to it is looked for."""
SUFFIX = re.compile(r"\.[A-Za-z][A-Za-z0-9]{0,5}")
"""What the name of a file ends with: such a path has no final slash."""
PAGES = re.compile(r"\.html?", re.IGNORECASE)
PROGRAMS = re.compile(r"\.(?:php\d?|aspx?|jsp|cgi|do)", re.IGNORECASE)
"""What old servers answered with pages, and plain ones answer with text or a download."""
UNWANTED = re.compile(r"[\x00-\x20\x7f\\]|\s")
WHOLE = re.compile(r"https?://[^/]*(/[^?#]*)?.*", re.IGNORECASE)
HINT = Message("Write the path of the old address, from the first slash after the host: /corsi/vecchio/.")


def path_error(text: str) -> tuple[Message, Message] | None:
    """Return what is wrong with an old URL path as it was written, and what to write instead; None where nothing is."""
    whole = WHOLE.fullmatch(text)
    if whole is not None:
        return Message('"%(text)s" is a whole address', text=text), Message(
            "Leave out what comes before the path: %(path)s", path=whole[1] or "/"
        )
    if not text.startswith("/"):
        near = Message("Did you mean /%(text)s?", text=text) if text and not UNWANTED.search(text) else HINT
        return Message('"%(text)s" does not begin with a slash', text=text), near
    if "?" in text or "#" in text:
        plain = re.split(r"[?#]", text)[0]
        return Message('"%(text)s" has more than a path', text=text), Message(
            "Leave out what begins with ? or #: %(plain)s", plain=plain
        )
    steps = unquote(text).split("/")
    if ".." in steps or "." in steps:
        return Message('"%(text)s" goes up and down', text=text), Message(
            "Write the path as the browser shows it, without . and .. in it."
        )
    if "" in steps[1:-1]:
        return Message('"%(text)s" has two slashes in a row', text=text), Message("Write one.")
    if UNWANTED.search(unquote(text)):
        return Message('"%(text)s" has a blank or a backslash in it', text=text), HINT
    file = file_for_path(normalize(text)) or unquote(text).lstrip("/")
    reason = explain_path(file, "forward")
    return (
        None
        if reason is None
        else (Message('"%(text)s" cannot be an address of this site: %(reason)s', text=text, reason=reason), HINT)
    )


def normalize(url_path: str) -> str:
    """Return one form for all spellings of a path: `/corsi/x/` also for `/corsi/x` and `/corsi/x/index.html`.

    What looks like a program has no final slash, though the page that replaces it is in a folder.
    """
    plain = unquote(re.split(r"[?#]", url_path)[0])
    if plain.endswith(f"/{INDEX}"):
        plain = plain.removesuffix(INDEX)
    if PROGRAMS.fullmatch(_suffix(plain[:-1])) and plain.endswith("/"):
        return plain[:-1]
    return plain if plain.endswith("/") or _suffix(plain) else f"{plain}/"


def slash_variants(url_path: str) -> tuple[str, ...]:
    """Return a normalized path as requests may have it: a folder's also without its final slash."""
    return (url_path, url_path[:-1]) if len(url_path) > 1 and url_path.endswith("/") else (url_path,)


def path_of_file(path: str) -> str:
    """Return the normalized URL path of a file below output/."""
    return normalize(f"/{path}")


def file_for_path(url_path: str) -> str | None:
    """Return the file below output/ that makes any server answer a normalized path with a page.

    None for a path whose name promises something else, such as a feed or a picture: it cannot be a page.
    """
    suffix = _suffix(url_path)
    if not suffix or PROGRAMS.fullmatch(suffix):
        return f"{url_path.strip('/')}/{INDEX}".lstrip("/")
    return url_path.lstrip("/") if PAGES.fullmatch(suffix) else None


def _suffix(url_path: str) -> str:
    name = url_path.rpartition("/")[2]
    suffix = name[name.rfind(".") :] if "." in name[1:] else ""
    return suffix if SUFFIX.fullmatch(suffix) else ""
