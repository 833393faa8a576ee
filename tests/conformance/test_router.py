"""The router of `publish/edge/`, run by Node: every answer is of a whole release, also during publications."""

from __future__ import annotations

import contextlib
import re
import threading
from collections.abc import Iterator, Mapping
from functools import partial
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from types import MappingProxyType

import httpx
import pytest
from obstore.store import MemoryStore
from tests.publish.builders import SITE, a_site
from tests.publish.stores import a_routed_target, a_run, found
from tests.servers.router import running_router

from openknowledge.preview.file_server import run_server
from openknowledge.publish.errors import PublishFailed
from openknowledge.publish.pipeline import publish, roll_back
from openknowledge.publish.targets import object_store
from openknowledge.redirects.table import Redirect

pytestmark = pytest.mark.conformance

NO_TROUBLES: Mapping[str, int] = MappingProxyType({})
LONG_S = 300
"""How long a request waits for an answer that does not come: longer than the router does on any machine."""
FILES = {
    "index.html": "home",
    "404.html": "nothing here",
    "en/404.html": "nothing here (en)",
    "corsi/caffè/index.html": "caffè",
    "theme/site.1.css": "css",
    "counters.json": "{}",
}


class StoreHandler(BaseHTTPRequestHandler):
    """What is in a store in memory, as anonymous readers of a bucket get it.

    `troubles` are statuses by what is in a path; 0 where no answer comes until it is `released`.
    """

    protocol_version = "HTTP/1.1"

    def __init__(
        self, *connection: object, store: MemoryStore, troubles: Mapping[str, int], released: threading.Event
    ) -> None:
        self._store, self._troubles, self._released = store, troubles, released
        super().__init__(*connection)  # type: ignore[arg-type]

    def do_GET(self) -> None:
        one = found(self._store, self.path.lstrip("/"))
        trouble = next((status for part, status in self._troubles.items() if part in self.path), None)
        if trouble == 0:
            self._released.wait(LONG_S)
        body = one.data if one and not trouble else b""
        self.send_response(trouble or (200 if one else 404))
        if body[:2] == b"\x1f\x8b":
            self.send_header("Content-Encoding", "gzip")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@contextlib.contextmanager
def routed(
    store: MemoryStore,
    troubles: Mapping[str, int] = NO_TROUBLES,
    fresh_ms: int = 0,
    released: threading.Event | None = None,
) -> Iterator[httpx.Client]:
    """Yield a client of the router in front of a store."""
    handler = partial(StoreHandler, store=store, troubles=troubles, released=released or threading.Event())
    with (
        run_server(handler) as origin,
        running_router(origin, fresh_ms) as port,
        httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=LONG_S) as client,
    ):
        yield client


def published(folder: Path, store: MemoryStore, files, *, left=None, forwards=(), **policy):
    target = a_routed_target(store, left, **policy)
    return publish(
        a_run(target, folder), a_site(folder / "output", files, has_twins=True, forwards=forwards), target.read_state()
    )


@pytest.fixture(autouse=True)
def no_lease(monkeypatch):
    """Have a lock that its owner could not release taken over at once."""
    monkeypatch.setattr(object_store, "lock_age_s", lambda *_: 10_000.0)


@pytest.fixture
def store() -> MemoryStore:
    return MemoryStore()


def test_pages_folders_and_what_is_not_there(tmp_path, store):
    published(tmp_path, store, FILES)
    with routed(store) as client:
        assert client.get("/").text == "home"
        assert client.get("/corsi/caff%C3%A8/").text == "caffè"
        there = client.get("/corsi/caff%C3%A8?x=1")
        assert (there.status_code, there.headers["location"]) == (301, "/corsi/caff%C3%A8/?x=1")
        assert [(answer.status_code, answer.text) for answer in map(client.get, ("/x", "/en/x", "/%E0%A4%A"))] == [
            (404, "nothing here"),
            (404, "nothing here (en)"),
            (404, "nothing here"),
        ]
        assert client.get("/_openknowledge/register.json").status_code == 404
        assert client.post("/").status_code == 405


def test_headers_are_those_of_the_policy_and_come_back_with_a_release(tmp_path, store):
    published(tmp_path, store, FILES)
    published(tmp_path, store, FILES, is_preloaded=True)
    target = a_routed_target(store, is_preloaded=True)
    with routed(store) as client:
        page, style, data = client.get("/"), client.get("/theme/site.1.css"), client.get("/counters.json")
        assert "preload" in page.headers["strict-transport-security"]
        assert "default-src 'none'" in client.get("/nowhere").headers["content-security-policy"]
        assert page.headers["content-type"] == "text/html; charset=utf-8"
        assert "immutable" in style.headers["cache-control"]
        assert data.headers["access-control-allow-origin"] == "*"
        assert client.get("/", headers={"If-None-Match": page.headers["etag"]}).status_code == 304
        assert client.head("/").content == b""

        roll_back(a_run(target, tmp_path), target.read_state(), 1)

        assert "preload" not in client.get("/").headers["strict-transport-security"]


def test_addresses_that_moved_or_are_gone(tmp_path, store):
    forwards = (
        Redirect("/old/", target="/corsi/caffè/"),
        Redirect("/course/view.php", "id=203", "/corsi/caffè/"),
        Redirect("/away", target="https://elsewhere.example.org/x?y=1"),
        Redirect("/gone/"),
    )
    published(tmp_path, store, {**FILES, "gone/index.html": "it is gone"}, forwards=forwards)
    with routed(store) as client:
        for address, location in (
            ("/old/", "/corsi/caff%C3%A8/"),
            ("/old", "/corsi/caff%C3%A8/"),
            ("/course/view.php?lang=it&id=203", "/corsi/caff%C3%A8/"),
            ("/away", "https://elsewhere.example.org/x?y=1"),
        ):
            answer = client.get(address)
            assert (answer.status_code, answer.headers["location"]) == (301, location)
        assert client.get("/course/view.php?id=204").status_code == 404
        gone = client.get("/gone/")
        assert (gone.status_code, gone.text) == (410, "it is gone")


