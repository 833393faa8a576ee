"""The counters are built alone and exchanged in a built site, and all else is left to the next build."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from tests.publish.builders import a_site
from tests.rebuilding.workshop import BuildReport, Snapshot, Workshop, difference
from tests.site.small import digest

from openknowledge.engine import precompress, renewal
from openknowledge.engine.build_state import BUILD_STATE
from openknowledge.engine.session import BuildSession
from openknowledge.manifest import MANIFEST, UNFINISHED, Manifest
from openknowledge.publish.built_site import open_site
from openknowledge.publish.release import Commit

SERIES = "snapshots/enrollments/algebra.csv"
DOCUMENT = "data/counters/algebra.json"
TOTALS = {DOCUMENT, "data/counters/total/courses.json", "data/counters/total/strand/matematica.json"}
INDEXES = ("data/counters.json", "data/counters/courses/e.json")
"""The index of all numbers, and its piece that has the course."""
HISTORIES = ("data/counters/algebra.csv", "data/counters/total/courses.csv")


def sync(shop: Workshop, row: str = "2026-01-09,4321") -> None:
    shop.write(SERIES, shop.read(SERIES) + f"{row}\n")
    shop.settle()


def alone(shop: Workshop, **settings: Any) -> BuildReport:
    """Build the counters alone, as a process of its own does."""
    values = {"BUILD_ONLY": "counters", **settings}
    return shop._build(shop.folder / "alone", shop.folder / "alone-cache", BuildSession(), values)


def renew(shop: Workshop, **settings: Any) -> int:
    """Build the counters alone and exchange them, and return how many files have other bytes."""
    report = alone(shop, **settings)
    assert report.is_good, report.problems
    assert set(report.executed) <= {"counters", "history"}
    return renewal.renew_files(shop.folder / "alone", shop.output)


_cleaned: dict[str, dict[str, str]] = {}


def clean(shop: Workshop, **settings: Any) -> dict[str, str]:
    """Return the digests of a clean build, which all tests share that end with the same content and theme."""
    key = repr((sorted(digest(shop.content).items()), sorted(digest(shop.theme).items()), shop.settings, settings))
    if key not in _cleaned:
        _cleaned[key] = shop.clean(**settings)
    return _cleaned[key]


def value(shop: Workshop, path: str = DOCUMENT) -> int:
    return int(json.loads((shop.output / path).read_bytes())["value"])


def check_manifest(shop: Workshop) -> Manifest:
    """Return the manifest of the output, whose files are all as it says."""
    site = open_site(shop.output, Commit())
    site.check_files(site.manifest.entries)
    return site.manifest


def test_only_the_documents_of_what_changed_and_the_manifest_are_written(shop: Workshop) -> None:
    before = shop.times()
    sync(shop)

    assert renew(shop) == len(TOTALS) + len(INDEXES) + len(HISTORIES)

    assert {path for path, time in shop.times().items() if time != before.get(path)} == {
        *TOTALS,
        *INDEXES,
        *HISTORIES,
        MANIFEST,
    }
    assert {value(shop, path) for path in TOTALS} == {4321}
    check_manifest(shop)


def test_the_next_build_makes_what_it_would_have_made_and_no_more(
    shop: Workshop, small_shop: tuple[Workshop, Snapshot]
) -> None:
    sync(shop)
    expected = shop.build()
    small_shop[1].restore()
    assert shop.build().is_good
    sync(shop)
    renew(shop)

    report = shop.build()

    assert report.planned == expected.planned
    assert set(report.changed) == set(expected.changed) - {*TOTALS, *INDEXES, *HISTORIES}
    assert any(path.endswith(".html") for path in report.changed)
    assert difference(shop.read_output(), clean(shop)) == []


def test_numbers_may_come_several_times_before_the_pages(shop: Workshop) -> None:
    for number, day in enumerate(("2026-01-07", "2026-01-08", "2026-01-09")):
        sync(shop, f"{day},{5000 + number}")
        assert renew(shop) == len(TOTALS) + len(INDEXES) + len(HISTORIES)
        assert value(shop) == 5000 + number
    assert renew(shop) == 0

    assert shop.build().is_good
    assert difference(shop.read_output(), clean(shop)) == []


def test_numbers_that_are_taken_back_are_those_of_the_last_build_again(shop: Workshop) -> None:
    before, text = shop.read_output(), shop.read(SERIES)
    sync(shop)
    renew(shop)
    shop.write(SERIES, text)
    shop.settle()

    assert shop.build().is_good

    assert difference(shop.read_output(), before) == []


def test_pages_that_were_edited_meanwhile_wait_for_the_next_build(shop: Workshop) -> None:
    page = shop.output / "corsi/geometria/index.html"
    before = page.read_bytes()
    shop.replace("courses/geometria/index.md", "Forme.", "Altre forme.")
    sync(shop)

    renew(shop)

    assert (page.read_bytes(), value(shop)) == (before, 4321)
    assert shop.build().is_good
    assert difference(shop.read_output(), clean(shop)) == []


def test_what_is_new_or_gone_waits_for_the_pages_that_refer_to_it(shop: Workshop) -> None:
    new = shop.output / "data/counters/geometria.json"
    shop.write("snapshots/enrollments/geometria.csv", shop.read(SERIES))
    shop.remove(SERIES)
    shop.replace("courses/algebra/index.md", "Sono {counter:course/algebra} le iscrizioni", "Sono le iscrizioni")
    shop.settle()

    renew(shop)

    assert ((shop.output / DOCUMENT).exists(), new.exists()) == (True, False)
    check_manifest(shop)
    assert shop.build().is_good
    assert ((shop.output / DOCUMENT).exists(), new.exists()) == (False, True)
    assert difference(shop.read_output(), clean(shop)) == []


@pytest.mark.parametrize("twins", [True, False])
def test_the_twins_of_a_document_are_renewed_with_it(empty_shop: Workshop, twins: bool) -> None:
    shop = empty_shop
    assert shop.build(TWINS=True).is_good
    sync(shop)

    renew(shop, TWINS=twins)

    entry = check_manifest(shop).by_path[DOCUMENT]
    assert [twin.encoding for twin in entry.twins] == ["br", "gzip"]
    for twin in entry.twins:
        data = precompress.decompress((shop.output / twin.path).read_bytes(), twin.encoding)
        assert json.loads(data or b"")["value"] == 4321
    assert shop.build(TWINS=True).is_good
    assert difference(shop.read_output(), clean(shop, TWINS=True)) == []


@pytest.mark.parametrize("step", ["renewal._exchange", "renewal.compress", "renewal.atomic_write_if_changed"])
@pytest.mark.parametrize("is_repeated", [False, True])
def test_one_that_was_killed_harms_nothing_that_comes_after_it(shop: Workshop, step: str, is_repeated: bool) -> None:
    assert shop.build(TWINS=True).is_good
    sync(shop)
    assert alone(shop, TWINS=True).is_good
    killed = mock.patch(f"openknowledge.engine.{step}", side_effect=KeyboardInterrupt)
    with killed, pytest.raises(KeyboardInterrupt):
        renewal.renew_files(shop.folder / "alone", shop.output)
    (shop.output / "data/counters/.1-2.draft").write_bytes(b"half")
    assert (shop.output / UNFINISHED).exists()

    if is_repeated:
        renew(shop, TWINS=True)
        assert value(shop) == 4321
        check_manifest(shop)

    assert shop.build(TWINS=True).is_good
    assert not (shop.output / UNFINISHED).exists()
    assert difference(shop.read_output(), clean(shop, TWINS=True)) == []


def refusal(shop: Workshop) -> str:
    with pytest.raises(renewal.RenewalRefused) as refused:
        renewal.renew_files(shop.folder / "alone", shop.output)
    return str(refused.value.args[0])


def test_a_site_that_is_not_there_or_not_whole_has_no_counters_to_renew(empty_shop: Workshop) -> None:
    shop = empty_shop
    assert refusal(shop) == "there is no built site here"
    assert not shop.output.exists()
    shop.build()
    sync(shop)
    alone(shop)
    (shop.output / UNFINISHED).write_text("corsi/nuovo/index.html\n", encoding="utf-8")

    assert refusal(shop) == "a build did not end here"

    assert shop.build().is_good
    (shop.output / MANIFEST).write_bytes((shop.output / MANIFEST).read_bytes().replace(b"html", b"htm!", 1))
    assert "was changed after it was written" in refusal(shop)


def test_a_whole_build_that_is_killed_after_a_renewal_is_none_to_go_on_with(shop: Workshop) -> None:
    sync(shop)
    alone(shop)
    with mock.patch.object(renewal, "_exchange", side_effect=KeyboardInterrupt), pytest.raises(KeyboardInterrupt):
        renewal.renew_files(shop.folder / "alone", shop.output)
    killed = mock.patch.object(BuildSession, "finish", side_effect=KeyboardInterrupt)
    with killed, pytest.raises(KeyboardInterrupt):
        shop.build()

    assert refusal(shop) == "a build did not end here"


def test_files_of_other_plugins_that_run_in_any_build_are_not_exchanged(tmp_path: Path) -> None:
    built = a_site(tmp_path / "output", {"a/index.html": "1", "n.json": "1"})
    (built.output / BUILD_STATE).touch()
    a_site(tmp_path / "alone", {"a/index.html": "2", "n.json": "2"})

    assert renewal.renew_files(tmp_path / "alone", built.output) == 1

    assert (built.output / "a/index.html").read_text("utf-8") == "1"
    assert (built.output / "n.json").read_text("utf-8") == "2"


def test_mistakes_in_a_series_are_told_as_ever_and_nothing_is_written(shop: Workshop) -> None:
    before = shop.times()
    sync(shop, "2026-01-09,many")

    assert alone(shop).problems == shop.build().problems != ()
    assert shop.times() == before


def test_the_command_says_what_it_did_or_what_is_wrong(
    shop: Workshop, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    sync(shop)
    alone(shop)
    folder = str(shop.folder / "alone")

    assert renewal.main([folder, str(shop.output)]) == 0
    assert renewal.main([folder, str(tmp_path)]) == 1

    printed = capsys.readouterr()
    assert printed.out == "7 files of output/ renewed, no page.\n"
    assert "there is no built site here" in printed.err
