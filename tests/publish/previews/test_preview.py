"""A preview from build to report, with builds that are faked."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from obstore.store import MemoryStore
from tests.publish.builders import KINDS, SITE, a_site
from tests.publish.previews.folders import a_target
from tests.publish.stores import a_run, keys

from openknowledge.publish import built_site, publisher
from openknowledge.publish.errors import PublishRefused, make_problem
from openknowledge.publish.pipeline import publish
from openknowledge.publish.previews import preview
from openknowledge.publish.previews.preview import run_preview
from openknowledge.publish.publisher import Publisher
from openknowledge.publish.result import Status
from openknowledge.publish.settings import PublishSettings
from openknowledge.publish.targets import object_store
from openknowledge.redirects.table import Redirect

FILES = {"index.html": "<h1>Home</h1>", "a/index.html": "<h1>A</h1>", "b/index.html": "<h1>B</h1>"}


class World:
    """A store, a project whose builds write `files`, and the overrides of those builds."""

    def __init__(self, project, store):
        self.project, self.store = project, store
        self.files, self.forwards = dict(FILES), {}
        self.builds: list[dict[str, str]] = []
        self.more: dict[str, str] = {}
        self.asked: list[list[str]] = []

    def build(self, settings, addresses, overrides):
        """Build as the real one does: redirect what can be, and report lost addresses as a problem."""
        asked, output = sorted(addresses), settings.project / settings.output
        self.builds.append(dict(overrides))
        self.asked.append(asked)
        answered = [Redirect(one, target=to) for one, to in self.forwards.items() if one in asked]
        url = json.loads(overrides.get("SITEURL", json.dumps(SITE)))
        site = a_site(output, self.files, site_url=url, forwards=answered)
        lost = [one for one in asked if one not in self.forwards and f"{one[1:]}index.html" not in self.files]
        if lost and overrides.get("KEEP_GOING") != "true":
            raise PublishRefused([make_problem("the build", "addresses are lost", "")])
        if "PROBLEMS_FILE" in overrides:
            rows = [{"path": "content/x.md", "message": f"{one} was published once", "hint": "say it"} for one in lost]
            file = Path(json.loads(overrides["PROBLEMS_FILE"]))
            file.parent.mkdir(exist_ok=True)
            file.write_text(json.dumps(rows))
        return site

    def run(self) -> Publisher:
        plain = {"SITEURL": SITE, "OUTPUT_PATH": str(self.project / "output"), "CACHE_PATH": ".cache"}
        target = {"kind": "directory", "path": "not used"}
        own = {**plain, "PUBLISH_TARGET": target, "PUBLISH_READ_BACK_URL": "", **self.more}
        return Publisher(PublishSettings.from_pelican(own, {}, self.project), "somebody")

    def publish(self):
        target = a_target(self.store)
        site = a_site(self.project / "output", self.files)
        return publish(a_run(target, self.project), site, target.read_state())

    def preview(self, name="7", **more):
        chosen = {"is_plan": False, "is_removed": False, "report": str(self.project / "report.md"), **more}
        return run_preview(self.run(), name, **chosen)

    @property
    def report(self) -> str:
        return (self.project / "report.md").read_text()


@pytest.fixture
def world(tmp_path, monkeypatch) -> World:
    world = World(tmp_path, MemoryStore())
    monkeypatch.setattr(object_store, "lock_age_s", lambda *_: 10_000.0)
    monkeypatch.setattr(preview, "build_site", world.build)
    monkeypatch.setattr(publisher, "build_site", world.build)
    monkeypatch.setattr(publisher, "make_verifier", lambda *_, **__: lambda *_: (0, ()))
    monkeypatch.setattr(publisher, "check_site_links", lambda *_: None)
    monkeypatch.setattr(
        Publisher, "make_target", lambda self: a_target(world.store, self.settings.prefix, self.settings.site_url)
    )
    return world


def test_a_preview_is_published_at_its_own_address_and_left_out_by_search_engines(world):
    world.publish()
    world.files["c/index.html"] = "<h1>C</h1>"

    outcome = world.preview()

    assert (outcome.status, outcome.preview_url) == (Status.PUBLISHED, f"{SITE}/previews/7")
    assert world.builds == [{}, {"SITEURL": f'"{SITE}/previews/7"', "NOINDEX": "true"}]
    assert "previews/7/c/index.html" in keys(world.store)
    assert "c/index.html" not in keys(world.store)
    assert f"[C]({SITE}/previews/7/c/)" in world.report


def test_the_same_branch_again_has_nothing_to_do_and_the_same_report(world):
    world.publish()
    world.files["c/index.html"] = "<h1>C</h1>"
    world.preview()
    first = world.report

    assert world.preview().status is Status.NOTHING_TO_DO
    assert world.report == first


def test_lost_addresses_are_reported_and_the_preview_is_published_all_the_same(world):
    world.publish()
    del world.files["b/index.html"]

    outcome = world.preview()

    assert outcome.status is Status.REFUSED
    assert "previews/7/a/index.html" in keys(world.store)
    assert "### ⚠ Addresses that would be lost (1)" in world.report
    assert "content/x.md: say it" in world.report
    assert "/b/" in outcome.format_text()
    assert [build.get("KEEP_GOING") for build in world.builds] == [None, "true", "true"]


def test_what_a_build_answers_for_once_it_knows_is_not_lost(world):
    world.publish()
    del world.files["b/index.html"]
    world.forwards = {"/b/": "/a/"}

    outcome = world.preview()

    assert outcome.status is Status.PUBLISHED
    assert "forwards to" in world.report
    assert world.asked == [[], ["/b/"], ["/b/"]]


def test_a_plan_reports_and_publishes_nothing(world):
    world.publish()
    before = keys(world.store)
    world.files["c/index.html"] = "<h1>C</h1>"

    outcome = world.preview(is_plan=True)

    assert outcome.status is Status.PUBLISHED
    assert keys(world.store) == before
    assert len(world.builds) == 1
    assert "Pages added (1)" in world.report
    assert "Nothing was published" in outcome.format_text()


def test_what_cannot_be_built_is_a_comment_too(world, monkeypatch):
    def refuse(*_):
        raise PublishRefused([make_problem("the build", "the site cannot be built", "Mend it.")])

    monkeypatch.setattr(publisher, "build_site", refuse)

    with pytest.raises(PublishRefused):
        world.preview()
    assert "No preview" in world.report and "the site cannot be built" in world.report


def test_a_preview_is_taken_away_by_its_branchs_name(world):
    world.publish()
    world.preview("Feature/X")
    assert any(key.startswith("previews/feature-x-") for key in keys(world.store))

    outcome = world.preview("Feature/X", is_removed=True)

    assert outcome.status is Status.PUBLISHED
    assert not any(key.startswith("previews/") for key in keys(world.store))
    assert world.preview("Feature/X", is_removed=True).status is Status.NOTHING_TO_DO


PREVIEW_URL = "https://7.preview.example.net"


@pytest.fixture
def of_others(world) -> World:
    world.more["PUBLISH_PREVIEW_URL"] = "https://{name}.preview.example.net"
    return world


def test_what_another_job_has_built_is_published_and_nothing_of_it_is_run(of_others):
    of_others.publish()
    a_site(of_others.project / "output", {**FILES, "c/index.html": "C"}, site_url=PREVIEW_URL)

    outcome = of_others.preview(is_built=True)

    assert (outcome.status, outcome.preview_url, of_others.builds) == (Status.PUBLISHED, PREVIEW_URL, [])
    assert "previews/7/c/index.html" in keys(of_others.store)
    assert "c/index.html" not in keys(of_others.store)


@pytest.mark.parametrize("path", ["a/.htaccess", ".well-known/.x", "a/.server/x.conf"])
def test_a_preview_of_others_has_no_hidden_file(of_others, monkeypatch, path):
    monkeypatch.setitem(KINDS, path, ("application/octet-stream", *KINDS[".html"][1:]))
    a_site(of_others.project / "output", {**FILES, path: "x"}, site_url=PREVIEW_URL)

    with pytest.raises(PublishRefused, match="has a hidden name"):
        of_others.preview(is_built=True)


def test_a_preview_of_others_is_for_its_own_address(of_others):
    a_site(of_others.project / "output", FILES)

    with pytest.raises(PublishRefused, match=f"SITEURL={PREVIEW_URL}"):
        of_others.preview(is_built=True)


def test_a_preview_of_others_is_bounded_and_says_of_no_file_that_it_is_another(of_others, monkeypatch):
    monkeypatch.setitem(KINDS, "a.txt", ("text/html; charset=utf-8", *KINDS[".html"][1:]))
    a_site(of_others.project / "output", {**FILES, "a.txt": "x"}, site_url=PREVIEW_URL)
    monkeypatch.setattr(built_site, "MAX_FILES", 2)

    with pytest.raises(PublishRefused) as refused:
        of_others.preview(is_built=True)

    messages = sorted(problem.message for problem in refused.value.problems)
    assert messages == ["has a hidden name, or is not what its name says", "has more than 2 files or 4,096 MB"]


@pytest.mark.parametrize("spoil", [Path.unlink, lambda path: (path.unlink(), path.symlink_to("/etc/passwd"))])
def test_a_preview_of_others_has_the_files_of_its_manifest(of_others, spoil):
    spoil(a_site(of_others.project / "output", FILES, site_url=PREVIEW_URL).output / "a/index.html")

    with pytest.raises(PublishRefused, match=r"output/a/index\.html"):
        of_others.preview(is_built=True)


def test_a_preview_of_others_needs_a_host_of_its_own(world):
    a_site(world.project / "output", FILES, site_url=f"{SITE}/previews/7")

    with pytest.raises(PublishRefused, match="on the host of the site"):
        world.preview(is_built=True)
