"""Platforms are asked within bounds, again where that helps, and only for what may have changed."""

from __future__ import annotations

import gzip
import json
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import httpcore
import httpx
import pytest
from pytest_httpserver import HTTPServer
from tests.connectors.clients import (
    DAY,
    FakeClock,
    Talk,
    a_client,
    a_raw_server,
    answers,
    drips,
    fetch,
    resets,
    says,
)
from werkzeug import Request, Response

from openknowledge.connectors import deadline
from openknowledge.connectors.recording import Recording
from openknowledge.connectors.source import LimitReached, SourceFailed

PAGE = {"items": [1]}


@pytest.fixture
def recording(tmp_path: Path) -> Recording:
    return Recording(tmp_path / "platform", DAY)


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


def say(server: HTTPServer, *responses: Response, path: str = "/videos") -> None:
    """Have a server give these answers one after the other, and the page once they are used up."""
    waiting = [*responses]

    def answer(_: Request) -> Response:
        return waiting.pop(0) if waiting else Response(json.dumps(PAGE))

    server.expect_request(path).respond_with_handler(answer)


@pytest.mark.parametrize("status", [408, 425, 429, 500, 502, 503, 504, 520, 529])
def test_a_status_that_passes_is_tried_again_and_counted(
    status: int, httpserver: HTTPServer, recording: Recording, clock: FakeClock
) -> None:
    say(httpserver, Response(status=status), Response(status=status))

    with a_client(httpserver.url_for("/"), clock) as client:
        page = fetch(client, recording)

    assert (page.body, client.requests_sent, clock.waits) == (PAGE, len(httpserver.log), [1, 2])


@pytest.mark.parametrize(
    ("headers", "wait"),
    [
        ({"Retry-After": "37"}, 37),
        ({"Retry-After": "Tue, 01 Dec 2026 04:01:30 GMT", "Date": "Tue, 01 Dec 2026 04:00:00 GMT"}, 90),
        # The platform's clock counts, not ours.
        ({"Retry-After": "Mon, 30 Nov 2026 23:00:07 GMT", "Date": "Mon, 30 Nov 2026 23:00:00 GMT"}, 7),
        ({"Retry-After": "Tue, 01 Dec 2026 03:00:00 GMT", "Date": "Tue, 01 Dec 2026 04:00:00 GMT"}, 1),
        ({"Retry-After": "0"}, 1),
        ({"Retry-After": "soon"}, 1),
        ({"Retry-After": "-5"}, 1),
    ],
)
def test_retry_after_is_honoured_in_seconds_and_as_a_date(
    headers: dict[str, str], wait: float, recording: Recording, clock: FakeClock
) -> None:
    lines = "".join(f"{name}: {value}\r\n" for name, value in {"Connection": "close", **headers}.items())
    throttled = says(f"HTTP/1.1 429 Too Many Requests\r\nContent-Length: 0\r\nConnection: close\r\n{lines}\r\n")

    with a_raw_server(throttled, answers(json.dumps(PAGE))) as url, a_client(url, clock) as client:
        fetch(client, recording)

    assert clock.waits == [wait]


@pytest.mark.parametrize("after", ["3600", "999999999999", "Fri, 01 Jan 2100 00:00:00 GMT"])
def test_a_platform_that_asks_for_hours_is_not_waited_for(
    after: str, httpserver: HTTPServer, recording: Recording, clock: FakeClock
) -> None:
    say(httpserver, Response(status=503, headers={"Retry-After": after}))

    with (
        a_client(httpserver.url_for("/"), clock) as client,
        pytest.raises(SourceFailed, match="503 and asks to wait for"),
    ):
        fetch(client, recording)

    assert clock.waits == []


def test_a_status_that_does_not_pass_ends_after_a_bounded_number_of_tries(
    httpserver: HTTPServer, recording: Recording, clock: FakeClock
) -> None:
    httpserver.expect_request("/videos").respond_with_data("", status=503)

    with (
        a_client(httpserver.url_for("/"), clock) as client,
        pytest.raises(SourceFailed, match="answered 503, in 5 tries"),
    ):
        fetch(client, recording)

    assert (client.requests_sent, len(httpserver.log), clock.waits) == (5, 5, [1, 2, 4, 8])


