"""Purge requests are retried where that helps, and what was not purged is counted."""

from __future__ import annotations

import asyncio
import time
from dataclasses import replace

import httpx
import pytest
from tests.publish.cdn.caches import Server, ignore_progress

from openknowledge.publish.cdn import Cdn
from openknowledge.publish.errors import PublishFailed

ADDRESSES = tuple(f"/corsi/c{number}/" for number in range(10))


def varnish(server: Server, **changes: object) -> Cdn:
    return server.cache("varnish", servers=("http://cache:6081",), **changes)


@pytest.mark.parametrize(
    "passing",
    [httpx.Response(503), httpx.Response(429), httpx.ConnectError("refused"), httpx.ReadTimeout("slow")],
    ids=["unavailable", "too many", "refused", "timeout"],
)
def test_what_may_pass_is_tried_again(passing: httpx.Response | Exception) -> None:
    server = Server([passing, passing])

    varnish(server).purge(["/corsi/"], ignore_progress)

    assert len(server.asked) == 3


def test_no_request_is_sent_before_the_time_that_the_server_names() -> None:
    server = Server([httpx.Response(429, headers={"Retry-After": "1"})])
    began_s = time.monotonic()

    varnish(server).purge(ADDRESSES[:2], ignore_progress)

    assert time.monotonic() - began_s >= 1
    assert len(server.asked) == 3


def test_a_server_that_wants_to_be_left_alone_for_long_is_asked_again_sooner() -> None:
    server = Server([httpx.Response(429, headers={"Retry-After": "Fri, 01 Jan 2100 00:00:00 GMT"})])

    varnish(server, max_backoff_s=0.01).purge(["/corsi/"], ignore_progress)

    assert len(server.asked) == 2


def test_one_address_that_cannot_be_purged_keeps_no_other_from_it() -> None:
    server = Server(answering=lambda request: httpx.Response(400 if request.url.path == "/corsi/c3/" else 200))

    with pytest.raises(PublishFailed) as failed:
        varnish(server).purge(ADDRESSES, ignore_progress)

    assert len(server.asked) == len(ADDRESSES)
    assert "1 of 10 addresses were not purged: the answer was 400" in str(failed.value)
    assert "Then publish again" in str(failed.value)


def test_a_key_that_is_refused_is_not_tried_with_every_address() -> None:
    server = Server(usual=lambda: httpx.Response(403, text="Not allowed"))

    with pytest.raises(PublishFailed) as failed:
        varnish(server).purge(ADDRESSES, ignore_progress)

    assert len(server.asked) == 1
    assert "10 of 10 addresses were not purged: the answer was 403 Not allowed" in str(failed.value)


def test_a_server_that_is_down_is_abandoned_soon() -> None:
    server = Server(usual=lambda: httpx.Response(503))

    with pytest.raises(PublishFailed) as failed:
        varnish(server, attempts=2).purge(ADDRESSES, ignore_progress)

    assert len(server.asked) == 2 * 3
    assert "10 of 10 addresses" in str(failed.value)


def test_what_was_done_before_a_server_went_down_counts() -> None:
    server = Server([httpx.Response(200)] * 4, usual=lambda: httpx.Response(503))

    with pytest.raises(PublishFailed) as failed:
        varnish(server, attempts=1).purge(ADDRESSES, ignore_progress)

    assert "6 of 10 addresses were not purged" in str(failed.value)


def test_progress_is_reported_as_addresses_are_purged() -> None:
    heard: list[tuple[str, int, int, int]] = []

    varnish(Server()).purge(ADDRESSES[:3], lambda *report: heard.append(report))

    assert heard == [("Purging at http://cache:6081", done, 3, 0) for done in (1, 2, 3)]


def test_nothing_to_purge_sends_no_request() -> None:
    server = Server()

    varnish(server).purge([], ignore_progress)

    assert server.asked == []


def test_an_answer_that_trickles_in_is_not_waited_for_and_each_try_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    async def trickle(_request: httpx.Request) -> httpx.Response:
        await asyncio.sleep(9_999)
        raise AssertionError

    cache = varnish(Server(), attempts=2, timeout_s=0.01)

    with pytest.raises(PublishFailed, match="10 of 10 addresses were not purged: no answer"):
        replace(cache, transport=httpx.MockTransport(trickle)).purge(ADDRESSES, ignore_progress)

    assert capsys.readouterr().err == "http://cache:6081 does not answer as it should; try 2 of 2\n"