def release(number: int) -> dict[str, str]:
    """Return a site whose pages all name their release, with a stylesheet of its own."""
    page = f'<link rel="stylesheet" href="/theme/site.{number}.css"> release {number}'
    pages = {f"p{one}/index.html": page for one in range(12)}
    return {"index.html": page, **pages, f"theme/site.{number}.css": f"/* {number} */"}


def test_readers_who_never_pause_never_meet_a_failure_or_a_step_back(tmp_path, store):
    published(tmp_path, store, release(0))
    wrong: list[str] = []
    read = [0]
    is_over = threading.Event()

    def reading(client: httpx.Client) -> None:
        last = 0
        while not is_over.is_set():
            for path in ("/", *(f"/p{one}/" for one in range(12))):
                page = client.get(path)
                number = re.search(r"release (\d+)", page.text)
                read[0] += 1
                if page.status_code != 200 or number is None or int(number[1]) < last:
                    wrong.append(f"{path}: {page.status_code} {page.text[:60]} after {last}")
                    continue
                last = int(number[1])
                style = client.get(f"/theme/site.{last}.css")
                if (style.status_code, style.text) != (200, f"/* {last} */"):
                    wrong.append(f"the style of release {last}: {style.status_code}")

    with routed(store) as client:
        readers = [threading.Thread(target=reading, args=(client,)) for _ in range(3)]
        for one in readers:
            one.start()
        number = 0
        while number < 15 or read[0] < 150:
            number += 1
            published(tmp_path, store, release(number), grace_s=3600)
        is_over.set()
        for one in readers:
            one.join()
    assert wrong == []


def test_a_publication_that_is_cut_off_anywhere_is_never_seen_in_part(tmp_path, store):
    published(tmp_path, store, release(0))
    done = 0
    with routed(store) as client:
        for left in range(3, 60, 4):
            try:
                outcome = published(tmp_path, store, release(done + 1), left=left)
            except PublishFailed:
                outcome = None
            seen = {client.get(path).text for path in ("/", *(f"/p{one}/" for one in range(12)))}
            assert len(seen) == 1
            done = int(re.search(r"release (\d+)", seen.pop())[1])
            assert (
                outcome is None
                or outcome.release is None
                or done == int(re.search(r"site\.(\d+)", " ".join(entry.path for entry in outcome.plan.added))[1])
            )
    assert done > 0


def test_the_site_lives_below_a_path_of_its_host(tmp_path, store):
    from dataclasses import replace

    from openknowledge.publish.targets.content_addressed import dump_response_policy
    from openknowledge.serving.headers import HeaderPolicy

    target = replace(
        a_routed_target(store), response_policy=dump_response_policy(HeaderPolicy(site_url=SITE), "/open", "gzip")
    )
    site = a_site(tmp_path / "output", FILES, has_twins=True, forwards=(Redirect("/old/", target="/corsi/caffè/"),))
    publish(a_run(target, tmp_path), site, target.read_state())
    with routed(store) as client:
        assert client.get("/open/").text == "home"
        assert client.get("/open/old/").headers["location"] == "/open/corsi/caff%C3%A8/"
        assert client.get("/").status_code == 404


def test_where_the_store_fails_a_style_of_an_earlier_release_is_not_called_missing(tmp_path, store):
    published(tmp_path, store, release(0))
    first = a_routed_target(store).read_state().deploy_state.release.manifest
    published(tmp_path, store, release(1))
    troubles = {first: 503}
    with routed(store, troubles) as client:
        assert client.get("/theme/site.0.css").status_code == 503
        troubles[first] = 404
        assert client.get("/theme/site.0.css").status_code == 404
        troubles.clear()
        assert client.get("/theme/site.0.css").text == "/* 0 */"


def test_a_store_that_never_says_what_is_published_does_not_keep_readers_waiting_for_long(tmp_path, store):
    published(tmp_path, store, release(0))
    troubles: dict[str, int] = {}
    released = threading.Event()
    with routed(store, troubles, released=released) as client:
        assert "release 0" in client.get("/").text
        published(tmp_path, store, release(1))
        troubles["register.json"] = 0
        # The store has not answered yet when the router has.
        assert "release 0" in client.get("/").text
        troubles.clear()
        released.set()
        assert "release 1" in client.get("/").text


def test_a_style_is_found_by_a_router_that_has_not_heard_of_its_release_yet(tmp_path, store):
    published(tmp_path, store, release(0))
    with routed(store, fresh_ms=60_000) as behind:
        assert "release 0" in behind.get("/p1/").text
        published(tmp_path, store, release(1))
        with routed(store) as ahead:
            assert "/theme/site.1.css" in ahead.get("/").text

        assert behind.get("/theme/site.1.css").text == "/* 1 */"
        assert "release 1" in behind.get("/p1/").text
        assert behind.get("/nowhere").status_code == 404


@pytest.mark.parametrize(("days", "status"), [(0, 200), (2, 404)])
def test_a_picture_of_a_page_that_was_opened_before_a_release_is_there_for_a_day(
    tmp_path, store, monkeypatch, days, status
):
    output = object_store.iso_utc
    monkeypatch.setattr(object_store, "iso_utc", lambda seconds: output(seconds - days * 24 * 3600))
    published(tmp_path, store, {**FILES, "media/a.svg": "<svg>"})
    published(tmp_path, store, FILES)
    with routed(store) as client:
        assert client.get("/media/a.svg").status_code == status
