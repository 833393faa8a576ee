"""A book goes on from build to build: in one process with answers in memory, in the next with what was written."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterator
from contextlib import contextmanager
from typing import Any
from unittest import mock

import pytest
from tests.rebuilding.edits import the_address_of_a_list
from tests.rebuilding.workshop import Workshop, difference

from openknowledge.engine import pelican_writer
from openknowledge.engine.build_state import BuildState
from openknowledge.engine.digest import digest
from openknowledge.engine.query_graph import QueryGraph
from openknowledge.engine.scheduler import Scheduler

Question = Callable[[Callable[[str], Any], Callable[[str], Any]], Any]


@contextmanager
def noted_rules() -> Iterator[set[str]]:
    """Collect the names of the rules that run meanwhile."""
    found: set[str] = set()
    plain = Scheduler.run_rule

    def noted(self: Scheduler, line: Any, *rest: Any) -> int:
        found.add(line.name)
        return plain(self, line, *rest)

    with mock.patch.object(Scheduler, "run_rule", noted):
        yield found


class Room:
    """A book with facts that can be changed, questions about them, and one product that asked some of them."""

    def __init__(self, questions: dict[str, Question], **facts: Any) -> None:
        self.questions, self.facts, self.book = questions, facts, QueryGraph()
        self.begin(())

    def begin(self, keeping: Container[str]) -> None:
        self.book.start_build(self.look, self.answer, keeping)

    def look(self, key: str) -> bytes | None:
        return digest(self.facts[key]) if key in self.facts else None

    def answer(self, key: str, notes: dict[int, None]) -> Any:
        def fact(name: str) -> Any:
            self.book.read_input(name, self.look, notes)
            return self.facts.get(name)

        return self.questions[key](fact, lambda other: self.book.query(other, notes))

    def made(self, *asked: str) -> tuple[Any, ...]:
        """Make the page from its answers, as a build does, and end the build."""
        notes: dict[int, None] = {}
        value = tuple(self.book.query(key, notes) for key in asked)
        self.book.record(self.book.intern("page"), digest(value), tuple(notes))
        self.book.finish_build()
        return value

    def is_current(self) -> bool:
        return self.book.is_up_to_date(self.book.numbers["page"])


def test_a_query_that_was_executed_while_it_was_checked_has_its_answer() -> None:
    room = Room({"parity": lambda fact, _: fact("count") % 2, "said": lambda _, ask: f"is {ask('parity')}"}, count=1)
    room.made("said")

    room.facts["count"] = 3
    room.begin(())

    assert room.made("said") == ("is 1",)


def test_a_memo_that_was_renewed_while_it_was_checked_is_the_new_answer() -> None:
    room = Room({"count-kept": lambda fact, _: fact("count")}, count=1)
    room.begin(("count-kept",))
    room.made("count-kept")

    room.facts["count"] = 2
    room.begin(("count-kept",))

    assert room.made("count-kept") == (2,)


def test_what_is_not_there_and_was_not_there_has_not_changed() -> None:
    room = Room({"about": lambda fact, _: fact("missing")}, other=1)
    room.made("about")

    room.begin(())

    assert room.is_current()
    assert not room.book.changed


def test_products_are_never_called_like_what_they_are_made_of(empty_shop: Workshop) -> None:
    """One name for a product and for a question would be one entry in the book: each would undo the other."""
    with noted_rules() as lines:
        assert empty_shop.build().is_good

    assert pelican_writer.session._site is not None
    inputs = pelican_writer.session._site._inputs
    assert {"page", "feed", "media", "drawing"} <= lines
    assert not lines & {*inputs.digesters, *inputs.queries}


def test_a_course_with_another_subject_has_another_cover(shop: Workshop) -> None:
    before = {path for path in shop.made() if path.startswith("covers/course/algebra")}

    shop.replace("courses/algebra/index.md", "subject: mathematics", "subject: physics")
    shop.build()

    after = {path for path in shop.made() if path.startswith("covers/course/algebra")}
    assert len(before) == len(after) == 1
    assert before != after
    assert difference(shop.made(), shop.clean()) == []


def test_a_file_to_take_away_is_taken_away_as_it_is_now(shop: Workshop) -> None:
    shop.write("pages/privacy.md", "---\ntitle: Privacy\n---\n[Allegato]({static}allegato.txt)\n")
    for text in ("uno", "due", "tre"):
        shop.write("pages/allegato.txt", text)
        shop.build()

        assert (shop.output / "media/pages/allegato.txt").read_text() == text


def test_a_page_of_a_build_that_did_not_end_goes_with_its_item(shop: Workshop) -> None:
    """Only the journal of new files says that the page is an output of ours."""
    (shop.output / "theirs.txt").write_text("not ours")
    shop.write("topics/breve.md", "---\ntitle: Breve\n---\n")
    with mock.patch.object(BuildState, "write", side_effect=KeyboardInterrupt), pytest.raises(KeyboardInterrupt):
        shop.build()
    shop.forget()
    assert (shop.output / "temi/breve/index.html").is_file()

    shop.remove("topics/breve.md")
    shop.build()

    assert not (shop.output / "temi/breve").exists()
    assert difference(shop.made(), shop.clean()) == ["too much: theirs.txt"]


def test_a_mistake_that_shows_late_leaves_no_new_file(shop: Workshop) -> None:
    """The theme's files are written first, and two pages in one place are found when the lists are made."""
    before = shop.made()

    the_address_of_a_list(shop, 0)
    told = shop.build()

    assert [problem.partition(":")[0] for problem in told.problems] == ["content/pages/corsi.md"] * len(told.problems)
    assert not told.is_good
    assert difference(shop.made(), before) == []


def test_how_templates_are_read_is_part_of_what_pages_are_made_of(shop: Workshop) -> None:
    shop.settings["JINJA_ENVIRONMENT"] = {"autoescape": True, "trim_blocks": False, "lstrip_blocks": False}
    told = shop.build()

    assert told.rendered["page"] == told.viewed["page"]
    assert difference(shop.made(), shop.clean()) == []


def test_the_page_of_a_broken_item_names_the_file_that_is_there_now(shop: Workshop) -> None:
    shop.settings["KEEP_GOING"] = True
    shop.write("people/bruno.md", "---\ntitel: Bruno\n---\n")
    shop.write("people/bruno.en.md", "---\ntitel: Bruno\n---\n")
    shop.build()

    shop.remove("people/bruno.md")
    shop.build()

    assert "people/bruno.en.md" in (shop.output / "persone/bruno/index.html").read_text("utf-8")
    assert difference(shop.made(), shop.clean()) == []
