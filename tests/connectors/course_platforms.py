"""Platforms of courses on the loopback interface, which answer with recorded and made up answers."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pytest_httpserver import HTTPServer
from tests.connectors.clients import DAY, FakeClock, a_client
from werkzeug import Request, Response

from openknowledge.connectors.moodle import COURSES, MEMBERSHIPS, SERVER, SITE_INFO
from openknowledge.connectors.recording import Recording
from openknowledge.connectors.source import PlatformSource, RecordContext, SourceFacts, SyncFindings

DATA = Path(__file__).parent / "data"
Answer = Callable[[Request], Response]


def load(name: str) -> Any:
    return json.loads((DATA / name).read_bytes())


PAGES = [load("openedx/courses.page1.json"), load("openedx/courses.page2.json")]
ALGEBRA = "course-v1:Polimi+ALG101+2024_M1"
LIST, DETAIL = "/api/courses/v1/courses/", "/api/courses/v1/courses"
SUMMARIES, ACTIVE, TOKEN = "/api/v1/course_summaries/", "/api/instructor/v2/courses", "/oauth2/access_token"
SECRET = "canary-of-the-client"
CLIENT = {"client_id": "client-of-test", "client_secret": SECRET, "username": "plain-account"}
MOODLE_TOKEN = "canary0token0of0moodle"
CANARIES = (MOODLE_TOKEN, "Docente", "Di Prova", "WS User", "ws_openknowledge", "Canary Person")


def say(body: Any, status: int = 200, **headers: str) -> Response:
    """Answer with JSON, or with a text as it is."""
    text = body if isinstance(body, str) else json.dumps(body)
    return Response(text, status=status, headers={name.replace("_", "-"): value for name, value in headers.items()})


def an_error(path: Path) -> Response:
    """Answer with one of the error files."""
    error = json.loads(path.read_bytes())
    headers = {"Retry_After": "37"} if error["http_status"] == 429 else {}
    return say(error["body"], error["http_status"], **headers)


@dataclass
class Sync:
    """Records and reads a source in a folder; `asked` are the requests that the platform saw."""

    source: PlatformSource
    server: HTTPServer
    folder: Path
    clock: FakeClock = field(default_factory=FakeClock)
    findings: SyncFindings = field(default_factory=SyncFindings)

    def run(self, known: SourceFacts | None = None) -> SourceFacts:
        known = known or SourceFacts()
        recording = Recording(self.folder / ".cache", DAY)
        auth, bounds = self.source.create_auth(), {"requests_a_minute": self.source.requests_a_minute}
        with a_client(
            self.source.url, self.clock, auth=auth, secrets=lambda: self.source.secrets(), bounds=bounds
        ) as client:
            self.source.record(RecordContext(recording, client, known, lambda *_: None))
        recording.finish()
        self.findings = SyncFindings()
        return self.source.read(recording, known, self.findings)

    @property
    def warnings(self) -> str:
        return "\n".join(map(str, self.findings.warnings))

    @property
    def asked(self) -> list[str]:
        return [request.path for request, _ in self.server.log]

    def stored_text(self) -> str:
        """Return all that was stored."""
        return "\n".join(path.read_text() for path in sorted(self.folder.rglob("*")) if path.is_file())


def write_course(content: Path, slug: str, fields: str = "") -> None:
    """Write a course with these lines of front matter."""
    path = content / "courses" / slug / "index.md"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"---\ntitle: {slug}\n{fields}---\nUn testo.\n")


class Portal:
    """An Open edX: its list, its counts, and a token for its client, which may expire."""

    def __init__(self, server: HTTPServer) -> None:
        self.server, self.url = server, f"http://127.0.0.1:{server.port}"
        self.pages = copy.deepcopy(PAGES)
        self.tokens: list[Any] = []
        self.faults: dict[str, list[Response]] = {}
        for path in (LIST, SUMMARIES, TOKEN):
            server.expect_request(path).respond_with_handler(self.answer)
        server.expect_request(re.compile(f"^({DETAIL}|{ACTIVE})/.+")).respond_with_handler(self.answer)

    def answer(self, request: Request) -> Response:
        key = f"{request.path}?{request.args.get('page', 1)}" if request.path == LIST else request.path
        if self.faults.get(key):
            return self.faults[key].pop(0)
        if request.path == TOKEN:
            assert request.form.to_dict() == {
                "client_id": "client-of-test",
                "client_secret": SECRET,
                "grant_type": "client_credentials",
                "token_type": "jwt",
            }
            self.tokens.append(f"not-a-secret-{len(self.tokens)}")
            return say({**load("openedx/token.json"), "access_token": self.tokens[-1]})
        if self.tokens and request.headers["Authorization"] != f"JWT {self.tokens[-1]}":
            return say(load("openedx/errors/401-expired.json")["body"], 401)
        return self.answer_list(request) if request.path == LIST else self.answer_one(request)

    def answer_list(self, request: Request) -> Response:
        number = int(request.args.get("page", 1))
        if number > len(self.pages):
            return say(load("openedx/courses.page3.404.json")["body"], 404)
        return say(self.pages[number - 1])

    def answer_one(self, request: Request) -> Response:
        if request.path == SUMMARIES:
            return say(load("openedx/course_summaries.json"))
        if request.path.startswith(ACTIVE):
            body = load("openedx/instructor_v2_course.json")
            is_known = request.path == f"{ACTIVE}/{ALGEBRA}"
            return say({**body, "persons": "Canary Person"}) if is_known else say({}, 404)
        return say({"developer_message": "Course not found."}, 404)


class MoodleSite:
    """A Moodle: answers by the function in the form, once by what is in `faults`."""

    def __init__(self, server: HTTPServer) -> None:
        self.server, self.url = server, f"http://127.0.0.1:{server.port}"
        self.answers = {name: load(f"moodle/{name}.json") for name in (SITE_INFO, COURSES, MEMBERSHIPS)}
        self.faults: dict[str, list[Response]] = {}
        self.forms: list[dict[str, str]] = []
        server.expect_request(f"/{SERVER}", method="POST").respond_with_handler(self.answer)

    @property
    def courses(self) -> dict[int, dict[str, Any]]:
        return {item["id"]: item for item in self.answers[COURSES]["courses"]}

    def answer(self, request: Request) -> Response:
        assert not request.args
        form = request.form.to_dict()
        assert (form.pop("wstoken"), form.pop("moodlewsrestformat")) == (MOODLE_TOKEN, "json")
        self.forms.append(form)
        function = form["wsfunction"]
        if self.faults.get(function):
            return self.faults[function].pop(0)
        if form.get("field") == "id":
            asked = int(form["value"])
            return say({"courses": [item for name, item in self.courses.items() if name == asked], "warnings": []})
        return say(self.answers[function])
