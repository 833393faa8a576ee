"""The file of figures: what is read, and which problems are reported."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from tests.builders import LANGS

from openknowledge.content.numbers import load_numbers, read_figures, read_numbers
from openknowledge.content.parse_cache import ParseCache
from openknowledge.engine.build_inputs import FileTree, scan
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


CHANNEL = "# as_of: 2026-11-29\nmeasure,total\nsubscribers,47100\nviews,11000000\n"
OF_A_CHANNEL: dict[str, str | None] = dict.fromkeys(("value", "qualifier", "measure", "as_of"))


def of_a_channel(folder: Path, snapshot: str, channel: str = CHANNEL, **more: str | None) -> tuple[Figure, list[str]]:
    """Return the figure that a file makes of the numbers of a channel, and the problems."""
    content = folder / "content"
    (content / "snapshots/youtube").mkdir(parents=True)
    (content / "snapshots/youtube/channel.csv").write_text(channel)
    (content / "figures.yaml").write_text(a_file(**{**OF_A_CHANNEL, "snapshot": snapshot, **more}))
    numbers, problems = read_numbers(content, LANGS, TODAY, ())
    return numbers.figures.get("pok.enrolments"), [str(problem) for problem in problems]  # type: ignore[return-value]


def test_a_figure_shows_what_the_sync_found_with_its_day(tmp_path: Path) -> None:
    figure, problems = of_a_channel(tmp_path, "youtube/views")

    assert problems == [], "not even that the day is after that of the build"
    assert (figure.value, figure.measure, figure.qualifier) == (11_000_000, Measure.VIEWS, Qualifier.EXACT)
    assert str(figure.as_of) == "2026-11-29"


def test_the_number_of_subscribers_is_about_right_because_the_platform_rounds_it(tmp_path: Path) -> None:
    assert of_a_channel(tmp_path, "youtube/subscribers")[0].qualifier is Qualifier.ABOUT


def test_a_number_that_the_platform_hides_is_not_known(tmp_path: Path) -> None:
    figure, problems = of_a_channel(tmp_path, "youtube/videos")

    assert (figure.value, figure.as_of, problems) == (None, None, [])


@pytest.mark.parametrize(
    ("snapshot", "more", "message"),
    [
        ("youtub/views", {}, 'numbers of a channel "youtub"; did you mean "youtube"?'),
        ("youtube/view", {}, '"view" is not a number of a channel; did you mean "views"?'),
        ("youtube", {}, "youtube/subscribers, youtube/views"),
        ("", {}, 'a number: "youtube/views"'),
        ("[1]", {}, "no sync has written"),
        ("youtube/views", {"value": "7"}, '"value" is not written here'),
        ("youtube/views", {"as_of": "2020"}, '"as_of" is not written here'),
    ],
)
def test_a_number_of_a_channel_that_is_named_wrongly_is_a_problem(
    tmp_path: Path, snapshot: str, more: dict[str, str | None], message: str
) -> None:
    (problem,) = of_a_channel(tmp_path, snapshot, **more)[1]

    assert message in problem and problem.startswith("content/figures.yaml:")


def test_a_file_of_a_channel_that_somebody_broke_is_named(tmp_path: Path) -> None:
    problem, *_ = of_a_channel(tmp_path, "youtube/views", "<<<<<<< HEAD\n" + CHANNEL)[1]

    assert problem.startswith("content/snapshots/youtube/channel.csv:1:")


def test_a_new_number_of_a_channel_is_seen_though_the_figures_are_the_same(tmp_path: Path) -> None:
    of_a_channel(tmp_path, "youtube/views")
    content, cache = tmp_path / "content", ParseCache(tmp_path / "cache")
    path = content / "snapshots/youtube/channel.csv"
    values = []
    for text in (CHANNEL, CHANNEL.replace("11000000", "11000777")):
        path.write_text(text)
        numbers, problems = load_numbers(FileTree(content, scan(content)), cache, LANGS, TODAY, ())
        values.append((numbers.figures["pok.enrolments"].value, problems))

    assert values == [(11_000_000, []), (11_000_777, [])]
