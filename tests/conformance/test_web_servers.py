"""nginx and Caddy, with the configurations that operators get, answer for every file as the manifest says."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from tests.conformance.servers import Server, certificate, running
from tests.publish.addresses import NASTY
from tests.publish.built import Release, released
from tests.servers.programs import free_ports
from tests.serving.observatories import Answer, mozilla, security_headers

from openknowledge.manifest import ManifestEntry
from openknowledge.redirects.table import Redirect
from openknowledge.serving.headers import (
    ERROR_CACHE,
    REDIRECT_CACHE,
    HeaderPolicy,
    response_headers,
    site_headers,
)
from openknowledge.serving.servers import TABLES_FOLDER, ServerConfig, render_tables

pytestmark = pytest.mark.conformance

HOST = "127.0.0.1"
ENCODINGS = {"br": "gzip, deflate, br, zstd", "gzip": "gzip", "": "identity"}


@pytest.fixture(scope="module")
def release(real_site: Path, tmp_path_factory: pytest.TempPathFactory) -> Release:
    return released(real_site, tmp_path_factory.mktemp("published"), NASTY, f"https://{HOST}")


@pytest.fixture(scope="module", params=["nginx", "caddy"])
def server(
    request: pytest.FixtureRequest, release: Release, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp(request.param)
    port, plain_port = free_ports(2)
    file, key = certificate(folder)
    place = ServerConfig(
        policy=HeaderPolicy(site_url=f"https://{HOST}"),
        root=str(release.root),
        certificate=file,
        key=key,
        port=port,
        http_port=plain_port,
    )
    with running(request.param, place, folder / "server") as found:
        yield found


def own(release: Release) -> tuple[ManifestEntry, ...]:
    """Return the files of the site without those at old addresses, which a server redirects."""
    old = {f"{one.source.strip('/')}/index.html" for one in NASTY}
    return tuple(entry for entry in release.manifest.entries if entry.path not in old)


def target(entry: ManifestEntry) -> str:
    return quote(entry.url_path)


def test_every_file_has_its_headers(server: Server, release: Release) -> None:
    wrong = []
    for entry in own(release):
        response = server.ask(target(entry))
        expected = {name.lower(): value for name, value in response_headers(entry, server.place.policy)}
        found = {name: response.headers.get(name) for name in expected}
        if response.status != 200 or found != expected or "last-modified" in response.headers:
            wrong.append((entry.path, response.status, sorted(set(found.items()) ^ set(expected.items()))))
        if "access-control-allow-origin" in response.headers and "access-control-allow-origin" not in expected:
            wrong.append((entry.path, "is open"))

    assert len(release.manifest.entries) > 400
    assert wrong == []


def test_every_file_comes_as_it_is_or_as_the_twin_that_was_asked_for(server: Server, release: Release) -> None:
    wrong = []
    for entry in own(release):
        twins = {"": entry.path, **{twin.encoding: twin.path for twin in entry.twins}}
        tags = set()
        for encoding, accepted in ENCODINGS.items():
            response = server.ask(target(entry), accepted)
            best = encoding if encoding in twins else ""
            is_right = response.headers.get("content-encoding", "") == best and response.body == release.body(
                twins[best]
            )
            varies = not entry.twins or response.headers.get("vary") == "Accept-Encoding"
            tags.add(response.headers.get("etag", "none"))
            if not (is_right and varies and response.headers.get("etag", "").startswith('"')):
                wrong.append((entry.path, accepted, response.status, response.headers))
        if len(tags) != len(twins):
            wrong.append((entry.path, "has other bytes with the same ETag", tags))

    assert sum(bool(entry.twins) for entry in release.manifest.entries) > 300
    assert wrong == []


@pytest.mark.parametrize("accepted", ["br;q=0, gzip", "gzip;q=1.0, br;q=0"])
def test_what_a_browser_refuses_it_does_not_get(server: Server, accepted: str) -> None:
    assert server.ask("/", accepted).headers["content-encoding"] == "gzip"


def test_a_proxy_in_front_gets_the_twins_too(server: Server) -> None:
    assert server.ask("/", "br", Via="1.1 cdn").headers["content-encoding"] == "br"


@pytest.mark.parametrize("accepted", ENCODINGS.values())
def test_a_browser_that_has_the_file_gets_no_body(server: Server, release: Release, accepted: str) -> None:
    for entry in own(release):
        first = server.ask(target(entry), accepted)
        again = server.ask(target(entry), accepted, If_None_Match=first.headers["etag"])

        assert (again.status, again.body) == (304, b""), entry.path
        assert again.headers["etag"] == first.headers["etag"]
        assert again.headers["cache-control"] == first.headers["cache-control"]
        assert again.headers.get("vary") == first.headers.get("vary")


@pytest.mark.parametrize(
    ("asked", "page"),
    [
        ("/nothing", "404.html"),
        ("/corsi/nothing/", "404.html"),
        ("/en/nothing", "en/404.html"),
        ("/en/courses/nothing/", "en/404.html"),
        ("/english/nothing/", "404.html"),
        ("/theme/nothing.css", "404.html"),
        ("/en/data.json", "en/404.html"),
        ("/data/", "404.html"),
        (f"/{TABLES_FOLDER}/paths.nginx", "404.html"),
        ("/CASE/", "404.html"),
    ],
)
def test_a_missing_page_is_answered_in_the_language_of_its_address(
    server: Server, release: Release, asked: str, page: str
) -> None:
    entry = release.manifest.by_path[page]
    plain, packed = server.ask(asked), server.ask(asked, "br")

    assert (plain.status, plain.body) == (404, release.body(page))
    assert (packed.status, packed.body) == (
        404,
        release.body(next(one.path for one in entry.twins if one.encoding == "br")),
    )
    for response in (plain, packed):
        assert response.headers["content-type"] == entry.media_type
        assert response.headers["cache-control"] == ERROR_CACHE
        assert missing(server, response.headers) == []


def missing(server: Server, headers: dict[str, str]) -> list[str]:
    """Return the headers of every answer that are missing."""
    return [name for name, value in site_headers(server.place.policy) if headers.get(name.lower()) != value]


@pytest.mark.parametrize("forward", NASTY, ids=lambda one: f"{one.source[:20]}{one.query}")
def test_an_old_address_leads_where_it_should(server: Server, release: Release, forward: Redirect) -> None:
    query = f"?{quote(forward.query, safe='=&')}" if forward.query else ""
    response = server.ask(quote(forward.source) + query)

    assert response.status == forward.status
    assert missing(server, response.headers) in ([], ["Cross-Origin-Resource-Policy"])
    if forward.target is None:
        assert response.headers["cache-control"] == ERROR_CACHE
        assert response.headers["content-type"] == "text/html; charset=utf-8"
    else:
        expected = quote(forward.target, safe="/:?#@!&'()*+,;=%~")
        assert response.headers["location"] == expected
        assert response.headers["cache-control"] == REDIRECT_CACHE


def test_what_has_gone_says_so_itself_and_comes_packed(server: Server, release: Release) -> None:
    entry = release.manifest.by_path["gone/index.html"]
    plain, packed = server.ask("/gone/"), server.ask("/gone/?utm_source=x", "br")

    assert (plain.status, plain.body) == (410, release.body(entry.path))
    assert (packed.status, packed.headers["content-encoding"]) == (410, "br")
    assert missing(server, plain.headers) == []


@pytest.mark.parametrize("query", ["", "?id=2033", "?id=20"])
def test_an_unknown_number_of_the_old_platform_leads_to_the_list_of_its_courses(server: Server, query: str) -> None:
    moved = server.ask(f"/course/view.php{query}")

    assert moved.status in (301, 308)
    assert server.ask("/course/view.php/").status == 200


@pytest.mark.parametrize("asked", ["/course/view.php?a=b&id=203", "/course/view.php?id=203&a=b#c"])
def test_a_query_counts_among_others(server: Server, asked: str) -> None:
    assert server.ask(asked.partition("#")[0]).headers["location"] == "/corsi/coding/"


def test_a_folder_is_reached_without_its_slash(server: Server) -> None:
    response = server.ask("/corsi?a=b")

    assert response.status in (301, 308)
    assert response.headers["location"] in ("/corsi/", "/corsi/?a=b")
    assert missing(server, response.headers) in ([], ["Cross-Origin-Resource-Policy"])


def test_nothing_can_be_sent_to_the_site(server: Server) -> None:
    response = server.ask("/", method="POST")

    assert response.status == 405
    assert missing(server, response.headers) == []


def test_a_head_request_says_the_same_without_a_body(server: Server) -> None:
    whole, head = server.ask("/", "br"), server.ask("/", "br", method="HEAD")

    assert head.body == b""
    assert {**whole.headers, "date": ""} == {**head.headers, "date": ""}


def test_plain_http_leads_to_the_same_address_over_tls(server: Server) -> None:
    response = server.plainly("/corsi/?a=b")

    assert response.status in (301, 308)
    assert response.headers["location"] in (f"{server.address}/corsi/?a=b", f"https://{HOST}/corsi/?a=b")


def test_http_2_is_spoken(server: Server) -> None:
    assert server.protocol() == "h2"


def test_the_observatories_give_their_top_grades(server: Server) -> None:
    redirect = server.plainly("/").headers["location"]
    answer = Answer(server.address, server.ask("/", "br").headers, None, redirect)

    assert mozilla(answer) == ("A+", 130)
    assert security_headers(answer) == "A+"


def test_another_release_of_the_same_bytes_has_the_same_etags(
    server: Server, release: Release, real_site: Path
) -> None:
    paths = ("/", "/data/counters.json", "/feed/all.rss.xml")
    before = [server.ask(path, "br").headers["etag"] for path in paths]
    other = released(real_site, release.root / server.kind, NASTY, f"https://{HOST}")

    release.current.unlink()
    release.current.symlink_to(other.current.resolve())
    after = [server.ask(path, "br").headers["etag"] for path in paths]
    release.current.unlink()
    release.current.symlink_to("releases/1")

    assert before == after


def test_nginx_takes_the_redirects_of_another_release_when_it_reloads(tmp_path: Path, real_site: Path) -> None:
    port, plain_port = free_ports(2)
    place = ServerConfig(
        policy=HeaderPolicy(site_url=f"http://{HOST}"), root=str(tmp_path), port=port, http_port=plain_port
    )

    with running("nginx", place, tmp_path / "server") as server:
        before = server.plainly("/course/view.php?id=203").status
        released(real_site, tmp_path, NASTY, f"http://{HOST}")
        os.kill(server.pid, signal.SIGHUP)
        end = time.monotonic() + 120
        while (after := server.plainly("/course/view.php?id=203").status) == before and time.monotonic() < end:
            time.sleep(0.05)

    assert (before, after) == (404, 301)


def test_thousands_of_redirects_do_not_slow_a_server(server: Server, tmp_path: Path) -> None:
    forwards = [Redirect(f"/courses/course-v1:Old+{number}/about", "", "/corsi/") for number in range(5_000)]
    forwards += [Redirect("/course/view.php", f"id={number}", "/corsi/") for number in range(1_000)]
    folder = tmp_path / "current" / TABLES_FOLDER
    folder.mkdir(parents=True)
    for name, text in render_tables(forwards).items():
        (folder / name).write_text(text, encoding="utf-8")
    (tmp_path / "current/index.html").write_text("<!doctype html><title>.</title>", encoding="utf-8")
    port, plain_port = free_ports(2)
    place = ServerConfig(
        policy=HeaderPolicy(site_url=f"http://{HOST}"), root=str(tmp_path), port=port, http_port=plain_port
    )

    with running(server.kind, place, tmp_path / "server") as other:
        assert other.ask("/courses/course-v1:Old+4999/about").status == 301
        assert other.ask("/course/view.php?id=999").status == 301
        before_s = processor_s(other.pid)
        statuses = {other.ask(f"/?page={number}").status for number in range(200)}
        each_s = (processor_s(other.pid) - before_s) / 200

    assert statuses == {200}
    assert each_s < 0.02


def processor_s(pid: int) -> float:
    """Return how long a process and its children kept the processor busy."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    times = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[11:13]
    own = sum(map(int, times)) / os.sysconf("SC_CLK_TCK")
    return own + sum(processor_s(int(child)) for child in children)


def test_a_server_starts_before_anything_is_published(tmp_path: Path, server: Server) -> None:
    port, plain_port = free_ports(2)
    place = ServerConfig(
        policy=HeaderPolicy(site_url=f"http://{HOST}"), root=str(tmp_path), port=port, http_port=plain_port
    )

    with running(server.kind, place, tmp_path / "server") as other:
        assert other.ask("/").status == 404
