"""Stubs have what lists need and nothing else, and only records are unpickled."""

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
    fields: dict[str, object] = {"words": WORDS, "weeks": 6, "runs": (a_run("2026-01-12"),), "strand": "maths"}
    return a_course("algebra", **{**fields, **facts})


def row_of(record: Record) -> ItemRow:
    return a_record_store(record).table.row_at(0)


def test_a_stub_has_its_facts_and_titles() -> None:
    stub = make_stub(a_full_course())

    assert stub.ref == a_full_course().ref
    assert (stub.words["it"].title, stub.words["it"].slug) == ("Algebra", "algebra-it")
    assert stub.strand == "maths"  # type: ignore[attr-defined]


@pytest.mark.parametrize("name", ["abstract", "body"])
def test_a_stub_has_no_texts(name: str) -> None:
    stub = make_stub(a_full_course())

    with pytest.raises(AttributeError):
        getattr(stub.words["it"], name)


def test_a_stub_has_no_details() -> None:
    assert Record.details or any(kind.details for kind in Record.__subclasses__())
    for record in (a_full_course(), a_video()):
        for name in record.details:
            with pytest.raises(AttributeError):
                getattr(make_stub(record), name)


@pytest.mark.parametrize("record", [a_full_course(), a_video(credits=(Credit(person="ada"),))], ids=["course", "video"])
def test_records_and_stubs_are_unpickled_as_they_were(record: Record) -> None:
    stub = make_stub(record)

    assert unpickle_record(canonical_bytes(record)) == record
    again = unpickle_record(canonical_bytes(stub))
    assert isinstance(again, type(record))
    assert canonical_bytes(again) == canonical_bytes(stub)
    assert canonical_bytes(make_stub(unpickle_record(canonical_bytes(record)))) == canonical_bytes(stub)


def test_a_text_changes_the_digest_of_the_record_and_not_of_its_stub() -> None:
    words = {"it": CourseWords(title="Algebra", slug="algebra-it", abstract="Altro.", body=Html("<p>Altro.</p>"))}
    before, after = row_of(a_full_course()), row_of(a_full_course(words=words))

    assert before.stub_digest == after.stub_digest
    assert before.digest != after.digest


def test_a_title_changes_the_digest_of_the_record_and_of_its_stub() -> None:
    before, after = (
        row_of(a_full_course()),
        row_of(a_full_course(words={"it": CourseWords(title="B", slug="algebra-it")})),
    )

    assert before.stub_digest != after.stub_digest
    assert before.digest != after.digest


def test_a_site_has_stubs_and_full_records() -> None:
    course = a_full_course()
    site = a_site(course)
    (stub,) = site.stubs("course")

    with pytest.raises(AttributeError):
        _ = stub.words["it"].abstract
    assert site.record(course.ref) == course


class Foreign:
    """A class that is no part of any record."""


def call(module: str, name: str, argument: str) -> bytes:
    """Return a pickle that calls a function when it is loaded."""
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
def test_only_parts_of_records_are_unpickled(data: bytes) -> None:
    with pytest.raises((pickle.UnpicklingError, AttributeError)):
        unpickle_record(data)


def test_dates_times_and_pictures_are_parts_of_records() -> None:
    image = Image(src="a.jpg", alt={"it": "A"}, path="a.jpg")
    value = (date(2026, 1, 1), datetime(2026, 1, 1, tzinfo=UTC), image)

    assert unpickle_record(canonical_bytes(value)) == value


def test_models_of_registered_kinds_are_unpickled(monkeypatch: pytest.MonkeyPatch) -> None:
    data = pickle.dumps(Foreign)
    monkeypatch.setattr("openknowledge.content.records.KIND_MODULES", {*KIND_MODULES, Foreign.__module__})

    assert unpickle_record(data) is Foreign


def test_the_url_parts_change_with_the_slug_and_not_with_other_facts() -> None:
    same = row_of(a_full_course(weeks=7)).url_parts
    other = row_of(a_full_course(words={"it": CourseWords(title="Algebra", slug="un-altro")})).url_parts

    assert same == row_of(a_full_course()).url_parts
    assert other != same
