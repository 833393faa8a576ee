"""The settings name a cache, and get it."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from tests.publish.cdn.caches import SITE, Server, nobody

from openknowledge.publish.cdn.cloudflare import Cloudflare
from openknowledge.publish.cdn.cloudfront import CloudFront
from openknowledge.publish.cdn.factory import FACTORIES, NoCdn, PurgeAll, make_cdn
from openknowledge.publish.cdn.fastly import Fastly
from openknowledge.publish.cdn.varnish import VarnishServers
from openknowledge.publish.settings import CDNS

SECRETS = {"PUBLISH_CDN_TOKEN": "t", "PUBLISH_CDN_ACCESS_KEY": "a", "PUBLISH_CDN_SECRET_KEY": "s"}


@pytest.mark.parametrize(
    ("told", "cache"),
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
def test_a_setting_becomes_a_cache(told: Mapping[str, object], cache: object) -> None:
    assert make_cdn(told, SITE, SECRETS) == cache


def test_every_kind_that_settings_may_name_can_be_had() -> None:
    assert set(FACTORIES) == set(CDNS)


def test_where_everything_is_to_be_forgotten_one_request_does_it() -> None:
    server = Server()
    cache = VarnishServers(site_url=SITE, servers=("http://one",), options=server.calling())

    PurgeAll(cache).purge([f"/c{number}/" for number in range(100)], nobody)

    assert [request.method for request in server.asked] == ["BAN"]
