"""The editors' file of redirects: its rules, and every mistake with its line."""

from __future__ import annotations

import pytest

from openknowledge.redirects.sources import parse_redirects

PATH = "content/redirects.yaml"


def problems_of(text: str) -> list[str]:
    return [str(problem) for problem in parse_redirects(text, PATH, ("it", "en"))[1]]


def test_an_address_leads_elsewhere_or_is_gone_with_words() -> None:
    text = (
        "# by hand\n- from: /old\n  to: /new/\n- {from: /x/, gone: true, why: {it: Basta.}}\n"
        "- from: /y/\n  to: https://x.example/\n"
    )

    rules, problems = parse_redirects(text, PATH, ("it", "en"))

    assert problems == []
    assert [(rule.source, rule.target, rule.line) for rule in rules] == [
        ("/old/", "/new/", 2),
        ("/x/", None, 4),
        ("/y/", "https://x.example/", 5),
    ]
    assert rules[1].reason == {"it": "Basta."}


@pytest.mark.parametrize("text", ["", "# nothing yet\n", "---\n# nothing\n", "---\n- from: /a/\n  gone: true\n"])
def test_a_file_may_be_empty_or_begin_as_yaml_does(text: str) -> None:
    assert problems_of(text) == []


CASES = {
    "no list": ("from: /a/\nto: /b/\n", [f"{PATH}:1: this is not a list of redirects"]),
    "broken YAML": ("- from: /a/\n  to: [x\n", [f'{PATH}:2: the bracket "[" is not closed on this line']),
    "plain text": ("- /a/\n", [f'{PATH}:1: "/a/" is not a redirect']),
    "an unknown field": (
        "- from: /a/\n  gone: true\n  wy: x\n",
        [f'{PATH}:3: unknown field "wy"; did you mean "why"?'],
    ),
    "no source": ("- to: /b/\n", [f"{PATH}:1: from: this field is missing"]),
    "a whole source": ("- from: https://x.it/a/\n  gone: true\n", [f"{PATH}:1: from: ", "path: /a/"]),
    "no end": ("- from: /a/\n", [f"{PATH}:1: to: this field is missing"]),
    "two ends": ("- from: /a/\n  to: /b/\n  gone: true\n", [f"{PATH}:3: gone: what is gone leads nowhere"]),
    "gone: false": ("- from: /a/\n  to: /b/\n  gone: false\n", [f'{PATH}:3: gone: "False" means nothing here']),
    "a target that is no address": ("- from: /a/\n  to: corsi/\n", [f'{PATH}:2: to: "corsi/"', "such as /corsi/"]),
    "a target without encryption": ("- from: /a/\n  to: http://x.it/\n", [f"{PATH}:2: to: ", "https://x.it/"]),
    "words in no language": ("- from: /a/\n  gone: true\n  why: Basta.\n", [f"{PATH}:3: why: these are not words by"]),
    "an unknown language": ("- from: /a/\n  gone: true\n  why:\n    fr: x\n", [f'{PATH}:4: why: "fr" is no language']),
    "words for what goes on": ("- from: /a/\n  to: /b/\n  why: {it: x}\n", [f"{PATH}:3: why: only the page"]),
}


@pytest.mark.parametrize("name", sorted(CASES))
def test_a_mistake_is_reported_with_its_line_and_its_correction(name: str) -> None:
    text, wanted = CASES[name]
    messages = problems_of(text)

    assert len(messages) == 1
    assert all(words in messages[0] for words in wanted), messages
    assert "\n    " in messages[0] or "did you mean" in messages[0]


def test_all_mistakes_are_reported_at_once() -> None:
    assert len(problems_of("- from: a\n  to: b\n  x: 1\n- from: /c/\n")) == 4
