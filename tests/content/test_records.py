"""Records as they are kept: light ones say what lists need and refuse the rest, and only records are revived."""

from __future__ import annotations

import pickle
from datetime import UTC, date, datetime

import pytest
from tests.builders import a_course, a_record_store, a_run, a_site
from tests.catalogue.videos import a_video

from openknowledge.content.item_table import ItemRow
from openknowledge.content.records import KIND_MODULES, make_stub, unpickle_record
from openknowledge.engine.digest import canonical_bytes
from openknowledge.model.course import CourseWords
from openknowledge.model.people import Credit
from openknowledge.model.values import Html, Image, Record

WORDS = {"it": CourseWords(title="Algebra", slug="algebra-it", abstract="Vettori.", body=Html("<p>Testo.</p>"))}


def a_full_course(**facts: object) -> Record:
    given: dict[str, object] = {"words": WORDS, "weeks": 6, "runs": (a_run("2026-01-12"),), "strand": "maths"}
    return a_course("algebra", **{**given, **facts})


def a_row(record: Record) -> ItemRow:
    return a_record_store(record).table.row_at(0)


def test_a_light_record_has_its_facts_and_titles() -> None:
    found = make_stub(a_full_course())

    assert found.ref == a_full_course().ref
    assert (found.words["it"].title, found.words["it"].slug) == ("Algebra", "algebra-it")
    assert found.strand == "maths"  # type: ignore[attr-defined]


@pytest.mark.parametrize("name", ["abstract", "body"])
def test_a_light_record_refuses_its_texts(name: str) -> None:
    found = make_stub(a_full_course())

    with pytest.raises(AttributeError):
        getattr(found.words["it"], name)


def test_a_light_record_refuses_its_details() -> None:
    assert Record.details or any(kind.details for kind in Record.__subclasses__())
    for record in (a_full_course(), a_video()):
        for name in record.details:
            with pytest.raises(AttributeError):
                getattr(make_stub(record), name)


@pytest.mark.parametrize("record", [a_full_course(), a_video(credits=(Credit(person="ada"),))], ids=["course", "video"])
def test_a_record_is_revived_as_it_was_light_or_whole(record: Record) -> None:
    slim = make_stub(record)

    assert unpickle_record(canonical_bytes(record)) == record
    again = unpickle_record(canonical_bytes(slim))
    assert isinstance(again, type(record))
    assert canonical_bytes(again) == canonical_bytes(slim)
    assert canonical_bytes(make_stub(unpickle_record(canonical_bytes(record)))) == canonical_bytes(slim)


def test_a_text_changes_the_whole_record_and_not_the_light_one() -> None:
    words = {"it": CourseWords(title="Algebra", slug="algebra-it", abstract="Altro.", body=Html("<p>Altro.</p>"))}
    before, after = a_row(a_full_course()), a_row(a_full_course(words=words))

    assert before.stub_digest == after.stub_digest
    assert before.digest != after.digest


def test_a_title_changes_both() -> None:
    before, after = (
        a_row(a_full_course()),
        a_row(a_full_course(words={"it": CourseWords(title="B", slug="algebra-it")})),
    )

    assert before.stub_digest != after.stub_digest
    assert before.digest != after.digest


def test_a_site_gives_light_records_and_whole_ones_where_they_are_asked_for() -> None:
    course = a_full_course()
    site = a_site(course)
    (found,) = site.stubs("course")

    with pytest.raises(AttributeError):
        _ = found.words["it"].abstract
    assert site.record(course.ref) == course


class Foreign:
    """A class that is no part of any record."""


def call(module: str, name: str, argument: str) -> bytes:
    """A pickle that calls a function as it is read."""
    return f"c{module}\n{name}\n(S'{argument}'\ntR.".encode()


@pytest.mark.parametrize(
    "data",
    [
        call("os", "system", "true"),
        call("builtins", "eval", "1"),
        call("posix", "system", "true"),
        call("openknowledge.content.checks", "Path", "x"),
        call("openknowledge.model.values", "dataclass", "x"),
        call("openknowledge.content.records", "pickle.loads", "x"),
        b"\x80\x04\x8c\x1aopenknowledge.model.values\x8c\x1adataclass.__globals__.keys\x93.",
        pickle.dumps(Foreign),
        pickle.dumps(Foreign()),
    ],
)
def test_what_is_no_part_of_a_record_is_not_made(data: bytes) -> None:
    with pytest.raises((pickle.UnpicklingError, AttributeError)):
        unpickle_record(data)


def test_moments_days_and_pictures_are_parts_of_records() -> None:
    image = Image(src="a.jpg", alt={"it": "A"}, path="a.jpg", width_px=1, height_px=1)
    value = (date(2026, 1, 1), datetime(2026, 1, 1, tzinfo=UTC), image)

    assert unpickle_record(canonical_bytes(value)) == value


def test_kinds_of_others_are_revived_once_they_are_known(monkeypatch: pytest.MonkeyPatch) -> None:
    data = pickle.dumps(Foreign)
    monkeypatch.setattr("openknowledge.content.records.KIND_MODULES", {*KIND_MODULES, Foreign.__module__})

    assert unpickle_record(data) is Foreign


def test_an_address_changes_with_what_it_is_made_of() -> None:
    same = a_row(a_full_course(weeks=7)).url_parts
    other = a_row(a_full_course(words={"it": CourseWords(title="Algebra", slug="un-altro")})).url_parts

    assert same == a_row(a_full_course()).url_parts
    assert other != same
