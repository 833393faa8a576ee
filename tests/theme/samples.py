"""Page values as real as those of the site: long titles, other languages, unknown and sample numbers."""

from __future__ import annotations

from dataclasses import replace

from openknowledge.catalogue.views.base import (
    Alternate,
    Assets,
    Badge,
    Body,
    Card,
    CardGroup,
    Chrome,
    DetailRow,
    FeedLink,
    FooterGroup,
    NavLink,
    Notice,
    Number,
    PageView,
    Picture,
    Segment,
)
from openknowledge.model.values import Html
from openknowledge.rendering.locale import DateText

JUNE_2020 = DateText(text="16 giugno 2020", iso="2020-06-16")
TITLES = (
    ("gestire-il-cambiamento", "Gestire il cambiamento"),
    ("pre-calculus", "Pre-Calculus: introduzione alla matematica per l’università"),
    ("elettromagnetismo", "Introduzione alla fisica sperimentale: elettromagnetismo, ottica, fisica moderna"),
    ("progettare-l-innovazione-didattica", "Progettare l’innovazione didattica"),
    ("coding", "Coding"),
    ("finanza-per-tutti", "Finanza per tutti"),
)

LONG_TITLE = (
    "Progettare, costruire e verificare strutture in calcestruzzo armato: dalla tradizione dei maestri del Novecento "
    "alle norme europee di oggi, con esercizi svolti, visite ai cantieri e laboratorio finale"
)
"""A title of 200 characters."""
ODD_TITLES = (
    (LONG_TITLE, None),
    ("مقدمة في الرياضيات للجامعة: من الجبر إلى التفاضل", "ar"),
    ("大学数学入门：从代数到微积分", "zh-Hans"),
)
"""Titles that try a page, with their languages."""


def a_link(text: str = "Corsi", url: str = "/corsi/", **facts: object) -> NavLink:
    return NavLink(text=text, url=url, **facts)  # type: ignore[arg-type]


def a_picture(slug: str = "gestire-il-cambiamento", **facts: object) -> Picture:
    values = {"url": f"/covers/{slug}.svg", "alt": "", "width_px": 640, "height_px": 360, "is_drawn": True}
    return Picture(**(values | facts))  # type: ignore[arg-type]


def a_number(text: str = "100.000", label: str = "utenti unici", **facts: object) -> Number:
    values = {
        "name": "pok.learners",
        "text": text,
        "short": text,
        "label": label,
        "definition": "Persone che si sono registrate almeno una volta: chi segue più corsi è contato una volta sola.",
        "is_known": True,
        "value": 100_000,
        "as_of": DateText(text="giugno 2020", iso="2020-06"),
        "source": "Comunicato stampa del Politecnico di Milano",
        "source_url": "https://www.polimi.it/",
        "page_url": "/numeri/#pok.learners",
    }
    return Number(**(values | facts))  # type: ignore[arg-type]


def a_sample_number() -> Number:
    return a_number(
        "12.431",
        "iscrizioni",
        short="12.400+",
        name="counter:course/gestire-il-cambiamento",
        is_sample=True,
        is_stale=True,
        value=12_431,
        source_url=None,
        json_url="/data/counters/gestire-il-cambiamento.json",
    )


def an_unknown_number() -> Number:
    nothing = {"value": None, "as_of": None, "source": None, "source_url": None, "page_url": None}
    return a_number("non noto", "iscrizioni", is_known=False, **nothing)


