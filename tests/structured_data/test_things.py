"""What a block says of a record: what is known, and of each thing in its own place."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import brotli
import pytest
from tests.builders import a_course, a_run, a_site
from tests.structured_data.blocks import Node, find_mistakes, of_type, walk

from openknowledge.catalogue.site import Site
from openknowledge.model.course import CourseWords, Strand
from openknowledge.model.materials import Material, MaterialKind
from openknowledge.model.numbers import Views
from openknowledge.model.organization import Organization
from openknowledge.model.people import Credit, CreditRole, Partner, Person
from openknowledge.model.programme import HubFormat, HubItem, Initiative, Session
from openknowledge.model.texts import PressRelease, PressWords
from openknowledge.model.values import Html, Lang, License, PartialDate, Record, Ref, Words
from openknowledge.model.video import Chapter, Video
from openknowledge.structured_data import advise
from openknowledge.structured_data.pages import describe_page, page_extras
from openknowledge.structured_data.script_text import MOST_B, write_script

ROME = timezone(timedelta(hours=2))
ADA = Person(slug="ada", words={"it": Words(title="Ada B.")}, orcid="0000-0002-1825-0097")
UNIVERSITY = Organization(name="Ateneo", url="https://www.example.edu/", ror="01nffqt88", partner="ateneo")
INITIATIVE = Initiative(slug="imparare", words={"it": Words(title="Imparare")}, starts=PartialDate(2020, 3))
SESSION = Session(starts=datetime(2020, 4, 2, 16, tzinfo=UTC), ends=datetime(2020, 4, 2, 19, tzinfo=ROME))
RELEASE = PressRelease(
    slug="cento", words={"it": PressWords(title="Cento", standfirst="In un anno.")}, published=date(2025, 5, 5)
)


def a_video(**facts: Any) -> Video:
    values = {"youtube_id": "abcdefghijk", "published": datetime(2025, 3, 1, 22, 30, tzinfo=UTC), **facts}
    return Video(slug="lezione", words={"it": Words(title="Lezione")}, **values)


def an_item(**facts: Any) -> HubItem:
    values = {"format": HubFormat.WEBINAR, "published": PartialDate(2020, 4), **facts}
    return HubItem(slug="incontro", words={"it": Words(title="Incontro")}, initiative="imparare", **values)


def graph_of(record: Record, *others: Record, lang: Lang = "it", site: Site | None = None) -> list[Node]:
    """Return the structured data of a record's page."""
    site = site or a_site(record, *others, organization=UNIVERSITY)
    return describe_page(site.kind(record.kind).page(site.record(record.ref), site, lang), site)


def thing(graph: list[Node], schema_type: str) -> Node:
    (found,) = of_type(graph, schema_type)
    assert find_mistakes(graph) == []
    return found


def known(node: Node) -> set[str]:
    return set(node) - {"@type", "@id", "url", "name"}


def test_what_is_not_known_of_a_course_is_absent_and_nothing_is_invented() -> None:
    course = thing(graph_of(a_course(words={"it": CourseWords(title="Algebra", abstract="Vettori.")})), "Course")

    assert known(course) == {"description", "provider", "isAccessibleForFree", "offers"}


def test_a_course_without_an_abstract_is_described_by_what_its_page_begins_with() -> None:
    words = CourseWords(
        title="Algebra", body=Html("<h2>Di che cosa</h2>\n<p>Si parla di <em>vettori</em>.</p><p>Poi.</p>")
    )
    embedded = replace(words, body=Html("<p>https://youtu.be/Yfac2CZJrP0</p>"))

    described = [thing(graph_of(a_course(words={"it": one})), "Course") for one in (words, embedded)]

    assert [node["description"] for node in described] == ["Si parla di vettori.", "Algebra"]


