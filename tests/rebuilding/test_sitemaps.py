"""Sitemaps are written where a day or an address changed, and nowhere else."""

from __future__ import annotations

from tests.rebuilding.workshop import Workshop


def test_a_text_that_keeps_its_date_writes_no_sitemap_and_a_new_day_writes_its_kinds(shop: Workshop) -> None:
    shop.replace("press/2025/cento-corsi.md", "Il testo.", "Un altro testo.")
    untouched = shop.build().changed
    shop.replace("press/2025/cento-corsi.md", "place: Milano", "place: Milano\nupdated: 2025-06-07")

    dated = shop.build().changed

    assert [path for path in untouched if "sitemap" in path] == []
    assert sorted(path for path in dated if "sitemap" in path) == ["sitemaps/press.en.xml", "sitemaps/press.it.xml"]
