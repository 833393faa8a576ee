"""Sources are checked before anything is asked: all mistakes at once, each with what to write."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from openknowledge.connectors.kinds import SOURCE_KINDS
from openknowledge.connectors.settings import ConfiguredSource, Option, SourceKind, load_settings, read_sources
from openknowledge.connectors.source import SourceFailed
from openknowledge.problems import ContentProblems

CHANNEL_ID = re.compile(r"UC\w{22}")
CHANNEL = "UC" + "x" * 22


@dataclass(kw_only=True)
class Platform:
    name: str
    channel: str = ""
    key: str = ""
    token: str = ""


KINDS = {
    "channel": SourceKind(
        lambda content, values: Platform(**values),  # type: ignore[arg-type,return-value]
        {"channel": Option(CHANNEL_ID, "Write the id of the channel: UC…", is_required=True)},
        secrets=("key",),
        optional_secrets=("token",),
        may_expire=True,
    )
}


def mistakes(*entries: Any) -> list[tuple[tuple[int | str, ...], str]]:
    return [(place, message) for place, message, _ in read_sources(entries, KINDS)[1]]


def a_source(**options: Any) -> dict[str, Any]:
    return {"name": "open", "kind": "channel", "channel": CHANNEL, **options}


def test_a_source_is_made_of_its_options_and_secrets() -> None:
    (source,), wrong = read_sources([a_source(limit=200, keep_days=30)], KINDS)

    assert (wrong, source.limit, source.keep_days) == ((), 200, 30)
    environment = {"SYNC_OPEN_KEY": "AIza-a-long-key", "SYNC_OPEN_TOKEN": ""}
    assert source.create(Path("content"), environment) == Platform(name="open", channel=CHANNEL, key="AIza-a-long-key")


@pytest.mark.parametrize(
    ("key", "message"),
    [(None, "not set"), ("", "not set"), ("short", "no key"), ("a-long-key\n", "no key"), ("schlüssel-lang", "no key")],
)
def test_a_secret_that_is_missing_or_none_is_named_with_its_variable(key: str | None, message: str) -> None:
    (source,), _ = read_sources([a_source(name="open-two")], KINDS)

    with pytest.raises(SourceFailed, match=f"SYNC_OPEN_TWO_KEY is {message}") as failure:
        source.create(Path("content"), {} if key is None else {"SYNC_OPEN_TWO_KEY": key})
    assert not key or key.strip() not in str(failure.value)


@pytest.mark.parametrize(
    ("entry", "place", "message"),
    [
        ("youtube", (0,), "this is no source"),
        (a_source(name="../x"), (0, "name"), "is missing or is no name"),
        (a_source(name="Open"), (0, "name"), "is missing or is no name"),
        (a_source(name="enrollments"), (0, "name"), "is missing or is no name"),
        ({"kind": "channel", "channel": CHANNEL}, (0, "name"), "is missing or is no name"),
        (a_source(kind="chanel"), (0, "kind"), "is missing or is no kind of sources"),
        (a_source(channel="UC"), (0, "channel"), "cannot be this"),
        (a_source(channel=7), (0, "channel"), "cannot be this"),
        (a_source(chanel=CHANNEL), (0, "chanel"), "is unknown"),
        (a_source(limit=0), (0, "limit"), "cannot be this"),
        (a_source(limit=True), (0, "limit"), "cannot be this"),
        (a_source(keep_days="30"), (0, "keep_days"), "cannot be this"),
        ({"name": "open", "kind": "channel"}, (0, "channel"), "is missing"),
        (a_source(key="AIza-a-long-key"), (0, "key"), "is unknown"),
    ],
)
def test_each_mistake_has_its_place(entry: Any, place: tuple[int | str, ...], message: str) -> None:
    assert mistakes(entry) == [(place, message)]


ODD: list[Any] = [
    None,
    True,
    0,
    -1,
    3.5,
    float("nan"),
    "",
    "x",
    "../x",
    "\0",
    "%",
    b"x",
    object(),
    [],
    ["a"],
    [1],
    [[]],
]
ODD += [{}, {"a": 1}, {1: "a"}, {"id": "a"}, {"id": "a", "total": 0}, {"id": "a", "total": True}, (("a", "b"),)]


@pytest.mark.parametrize(
    ("kind", "name"), [(kind, name) for kind, one in SOURCE_KINDS.items() for name in one.all_options]
)
def test_an_option_of_any_shape_is_a_value_or_one_mistake(kind: str, name: str) -> None:
    for value in ODD:
        _, found = read_sources([{"name": "s", "kind": kind, name: value}], SOURCE_KINDS)

        assert len([place for place, _, _ in found if place == (0, name)]) <= 1, value


def test_a_table_without_names_or_numbers_of_columns_is_a_mistake() -> None:
    wrong = ("code,total", ["code", "total"], {"id": "code"}, {"id": 0, "total": 1}, {"id": "code", "totals": "n"})
    for columns in wrong:
        entry = {"name": "s", "kind": "table", "path": "x.csv", "measure": "members", "columns": columns}
        _, found = read_sources([entry], SOURCE_KINDS)

        assert [(place, message) for place, message, _ in found] == [((0, "columns"), "cannot be this")], columns


def test_facts_that_cannot_come_back_do_not_expire() -> None:
    kinds = {"channel": replace(KINDS["channel"], may_expire=False)}

    assert read_sources([a_source(keep_days=30)], kinds)[1][0][:2] == ((0, "keep_days"), "is unknown")


def test_two_sources_of_one_name_and_what_is_no_list_are_mistakes() -> None:
    assert mistakes(a_source(), a_source()) == [((1, "name"), 'two sources are called "open"')]
    assert [message for _, message, _ in read_sources("youtube", KINDS)[1]] == ["this is no list of sources"]


def test_a_secret_in_the_settings_is_not_shown_and_its_variable_is_named() -> None:
    ((_, message, hint),) = read_sources([a_source(key="AIza-a-long-key")], KINDS)[1]

    assert "AIza" not in message + hint
    assert "SYNC_OPEN_KEY" in hint


def test_all_mistakes_are_told_at_once_with_their_lines(tmp_path: Path) -> None:
    (tmp_path / "content").mkdir()
    text = 'PATH = "content"\nSOURCES = [\n    {"name": "one", "kind": "channel"},\n    {\n        "kind": "x",\n'
    (tmp_path / "pelicanconf.py").write_text(f'{text}        "name": "two",\n    }},\n]\n')

    with pytest.raises(ContentProblems) as refusal:
        load_settings(tmp_path, KINDS)

    assert [f"{problem.location} {problem.field}" for problem in refusal.value.problems] == [
        'pelicanconf.py:3 SOURCES[0]["channel"]',
        'pelicanconf.py:5 SOURCES[1]["kind"]',
    ]
    assert all(problem.hint for problem in refusal.value.problems)


@pytest.mark.parametrize(
    ("text", "location"),
    [
        (None, "pelicanconf.py"),
        ("SOURCES = [\n", "pelicanconf.py:1"),
        ("import os\nSOURCES = os.environ['NOT_THERE']\n", "pelicanconf.py:2"),
    ],
)
def test_settings_that_cannot_be_read_are_a_problem(text: str | None, location: str, tmp_path: Path) -> None:
    if text is not None:
        (tmp_path / "pelicanconf.py").write_text(text)

    with pytest.raises(ContentProblems) as refusal:
        load_settings(tmp_path, KINDS)

    assert [problem.location for problem in refusal.value.problems] == [location]


def test_variables_of_sources_with_similar_names_differ() -> None:
    names = ("a-b", "a", "ab")
    kind = KINDS["channel"]

    assert len({ConfiguredSource(name, "channel", kind, {}).variable("key") for name in names}) == 3


def test_options_and_secrets_of_each_kind_are_told_apart() -> None:
    for name, kind in SOURCE_KINDS.items():
        assert not {*kind.options} & {*kind.secrets, *kind.optional_secrets, "name", "kind", "limit"}, name
        assert all(option.hint for option in kind.options.values()), name
