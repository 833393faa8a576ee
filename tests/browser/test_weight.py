"""The size of a first visit, before any compression: printed, and below generous ceilings."""

from __future__ import annotations

from collections import defaultdict
from pathlib import PurePosixPath
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Response
from tests.browser.conftest import Visit
from tests.browser.pages import BY_NAME

MOST = {"html": 60_000, "css": 60_000, "js": 20_000}
MOST_REQUESTS = 25


@pytest.mark.parametrize("name", ["home", "courses", "course", "video"])
def test_a_first_visit_is_light(visit: Visit, name: str, capsys: pytest.CaptureFixture[str]) -> None:
    page = visit.window(viewport={"width": 1280, "height": 800})
    answers: list[Response] = []
    page.on("response", lambda answer: answers.append(answer))
    page.goto(visit.address + BY_NAME[name].italian, wait_until="networkidle")
    weights: dict[str, int] = defaultdict(int)
    for answer in answers:
        weights[PurePosixPath(urlsplit(answer.url).path).suffix.lstrip(".") or "html"] += len(answer.body())

    with capsys.disabled():
        parts = ", ".join(f"{kind} {size / 1000:.1f} kB" for kind, size in sorted(weights.items()))
        print(f"\n{name}: {sum(weights.values()) / 1000:.1f} kB in {len(answers)} requests: {parts}")
    assert {kind: size for kind, size in weights.items() if size > MOST.get(kind, 500_000)} == {}
    assert len(answers) <= MOST_REQUESTS
