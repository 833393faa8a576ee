"""A feed holds the newest dated items of its list."""

from __future__ import annotations

import random
from datetime import datetime

from tests.feeds.builders import a_feed_list, a_moment, a_summary

from openknowledge.catalogue.summary import FeedList, Summary
from openknowledge.feeds.generator import group_by_list, select

COURSE = a_summary("course/a", "2014-06-03", belongs_to=("strand/teachers", "topic/maths"))
PRESS = a_summary("press/b", "2020-06-16")
VIDEO = a_summary("video/c", "2021-01-01T10:00:00+01:00", belongs_to=("playlist/p", "topic/maths"))
UNDATED = a_summary("course/d", None, belongs_to=("topic/maths",))


def refs_in(feed_list: FeedList, *items: Summary, max_items: int = 0) -> list[str]:
    entries = [(item.ref, item.kind, iso(item.published), iso(item.updated), item.belongs_to) for item in items]
    return list(select(feed_list, group_by_list(entries).get(feed_list.key, ()), max_items))


def iso(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None


def test_the_feed_of_all_holds_every_dated_item_newest_first() -> None:
    assert refs_in(a_feed_list("all"), COURSE, UNDATED, PRESS, VIDEO) == ["video/c", "press/b", "course/a"]


def test_a_kind_has_its_own_items() -> None:
    assert refs_in(a_feed_list("kind:course"), COURSE, PRESS, VIDEO) == ["course/a"]


def test_a_list_holds_what_belongs_to_it() -> None:
    assert refs_in(a_feed_list("ref:topic/maths"), COURSE, PRESS, VIDEO, UNDATED) == ["video/c", "course/a"]


def test_a_list_can_be_narrowed_to_kinds() -> None:
    feed_list = a_feed_list("ref:topic/maths", kinds=("course", "press"))

    assert refs_in(feed_list, COURSE, PRESS, VIDEO) == ["course/a"]


def test_a_list_that_nothing_belongs_to_is_empty() -> None:
    assert refs_in(a_feed_list("ref:topic/none"), COURSE) == []


def test_only_the_newest_are_held_where_there_are_many() -> None:
    assert refs_in(a_feed_list(), COURSE, PRESS, VIDEO, max_items=2) == ["video/c", "press/b"]


def test_an_item_with_only_a_date_of_change_is_listed_by_that_date() -> None:
    changed = a_summary("page/about", None, updated=a_moment("2020-07-01"))

    assert refs_in(a_feed_list(), PRESS, changed, VIDEO) == ["video/c", "page/about", "press/b"]


def test_items_of_one_moment_are_in_the_order_of_their_references() -> None:
    items = [a_summary(f"video/{number}", "2020-01-01") for number in range(9)]
    shuffled = random.Random(1).sample(items, len(items))

    assert refs_in(a_feed_list(), *shuffled) == [item.ref for item in items]
