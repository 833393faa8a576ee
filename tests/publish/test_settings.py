"""What publishconf.py and the environment have to say, and how it is told that they do not."""

from __future__ import annotations

import pytest

from openknowledge.publish.errors import PublishRefused
from openknowledge.publish.settings import PublishSettings

PLAIN = {
    "SITEURL": "https://openknowledge.example.edu",
    "OUTPUT_PATH": "output",
    "CACHE_PATH": ".cache",
    "PUBLISH_TARGET": {"kind": "directory", "path": "/srv/www"},
}


def told(environment: dict[str, str] | None = None, **changed) -> list[str]:
    with pytest.raises(PublishRefused) as caught:
        PublishSettings.from_pelican({**PLAIN, **changed}, environment or {})
    return [f"{problem.path}: {problem.field}: {problem.message}" for problem in caught.value.problems]


def test_what_is_not_said_has_its_usual_value():
    found = PublishSettings.from_pelican(PLAIN, {"PUBLISH_CDN_TOKEN": "t", "HOME": "/root"})

    assert (found.grace_h, found.releases, found.encoding, found.public_url) == (24, 10, "gzip", PLAIN["SITEURL"])
    assert found.secrets == {"PUBLISH_CDN_TOKEN": "t"}


def test_everything_that_is_wrong_is_told_at_once():
    assert told(
        SITEURL="example.edu",
        PUBLISH_TARGET={"kind": "s3", "bukket": "site"},
        PUBLISH_CDN={"kind": "cloudfare"},
        PUBLISH_ENCODING="zip",
        PUBLISH_RELEASES=0,
    ) == [
        'publishconf.py: PUBLISH_CDN: "cloudfare" is no kind of it',
        "publishconf.py: PUBLISH_ENCODING: is unknown",
        "publishconf.py: PUBLISH_RELEASES: is no such number",
        'publishconf.py: PUBLISH_TARGET["bucket"]: is missing or empty',
        'publishconf.py: PUBLISH_TARGET["bukket"]: is unknown',
        "publishconf.py: SITEURL: is no address",
        "the environment: PUBLISH_ACCESS_KEY: is not set",
        "the environment: PUBLISH_SECRET_KEY: is not set",
    ]


def test_a_slip_in_a_kind_is_guessed():
    with pytest.raises(PublishRefused, match='did you mean "cloudflare"'):
        PublishSettings.from_pelican({**PLAIN, "PUBLISH_CDN": {"kind": "cloudfare"}}, {})


def test_without_a_target_nothing_is_published():
    settings = {name: value for name, value in PLAIN.items() if name != "PUBLISH_TARGET"}

    with pytest.raises(PublishRefused, match="PUBLISH_TARGET: is missing"):
        PublishSettings.from_pelican(settings, {})
