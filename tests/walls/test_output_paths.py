"""What is written stays inside output/, and has one owner."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.builders import COURSE, problems

from openknowledge.output_paths import explain_path

ESCAPES = (
    *("../pelicanconf.py", "../../../evil.html", "/etc/passwd.html", "a/../../x.html", "a/./b.html", "a//b.html"),
    *(".ledger", ".manifest.json", ".htaccess", ".unfinished", "a/.git/x.html", "a\\b.html", "a\nb.html", "a\0b.html"),
    *(
        "theme/evil.html",
        "Theme/evil.html",
        "media/evil.html",
        "data/evil.html",
        "covers/evil.html",
        "_redirects/x.html",
    ),
    *("con.html", "a/NUL/index.html", "com1.html", "x" * 256 + ".html", "a/" * 600 + "x.html", "\u202ea.html", ""),
)


@pytest.mark.parametrize("path", ESCAPES)
def test_no_page_is_written_outside_the_site_or_over_its_own_files(path: str) -> None:
    assert explain_path(path, "page") is not None


@pytest.mark.parametrize(
    "path", ["404.html", "corsi/algebra/index.html", ".well-known/x/index.html", "città/index.html"]
)
def test_the_paths_of_pages_are_allowed(path: str) -> None:
    assert explain_path(path, "page") is None


def test_a_folder_of_the_site_is_open_to_its_own_rule() -> None:
    assert explain_path("media/a.png", "media") is None
    assert explain_path("theme/a.css", "theme") is None
    assert explain_path("theme/a.css", "media") is not None


@pytest.mark.parametrize("path", ["../pelicanconf.py", ".ledger", "theme/site.js", "/etc/x.html", "x.php", "a b.html"])
def test_save_as_cannot_leave_the_site(tmp_path: Path, path: str) -> None:
    page = f'---\ntitle: evil\nsave_as: "{path}"\n---\nx\n'

    (message,) = problems(tmp_path, {"pages/evil.md": page})

    assert message.startswith(f'content/pages/evil.md:3: save_as: "{path}" is not the path of a page\n')


@pytest.mark.parametrize("path", ["theme/evil.html", "media/evil.html", "data/x.html"])
def test_save_as_cannot_take_a_folder_of_the_site(tmp_path: Path, path: str) -> None:
    page = f'---\ntitle: evil\nsave_as: "{path}"\n---\nx\n'

    (message,) = problems(tmp_path, {"pages/evil.md": page})

    assert "is a folder of the site itself" in message


@pytest.mark.parametrize("slug", ["con", "aux", "nul", "x" * 256])
def test_a_slug_cannot_take_a_folder_of_the_site_or_a_device(tmp_path: Path, slug: str) -> None:
    (message,) = problems(tmp_path, {"pages/evil.md": f"---\ntitle: evil\nslug: {slug}\n---\nx\n"})

    assert message.startswith("content/pages/evil.md")


@pytest.mark.parametrize(
    "alias", ["/.ledger", "/.htaccess", "/theme/", "/media/x/", "/.git/config", "/_redirects", "/con/", "/%2e%2e/x/"]
)
def test_an_alias_cannot_claim_the_sites_own_files(tmp_path: Path, alias: str) -> None:
    course = COURSE.replace("---\nUn", f'aliases: ["{alias}"]\n---\nUn')

    (message,) = problems(tmp_path, {"courses/algebra/index.md": course})

    assert message.startswith("content/courses/algebra/index.md:4: aliases[0]:")
