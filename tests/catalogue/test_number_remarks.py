"""Numbers that are typed by hand, and figures that disagree, are remarks of `invoke check`."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.builders import a_language, a_site, assembled
from tests.catalogue.test_number_views import a_figure, a_series, site_with

from openknowledge.catalogue.check_command import find_number_remarks
from openknowledge.catalogue.number_remarks import find_disagreements, find_numbers, find_typed_numbers
from openknowledge.catalogue.site import Site
from openknowledge.content.frontmatter import parse_front_matter
from openknowledge.content.located_yaml import LocatedFields
from openknowledge.model.numbers import Figure, Measure
from openknowledge.model.values import PartialDate, Source

SITE = site_with(
    a_figure("pok.enrolments", 170_000),
    a_figure("pok.views", 2_100_000, label={"it": "visualizzazioni", "en": "views"}),
    a_figure("pok.tutors", 130, label={"it": "studenti universitari", "en": "university students"}),
    a_figure("pok.courses", 2014, label={"it": "corsi", "en": "courses"}),
    a_series("algebra", 12431),
    courses=("algebra",),
)


def typed(
    text: str, lang: str = "it", path: str = "content/pages/x.md", site: Site = SITE, head: str = ""
) -> list[str]:
    """Return where a text has which numbers: `5: figure:pok.views`; its body begins in line 4."""
    file = parse_front_matter(f"---\ntitle: 170.000\n{head}---\n{text}\n".encode(), path)
    assert isinstance(file, LocatedFields)
    return [f"{one.line}: {one.message.rpartition(' ')[2]}" for one in find_typed_numbers([(path, lang, file)], site)]


@pytest.mark.parametrize(
    "text",
    ["170.000 iscrizioni", "oltre 170000", "170 mila", "170mila", "170\u00a0000", "(170.000)", "170.000."],
)
def test_a_known_figure_is_found_however_italian_writes_it(text: str) -> None:
    assert typed(text) == ["4: figure:pok.enrolments"]


@pytest.mark.parametrize("text", ["170,000 enrolments", "170000", "170 thousand", "170 Thousand."])
def test_a_known_figure_is_found_however_english_writes_it(text: str) -> None:
    assert typed(text, "en") == ["4: figure:pok.enrolments"]


def test_millions_may_have_decimals() -> None:
    assert typed("Sono 2,1 milioni.") == ["4: figure:pok.views"]
    assert typed("There are 2.1 million.", "en") == ["4: figure:pok.views"]
    assert typed("There are 2,1 million.", "en") == []


@pytest.mark.parametrize(
    "text",
    [
        "{figure:pok.enrolments}",
        "`170000`",
        "```\n170000\n```",
        "$170000$",
        "[x](https://example.org/170000)",
        "https://example.org/170000",
        "1.170.000",
        "170.000.000",
        "170.000,5",
        "A170000",
        "170000-A",
        "170,000",
        "nel 2014",
        "130",
        "130 pagine",
    ],
)
def test_other_numbers_and_what_is_no_prose_are_left_alone(text: str) -> None:
    assert typed(text) == []


def test_a_small_number_and_a_year_need_their_noun() -> None:
    assert typed("più di 130 studenti") == ["4: figure:pok.tutors"]
    assert typed("2014 corsi") == ["4: figure:pok.courses"]


def test_a_number_is_found_in_its_line_and_in_fields_of_words() -> None:
    assert typed("Uno.\n\nDue: 170.000.") == ["6: figure:pok.enrolments"]
    assert typed("", head="abstract: Sono 170.000.\n") == ["3: figure:pok.enrolments"]
    assert typed("", head="outcomes:\n  - Uno\n  - Sono 170.000.\n") == ["5: figure:pok.enrolments"]


def test_counters_are_found_but_not_in_a_release_which_says_what_was_true_on_its_day() -> None:
    assert typed("Sono 12.431.") == ["4: counter:course/algebra"]
    assert typed("Sono 12.431, e 170.000.", path="content/press/2026/x.md") == ["4: figure:pok.enrolments"]


def test_samples_are_not_looked_for() -> None:
    site = site_with(a_series("algebra", 12431, sample=True), courses=("algebra",))

    assert typed("Sono 12.431.", site=site) == []


@pytest.mark.parametrize("code", ["it", "en", "de", "fr", "ar", "ja", "pt-BR"])
def test_every_language_reads_the_numbers_that_it_writes(code: str) -> None:
    language = a_language(code)
    for value in (0, 7, 1234, 170_000, 11_000_000):
        assert [one.value for one in find_numbers(f"x {language.number(value)} x", language)] == [value]


def disagreements(*figures: Figure) -> list[str]:
    file = LocatedFields("content/figures.yaml", {}, {(): 1})
    return [str(one.message) for one in find_disagreements({one.name: one for one in figures}, file)]


def the_figure(name: str, value: int | None, by: str, **facts: object) -> Figure:
    words = {"it": name.replace(".", ""), "en": name}
    return a_figure(name, value, **{"source": Source(title=by), "label": words, "definition": words, **facts})


def test_figures_of_one_name_whose_sources_differ_are_told_with_both_values_and_sources() -> None:
    found = disagreements(the_figure("a.devices", 3600, "Polimi"), the_figure("b.devices", 3590, "ilgiorno.it"))

    assert found == ["b.devices is 3590 (ilgiorno.it), where a.devices is 3600 (Polimi)"]


def test_figures_with_one_label_or_definition_are_compared() -> None:
    label = {"it": "Dispositivi", "en": "devices"}
    definition = {"it": "Iscrizioni singole ai corsi del portale.", "en": "x"}
    for facts in ({"label": label}, {"definition": definition}):
        figures = (the_figure("a.one", 1, "A", **facts), the_figure("b.two", 2, "B", **facts))
        assert len(disagreements(*figures)) == 1
        assert disagreements(*(the_figure(one.name, one.value, one.source.title) for one in figures)) == []


@pytest.mark.parametrize(
    "facts",
    [
        {"value": 3600},
        {"value": None},
        {"measure": Measure.VIEWS},
        {"source": Source(title="Polimi")},
        {"as_of": PartialDate(2024)},
    ],
)
def test_figures_that_agree_or_are_of_other_things_or_times_are_not_told(facts: dict[str, object]) -> None:
    one = the_figure("a.devices", 3600, "Polimi", as_of=PartialDate(2020, 6))
    other: dict[str, object] = {"value": 3590, "source": Source(title="B"), **facts}
    value = other.pop("value")

    assert disagreements(one, the_figure("b.devices", value, "B", **other)) == []  # type: ignore[arg-type]


def test_a_figure_without_a_date_and_one_in_the_same_year_may_hold_for_one_day() -> None:
    one = the_figure("a.devices", 3600, "Polimi", as_of=PartialDate(2020, 6))

    for as_of in (None, PartialDate(2020), PartialDate(2020, 6, 3)):
        assert len(disagreements(one, the_figure("b.devices", 3590, "B", as_of=as_of))) == 1


def test_a_site_without_numbers_has_no_remarks() -> None:
    assert typed("170.000", site=a_site()) == []


FIGURES = """pok:
  title: {it: Il portale, en: The portal}
  figures:
    views:
      value: 11000000
      measure: views
      label: {it: visualizzazioni, en: views}
      definition: {it: Tutte., en: All.}
      source: {title: Polimi}
press:
  title: {it: La stampa, en: The press}
  figures:
    views:
      value: 12000000
      measure: views
      label: {it: visualizzazioni, en: views}
      definition: {it: Tutte., en: All.}
      source: {title: "Il Giorno"}
"""


def test_the_check_of_a_site_makes_both_remarks_with_their_lines(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {
        "figures.yaml": FIGURES,
        "courses/algebra/index.md": "---\ntitle: A\n---\nCirca 11 milioni.\n",
        "courses/algebra/index.en.md": "---\ntitle: A\n---\nSome 11,000,000 views.\n",
    }

    remarks = [str(one).split("\n")[0] for one in find_number_remarks(assembled(tmp_path, files))]

    assert remarks == [
        'content/courses/algebra/index.en.md:4: "11,000,000" is typed by hand, and is the value of figure:pok.views',
        'content/courses/algebra/index.md:4: "11 milioni" is typed by hand, and is the value of figure:pok.views',
        "content/figures.yaml:14: press.figures.views.value: "
        "press.views is 12000000 (Il Giorno), where pok.views is 11000000 (Polimi)",
    ]
