"""The pattern page shows every component, as the examples of the templates have it."""

from __future__ import annotations

from collections import Counter

from lxml import html
from tests.theme.pattern import COMPONENTS, pattern_page, states

ELSEWHERE = {"copy", "diagram"}
"""What a script adds, and what is drawn where Graphviz is installed."""


def test_every_component_is_shown_in_its_states_with_ids_of_its_own() -> None:
    page = html.document_fromstring(pattern_page(["/theme/site.css"]))

    ids = Counter(page.xpath("//@id"))
    assert set(COMPONENTS) - set(states()) <= ELSEWHERE
    assert [one for one, count in ids.items() if count > 1] == []
    assert set(page.xpath("//@popovertarget")) <= set(ids)
    assert len(states()["card"]) > 3
