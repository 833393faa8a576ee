"""What a branch would change, as data and as a comment."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest
from tests.publish.builders import SITE, an_entry

from openknowledge.forge_text import LONGEST
from openknowledge.manifest import FileRole, Manifest, ManifestEntry, Twin
from openknowledge.publish.built_site import BuiltSite
from openknowledge.publish.errors import make_problem
from openknowledge.publish.manifest_shards import split_manifest
from openknowledge.publish.plan import make_plan
from openknowledge.publish.previews import report as module
from openknowledge.publish.previews.preview import PreviewResult
from openknowledge.publish.previews.report import (
    MARK,
    ChangeReport,
    PageTitle,
    build_report,
    render_failure,
    render_report,
)
from openknowledge.publish.release import Commit, DeployState, Release
from openknowledge.publish.result import Status
from openknowledge.publish.targets import PublishedState
from openknowledge.redirects.table import Redirect

PREVIEW = f"{SITE}/previews/128"
RELEASE = Release(41, "", "", Commit("abcdef0123456789", "2026-11-01T10:00:00Z"), "somebody", 0, 0)
LISTS = ("index.html", "corsi/index.html")
BEFORE = {
    "index.html": "home",
    "corsi/index.html": "all courses",
    "corsi/algebra/index.html": "algebra",
    "corsi/geometria/index.html": "geometry",
    "corsi/fisica/index.html": "physics",
    "corsi/chimica/index.html": "chemistry",
    "feed/all.rss.xml": "<rss>",
    "theme/site.1.css": "css",
    "data/search.it.json": "{}",
}
AFTER = {
    **{path: data for path, data in BEFORE.items() if not path.startswith(("corsi/f", "corsi/c", "theme"))},
    "index.html": "home, and more",
    "corsi/algebra/index.html": "algebra, in more words " * 40,
    "corsi/nuovo/index.html": "new " * 500,
    "corsi/geometria/index.html": "this page has moved",
    "corsi/forme/index.html": "geometry",
    "corsi/vecchio/index.html": "this page has moved",
    "feed/all.rss.xml": "<rss> and more",
    "theme/site.2.css": "other css",
}
FORWARDS = (
    Redirect("/corsi/geometria/", target="/corsi/forme/"),
    Redirect("/corsi/vecchio/", target="https://example.com/old"),
    Redirect("/corsi/fisica/", target=None),
)
TITLES = {
    "corsi/nuovo/index.html": "Nuovo | *corso* [x](http://evil) <b>@editor</b>",
    "corsi/forme/index.html": "Forme",
    "corsi/algebra/index.html": "Algebra",
}


def a_site_of(files: Mapping[str, str], redirects: tuple[str, ...] = (), *, has_twins: bool = True) -> Manifest:
    def role(path: str) -> FileRole | None:
        return FileRole.REDIRECT if path in redirects else FileRole.LIST if path in LISTS else None

    entries = (an_entry(path, data, role=role(path)) for path, data in files.items())
    return Manifest.from_entries(SITE, (with_twin(entry) if has_twins else entry for entry in entries))


def with_twin(entry: ManifestEntry) -> ManifestEntry:
    """Return the entry with a twin whose size depends on no library."""
    return replace(entry, twins=(Twin("gzip", f"{entry.path}.gz", entry.digest, entry.size_b // 3 + 9),))


@pytest.fixture(autouse=True)
def titles(monkeypatch):
    def read_title(_output, path: str) -> PageTitle:
        return PageTitle(TITLES.get(path, ""), "it" if path in TITLES else "")

    monkeypatch.setattr(module, "read_title", read_title)


def a_report(
    before: Manifest | None, after: Manifest, redirects=(), lost: Mapping[str, str] | None = None
) -> ChangeReport:
    old = split_manifest(before) if before else None
    state = PublishedState(DeployState(SITE, (RELEASE,) if before else ()), old)
    site = BuiltSite(Path("output"), after, tuple(redirects), RELEASE.commit)
    return build_report(state, site, make_plan(old, split_manifest(after, like=old)), lost or {})


@pytest.fixture
def report() -> ChangeReport:
    moved = ("corsi/geometria/index.html", "corsi/vecchio/index.html")
    lost = {"/corsi/chimica/": "content/redirects.yaml: add {from: /corsi/chimica/, gone: true}"}
    return a_report(a_site_of(BEFORE), a_site_of(AFTER, moved), FORWARDS, lost)


def addresses(files) -> list[str]:
    return [one.address for one in files]


def test_pages_lists_feeds_and_other_files_are_distinguished(report):
    assert addresses(report.files["added"]) == ["/corsi/forme/", "/corsi/nuovo/"]
    assert addresses(report.files["changed"]) == ["/corsi/algebra/"]
    assert addresses(report.files["lists"]) == ["/"]
    assert addresses(report.files["feeds"]) == ["/feed/all.rss.xml"]
    assert addresses(report.files["forwards"]) == ["/corsi/vecchio/"]
    assert [(one.address, one.verb) for one in report.files["others"]] == [
        ("/theme/site.1.css", "removed"),
        ("/theme/site.2.css", "added"),
    ]


def test_a_page_that_becomes_a_redirect_is_removed(report):
    assert [(one.address, one.redirect and one.redirect.target) for one in report.files["removed"]] == [
        ("/corsi/chimica/", None),
        ("/corsi/fisica/", None),
        ("/corsi/geometria/", "/corsi/forme/"),
    ]


def test_the_weight_before_is_reckoned_from_what_differs(report):
    before, after = a_site_of(BEFORE), a_site_of(AFTER)

    def sums(manifest):
        whole = sum(entry.size_b for entry in manifest.entries)
        return len(manifest.entries), whole, sum(min(e.size_b, *(t.size_b for t in e.twins)) for e in manifest.entries)

    assert (report.before.files, report.before.size_b, report.before.travelling_b) == sums(before)
    assert (report.after.files, report.after.size_b, report.after.travelling_b) == sums(after)


def test_files_that_are_only_compressed_in_another_way_are_no_change_for_readers():
    result = a_report(a_site_of(BEFORE, has_twins=False), a_site_of(BEFORE))

    assert result.is_empty


def test_the_comment_is_as_it_was(report, golden):
    golden("previews/report.md", render_report(report, PREVIEW).encode())


def test_the_comment_without_a_preview_links_only_to_what_is_there(report, golden):
    text = render_report(report, "")

    golden("previews/plan.md", text.encode())
    assert "previews" not in text
    assert not any(f"({SITE}/corsi/{name}/)" in text for name in ("nuovo", "forme", "vecchio"))


def test_a_branch_that_changes_nothing_says_so():
    text = render_report(a_report(a_site_of(BEFORE), a_site_of(BEFORE)), PREVIEW)

    assert "nothing changes for readers" in text
    assert "### " not in text


def test_before_anything_is_published_all_pages_are_new():
    result = a_report(None, a_site_of(BEFORE))

    assert len(result.files["added"]) == 6
    assert "Nothing is published at" in render_report(result, PREVIEW)
    assert result.before.files == 0


def test_a_site_of_thousands_of_changed_pages_fits_into_a_comment():
    many = {f"corsi/{'x' * 150}-{number}/index.html": str(number) for number in range(5000)}
    text = render_report(a_report(a_site_of({}), a_site_of(many)), PREVIEW)

    assert len(text) <= LONGEST
    assert "### Pages added (5,000)" in text
    assert "which only the JSON lists" in text


def test_the_same_report_is_the_same_text(report):
    assert render_report(report, PREVIEW) == render_report(report, PREVIEW)


def test_what_is_unfolded_is_folded_again(report):
    text = render_report(report, PREVIEW)

    class Depth(HTMLParser):
        depth = deepest = 0

        def handle_starttag(self, tag, attrs):
            self.depth += tag == "details"
            self.deepest = max(self.deepest, self.depth)

        def handle_endtag(self, tag):
            self.depth -= tag == "details"

    result = Depth()
    result.feed(text)
    assert (result.depth, result.deepest) == (0, 1)


def test_a_preview_that_is_refused_says_why_and_where():
    result = render_failure(
        [make_problem("content/x.md", "title: <b>wrong</b>", "Write `it` so.")], "https://ci.example/run/1"
    )

    assert result.startswith(MARK)
    assert "[this run](https://ci.example/run/1)" in result
    assert "&lt;b&gt;wrong" in result


def test_the_json_has_every_file_and_the_markdown_the_first_ones():
    many = {f"corsi/{number}/index.html": str(number) for number in range(500)}
    outcome = PreviewResult(Status.PUBLISHED, "t", name="128", report=a_report(a_site_of({}), a_site_of(many)))

    data = json.loads(outcome.to_json())
    assert len(data["report"]["added"]) == 500
    assert data["preview"]["name"] == "128"
    assert data["report"]["lost"] == []
