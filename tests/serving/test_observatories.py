"""Public observatories give the site their top grade, and each header counts."""

from __future__ import annotations

from pathlib import Path

import html5lib
import pytest
from tests.serving.observatories import Answer, mozilla, security_headers

from openknowledge.manifest import CacheClass, FileRole, ManifestEntry
from openknowledge.serving.headers import HeaderPolicy, response_headers

SITE = "https://open.example.edu"
HOME = ManifestEntry("index.html", "0" * 64, 1, "text/html; charset=utf-8", CacheClass.PAGE, FileRole.PAGE)
POLICY = HeaderPolicy(site_url=SITE)
OURS = {name.lower(): value for name, value in response_headers(HOME, POLICY)}
WHOLE = Answer(SITE, OURS, None, f"{SITE}/")


def without(*names: str, **others: str) -> Answer:
    """The answer without some headers, and with others: `x_frame_options="ALLOWALL"`."""
    retained = {name: value for name, value in OURS.items() if name not in names}
    return WHOLE._replace(headers={**retained, **{name.replace("_", "-"): value for name, value in others.items()}})


def test_mozillas_observatory_gives_its_top_grade() -> None:
    assert mozilla(WHOLE) == ("A+", 130)


def test_security_headers_gives_its_top_grade() -> None:
    assert security_headers(WHOLE) == "A+"


@pytest.mark.parametrize(
    ("name", "counts"),
    [
        ("content-security-policy", 75),
        ("strict-transport-security", 80),
        ("referrer-policy", 125),
        ("x-content-type-options", 125),
        ("cross-origin-resource-policy", 120),
    ],
)
def test_without_one_of_its_headers_the_score_is_lower(name: str, counts: int) -> None:
    assert mozilla(without(name))[1] == counts


def test_framing_is_forbidden_twice_and_only_without_both_it_is_allowed() -> None:
    policy = OURS["content-security-policy"].replace("frame-ancestors 'none'; ", "")

    assert policy != OURS["content-security-policy"]
    assert mozilla(without("x-frame-options"))[1] == 130
    assert mozilla(without(content_security_policy=policy))[1] == 125
    assert mozilla(without("x-frame-options", content_security_policy=policy))[1] == 80


@pytest.mark.parametrize(
    ("was", "is_now"),
    [
        ("default-src 'none'", "default-src 'self'"),
        ("script-src 'self'", "script-src 'self' 'unsafe-inline'"),
        ("script-src 'self'", "script-src https:"),
        ("script-src 'self'", "script-src 'self' 'unsafe-eval'"),
        ("style-src 'self'", "style-src 'self' 'unsafe-inline'"),
        ("img-src 'self'", "img-src http://pictures.example"),
        ("base-uri 'none'", "default-src 'none'"),
    ],
)
def test_a_weaker_policy_has_a_lower_score(was: str, is_now: str) -> None:
    weaker = OURS["content-security-policy"].replace(was, is_now)

    assert weaker != OURS["content-security-policy"]
    assert mozilla(without(content_security_policy=weaker))[1] < 130


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("strict_transport_security", "max-age=86400"),
        ("referrer_policy", "unsafe-url"),
        ("x_content_type_options", "sniff"),
        ("cross_origin_resource_policy", "everybody"),
        ("set_cookie", "session=1"),
        ("access_control_allow_credentials", "true"),
    ],
)
def test_a_spoiled_header_lowers_the_score(name: str, value: str) -> None:
    assert mozilla(without(**{name: value}))[1] < 130


@pytest.mark.parametrize("redirect", [None, "http://open.example.edu/", "https://www.example.edu/"])
def test_plain_http_leads_to_the_same_host_over_tls(redirect: str | None) -> None:
    assert mozilla(WHOLE._replace(redirect=redirect))[1] < 130


@pytest.mark.parametrize(
    "name",
    [
        "content-security-policy",
        "x-frame-options",
        "x-content-type-options",
        "referrer-policy",
        "permissions-policy",
        "strict-transport-security",
    ],
)
def test_security_headers_misses_each_of_its_six(name: str) -> None:
    assert security_headers(without(name)) != "A+"


def test_the_home_page_has_no_script_of_another_site(real_site: Path) -> None:
    document = html5lib.parse(
        (real_site / "index.html").read_bytes(), "lxml", transport_encoding="utf-8", namespaceHTMLElements=False
    )

    assert mozilla(WHOLE._replace(document=document.getroot())) == ("A+", 130)
