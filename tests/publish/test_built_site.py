"""A site is published only if it is what its manifest says."""

from __future__ import annotations

import pytest
from tests.publish.builders import a_site

from openknowledge.manifest import MANIFEST
from openknowledge.publish.built_site import open_site
from openknowledge.publish.errors import PublishFailed, PublishRefused
from openknowledge.publish.release import Commit

FILES = {"index.html": "home", "a/index.html": "A"}


def refused(output) -> list[str]:
    with pytest.raises(PublishRefused) as caught:
        open_site(output, Commit())
    return [f"{problem.path}: {problem.message}" for problem in caught.value.problems]


def test_without_a_manifest_nothing_is_published(tmp_path):
    a_site(tmp_path / "output", FILES)
    (tmp_path / "output" / MANIFEST).unlink()

    assert refused(tmp_path / "output") == [f"output/{MANIFEST}: there is no manifest"]


@pytest.mark.parametrize(
    "spoil", [lambda data: data[:50], lambda data: data.replace(b"a/index", b"b/index"), bytes.upper]
)
def test_a_broken_or_changed_manifest_is_refused(tmp_path, spoil):
    a_site(tmp_path / "output", FILES)
    path = tmp_path / "output" / MANIFEST
    path.write_bytes(spoil(path.read_bytes()))

    assert refused(tmp_path / "output")[0].startswith(f"output/{MANIFEST}: ")


def test_a_manifest_of_a_newer_version_says_so(tmp_path):
    a_site(tmp_path / "output", FILES)
    path = tmp_path / "output" / MANIFEST
    path.write_bytes(path.read_bytes().replace(b'"format": 1', b'"format": 2'))

    assert "is of version 2" in refused(tmp_path / "output")[0]


def test_a_build_that_did_not_end_is_not_published(tmp_path):
    a_site(tmp_path / "output", FILES)
    (tmp_path / "output/.unfinished").touch()

    assert refused(tmp_path / "output") == ["output: a build is under way here, or one did not end"]


def test_files_that_no_build_made_and_files_that_are_missing_are_reported_all_at_once(tmp_path):
    a_site(tmp_path / "output", FILES)
    (tmp_path / "output/a/index.html").unlink()
    (tmp_path / "output/a/note.html").write_text("mine")
    (tmp_path / "output/.DS_Store").touch()

    assert refused(tmp_path / "output") == [
        "output/a/index.html: is in the manifest, but not there",
        "output/a/note.html: is there, but no build made it",
    ]


def test_a_file_that_is_not_as_the_build_wrote_it_stops_before_anything_is_sent(tmp_path):
    site = a_site(tmp_path / "output", FILES, has_twins=True)
    (tmp_path / "output/a/index.html").write_text("Z")
    (tmp_path / "output/index.html.gz").write_bytes(b"Z")

    with pytest.raises(PublishRefused) as caught:
        site.check_files(site.manifest.entries)

    assert [problem.path for problem in caught.value.problems] == ["output/a/index.html", "output/index.html.gz"]


def test_a_file_that_changes_while_it_is_published_stops_the_publication(tmp_path):
    site = a_site(tmp_path / "output", FILES)
    (tmp_path / "output/index.html").write_text("Z")

    with pytest.raises(PublishFailed, match="changed while it was published"):
        site.read_file("index.html", site.manifest.by_path["index.html"].digest)
