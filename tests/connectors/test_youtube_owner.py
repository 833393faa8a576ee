"""A channel can be read with the authorization of its owner in place of a key."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest
from httpx_auth import HeaderApiKey

from openknowledge.connectors.failures import SourceFailed
from openknowledge.connectors.token_auth import TokenAuth
from openknowledge.connectors.youtube.source import YouTubeSource

OWNER = {"client_id": "the-client", "client_secret": "the-secret", "refresh_token": "the-refresh"}


def a_source(**secrets: str) -> YouTubeSource:
    return YouTubeSource(name="open-tube", channel="@polimi", **secrets)  # type: ignore[arg-type]


def answers(*responses: httpx.Response) -> tuple[httpx.MockTransport, list[httpx.Request]]:
    seen: list[httpx.Request] = []
    waiting: Iterator[httpx.Response] = iter(responses)

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return next(waiting)

    return httpx.MockTransport(answer), seen


def a_token(number: int) -> httpx.Response:
    return httpx.Response(200, json={"access_token": f"token-{number}", "expires_in": 3599})


def ask(transport: httpx.MockTransport, auth: httpx.Auth, times: int = 1) -> None:
    with httpx.Client(transport=transport, auth=auth) as client:
        for _ in range(times):
            client.get("https://platform.example.edu/videos")


def test_the_owners_authorization_gets_a_token_which_is_used_until_it_expires() -> None:
    transport, seen = answers(
        a_token(1), httpx.Response(200), httpx.Response(200), httpx.Response(401), a_token(2), httpx.Response(200)
    )

    auth = a_source(**OWNER).create_auth()
    ask(transport, auth, times=3)

    hosts = [request.url.host for request in seen]
    google, platform = "oauth2.googleapis.com", "platform.example.edu"
    assert hosts == [google, platform, platform, platform, google, platform]
    assert b"grant_type=refresh_token" in seen[0].content and b"the-refresh" in seen[0].content
    assert seen[-1].headers["Authorization"] == "Bearer token-2"
    assert all("the-" not in str(request.url) for request in seen)


def test_an_authorization_that_has_ended_fails_and_says_so() -> None:
    transport, seen = answers(httpx.Response(400, json={"error": "invalid_grant"}))

    with pytest.raises(SourceFailed, match="answered 400: the client's id or secret is wrong, or its authorization"):
        ask(transport, a_source(**OWNER).create_auth())

    assert len(seen) == 1


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b'{"access_token": 7}', b'{"access_token": "a\\nb"}'])
def test_an_answer_without_a_token_is_no_token(body: bytes) -> None:
    transport, _ = answers(httpx.Response(200, content=body))

    with pytest.raises(httpx.ReadError, match="without a token"):
        ask(transport, TokenAuth("https://platform.example.edu/token", {}))


def test_a_key_is_used_where_there_is_no_owner() -> None:
    assert isinstance(a_source(key="the-key-of-it").create_auth(), HeaderApiKey)


@pytest.mark.parametrize("secrets", [{}, {"client_id": "x"}, {"key": "the-key-of-it", "refresh_token": "x"}])
def test_what_is_neither_a_key_nor_a_whole_authorization_names_the_variables(secrets: dict[str, str]) -> None:
    with pytest.raises(SourceFailed, match=r"SYNC_OPEN_TUBE_KEY .* or all of SYNC_OPEN_TUBE_CLIENT_ID"):
        a_source(**secrets).create_auth()
