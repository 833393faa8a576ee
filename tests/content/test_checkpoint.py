"""What has not changed since the last build without problems is not checked again."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from unittest import mock

from tests.builders import LANGS, a_language, settings_for, write

from openknowledge.catalogue.assemble import AssembledSite, assemble
from openknowledge.catalogue.kinds import KINDS
from openknowledge.content import loader
from openknowledge.content.item_table import Checkpoint, ItemRow, ItemTable
from openknowledge.content.parse_cache import ParseCache
from openknowledge.content.records import RecordStore
from openknowledge.engine.build_inputs import FileTree, scan
from openknowledge.model.values import Record, Ref

FILES: dict[str, str | bytes] = {
    "courses/algebra/index.md": "---\ntitle: Algebra\nabstract: Vettori.\nstrand: maths\n---\nUn testo.\n",
    "courses/analisi/index.md": "---\ntitle: Analisi\nabstract: Limiti.\n---\n[A]({filename}../algebra/index.md).\n",
    "strands/maths.md": "---\ntitle: Matematica\n---\n",
}
TITLE = "---\ntitle: Scienze matematiche\n---\n"


def build_site(root: Path) -> AssembledSite:
    """Assemble the site as a new process does."""
    cache = ParseCache(root / "cache")
    cache.load()
    assembled = assemble(settings_for(root / "content"), KINDS, {lang: a_language(lang) for lang in LANGS}, cache=cache)
    cache.save()
    return assembled


def checked_items(root: Path) -> list[str]:
    """Return the items that a build checks."""
    return sorted(map(str, build_site(root).content.checked_rows))


def titles_of(assembled: AssembledSite) -> dict[str, str]:
    site = assembled.site.fork()
    return {str(ref): site.title(site.record(ref), "it") for ref in site.refs()}


def a_row(number: int, **changes: Any) -> ItemRow:
    digests = {name: bytes([number]) * 16 for name in ("key", "digest", "stub_digest")}
    sources_of = {"paths_by_lang": (("it", f"{number}.md"),), "has_snapshot_row": False, "file_deps": ()}
    plain = {"references": (), "files": (), "media": (), "appears": None, "has_image": False, "fallback_count": 0}
    urls = {"url_parts": (str(number),), "aliases": ()}
    return ItemRow(**{**digests, **sources_of, **plain, **urls, **changes})


def test_without_a_change_no_item_is_checked(tmp_path: Path) -> None:
    write(tmp_path, FILES)

    assert checked_items(tmp_path) == ["course/algebra", "course/analisi", "strand/maths"]
    assert checked_items(tmp_path) == []


def test_only_the_item_of_a_changed_file_is_checked(tmp_path: Path) -> None:
    content = write(tmp_path, FILES)
    build_site(tmp_path)
    (content / "strands/maths.md").write_text(TITLE)

    again = build_site(tmp_path)

    assert list(again.content.checked_rows) == [Ref("strand", "maths")]
    assert titles_of(again) == {
        "course/algebra": "Algebra",
        "course/analisi": "Analisi",
        "strand/maths": "Scienze matematiche",
    }


def test_an_edited_course_is_compared_with_the_others_without_unpacking_them(tmp_path: Path) -> None:
    front = "---\ntitle: Corso\nabstract: Limiti.\nruns: [{{key: {0}, label: {0}}}]\n{1}---\nUn testo.\n"
    names = {name: front.format(name, "prerequisites: [b]\n" if name == "a" else "") for name in "abcde"}
    content = write(tmp_path, {f"courses/{name}/index.md": text for name, text in names.items()})
    build_site(tmp_path)
    (content / "courses/a/index.md").write_text(names["a"].replace("Un testo", "Altro"))
    unpacked: list[str] = []

    def unpack(store: RecordStore, kind: str, slug: str) -> Record | None:
        unpacked.append(slug)
        return find(store, kind, slug)

    find = RecordStore._find_stub
    with mock.patch.object(RecordStore, "_find_stub", unpack):
        assert build_site(tmp_path).problems == ()

    assert sorted(unpacked) == ["a", "b"]


def test_an_item_is_checked_when_a_file_that_it_links_to_is_deleted(tmp_path: Path) -> None:
    content = write(tmp_path, {**FILES, "courses/analisi/note.pdf": b"%PDF"})
    path = content / "courses/analisi/index.md"
    path.write_text("---\ntitle: Analisi\nabstract: Limiti.\n---\nLe [note]({static}note.pdf).\n")
    assert build_site(tmp_path).problems == ()
    (content / "courses/analisi/note.pdf").unlink()

    again = build_site(tmp_path)

    assert [problem.path for problem in again.problems] == ["content/courses/analisi/index.md"]


def test_a_new_item_appears_and_a_deleted_one_disappears(tmp_path: Path) -> None:
    content = write(tmp_path, FILES)
    build_site(tmp_path)
    write(tmp_path, {"strands/physics.md": "---\ntitle: Fisica\n---\n"})
    assert "strand/physics" in titles_of(build_site(tmp_path))
    (content / "strands/physics.md").unlink()

    assert sorted(titles_of(build_site(tmp_path))) == ["course/algebra", "course/analisi", "strand/maths"]


def test_a_mistake_is_reported_until_it_is_corrected(tmp_path: Path) -> None:
    content = write(tmp_path, FILES)
    build_site(tmp_path)
    (content / "strands/maths.md").write_text("---\ntitel: Scienze\n---\n")

    problems = [build_site(tmp_path).problems for _ in range(2)]

    assert problems[0] == problems[1] != ()
    (content / "strands/maths.md").write_text(TITLE)
    mended = build_site(tmp_path)
    assert mended.problems == ()
    assert titles_of(mended)["strand/maths"] == "Scienze matematiche"


def test_a_failed_item_leaves_the_others_as_they_are(tmp_path: Path) -> None:
    content = write(tmp_path, FILES)
    build_site(tmp_path)
    (content / "courses/analisi/index.md").write_text("---\ntitel: Analisi\n---\n")

    again = build_site(tmp_path)

    assert [str(item.ref) for item in again.content.failed] == ["course/analisi"]
    assert sorted(titles_of(again)) == ["course/algebra", "strand/maths"]


def test_a_file_saved_while_it_is_read_is_cached_by_the_bytes_that_were_read(tmp_path: Path) -> None:
    content = write(tmp_path, FILES)
    path = content / "strands/maths.md"
    build_site(tmp_path)
    path.write_text("---\ntitle: Una\n---\n")
    read = loader.read_item

    def saved_meanwhile(item: Any, *rest: Any) -> Any:
        path.write_text(TITLE)
        return read(item, *rest)

    with mock.patch.object(loader, "read_item", saved_meanwhile):
        build_site(tmp_path)
    path.write_text("---\ntitle: Una\n---\n")

    assert titles_of(build_site(tmp_path))["strand/maths"] == "Una"


def test_a_table_with_a_replaced_row_equals_one_made_with_that_row() -> None:
    rows = {Ref("a-b", "z"): a_row(1), Ref("a", "z"): a_row(2), Ref("a", "b"): a_row(3)}
    new = a_row(4, references=("a/b",), appears="2030-01-01", url_parts=("4",))
    table = ItemTable.from_rows(rows)

    replaced = table.replace_rows({table.positions["a/z"]: (rows[Ref("a", "z")], new)})

    assert replaced.to_plain() == ItemTable.from_rows({**rows, Ref("a", "z"): new}).to_plain()
    assert ItemTable(*replaced.to_plain()).row_at(replaced.positions["a/z"]) == new
    assert [table.slugs(kind) for kind in ("a", "a-b", "c")] == [["b", "z"], ["z"], []]


def test_extras_of_another_form_are_no_checkpoint() -> None:
    for extras in ({}, {"checkpoint": None}, {"checkpoint": (b"",) * 4}, {"checkpoint": [1, 2]}):
        assert Checkpoint.load(extras) is None


def test_a_file_that_was_only_touched_changes_nothing(tmp_path: Path) -> None:
    content = write(tmp_path, FILES)
    build_site(tmp_path)
    (content / "strands/maths.md").touch()

    assert checked_items(tmp_path) == []
    assert FileTree(content, scan(content)).digest("strands/maths.md") != b""
