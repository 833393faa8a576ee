"""How much each kind of edit rebuilds of the site's own content: a table for readers, exact to the file.

A row that no longer fits after an edit of content/ is to be read and renewed: each says what ought to follow from what.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from tests.chance import Chance
from tests.rebuilding.workshop import BuildReport, Workshop, counting_reads, difference, sync_text
from tests.site.small import ROOT
from tests.site.whole import synced_content

from openknowledge.manifest import MANIFEST

TODAY = "2026-11-22"
COURSE = "courses/coding/index.md"
SERIES = "snapshots/enrollments/active-learning.csv"
Edit = Callable[[Workshop], None]


def a_word(shop: Workshop) -> None:
    shop.write(COURSE, shop.read(COURSE) + "\nUnaparolanuova.\n")


def a_title(shop: Workshop) -> None:
    shop.replace(COURSE, "title: Coding", "title: Codice")


def an_abstract(shop: Workshop) -> None:
    shop.replace(COURSE, 'abstract: "La', 'abstract: "Ecco la')


def an_alias(shop: Workshop) -> None:
    shop.replace(COURSE, "title: Coding", "title: Coding\naliases: [/corsi/programmare/]")


def a_video(shop: Workshop) -> None:
    """Add the newest video of its channel."""
    path = sorted(shop.content.glob("snapshots/*/videos*.jsonl"))[-1]
    rows = [json.loads(line) for line in path.read_text("utf-8").split("\n") if line]
    newest = max(rows, key=lambda row: str(row["published"]))
    fresh = {**newest, "slug": "un-filmato-nuovo", "title": "Un filmato nuovo"}
    fresh.pop("youtube_id", None)
    path.write_text(sync_text([*rows, fresh]), "utf-8")


def a_point(shop: Workshop) -> None:
    last = shop.read(SERIES).rstrip().rpartition(",")[2]
    shop.write(SERIES, f"{shop.read(SERIES).rstrip()}\n2026-11-01,{int(last) + 7}\n")


def a_figure(shop: Workshop) -> None:
    text = shop.read("figures.yaml")
    shop.write("figures.yaml", re.sub(r"value: (\d+)", lambda found: f"value: {int(found[1]) + 1}", text, count=1))


def template(name: str) -> Edit:
    def edit(shop: Workshop) -> None:
        path = shop.theme / "templates" / name
        path.write_text(path.read_text("utf-8").replace('class="', 'class="new ', 1), "utf-8")

    return edit


def a_word_of_the_interface(shop: Workshop) -> None:
    path = shop.theme / "locale/it/LC_MESSAGES/messages.po"
    path.write_text(path.read_text("utf-8").replace('msgstr "Docenti"', 'msgstr "Chi insegna"', 1), "utf-8")


def the_day(shop: Workshop) -> None:
    """Build for the next day, on which nothing begins, ends or grows old."""
    shop.settings["BUILD_DATE"] = "2026-11-23"


@dataclass(frozen=True)
class Row:
    """What follows from an edit: items read, pages and feeds rendered, all files whose bytes are other ones."""

    edit: Edit
    read: int
    pages: int
    feeds: int
    files: int


# fmt: off
TABLE = {
    #                                                        read pages feeds files
    "a word of a course's text":       Row(a_word,               1,    1,    4,   10),
    "a course's title":                Row(a_title,              1,   12,    4,   22),
    "a course's abstract":             Row(an_abstract,          1,   11,    4,   21),
    "an old address":                  Row(an_alias,             1,    0,    0,    2),
    "a new video":                     Row(a_video,              1,   20,    4,   58),
    "a point of a counter":            Row(a_point,              0,   28,    0,   33),
    "a figure":                        Row(a_figure,             0,    8,   12,   38),
    "the template of one kind":        Row(template("course.html"), 0, 32,   0,   32),
    "the footer":                      Row(template("components/colophon.html"), 0, 294, 0, 331),
    "a word of the interface":         Row(a_word_of_the_interface, 0, 17,   0,   20),
    "the day, which changes nothing":  Row(the_day,              0,    0,    0,    0),
}
# fmt: on


class Site:
    """A built site that is restored after each edit."""

    def __init__(self, shop: Workshop) -> None:
        self.shop = shop
        shop.settle()
        assert shop.build().is_good
        self.before = shop.read_output()
        self.pages = sum(path.endswith(".html") for path in self.before)
        self._built = shop.snapshot()

    def edited(self, edit: Edit) -> tuple[BuildReport, list[str]]:
        """Build after an edit, and return the report and the items that were read."""
        edit(self.shop)
        with counting_reads() as read:
            output = self.shop.build()
        assert output.is_good, output.problems
        return output, list(read)

    def put_back(self) -> None:
        """Put the folders back to what they were, and have this process know the site as after a build."""
        self._built.restore()
        assert self.shop.build().is_good


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    shop = Workshop(tmp_path_factory.mktemp("counts"), ROOT / "content", BUILD_DATE=TODAY)
    yield Site(shop)
    shop.forget()


@pytest.fixture(scope="module")
def large_site(tmp_path_factory: pytest.TempPathFactory, shared_data: Path) -> Iterator[Site]:
    """Return the site with all videos of the shared data."""
    folder = tmp_path_factory.mktemp("large")
    shop = Workshop(folder / "shop", synced_content(folder, shared_data), BUILD_DATE=TODAY)
    yield Site(shop)
    shop.forget()


@pytest.mark.parametrize("name", TABLE)
def test_an_edit_makes_so_much_and_no_more(site: Site, name: str) -> None:
    row = TABLE[name]
    output, read = site.edited(row.edit)
    try:
        assert found(row, output, read) == row
        assert set(output.changed) == really_changed(site)
    finally:
        site.put_back()


def found(row: Row, output: BuildReport, read: list[str]) -> Row:
    """Return the row of the table as a build has it."""
    return Row(row.edit, len(read), output.executed.get("page", 0), output.executed.get("feed", 0), len(output.changed))


def really_changed(site: Site) -> set[str]:
    """Return the files that an edit changed or brought."""
    after = site.shop.read_output()
    return {path for path, digest in after.items() if site.before.get(path) != digest} - {MANIFEST}


def test_all_edits_in_a_row_give_what_a_clean_build_gives(site: Site, chance: Chance) -> None:
    """A quick run builds after every fourth of them."""
    try:
        for number, row in enumerate(reversed(TABLE.values()), 1):
            row.edit(site.shop)
            if chance.is_thorough or number % 4 == 0 or number == len(TABLE):
                assert site.shop.build().is_good
        assert difference(site.shop.read_output(), site.shop.clean()) == []
    finally:
        site.put_back()


def test_a_new_word_is_in_every_file_that_it_changes_and_in_no_other(site: Site) -> None:
    output, _ = site.edited(a_word)
    try:
        texts = {path for path in site.shop.output.rglob("*") if path.suffix in (".html", ".xml", ".json")}
        having = {path for path in texts if b"unaparolanuov" in path.read_bytes().lower()}
        assert {path.relative_to(site.shop.output).as_posix() for path in having} == set(output.changed)
    finally:
        site.put_back()


def test_the_footer_is_on_every_page(site: Site) -> None:
    assert TABLE["the footer"].files == site.pages


# fmt: off
LARGE_TABLE = {
    #                                                        read pages feeds files
    "a word of a course's text":       Row(a_word,               1,    1,    4,   10),
    "a course's title":                Row(a_title,              1,   12,    4,   22),
    "a new video":                     Row(a_video,              1,   10,    4,  188),
    "a point of a counter":            Row(a_point,              0,   28,    0,   33),
    "the template of one kind":        Row(template("course.html"), 0, 32,   0,   32),
    "a word of the interface":         Row(a_word_of_the_interface, 0, 17,   0,   20),
    "the day, which changes nothing":  Row(the_day,              0,    0,    0,    0),
}
# fmt: on


@pytest.mark.conformance
@pytest.mark.parametrize("name", LARGE_TABLE)
def test_an_edit_makes_as_little_among_thousands_of_videos(large_site: Site, name: str) -> None:
    row = LARGE_TABLE[name]
    output, read = large_site.edited(row.edit)
    try:
        assert found(row, output, read) == row
    finally:
        large_site.put_back()
