"""What a preview is called in an address: safe in a path and as a part of a host's name."""

from __future__ import annotations

import re
import unicodedata
from hashlib import sha256

from ..errors import PublishRefused, make_problem

__all__ = ["slugify"]

LONGEST = 40
"""With a digest behind it a name still fits into the 63 characters that a part of a host's name may have."""
DIGEST = 6


def slugify(name: str) -> str:
    """A branch or number in lower-case letters, digits and hyphens.

    A name that had to be changed gets a digest of what it was, so that `Fix/A` and `fix-a` are two previews.
    """
    if not name.strip():
        raise PublishRefused(
            [make_problem("--preview", "a preview needs a name", "Say the branch, or the pull request's number.")]
        )
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    safe = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:LONGEST].strip("-")
    if safe == name:
        return safe
    return "-".join(part for part in (safe, sha256(name.encode()).hexdigest()[:DIGEST]) if part)
