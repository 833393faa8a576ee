"""The patterns mean the same in every supported version of Python."""

from __future__ import annotations

import re

import pytest

from openknowledge.content.markdown import fast, portability

PATTERNS = {
    "blocks": portability._block_pattern(),
    "spans": portability._inline_pattern(),
    "notes": fast.NOTES,
    "fenced": portability.FENCED_BLOCK,
    "indented": portability.INDENTED_BLOCK,
}
POSSESSIVE_GROUP = re.compile(r"(?<!\\)\)(?:[*+?]|\{[\d,]+\})\+")


@pytest.mark.parametrize("name", PATTERNS)
def test_no_group_is_repeated_possessively(name):
    """Python up to 3.11.4 misreads it: https://github.com/python/cpython/issues/106052."""
    assert not POSSESSIVE_GROUP.search(PATTERNS[name].pattern)