def test_who_teaches_a_course_is_said_of_its_editions() -> None:
    people = (Credit(person="ada"), Credit(person="ada", role=CreditRole.AUTHOR))
    words = {"it": CourseWords(title="Algebra", abstract="Vettori.")}
    course = a_course(words=words, credits=people, runs=(a_run("2026-01-07", "2026-02-20", label="M1"),))

    node = thing(graph_of(course, ADA), "Course")

    ada = {"@id": "https://example.edu/people/ada/#thing:person"}
    assert "instructor" not in node
    assert node["author"] == [ada]
    assert node["hasCourseInstance"] == [
        {
            "@type": "CourseInstance",
            "name": "M1",
            "courseMode": "Online",
            "startDate": "2026-01-07",
            "endDate": "2026-02-20",
            "instructor": [ada],
        }
    ]
    without = thing(graph_of(replace(course, runs=()), ADA), "Course")
    assert without["contributor"] == [ada]


def test_a_workload_is_said_as_exactly_as_it_is_known() -> None:
    words = {"it": CourseWords(title="Algebra", abstract="Vettori.")}
    runs = (a_run("2026-01-07"),)
    weekly = graph_of(a_course(words=words, runs=runs, weekly_hours=5, weeks=6))
    total = graph_of(a_course(words=words, runs=runs, total_hours=30, weeks=6))

    schedule = thing(weekly, "Schedule")
    assert (schedule["duration"], schedule["repeatCount"]) == ("PT5H", 6)
    assert "courseWorkload" not in thing(weekly, "CourseInstance")
    assert thing(total, "CourseInstance")["courseWorkload"] == "PT30H"


@pytest.mark.parametrize("code", License)
def test_a_licence_is_only_said_where_it_grants_something(code) -> None:
    video = thing(graph_of(a_video(license=code)), "VideoObject")

    assert ("license" in video) is (code is not License.YOUTUBE)


def test_a_video_has_its_moment_in_the_time_zone_of_its_page() -> None:
    video = thing(graph_of(a_video(duration_s=725, updated=date(2025, 3, 1), lang="it")), "VideoObject")

    assert video["uploadDate"] == "2025-03-01T23:30:00+01:00"
    assert video["dateModified"] == video["uploadDate"], "the entry is not older than the video"
    assert (video["duration"], video["inLanguage"]) == ("PT12M5S", "it")
    assert video["embedUrl"] == "https://www.youtube-nocookie.com/embed/abcdefghijk"
    assert "embedUrl" not in thing(graph_of(a_video(embeddable=False)), "VideoObject")


def test_a_video_that_nobody_described_is_described_by_where_it_comes_from() -> None:
    written = Html("<p>Una nota.</p>")
    texts = [{"description": " Dal canale. "}, {"words": {"it": Words(title="L", body=written)}}, {}]

    described = [thing(graph_of(replace(a_video(), **facts)), "VideoObject")["description"] for facts in texts]

    assert described == ["Dal canale.", "Una nota.", "A video of the channel, published in 2025."]


def test_each_chapter_ends_where_the_next_begins_and_has_an_address_of_its_own() -> None:
    chapters = (Chapter(start_s=0, title="Uno"), Chapter(start_s=62, title="Due"))
    known_end, unknown_end = (
        of_type(graph_of(a_video(chapters=chapters, duration_s=length)), "Clip") for length in (100, None)
    )

    assert [(clip["startOffset"], clip.get("endOffset")) for clip in known_end] == [(0, 62), (62, 100)]
    assert [(clip["startOffset"], clip.get("endOffset")) for clip in unknown_end] == [(0, 62), (62, None)]
    assert known_end[1]["url"] == "https://example.edu/videos/lezione/?t=62"


@pytest.mark.parametrize("facts", [{"gone_since": date(2026, 1, 1)}, {"sample": True, "youtube_id": None}])
def test_a_page_without_a_film_describes_no_video(facts) -> None:
    graph = graph_of(a_video(**facts))

    assert [node["@type"] for node in graph if "Video" in node["@type"]] == []
    assert "mainEntity" not in graph[0]


