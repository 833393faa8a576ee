"""A folder is served as a web server would serve it."""

import urllib.error
import urllib.request
from pathlib import Path

import pytest

from openknowledge.preview.file_server import Response, resolve_request, serve_folder


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for name in (
        "index.html",
        "404.html",
        "en/404.html",
        "corsi/index.html",
        "corsi/à/index.html",
        "feeds/all.atom.xml",
    ):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"<title>{name}</title>", encoding="utf-8")
    (tmp_path / "theme").mkdir()
    return tmp_path


def test_a_folder_is_its_index(root):
    assert resolve_request(root, "/") == Response(200, root / "index.html")
    assert resolve_request(root, "/corsi/?level=advanced") == Response(200, root / "corsi/index.html")


def test_an_address_may_be_written_with_escapes(root):
    assert resolve_request(root, "/corsi/%C3%A0/") == Response(200, root / "corsi/à/index.html")


def test_a_folder_without_its_slash_redirects_and_keeps_the_query(root):
    assert resolve_request(root, "/corsi?level=advanced") == Response(301, location="/corsi/?level=advanced")


def test_a_redirect_never_leaves_the_site(root):
    assert resolve_request(root, "//corsi").location == "/corsi/"


@pytest.mark.parametrize(
    "target", ["/none/", "/none", "/theme/", "/index.html/", "/../secret", "/%2e%2e/a", "/\\", "/%00"]
)
def test_files_that_do_not_exist_or_lie_outside_are_not_found(root, target):
    assert resolve_request(root, target) == Response(404, root / "404.html")


def test_the_404_page_is_in_the_language_of_the_address(root):
    assert resolve_request(root, "/en/none/") == Response(404, root / "en/404.html")


def test_a_site_without_a_404_page_still_answers(tmp_path):
    assert resolve_request(tmp_path, "/none") == Response(404)


@pytest.mark.parametrize(
    ("name", "media_type"),
    [
        ("index.html", "text/html; charset=utf-8"),
        ("main.js", "text/javascript; charset=utf-8"),
        ("cover.svg", "image/svg+xml; charset=utf-8"),
        ("counters.json", "application/json; charset=utf-8"),
        ("all.atom.xml", "application/atom+xml; charset=utf-8"),
        ("cover.webp", "image/webp"),
        ("cover.jpg", "image/jpeg"),
        ("unknown.thing", "application/octet-stream"),
    ],
)
def test_every_file_has_its_media_type(name, media_type):
    assert Response(200, Path(name)).media_type == media_type


def test_responses_are_whole_and_not_stored(root):
    with serve_folder(root) as address:
        with urllib.request.urlopen(f"{address}/corsi") as reply:
            assert reply.url == f"{address}/corsi/"
            assert reply.headers["Cache-Control"] == "no-store"
            assert reply.read() == b"<title>corsi/index.html</title>"

        with pytest.raises(urllib.error.HTTPError) as missing:
            urllib.request.urlopen(f"{address}/en/none")
        assert missing.value.code == 404
        assert missing.value.read() == b"<title>en/404.html</title>"


def test_head_gives_the_headers_only(root):
    with serve_folder(root) as address:
        request = urllib.request.Request(f"{address}/", method="HEAD")
        with urllib.request.urlopen(request) as reply:
            assert reply.headers["Content-Length"] == "25"
            assert reply.read() == b""