def a_body(text: str = "", number: Number | None = None) -> Body:
    """Return paragraphs with all that prose may hold, and a number in the middle of a sentence."""
    start = text or (
        "<p>Il cambiamento non si subisce: si prepara. Il corso accompagna chi studia o lavora a riconoscere le "
        'proprie <a href="/persone/">reazioni</a>, a leggere il contesto e a <strong>costruire un piano</strong>.</p>'
        "<h2>Che cosa si fa</h2><ul><li>Lezioni brevi in video, con trascrizione</li><li>Esercizi di autovalutazione "
        "e un <em>diario</em></li></ul><blockquote><p>La domanda non è se cambiare, ma come.</p></blockquote>"
        "<pre><code>for settimana in range(1, 5): studia(settimana, ore=3, con_calma=True, con_qualcuno=True)</code>"
        "</pre><table><thead><tr><th>Settimana</th><th>Tema</th></tr></thead><tbody><tr><td>1</td><td>Perché</td></tr>"
        "</tbody></table><p>Dal lancio si contano "
    )
    return (Segment(html=Html(start), number=number or a_number()), Segment(html=Html(" utenti in tutto.</p>")))


def a_card(slug: str = "gestire-il-cambiamento", title: str = "Gestire il cambiamento", **facts: object) -> Card:
    values = {
        "ref": f"course/{slug}",
        "kind": "course",
        "kicker": "Corso · Competenze trasversali",
        "url": f"/corsi/{slug}/",
        "title": title,
        "abstract": "Riconoscere le proprie reazioni di fronte al nuovo e costruire un piano per affrontarlo.",
        "picture": a_picture(slug),
        "badge": Badge(text="Iscrizioni aperte", tone="open"),
        "meta": ("Italiano, inglese", "4 settimane × 3 ore"),
        "number": a_sample_number(),
    }
    return Card(**(values | facts))  # type: ignore[arg-type]


def courses() -> tuple[Card, ...]:
    plain = tuple(a_card(slug, title) for slug, title in TITLES)
    foreign = a_card(
        "active-learning",
        "Active Learning",
        lang="en",
        abstract="Methods that make students do the work.",
        badge=Badge(text="Archiviato", tone="archived"),
        number=None,
    )
    bare = a_card("betonmath", "BETonMath", abstract="", badge=None, meta=(), number=an_unknown_number())
    odd = tuple(a_card(f"odd-{place}", title, lang=lang) for place, (title, lang) in enumerate(ODD_TITLES))
    return (*plain[:2], foreign, *plain[2:], bare, *odd)


def a_video_card(index: int = 1, title: str = "Lezione: il diagramma delle forze", **facts: object) -> Card:
    values = {
        "ref": f"video/lezione-{index}",
        "kind": "video",
        "kicker": "Video · Introduzione alla fisica",
        "url": f"/video/lezione-{index}/",
        "title": title,
        "abstract": "",
        "picture": a_picture(f"lezione-{index}"),
        "duration": "1:02:03",
        "date": DateText(text="29 mag 2020", iso="2020-05-29"),
        "badge": None,
        "meta": ("Italiano",),
        "number": None,
        "is_sample": True,
    }
    return a_card(**(values | facts))  # type: ignore[arg-type]


def videos() -> tuple[Card, ...]:
    return (
        a_video_card(1),
        a_video_card(2, "Create data visualizations: RAWGraphs in 8 minutes", lang="en", is_sample=False),
        a_video_card(3, "Einführung in Donaudampfschifffahrtsgesellschaftskapitänswissenschaften", lang="de"),
        a_video_card(4, "🐍 Lightning talks / Kurzvorträge", lang="", duration=None, picture=None, meta=()),
    )


def press() -> tuple[Card, ...]:
    plain = {"picture": None, "badge": None, "number": None, "kind": "press", "kicker": "Comunicato stampa", "meta": ()}
    first = a_card(
        "centomila", "Oltre quota centomila: in sei anni un milione di ore di studio", date=JUNE_2020, **plain
    )
    return (first, replace(first, url="/stampa/2019/x/", title="Sessanta corsi, aperti a tutti", abstract=""))


def a_group(title: str = "Impara", cards: tuple[Card, ...] | None = None, **facts: object) -> CardGroup:
    values = {
        "title": title,
        "cards": courses()[:3] if cards is None else cards,
        "more": a_link("Tutti i corsi", "/corsi/", count="18"),
        "intro": "Corsi gratuiti, aperti a tutti, da seguire quando si vuole.",
    }
    return CardGroup(**(values | facts))  # type: ignore[arg-type]