def test_a_sample_is_described_as_a_page_and_nothing_else() -> None:
    course, video = a_course(sample=True, credits=(Credit(person="ada"),)), a_video(course="linear-algebra")

    assert {node["@type"] for node in graph_of(course, ADA)} == {
        *("WebPage", "BreadcrumbList", "WebSite", "CollegeOrUniversity"),
    }
    assert "isPartOf" not in thing(graph_of(video, course), "VideoObject")
    fake = replace(ADA, sample=True)
    assert of_type(graph_of(a_course(credits=(Credit(person="ada"),)), fake), "Person") == []


def test_a_list_has_its_courses_in_order_and_no_samples() -> None:
    strand = Strand(slug="base", words={"it": Words(title="Base")})
    words = {slug: CourseWords(title=slug, abstract=f"Di {slug}. " * 20) for slug in ("a", "b", "c")}
    courses = [a_course(slug, words={"it": words[slug]}, strand="base", sample=slug == "c") for slug in words]

    items = thing(graph_of(strand, *courses), "ItemList")["itemListElement"]

    assert [(item["position"], item["item"]["name"]) for item in items] == [(1, "a"), (2, "b")]
    assert items[0]["item"]["@id"] == "https://example.edu/courses/a/#thing:course"
    assert max(len(item["item"]["description"]) for item in items) <= 60


def test_a_live_session_is_an_event_where_it_is_known_where_it_takes_place() -> None:
    here = thing(graph_of(an_item(session=replace(SESSION, place="Aula Magna")), INITIATIVE), "Event")
    online = thing(graph_of(an_item(session=SESSION), INITIATIVE), "Event")
    nowhere = graph_of(an_item(session=SESSION, format=HubFormat.TALK), INITIATIVE)

    assert (here["startDate"], here["endDate"]) == ("2020-04-02T18:00:00+02:00", "2020-04-02T19:00:00+02:00")
    assert here["location"]["name"] == "Aula Magna"
    assert online["location"] == {"@type": "VirtualLocation", "url": online["url"]}
    assert online["eventStatus"] == "https://schema.org/EventScheduled"
    assert of_type(nowhere, "Event") == []
    assert len(of_type(nowhere, "LearningResource")) == 1


def test_a_cancelled_session_keeps_its_times_and_says_that_it_does_not_take_place() -> None:
    event = thing(graph_of(an_item(session=replace(SESSION, cancelled=True)), INITIATIVE), "Event")

    assert event["eventStatus"] == "https://schema.org/EventCancelled"
    assert event["startDate"] == "2020-04-02T18:00:00+02:00"


def test_a_month_is_no_day_of_publication() -> None:
    item = an_item(format=HubFormat.ARTICLE)
    exact = replace(item, published=PartialDate(2020, 7, 31))

    assert "datePublished" not in thing(graph_of(item, INITIATIVE), "LearningResource")
    assert thing(graph_of(exact, INITIATIVE), "LearningResource")["datePublished"] == "2020-07-31T00:00:00+02:00"
    assert "startDate" not in thing(graph_of(INITIATIVE), "CreativeWorkSeries")


@pytest.mark.parametrize(
    ("facts", "published"),
    [
        ({}, "2025-05-05T00:00:00+02:00"),
        ({"embargo": datetime(2025, 5, 5, 9, tzinfo=UTC)}, "2025-05-05T11:00:00+02:00"),
        ({"embargo": datetime(2025, 5, 1, 9, tzinfo=UTC)}, "2025-05-05T00:00:00+02:00"),
    ],
)
def test_a_release_is_news_of_the_moment_at_which_it_appeared(facts, published) -> None:
    article = thing(graph_of(replace(RELEASE, updated=date(2025, 5, 5), **facts)), "NewsArticle")

    assert (article["datePublished"], article["dateModified"]) == (published, published)
    assert (article["headline"], article["description"]) == ("Cento", "In un anno.")


def test_a_material_is_a_resource_of_its_own_with_its_own_licence() -> None:
    slides = Material(title="Vettori", url="https://example.org/v", kind=MaterialKind.SLIDES, license=License.CC0_1_0)
    course = a_course(words={"it": CourseWords(title="A", abstract="B")}, materials=(slides,))

    resource = thing(graph_of(course), "LearningResource")

    assert resource["license"] == "https://creativecommons.org/publicdomain/zero/1.0/"
    assert (resource["name"], resource["url"]) == ("Vettori", "https://example.org/v")


