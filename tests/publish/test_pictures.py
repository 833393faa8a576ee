"""A drawing is a document of its own when it is opened: it obeys the same policy as a page."""

from __future__ import annotations

from pathlib import Path

from lxml import etree


def test_no_drawing_has_a_style_or_a_script_or_asks_for_anything(real_site: Path) -> None:
    refused = (
        "//*[local-name()='style' or local-name()='script' or local-name()='foreignObject' or local-name()='image']"
    )
    wrong = []
    drawings = sorted(real_site.rglob("*.svg"))
    for path in drawings:
        document = etree.parse(path)
        wrong += [(path.name, one.tag) for one in document.xpath(f"{refused} | //*[@style]")]
        wrong += [(path.name, name) for name in document.xpath("//@*[starts-with(name(), 'on')]")]
        wrong += [(path.name, link) for link in document.xpath("//@*[local-name()='href']") if link[:1] != "#"]

    assert len(drawings) > 40
    assert wrong == []
