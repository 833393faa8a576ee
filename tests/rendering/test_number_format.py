"""A number in the words of a language: exact on its page, rounded down in lists."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from tests.builders import a_language

from openknowledge.model.numbers import Measure, Qualifier
from openknowledge.rendering.locale import Language, exact_text, round_down, short_text


def italian(**words: str) -> Language:
    """Return Italian with the few words that a test needs."""

    class Words:
        def gettext(self, message: str) -> str:
            return words.get(message.replace("%(number)s", "N").replace("%%", "P").replace(" ", "_"), message)

        def ngettext(self, singular: str, plural: str, number: int) -> str:
            return self.gettext(singular if number == 1 else plural)

    plain = a_language("it")
    return Language("it", Words(), plain.timezone)  # type: ignore[arg-type]


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


def test_a_qualifier_is_in_the_language_of_the_page() -> None:
    language = italian(over_N="oltre %(number)s", over_NP="oltre il %(number)s%%")

    assert exact_text(language, 170000, Qualifier.OVER, Measure.ENROLMENTS) == "oltre 170.000"
    assert exact_text(language, 60, Qualifier.OVER, Measure.PERCENT) == "oltre il 60%"
    assert exact_text(a_language("en"), 170000, Qualifier.OVER, Measure.ENROLMENTS) == "over 170,000"


def test_italian_articles_are_elided_before_numbers_that_begin_with_a_vowel() -> None:
    language = italian(over_NP="oltre il %(number)s%%", on_the_day="il %(day)s", it_is="dal %(number)s al %(day)s")
    values = ((7, "il 7"), (8, "l’8"), (11, "l’11"), (80, "l’80"), (100, "il 100"), (110, "il 110"), (18, "il 18"))

    for value, words in values:
        assert exact_text(language, value, Qualifier.OVER, Measure.PERCENT) == f"oltre {words}%"
    assert language.gettext("on the day", day="8 marzo 2027") == "l’8 marzo 2027"
    assert language.gettext("it is", number="11.000", day="8") == "dall’11.000 all’8"
    assert language.gettext("“%(title)s”", title="Dal 8 al 11") == "“Dal 8 al 11”"


def test_round_millions_of_money_are_written_in_words() -> None:
    english = a_language("en")
    words = {"about_N": "circa %(number)s", "N_million_euros": "%(number)s milioni di euro"}

    assert exact_text(english, 2_100_000, Qualifier.ABOUT, Measure.EUROS) == "about 2.1 million euros"
    assert exact_text(italian(**words), 2_100_000, Qualifier.ABOUT, Measure.EUROS) == "circa 2,1 milioni di euro"
    assert exact_text(english, 2_123_456, Qualifier.EXACT, Measure.EUROS) == "2,123,456 euros"


def test_an_unknown_value_is_shown_as_unknown_and_never_as_zero() -> None:
    for text in (exact_text, short_text):
        assert text(a_language("en"), None, Qualifier.EXACT, Measure.ENROLMENTS) == "not available"
