"""The repository's own site on its way to readers: a real build, a real object store, a real cache in front of it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from tests.conformance.place import BUCKET, Place
from tests.publish.crawler import Crawl, Public, crawl, versions_of
from tests.servers.varnish import Varnish, running_varnish

from openknowledge.manifest import Manifest
from openknowledge.publish.built_site import BuiltSite, open_site
from openknowledge.publish.pipeline import LostUrls, publish
from openknowledge.publish.release import Commit
from openknowledge.publish.result import Status

pytestmark = pytest.mark.conformance
ROOT = Path(__file__).parents[2]
COMMIT = Commit("1" * 40, "2026-11-01T10:00:00Z")
COURSE = "courses/betonmath/index.md"
VIDEO = ("videos/rawgraphs-in-8-minutes.md", "videos/rawgraphs-in-8-minutes.en.md")


@dataclass
class Written:
    """The site's content in a folder of its own, and what is built of it."""

    folder: Path

    def edit(self, path: str, old: str, new: str) -> None:
        place = self.folder / "content" / path
        text = place.read_text("utf-8")
        assert old in text, (path, old)
        place.write_text(text.replace(old, new, 1), "utf-8")

    def built(self) -> BuiltSite:
        command = [sys.executable, "-m", "pelican", str(self.folder / "content"), "-s", str(ROOT / "publishconf.py")]
        options = ["--fatal", "errors", "-o", str(self.folder / "output"), "-e", 'BUILD_DATE="2026-11-22"']
        done = subprocess.run(
            [*command, *options], capture_output=True, text=True, cwd=ROOT, env=os.environ, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return open_site(self.folder / "output", COMMIT)


@dataclass
class Served:
    """Where the site is published, and where readers find it."""

    place: Place
    varnish: Varnish

    def read(self, *manifests: Manifest) -> Crawl:
        """Crawl the site as a reader, for whom only what is in these manifests is right."""
        public = Public(self.varnish.port, is_store=False, site_url=manifests[0].site_url)
        return crawl(public, versions_of(*manifests))

    def status(self, address: str) -> int:
        return Public(self.varnish.port, is_store=False).get(address).status


@pytest.fixture
def written(tmp_path: Path) -> Written:
    shutil.copytree(ROOT / "content", tmp_path / "content")
    return Written(tmp_path)


@pytest.fixture
def served(seaweed, tmp_path: Path) -> Iterator[Served]:
    with running_varnish(tmp_path / "varnish", seaweed.port, f"/{BUCKET}/real") as varnish:
        yield Served(Place(seaweed, "real", purger=varnish), varnish)


def test_the_life_of_a_site(written, served, proxy, capsys):
    place = served.place
    first = written.built()
    place.site_url = first.manifest.site_url
    assert place.publish(first).status is Status.PUBLISHED
    assert served.read(first.manifest).wrong == []
    assert list(place.wrong(first)) == []
    assert place.publish(first).status is Status.NOTHING_TO_DO

    # One edit.
    written.edit(COURSE, 'abstract: "', 'abstract: "Adesso. ')
    edited = written.built()
    proxy.begin()
    run = place.run(proxy.address)
    outcome = publish(run, edited, run.target.read_state())
    assert outcome.status is Status.PUBLISHED
    assert not [asked for asked in proxy.asked if asked.method == "GET" and "list-type" in asked.target]
    assert served.read(edited.manifest).wrong == []
    with capsys.disabled():
        sent_b = sum(asked.sent_b for asked in proxy.asked)
        output = f"{len(outcome.plan.sent)} files, {len(proxy.asked)} requests, {sent_b} bytes"
        print(f"\n{len(first.manifest.entries)} files; one edit: {output}")

    # A rename, with its old address.
    written.edit(COURSE, "title: ", "slug: beton-nuovo\naliases: [/corsi/betonmath/]\ntitle: ")
    renamed = written.built()
    assert place.publish(renamed).status is Status.PUBLISHED
    assert served.read(renamed.manifest).wrong == []
    assert (served.status("/corsi/betonmath/"), served.status("/corsi/beton-nuovo/")) == (200, 200)

    # A removal: refused until it is said what becomes of its addresses.
    for path in VIDEO:
        (written.folder / "content" / path).unlink()
    with pytest.raises(LostUrls) as lost:
        place.publish(written.built())
    assert served.read(renamed.manifest).wrong == []
    rules = "".join(f"- {{from: {address}, gone: true}}\n" for address in lost.value.addresses)
    (written.folder / "content/redirects.yaml").write_text(rules, "utf-8")
    removed = written.built()
    assert place.publish(removed).status is Status.PUBLISHED
    assert served.read(removed.manifest).wrong == []
    assert list(place.wrong(removed)) == []

    # A rollback, and one over three releases.
    assert place.restore().status is Status.PUBLISHED
    assert served.read(renamed.manifest).wrong == []
    assert place.restore(1).status is Status.PUBLISHED
    assert served.read(first.manifest).wrong == []
    assert list(place.wrong(first)) == []
    assert list(place.left_behind()) == []
