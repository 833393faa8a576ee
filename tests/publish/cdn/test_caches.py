"""Each kind of cache gets its own requests, for exactly the addresses that changed."""

from __future__ import annotations

import json
import re

import httpx
import pytest
from tests.publish.cdn.caches import SITE, Server, ignore_progress

from openknowledge.publish.cdn import make_cdn
from openknowledge.publish.errors import PublishFailed

ODD = ("/media/a b&c*(1).pdf", "/temi/è/", "/100%/")
QUOTED = ("/media/a%20b%26c%2A%281%29.pdf", "/temi/%C3%A8/", "/100%25/")
BELOW = f"{SITE}/open"


def paths(request: httpx.Request) -> list[str]:
    return re.findall(r"<Path>(.*?)</Path>", request.content.decode())


def test_varnish_is_asked_for_each_address_of_the_sites_host_at_each_server() -> None:
    server = Server()
    servers = ("http://one:6081", "http://two:6081/")

    server.cache("varnish", site_url=BELOW, servers=servers).purge(["/", "/corsi/"], ignore_progress)

    assert {(request.method, request.headers["Host"]) for request in server.asked} == {
        ("PURGE", "openknowledge.example.edu")
    }
    assert [(request.url.port, request.url.path) for request in server.asked] == [
        (6081, "/open/"),
        (6081, "/open/corsi/"),
    ] * 2
    assert [request.url.host for request in server.asked] == ["one", "one", "two", "two"]


def test_a_varnish_that_is_down_keeps_no_other_from_being_purged() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        return httpx.Response(503 if request.url.host == "one" else 200)

    server = Server(answering=answer)
    servers = ("http://one:6081", "http://two:6081")

    with pytest.raises(PublishFailed) as failed:
        server.cache("varnish", servers=servers, attempts=1).purge(["/corsi/"], ignore_progress)

    assert [request.url.host for request in server.asked] == ["one", "two"]
    assert str(failed.value).startswith("http://one:6081: 1 of 1 addresses were not purged")
    assert len(failed.value.problems) == 1


def test_varnish_forgets_everything_with_one_request() -> None:
    server = Server()

    server.cache("varnish", site_url=BELOW).purge_all(ignore_progress)

    assert [(request.method, request.url.path) for request in server.asked] == [("BAN", "/open/")]


def test_addresses_are_quoted_as_in_links() -> None:
    server = Server()

    server.cache("varnish").purge(ODD, ignore_progress)
    server.cache("fastly").purge(ODD, ignore_progress)
    server.cache("cloudflare").purge(ODD, ignore_progress)
    server.cache("cloudfront").purge(ODD, ignore_progress)

    assert [request.url.raw_path.decode() for request in server.asked[:3]] == list(QUOTED)
    assert [request.url.raw_path.decode() for request in server.asked[3:6]] == [
        f"/purge/openknowledge.example.edu{path}" for path in QUOTED
    ]
    assert json.loads(server.asked[6].content) == {"files": [f"{SITE}{path}" for path in QUOTED]}
    assert paths(server.asked[7]) == list(QUOTED)


def test_cloudflare_purges_all_addresses_in_batches_of_a_hundred() -> None:
    server = Server()
    addresses = [f"/corsi/c{number}/" for number in range(250)]

    server.cache("cloudflare").purge(addresses, ignore_progress)

    batches = [json.loads(request.content)["files"] for request in server.asked]
    assert [len(files) for files in batches] == [100, 100, 50]
    assert [url for files in batches for url in files] == [f"{SITE}{address}" for address in addresses]
    assert set(server.urls) == {"https://api.cloudflare.com/client/v4/zones/z0/purge_cache"}
    assert {request.headers["Authorization"] for request in server.asked} == {"Bearer secret"}


def test_cloudflare_that_says_no_politely_has_not_purged() -> None:
    server = Server([httpx.Response(200, json={"success": False, "errors": [{"message": "Zone not found"}]})])

    with pytest.raises(PublishFailed, match=r"2 of 2 addresses were not purged.*Zone not found"):
        server.cache("cloudflare").purge(["/", "/corsi/"], ignore_progress)


