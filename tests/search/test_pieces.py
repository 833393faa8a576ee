"""The index has every word of every page, in pieces that change little and stay small."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from tests.builders import a_course, a_run, a_site, assembled
from tests.catalogue.videos import a_playlist, a_video
from tests.search.indexes import index_of, index_rules, keys_of, shown, words, written
from tests.site.small import FILES

from openknowledge.catalogue.site import Site
from openknowledge.engine.query_graph import join_key
from openknowledge.model.course import CourseWords, Level, Strand, SyllabusUnit, Topic
from openknowledge.model.people import Credit, Partner, Person
from openknowledge.model.values import Html, Words
from openknowledge.search.item_words import plain_text
from openknowledge.search.shards import QUERIES, SHARD_SIZE_B, assign_slots, group
from openknowledge.search.words import find_words, key_finder

NASTY = "<img src=x onerror=alert(1)> & “\"'</script>\u2028"


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    return written(assembled(tmp_path_factory.mktemp("small"), FILES).site)


def test_every_item_with_a_page_to_find_is_shown_in_each_language(tmp_path: Path, small: dict[str, bytes]) -> None:
    site = assembled(tmp_path, FILES).site
    for lang in site.langs:
        found = (ref for ref in site.refs() if ref.slug not in ("home", "404"))
        findable = {site.url(site.stub(ref.kind, ref.slug), lang) for ref in found}
        assert set(shown(small, lang)) == findable


def test_results_show_what_the_card_says(small: dict[str, bytes]) -> None:
    assert shown(small)["/courses/algebra/"] == [
        "Algebra lineare",
        "/courses/algebra/",
        "Course · Matematica",
        0,
        0,
        "Ada B. · Numeri",
        "Vettori e matrici dall'inizio.",
        0,
    ]
    assert shown(small, "en")["/en/courses/geometria/"][4] == "it"


def test_names_in_another_language_are_pieces_of_a_result_with_their_language() -> None:
    course = a_course(
        "x",
        words={"it": CourseWords(title="Uno"), "en": CourseWords(title="One")},
        strand="base",
        topics=("r", "s"),
    )
    strand = Strand(slug="base", words={"ar": Words(title="R&D <i>")})
    topics = Topic(slug="r", words={"it": Words(title="Reti")}), Topic(slug="s", words={"en": Words(title="Sets")})

    row = shown(written(a_site(course, strand, *topics)), "en")["/en/courses/x/"]

    assert (row[2], row[5]) == (["Course · ", "ar", "R&D <i>", ""], ["", "it", "Reti", " · Sets"])


def test_every_word_of_a_text_is_found_by_its_stem(small: dict[str, bytes]) -> None:
    assert {"iscrizion.", "person.", "vettor.", "matric.", "parl."} <= keys_of(small, "/courses/algebra/")
    assert {"vectors".removesuffix("s") + ",", "linear,"} <= keys_of(small, "/en/courses/linear-algebra/", "en")


@pytest.mark.parametrize(
    ("lang", "text"),
    [
        ("it", "xyz707 chiave edizioni autunno risultati esito programmi settimane serve carta keyword cinese Milano"),
        ("en", "xyz707 chiave edizione autunno outcomes result plan week paper english tag Chinese Milano"),
    ],
)
def test_codes_keywords_labels_and_all_fields_of_a_page_are_found(lang: str, text: str) -> None:
    by_lang = {
        "it": CourseWords(
            title="Uno",
            body=Html('<p>Te<em>sto</em> <img src="x" alt="Un disegno">.</p><h2>Il <em>programma</em></h2>'),
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
    course = a_course("x", words=by_lang, code="XYZ707", runs=(run,), partners=("p",), level=Level.ADVANCED, badge=True)
    files = written(a_site(course, partner))

    found = keys_of(files, "/courses/x/" if lang == "it" else "/en/courses/x/", lang)

    assert [word for word in find_words(text) if not found.intersection(key_finder(None)(word))] == []
    assert found & {"advanced", "advanc,"}
    assert ("test." in found) is ("disegn." in found) is (lang == "it")


def test_lists_are_found_by_the_titles_that_their_pages_show_after_all_that_says_the_words() -> None:
    ada = a_video("ada", words={"it": Words(title="Calcolo di Ada")}, topics=("conti",))
    topic = Topic(slug="conti", words={"it": Words(title="Conti")})
    others = [a_video(f"v{place}", f"2021-01-{place + 1:02}", topics=("conti",)) for place in range(4)]
    lists = (a_playlist("storie", "ada"), topic)
    found = words(written(a_site(ada, *lists)))["calcol."]

    assert found["/videos/ada/"][0] > found["/playlists/storie/"][0] == found["/topics/conti/"][0] == 0
    # Of a long list the page shows the newest, and so is found by these.
    assert "/topics/conti/" not in words(written(a_site(ada, *lists, *others, page_size=2)))["calcol."]


def test_stop_words_are_found_in_titles_and_stand_in_pieces_of_their_own() -> None:
    titles = {"amleto": "To be, or not to be", "band": "The Who", "altro": "Il limite"}
    courses = [
        a_course(slug, words={"it": CourseWords(title=title, abstract="Che cosa è?")}) for slug, title in titles.items()
    ]
    files = written(a_site(*courses))
    found = {key: {*items} for key, items in words(files).items()}

    assert found["=be"] == found["=not"] == {"/courses/amleto/"}
    assert (found["=il"], found["=who"]) == ({"/courses/altro/"}, {"/courses/band/"})
    assert "=che" not in found
    marked = [path for path, data in files.items() if "/it/words-" in path and b'"=' in data]
    assert [path.rsplit("/", 1)[1] for path in marked] == ["words-_3d-be.json"]


def test_words_that_weigh_more_stand_in_titles_and_again_and_again() -> None:
    texts = {
        "titolo": CourseWords(title="Matrice"),
        "sommario": CourseWords(title="Uno", abstract="La matrice"),
        "testo": CourseWords(title="Due", body=Html("<p>Una matrice</p>")),
        "spesso": CourseWords(title="Tre", body=Html("<p>Le matrici</p>" * 20)),
    }
    found = words(written(a_site(*(a_course(slug, words={"it": one}) for slug, one in texts.items()))))["matric."]

    ranks = [found[f"/courses/{slug}/"][0] for slug in ("titolo", "sommario", "spesso", "testo")]
    assert ranks == sorted(ranks, reverse=True)
    assert len({*ranks}) > 2


def test_the_beginning_of_a_channel_s_text_weighs_as_much_as_the_rest() -> None:
    words_of = {"it": Words(title="Uno", abstract="La matrice e la tavola.")}
    channel = a_video("channel", words=words_of, description="La matrice e la tavola.", youtube_id=None)
    editors = a_course("editors", words={"it": CourseWords(title="Due", abstract="La matrice.")})
    site = a_site(channel, editors)
    found = words(written(site))["matric."]

    assert found[site.url(channel, "it")][0] < found[site.url(editors, "it")][0]


def test_what_is_said_in_a_video_is_found_with_its_second(tmp_path: Path) -> None:
    captions = "WEBVTT\n\n00:05.000 --> 00:08.000\nOggi i limiti.\n\n01:02.500 --> 01:05.000\nAsintoti, i limiti.\n"
    address = "/videos/prima/"
    video = "---\ntitle: Prima lezione\npublished: 2020-05-05T10:00:00+02:00\nyoutube_id: abcdefghijX\nlang: it\n---\n"
    files = {**FILES, "videos/prima.md": video, "videos/captions/abcdefghijX.it.vtt": captions}
    found = words(written(assembled(tmp_path, files).site))

    assert found["lim."] == {address: (0, 5)}
    assert found["asintot."] == {address: (0, 62)}
    assert found["lezion."][address][0] > 0


def test_an_edited_word_changes_only_the_pieces_that_have_it() -> None:
    def files(text: str) -> dict[str, bytes]:
        courses = [a_course(f"c{number}", words={"it": CourseWords(title=f"Corso {number}")}) for number in range(600)]
        edited = a_course("edited", words={"it": CourseWords(title="Ultimo", body=Html(f"<p>{text} intero</p>"))})
        return written(a_site(*courses, edited))

    before, after = files("zebra"), files("xilofono")

    names = {path.rsplit("/", 1)[1] for path in before.keys() | after.keys() if before.get(path) != after.get(path)}
    assert names == {"words-zeb.json", "words-xi.json", "index.json"} or names <= {
        *(name for name in names if name.startswith(("words-z", "words-x"))),
        "index.json",
    }


def test_the_process_that_has_read_a_group_answers_what_is_asked_of_its_words(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of workers, what is persisted comes back: without it the first process would read all records again."""
    read: list[tuple[str, str]] = []

    def count(site: Site, kind: str, number: str) -> Any:
        read.append((kind, number))
        return group(site, kind, number)

    monkeypatch.setitem(QUERIES, "search-group", count)
    courses = [a_course(f"c{n}", words={"it": CourseWords(title=f"{chr(97 + n % 26)}lfa")}) for n in range(70)]
    site = a_site(*courses, *(a_video(f"v{n}") for n in range(40)))
    items, *others = index_rules(site)
    for key in items.keys(site.fork()):
        items.plan(site.fork(), *key)
    graph = site.graph
    for number in [number for number in graph.answers if graph.keys[number].startswith(join_key("search-group", ""))]:
        del graph.answers[number]

    actions = [rule.plan(site.fork(), *key) for rule in others for key in rule.keys(site.fork())]

    assert len(actions) > 26
    assert len(read) == len({*read}) > 3


