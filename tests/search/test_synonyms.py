"""Words that are looked for together are a file of editors, whose mistakes are explained."""

from __future__ import annotations

import pytest

from openknowledge.search.synonyms import parse_synonyms

PATH = "content/synonyms.yaml"


def problems(text: str) -> list[str]:
    return [str(problem) for problem in parse_synonyms(text, PATH)[1]]


def test_groups_are_read_as_words_whatever_yaml_takes_them_for() -> None:
    text = "# Un commento\n- [maths,  matematica pura]\n- [NO, 3.10, C++]\n-\n  - uno\n  - due\n"

    assert parse_synonyms(text, PATH) == ((("maths", "matematica pura"), ("NO", "3.10", "C++"), ("uno", "due")), [])
    assert parse_synonyms("", PATH) == parse_synonyms("---\n# niente\n", PATH) == ((), [])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("maths: matematica\n", "1: this is not a list of words"),
        ("- maths\n- [a1, b1]\n", "1: this is one word, and words are only looked for together with others"),
        ("- [a1, b1]\n- [maths]\n", "2: this is one word, and words are only looked for together with others"),
        ("- [maths, ++]\n", '1: "++" has no word that the search looks for'),
        ("- [maths, [x, y]]\n", "1: a list within a list, or a colon: this is no word"),
        ("- [maths, alfa beta gamma delta epsilon]\n", '1: "alfa beta gamma delta epsilon" is longer than 4 words'),
        ("- [maths, Matematica]\n- [matemàtica, fisica]\n", '2: "matemàtica" stands on line 1 already'),
    ],
)
def test_a_mistake_is_told_with_its_line_and_the_cure(text: str, expected: str) -> None:
    (problem,) = problems(text)

    assert problem.startswith(f"{PATH}:{expected}")
    assert "\n    Write " in problem


def test_all_mistakes_are_told_at_once() -> None:
    assert len(problems("- solo\n- [uno]\n- [due, due]\n")) == 3


def test_what_is_no_entry_is_told_beside_an_entry_that_cannot_be_read() -> None:
    lines = [problem.partition(": ")[0] for problem in problems("- [maths, mate\n- [uno, due]\nwords:\n  altro: tre\n")]

    assert lines == [f"{PATH}:1", f"{PATH}:3"]
