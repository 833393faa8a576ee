"""The default reader is Python-Markdown, which is spared what it cannot find."""

from __future__ import annotations

import pytest
from hypothesis import given
from tests.content.markdown.test_readers import MANY
from tests.content.markdown.texts import DOCUMENTS, Case, cases, own_texts

from openknowledge.content.markdown.standard import PATTERN_MARKS, create_markdown, render

OWN = own_texts()
stock = create_markdown()


def as_it_comes(text: str) -> str:
    return stock.reset().convert(text)


@pytest.mark.parametrize("case", cases(), ids=lambda case: case.name)
def test_each_case_is_what_python_markdown_makes_of_it(case: Case) -> None:
    assert render(case.text) == as_it_comes(case.text)


@pytest.mark.parametrize("path", OWN)
def test_so_are_the_sites_own_texts(path: str) -> None:
    assert render(OWN[path]) == as_it_comes(OWN[path])


@given(DOCUMENTS)
@MANY
def test_so_is_whatever_is_mixed(text: str) -> None:
    assert render(text) == as_it_comes(text)


def test_each_pattern_that_is_left_out_is_one_that_python_markdown_has() -> None:
    assert set(PATTERN_MARKS) <= {item.name for item in stock.inlinePatterns._priority}
