"""Files that travel in parts: whichever request of theirs is lost, readers get a whole file, old or new."""

from __future__ import annotations

from dataclasses import replace
from hashlib import sha256

import pytest
from tests.conformance.place import CONTROL_PREFIX, HASTY, Place
from tests.publish.world import a_held_site
from tests.servers import faults

from openknowledge.publish.result import PublishResult, Status
from openknowledge.publish.targets import object_client

pytestmark = pytest.mark.conformance
PART_B = 5 << 20
"""Parts as small as stores take them."""
PARTS = 3
TUNING = replace(HASTY, timeout_s=60.0, patience_s=300.0, attempts=4)
FILM = "media/film.svg"


def a_version(number: int) -> dict[str, bytes]:
    """Return a page and a film of three parts; the films of all versions differ and are equally long."""
    film = b"".join(sha256(f"{number} {block}".encode()).digest() for block in range((PARTS - 1) * PART_B // 32 + 100))
    return {"index.html": f"version {number}".encode(), FILM: film}


def film_requests(asked: list[faults.Asked]) -> list[int]:
    """Return the numbers of the requests that upload the film, not of those that back up the film before."""
    return [
        one.number for one in asked if one.method != "GET" and FILM in one.target and CONTROL_PREFIX not in one.target
    ]


@pytest.fixture(autouse=True)
def small_parts(monkeypatch):
    monkeypatch.setattr(object_client, "PART_B", PART_B)
    monkeypatch.setattr(object_client, "SINGLE_PUT_B", PART_B)


@pytest.fixture(scope="module")
def versions() -> list[dict[str, bytes]]:
    return [a_version(number) for number in range(2)]


@pytest.mark.parametrize("kind", ["drop", "half", "lose", "503", "done-500", "cut off", "cut off afterwards"])
def test_a_film_that_is_cut_off_at_any_request_stays_what_it_was_until_it_is_whole(kind, seaweed, proxy, versions):
    sites = [a_held_site(files) for files in versions]
    place = Place(seaweed, f"film-{kind.replace(' ', '-')}", encoding="", through_proxy=TUNING)
    place.publish(sites[0])
    proxy.begin()
    assert place.tried("publish", sites[1], proxy.address).status is Status.PUBLISHED
    first = film_requests(proxy.asked)[0]
    now = 1

    for number in range(first, first + PARTS + 2):
        wanted = 1 - now
        is_cut_off = kind.startswith("cut off")
        choice = faults.cut_off_from(number, is_carried_out=kind.endswith("afterwards")) if is_cut_off else None
        proxy.begin(choice or faults.at(number, kind))

        outcome = place.tried("publish", sites[wanted], proxy.address)

        assert isinstance(outcome, PublishResult) is not is_cut_off, (number, outcome)
        assert any(asked.fault for asked in proxy.asked)
        assert place.public.get(f"/{FILM}").body in (versions[now][FILM], versions[wanted][FILM])
        assert place.publish(sites[wanted], is_later=True).status in (Status.PUBLISHED, Status.NOTHING_TO_DO)
        assert list(place.wrong(sites[wanted])) == []
        assert place.public.get(f"/{FILM}").body == versions[wanted][FILM]
        now = wanted
    assert list(place.left_behind()) == []
