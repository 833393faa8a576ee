"""The dialect's patterns mean the same in every Python that the project runs on."""

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
def test_no_group_is_repeated_possessively_for_python_up_to_3_11_4_misreads_that(name):
    """https://github.com/python/cpython/issues/106052: the whole text fell back to the default reader."""
    assert not POSSESSIVE_GROUP.search(PATTERNS[name].pattern)
