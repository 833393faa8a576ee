"""Facts carry over, sentences do not: the site has each fact it knows, in words of its own."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from lxml import html
from tests.site.reading import Page
from tests.site.whole import ROOT, WholeSite

pytestmark = pytest.mark.conformance

FIGURES = (
    # as the list of facts prints it, name, value, qualifier, as of
    ("100,000", "pok.learners", 100_000, "exact", "2020-06"),
    ("over 170,000", "pok.enrolments", 170_000, "over", "2020-06"),
    ("over 60", "pok.courses", 60, "over", "2020-06"),
    ("2,500", "pok.youtube-videos", 2_500, "exact", "2020-06"),
    ("11 million", "pok.youtube-views", 11_000_000, "exact", "2020-06"),
    ("47,000", "pok.youtube-subscribers", 47_000, "exact", "2020-06"),
    ("17,000", "pok.users-2016", 17_000, "exact", "2016-01"),
    ("177,000", "pok.registrations-2024", 177_000, "exact", "2024"),
    ("108,000", "pok.registrations-external-2024", 108_000, "exact", "2024"),
    ("18 million", "pok.views-2024", 18_000_000, "exact", "2024"),
    ("121", "pok.courses-2024", 121, "exact", "2024"),
    ("over 1,400", "flip.enrolled-2016", 1_400, "over", "2016-01"),
    ("over 90 live webinars", "keeponlearning.webinars", 90, "over", "2020-07"),
    ("over 20,000 participants", "keeponlearning.participants", 20_000, "over", "2020-07"),
    ("over 60%", "keeponlearning.visits-growth", 60, "over", "2020-07"),
    ("About 3,600", "schools.devices", 3_600, "about", "2021-03-12"),
    ("about 2.1 million euros", "schools.value", 2_100_000, "about", "2021-03-12"),
    ("130 university students", "schools.student-tutors", 130, "exact", "2021-03-12"),
    ("75 teachers", "schools.teachers", 75, "exact", "2021-03-12"),
    ("3,590 devices", "schools-press.devices", 3_590, "exact", None),
    ("2,171 notebooks", "schools-press.notebooks", 2_171, "exact", None),
    ("1,419 tablets", "schools-press.tablets", 1_419, "exact", None),
    ("61 institutes", "schools-press.institutes", 61, "exact", None),
    ("195 sites", "schools-press.sites", 195, "exact", None),
    ("about 80 teachers", "schools-press.teachers", 80, "about", None),
    ("100 hours", "schools-press.hours", 100, "exact", None),
)
NUMBERS = {"it": "/numeri/", "en": "/en/numbers/"}
QUALIFIERS = {"it": {"over": "oltre", "about": "circa"}, "en": {"over": "over", "about": "about"}}
COURSES = ("/corsi/", "/en/courses/")
RELEASES = ("/stampa/2020/", "/en/press/2020/")
CONTACT = (
    "Ufficio Relazioni con i Media",
    "Politecnico di Milano",
    "Piazza Leonardo da Vinci 32",
    "20133 Milano",
    "+39 02 2399 2508",
    "+39 320 4363025",
    "relazionimedia@polimi.it",
    "www.polimi.it",
)
RUN = 8
"""From how many of the same words in a row a text counts as taken over."""
NAMES = ("The effort of Politecnico in the digitalization of schools in Milan",)
"""Runs of words that may stand as they are: the title of a document that a page names among its sources."""


@pytest.fixture(scope="module")
def facts(shared_data: Path) -> str:
    """Return the list of facts with white space folded."""
    return " ".join((shared_data / "facts.md").read_text("utf-8").split())


@pytest.mark.parametrize(("printed", "name", "value", "qualifier", "as_of"), FIGURES, ids=[one[1] for one in FIGURES])
def test_a_figure_is_defined_as_its_source_has_it(
    facts: str, printed: str, name: str, value: int, qualifier: str, as_of: str | None
) -> None:
    group, _, short = name.partition(".")
    figure = yaml.safe_load((ROOT / "content/figures.yaml").read_text("utf-8"))[group]["figures"][short]

    assert printed.casefold() in facts.casefold()
    assert (figure["value"], figure.get("qualifier", "exact")) == (value, qualifier)
    assert str(figure["as_of"]) == as_of if as_of else "as_of" not in figure
    assert set(figure["label"]) == set(figure["definition"]) == {"it", "en"}
    assert figure["source"]["title"]


def as_number(text: str, lang: str) -> float:
    """Return the value of a number with its words: 2100000 for `circa 2,1 milioni di euro`.

    >>> as_number("circa 2,1 milioni di euro", "it"), as_number("over 170,000", "en")
    (2100000.0, 170000.0)
    """
    (digits,) = re.findall(r"\d[\d.,]*", text)
    thousands, decimal = {"it": ".,", "en": ",."}[lang]
    factor = 1_000_000 if re.search(r"milion|million", text) else 1
    return round(float(digits.replace(thousands, "").replace(decimal, ".")) * factor, 2)


@pytest.mark.parametrize("lang", ["it", "en"])
def test_every_figure_stands_on_the_page_of_numbers(whole_site: WholeSite, lang: str) -> None:
    page = html.document_fromstring((whole_site.output / NUMBERS[lang].strip("/") / "index.html").read_bytes())
    for _, name, value, qualifier, as_of in FIGURES:
        (entry,) = page.xpath(f"//*[@id='figure:{name}']")
        (shown,) = entry.xpath(".//*[@class='ledger-value']")
        text = shown.text_content()
        assert as_number(text, lang) == value, (name, text)
        words = {one for one, word in QUALIFIERS[lang].items() if re.search(rf"\b{word}\b", text)}
        assert words == {qualifier} - {"exact"}, (name, text)
        days = entry.xpath(".//time/@datetime") or entry.xpath("../*[@class='ledger-group']//time/@datetime")
        assert as_of is None or as_of in days, name


def test_learners_and_enrolments_are_measures_of_their_own() -> None:
    figures = yaml.safe_load((ROOT / "content/figures.yaml").read_text("utf-8"))["pok"]["figures"]

    measures = {name: figures[name]["measure"] for name in ("learners", "enrolments", "registrations-2024")}
    assert len(set(measures.values())) == 3


def course_rows(shared_data: Path) -> Iterator[tuple[list[str], str]]:
    """Yield the titles and the facts of each row of the table of courses."""
    table = (shared_data / "facts.md").read_text("utf-8").partition("## Courses")[2].partition("\n\n")[0]
    for row in table.split("\n|")[3:]:
        titles, known, *_ = row.strip("| ").split("|")
        yield [title.strip() for title in re.split("[;/]", titles)], known


def plain(text: str) -> str:
    return " ".join(text.replace("’", "'").casefold().split())


def test_every_course_that_is_known_has_its_page_with_its_facts(shared_data: Path, pages: dict[str, Page]) -> None:
    courses = {
        plain(page.headings[0][0]): page for url, page in pages.items() if url.startswith(COURSES) and page.headings
    }
    rows = list(course_rows(shared_data))

    assert len(rows) > 10
    for titles, known in rows:
        for title in titles:
            assert plain(title) in courses, title
            text = courses[plain(title)].text
            for fact in re.findall(r"\b[A-Z]{3}\d{3}\b|\b[A-Z]\. [A-Z][a-z]+", known):
                assert fact in text, (title, fact)


def test_every_edition_that_is_known_is_an_edition_of_a_course(shared_data: Path) -> None:
    facts = (shared_data / "facts.md").read_text("utf-8")
    keys = re.findall(r"\b(?:Polimi[/+]\w+[/+]\w+|[A-Z]+101\+2022_M7)", facts.partition("Editions seen")[2])
    courses = "\n".join(path.read_text("utf-8") for path in (ROOT / "content/courses").rglob("index.md"))

    assert len(keys) == 11
    assert [key for key in keys if key not in courses] == []


@pytest.mark.parametrize("place", RELEASES)
def test_the_release_has_its_contact_as_printed(whole_site: WholeSite, pages: dict[str, Page], place: str) -> None:
    (release,) = [url for url in pages if url.startswith(place) and url != place]
    page = html.document_fromstring((whole_site.output / release.strip("/") / "index.html").read_bytes())
    (contact,) = page.xpath("//*[@class='contact']")
    text = " ".join(" ".join(contact.itertext()).split())

    places = [text.index(part) for part in CONTACT]
    assert places == sorted(places)


@pytest.mark.parametrize("place", RELEASES)
def test_the_release_has_its_dateline(pages: dict[str, Page], place: str) -> None:
    (release,) = [page for url, page in pages.items() if url.startswith(place) and url != place]

    assert "16 giugno 2020" in release.text or "16 June 2020" in release.text
    assert "Milano" in release.text or "Milan" in release.text


def words_of(text: str) -> list[str]:
    return re.findall(r"\w+", text.casefold())


def runs(words: list[str]) -> set[tuple[str, ...]]:
    return {tuple(words[start : start + RUN]) for start in range(len(words) - RUN + 1)}


def test_no_sentence_of_the_founding_documents_is_on_the_site(shared_data: Path) -> None:
    seeds = sorted((shared_data / "seeds").iterdir())
    taken = {run for path in seeds for run in runs(words_of(path.read_text("utf-8")))}
    taken -= {run for name in NAMES for run in runs(words_of(name))}
    files = [path for path in (ROOT / "content").rglob("*") if path.suffix in (".md", ".yaml", ".jsonl")]

    found = {
        f"{path.relative_to(ROOT).as_posix()}: {' '.join(run)}"
        for path in files
        for run in runs(words_of(path.read_text("utf-8"))) & taken
    }

    assert (len(seeds), len(taken) > 500) == (3, True)
    assert sorted(found) == []