def test_a_new_item_moves_no_other() -> None:
    courses = [a_course(f"c{number}") for number in range(30)]
    before, after = written(a_site(*courses)), written(a_site(*courses, a_course("nuovissimo")))

    changed = {path for path in before if before[path] != after.get(path)}
    assert len([path for path in changed if "/items-" in path]) <= 2
    slots = assign_slots(f"c{number}" for number in range(5000))
    assert {slug: slot for slot, slug in slots.items()}.items() <= {
        slug: slot for slot, slug in assign_slots([*slots.values(), "nuovissimo"]).items()
    }.items()


def test_the_order_of_files_decides_nothing() -> None:
    records = [a_video("b"), a_course("z"), a_video("a"), a_course("c"), a_playlist("p", "b", "a")]

    assert written(a_site(*records)) == written(a_site(*reversed(records)))


def test_large_pieces_are_cut_and_every_word_is_where_the_list_says() -> None:
    pages = [
        a_course(f"c{page}", words={"it": CourseWords(title="T", body=Html(f"<p>{' '.join(names)}</p>"))})
        for page, names in enumerate(
            [f"co{chr(97 + n % 26)}{chr(97 + n // 26 % 26)}x{page}y{n}" for n in range(400)] for page in range(40)
        )
    ]
    files = written(a_site(*pages))
    pieces = {path.rsplit("/", 1)[1]: data for path, data in files.items() if "/it/words-" in path}

    assert max(map(len, pieces.values())) <= SHARD_SIZE_B + 2
    starts = index_of(files)["starts"]
    assert starts == sorted(starts)
    assert len(starts) == len(pieces) > 20
    firsts = sorted(next(iter(json.loads(data))) for data in pieces.values())
    assert firsts == starts


