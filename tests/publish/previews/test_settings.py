"""Where previews are published."""

from __future__ import annotations

import pytest

from openknowledge.publish.errors import PublishRefused
from openknowledge.publish.previews.preview import preview_settings
from openknowledge.publish.settings import PublishSettings

SITE = "https://openknowledge.example.edu"
PLAIN = {
    "SITEURL": SITE,
    "OUTPUT_PATH": "output",
    "CACHE_PATH": ".cache",
    "PUBLISH_TARGET": {"kind": "directory", "path": "/srv/www"},
}


def settings(**more) -> PublishSettings:
    return PublishSettings.from_pelican({**PLAIN, **more}, {})


def test_a_preview_is_published_below_the_site_by_default():
    changed = preview_settings(settings(), "128")

    assert changed.site_url == changed.pelican["SITEURL"] == f"{SITE}/previews/128"
    assert changed.output != settings().output
    assert changed.public_url == changed.site_url


def test_a_preview_may_have_a_host_of_its_own():
    changed = preview_settings(settings(PUBLISH_PREVIEW_URL="https://{name}.preview.example.edu/"), "128")

    assert changed.site_url == changed.public_url == "https://128.preview.example.edu"


def test_a_preview_is_read_back_where_the_site_is():
    assert preview_settings(settings(PUBLISH_READ_BACK_URL=""), "1").public_url == ""
    assert (
        preview_settings(settings(PUBLISH_READ_BACK_URL="http://origin"), "1").public_url == "http://origin/previews/1"
    )


def test_a_preview_retains_one_release_and_no_removed_files():
    changed = preview_settings(settings(), "128")

    assert (changed.grace_h, changed.releases) == (0, 1)


@pytest.mark.parametrize("pattern", ["https://preview.example.edu", "/previews/{name}", "{name}.example.edu"])
def test_an_address_without_the_name_in_it_is_refused(pattern):
    with pytest.raises(PublishRefused, match="PUBLISH_PREVIEW_URL"):
        preview_settings(settings(PUBLISH_PREVIEW_URL=pattern), "128")


@pytest.mark.parametrize("kind", ["git", "artifact"])
def test_targets_whose_hosts_make_previews_are_refused(kind):
    target = {"kind": kind, "remote": "r", "branch": "b", "path": "p", "host": "github"}
    wanted = {key: target[key] for key in ("kind", "host", *(("remote", "branch") if kind == "git" else ("path",)))}

    with pytest.raises(PublishRefused, match="the host's own previews"):
        preview_settings(settings(PUBLISH_TARGET=wanted), "128")
