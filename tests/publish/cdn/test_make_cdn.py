"""The CDN is made of the settings."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from tests.publish.cdn.caches import SECRETS, SITE, Server, ignore_progress

from openknowledge.publish.cdn import make_cdn
from openknowledge.publish.settings import CDNS


@pytest.mark.parametrize(
    ("setting", "urls", "batch_size"),
    [
        ({"kind": "none"}, [], 1),
        ({"kind": "varnish", "servers": ["http://one:6081/"]}, ["http://one:6081"], 1),
        ({"kind": "cloudflare", "zone": "z"}, ["https://api.cloudflare.com/client/v4/zones/z/purge_cache"], 100),
        (
            {"kind": "cloudflare", "zone": "z", "most": 500},
            ["https://api.cloudflare.com/client/v4/zones/z/purge_cache"],
            500,
        ),
        ({"kind": "fastly"}, ["https://api.fastly.com"], 1),
        (
            {"kind": "cloudfront", "distribution": "E1"},
            ["https://cloudfront.amazonaws.com/2020-05-31/distribution/E1/invalidation"],
            3000,
        ),
    ],
    ids=lambda value: str(value) if isinstance(value, dict) else "",
)
def test_a_setting_becomes_a_cache(setting: Mapping[str, object], urls: list[str], batch_size: int) -> None:
    cdn = make_cdn(setting, SITE, SECRETS)

    assert [*cdn.servers.values()] == urls and cdn.batch_size == batch_size


@pytest.mark.parametrize("kind", CDNS)
def test_every_kind_that_settings_may_name_can_be_made(kind: str) -> None:
    options = {"kind": kind, **dict.fromkeys(CDNS[kind].required, "x")}

    assert make_cdn(options, SITE, dict.fromkeys(CDNS[kind].secrets, "x"))


def test_another_kind_cannot_be_made() -> None:
    with pytest.raises(KeyError, match="akamai"):
        make_cdn({"kind": "akamai"}, SITE, {})


def test_where_everything_is_to_be_forgotten_one_request_does_it() -> None:
    server = Server()

    server.cache("varnish", purges_everything=True).purge([f"/c{number}/" for number in range(100)], ignore_progress)

    assert [request.method for request in server.asked] == ["BAN"]
