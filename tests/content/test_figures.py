"""The file of figures: what is read, and which problems are reported."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from tests.builders import LANGS

from openknowledge.content.numbers import read_figures, read_numbers
from openknowledge.model.numbers import Figure, Measure, Qualifier

TODAY = date(2026, 1, 1)
FIGURE = {
    "value": "170000",
    "qualifier": "over",
    "measure": "enrolments",
    "label": "{it: iscrizioni, en: enrolments}",
    "definition": "{it: Iscrizioni ai corsi., en: Enrolments in courses.}",
    "as_of": "2020-06",
    "source": "{title: A paper}",
}


def a_file(title: str = "{it: Il portale, en: The portal}", name: str = "enrolments", **changes: str | None) -> str:
    """Return a file of one figure; a field of None is left out."""
    fields = {key: value for key, value in {**FIGURE, **changes}.items() if value is not None}
    rows = "\n".join(f"      {key}: {value}" for key, value in fields.items())
    return f"pok:\n  title: {title}\n  figures:\n    {name}:\n{rows}\n"


def figures_of(text: str) -> dict[str, Figure]:
    figures, problems = read_figures(text, "figures.yaml", LANGS, TODAY)
    assert problems == []
    return figures


def messages(text: str) -> list[str]:
    _, problems = read_figures(text, "figures.yaml", LANGS, TODAY)
    return [str(problem).split("\n")[0] for problem in problems]


def test_a_figure_has_the_name_of_its_group_and_its_own() -> None:
    figure = figures_of(a_file())["pok.enrolments"]

    assert figure.name == "pok.enrolments"
    assert figure.group == {"it": "Il portale", "en": "The portal"}
    assert (figure.value, figure.qualifier, figure.measure) == (170000, Qualifier.OVER, Measure.ENROLMENTS)
    assert str(figure.as_of) == "2020-06"


def test_an_unpublished_figure_has_no_value() -> None:
    assert figures_of(a_file(value=""))["pok.enrolments"].value is None


def test_a_value_that_looks_like_a_fraction_is_refused_instead_of_cut() -> None:
    assert messages(a_file(value="170.000")) == [
        'figures.yaml:5: pok.figures.enrolments.value: "170.0" is not a whole number'
    ]


def test_a_value_with_separators_is_refused() -> None:
    assert messages(a_file(value='"170,000"')) == [
        'figures.yaml:5: pok.figures.enrolments.value: "170,000" is not a whole number'
    ]


def test_a_negative_value_is_refused() -> None:
    assert messages(a_file(value="-1")) == ['figures.yaml:5: pok.figures.enrolments.value: "-1" is negative']


def test_a_figure_without_a_line_for_its_value_is_a_mistake() -> None:
    assert messages(a_file(value=None)) == ["figures.yaml:4: pok.figures.enrolments.value: this field is missing"]


def test_a_figure_needs_a_source() -> None:
    assert messages(a_file(source=None)) == ["figures.yaml:4: source: this field is missing"]


def test_a_figure_from_the_future_is_refused() -> None:
    assert messages(a_file(as_of="2027-03")) == [
        'figures.yaml:10: pok.figures.enrolments.as_of: "2027-03" lies in the future'
    ]


def test_a_definition_is_written_in_every_language() -> None:
    assert messages(a_file(definition="{it: Iscrizioni.}")) == [
        'figures.yaml:9: pok.figures.enrolments.definition: there are no words in "en"'
    ]


def test_a_misspelt_field_is_reported_with_the_nearest_field() -> None:
    _, problems = read_figures(a_file(qualifer="over"), "figures.yaml", LANGS, TODAY)

    assert [(problem.line, problem.message) for problem in problems] == [
        (12, 'unknown field "qualifer"; did you mean "qualifier"?')
    ]


def test_a_misspelt_measure_is_reported_with_the_nearest_measure() -> None:
    assert messages(a_file(measure="enrolment"))[0].endswith(
        '"enrolment" is not a known value; did you mean "enrolments"?'
    )


def test_all_mistakes_are_reported_at_once() -> None:
    assert len(messages(a_file(value="many", as_of="2020-13", label="{it: iscrizioni}"))) == 3


def test_the_repositorys_own_figures_have_no_mistakes_and_separate_measures() -> None:
    content = Path(__file__).parents[2] / "content"
    courses = [path.name for path in (content / "courses").iterdir()]

    numbers, problems = read_numbers(content, LANGS, date(2026, 11, 1), courses)
    figures, series = numbers.figures, numbers.series

    assert problems == []
    assert figures["pok.learners"].measure is Measure.LEARNERS
    assert figures["pok.enrolments"].measure is Measure.ENROLMENTS
    assert all(course.sample for course in series.values())


@pytest.mark.parametrize("figures", ["", " []", " none", " 3"])
def test_a_group_whose_figures_are_none_is_named_with_its_line(figures: str) -> None:
    text = f"pok:\n  title: {{it: A, en: B}}\n  figures:{figures}\n"
    found, problems = read_figures(text, "figures.yaml", LANGS, TODAY)
    assert not found
    assert {(problem.line, problem.field) for problem in problems} == {(3, "pok.figures")}