def test_the_publisher_is_one_thing_on_its_own_page_and_on_all_others() -> None:
    partner = Partner(slug="ateneo", words={"it": Words(title="Ateneo", abstract="Un ateneo.")})
    other = Partner(slug="altro", words={"it": Words(title="Altro")}, ror="01nffqt88")

    own, elsewhere = thing(graph_of(partner), "CollegeOrUniversity"), thing(graph_of(other), "CollegeOrUniversity")

    assert own == {**elsewhere, "description": "Un ateneo."}
    assert thing(graph_of(other), "Organization")["sameAs"] == "https://ror.org/01nffqt88"


def test_a_person_is_known_by_their_identifier_and_has_it_on_all_pages_in_all_languages() -> None:
    site = a_site(ADA, a_video(credits=(Credit(person="ada", role=CreditRole.SPEAKER),)))
    pages = [graph_of(site.record(ref), site=site, lang=lang) for ref in site.refs() for lang in site.langs]

    assert {thing(graph, "Person")["@id"] for graph in pages} == {"https://example.edu/people/ada/#thing:person"}
    assert thing(graph_of(ADA), "Person")["sameAs"] == "https://orcid.org/0000-0002-1825-0097"


def test_a_publisher_whose_page_is_not_there_is_told() -> None:
    partner = Partner(slug="ateneo", words={"it": Words(title="Ateneo")})
    wrong = replace(UNIVERSITY, partner="atenoe")

    (problem,) = advise({}, a_site(partner, organization=wrong))
    assert (problem.field, problem.hint) == ('ORGANIZATION["partner"]', 'did you mean "ateneo"?')
    assert [*advise({}, a_site(partner, organization=UNIVERSITY)), *advise({}, a_site(partner))] == []


def test_a_site_without_a_publisher_names_none() -> None:
    course = a_course(words={"it": CourseWords(title="A", abstract="B")})

    assert [
        node for node, _ in walk(graph_of(course, site=a_site(course))) if "organization" in str(node.get("@id"))
    ] == []


@pytest.mark.parametrize(
    "text", ["</script><script>alert(1)</script>", "<!--<script>", "]]>", "&lt;/script&gt;", "\u2028<"]
)
def test_no_words_end_the_element_that_they_stand_in(text) -> None:
    block = write_script(graph_of(a_course(words={"it": CourseWords(title=text, abstract=text)})))

    assert not set("<>&") & set(block)
    assert {node["name"] for node in json.loads(block)["@graph"] if node["@type"] == "Course"} == {text}


def test_a_page_that_search_engines_leave_out_has_no_block() -> None:
    site = a_site(a_course())
    view = site.kind("course").page(site.record(Ref("course", "linear-algebra")), site, "it")

    assert set(page_extras(None, view, site)) == {"structured_data"}
    assert page_extras(None, replace(view, robots="noindex"), site) == {}


def test_a_page_with_very_much_on_it_says_as_much_as_it_may_weigh(chance) -> None:
    def words(number: int) -> str:
        return " ".join(f"{chance.randrange(10**9):x}" for _ in range(number))

    chapters = tuple(Chapter(start_s=at, title=words(9)) for at in range(99))
    strand = Strand(slug="base", words={"it": Words(title="Base")})
    courses = [
        a_course(f"c{at}", words={"it": CourseWords(title=words(6), abstract=words(60))}, strand="base")
        for at in range(24)
    ]
    outcomes = tuple(words(30) for _ in range(9))
    course = a_course(words={"it": CourseWords(title=words(9), abstract=words(60), outcomes=outcomes)})
    views = Views(total=5, as_of=date(2026, 1, 1))

    for record, others in ((a_video(chapters=chapters, views=views), ()), (strand, courses), (course, ())):
        block = write_script(graph_of(record, *others))
        assert len(brotli.compress(block.encode())) <= MOST_B
        assert find_mistakes(json.loads(block)["@graph"]) == []
