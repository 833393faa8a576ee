"""What is written stays inside output/, and has one owner."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.builders import COURSE, problems

from openknowledge.output_paths import explain_path, is_promised
from openknowledge.project_files import explain_name
from openknowledge.publish.release import load_retired_urls
from openknowledge.redirects.sources import parse_redirects
from openknowledge.url_paths import path_error

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
    "path", ["../x", "a/../x", "a/..", "/etc/passwd", "a//b", "./a", "a/.", "", "a\\b", "nul", "a\0"]
)
def test_nothing_is_published_from_or_to_a_path_that_leads_elsewhere(path: str) -> None:
    """A manifest or a deploy state says which paths there are; here no rule closes names with a dot."""
    assert explain_path(path) is not None


@pytest.mark.parametrize(
    "path", ["404.html", "corsi/algebra/index.html", "città/index.html", "فارسی\u200cها/index.html"]
)
def test_the_paths_of_pages_are_allowed(path: str) -> None:
    assert explain_path(path, "page") is None


@pytest.mark.parametrize("name", ["Media", "media.", "media ", "ｍedia", "coverſ", "DATA..", "_Redirects"])
def test_a_folder_of_the_site_is_closed_however_its_name_is_spelled(name: str) -> None:
    assert explain_path(f"{name}/x/index.html", "page") is not None


def test_only_a_plugin_may_prove_what_the_site_owns() -> None:
    """Whoever answers below /.well-known/, also by a redirect, may be given a certificate for the site's name."""
    assert explain_path(".well-known/security.txt", "contacts") is None
    assert explain_path(".well-known/security/index.html", "page") is not None
    assert explain_path(".well-known/acme-challenge/x/index.html", "forward") is not None


@pytest.mark.parametrize("sign", ["\u2028", "\u2029", "\x85", "\r", "\t"])
def test_a_path_has_no_sign_that_a_program_takes_for_the_end_of_a_line(tmp_path: Path, sign: str) -> None:
    assert explain_path(f"a{sign}b/index.html", "page") is not None
    assert explain_name(f"a{sign}b.pdf")
    assert path_error(f"/a{sign}b/") is not None
    assert load_retired_urls("/a\u2028b/\n/c/\n".encode(), "x") == {"/a\u2028b/", "/c/"}


@pytest.mark.parametrize(
    "target",
    [
        *("//evil.example/", "https://user:pw@a.org/", "https://[bad", "https://", "https://a.org/x y"),
        *("/\\\\evil.example", "https://a.org/<script>", "https://a.org\\\\@evil.example/", "/a b", "https://a_b/"),
    ],
)
def test_a_redirect_leads_to_a_path_or_a_web_address_and_nothing_else(target: str) -> None:
    """Servers and hosts get a target in tables of theirs, where a blank or a line end begins something else."""
    for text in (
        f'- {{from: /a/, to: "{target}"}}\n',
        f"- from: /a/\n  to: |\n    {target}\n    /* https://evil.example/\n",
    ):
        _, problems = parse_redirects(text, "content/redirects.yaml", ("it", "en"))

        assert [problem.field for problem in problems] == ["to"]


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

    assert "belongs to the site itself" in message


@pytest.mark.parametrize("slug", ["con", "aux", "nul", "x" * 256])
def test_a_slug_cannot_take_a_folder_of_the_site_or_a_device(tmp_path: Path, slug: str) -> None:
    (message,) = problems(tmp_path, {"pages/evil.md": f"---\ntitle: evil\nslug: {slug}\n---\nx\n"})

    assert message.startswith("content/pages/evil.md")


@pytest.mark.parametrize(
    "alias",
    [
        *("/.ledger", "/.htaccess", "/theme/", "/media/x/", "/.git/config", "/_redirects", "/con/", "/%2e%2e/x/"),
        "/.well-known/acme-challenge/x",
    ],
)
def test_an_alias_cannot_claim_the_sites_own_files(tmp_path: Path, alias: str) -> None:
    course = COURSE.replace("---\nUn", f'aliases: ["{alias}"]\n---\nUn')

    (message,) = problems(tmp_path, {"courses/algebra/index.md": course})

    assert message.startswith("content/courses/algebra/index.md:4: aliases[0]:")


@pytest.mark.parametrize(
    ("path", "promised"),
    [
        ("sitemaps/course.it.2.xml", False),
        ("/sitemap.xml", False),
        ("icons/site.it.webmanifest", False),
        (".well-known/security.txt", False),
        ("corsi/sitemaps/", True),
        ("/feed/all.rss.xml", True),
        ("", True),
    ],
)
def test_what_programs_look_for_may_go_without_a_forward(path: str, promised: bool) -> None:
    """A kind that loses its last item loses its sitemap, which no editor could forward."""
    assert is_promised(path) is promised