def test_a_message_names_the_address_without_long_lists_of_ids(httpserver: HTTPServer, recording: Recording) -> None:
    httpserver.expect_request("/videos").respond_with_data("", status=404)
    params = {"id": ",".join(map(str, range(50))), "page": "2"}

    with a_client(httpserver.url_for("/")) as client, pytest.raises(SourceFailed, match=r"id=\.\.\.&page=2: answered"):
        fetch(client, recording, params=params)


@pytest.mark.parametrize(
    "body",
    ["<!DOCTYPE html><title>Sign in</title>", "", "null", "7", '"text"', '{"items": 3}', "[" * 100_000, "\ufeff{"],
)
def test_what_is_no_page_though_its_status_is_200_is_tried_again(
    body: str, httpserver: HTTPServer, recording: Recording
) -> None:
    say(httpserver, Response(body), Response(body))

    with a_client(httpserver.url_for("/")) as client:
        page = fetch(client, recording)

    assert (page.body, client.requests_sent) == (PAGE, 3)


@pytest.mark.parametrize(
    "trouble",
    [
        answers('{"items": [', declared=500),
        resets,
        says(""),
        says("HTTP/1.1 200 OK\r\nContent-Length: nonsense\r\n\r\n"),
        says('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{"ite'),
        says("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 3\r\n\r\nabc"),
        says("HTTP/1.1 302 Found\r\nLocation: http://[\r\nContent-Length: 0\r\n\r\n"),
    ],
)
def test_a_connection_that_breaks_is_made_again(trouble: Any, recording: Recording) -> None:
    with a_raw_server(trouble, answers(json.dumps(PAGE))) as url, a_client(url) as client:
        page = fetch(client, recording)

    assert (page.body, client.requests_sent) == (PAGE, 2)


@pytest.mark.parametrize(
    "start", ["HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n", "HTTP/1.1 200 OK\r\nX-Slow: ", ""]
)
def test_an_answer_that_drips_is_given_up(start: str, recording: Recording) -> None:
    with (
        a_raw_server(drips(start)) as url,
        a_client(url, bounds={"seconds": 0.1, "attempts": 2}) as client,
        pytest.raises(SourceFailed, match=r"did not answer within .* in 2 tries"),
    ):
        fetch(client, recording)


def test_a_platform_that_is_not_there_saw_no_request(recording: Recording) -> None:
    with a_raw_server(resets) as url:
        pass
    with a_client(url) as client, pytest.raises(SourceFailed, match="cannot be reached"):
        fetch(client, recording)

    assert client.requests_sent == 0


def test_an_answer_that_is_too_large_is_not_read_to_its_end(httpserver: HTTPServer, recording: Recording) -> None:
    say(httpserver, Response(b"x" * 2_000_001))

    with (
        a_client(httpserver.url_for("/"), bounds={"bytes": 2_000_000}) as client,
        pytest.raises(SourceFailed, match="answers more than 2 MB"),
    ):
        fetch(client, recording)

    assert client.requests_sent == 1


def test_other_answers_are_judged_by_the_source(httpserver: HTTPServer, recording: Recording, clock: FakeClock) -> None:
    say(httpserver, Response('{"reason": "slow down"}', status=403), Response('{"reason": "gone"}', status=404))
    seen = []

    with a_client(httpserver.url_for("/"), clock) as client:
        page = client.fetch_page(
            recording,
            "videos/0000",
            "videos",
            is_valid=lambda body: True,
            handle_error=lambda answer: seen.append((answer.status, answer.body["reason"])) or answer.status == 403,
        )

    assert (page, seen, clock.waits) == (None, [(403, "slow down"), (404, "gone")], [1])
    assert recording.find("videos/0000") is None


def compressed(data: bytes, encoding: str = "gzip", **headers: str) -> Talk:
    """Answer with bytes that are said to be compressed."""
    lines = "".join(f"{name}: {value}\r\n" for name, value in {"Connection": "close", **headers}.items())
    head = f"HTTP/1.1 200 OK\r\nContent-Encoding: {encoding}\r\nContent-Length: {len(data)}\r\n{lines}\r\n"
    return lambda connection: connection.sendall(head.encode("latin-1") + data)


TABLE = b"id,total\n" + b"".join(b"%d,%d\n" % (row, row * 7919 % 9973) for row in range(2000))


