"""Chains of forwards end in one step; circles are told with all that are in them."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from tests.redirects.builders import a_wish, wishes

from openknowledge.redirects.resolver import cycle_problem, flatten


def test_each_link_of_a_chain_leads_to_its_end() -> None:
    flat = flatten(wishes(a_wish("/a/", "/b/"), a_wish("/b/", "/c"), a_wish("/c/", "/d/")))

    assert {source: end.target for source, end in flat.final_rules.items()} == {
        "/a/": "/d/",
        "/b/": "/d/",
        "/c/": "/d/",
    }


def test_a_chain_may_end_elsewhere_or_in_something_that_is_gone() -> None:
    flat = flatten(
        wishes(a_wish("/a/", "/b/"), a_wish("/b/", "https://x.example/"), a_wish("/c/", "/d/"), a_wish("/d/"))
    )

    assert flat.final_rules["/a/"].target == "https://x.example/"
    assert flat.final_rules["/c/"].target is None


def test_a_circle_is_told_once_with_its_members_and_lines() -> None:
    flat = flatten(
        wishes(a_wish("/c/", "/a/", 5), a_wish("/a/", "/b/", 1), a_wish("/b/", "/c/", 3), a_wish("/x/", "/a/", 7))
    )

    assert flat.final_rules == {}
    assert [str(cycle_problem(one)).splitlines()[0] for one in flat.cycles] == [
        "content/redirects.yaml:1: to: these lead in a circle: /a/ (line 1) → /b/ (line 3) → /c/ (line 5) → /a/"
    ]


def test_what_leads_to_itself_is_told_in_fewer_words() -> None:
    (circle,) = flatten(wishes(a_wish("/a/", "/a", 4))).cycles

    assert '4: to: "/a/" leads to itself' in str(cycle_problem(circle))


ADDRESSES = st.sampled_from([f"/{name}/" for name in "abcdefgh"])
LIVE = st.sampled_from(["/home/", "/list/", None, "https://x.example/"])


@given(st.dictionaries(ADDRESSES, st.one_of(ADDRESSES, LIVE)))
def test_every_forward_ends_in_one_step_or_is_told(table: dict[str, str | None]) -> None:
    flat = flatten({source: a_wish(source, target) for source, target in table.items()})
    in_circles = {one.source for circle in flat.cycles for one in circle}

    for end in flat.final_rules.values():
        assert end.target not in table or (end.target is None)
    for source in table.keys() - flat.final_rules.keys():
        assert walked(table, source) & in_circles
    assert not flat.final_rules.keys() & in_circles


def walked(table: dict[str, str | None], source: str) -> set[str]:
    """All that is met on the way from a source."""
    met: set[str] = set()
    here: str | None = source
    while here in table and here not in met:
        met.add(here)
        here = table[here]
    return met
