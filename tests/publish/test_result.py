"""How a publication ended: for people, for programs, as an exit status."""

from __future__ import annotations

import json

from tests.publish.builders import a_manifest

from openknowledge.publish.errors import make_problem
from openknowledge.publish.manifest_shards import split_manifest
from openknowledge.publish.plan import make_plan
from openknowledge.publish.release import Commit, Release
from openknowledge.publish.result import PublishResult, Status, format_bytes

PLAN = make_plan(
    split_manifest(a_manifest({"a/index.html": "A", "b/index.html": "B"})),
    split_manifest(a_manifest({"a/index.html": "A2", "c/index.html": "C"})),
)
RELEASE = Release(3, "m", "p", Commit("a" * 40, "2026-11-01T10:00:00Z"), "me", 2, 3, "2026-11-01T10:05:00Z")


def test_every_way_to_end_has_an_exit_status_of_its_own():
    assert {status.name: int(status) for status in Status} == {
        "PUBLISHED": 0,
        "NOTHING_TO_DO": 10,
        "REFUSED": 20,
        "FAILED_AND_SAFE": 30,
        "NOT_VERIFIED": 40,
    }


def test_a_publication_says_what_changed_what_was_purged_and_read_back():
    outcome = PublishResult(Status.PUBLISHED, "s3://site", PLAN, RELEASE, purged=6, verified=2, took_s=1.25)

    assert outcome.format_text().splitlines() == [
        "1 added, 1 changed, 1 removed; 3 B in 2 files; 6 addresses to purge",
        "6 addresses purged; 2 files read back; 1.2 s",
        "Release 3 (aaaaaaaaa) is published at s3://site.",
    ]


def test_a_plan_does_not_claim_to_have_published():
    outcome = PublishResult(Status.PUBLISHED, "here", PLAN, RELEASE, has_cache=False, took_s=1.0)

    assert "no cache to purge; nothing read back; 1.0 s" in outcome.format_text()
    assert "addresses" not in outcome.format_text()


def test_a_plan_names_the_files_and_says_that_nothing_was_done():
    text = PublishResult(Status.PUBLISHED, "here", PLAN, is_plan=True).format_text()

    assert "  added: c/index.html" in text
    assert "  changed: a/index.html" in text
    assert "  removed: b/index.html" in text
    assert text.endswith("Nothing was changed.")


def test_a_refusal_gives_all_reasons_before_it_says_so():
    wrong = (make_problem("a", "is wrong", "Mend it."), make_problem("b", "is wrong", "Mend it."))

    assert PublishResult(Status.REFUSED, problems=wrong).format_text().splitlines() == [
        "a: is wrong",
        "    Mend it.",
        "b: is wrong",
        "    Mend it.",
        "Refused. Nothing was changed.",
    ]


def test_json_has_the_same_as_the_text():
    result = json.loads(PublishResult(Status.PUBLISHED, "here", PLAN, RELEASE, verified=2).to_json())

    assert (result["status"], result["exit_status"]) == ("published", 0)
    assert (result["added"], result["changed"], result["removed"]) == (
        ["c/index.html"],
        ["a/index.html"],
        ["b/index.html"],
    )
    assert result["release"]["commit"]["id"] == "a" * 40
    assert result["sent_b"] == 3


def test_sizes_are_readable():
    assert [format_bytes(size_b) for size_b in (0, 999, 1_500, 25_000, 3_900_000, 12_000_000, 2_500_000_000)] == [
        "0 B",
        "999 B",
        "1.5 kB",
        "25 kB",
        "3.9 MB",
        "12 MB",
        "2.5 GB",
    ]