@pytest.mark.parametrize(
    ("data", "encoding", "reason"),
    [
        (gzip.compress(TABLE)[:5000], "gzip", "broke off in the middle"),
        (gzip.compress(TABLE)[:-4], "gzip", "broke off in the middle"),
        (b"no gzip", "gzip", "broken"),
        (gzip.compress(b" " * 20_000_000), "gzip", "answers more than 1 MB"),
        (b"\x1b\x00", "br", "not asked for"),
        (gzip.compress(gzip.compress(TABLE)), "gzip, gzip", "not asked for"),
    ],
)
def test_what_is_compressed_is_whole_and_within_bounds_or_nothing(
    data: bytes, encoding: str, reason: str, recording: Recording, clock: FakeClock
) -> None:
    """A table that ends in the middle looks like a shorter one."""
    bounds = {"bytes": 1_000_000, "attempts": 2}
    talk = compressed(data, encoding)
    with (
        a_raw_server(talk) as url,
        a_client(url, clock, bounds=bounds) as client,
        pytest.raises(SourceFailed, match=reason),
    ):
        fetch(client, recording, encoding="latin-1", is_valid=lambda _: True)

    assert recording.find("videos/0000") is None


def test_what_is_compressed_in_parts_is_one_body(recording: Recording) -> None:
    data = gzip.compress(TABLE[:100]) + gzip.compress(TABLE[100:])
    with a_raw_server(compressed(data)) as url, a_client(url) as client:
        page = fetch(client, recording, encoding="latin-1", is_valid=lambda _: True)

    assert page.body.encode() == TABLE


@pytest.mark.parametrize("mark", ["ETag", "Last-Modified"])
def test_what_makes_requests_conditional_is_left_out_where_it_cannot_be_sent(mark: str, tmp_path: Path) -> None:
    with a_raw_server(compressed(gzip.compress(b'{"items": [1]}'), **{mark: '"caff\xe8"'})) as url:
        for day in (1, 2):
            with a_client(url) as client:
                recording = Recording(tmp_path, date(2026, 12, day))
                assert fetch(client, recording).body == PAGE
                recording.finish()


@pytest.mark.parametrize("charset", ["rot13", "idna", "undefined", "bogus", "utf-7"])
def test_a_page_in_an_encoding_that_is_none_is_another_answer(
    charset: str, recording: Recording, clock: FakeClock
) -> None:
    page = f"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset={charset}\r\nContent-Length: 6\r\n\r\n<html>"
    with a_raw_server(says(page)) as url, a_client(url, clock) as client, pytest.raises(SourceFailed, match="some"):
        fetch(client, recording)


@pytest.mark.parametrize("place", ["javascript:alert(1)", "http://[::1", "file:///etc/passwd", "data:,{}"])
def test_a_redirect_to_what_is_no_address_is_trouble(place: str, recording: Recording, clock: FakeClock) -> None:
    answer = f"HTTP/1.1 302 Found\r\nLocation: {place}\r\nContent-Length: 0\r\n\r\n"
    with a_raw_server(says(answer)) as url, a_client(url, clock) as client, pytest.raises(SourceFailed):
        fetch(client, recording)


def test_a_clock_that_is_set_back_makes_nobody_wait_for_days(httpserver: HTTPServer, recording: Recording) -> None:
    say(httpserver)
    clock = FakeClock()
    with a_client(httpserver.url_for("/"), clock, bounds={"requests_a_minute": 1}) as client:
        fetch(client, recording, "videos/0")
        clock.moment -= timedelta(days=2)
        fetch(client, recording, "other/0")

    assert clock.waits == [60]


def test_a_page_that_still_holds_and_cannot_be_read_any_more_is_asked_for_again(
    httpserver: HTTPServer, tmp_path: Path
) -> None:
    """A disk that was full, or a hand, has cut it behind its first line."""
    say(httpserver, Response(json.dumps(PAGE), headers={"ETag": '"a"'}), Response(status=304))
    with a_client(httpserver.url_for("/")) as client:
        fetch(client, Recording(tmp_path, DAY))
        (path,) = (tmp_path / "pages").rglob("*.json")
        path.write_bytes(path.read_bytes()[:-3])

        assert fetch(client, Recording(tmp_path, DAY)).body == PAGE
        assert "If-None-Match" not in httpserver.log[-1][0].headers