def test_a_batch_that_cloudflare_does_not_take_counts_as_all_its_addresses() -> None:
    server = Server([httpx.Response(200, json={"success": True}), httpx.Response(400, text="no")])

    with pytest.raises(PublishFailed, match="100 of 250 addresses were not purged"):
        server.cache("cloudflare").purge([f"/c{number}/" for number in range(250)], ignore_progress)


def test_cloudflare_forgets_the_sites_host_alone() -> None:
    server = Server()

    server.cache("cloudflare", site_url=BELOW).purge_all(ignore_progress)

    assert [json.loads(request.content) for request in server.asked] == [{"hosts": ["openknowledge.example.edu"]}]


def test_fastly_is_asked_for_each_address_with_the_token() -> None:
    server = Server()

    server.cache("fastly", site_url=BELOW).purge(["/", "/corsi/"], ignore_progress)

    assert server.urls == [
        f"https://api.fastly.com/purge/openknowledge.example.edu/open{path}" for path in ("/", "/corsi/")
    ]
    assert {(request.method, request.headers["Fastly-Key"]) for request in server.asked} == {("POST", "secret")}


def test_fastly_forgets_everything_only_of_a_service_that_was_named() -> None:
    server = Server()

    server.cache("fastly", service="s1").purge_all(ignore_progress)
    with pytest.raises(PublishFailed, match="which service"):
        server.cache("fastly").purge_all(ignore_progress)

    assert server.urls == ["https://api.fastly.com/service/s1/purge_all"]


def test_cloudfront_gets_exactly_the_paths_in_invalidations_that_it_takes() -> None:
    server = Server()
    addresses = [f"/c{number}/" for number in range(3001)]

    server.cache("cloudfront").purge(addresses, ignore_progress)

    assert [len(paths(request)) for request in server.asked] == [3000, 1]
    assert [path for request in server.asked for path in paths(request)] == addresses
    assert "<Quantity>3000</Quantity>" in server.asked[0].content.decode()
    assert not any("*" in path for request in server.asked for path in paths(request))
    assert set(server.urls) == {"https://cloudfront.amazonaws.com/2020-05-31/distribution/E1/invalidation"}


def test_an_invalidation_that_is_tried_again_is_the_same_one_and_the_next_purge_is_another() -> None:
    server = Server([httpx.Response(503), httpx.Response(201), httpx.Response(201)])
    cache = server.cache("cloudfront")

    cache.purge(["/corsi/"], ignore_progress)
    cache.purge(["/corsi/"], ignore_progress)

    first, again, other = (request.content for request in server.asked)
    assert first == again != other


def test_cloudfront_with_too_much_in_progress_is_waited_for() -> None:
    busy = httpx.Response(400, text="<Error><Code>TooManyInvalidationsInProgress</Code></Error>")
    server = Server([busy, busy, httpx.Response(201)])

    server.cache("cloudfront").purge(["/corsi/"], ignore_progress)

    assert len(server.asked) == 3


def test_requests_to_cloudfront_are_signed_and_a_temporary_key_brings_its_token() -> None:
    server = Server()

    server.cache("cloudfront", token="temporary").purge(["/corsi/"], ignore_progress)

    request = server.asked[0]
    assert re.match(
        r"AWS4-HMAC-SHA256 Credential=AKID/\d{8}/us-east-1/cloudfront/aws4_request, "
        r"SignedHeaders=content-type;host;x-amz-content-sha256;x-amz-date;x-amz-security-token, "
        r"Signature=[0-9a-f]{64}$",
        request.headers["Authorization"],
    )
    assert request.headers["x-amz-security-token"] == "temporary"


def test_cloudfront_forgets_everything_with_one_path() -> None:
    server = Server()

    server.cache("cloudfront", site_url=BELOW).purge_all(ignore_progress)

    assert [paths(request) for request in server.asked] == [["/open/*"]]


@pytest.mark.parametrize("kind", ["cloudflare", "cloudfront", "fastly"])
def test_a_cache_shows_no_secret_when_it_is_printed(kind: str) -> None:
    assert "secret" not in repr(Server().cache(kind))


def test_where_there_is_no_cache_nothing_is_purged() -> None:
    heard: list[object] = []

    make_cdn({"kind": "none"}, SITE, {}).purge(["/"], lambda *step: heard.append(step))

    assert heard == []
