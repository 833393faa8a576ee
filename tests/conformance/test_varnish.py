"""A real Varnish with the configuration that operators get, before a store that knows nothing of pages."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import httpx
import pytest
from tests.conformance.origins import Store
from tests.publish.builders import SITE, a_manifest
from tests.servers.varnish import started

from openknowledge.publish.cdn import Cdn, make_cdn
from openknowledge.publish.errors import PublishFailed
from openknowledge.publish.manifest_shards import split_manifest
from openknowledge.publish.plan import make_plan
from openknowledge.publish.verify import Verifier
from openknowledge.redirects.table import Redirect
from openknowledge.serving.headers import (
    CROSS_ORIGIN_HEADERS,
    ERROR_CACHE,
    REDIRECT_CACHE,
    HeaderPolicy,
    response_headers,
    site_headers,
)
from openknowledge.serving.servers import VarnishConfig, render_vcl

pytestmark = pytest.mark.conformance

POLICY = HeaderPolicy(site_url=SITE)
FILES = {
    "index.html": "home",
    "404.html": "non trovata",
    "en/404.html": "not found",
    "en/index.html": "home, in English",
    "corsi/index.html": "courses",
    "corsi/coding/index.html": "coding, old",
    "corsi/gone/index.html": "it is gone",
    "temi/è/index.html": "è",
    "theme/x.1.css": "a {}",
    "media/x.svg": "<svg/>",
    "feed/all.rss.xml": "<rss/>",
    "_openknowledge/register.json": "{}",
}
FORWARDS = (
    Redirect("/corsi/old/", target="/corsi/coding/"),
    Redirect("/temi/già via/", target="https://elsewhere.example/è"),
    Redirect("/course/view.php", query="id=203", target="/corsi/coding/"),
    Redirect("/courses/course-v1:Polimi+X101/about", target="/corsi/coding/"),
    Redirect("/corsi/gone/"),
)


def unknown(name: str, done: int, total: int, size_b: int) -> None:
    """Show no progress."""


@dataclass
class Served:
    """A site behind a Varnish."""

    store: Store
    address: str

    def get(self, path: str, encoding: str = "gzip", **headers: str) -> httpx.Response:
        output = {name.replace("_", "-"): value for name, value in headers.items()}
        return httpx.get(f"{self.address}{path}", headers={"Accept-Encoding": encoding, **output})

    @property
    def purger(self) -> Cdn:
        cdn = make_cdn({"kind": "varnish", "servers": [self.address]}, SITE, {})
        return replace(cdn, attempts=2, backoff_s=0.01)


@pytest.fixture(scope="module")
def same(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """Run a single Varnish for all tests, because it takes long to start."""
    yield from running(tmp_path_factory.mktemp("varnish"), HeaderPolicy(site_url=SITE))


@pytest.fixture
def served(same: Served) -> Served:
    """Return the Varnish with an empty cache, and the store as it was."""
    same.store.objects.clear()
    same.store.broken.clear()
    same.store.put(FILES)
    same.purger.purge_all(unknown)
    same.store.asked.clear()
    return same


def running(folder: Path, policy: HeaderPolicy, purgers: tuple[str, ...] = ("127.0.0.1",)) -> Iterator[Served]:
    store = Store(policy)
    store.put(FILES)
    with store.served() as port:
        front = VarnishConfig(policy=policy, host="127.0.0.1", port=port, root=store.root, purgers=purgers)
        with started(render_vcl(front, FORWARDS), folder) as own_port:
            yield Served(store, f"http://127.0.0.1:{own_port}")


def test_a_page_is_cached_until_it_is_purged_and_only_changes_are_fetched_again(served: Served) -> None:
    for path in ("/", "/corsi/", "/corsi/coding/", "/corsi/coding/"):
        served.get(path)
    served.store.put({"corsi/coding/index.html": "coding, new"})
    old = served.get("/corsi/coding/").text
    served.store.asked.clear()
    before = a_manifest({**FILES})
    after = a_manifest({**FILES, "corsi/coding/index.html": "coding, new"})

    served.purger.purge(make_plan(split_manifest(before), split_manifest(after)).purge_urls, unknown)

    assert old == "coding, old"
    assert [served.get(path).text for path in ("/", "/corsi/", "/corsi/coding/")] == ["home", "courses", "coding, new"]
    assert served.store.asked == {"/corsi/coding/index.html": 1}


@pytest.mark.parametrize("purged", ["/corsi/coding/", "/corsi/coding/index.html"])
def test_a_page_and_its_file_are_the_same_object(served: Served, purged: str) -> None:
    addresses = ("/corsi/coding/", "/corsi/coding/index.html", "/corsi/coding/?utm_source=x")
    assert {served.get(address).text for address in addresses} == {"coding, old"}
    assert served.store.asked == {"/corsi/coding/index.html": 1}
    served.store.put({"corsi/coding/index.html": "coding, new"})

    served.purger.purge([purged], unknown)

    assert {served.get(address).text for address in addresses} == {"coding, new"}


def test_a_purge_takes_the_forms_for_all_readers_along(served: Served) -> None:
    for encoding in ("gzip", "identity"):
        served.get("/corsi/coding/", encoding)
    served.store.put({"corsi/coding/index.html": "coding, new"})

    served.purger.purge(["/corsi/coding/"], unknown)

    assert {served.get("/corsi/coding/", encoding).text for encoding in ("gzip", "identity", "br")} == {"coding, new"}


def test_a_new_page_that_was_requested_too_early_is_there_once_it_is_purged(served: Served) -> None:
    assert served.get("/corsi/new/").status_code == 404
    served.store.put({"corsi/new/index.html": "new"})

    served.purger.purge(["/corsi/new/", "/corsi/new/index.html"], unknown)

    assert served.get("/corsi/new/").text == "new"


def test_addresses_that_need_quotes_are_purged_too(served: Served) -> None:
    assert served.get("/temi/%C3%A8/").text == "è"
    served.store.put({"temi/è/index.html": "è, new"})

    served.purger.purge(["/temi/è/"], unknown)

    assert served.get("/temi/%C3%A8/").text == "è, new"


def test_everything_is_forgotten_where_that_is_asked(served: Served) -> None:
    for path in ("/", "/corsi/"):
        served.get(path)
    served.store.put({"index.html": "home, new", "corsi/index.html": "courses, new"})

    served.purger.purge_all(unknown)

    assert [served.get(path).text for path in ("/", "/corsi/")] == ["home, new", "courses, new"]


def test_strangers_may_not_purge(tmp_path: Path) -> None:
    for served in running(tmp_path, POLICY, purgers=("192.0.2.1",)):
        served.get("/corsi/")
        served.store.put({"corsi/index.html": "new"})

        with pytest.raises(PublishFailed, match="403"):
            served.purger.purge(["/corsi/"], unknown)
        with pytest.raises(PublishFailed, match="403"):
            served.purger.purge_all(unknown)

        assert served.get("/corsi/").text == "courses"


def test_strangers_may_not_purge_through_a_proxy_on_the_same_machine(served: Served) -> None:
    headers = {"X-Forwarded-For": "192.0.2.1"}

    assert httpx.request("PURGE", f"{served.address}/", headers=headers).status_code == 403


def test_readers_get_gzip_or_plain_as_they_ask_and_both_are_the_page(served: Served) -> None:
    packed, plain, brotli = (served.get("/corsi/", encoding) for encoding in ("br, gzip", "identity", "br"))

    assert packed.headers["Content-Encoding"] == "gzip"
    assert "Content-Encoding" not in plain.headers
    assert "Content-Encoding" not in brotli.headers
    assert {packed.text, plain.text, brotli.text} == {"courses"}
    assert {one.headers["Vary"] for one in (packed, plain, brotli)} == {"Accept-Encoding"}


@pytest.mark.parametrize("encoding", ["gzip", "identity"])
def test_a_reader_that_has_the_page_gets_no_body(served: Served, encoding: str) -> None:
    tag = served.get("/corsi/", encoding).headers["ETag"]

    again = served.get("/corsi/", encoding, If_None_Match=tag)

    assert (again.status_code, again.content) == (304, b"")
    assert {name: again.headers[name] for name, _ in site_headers(POLICY)} == dict(site_headers(POLICY))
    assert served.get("/corsi/", encoding, If_None_Match='"other"').status_code == 200


def test_every_answer_has_the_headers_of_the_policy(served: Served) -> None:
    for entry in a_manifest(
        {path: text for path, text in FILES.items() if path[0] != "_" and "gone" not in path}
    ).entries:
        answer = served.get(entry.url_path)
        assert answer.status_code == 200, entry.url_path
        wanted = dict(response_headers(entry, POLICY))
        assert {name: answer.headers.get(name) for name in wanted} == wanted
        assert not {"via", "x-varnish", "server", "x-amz-request-id", "set-cookie"} & set(answer.headers)


@pytest.mark.parametrize(
    ("path", "location"),
    [
        ("/corsi/old/", "/corsi/coding/"),
        ("/corsi/old/index.html", "/corsi/coding/"),
        ("/corsi/old/?utm_source=x", "/corsi/coding/"),
        ("/temi/gi%C3%A0%20via/", "https://elsewhere.example/%C3%A8"),
        ("/temi/gi%c3%a0%20via/", "https://elsewhere.example/%C3%A8"),
        ("/courses/course-v1:Polimi+X101/about", "/corsi/coding/"),
        ("/courses/course-v1%3APolimi%2bX101/about", "/corsi/coding/"),
        ("/course/view.php?id=203", "/corsi/coding/"),
        ("/course/view.php?section=1&id=203", "/corsi/coding/"),
        ("/corsi", "/corsi/"),
        ("/corsi/coding?x=1", "/corsi/coding/"),
    ],
)
def test_old_addresses_and_folders_lead_on(served: Served, path: str, location: str) -> None:
    answer = served.get(path)

    assert (answer.status_code, answer.headers["Location"]) == (301, location)
    assert answer.headers["Cache-Control"] == REDIRECT_CACHE
    assert {name: answer.headers[name] for name, _ in site_headers(POLICY)} == dict(site_headers(POLICY))


def test_what_is_gone_says_so_and_leads_on(served: Served) -> None:
    answer = served.get("/corsi/gone/")

    assert (answer.status_code, answer.text) == (410, "it is gone")
    assert answer.headers["Cache-Control"] == ERROR_CACHE


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("/nothing/", "non trovata"),
        ("/nothing", "non trovata"),
        ("/nothing.txt", "non trovata"),
        ("/corsi/nothing/", "non trovata"),
        ("/course/view.php?id=999", "non trovata"),
        ("/en/nothing/", "not found"),
        ("/en/nothing.txt", "not found"),
        ("/_openknowledge/register.json", "non trovata"),
        ("/%5Fopenknowledge/register.json", "non trovata"),
        ("//_openknowledge/register.json", "non trovata"),
        ("/en/../_openknowledge/register.json", "non trovata"),
        ("/en/%2e%2e/_openknowledge/register.json", "non trovata"),
    ],
)
def test_a_missing_page_is_answered_in_the_language_of_its_address(served: Served, path: str, words: str) -> None:
    with httpx.Client() as client:
        request = client.build_request("GET", f"{served.address}/")
        request.extensions = {"target": path.encode()}
        answer = client.send(request)

    assert (answer.status_code, answer.text) == (404, words)
    assert answer.headers["Cache-Control"] == ERROR_CACHE
    assert "ETag" not in answer.headers
    assert {name: answer.headers[name] for name, _ in site_headers(POLICY)} == dict(site_headers(POLICY))


def test_where_the_site_has_no_page_for_that_a_word_says_it(served: Served) -> None:
    for path in ("404.html", "en/404.html"):
        del served.store.objects[f"{served.store.root}/{path}"]

    answer = served.get("/en/nothing/")

    assert (answer.status_code, answer.text) == (404, "Not Found")
    assert {name: answer.headers[name] for name, _ in site_headers(POLICY)} == dict(site_headers(POLICY))


def test_only_reading_is_possible(served: Served) -> None:
    assert {httpx.request(method, f"{served.address}/").status_code for method in ("POST", "PUT", "DELETE")} == {405}
    assert httpx.head(f"{served.address}/").status_code == 200


def test_what_a_reader_says_of_himself_changes_nothing(served: Served) -> None:
    spoofed = {"X-Status": "410", "X-Folder": "/x/", "X-Missing": "everywhere", "X-Location": "/x/", "Cookie": "a=b"}

    answer = httpx.get(f"{served.address}/corsi/", headers=spoofed)

    assert (answer.status_code, answer.text) == (200, "courses")


def test_a_store_that_stumbles_is_asked_again(served: Served) -> None:
    served.store.broken[f"{served.store.root}/corsi/index.html"] = 2

    assert served.get("/corsi/").text == "courses"


def test_pages_keep_on_being_served_from_the_cache_while_the_store_is_down(served: Served) -> None:
    served.get("/corsi/")
    served.store.broken[f"{served.store.root}/corsi/index.html"] = 100
    served.store.broken[f"{served.store.root}/en/index.html"] = 100

    assert served.get("/corsi/").text == "courses"
    failed = served.get("/en/")
    assert failed.status_code == 503
    assert {name: failed.headers[name] for name, _ in site_headers(POLICY)} == dict(site_headers(POLICY))


def test_a_site_below_a_path_lies_there_and_nowhere_else(tmp_path: Path) -> None:
    policy = HeaderPolicy(site_url=f"{SITE}/open")
    for served in running(tmp_path, policy):
        assert served.get("/open/corsi/").text == "courses"
        assert served.get("/corsi/").status_code == 404
        moved = {path: served.get(path).headers["Location"] for path in ("/open", "/open/corsi", "/open/corsi/old/")}
        assert moved == {"/open": "/open/", "/open/corsi": "/open/corsi/", "/open/corsi/old/": "/open/corsi/coding/"}
        served.store.put({"corsi/index.html": "courses, new"})
        purger = make_cdn({"kind": "varnish", "servers": [served.address]}, policy.site_url, {})
        purger.purge(["/corsi/"], unknown)
        assert served.get("/open/corsi/").text == "courses, new"


def test_what_is_read_back_through_it_is_what_was_published(served: Served) -> None:
    files = {path: text for path, text in FILES.items() if path[0] != "_"}
    manifest = split_manifest(a_manifest(files, has_twins=True))
    reader = Verifier(
        public_url=served.address,
        headers=lambda entry: dict(response_headers(entry, POLICY)),
        redirects=FORWARDS,
        retry_delays_s=(),
    )

    count, problems = reader(make_plan(None, manifest), manifest, unknown)

    assert [str(one) for one in problems] == []
    assert count == len(files) - 1


def test_pictures_are_for_everybody_and_pages_are_not(served: Served) -> None:
    assert {name: served.get("/media/x.svg").headers[name] for name, _ in CROSS_ORIGIN_HEADERS} == dict(
        CROSS_ORIGIN_HEADERS
    )
    assert "Access-Control-Allow-Origin" not in served.get("/corsi/").headers
