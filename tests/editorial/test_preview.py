"""The preview shows the newest edition that could be built, and tells open pages of the next."""

import json
import sys
import urllib.request
from functools import partial
from pathlib import Path

import pytest

from openknowledge.catalogue.problems import Problem
from openknowledge.editorial.editions import Builder, Edition, Stand
from openknowledge.editorial.panel import Finding
from openknowledge.editorial.preview import PreviewHandler
from openknowledge.editorial.serving import answering

PAGE = "<html><head></head><body>one</body></html>"
BROKEN = Finding(Problem("content/a.md", 1, "title", "missing"))


def previewing(stand: Stand):
    return answering(partial(PreviewHandler, stand=stand))


@pytest.fixture
def stand(tmp_path: Path) -> Stand:
    (tmp_path / "index.html").write_text(PAGE)
    (tmp_path / "site.css").write_text("body {}")
    return Stand(Edition("1", tmp_path))


def test_pages_follow_builds_and_other_files_are_as_they_were_built(stand):
    with previewing(stand) as address:
        page = urllib.request.urlopen(f"{address}/").read().decode()
        style = urllib.request.urlopen(f"{address}/site.css").read()

    assert 'src="/_preview.js" data-build="1"' in page
    assert style == b"body {}"
    assert (stand.edition.root / "index.html").read_text() == PAGE


def test_the_panel_comes_with_a_problem_and_goes_when_it_is_mended(stand):
    with previewing(stand) as address:
        stand.put(Edition("2", stand.edition.root, (BROKEN,)))
        broken = urllib.request.urlopen(f"{address}/").read().decode()
        stand.put(Edition("3", stand.edition.root))
        mended = urllib.request.urlopen(f"{address}/").read().decode()

    assert "preview-panel" in broken
    assert "preview-panel" not in mended


def test_script_and_stylesheet_are_the_previews_own(stand):
    with previewing(stand) as address:
        script = urllib.request.urlopen(f"{address}/_preview.js")
        style = urllib.request.urlopen(f"{address}/_preview.css")

        assert script.headers["Content-Type"] == "text/javascript; charset=utf-8"
        assert b"EventSource" in script.read()
        assert b".preview-panel" in style.read()


def test_open_pages_are_told_the_build_at_once_and_each_one_after(stand):
    with previewing(stand) as address:
        stream = urllib.request.urlopen(f"{address}/_preview/builds", timeout=5)
        first = stream.readline()
        stand.put(Edition("2", stand.edition.root))
        second = [stream.readline(), stream.readline()][1]

        assert stream.headers["Content-Type"] == "text/event-stream"
        assert (first, second) == (b"data: 1\n", b"data: 2\n")


class ScriptedBuilder(Builder):
    """Builds with a few lines of Python in place of Pelican."""

    script = ""

    def _command(self, root: Path, problems: Path) -> list[str]:
        return [sys.executable, "-c", self.script, str(root), str(problems)]


WRITES = "import sys, pathlib; pathlib.Path(sys.argv[1], 'index.html').write_text('{}')"


@pytest.fixture
def builder(tmp_path: Path) -> ScriptedBuilder:
    return ScriptedBuilder(tmp_path)


def test_each_edition_is_whole_and_has_its_own_folder(builder):
    builder.script = WRITES.format("one")
    first = builder.next_after(None)
    builder.script = WRITES.format("two")
    second = builder.next_after(first)

    assert (first.root / "index.html").read_text() == "one"
    assert (second.root / "index.html").read_text() == "two"
    assert first.build != second.build


def test_older_editions_are_removed_but_for_the_last(builder):
    builder.script = WRITES.format("x")
    first = builder.next_after(None)
    second = builder.next_after(first)
    third = builder.next_after(second)

    assert not first.root.exists()
    assert second.root.exists()
    assert third.root.exists()


def test_a_build_that_fails_leaves_the_last_good_files_and_says_why(builder, capfd):
    builder.script = WRITES.format("good")
    good = builder.next_after(None)
    builder.script = f"{WRITES.format('half')}; raise SystemExit('no such filter')"
    failed = builder.next_after(good)

    assert failed.root == good.root
    assert (failed.root / "index.html").read_text() == "good"
    assert failed.crash == "no such filter"
    assert failed.build != good.build
    assert "no such filter" in capfd.readouterr().out


def test_the_first_build_may_fail_too(builder):
    builder.script = "raise SystemExit(3)"

    assert builder.next_after(None).crash == "Exit status 3"


def test_the_problems_of_a_build_come_with_it(builder):
    entries = json.dumps([{"path": "content/a.md", "line": 1, "field": "title", "message": "missing", "hint": None}])
    builder.script = f"import sys, pathlib; pathlib.Path(sys.argv[2]).write_text({entries!r})"

    assert builder.next_after(None).findings == (BROKEN,)


def test_a_preview_never_builds_into_the_output_folder(tmp_path):
    command = Builder(tmp_path, "2026-01-01")._command(tmp_path / ".cache/preview/1", tmp_path / "p.json")

    assert command[command.index("-o") + 1] == str(tmp_path / ".cache/preview/1")
    assert "KEEP_GOING=true" in command
    assert f'PROBLEMS_FILE="{tmp_path / "p.json"}"' in command
    assert 'BUILD_DATE="2026-01-01"' in command
