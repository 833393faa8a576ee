"""Courses, videos and playlists."""

from __future__ import annotations

from dataclasses import replace

from tests.theme.samples import (
    a_body,
    a_group,
    a_link,
    a_picture,
    a_sample_number,
    courses,
    every_page,
    some_facts,
    videos,
    without_extras,
)

from openknowledge.catalogue.views.base import (
    Badge,
    DetailRow,
    PageView,
    Segment,
)
from openknowledge.catalogue.views.pages import (
    ChapterRow,
    CourseAction,
    CoursePage,
    CreditLine,
    MaterialRow,
    PlaylistPage,
    RunRow,
    Sentence,
    SequencePlace,
    SyllabusRow,
    TranscriptLine,
    TranscriptText,
    VideoPage,
)
from openknowledge.model.values import Html
from openknowledge.rendering.locale import DateText

MATERIALS = (
    MaterialRow(
        title="Dispense della prima settimana",
        url="/media/courses/x/dispense.pdf",
        note="PDF, 1,2 MB",
        details="Appunti",
        license=a_link("CC BY 4.0", "https://creativecommons.org/licenses/by/4.0/"),
        lang=None,
        is_external=False,
    ),
    MaterialRow(
        title="A longer exercise of another site",
        url="https://example.org/exercise",
        note="",
        details="Esercizi · inglese",
        license=None,
        lang="en",
        is_external=True,
    ),
)
OPEN = Badge(text="Iscrizioni aperte", tone="open")
CHART = Html(
    '<figure><svg viewBox="0 0 240 60" width="240" height="60" role="img" aria-label="Da 200 a 12.431 iscrizioni">'
    '<polyline points="0,58 60,50 120,40 180,12 240,4" fill="none" stroke="currentColor"></polyline></svg></figure>'
)


def course(**facts: object) -> PageView:
    past = RunRow(
        label="Seconda edizione",
        dates="fino al 2 giugno",
        badge=Badge(text="Conclusa", tone="closed"),
        key="FIS102",
    )
    values = every_page(
        template="course.html", extras={"enrolment": {"chart": CHART, "growth": None, "milestones": ()}}
    ) | {
        "abstract": "Riconoscere le proprie reazioni di fronte al nuovo e costruire un piano per affrontarlo.",
        "picture": a_picture(),
        "kicker": "Corso · Competenze trasversali",
        "state": OPEN,
        "action": CourseAction(
            link=a_link("Iscriviti gratis (in italiano)", "https://www.pok.polimi.it/", rel="external"),
            others=(a_link("Iscriviti gratis (in inglese)", "https://www.pok.polimi.it/en", rel="external"),),
            note="Le iscrizioni si chiudono il 7 gennaio 2026.",
        ),
        "details": some_facts(),
        "enrolment": a_sample_number(),
        "outcomes": ("Riconoscere le fasi di un cambiamento", "Distinguere fra ostacolo e resistenza"),
        "body": a_body(),
        "syllabus": (
            SyllabusRow(
                title="Perché cambiare",
                weeks="Settimana 1",
                text="Il contesto e le persone.",
                lessons=(
                    a_link("Che cosa cambia", "/video/a/", count="6:52"),
                    a_link("Listening", "/video/b/", count="8:58", lang="en"),
                ),
                materials=MATERIALS,
            ),
            SyllabusRow(title="Le reazioni al cambiamento e come leggerle senza giudicare", weeks="Settimane 2 e 3"),
            SyllabusRow(title="Il piano"),
        ),
        "materials": MATERIALS,
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
        "changes": (DetailRow(label="3 giugno 2026", values=("La seconda edizione comincia una settimana dopo.",)),),
        "runs_note": "Dove mancano, le date non sono disponibili.",
        "videos": a_group("Le lezioni", videos()[:3], more=None, intro=None),
        "related": (a_group("Dello stesso percorso", courses()[:2], more=None),),
    }
    return CoursePage(**(values | facts))  # type: ignore[arg-type]


