"""Groups, plain pages, and the pages of feeds and numbers."""

from __future__ import annotations

from tests.theme.list_pages import a_pager
from tests.theme.rendering import THEME
from tests.theme.samples import (
    JUNE_2020,
    a_body,
    a_chrome,
    a_group,
    a_link,
    a_number,
    a_picture,
    a_sample_number,
    an_unknown_number,
    courses,
    every_page,
    some_facts,
    without_extras,
)

from openknowledge.catalogue.views.base import (
    Pager,
    PageView,
    Segment,
)
from openknowledge.catalogue.views.pages import (
    FeedAddresses,
    FeedGroup,
    FeedsPage,
    GroupPage,
    HistoryPage,
    LetterLine,
    LetterPage,
    NumberGroup,
    NumbersPage,
    SearchPage,
    TextPage,
)
from openknowledge.catalogue.views.text_blocks import dress_blocks, name_boxes
from openknowledge.content.markdown.render import render_markdown
from openknowledge.counters.history_page import HistoryEvent, HistoryExtra, HistoryPart, HistoryRow
from openknowledge.model.values import Html
from openknowledge.redirects.pages import GonePage, LegacyCourse, LegacyCoursesPage, MovedPage
from openknowledge.rendering.locale import DateText, load_languages


def group(**facts: object) -> PageView:
    values = every_page(heading="Per i docenti", url="/percorsi/docenti/", template="group.html") | {
        "kicker": "Percorso",
        "abstract": "Metodi e strumenti per progettare la propria didattica.",
        "body": a_body("<p>Il percorso raccoglie i corsi per chi insegna, seguiti da "),
        "picture": a_picture("docenti"),
        "details": some_facts()[:2],
        "numbers": (a_sample_number(), an_unknown_number()),
        "groups": (a_group("Corsi", courses(), more=None, intro=None),),
    }
    return GroupPage(**(values | facts))  # type: ignore[arg-type]


def bare_group() -> PageView:
    empty = "Di questa persona il catalogo non ha ancora altro."
    parts = dict.fromkeys(("body", "details", "numbers", "groups"), ())
    return without_extras(group(heading="Marco Zani", abstract="", picture=None, empty=empty, **parts))


def page(**facts: object) -> PageView:
    values = every_page(heading="Dichiarazione di accessibilità", url="/accessibilita/") | {
        "abstract": "Che cosa funziona, che cosa non ancora, a chi scrivere.",
        "body": a_body(),
        "updated": JUNE_2020,
        "fallback_links": (),
    }
    return TextPage(**(values | facts))  # type: ignore[arg-type]


LANGUAGE = load_languages(THEME / "locale", ("it",), "Europe/Rome", {})["it"]
TEXT = r"""Il teorema di Pitagora si scrive $a^2 + b^2 = c^2$.

$$\int_0^1 x^2 \, dx = \frac{1}{3}$$

!!! note
    Una nota, che si può leggere anche dopo.

!!! warning
    Un avviso, che si legge prima.

```python title="somma.py"
def somma(numeri: list[int]) -> int:
    return sum(numeri)  # niente di più
```

| Settimana | Tema |
|---|---|
| 1 | Perché |
| 2 | Come |
"""


def text_page() -> PageView:
    """Return a page with all that a text may have beside paragraphs."""
    markup = dress_blocks(name_boxes(render_markdown(TEXT).html, LANGUAGE), LANGUAGE)
    return page(heading="Un testo", body=(Segment(html=markup),), updated=None, texts_url="/theme/css/texts.css")


def not_found(**facts: object) -> PageView:
    plain = (Segment(html=Html("<p>Forse l’indirizzo è cambiato quando il portale si è spostato.</p>")),)
    values: dict[str, object] = {
        "heading": "Pagina non trovata",
        "template": "404.html",
        "chrome": a_chrome(search_url="/cerca/"),
        "fallback_links": (
            a_link("Tutti i corsi", "/corsi/"),
            a_link("Tutti i video", "/video/"),
            a_link("Inizio", "/"),
        ),
        "abstract": "A questo indirizzo non c’è una pagina.",
        "body": plain,
        "updated": None,
    }
    return page(**(values | facts))


def feeds() -> PageView:
    rows = tuple(
        FeedAddresses(
            title=name,
            rss_url=f"/f/{name}.rss",
            atom_url=f"/f/{name}.atom",
            rss_address=f"https://openknowledge.example.edu/feed/{name}.rss.xml",
            atom_address=f"https://openknowledge.example.edu/feed/{name}.atom.xml",
        )
        for name in ("Corsi", "Video")
    )
    values = every_page(heading="Feed", url="/feed/", template="feeds.html", sources=())
    explanation = "Un feed è un elenco che un programma può leggere per te."
    groups = FeedGroup(title="Tutto", feeds=rows), FeedGroup(title="Temi", feeds=rows, more=a_link("Vedi tutto", "/t/"))
    return FeedsPage(explanation=explanation, groups=groups, pager=a_pager(), **values)  # type: ignore[arg-type]


