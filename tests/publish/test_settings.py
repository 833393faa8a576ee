"""The settings of publishing, and what is reported where they are wrong."""

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


def problems_of(environment: dict[str, str] | None = None, **changed) -> list[str]:
    with pytest.raises(PublishRefused) as caught:
        PublishSettings.from_pelican({**PLAIN, **changed}, environment or {})
    return [f"{problem.path}: {problem.field}: {problem.message}" for problem in caught.value.problems]


def test_a_missing_setting_has_its_default():
    settings = PublishSettings.from_pelican(PLAIN, {"PUBLISH_CDN_TOKEN": "t", "HOME": "/root"})

    assert (settings.grace_h, settings.releases, settings.encoding, settings.public_url) == (
        24,
        10,
        "gzip",
        PLAIN["SITEURL"],
    )
    assert settings.secrets == {"PUBLISH_CDN_TOKEN": "t"}


def test_all_wrong_settings_are_reported_at_once():
    assert problems_of(
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
