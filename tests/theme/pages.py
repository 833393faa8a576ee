"""One full and one bare page for each template."""

from __future__ import annotations

from openknowledge.catalogue.model.values import Html
from openknowledge.catalogue.views.base import (
    Badge,
    DateText,
    FacetGroup,
    FeedLink,
    FooterGroup,
    Pager,
    PageView,
    Segment,
)
from openknowledge.catalogue.views.pages import (
    CoursePage,
    CreditLine,
    FeedGroup,
    FeedsPage,
    FormatSection,
    GroupPage,
    HomePage,
    HubPage,
    InitiativePage,
    ListPage,
    NumberGroup,
    NumbersPage,
    PlaylistPage,
    PressPage,
    ProgrammePage,
    RunRow,
    SyllabusRow,
    TextPage,
    TimelineEntry,
    VideoPage,
)

from .samples import (
    JUNE_2020,
    a_body,
    a_card,
    a_chrome,
    a_group,
    a_link,
    a_number,
    a_picture,
    a_sample_number,
    a_video_card,
    an_unknown_number,
    courses,
    every_page,
    press,
    some_facts,
    videos,
    without_extras,
)

OPEN = Badge(text="Iscrizioni aperte", tone="open")
CHART = Html(
    '<figure><svg viewBox="0 0 240 60" width="240" height="60" role="img" aria-label="Da 200 a 12.431 iscrizioni">'
    '<polyline points="0,58 60,50 120,40 180,12 240,4" fill="none" stroke="currentColor"></polyline></svg></figure>'
)


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
    return Pager(label="Pagine", newer=newer, older=older, pages=pages)