def numbers() -> PageView:
    entries = (a_number(), a_number("11 milioni", "visualizzazioni", name="pok.views", is_stale=True))
    samples = (
        a_sample_number(),
        a_number("non noto", "iscrizioni", name="x.y", is_known=False, as_of=None, source=None),
    )
    groups = (
        NumberGroup(title="Il portale", anchor="portale", numbers=entries),
        NumberGroup(title="Iscrizioni ai corsi", anchor="iscrizioni", numbers=samples, definition="Per corso."),
    )
    explanation = "Ogni numero di questo sito, con che cosa conta, da dove viene e a quando risale."
    values = every_page(heading="I numeri", url="/numeri/", template="numbers.html", sources=())
    notes = ("I dati di esempio mostrano soltanto come funziona la pagina.",)
    return NumbersPage(explanation=explanation, notes=notes, groups=groups, **values)  # type: ignore[arg-type]


def history(**facts: object) -> PageView:
    chart = Html(
        '<svg role="img" aria-labelledby="title:chart-x"><title id="title:chart-x">Iscrizioni nel tempo</title></svg>'
    )
    day = DateText(text="1 ottobre 2026", iso="2026-10-01")
    part = HistoryPart(
        anchor="members",
        title="Partecipanti",
        definition="Tutti i partecipanti.",
        source="Moodle",
        chart=chart,
        summary="Da 1 a 2.",
        growth="+1 in 30 giorni",
        legend="Punti: traguardi.",
        rows=(HistoryRow(day=day, total="2", change="+1", courses="1"),),
        has_courses=True,
    )
    events = (HistoryEvent(date=day, text="Another count", url="/stampa/", lang="en"), HistoryEvent(date=day, text="x"))
    extra = HistoryExtra(parts=(part,), events=events, data=a_link("CSV", "/data/counters/x.csv"))
    values = every_page(heading="Nel tempo", url="/numeri/andamento/", template="history.html", sources=()) | {
        "course": "",
        "kicker": "All courses",
        "kicker_lang": "en",
        "number": a_number(),
        "extras": {"history": extra},
    }
    return HistoryPage(**values | facts)  # type: ignore[arg-type]


def search() -> PageView:
    values = every_page(heading="Cerca", url="/cerca/", template="search.html", section="search", sources=())
    return SearchPage(
        **values | {"chrome": a_chrome(search_url="/cerca/"), "robots": "noindex"},  # type: ignore[arg-type]
        explanation="Corsi, video e persone, secondo le parole di titoli e sommari.",
        data_url="/data/search/it/index.json",
        locale="it-IT",
        counts={"one": "%(number)s risultato per «%(query)s»", "other": "%(number)s risultati per «%(query)s»"},
        remarks={"nothing": "Nessun risultato per «%(query)s»."},
        script_url="/theme/search/page.js",
        letters=(a_link("A", "/cerca/lettera/a/"),),
        fallback_links=(a_link("Tutti i corsi", "/corsi/"), a_link("Tutti i video", "/video/")),
    )


def letter() -> PageView:
    values = every_page(heading="Tutto: A", url="/cerca/lettera/a/", template="a-z.html", section="search", sources=())
    return LetterPage(
        **values | {"robots": "noindex"},  # type: ignore[arg-type]
        letters=(a_link("A", "/cerca/lettera/a/", is_current=True), a_link("B", "/cerca/lettera/b/")),
        lines=(
            LetterLine(a_link("Algebra", "/corsi/algebra/")),
            LetterLine(a_link("Analysis", "/corsi/analysis/", lang="en")),
            LetterLine("Ada Amati", (a_link("Automi", "/video/automi/"),), "speaker:ada-amati"),
        ),
        pager=Pager(label="Pagine", next=a_link("Avanti", "/cerca/lettera/a/pagina/algebra/", rel="next")),
    )


def moved() -> PageView:
    values = every_page(heading="Questa pagina ha cambiato indirizzo", url="/corsi/vecchio/", template="moved.html")
    return MovedPage(**values | FORWARDING, target=a_link("Gestire il cambiamento", "/corsi/nuovo/"))  # type: ignore[arg-type]


def gone(**facts: object) -> PageView:
    values = every_page(heading="Questa pagina non c’è più", url="/corsi/latino/", template="gone.html") | FORWARDING
    own = {"reason": "Nessuno lo teneva più.", "fallback_links": (a_link("Corsi", "/corsi/"),)}
    return GonePage(**values | {"chrome": a_chrome(search_url="/cerca/")} | own | facts)  # type: ignore[arg-type]


def moved_courses() -> PageView:
    values = every_page(heading="I corsi della vecchia piattaforma", url="/a.php", template="moved-courses.html")
    course = LegacyCourse(number="203", link=a_link("Gestire il cambiamento", "/corsi/nuovo/"))
    return LegacyCoursesPage(**values | FORWARDING, courses=(course,), script_url="/theme/old.js")  # type: ignore[arg-type]


FORWARDING = {"robots": "noindex", "alternates": (), "feeds": (), "sources": ()}
