"""The search index has every item once, unchanged, in a stable order, and stays small."""

from __future__ import annotations

import gzip
import json
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from pelican.utils import slugify
from tests.builders import a_course, a_run, a_site, assembled
from tests.catalogue.videos import a_playlist, a_video
from tests.site.small import FILES

from openknowledge.catalogue.site import Site
from openknowledge.engine.query_graph import QueryGraph
from openknowledge.model.course import CourseWords, Level, SyllabusUnit
from openknowledge.model.people import Credit, Partner, Person
from openknowledge.model.values import Html, Words
from openknowledge.search.documents import index_file, own_name, search_row
from openknowledge.search.settings import SearchSettings

SUBSTITUTIONS = [(r"[^\w\s-]", ""), (r"[-\s]+", "-")]
NASTY = "<img src=x onerror=alert(1)> & “\"'</script>\u2028"


def written(site: Site, *langs: str, **settings: Any) -> dict[str, bytes]:
    """Return the indexes of some languages, of all if none is named."""
    search_settings = SearchSettings(**settings)
    site.attach(QueryGraph())
    site.register_query("search-row", partial(search_row, settings=search_settings))
    return dict(index_file(site.fork(), lang, search_settings) for lang in langs or site.langs)


def read(site: Site, lang: str = "it", **settings: Any) -> dict[str, Any]:
    index: dict[str, Any] = json.loads(written(site, lang, **settings)[f"data/search.{lang}.json"])
    return index


def items(site: Site, lang: str = "it", **settings: Any) -> dict[str, dict[str, Any]]:
    """Return every item of an index by its URL, unpacked as the browser does it."""
    data = read(site, lang, **settings)
    by_url = {}
    for row in data["items"]:
        filled = (*row, *[0] * (11 - len(row)))
        title, own, path_number, kicker, date, lang_number, names, text, sample, labels, words = filled
        before, after = data["places"][path_number]
        kicker_text, kind = data["kickers"][kicker]
        by_url[before + (own or own_name(title)) + after] = {
            "title": title,
            "kicker": kicker_text,
            "kind": data["kinds"][kind][0],
            "date": date,
            "lang": data["langs"][lang_number],
            "names": [data["names"][name] for name in names or ()],
            "text": text or "",
            "sample": bool(sample),
            "labels": [data["names"][label] for label in labels or ()],
            "words": words or "",
        }
    return by_url


@pytest.fixture
def small(tmp_path: Path) -> Site:
    return assembled(tmp_path, FILES).site


def test_every_item_with_a_page_to_find_is_there_in_each_language(small: Site) -> None:
    for lang in small.langs:
        findable = {
            small.url(small.stub(ref.kind, ref.slug), lang)
            for ref in small.refs()
            if str(ref) not in ("page/home", "page/404")
        }
        assert set(items(small, lang)) == findable


def test_an_item_says_what_its_card_says(small: Site) -> None:
    course = small.stub("course", "algebra")
    assert course is not None

    assert items(small)[small.url(course, "it")] == {
        "title": "Algebra lineare",
        "kicker": "Course · Matematica",
        "kind": "course",
        "date": 0,
        "lang": None,
        "names": ["Ada B.", "Numeri"],
        "text": "Vettori e matrici dall'inizio.",
        "sample": False,
        "labels": ["Upcoming", "Ateneo", "Teacher", "Mathematics", "University students", "Everyone", "italiano"],
        "words": "Di che cosa parla course-v1:T+ALG+2026 2026",
    }


@pytest.mark.parametrize(
    ("lang", "found"),
    [
        ("it", "xyz707 chiave edizione autunno risultato esito programma settimana serve carta keyword cinese Milano"),
        ("en", "xyz707 chiave edizione autunno outcome result plan week paper english tag Chinese Milano"),
    ],
)
def test_every_word_that_the_page_of_a_course_shows_is_found(lang: str, found: str) -> None:
    words = {
        "it": CourseWords(
            title="Uno",
            body=Html("<p>Testo.</p><h2>Il <em>programma</em></h2>"),
            outcomes=("Un risultato, un &esito",),
            syllabus=(SyllabusUnit(title="Prima settimana", text="Che cosa serve"),),
            certificate=Html("Una <strong>carta</strong>"),
            keywords=("keyword",),
        ),
        "en": CourseWords(
            title="One",
            outcomes=("An outcome: a result",),
            syllabus=(SyllabusUnit(title="Plan", text="A week"),),
            certificate="A paper",
            keywords=("english tag",),
        ),
    }
    run = a_run("2026-09-01", key="course-v1:P+chiave+2026", label="Edizione d’autunno", lang="zh-Hant")
    partner = Partner(slug="p", words={"it": Words(title="Comune di Milano")})
    course = a_course("x", words=words, code="XYZ707", runs=(run,), partners=("p",), level=Level.ADVANCED, badge=True)
    site = a_site(course, partner)

    item = items(site, lang)["/courses/x/" if lang == "it" else "/en/courses/x/"]

    text = " ".join((item["words"], *item["labels"])).lower()
    assert [word for word in found.split() if word.lower() not in text] == []
    assert {"Advanced", "Open Badge", "Comune di Milano"} <= {*item["labels"]}
    assert "XYZ707" in item["words"]
    assert "Testo" not in item["words"]


