"""What search engines and browsers ask a site for is valid by the schemas and rules of others."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from lxml import etree
from tests.conformance.servers import Server, serving
from tests.publish.built import Release, released
from tests.site.small import built

from openknowledge.serving.headers import response_headers

HOST = "127.0.0.1"
CONTACT = {"contact": ["mailto:security@example.edu"], "expires": "2027-06-30T00:00:00Z"}
TYPES = {
    ".well-known/security.txt": "text/plain; charset=utf-8",
    "apple-touch-icon.png": "image/png",
    "favicon.ico": "image/vnd.microsoft.icon",
    "icons/icon-192.png": "image/png",
    "icons/icon-512.png": "image/png",
    "icons/maskable-512.png": "image/png",
    "icons/site.en.webmanifest": "application/manifest+json; charset=utf-8",
    "icons/site.it.webmanifest": "application/manifest+json; charset=utf-8",
    "robots.txt": "text/plain; charset=utf-8",
    "sitemap.xml": "application/xml; charset=utf-8",
    "sitemaps/course.it.xml": "application/xml; charset=utf-8",
}

pytestmark = pytest.mark.conformance


@pytest.fixture(scope="module")
def schema(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> etree.XMLSchema:
    """Return the schema of sitemaps, with that of XHTML, to which the links of languages belong; both as files."""
    folder = tmp_path_factory.mktemp("schemas")
    for path in (shared_data / "data/exchange/sitemap").glob("*.xsd"):
        (folder / path.name).write_text(path.read_text().replace("http://www.w3.org/2001/xml.xsd", "xml.xsd"))
    return etree.XMLSchema(etree.parse(folder / "all.xsd"))


def test_the_schemas_refuse_what_is_wrong(schema: etree.XMLSchema, shared_data: Path) -> None:
    examples = sorted((shared_data / "data/exchange/sitemap").glob("*.xml"))

    verdicts = {path.name: schema.validate(etree.parse(path)) for path in examples}

    assert verdicts == {name: "INVALID" not in name for name in verdicts}
    assert sorted(verdicts.values()) == [False, False, True]


def test_every_sitemap_is_valid(schema: etree.XMLSchema, real_site: Path) -> None:
    files = sorted((real_site / "sitemaps").iterdir())

    assert len(files) > 20
    assert {path.name: str(schema.error_log) for path in files if not schema.validate(etree.parse(path))} == {}
    index = etree.parse(real_site / "sitemap.xml").getroot()
    assert {etree.QName(part).localname for part in index.iter()} == {"sitemapindex", "sitemap", "loc"}


@pytest.fixture(scope="module")
def release(tmp_path_factory: pytest.TempPathFactory) -> Release:
    """Return a release of the small site with everything that others look for."""
    folder = tmp_path_factory.mktemp("discovered")
    site = built(folder / "site", "SHARE_PICTURES=true", f"SECURITY_TXT={json.dumps(CONTACT)}")
    return released(site.output, folder / "published", (), f"https://{HOST}")


@pytest.fixture(scope="module", params=["nginx", "caddy"])
def server(
    request: pytest.FixtureRequest, release: Release, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Server]:
    with serving(request.param, release, tmp_path_factory.mktemp(request.param), HOST) as found:
        yield found


def test_what_others_look_for_comes_with_its_type_and_its_headers(server: Server, release: Release) -> None:
    pictures = [path for path in release.manifest.by_path if path.startswith("share/")]
    types = {**TYPES, **dict.fromkeys(pictures, "image/jpeg")}

    for path, media_type in types.items():
        entry, answer = release.manifest.by_path[path], server.ask(f"/{path}")
        expected = {name.lower(): value for name, value in response_headers(entry, server.place.policy)}
        assert (answer.status, answer.body) == (200, release.body(path)), path
        assert {name: answer.headers.get(name) for name in expected} == expected, path
        assert answer.headers["content-type"] == media_type
    assert len(pictures) > 15


@pytest.mark.parametrize(
    "path", ["/.server/paths.nginx", "/.well-known/", "/.well-known/.x", "/.well-known/nothing", "/x/.well-known/a"]
)
def test_nothing_else_that_is_hidden_is_served(server: Server, path: str) -> None:
    assert server.ask(path).status == 404
