"""The accessibility statement says what was measured, and no more."""

from __future__ import annotations

import re

import pytest
from tests.audits.statement import FILES, read_results, statement


@pytest.mark.parametrize("lang", FILES)
def test_the_statement_is_made_of_the_last_results(lang: str) -> None:
    assert FILES[lang].read_text("utf-8") == statement(read_results(), lang)


@pytest.mark.parametrize("lang", FILES)
def test_violations_are_named_and_no_result_makes_the_site_fully_conformant(lang: str) -> None:
    clean = statement(read_results() | {"violations": {}}, lang)
    wrong = statement(read_results() | {"violations": {"color-contrast": 3}}, lang)

    assert re.search("parzialmente conforme|partially conformant", clean)
    assert re.search("non è conforme|not conformant", wrong)
    assert re.search("color-contrast.* 3 ", wrong)
    assert "<<" not in clean + wrong
