"""A secret is found nowhere but in the requests to its own platform, whatever the platform does with it."""

from __future__ import annotations

import base64
import html
import json
import logging
import re
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote, quote_plus

import pytest
from pytest_httpserver import HTTPServer
from tests.connectors.clients import DAY, FakeClock, a_client, fetch, is_page
from tests.connectors.platforms import KEY, KeyAuth, runs, sync
from werkzeug import Request, Response

from openknowledge.connectors.command import main
from openknowledge.connectors.kinds import SOURCE_KINDS
from openknowledge.connectors.recording import RecordedPage, Recording
from openknowledge.connectors.redaction import Redactor
from openknowledge.connectors.source import SourceFailed

FORMS = {
    "plain": KEY,
    "in an address": quote(KEY, safe=""),
    "in a form": quote_plus(KEY),
    "in HTML": html.escape(KEY),
    "in JSON": json.dumps(KEY)[1:-1],
    "in Basic credentials": base64.b64encode(f"client:{KEY}".encode()).decode(),
    "in others": base64.b64encode(f"it:{KEY}:x".encode()).decode(),
    "in JSON in JSON": json.dumps(json.dumps(KEY)),
    "twice in an address": quote(quote(KEY)),
    "in HTML in JSON": json.dumps(html.escape(html.escape(KEY))),
    "with numbers": "".join(f"&#{ord(one)};" if not one.isalnum() else one for one in KEY),
    "with code points": "".join(f"\\u{ord(one):04X}" if not one.isalnum() else one for one in KEY),
    "alone in base64": base64.b64encode(KEY.encode()).decode(),
}
IN_BASE64 = {base64.b64encode(b" " * before + KEY.encode()).decode()[8:18] for before in range(3)}
CORE = {"canary", "0123456789", *IN_BASE64}
"""Pieces of the secret, each long enough to be known again."""


def is_clean(text: str) -> bool:
    return not any(piece in text for piece in CORE)


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
def test_a_secret_is_found_in_all_its_forms(form: str) -> None:
    text = Redactor([KEY]).redact(f"before {form} after")

    assert is_clean(text)
    assert text.startswith("before ") and text.endswith(" after")


def test_what_may_have_a_secret_is_looked_through_and_nothing_else() -> None:
    redactor = Redactor([KEY])

    assert all(redactor.may_be_in(form) for form in FORMS.values())
    assert not redactor.may_be_in("corso di analisi")


def test_words_that_are_no_secret_stay_and_short_ones_are_none() -> None:
    redactor = Redactor(["", "corso", KEY])

    assert redactor.redact("corso di analisi") == "corso di analisi"
    assert redactor.redact_values({"a": [KEY, 1, None, {KEY: True}]}) == {
        "a": ["[secret]", 1, None, {"[secret]": True}]
    }


def test_one_secret_within_another_leaves_nothing_of_it() -> None:
    assert Redactor(["abcdefgh", "abcdefgh-ijklmnop"]).redact("x abcdefgh-ijklmnop y") == "x [secret] y"


def echoes(request: Request) -> dict[str, str]:
    """Return what a platform was told, and all ways of writing a secret."""
    return {**{name: str(value) for name, value in request.headers.items()}, **FORMS}


def as_page(request: Request) -> Response:
    page = json.loads(runs("a", echo=echoes(request)))
    page["items"][0]["title"] = KEY
    return Response(json.dumps(page), headers={"ETag": f'"{quote(KEY)}"', "Last-Modified": quote(KEY)})


def as_error(request: Request) -> Response:
    return Response(f"<h1>{html.escape(KEY)}</h1>{json.dumps(echoes(request))}", status=403)


def as_html(request: Request) -> Response:
    return Response(f"<!DOCTYPE html><pre>{json.dumps(echoes(request))}</pre>")


def as_retry(request: Request) -> Response:
    return Response(KEY, status=503, headers={"Retry-After": "99999", "X-Echo": quote(KEY)})


def as_redirect(request: Request) -> Response:
    return Response(status=302, headers={"Location": f"http://127.0.0.1:9/{quote(KEY, safe='')}?key={quote(KEY)}"})


def as_redirect_home(request: Request) -> Response:
    return Response(status=307, headers={"Location": f"/else?key={quote(KEY)}"})


ANSWERS = (as_page, as_error, as_html, as_retry, as_redirect, as_redirect_home)


