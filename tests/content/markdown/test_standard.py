"""The default reader is Python-Markdown without the patterns that cannot match."""

from __future__ import annotations

import pytest
from hypothesis import given
from tests.content.markdown.test_readers import MANY
from tests.content.markdown.texts import DOCUMENTS, Case, cases, own_texts

from openknowledge.content.markdown.standard import PATTERN_MARKS, create_markdown, render

OWN_TEXTS = own_texts()
stock = create_markdown()


def render_unpruned(text: str) -> str:
    return stock.reset().convert(text)


@pytest.mark.parametrize("case", cases(), ids=lambda case: case.name)
def test_pruning_does_not_change_the_markup_of_the_cases(case: Case) -> None:
    assert render(case.text)[0] == render_unpruned(case.text)


@pytest.mark.parametrize("path", OWN_TEXTS)
def test_pruning_does_not_change_the_markup_of_the_repositorys_texts(path: str) -> None:
    assert render(OWN_TEXTS[path])[0] == render_unpruned(OWN_TEXTS[path])


@given(DOCUMENTS)
@MANY
def test_pruning_does_not_change_the_markup_of_any_text(text: str) -> None:
    assert render(text)[0] == render_unpruned(text)


def test_every_pruned_pattern_exists_in_python_markdown() -> None:
    assert set(PATTERN_MARKS) <= {item.name for item in stock.inlinePatterns._priority}