def some_facts() -> tuple[DetailRow, ...]:
    return (
        DetailRow(label="Impegno", values=("4 settimane × 3 ore",), note="in tutto circa 12 ore"),
        DetailRow(label="Lingue", values=("italiano", "inglese")),
        DetailRow(label="Percorso", values=(a_link("Competenze trasversali", "/percorsi/competenze-trasversali/"),)),
        DetailRow(label="Costo", values=("gratuito",)),
        DetailRow(
            label="Licenza",
            values=(a_link("CC BY 4.0", "https://creativecommons.org/licenses/by/4.0/", rel="license"),),
            note="Si può copiare e adattare, citando chi l’ha fatto.",
        ),
    )


def a_chrome(lang: str = "it", **facts: object) -> Chrome:
    names = (
        ("Corsi", "Video", "KeepONLearning", "Stampa")
        if lang == "it"
        else ("Courses", "Videos", "KeepONLearning", "Press")
    )
    values = {
        "lang": lang,
        "site_name": "Polimi Open Knowledge",
        "tagline": "I corsi, i video e i testi aperti del Politecnico di Milano.",
        "home_url": "/",
        "nav": tuple(a_link(name, f"/{name.lower()}/", is_current=name == names[0]) for name in names),
        "footer": (
            FooterGroup(title="Catalogo", links=(a_link("Percorsi", "/percorsi/"), a_link("Persone", "/persone/"))),
            FooterGroup(title="Resta aggiornato", links=(a_link("Feed", "/feed/"), a_link("Numeri", "/numeri/"))),
            FooterGroup(title="Il sito", links=(a_link("Accessibilità", "/accessibilita/"), a_link("Privacy", "/p/"))),
        ),
        "license_text": "I testi sono distribuiti con licenza CC BY 4.0",
        "license_url": "https://creativecommons.org/licenses/by/4.0/deed.it",
        "assets": Assets(
            stylesheet_url="/theme/css/site.css",
            print_url="/theme/css/print.css",
            script_url="/theme/js/main.js",
            icon_url="/theme/icons/icon.svg",
            scheme_url="/theme/js/scheme.js",
        ),
        "search_url": None,
    }
    return Chrome(**(values | facts))  # type: ignore[arg-type]


def every_page(**facts: object) -> dict[str, object]:
    """Return the fields that all pages have."""
    heading = str(facts.get("heading", "Gestire il cambiamento"))
    url = str(facts.get("url", "/corsi/gestire-il-cambiamento/"))
    return {
        "template": "page.html",
        "url": url,
        "save_as": f"{url[1:]}index.html",
        "canonical_url": f"https://example.org{url}",
        "lang": "it",
        "chrome": a_chrome(),
        "title": f"{heading} – Polimi Open Knowledge",
        "heading": heading,
        "description": "Che cosa si trova in questa pagina, in una frase.",
        "crumbs": (a_link("Inizio", "/"), a_link("Corsi", "/corsi/"), a_link(heading, url)),
        "alternates": (Alternate(lang="en", url="/en/", absolute_url="https://example.org/en/", text="English"),),
        "feeds": (FeedLink(title="Corsi", rss_url="/feed/corsi.rss", atom_url="/feed/corsi.atom"),),
        "sources": ("iodonna.it, 2016", a_link("metid.polimi.it", "https://www.metid.polimi.it/")),
    } | facts


def notices() -> tuple[Notice, ...]:
    return (
        Notice(text="Questo testo esiste solo in inglese.", tone="language", link=a_link("Pagina inglese", "/en/")),
        Notice(text="Questa è una voce di esempio.", tone="sample"),
    )


def without_extras(view: PageView) -> PageView:
    """Return the same page in another language than its words, with notices and without optional parts."""
    return replace(
        view, content_lang="en", notices=notices(), feeds=(), alternates=(), crumbs=(), sources=(), robots="noindex"
    )