def bare_course() -> PageView:
    nothing: dict[str, object] = dict.fromkeys(("enrolment", "videos")) | {"runs_note": ""}
    nothing["action"] = CourseAction(link=a_link("Cercalo sul portale", "https://www.pok.polimi.it/"))
    parts: tuple[str, ...] = (
        "details",
        "outcomes",
        "body",
        "syllabus",
        "materials",
        "credits",
        "runs",
        "past_runs",
        "changes",
    )
    parts = (*parts, "related")
    heading = "Introduzione alla fisica sperimentale: elettromagnetismo, ottica, fisica moderna"
    return without_extras(course(heading=heading, abstract="", extras={}, **nothing, **dict.fromkeys(parts, ())))


def a_transcript(lang: str | None, language: str) -> TranscriptText:
    sentences = (Sentence(start_s=4, text="Buongiorno a tutti."), Sentence(start_s=6, text="Oggi disegniamo."))
    line = TranscriptLine(time="0:04", time_iso="PT4S", speaker="Ada", sentences=sentences)
    later = Sentence(start_s=83, text="E poi?")
    files = ((a_link("Sottotitoli", "/media/x.vtt"), "VTT, 1 kB"), (a_link("Testo", "/media/x.txt"), "TXT, 1 kB"))
    lines = (line, TranscriptLine(time="1:23", time_iso="PT1M23S", speaker="", sentences=(later,)))
    return TranscriptText(lang=lang, code=lang or "it", language=language, lines=lines, files=files)


def video(**facts: object) -> PageView:
    chapters = tuple(
        ChapterRow(start_s=at, time=time, time_iso=iso, title=title, url=f"https://www.youtube.com/watch?v=x&t={at}s")
        for at, time, iso, title in ((0, "0:00", "PT0S", "Introduzione"), (190, "3:10", "PT3M10S", "Le forze"))
    )
    place = SequencePlace(
        sequence=a_link("Dati e visualizzazione", "/video/p/"),
        position="2 di 41",
        before=a_link("Che cos’è un grafico", "/video/a/", lang="en"),
        after=a_link("Le mappe", "/video/b/"),
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
        "is_gone": False,
        "details": some_facts()[:3],
        "text": (Segment(html=Html(plain)),),
        "rest": (Segment(html=Html("<p>Il resto della descrizione.</p>")),),
        "notes": (),
        "chapters": chapters,
        "origin": "",
        "transcripts": (a_transcript(None, "italiano"), a_transcript("ar", "arabo")),
        "places": (place, replace(place, before=None, position="N. 90, parte 3")),
        "playlists": (a_group("Dati e visualizzazione", videos(), more=a_link("Tutta la playlist", "/video/p/")),),
        "related": (),
    }
    return VideoPage(**(values | facts))  # type: ignore[arg-type]


def bare_video() -> PageView:
    nothing: dict[str, object] = dict.fromkeys(("duration_iso", "watch_url", "embed_url"))
    parts: dict[str, object] = dict.fromkeys(("details", "text", "chapters", "transcripts", "places", "playlists"), ())
    parts["origin"] = "Un video della playlist «Dati e visualizzazione», pubblicato nel 2020."
    return without_extras(video(duration="Durata non disponibile", language="Lingua non indicata", **nothing, **parts))


def playlist(**facts: object) -> PageView:
    values = every_page(heading="Dati e visualizzazione", url="/video/p/", template="playlist.html") | {
        "picture": a_picture("playlist"),
        "text": a_body("<p>Lezioni brevi per disegnare con i numeri; ne hanno viste almeno una in "),
        "notes": (),
        "details": some_facts()[1:2],
        "total": "4 video, 2 ore e 10 minuti",
        "rows": tuple(enumerate(videos(), start=25)),
        "related": (a_group("Il corso", courses()[:1], more=None, intro=None),),
        "watch_url": "https://www.youtube.com/playlist?list=x",
    }
    return PlaylistPage(**(values | facts))  # type: ignore[arg-type]
