"""The names that videos and playlists get in addresses: given once, and kept for good."""

import hashlib
import html
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping

from anyascii import anyascii

from .source import Row

__all__ = ["assign_slugs", "slug_of"]

LONGEST_SLUG = 60
RESERVED_SLUGS = frozenset({"anno", "lingua", "playlist", "year", "language"})
"""The first steps of the paths of lists, such as /video/anno/2016/."""
ENGLISH_APOSTROPHE = re.compile(r"(?<=\w)['\u2019](?=(?:s|t|d|m|ll|re|ve)\b)", re.IGNORECASE)

OTHER_SIGNS = re.compile(r"[^a-z0-9]+")


def slug_of(title: str) -> str:
    """Return `title` in small Latin letters, digits and hyphens, cut after a word; may be empty.

    >>> slug_of("Perché non c'è l'asyncio? 🐍")
    'perche-non-c-e-l-asyncio'
    """
    text = ENGLISH_APOSTROPHE.sub("", html.unescape(title))
    if not text.isascii():
        text = "".join(" " if unicodedata.category(sign) == "So" else sign for sign in text)
        text = anyascii(unicodedata.normalize("NFKC", text))
    slug = OTHER_SIGNS.sub("-", text.lower()).strip("-")
    if len(slug) <= LONGEST_SLUG:
        return slug
    return (slug[: LONGEST_SLUG + 1].rpartition("-")[0] or slug[:LONGEST_SLUG]).strip("-")


def assign_slugs(rows: Iterable[Row], known: Mapping[str, str], taken: Iterable[str], fallback: str) -> None:
    """Give each row its slug: the `known` one of its id, or a new one that is not `taken`.

    The oldest of several items with one title gets the plain slug; the others get the year too, then a hash of the
    id. An item whose title has no letters is named after `fallback`.
    """
    used = {*taken, *known.values(), *RESERVED_SLUGS}
    for row in sorted(rows, key=lambda row: (row["published"], row["youtube_id"])):
        known_slug = known.get(row["youtube_id"])
        row["slug"] = known_slug or next(slug for slug in _choices(row, fallback) if slug not in used)
        used.add(row["slug"])


def _choices(row: Row, fallback: str) -> Iterator[str]:
    plain = slug_of(row["title"])
    digest = hashlib.sha256(row["youtube_id"].encode()).hexdigest()
    if plain:
        yield plain
        yield f"{plain}-{row['published'][:4]}"
    for length in (6, 12, len(digest)):
        yield f"{plain or fallback}-{digest[:length]}"