@pytest.mark.parametrize("status", [204, 206, 304, 400, 401, 403, 404, 410])
def test_an_answer_that_no_source_judges_is_a_failure(
    status: int, httpserver: HTTPServer, recording: Recording
) -> None:
    say(httpserver, Response(status=status))

    with a_client(httpserver.url_for("/")) as client, pytest.raises(SourceFailed, match=f"answered {status}"):
        fetch(client, recording)


def test_pages_that_lead_in_a_circle_end(httpserver: HTTPServer, recording: Recording) -> None:
    say(httpserver)

    with a_client(httpserver.url_for("/")) as client, pytest.raises(SourceFailed, match="leads back to a page"):
        for number, token in enumerate("ABA"):
            fetch(client, recording, f"videos/{number:04}", params={"pageToken": token})


def test_at_the_limit_of_requests_whole_pages_are_there_and_the_next_run_goes_on(
    httpserver: HTTPServer, tmp_path: Path
) -> None:
    say(httpserver, Response(json.dumps(PAGE)), Response(status=503))

    with (
        a_client(httpserver.url_for("/"), bounds={"requests": 2}) as client,
        pytest.raises(LimitReached, match="2 requests"),
    ):
        for number in range(3):
            fetch(client, Recording(tmp_path, DAY), f"videos/{number:04}", params={"page": number})
    assert (client.requests_sent, len(httpserver.log)) == (2, 2)

    with a_client(httpserver.url_for("/")) as client:
        recording = Recording(tmp_path, DAY)
        for number in range(3):
            fetch(client, recording, f"videos/{number:04}", params={"page": number})

    assert [request.args["page"] for request, _ in httpserver.log] == ["0", "1", "1", "2"]


def test_no_more_requests_a_minute_than_the_platform_bears(
    httpserver: HTTPServer, recording: Recording, clock: FakeClock
) -> None:
    say(httpserver)

    with a_client(httpserver.url_for("/"), clock, bounds={"requests_a_minute": 20}) as client:
        for number in range(41):
            fetch(client, recording, f"videos/{number:04}", params={"page": number})

    assert clock.waits == [60, 60]


@pytest.mark.parametrize(
    ("offered", "asked"),
    [
        ({"ETag": '"v1"', "Last-Modified": "Mon, 30 Nov 2026 00:00:00 GMT"}, {"If-None-Match": '"v1"'}),
        (
            {"Last-Modified": "Mon, 30 Nov 2026 00:00:00 GMT"},
            {"If-Modified-Since": "Mon, 30 Nov 2026 00:00:00 GMT"},
        ),
        ({}, {}),
    ],
)
def test_what_was_recorded_before_is_only_asked_for_if_it_changed(
    offered: dict[str, str], asked: dict[str, str], httpserver: HTTPServer, tmp_path: Path
) -> None:
    say(httpserver, Response(json.dumps(PAGE), headers=offered), Response(status=304))
    with a_client(httpserver.url_for("/")) as client:
        first = Recording(tmp_path, date(2026, 11, 30))
        fetch(client, first)
        first.finish()
    if not asked:
        httpserver.clear_all_handlers()
        say(httpserver)

    second = Recording(tmp_path, DAY)
    with a_client(httpserver.url_for("/")) as client:
        page = fetch(client, second)

    request = httpserver.log[-1][0]
    conditions = {name: value for name, value in request.headers.items() if name.startswith("If-")}
    assert (conditions, page.body, page.day) == (asked, PAGE, DAY)
    assert [found.day for found in second.pages("videos")] == [DAY]


def test_a_stored_page_is_no_answer_to_another_request(httpserver: HTTPServer, tmp_path: Path) -> None:
    say(httpserver, Response(json.dumps(PAGE), headers={"ETag": '"v1"'}))
    with a_client(httpserver.url_for("/")) as client:
        fetch(client, Recording(tmp_path, DAY), params={"id": "a,b"})

    with a_client(httpserver.url_for("/")) as client:
        fetch(client, Recording(tmp_path, DAY), params={"id": "a,c"})

    assert "If-None-Match" not in httpserver.log[-1][0].headers
    assert len(httpserver.log) == 2


