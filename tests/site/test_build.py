"""Real builds of a small site: whole, repeatable, and careful with what stands."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from runpy import run_path
from urllib.parse import unquote

import pytest
from tests.site.small import REAL_SITE_DAY, ROOT, TODAY, build, copied, digest, small_content
from tests.site.warm import run_pelican

from openknowledge.manifest import MANIFEST


@pytest.fixture
def copy(small_site, tmp_path):
    """Return a copy of the built small site that a test may change."""
    return copied(small_site, tmp_path)


def test_every_kind_has_its_page_in_both_languages(small_site):
    output = small_site.output

    for path in (
        "index.html",
        "en/index.html",
        "404.html",
        "en/404.html",
        "corsi/algebra/index.html",
        "en/courses/linear-algebra/index.html",
        "percorsi/matematica/index.html",
        "en/topics/numbers/index.html",
        "persone/ada/index.html",
        "partner/ateneo/index.html",
        "video/lezione/index.html",
        "video/anno/2025/index.html",
        "stampa/2025/cento-corsi/index.html",
        "imparare/index.html",
        "imparare/articoli/fine/index.html",
        "en/imparare/webinars/incontro/index.html",
        "programmi/scuole/index.html",
        "feed/index.html",
        "en/numbers/index.html",
    ):
        assert (output / path).is_file(), path


def test_without_a_terminal_a_build_prints_a_single_line_without_escape_codes(small_site):
    assert "\x1b" not in small_site.stdout + small_site.stderr
    (line,) = small_site.stdout.splitlines()
    assert line.startswith("Built ")
    assert "pages and" in line and "feeds in" in line and line.endswith("no problems.")


def test_a_page_names_its_language_its_address_and_its_other_language(small_site):
    page = (small_site.output / "corsi/algebra/index.html").read_text()

    assert '<html lang="it"' in page
    assert '<link rel="canonical" href="http://127.0.0.1:8000/corsi/algebra/">' in page
    assert 'hreflang="en" href="http://127.0.0.1:8000/en/courses/linear-algebra/"' in page


def test_numbers_in_prose_are_formatted_for_the_language(small_site):
    page = (small_site.output / "corsi/algebra/index.html").read_text()

    assert "1.200" in page
    assert "12.345" in page
    assert "<data" not in page


def test_the_same_inputs_give_the_same_bytes_anywhere(tmp_path):
    """The manifest and the twins are among them; the other site is built in an environment as it is."""
    elsewhere = {"TZ": "Pacific/Auckland", "LC_ALL": "C", "LANG": "C", "PYTHONHASHSEED": "7"}
    for name, environment in (("elsewhere/deep", elsewhere), ("here", {})):
        content = small_content(tmp_path / name, backwards=name != "here")
        done = build(content, tmp_path / name / "output", "TWINS=true", **environment)
        assert done.returncode == 0, done.stderr

    found = digest(tmp_path / "here/output")
    assert found == digest(tmp_path / "elsewhere/deep/output")
    assert {MANIFEST, "index.html", "index.html.br"} <= found.keys()


def times(output):
    """Return when each file was last written."""
    return {path: path.stat().st_mtime_ns for path in output.rglob("*") if path.is_file()}


def test_a_second_build_writes_nothing(tmp_path):
    content, output = small_content(tmp_path), tmp_path / "output"
    for path in content.rglob("*"):
        os.utime(path, (1_500_000_000, 1_500_000_000))
    build(content, output)
    before = times(output)

    done = build(content, output)

    assert "0 files changed, 0 removed" in done.stdout
    assert times(output) == before


def test_a_second_build_of_files_that_have_just_changed_writes_no_page(copy):
    content, output = copy.content, copy.output
    for path in content.rglob("*"):
        path.touch()
    before = times(output)

    done = build(content, output)

    assert "0 files changed, 0 removed" in done.stdout
    assert {**times(output), output / ".ledger": 0} == {**before, output / ".ledger": 0}


def test_a_mistake_stops_the_build_and_leaves_the_old_site_as_it_was(copy):
    content, output = copy.content, copy.output
    before = digest(output)
    (content / "courses/algebra/index.md").write_text("---\ntitel: Algebra\n---\n")
    (content / "pages/privacy.md").write_bytes(b"")

    done = build(content, output)

    assert done.returncode == 1
    assert (
        'content/courses/algebra/index.md:2: unknown field "titel"; did you mean "title"?' in done.stdout + done.stderr
    )
    assert "content/pages/privacy.md: the file is empty" in done.stdout + done.stderr
    assert "2 problems in 2 files. Nothing was built." in done.stdout + done.stderr
    assert "Traceback" not in done.stdout + done.stderr
    assert digest(output) == before


def test_in_a_preview_a_broken_item_says_so_on_its_page_and_the_rest_works(tmp_path):
    content, output = small_content(tmp_path), tmp_path / "output"
    (content / "courses/geometria/index.md").write_text("---\ntitle: Geometria\nweeks: many\n---\n")

    done = build(content, output, "KEEP_GOING=true", f'PROBLEMS_FILE="{tmp_path / "problems.json"}"')

    assert done.returncode == 0, done.stdout + done.stderr
    (problem,) = json.loads((tmp_path / "problems.json").read_text())
    assert (problem["path"], problem["line"], problem["field"]) == ("content/courses/geometria/index.md", 3, "weeks")
    assert "content/courses/geometria/index.md" in (output / "corsi/geometria/index.html").read_text()
    assert (output / "corsi/algebra/index.html").is_file()


def test_what_is_no_longer_made_is_removed_and_what_is_not_ours_stays(copy):
    content, output = copy.content, copy.output
    (output / "theirs.txt").write_text("not ours")
    shutil.rmtree(content / "courses/geometria")

    build(content, output)

    assert not (output / "corsi/geometria").exists()
    assert (output / "theirs.txt").read_text() == "not ours"


def test_a_press_release_under_embargo_is_not_built_before_its_day(tmp_path):
    text = "---\ntitle: Domani\npublished: 2026-02-01\nembargo: 2026-02-01\n---\nSegreto.\n"
    content, output = small_content(tmp_path, {"press/2026/domani.md": text}), tmp_path / "output"

    build(content, output)
    assert not any("Domani" in path.read_text() for path in output.rglob("*.html"))

    build(content, output, 'BUILD_DATE="2026-02-01"')
    assert (output / "stampa/2026/domani/index.html").is_file()


def test_a_new_kind_needs_a_single_template(tmp_path):
    (tmp_path / "templates").mkdir()
    (tmp_path / "templates/podcast.html").write_text("<!doctype html><p>{{ view.heading }} · {{ _('Courses') }}</p>")
    (tmp_path / "conf.py").write_text(
        "import sys\n"
        f"sys.path[:0] = [{str(ROOT)!r}]\n"
        "from pelicanconf import *\n"
        "from dataclasses import replace\n"
        "from openknowledge.catalogue import generator, kinds\n"
        "from tests.catalogue.test_kinds import PODCAST, group_page\n"
        "PODCAST = replace(PODCAST, page=lambda p, s, l: replace(group_page(p, s, l), template='podcast'))\n"
        "generator.KINDS = (*kinds.KINDS, PODCAST)\n"
        f"THEME = {str(ROOT / 'theme')!r}\n"
        f"THEME_TEMPLATES_OVERRIDES = [{str(tmp_path / 'templates')!r}]\n"
    )
    content = small_content(tmp_path, {"podcasts/onde/index.md": "---\ntitle: Onde\npublished: 2025-05-01\n---\n"})
    arguments = [str(content), "-s", str(tmp_path / "conf.py"), "--fatal", "errors", "-o", str(tmp_path / "out")]

    done = run_pelican(arguments)

    assert done.returncode == 0, done.stdout + done.stderr
    assert "Onde · Corsi" in (tmp_path / "out/podcasts/onde/index.html").read_text()
    assert (tmp_path / "out/podcasts/index.html").is_file()


def test_the_stock_writer_writes_the_same_bytes(small_site, tmp_path):
    plugins = [name for name in run_path(str(ROOT / "pelicanconf.py"))["PLUGINS"] if name != "openknowledge.engine"]

    done = build(small_site.content, tmp_path / "stock", f"PLUGINS={json.dumps(plugins)}")

    assert done.returncode == 0, done.stderr
    ours = digest(small_site.output)
    del ours[".manifest.json"]
    assert digest(tmp_path / "stock") == ours


def test_the_task_and_plain_pelican_give_the_same_bytes(real_site, tmp_path):
    task = [sys.executable, "-m", "invoke", "build", "--today", REAL_SITE_DAY, "--output", str(tmp_path / "output")]

    subprocess.run(task, cwd=ROOT, check=True)

    assert digest(tmp_path / "output") == digest(real_site)


def test_publishing_changes_addresses_and_adds_preview_images_and_nothing_else(small_site, tmp_path, monkeypatch):
    monkeypatch.setenv("SITEURL", "https://courses.example.edu")
    arguments = [str(small_site.content), "-s", str(ROOT / "publishconf.py")]

    done = run_pelican([*arguments, "-o", str(tmp_path / "out"), "-e", f'BUILD_DATE="{TODAY}"'])

    assert done.returncode == 0, done.stdout + done.stderr
    there = (tmp_path / "out/corsi/algebra/index.html").read_text()
    here = (small_site.output / "corsi/algebra/index.html").read_text()
    without_image, count = re.subn(r'<meta property="og:image[^>]*>\n', "", there)
    summary = '<meta name="twitter:card" content="%s">'
    without_image = without_image.replace(summary % "summary_large_image", summary % "summary")
    assert count > 3
    assert unquote(without_image).replace("https://courses.example.edu", "http://127.0.0.1:8000") == unquote(here)


def test_a_site_below_a_path_links_to_itself(small_site, tmp_path):
    done = build(small_site.content, tmp_path / "out", 'SITEURL="https://example.edu/open"')

    assert done.returncode == 0, done.stderr
    page = (tmp_path / "out/corsi/algebra/index.html").read_text()
    assert 'rel="canonical" href="https://example.edu/open/corsi/algebra/"' in page
    assert 'href="/open/percorsi/matematica/"' in page
    assert 'href="/corsi' not in page
    assert '"/theme' not in page
