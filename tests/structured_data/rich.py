"""Records of which everything is known, for readers that hold what is said of them against the vocabulary."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from tests.builders import a_course, a_run, a_site
from tests.structured_data.blocks import Node

from openknowledge.catalogue.site import Site
from openknowledge.model.course import CourseWords, Level, Pace, Strand, Topic
from openknowledge.model.materials import Material, MaterialKind
from openknowledge.model.numbers import Views
from openknowledge.model.organization import Organization
from openknowledge.model.people import Credit, CreditRole, Partner, Person
from openknowledge.model.programme import HubFormat, HubItem, Initiative, Session
from openknowledge.model.texts import PlainPage, PressRelease, PressWords
from openknowledge.model.values import License, PartialDate, Words
from openknowledge.model.video import Chapter, Video
from openknowledge.structured_data.pages import describe_page

UNIVERSITY = Organization(
    name="Ateneo",
    legal_name="Ateneo degli Studi",
    url="https://www.example.edu/",
    street="Via Roma 1",
    postal_code="00100",
    locality="Roma",
    region="RM",
    country="IT",
    ror="01nffqt88",
    logo="logo.png",
    partner="ateneo",
)
CREDITS = tuple(Credit(person="ada", role=role) for role in CreditRole)
MATERIAL = Material(
    title="Vettori", url="https://example.org/v", kind=MaterialKind.SLIDES, license=License.CC0_1_0, lang="it"
)
MOMENTS = (datetime(2026, 4, 2, 16, tzinfo=UTC), datetime(2026, 4, 2, 17, tzinfo=UTC))


def words(title: str) -> dict[str, Words]:
    return {"it": Words(title=title, abstract=f"{title}, in breve.")}


def a_rich_course() -> Any:
    text = CourseWords(
        title="Algebra",
        abstract="Vettori e matrici.",
        outcomes=("Sommare vettori", "Moltiplicare matrici"),
        requirements="Saper contare.",
        certificate="Un attestato.",
    )
    return a_course(
        "algebra",
        words={"it": text},
        code="ALG101",
        strand="base",
        level=Level.INTRODUCTORY,
        teaching_langs=("it", "en"),
        weekly_hours=5,
        weeks=6,
        total_hours=30,
        license=License.CC_BY_4_0,
        credits=CREDITS,
        topics=("numeri",),
        materials=(MATERIAL,),
        runs=(a_run("2026-01-07", "2026-02-20", lang="it", pace=Pace.SELF, url="https://example.org/run"),),
    )


def a_rich_video() -> Video:
    return Video(
        slug="lezione",
        words=words("Lezione"),
        youtube_id="abcdefghijk",
        published=MOMENTS[0],
        updated=date(2026, 5, 1),
        description="Che cosa si vede.",
        duration_s=725,
        lang="it",
        chapters=(Chapter(start_s=0, title="Uno"), Chapter(start_s=62, title="Due")),
        course="algebra",
        credits=CREDITS,
        speakers=("Grace H.",),
        topics=("numeri",),
        license=License.CC_BY_3_0,
        views=Views(total=1234, as_of=date(2026, 1, 1)),
    )


def an_item(slug: str, hub_format: HubFormat, session: Session | None = None) -> HubItem:
    return HubItem(
        slug=slug,
        words=words(slug.title()),
        initiative="imparare",
        format=hub_format,
        published=PartialDate(2026, 4, 1),
        updated=date(2026, 4, 3),
        credits=CREDITS,
        topics=("numeri",),
        materials=(MATERIAL,),
        recording="lezione",
        session=session,
    )


def a_rich_site() -> Site:
    starts, ends = MOMENTS
    return a_site(
        a_rich_course(),
        a_rich_video(),
        an_item("fine", HubFormat.ARTICLE),
        an_item("online", HubFormat.WEBINAR, Session(starts=starts, ends=ends)),
        an_item("saltato", HubFormat.TALK, Session(starts=starts, ends=ends, place="Aula Magna", cancelled=True)),
        Person(slug="ada", words=words("Ada B."), affiliation="Ateneo", orcid="0000-0002-1825-0097"),
        Partner(slug="ateneo", words=words("Ateneo")),
        Partner(slug="altro", words=words("Altro"), ror="01nffqt88"),
        Strand(slug="base", words=words("Base")),
        Topic(slug="numeri", words=words("Numeri")),
        Initiative(
            slug="imparare", words=words("Imparare"), starts=PartialDate(2026, 3, 1), ends=PartialDate(2026, 7, 1)
        ),
        PressRelease(
            slug="cento",
            words={"it": PressWords(title="Cento", standfirst="In un anno.", place="Roma")},
            published=date(2026, 5, 5),
            updated=date(2026, 5, 6),
        ),
        PlainPage(slug="home", words=words("Sito")),
        organization=UNIVERSITY,
        search_is_on=True,
    )


def rich_graphs() -> list[list[Node]]:
    """Return the structured data of the pages of all these records, in one language."""
    site = a_rich_site()
    return [describe_page(site.kind(ref.kind).page(site.record(ref), site, "it"), site) for ref in site.refs()]
