"""The home page and the lists."""

from __future__ import annotations

from tests.theme.samples import (
    a_chrome,
    a_group,
    a_link,
    a_number,
    a_sample_number,
    an_unknown_number,
    courses,
    every_page,
    press,
    videos,
)

from openknowledge.catalogue.views.base import (
    FacetGroup,
    FooterGroup,
    Pager,
    PageView,
    Segment,
)
from openknowledge.catalogue.views.pages import (
    HomePage,
    ListPage,
)
from openknowledge.model.values import Html


def home(**facts: object) -> PageView:
    sentence = (
        Segment(html=Html("<p>I corsi aperti del Politecnico di Milano, gratuiti e per tutti: "), number=a_number()),
        Segment(html=Html(" persone li hanno scelti, con "), number=a_number("oltre 170.000", "iscrizioni")),
        Segment(html=Html(" iscrizioni.</p>")),
    )
    values = every_page(
        heading="Polimi Open Knowledge", url="/", template="home.html", crumbs=(a_link("Inizio", "/"),)
    ) | {
        "sentence": sentence,
        "figures": (a_number("oltre 60", "corsi aperti"), a_number("2.492", "video"), an_unknown_number()),
        "bands": (
            a_group("Impara", courses()[:3]),
            a_group("Guarda", videos()[:3], more=a_link("Tutti i video", "/video/", count="2.492")),
            a_group("Leggi", press(), more=a_link("Tutti i comunicati", "/stampa/")),
        ),
        "strands": (
            a_link("Per i docenti", "/percorsi/docenti/", count="6"),
            a_link("Dalla scuola all’università", "/percorsi/scuola/", count="5"),
            a_link("Soft skills", "/percorsi/soft/", count="4", lang="en"),
            a_link("Per i cittadini", "/percorsi/cittadini/", count="2"),
        ),
        "strands_url": "/percorsi/",
        "newest_press": press()[0],
        "feeds_page": a_link("Tutti i feed", "/feed/"),
    }
    return HomePage(**(values | facts))  # type: ignore[arg-type]


def bare_home() -> PageView:
    return home(sentence=(), figures=(), bands=(), strands=(), newest_press=None, chrome=a_chrome(search_url="/cerca/"))


def facets() -> tuple[FacetGroup, ...]:
    languages = (
        a_link("Tutte", "/corsi/", count="18", is_current=True),
        a_link("Italiano", "/corsi/lingua/it/", count="12"),
        a_link("Inglese", "/corsi/lingua/en/", count="8"),
    )
    states = (a_link("Tutti", "/corsi/", count="18", is_current=True), a_link("Archiviati", "/corsi/a/", count="9"))
    return (FacetGroup(label="Lingua", options=languages), FacetGroup(label="Stato", options=states))


def a_pager() -> Pager:
    pages = tuple(a_link(str(number), f"/video/pagina/{number}/", is_current=number == 3) for number in range(1, 7))
    older, newer = (
        a_link("Video più vecchi", "/video/2/", rel="next"),
        a_link("Video più recenti", "/video/4/", rel="prev"),
    )
    return Pager(label="Pagine", previous=newer, next=older, pages=(*pages, None, a_link("76", "/video/1/")))


def a_list(**facts: object) -> PageView:
    values = every_page(heading="Corsi", url="/corsi/", template="list.html", sources=()) | {
        "also": a_link("Chi parla nei video, dalla A alla Z", "/video/relatori/a/"),
        "total": "18 corsi",
        "facets": facets(),
        "cards": courses(),
        "pager": a_pager(),
        "numbers": (a_number(), a_sample_number()),
    }
    return ListPage(**(values | facts))  # type: ignore[arg-type]


def a_video_list(**facts: object) -> PageView:
    years = tuple(a_link(str(year), f"/video/{year}/", count="231") for year in range(2020, 2009, -1))
    groups = (
        a_group("2020", videos(), more=None, intro="231 video", anchor="y2020"),
        a_group("2019", videos(), more=None, intro=None),
    )
    index = (FooterGroup(title="Anni", links=years), FooterGroup(title="Lingue", links=years[:3]))
    values: dict[str, object] = {
        "heading": "Video",
        "url": "/video/",
        "layout": "rows",
        "cards": (),
        "groups": groups,
        "index": index,
        "numbers": (),
        "facets": (),
    }
    return a_list(**(values | facts))


def a_press_list() -> PageView:
    return a_list(
        heading="Sala stampa", url="/stampa/", layout="type", cards=press(), facets=(), pager=None, numbers=()
    )


def an_empty_list() -> PageView:
    empty = "Nessun corso corrisponde a questi filtri. Togline uno, oppure guarda tutti i corsi."
    return a_list(cards=(), also=None, total="", pager=None, numbers=(), facets=(), empty=empty)
