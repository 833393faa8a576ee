"""Every address that was published serves, redirects or says that it is gone."""

from __future__ import annotations

from tests.publish.builders import SITE, a_manifest, an_entry

from openknowledge.manifest import FileRole, Manifest
from openknowledge.publish.manifest_shards import split_manifest
from openknowledge.publish.plan import find_lost_urls, find_retired_urls, make_plan
from openknowledge.redirects.table import Redirect

BEFORE = {"a/index.html": "A", "b/index.html": "B", "covers/b.svg": "<svg>", "theme/site.1.css": "css"}


def lost(after: dict[str, str], former: tuple[str, ...] = (), forwards: tuple[Redirect, ...] = ()) -> tuple[str, ...]:
    manifest = split_manifest(a_manifest(after))
    return find_lost_urls(former, make_plan(split_manifest(a_manifest(BEFORE)), manifest), manifest, forwards)


def test_a_page_that_went_is_lost():
    assert lost({"a/index.html": "A"}) == ("/b/",)


def test_pictures_and_stylesheets_are_exchangeable():
    assert lost({"a/index.html": "A", "b/index.html": "B"}) == ()


def test_a_forward_keeps_the_promise_with_or_without_its_last_slash():
    assert lost({"a/index.html": "A"}, forwards=(Redirect("/b", target="/a/"),)) == ()
    assert lost({"a/index.html": "A"}, forwards=(Redirect("/b/"),)) == ()


def test_a_forward_for_one_query_does_not():
    assert lost({"a/index.html": "A"}, forwards=(Redirect("/b/", "id=1", "/a/"),)) == ("/b/",)


def test_what_was_published_long_ago_is_still_promised():
    assert lost(BEFORE, former=("/c/", "/feeds/old.xml", "/a/")) == ("/c/", "/feeds/old.xml")


def test_an_address_with_a_redirect_stays_retired():
    substitute = Manifest.from_entries(
        SITE, [an_entry("a/index.html", "A"), an_entry("b/index.html", "moved", role=FileRole.REDIRECT)]
    )
    manifest = split_manifest(substitute)

    assert find_retired_urls((), make_plan(split_manifest(a_manifest(BEFORE)), manifest), manifest) == {"/b/"}
    assert find_retired_urls(("/b/",), make_plan(manifest, manifest), manifest) == {"/b/"}


def test_an_address_is_remembered_from_the_moment_when_no_file_has_it():
    manifest = split_manifest(a_manifest({"a/index.html": "A", "c/index.html": "C"}))

    plan = make_plan(split_manifest(a_manifest(BEFORE)), manifest)

    assert find_retired_urls(("/c/", "/d/"), plan, manifest) == {"/b/", "/d/"}
