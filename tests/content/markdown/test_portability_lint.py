"""Ambiguous Markdown is reported with its line, and nothing else is."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from tests.chance import examples
from tests.content.markdown.texts import DOCUMENTS, Case, cases, own_texts

from openknowledge.catalogue import check_command
from openknowledge.content.markdown.fast import convert, normalize
from openknowledge.content.markdown.portability import has_default_marks
from openknowledge.content.markdown.portability_lint import BEYOND_COMMONMARK, canonical_markup, lint
from openknowledge.content.markdown.render import finish_markup, render_markdown, sanitize
from openknowledge.problems import operator_problem


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("- uno\n  - due\n- tre", 2, "not by four"),
        ("Testo.\n\n1. uno\n   - due", 4, "not by four"),
        ("- uno\n- due\n\n- tre", 4, "some items"),
        ("- uno\n* due", 2, "changes its marker"),
        ("- uno\n\n* due", 3, "changes its marker"),
        ("- uno\n    2. due", 2, "does not begin with 1"),
        ("- uno\n\n  ancora uno", 3, "fewer than four"),
        ("#Titolo", 1, "no space after #"),
        ("> uno\n\n> due", 3, "two quotes"),
        ("Uno\n\n***due***", 3, "stars or underscores"),
        ("| a | b |\n|---|---|\n| **c** | `d\\|e` |", 3, "a bar stands in code"),
        ("<div>\n\n*uno*\n\n</div>", 1, "HTML"),
        ("- uno\n\n        codice", 1, "take this differently"),
    ],
)
def test_an_ambiguous_text_is_reported_with_its_line(text: str, line: int, message: str) -> None:
    issues = lint(text)

    assert issues
    assert issues[0].line == line
    assert message in issues[0].message
    assert issues[0].hint.endswith(".")


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("!!! note\n    - uno\n      - due", 3),
        ("Uno[^1].\n\n[^1]: Nota.\n\n    - a\n      - b", 6),
        ("Termine\n:   Testo:\n\n    - uno\n      - due", 5),
        ("\n\n\nUno *due*{: .x }\n\n- tre\n* quattro", 7),
    ],
)
def test_ambiguities_inside_extensions_are_reported(text: str, line: int) -> None:
    assert [issue.line for issue in lint(text)] == [line]


@pytest.mark.parametrize("case", [case for case in cases() if case.is_fast], ids=lambda case: case.name)
def test_a_portable_text_has_no_issues(case: Case) -> None:
    assert lint(case.text) == ()


@pytest.mark.parametrize(
    "name",
    [
        *("a footnote of two paragraphs", "a definition list", "a definition of two paragraphs"),
        *("an admonition", "an admonition with a title", "an abbreviation", "attributes of a paragraph"),
        *("attributes of a link", "a heading with an anchor of its own", "a link by reference", "a table of contents"),
        *("a block of code with attributes", "a link with a letter that is not ASCII in its address"),
        *("strong inside emphasis", "a table without outer bars", "HTML in a line"),
    ],
)
def test_a_text_with_only_extensions_has_no_issues(name: str) -> None:
    text = next(case.text for case in cases() if case.name == name)

    assert render_markdown(text, "fast").is_fallback
    assert lint(text) == ()


@pytest.mark.parametrize(
    "text",
    [
        "Testo:\n- uno\n- due",
        "Nel\n1. primo",
        "1) uno\n2) due",
        "Testo:\n| a | b |\n|---|---|\n| c | d |",
        "uno\\\ndue",
        "~~uno~~ ==due== H~2~O x^2^",
        "- [ ] uno\n- [x] due",
        "1. Uno:\n\n   ```python\n   x\n   ```\n\n2. Due.",
        "- Uno:\n  ```python\n  x\n  ```",
        "> Uno:\n>\n> ```python\n> x\n> ```",
        'Testo:\n```python title="main.py" hl_lines="1"\nx\n```',
        '??? solution "Uno"\n    È **42**.',
        '1. Uno\n\n    ??? solution "Due"\n\n        È **42**.',
        "<details>\n<summary>Uno</summary>\n\nÈ **42**.\n\n</details>",
        "<details><summary>Uno</summary>\nÈ **42**.\n</details>",
        '!!! theorem "Uno" {#thm:a}\n    Due.\n\nPer il [](#thm:a).',
        "| a | b |\n|---|---|\n| c | d |\n\n: Le *ore*",
        '![una lavagna](b.jpg "Una lavagna"){author="Ada Rossi" url="https://example.org/"}',
    ],
)
def test_what_editors_know_from_elsewhere_is_not_called_ambiguous(text: str) -> None:
    assert lint(text) == ()


def test_the_repositorys_own_texts_have_no_issues() -> None:
    assert {path: issues for path, text in own_texts().items() if (issues := lint(text))} == {}


@given(DOCUMENTS)
@settings(max_examples=examples(300))
def test_every_text_that_two_engines_read_differently_is_reported(text: str) -> None:
    other = canonical_markup(sanitize(finish_markup(convert(normalize(text)))))

    if text.strip() and not BEYOND_COMMONMARK.search(text) and not has_default_marks(text):
        assert lint(text) or other == canonical_markup(render_markdown(text).html)


def test_a_check_reports_the_file_and_counts_the_lines_of_its_front_matter(tmp_path: Path) -> None:
    content = tmp_path / "content"
    content.mkdir()
    (content / "uno.md").write_text("---\ntitle: Uno\n---\n\n- uno\n* due\n", "utf-8")
    (content / "due.md").write_text("---\ntitle: Due\n---\n\nTesto.\n", "utf-8")
    (content / "tre.md").write_text("nothing in front", "utf-8")

    issues = list(check_command.check_portability(content))

    assert [(issue.path, issue.line) for issue in issues] == [("content/uno.md", 6)]


def test_a_check_without_the_fast_reader_fails_and_says_why(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(check_command, "check_reader", lambda reader: "it is not there")

    assert check_command.main() == 1
    assert "Not checked" in capsys.readouterr().err


def test_an_ambiguity_fails_the_check_and_is_printed_with_its_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    problem = operator_problem(
        "content/uno.md", 6, None, "a list begins right under a line of text", "Leave an empty line."
    )
    monkeypatch.setattr(check_command, "check_portability", lambda content: iter([problem]))

    assert check_command.main() == 1
    assert "content/uno.md:6: a list begins" in capsys.readouterr().err
