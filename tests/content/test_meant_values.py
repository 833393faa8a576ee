"""What an editor writes into a field is kept as it is written, or refused with its line and the cure."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.builders import LANGS, assembled, problems

from openknowledge.catalogue.kinds import KINDS
from openknowledge.content.discovery import SourceItem
from openknowledge.content.frontmatter import parse_front_matter
from openknowledge.content.located_yaml import LocatedFields
from openknowledge.content.read_item import ReadOptions, read_item
from openknowledge.model.values import Record
from openknowledge.problems import Problem

LIBRARY_WORDS = ("yaml", "scalar", "token", "mapping", "sequence", "python", "str", "tuple", "none", "parse", "anchor")
FILE = "content/courses/a/index.md"


def read(tmp_path: Path, front: str) -> list[Problem]:
    """Return what is wrong with a course of these fields."""
    path = tmp_path / FILE
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"---\n{front}\n---\nTesto.\n", encoding="utf-8")
    options = ReadOptions.create(tmp_path / "content", LANGS, "markdown", KINDS)
    return list(read_item(SourceItem("course", "a", (("it", "courses/a/index.md"),)), None, options).problems)


def a_record(tmp_path: Path, front: str) -> Record:
    """Return the course of these fields."""
    site = assembled(tmp_path, {"courses/a/index.md": f"---\n{front}\n---\nTesto.\n"})
    assert site.problems == ()
    return next(iter(site.site.fork().stubs("course")))


CUT = {
    "title: Laboratorio #3: misure": 2,
    "title: A # B": 2,
    "title: # Prima": 2,
    "title: x\nabstract: Da C a C # e oltre": 3,
    "title: x\noutcomes:\n  - usare C # bene": 4,
    "title: x\noutcomes: [usare C # bene\n  ]": 3,
    "title: x\nsyllabus:\n  - title: Uno #1\n    weeks: 2": 4,
    "title: x\nkeywords:\n  - hashtag #pok": 4,
    "title: x\nrequirements: Una frase\n  che continua # qui": 3,
    "title: x\ncode: MAT #1": 3,
    "title: x\nimage: {src: a.png, alt: {it: Foto #1\n  , en: x}}": 3,
    "title: x\nabstract: Una riga # tagliata\n  e un'altra": 3,
}


@pytest.mark.parametrize("front", CUT)
def test_a_comment_behind_words_without_quotes_is_refused(tmp_path: Path, front: str) -> None:
    found = read(tmp_path, front)

    assert (FILE, CUT[front]) in {(one.path, one.line) for one in found}, found
    assert any('what follows " #" is a comment' in one.message and "quotes" in str(one.hint) for one in found)


def test_a_comment_behind_quotes_facts_or_on_its_own_line_is_allowed(tmp_path: Path) -> None:
    front = (
        '# Il corso\ntitle: "C# in breve" # corto\nweeks: 6  # settimane\nlevel: introductory # facile\n'
        "teaching_langs: [it, en] # due\nfirst_published: 2025-01-01 # il primo\nbadge: true # vero\n"
        "outcomes:\n  # una\n  - uno\n  - 'due' # due\nabstract: Perché C#?"
    )

    assert read(tmp_path, front) == []


WRITTEN = {
    "2014": "2014", "010": "010", "1_000": "1_000", "1e3": "1e3", "0x1F": "0x1F", ".5": ".5", "3.10": "3.10",
    "12:30": "12:30", "no": "no", "on": "on", "yes": "yes", "true": "true", "False": "False", "-0": "-0",
    "+39": "+39", "2026-12-01": "2026-12-01", "12 dicembre": "12 dicembre", "=": "=", "<<": "<<", "1,5": "1,5",
    "Perché C#?": "Perché C#?", "50% in più": "50% in più", "😀 Algebra": "😀 Algebra", "R&D": "R&D",
    "“Parole”": "“Parole”", "2*2 e 3*3": "2*2 e 3*3", "<b>x</b>": "<b>x</b>", "'&lt;'": "&lt;", "a_b_c": "a_b_c",
    '"null"': "null", "'~'": "~", '"say \\"x\\""': 'say "x"', "'L''aula'": "L'aula", '"\\u00e8"': "è",
    ">\n  una\n  riga": "una riga", "|\n  # due": "# due", "una\n  riga": "una riga",
}  # fmt: skip


@pytest.mark.parametrize("written", WRITTEN)
def test_words_are_kept_as_they_are_written(tmp_path: Path, written: str) -> None:
    record = a_record(tmp_path, f"title: {written}")

    assert record.words["it"].title == WRITTEN[written]


def test_codes_and_labels_of_digits_are_kept_as_they_are_written(tmp_path: Path) -> None:
    record: Any = a_record(tmp_path, "title: x\ncode: 010\nruns:\n  - {key: 1.10, label: 2014}")

    assert (record.code, record.runs[0].key, record.runs[0].label) == ("010", "1.10", "2014")


REFUSED = {
    "title:": 'title: this field is empty',
    "title: ~": "title: this field is empty",
    "title: null": "title: this field is empty",
    'title: ""': "title: this field is empty",
    "title: x\nabstract:": "abstract: this field is empty",
    "title: x\nweeks:": "weeks: this field is empty",
    "title: x\noutcomes:\n  -\n  - due": "outcomes[0]: this field is empty",
    "title: x\nsources:\n  - title: ''": "sources[0].title: this field is empty",
    "title: x\nimage: {src: a.png, alt: {it: Una lavagna, piena, en: x}}": "image.alt.piena: this field is empty",
    "title: x\nbadge: yes": 'badge: "yes" is neither true nor false',
    "title: x\nbadge: no": 'badge: "no" is neither true nor false',
    "title: x\nbadge: 1": 'badge: "1" is neither true nor false',
    "title: x\nweeks: true": 'weeks: "true" is not a whole number',
    "title: x\nweeks: 6 settimane": 'weeks: "6 settimane" is not a whole number',
    "title: x\nweeks: 1e3": 'weeks: "1e3" is not a whole number',
    "title: x\nfirst_published: 12 dicembre 2026": 'first_published: "12 dicembre 2026" is not a date',
    "title: x\nfirst_published: 20260101": 'first_published: "20260101" is not a date',
    "title: x\nfirst_published: 2026": 'first_published: "2026" is not a date',
    "title: x\nfirst_published: 01/12/2026": 'first_published: "01/12/2026" is not a date',
    "title: x\nsources: [{title: y, date: 2020.10}]": 'sources[0].date: "2020.10" is not a date',
    "title: x\nabstract:\n  - un elenco": "abstract: this is a list, where one text belongs",
    "title: x\naudiences: pupils": "audiences:",
    "title: x\noutcomes:\n  - Uno: due": "outcomes[0]: a colon makes a group of fields of this text",
    "title: x\nkeywords: [uno, due: tre]": "keywords[1]: a colon makes a group of fields of this text",
    "title: x\nsources: [{title: y, url: www.polimi.it}]": "sources[0].url:",
}  # fmt: skip


@pytest.mark.parametrize("front", REFUSED)
def test_a_value_that_would_mean_something_else_is_refused_once(tmp_path: Path, front: str) -> None:
    found = [str(one) for one in read(tmp_path, front) if "image.src" not in str(one)]

    assert len(found) == 1 and REFUSED[front] in found[0] and "\n    " in found[0], found
    assert not any(word in found[0].lower().split() for word in LIBRARY_WORDS), found


UNREADABLE = {
    'title: "Algebra': (2, "the quote that opens here is not closed"),
    'title: "Algebra\nabstract: "x"': (2, "the quote that opens here is not closed"),
    'title: "Algebra\nabstract: x"': (2, "the quote that opens here is not closed"),
    "title: x\nabstract: 'Una frase": (3, "the quote that opens here is not closed"),
    "title: 'L'algebra'": (2, "the text goes on behind the quote"),
    'title: "Dice "ciao" a tutti"': (2, "the text goes on behind the quote"),
    "title: @pok": (2, 'a text cannot begin with "@"'),
    "title: `codice`": (2, 'a text cannot begin with "`"'),
    "title: *nuovo* corso": (2, 'a text cannot begin with "*"'),
    "title: &pizza e fichi": (2, 'a text cannot begin with "&"'),
    "title: ! attenzione": (2, 'a text cannot begin with "!"'),
    "title: !!str 2014": (2, 'a text cannot begin with "!"'),
    "title: %20": (2, 'a text cannot begin with "%"'),
    "title: [Bozza] Algebra": (2, 'a text cannot begin with "["'),
    "title: x\nabstract: {figure:pok.learners} persone": (3, 'a text cannot begin with "{"'),
    "title: x\nabstract: {figure:pok.learners}": (3, 'a text cannot begin with "{"'),
    "title: | Algebra": (2, 'a text cannot begin with "|"'),
    "title: > 18 anni": (2, 'a text cannot begin with ">"'),
    "title: ? x": (2, 'a text cannot begin with "?"'),
    "title: - Algebra": (2, "a list cannot begin on the line of its field"),
    "title: Algebra: un inizio": (2, "a second colon"),
    "title: “Algebra: un inizio”": (2, "curly quotes"),
    "title：Algebra": (2, "the colon is a full-width one"),
    "title:Algebra": (2, "there is no blank behind the colon"),
    "title: x\nabstract:Testo\nweeks: 2": (3, "there is no blank behind the colon"),
    "title: x\nkeywords:\n  -uno\n  -due": (4, "there is no blank behind the dash"),
    "title: x\noutcomes:\n- uno\n - due": (5, "not indented"),
    "title: x\ntopics: [a #b]\nweeks: 2": (3, 'what follows " #" is a comment'),
    "title: x\nimage: {src: a, alt: {it: Foto #1, en: x}}": (3, 'what follows " #" is a comment'),
    'title: x\nkeywords: [a, "b" c]': (3, "it is not clear which values these brackets hold"),
    'title: x\nkeywords: [a, "b]': (3, "the quote that opens here is not closed"),
    "title: x\nkeywords: [a, b: c: d]": (3, "it is not clear which values these brackets hold"),
    'title: x\nabstract: "uno\n  due\n  tre': (3, "the quote that opens here is not closed"),
    "title: x\nabstract: Un testo\nche continua\nweeks: 2": (4, "this line is not a field"),
    "title x\nabstract: y": (2, "this line is not a field"),
    "title: x\nkeywords:\n  - uno\n  -due": (5, "there is no blank behind the dash"),
    "title:\xa0Algebra\nweeks: 2": (2, "the blank behind the colon is one that does not break"),
    "title: x\nruns:\n\xa0\xa0- key: a": (4, "a blank that does not break"),
    "title: x\nruns:\n\t- key: a": (4, "a tab where the line is indented"),
    "title: x\ntopics: [a, b": (3, 'the bracket "[" is not closed'),
    "title: x\nimage: {src: a, alt: {it: x}": (3, 'the bracket "{" is not closed'),
    "title: x\ntopics: [a, b]]": (3, "a bracket too many"),
    "title: x\n  weeks: 2": (3, "not indented"),
    "title: x\nruns:\n  - key: a\n   label: b": (5, "not indented"),
    "title: x\n- uno": (3, "not indented"),
    "title: x\ntitle: y": (3, '"title" is given twice'),
    "title: x\nruns:\n  - key: a\n    key: b": (5, '"key" is given twice'),
    'title: x\nabstract: "$\\theta$"': (3, '"\\t" in double quotes is read as another sign'),
    'title: "C:\\new"': (2, '"\\n" in double quotes is read as another sign'),
    'title: "\\sin x"': (2, "a backslash in double quotes begins a sign that does not exist"),
    "Algebra lineare": (2, "this line is not a field"),
    "title: x\n\nIl testo comincia qui\n\n## Titolo": (4, "text stands where only fields may be"),
}


@pytest.mark.parametrize("front", UNREADABLE)
def test_what_cannot_be_read_is_explained_on_the_line_of_the_mistake(front: str) -> None:
    line, message = UNREADABLE[front]

    found = parse_front_matter(f"---\n{front}\n---\nTesto.\n".encode(), "a.md")

    assert isinstance(found, Problem), found
    assert found.line == line and message in found.message and found.hint, found
    assert not any(word in f"{found.message} {found.hint}".lower().split() for word in LIBRARY_WORDS), found


@pytest.mark.parametrize("data", [b"\xef\xbb\xbf---\r\ntitle: x\r\n---\r\nTesto\r\n", b"---\rtitle: x\r---\rTesto\r"])
def test_a_mark_at_the_beginning_and_other_line_ends_change_nothing(data: bytes) -> None:
    found = parse_front_matter(data, "a.md")

    assert isinstance(found, LocatedFields)
    assert (found.data, found.body) == ({"title": "x"}, "Testo\n")


def test_figures_and_redirects_are_read_like_fields(tmp_path: Path) -> None:
    figures = (
        "pok:\n  title: {it: Numeri, en: Numbers}\n  figures:\n    a:\n      value: 1\n      measure: learners\n"
        "      label: {it: x, en: y}\n      definition:\n        it: Chi impara # sempre\n        en: Who learns\n"
        "      source: {title: z}\n      final: yes\n"
    )
    redirects = "- from: /a/\n  gone: true\n  why:\n    it: Non c'è # più\n    en: It is gone\n"

    found = problems(tmp_path, {"figures.yaml": figures, "redirects.yaml": "- {from: /a/, gone: true}\n"})

    assert [one.partition("\n")[0].partition(": ")[0] for one in found] == [
        "content/figures.yaml:12",
        "content/figures.yaml:9",
    ]
    assert list(_redirect_lines(redirects)) == [4]


def _redirect_lines(text: str) -> Iterator[int | None]:
    from openknowledge.redirects.sources import parse_redirects

    _, found = parse_redirects(text, "content/redirects.yaml", LANGS)
    yield from (one.line for one in found)
