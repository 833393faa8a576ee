"""`security.txt` has what RFC 9116 asks for, and nothing that it does not know."""

from __future__ import annotations

from typing import Any

import pytest
from tests.builders import a_course, a_site

from openknowledge.discovery.security import PATH, SecurityContact, security_rule
from openknowledge.discovery.settings import check_settings
from openknowledge.problems import ContentProblems

CONTACT = {"contact": ["mailto:security@example.edu", "https://example.edu/c"], "expires": "2027-06-30T02:00:00+02:00"}


def checked(**settings: Any) -> list[str]:
    try:
        check_settings({"SITEURL": "https://example.edu", **settings})
    except ContentProblems as found:
        return [str(problem) for problem in found.problems]
    return []


def test_it_names_contacts_its_end_and_its_own_address() -> None:
    rule = security_rule(SecurityContact.from_setting({**CONTACT, "policy": "https://example.edu/policy"}))
    site = a_site(a_course())

    (key,) = rule.keys(site)
    files = rule.plan(site.fork(), *key).run()

    assert files == (
        (
            PATH,
            b"Contact: mailto:security@example.edu\nContact: https://example.edu/c\nExpires: 2027-06-30T00:00:00Z\n"
            b"Preferred-Languages: it, en\nCanonical: https://example.edu/.well-known/security.txt\n"
            b"Policy: https://example.edu/policy\n",
        ),
    )
    assert [*rule.keys(a_site(a_course(), is_hidden=True))] == []


@pytest.mark.parametrize(
    "setting", [{}, CONTACT, {**CONTACT, "contact": "tel:+39-02-2399"}, {**CONTACT, "preferred_languages": ("it",)}]
)
def test_a_right_setting_has_no_problem(setting: dict[str, Any]) -> None:
    assert checked(SECURITY_TXT=setting) == []


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"contact": []}, "a contact is no address"),
        ({"contact": ["security@example.edu"]}, "a contact is no address"),
        ({"contact": ["http://example.edu"]}, "a contact is no address"),
        ({"contact": ["mailto:a@example.edu\nExpires: 1"]}, "a contact is no address"),
        ({"expires": "2027-06-30"}, "is no moment"),
        ({"expires": 2027}, "is no moment"),
        ({"policy": "/policy"}, '"policy" is no address of a page'),
        ({"polcy": "https://example.edu"}, 'no field "polcy"'),
    ],
)
def test_a_wrong_setting_is_named(change: dict[str, Any], words: str) -> None:
    (problem,) = checked(SECURITY_TXT={**CONTACT, **change})

    assert problem.startswith("pelicanconf.py: SECURITY_TXT: ")
    assert words in problem


@pytest.mark.parametrize("setting", ["mailto:a@example.edu", {"contact": ["mailto:a@example.edu"]}])
def test_what_is_needed_is_asked_for(setting: Any) -> None:
    assert "it needs a contact" in checked(SECURITY_TXT=setting)[0]


def test_a_site_below_a_path_has_none() -> None:
    assert "no /.well-known/" in checked(SECURITY_TXT=CONTACT, SITEURL="https://example.edu/below")[0]
    assert checked(SECURITY_TXT=CONTACT, SITEURL="https://example.edu/below", NOINDEX=True) == []
