"""Every system is given the same texts and facts, each in its own form."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
import yaml
from bench import corpus, sources
from bench.corpus import COURSE, Corpus, Item

LINKS = re.compile(r"\]\(([^)]*)\)")
PEERS = ("hugo", "pelican", "eleventy")


@pytest.fixture(autouse=True)
def few_groups(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(corpus, "GROUPS", {"topic": 5, "person": 3, "strand": 2, "partner": 2, "initiative": 2})


def front_matter(path: Path) -> dict[str, object]:
    fields = yaml.safe_load(path.read_text("utf-8").split("---\n")[1])
    assert isinstance(fields, dict)
    return fields


def a_course_with(*facts: str) -> tuple[Corpus, Item]:
    items = Corpus(200)
    return items, next(
        item
        for item in items.items()
        if item.kind == COURSE and item.enrolments and all(fact in item.facts for fact in facts)
    )


@pytest.mark.parametrize("name", ["ours", *PEERS])
def test_every_system_is_given_every_text(name: str, tmp_path: Path) -> None:
    items = Corpus(20)
    file_of = sources.our_file if name == "ours" else sources.file_of

    getattr(sources, f"write_{name}")(items, tmp_path / "content")

    for item in items.items():
        text = (tmp_path / "content" / file_of(item)).read_text("utf-8")
        assert item.title in text
        assert item.abstract in text
        assert LINKS.sub("", items.body(item, sources.path_of)) in LINKS.sub("", text)


def test_writing_twice_gives_the_same_bytes(tmp_path: Path) -> None:
    for name in ("first", "second"):
        sources.write_ours(Corpus(20), tmp_path / name)

    files = [path for path in (tmp_path / "first").rglob("*") if path.is_file()]
    series = [path for path in files if path.suffix == ".csv"]
    assert len(files) == 20 + len(series) + 14 + 1
    for path in files:
        assert path.read_bytes() == (tmp_path / "second" / path.relative_to(tmp_path / "first")).read_bytes()


def test_our_courses_have_their_facts_under_the_catalogues_own_names(tmp_path: Path) -> None:
    items, course = a_course_with("runs", "weeks")

    sources.write_ours(items, tmp_path)

    fields = front_matter(tmp_path / sources.our_file(course))
    assert fields["strand"] == course.facts["strand"]
    assert fields["credits"] == [{"person": person, "role": role} for person, role in course.credits]
    assert [run["key"] for run in fields["runs"]] == [run["key"] for run in course.facts["runs"]]  # type: ignore[attr-defined]


def test_enrolments_are_a_snapshot_with_a_line_for_each_month(tmp_path: Path) -> None:
    items, course = a_course_with()

    sources.write_ours(items, tmp_path)

    lines = (tmp_path / f"snapshots/enrollments/{course.slug}.csv").read_text("utf-8").splitlines()
    assert lines[1] == "day,total"
    assert [int(line.partition(",")[2]) for line in lines[2:]] == list(course.enrolments)


def test_hugo_has_what_items_belong_to_as_taxonomies(tmp_path: Path) -> None:
    items, course = a_course_with("runs")

    sources.write_hugo(items, tmp_path)

    fields = front_matter(tmp_path / sources.file_of(course))
    assert fields["topics"] == list(course.topics)
    assert fields["strands"] == [course.facts["strand"]]
    assert fields["outputs"] == ["html", "counter"]
    assert (tmp_path / f"strands/{course.facts['strand']}/_index.md").is_file()


def test_peers_are_told_where_each_edition_stands(tmp_path: Path) -> None:
    items, course = a_course_with("runs")

    facts = sources.peer_facts(items, course)

    states = {run["state"] for run in facts["runs"]}  # type: ignore[attr-defined]
    assert facts["state"] in states
    assert states <= {"open", "running", "self-paced", "upcoming", "unknown", "archived"}


@pytest.mark.parametrize("name", ["pelican", "eleventy"])
def test_systems_without_pages_for_groups_are_given_their_words_as_data(name: str, tmp_path: Path) -> None:
    getattr(sources, f"write_{name}")(Corpus(2), tmp_path / "content")

    path = {"pelican": "groups.json", "eleventy": "content/_data/groups.json"}[name]
    groups = json.loads((tmp_path / path).read_text("utf-8"))
    assert [group["slug"] for group in groups["topics"]] == [f"topic-00{number}" for number in range(5)]
    assert len(groups["people"]) == 3
