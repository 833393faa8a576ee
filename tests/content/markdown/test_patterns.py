"""The dialect's patterns mean the same in every Python that the project runs on."""

from __future__ import annotations

import re

import pytest

from openknowledge.content.markdown import block_grammar, footnotes, inline_grammar, portability

PATTERNS = {
    "blocks": block_grammar.compile_pattern(),
    "spans": inline_grammar.compile_pattern(),
    "notes": footnotes.NOTES,
    "fenced": portability.FENCED,
    "indented": portability.INDENTED,
}
POSSESSIVE_GROUP = re.compile(r"(?<!\\)\)(?:[*+?]|\{[\d,]+\})\+")


@pytest.mark.parametrize("name", PATTERNS)
def test_no_group_is_repeated_possessively_for_python_up_to_3_11_4_misreads_that(name):
    """https://github.com/python/cpython/issues/106052: the whole text fell back to the default reader."""
    assert not POSSESSIVE_GROUP.search(PATTERNS[name].pattern)
