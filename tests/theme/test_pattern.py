"""The pattern page shows every component, as the examples of the templates have it."""

from __future__ import annotations

import re
from collections import Counter

from lxml import html
from tests.theme.pattern import COMPONENTS, LENGTH, pattern_page, states
from tests.theme.rendering import THEME

SCRIPTS = [path for path in (THEME / "static/js").rglob("*.js") if "vendor" not in path.parts]

BY_SCRIPTS = {name for name in COMPONENTS for path in SCRIPTS if re.search(rf'"{name}\b', path.read_text("utf-8"))}
"""The components that scripts fill, so that no page has them as it is loaded."""
DRAWN = {"diagram"}
"""What is drawn where Graphviz is installed."""


def test_every_component_is_shown_in_its_states_with_ids_of_its_own() -> None:
    page = html.document_fromstring(pattern_page(["/theme/site.css"]))

    ids = Counter(page.xpath("//@id"))
    assert set(COMPONENTS) - set(states()) <= BY_SCRIPTS | DRAWN
    assert [one for one, count in ids.items() if count > 1] == []
    assert set(page.xpath("//@popovertarget")) <= set(ids)
    assert len(states()["card"]) > 3
    titles = page.xpath("//section[@id='pattern:title']//*[@class]")
    assert {"ar", "zh-Hans", LENGTH} <= {word for one in titles for word in (one.get("lang"), *one.classes)}
