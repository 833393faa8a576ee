"""Files that change while a build reads them are read again by the next build."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from unittest import mock

import pytest
from tests.rebuilding.workshop import Workshop, a_picture, difference

from openknowledge.content import loader, numbers
from openknowledge.content.snapshots import SnapshotTable
from openknowledge.engine.scheduler import Scheduler

COURSE = "courses/geometria/index.md"
VIDEOS = "snapshots/youtube/videos-2024.jsonl"
SERIES = "snapshots/enrollments/algebra.csv"
PICTURED = "---\nimage: {src: foto.png, alt: {it: Foto, en: Photo}}\n"


@contextmanager
def just_before(place: Any, name: str, change: Callable[[], object]) -> Iterator[None]:
    """Save a file after it was looked at and before it is read."""
    plain = getattr(place, name)
    done: list[bool] = []

    def late(*arguments: Any, **named: Any) -> Any:
        if not done:
            done.append(True)
            change()
        return plain(*arguments, **named)

    with mock.patch.object(place, name, late):
        yield
    assert done


@pytest.mark.parametrize(
    ("name", "old", "new", "place", "function"),
    [
        (COURSE, "Forme", "Solidi", loader, "read_item"),
        (VIDEOS, "Filmato numero 3", "Altro", SnapshotTable, "_parse"),
        (SERIES, "1200", "1300", numbers, "read_series_file"),
        ("figures.yaml", "12345", "54321", numbers, "read_figures"),
    ],
)
def test_what_was_saved_while_it_was_read_and_then_undone_is_undone(
    shop: Workshop, name: str, old: str, new: str, place: Any, function: str
) -> None:
    before = shop.read_output()
    shop.replace(name, old, f"{new}1")
    with just_before(place, function, lambda: shop.replace(name, f"{new}1", new)):
        shop.build()
    shop.forget()
    shop.build()
    assert difference(shop.read_output(), shop.clean()) == []

    shop.replace(name, new, old)
    shop.settle()
    shop.forget()
    shop.build()

    assert difference(shop.read_output(), before) == []


def test_a_template_that_was_saved_while_pages_were_made_is_looked_at_again(shop: Workshop) -> None:
    before = shop.read_output()
    path = shop.theme / "templates/course.html"
    text = path.read_text("utf-8")
    shop.replace(COURSE, "Forme", "Solidi")
    with just_before(
        Scheduler, "run_rule", lambda: path.write_text(text.replace('class="', 'class="new ', 1), "utf-8")
    ):
        shop.build()
    shop.forget()
    shop.build()
    assert difference(shop.read_output(), shop.clean()) == []

    path.write_text(text, "utf-8")
    shop.replace(COURSE, "Solidi", "Forme")
    shop.forget()
    shop.build()

    assert difference(shop.read_output(), before) == []


def test_a_picture_that_was_saved_while_it_was_copied_is_copied_again(shop: Workshop) -> None:
    shop.write("courses/geometria/foto.png", a_picture(60, 10))
    shop.write(COURSE, shop.read(COURSE).replace("---\n", PICTURED, 1))
    shop.settle()
    with just_before(Scheduler, "run_rule", lambda: shop.write("courses/geometria/foto.png", a_picture(60, 20))):
        shop.build()

    shop.write("courses/geometria/foto.png", a_picture(60, 10))
    shop.settle()
    shop.forget()
    shop.build()

    assert difference(shop.read_output(), shop.clean()) == []
