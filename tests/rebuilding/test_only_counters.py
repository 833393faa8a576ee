"""A build of the counters alone renews their documents in a built site, and leaves all else to the next build."""

from __future__ import annotations

import json
from unittest import mock

import pytest
from tests.rebuilding.workshop import Snapshot, Workshop, difference

from openknowledge.engine import precompress, session
from openknowledge.manifest import MANIFEST, UNFINISHED, Manifest
from openknowledge.publish.built_site import open_site
from openknowledge.publish.release import Commit

SERIES = "snapshots/enrollments/algebra.csv"
DOCUMENT = "data/counters/algebra.json"
TOTALS = {DOCUMENT, "data/counters/total/courses.json", "data/counters/total/strand/matematica.json"}
ALONE = {"BUILD_ONLY": "counters"}


def sync(shop: Workshop, row: str = "2026-01-09,4321") -> None:
    shop.write(SERIES, shop.read(SERIES) + f"{row}\n")
    shop.settle()


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

    report = shop.build(**ALONE)

    assert report.is_good
    assert {path for path, time in shop.times().items() if time != before.get(path)} == {
        *(*TOTALS, "data/counters.json", MANIFEST)
    }
    assert set(report.changed) == {*TOTALS, "data/counters.json"}
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
    shop.build(**ALONE)

    report = shop.build()

    assert report.planned == expected.planned
    assert set(report.changed) == set(expected.changed) - {*TOTALS, "data/counters.json"}
    assert any(path.endswith(".html") for path in report.changed)
    assert difference(shop.read_output(), shop.clean()) == []


def test_numbers_may_come_several_times_before_the_pages(shop: Workshop) -> None:
    for number, day in enumerate(("2026-01-07", "2026-01-08", "2026-01-09")):
        sync(shop, f"{day},{5000 + number}")
        shop.forget()
        assert shop.build(**ALONE).is_good
        assert value(shop) == 5000 + number

    shop.forget()
    assert shop.build().is_good
    assert difference(shop.read_output(), shop.clean()) == []


def test_numbers_that_are_taken_back_are_those_of_the_last_build_again(shop: Workshop) -> None:
    before, text = shop.read_output(), shop.read(SERIES)
    sync(shop)
    shop.build(**ALONE)
    shop.write(SERIES, text)
    shop.settle()

    assert shop.build().is_good

    assert difference(shop.read_output(), before) == []


def test_pages_that_were_edited_meanwhile_wait_for_the_next_build(shop: Workshop) -> None:
    page = shop.output / "corsi/geometria/index.html"
    before = page.read_bytes()
    shop.replace("courses/geometria/index.md", "Forme.", "Altre forme.")
    sync(shop)

    assert shop.build(**ALONE).is_good

    assert (page.read_bytes(), value(shop)) == (before, 4321)
    assert shop.build().is_good
    assert difference(shop.read_output(), shop.clean()) == []


def test_what_is_new_or_gone_waits_for_the_pages_that_refer_to_it(shop: Workshop) -> None:
    new = shop.output / "data/counters/geometria.json"
    shop.write("snapshots/enrollments/geometria.csv", shop.read(SERIES))
    shop.remove(SERIES)
    shop.replace("courses/algebra/index.md", "Sono {counter:course/algebra} le iscrizioni", "Sono le iscrizioni")
    shop.settle()

    assert shop.build(**ALONE).is_good

    assert ((shop.output / DOCUMENT).exists(), new.exists()) == (True, False)
    check_manifest(shop)
    assert shop.build().is_good
    assert ((shop.output / DOCUMENT).exists(), new.exists()) == (False, True)
    assert difference(shop.read_output(), shop.clean()) == []


@pytest.mark.parametrize("twins", [True, False])
def test_the_twins_of_a_document_are_renewed_with_it(empty_shop: Workshop, twins: bool) -> None:
    shop = empty_shop
    assert shop.build(TWINS=True).is_good
    sync(shop)

    assert shop.build(TWINS=twins, **ALONE).is_good

    entry = check_manifest(shop).by_path[DOCUMENT]
    assert [twin.encoding for twin in entry.twins] == ["br", "gzip"]
    for twin in entry.twins:
        data = precompress.decompress((shop.output / twin.path).read_bytes(), twin.encoding)
        assert json.loads(data or b"")["value"] == 4321
    assert shop.build(TWINS=True).is_good
    assert difference(shop.read_output(), shop.clean(TWINS=True)) == []


@pytest.mark.parametrize("step", ["documents", "manifest"])
@pytest.mark.parametrize("next_build", [{}, ALONE])
def test_one_that_was_killed_harms_no_build_after_it(shop: Workshop, step: str, next_build: dict[str, str]) -> None:
    sync(shop)
    place = {"documents": (precompress, "_write_twin"), "manifest": (session, "update_manifest")}[step]
    settings = {"TWINS": step == "documents"}
    assert shop.build(**settings).is_good
    sync(shop, "2026-01-10,5432")
    with mock.patch.object(*place, side_effect=KeyboardInterrupt), pytest.raises(KeyboardInterrupt):
        shop.build(**settings, **ALONE)
    assert (shop.output / UNFINISHED).exists()
    shop.forget()

    assert shop.build(**settings, **next_build).is_good

    assert not (shop.output / UNFINISHED).exists()
    assert value(shop) == 5432
    check_manifest(shop)
    assert shop.build(**settings).is_good
    assert difference(shop.read_output(), shop.clean(**settings)) == []


def test_a_site_that_is_not_there_or_not_whole_has_no_counters_to_renew(empty_shop: Workshop) -> None:
    shop = empty_shop
    assert "there is no whole site here" in shop.build(**ALONE).problems[0]
    shop.build()
    sync(shop)
    (shop.output / UNFINISHED).write_text("corsi/nuovo/index.html\n", encoding="utf-8")

    assert "there is no whole site here" in shop.build(**ALONE).problems[0]

    assert shop.build().is_good
    (shop.output / MANIFEST).write_bytes(b"{}")
    sync(shop, "2026-01-10,5432")
    assert "is no manifest" in shop.build(**ALONE).problems[0]


def test_a_whole_build_that_is_killed_after_one_of_counters_is_none_to_go_on_with(shop: Workshop) -> None:
    sync(shop)
    with mock.patch.object(session, "update_manifest", side_effect=KeyboardInterrupt), pytest.raises(KeyboardInterrupt):
        shop.build(**ALONE)
    killed = mock.patch.object(session.BuildSession, "finish", side_effect=KeyboardInterrupt)
    with killed, pytest.raises(KeyboardInterrupt):
        shop.build()

    assert "there is no whole site here" in shop.build(**ALONE).problems[0]


def test_mistakes_in_a_series_are_told_as_ever_and_nothing_is_written(shop: Workshop) -> None:
    before = shop.times()
    sync(shop, "2026-01-09,many")

    alone, whole = shop.build(**ALONE), shop.build()

    assert alone.problems == whole.problems != ()
    assert shop.times() == before


def test_where_nothing_changed_nothing_is_made(shop: Workshop) -> None:
    before = shop.times()

    assert shop.build(**ALONE).planned == {}
    assert shop.times() == before
