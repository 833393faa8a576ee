"""The CDN is made of the settings."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from tests.publish.cdn.caches import SITE, Server, ignore_progress

from openknowledge.publish.cdn.services import Cloudflare, CloudFront, Fastly, NoCdn, PurgeAll, VarnishServers, make_cdn
from openknowledge.publish.settings import CDNS

SECRETS = {"PUBLISH_CDN_TOKEN": "t", "PUBLISH_CDN_ACCESS_KEY": "a", "PUBLISH_CDN_SECRET_KEY": "s"}


@pytest.mark.parametrize(
    ("setting", "cache"),
    [
        ({"kind": "none"}, NoCdn()),
        (
            {"kind": "varnish", "servers": ["http://one:6081"]},
            VarnishServers(site_url=SITE, servers=("http://one:6081",)),
        ),
        ({"kind": "cloudflare", "zone": "z"}, Cloudflare(site_url=SITE, zone="z", token="t")),
        (
            {"kind": "cloudflare", "zone": "z", "most": 500},
            Cloudflare(site_url=SITE, zone="z", token="t", batch_size=500),
        ),
        ({"kind": "fastly"}, Fastly(site_url=SITE, token="t")),
        ({"kind": "fastly", "service": "x"}, Fastly(site_url=SITE, token="t", service="x")),
        (
            {"kind": "cloudfront", "distribution": "E1"},
            CloudFront(site_url=SITE, distribution="E1", access_key="a", secret_key="s"),
        ),
    ],
    ids=lambda value: str(value) if isinstance(value, dict) else "",
)
def test_a_setting_becomes_a_cache(setting: Mapping[str, object], cache: object) -> None:
    assert make_cdn(setting, SITE, SECRETS) == cache


@pytest.mark.parametrize("kind", CDNS)
def test_every_kind_that_settings_may_name_can_be_made(kind: str) -> None:
    options = {"kind": kind, **dict.fromkeys(CDNS[kind].required, "x")}

    assert make_cdn(options, SITE, dict.fromkeys(CDNS[kind].secrets, "x"))


def test_another_kind_cannot_be_made() -> None:
    with pytest.raises(ValueError, match="akamai"):
        make_cdn({"kind": "akamai"}, SITE, {})


def test_where_everything_is_to_be_forgotten_one_request_does_it() -> None:
    server = Server()
    cache = VarnishServers(site_url=SITE, servers=("http://one",), options=server.options_for())

    PurgeAll(cache).purge([f"/c{number}/" for number in range(100)], ignore_progress)

    assert [request.method for request in server.asked] == ["BAN"]
