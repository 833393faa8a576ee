"""The made-up site is the same everywhere, and every system is given the same texts."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from bench import corpus as making
from bench import sources
from bench.corpus import Corpus

LINKS = re.compile(r"\]\(([^)]*)\)")


def text_of(item: making.Item, corpus: Corpus) -> str:
    return corpus.body(item, sources.path_of)


def test_the_same_seed_gives_the_same_items() -> None:
    assert list(Corpus(20).items()) == list(Corpus(20).items())


def test_another_seed_gives_other_items() -> None:
    assert Corpus(1, seed=1).item(0).text != Corpus(1, seed=2).item(0).text


def test_a_small_corpus_is_the_beginning_of_a_large_one() -> None:
    assert list(Corpus(10).items()) == list(Corpus(40).items())[:10]


def test_no_two_items_have_the_same_address() -> None:
    addresses = [sources.path_of(item) for item in Corpus(500).items()]

    assert len(set(addresses)) == 500


def test_an_item_has_400_to_800_words() -> None:
    lengths = [len(item.text.split()) for item in Corpus(300).items()]

    assert min(lengths) >= 400
    assert max(lengths) <= 800


def test_all_that_the_dialect_has_stands_somewhere() -> None:
    text = "\n".join(item.text for item in Corpus(60).items())

    assert all(mark in text for mark in ("\n## ", "\n- ", "\n1. ", "\n> ", "|---|", "```", " **", " *", " `", "]("))


def test_related_items_are_earlier_ones_and_each_is_linked_once_at_most() -> None:
    corpus = Corpus(200)

    for item in corpus.items():
        links = [link for link in LINKS.findall(text_of(item, corpus)) if link.startswith("/press/")]
        assert all(number < item.number for number in item.related)
        assert set(links) <= {sources.path_of(corpus.item(number)) for number in item.related}
        assert len(links) == len(set(links))


def test_no_mark_of_a_link_is_left_in_a_text() -> None:
    corpus = Corpus(100)

    assert not [item for item in corpus.items() if re.search("[\ue000\ue001]", text_of(item, corpus))]


def test_the_newest_item_has_the_last_day() -> None:
    corpus = Corpus(100)

    assert corpus.newest().published == max(item.published for item in corpus.items())


@pytest.fixture
def few_groups(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(making, "TOPICS", 5)
    monkeypatch.setattr(making, "PEOPLE", 3)


@pytest.mark.usefixtures("few_groups")
@pytest.mark.parametrize("name", ["ours", "hugo", "pelican", "eleventy"])
def test_every_system_is_given_every_text(name: str, tmp_path: Path) -> None:
    corpus = Corpus(12)
    content = tmp_path / "content"

    getattr(sources, f"write_{name}")(corpus, content)

    for item in corpus.items():
        written = (content / sources.place_of(item)).read_text("utf-8")
        assert item.title in written
        assert item.abstract in written
        assert LINKS.sub("", text_of(item, corpus)) in LINKS.sub("", written)


@pytest.mark.usefixtures("few_groups")
def test_writing_twice_gives_the_same_bytes(tmp_path: Path) -> None:
    for name in ("one", "other"):
        sources.write_ours(Corpus(12), tmp_path / name)

    files = [path for path in (tmp_path / "one").rglob("*") if path.is_file()]
    assert len(files) == 12 + 5 + 3 + 1
    for path in files:
        assert path.read_bytes() == (tmp_path / "other" / path.relative_to(tmp_path / "one")).read_bytes()


@pytest.mark.usefixtures("few_groups")
def test_systems_without_pages_for_topics_are_given_their_words_as_data(tmp_path: Path) -> None:
    sources.write_eleventy(Corpus(2), tmp_path)

    data = json.loads((tmp_path / "_data/groups.json").read_text("utf-8"))
    assert [one["slug"] for one in data["topics"]] == [f"topic-00{number}" for number in range(5)]
    assert len(data["people"]) == 3
