"""Chains of redirects are flattened to one step, and cycles are reported with their members."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from tests.redirects.builders import a_rule, by_source

from openknowledge.redirects.resolver import cycle_problem, flatten


def test_each_link_of_a_chain_leads_to_its_end() -> None:
    flat = flatten(by_source(a_rule("/a/", "/b/"), a_rule("/b/", "/c"), a_rule("/c/", "/d/")))

    assert {source: end.target for source, end in flat.final_rules.items()} == {
        "/a/": "/d/",
        "/b/": "/d/",
        "/c/": "/d/",
    }


def test_a_chain_may_end_elsewhere_or_in_something_that_is_gone() -> None:
    flat = flatten(
        by_source(a_rule("/a/", "/b/"), a_rule("/b/", "https://x.example/"), a_rule("/c/", "/d/"), a_rule("/d/"))
    )

    assert flat.final_rules["/a/"].target == "https://x.example/"
    assert flat.final_rules["/c/"].target is None


def test_a_cycle_is_reported_once_with_its_members_and_lines() -> None:
    flat = flatten(
        by_source(a_rule("/c/", "/a/", 5), a_rule("/a/", "/b/", 1), a_rule("/b/", "/c/", 3), a_rule("/x/", "/a/", 7))
    )

    assert flat.final_rules == {}
    assert [str(cycle_problem(cycle)).splitlines()[0] for cycle in flat.cycles] == [
        "content/redirects.yaml:1: to: these lead in a circle: /a/ (:1) → /b/ (:3) → /c/ (:5) → /a/"
    ]


def test_a_rule_that_leads_to_itself_has_a_shorter_message() -> None:
    (cycle,) = flatten(by_source(a_rule("/a/", "/a", 4))).cycles

    assert '4: to: "/a/" leads to itself' in str(cycle_problem(cycle))


ADDRESSES = st.sampled_from([f"/{name}/" for name in "abcdefgh"])
LIVE = st.sampled_from(["/home/", "/list/", None, "https://x.example/"])


@given(st.dictionaries(ADDRESSES, st.one_of(ADDRESSES, LIVE)))
def test_every_redirect_ends_in_one_step_or_is_part_of_a_cycle(table: dict[str, str | None]) -> None:
    flat = flatten({source: a_rule(source, target) for source, target in table.items()})
    in_cycles = {rule.source for cycle in flat.cycles for rule in cycle}

    for end in flat.final_rules.values():
        assert end.target not in table or (end.target is None)
    for source in table.keys() - flat.final_rules.keys():
        assert walked(table, source) & in_cycles
    assert not flat.final_rules.keys() & in_cycles


def walked(table: dict[str, str | None], source: str) -> set[str]:
    """Return every URL on the way from a source."""
    visited: set[str] = set()
    url: str | None = source
    while url in table and url not in visited:
        visited.add(url)
        url = table[url]
    return visited