def a_list(**facts: object) -> PageView:
    values = every_page(heading="Corsi", url="/corsi/", template="list.html", sources=()) | {
        "intro": a_body("<p>Tutti i corsi online del Politecnico, gratuiti e aperti. Ne hanno approfittato in "),
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
    return a_list(cards=(), intro=(), total="", pager=None, numbers=(), facets=(), empty=empty)


def course(**facts: object) -> PageView:
    past = RunRow(
        label="Seconda edizione", dates="2015, date non note", badge=Badge(text="Conclusa", tone="closed"), key="FIS102"
    )
    values = every_page(
        template="course.html", extras={"enrolment": {"chart": CHART, "growth": None, "milestones": ()}}
    ) | {
        "abstract": "Riconoscere le proprie reazioni di fronte al nuovo e costruire un piano per affrontarlo.",
        "picture": a_picture(),
        "kicker": "Corso · Competenze trasversali",
        "state": OPEN,
        "action": a_link("Iscriviti alla piattaforma", "https://www.pok.polimi.it/", rel="external"),
        "facts": some_facts(),
        "enrolment": a_sample_number(),
        "outcomes": ("Riconoscere le fasi di un cambiamento", "Distinguere fra ostacolo e resistenza"),
        "body": a_body(),
        "syllabus": (
            SyllabusRow(title="Perché cambiare", weeks="Settimana 1", text="Il contesto e le persone."),
            SyllabusRow(title="Le reazioni al cambiamento e come leggerle senza giudicare", weeks="Settimane 2 e 3"),
            SyllabusRow(title="Il piano"),
        ),
        "credits": (
            CreditLine(name="Ilaria Hollweck", role="docente", url="/persone/ilaria-hollweck/"),
            CreditLine(name="METID", role="progettazione", note="con UNIT"),
        ),
        "runs": (
            RunRow(
                label="Edizione 2026",
                dates="12 gennaio – 20 febbraio 2026",
                badge=OPEN,
                details=("Con tutor", "Open Badge"),
                url="https://www.pok.polimi.it/",
                key="Polimi+GC101+2026_M1",
            ),
        ),
        "past_runs": (past,),
        "videos": a_group("Le lezioni", videos()[:3], more=None, intro=None),
        "related": (a_group("Dello stesso percorso", courses()[:2], more=None),),
    }
    return CoursePage(**(values | facts))  # type: ignore[arg-type]


def bare_course() -> PageView:
    nothing: dict[str, object] = dict.fromkeys(("action", "enrolment", "videos"))
    parts: tuple[str, ...] = ("facts", "outcomes", "body", "syllabus", "credits", "runs", "past_runs", "related")
    heading = "Introduzione alla fisica sperimentale: elettromagnetismo, ottica, fisica moderna"
    return without_extras(course(heading=heading, abstract="", extras={}, **nothing, **dict.fromkeys(parts, ())))


def video(**facts: object) -> PageView:
    chapters = (
        a_link("0:00 Introduzione", "https://youtu.be/x?t=0"),
        a_link("3:10 Le forze", "https://youtu.be/x?t=190"),
    )
    heading = "Create data visualizations: RAWGraphs in 8 minutes"
    plain = "<p>How to make a chart in eight minutes.<br>More at <a href='https://rawgraphs.io'>rawgraphs.io</a></p>"
    values = every_page(heading=heading, url="/video/rawgraphs/", template="video.html", content_lang="en") | {
        "picture": a_picture("rawgraphs"),
        "date": DateText(text="29 maggio 2020", iso="2020-05-29"),
        "duration": "8:12",
        "duration_iso": "PT8M12S",
        "language": "inglese",
        "watch_url": "https://www.youtube.com/watch?v=Yfac2CZJrP0",
        "embed_url": "https://www.youtube-nocookie.com/embed/Yfac2CZJrP0",
        "facts": some_facts()[:3],
        "text": (Segment(html=Html(plain)),),
        "notes": (),
        "chapters": chapters,
        "playlists": (a_group("Dati e visualizzazione", videos(), more=a_link("Tutta la playlist", "/video/p/")),),
        "related": (),
    }
    return VideoPage(**(values | facts))  # type: ignore[arg-type]


def bare_video() -> PageView:
    nothing: dict[str, object] = dict.fromkeys(("duration_iso", "watch_url", "embed_url"))
    parts = dict.fromkeys(("facts", "text", "chapters", "playlists"), ())
    return without_extras(video(duration="Durata non nota", language="Lingua non nota", **nothing, **parts))


def playlist(**facts: object) -> PageView:
    values = every_page(heading="Dati e visualizzazione", url="/video/p/", template="playlist.html") | {
        "picture": a_picture("playlist"),
        "text": a_body("<p>Lezioni brevi per disegnare con i numeri; ne hanno viste almeno una in "),
        "notes": (),
        "facts": some_facts()[1:2],
        "total": "4 video, 2 ore e 10 minuti",
        "cards": videos(),
        "related": (a_group("Il corso", courses()[:1], more=None, intro=None),),
        "watch_url": "https://www.youtube.com/playlist?list=x",
    }
    return PlaylistPage(**(values | facts))  # type: ignore[arg-type]


def press_release(**facts: object) -> PageView:
    heading = "Centomila persone studiano con i corsi online del Politecnico"
    start = "<p>Il portale è nato nel 2014 con tre corsi. In sei anni ne ha aggiunti quasi sessanta, e nel giugno del 2020 conta "
    values = every_page(heading=heading, url="/stampa/2020/centomila/", template="press.html") | {
        "standfirst": "Nella primavera del 2020 le iscrizioni sono cresciute come mai prima.",
        "place": "Milano",
        "date": JUNE_2020,
        "body": a_body(start) + a_body("<p>Secondo paragrafo, più lungo, per vedere il ritmo della pagina: ") * 2,
        "figures": (a_number(), a_number("oltre 170.000", "iscrizioni"), a_number("11 milioni", "visualizzazioni")),
        "contact_name": "Ufficio Relazioni con i Media",
        "contact_lines": ("Politecnico di Milano", "Piazza Leonardo da Vinci 32", "20133 Milano"),
        "contact_links": (
            a_link("+39 02 2399 2508", "tel:+390223992508"),
            a_link("relazionimedia@polimi.it", "mailto:x@y.it"),
        ),
        "mentions": (a_group("I corsi citati", courses()[:3], more=None, intro=None),),
        "newer": a_link("Un comunicato più recente, con un titolo lungo che va a capo", "/stampa/2021/x/"),
        "older": a_link("Un comunicato più vecchio", "/stampa/2019/x/"),
    }
    return PressPage(**(values | facts))  # type: ignore[arg-type]


def bare_press_release() -> PageView:
    nothing: dict[str, object] = dict.fromkeys(("place", "contact_name", "newer", "older"))
    parts = dict.fromkeys(("figures", "contact_lines", "contact_links", "mentions"), ())
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
        "facts": some_facts()[:2],
        "figures": (a_number("oltre 20.000", "partecipanti"),),
        "credits": (CreditLine(name="Carlo Cottarelli", role="ospite"),),
        "action": a_link("Guarda la registrazione", "/video/x/"),
        "recording": a_video_card(),
        "initiative": a_link("KeepONLearning", "/keeponlearning/"),
        "topics": (a_link("Smart working", "/temi/sw/", count="3"), a_link("Sanità", "/temi/s/")),
        "related": (a_group("Sullo stesso tema", courses()[:3], more=None, intro=None),),
    }
    return HubPage(**(values | facts))  # type: ignore[arg-type]


def bare_hub_item() -> PageView:
    nothing: dict[str, object] = dict.fromkeys(("badge", "action", "recording"))
    parts = dict.fromkeys(("body", "facts", "figures", "credits", "topics", "related"), ())
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
            anchor=f"formato-{place}",
            title=name,
            explanation="Testi brevi per orientarsi nelle settimane dell’emergenza.",
            cards=courses()[:place],
            empty="" if place else "Gli originali non sono più in rete.",
            more=a_link("Tutti", "/keeponlearning/webinar/") if place else None,
        )
        for place, name in enumerate(names[:4])
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
        "photo_credit": "Foto di Tran Mau Tri Tam su Unsplash",
        "photo_credit_url": "https://unsplash.com/",
    }
    return ProgrammePage(**(values | facts))  # type: ignore[arg-type]


