"""A preview with the real theme serves every save, and reports problems until they are repaired."""

from __future__ import annotations

import signal
from collections.abc import Iterator

import pytest
from tests.preview.previews import PATIENCE_S, Running, a_project, previewed

ALGEBRA = "content/courses/algebra/index.md"


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with previewed(a_project(tmp_path_factory.mktemp("preview") / "project")) as preview:
        yield preview


def test_a_saved_word_is_served_by_the_same_process(running: Running) -> None:
    running.edit(ALGEBRA, "le persone.", "le persone del mondo.")

    running.until(lambda: "del mondo" in running.get("/corsi/algebra/"))

    assert not running.has_printed("Starting anew")


def test_of_a_burst_of_saves_the_last_one_counts(running: Running) -> None:
    for number in range(20):
        (running.project / "content/topics/numeri.md").write_text(
            f"---\ntitle: Numeri {number}\nabstract: Che cosa si conta.\n---\n", "utf-8"
        )

    running.until(lambda: "Numeri 19" in running.get("/temi/numeri/"))


def test_a_broken_item_shows_its_problem_until_it_is_repaired_and_others_stay(running: Running) -> None:
    running.edit(ALGEBRA, "weeks: 6", "weeks: many")
    running.until(lambda: f"{ALGEBRA}:" in running.get("/corsi/algebra/"))
    elsewhere = running.get("/corsi/geometria/")
    running.edit(ALGEBRA, "weeks: many", "weeks: 6")
    running.until(lambda: "Algebra lineare" in (now := running.get("/corsi/algebra/")) and "preview-panel" not in now)

    assert "Geometria" in elsewhere
    assert f"{ALGEBRA}:" in elsewhere


def test_a_template_that_cannot_be_read_is_one_line_and_the_pages_stay(running: Running) -> None:
    template = "theme/templates/course.html"
    before = (running.project / template).read_text("utf-8")
    (running.project / template).write_text(before + "{% nonsense %}", "utf-8")
    running.until(lambda: "TemplateSyntaxError" in running.get("/corsi/algebra/"))
    broken = running.get("/corsi/algebra/")
    (running.project / template).write_text(before, "utf-8")
    running.until(lambda: "<main" in (now := running.get("/corsi/algebra/")) and "preview-panel" not in now)

    assert "Algebra lineare" in broken
    assert "Traceback" not in broken


def test_new_settings_are_taken_up_at_the_same_address(running: Running) -> None:
    address = running.address
    running.edit("pelicanconf.py", '"en": "What the Politecnico', '"en": "All that the Politecnico')

    running.until(lambda: "All that the Politecnico" in running.get("/en/"))

    assert running.address == address


def test_a_page_of_a_folder_that_went_goes_last(running: Running) -> None:
    folder = running.project / "content/press"
    for path in sorted(folder.rglob("*"), reverse=True):
        path.rmdir() if path.is_dir() else path.unlink()

    running.until(lambda: "Cento corsi" not in running.get("/stampa/2025/cento-corsi/"))


def test_an_interruption_ends_it_without_noise(running: Running) -> None:
    """This is the last test, because it ends the preview of the others."""
    before = len(running.printed)
    running.process.send_signal(signal.SIGINT)
    running.process.wait(PATIENCE_S)
    running.reader.join(PATIENCE_S)

    assert running.process.returncode == 0
    assert running.printed[-1] == "Stopped.\n"
    assert not any("Traceback" in line for line in running.printed[before:])