def test_a_video_is_shown_with_its_people_and_playlists_once() -> None:
    ada = Person(slug="ada", words={"it": Words(title="Ada B.")})
    video = a_video(credits=(Credit(person="ada"),), youtube_id=None, sample=True)
    site = a_site(ada, video, a_playlist("analisi", "limits"), a_playlist("esami", "limits"))

    item = shown(written(site))[site.url(video, "it")]

    assert (item[2], item[5], item[7]) == ("Video · Analisi", "Ada B. · Esami", 1)


def test_a_title_with_markup_is_not_changed() -> None:
    files = written(a_site(a_course("nasty", words={"it": Words(title=NASTY, abstract=NASTY)})))

    assert shown(files)["/courses/nasty/"][0] == NASTY


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("<p>per<em>ché</em> <a href='x'>qui</a></p><p>là</p>", "perché qui là"),
        ('<p title="a > b">uno &amp; due<br>tre</p>', "uno & due tre"),
        ("solo parole &lt;b&gt;", "solo parole <b>"),
    ],
)
def test_markup_never_parts_a_word_and_blocks_always_do(markup: str, text: str) -> None:
    assert plain_text(markup).split() == text.split()


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("L’uso dell'IA e dell'AI: C++, C#, F# e R", "uso ia c++ c# f# r ai"),
        ("Perché l’UNIVERSITÀ è così", "perche universita cosi"),
        ("Notepad++ e issue #3, c'è IT", "notepad++ issue 3 notepad it"),
        ("Łódź, Straße, ĲSSEL", "lodz strasse ijssel"),
        ("TUTTO IN MAIUSCOLO", "tutto maiuscolo"),
        ("AI", "ai"),
        (".NET, ASP.NET e punto.net", ".net net asp net punto net"),
        (
            "E-learning, front-end, X\u2011ray; state-of-the-art, 3-D, -a-, so\u00adft",
            "soft learning elearning front end frontend x ray xray state art 3 d",
        ),
        ("データ", "デ デー ー ータ タ"),
        ("hindi हिन्दी", "hindi हिन्दी"),
        ("don't students' l'école", "don students ecole"),
    ],
)
def test_words_are_those_that_people_look_for(text: str, found: str) -> None:
    assert sorted(find_words(text)) == sorted(found.split())


def test_a_date_is_as_exact_as_it_is_known(small: dict[str, bytes]) -> None:
    dates = {row[0]: row[3] for row in shown(small).values()}

    assert (dates["Cento corsi"], dates["Geometria"]) == (20250505, 0)
