"""The query graph goes on from build to build, in one process and in the next."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest import mock

import pytest
from tests.rebuilding.edits import the_address_of_a_list
from tests.rebuilding.workshop import Workshop, difference

from openknowledge.engine.build_state import BuildState
from openknowledge.engine.scheduler import Scheduler


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


def test_rules_never_have_the_names_of_inputs_or_queries(empty_shop: Workshop) -> None:
    """Under one name an action and a query would be one node of the graph, and each would undo the other."""
    with noted_rules() as lines:
        assert empty_shop.build().is_good

    assert empty_shop.session.site is not None
    inputs = empty_shop.session.site._inputs
    assert {"page", "feed", "media", "drawing"} <= lines
    assert not lines & {*inputs.digesters, *inputs.queries}


def test_a_course_with_another_subject_has_another_cover(shop: Workshop) -> None:
    before = {path for path in shop.read_output() if path.startswith("covers/course/algebra")}

    shop.replace("courses/algebra/index.md", "subject: mathematics", "subject: physics")
    shop.build()

    after = {path for path in shop.read_output() if path.startswith("covers/course/algebra")}
    assert len(before) == len(after) == 1
    assert before != after
    assert difference(shop.read_output(), shop.clean()) == []


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
    assert difference(shop.read_output(), shop.clean()) == ["too much: theirs.txt"]


def test_a_mistake_that_shows_late_leaves_no_new_file(shop: Workshop) -> None:
    """The theme's files are written first, and two pages in one place are found when the lists are made."""
    before = shop.read_output()

    the_address_of_a_list(shop, 0)
    output = shop.build()

    assert [problem.partition(":")[0] for problem in output.problems] == ["content/pages/corsi.md"] * len(
        output.problems
    )
    assert not output.is_good
    assert difference(shop.read_output(), before) == []


def test_how_templates_are_read_is_part_of_what_pages_are_made_of(shop: Workshop) -> None:
    shop.settings["JINJA_ENVIRONMENT"] = {"autoescape": True, "trim_blocks": False, "lstrip_blocks": False}
    output = shop.build()

    assert output.executed["page"] == output.planned["page"]
    assert difference(shop.read_output(), shop.clean()) == []


def test_the_page_of_a_broken_item_names_the_file_that_is_there_now(shop: Workshop) -> None:
    shop.settings["KEEP_GOING"] = True
    shop.write("people/bruno.md", "---\ntitel: Bruno\n---\n")
    shop.write("people/bruno.en.md", "---\ntitel: Bruno\n---\n")
    shop.build()

    shop.remove("people/bruno.md")
    shop.build()

    assert "people/bruno.en.md" in (shop.output / "persone/bruno/index.html").read_text("utf-8")
    assert difference(shop.read_output(), shop.clean()) == []