@pytest.mark.parametrize("answer", ANSWERS, ids=lambda one: one.__name__)
@pytest.mark.parametrize("plan", [(), ("--plan",)], ids=["written", "planned"])
def test_no_file_and_no_output_of_a_sync_has_a_secret(
    answer: Callable[[Request], Response],
    plan: tuple[str, ...],
    httpserver: HTTPServer,
    tmp_path: Path,
    capfd: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO)
    httpserver.expect_request("/runs").respond_with_handler(answer)
    files = ("--json", str(tmp_path / "sync.json"), "--report", str(tmp_path / "sync.md"))

    sync(tmp_path, *plan, *files, sources={"open": httpserver.url_for("/")})

    assert KEY in str(httpserver.log[0][0].headers)
    output = capfd.readouterr()
    ours = "\n".join(record.getMessage() for record in caplog.records if not record.name.startswith("werkzeug"))
    written = {path: path.read_text("utf-8", "replace") for path in tmp_path.rglob("*") if path.is_file()}
    assert any("sync.json" in str(path) for path in written)
    assert [path for path, text in written.items() if not is_clean(text) or not is_clean(str(path))] == []
    assert is_clean(output.out) and is_clean(output.err) and is_clean(ours)


def chain(error: BaseException | None) -> Iterator[BaseException]:
    """Yield an exception and all that it refers to."""
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


@pytest.mark.parametrize("answer", ANSWERS[1:], ids=lambda one: one.__name__)
def test_no_exception_has_a_secret(
    answer: Callable[[Request], Response], httpserver: HTTPServer, tmp_path: Path
) -> None:
    httpserver.expect_request("/videos").respond_with_handler(answer)

    def handle(found: Any) -> bool:
        raise SourceFailed(f"the platform says {found.body}")

    with (
        a_client(httpserver.url_for("/"), auth=KeyAuth(KEY), secrets=lambda: [KEY]) as client,
        pytest.raises(SourceFailed) as failure,
    ):
        fetch(client, Recording(tmp_path, DAY), handle_error=handle)

    assert all(is_clean(f"{one!r} {one} {vars(one)}") for one in chain(failure.value))
    assert is_clean("".join(traceback.format_exception(failure.value)))


def test_another_host_gets_no_credentials_and_a_form_goes_to_no_other(httpserver: HTTPServer, tmp_path: Path) -> None:
    with HTTPServer(host="127.0.0.1") as elsewhere:
        elsewhere.expect_request("/file").respond_with_data(runs("a"))
        httpserver.expect_request("/videos").respond_with_data("", 307, {"Location": elsewhere.url_for("/file")})
        with a_client(httpserver.url_for("/"), auth=KeyAuth(KEY), secrets=lambda: [KEY]) as client:
            page = fetch(client, Recording(tmp_path, DAY))
            with pytest.raises(SourceFailed, match="redirects to"):
                fetch(client, Recording(tmp_path, DAY), "videos/1", form={"wstoken": KEY})
        requests = [request for request, _ in elsewhere.log]
        ours = [request for request, _ in httpserver.log]

    assert is_page(page.body)
    assert [request.method for request in requests] == ["GET"]
    assert is_clean(str([(*request.headers.items(), request.get_data()) for request in requests]))
    assert all(KEY in str(request.headers) for request in ours)


@pytest.mark.parametrize("path", ["https://elsewhere.example.net/videos", "http://localhost:9/videos"])
def test_a_page_that_names_the_next_one_elsewhere_is_not_followed(path: str, tmp_path: Path) -> None:
    with (
        a_client("http://127.0.0.1:9/", auth=KeyAuth(KEY)) as client,
        pytest.raises(SourceFailed, match="another host"),
    ):
        fetch(client, Recording(tmp_path, DAY), path=path)

    assert client.requests_sent == 0


def test_a_form_with_a_token_is_no_part_of_what_is_stored(httpserver: HTTPServer, tmp_path: Path) -> None:
    httpserver.expect_request("/videos").respond_with_data(runs("a"))

    with a_client(httpserver.url_for("/"), secrets=lambda: [KEY]) as client:
        recording = Recording(tmp_path, DAY)
        fetch(client, recording, form={"wstoken": KEY, "wsfunction": "x"})

    assert httpserver.log[0][0].form["wstoken"] == KEY
    assert all(is_clean(path.read_text()) for path in tmp_path.rglob("*.json"))


def test_a_token_that_was_just_issued_is_a_secret_too(httpserver: HTTPServer, tmp_path: Path) -> None:
    token = "issued-token-0123456789"
    httpserver.expect_request("/videos").respond_with_data(runs("a", echo=token))

    with a_client(httpserver.url_for("/"), redactor=(redactor := Redactor()), auth=KeyAuth(token)) as client:
        page = fetch(client, Recording(tmp_path, DAY, redactor))

    assert token not in json.dumps(page.body) and "[secret]" in json.dumps(page.body)


