"""The made-up catalogue is the same everywhere, and an item of it depends on nothing but the seed and its number."""

from __future__ import annotations

import re
from collections import Counter
from datetime import date

from bench import corpus, sources
from bench.corpus import CATALOGUE, COURSE, HUB, PRESS, PRESS_ONLY, VIDEO, Corpus, Item
from bench.site_settings import BUILD_DATE

LINKS = re.compile(r"\]\((/[^)]*)\)")


def text_of(item: Item, items: Corpus) -> str:
    return items.body(item, sources.path_of)


def of_kind(kind: str, size: int = 200) -> list[Item]:
    return [item for item in Corpus(size).items() if item.kind == kind]


def test_the_same_seed_gives_the_same_items() -> None:
    assert list(Corpus(40).items()) == list(Corpus(40).items())


def test_another_seed_gives_other_items() -> None:
    assert Corpus(1, seed=1).item(0).text != Corpus(1, seed=2).item(0).text


def test_a_small_corpus_is_the_beginning_of_a_large_one() -> None:
    assert list(Corpus(20).items()) == list(Corpus(80).items())[:20]


def test_each_twenty_items_have_the_kinds_of_a_catalogue_in_their_proportions() -> None:
    kinds = Counter(item.kind for item in Corpus(100).items())

    assert kinds == {COURSE: 60, VIDEO: 25, HUB: 10, PRESS: 5}


def test_a_corpus_of_press_releases_has_nothing_else() -> None:
    assert {item.kind for item in Corpus(40, kinds=PRESS_ONLY).items()} == {PRESS}


def test_no_two_items_have_the_same_address() -> None:
    addresses = [sources.path_of(item) for item in Corpus(500).items()]

    assert len(set(addresses)) == 500


def test_related_items_are_earlier_ones_and_each_is_linked_once_at_most() -> None:
    items = Corpus(200)

    for item in items.items():
        links = LINKS.findall(text_of(item, items))
        assert all(number < item.number for number in item.related)
        assert set(links) <= {sources.path_of(items.item(number)) for number in item.related}
        assert len(links) == len(set(links))


def test_no_mark_of_a_link_is_left_in_a_text() -> None:
    items = Corpus(100)

    assert not [item for item in items.items() if re.search("[\ue000\ue001]", text_of(item, items))]


def test_the_newest_item_is_the_last_published_of_the_commonest_kind() -> None:
    newest = Corpus(100).newest()

    assert newest.kind == COURSE
    assert newest.published == max(item.published for item in of_kind(COURSE, 100))


def test_every_course_has_a_strand_a_subject_and_a_teacher() -> None:
    courses = of_kind(COURSE)

    assert all(course.facts["strand"] and course.facts["subject"] and course.credits for course in courses)


def test_some_courses_have_editions_and_some_have_enrolments() -> None:
    courses = of_kind(COURSE)

    assert 0.6 < sum("runs" in course.facts for course in courses) / len(courses) < 0.9
    assert 0.2 < sum(bool(course.enrolments) for course in courses) / len(courses) < 0.5


def test_what_a_course_builds_on_is_an_earlier_course() -> None:
    numbers = {item.slug: item.number for item in of_kind(COURSE)}

    for course in of_kind(COURSE):
        slugs = course.facts.get("prerequisites", [])
        assert isinstance(slugs, list)
        assert all(numbers[slug] < course.number for slug in slugs)


def test_enrolments_never_fall_and_none_lies_after_the_day_of_the_build() -> None:
    for course in of_kind(COURSE):
        days = [day for day, _ in sources.months(course)]
        assert list(course.enrolments) == sorted(course.enrolments)
        assert days == sorted(days)
        assert all(day <= date.fromisoformat(BUILD_DATE) for day in days)


def test_a_video_has_a_film_of_its_own() -> None:
    ids = [video.facts["youtube_id"] for video in of_kind(VIDEO)]

    assert len(set(ids)) == len(ids)


def test_a_recording_is_an_earlier_video() -> None:
    videos = {item.slug: item.number for item in of_kind(VIDEO, 400)}
    recordings = [(item.number, item.facts["recording"]) for item in of_kind(HUB, 400) if "recording" in item.facts]

    assert recordings
    assert all(videos[str(slug)] < number for number, slug in recordings)


def test_what_an_item_belongs_to_exists() -> None:
    items = Corpus(100)
    slugs = {group.slug for kind in corpus.GROUPS for group in items.groups(kind)}

    for item in items.items():
        assert {*item.topics, *(person for person, _ in item.credits)} <= slugs
        assert {item.facts[name] for name in ("strand", "initiative") if name in item.facts} <= slugs


def test_the_pattern_of_kinds_begins_with_one_of_each() -> None:
    assert set(CATALOGUE[:4]) == {COURSE, VIDEO, HUB, PRESS}
