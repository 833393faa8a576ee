"""The file of figures: what is read, and what an editor is told."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st
from tests.builders import LANGS, a_language

from openknowledge.content.numbers import read_figures, read_numbers
from openknowledge.model.numbers import Figure, Measure, Qualifier
from openknowledge.rendering.locale import Language
from openknowledge.rendering.number_format import exact_text, round_down, short_text

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


def a_file(title: str = "{it: Il portale, en: The portal}", name: str = "enrolments", **fields: str | None) -> str:
    """A file of one figure; a field of None is left out."""
    given = {key: value for key, value in {**FIGURE, **fields}.items() if value is not None}
    lines = "\n".join(f"      {key}: {value}" for key, value in given.items())
    return f"pok:\n  title: {title}\n  figures:\n    {name}:\n{lines}\n"


def figures_of(text: str) -> dict[str, Figure]:
    figures, problems = read_figures(text, "figures.yaml", LANGS, TODAY)
    assert problems == []
    return figures


def told(text: str) -> list[str]:
    _, problems = read_figures(text, "figures.yaml", LANGS, TODAY)
    return [str(problem).split("\n")[0] for problem in problems]


def italian(**words: str) -> Language:
    """Italian with the few words that a test needs."""

    class Words:
        def gettext(self, message: str) -> str:
            return words.get(message.replace("%(number)s", "N").replace("%%", "P").replace(" ", "_"), message)

        def ngettext(self, one: str, many: str, number: int) -> str:
            return self.gettext(one if number == 1 else many)

    plain = a_language("it")
    return Language("it", Words(), plain.timezone)  # type: ignore[arg-type]


def test_a_figure_is_called_by_its_group_and_its_own_name() -> None:
    figure = figures_of(a_file())["pok.enrolments"]

    assert figure.name == "pok.enrolments"
    assert figure.group == {"it": "Il portale", "en": "The portal"}
    assert (figure.value, figure.qualifier, figure.measure) == (170000, Qualifier.OVER, Measure.ENROLMENTS)
    assert str(figure.as_of) == "2020-06"


def test_a_figure_that_nobody_has_published_has_no_value() -> None:
    assert figures_of(a_file(value=""))["pok.enrolments"].value is None


def test_a_value_that_looks_like_a_fraction_is_refused_instead_of_cut() -> None:
    assert told(a_file(value="170.000")) == [
        'figures.yaml:5: pok.figures.enrolments.value: "170.0" is not a whole number'
    ]


def test_a_value_with_separators_is_refused() -> None:
    assert told(a_file(value='"170,000"')) == [
        'figures.yaml:5: pok.figures.enrolments.value: "170,000" is not a whole number'
    ]


def test_a_negative_value_is_refused() -> None:
    assert told(a_file(value="-1")) == ['figures.yaml:5: pok.figures.enrolments.value: "-1" is negative']


def test_a_figure_without_a_line_for_its_value_is_a_mistake() -> None:
    assert told(a_file(value=None)) == ["figures.yaml:4: pok.figures.enrolments.value: this field is missing"]


def test_a_figure_needs_a_source() -> None:
    assert told(a_file(source=None)) == ["figures.yaml:4: source: this field is missing"]


def test_a_figure_from_the_future_is_refused() -> None:
    assert told(a_file(as_of="2027-03")) == [
        'figures.yaml:10: pok.figures.enrolments.as_of: "2027-03" lies in the future'
    ]


def test_a_definition_is_written_in_every_language() -> None:
    assert told(a_file(definition="{it: Iscrizioni.}")) == [
        'figures.yaml:9: pok.figures.enrolments.definition: there are no words in "en"'
    ]


def test_a_misspelt_field_is_told_with_the_right_one() -> None:
    _, problems = read_figures(a_file(qualifer="over"), "figures.yaml", LANGS, TODAY)

    assert [(problem.line, problem.message) for problem in problems] == [(12, 'unknown field "qualifer"')]
    assert problems[0].hint == 'Did you mean "qualifier"?'


def test_a_misspelt_measure_is_told_with_the_right_one() -> None:
    assert told(a_file(measure="enrolment"))[0].endswith('"enrolment" is not a known value; did you mean "enrolments"?')


def test_all_mistakes_are_told_at_once() -> None:
    assert len(told(a_file(value="many", as_of="2020-13", label="{it: iscrizioni}"))) == 3


def test_the_site_s_own_figures_have_no_mistakes_and_keep_measures_apart() -> None:
    content = Path(__file__).parents[2] / "content"
    courses = [path.name for path in (content / "courses").iterdir()]

    numbers, problems = read_numbers(content, LANGS, date(2026, 11, 1), courses)
    figures, series = numbers.figures, numbers.series

    assert problems == []
    assert figures["pok.learners"].measure is Measure.LEARNERS
    assert figures["pok.enrolments"].measure is Measure.ENROLMENTS
    assert all(one.sample for one in series.values())


@given(st.integers(min_value=0, max_value=10**12))
def test_a_rounded_number_never_exceeds_the_value_and_stays_within_a_hundredth(value: int) -> None:
    assert 0 <= value - round_down(value) <= value / 100


@given(st.integers(min_value=0, max_value=10**12))
def test_a_short_number_has_a_plus_exactly_where_something_was_cut(value: int) -> None:
    text = short_text(a_language("en"), value, Qualifier.EXACT, Measure.ENROLMENTS)

    assert text.endswith("+") == (round_down(value) != value)
    assert int(text.rstrip("+").replace(",", "")) == round_down(value)


def test_lists_round_down_and_pages_do_not() -> None:
    language = a_language("it")

    assert short_text(language, 12431, Qualifier.EXACT, Measure.ENROLMENTS) == "12.400+"
    assert exact_text(language, 12431, Qualifier.EXACT, Measure.ENROLMENTS) == "12.431"


def test_a_qualifier_is_said_in_the_language_of_the_page() -> None:
    language = italian(over_N="oltre %(number)s", over_NP="oltre il %(number)s%%")

    assert exact_text(language, 170000, Qualifier.OVER, Measure.ENROLMENTS) == "oltre 170.000"
    assert exact_text(language, 60, Qualifier.OVER, Measure.PERCENT) == "oltre il 60%"
    assert exact_text(a_language("en"), 170000, Qualifier.OVER, Measure.ENROLMENTS) == "over 170,000"


def test_round_millions_of_money_are_written_in_words() -> None:
    english = a_language("en")
    words = {"about_N": "circa %(number)s", "N_million_euros": "%(number)s milioni di euro"}

    assert exact_text(english, 2_100_000, Qualifier.ABOUT, Measure.EUROS) == "about 2.1 million euros"
    assert exact_text(italian(**words), 2_100_000, Qualifier.ABOUT, Measure.EUROS) == "circa 2,1 milioni di euro"
    assert exact_text(english, 2_123_456, Qualifier.EXACT, Measure.EUROS) == "2,123,456 euros"


def test_what_nobody_knows_is_said_so_and_never_zero() -> None:
    for text in (exact_text, short_text):
        assert text(a_language("en"), None, Qualifier.EXACT, Measure.ENROLMENTS) == "not known"