def test_a_page_that_has_a_secret_is_stored_without_it(tmp_path: Path) -> None:
    recording = Recording(tmp_path, DAY, Redactor([KEY]))

    stored = recording.store(RecordedPage("runs/0", {"items": [KEY]}, DAY, etag=quote(KEY), request=f"GET ?key={KEY}"))

    assert stored.body == {"items": ["[secret]"]}
    assert all(is_clean(path.read_text()) for path in tmp_path.rglob("*.json"))


def echo_as(status: int, mimetype: str = "application/json") -> Callable[[Request], Response]:
    """Return what answers each request with all that it was told; a token where one is asked for."""

    def answer(request: Request) -> Response:
        words = {**echoes(request), "form": request.form.to_dict(), "url": request.url}
        if "token" in request.path:
            return Response(json.dumps({**words, "access_token": f"issued-{KEY}"}))
        body = {**words, "error": {"message": KEY, "errors": [{"reason": KEY}]}, "exception": KEY, "errorcode": KEY}
        location = {"Location": f"http://127.0.0.1:9/?{quote(KEY)}"} if 300 <= status < 400 else {}
        return Response(json.dumps({**body, "message": words}), status, location, mimetype=mimetype)

    return answer


REAL_SOURCES = {
    "youtube": {"channel": "UC" + "a" * 22},
    "openedx": {"counts": "course_summaries"},
    "moodle": {"counts": True},
}


@pytest.mark.parametrize("answer", [echo_as(200), echo_as(302), echo_as(400), echo_as(403), echo_as(404), echo_as(503)])
@pytest.mark.parametrize(
    ("kind", "left_out"),
    [
        ("youtube", ("key",)),
        ("youtube", ("client_id", "client_secret", "refresh_token")),
        ("openedx", ("token",)),
        ("openedx", ("client_id", "client_secret")),
        ("moodle", ()),
    ],
)
def test_no_kind_of_sources_lets_a_secret_out(
    kind: str,
    left_out: tuple[str, ...],
    answer: Callable[[Request], Response],
    httpserver: HTTPServer,
    tmp_path: Path,
    capfd: pytest.CaptureFixture[str],
) -> None:
    httpserver.expect_request(re.compile(".*")).respond_with_handler(answer)
    (tmp_path / "content").mkdir()
    source = {"name": "it", "kind": kind, "url": httpserver.url_for("/").rstrip("/"), **REAL_SOURCES[kind]}
    source |= {"token_url": httpserver.url_for("/token")} if kind == "youtube" else {}
    (tmp_path / "pelicanconf.py").write_text(f'PATH = "content"\nCACHE_PATH = ".cache"\nSOURCES = [{source!r}]\n')
    found = SOURCE_KINDS[kind]
    names = {*found.secrets, *found.optional_secrets}.difference(left_out)
    environment = {f"SYNC_IT_{name.upper()}": KEY for name in names}

    status = main(
        ["--json", str(tmp_path / "sync.json"), "--report", str(tmp_path / "sync.md")],
        project=tmp_path,
        environment=environment,
        clock=FakeClock().clock(),
    )

    assert (status, KEY in str([(request.headers, request.form) for request, _ in httpserver.log])) == (1, True)
    output = capfd.readouterr()
    written = {path: path.read_text("utf-8", "replace") for path in tmp_path.rglob("*") if path.is_file()}
    assert [path for path, text in written.items() if not is_clean(text)] == []
    assert is_clean(output.out) and is_clean(output.err)
    assert "Please report" not in output.err


def test_every_kind_that_has_secrets_is_tried() -> None:
    with_secrets = {name for name, kind in SOURCE_KINDS.items() if kind.secrets or kind.optional_secrets}

    assert with_secrets == {*REAL_SOURCES}


@pytest.mark.parametrize("more", [{"auth": KeyAuth(KEY)}, {"form": {"wstoken": KEY}}])
def test_credentials_never_travel_unencrypted(more: dict[str, Any], tmp_path: Path) -> None:
    form = {"form": more.pop("form")} if "form" in more else {}
    with (
        a_client("http://platform.example.net/", **more) as client,
        pytest.raises(SourceFailed, match="https"),
    ):
        fetch(client, Recording(tmp_path, DAY), **form)

    assert client.requests_sent == 0
