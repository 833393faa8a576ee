"""The made-up texts depend on the seed and the key alone, and have all that the Markdown dialect has."""

from __future__ import annotations

import pytest
from bench.prose import Prose, vocabulary


def test_the_same_seed_and_key_give_the_same_text() -> None:
    assert Prose(1, "a").text(400, 800, ()) == Prose(1, "a").text(400, 800, ())


def test_another_seed_or_another_key_gives_another_text() -> None:
    texts = {Prose(seed, key).text(400, 800, ()) for seed, key in ((1, "a"), (2, "a"), (1, "b"))}

    assert len(texts) == 3


@pytest.mark.parametrize(("fewest", "most"), [(150, 400), (400, 800)])
def test_a_text_has_as_many_words_as_it_should(fewest: int, most: int) -> None:
    lengths = [len(Prose(1, str(number)).text(fewest, most, ()).split()) for number in range(100)]

    assert min(lengths) >= fewest - 150
    assert sum(length >= fewest for length in lengths) > 90
    assert max(lengths) <= most


def test_a_text_has_every_link_at_most_once() -> None:
    text = Prose(1, "a").text(400, 800, ("/x/", "/y/"))

    assert text.count("(/x/)") <= 1
    assert text.count("(/y/)") <= 1
    assert "(/x/)" in text or "(/y/)" in text


def test_plain_text_has_no_heading_and_all_its_links() -> None:
    text = Prose(1, "a").plain_text(40, 160, ("/x/",))

    assert "#" not in text
    assert "(/x/)" in text


def test_all_that_the_dialect_has_is_somewhere() -> None:
    text = "\n".join(Prose(1, str(number)).text(400, 800, ()) for number in range(60))

    assert all(mark in text for mark in ("\n## ", "\n- ", "\n1. ", "\n> ", "|---|", "```", " **", " *", " `", "]("))


def test_no_word_of_the_vocabulary_comes_twice() -> None:
    assert len(set(vocabulary(1))) == len(vocabulary(1))
