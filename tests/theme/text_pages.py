"""Press releases, items of the learning hub, initiatives and programmes."""

from __future__ import annotations

from tests.theme.learning_pages import MATERIALS
from tests.theme.samples import (
    JUNE_2020,
    a_body,
    a_group,
    a_link,
    a_number,
    a_picture,
    an_unknown_number,
    courses,
    every_page,
    some_facts,
    without_extras,
)

from openknowledge.catalogue.views.base import (
    Badge,
    Embed,
    PageView,
)
from openknowledge.catalogue.views.pages import (
    Contact,
    CreditLine,
    FormatSection,
    HubPage,
    InitiativePage,
    PressPage,
    ProgrammePage,
    TimelineEntry,
)
from openknowledge.rendering.locale import DateText


def press_release(**facts: object) -> PageView:
    heading = "Centomila persone studiano con i corsi online del Politecnico"
    start = "<p>Il portale è nato nel 2014 con tre corsi. In sei anni ne ha aggiunti quasi sessanta, e ora conta "
    values = every_page(heading=heading, url="/stampa/2020/centomila/", template="press.html") | {
        "standfirst": "Nella primavera del 2020 le iscrizioni sono cresciute come mai prima.",
        "place": "Milano",
        "date": JUNE_2020,
        "updated": JUNE_2020,
        "body": a_body(start) + a_body("<p>Secondo paragrafo, più lungo, per vedere il ritmo della pagina: ") * 2,
        "figures": (a_number(), a_number("oltre 170.000", "iscrizioni"), a_number("11 milioni", "visualizzazioni")),
        "contact": Contact(
            name="Ufficio Relazioni con i Media",
            lines=("Politecnico di Milano", "Piazza Leonardo da Vinci 32", "20133 Milano"),
            links=(
                a_link("+39 02 2399 2508", "tel:+390223992508"),
                a_link("relazionimedia@polimi.it", "mailto:x@y.it"),
            ),
        ),
        "kit_url": "/stampa/2020/centomila/kit.zip",
        "mentions": (a_group("I corsi citati", courses()[:3], more=None, intro=None),),
        "newer": a_link("Un comunicato più recente, con un titolo lungo che va a capo", "/stampa/2021/x/"),
        "older": a_link("Un comunicato più vecchio", "/stampa/2019/x/"),
    }
    return PressPage(**(values | facts))  # type: ignore[arg-type]


def bare_press_release() -> PageView:
    nothing: dict[str, object] = dict.fromkeys(("place", "updated", "contact", "newer", "older"))
    parts = dict.fromkeys(("figures", "mentions"), ())
    return without_extras(press_release(standfirst="", **nothing, **parts))


def hub_item(**facts: object) -> PageView:
    values = every_page(
        heading="Smart working: che cosa resta dopo l’emergenza", url="/keeponlearning/w/", template="hub.html"
    ) | {
        "kicker": "KeepONLearning · Webinar",
        "abstract": "Tre mesi di lavoro a distanza visti da chi li ha organizzati.",
        "picture": a_picture("smart-working"),
        "date": JUNE_2020,
        "badge": Badge(text="Registrato", tone="recorded"),
        "body": a_body(),
        "details": some_facts()[:2],
        "figures": (a_number("oltre 20.000", "partecipanti"),),
        "materials": MATERIALS,
        "credits": (CreditLine(name="Carlo Cottarelli", role="ospite"),),
        "action": a_link("Guarda la registrazione", "/video/x/"),
        "recording": Embed(
            title="Smart working: la registrazione",
            provider="YouTube",
            action="Riproduci il video",
            note="Il video è su YouTube: il collegamento parte solo se lo avvii.",
            watch_url="https://www.youtube.com/watch?v=Yfac2CZJrP0",
            embed_url="https://www.youtube-nocookie.com/embed/Yfac2CZJrP0",
            shape="wide",
            lang="it",
            picture=a_picture("registrazione"),
            page_url="/video/registrazione/",
        ),
        "topics": (a_link("Smart working", "/temi/sw/", count="3"), a_link("Sanità", "/temi/s/")),
        "related": (a_group("Sullo stesso tema", courses()[:3], more=None, intro=None),),
    }
    return HubPage(**(values | facts))  # type: ignore[arg-type]


