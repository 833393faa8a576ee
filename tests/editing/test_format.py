"""Fields come into the order of their models; every byte of what they say stays."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from openknowledge.catalogue.kinds.course import COURSE
from openknowledge.catalogue.kinds.press import PRESS
from openknowledge.content.located_yaml import LocatedFields, load_yaml
from openknowledge.editing.canonical_order import format_files, format_text
from openknowledge.editing.loading import find_kind_of_path
from openknowledge.editing.terminal import CannotEdit
from openknowledge.problems import ContentProblems

CONTENT = Path(__file__).parents[2] / "content"


def a_file(front: str) -> str:
    return f"---\n{front}---\n\nIl testo.\r\nweeks: 3\n"


def test_fields_come_in_the_order_of_words_and_facts_with_the_remarks_above_them() -> None:
    text = a_file("weeks:   6  # forse 7\n# Il sottotitolo manca.\nabstract: 'Uno,\n  due.'\ntitle: \"A: b\"\n")

    assert format_text(text, COURSE) == a_file(
        "title: \"A: b\"\n# Il sottotitolo manca.\nabstract: 'Uno,\n  due.'\nweeks:   6  # forse 7\n"
    )


def test_fields_of_groups_and_of_entries_come_in_their_order_too() -> None:
    text = a_file("title: A\nruns:\n  - label: Uno\n    key: a\n\n  - key: b\n    label: Due\n")

    assert format_text(text, COURSE) == a_file(
        "title: A\nruns:\n  - key: a\n    label: Uno\n\n  - key: b\n    label: Due\n"
    )
    assert "contact:\n  name: x\n  email: a@b.it\n" in format_text(
        a_file("title: A\npublished: 2026-01-01\ncontact:\n  email: a@b.it\n  name: x\n"), PRESS
    )


@pytest.mark.parametrize(
    "front",
    [
        "{weeks: 6, title: A}\n",
        "title: A\nruns:\n  - label: Uno\n    # sopra\n    key: a\n",
        "title: A\nruns: [{label: Uno, key: a}]\n",
    ],
    ids=["one row", "a remark inside an entry", "braces"],
)
def test_what_cannot_be_moved_by_rows_stays_as_it_is(front: str) -> None:
    assert format_text(a_file(front), COURSE) == a_file(front)


def test_a_text_of_several_rows_moves_as_a_whole() -> None:
    text = a_file("weeks: 6\nabstract: |\n  Una riga.\n\n  # non è una nota\n  weeks: 9\ntitle: A\n")

    assert format_text(text, COURSE) == a_file(
        "title: A\nabstract: |\n  Una riga.\n\n  # non è una nota\n  weeks: 9\nweeks: 6\n"
    )


def test_line_ends_and_a_byte_order_mark_stay() -> None:
    text = "\ufeff---\r\nweeks: 6\r\ntitle: A\r\n---\r\nTesto\r\n"

    assert format_text(text, COURSE) == "\ufeff---\r\ntitle: A\r\nweeks: 6\r\n---\r\nTesto\r\n"


def test_a_file_with_a_problem_is_refused_and_another_one_is_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    shutil.copyfile(CONTENT.parent / "pelicanconf.py", tmp_path / "pelicanconf.py")
    (tmp_path / "theme").symlink_to(CONTENT.parent / "theme")
    files = {name: tmp_path / f"content/courses/{name}/index.md" for name in ("wrong", "right")}
    for path in files.values():
        path.parent.mkdir(parents=True)
    files["wrong"].write_text("---\nweeks: sei\ntitle: A\n---\n")
    files["right"].write_text("---\nweeks: 6\ntitle: A\n---\n")

    with pytest.raises(ContentProblems, match="Nothing was changed"):
        format_files([files["wrong"]], checks_only=False)
    with pytest.raises(CannotEdit, match="courses/right"):
        format_files([files["right"]], checks_only=True)
    assert files["right"].read_text().startswith("---\nweeks")

    format_files([files["right"]], checks_only=False)
    assert files["right"].read_text() == "---\ntitle: A\nweeks: 6\n---\n"
    assert format_files([files["right"]], checks_only=True) == "0 files changed."


def test_real_files_are_ordered_once_and_lose_no_row() -> None:
    for path in sorted(CONTENT.rglob("*.md")):
        kind = find_kind_of_path(path.relative_to(CONTENT).as_posix())
        if kind is None:
            continue
        text = path.read_bytes().decode()
        formatted = format_text(text, kind)

        assert format_text(formatted, kind) == formatted
        assert sorted(formatted.splitlines(keepends=True)) == sorted(text.splitlines(keepends=True))
        assert data(formatted) == data(text)


def data(text: str) -> object:
    fields = load_yaml(text.split("---\n", 2)[1], "x.md")
    assert isinstance(fields, LocatedFields)
    return fields.data


def test_the_repository_has_its_own_fields_in_order() -> None:
    files = [(path, find_kind_of_path(path.relative_to(CONTENT).as_posix())) for path in sorted(CONTENT.rglob("*.md"))]
    texts = [(path, path.read_text("utf-8"), kind) for path, kind in files if kind is not None]

    assert len(texts) > 100
    assert [path.name for path, text, kind in texts if format_text(text, kind) != text] == []
