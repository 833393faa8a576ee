"""What has to travel, and in which order."""

from __future__ import annotations

from tests.publish.builders import SITE, a_manifest, an_entry

from openknowledge.manifest import FileRole, Manifest
from openknowledge.publish.manifest_shards import split_manifest
from openknowledge.publish.plan import Plan, make_plan

SMALL = {"index.html": "home", "a/index.html": "A", "b/index.html": "B", "theme/site.1.css": "css"}


def a_plan(before: dict[str, str] | None, after: dict[str, str], **more) -> Plan:
    old = split_manifest(a_manifest(before)) if before is not None else None
    return make_plan(old, split_manifest(a_manifest(after)), **more)


def paths(entries) -> list[str]:
    return [entry.path for entry in entries]


def test_the_first_time_everything_is_added():
    assert paths(a_plan(None, SMALL).added) == sorted(SMALL)


def test_what_is_the_same_does_not_travel():
    assert a_plan(SMALL, SMALL).is_empty


def test_edited_new_and_removed_files_are_distinguished():
    plan = a_plan(SMALL, {"index.html": "home", "a/index.html": "A2", "c/index.html": "C", "theme/site.1.css": "css"})

    assert paths(plan.added) == ["c/index.html"]
    assert [(old.digest, new.digest) for old, new in plan.changed] == [
        (an_entry("a/index.html", "A").digest, an_entry("a/index.html", "A2").digest)
    ]
    assert paths(plan.removed) == ["b/index.html"]
    assert paths(plan.replaced) == ["a/index.html", "b/index.html"]


def test_another_media_type_has_to_travel_though_the_bytes_are_the_same():
    entry = an_entry("a/index.html")
    other = Manifest.from_entries(SITE, [type(entry)(**{**as_planned(entry), "media_type": "text/plain"})])

    assert paths(make_plan(split_manifest(Manifest.from_entries(SITE, [entry])), split_manifest(other)).sent) == [
        "a/index.html"
    ]


def as_planned(entry):
    return {name: getattr(entry, name) for name in type(entry).__dataclass_fields__}


def test_another_role_does_not():
    page, as_list = an_entry("a/index.html"), an_entry("a/index.html", role=FileRole.LIST)

    assert make_plan(
        split_manifest(Manifest.from_entries(SITE, [page])), split_manifest(Manifest.from_entries(SITE, [as_list]))
    ).is_empty


def test_nothing_is_visible_before_what_it_refers_to():
    before = Manifest.from_entries(
        SITE,
        [
            an_entry("index.html", "1", role=FileRole.LIST),
            an_entry("a/index.html", "1"),
            an_entry("feed.xml", "1"),
            an_entry("old/index.html", "1"),
        ],
    )
    after = Manifest.from_entries(
        SITE,
        [
            an_entry("index.html", "2", role=FileRole.LIST),
            an_entry("a/index.html", "2"),
            an_entry("feed.xml", "2"),
            an_entry("old/index.html", "2", role=FileRole.REDIRECT),
            an_entry("new/index.html", "2"),
            an_entry("theme/site.2.css", "2"),
            an_entry("covers/a.svg", "2"),
        ],
    )

    steps = [
        (name, paths(entries)) for name, entries in make_plan(split_manifest(before), split_manifest(after)).steps()
    ]

    assert steps == [
        ("asset", ["theme/site.2.css"]),
        ("media", ["covers/a.svg"]),
        ("new", ["new/index.html"]),
        ("page", ["a/index.html"]),
        ("list", ["index.html"]),
        ("feed", ["feed.xml"]),
        ("redirect", ["old/index.html"]),
    ]


def test_of_a_first_publication_the_home_page_comes_when_all_is_there_that_it_names():
    after = Manifest.from_entries(
        SITE,
        [an_entry("index.html", "1", role=FileRole.LIST), an_entry("a/index.html", "1"), an_entry("z/index.html", "1")],
    )

    steps = [(name, paths(entries)) for name, entries in make_plan(None, split_manifest(after)).steps()]

    assert steps == [("new", ["a/index.html", "z/index.html"]), ("list", ["index.html"])]


def test_a_new_file_that_readers_may_have_in_an_interrupted_version_counts_as_replaced():
    before, after = a_manifest({}), a_manifest({"a/index.html": "2", "b/index.html": "1", "same/index.html": "1"})
    left = a_manifest({"a/index.html": "1", "same/index.html": "1", "gone/index.html": "1"})

    plan = make_plan(
        split_manifest(before),
        split_manifest(after),
        uncertain=[split_manifest(left)],
        replacing=[split_manifest(left)],
    )

    assert plan.maybe_visible == {"a/index.html"}
    assert [(name, paths(entries)) for name, entries in plan.steps()] == [
        ("new", ["b/index.html", "same/index.html"]),
        ("page", ["a/index.html"]),
    ]
    unfound = make_plan(split_manifest(before), split_manifest(after), uncertain=[split_manifest(left)])
    assert [name for name, _ in unfound.steps()] == ["new"]


def test_both_urls_of_a_page_are_purged_and_immutable_files_never():
    plan = a_plan(SMALL, {**SMALL, "a/index.html": "A2", "theme/site.2.css": "new"})

    assert plan.purge_urls == ("/a/", "/a/index.html")


def test_what_caches_hold_since_a_purge_that_failed_is_purged_with_the_rest():
    earlier = split_manifest(a_manifest({**SMALL, "b/index.html": "B0"}))

    plan = a_plan(SMALL, {**SMALL, "a/index.html": "A2"}, stale=(earlier,))

    assert plan.purge_urls == ("/a/", "/a/index.html", "/b/", "/b/index.html")


def test_where_a_publication_was_cut_off_files_are_sent_again_or_removed():
    cut_off = split_manifest(a_manifest({**SMALL, "a/index.html": "A2", "c/index.html": "C"}))

    plan = a_plan(SMALL, SMALL, uncertain=(cut_off,))

    assert paths(plan.resent) == ["a/index.html"]
    assert paths(plan.removed) == ["c/index.html"]


def test_files_that_an_interrupted_run_may_have_written_are_not_backed_up():
    cut_off = split_manifest(a_manifest({**SMALL, "a/index.html": "A2"}))

    plan = a_plan(SMALL, {**SMALL, "a/index.html": "A3", "b/index.html": "B3"}, uncertain=(cut_off,))

    assert paths(plan.replaced) == ["b/index.html"]


def test_with_other_headers_everything_travels_again():
    assert paths(a_plan(SMALL, SMALL, resends_all=True).sent) == sorted(SMALL)


def test_where_headers_were_changed_and_cut_off_everything_is_doubted():
    plan = a_plan(SMALL, SMALL, uncertain=(split_manifest(a_manifest(SMALL)),), is_all_uncertain=True)

    assert paths(plan.resent) == sorted(SMALL)
    assert plan.replaced == ()
