"""Names in several languages are read as Moodle's two filters read them."""

from __future__ import annotations

from typing import Any

import pytest
from tests.connectors.course_platforms import load

from openknowledge.connectors.multilang import choose_words, names_by_lang


@pytest.mark.parametrize("case", load("moodle/multilang.cases.json"), ids=lambda case: case["text"])
def test_each_case_shows_what_the_filters_show(case: dict[str, Any]) -> None:
    assert choose_words(case["text"], case["lang"]) == case["want"]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("Algebra", {"und": "Algebra"}),
        ("{mlang it}Uno{mlang}{mlang en}One{mlang}", {"it": "Uno", "en": "One"}),
        ("{mlang it}Uno{mlang}{mlang other}One{mlang}", {"it": "Uno", "und": "One"}),
        ("A {mlang pt_br}b{mlang}{mlang zh_tw}c{mlang}", {"pt-BR": "A b", "zh-TW": "A c"}),
        ("{mlang klingon}Q{mlang}{mlang it}Uno{mlang}", {"it": "Uno"}),
        ("{mlang it}{mlang}{mlang en}One{mlang}", {"en": "One"}),
        ('<span lang="it" class="multilang">Uno</span><span class="multilang" lang="en">One</span> 2', None),
        ("<b>Corso</b> &amp; altro <script>x</script>", {"und": "Corso & altro"}),
        ("a &lt;b&gt;\x00\n  c", {"und": "a <b> c"}),
        ("", {}),
        ("  ", {}),
    ],
)
def test_a_name_has_words_by_language(text: str, names: dict[str, str] | None) -> None:
    assert names_by_lang(text) == (names if names is not None else {"it": "Uno 2", "en": "One 2"})


def test_a_name_that_never_ends_is_read_as_soon_as_any_other() -> None:
    assert choose_words("{mlang it}" * 100_000, "it")
    assert choose_words('<span lang="it" class="multilang">' * 100_000, "it") is None