def bare_programme() -> PageView:
    nothing: dict[str, object] = dict.fromkeys(("date", "appeal", "appeal_link", "photo_credit", "photo_credit_url"))
    parts = dict.fromkeys(("body", "partners", "figures", "other_figures"), ())
    return without_extras(programme(abstract="", standfirst="", **nothing, **parts))


def group(**facts: object) -> PageView:
    values = every_page(heading="Per i docenti", url="/percorsi/docenti/", template="group.html") | {
        "kicker": "Percorso",
        "abstract": "Metodi e strumenti per progettare la propria didattica.",
        "body": a_body("<p>Il percorso raccoglie i corsi per chi insegna, seguiti da "),
        "picture": a_picture("docenti"),
        "facts": some_facts()[:2],
        "numbers": (a_sample_number(), an_unknown_number()),
        "groups": (a_group("Corsi", courses(), more=None, intro=None),),
    }
    return GroupPage(**(values | facts))  # type: ignore[arg-type]


def bare_group() -> PageView:
    empty = "Di questa persona il catalogo non ha ancora altro."
    parts = dict.fromkeys(("body", "facts", "numbers", "groups"), ())
    return without_extras(group(heading="Marco Zani", abstract="", picture=None, empty=empty, **parts))


def page(**facts: object) -> PageView:
    values = every_page(heading="Dichiarazione di accessibilità", url="/accessibilita/") | {
        "abstract": "Che cosa funziona, che cosa non ancora, a chi scrivere.",
        "body": a_body(),
        "updated": JUNE_2020,
        "ways_on": (),
    }
    return TextPage(**(values | facts))  # type: ignore[arg-type]


def not_found(**facts: object) -> PageView:
    plain = (Segment(html=Html("<p>Forse l’indirizzo è cambiato quando il portale si è spostato.</p>")),)
    values: dict[str, object] = {
        "heading": "Pagina non trovata",
        "template": "404.html",
        "chrome": a_chrome(search_url="/cerca/"),
        "ways_on": (a_link("Tutti i corsi", "/corsi/"), a_link("Tutti i video", "/video/"), a_link("Inizio", "/")),
        "abstract": "A questo indirizzo non c’è una pagina.",
        "body": plain,
        "updated": None,
    }
    return page(**(values | facts))


def feeds() -> PageView:
    rows = tuple(
        FeedLink(title=name, rss_url=f"/f/{name}.rss", atom_url=f"/f/{name}.atom") for name in ("Corsi", "Video")
    )
    values = every_page(heading="Feed", url="/feed/", template="feeds.html", sources=())
    explanation = "Un feed è un elenco che un programma può leggere per te."
    return FeedsPage(explanation=explanation, groups=(FeedGroup(title="Tutto", feeds=rows),), **values)  # type: ignore[arg-type]


def numbers() -> PageView:
    entries = (a_number(), a_number("11 milioni", "visualizzazioni", name="pok.views", is_stale=True))
    samples = (
        a_sample_number(),
        a_number("non noto", "iscrizioni", name="x.y", is_known=False, as_of=None, source=None),
    )
    groups = (
        NumberGroup(title="Il portale", anchor="portale", numbers=entries),
        NumberGroup(title="Iscrizioni ai corsi", anchor="iscrizioni", numbers=samples),
    )
    explanation = "Ogni numero di questo sito, con che cosa conta, da dove viene e a quando risale."
    values = every_page(heading="I numeri", url="/numeri/", template="numbers.html", sources=())
    return NumbersPage(explanation=explanation, groups=groups, **values)  # type: ignore[arg-type]


def all_pages() -> dict[str, PageView]:
    """Every template with its parts and without them, by a name for each."""
    return {
        "home": home(),
        "home-bare": bare_home(),
        "list": a_list(),
        "list-videos": a_video_list(),
        "list-press": a_press_list(),
        "list-empty": an_empty_list(),
        "course": course(),
        "course-bare": bare_course(),
        "video": video(),
        "video-bare": bare_video(),
        "playlist": playlist(),
        "playlist-bare": playlist(cards=(), related=(), watch_url=None, text=(), facts=()),
        "press": press_release(),
        "press-bare": bare_press_release(),
        "hub": hub_item(),
        "hub-bare": bare_hub_item(),
        "initiative": initiative(),
        "initiative-bare": bare_initiative(),
        "programme": programme(),
        "programme-bare": bare_programme(),
        "group": group(),
        "group-bare": bare_group(),
        "page": page(),
        "page-bare": page(abstract="", body=(), updated=None, sources=()),
        "404": not_found(),
        "404-bare": not_found(body=(), chrome=a_chrome()),
        "feeds": feeds(),
        "numbers": numbers(),
        "card-alone": a_list(cards=(a_card(abstract="", picture=None, meta=()),), pager=None),
    }