def test_a_cookie_comes_back_to_the_platform_that_set_it(httpserver: HTTPServer, recording: Recording) -> None:
    """Platforms behind several servers say so which of them answers."""
    say(httpserver, Response(json.dumps(PAGE), headers={"Set-Cookie": "route=a; Path=/"}))

    with a_client(httpserver.url_for("/")) as client:
        for number in range(3):
            fetch(client, recording, f"videos/{number:04}", params={"page": number})

    assert [request.cookies.get("route") for request, _ in httpserver.log] == [None, "a", "a"]


def test_a_form_is_posted_and_never_conditional(httpserver: HTTPServer, tmp_path: Path) -> None:
    say(httpserver, Response(json.dumps(PAGE), headers={"ETag": '"v1"'}))

    for _ in range(2):
        recording = Recording(tmp_path, DAY)
        with a_client(httpserver.url_for("/")) as client:
            fetch(client, recording, form={"wsfunction": "core_course_get_courses_by_field"})
        recording.finish()

    requests = [request for request, _ in httpserver.log]
    assert [(request.method, request.form["wsfunction"]) for request in requests] == [
        ("POST", "core_course_get_courses_by_field")
    ] * 2
    assert not any("If-None-Match" in request.headers or request.query_string for request in requests)


def test_what_may_not_be_stored_is_cleaned_out_before(httpserver: HTTPServer, recording: Recording) -> None:
    say(httpserver, Response('{"items": [1], "fullname": "Somebody"}'))

    with a_client(httpserver.url_for("/")) as client:
        page = fetch(client, recording, clean=lambda body: {"items": body["items"]})

    assert page.body == PAGE
    assert not any("Somebody" in path.read_text("utf-8") for path in recording.folder.rglob("*.json"))


def test_text_is_decoded_as_the_source_says_or_as_it_is_declared(httpserver: HTTPServer, recording: Recording) -> None:
    data = "1;à\n".encode("cp1252")
    say(httpserver, Response(data, mimetype="text/csv"), Response(data, content_type="text/csv; charset=cp1252"))

    with a_client(httpserver.url_for("/")) as client:
        raw = fetch(client, recording, "a/0", is_valid=lambda body: True, encoding="latin-1", params={"n": 1})
        declared = fetch(client, recording, "a/1", is_valid=lambda body: True, params={"n": 2})

    assert raw.body.encode("latin-1") == data
    assert declared.body == "1;à\n"


class Renewing(httpx.Auth):
    """Gets a token, and a new one where the platform takes the old one no more."""

    def __init__(self, url: str) -> None:
        self.url, self.number = url, 0

    def auth_flow(self, request: httpx.Request) -> Any:
        for _ in range(2):
            if self.number == 0 or "Authorization" in request.headers:
                yield httpx.Request("POST", f"{self.url}token", data={"n": "1"})
                self.number += 1
            request.headers["Authorization"] = f"JWT issued-token-{self.number}"
            response = yield request
            if response.status_code != 401:
                return


def test_a_token_that_has_expired_is_renewed_once_and_its_requests_count(
    httpserver: HTTPServer, recording: Recording
) -> None:
    say(httpserver, Response(status=401))
    httpserver.expect_request("/token").respond_with_data("{}")

    with a_client(httpserver.url_for("/"), auth=Renewing(httpserver.url_for("/"))) as client:
        fetch(client, recording)

    assert [request.path for request, _ in httpserver.log] == ["/token", "/videos", "/token", "/videos"]
    assert client.requests_sent == 4
    httpserver.clear_all_handlers()
    httpserver.expect_request("/videos").respond_with_data("", status=401)
    httpserver.expect_request("/token").respond_with_data("{}")
    with (
        a_client(httpserver.url_for("/"), auth=Renewing(httpserver.url_for("/"))) as client,
        pytest.raises(SourceFailed, match="answered 401, so the credentials are wrong or have expired"),
    ):
        fetch(client, recording, "videos/0001", params={"page": 1})
    assert client.requests_sent == 4


def test_an_interrupt_is_seen_soon_while_an_answer_is_waited_for() -> None:
    """One that comes just before a wait does not end it."""
    waits: list[float | None] = []

    class Slow(httpcore.NetworkStream):
        def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
            waits.append(timeout)
            if len(waits) < 3:
                raise httpcore.ReadTimeout
            return b"at last"

    backend = deadline.DeadlineBackend(600)
    backend.begin()

    assert deadline._Stream(Slow(), backend).read(100, 300) == b"at last"
    assert waits == [deadline.PULSE_S] * 3