def test_a_person_is_found_by_affiliation_and_a_partner_by_its_country() -> None:
    ada = Person(slug="ada", words={"it": Words(title="Ada")}, affiliation="Politecnico", orcid="0000-0002-1825-0097")
    site = a_site(ada, Partner(slug="p", words={"it": Words(title="P")}, country="FR"))
    found = items(site)

    assert found["/people/ada/"]["words"] == "Politecnico 0000-0002-1825-0097"
    assert found["/partners/p/"]["labels"] == ["Francia"]


def test_words_that_results_show_are_not_sent_twice() -> None:
    words = {"it": CourseWords(title="Vettori e matrici", keywords=("Matrici", "spazi", "«Vettori»", "Spazi"))}

    (item,) = items(a_site(a_course("x", words=words))).values()

    assert item["words"] == "spazi"


def test_a_label_that_is_a_part_of_another_word_is_still_found() -> None:
    words = {"it": CourseWords(title="Advancedness")}

    (item,) = items(a_site(a_course("x", words=words, level=Level.ADVANCED))).values()

    assert item["labels"] == ["Advanced"]


def test_a_date_is_as_exact_as_it_is_known(small: Site) -> None:
    dates = {item["title"]: item["date"] for item in items(small).values()}

    assert dates["Cento corsi"] == 20250505
    assert dates["Geometria"] == 0


def test_words_in_another_language_than_the_page_name_it(small: Site) -> None:
    langs = {item["title"]: item["lang"] for item in items(small, "en").values()}

    assert langs["Linear algebra"] is None
    assert langs["Geometria"] == "it"


def test_the_row_of_a_video_names_its_people_and_playlists_once() -> None:
    ada = Person(slug="ada", words={"it": Words(title="Ada B.")})
    video = a_video(credits=(Credit(person="ada"),), youtube_id=None, sample=True)
    site = a_site(ada, video, a_playlist("analisi", "limits"), a_playlist("esami", "limits"))

    item = items(site)[site.url(video, "it")]

    assert item["kicker"] == "Video · Analisi"
    assert item["names"] == ["Ada B.", "Esami"]
    assert item["sample"]


def test_an_abstract_is_cut_and_that_of_a_video_left_out() -> None:
    words = {"it": Words(title="Limiti", abstract="Parola dopo parola, " * 20)}
    site = a_site(a_video(words=words), a_course())

    assert [item["text"] for item in items(site).values() if item["kind"] == "video"] == [""]
    (text,) = (item["text"] for item in items(site, text_lengths={}, text_length=30).values() if item["text"])
    assert text == "Parola dopo parola, Parola…"


def test_a_title_with_markup_is_not_changed() -> None:
    course = a_course("nasty", words={"it": Words(title=NASTY, abstract=NASTY)})
    site = a_site(course)

    item = items(site)["/courses/nasty/"]

    assert item["title"] == NASTY


def test_a_title_makes_its_own_name_only_where_alphabets_cannot_differ() -> None:
    site = a_site(
        a_course("una-prova", words={"it": Words(title="Una prova")}),
        a_course("perche", words={"it": Words(title="Perché")}),
        a_course("altro", words={"it": Words(title="Una prova")}),
    )

    assert [[*row, 0][1] for row in read(site)["items"]] == ["altro", "perche", 0]
    assert set(items(site)) == {"/courses/altro/", "/courses/perche/", "/courses/una-prova/"}


def test_the_order_is_that_of_references_whatever_the_files_order() -> None:
    records = [a_video("b"), a_course("z"), a_video("a"), a_course("c"), a_playlist("p", "b", "a")]

    assert written(a_site(*records)) == written(a_site(*reversed(records)))
    titles = [row[0] for row in read(a_site(*records))["items"]]
    assert titles == ["C", "Z", "P", "A", "B"]


def test_thousands_of_videos_stay_below_three_hundred_kilobytes() -> None:
    titles = ("How linear algebra works, a talk", "The limits of what can be taught", "Perché la derivata esiste")
    named = [f"{title}, lesson {number}" for number in range(834) for title in titles]
    videos = [a_video(slugify(title, SUBSTITUTIONS), words={"it": Words(title=title)}) for title in named]
    site = a_site(*videos, a_playlist("analisi", *(video.slug for video in videos)))

    (data,) = written(site, "it").values()

    assert len(data) < 300_000
    assert len(gzip.compress(data)) < 100_000
