"""Rules of editors find who speaks in the channel's videos, and what they are about; an editor's own word wins."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.builders import assembled, problems, write

from openknowledge.content.name_patterns import count_stars, find_pattern
from openknowledge.content.parse_cache import ParseCache
from openknowledge.content.snapshots import SnapshotTable
from openknowledge.content.video_rules import VideoRules
from openknowledge.engine.build_inputs import FileTree, scan
from openknowledge.model.people import Credit, CreditRole
from openknowledge.model.values import Ref
from openknowledge.model.video import DerivedFrom, Video

NO_NAMES = frozenset({"python", "apache"})
FOUND = {
    "{names} - *": {
        "Ada Rossi - Vectors - Part 2": ["Ada Rossi"],
        "Alain Ledon & Amit Bhattacharyya - Regression": ["Alain Ledon", "Amit Bhattacharyya"],
        "Andrew Osheroff, Jeremy Freeman and Kyle Kelley - Binder": [
            "Andrew Osheroff",
            "Jeremy Freeman",
            "Kyle Kelley",
        ],
        "Łucja Świetlińska i Dagmara Korusiewicz - Scrum": ["Łucja Świetlińska", "Dagmara Korusiewicz"],
        "Gregor von Laszewski - Data": ["Gregor von Laszewski"],
        "Dr. Kari L. Jordan - Keynote": ["Kari L. Jordan"],
        "Ryan J. O'Neil - Routes": ["Ryan J. O'Neil"],
        "Masashi TERUI - Serverless": ["Masashi TERUI"],
        "Apache Spark - An introduction": [],
        "Learn Python - The hard way": [],
        "An introduction - Part 2": [],
        "SQL, NOSQL - What now": [],
        "Vectors - Ada Rossi": [],
    },
    "* ({names}) - PyCon": {"Dask (Shane Cousins) - PyCon": ["Shane Cousins"], "Dask (tell-k) - PyCon": []},
    "Speaker: {names}": {
        "Speaker: Matt Davis, Kitware": ["Matt Davis"],
        "speaker:  Юлия Темушева (Wargaming)": ["Юлия Темушева"],
        "Title\n\nSpeaker: Ada Rossi\nSpeaker: Bo Li": ["Ada Rossi", "Bo Li"],
        "The speaker: Ada Rossi": [],
        "Speaker: " + ", ".join(f"Ada Rossi{letter}" for letter in "abcdefghi"): [],
    },
    "{title} by {names}": {"Vectors by Ada Rossi": ["Ada Rossi"], "Matrices by Ada Rossi": []},
    "**{names}**": {"**Ada Rossi**": ["Ada Rossi"], "Ada Rossi": []},
}


@pytest.mark.parametrize("pattern", FOUND)
def test_a_pattern_finds_the_names_that_stand_in_its_place_and_nothing_else(pattern: str) -> None:
    finder = find_pattern(pattern)

    assert {text: list(finder.find(text, "Vectors", NO_NAMES)) for text in FOUND[pattern]} == FOUND[pattern]


def a_row(slug: str, **more: object) -> str:
    return json.dumps({"slug": slug, "title": slug.title(), "published": "2020-01-01T00:00:00Z", **more}) + "\n"


PEOPLE = """
title: [{pattern: "{names}: *", playlists: ["PyData*"]}]
description: [{pattern: "Speaker: {names}"}]
spelling: {Ada Rosi: Ada Rossi}
pages: {Bo Li: li}
"""
TOPICS = """
algebra: {playlists: ["PYDATA *"]}
statistica: {words: [statistics, bayes*]}
"""
FILES = {
    "videos/people.yaml": PEOPLE,
    "videos/topics.yaml": TOPICS,
    **{f"topics/{name}.md": f"---\ntitle: {name}\n---\n" for name in ("algebra", "statistica")},
    **{f"people/{name}.md": f"---\ntitle: {name}\n---\n" for name in ("ada-rossi", "li")},
    "snapshots/youtube/playlists.jsonl": a_row("pydata", title="PyData Berlin", videos=["one", "two"]),
    "snapshots/youtube/videos-2020.jsonl": a_row("one", title="Ada Rossi, Cy Doe: Bayesian Statistics")
    + a_row("two", description="Speaker: Ada Rosi & Bo Li")
    + a_row("three", title="Cy Doe: Talk", description="Speakers: none"),
}


def videos(folder: Path, files: dict[str, str]) -> dict[str, Video]:
    found = assembled(folder, files)
    assert found.problems == ()
    records = (found.site.fork().record(Ref("video", slug)) for slug in found.site.fork().slugs("video"))
    return {video.slug: video for video in records if isinstance(video, Video)}


def test_titles_descriptions_and_playlists_give_topics_and_speakers_marked_as_derived(tmp_path: Path) -> None:
    found = videos(tmp_path, FILES)

    one, two, three = found["one"], found["two"], found["three"]
    assert (one.topics, one.topics_from) == (("algebra", "statistica"), (DerivedFrom.PLAYLIST, DerivedFrom.TITLE))
    assert one.credits == (Credit(person="ada-rossi", role=CreditRole.SPEAKER),)
    assert (one.speakers, one.speakers_from) == (("Cy Doe",), (DerivedFrom.TITLE,))
    assert (two.topics, two.topics_from) == (("algebra",), (DerivedFrom.PLAYLIST,))
    assert [credit.person for credit in two.credits] == ["ada-rossi", "li"]
    assert (two.speakers, two.speakers_from) == ((), (DerivedFrom.DESCRIPTION,))
    assert (three.topics, three.credits, three.speakers, three.speakers_from) == ((), (), (), ())


def test_what_an_editor_writes_of_a_video_takes_the_place_of_what_rules_find(tmp_path: Path) -> None:
    files = {
        **FILES,
        "videos/one.md": "---\ntitle: One\nspeakers: [Eva Blu]\n---\n",
        "videos/two.md": "---\ntitle: Two\ntopics: [statistica]\n---\n",
    }

    found = videos(tmp_path, files)

    assert (found["one"].speakers, found["one"].credits, found["one"].speakers_from) == (("Eva Blu",), (), ())
    assert found["one"].topics_from != ()
    assert (found["two"].topics, found["two"].topics_from) == (("statistica",), ())
    assert [credit.person for credit in found["two"].credits] == ["ada-rossi", "li"]


def test_people_and_topics_have_the_videos_that_rules_find_among_theirs(tmp_path: Path) -> None:
    site = assembled(tmp_path, FILES).site.fork()

    assert site.referrer_slugs(Ref("person", "ada-rossi"), "video") == ("one", "two")
    assert site.referrer_slugs(Ref("topic", "algebra"), "video") == ("one", "two")


WRONG = {
    "title: [{pattern: 'Keynote: *'}]": ("people.yaml:1: title[0].pattern: the pattern does not say", "{names}"),
    "title:\n- pattern: '{names} and {names}'": ("people.yaml:2: title[0].pattern: the pattern has {names} twice", "*"),
    "description: [{pattern: '{names} *'}]": ("description[0].pattern: the pattern finds names in", '"playlists"'),
    "titel: [{pattern: '{names}: *'}]": ('people.yaml:1: unknown field "titel"; did you mean "title"?', ""),
    "title: ['{names}: *']": ("people.yaml:1: title[0]", ""),
    "title: [{patern: '{names}: *'}]": ("people.yaml:1: ", 'did you mean "pattern"?'),
    "title: [{playlists: [PyData]}]": ("people.yaml:1: title[0].pattern: the pattern does not say", "{names}"),
    "pages: {Bo Li: bo}": ('people.yaml:1: pages.Bo Li: there is no person "bo"', "content/people/"),
    "pages: [bo]": ("people.yaml:1: pages", ""),
    "spelling: {Bo Li}": ("people.yaml:1: ", ""),
    "no_names: python": ("people.yaml:1: no_names", ""),
    "title: [{pattern: '{names}: *'": ("people.yaml:1", ""),
}
WRONG_TOPICS = {
    "algbra: {words: [vectors]}": (
        'topics.yaml:1: algbra: there is no topic "algbra"; did you mean "algebra"?',
        "content",
    ),
    "algebra:\n  word: [vectors]": ('topics.yaml:2: unknown field "word"; did you mean "words"?', ""),
    "algebra: [vectors]": ("topics.yaml:1: algebra: this does not say which videos", "Write below it"),
    "algebra: {words: ['*']}": ('topics.yaml:1: algebra: "*" would give every video the topic', "Write below it"),
    "algebra: {words: vectors}": ("topics.yaml:1: ", ""),
    "algebra: {playlists: [PyData: x]}": ("topics.yaml:1", ""),
    "- algebra": ("topics.yaml:1", ""),
}
CASES = [("people", *case) for case in WRONG.items()] + [("topics", *case) for case in WRONG_TOPICS.items()]


@pytest.mark.parametrize(("name", "text", "expected"), CASES, ids=[case[1] for case in CASES])
def test_a_wrong_rule_is_a_problem_with_its_line_and_cure(
    tmp_path: Path, name: str, text: str, expected: tuple[str, str]
) -> None:
    found = problems(tmp_path, {**FILES, f"videos/{name}.yaml": text})

    assert len(found) == 1, found
    assert expected[0] in found[0]
    assert expected[1] in found[0]
    assert not {"mapping", "tuple", "dict", "YAML"} & {*found[0].replace(".", " ").split()}


def test_rules_are_applied_again_only_where_a_file_or_its_playlists_changed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    content, cache = write(tmp_path, {**FILES, "snapshots/youtube/videos-2021.jsonl": a_row("four")}), ParseCache(None)
    derive, derived = VideoRules.derive, list[str]()
    monkeypatch.setattr(
        VideoRules, "derive", lambda self, title, *rest: derived.append(title) or derive(self, title, *rest)
    )

    def read(**files: str) -> tuple[int, dict[tuple[str, str], bytes]]:
        derived.clear()
        write(tmp_path, {f"snapshots/youtube/{name}.jsonl": text for name, text in files.items()})
        table = SnapshotTable(content, FileTree(content, scan(content)), cache)
        return len(derived), table.digests

    (first, before), (again, same) = read(), read()
    assert (first, again, before == same) == (4, 0, True)
    write(tmp_path, {"people/cy-doe.md": "---\ntitle: Cy Doe\n---\n"})
    person, after = read()
    assert (person, [name for name in before if before[name] != after[name]]) == (0, [("video", "one")])
    assert read(**{"videos-2021": a_row("four", title="Statistics")})[0] == 1
    assert read(playlists=a_row("pydata", title="PyData Berlin", videos=["one", "two", "four"]))[0] == 1


def test_two_stars_beside_each_other_are_signs_of_a_text_and_count_as_none() -> None:
    assert [count_stars(one) for one in ("**{names}** *", "* {names} *", "a*b*{names}*c*d*")] == [1, 2, 5]
