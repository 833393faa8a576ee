"""Slugs of previews are safe in addresses, and differ where names do."""

from __future__ import annotations

import re

import pytest

from openknowledge.publish.errors import PublishRefused
from openknowledge.publish.previews.preview import slugify


@pytest.mark.parametrize("name", ["128", "fix-menu", "a"])
def test_a_name_that_is_safe_stays_as_it_is(name):
    assert slugify(name) == name


@pytest.mark.parametrize(
    "name", ["Feature/Nuovo corso", "è-così", "../../etc", "日本語", "a" * 300, "-x-", "a--b", "x.y", "%2e"]
)
def test_any_other_name_becomes_a_part_of_a_hosts_name(name):
    assert re.fullmatch(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?", slugify(name))


def test_branches_that_look_alike_have_names_of_their_own():
    names = ["fix-menu", "Fix-menu", "fix/menu", "fix menu", "fix_menu", "-fix-menu"]

    assert len({slugify(name) for name in names}) == len(names)
    assert all(slugify(name).startswith("fix-menu") for name in names)


def test_the_same_branch_always_has_the_same_name():
    assert slugify("Feature/Nuovo corso") == "feature-nuovo-corso-ef6401"


@pytest.mark.parametrize("name", ["", "  "])
def test_no_name_is_refused(name):
    with pytest.raises(PublishRefused):
        slugify(name)