def bare_hub_item() -> PageView:
    nothing: dict[str, object] = dict.fromkeys(("badge", "action", "recording"))
    parts = dict.fromkeys(("body", "details", "figures", "materials", "credits", "topics", "related"), ())
    return without_extras(hub_item(abstract="", **nothing, **parts))


def initiative(**facts: object) -> PageView:
    timeline = (
        TimelineEntry(date=DateText(text="fine febbraio 2020", iso="2020-02"), text="Tutta la didattica passa online."),
        TimelineEntry(date=DateText(text="18 marzo 2020", iso="2020-03-18"), text="Parte KeepONLearning."),
        TimelineEntry(date=DateText(text="luglio 2020", iso="2020-07"), text="L’iniziativa si conclude."),
        TimelineEntry(date=DateText(text="settembre 2020", iso="2020-09"), text="Il campus riapre: Nice to MIP You."),
    )
    names = ("Articoli", "Webinar", "Corsi online", "Conversazioni", "Strumenti", "Approfondimenti")
    formats = tuple(
        FormatSection(
            anchor=f"formato-{index}",
            title=name,
            explanation="Testi brevi per orientarsi nelle settimane dell’emergenza.",
            cards=courses()[: index + 1],
            more=a_link("Tutti", "/keeponlearning/webinar/") if index else None,
        )
        for index, name in enumerate(names[:4])
    )
    values = every_page(heading="KeepONLearning", url="/keeponlearning/", template="initiative.html") | {
        "abstract": "Quattro mesi di formazione a distanza, mentre le aule erano chiuse.",
        "picture": a_picture("keeponlearning"),
        "badge": Badge(text="Conclusa", tone="archived"),
        "span": "marzo–luglio 2020",
        "organiser": "MIP Politecnico di Milano",
        "body": a_body(),
        "figures": (a_number("oltre 90", "webinar in diretta"), a_number("oltre 20.000", "partecipanti")),
        "timeline": timeline,
        "formats": formats,
        "nothing_left": "Degli altri formati qui non resta nulla: strumenti operativi e approfondimenti.",
        "topics": (
            a_link("Smart working", "/temi/sw/", count="3"),
            a_link("Catena di fornitura", "/temi/cf/", count="2"),
        ),
        "guests": ("Microsoft", "Lamborghini", "Pirelli", a_link("Carlo Cottarelli", "/persone/carlo-cottarelli/")),
    }
    return InitiativePage(**(values | facts))  # type: ignore[arg-type]


def bare_initiative() -> PageView:
    parts = dict.fromkeys(("body", "figures", "timeline", "formats", "topics", "guests"), ())
    return without_extras(initiative(abstract="", organiser=None, **parts))


def programme(**facts: object) -> PageView:
    values = every_page(
        heading="Il digitale nelle scuole di Milano", url="/programmi/scuole/", template="programme.html"
    ) | {
        "standfirst": "Dispositivi, assistenza e formazione per le scuole primarie e secondarie.",
        "abstract": "Con il Comune di Milano e Moncler, il Politecnico accompagna insegnanti e alunni.",
        "picture": a_picture("scuole", is_drawn=False, alt="Un bambino scrive su un tablet."),
        "date": DateText(text="12 marzo 2021", iso="2021-03-12"),
        "body": a_body(),
        "partners": (a_link("Comune di Milano", "/partner/comune/"), a_link("Moncler", "/partner/moncler/")),
        "figures": (
            a_number("circa 3.600", "dispositivi e connessioni"),
            a_number("circa 2,1 milioni di euro", "valore del progetto"),
            a_number("130", "studenti universitari"),
        ),
        "other_figures": (a_number("3.590", "dispositivi (ilgiorno.it)"), an_unknown_number()),
        "appeal": "Il tuo 5 per mille al Politecnico sostiene progetti come questo.",
        "appeal_link": a_link("Come donare il 5 per mille", "https://www.polimi.it/"),
    }
    return ProgrammePage(**(values | facts))  # type: ignore[arg-type]


def bare_programme() -> PageView:
    nothing: dict[str, object] = dict.fromkeys(("date", "appeal", "appeal_link"))
    parts = dict.fromkeys(("body", "partners", "figures", "other_figures"), ())
    return without_extras(programme(abstract="", standfirst="", **nothing, **parts))
