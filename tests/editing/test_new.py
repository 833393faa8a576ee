"""A new item starts from a draft that is valid as it is, and stays so with every field filled in."""

import re
from argparse import Namespace
from datetime import date
from pathlib import Path

import pytest
from PIL import Image as Picture

from openknowledge.catalogue.kinds import KINDS
from openknowledge.catalogue.kinds.course import COURSE
from openknowledge.catalogue.kinds.group import TOPIC
from openknowledge.catalogue.kinds.hub import HUB
from openknowledge.catalogue.kinds.press import PRESS
from openknowledge.content.loader import load_content
from openknowledge.content.parse_cache import ParseCache
from openknowledge.content.read_item import ReadOptions
from openknowledge.content.snapshots import SnapshotTable
from openknowledge.editing.new import ask_for, find_kind, item_path, start_item
from openknowledge.editing.terminal import CannotEdit
from openknowledge.engine.build_inputs import FileTree, scan
from openknowledge.engine.workers.pool import WorkerPool

LANGS = ("it", "en")
TODAY = date(2026, 3, 2)
WRITTEN = [kind for kind in KINDS if kind.source]


def a_draft(content: Path, kind=COURSE, slug="algebra", lang="it", title="Algebra", folder="") -> Path:
    return start_item(content, kind, slug, LANGS, title, lang, folder, TODAY)


def problems_in(content: Path) -> list[str]:
    tree, cache = FileTree(content, scan(content)), ParseCache(None)
    options = ReadOptions.create(content, LANGS, "markdown", KINDS)
    index = load_content(tree, SnapshotTable(content, tree, cache), options, cache, WorkerPool(None))
    return [str(problem) for problem in index.problems]


@pytest.fixture
def content(tmp_path: Path) -> Path:
    (tmp_path / "content").mkdir()
    return tmp_path / "content"


@pytest.mark.parametrize("kind", WRITTEN, ids=lambda kind: kind.name)
def test_a_draft_of_each_kind_is_valid_as_it_is(content, kind):
    a_draft(content, kind, folder="webinar" if kind.from_path else "")

    assert problems_in(content) == []


@pytest.mark.parametrize("kind", WRITTEN, ids=lambda kind: kind.name)
def test_every_commented_field_of_a_draft_is_valid(content, kind):
    path = a_draft(content, kind, folder="webinar" if kind.from_path else "")
    Picture.new("RGB", (8, 8)).save(path.parent / "cover.jpg")
    (path.parent / "notes.pdf").write_bytes(b"%PDF")
    text = path.read_text(encoding="utf-8")
    path.write_text(re.sub(r"^# (?=[ \w]+[:-])", "", text, flags=re.MULTILINE), encoding="utf-8")

    assert problems_in(content) == []
    assert len(re.findall(r"^#", path.read_text(encoding="utf-8"), flags=re.MULTILINE)) == 2


def test_the_file_of_the_first_language_holds_facts_and_words(content):
    text = a_draft(content, title='Algebra "lineare"').read_text(encoding="utf-8")

    assert 'title: "Algebra \\"lineare\\""\n' in text
    assert "# weekly_hours: 3  # a whole number\n" in text
    assert "# outcomes: " in text


def test_a_translation_holds_words_only(content):
    a_draft(content)
    path = a_draft(content, lang="en", title="Algebra in English")

    assert path == content / "courses/algebra/index.en.md"
    assert "outcomes" in path.read_text(encoding="utf-8")
    assert "weekly_hours" not in path.read_text(encoding="utf-8")
    assert problems_in(content) == []


def test_an_item_may_begin_in_another_language_than_the_sites_first(content):
    path = a_draft(content, lang="en")

    assert "weekly_hours" in path.read_text(encoding="utf-8")
    assert problems_in(content) == []


@pytest.mark.parametrize(
    ("kind", "lang", "folder", "expected"),
    [
        (COURSE, "it", "", "courses/algebra/index.md"),
        (COURSE, "en", "", "courses/algebra/index.en.md"),
        (TOPIC, "en", "", "topics/algebra.en.md"),
        (PRESS, "it", "", "press/2026/algebra.md"),
        (PRESS, "it", "2020", "press/2020/algebra.md"),
        (HUB, "it", "talk", "hub/talk/algebra.md"),
    ],
)
def test_each_kind_has_its_path(kind, lang, folder, expected):
    assert str(item_path(kind, "algebra", lang, "it", folder, TODAY)) == expected


def test_a_kind_whose_folder_says_something_asks_for_it(content):
    with pytest.raises(CannotEdit, match="--folder=NAME"):
        a_draft(content, HUB)


def test_without_a_title_the_slug_is_the_title(content):
    assert 'title: "Linear algebra"' in a_draft(content, slug="linear-algebra", title="").read_text(encoding="utf-8")


def test_nothing_is_overwritten(content):
    a_draft(content).write_text("mine")

    with pytest.raises(CannotEdit, match="exists already"):
        a_draft(content)
    assert (content / "courses/algebra/index.md").read_text() == "mine"


@pytest.mark.parametrize("slug", ["../x", "Algebra", "a b", ""])
def test_a_slug_that_cannot_be_an_address_is_refused(content, slug):
    with pytest.raises(CannotEdit, match="cannot be part of an address"):
        a_draft(content, slug=slug)
    assert list(content.iterdir()) == []


def test_a_language_that_the_site_does_not_have_is_refused(content):
    with pytest.raises(CannotEdit, match="write one of: it, en"):
        a_draft(content, lang="fr")


def test_a_misspelt_kind_is_recognised():
    with pytest.raises(CannotEdit, match='did you mean "course"'):
        find_kind("corse", KINDS)


def test_a_kind_that_is_synced_is_not_written_by_hand():
    assert all(find_kind(kind.name, KINDS) is kind for kind in WRITTEN)
    for kind in KINDS:
        if kind not in WRITTEN:
            with pytest.raises(CannotEdit):
                find_kind(kind.name, KINDS)


def test_new_asks_until_each_answer_is_one_and_proposes_an_address() -> None:
    answers = iter(["corso", "course", "", "Perché l'algebra?", "Not This", "", "fr", ""])
    asked: list[str] = []

    def ask(question: str) -> str:
        asked.append(question)
        return next(answers)

    options = Namespace(kind="", slug="", title="", lang="", folder="")
    ask_for(options, ("it", "en"), str, ask)

    assert vars(options) == {
        "kind": "course",
        "slug": "perche-l-algebra",
        "title": "Perché l'algebra?",
        "lang": "it",
        "folder": "",
    }
    assert asked[0].startswith("What is it? One of course, ")


def test_new_asks_for_the_folder_of_a_kind_that_lies_in_one() -> None:
    answers = iter(["hub", "Un webinar", "uno", "en", "webinar"])
    options = Namespace(kind="", slug="", title="", lang="", folder="")
    ask_for(options, ("it", "en"), str, lambda _question: next(answers))

    assert (options.slug, options.lang, options.folder) == ("uno", "en", "webinar")


def test_the_remarks_of_a_draft_are_in_the_language_of_messages(tmp_path: Path) -> None:
    path = start_item(tmp_path, COURSE, "algebra", ("it", "en"), "", "it", "", date(2026, 1, 1), lambda _text: "detto")
    remarks = [row.partition("# ")[2] for row in path.read_text("utf-8").splitlines() if "# " in row]

    assert remarks[0] == "detto"
    assert {remark.rpartition("# ")[2] for remark in remarks if ": " in remark} == {"detto"}
