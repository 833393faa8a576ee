"""A folder is served as a web server would serve it."""

import socket
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from openknowledge.preview.file_server import FileHandler, Response, resolve_request, serve_folder


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for name in (
        "index.html",
        "404.html",
        "en/404.html",
        "zh-Hant/404.html",
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
    assert resolve_request(root, "/zh-Hant/none/") == Response(404, root / "zh-Hant/404.html")


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


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1:80", "[::1]:8000", "LOCALHOST:1"])
def test_this_machine_is_answered_by_all_its_names(root, host):
    assert status(root, f"GET / HTTP/1.1\r\nHost: {host}\r\n\r\n") == 200


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "localhost.", "", "[::2]", "["])
def test_a_request_for_another_host_is_refused(root, host):
    """A page of elsewhere can give its name this machine's address; its script then reads unpublished pages."""
    assert status(root, f"GET / HTTP/1.1\r\nHost: {host}\r\n\r\n") == 421
    assert status(root, "GET / HTTP/1.0\r\n\r\n") == 421


def status(root: Path, request: str) -> int:
    with (
        serve_folder(root) as address,
        socket.create_connection(("127.0.0.1", int(address.rpartition(":")[2]))) as line,
    ):
        line.sendall(request.encode())
        return int(line.makefile("rb").readline().split()[1])


@pytest.mark.parametrize("name", [".ledger", ".manifest.json", ".git/config", "corsi/.draft"])
def test_hidden_files_are_not_shown(root, name):
    (root / name).parent.mkdir(exist_ok=True)
    (root / name).write_text("secret")

    assert resolve_request(root, f"/{name}").status == 404
    assert resolve_request(root, f"/{name}".replace(".", "%2e")).status == 404


def test_links_are_not_followed_out_of_the_folder(root, tmp_path_factory):
    secret = tmp_path_factory.mktemp("elsewhere") / "secret.txt"
    secret.write_text("secret")
    (root / "env.txt").symlink_to(secret)
    (root / "linked").symlink_to(secret.parent)
    (root / "loop").symlink_to("loop")

    assert resolve_request(root, "/env.txt").status == 404
    assert resolve_request(root, "/linked/secret.txt").status == 404
    assert resolve_request(root, "/loop").status == 404


def test_half_a_request_does_not_keep_its_connection(root, monkeypatch):
    monkeypatch.setattr(FileHandler, "timeout", 0.05)
    with (
        serve_folder(root) as address,
        socket.create_connection(("127.0.0.1", int(address.rpartition(":")[2]))) as line,
    ):
        line.sendall(b"GET / HTTP/1.1\r\nHost: local")
        line.settimeout(60)

        assert line.recv(1) == b""
