"""What did not change since the last sound build is taken as it was, and nothing else is."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from unittest import mock

from tests.builders import LANGS, a_language, settings_for, write

from openknowledge.catalogue.assemble import AssembledSite, assemble
from openknowledge.catalogue.kinds import KINDS
from openknowledge.content import loader
from openknowledge.content.checkpoint import Checkpoint
from openknowledge.content.item_table import ItemRow, ItemTable
from openknowledge.content.parse_cache import ParseCache
from openknowledge.engine.file_stamps import FileTree, scan
from openknowledge.model.values import Ref

FILES: dict[str, str | bytes] = {
    "courses/algebra/index.md": "---\ntitle: Algebra\nabstract: Vettori.\nstrand: maths\n---\nUn testo.\n",
    "courses/analisi/index.md": "---\ntitle: Analisi\nabstract: Limiti.\n---\n[A]({filename}../algebra/index.md).\n",
    "strands/maths.md": "---\ntitle: Matematica\n---\n",
}
TITLE = "---\ntitle: Scienze matematiche\n---\n"


def built(root: Path) -> AssembledSite:
    """What a new process makes of the content."""
    cache = ParseCache(root / "cache")
    cache.load()
    made = assemble(settings_for(root / "content"), KINDS, {lang: a_language(lang) for lang in LANGS}, cache=cache)
    cache.save()
    return made


def looked_at(root: Path) -> list[str]:
    """The items that a build looks at."""
    return sorted(map(str, built(root).content.checked_rows))


def titles(made: AssembledSite) -> dict[str, str]:
    site = made.site.fork()
    return {str(ref): site.title(site.record(ref), "it") for ref in site.refs()}


def a_row(number: int, **changes: Any) -> ItemRow:
    digests = {name: bytes([number]) * 16 for name in ("key", "digest", "stub_digest")}
    made_of = {"paths_by_lang": (("it", f"{number}.md"),), "has_snapshot_row": False, "file_deps": ()}
    plain = {"references": (), "files": (), "media": (), "embargo": None, "has_image": False, "fallback_count": 0}
    urls = {"url_parts": (str(number),), "aliases": ()}
    return ItemRow(**{**digests, **made_of, **plain, **urls, **changes})


def test_nothing_is_looked_at_where_nothing_changed(tmp_path: Path) -> None:
    write(tmp_path, FILES)

    assert looked_at(tmp_path) == ["course/algebra", "course/analisi", "strand/maths"]
    assert looked_at(tmp_path) == []


def test_only_the_item_of_a_file_that_changed_is_looked_at(tmp_path: Path) -> None:
    content = write(tmp_path, FILES)
    built(tmp_path)
    (content / "strands/maths.md").write_text(TITLE)

    again = built(tmp_path)

    assert list(again.content.checked_rows) == [Ref("strand", "maths")]
    assert titles(again) == {
        "course/algebra": "Algebra",
        "course/analisi": "Analisi",
        "strand/maths": "Scienze matematiche",
    }


def test_an_item_is_looked_at_when_a_file_that_it_links_to_is_gone(tmp_path: Path) -> None:
    content = write(tmp_path, {**FILES, "courses/analisi/note.pdf": b"%PDF"})
    path = content / "courses/analisi/index.md"
    path.write_text("---\ntitle: Analisi\nabstract: Limiti.\n---\nLe [note]({static}note.pdf).\n")
    assert built(tmp_path).problems == ()
    (content / "courses/analisi/note.pdf").unlink()

    again = built(tmp_path)

    assert [problem.path for problem in again.problems] == ["content/courses/analisi/index.md"]


def test_an_item_that_appears_is_found_and_one_that_goes_is_not(tmp_path: Path) -> None:
    content = write(tmp_path, FILES)
    built(tmp_path)
    write(tmp_path, {"strands/physics.md": "---\ntitle: Fisica\n---\n"})
    assert "strand/physics" in titles(built(tmp_path))
    (content / "strands/physics.md").unlink()

    assert sorted(titles(built(tmp_path))) == ["course/algebra", "course/analisi", "strand/maths"]


def test_a_mistake_is_told_until_it_is_mended(tmp_path: Path) -> None:
    content = write(tmp_path, FILES)
    built(tmp_path)
    (content / "strands/maths.md").write_text("---\ntitel: Scienze\n---\n")

    told = [built(tmp_path).problems for _ in range(2)]

    assert told[0] == told[1] != ()
    (content / "strands/maths.md").write_text(TITLE)
    mended = built(tmp_path)
    assert mended.problems == ()
    assert titles(mended)["strand/maths"] == "Scienze matematiche"


def test_a_broken_item_takes_none_of_the_others_with_it(tmp_path: Path) -> None:
    content = write(tmp_path, FILES)
    built(tmp_path)
    (content / "courses/analisi/index.md").write_text("---\ntitel: Analisi\n---\n")

    again = built(tmp_path)

    assert [str(one.ref) for one in again.failed_items] == ["course/analisi"]
    assert sorted(titles(again)) == ["course/algebra", "strand/maths"]


def test_what_was_saved_while_it_was_read_is_not_taken_for_what_was_looked_at(tmp_path: Path) -> None:
    content = write(tmp_path, FILES)
    path = content / "strands/maths.md"
    built(tmp_path)
    path.write_text("---\ntitle: Una\n---\n")
    read = loader.read_item

    def saved_meanwhile(item: Any, *rest: Any) -> Any:
        path.write_text(TITLE)
        return read(item, *rest)

    with mock.patch.object(loader, "read_item", saved_meanwhile):
        built(tmp_path)
    path.write_text("---\ntitle: Una\n---\n")

    assert titles(built(tmp_path))["strand/maths"] == "Una"


def test_columns_with_another_row_are_those_that_were_made_with_it() -> None:
    rows = {Ref("a-b", "z"): a_row(1), Ref("a", "z"): a_row(2), Ref("a", "b"): a_row(3)}
    new = a_row(4, references=("a/b",), embargo="2030-01-01", url_parts=("4",))
    columns = ItemTable.from_rows(rows)

    replaced = columns.with_rows({columns.positions["a/z"]: (rows[Ref("a", "z")], new)})

    assert replaced.to_plain() == ItemTable.from_rows({**rows, Ref("a", "z"): new}).to_plain()
    assert ItemTable(*replaced.to_plain()).row_at(replaced.positions["a/z"]) == new
    assert [columns.slugs(kind) for kind in ("a", "a-b", "c")] == [["b", "z"], ["z"], []]


def test_what_somebody_else_remembers_is_nothing() -> None:
    for extras in ({}, {"checkpoint": None}, {"checkpoint": (b"",) * 4}, {"checkpoint": [1, 2]}):
        assert Checkpoint.load(extras) is None


def test_a_file_that_was_only_touched_puts_nothing_in_doubt(tmp_path: Path) -> None:
    content = write(tmp_path, FILES)
    built(tmp_path)
    (content / "strands/maths.md").touch()

    assert looked_at(tmp_path) == []
    assert FileTree(content, scan(content)).digest("strands/maths.md") != b""
