"""The shortest valid values for the tests of feeds."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from openknowledge.catalogue.summary import FeedList, Summary
from openknowledge.feeds.settings import FeedsSettings
from openknowledge.model.values import Html

SITE = "https://www.pok.polimi.it"


def a_summary(ref: str = "course/mat101", published: str | None = "2020-06-16", **others: Any) -> Summary:
    """Return a dated Italian item; `published` and `updated` are days in Milan or whole ISO times."""
    values: dict[str, Any] = {
        "ref": ref,
        "kind": ref.split("/")[0],
        "url": f"{SITE}/{ref}/",
        "title": f"Titolo di {ref}",
        "abstract": "Una riga che dice di che cosa si tratta.",
        "content": Html(f'<p>Testo con un <a href="{SITE}/corsi/">collegamento</a>.</p>'),
        "lang": "it",
        "published": a_moment(published),
    }
    return Summary(**(values | others))


def a_moment(day: str | None) -> datetime | None:
    if day is None:
        return None
    return datetime.fromisoformat(day if "T" in day else f"{day}T00:00:00+02:00")


def a_feed_list(key: str = "all", lang: str = "it", **others: Any) -> FeedList:
    values: dict[str, Any] = {
        "key": key,
        "lang": lang,
        "title": "Polimi Open Knowledge",
        "description": "Che cosa c'è di nuovo da imparare, guardare e leggere.",
        "page_url": f"{SITE}/",
        "rss_path": "feed/all.rss.xml",
        "atom_path": "feed/all.atom.xml",
        "rss_url": f"{SITE}/feed/all.rss.xml",
        "atom_url": f"{SITE}/feed/all.atom.xml",
    }
    return FeedList(**(values | others))


def feeds_settings(**others: Any) -> FeedsSettings:
    values: dict[str, Any] = {
        "id_authority": "pok.polimi.it",
        "id_date": "2014",
        "author": "Politecnico di Milano",
    }
    return FeedsSettings(**(values | others))
